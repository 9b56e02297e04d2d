"""What does only the formatted form of a text say? (OPTOUTS.md, "Nothing is dropped")

A mail comes as plain text and as HTML, and the two should say the same. Where they do not, a person reads both; a wish is looked
for in the plain text alone, for of what HTML quotes not everything is marked.
"""

import re

from privacy.mailroom.policies.quotations import own_text

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD = re.compile(r"[^\W_]+")
LOOKED_AT = 60_000  # characters of either form
MOST_LINES = 1_500  # of the HTML form


def only_formatted(text: str, formatted: str, *, passed_on: bool = False) -> str:
    """The sender's own lines of the HTML form with a word or number that their plain text has not; empty where there is none.

    text: the plain form, quotations and all. passed_on: as `own_text` has it.
    """
    if not formatted:
        return ""
    own = set(_words(own_text(text[:LOOKED_AT], passed_on=passed_on)))
    whole = f" {' '.join(_words(text[:LOOKED_AT]))} "
    more = []
    for line in own_text(formatted[:LOOKED_AT], passed_on=passed_on).splitlines()[:MOST_LINES]:
        words = _words(line)
        if not own.issuperset(words) and f" {' '.join(words)} " not in whole:
            more.append(line.strip())
    return "\n".join(more)


def _words(text: str) -> list[str]:
    return _WORD.findall(_UNSEEN.sub("", text).casefold())
