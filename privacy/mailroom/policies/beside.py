"""What else does a person say who says "unsubscribe"? (OPTOUTS.md, "Nothing is dropped")

The wish is honoured by machine. What stands beside it is a person's to read, unless it is plainly nothing: a greeting, thanks, a
signature, a footer, the same wish in more words. Where this is not plain, a person reads it.
"""

import re
from collections.abc import Collection

from privacy.mailroom.policies.phrases import (
    ABOUT,
    ANOTHER_CHOICE,
    ASKED_IN_THE_FAR_EAST,
    CLOSES,
    FAR_EASTERN,
    FOOTER,
    FOOTERS_TITLE,
    GREETING,
    MYSELF,
    OF_FOOTERS,
    OF_ONESELF,
    OFFICE,
    ORDER_WITH_NUMBER,
    POLITE,
    REPEATED,
    SENTENCE_ENDS,
    WORD,
)
from privacy.mailroom.policies.words import is_a_reply, is_unsubscribe_word, own_text, without_prefixes
from privacy.tickets.models import RightKind
from privacy.tickets.policies import named_kinds

MOST_WORDS_OF_NOTHING = 5
FEWEST_WORDS_OF_A_QUESTION = 3
MOST_LINES = 200
MOST_SENTENCES = 300
LONGEST_LINE = 1_000  # characters
LONGEST_SENTENCE = 3_000  # characters: what is longer is no pleasantry
_SIGNATURES_LINE_HAS = 8  # words at most
_SIGNATURE_BEGINS = "--"
_SMALL_WORDS_OF_A_SENTENCE = 2
_FEWEST_WORDS_THAT_ARE_SHOUTED = 3
_LINES_OF_A_FORM = 4  # at most, of the words by which a footer is known
_ADDRESS = re.compile(r"<?(?<![\w.+-])([\w.+'-]{1,64}@[\w.-]{1,253}\w)>?")


def beside_the_wish(subject: str, text: str, senders: Collection[str] = ()) -> str:
    """What else this person says, of whose message the subject or the first own line is the word; empty where it is nothing.

    Without what only repeats the wish, so that what else is asked for shows. `senders`: the addresses of the sender, who may
    name them in the wish. Somebody else's is another matter.
    """
    said: list[str] = []
    plainly, words = False, 0
    own_subject = without_prefixes(subject)
    if not is_unsubscribe_word(own_subject) and (
        ORDER_WITH_NUMBER.search(own_subject) or (not is_a_reply(subject) and _is_about_something(own_subject))
    ):
        said, plainly = [own_subject], True
    for sentence, is_signed in _sentences(text, senders)[:MOST_SENTENCES]:
        if len(sentence) > LONGEST_SENTENCE:
            said, plainly = [*said, sentence], True
            continue
        counted = _words_of(sentence, is_signed=is_signed)
        plain = _is_about_something(sentence) or _is_a_question(sentence)
        if counted or plain:
            said.append(REPEATED.sub(" ", sentence))
        plainly, words = plainly or plain, words + counted
    return "\n".join(said) if plainly or words > MOST_WORDS_OF_NOTHING else ""


def _is_about_something(sentence: str) -> bool:
    """Whether it names another right, another choice, or what people deal with a shop about."""
    rest = REPEATED.sub(" ", sentence)
    return _names_another(rest) or bool(ABOUT.search(rest) or ANOTHER_CHOICE.search(sentence))


def _names_another(rest: str) -> bool:
    """Whether it names another right than to be left alone."""
    return bool(set(named_kinds("", rest)) - {RightKind.OPT_OUT})


def _is_a_question(sentence: str) -> bool:
    """Whether it asks something, wherever it stands; a company's motto in capitals does not."""
    if not sentence.rstrip().endswith(("?", "？")) or _words_of(sentence, is_signed=False) < FEWEST_WORDS_OF_A_QUESTION:
        return False
    words = sentence.split()
    return bool(FAR_EASTERN.search(sentence)) or _small(words) >= _SMALL_WORDS_OF_A_SENTENCE or sentence.isupper()


