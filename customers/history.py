"""How a table's changes reach the ledger: by triggers of the database, so that nothing escapes (HOUSE.md, "The ledger").

Use: `@tracked()` above a model. Every insert, update and delete, raw SQL and bulk updates included, writes an event.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pghistory
import pghistory.models
import pgtrigger
from django.db import models
from pgtrigger import registry

ModelClass = TypeVar("ModelClass", bound=type[models.Model])


class _IndexedRegistry(registry._Registry):
    """pgtrigger's own, which looks through all triggers for each that it takes in: of 270, a tenth of a second."""

    def __init__(self, triggers: registry._Registry) -> None:
        self._by_table: dict[tuple[str, str], pgtrigger.Trigger] = {}
        self._functions: set[str] = set()
        super().__init__(triggers.data)

    @property
    def by_db_table(self) -> dict[tuple[str, str], pgtrigger.Trigger]:
        return self._by_table

    @property
    def pg_function_names(self) -> set[str]:
        return self._functions

    def __setitem__(self, uri: str, value: tuple[Any, Any]) -> None:
        super().__setitem__(uri, value)
        model, trigger = value
        self._by_table[model._meta.db_table, trigger.name] = trigger
        self._functions.add(trigger.get_pgid(model))

    def __delitem__(self, uri: str) -> None:
        model, trigger = self[uri]
        super().__delitem__(uri)
        del self._by_table[model._meta.db_table, trigger.name]
        self._functions.discard(trigger.get_pgid(model))


registry._registry = _IndexedRegistry(registry._registry)


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
