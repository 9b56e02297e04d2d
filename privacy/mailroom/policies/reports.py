"""Reports of machines: complaints (RFC 5965), failed deliveries (RFC 3464 and older habits), dispositions (RFC 8098)."""

import re
import sys
from dataclasses import dataclass, field
from typing import Any

from privacy.mailroom.policies.senders import sent_by_nobody
from privacy.mailroom.policies.words import is_unsubscribe_word, own_words, without_tags
from privacy.tickets.models import RightKind
from privacy.tickets.policies import named_kinds

MOST_ADDRESSES = 200  # as many as the reader lets through (`parsing.MOST_REPORTED`)
ARRIVED = frozenset({"delivered", "relayed", "expanded"})  # what is said of mail that did not fail (RFC 3464, 2.3.3)
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]]{1,253}")
_BOUNCE_SENDER = re.compile(
    r"\W*(mailer[-_.]?daemon|mail-daemon|mdaemon|post[-_.]?master|microsoftexchange\w*|mail[-_.]?delivery[-_.]?(sub)?system|"
    r"system[-_. ]?administrator)\W*@",
    re.IGNORECASE,
)
_BOUNCE_NAME = re.compile(
    r"\W*(mail(er)?[- ]daemon|((internet )?mail )?delivery (sub)?system|internet mail delivery|postmaster|"
    r"system administrator)\W*",
    re.IGNORECASE,
)
_FOR_NOBODY = re.compile(r"[^<>@]*<\s*>\s*")  # From: Postmaster <>
_BOUNCE_SUBJECT = re.compile(
    r"\s*(re:\s*)?(\[postmaster\]\s*)?(undeliver(ed|able)|delivery (status )?notification|delivery (has )?fail|"
    r"mail delivery (failed|failure|problem|subsystem)|failure notice|failed mail|returned mail|mail returned|"
    r"message (not delivered|undeliverable)|non[- ]?deliver|unzustellbar|"
    r"nicht (zugestellt|zustellbar)|échec de remise|non remis|impossible de remettre|no se puede entregar|"
    r"retorno de correo|não é possível entregar|non recapitabile|mancato recapito|onbestelbaar|niet[ -]bezorgbaar|"
    r"mail system error|warning: (message|could not)|delayed mail|message delivery has been delayed|message status|rejected:|"
    r"(permanent |e?-?mail |message )?(delivery|sending) (failure|warning|problem)|failure delivery|returned e?-?mail|"
    r"processing error|mail error|mail (not delivered|failed)|warning: \S+ - user unknown|failed mail|"
    r"(your )?(mail|message)( to \S+)? could not be delivered|nondeliverable|user unknown|mail status report|"
    r"delivery (error|report)|メールエラー通知|"
    r"配信不能|无法投递|不能投递|系统退信|無法傳遞|배달되지|не удалось доставить|недоставлен|"
    r"kan ikke leveres|ikke leverbar|kan inte leverera|olevererbart|toimittamaton|niedostarcz|nedoručiteln|kézbesíthetetlen|"
    r"teslim edilemedi|não entregue|no entregado|[ée]chec de la remise)",
    re.IGNORECASE,
)  # fmt: skip
# What stands behind the subject of the mail that came back.
_BOUNCE_SUBJECT_ENDS = re.compile(
    r".{0,300}[:：]\s*(non remis|undeliver(ed|able)|unzustellbar)?\s*\(delivery failed\)\s*$", re.IGNORECASE
)
# What no person writes, but programs that send mail back do, whoever they say they are.
_FORMULA = re.compile(
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
_FAILED = re.compile(
    r"undeliver|(not|n't) (be )?(able to )?deliver|(unable|failed) to deliver|deliver\w* .{0,40}(fail|error|delay|postpone)|"
    r"mailbox (is )?(full|unavailable|disabled)|(user|recipient|account|address)(name)? (is )?(unknown|rejected)|unknown user|"
    r"(no such|invalid) (user|recipient|mailbox)|over (its |disk )?quota|\b5[05]\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b|недостав|"
    r"无法(送达|发送|投递|传送)|退信|無法|配信できません",
    re.IGNORECASE,
)
# The same without numbers, which a person's own words may hold.
_FAILED_IN_WORDS = re.compile(_FAILED.pattern.replace(r"|\b5[05]\d[ -]|\b[45]\.\d{1,3}\.\d{1,3}\b", ""), re.IGNORECASE)
_NO_COLLEAGUE = re.compile(
    r"\W*(mail(er)?[-_. ]?daemon|mdaemon|microsoftexchange\w*|((internet )?mail[-_. ]?)?delivery[-_. ]?(sub)?system|"
    r"internet mail delivery)\W*@",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\w\s?\?(\s|$)")
_DELAYED = re.compile(r"delay|postpone|warning|will continue to (try|attempt)", re.IGNORECASE)
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
_COMPLAINT = re.compile(r"\s*complaint about message from\b", re.IGNORECASE)
_UTF_8 = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
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


def feedback(facts: dict[str, Any]) -> Report | None:
    """A complaint or an opt-out that a mailbox provider passes on (ARF); None where the message is none."""
    groups: list[dict[str, str]] = facts["report"].get("feedback") or []
    original = facts["original"]
    received_by = _unredacted(original.get("to", []))
    links = list(original.get("list_unsubscribe", []))
    if not groups and facts["report_type"] != "feedback-report":
        if original and _COMPLAINT.match(without_tags(facts["subject"])):  # Outlook.com's, in a form of its own
            return Report("abuse", received_by, unsubscribe_links=links)
        return None
    fields: dict[str, str] = {}
    for group in groups:
        fields = {**group, **fields}
    kind = fields.get("feedback-type", "abuse").split(",")[0].strip().lower()
    told: list[str] = []
    if kind in {"opt-out", "abuse"}:
        told = _unredacted(_addresses(fields.get("original-rcpt-to", ""))) or received_by
    if kind == "opt-out":
        told = _unredacted(_addresses(fields.get("removal-recipient", ""))) or told
    return Report(kind, told, unsubscribe_links=links)


def _unredacted(addresses: list[str]) -> list[str]:
    """Those that are somebody's, each once: many providers write "redacted@example.net" into a complaint."""
    return [address for address in dict.fromkeys(addresses) if not address.lower().startswith("redacted")][:MOST_ADDRESSES]


def bounced(facts: dict[str, Any]) -> Report | None:
    """A delivery or disposition notification, also in forms older than the standards; None where the message is none."""
    report, kind = facts["report"], facts["report_type"]
    from_system = _is_a_mail_systems(facts)
    from_machine = from_system or sent_by_nobody(facts["headers"])
    if not facts["is_report"] and not from_machine:
        # A person who passes one on to us has a question about it. A receipt comes from who read the mail.
        report = {"disposition": report["disposition"]} if _is_about_its_sender(facts) else {}
    if "delivery" in report or kind == "delivery-status":
        return _of_a_delivery(report.get("delivery") or [], facts)
    if "disposition" in report or kind == "disposition-notification":
        fields = _last_group(report.get("disposition") or [], "final-recipient", "original-recipient")
        told = _addresses(fields.get("original-recipient", "") or fields.get("final-recipient", ""))
        return Report("disposition", told, fields.get("disposition", "").split(";")[-1].strip()[:40])
    failed = facts["headers"].get("x-failed-recipients")
    if failed:
        return Report("delivery", _addresses(" ".join(failed)) or _named(facts), "failed")
    return _old_fashioned(facts, from_system=from_system, from_machine=from_machine)


def _of_a_delivery(groups: list[dict[str, str]], facts: dict[str, Any]) -> Report:
    """What a delivery notification says of each recipient in turn (RFC 3464, 2.3)."""
    told = [
        Recipient(address, *_action_and_status(group)) for group in groups for address in _recipient_of(group)[:MOST_ADDRESSES]
    ]
    if not told:
        return Report("delivery", _named(facts))
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


def _is_a_mail_systems(facts: dict[str, Any]) -> bool:
    """Whether the sender says that it is the program that carries mail."""
    return any(_BOUNCE_SENDER.match(address) or _BOUNCE_NAME.fullmatch(name) for name, address in facts["from"]) or any(
        _FOR_NOBODY.fullmatch(value) for value in facts["headers"].get("from", [])[:1]
    )


def _is_about_its_sender(facts: dict[str, Any]) -> bool:
    """Whether a disposition notification says of its own sender what they did with a mail."""
    said = _last_group(facts["report"].get("disposition") or [], "final-recipient")
    senders = {address.lower() for _, address in facts["from"]}
    return any(address.lower() in senders for address in _addresses(said.get("final-recipient", "")))


def _old_fashioned(facts: dict[str, Any], *, from_system: bool, from_machine: bool) -> Report | None:
    """A notice in words only.

    Known by its subject where a machine sent it, by its wording where a mail system did, and where neither shows by a subject
    and a formula that no person would write.
    """
    subject, said = without_tags(facts["subject"]), facts["text"][:LOOKED_AT]
    ended = bool(_BOUNCE_SUBJECT_ENDS.match(subject))
    titled = ended or bool(_BOUNCE_SUBJECT.match(subject))
    if from_system and _may_be_a_colleague(facts):
        said = own_words(facts["text"])[:LOOKED_AT]  # they may quote "> 550 lamps on sale"
        from_system = bool(_FAILED_IN_WORDS.search(said)) and not _asks_something(said, titled=titled)
        from_machine = sent_by_nobody(facts["headers"]) or not _asks_something(said, titled=titled)
    formal = bool(_FORMULA.search(said))
    if not (
        (from_machine and (titled or formal))
        or (from_system and _FAILED.search(said))
        or (titled and formal and (ended or not subject.lower().lstrip().startswith("re:")))
    ):
        return None
    delayed = _DELAYED.search(subject) or (not titled and _DELAYED.search(said))
    return Report("delivery", _named(facts), "delayed" if delayed else "failed", _status_in_text(facts["text"]))


def _may_be_a_colleague(facts: dict[str, Any]) -> bool:
    """Whether people, too, write from this address or under this name: "postmaster@", "System Administrator"."""
    return not any(
        _NO_COLLEAGUE.match(address) or _NO_COLLEAGUE.match(f"{name}@") for name, address in facts["from"]
    ) and not any(_FOR_NOBODY.fullmatch(value) for value in facts["headers"].get("from", [])[:1])


def _asks_something(said: str, *, titled: bool) -> bool:
    """Whether somebody asks or wishes for something in their own words. Under the subject of a notice the word is no wish."""
    first = next((line for line in said.split("\n") if line.strip()), "")
    wishes = set(named_kinds("", said)) - {RightKind.OPT_OUT}
    return (is_unsubscribe_word(first) and not titled) or bool(_QUESTION.search(said) or wishes)


def _last_group(groups: list[dict[str, str]], *names: str) -> dict[str, str]:
    return next((group for group in reversed(groups) if any(name in group for name in names)), {})


def _addresses(value: str) -> list[str]:
    """Addresses of a typed field ("rfc822; ann@example.com", "utf-8; f\\x{FC}nf@example.com", RFC 6533)."""
    value = _UTF_8.sub(_as_written, value)
    return [
        re.sub(r"^smtp[:=]", "", address.strip(".<>'"), flags=re.IGNORECASE)
        for address in _ADDRESS.findall(value.replace(";", " "))
    ][:MOST_ADDRESSES]


def _as_written(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if code > sys.maxunicode or 0xD800 <= code <= 0xDFFF else chr(code)


def _named(facts: dict[str, Any]) -> list[str]:
    """Whom a notice without proper fields is about; neither the mail system nor one of us.

    Whom the report that it encloses names. Else every address on a line of its own ("<ann@example.com>:"), else the first that
    its text names, else whom the message that it encloses was sent to. Where it says "did not reach the following recipient",
    whom it names behind that counts first. Nobody, where it gives a name without an address.
    """
    if reported := [address for group in facts["original"].get("reported", []) for address in _recipient_of(group)]:
        return reported[:MOST_ADDRESSES]
    if name := _GIVES_A_NAME.search(facts["text"][:LOOKED_AT]):
        domains = {address.rpartition("@")[2].lower() for _, address in facts["from"][:1]}
        return [f"{name['local']}@{domain}" for domain in domains.intersection(_NAMES_ARE_OF) if name["local"]]
    formula = _FORMULA.search(facts["text"][:LOOKED_AT])
    senders = {address.lower() for _, address in facts["from"]}
    others = senders | {address.lower() for address in facts["recipients"]}
    behind = _named_in(facts["text"][formula.end() :], others) if formula else []
    sent_to = [address for address in facts["original"].get("to", []) if address.lower() not in others]
    at_once = _named_at_once(facts["text"][formula.end() :], senders) if formula else []
    return behind or at_once or _named_in(facts["text"], others) or sent_to[:1]


def _recipient_of(group: dict[str, str]) -> list[str]:
    return _addresses(group.get("original-recipient", "") or group.get("final-recipient", ""))


def _named_at_once(text: str, senders: set[str]) -> list[str]:
    """The address right below the words, also where a header of the notice has it: some copy those of the mail that came back."""
    below = next((line for line in text.splitlines()[1:MOST_LINES] if line.strip()), "")[:400]
    return [address for address in _addresses(below) if address.lower() not in senders][:1]


def _named_in(text: str, others: set[str]) -> list[str]:
    alone: list[str] = []
    named: list[str] = []
    for line in text.splitlines()[:MOST_LINES]:
        if _COMES_BACK.match(line[:400]) and (alone or named):
            break
        said = _FROM_US.sub(" ", line[:400])
        found = [
            a
            for a in _addresses(said)
            if a.lower() not in others and not _BOUNCE_SENDER.match(a) and not _EXAMPLE.search(said[: said.find(a)])
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
    return about is not None and _addresses(about[1])[:1] == [address]


def _status_in_text(text: str) -> str:
    """The first status of a failure that it names; no part of an IP address or of a version, none of a mail's headers."""
    said = "\n".join(line for line in text[:5000].splitlines() if not _HEADER_OF_A_PROGRAM.match(line[:100]))
    match = re.search(r"(?<![\w.])([45]\.\d{1,3}\.\d{1,3})(?!\w|\.\d)", said)
    return match[1] if match else ""
