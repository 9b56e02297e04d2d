"""Notices of failed delivery that are words only, as mail systems wrote them before the standards, and some still do."""

import re
from typing import Any

from privacy.mailroom.policies.reports.named import BOUNCE_SENDER, FORMULA, LOOKED_AT, status_in_text, whom_it_names
from privacy.mailroom.policies.reports.told import Report
from privacy.mailroom.policies.senders import sent_by_nobody
from privacy.mailroom.policies.words import is_unsubscribe_word, own_words, without_tags
from privacy.tickets.models import RightKind
from privacy.tickets.policies import named_kinds

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
QUESTION = re.compile(r"\w\s?\?(\s|$)")
_DELAYED = re.compile(r"delay|postpone|warning|will continue to (try|attempt)", re.IGNORECASE)


def is_a_mail_systems(facts: dict[str, Any]) -> bool:
    """Whether the sender says that it is the program that carries mail."""
    return any(BOUNCE_SENDER.match(address) or _BOUNCE_NAME.fullmatch(name) for name, address in facts["from"]) or any(
        _FOR_NOBODY.fullmatch(value) for value in facts["headers"].get("from", [])[:1]
    )


def in_words_only(facts: dict[str, Any], *, from_system: bool, from_machine: bool) -> Report | None:
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
    formal = bool(FORMULA.search(said))
    if not (
        (from_machine and (titled or formal))
        or (from_system and _FAILED.search(said))
        or (titled and formal and (ended or not subject.lower().lstrip().startswith("re:")))
    ):
        return None
    delayed = _DELAYED.search(subject) or (not titled and _DELAYED.search(said))
    return Report("delivery", whom_it_names(facts), "delayed" if delayed else "failed", status_in_text(facts["text"]))


def _may_be_a_colleague(facts: dict[str, Any]) -> bool:
    """Whether people, too, write from this address or under this name: "postmaster@", "System Administrator"."""
    return not any(
        _NO_COLLEAGUE.match(address) or _NO_COLLEAGUE.match(f"{name}@") for name, address in facts["from"]
    ) and not any(_FOR_NOBODY.fullmatch(value) for value in facts["headers"].get("from", [])[:1])


def _asks_something(said: str, *, titled: bool) -> bool:
    """Whether somebody asks or wishes for something in their own words. Under the subject of a notice the word is no wish."""
    first = next((line for line in said.split("\n") if line.strip()), "")
    wishes = set(named_kinds("", said)) - {RightKind.OPT_OUT}
    return (is_unsubscribe_word(first) and not titled) or bool(QUESTION.search(said) or wishes)
