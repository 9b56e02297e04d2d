"""Reading a body once and in one way only, and putting what Okta and Entra send into the words of the RFC."""

import json
from typing import Any

from scim2_models import InvalidSyntaxException, InvalidValueException

from privacy.access.actions.scim_words import ENTERPRISE
from privacy.access.api.description import USER, provider

DEEPEST = 32
_URN = ENTERPRISE.casefold()


def read_json(body: bytes) -> Any:
    """The JSON of a body. Raises InvalidSyntax for whatever two readers could read in two ways (ASVS 1.5.3)."""
    try:
        parsed = json.loads(body, object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, _TwoReadings) else "it is no JSON"
        raise InvalidSyntaxException(detail=f"The body cannot be read: {said}.") from error
    _check(parsed, 0)
    return parsed


class _TwoReadings(ValueError):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Attribute names are one whatever their case, so `active` beside `Active` is a duplicate.
    if len({key.casefold() for key, _ in pairs}) != len(pairs):
        raise _TwoReadings("a key comes twice in one object")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise _TwoReadings(f"{name} is no JSON")


def _check(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise InvalidSyntaxException(detail="The body nests too deeply.")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        for key, item in value.items():
            check_text(key)
            _check(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise InvalidSyntaxException(detail="A number is out of range.")


def check_text(text: str) -> None:
    """Refuse what no database column and no page can hold: NUL, and halves of characters."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidValueException(detail="A text holds a character that cannot be kept.")


def tidy_user(payload: Any) -> tuple[Any, dict[str, Any]]:
    """A user as it was sent, in the words of the RFC; and attributes of the enterprise extension that nobody declared."""
    if not isinstance(payload, dict):
        return payload, {}
    said: dict[str, Any] = {}
    enterprise: dict[str, Any] = {}
    for key, value in payload.items():
        if key.casefold() == _URN:
            if isinstance(value, dict):
                enterprise |= value
            elif value is not None:
                said[key] = value  # of a wrong kind: the library says so
        elif name := _enterprise_name(key):
            enterprise[name] = value
        else:
            said[key] = _boolean(value) if key.casefold() == "active" else value
    enterprise, extra = _split(enterprise)
    if enterprise:
        said[ENTERPRISE] = enterprise
    return said, extra


def _enterprise_name(key: str) -> str:
    """`department` of `urn:…:enterprise:2.0:User:department`, and of the same with a dot; else nothing."""
    return key[len(_URN) + 1 :] if key.casefold().startswith((f"{_URN}:", f"{_URN}.")) else ""


def _declared() -> set[str]:
    schema = next(s for s in provider().schemas if str(s.id) == ENTERPRISE)
    return {str(attribute.name).casefold() for attribute in schema.attributes or []}


def _split(enterprise: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    known: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    for key, value in enterprise.items():
        if key.partition(".")[0].partition("[")[0].casefold() not in _declared():
            extra[key] = value
        else:
            known[key] = _manager(value) if key.casefold() == "manager" else value
    return known, extra


def _manager(value: Any) -> Any:
    """Some send the manager's id alone, and an empty one where there is none."""
    if isinstance(value, str):
        return {"value": value} if value else None
    if isinstance(value, dict) and set(value) <= {"value", "$ref", "displayName"} and value.get("value") == "":
        return None
    return value


def _boolean(value: Any) -> Any:
    """Entra wraps `active` now and then: [{"value": "False"}]."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict) and "value" in value:
        return value["value"]
    return value


def tidy_patch(payload: Any) -> tuple[Any, dict[str, Any]]:
    """A PATCH of a user, in the words of the RFC; and attributes of the enterprise extension that nobody declared."""
    key = next((k for k in payload if k.casefold() == "operations"), None) if isinstance(payload, dict) else None
    if key is None or not isinstance(payload[key], list):
        return payload, {}
    extra: dict[str, Any] = {}
    operations: list[Any] = []
    for operation in payload[key]:
        operations += _tidy_operation(operation, extra) if isinstance(operation, dict) else [operation]
    if not operations and extra:
        # Nothing is left but what is kept beside: a patch that changes nothing else says so with what is true anyway.
        operations = [{"op": "add", "path": "schemas", "value": [USER]}]
    return {**payload, key: operations}, extra


def _tidy_operation(operation: dict[str, Any], extra: dict[str, Any]) -> list[dict[str, Any]]:
    named = {name.casefold(): name for name in operation}
    path = operation.get(named.get("path", ""), "")
    at = named.get("value", "value")
    value = operation.get(at)
    removal = str(operation.get(named.get("op", ""), "")).casefold() == "remove"
    if not isinstance(path, str) or (removal and not path):
        return [operation]
    if path and (path.casefold() == _URN or path.casefold() == USER.casefold()):
        if isinstance(value, dict) and path.casefold() == _URN:
            known, unknown = _split(value)
            extra |= unknown
            return [{**operation, at: known}] if known or not unknown else []
        return [operation]
    if name := _enterprise_name(path):
        known, unknown = _split({name: value})
        if unknown:
            extra |= {name: None if removal else value}
            return []
        changed = {**operation, named["path"]: f"{ENTERPRISE}:{name}"}
        if name.casefold() == "manager" and not removal:
            if known[name] is None:  # told that there is none
                return [{"op": "remove", "path": f"{ENTERPRISE}:manager"}]
            changed[at] = known[name]
        return [changed]
    if path:
        return [{**operation, at: _boolean(value)}] if path.casefold() in ("active", f"{USER}:active".casefold()) else [operation]
    if not isinstance(value, dict):
        return [operation]
    return _without_path(operation, at, value, extra)


def _without_path(operation: dict[str, Any], at: str, value: dict[str, Any], extra: dict[str, Any]) -> list[dict[str, Any]]:
    """An operation without a path: its value is a piece of a user, whose keys may be paths, filters included."""
    plain, by_path = {}, []
    for key, item in value.items():
        if "[" in key and not _enterprise_name(key):
            by_path.append({**{k: v for k, v in operation.items() if k != at}, "path": key, at: item})
        else:
            plain[key] = item
    said, unknown = tidy_user(plain)
    extra |= unknown
    # A patch of what is unknown only is left as it is, so that it is refused.
    left = said or not (by_path or unknown)
    return [*([{**operation, at: said if said else value}] if left else []), *by_path]
