"""The door of identity providers, /scim/v2/: a bearer token, a size, an answer of SCIM. No session, no cookie, no page."""

import hmac
import json
import logging
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from scim2_server.responses import ScimResponse

from customers.doors.addresses import client_address
from privacy.access import actions, queries
from privacy.access.api import SCIM_MEDIA_TYPE, Asked, answer, error, too_large
from privacy.access.api.description import LARGEST_BODY_BYTES
from privacy.access.models import DeniedKind, ScimClient

logger = logging.getLogger(__name__)

REFUSALS_A_MINUTE = 20  # written down, per address; after that the answer is 429 until the minute is over
_PIECE = 64 * 2**10
_MOST_PIECES = 512  # what is too large is read away, so that the client can read the answer
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="SCIM"'}


def scim(request: HttpRequest, path: str) -> HttpResponse:
    """Any request below /scim/v2/, by its path there."""
    try:
        response = _serve(request, path, received_at=timezone.now())
    except DatabaseError:
        logger.exception("the door of SCIM could not reach its database")
        response = error(HTTPStatus.SERVICE_UNAVAILABLE, "Try again in a moment.", {"Retry-After": "5"})
    request.denied_attempt_recorded = True  # type: ignore[attr-defined]
    return _as_http(request, response)


def _serve(request: HttpRequest, path: str, *, received_at: datetime) -> ScimResponse:
    body = _read(request)
    client, wrong = _client(request)
    if client is None:
        return _refuse(request, wrong)
    if body is None:
        return too_large(LARGEST_BODY_BYTES)
    actions.note_use(client, now=received_at, address=client_address(request))
    return answer(
        Asked(
            # HEAD is GET without its body (RFC 9110, 9.3.2), which the server leaves out.
            method="GET" if request.method == "HEAD" else request.method or "GET",
            path=f"/{path}",
            base_url=request.build_absolute_uri("/scim/v2"),
            query=request.GET.dict(),
            headers=dict(request.headers),
            body=body,
            client=client,
            received_at=received_at,
            clock=timezone.now,
        )
    )


def _read(request: HttpRequest) -> bytes | None:
    """The body, or None where it is too large; no more of it than a piece is ever held."""
    pieces, size, count = [], 0, 0
    while count < _MOST_PIECES and (piece := request.read(_PIECE)):
        count += 1
        size += len(piece)
        if size <= LARGEST_BODY_BYTES:
            pieces.append(piece)
    return b"".join(pieces) if size <= LARGEST_BODY_BYTES else None


def _client(request: HttpRequest) -> tuple[ScimClient | None, str]:
    """The client whose token this is; else None, and what was wrong, without anything of the token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.casefold() != "bearer" or not token:
        return None, "no bearer token"
    digest = actions.digest_of(token)
    client = queries.client_of(digest)
    if client is None or not hmac.compare_digest(bytes(client.token_digest), digest):
        return None, "unknown or revoked token"
    return client, ""


def _refuse(request: HttpRequest, why: str) -> ScimResponse:
    now, address = timezone.now(), client_address(request)
    refused = queries.refused_scim_tokens(address=address, since=now - timedelta(minutes=1))
    if refused <= REFUSALS_A_MINUTE:
        kind = DeniedKind.SCIM if refused < REFUSALS_A_MINUTE else DeniedKind.TOO_MANY
        actions.record_denied(kind, now=now, address=address, path=request.path, reason=f"SCIM: {why}")
    if refused >= REFUSALS_A_MINUTE:
        return error(HTTPStatus.TOO_MANY_REQUESTS, "Too many refused tokens. Wait a minute.", {"Retry-After": "60"})
    return error(HTTPStatus.UNAUTHORIZED, "A bearer token of a client at work is needed.", dict(CHALLENGE))


def _as_http(request: HttpRequest, response: ScimResponse) -> HttpResponse:
    body = b"" if response.body is None else json.dumps(response.body).encode()
    made = HttpResponse(body, status=response.status.value)
    accepts = request.headers.get("Accept", "")
    for name, value in response.headers.items():
        # Text of a request may come back in a header (a path): never with a line break.
        made.headers[name] = value if value.isprintable() else ""
    made.headers["Content-Type"] = (
        "application/json" if "application/json" in accepts and "scim+json" not in accepts else SCIM_MEDIA_TYPE
    )
    if not body:
        del made.headers["Content-Type"]
    made._has_been_logged = True  # type: ignore[attr-defined]
    return made
