"""scim2-client over httpx, for servers that may be slow, huge or wrong: bounded in time and size, every answer written down."""

import hashlib
import json
import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from scim2_client import BaseSyncSCIMClient
from scim2_client.errors import SCIMClientException
from scim2_models import Group, SCIMException, ScimProvider, User

from privacy.access.gateways.protocol import CONNECT_SECONDS, AskedToWait, Budget, NoDoor, SystemSilent, Transcript, Unreachable

LARGEST_ANSWER_BYTES = 16 * 1024 * 1024
SHOWN_BYTES = 4 * 1024
_PROVIDER = ScimProvider(models=[User, Group])
_SAYS_LATER = {401, 429, 500, 502, 503, 504}  # of the system as a whole: nothing else would be answered either
_HERE = {"127.0.0.1", "localhost", "::1"}


@cache
def _authorities() -> ssl.SSLContext:
    """Whom to trust for certificates; read once, because that takes longer than a request."""
    return httpx.create_ssl_context()


class NotDone(Exception):
    """The system refused this one request, or answered what makes no sense; str() is a sentence."""

    def __init__(self, sentence: str, *, filter_unknown: bool = False) -> None:
        super().__init__(sentence)
        self.filter_unknown = filter_unknown  # it may know the request's kind, but not this filter


@dataclass(frozen=True)
class Raw:
    """What scim2-client needs of an answer."""

    status_code: int
    headers: httpx.Headers
    text: str


class HttpxScimClient(BaseSyncSCIMClient):
    """Requests and answers are dicts: what a server may leave out or add is judged by who asks, not by a schema.

    Of an answer that lists who else is in a group, only the length and the digest get into the transcript.
    """

    def __init__(self, address: str, token: str, log: Transcript, budget: Budget) -> None:
        super().__init__(provider=_PROVIDER, check_request_payload=False, check_response_payload=False)
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
            raise NoDoor("Its address must begin with https://: the token would travel in clear.")
        self.log, self.budget = log, budget
        self._base = address.rstrip("/")
        self._last: Raw | None = None
        headers = {"Accept": "application/scim+json, application/json", "User-Agent": "lumens-admin"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(headers=headers, follow_redirects=False, trust_env=False, verify=_authorities())

    def close(self) -> None:
        self._http.close()

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return not urlsplit(endpoint).netloc

    def request(self, method: str, url: str, **kwargs: Any) -> Raw:
        """One request. Raises SystemSilent."""
        if "json" in kwargs:
            kwargs["content"] = json.dumps(kwargs.pop("json"), ensure_ascii=False).encode()
            kwargs["headers"] = {"Content-Type": "application/scim+json"}
        step = self.budget.left()
        sent = self._http.build_request(
            method, f"{self._base}/{url.lstrip('/')}", timeout=httpx.Timeout(step, connect=min(step, CONNECT_SECONDS)), **kwargs
        )
        self.log.asked(f"{method} {sent.url.raw_path.decode()} {sent.content.decode()}")
        try:
            answer = self._http.send(sent, stream=True)
            try:
                body = self._read(answer)
            finally:
                answer.close()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise Unreachable(f"It could not be reached: {self.log.clean(str(error))}") from None
        except httpx.HTTPError as error:
            raise SystemSilent(f"It did not answer: {self.log.clean(str(error)) or type(error).__name__}") from None
        self._last = Raw(answer.status_code, answer.headers, body.decode(errors="replace"))
        self._show(sent, self._last)
        return self._last

    def _read(self, answer: httpx.Response) -> bytes:
        """The body, as long as it is neither too large nor too slow: a server may send a byte now and then for ever."""
        body = bytearray()
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER_BYTES:
                raise SystemSilent(f"Its answer is larger than {LARGEST_ANSWER_BYTES // 1024 // 1024} MB.")
            self.budget.left()
        return bytes(body)

    # --- what the door asks -----------------------------------------------------------------------------

    def get(self, kind: type[User] | type[Group], key: str) -> dict[str, Any] | None:
        """A user or a group by its identifier; None where there is none. Raises NotDone, SystemSilent."""
        return self._call("query", kind, key, {"attributes": "userName,active"} if kind is User else {})

    def find(
        self, kind: type[User] | type[Group], where: str, *, start: int = 1, count: int = 100, **more: str
    ) -> dict[str, Any]:
        """A list of what fits. Raises NotDone, SystemSilent."""
        asked = {"filter": where, "startIndex": str(start), "count": str(count), **more}
        found = self._call("query", kind, None, {key: value for key, value in asked.items() if value}) or {}
        if not isinstance(found.get("totalResults"), int) or not isinstance(found.get("Resources", []), list):
            raise NotDone("Its answer is not a list of SCIM.")
        return found

    def add(self, kind: type[User], resource: dict[str, Any]) -> dict[str, Any]:
        """Create. Raises NotDone, SystemSilent."""
        return self._call("create", kind, {"schemas": [str(kind.__schema__)], **resource}, url=f"/{kind.__name__}s") or {}

    def patch(self, kind: type[User] | type[Group], key: str, *operations: dict[str, Any]) -> bool:
        """Change; False where it is not there. Raises NotDone, SystemSilent."""
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}
        return self._call("modify", kind, key, body, absent=False) is not False

    def _call(self, verb: str, *arguments: Any, absent: Any = None, **more: str) -> Any:
        self._last = None
        said = ""
        answer = None
        try:
            answer = getattr(self, verb)(*arguments, expected_status_codes=None, **more)
        except (SCIMClientException, SCIMException) as error:
            said = self.log.clean(str(error))[:200]
        status = self._last.status_code if self._last is not None else 0
        if status == 404:
            return absent
        if status in _SAYS_LATER:
            if status == 401:
                raise Unreachable("It does not accept our token.")
            seconds = _seconds_to_wait(self._last) if status in (429, 503) else None
            if seconds is not None:
                raise AskedToWait(f"It answered {status}, and to come back in {seconds:.0f} seconds.", seconds)
            raise SystemSilent(f"It answered {status}.")
        if said or not 200 <= status < 300:
            detail = answer.get("detail") if isinstance(answer, dict) else said
            sentence = f"It answered {status}: {self.log.clean(str(detail or ''))[:200]}"
            raise NotDone(sentence, filter_unknown=verb == "query" and status in (400, 403, 501))
        if answer is not None and not isinstance(answer, dict):
            raise NotDone("It answered something else than SCIM.")
        return answer

    def _show(self, sent: httpx.Request, raw: Raw) -> None:
        """Into the transcript: all of it, except who else is in a group."""
        lists_others = sent.method == "GET" and "/Groups" in sent.url.path
        if lists_others or len(raw.text) > SHOWN_BYTES:
            digest = hashlib.sha256(raw.text.encode()).hexdigest()
            self.log.answered(f"{raw.status_code} ({len(raw.text)} characters, sha256 {digest})")
        else:
            self.log.answered(f"{raw.status_code} {raw.text}")


def _seconds_to_wait(raw: Raw | None) -> float | None:
    """What `Retry-After` says, a number or a date of HTTP, as seconds from now; None where it says nothing that can be read."""
    said = raw.headers.get("Retry-After", "").strip() if raw is not None else ""
    if said.isascii() and said.isdecimal():
        return float(said[:9])
    try:
        until = parsedate_to_datetime(said)
        their_now = parsedate_to_datetime(raw.headers["Date"]) if raw is not None else until
    except (KeyError, ValueError, TypeError):
        return None
    return max(0.0, (until - their_now).total_seconds())
