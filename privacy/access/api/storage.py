"""Where the library reads and writes: our tables, through the verbs of actions.scim and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import OrderBy, RawSQL
from scim2_models import (
    ConflictException,
    InvalidValueException,
    NotFoundException,
    PreconditionFailedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SCIMException,
    ScimFilter,
    SearchRequest,
    UniquenessException,
)
from scim2_server.storage import ScimStorage, SearchPage

from privacy.access import errors
from privacy.access.actions import scim as users
from privacy.access.actions import scim_groups as groups
from privacy.access.api.description import model_of
from privacy.access.api.filters import GROUPS, USERS, NotInSql, Table, order_sql, to_sql
from privacy.access.api.resources import group_resource, kept, user_resource
from privacy.access.models import ScimClient, ScimGroup, ScimUser
from privacy.access.queries.scim import groups_of, live_users, members_of
from privacy.ledger.actions import act
from privacy.workforce import errors as workforce_errors

PIECE = 500  # rows evaluated in Python at a time


@dataclass
class HouseStorage(ScimStorage):
    """One request's storage.

    clock: the instant now. received_at: when the request reached us. had_left: uids of users whose leaving was known then, or
    None where that was not looked up. writing: whether what is read is about to be changed, and is locked for it.
    extra: undeclared attributes of the enterprise extension in this request, kept beside the resource.
    """

    client: ScimClient
    clock: Callable[[], datetime]
    received_at: datetime | None = None
    had_left: frozenset[str] | None = None
    writing: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def operation(self) -> Iterator[None]:
        """One operation is one transaction, and one act of the client in the ledger."""
        with _in_their_words():
            if not self.writing:
                yield
                return
            with act("scim", by=None, client=self.client.pk, source=users.SOURCE):
                yield

    # --- reading ------------------------------------------------------------------------------------

    def get(
        self, resource_type: ResourceType, resource_id: str, *, response_parameters: ResponseParameters[Any] | None = None
    ) -> Resource[Any]:
        uid = _uid(resource_type, resource_id)
        with _in_their_words(resource_id):
            if _is_group(resource_type):
                row = groups.lock_group(uid) if self.writing else ScimGroup.objects.filter(uid=uid).first()
                if row is None:
                    raise errors.NoSuchUser
                return self._groups([row], _keeps(response_parameters, "members"))[0]
            if self.writing:
                users.lock_person(uid)
                return self._users([users.lock_user(uid, now=self.clock())])[0]
            return self._users([users.current_user(uid, now=self.clock())])[0]

    def _users(self, rows: list[ScimUser]) -> list[Resource[Any]]:
        found = groups_of([row.pk for row in rows]) if rows else {}
        return [user_resource(row, found.get(row.pk, []), self._model("User")) for row in rows]

    def _groups(self, rows: list[ScimGroup], with_members: bool = True) -> list[Resource[Any]]:
        found = members_of([row.pk for row in rows]) if rows and with_members else {}
        model = self._model("Group")
        return [group_resource(row, found.get(row.pk, []) if with_members else None, model) for row in rows]

    @staticmethod
    def _model(name: str) -> type[Resource[Any]]:
        from privacy.access.api.description import provider

        model: type[Resource[Any]] = provider().model_for(name)  # type: ignore[assignment]
        return model

    def search(
        self, resource_types: list[ResourceType], search_request: SearchRequest[Any], *, position: Any = None
    ) -> SearchPage:
        users.catch_up(now=self.clock())
        sources = [self._matching(resource_type, search_request) for resource_type in resource_types]
        counts = [rows.count() for rows in sources]
        start = search_request.start_index_0 or 0
        left = sum(counts) if search_request.count is None else search_request.count
        if left == 0:
            return SearchPage(sum(counts), [])
        with_members = _keeps(search_request, "members")
        if len(sources) > 1 and search_request.sort_by is not None:
            return SearchPage(sum(counts), self._sorted_together(sources, search_request, start, left, with_members))
        page: list[Resource[Any]] = []
        for rows, count in zip(sources, counts, strict=True):
            taken = list(rows[start : start + left]) if left > 0 and start < count else []
            page += self._shown(taken, with_members)
            start, left = max(0, start - count), left - len(taken)
        return SearchPage(sum(counts), page)

    def _shown(self, rows: list[Any], with_members: bool) -> list[Resource[Any]]:
        if rows and isinstance(rows[0], ScimGroup):
            return self._groups(rows, with_members)
        return self._users(rows)

    def _matching(self, resource_type: ResourceType, asked: SearchRequest[Any]) -> QuerySet[Any]:
        """The matching rows in the order asked for."""
        table: Table = GROUPS if _is_group(resource_type) else USERS
        model = model_of(resource_type)
        rows: QuerySet[Any] = ScimGroup.objects.all() if _is_group(resource_type) else live_users()
        rows = rows.order_by("pk")
        if asked.filter is not None:
            try:
                found = to_sql(asked.filter, model, table)
                # Names in the text are the schema's own; whatever was sent is among the parameters (api/filters).
                rows = rows.filter(RawSQL(found.text, found.params, output_field=BooleanField()))  # noqa: S611
            except NotInSql:
                bound: ScimFilter[Any] = ScimFilter[model](str(asked.filter))  # type: ignore[valid-type]
                rows = rows.filter(pk__in=[pk for pk, resource in self._each(rows) if bound.match(resource)])
        if asked.sort_by is None:
            return rows
        descending = asked.sort_order == SearchRequest.SortOrder.descending
        try:
            key = order_sql(asked.sort_binding(model), table)
        except NotInSql as error:
            raise InvalidValueException(detail="Resources cannot be sorted by this attribute.") from error
        order = OrderBy(
            RawSQL(key.text, key.params),  # noqa: S611 - as above
            descending=descending,
            nulls_first=True if descending else None,
            nulls_last=None if descending else True,
        )
        return rows.order_by(order, "pk")

    def _each(self, rows: QuerySet[Any]) -> Iterator[tuple[int, Resource[Any]]]:
        """Every row with its resource, a piece at a time."""
        last = 0
        while piece := list(rows.filter(pk__gt=last)[:PIECE]):
            last = piece[-1].pk
            yield from zip([row.pk for row in piece], self._shown(piece, True), strict=True)

    def _sorted_together(
        self, sources: list[QuerySet[Any]], asked: SearchRequest[Any], start: int, count: int, with_members: bool
    ) -> list[Resource[Any]]:
        """Several types in one order: the first start + count of each hold the page. Bounded by the page that was asked for."""
        if start + count > 10 * PIECE:
            raise InvalidValueException(detail="Sorted over several types, only the first 5,000 resources can be paged.")
        firsts = [resource for rows in sources for resource in self._shown(list(rows[: start + count]), with_members)]
        return asked.sort(firsts)[start : start + count]

    # --- writing ------------------------------------------------------------------------------------

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        with _in_their_words(), transaction.atomic():
            if _is_group(resource_type):
                made = groups.add_group(kept(resource), _members(resource), client=self.client, now=self.clock())
                return self._groups([made])[0]
            received_at = self.received_at or self.clock()
            had_left = users.lock_login(str(resource.user_name or ""), at=received_at)  # type: ignore[attr-defined]
            user = users.add_user(
                kept(resource), client=self.client, received_at=received_at, now=self.clock(), had_left=had_left
            )
            return self._users([user])[0]

    def update(
        self, resource_type: ResourceType, resource: Resource[Any], *, expected_version: str | None = None
    ) -> Resource[Any]:
        now, uid, version = self.clock(), _uid(resource_type, str(resource.id)), _version(expected_version)
        with _in_their_words(str(resource.id)):
            if _is_group(resource_type):
                members = _members(resource)
                changed = groups.change_group(uid, kept(resource), members, client=self.client, now=now, version=version)
                return self._groups([changed])[0]
            user = users.change_user(
                uid,
                kept(resource),
                client=self.client,
                received_at=self.received_at or now,
                now=now,
                had_left=None if self.had_left is None else uid in self.had_left,
                version=version,
                extra=self.extra,
            )
            return self._users([user])[0]

    def delete(self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None) -> None:
        now, uid, version = self.clock(), _uid(resource_type, resource_id), _version(expected_version)
        with _in_their_words(resource_id):
            if _is_group(resource_type):
                groups.remove_group(uid, client=self.client, now=now, version=version)
            else:
                users.remove_user(uid, client=self.client, received_at=self.received_at or now, now=now, version=version)


def _is_group(resource_type: ResourceType) -> bool:
    return resource_type.name == "Group"


def _uid(resource_type: ResourceType, resource_id: str) -> str:
    try:
        return str(UUID(resource_id))
    except ValueError:
        raise NotFoundException(detail=f"{resource_type.name} not found") from None


def _version(expected: str | None) -> int | None:
    """The number in a version of ours; -1 for any other text, which no resource ever has."""
    if expected is None:
        return None
    digits = expected.removeprefix('W/"').removesuffix('"')
    return int(digits) if digits.isascii() and digits.isdigit() and _looks_like_ours(expected) else -1


def _looks_like_ours(text: str) -> bool:
    return text.startswith('W/"') and text.endswith('"') and len(text) < 24


def _members(resource: Resource[Any]) -> list[str]:
    return [str(member.value or "") for member in getattr(resource, "members", None) or []]


def _keeps(asked: ResponseParameters[Any] | None, attribute: str) -> bool:
    """Whether an answer shows that attribute, so that it has to be fetched."""
    if asked is None:
        return True
    left_out = {str(path).casefold() for path in asked.excluded_attributes or []}
    return attribute not in {name.rpartition(":")[2] for name in left_out}


@contextmanager
def _in_their_words(resource_id: str = "") -> Iterator[None]:
    """Refusals of this house as errors of SCIM."""
    try:
        yield
    except SCIMException:
        raise
    except errors.NoSuchUser as refusal:
        raise NotFoundException(detail=str(refusal)) from refusal
    except errors.Outdated as refusal:
        raise PreconditionFailedException(detail=str(refusal)) from refusal
    except (errors.UserNameTaken, errors.GroupTold, workforce_errors.LoginTaken, workforce_errors.AddressTaken) as refusal:
        raise UniquenessException(detail=str(refusal)) from refusal
    except IntegrityError as error:
        raise UniquenessException(detail="A value that must be unique is taken.") from error
    except errors.LeftSince as refusal:
        raise ConflictException(detail=str(refusal)) from refusal
    except (errors.Refused, workforce_errors.Refused) as refusal:
        raise InvalidValueException(detail=str(refusal)) from refusal
