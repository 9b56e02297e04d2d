"""Where SCIM keeps what it shows, as SQL: tables, columns by attribute, and how the value of an attribute is read.

Names come from the schema: nothing of a request becomes SQL text.
"""

# ruff: noqa: S608 - the text is put together from constants and the schema's own names; see above

from dataclasses import dataclass, field
from typing import Any

from scim2_models.path import AttributeBinding

SCIM_USERS, _GROUPS, _MEMBERS = '"privacy_scimuser"', '"privacy_scimgroup"', '"privacy_scimmember"'


class NotInSql(Exception):
    """This filter or order is not translated."""


@dataclass(frozen=True)
class Sql:
    text: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Table:
    """Where a resource type is kept: columns by attribute, lists that live in other tables, JSON for the rest."""

    name: str
    resource: str  # the JSON of the resource as it is shown
    kind: str
    columns: dict[tuple[str, ...], str]
    lists: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)


def _shared(table: str) -> dict[tuple[str, ...], str]:
    return {
        ("id",): f"{table}.uid::text",
        ("externalId",): f"NULLIF({table}.external_id, '')",
        ("meta", "created"): f"{table}.created_at",
        ("meta", "lastModified"): f"{table}.changed_at",
        ("meta", "version"): f"'W/\"' || {table}.version || '\"'",
        ("meta", "location"): "NULL::text",
    }


USERS = Table(
    name=SCIM_USERS,
    resource=f"({SCIM_USERS}.told->'resource')",
    kind="User",
    columns={("userName",): f"{SCIM_USERS}.user_name", **_shared(SCIM_USERS)},
    lists={
        "groups": (
            f"(SELECT g.uid::text AS value, 'Groups/' || g.uid AS ref, g.display_name AS display, 'direct' AS type"
            f" FROM {_MEMBERS} m JOIN {_GROUPS} g ON g.id = m.group_id WHERE m.user_id = {SCIM_USERS}.id)",
            {"value": "e.value", "$ref": "e.ref", "display": "e.display", "type": "e.type"},
        )
    },
)
GROUPS = Table(
    name=_GROUPS,
    resource=f"{_GROUPS}.told",
    kind="Group",
    columns={("displayName",): f"{_GROUPS}.display_name", **_shared(_GROUPS)},
    lists={
        "members": (
            f"(SELECT u.uid::text AS value, 'Users/' || u.uid AS ref, 'User' AS type FROM {_MEMBERS} m"
            f" JOIN {SCIM_USERS} u ON u.id = m.user_id AND u.deleted_at IS NULL"
            f" WHERE m.group_id = {_GROUPS}.id)",
            {"value": "e.value", "$ref": "e.ref", "type": "e.type"},
        )
    },
)


def is_a(binding: AttributeBinding, kind: type) -> bool:
    target = binding.target_type
    return isinstance(target, type) and issubclass(target, kind)


def names_of(binding: AttributeBinding) -> tuple[str, ...]:
    """The names of an attribute in the JSON, from the outside in; they are the schema's own spelling."""
    schema, _, path = binding.urn.rpartition(":")
    parts = tuple(path.split("."))
    extends = schema and "extension" in schema
    return (schema, *parts) if extends else parts


def json_path(names: tuple[str, ...]) -> str:
    return "{" + ",".join(f'"{name}"' for name in names) + "}"


def scalar(table: Table, names: tuple[str, ...]) -> str:
    if names in table.columns:
        return table.columns[names]
    if names == ("meta", "resourceType"):
        return f"'{table.kind}'::text"
    if names[0] in ("meta", "schemas"):
        raise NotInSql
    return f"({table.resource}#>>'{json_path(names)}')"


def array_of(table: Table, names: tuple[str, ...]) -> str:
    value = f"({table.resource}#>'{json_path(names)}')"
    return f"(CASE WHEN jsonb_typeof{value} = 'array' THEN {value} ELSE '[]'::jsonb END)"


def form_of(binding: AttributeBinding, value: str) -> str:
    """What strings are compared by: NFC, lower case unless case matters (as the library's own comparison)."""
    if value == f"{SCIM_USERS}.user_name":
        return f"LOWER({value})"  # kept in NFC; so that its index is used
    return f"normalize({value})" if binding.case_exact else f"LOWER(normalize({value}))"
