"""What the words of a SCIM resource mean as facts about a person here, and how facts are said in those words. No writes."""

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from customers.cards import INSTEAD, is_called_like_a_card
from privacy.access import errors
from privacy.workforce.models import Employee, WorkerType

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
CONTRACTORS = frozenset({"contractor", "consultant", "contingent", "external", "freelancer", "temp", "temporary", "vendor"})
EMPLOYEES = frozenset({"employee", "full-time", "intern", "part-time", "regular", "staff"})
LARGEST_RESOURCE_CHARACTERS = 64_000

Resource = dict[str, Any]  # a SCIM resource as JSON, in the spelling of RFC 7643


@dataclass(frozen=True)
class Said:
    """The facts in a resource. None: it says nothing about that."""

    user_name: str = ""
    external_id: str = ""
    name: str = ""
    email: str | None = None
    worker_type: str | None = None
    title: str | None = None
    department: str | None = None
    manager: str | None = None
    active: bool | None = None
    employee_number: str | None = None


def said_in(resource: Resource) -> Said:
    """The facts that a resource states. Raises ToldOtherwise where a value cannot be such a fact."""
    enterprise = resource.get(ENTERPRISE) or {}
    manager = enterprise.get("manager") or {}
    user_name = unicodedata.normalize("NFC", str(resource.get("userName") or "")).strip()
    if not user_name or len(user_name) > 150 or any(c.isspace() or not c.isprintable() for c in user_name):
        raise errors.ToldOtherwise("userName is needed: 1 to 150 characters, without spaces.")
    return Said(
        user_name=user_name,
        external_id=_short(resource.get("externalId"), "externalId", 200) or "",
        name=_name_in(resource) or user_name,
        email=_email_in(resource),
        worker_type=_worker_type_in(resource),
        title=_short(resource.get("title"), "title", 1000),
        department=_short(enterprise.get("department"), "department", 200),
        manager=_short(manager.get("value"), "manager", 200),
        active=resource.get("active"),
        employee_number=_short(enterprise.get("employeeNumber"), "employeeNumber", 200),
    )


def _short(value: Any, name: str, longest: int) -> str | None:
    text = " ".join(str(value).split()) if value is not None else ""
    if len(text) > longest:
        raise errors.ToldOtherwise(f"{name} is too long: {longest} characters at most.")
    return text or None


def _name_in(resource: Resource) -> str | None:
    parts = resource.get("name") or {}
    composed = f"{parts.get('givenName') or ''} {parts.get('familyName') or ''}"
    for candidate in (resource.get("displayName"), parts.get("formatted"), composed):
        found = _short(candidate, "displayName", 200)
        if found:
            return found
    return None


def _parts_of(name: str) -> dict[str, str]:
    """A name that this house knows whole, in the parts that providers ask for; its last word is taken for the family name."""
    given, _, family = name.strip().rpartition(" ")
    parts = {"formatted": name, "givenName": given, "familyName": family}
    return {key: value for key, value in parts.items() if value}


def work_email(resource: Resource) -> dict[str, Any] | None:
    """The entry that counts as the address of a person: the primary one, else the one for work, else the first."""
    entries = [entry for entry in resource.get("emails") or [] if entry.get("value")]
    ranked = sorted(entries, key=lambda e: (not e.get("primary"), str(e.get("type") or "").casefold() != "work"))
    return ranked[0] if ranked else None


def _email_in(resource: Resource) -> str | None:
    entry = work_email(resource)
    if entry is None:
        return None
    address = str(entry["value"]).strip()
    try:
        if len(address) > 254:
            raise ValidationError("too long")
        validate_email(address)
    except ValidationError as error:
        raise errors.ToldOtherwise("emails: the address for work is no e-mail address.") from error
    return address


def _worker_type_in(resource: Resource) -> str | None:
    word = str(resource.get("userType") or "").strip().casefold()
    if word in CONTRACTORS:
        return WorkerType.CONTRACTOR
    return WorkerType.EMPLOYEE if word in EMPLOYEES else None


def is_somebody_else(before: Resource, told: Resource) -> bool:
    """Whether a login that is told again after its person left seems to be another person's now.

    An employee number decides where both have one; else it is the same person if the identifier or the name is the same, or
    there is nothing to compare.
    """
    one, two = said_in(before), said_in(told)
    if one.employee_number and two.employee_number:
        return one.employee_number.casefold() != two.employee_number.casefold()
    comparable = [
        a.casefold() == b.casefold()
        for a, b in ((one.external_id, two.external_id), (_name_in(before) or "", _name_in(told) or ""))
        if a and b
    ]
    return bool(comparable) and not any(comparable)


def facts_of(employee: Employee, *, active: bool) -> dict[str, Any]:
    """What this house knows of a person, as far as a resource says it; compared with queries.FACTS, so keep both alike."""
    return {
        "login": employee.login,
        "name": employee.name,
        "email": employee.email,
        "type": employee.worker_type,
        "function": employee.job_function_id,
        "department": employee.department_id,
        "manager": employee.manager_id,
        "active": active,
    }


def say_facts(resource: Resource, employee: Employee, changed: set[str], *, active: bool, manager_uid: str | None) -> Resource:
    """The resource with these facts (keys of facts_of) as they are now; whatever else was told stays."""
    said: Resource = {**resource, ENTERPRISE: {**(resource.get(ENTERPRISE) or {})}}
    enterprise = said[ENTERPRISE]
    if "login" in changed:
        said["userName"] = employee.login
    if "name" in changed:
        said["displayName"], said["name"] = employee.name, _parts_of(employee.name)
    if "email" in changed:
        counted = work_email(resource)
        others = [entry for entry in resource.get("emails") or [] if entry is not counted]
        said["emails"] = [{"value": employee.email, "type": "work", "primary": True}, *others] if employee.email else others
    if "type" in changed:
        said["userType"] = "Contractor" if employee.worker_type == WorkerType.CONTRACTOR else "Employee"
    if "function" in changed and employee.job_function is not None:
        said["title"] = employee.job_function.name
    if "department" in changed:
        enterprise["department"] = employee.department.name if employee.department is not None else None
    if "manager" in changed:
        enterprise["manager"] = {"value": manager_uid, "$ref": f"Users/{manager_uid}"} if manager_uid else None
    if "active" in changed:
        said["active"] = active
    said[ENTERPRISE] = {key: value for key, value in enterprise.items() if value is not None}
    return {key: value for key, value in said.items() if value not in (None, {}, [])}


# What identifies somebody there must come back as it was told: of numbers with sixteen digits one in ten looks like a card's.
IDENTIFIERS = frozenset({"id", "externalId", "$ref", "employeeNumber"})


def without_card_numbers(told: Any) -> Any:
    """What a client told, without card numbers in any text but identifiers.

    Nobody here needs such a field, and the ledger keeps what is written down; a refusal could hold up the word of a leaving.
    """
    if isinstance(told, str):
        return INSTEAD if is_called_like_a_card(told) else told
    if isinstance(told, list):
        return [without_card_numbers(one) for one in told]
    if isinstance(told, dict):
        return {name: one if name in IDENTIFIERS else without_card_numbers(one) for name, one in told.items()}
    return told
