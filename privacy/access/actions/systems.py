"""Verbs about other systems: connect one, say what it gives, whose account is whose there, try a change again."""

from collections.abc import Collection
from datetime import datetime

from privacy.access import errors, policies
from privacy.access.actions.ending import lock_holder
from privacy.access.actions.outbox import push
from privacy.access.models import (
    MAY_BE_THERE,
    OUTSTANDING,
    AccessGrant,
    ChangeState,
    Entitlement,
    GrantState,
    System,
    SystemAccount,
    SystemChange,
    SystemKind,
)
from privacy.access.policies.systems import address_fault, server_of
from privacy.ledger.actions import act, unless_taken
from privacy.workforce.models import Employee


def check_administers(
    by: Employee, *, now: datetime, about: int | None = None, refusal: type[errors.Refused] = errors.MayNotAdminister
) -> None:
    """Ask again, behind the person's own lock, whether they administer access. Raises `refusal`.

    about: another person (key) whom the act is about, locked with them; always in the order of the keys, so that nobody waits
    for somebody who waits for them.
    """
    for employee_id in sorted({by.pk, about or by.pk}):
        lock_holder(employee_id)
    if not policies.may_administer(by, at=now):
        raise refusal


def _check_address(kind: str, address: str) -> None:
    if fault := address_fault(kind, address):
        raise errors.BadAddress(fault)


def connect_system(
    *,
    code: str,
    name: str,
    kind: SystemKind,
    address: str,
    secret: str,
    owner: Employee | None,
    by: Employee,
    now: datetime,
    reconciled: bool = True,
) -> System:
    """Make another system known, with how it is reached. Raises MayNotAdminister, NotThisHouse, BadAddress, CodeTaken.

    The secret is encrypted, and is never shown again. Nothing is asked of the system yet.
    """
    with act("connect_system", by=by, system=code):
        check_administers(by, now=now)
        if kind == SystemKind.HERE:
            raise errors.NotThisHouse
        _check_address(kind, address)
        if System.objects.filter(code=code).exists():
            raise errors.CodeTaken
        with unless_taken(errors.CodeTaken()):
            return System.objects.create(
                code=code,
                name=name,
                kind=kind,
                address=address,
                secret=secret or None,
                owner=owner,
                reconciled=reconciled and kind != SystemKind.BY_HAND,
            )


def change_system(
    system_id: int,
    *,
    name: str,
    address: str,
    secret: str | None,
    owner: Employee | None,
    reconciled: bool,
    by: Employee,
    now: datetime,
) -> System:
    """Change how a system is called, reached and owned. Raises MayNotAdminister, NotThisHouse, BadAddress, SecretStays.

    secret: the new one; None keeps the one that is there, which goes to no other server than the one it was given for. What is
    still outstanding goes to the new address from now on.
    """
    with act("change_system", by=by, system=system_id):
        check_administers(by, now=now)
        system = System.objects.select_for_update(no_key=True).get(pk=system_id)
        if system.is_here:
            raise errors.NotThisHouse
        _check_address(system.kind, address)
        if system.secret and not secret and server_of(address) != server_of(system.address):
            raise errors.SecretStays
        system.name, system.address, system.owner = name, address, owner
        system.reconciled = reconciled and system.kind != SystemKind.BY_HAND
        changed = ["name", "address", "owner", "reconciled"]
        if secret:
            system.secret = secret
            changed.append("secret")
        system.save(update_fields=changed)
        return system


def add_entitlement(
    system_id: int,
    *,
    code: str,
    name: str,
    external_name: str,
    categories: Collection[str],
    sensitive: bool,
    owner: Employee | None,
    by: Employee,
    now: datetime,
) -> Entitlement:
    """Say one thing that a system can give. Raises MayNotAdminister, NotThisHouse, CodeTaken.

    external_name: the role or group there; empty: the account itself, being able to sign in.
    """
    with act("add_entitlement", by=by, system=system_id):
        check_administers(by, now=now)
        system = System.objects.select_for_update(no_key=True).get(pk=system_id)
        if system.is_here:
            raise errors.NotThisHouse
        if Entitlement.objects.filter(system=system, code=code).exists():
            raise errors.CodeTaken
        return Entitlement.objects.create(
            system=system,
            code=code,
            name=name,
            external_name=external_name,
            categories=sorted(categories),
            sensitive=sensitive,
            owner=owner,
        )


