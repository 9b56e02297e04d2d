"""Reads: the statement as HTML, its sections, and what changed between two versions."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

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
class Words:
    """A run of words. changed: whether the paragraph's counterpart lacks them."""

    text: str
    changed: bool


@dataclass(frozen=True)
class ChangedLine:
    """One paragraph of a comparison. kind: "same", "added" or "removed"; runs: its words, told from its counterpart's."""

    kind: str
    runs: Sequence[Words]


_MARKS = re.compile(r"^(?:#+|>|\*|-)\s+|\*\*|\\(?=[^\w\s])")
_SAYS = re.compile(r"\w")  # a line of marks only, such as a rule, says nothing
LIKE = 0.5  # paragraphs that share less are not one paragraph reworded, but another


def differences(old: StatementVersion, new: StatementVersion) -> list[ChangedLine]:
    """What changed between two versions, paragraph by paragraph, as it reads; unchanged runs are kept short."""
    kinds = {"  ": "same", "+ ": "added", "- ": "removed"}
    found = [line for line in difflib.ndiff(_paragraphs(old), _paragraphs(new)) if line[:2] in kinds]
    lines = [ChangedLine(kinds[line[:2]], [Words(line[2:], False)]) for line in found]
    for place, (one, next_one) in enumerate(pairwise(list(lines))):
        if (one.kind, next_one.kind) == ("removed", "added"):
            removed, added = _reworded(one.runs[0].text.split(" "), next_one.runs[0].text.split(" "))
            lines[place : place + 2] = [replace(one, runs=removed), replace(next_one, runs=added)]
    near = {index + step for index, line in enumerate(lines) if line.kind != "same" for step in (-1, 0, 1)}
    return [line for index, line in enumerate(lines) if index in near]


def _paragraphs(version: StatementVersion) -> list[str]:
    """The text without the marks of Markdown, which say nothing to a customer."""
    return [_MARKS.sub("", folded(line)) for line in version.text.splitlines() if _SAYS.search(line)]


def _reworded(old: list[str], new: list[str]) -> tuple[list[Words], list[Words]]:
    """The words of both paragraphs in runs: those that the other lacks, and those that it has too."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < LIKE:
        return [Words(" ".join(old), False)], [Words(" ".join(new), False)]
    removed, added = [], []
    for what, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        removed.append(Words(" ".join(old[old_start:old_end]), what != "equal"))
        added.append(Words(" ".join(new[new_start:new_end]), what != "equal"))
    return [run for run in removed if run.text], [run for run in added if run.text]


def version_before(version: StatementVersion) -> StatementVersion | None:
    """The version that this one followed."""
    return StatementVersion.objects.filter(takes_effect_at__lt=version.takes_effect_at).order_by("-takes_effect_at").first()
