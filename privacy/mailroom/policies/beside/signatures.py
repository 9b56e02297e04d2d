"""Lines of a signature: a name, an office, a company, a street, a telephone, an address, a page, known by their form.

Whatever has a word in it that no name has ("Refund Requested", "Lamp Arrived Cracked") is a person's remark, however short.
"""

import re
import unicodedata
from collections.abc import Collection

from privacy.mailroom.policies.beside.vocabulary import (
    BESIDE_OFFICES,
    LINKING,
    OF_COMPANIES,
    OF_SENTENCES,
    OF_SHOPS,
    OF_SURNAMES,
    OFFICES,
)

_LABEL = (
    r"(tel|telephone|phone|ph|mobile|mob|cell|cellphone|fax|office|direct|main|home|work|toll[- ]free|desk|telefon|handy|mobil|"
    r"telefax|tél|téléphone|portable|teléfono|móvil|cel|celular|cellulare|telefono|telefoon|mobiel|whatsapp|skype|web|website|"
    r"internet|www|site|e-?mail|mail|a|t|m|f|p|o|c|d|w|e|h|telefone|telemóvel)"
)
_LABELS = re.compile(rf"(?<![\w@.]){_LABEL}(?=\s*[.:/)\]–-]|\s*\+?\(?\d|\s*$)", re.IGNORECASE)
_PHONE = re.compile(
    r"(?<![\w#])\+?\(?\d[\d().\-/ \u00a0]{5,24}\d(?:\s?(?:x|ext\.?|extension|durchwahl)\s?\d{1,6})?(?!\w)", re.IGNORECASE
)
_LABELLED = re.compile(rf"^\W*{_LABEL}\s*[.:)\]]?\s*[+(\d]", re.IGNORECASE)
_ADDRESS = re.compile(r"<?(?:mailto:)?([\w.+'-]{1,64})@([\w.-]{1,253}\w)>?", re.IGNORECASE)
_PAGE = re.compile(
    r"<?(?:https?://)?(?:(?:www\.)?(?:(?:\w+\.)?linkedin|facebook|fb|twitter|x|instagram|youtube|xing|calendly|tiktok)"
    r"\.(?:com|de)"
    r"/[\w./@?=%-]{0,100}|(?:[\w-]{1,63}\.){1,4}[a-z]{2,12}/?)>?(?![\w/])",
    re.IGNORECASE,
)
_LINK_BEHIND = re.compile(
    r"(?<=\S)\s?<(?:https?|mailto|tel|file):[^<>]{0,500}>|\[(?:cid|image)\s*:[^\[\]]{0,200}\]", re.IGNORECASE
)
_SOCIAL = re.compile(
    r"\b(linkedin|facebook|twitter|instagram|youtube|xing|pinterest|tiktok|follow us( on)?|connect with me( on)?)\b",
    re.IGNORECASE,
)
_PRONOUNS = re.compile(r"[(\[]?\b(pronouns\W{0,2})?(she|he|they)/(her|him|them)(/(hers|his|theirs))?\b[)\]]?", re.IGNORECASE)
_STREETS = re.compile(r"(rue|avenue|av|bd|boulevard|place|chemin|allée|calle|via|viale|corso|piazza|rua|bis|ter)")
_QUOTED_WISDOM = re.compile(r"[\"“„«»‘'][^\"“”„«»]{5,250}[\"”“»«’'.]{1,2}(\s*[-–—~]{1,2}\s*[^\d@]{3,40})?")
_SINCE = re.compile(r".{3,80}\b(since|seit|depuis|desde|dal|sinds|est\.?|established( in)?) (18|19|20)\d\d\W*", re.IGNORECASE)
_OF_PERSONS = re.compile(r"\b(i|i['’]\w+|my|me|we|our|you|your|ich|mein\w*|mir|je|mon|ma|mes|yo|mi|mis|ik|mijn)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w'’.&-]*")
_ENDS_AS = re.compile(r"(ed|ing|tion|tions|ment|ments|ung|ungen|ción|sión|zione|ção|ness|able|ible|ieren|iert)$")
_ENDS_SENTENCE = (".", "!", "?", "。", "！", "？")
_PARTS = re.compile(r"\s*[|•·●♦]\s*|\t+|\s{3,}|\s+[–—/-]\s+|;\s+")
MOST_WORDS = 12
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "å": "aa"})
MOST_WORDS_OF_NAME = 5
FEWEST_DIGITS = 7
LONGEST = 300  # characters of a line
_FEWEST_OF_A_SHOUT = 4
_SHORTEST_TOKEN = 3
_SHORTEST_OF_VERBS = 5


