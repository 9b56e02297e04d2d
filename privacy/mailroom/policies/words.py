"""Does this person say exactly one word, and is it "unsubscribe"? (statement I; OPTOUTS.md, "Mailroom", 6)"""

import re

from privacy.mailroom.policies.exact import LONGEST_LINE, UNSUBSCRIBE_WORDS, is_unsubscribe_word
from privacy.mailroom.policies.quotations import Kind, first_own_line, lines_of, own_text, own_words

__all__ = [
    "UNSUBSCRIBE_WORDS",
    "asks_to_unsubscribe",
    "first_own_line",
    "is_a_reply",
    "is_forwarded",
    "is_unsubscribe_word",
    "may_be_forwarded",
    "own_text",
    "own_words",
    "passes_on",
    "without_prefixes",
    "without_tags",
]

# "Re:", "Fwd:" and their sisters; "Re[2]:", "RE: (3):". In the languages of our customers' mail programs.
_REPLIED = (
    r"re|r|ré|réf|aw|antw|antwort|sv|vs|vá|ref|rif|res|odp|odg|ynt|bls|ats|atb|tl|回复|回覆|答复|答覆|返信|re\s*-|"
    r"ответ|отв|на|απ|σχετ|תגובה|رد|답장"
)
_FORWARDED = r"fwd?|fw|wg|vb|tr|trs|rv|enc|i|pd|vl|doorst|továbbítás|ilt|psl|πρθ|הועבר|转发|轉寄|転送|пересл|전달"
# Finns answer with it ("vastaus"), Danes and Norwegians forward ("videresendt").
_EITHER = "vs"
_COUNT_AND_COLON = r"\s*(?:[\[(]\d{1,3}[\])]|\^\d{1,3})?\s*[:：]\s*"
# What gateways write before a subject: "[EXTERNAL]", "*****SPAM*****", "{Disarmed}", "EXT:".
_SUSPECTED = r"(?:(?:possible|probable|probably|definitely|suspected|likely)\s+)?(?:spam|phishing|fraud|junk|bulk)"
_GATEWAY = (
    rf"\s*[\[({{<]\W{{0,5}}(?:ext|extern|external|externe|externo|externa|esterno|caution|marketing|mass\s?mail|disarmed|"
    rf"{_SUSPECTED})\b[^\[\](){{}}<>]{{0,30}}[\])}}>]\s*[:：]?|"
    rf"\s*\*{{2,}}\s*(?:ext|external|{_SUSPECTED})\s*\*{{2,}}\s*[:：]?|\s*(?:ext|external|spam(?:-(?:low|med|high))?)\s*[:：]"
)
_REPLY = re.compile(rf"\s*(?:{_REPLIED}){_COUNT_AND_COLON}|{_GATEWAY}", re.IGNORECASE)
_PREFIX = re.compile(rf"\s*(?:{_REPLIED}|{_FORWARDED}){_COUNT_AND_COLON}|{_GATEWAY}", re.IGNORECASE)
_FORWARDED_SUBJECT = re.compile(rf"\s*(?:{_FORWARDED}){_COUNT_AND_COLON}", re.IGNORECASE)
_TAG = re.compile(_GATEWAY, re.IGNORECASE)
_EITHER_SUBJECT = re.compile(rf"\s*{_EITHER}{_COUNT_AND_COLON}", re.IGNORECASE)
_REPLY_FOR_SURE = re.compile(rf"(?!{_EITHER_SUBJECT.pattern})(?:{_REPLY.pattern})", re.IGNORECASE)
_OF_FINNS = re.compile(r"\W{0,4}lähettäjä\s*[:：]", re.IGNORECASE)
_LINES_OF_HEADING = 8


def without_prefixes(subject: str, prefix: re.Pattern[str] = _PREFIX) -> str:
    """The subject without "Re:", "Fwd:", "AW:" and the like, however many."""
    subject = subject[:LONGEST_LINE]
    while (match := prefix.match(subject)) and match.end():
        subject = subject[match.end() :]
    return subject


def without_tags(subject: str) -> str:
    """The subject without what gateways write before it ("[EXTERNAL]")."""
    return without_prefixes(subject, _TAG)


def is_a_reply(subject: str) -> bool:
    """Whether "Re:" stands before the subject, in whatever language."""
    return bool(re.match(rf"\s*(?:{_REPLIED}){_COUNT_AND_COLON}", without_tags(subject), re.IGNORECASE))


def is_forwarded(subject: str) -> bool:
    """Whether "Fwd:" stands before the subject, in whatever language."""
    return bool(_FORWARDED_SUBJECT.match(without_prefixes(subject, _REPLY)))


def may_be_forwarded(subject: str) -> bool:
    """Whether "VS:" stands before the subject, of which only what is quoted tells which it is (`passes_on`)."""
    return bool(_EITHER_SUBJECT.match(without_prefixes(subject, _REPLY_FOR_SURE)))


def passes_on(subject: str, text: str) -> bool:
    """Whether a message forwards another one. Below "VS:" what Danes and Norwegians forward has its heading; in Finnish it has
    been answered.
    """
    if is_forwarded(subject):
        return True
    if not may_be_forwarded(subject):
        return False
    heading = [line for kind, line in lines_of(text) if kind in (Kind.HEADED, Kind.FORWARDED)][:_LINES_OF_HEADING]
    return bool(heading) and not any(_OF_FINNS.match(line) for line in heading)


def asks_to_unsubscribe(subject: str, text: str) -> str:
    """Where the wish stands: "subject", "text", or "" when nothing is exactly an unsubscribe word.

    A forwarded subject ("Fwd: Unsubscribe") is somebody else's wish: a person finds out whose.
    """
    if is_unsubscribe_word(without_prefixes(subject, _REPLY)) and not passes_on(subject, text):
        return "subject"
    return "text" if is_unsubscribe_word(first_own_line(text)) else ""
