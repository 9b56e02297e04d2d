"""Changes of function that were a mistake of HR and were undone: they leave everybody's access as it was (ACCESS.md)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from privacy.access import policies
from privacy.access.models import AccessGrant
from privacy.workforce.models import EmploymentEvent, HrEvent

__all__: list[str] = []
_UNDOING = "undo_function_change"


class Moves:
    """The changes of function of one person: those that stand, and those that were undone, each with its undoing."""

    def __init__(self) -> None:
        self.standing: list[datetime] = []
        self.undone: list[tuple[datetime, datetime]] = []

    def any_since(self, approved_at: datetime, grant: AccessGrant) -> bool:
        """Whether a change counts for this access, approved then.

        What was had before a mistake is had lawfully after it. What began under the wrong function is measured by the undoing.
        """
        if any(approved_at < move for move in self.standing):
            return True
        undone = [(begin, end) for begin, end in self.undone if approved_at < end]
        # Asked last, and of few: how far a renewal goes back costs a question for each that it renews.
        return bool(undone) and policies.began(grant) >= min(begin for begin, _ in undone)


def moves_of(employees: Collection[int], *, until: datetime) -> dict[int, Moves]:
    """By person (keys): who never changed function is not in it."""
    events: Any = EmploymentEvent.objects.filter(kind=HrEvent.CHANGED_FUNCTION, employee__in=employees, effective_at__lte=until)
    ledger: Any = EmploymentEvent.ledger_events.rel.related_model  # type: ignore[attr-defined]
    undoings = set(
        ledger.objects.filter(
            pgh_obj_id__in=events.order_by().values("pk"), pgh_label="insert", pgh_context__metadata__within_verb=_UNDOING
        ).values_list("pgh_obj_id", flat=True)
    )
    found: dict[int, Moves] = {}
    last: dict[int, EmploymentEvent | None] = {}
    for event in events.order_by("pk"):
        moves = found.setdefault(event.employee_id, Moves())
        mistake = last.get(event.employee_id)
        if event.pk in undoings and mistake is not None:
            moves.standing.remove(mistake.effective_at)
            moves.undone.append((mistake.effective_at, event.effective_at))
            last[event.employee_id] = None  # whoever undoes the undoing lets them change function indeed
        else:
            moves.standing.append(event.effective_at)
            last[event.employee_id] = event
    return found