def tokens_of(senders: Collection[str]) -> frozenset[str]:
    """The words by which senders are known: of their names, and of their addresses before the "@"."""
    found = {token for said in senders for token in re.split(r"[\W\d_]+", said.partition("@")[0].lower())}
    return frozenset(token for token in found if token)


def is_of_sentences(word: str) -> bool:
    """Whether it is a word of sentences, or of what people deal with a shop about."""
    plain = word.lower().strip(".'’-&")
    parts = [part for part in re.split(r"['’-]", plain) if len(part) >= _SHORTEST_TOKEN]  # "Oubliez-moi"
    return plain in OF_SHOPS or plain in OF_SENTENCES or any(part in OF_SHOPS for part in parts)


def _of_no_name(word: str, own: frozenset[str]) -> bool:
    """Whether it is a word of sentences, and none of the sender's name."""
    plain = word.lower().strip(".'’-")
    if plain in own or (len(plain) == 1 and word.endswith(".")):
        return False
    return is_of_sentences(word) or _ends_as_verbs_do(plain)


def _ends_as_verbs_do(plain: str) -> bool:
    """Whether it ends as "cracked", "missing" and "Erstattung" do; names that do are read by a person."""
    return len(plain) >= _SHORTEST_OF_VERBS and bool(_ENDS_AS.search(plain)) and plain not in OF_COMPANIES


def _is_the_senders(word: str, own: frozenset[str]) -> bool:
    plain = word.lower().strip(".'’-,")
    return plain in own or (len(plain) >= _SHORTEST_TOKEN and any(plain in token for token in own))


def is_a_name(line: str, own: frozenset[str], *, closed: bool) -> bool:
    """Whether it is somebody's name and no more. closed: it stands below thanks or regards, where people write only one of it."""
    said = _PRONOUNS.sub(" ", line).strip(" \t,-–—*_~.()\"'“”")
    words = [word.strip('()"“”,*') for word in said.replace(",", " ").split()]
    words = [word for word in words if word]
    if (
        not words
        or len(words) > MOST_WORDS_OF_NAME
        or any(character.isdigit() or character in "@:/?!=#$€£%" for character in said)
    ):
        return False
    if all(_is_the_senders(word, own) for word in words):
        return True
    if line.rstrip().endswith(_ENDS_SENTENCE) and not line.rstrip().lower().endswith(("jr.", "sr.", "dr.")):
        return False
    if any(_of_no_name(word, own) for word in words if word.lower() not in OF_SURNAMES):
        return False
    if any(not re.fullmatch(r"[^\W\d_][^\W\d_.'’-]*(?:[.'’-][^\W\d_]*)*", word) and word != "&" for word in words):
        return False
    if any(ord(word[0]) >= 0x2E80 for word in words):  # of three characters of Chinese a sentence is made
        return False
    capital = [word[0].isupper() or word.lower().strip(".") in OF_SURNAMES or _is_the_senders(word, own) for word in words]
    if closed:
        return all(capital) or len(words) == 1
    return (
        all(capital)
        and len([word for word in words if word.lower() not in OF_SURNAMES]) > 1
        and len(words) < _FEWEST_OF_A_SHOUT + line.istitle()
    )


def name_and_rest(line: str) -> tuple[str, str]:
    """The first piece of a line, where a name may stand, and what follows it: "Maria Gonzalez | Sales", "Maria, Sales"."""
    found = _PARTS.search(line[:LONGEST]) or re.search(r",\s*(?=\S)", line[:LONGEST])
    if not found or not line[found.end() :].strip():
        return line, ""
    return line[: found.start()], line[found.end() :]


