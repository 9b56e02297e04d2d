"""A door to an application that speaks SCIM 2.0 (RFC 7644): an account is a user, an entitlement is a group.

A whole account is deactivated and taken out of every group; what then counts is not that the application said yes, but what it
lists when it is asked again over a new connection: no active user of that name, and no group with that user in it.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scim2_models import Group, User

from privacy.access.gateways.protocol import Account, Answer, Budget, Listed, SystemSilent, Task, Transcript
from privacy.access.gateways.scim_client import HttpxScimClient, NotDone

PAGE = 100
ACCOUNTS_AT_MOST = 200_000
Found = dict[str, Any]


class ScimGateway:
    """address: `https://app.example/scim/v2`; secret: the bearer token."""

    def __init__(self, address: str, secret: str = "") -> None:
        self._address, self._secret = address, secret
        self._budget = Budget()
        self._pusher = self._connect()
        self._groups: dict[str, str] = {}

    # --- the protocol -----------------------------------------------------------------------------------

    def begin(self, seconds: float) -> None:
        self._budget.ends_at = time.monotonic() + seconds

    def push(self, task: Task) -> dict[str, Answer]:
        client = self._pusher
        client.log = Transcript([self._secret])
        answers: dict[str, Answer] = {}
        user: Found | None = None
        with answering(client, task.names, answers):
            user = _user(client, task.account)
            if task.given:
                user = self._let_in(client, task.account, user)
            elif user is None:
                client.log.noted(f"there is no user {task.account.name}: gone already")
            elif task.whole_account:
                self._shut_out(client, user, task)
            if user is None or task.whole_account:
                answers.update(client.log.all_of(task.names, external_id=_id(user)))
        for name in [name for name in task.names if name not in answers]:
            with answering(client, [name], answers):
                if name and user is not None:
                    self._change_group(client, name, _id(user), given=task.given)
                answers[name] = Answer(holds=True, text=client.log.text, external_id=_id(user))
        return answers

    def read_back(self, task: Task) -> dict[str, Answer]:
        with self._another() as client:
            answers: dict[str, Answer] = {}
            with answering(client, task.names, answers):
                user = _user(client, task.account)
                listed = self._listed(client, task, _id(user)) if user else set()
                for name in task.names:
                    failure = _what_is_wrong(task, name, user, listed)
                    answers[name] = Answer(holds=not failure, text=client.log.text, failure=failure, external_id=_id(user))
            return answers

    def probe(self, task: Task) -> dict[str, Answer]:
        with self._another() as client:
            answers: dict[str, Answer] = {}
            with answering(client, task.names, answers):
                active = _active(client, task.account)
                user = _user(client, task.account)
                for name in task.names:
                    group = self._group(client, name) if name and user is not None else None
                    members = _members(client, group) if group else set()
                    failure = ""
                    if task.whole_account and active:
                        failure = "Asked for active users of that name, it still lists the account."
                    elif task.given and not active:
                        failure = "Asked for active users of that name, it does not list the account."
                    elif task.given and name and _id(user) not in members:
                        failure = f"The group {name} does not list the account."
                    elif not task.given and _id(user) in members:
                        failure = f"The group {name} still lists the account."
                    answers[name] = Answer(holds=not failure, text=client.log.text, failure=failure, external_id=_id(user))
            return answers

    def list_accounts(self) -> list[Listed]:
        with self._another() as client:
            try:
                names: dict[str, set[str]] = {}
                for group in _list(client, Group, ""):
                    for member in _members_in(group):
                        names.setdefault(str(member.get("value")), set()).add(str(group.get("displayName")))
                return [
                    Listed(str(user.get("userName")), _is_active(user), frozenset(names.get(_id(user), ())), _id(user))
                    for user in _list(client, User, "", attributes="userName,active")
                ]
            except NotDone as error:
                raise SystemSilent(str(error)) from None

    def close(self) -> None:
        self._pusher.close()

    # --- doing ------------------------------------------------------------------------------------------

    def _let_in(self, client: HttpxScimClient, account: Account, user: Found | None) -> Found:
        if user is None:
            return client.add(User, {"userName": account.name, "active": True})
        if not _is_active(user):
            client.patch(User, _id(user), {"op": "replace", "path": "active", "value": True})
        return user

    def _shut_out(self, client: HttpxScimClient, user: Found, task: Task) -> None:
        """First nobody comes in any more, then the groups: those that list the user, and those that we know of."""
        client.patch(User, _id(user), {"op": "replace", "path": "active", "value": False})
        of_ours = {group for name in task.names if name and (group := self._group(client, name)) is not None}
        try:
            of_ours |= _groups_listing(client, _id(user), by_name=False)
        except NotDone as error:
            if not error.filter_unknown:
                raise
        for group in sorted(of_ours):
            self._take_from(client, group, _id(user))

    def _change_group(self, client: HttpxScimClient, name: str, user_id: str, *, given: bool) -> None:
        group = self._group(client, name)
        if group is None:
            if given:
                raise NotDone(f"There is no group {name} there.")
            client.log.noted(f"there is no group {name}: nothing to be in")
        elif not given:
            self._take_from(client, group, user_id)
        elif not client.patch(Group, group, {"op": "add", "path": "members", "value": [{"value": user_id}]}):
            self._groups.pop(name)
            raise NotDone(f"The group {name} is gone.")

    def _take_from(self, client: HttpxScimClient, group: str, user_id: str) -> None:
        client.patch(Group, group, {"op": "remove", "path": f"members[value eq {_quoted(user_id)}]"})

    def _listed(self, client: HttpxScimClient, task: Task, user_id: str) -> set[str]:
        """Names of the groups that list this user: by search, or where it cannot search so, by looking into those of the task."""
        try:
            return _groups_listing(client, user_id)
        except NotDone as error:
            if not error.filter_unknown:
                raise
        groups = {name: self._group(client, name) for name in task.names if name}
        return {name for name, group in groups.items() if group and user_id in _members(client, group)}

    def _group(self, client: HttpxScimClient, name: str) -> str | None:
        """The identifier of the group of that name; remembered while the door is open."""
        if name not in self._groups:
            found = _list(client, Group, f"displayName eq {_quoted(name)}", excludedAttributes="members")
            ids = [_id(group) for group in found if str(group.get("displayName", "")).casefold() == name.casefold()]
            if len(ids) > 1:
                raise NotDone(f"There are {len(ids)} groups called {name}.")
            if not ids:
                return None
            self._groups[name] = ids[0]
        return self._groups[name]

    # --- connections ------------------------------------------------------------------------------------

    def _connect(self) -> HttpxScimClient:
        return HttpxScimClient(self._address, self._secret, Transcript([self._secret]), self._budget)

    @contextmanager
    def _another(self) -> Iterator[HttpxScimClient]:
        """A connection that knows nothing of what was done over the first."""
        client = self._connect()
        try:
            yield client
        finally:
            client.close()


@contextmanager
def answering(client: HttpxScimClient, names: Any, answers: dict[str, Answer]) -> Iterator[None]:
    """What the application refuses is the answer for every name that has none yet."""
    try:
        yield
    except NotDone as error:
        left = [name for name in names if name not in answers]
        answers.update(client.log.all_of(left, failure=str(error)))


def _quoted(value: str) -> str:
    """A value in a SCIM filter: a JSON string, so that nothing in it is read as a part of the filter (RFC 7644, 3.4.2.2)."""
    return json.dumps(value, ensure_ascii=False)


def _id(found: Found | None) -> str:
    return str(found.get("id") or "") if found else ""


def _same(user: Found, account: Account) -> bool:
    return str(user.get("userName", "")).casefold() == account.name.casefold()


def _is_active(user: Found) -> bool:
    """RFC 7643 leaves `active` out where it is not used; some say it in words. Only a clear no is a no."""
    return str(user.get("active", True)).lower() != "false"


def _user(client: HttpxScimClient, account: Account) -> Found | None:
    """The user: by the identifier, or else by name (somebody may have made the account anew). Raises NotDone for two."""
    if account.external_id:
        found = client.get(User, account.external_id)
        if found is not None and _id(found) == account.external_id:
            return found
    users = [user for user in _named(client, f"userName eq {_quoted(account.name)}") if _same(user, account)]
    if len(users) > 1:
        raise NotDone(f"There are {len(users)} users called {account.name}.")
    return users[0] if users else None


def _active(client: HttpxScimClient, account: Account) -> list[Found]:
    """Active users of that name, as somebody would find them who looks for whom to let in."""
    by_name = f"userName eq {_quoted(account.name)}"
    try:
        found = _named(client, f"{by_name} and active eq true")
    except NotDone as error:
        if not error.filter_unknown:
            raise
        found = _named(client, by_name)
    return [user for user in found if _same(user, account) and _is_active(user)]


def _list(client: HttpxScimClient, kind: type[User] | type[Group], where: str, **more: str) -> list[Found]:
    """Every page of a list."""
    found: list[Found] = []
    while True:
        page = client.find(kind, where, start=len(found) + 1, count=PAGE, **more)
        resources = page.get("Resources") or []
        if not all(isinstance(r, dict) and isinstance(r.get("id"), str) and r["id"] for r in resources):
            raise NotDone("It lists an entry without an identifier.")
        found += resources
        if len(found) >= page["totalResults"]:
            return found
        if not resources:
            # What it counts and does not show may be the very account that is asked for.
            raise NotDone(f"It counts {page['totalResults']} entries, and lists {len(found)} of them.")
        if len(found) > ACCOUNTS_AT_MOST:
            raise NotDone(f"It lists more than {ACCOUNTS_AT_MOST} entries.")


def _named(client: HttpxScimClient, where: str) -> list[Found]:
    """Users that fit. Raises NotDone for one without a name: nobody could say that it is somebody else's."""
    found = _list(client, User, where)
    if not all(isinstance(user.get("userName"), str) for user in found):
        raise NotDone("It lists a user without a userName.")
    return found


