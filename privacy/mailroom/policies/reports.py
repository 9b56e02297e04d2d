"""Reports of machines: complaints (RFC 5965), failed deliveries (RFC 3464 and older habits), dispositions (RFC 8098)."""

import re
from dataclasses import dataclass, field
from typing import Any

MOST_ADDRESSES = 50
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]]{1,253}")
_BOUNCE_SENDER = re.compile(r"(mailer[-_.]?daemon|mail-daemon|postmaster|microsoftexchange\w*)@", re.IGNORECASE)
_BOUNCE_SUBJECT = re.compile(
    r"\s*(re:\s*)?(undeliver(ed|able)|delivery (status )?notification|delivery (has )?fail|"
    r"mail delivery (failed|failure|problem|subsystem)|failure notice|failed mail|returned mail|mail returned|"
    r"message (not delivered|undeliverable)|non[- ]?deliver|unzustellbar|"
    r"nicht (zugestellt|zustellbar)|échec de (la )?remise|non remis|impossible de remettre|no se puede entregar|"
    r"retorno de correo|não é possível entregar|non recapitabile|mancato recapito|onbestelbaar|niet[ -]bezorgbaar|"
    r"mail system error|warning: (message|could not)|delayed mail|message delivery has been delayed|message status|rejected:|"
    r"mail could not be delivered|nondeliverable|user unknown|mail status report|delivery (error|report))",
    re.IGNORECASE,
)  # fmt: skip


@dataclass(frozen=True)
class Report:
    """kind: Feedback-Type, or "delivery" or "disposition". recipients: whom it is about. action, status: as reported."""

    kind: str
    recipients: list[str] = field(default_factory=list)
    action: str = ""
    status: str = ""
    unsubscribe_links: list[str] = field(default_factory=list)


def feedback(facts: dict[str, Any]) -> Report | None:
    """A complaint or an opt-out that a mailbox provider passes on (ARF); None where the message is none."""
    groups: list[dict[str, str]] = facts["report"].get("feedback") or []
    if not groups and facts["report_type"] != "feedback-report":
        return None
    fields: dict[str, str] = {}
    for group in groups:
        fields = {**group, **fields}
    kind = fields.get("feedback-type", "abuse").strip().lower()
    original = facts["original"]
    if kind == "opt-out":
        told = _addresses(fields.get("removal-recipient", ""))
    elif kind == "abuse":
        told = _addresses(fields.get("original-rcpt-to", "")) or list(original.get("to", []))
    else:
        told = []
    return Report(kind, told[:MOST_ADDRESSES], unsubscribe_links=list(original.get("list_unsubscribe", [])))


def bounced(facts: dict[str, Any]) -> Report | None:
    """A delivery or disposition notification, also in forms older than the standards; None where the message is none."""
    report, kind = facts["report"], facts["report_type"]
    from_machine = any(_BOUNCE_SENDER.match(address) for _, address in facts["from"]) or (
        [value.replace(" ", "") for value in facts["headers"].get("return-path", [])] == ["<>"]
    )
    if not facts["is_report"] and not from_machine:
        report = {}  # a person who passes one on to us has a question about it
    if "delivery" in report or kind == "delivery-status":
        fields = _last_group(report.get("delivery") or [], "final-recipient", "original-recipient")
        told = [
            address
            for group in report.get("delivery") or []
            for address in _addresses(group.get("original-recipient", "") or group.get("final-recipient", ""))
        ]
        return Report("delivery", told[:MOST_ADDRESSES], fields.get("action", "")[:40], fields.get("status", "")[:40])
    if "disposition" in report or kind == "disposition-notification":
        fields = _last_group(report.get("disposition") or [], "final-recipient", "original-recipient")
        told = _addresses(fields.get("original-recipient", "") or fields.get("final-recipient", ""))
        return Report("disposition", told, fields.get("disposition", "").split(";")[-1].strip()[:40])
    failed = facts["headers"].get("x-failed-recipients")
    if failed:
        return Report("delivery", _addresses(" ".join(failed)), "failed")
    if from_machine and _BOUNCE_SUBJECT.match(facts["subject"]):
        return Report("delivery", _named_in_text(facts["text"]), "failed", _status_in_text(facts["text"]))
    return None


def _last_group(groups: list[dict[str, str]], *names: str) -> dict[str, str]:
    return next((group for group in reversed(groups) if any(name in group for name in names)), {})


def _addresses(value: str) -> list[str]:
    """Addresses of a typed field ("rfc822; ann@example.com")."""
    return [address.strip(".<>") for address in _ADDRESS.findall(value.replace(";", " "))][:MOST_ADDRESSES]


def _named_in_text(text: str) -> list[str]:
    """The first address that a bounce of the old kind names on a line of its own ("<ann@example.com>:")."""
    for line in text.splitlines()[:60]:
        match = re.match(r"\s*<?([^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]]{1,253})>?:?\s*(\.\.\.|$|\()", line[:400])
        if match:
            return [match[1]]
    return []


def _status_in_text(text: str) -> str:
    match = re.search(r"\b([245]\.\d{1,3}\.\d{1,3})\b", text[:5000])
    return match[1] if match else ""