def is_of_a_signature(line: str, own: frozenset[str], named: Collection[str]) -> bool:
    """Whether a line below a name is of a signature: an office, a company, a place, a number, an address, a page.

    own: the words of the sender's name and address. named: the words of the names above it.
    """
    if len(line) > LONGEST:
        return False
    said = _LINK_BEHIND.sub("", line).strip()
    if re.fullmatch(r"[\W_]*", said):
        return True
    if _QUOTED_WISDOM.fullmatch(said) and not re.search(r"\b(i|my|me|we|our|us)\b", said, re.IGNORECASE):
        return not any(word.lower().strip(".,'’") in OF_SHOPS for word in _WORD.findall(said))
    parts = [part for part in _PARTS.split(said) if part.strip()]
    return bool(parts) and all(_is_a_part(part.strip(), own, named) for part in parts)


def _is_a_part(part: str, own: frozenset[str], named: Collection[str]) -> bool:
    """Whether one of the pieces of a line of a signature is one."""
    if part.endswith(("?", "!", "？", "！", "。")):
        return False
    addresses = list(_ADDRESS.finditer(part))
    if not all(_may_be_the_senders(address, own, named) for address in addresses):
        return False
    rest = _SOCIAL.sub(" ", _PRONOUNS.sub(" ", _PAGE.sub(" ", _ADDRESS.sub(" ", part))))
    phones = list(_PHONE.finditer(rest))
    if phones and all(_is_a_phone(found[0], labelled=bool(_LABELLED.match(part))) for found in phones):
        without = _LABELS.sub(" ", _PHONE.sub(" ", _LABELS.sub(" ", rest)))
        if not _WORD.search(without) and not re.search(r"\d", without):
            return True
    rest = _LABELS.sub(" ", rest) if re.match(rf"\W*{_LABEL}\s*[.:]", rest, re.IGNORECASE) or rest != part else rest
    if not re.search(r"\w", rest):
        return True
    if addresses:  # beside one stands only whose it is: "Switch to ann@new.example" is a remark
        return all(word.lower() in own or word in named for word in _WORD.findall(rest)) and not re.search(r"\d", rest)
    if _SINCE.fullmatch(rest) and not _OF_PERSONS.search(rest):
        return not any(word.lower().strip(".,'’") in OF_SHOPS for word in _WORD.findall(rest)) and len(rest.split()) <= MOST_WORDS
    return _is_titled(rest)


def _is_titled(rest: str) -> bool:
    """Whether its words begin with capitals or are of offices, and none is of a sentence: "Acme Corp", "12 Main Street"."""
    words = _WORD.findall(rest)
    lower = [word.lower().strip(".'’-,") for word in words]
    of_office = any(word in OFFICES for word in lower)
    if len(words) > MOST_WORDS or any(ord(word[0]) >= 0x2E80 for word in words):
        return False
    if re.search(r"\d", rest) and not _is_a_place(rest, words):
        return False
    for word, plain in zip(words, lower, strict=True):
        if (
            plain in LINKING
            or _STREETS.fullmatch(plain)
            or (of_office and plain in BESIDE_OFFICES)
            or (word.isupper() and len(word) == len("IL"))
        ):
            continue
        if not word[0].isupper() or is_of_sentences(word) or _ends_as_verbs_do(plain):
            return False
    return bool(words) or _is_a_place(rest, words)


def _is_a_place(rest: str, words: list[str]) -> bool:
    """Whether its numbers are of houses and towns: up to six digits each, beside words. A number alone may be an order's."""
    return bool(words) and True and "#" not in rest and all(len(found) < FEWEST_DIGITS for found in re.findall(r"\d+", rest))


def _is_a_phone(said: str, *, labelled: bool) -> bool:
    """Whether a number is a telephone's: with its parts or its label shown. Eight digits in a row may be an order's."""
    digits = sum(character.isdigit() for character in said)
    return digits >= FEWEST_DIGITS and (labelled or said.startswith(("+", "(")) or bool(re.search(r"\d[\s().\-/]+\d", said)))


def _folded(word: str) -> tuple[str, str]:
    """A name as addresses spell it: "Krüger" as "krueger" or "kruger"."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    return word.translate(_UMLAUTS), plain


def _may_be_the_senders(address: re.Match[str], own: frozenset[str], named: Collection[str]) -> bool:
    """Whether an address is of the one whose signature it stands in: it has a part of their name."""
    local = address[1].lower()
    known = {folded for word in {word.lower().strip(",.") for word in named} | own for folded in (word, *_folded(word))}
    return any(len(word) >= _SHORTEST_TOKEN and word in local for word in known)
