"""The text of an HTML mail, as lines: what its sender wrote, and behind ">", as plain mail has it, what they quote.

Nothing here may trust its input.
"""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser

from privacy.mailroom.gateways.parsing.text import LONGEST_HEADER, LONGEST_TEXT

LONGEST_QUOTED = LONGEST_TEXT // 2  # characters of quotations that are kept
DEEPEST_QUOTED = 3  # quotations within one another that are told apart
_BLANKS = re.compile(r"\s+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(px|pt|em|%)?\s*(;|!|$)")
# The button "indent more" of Gmail and Outlook makes a blockquote of its sender's own words, and draws no line beside it.
_NO_LINE = re.compile(r"border(-left)?(-style|-width)?\s*:\s*(none|0)\b")
_LINE_BESIDE = re.compile(r"border-left(-[a-z]+)?\s*:\s*(?!none|0)\S")
_COMMENTS = re.compile(r"<!--(?:-?>|.*?(?:--!?>|\Z))|<!\[[^>]*(?:>|\Z)", re.DOTALL)
# A cell that only names what the next one holds, as Notes and Thunderbird write the headings of mail: "From:", "Subject:".
_NAMES_THE_NEXT = re.compile(r"\W{0,3}[^\W\d_][^:：]{0,20}\s?[:：]")


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
class _Quotation:
    """An open element whose words are quoted. begins: at which line. open: how many of its tag are, it included. gmails: Gmail's,
    which holds the attribution, the quotation, and whatever its sender answers below that.
    """

    tag: str
    begins: int
    gmails: bool
    open: int = 1


class _Reading(HTMLParser):
    """One reading of an HTML text, line by line."""

    _BREAKS = frozenset(
        {"p", "div", "br", "tr", "td", "th", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr", "dl", "dt",
         "dd", "center", "section", "article", "header", "footer", "main", "aside", "address", "form", "pre", "blockquote"}
    )  # fmt: skip
    _SILENT = frozenset({"script", "style", "title", "template"})
    _VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"})
    # Not Thunderbird's "moz-cite-prefix": it holds "On …, Lumens wrote:", and often all that somebody types above that.
    _QUOTED = ("gmail_quote", "yahoo_quoted")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[_Line] = []
        self._new = True  # whether what comes next stands on a line of its own
        self._cell = False
        self._row = self._rows = 0
        self._length = {True: LONGEST_QUOTED, False: LONGEST_TEXT}  # characters that may still come, quoted or not
        self._silent: list[str] = []  # open elements inside one whose text does not count
        self._quotations: list[_Quotation] = []
        self._pre = 0  # open elements whose line breaks count

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._BREAKS and not self._silent:
            self._new = True
        self._pre += tag == "pre"
        if self._silent == ["p"] and tag in self._BREAKS and tag != "br":  # a paragraph ends where the next element begins
            self._silent.clear()
            self._new = True
        if tag in self._VOID:
            return
        if self._silent:
            if tag == self._silent[0]:
                self._silent.append(tag)
            return
        named = dict(attrs)
        classes, style = named.get("class") or "", (named.get("style") or "")[:LONGEST_HEADER].lower()
        if tag in self._SILENT or "hidden" in named or _HIDDEN.search(style):
            self._silent = [tag]
        elif self._quotes(tag, classes, style, cited="cite" in named or "type" in named):
            self._quotations.append(_Quotation(tag, len(self.lines), gmails=tag != "blockquote" and "gmail_quote" in classes))
            self._new = True
        elif self._quotations and self._quotations[-1].tag == tag:
            self._quotations[-1].open += 1
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
        self._pre -= tag == "pre" and self._pre > 0
        if self._silent:
            if tag == self._silent[0]:
                self._silent.pop()
            return
        self._new = self._new or tag in self._BREAKS
        if tag == "table":
            self._row = 0
        if self._quotations and self._quotations[-1].tag == tag:
            self._quotations[-1].open -= 1
            if not self._quotations[-1].open:
                self._end_quotation()

    def _end_quotation(self) -> None:
        ended = self._quotations.pop()
        self._new = True
        if ended.begins == len(self.lines) and self._length[True] > 0:  # of a picture alone: what is below it is an answer, too
            self._length[True] -= 1
            self.lines.append(_Line([], 1, 0, begins=False))
        if ended.tag == "blockquote" and self._quotations and self._quotations[-1].gmails:
            self._quotations.pop()  # below it stands an answer

    def handle_data(self, data: str) -> None:
        depth = len(self._quotations)
        if self._silent or self._length[depth > 0] <= 0:
            return
        self._length[depth > 0] -= len(data) + 1
        if not self._pre:
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
    parser = _Reading()
    # html.parser reads in quadratic time what is open and never closed: comments and marked sections go first, and what stands
    # behind the last ">" has no tags.
    markup = _COMMENTS.sub("", markup[: LONGEST_TEXT * 4])
    markup = re.sub(r"<!(?=[-\[])", "", markup)  # what was none before another one was taken out of it
    tags = markup.rfind(">") + 1
    if not tags:
        return unescape(markup).strip()  # plain text that is called HTML
    parser.feed(markup[:tags])
    parser.close()
    parser.handle_data(unescape(markup[tags:]))
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
