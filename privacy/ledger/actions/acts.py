"""How a verb runs: atomic, and with its name, its person and its reason on every row that it changes."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import uuid4

import pghistory
from django.db import IntegrityError, connection, transaction
from pghistory import runtime
from psycopg.errors import UniqueViolation

from customers.cards import without_card_number
from privacy.ledger.errors import NoLongerAllowed
from privacy.ledger.models import ReadKind, RecordedRead

SYSTEM = None  # `by` of an act that no person began: a job, a clock
_fail_together: ContextVar[bool] = ContextVar("fail_together", default=False)


@contextmanager
def act(verb: str, *, by: Any, reason: str = "", fails_alone: bool = True, **about: Any) -> Iterator[None]:
    """Run a verb's body in one transaction; every event it writes carries verb, by, reason and `about` (ticket, grant, feed).

    by: the Employee who acts, or None for the system itself. A verb inside a verb is an act of its own that names the outer one;
    with fails_alone=False there is no savepoint around it: what fails in it ends the outer act,
    even where somebody catches the error. Who asks a person for the reason refuses card numbers; here, where nobody can be asked
    and nothing is ever taken back, one is left out.
    """
    metadata = {
        "verb": verb,
        "by": getattr(by, "pk", None),
        "by_login": getattr(by, "login", "system"),
        "reason": without_card_number(reason),
        **{key: value for key, value in about.items() if value is not None},
    }
    outer = getattr(runtime._tracker, "value", None)
    with transaction.atomic(savepoint=outer is None or (fails_alone and not _fail_together.get())):
        if outer is None:
            with pghistory.context(**metadata):
                yield
            return
        runtime._tracker.value = runtime.Context(
            id=uuid4(), metadata={**metadata, "within": str(outer.id), "within_verb": outer.metadata.get("verb", "")}
        )
        try:
            yield
        finally:
            runtime._tracker.value = outer


@contextmanager
def failing_together() -> Iterator[None]:
    """No verb inside fails alone: for thousands of verbs in one act, where a savepoint each would be a third of all statements.

    Who catches a refusal in here opens `transaction.atomic()` around that verb.
    """
    token = _fail_together.set(True)
    try:
        yield
    finally:
        _fail_together.reset(token)


@contextmanager
def rehearsal(dry_run: bool) -> Iterator[None]:
    """With `dry_run`, everything done inside is undone again by the database; without it, this does nothing.

    So a dry run says what the real run would do, because it is the real run. Only for what the database holds: inside it nothing
    is said to another system, and no file is written. Jobs and mail that were asked for inside are undone with the rest.
    """
    with transaction.atomic() if dry_run else nullcontext():
        yield
        if dry_run:
            transaction.set_rollback(True)


@contextmanager
def unless_taken(refusal: Exception) -> Iterator[None]:
    """What is written inside; `refusal` where the database has such a row, written a moment ago by somebody else too."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        raise refusal from error


def holds_now(by: Any, *permissions: str) -> bool:
    """Whether this person has any of these permissions at this moment. The system (None) may do everything.

    Asked of the database again: `by.has_perm` answers what was true when the request began. For the body of an act, under its
    lock.
    """
    if by is None:
        return True
    afresh = by.afresh()
    return any(afresh.has_perm(permission) for permission in permissions)


def check_still_allowed(by: Any, *permissions: str) -> None:
    """Raises NoLongerAllowed unless `holds_now`."""
    if not holds_now(by, *permissions):
        raise NoLongerAllowed(str(by))


def stamp_connection() -> None:
    """Give the running act to statements that bypass Django's cursors (COPY). Call inside `act`, before the COPY."""
    current = getattr(runtime._tracker, "value", None)
    if current is None:
        raise RuntimeError("stamp_connection is for the body of an act")
    with connection.cursor() as cursor:
        # Any statement that the tracker does not ignore carries the act with it until the transaction ends.
        cursor.execute("WITH stamp AS (SELECT 1) SELECT * FROM stamp")


def record_read(
    kind: ReadKind,
    subject: str,
    *,
    by: Any,
    now: datetime,
    reason: str = "",
    category: str = "",
    grant_id: int | None = None,
    address: str | None = None,
    rows_seen: int | None = None,
) -> RecordedRead:
    """Write that somebody looked. Call it before showing anything: if this raises, nothing may be shown (ASVS 16.3.2, 16.5.3)."""
    with act("record_read", by=by, reason=reason):
        return RecordedRead.objects.create(
            at=now,
            by=by,
            kind=kind,
            subject=subject[:200],
            category=category,
            reason=reason,
            grant_id=grant_id,
            address=address or None,
            rows_seen=rows_seen,
        )
