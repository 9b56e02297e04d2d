"""Whom a notice without proper fields is about, and what became of their mail."""

import re
from typing import Any

from privacy.mailroom.policies.reports.told import MOST_ADDRESSES, addresses_in, recipient_of

BOUNCE_SENDER = re.compile(
    r"\W*(mailer[-_.]?daemon|mail-daemon|mdaemon|post[-_.]?master|microsoftexchange\w*|mail[-_.]?delivery[-_.]?(sub)?system|"
    r"system[-_. ]?administrator)\W*@",
    re.IGNORECASE,
)
# What no person writes, but programs that send mail back do, whoever they say they are.
FORMULA = re.compile(
    r"message\s+was\s+created\s+automatically\s+by\s+(the\s+)?mail\s+(delivery|system)|"
    r"could\s+not\s+be\s+delivered\s+to(\s+the\s+following|\s+one\s+or\s+more|:\s+<?\S{1,320}@|"
    r"[ \t]*\n\s*<?(?=[^\s@]{1,64}@\S{1,255}\s*$))|^\W*this\s+is\s+the\s+mail\s+system\s+at\s+host\b|"
    r"did\s+not\s+reach\s+the\s+following\s+recipient|could\s+not\s+deliver\s+(the\s+)?message\s+to\s+the\s+following|"
    r"failed\s+recipients?\b.{0,12}[:\n]|delivery\s+has\s+failed\s+to\s+these\s+recipients|"
    r"delivery\s+to\s+the\s+following\s+recipients?.{0,10}\s+fail|"
    r"following\s+address(es)?(\s?\(es\))?\s+(failed|had\s+(permanent|transient))|"
    r"message\s+wasn['’]t\s+delivered\s+to\s+\S+@\S+\s+because|^\W*unable\s+to\s+deliver\s+(your\s+)?message\s+to\b",
    re.IGNORECASE | re.MULTILINE,
)
# Programs of old universities and providers give the name that they know somebody by, and no address.
_GIVES_A_NAME = re.compile(
    r"message not delivered to the following:[ \t]*\n\s*[^\s@]{1,64}[ \t]{2,}[^@\n]{1,200}$|"
    r"mail to the following recipients could not be delivered\b[^:]{0,200}:[ \t]*\n\s*(?P<local>[\w.-]{1,64})[ \t]*$|"
    r"mail cannot be delivered to the following address(\(es\))?:[ \t]*\n\s*[^\s@]{1,64}[ \t][^@\n]{1,200}$",
    re.IGNORECASE | re.MULTILINE,
)
_NAMES_ARE_OF = ("aol.com",)  # whose names are the local parts of their addresses
_FROM_US = re.compile(r"\bmail from:?\s+<?\S{1,320}", re.IGNORECASE)
# Behind such a line stands the message that came back.
_COMES_BACK = re.compile(
    r"\s*>*\s*(received|return-path):|"
    r".*\b(original message|copy of (the|your) message|returned (mail|message)|message headers)\b",
    re.IGNORECASE,
)
_HEADER_OF_A_PROGRAM = re.compile(r"\W*(x-[\w-]{1,60}|user-agent|received|mime-version)\s*:", re.IGNORECASE)
# Before an address that a notice gives as an example of how addresses are written; before one whose mail it is about.
_EXAMPLE = re.compile(
    r"\b(forms?|formats?)\b.{0,80}\b(is|are)\W{0,3}$|\b(for example|e\.g\.|such as|of the form|instead of|rather than)\W{0,3}$",
    re.IGNORECASE,
)
_WHOSE = re.compile(
    r"\b(unknown (user|recipient|address)|user unknown|no such (user|mailbox|address)|quota (violation|exceeded) for|"
    r"mailbox full for|deliver (your |the |this )?(message|mail|e-?mail) to)\W{0,4}$",
    re.IGNORECASE,
)
MOST_LINES = 80  # of a text in which somebody is looked for
LOOKED_AT = 3_000  # characters of a text in which a mail system says what became of a message


def whom_it_names(facts: dict[str, Any]) -> list[str]:
    """Whom a notice without proper fields is about; neither the mail system nor one of us.

    Whom the report that it encloses names. Else every address on a line of its own ("<ann@example.com>:"), else the first that
    its text names, else whom the message that it encloses was sent to. Where it says "did not reach the following recipient",
    whom it names behind that counts first. Nobody, where it gives a name without an address.
    """
    if reported := [address for group in facts["original"].get("reported", []) for address in recipient_of(group)]:
        return reported[:MOST_ADDRESSES]
    if name := _GIVES_A_NAME.search(facts["text"][:LOOKED_AT]):
        domains = {address.rpartition("@")[2].lower() for _, address in facts["from"][:1]}
        return [f"{name['local']}@{domain}" for domain in domains.intersection(_NAMES_ARE_OF) if name["local"]]
    formula = FORMULA.search(facts["text"][:LOOKED_AT])
    senders = {address.lower() for _, address in facts["from"]}
    others = senders | {address.lower() for address in facts["recipients"]}
    behind = _named_in(facts["text"][formula.end() :], others) if formula else []
    sent_to = [address for address in facts["original"].get("to", []) if address.lower() not in others]
    at_once = _named_at_once(facts["text"][formula.end() :], senders) if formula else []
    return behind or at_once or _named_in(facts["text"], others) or sent_to[:1]


def _named_at_once(text: str, senders: set[str]) -> list[str]:
    """The address right below the words, also where a header of the notice has it: some copy those of the mail that came back."""
    below = next((line for line in text.splitlines()[1:MOST_LINES] if line.strip()), "")[:400]
    return [address for address in addresses_in(below) if address.lower() not in senders][:1]


def _named_in(text: str, others: set[str]) -> list[str]:
    alone: list[str] = []
    named: list[str] = []
    for line in text.splitlines()[:MOST_LINES]:
        if _COMES_BACK.match(line[:400]) and (alone or named):
            break
        said = _FROM_US.sub(" ", line[:400])
        found = [
            a
            for a in addresses_in(said)
            if a.lower() not in others and not BOUNCE_SENDER.match(a) and not _EXAMPLE.search(said[: said.find(a)])
        ]
        if found and (re.match(r"\s*<?[^\s<>]{1,320}>?:?\s*(\.\.\.|$|\()", said) or _begins_with(found[0], said)):
            alone += found[:1]
        else:
            alone += [address for address in found if _WHOSE.search(said[: said.find(address)])]
        named += found
    return list(dict.fromkeys(alone))[:MOST_ADDRESSES] or named[:1]


def _begins_with(address: str, line: str) -> bool:
    """Whether the line is about it ("<ann@example.com>: user unknown")."""
    about = re.match(r"\s*<([^\s<>]{1,320})>:\s", line)
    return about is not None and addresses_in(about[1])[:1] == [address]


def status_in_text(text: str) -> str:
    """The first status of a failure that it names; no part of an IP address or of a version, none of a mail's headers."""
    said = "\n".join(line for line in text[:5000].splitlines() if not _HEADER_OF_A_PROGRAM.match(line[:100]))
    match = re.search(r"(?<![\w.])([45]\.\d{1,3}\.\d{1,3})(?!\w|\.\d)", said)
    return match[1] if match else ""
