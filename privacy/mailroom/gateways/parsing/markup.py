"""The text of an HTML mail, as lines: what its sender wrote, and behind ">", as plain mail has it, what they quote.

Nothing here may trust its input. nh3 reads it as browsers do, and hands on elements that are closed in the order they were
opened; here is decided what of them a person would see, and whose words they are.
"""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

import nh3

from privacy.mailroom.gateways.parsing.looks import LONGEST_STYLE, Looks
from privacy.mailroom.gateways.parsing.tags import BREAKS, VOID, readable
from privacy.mailroom.gateways.parsing.text import LONGEST_TEXT

LONGEST_QUOTED = LONGEST_TEXT // 2  # characters of quotations that are kept
DEEPEST_QUOTED = 3  # quotations within one another that are told apart
_AT_A_TIME = 64 * 1024  # characters
_BLANKS = re.compile(r"\s+")
# The button "indent more" of Gmail and Outlook makes a blockquote of its sender's own words, and draws no line beside it.
_NO_LINE = re.compile(r"border(-left)?(-style|-width)?\s*:\s*(none|0)\b")
_LINE_BESIDE = re.compile(r"border-left(-[a-z]+)?\s*:\s*(?!none|0)\S")
# A cell that only names what the next one holds, as Notes and Thunderbird write the headings of mail: "From:", "Subject:".
_NAMES_THE_NEXT = re.compile(r"\W{0,3}[^\W\d_][^:：]{0,20}\s?[:：]")
_READS = nh3.Cleaner(
    tags={*nh3.ALLOWED_TAGS, *BREAKS, "big", "button", "font", "label", "nobr"},
    clean_content_tags={"iframe", "noembed", "noframes", "script", "style", "template", "title"},
    attributes={"*": {"cite", "class", "hidden", "size", "style", "type"}},
    link_rel=None,
)


@dataclass(slots=True)
class _Line:
    """depth: within how many quotations it stands. row: of a table, 0 outside of all. begins: whether a cell begins with it."""

    pieces: list[str]
    depth: int
    row: int
    begins: bool

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@dataclass(slots=True)
class _Element:
    """An open one. quotes: whether its words are quoted. begins: at which line. gmails: Gmail's quotation, which holds the
    attribution, the quotation, and whatever its sender answers below that.
    """

    tag: str
    looks: Looks
    quotes: bool = False
    gmails: bool = False
    begins: int = 0


class _Reading(HTMLParser):
    """One reading of an HTML text, line by line."""

    # Not Thunderbird's "moz-cite-prefix": it holds "On …, Lumens wrote:", and often all that somebody types above that.
    _QUOTED = ("gmail_quote", "yahoo_quoted")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[_Line] = []
        self._open = [_Element("", Looks())]
        self._quotations: list[_Element] = []  # those of the open ones that quote
        self._new = True  # whether what comes next stands on a line of its own
        self._cell = False
        self._row = self._rows = 0
        self._length = {True: LONGEST_QUOTED, False: LONGEST_TEXT}  # characters that may still come, quoted or not

    @property
    def takes_more(self) -> bool:
        return self._length[False] > 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        element = _Element(tag, self._open[-1].looks.within(tag, named))
        self._new = self._new or (tag in BREAKS and not element.looks.gone)
        if tag in VOID:
            return
        self._open.append(element)
        if element.looks.gone:
            return
        classes, style = named.get("class") or "", (named.get("style") or "")[:LONGEST_STYLE].lower()
        if self._quotes(tag, classes, style, cited="cite" in named or "type" in named):
            element.quotes, element.begins = True, len(self.lines)
            element.gmails = tag != "blockquote" and "gmail_quote" in classes
            self._quotations.append(element)
            self._new = True
        if tag == "tr":
            self._rows += 1
            self._row = self._rows
        self._cell = self._cell or tag in {"td", "th"}

    def _quotes(self, tag: str, classes: str, style: str, *, cited: bool) -> bool:
        if classes and any(name in classes for name in self._QUOTED):
            return True
        if tag != "blockquote":
            return False
        return cited or not _NO_LINE.search(style) or bool(_LINE_BESIDE.search(style))

    def handle_endtag(self, tag: str) -> None:
        if self._open[-1].tag != tag:
            return
        ended = self._open.pop()
        if ended.looks.gone:
            return
        self._new = self._new or tag in BREAKS
        if tag == "table":
            self._row = 0
        if ended.quotes:
            self._end_quotation()

    def _end_quotation(self) -> None:
        ended = self._quotations.pop()
        self._new = True
        if ended.begins == len(self.lines) and self._length[True] > 0:  # of a picture alone: what is below it is an answer, too
            self._length[True] -= 1
            self.lines.append(_Line([], 1, 0, begins=False))
        if ended.tag == "blockquote" and self._quotations and self._quotations[-1].gmails:
            self._quotations.pop().quotes = False  # below it stands an answer

    def handle_data(self, data: str) -> None:
        depth, looks = len(self._quotations), self._open[-1].looks
        if not looks.shown or self._length[depth > 0] <= 0:
            return
        self._length[depth > 0] -= len(data) + 1
        if not looks.keeps_breaks:
            self._say(_BLANKS.sub(" ", data), depth)
            return
        first, *others = data.split("\n")
        self._say(first, depth)
        for line in others:
            self._new = True
            self._say(line, depth)

    def _say(self, said: str, depth: int) -> None:
        if not self._new and self.lines:
            self.lines[-1].pieces.append(said)
        elif said.strip(" \t\n\r"):
            self.lines.append(_Line([said], min(depth, DEEPEST_QUOTED), self._row, self._cell))
            self._new = self._cell = False


def html_to_text(markup: str, *, quotations: bool = True) -> str:
    """What an HTML mail says, as lines; instead of each quotation only a mark where they are not wanted."""
    markup = markup[: LONGEST_TEXT * 4]
    if ">" not in markup:
        return unescape(markup).strip()  # plain text that is called HTML
    parser = _Reading()
    read = _READS.clean(readable(markup))
    for begin in range(0, len(read), _AT_A_TIME):
        if not parser.takes_more:
            break
        parser.feed(read[begin : begin + _AT_A_TIME])
    parser.close()
    said: list[str] = []
    before = _Line([], 0, 0, begins=False)
    for line in parser.lines:
        if line.begins and line.row and line.row == before.row and _NAMES_THE_NEXT.fullmatch(before.text.strip()):
            said[-1] = f"{said[-1].rstrip()} {line.text.strip()}"
        elif not line.depth:
            said.append(line.text)
        elif quotations:
            said.append(f"{'>' * line.depth} {line.text.strip()}".rstrip())
        elif not said or said[-1] != ">":
            said.append(">")
        before = line
    return "\n".join(said).strip()
