"""What the web server refuses before the application sees it (a header that is too long, a body that never ends).

Identity providers are answered in words of SCIM there, too (RFC 7644, 3.12); everybody else in waitress' plain text. No more is
kept for this than the first bytes of a request.
"""

import json
import re

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask

_KEPT_BYTES = 256
_TO_SCIM = re.compile(rb"\s*[A-Z]+ (?:https?://[^/ ]*)?/scim/")


class Parser(HTTPRequestParser):
    """first: the first bytes of the request, which waitress forgets when it refuses one."""

    first = b""

    def received(self, data: bytes) -> int:
        if len(self.first) < _KEPT_BYTES:
            self.first += data[: _KEPT_BYTES - len(self.first)]
        consumed: int = super().received(data)
        return consumed


class Refusal(ErrorTask):
    """The answer to a request that cannot be read."""

    def execute(self) -> None:
        if not _TO_SCIM.match(self.request.first):
            super().execute()
            return
        error = self.request.error
        said = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": str(error.code),
            "detail": f"{error.reason}. Filters are read up to 4,000 characters.",
        }
        body = json.dumps(said).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/scim+json"))
        self.content_length = len(body)
        self.set_close_on_finish()
        self.write(body)


class Channel(HTTPChannel):
    """A connection whose refusals are ours."""

    parser_class = Parser
    error_task_class = Refusal
