"""What else does a person say who says "unsubscribe"? (OPTOUTS.md, "Nothing is dropped")

The wish is honoured by machine. What stands beside it is a person's to read, unless every sentence of it is known to be nothing:
a greeting, thanks, the same wish in more words, the sender's own name, a signature, a footer, a quotation. However short it is,
and wherever it stands, what is not known is read.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from html import unescape

from privacy.mailroom.policies.beside.footers import begins_a_footer, is_of_a_footer
from privacy.mailroom.policies.beside.pleasantries import CLOSING, GREETING, POLITE, SENTENCE_ENDS
from privacy.mailroom.policies.beside.signatures import (
    is_a_first_name,
    is_a_name,
    is_a_second_name,
    is_of_a_signature,
    is_office_and_more,
    name_and_rest,
    tokens_of,
)
from privacy.mailroom.policies.beside.wishes import MYSELF, pattern_of_any_wish, patterns_of_wishes
from privacy.mailroom.policies.exact import is_unsubscribe_word
from privacy.mailroom.policies.headings import LINES_OF_HEADING, author_of, authors_of
from privacy.mailroom.policies.quotations import BROKEN_FROM, Kind, lines_of
from privacy.mailroom.policies.words import is_a_reply, is_forwarded, passes_on, without_prefixes

MOST_LINES = 200  # of the sender's own that are not empty; what stands beyond is a person's
MOST_CHARACTERS = 12_000  # of them
LONGEST_SENTENCE = 600  # characters: what is longer is no pleasantry
_KINDS_THAT_COUNT = (Kind.OWN, Kind.SIGNED, Kind.FORWARDED)
_SIGNATURE_BEGINS = "--"
_NAMES_OF_A_SIGNATURE = 2
_LONGEST_WISH = 100  # characters of an unsubscribe word, or a sentence that is taken for one
_MOST_SHORTENED = 20  # sentences of a person from which the wish is left out
_ADDRESS = re.compile(r"<?(?:mailto:)?(?<![\w.+-])([\w.+'-]{1,64}@[\w.-]{1,253}\w)>?(?:<mailto:[^<>]{1,320}>)?", re.IGNORECASE)
_AUTHORS_DOMAIN = re.compile(r"@([\w.-]{1,253}\w)")
_NO_WORDS = re.compile(r"[\W_]*")
_BETWEEN = re.compile(r"(?:(?!\ue000)[\W_])*")
_ORDER_WITH_NUMBER = re.compile(
    r"\b(order|invoice|return|commande|bestellung|pedido|ordine|bestelling)\b\W{0,3}(n[ro°]|number|"
    r"nummer)?\W{0,4}[a-z]{0,4}-?\d{3,}",
    re.IGNORECASE,
)
# Whole words: glued to one another they could be parted in more ways than anybody has time for.
_SUBJECT_OF_NOTHING = re.compile(
    r"[\W_]*((?<![^\W_])(no subject|re|hi|hello|your|the|this|my|our|lumens|please|request|about|from|on|of|to|for|and|mailing|"
    r"lists?|e-?mails?|mails?|newsletters?|news|letters?|spam|subscription|offers?|messages?|marketing|kein betreff|betreff|"
    r"ohne betreff|sans objet|sin asunto|sem assunto|nessun oggetto|senza oggetto|geen onderwerp|inget ämne|ingen emne|"
    r"werbung|lettre|d['’]information|boletín|nieuwsbrief)(?![^\W_])[\W_]*)*",
    re.IGNORECASE,
)


def beside_the_wish(subject: str, text: str, senders: Collection[str] = (), our_domains: Collection[str] = ()) -> str:
    """What else this person says, of whose message the subject or the first own line is the word; empty where it is nothing.

    Without what only repeats the wish, so that what else is asked for shows. `senders`: the sender's addresses (and names, where
    they are known): they may name themselves in the wish and below it. Somebody else's address is another matter. our_domains:
    of our own addresses: who forwards our mail with the word above it says nothing else.
    """
    said = [] if _is_nothing_as_subject(subject) else [without_prefixes(subject)]
    said += _Reading(senders, forwards=passes_on(subject, text), our_domains=our_domains).of(text)
    return "\n".join(said)


def _is_nothing_as_subject(subject: str) -> bool:
    """Whether a subject says nothing: the word, mail and no more, or that of a mail it answers, but for an order's number."""
    own = without_prefixes(subject).strip()
    if is_unsubscribe_word(own):
        return True
    if is_a_reply(subject) or is_forwarded(subject):
        return not _ORDER_WITH_NUMBER.search(own)
    return bool(_SUBJECT_OF_NOTHING.fullmatch(own)) or _is_nothing(own, frozenset())


