"""What a machine's report tells, and the addresses of its typed fields (RFC 3464, RFC 6533)."""

import re
import sys
from dataclasses import dataclass, field

MOST_ADDRESSES = 200  # as many as the reader lets through (`parsing.MOST_REPORTED`)
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]]{1,253}")
_UTF_8 = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")


@dataclass(frozen=True)
class Recipient:
    """address: whose mail it was. action, status: what became of it, as reported; no status of success beside a failure."""

    address: str
    action: str = ""
    status: str = ""


@dataclass(frozen=True)
class Report:
    """kind: Feedback-Type, or "delivery" or "disposition". recipients: whom it is about. action, status: as reported of them all.

    each: the same where it says of each recipient what became of their mail; without those to whom it came, who are `arrived`.
    """

    kind: str
    recipients: list[str] = field(default_factory=list)
    action: str = ""
    status: str = ""
    unsubscribe_links: list[str] = field(default_factory=list)
    each: list[Recipient] = field(default_factory=list)
    arrived: int = 0

    @property
    def undelivered(self) -> list[Recipient]:
        """Everybody whose mail did not come; one without an address where nobody is named. None where all of it came."""
        if self.each or self.arrived:
            return self.each
        return [Recipient(address, self.action, self.status) for address in self.recipients or [""]]


def addresses_in(value: str) -> list[str]:
    """Addresses of a typed field ("rfc822; ann@example.com", "utf-8; f\\x{FC}nf@example.com", RFC 6533)."""
    value = _UTF_8.sub(_as_written, value)
    return [
        re.sub(r"^smtp[:=]", "", address.strip(".<>'"), flags=re.IGNORECASE)
        for address in _ADDRESS.findall(value.replace(";", " "))
    ][:MOST_ADDRESSES]


def _as_written(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if code > sys.maxunicode or 0xD800 <= code <= 0xDFFF else chr(code)


def recipient_of(group: dict[str, str]) -> list[str]:
    return addresses_in(group.get("original-recipient", "") or group.get("final-recipient", ""))
