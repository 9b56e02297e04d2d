"""Rows as SCIM resources, and resources as what is kept of them."""

import json
from typing import Any

from scim2_models import Resource

from privacy.access.actions.scim_words import ENTERPRISE, LARGEST_RESOURCE_CHARACTERS
from privacy.access.api.description import GROUP, USER
from privacy.access.errors import ToldOtherwise
from privacy.access.models import ScimGroup, ScimUser

_OURS = ("id", "meta", "schemas", "groups", "members")


def kept(resource: Resource[Any]) -> dict[str, Any]:
    """What is remembered of a resource: all that was declared, without what this server says itself. Raises ToldOtherwise."""
    said = {name: _each_once(value) for name, value in resource.model_dump().items() if name not in _OURS}
    if len(json.dumps(said, ensure_ascii=False)) > LARGEST_RESOURCE_CHARACTERS:
        raise ToldOtherwise("The resource is too large.")
    return said


def _each_once(value: Any) -> Any:
    """A list in which no value of one type comes twice (RFC 7643, 2.4); of two that are the same the primary one stays."""
    if not isinstance(value, list):
        return value
    once: dict[Any, Any] = {}
    for place, entry in enumerate(value):
        named = isinstance(entry, dict) and entry.get("value") is not None
        key = (entry.get("type"), str(entry["value"])) if named else place
        if key not in once or (named and entry.get("primary")):
            once[key] = entry
    return list(once.values())


def user_resource(row: ScimUser, groups: list[tuple[str, str]], model: type[Resource[Any]]) -> Resource[Any]:
    """A user as identity providers see it."""
    resource = row.told["resource"]
    schemas = [USER, ENTERPRISE] if resource.get(ENTERPRISE) else [USER]
    said = {**resource, **_meta(row, "User"), "schemas": schemas, "userName": row.user_name}
    if groups:
        said["groups"] = [{"value": uid, "$ref": f"Groups/{uid}", "display": name, "type": "direct"} for uid, name in groups]
    found: Resource[Any] = model.model_validate(said)
    return found


def group_resource(row: ScimGroup, members: list[str] | None, model: type[Resource[Any]]) -> Resource[Any]:
    """A group as identity providers see it; without members where they were left out (None). Nobody in it is an empty list."""
    said = {**row.told, **_meta(row, "Group"), "schemas": [GROUP], "displayName": row.display_name}
    if members is not None:
        said["members"] = [{"value": uid, "$ref": f"Users/{uid}", "type": "User"} for uid in members]
    found: Resource[Any] = model.model_validate(said)
    return found


def version_of(row: ScimUser | ScimGroup) -> str:
    return f'W/"{row.version}"'


def _meta(row: ScimUser | ScimGroup, kind: str) -> dict[str, Any]:
    meta = {
        "resourceType": kind,
        "created": row.created_at,
        "lastModified": row.changed_at,
        "version": version_of(row),
    }
    return {"id": str(row.uid), "meta": meta, **({"externalId": row.external_id} if row.external_id else {})}
