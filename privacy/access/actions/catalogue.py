"""Verbs about what can be given."""

from collections.abc import Iterable

from django.apps import apps

from customers.classification import classification_of
from customers.history import LedgerEvent
from privacy.access.models import HERE, Entitlement, FunctionEntitlement, System, SystemKind
from privacy.access.models.catalogue import CATALOGUE
from privacy.access.policies import ADMINISTERS
from privacy.ledger.actions import act, check_still_allowed
from privacy.workforce.models import Employee, JobFunction


def install_catalogue() -> int:
    """Make the entitlements of this back-office what the catalogue says; returns how many were made or changed. Idempotent.

    Runs after every migration, because new tables bring new permissions. Owners are kept: they are people's choice.
    """
    with act("install_catalogue", by=None):
        here, _ = System.objects.get_or_create(code=HERE, defaults={"name": "This back-office", "kind": SystemKind.HERE})
        known = {entitlement.code: entitlement for entitlement in Entitlement.objects.select_for_update().filter(system=here)}
        changed = 0
        for listed in CATALOGUE:
            wanted = {
                "name": listed.name,
                "sensitive": listed.sensitive,
                "categories": [category.value for category in listed.categories],
                "permissions": sorted(_written_out(listed.permissions)),
            }
            entitlement = known.get(listed.code) or Entitlement(system=here, code=listed.code)
            if entitlement.pk and all(getattr(entitlement, name) == value for name, value in wanted.items()):
                continue
            for name, value in wanted.items():
                setattr(entitlement, name, value)
            entitlement.save()
            changed += 1
        return changed


def _written_out(permissions: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for permission in permissions:
        if permission.startswith("view "):
            found |= _views_of(permission.removeprefix("view "))
        elif permission.startswith("holding "):
            found |= _views_holding(permission.removeprefix("holding "))
        else:
            found.add(permission)
    return found


def _views_of(package: str) -> set[str]:
    """ "customers" → the view permission of each of its tables; "events" → of each table of the ledger's events."""
    return {
        f"{model._meta.app_label}.view_{model._meta.model_name}"
        for model in apps.get_models()
        if (
            issubclass(model, LedgerEvent)
            if package == "events"
            else f"{model.__module__}.".startswith(f"{package}.") and not issubclass(model, LedgerEvent)
        )
    }


def _views_holding(category: str) -> set[str]:
    return {
        f"customers.view_{model._meta.model_name}"
        for model in apps.get_app_config("customers").get_models()
        if any(column.category == category for column in classification_of(model).values())
    }


def set_owner(entitlement_id: int, *, owner: Employee | None, by: Employee | None, reason: str = "") -> Entitlement:
    """Name who approves requests for an entitlement. Raises NoLongerAllowed."""
    with act("set_owner", by=by, reason=reason):
        check_still_allowed(by, ADMINISTERS)
        entitlement = Entitlement.objects.select_for_update().get(pk=entitlement_id)
        if entitlement.owner_id != getattr(owner, "pk", None):
            entitlement.owner = owner
            entitlement.save(update_fields=["owner"])
        return entitlement


def justify(job_function: JobFunction, entitlement: Entitlement, *, by: Employee | None) -> bool:
    """Say that a function justifies an entitlement; False where it did already. Raises NoLongerAllowed."""
    with act("justify", by=by):
        check_still_allowed(by, ADMINISTERS)
        return FunctionEntitlement.objects.get_or_create(job_function=job_function, entitlement=entitlement)[1]


def no_longer_justify(job_function: JobFunction, entitlement: Entitlement, *, by: Employee | None) -> bool:
    """Take that back; grants that exist stay until somebody revokes them. False where it was not so.

    Raises NoLongerAllowed.
    """
    with act("no_longer_justify", by=by):
        check_still_allowed(by, ADMINISTERS)
        return bool(FunctionEntitlement.objects.filter(job_function=job_function, entitlement=entitlement).delete()[0])
