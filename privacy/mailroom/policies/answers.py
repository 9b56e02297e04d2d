"""What mail programs and guards of mailboxes say in plain words, with no header that tells it from a person's mail.

A receipt ("Your message was read on …") and a challenge ("To release your message for delivery, please …"). A person's wish must
not be taken for one: only wording that nobody writes by hand counts, in the text's own lines and near its beginning; for a
receipt the subject has to be one, too.
"""

import re
from typing import Any

from privacy.mailroom.policies.words import own_text

LOOKED_AT = 1_500  # characters
_RECEIPT_SUBJECT = re.compile(
    r"\s*((not )?read|return receipt|read receipt|(un)?gelesen|ungelesen gelöscht|lesebestätigung|(non )?lu|(no )?leído|"
    r"(non )?letto|(não )?lida|(niet )?gelezen|(o)?läst|(u)?læst|(ikke )?lest|luettu|przeczytano|přečteno)\s*[:：(]"
    r"|\s*return receipt\s*$",
    re.IGNORECASE,
)
_RECEIPT = re.compile(
    r"\bwas read (on|at) |\bwas deleted without being read\b|\b(has been|was) displayed on (the recipient|\d)|"
    r"\breturn receipt for the (mail|message)\b|\breceipt for the mail you sent\b|\byour document: .{0,300} was received by: |"
    r"\bwurde am .{0,80}\bgelesen\b|\bwurde ungelesen gelöscht\b|\ba été (lu|supprimé sans être lu) |\b(se leyó|fue leído) el |"
    r"\b(è stato letto|è stata letta)\b|\bfoi lida? (em|na|no|às) |\bis gelezen op\b|\b(lästes|läst) den |\bblev læst\b",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"\bto release your message for delivery, please\b|"
    r"\bprotecting (myself|himself|herself|themselves) from receiving (junk mail|spam)\b|"
    r"\bplease click (on )?the (link|button) below to complete the verification\b|"
    r"\byour (e-?mail|message)\b.{0,200}\b(was|has been) waitlisted\b.{0,200}\bguest list\b|"
    r"\byour (e-?mail|message) has been (put in a queue|held|quarantined) and is awaiting your confirmation\b|"
    r"\b(reply|respond) to this (challenge|confirmation request) (to|so that) .{0,60}\bdelivered\b|"
    r"\byour (e-?mail|message) (will|can)(not| not) be delivered until you (confirm|verify|click|reply)\b",
    re.IGNORECASE,
)
_CHALLENGING = ("x-askversion", "x-spamarrest-noauth")


def answered_by_a_program(facts: dict[str, Any]) -> str:
    """Why this is a mail program's receipt or a mailbox guard's challenge; empty where it is not plainly one."""
    said = " ".join(own_text(facts["text"])[:LOOKED_AT].split())
    if _RECEIPT_SUBJECT.match(facts["subject"]) and _RECEIPT.search(said):
        return "a receipt in words"
    if any(name in facts["headers"] for name in _CHALLENGING) or _CHALLENGE.search(said):
        return "a challenge to the sender"
    return ""
