"""The word that somebody has left, wherever in a request it stands. It is never held up by the words around it."""

import json
from typing import Any

from privacy.access.api.description import USER

_ACTIVE = ("active", f"{USER}:active".casefold())
_NO = frozenset({"false", "f", "no", "n", "off", "0"})
LEAVING = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "path": "active", "value": False}],
}
LEAVING_ALONE = json.dumps(LEAVING).encode()


def read_for_leavers(body: bytes) -> Any:
    """A body in which keys come twice, each with that of its values which says that somebody has left, else the last.

    Only to ask whether somebody has left: whoever wrote it may have meant any of its readings, and leaving wins.
    """

    def one(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        values: dict[str, list[Any]] = {}
        for key, value in pairs:
            values.setdefault(key.casefold(), []).append(value)
        return {key: next(filter(_sounds_like_leaving, said), said[-1]) for key, said in values.items()}

    return json.loads(body.decode("utf-8-sig"), object_pairs_hook=one)


def _sounds_like_leaving(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_sounds_like_leaving, value))
    if isinstance(value, dict):
        return _no_in(value) is True or any(_sounds_like_leaving(value.get(key)) for key in ("value", "operations", "data"))
    return _is_no(value) or str(value).casefold() in _ACTIVE


def says_left(method: str, payload: Any) -> bool:
    """Whether a PUT or PATCH of a user (in tidy words) says in the end that the person is not active."""
    if not isinstance(payload, dict):
        return False
    if method == "PUT":
        return _no_in(payload) is True
    operations = next((value for key, value in payload.items() if key.casefold() == "operations"), None)
    said = None
    for operation in operations if isinstance(operations, list) else []:
        word = _word_of(operation) if isinstance(operation, dict) else None
        said = said if word is None else word
    return said is True


def _word_of(operation: dict[str, Any]) -> bool | None:
    named = {name.casefold(): value for name, value in operation.items()}
    if str(named.get("op", "")).casefold() not in ("add", "replace"):
        return None
    path, value = named.get("path"), named.get("value")
    if not path:
        return _no_in(value) if isinstance(value, dict) else None
    return _is_no(value) if str(path).casefold() in _ACTIVE else None


def _no_in(user: dict[str, Any]) -> bool | None:
    said = [value for key, value in user.items() if key.casefold() in _ACTIVE]
    return _is_no(said[-1]) if said else None


def _is_no(value: Any) -> bool:
    return value is False or str(value).strip().casefold() in _NO
