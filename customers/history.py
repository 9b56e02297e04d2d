"""How a table's changes reach the ledger: by triggers of the database, so that nothing escapes (HOUSE.md, "The ledger").

Use: `@tracked()` above a model. Every insert, update and delete, raw SQL and bulk updates included, writes an event.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pghistory
import pghistory.models
from django.db import models

ModelClass = TypeVar("ModelClass", bound=type[models.Model])


class LedgerEvent(pghistory.models.Event):
    """One row that changed: its state after the change (before it, for a deletion), when, and in which act."""

    pgh_id = models.BigAutoField(primary_key=True)

    class Meta:
        abstract = True


def tracked(*, exclude: Iterable[str] = ()) -> Callable[[ModelClass], ModelClass]:
    """Write an event for every insert, update and delete of this model's rows. `exclude` names secrets (password hashes)."""

    def wrap(model: ModelClass) -> ModelClass:
        decorated: Any = pghistory.track(
            pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=list(exclude)
        )(model)
        return decorated

    return wrap
