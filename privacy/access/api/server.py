"""One request of an identity provider, from what was sent to the answer. Whatever is sent, the answer is one of SCIM."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from scim2_models import Error, SCIMException
from scim2_server.requests import ScimRequest
from scim2_server.responses import SCIM_MEDIA_TYPE, ScimResponse
from scim2_server.routing import RESERVED_NAMES

from privacy.access.api.bulk import OF_OTHER_WORDS, HouseHandler, Leaving
from privacy.access.api.leaving import LEAVING_ALONE, read_for_leavers, says_left
from privacy.access.api.service import HouseService
from privacy.access.api.storage import HouseStorage
from privacy.access.api.tidy import KeyTwice, check_text, read_json, spelled, tidy_filter, tidy_patch, tidy_user
from privacy.access.api.tidy_groups import tidy_group, tidy_group_patch
from privacy.access.models import ScimClient
from privacy.access.queries.scim import who_had_left

logger = logging.getLogger(__name__)
WRITES = ("POST", "PUT", "PATCH", "DELETE")
_PLACES = {name.casefold(): name for name in RESERVED_NAMES}
# As a user is found: in any case, with or without dashes and braces; a slash of JSON may be escaped.
_UID_IN_PATH = re.compile(rb"users\\?/([0-9a-f{}-]{32,38})", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """A request: path below the root of SCIM, the root as the client writes it, the client behind its token.

    received_at: the instant at which it reached us. clock: the instant now, whenever it is asked.
    """

    method: str
    path: str
    base_url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    client: ScimClient
    received_at: datetime
    clock: Callable[[], datetime]
    had_left: frozenset[str] = field(default_factory=frozenset)


def mentioned_users(path: str, body: bytes) -> set[UUID]:
    """Users that a request names in its path, or in the paths of a bulk request."""
    found = set()
    for text in _UID_IN_PATH.findall(path.encode() + (b" " + body if path.strip("/").startswith("Bulk") else b"")):
        try:
            found.add(UUID(text.decode()))
        except ValueError:
            continue
    return found


def answer(asked: Asked) -> ScimResponse:
    """Serve a request. Never raises; what went wrong is an error of SCIM, without anything of ours or theirs in it."""
    service = HouseService(asked_for=_known(asked.query))
    asked = replace(asked, path=_place(asked.path))
    try:
        for text in (asked.path, *asked.query.keys(), *asked.query.values()):
            check_text(text)
        request = ScimRequest(
            method=asked.method,
            base_url=asked.base_url,
            path=asked.path.removesuffix(".scim"),
            query=service.asked_for,
            headers=asked.headers,
            body=asked.body,
            subject=asked.client,
        )
        service.check_place(request)
        body, extra, left, leaving = _body(asked)
        service.extra = bool(extra)
        request = replace(request, body=body)
        storage = HouseStorage(
            client=asked.client,
            clock=asked.clock,
            received_at=asked.received_at,
            had_left=who_had_left(mentioned_users(asked.path, asked.body), at=asked.received_at)
            if asked.method in WRITES
            else None,
            writing=asked.method in WRITES and not asked.path.rstrip("/").endswith(".search"),
            extra=extra,
        )
        handler = HouseHandler(service, storage, leaving)
        try:
            response = handler.handle(request)
        except SCIMException as exception:
            if heard := handler.hear_leavers(request):
                detail = f"{exception.detail.rstrip('.')}. That people have left was heard all the same: {heard} of them."
                return error(HTTPStatus(exception.status), detail, scim_type=exception.scim_type or None)
            if not left or exception.status not in OF_OTHER_WORDS:
                raise
            # Somebody has left, whatever else was said that cannot be: the answer shows what is true now.
            logger.warning("a leaver is told of with other words that were refused: %s", exception.scim_type)
            response = handler.handle(replace(request, method="PATCH", body=LEAVING_ALONE))
    except Exception as exception:
        return service.error_response(exception)
    response.headers.setdefault("Location", request.url)
    return response


def _known(query: Mapping[str, str]) -> dict[str, str]:
    """Parameters in the spelling of the RFC, whatever their case."""
    names = ("attributes", "excludedAttributes", "filter", "sortBy", "sortOrder", "startIndex", "count", "cursor")
    by_name = {name.casefold(): name for name in names}
    return {by_name.get(key.casefold(), key): _tidy_parameter(key, value) for key, value in query.items()}


def _tidy_parameter(key: str, value: Any) -> Any:
    """A parameter of a search, in the words of the RFC."""
    if not isinstance(value, str):
        return value
    if key.casefold() == "filter":
        return tidy_filter(value)
    return value.lower() if key.casefold() == "sortorder" else value


def _place(path: str) -> str:
    """A path whose own names are spelled as in the RFC, as those of users and groups are found whatever their case."""
    head, *rest = path.strip("/").split("/") if path.strip("/") else [""]
    return "/".join(["", _PLACES.get(head.casefold(), head), *(spelled(rest) if head.casefold() == "schemas" else rest)])


def _body(asked: Asked) -> tuple[bytes, dict[str, Any], bool, Leaving]:
    """The body for the library, read once by us; what was in it of undeclared attributes of the enterprise extension;
    whether it says that a person has left; and where it does so, if it is a bulk request.
    """
    leaving = Leaving()
    if not asked.body or asked.method not in ("POST", "PUT", "PATCH"):
        return asked.body, {}, False, leaving
    HouseService.ensure_json(asked.headers.get("Content-Type"))
    path = asked.path.strip("/").casefold()
    try:
        payload = read_json(asked.body)
    except KeyTwice:
        left, leaving = _leavers_in(asked.method, path, read_for_leavers(asked.body))
        if not left and not leaving.alone:
            raise
        return b"", {}, left, leaving  # refused as an empty body is, and who has left is heard
    extra: dict[str, Any] = {}
    left = False
    if path == "bulk" and asked.method == "POST":
        payload, leaving = _tidy_bulk(payload)
    elif not path.endswith(".search"):
        payload, extra = _tidy(asked.method, path, payload)
        left = path.startswith("users/") and asked.method != "POST" and says_left(asked.method, payload)
    elif isinstance(payload, dict):
        payload = {key: _tidy_parameter(key, value) for key, value in payload.items()}
    return json.dumps(payload).encode(), extra, left, leaving


def _leavers_in(method: str, path: str, payload: Any) -> tuple[bool, Leaving]:
    if path == "bulk" and method == "POST":
        return False, _tidy_bulk(payload)[1]
    if path.startswith("users/") and method != "POST":
        return says_left(method, _tidy(method, path, payload)[0]), Leaving()
    return False, Leaving()


def _tidy(method: str, path: str, payload: Any) -> tuple[Any, dict[str, Any]]:
    if path.startswith("users"):
        return tidy_patch(payload) if method == "PATCH" else tidy_user(payload)
    if path.startswith("groups"):
        tidied = tidy_group_patch(payload) if method == "PATCH" else tidy_group(payload)
        if isinstance(tidied, dict):
            tidied = {key: spelled(value) if key.casefold() == "schemas" else value for key, value in tidied.items()}
        return tidied, {}
    return payload, {}


def _tidy_bulk(payload: Any) -> tuple[Any, Leaving]:
    key = next((k for k in payload if k.casefold() == "operations"), None) if isinstance(payload, dict) else None
    if key is None or not isinstance(payload[key], list):
        return payload, Leaving()
    operations = [_tidy_operation(operation) if isinstance(operation, dict) else operation for operation in payload[key]]
    # To accept no error is what 1 says already: 0 sets no limit, as clients of other servers mean it.
    rest = {name: value for name, value in payload.items() if name.casefold() != "failonerrors" or value != 0}
    return {**rest, key: operations}, Leaving.in_operations(operations)


def _tidy_operation(operation: dict[str, Any]) -> dict[str, Any]:
    named = {name.casefold(): name for name in operation}
    for name, written in (("method", str.upper), ("path", lambda path: path.rstrip("/"))):
        if isinstance(operation.get(named.get(name, "")), str):
            operation = {**operation, named[name]: written(operation[named[name]])}
    if "data" not in named:
        return operation
    method, path = (str(operation.get(named.get(name, ""), "")) for name in ("method", "path"))
    tidied, _ = _tidy(method.upper(), path.lstrip("/").casefold(), operation[named["data"]])
    return {**operation, named["data"]: tidied}


def error(status: HTTPStatus, detail: str, headers: dict[str, str] | None = None, scim_type: str | None = None) -> ScimResponse:
    """An error of SCIM (RFC 7644, 3.12)."""
    return ScimResponse(status, Error(status=status.value, detail=detail, scim_type=scim_type).model_dump(), dict(headers or {}))


def too_large(limit: int) -> ScimResponse:
    return error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is too large: {limit} bytes at most.")


__all__ = ["SCIM_MEDIA_TYPE", "Asked", "answer", "error", "mentioned_users", "too_large"]
