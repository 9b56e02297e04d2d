"""Reads: the statement as HTML, its sections, and what changed between two versions."""

import difflib
import re
from dataclasses import dataclass
from datetime import datetime

import nh3
from markdown_it import MarkdownIt

from privacy.statement.models import StatementVersion

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_SECTION = re.compile(r"(?m)^####\s+([A-Z])\.\s+(.*?)\s*$")
# The page has a first heading of its own; the text's lettered sections are the next level.
_LEVELS = {"1": "2", "2": "3", "3": "3", "4": "2"}
_NUMBERED = re.compile(r"(?m)^(?:\*\*)?(\d)\\\.\s+(.+?)(?:\*\*)?\s*$")


def as_html(markdown: str) -> str:
    """The text as clean HTML: no scripts, no styles, links only to the web and to mail. Safe to put into a page as it is."""
    html = nh3.clean(_MARKDOWN.render(markdown), url_schemes={"https", "http", "mailto"}, link_rel="noopener noreferrer")
    html = re.sub(r"<(/?)h([1-4])>", lambda found: f"<{found[1]}h{_LEVELS[found[2]]}>", html)
    return re.sub(r"<h2>([A-Z])\. ", r'<h2 id="section-\1">\1. ', html)


def folded(text: str) -> str:
    """The text with every run of white space as one space: how quotes are looked up."""
    return re.sub(r"\s+", " ", text).strip()


@dataclass(frozen=True)
class Section:
    """One lettered section. start, end: its span in the Markdown, in characters."""

    letter: str
    title: str
    start: int
    end: int


def sections(markdown: str) -> list[Section]:
    """The lettered sections, in order; none of a text without them."""
    found = list(_SECTION.finditer(markdown))
    ends = [*(match.start() for match in found[1:]), *([len(markdown)] if found else [])]
    return [Section(match[1], match[2], match.start(), end) for match, end in zip(found, ends, strict=True)]


def find_quote(markdown: str, quote: str, *, section: str) -> tuple[int, int] | None:
    """Where a quote stands in a section ("E.2": its letter is looked at), as a span of characters; None where it does not."""
    words = [re.escape(word) for word in quote.split()]
    pattern = re.compile(r"\s+".join(words))
    for part in sections(markdown):
        if part.letter == section[0]:
            begin, end = _numbered_part(markdown, part, section)
            found = pattern.search(markdown, begin, end)
            if found:
                return found.span()
    return None


def _numbered_part(markdown: str, part: Section, section: str) -> tuple[int, int]:
    number = section[2:3]
    if not number.isdigit():
        return part.start, part.end
    headings = list(_NUMBERED.finditer(markdown, part.start, part.end))
    for index, heading in enumerate(headings):
        if heading[1] == number:
            return heading.start(), headings[index + 1].start() if index + 1 < len(headings) else part.end
    return part.start, part.end


@dataclass(frozen=True)
class ChangedLine:
    """One paragraph of a comparison. kind: "same", "added" or "removed"."""

    kind: str
    text: str


def differences(old: StatementVersion, new: StatementVersion) -> list[ChangedLine]:
    """What changed between two versions, paragraph by paragraph; unchanged runs are kept short."""
    kinds = {"  ": "same", "+ ": "added", "- ": "removed"}
    before = [folded(line) for line in old.text.splitlines() if line.strip()]
    after = [folded(line) for line in new.text.splitlines() if line.strip()]
    lines = [ChangedLine(kinds[line[:2]], line[2:]) for line in difflib.ndiff(before, after) if line[:2] in kinds]
    near = {index + step for index, line in enumerate(lines) if line.kind != "same" for step in (-1, 0, 1)}
    return [line for index, line in enumerate(lines) if index in near]


def version_before(version: StatementVersion) -> StatementVersion | None:
    """The version that this one followed."""
    return StatementVersion.objects.filter(takes_effect_at__lt=version.takes_effect_at).order_by("-takes_effect_at").first()


def version_for(collected_at: datetime) -> StatementVersion | None:
    """The version in force when a record was collected: it decides what may be done with the record (statement K)."""
    return StatementVersion.objects.in_force(at=collected_at).first()