def _groups_listing(client: HttpxScimClient, user_id: str, *, by_name: bool = True) -> set[str]:
    """Names (or identifiers) of the groups that list this user among their members, by the application's own search."""
    found = _list(client, Group, f"members.value eq {_quoted(user_id)}", excludedAttributes="members")
    return {str(group.get("displayName")) if by_name else _id(group) for group in found}


def _members(client: HttpxScimClient, group: str) -> set[str]:
    return {str(member.get("value")) for member in _members_in(client.get(Group, group) or {})}


def _members_in(group: Found) -> list[Found]:
    """Raises NotDone where they are no list of objects: the account may be among them."""
    members = group.get("members") or []
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
        raise NotDone("It lists members of a group that cannot be read.")
    return members


def _what_is_wrong(task: Task, name: str, user: Found | None, listed: set[str]) -> str:
    """What reading back tells about one name, as a sentence; empty where it is as wanted."""
    is_in = name.casefold() in {other.casefold() for other in listed}  # as it was found by (`_group`)
    if task.given:
        if user is None or not _is_active(user):
            return "Asked afterwards: there is no active account."
        return f"Asked afterwards: the account is not in {name}." if name and not is_in else ""
    if task.whole_account and user is not None and _is_active(user):
        return "Asked afterwards: the account is still active."
    if task.whole_account and listed:
        return f"Asked afterwards: the account is still in {', '.join(sorted(listed))}."
    return f"Asked afterwards: the account is still in {name}." if is_in else ""
