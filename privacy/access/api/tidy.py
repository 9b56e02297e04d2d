"""Reading a body once and in one way only, and putting what Okta and Entra send into the words of the RFC."""

import json
import re
from functools import cache
from typing import Any

from scim2_models import InvalidSyntaxException, InvalidValueException

from privacy.access.actions.scim_words import ENTERPRISE
from privacy.access.api.description import GROUP, USER, provider

DEEPEST = 32
_URN = ENTERPRISE.casefold()
_OURS = ("id", "meta", "groups")
_QUOTED = re.compile(r'("(?:[^"\\]|\\.)*")')
_MANAGER = re.compile(r"(?<![\w.:$-])manager(?:\.value)?(?=\s+(?:eq|ne|pr)\b)", re.IGNORECASE)


class KeyTwice(InvalidSyntaxException):  # type: ignore[misc]
    """A key comes twice in one object: some readers take its first value, others its last."""


def read_json(body: bytes) -> Any:
    """The JSON of a body. Raises InvalidSyntax, and KeyTwice, for whatever two readers could read in two ways (ASVS 1.5.3)."""
    try:
        # UTF-8 and nothing else (RFC 8259, 8.1): json.loads would guess at UTF-16 and UTF-32, which others do not.
        parsed = json.loads(body.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, _TwoReadings) else "it is no JSON"
        if isinstance(error, _Twice):
            raise KeyTwice(detail=f"The body cannot be read: {said}.") from error
        raise InvalidSyntaxException(detail=f"The body cannot be read: {said}.") from error
    _check(parsed, 0)
    return parsed


class _TwoReadings(ValueError):
    pass


class _Twice(_TwoReadings):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Attribute names are one whatever their case, so `active` beside `Active` is a duplicate.
    if len({key.casefold() for key, _ in pairs}) != len(pairs):
        raise _Twice("a key comes twice in one object")
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


def without_ours(resource: dict[str, Any]) -> dict[str, Any]:
    """A whole resource without what only this server says of it: that is ignored, whatever it is (RFC 7644, 3.3 and 3.5.1)."""
    return {key: value for key, value in resource.items() if key.casefold() not in _OURS}


def without_meta(piece: dict[str, Any]) -> dict[str, Any]:
    """A piece of a resource without its `meta`, which is ignored in what clients send (RFC 7643, 3.1): some send back all that
    they read. Where it is all there is, it stays and is refused: nothing says that it was changed.
    """
    return {key: value for key, value in piece.items() if key.casefold() != "meta"} or piece


def tidy_user(payload: Any) -> tuple[Any, dict[str, Any]]:
    """A user as it was sent, in the words of the RFC; and attributes of the enterprise extension that nobody declared."""
    return _in_words(without_ours(payload)) if isinstance(payload, dict) else (payload, {})


def _in_words(payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
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
        elif key.casefold() == "schemas":
            said[key] = spelled(value)
        elif key.casefold() != "active" or value is not None:  # without a value it says nothing, as if it were left out
            said[key] = _bare(value) if is_single(key) else value
    enterprise, extra = _split(enterprise)
    if enterprise:
        said[ENTERPRISE] = enterprise
    return said, extra


def spelled(schemas: Any) -> Any:
    """Names of schemas in the spelling of the RFC: they are one whatever their case (RFC 8141, 3.1; RFC 7643, 2.1)."""
    known = {urn.casefold(): urn for urn in (USER, GROUP, ENTERPRISE)}
    if not isinstance(schemas, list):
        return schemas
    return [known.get(urn.casefold(), urn) if isinstance(urn, str) else urn for urn in schemas]


def _enterprise_name(key: str) -> str:
    """`department` of `urn:…:enterprise:2.0:User:department`, and of the same with a dot; else nothing.

    Entra also writes `manager` alone, which is an attribute of no other schema here.
    """
    if key.casefold().partition(".")[0] == "manager":
        return key
    return key[len(_URN) + 1 :] if key.casefold().startswith((f"{_URN}:", f"{_URN}.")) else ""


def tidy_filter(text: str) -> str:
    """A filter with `manager`, as Entra asks who somebody's manager is, in the words of the RFC."""
    parts = _QUOTED.split(text)
    return "".join(part if part.startswith('"') else _MANAGER.sub(f"{ENTERPRISE}:manager.value", part) for part in parts)


@cache
def _singles() -> frozenset[str]:
    """Attributes of users that hold one plain value."""
    schema = next(s for s in provider().schemas if str(s.id) == USER)
    plain = [a for a in schema.attributes or [] if not a.multi_valued and not a.sub_attributes]
    return frozenset(str(a.name).casefold() for a in plain)


def is_single(path: str) -> bool:
    """Whether a path names one plain value: an attribute, or a part of one."""
    name = path.casefold().removeprefix(f"{USER}:".casefold())
    return name in _singles() or "." in name.rpartition("]")[2]


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
    """Some send the manager's id alone, an empty one where there is none, or a list of one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return {"value": value} if value else None
    if isinstance(value, dict) and set(value) <= {"value", "$ref", "displayName"} and value.get("value") == "":
        return None
    return value


def _bare(value: Any) -> Any:
    """Entra wraps single values now and then: [{"$ref": null, "value": "False"}]."""
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
        if removal:
            changed.pop(at, None)
        elif name.casefold() == "manager":
            if known[name] is None:  # told that there is none
                return [{"op": "remove", "path": f"{ENTERPRISE}:manager"}]
            changed[at] = known[name]
        elif at in operation:
            changed[at] = _bare(known[name])
        return [changed]
    if path:
        if removal:
            return [_tidy_removal(operation, path, at)]
        return [{**operation, at: _bare(value)}] if at in operation and is_single(path) else [operation]
    if not isinstance(value, dict):
        return [operation]
    return _without_path(operation, at, value, extra)


def _tidy_removal(operation: dict[str, Any], path: str, at: str) -> dict[str, Any]:
    """A removal by its path, beside which a value says nothing (RFC 7644, 3.5.2.2), though Entra tells what was there. Only of a
    whole list it says which values are meant.
    """
    if is_single(path) or path.rstrip().endswith("]"):
        return {key: item for key, item in operation.items() if key != at}
    value = operation.get(at)
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | dict):
        return operation
    return {**operation, at: _without_nothing(value)}


def _without_nothing(value: Any) -> Any:
    """What is to be removed, named by what was said of it: `"$ref": null` says nothing."""
    if isinstance(value, list):
        return [{"value": entry} if isinstance(entry, str) else _without_nothing(entry) for entry in value]
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


def _without_path(operation: dict[str, Any], at: str, value: dict[str, Any], extra: dict[str, Any]) -> list[dict[str, Any]]:
    """An operation without a path: its value is a piece of a user, whose keys may be paths, filters included."""
    plain, by_path = {}, []
    for key, item in value.items():
        if "[" in key and not _enterprise_name(key):
            by_path.append({**{k: v for k, v in operation.items() if k != at}, "path": key, at: item})
        else:
            plain[key] = item
    said, unknown = _in_words(without_meta(plain))
    extra |= unknown
    # A patch of what is unknown only is left as it is, so that it is refused.
    left = said or not (by_path or unknown)
    return [*([{**operation, at: said if said else value}] if left else []), *by_path]
