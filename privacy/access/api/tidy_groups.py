"""Members of groups as identity providers write them, in the words of the RFC."""

from typing import Any

from privacy.access.api.description import GROUP
from privacy.access.api.tidy import without_meta, without_ours

_MEMBERS = ("members", f"{GROUP}:members".casefold())


def tidy_group(payload: Any) -> Any:
    """A group as it was sent: members as objects, also where only their identifiers were given."""
    return _with_entries(without_ours(payload)) if isinstance(payload, dict) else payload


def _with_entries(piece: dict[str, Any]) -> dict[str, Any]:
    return {key: _entries(value) if key.casefold() in _MEMBERS else value for key, value in piece.items()}


def tidy_group_patch(payload: Any) -> Any:
    """A PATCH of a group. Members to remove are named by their identifier alone: Entra adds `"$ref": null` to it, others a
    display name, and what is compared too and fits nobody would leave them where they are, with a success for an answer.
    """
    key = next((k for k in payload if k.casefold() == "operations"), None) if isinstance(payload, dict) else None
    if key is None or not isinstance(payload[key], list):
        return payload
    return {**payload, key: [_operation(o) if isinstance(o, dict) else o for o in payload[key]]}


def _operation(operation: dict[str, Any]) -> dict[str, Any]:
    named = {name.casefold(): name for name in operation}
    at = named.get("value")
    if at is None:
        return operation
    path, value = operation.get(named.get("path", ""), ""), operation[at]
    if not path:
        return {**operation, at: _with_entries(without_meta(value)) if isinstance(value, dict) else value}
    if str(path).casefold() not in _MEMBERS:
        return operation
    if str(operation.get(named.get("op", ""), "")).casefold() == "remove" and value is not None:
        return {**operation, at: [_by_identifier(entry) for entry in _as_list(_entries(value))]}
    return {**operation, at: _entries(value)}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _entries(value: Any) -> Any:
    if isinstance(value, dict) and [name.casefold() for name in value] == ["members"]:
        (value,) = value.values()  # Salesforce says the name of the list once more
    if isinstance(value, list):
        return [{"value": entry} if isinstance(entry, str) else entry for entry in value]
    return {"value": value} if isinstance(value, str) else value


def _by_identifier(entry: Any) -> Any:
    if isinstance(entry, dict):
        found = next((item for name, item in entry.items() if name.casefold() == "value" and isinstance(item, str)), None)
        return entry if found is None else {"value": found}
    return entry
