"""Reports of machines: complaints (RFC 5965), failed deliveries (RFC 3464 and older habits), dispositions (RFC 8098)."""

import re
from typing import Any

from privacy.mailroom.policies.reports.in_words import QUESTION, in_words_only, is_a_mail_systems
from privacy.mailroom.policies.reports.named import LOOKED_AT, whom_it_names
from privacy.mailroom.policies.reports.told import MOST_ADDRESSES, Recipient, Report, addresses_in, recipient_of
from privacy.mailroom.policies.senders import is_automatic, sent_by_nobody
from privacy.mailroom.policies.words import without_tags

ARRIVED = frozenset({"delivered", "relayed", "expanded"})  # what is said of mail that did not fail (RFC 3464, 2.3.3)
_FOR_COMPLAINTS = re.compile(
    r"(\w+[-_.])?(fbl|arf|feedback\w*|scomp|abuse\w*|complaints?|spam\w*|staff|no-?reply|do-?not-?reply|postmaster|jmrp)([-_.+]\w+)?@",
    re.IGNORECASE,
)
_COMPLAINT = re.compile(r"\s*complaint about message from\b", re.IGNORECASE)


def feedback(facts: dict[str, Any]) -> Report | None:
    """A complaint or an opt-out that a mailbox provider passes on (ARF); None where the message is none."""
    groups: list[dict[str, str]] = facts["report"].get("feedback") or []
    of_a_machine = facts["is_report"] or _is_of_a_machine(facts)
    if not of_a_machine:
        groups = []  # a person who passes one on to us has a question about it
    original = facts["original"]
    received_by = _unredacted(original.get("to", []))
    links = list(original.get("list_unsubscribe", []))
    if not groups and facts["report_type"] != "feedback-report":
        # Outlook.com's, in a form of its own.
        if original and of_a_machine and _COMPLAINT.match(without_tags(facts["subject"])):
            return Report("abuse", received_by, unsubscribe_links=links)
        return None
    fields: dict[str, str] = {}
    for group in groups:
        fields = {**group, **fields}
    kind = fields.get("feedback-type", "abuse").split(",")[0].strip().lower()
    told: list[str] = []
    if kind in {"opt-out", "abuse"}:
        told = _unredacted(addresses_in(fields.get("original-rcpt-to", ""))) or received_by
    if kind == "opt-out":
        told = _unredacted(addresses_in(fields.get("removal-recipient", ""))) or told
    return Report(kind, told, unsubscribe_links=links)


def _is_of_a_machine(facts: dict[str, Any]) -> bool:
    """Whether a program sent it: it is known for a robot's, comes from an address for complaints, or says nothing of its own.

    Behind "staff@" and "abuse@" sit people, too: who asks something is one.
    """
    asks = QUESTION.search(facts["text"][:LOOKED_AT])
    office = any(_FOR_COMPLAINTS.match(address) for _, address in facts["from"]) and not asks
    return office or not facts["text"].strip() or is_a_mail_systems(facts) or bool(is_automatic(facts))


def _unredacted(addresses: list[str]) -> list[str]:
    """Those that are somebody's, each once: many providers write "redacted@example.net" into a complaint."""
    return [address for address in dict.fromkeys(addresses) if not address.lower().startswith("redacted")][:MOST_ADDRESSES]


def bounced(facts: dict[str, Any]) -> Report | None:
    """A delivery or disposition notification, also in forms older than the standards; None where the message is none."""
    report, kind = facts["report"], facts["report_type"]
    from_system = is_a_mail_systems(facts)
    from_machine = from_system or sent_by_nobody(facts["headers"])
    if not facts["is_report"] and not from_machine:
        # A person who passes one on to us has a question about it. A receipt comes from who read the mail.
        report = {"disposition": report["disposition"]} if _is_about_its_sender(facts) else {}
    if "delivery" in report or kind == "delivery-status":
        return _of_a_delivery(report.get("delivery") or [], facts)
    if "disposition" in report or kind == "disposition-notification":
        fields = _last_group(report.get("disposition") or [], "final-recipient", "original-recipient")
        told = addresses_in(fields.get("original-recipient", "") or fields.get("final-recipient", ""))
        return Report("disposition", told, fields.get("disposition", "").split(";")[-1].strip()[:40])
    failed = facts["headers"].get("x-failed-recipients")
    if failed:
        return Report("delivery", addresses_in(" ".join(failed)) or whom_it_names(facts), "failed")
    return in_words_only(facts, from_system=from_system, from_machine=from_machine)


def _of_a_delivery(groups: list[dict[str, str]], facts: dict[str, Any]) -> Report:
    """What a delivery notification says of each recipient in turn (RFC 3464, 2.3)."""
    told = [
        Recipient(address, *_action_and_status(group)) for group in groups for address in recipient_of(group)[:MOST_ADDRESSES]
    ]
    if not told:
        return Report("delivery", whom_it_names(facts))
    failed = [one for one in dict.fromkeys(told) if not _arrived(one)]
    return Report("delivery", [one.address for one in failed], each=failed, arrived=sum(map(_arrived, told)))


def _arrived(one: Recipient) -> bool:
    return one.action in ARRIVED or (not one.action and one.status.startswith("2"))


def _action_and_status(group: dict[str, str]) -> tuple[str, str]:
    """Both as codes, without what some programs add in words."""
    action = re.match(r"[a-z-]{0,40}", group.get("action", "").strip().lower())
    said = action[0] if action else ""
    found = re.search(r"(?<![\w.])[245]\.\d{1,3}\.\d{1,3}(?![\w.])", group.get("status", "")[:200])
    status = found[0] if found else group.get("status", "")[:40]
    return said, "" if said and said not in ARRIVED and status.startswith("2") else status


def _is_about_its_sender(facts: dict[str, Any]) -> bool:
    """Whether a disposition notification says of its own sender what they did with a mail."""
    said = _last_group(facts["report"].get("disposition") or [], "final-recipient")
    senders = {address.lower() for _, address in facts["from"]}
    return any(address.lower() in senders for address in addresses_in(said.get("final-recipient", "")))


def _last_group(groups: list[dict[str, str]], *names: str) -> dict[str, str]:
    return next((group for group in reversed(groups) if any(name in group for name in names)), {})