def change_entitlement(
    entitlement_id: int,
    *,
    name: str,
    external_name: str,
    categories: Collection[str],
    sensitive: bool,
    owner: Employee | None,
    by: Employee,
    now: datetime,
) -> Entitlement:
    """Change an entitlement of another system. Raises MayNotAdminister, NotThisHouse, StillHeld.

    What it is there, and whether it is sensitive, cannot change under people who have it: their removals name the role, and
    their approvals were given for what it was.
    """
    with act("change_entitlement", by=by, entitlement=entitlement_id):
        check_administers(by, now=now)
        # A full lock: a request made meanwhile waits for it, because its row refers to this one.
        entitlement = Entitlement.objects.select_related("system").select_for_update(of=("self",)).get(pk=entitlement_id)
        if entitlement.system.is_here:
            raise errors.NotThisHouse
        if (external_name, sensitive) != (entitlement.external_name, entitlement.sensitive):
            tied = entitlement.grants.filter(state__in=[GrantState.REQUESTED, *MAY_BE_THERE]).exists()
            if tied or entitlement.changes.filter(state__in=OUTSTANDING).exists():
                raise errors.StillHeld
        entitlement.name, entitlement.external_name, entitlement.sensitive = name, external_name, sensitive
        entitlement.categories, entitlement.owner = sorted(categories), owner
        entitlement.save(update_fields=["name", "external_name", "sensitive", "categories", "owner"])
        return entitlement


def link_account(
    system_id: int, employee: Employee, *, name: str, external_id: str = "", by: Employee, now: datetime
) -> SystemAccount:
    """Say which account a person has in a system. Raises MayNotAdminister, NotThisHouse, AccountTaken, AccountInUse.

    Where none is named, the login is the account's name. Refused while access may be there under another name: taking that
    away would ask for the wrong account and prove nothing.
    """
    with act("link_account", by=by, system=system_id, employee=employee.pk):
        check_administers(by, now=now, about=employee.pk)
        system = System.objects.select_for_update(no_key=True).get(pk=system_id)
        if system.is_here:
            raise errors.NotThisHouse
        if SystemAccount.objects.filter(system=system, employee=employee).exists():
            raise errors.AccountTaken
        there = SystemAccount.objects.filter(system=system, name__iexact=name)
        its_login = Employee.objects.called(name).exclude(pk=employee.pk)
        if there.exists() or SystemChange.objects.filter(system=system, employee__in=its_login).exists():
            raise errors.AccountTaken
        if any(one.lower() != name.lower() for one in _names_in_use(system, employee)):
            raise errors.AccountInUse
        return SystemAccount.objects.create(system=system, employee=employee, name=name, external_id=external_id)


def unlink_account(account_id: int, *, by: Employee, now: datetime) -> None:
    """This account is not this person's any more; there, it stays. Raises MayNotAdminister, UnknownAccount, AccountInUse."""
    with act("unlink_account", by=by, account=account_id):
        whose = SystemAccount.objects.filter(pk=account_id).values_list("employee", flat=True).first()
        check_administers(by, now=now, about=whose)
        accounts = SystemAccount.objects.select_related("system", "employee").select_for_update(of=("self",))
        account = accounts.filter(pk=account_id).first()
        if account is None:
            raise errors.UnknownAccount
        if _names_in_use(account.system, account.employee):
            raise errors.AccountInUse
        account.delete()


def _names_in_use(system: System, employee: Employee) -> set[str]:
    """Account names under which access of this person is there, or may still be."""
    changes = SystemChange.objects.filter(system=system, employee=employee).exclude(state=ChangeState.WITHDRAWN)
    tied = AccessGrant.objects.filter(employee=employee, entitlement__system=system, state__in=MAY_BE_THERE)
    open_ones = changes.filter(state__in=OUTSTANDING) | changes.filter(grant__in=tied.order_by())
    return set(open_ones.order_by().values_list("account_name", flat=True))


def try_again(change_id: int, *, by: Employee, now: datetime) -> SystemChange:
    """Try an outstanding change now, without waiting for its pause. Raises MayNotAdminister, NothingToTry, NotByHand."""
    with act("try_again", by=by, change=change_id):
        check_administers(by, now=now)
        change = SystemChange.objects.select_related("system").select_for_update(of=("self",), no_key=True).get(pk=change_id)
        if change.state not in OUTSTANDING:
            raise errors.NothingToTry
        if change.system.kind == SystemKind.BY_HAND:
            raise errors.NotByHand("This change is made by hand: do the task, and attach the evidence.")
        if change.next_try_at > now:
            change.next_try_at = now
            change.save(update_fields=["next_try_at"])
        push({change.system_id})
        return change


__all__ = [
    "add_entitlement",
    "change_entitlement",
    "change_system",
    "connect_system",
    "link_account",
    "try_again",
    "unlink_account",
]