class _Reading:
    """One reading of a text, line by line, each once: it remembers whether thanks or a name stood above."""

    def __init__(self, senders: Collection[str], *, forwards: bool, our_domains: Collection[str]) -> None:
        self._known_as = {said.lower() for said in senders if said.strip()}  # addresses and names
        self._has_a_name = any("@" not in said and said.strip() for said in senders)
        self._forwards = forwards
        # Where we write from the sender's own provider, an address there says nothing.
        providers = {said.rpartition("@")[2] for said in self._known_as if "@" in said}
        self._our_domains = {domain.lower() for domain in our_domains} - providers
        self._own = tokens_of(senders)
        self._gathered: list[str] = []
        self._said: list[str] = []
        self._named: list[str] = []  # the words of the names of a signature
        self._names = 0
        self._signed = self._closed = self._in_footer = False

    def of(self, text: str) -> list[str]:
        """The sentences that a person reads."""
        lines = list(self._lines(text))
        position = judged = 0  # up to there each paragraph was looked through for footers
        while position < len(lines):
            line = lines[position]
            if line is None:  # what stands beyond the bounds, or is forwarded
                self._flush()
                self._said += [other for other in lines[position + 1 :] if other]
                break
            begins = bool(line) and begins_a_footer(line) and not is_unsubscribe_word(line)
            if line and position >= judged and not self._gathered and (self._in_footer or begins):
                judged = end = next((at for at in range(position, len(lines)) if not lines[at]), len(lines))
                if self._is_a_footer([other for other in lines[position:end] if other], fewest=1 if begins else 2):
                    self._in_footer = self._signed = True
                    position = end
                    continue
            self._take(line)
            position += 1
        self._flush()
        return self._said

    def _lines(self, text: str) -> Iterator[str | None]:
        """The sender's own lines, those of each paragraph together; None, and then the rest, from where a person reads it."""
        taken = characters = 0
        whole = lines_of(text)
        headed = next((position for position, (kind, _) in enumerate(whole) if kind is Kind.HEADED), None)
        passed_on = headed is not None and self._is_passed_on([said for _, said in whole[headed:]])
        for position, (kind, line) in enumerate(whole):
            if kind is Kind.HEADED and passed_on:
                kind = Kind.FORWARDED
            if kind not in _KINDS_THAT_COUNT:
                yield ""
                continue
            stripped = line.strip()
            taken, characters = taken + bool(stripped), characters + len(stripped)
            if kind is Kind.FORWARDED or taken > MOST_LINES or characters > MOST_CHARACTERS:
                yield None
                yield "\n".join(
                    other for whose, other in whole[position:] if whose in (*_KINDS_THAT_COUNT, Kind.HEADED) and other.strip()
                )
                return
            yield unescape(stripped) if "&" in stripped else stripped

    def _is_passed_on(self, lines: list[str]) -> bool:
        """Whether what stands below a quoted heading is for a person: they wrote it, or forward what is not all ours."""
        author = author_of(lines[:LINES_OF_HEADING]).lower()
        if any(address in author for address in self._known_as):
            return True
        return self._forwards and not all(map(self._is_ours, authors_of(lines) or [author]))

    def _is_ours(self, author: str) -> bool:
        found = _AUTHORS_DOMAIN.findall(author.lower())
        return bool(found) and any(found[-1] == domain or found[-1].endswith(f".{domain}") for domain in self._our_domains)

    def _take(self, line: str) -> None:
        """One line: the end of a paragraph, a line of a signature, or one that goes on with what was gathered."""
        if not _NO_WORDS.fullmatch(line) and not is_unsubscribe_word(line):
            line = self._with_me(line)
            if self._gathered and self._is_nothing(" ".join(self._gathered)):
                self._flush()
            if not self._gathered and self._is_signed(line):
                return
            self._gathered.append(line)
            return
        self._flush()
        if line == _SIGNATURE_BEGINS or (line and not line.strip("_-=*~ ")):
            self._signed = self._closed = True

    def _is_signed(self, line: str) -> bool:
        """Whether the line closes the message, or is a line of its signature."""
        first, rest = name_and_rest(line)
        own = self._own | {word.lower() for word in self._named}
        shown = not self._has_a_name or is_office_and_more(rest)  # that it is a signature
        may_be_one = is_a_second_name if self._names else is_a_name if shown else is_a_first_name
        is_one = self._names < _NAMES_OF_A_SIGNATURE and may_be_one(first, own, closed=self._closed)
        if is_one and not _is_nothing(first, frozenset()):  # "Kind Regards"
            named = [*self._named, *first.split()]
            if not rest or is_of_a_signature(rest, self._own, named):
                self._signed, self._closed = True, False
                self._names += 1
                self._named = named
                return True
        if self._signed and is_of_a_signature(line, self._own, self._named):
            self._closed = False
            return True
        return False

    def _flush(self) -> None:
        """Judge what was gathered: sentence by sentence."""
        whole = " ".join(self._gathered)
        self._gathered.clear()
        if not whole:
            return
        self._closed = False
        for sentence in (said.strip() for said in SENTENCE_ENDS.split(whole)):
            if not self._is_nothing(sentence):
                shortened = _without_the_wish(sentence) if len(self._said) < _MOST_SHORTENED else sentence
                self._said.append(shortened.replace(MYSELF, "me"))
        if _closes(whole):
            self._signed = self._closed = True

    def _is_nothing(self, sentence: str) -> bool:
        return _is_nothing(sentence, self._own)

    def _is_a_footer(self, lines: list[str], *, fewest: int) -> bool:
        """Whether a whole paragraph is a footer: each of its sentences is one of footers, or a pleasantry."""
        # A short line was not broken: the next one is no part of its sentence.
        whole = "".join(f"{line} " if len(line) >= BROKEN_FROM else f"{line}\n" for line in lines)
        sentences = [said.strip() for said in SENTENCE_ENDS.split(whole) if said.strip()]
        return all(
            is_of_a_footer(said, fewest=fewest) or is_of_a_signature(said, self._own, self._named) or _is_nothing(said, self._own)
            for said in sentences
        )

    def _with_me(self, line: str) -> str:
        """The line with a mark where the sender names themselves by their address."""
        if "@" not in line:
            return line
        return _ADDRESS.sub(lambda found: MYSELF if found[1].lower() in self._known_as else found[0], line)


