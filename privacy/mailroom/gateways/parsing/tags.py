"""The tags of an HTML text, so that what reads it as browsers do reads it in little time, and hides nothing that they show."""

import re
from collections import Counter

# These make a line of their own of what stands in them.
BREAKS = frozenset(
    {"p", "div", "br", "tr", "td", "th", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "hr", "dl", "dt",
     "dd", "center", "section", "article", "header", "footer", "main", "aside", "address", "form", "pre", "blockquote",
     "fieldset", "legend", "figure", "figcaption", "nav", "details", "summary", "hgroup"}
)  # fmt: skip
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"})
# What of these is left open is opened again in every paragraph that follows.
_FORMATTING = frozenset({"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})
# These end where the next one begins, so that they do not come to stand within one another.
_ENDED = frozenset({"p", "li", "dt", "dd", "tr", "td", "th", "tbody", "thead", "tfoot", "option", "optgroup"})
DEEPEST, MOST_FORMATTING = 300, 40  # elements within one another; browsers stop at 512
_TAG = re.compile(r"<(/?)([a-z][^\s/<>]*)[^<>]*>", re.IGNORECASE)
_NAME = re.compile(r"(?<=<)(/?)([a-z][^\s/<>]*)", re.IGNORECASE)
_OTHERS = (
    "abbr acronym applet audio basefont bdi bdo bgsound body button canvas caption cite colgroup data datalist del dfn dialog dir"
    " frame frameset head html iframe image ins isindex kbd keygen label listing map mark marquee menu menuitem meter multicol"
    " nextid noembed noframes object output picture plaintext progress q rb rp rt rtc ruby samp script search select slot span"
    " spacer style sub sup template textarea time title var video xmp"
)
# What is not of these is read as an element that means nothing: of "o:p" nh3 would not tell the looks, of "noscript" it would
# show the source, and of "text" or "line", which drawings have, and of formulas it leaves out every word.
_KNOWN = BREAKS | VOID | _FORMATTING | _ENDED | frozenset(_OTHERS.split())


def readable(markup: str) -> str:
    """The same for somebody who reads it, with all of its text; without what the reading of it would take long for.

    What stands behind the last tag has none, also where it begins like one.
    """
    markup = markup.encode("utf-8", "replace").decode()
    end = markup.rfind(">") + 1
    markup = markup[:end] + markup[end:].replace("<", "&lt;")
    return _flat(_NAME.sub(_known, markup))


def _known(found: re.Match[str]) -> str:
    return found[0] if found[2].lower() in _KNOWN else f"{found[1]}bdi"


def _flat(markup: str) -> str:
    """Without elements that stand too deep within others; their words stay, each on its line."""
    depth = formatting = 0
    left_out: Counter[str] = Counter()

    def one(found: re.Match[str]) -> str:
        nonlocal depth, formatting
        closes, name = found[1], found[2].lower()
        if name in VOID or name in _ENDED:
            return found[0]
        formats = name in _FORMATTING
        if closes:
            if left_out[name]:
                left_out[name] -= 1
                return "<br>" if name in BREAKS else ""
            depth, formatting = max(0, depth - 1), max(0, formatting - formats)
        elif depth >= DEEPEST or (formats and formatting >= MOST_FORMATTING):
            left_out[name] += 1
            return "<br>" if name in BREAKS else ""
        else:
            depth, formatting = depth + 1, formatting + formats
        return found[0]

    return _TAG.sub(one, markup)
