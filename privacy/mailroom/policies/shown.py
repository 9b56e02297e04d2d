"""What of a message people read in a conversation, and what they are told is not there."""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from privacy.mailroom.policies.formatted import LOOKED_AT, MOST_LINES, only_formatted
from privacy.mailroom.policies.quotations import ends_in_a_quotation, first_own_line, forwards, own_text
from privacy.mailroom.policies.words import passes_on

_BETWEEN = "\n\n"  # two texts of one message, as the reader puts it, too


def part_by_part(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts with the text of several parts without what each of them quotes: a signature or a quote at the end of one part
    ends nothing in the next. And with `more`: what only the HTML form of a text says; `may_be_quoted`: whether their first own
    line may belong to what the part above it quotes.
    """
    passed_on = passes_on(facts["subject"], facts["text"])
    looked_at = len(facts["formatted"]) <= LOOKED_AT and facts["formatted"].count("\n") < MOST_LINES
    facts = {
        **facts,
        "cut": facts["cut"] or not looked_at,
        "may_be_quoted": False,
        "more": only_formatted(facts["text"], facts["formatted"], passed_on=passed_on),
    }
    if len(facts["texts"]) < 2:
        return facts
    own = _BETWEEN.join(said for said in _own_of_each(facts["texts"], passed_on=passed_on) if said)
    above = list(takewhile(lambda text: not first_own_line(text), facts["texts"]))
    return {**facts, "text": own or facts["text"], "may_be_quoted": any(map(ends_in_a_quotation, above))}


def _own_of_each(texts: list[str], *, passed_on: bool) -> Iterator[str]:
    """What is the sender's, or passed on by them, in each part. What they forward goes on below a picture, marked or not."""
    forwarded = False
    for text in texts:
        yield text if forwarded else own_text(text, passed_on=passed_on)
        forwarded = forwarded or forwards(text)


def shown_text(facts: dict[str, Any]) -> str:
    """What people read of a message: all that its sender wrote or passes on; everything where that is nothing.

    Outlook quotes as it forwards: which of them it is tells the subject.
    """
    text: str = facts["text"]
    own = own_text(text, passed_on=passes_on(facts["subject"], text))
    return _BETWEEN.join(said for said in (own, facts["more"]) if said) or text


def not_shown(facts: dict[str, Any], shown: str) -> list[str]:
    """What came with a message, or stands in it, and is not among the words that are `shown`; each a sentence for people."""
    notes = []
    if facts["files"]:
        notes.append(
            "1 file came with it; it is kept with the message"
            if facts["files"] == 1
            else f"{facts['files']} files came with it; they are kept with the message"
        )
    if facts["cut"]:
        notes.append("only the beginning of its text is shown; all of it is kept with the message")
    elif _words(shown) != _words("".join([*facts["texts"], facts["more"]])):
        notes.append("only the words of its sender are shown; all of it is kept with the message")
    return notes


def _words(text: str) -> str:
    return "".join(text.split())
