"""Parts of a message: which of them its sender wrote, what they say, which are files. Nothing here may trust its input."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message

from privacy.mailroom.gateways.parsing.markup import html_to_text
from privacy.mailroom.gateways.parsing.text import LONGEST_TEXT, to_text

MOST_PARTS = 500
DEEPEST = 50
LONGEST_SOURCE = LONGEST_TEXT * 4  # bytes of all texts together, tags included, that are read
MOST_READ = LONGEST_SOURCE * 4  # bytes of them, other forms of the same text included, that are looked at

BETWEEN = "\n\n"  # two texts of one message
# Parts that hold other people's messages.
ENCLOSED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
SEEN = re.compile(r"[^\s\u200b-\u200f\u2060\ufeff]")  # a character that somebody sees
# Whole messages of other types ("plain/text", a multipart without a boundary) are read as text.
_NO_TEXT = frozenset({"application", "audio", "font", "image", "message", "model", "video"})
# Beside the HTML form of a text: what stands for it in a program that shows none.
_SEE_HTML = re.compile(
    r"\bhtml\b.{0,200}\b(view\w*|see|display\w*|show\w*|support\w*|client|program|reader|browser|enabled?|capable|requires?|"
    r"version|format|anzeigen|darstellen|afficher|mostrar|visualizzare|weergeven)\b|"
    r"\b(view\w*|see|display\w*|show\w*|support\w*|requires?|needs?|anzeigen|darstellen|afficher|ver)\b.{0,200}\bhtml\b",
    re.IGNORECASE | re.DOTALL,
)
LONGEST_SEE_HTML = 300  # characters
# What programs put beside a message for programs: signatures, keys, visiting cards, halves of files, parts of encrypting.
_PROGRAMS = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature", "application/pgp-keys",
     "application/pgp-encrypted", "application/applefile", "text/vcard", "text/x-vcard", "text/directory"}
)  # fmt: skip
_PROGRAMS_NAMES = re.compile(r".*\.(p7s|sig|vcf)", re.IGNORECASE | re.DOTALL)
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_TNEF_BEGINS, _TNEF_OF_A_FILE, _LONGEST_TNEF = b"\x78\x9f\x3e\x22", 2, 100_000  # MS-OXTNEF
_TAG = re.compile(r"<[^<>]*>")
_REFERRED = re.compile(r"cid:([^\s\"'<>\])]{1,250})", re.IGNORECASE)


class TooMuch(Exception):
    """The message has more parts than anybody sends, or within one another; str() says which."""


@dataclass
class Said:
    """texts: what the sender wrote, part by part, in order. cut: whether some of it is left out. files: how many came with it.

    formatted: what the HTML forms of these texts say, without what they quote.
    """

    texts: list[str] = field(default_factory=list)
    formatted: str = ""
    cut: bool = False
    files: int = 0


@dataclass
class _Found:
    """One text as it stands in its part, with tags where it is HTML. cut: whether there is more of it.

    formatted: the HTML form of the same, where another was chosen.
    """

    source: str
    is_html: bool
    cut: bool
    formatted: str = ""

    def says_something(self) -> bool:
        """Whether somebody may see anything of it, tags aside."""
        return bool(SEEN.search(_TAG.sub("", self.source).replace("&nbsp;", "") if self.is_html else self.source))


def walk(message: Message) -> list[Message]:
    """Every part that the sender wrote or the report consists of, in order. Raises TooMuch.

    What stands inside an enclosed message (forwarded, sent back, a digest's) is somebody else's: counted, not returned.
    """
    found: list[Message] = []
    counted = 0
    waiting: list[tuple[int, Message, bool]] = [(0, message, True)]
    while waiting:
        depth, part, own = waiting.pop()
        if depth > DEEPEST:
            raise TooMuch("its parts are nested too deep")
        counted += 1
        if counted > MOST_PARTS:
            raise TooMuch("it has too many parts")
        if own:
            found.append(part)
        own = own and part.get_content_type() not in ENCLOSED
        waiting += [(depth + 1, child, own) for child in reversed(list(_children(part)))]
    return found


def decoded(part: Message) -> bytes:
    """The part's bytes without their transfer encoding; none of a part that consists of others."""
    encoding = str(part.get("content-transfer-encoding", ""))
    meant = "-".join(encoding.split(";")[0].split())  # the library knows "base64", and neither "base64 " nor "base64;"
    if encoding != meant:
        part.replace_header("content-transfer-encoding", meant)
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def part_text(part: Message, longest: int = LONGEST_SOURCE) -> str:
    """The part's text, of whose bytes no more than so many are read."""
    return to_text(decoded(part)[:longest], _charset(part))


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (LookupError, TypeError, ValueError, MessageError):
        return None


def _file_name(part: Message) -> str:
    try:
        return str(part.get_filename(""))
    except (LookupError, TypeError, ValueError, MessageError):
        return "unreadable"


def what_is_said(message: Message) -> Said:
    """What the sender of a message of bounded parts (`walk`) wrote in it, and how many files came with it."""
    reading = _Reading()
    found = reading.of(message, at_top=True)
    said = Said(cut=reading.cut, files=sum(not _is_shown_by(part, reading.referred) for part in reading.files))
    known: set[str] = set()
    left, source_left = LONGEST_TEXT, LONGEST_SOURCE
    markup = "\n".join(one.formatted for one in found if one.formatted)[:LONGEST_SOURCE]
    said.formatted = html_to_text(markup, quotations=False)[:LONGEST_TEXT] if markup else ""
    for one in found:
        source = one.source[:source_left]
        said.cut = said.cut or one.cut or len(source) < len(one.source)
        source_left -= len(source)
        text = html_to_text(source) if one.is_html else source
        words = " ".join(text.split())
        if not SEEN.search(text) or words in known:  # some programs send a text and its HTML form one after the other
            continue
        known.add(words)
        said.cut = said.cut or len(text) > left
        if left:
            said.texts.append(text[:left])
        left = max(left - len(text) - len(BETWEEN), 0)
    return said


class _Reading:
    """The texts and files of one message."""

    def __init__(self) -> None:
        self.any_text = False
        self.read = 0  # bytes of text
        self.cut = False
        self.files: list[Message] = []
        self.referred: set[str] = set()  # ids of the images that a text shows

    def of(self, part: Message, *, at_top: bool = False, within: str = "") -> list[_Found]:
        kind = part.get_content_type()
        children = list(_children(part)) if kind.startswith("multipart/") else []
        if kind == "multipart/alternative" and children:
            return _one_form([self.of(child, within=kind) for child in children])
        if children:
            every = [texts for child in children if (texts := self.of(child, within=kind))]
            return [found for texts in (every[:1] if kind == "multipart/related" else every) for found in texts]
        if self._is_text(part, kind, at_top=at_top):
            return self._text(part, kind)
        if _is_a_file(part, kind, within=within):
            self.files.append(part)
        return []

    def _is_text(self, part: Message, kind: str, *, at_top: bool) -> bool:
        if part.is_multipart() or kind in ENCLOSED:
            return False
        if at_top:
            return part.get_content_maintype() not in _NO_TEXT and part.get_content_disposition() != "attachment"
        named = bool(_file_name(part))
        # A text with a file's name that is shown below another is a file; some programs name a message's only text.
        inline = part.get_content_disposition() != "attachment" and not (named and self.any_text)
        return inline and kind in {"text/plain", "text/html"}

    def _text(self, part: Message, kind: str) -> list[_Found]:
        if self.read > MOST_READ:
            self.cut = True
            return []
        data = decoded(part)
        self.read += len(data)
        source = to_text(data[:LONGEST_SOURCE], _charset(part))
        found = _Found(source, is_html=kind == "text/html", cut=len(data) > LONGEST_SOURCE)
        if not found.says_something():
            return []
        self.any_text = True
        self.referred.update(_REFERRED.findall(source))
        return [found]


def _one_form(forms: list[list[_Found]]) -> list[_Found]:
    """The one of several forms of the same text that is read: without tags where that says anything, else the first.

    Beside the one without tags stays the other: what only that says is read, too (`policies.formatted`).
    """
    plain = next((form for form in forms if form and not any(found.is_html for found in form)), [])
    tagged = next((form for form in forms if any(found.is_html for found in form)), [])
    said = " ".join(found.source for found in plain)
    stands_for_it = len(said) <= LONGEST_SEE_HTML and bool(_SEE_HTML.search(said))
    if not plain or (tagged and stands_for_it):
        return tagged
    markup = "\n".join(found.source for found in tagged if found.is_html)
    cut = any(found.cut for found in tagged)
    first, *others = plain
    return [_Found(first.source, is_html=False, cut=first.cut or cut, formatted=markup), *others]


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (child for child in payload if isinstance(child, Message))


def _is_a_file(part: Message, kind: str, *, within: str) -> bool:
    """Whether the sender put it there, and not a program for another one."""
    name = _file_name(part)
    if within == "multipart/report" or kind in _PROGRAMS or (name and _PROGRAMS_NAMES.fullmatch(name)):
        return False
    if kind == "text/rfc822-headers" or (kind == "text/calendar" and within == "multipart/alternative"):
        return False
    if kind in ENCLOSED:
        return True
    payload = part.get_payload()
    if isinstance(payload, str) and not payload[:LONGEST_TEXT].strip():
        return False  # of no bytes: gateways leave those behind
    is_only_text = kind in {"text/plain", "text/html"} and not name and part.get_content_disposition() != "attachment"
    return not is_only_text and (kind not in _TNEF or _tnef_has_a_file(decoded(part)))


def _is_shown_by(part: Message, referred: set[str]) -> bool:
    """Whether it is part of a text that shows it, as a signature's logo is, or a quoted mail's."""
    if part.get_content_maintype() != "image":
        return False
    identity = str(part.get("content-id", "")).strip("<> \t\n")
    return bool(identity) and (identity in referred or part.get_content_disposition() != "attachment")


def _tnef_has_a_file(data: bytes) -> bool:
    """Whether Outlook's own form of a message, which stands beside many of its messages, has a file in it; yes where unclear."""
    if not data.startswith(_TNEF_BEGINS):
        return True
    place = 6
    for _ in range(_LONGEST_TNEF):
        if place + 9 > len(data):
            return False
        if data[place] == _TNEF_OF_A_FILE:
            return True
        place += 9 + int.from_bytes(data[place + 5 : place + 9], "little") + 2
    return True