def _words_of(sentence: str, *, is_signed: bool) -> int:
    """How many words it has beside pleasantries and the wish itself; none where it is part of a signature."""
    if FAR_EASTERN.search(sentence):
        rest = POLITE.sub(" ", sentence) if ASKED_IN_THE_FAR_EAST.search(sentence) else ""
        return len(FAR_EASTERN.findall(rest)) // 2
    if is_signed and not OF_ONESELF.search(sentence):
        return 0
    return len(WORD.findall(POLITE.sub(" ", REPEATED.sub(" ", GREETING.sub("", sentence)))))


def _sentences(text: str, senders: Collection[str]) -> list[tuple[str, bool]]:
    """What the sender wrote beside the word, without footers; True for what stands below their thanks, regards or a footer."""
    lines = [line.strip()[:LONGEST_LINE] for line in own_text(text).split("\n")[:MOST_LINES]]
    pieces: list[tuple[str, bool]] = []
    gathered: list[str] = []
    is_signed = False

    def end_of_paragraph() -> None:
        pieces.extend((said, is_signed) for said in _split(gathered))
        gathered.clear()

    position = read_to = 0  # up to there somebody speaks, whatever looks like a footer
    while position < len(lines):
        line = lines[position]
        if line and position >= read_to and _begins_a_footer(lines, position):
            end = next((at for at in range(position, len(lines)) if not lines[at]), len(lines))
            if not any(_is_a_persons(said) for said in _split(lines[position:end])):
                end_of_paragraph()
                is_signed = True
                position = end
                continue
            read_to = end
        closes = line == _SIGNATURE_BEGINS or bool(CLOSES.match(line))
        if not line or closes or is_unsubscribe_word(line) or _is_of_a_signature(line, begins=not gathered):
            end_of_paragraph()
        else:
            gathered.append(_with_me(line, senders))
        is_signed = is_signed or closes
        position += 1
    end_of_paragraph()
    return pieces


def _split(lines: list[str]) -> list[str]:
    return [said.strip() for said in SENTENCE_ENDS.split(" ".join(lines)) if said.strip()]


def _with_me(line: str, senders: Collection[str]) -> str:
    """The line with "me" where the sender names themselves by their address."""
    if "@" not in line:
        return line
    own = {address.lower() for address in senders}
    return _ADDRESS.sub(lambda found: "me" if found[1].lower() in own else found[0], line)


def _begins_a_footer(lines: list[str], position: int) -> bool:
    return bool(FOOTERS_TITLE.match(lines[position]) or FOOTER.match(" ".join(lines[position : position + _LINES_OF_A_FORM])))


def _is_a_persons(sentence: str) -> bool:
    """Whether a sentence in the paragraph of a footer is none of it."""
    if len(sentence) > LONGEST_SENTENCE:
        return True
    rest = REPEATED.sub(" ", sentence)
    if _names_another(rest) or ANOTHER_CHOICE.search(sentence):
        return True
    of_oneself, about = bool(MYSELF.search(rest)), bool(ABOUT.search(rest))
    if of_oneself and about:
        return True
    if FOOTER.match(sentence) or OF_FOOTERS.search(sentence):
        return False
    return about or _is_a_question(sentence) or (of_oneself and _words_of(sentence, is_signed=False) > MOST_WORDS_OF_NOTHING)


def _small(words: list[str]) -> int:
    """How many of them begin with a small letter, addresses aside."""
    return sum(word[0].islower() and "@" not in word and "." not in word for word in words)


def _is_of_a_signature(line: str, *, begins: bool) -> bool:
    """Whether it looks like a name, an office, a street, a number: capitals and digits, and no sentence."""
    if not begins or line.endswith((".", "?", "!")) or FAR_EASTERN.search(line):
        return False
    parts = [part.split() for part in line.split("|")]  # "Maria Gonzalez | Sales | Acme"
    if any(len(words) > _SIGNATURES_LINE_HAS or _small(words) >= _SMALL_WORDS_OF_A_SENTENCE for words in parts):
        return False
    if line.isupper() and len(WORD.findall(line)) >= _FEWEST_WORDS_THAT_ARE_SHOUTED:
        return False
    of_a_person = (
        OF_ONESELF.search(line)
        or ABOUT.search(OFFICE.sub(" ", line))
        or ORDER_WITH_NUMBER.search(line)
        or ANOTHER_CHOICE.search(line)
    )
    return not of_a_person and not named_kinds("", line)