def _without_the_wish(sentence: str) -> str:
    """What else a sentence says; all of it where it names an address, for then the wish may be about somebody else."""
    if "@" in sentence:
        return sentence
    return pattern_of_any_wish().sub(" ", sentence[:LONGEST_SENTENCE]) + sentence[LONGEST_SENTENCE:]


def _closes(said: str) -> bool:
    """Whether it ends in thanks or regards: below them people write their name."""
    last = SENTENCE_ENDS.split(said)[-1].strip(" ,.!-–—")
    return len(last) <= LONGEST_SENTENCE and any(
        _fits(CLOSING, last, found.start()) == len(last) for found in re.finditer(r"(?<!\w)\w", last)
    )


def _fits(pattern: re.Pattern[str], said: str, position: int) -> int:
    """Where the pattern ends that begins there; -1 where it does not."""
    found = pattern.match(said, position)
    if not found or found.end() == position:
        return -1
    return found.end()


@cache
def _known() -> tuple[re.Pattern[str], ...]:
    return (GREETING, CLOSING, POLITE, *patterns_of_wishes())


def _is_nothing(sentence: str, own: Collection[str]) -> bool:
    """Whether a sentence is made of greetings, thanks, polite words and the wish, from its beginning to its end."""
    if len(sentence) > LONGEST_SENTENCE:
        return False
    position, greeted = 0, False
    while True:
        between = _BETWEEN.match(sentence, position)
        position = between.end() if between else position
        rest = sentence[position:]
        if not rest or (len(rest) <= _LONGEST_WISH and is_unsubscribe_word(rest)):
            return True
        ends = [(_fits(pattern, sentence, position), pattern) for pattern in _known()]
        end, which = max(ends, key=lambda one: one[0])
        if end < 0:
            return greeted and is_a_name(sentence[position:], frozenset(own), closed=True)
        greeted, position = which in (GREETING, CLOSING), end
