"""Lines of a signature: a name, an office, a company, a street, a telephone, an address, a page, known by their form.

Whatever has a word in it that no name has ("Refund Requested", "Lamp Arrived Cracked") is a person's remark, however short.
"""

import re
import unicodedata
from collections.abc import Collection

from customers.cards import holds_a_card_number
from privacy.mailroom.policies.beside.houses import STREETS, is_known, names_a_house
from privacy.mailroom.policies.beside.vocabulary import (
    BESIDE_OFFICES,
    LINKING,
    OF_COMPANIES,
    OF_SENTENCES,
    OF_SHOPS,
    OF_SURNAMES,
    OFFICES,
    words_of,
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
# The last piece of a street's name, or what is numbered within a house; "Box" is called Postfach (`_BOX`).
_OF_STREETS = re.compile(
    r"\S*(str|straße|strasse|weg|platz|allee|gasse|ring|damm|ufer|chaussee|straat|laan|plein|gracht|kade|vej|gade|gata|gatan|vägen|"
    r"veien|utca|ulica)|(street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|way|terrace|square|sq|highway|hwy|route|suite|ste|apt|"
    r"apartment|unit|floor|fl|room|rm|building|bldg|house|flat|lot|postfach|po|calle|rue|via|rua|c|ul|nám|tř)"
)
# With whose words they are: a remark can stand in quotation marks, too.
_QUOTED_WISDOM = re.compile(r"[\"“„«»‘'][^\"“”„«»]{5,250}[\"”“»«’'.]{1,2}\s*[-–—~]{1,2}\s*[^\d@]{3,40}")
_SINCE = re.compile(
    r".{3,80}\b(since|seit|depuis|desde|dal|sinds|est\.?|established( in)?) (18\d\d|19\d\d|20(0\d|1[0-4]))\W*", re.IGNORECASE
)
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
_MOST_UNKNOWN = 1  # words in capitals, and none that is known: "Circuit Trips Nightly", "Neue Anschrift" are remarks
_SHORTEST_TOKEN = 3
_SHORTEST_OF_VERBS = 5
MOST_DIGITS = 15  # of a telephone number (E.164)
MOST_DIGITS_WITHOUT_A_COUNTRY = 11
_HEADS = re.compile(r"(\w{2,40})\s*:\s*\w+\W+\w")
_BOX = re.compile(r"\bp\.?\s?o\.?\s?box\b", re.IGNORECASE)
_NEW = re.compile(r"\bNew (?=[A-Z])")  # York, Jersey, Delhi
_WITH_DIGITS = re.compile(r"\S*\d\S*")
_HOUSE = re.compile(r"\d{1,4}[a-zA-Z]?([-/–]\d{1,4}[a-zA-Z]?)?|\d{1,3}(st|nd|rd|th)", re.IGNORECASE)
_POSTAL_CODE = re.compile(r"((D|A|CH|F|I|B|L|NL|E|P|DK|PL|CZ|AT|DE|FR|IT|BE|LU|ES|PT|SE|S|N|FI|GR|H|HU)-)?\d{4,6}(-\d{3,4})?")
_POSTAL_PIECE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?|\d[A-Z]{2}|[A-Z]\d[A-Z]|\d[A-Z]\d|\d{4}[A-Z]{2}")  # of Britain, Canada, Holland
_OF_A_PERSON = re.compile(r"\d{3}-\d{2}-\d{4}")  # a social security number
# What stands before the number of a case, of an order, of a person.
_NUMBERED = words_of(
    """
    account acct age aktenzeichen auftrag auftragsnr auftragsnummer az bestelling bestellnr bestellnummer birth birthday born case
    claim commande customer dob dossier factura facture fattura geboren id invoice kd.nr klantnummer kunde kunden kundennr
    kundennummer member minor no nr num number numero número nummer order ordine pedido policy rechnung rechnungsnummer ref
    reference rma serial sn so ssn ticket vin vorgang vorgangsnummer
    """
)
_OF_NO_MOTTO = words_of(
    "no not nothing nobody none never waiting this kein keine nichts niemand sans aucun aucune sin nada geen niets"
)


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


def is_a_first_name(line: str, own: frozenset[str], *, closed: bool) -> bool:
    """Whether it is the name of a sender whom their mail program names, too: one word of it is theirs. "Zerbrochenes Glas" and
    "Gas Leak" are written as names are. Below thanks stands a name, whoever's mailbox it is.
    """
    theirs = any(_is_the_senders(word, own) for word in _WORD.findall(line))
    return (theirs or closed) and is_a_name(line, own, closed=closed)


def is_a_second_name(line: str, own: frozenset[str], *, closed: bool) -> bool:
    """Whether it is a name, below another one: the sender's, or a company's with a word of companies. Others may be remarks."""
    words = [word for word in _WORD.findall(line) if word.lower().strip(".") not in OF_SURNAMES]
    known = any(_is_the_senders(word, own) for word in words) or names_a_house([word.lower().strip(".,") for word in words])
    return (len(words) <= _MOST_UNKNOWN or known) and is_a_name(line, own, closed=closed)


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
    if _SINCE.fullmatch(rest) and not _OF_PERSONS.search(rest):  # "Crafting light since 1987"; who waits, waits since last year
        words = [word.lower().strip(".,'’") for word in _WORD.findall(rest)]
        return not any(word in OF_SHOPS or word in _OF_NO_MOTTO for word in words) and len(rest.split()) <= MOST_WORDS
    return _is_titled(rest)


def _is_titled(rest: str) -> bool:
    """Whether its words begin with capitals or are of offices, and none is of a sentence: "Acme Corp", "12 Main Street"."""
    rest = _NEW.sub("", _BOX.sub("Postfach", rest))
    words = _WORD.findall(_WITH_DIGITS.sub(" ", rest))  # those with digits are asked for a place
    lower = [word.lower().strip(".'’-,") for word in words]
    of_office = any(word in OFFICES for word in lower)
    if len(words) > MOST_WORDS or any(ord(word[0]) >= 0x2E80 for word in words):
        return False
    if re.search(r"\d", rest) and not _is_a_place(rest, words):
        return False
    heads = _HEADS.match(rest)  # "Geschäftsführer: Hans Krüger"
    of_house = is_known(heads[1].lower()) if heads else names_a_house(lower)
    if len(words) > _MOST_UNKNOWN and not re.search(r"[\d,&]", rest) and not of_house:
        return False
    for word, plain in zip(words, lower, strict=True):
        if (
            plain in LINKING
            or STREETS.fullmatch(plain)
            or (of_office and plain in BESIDE_OFFICES)
            or (word.isupper() and len(word) == len("IL"))
        ):
            continue
        if not word[0].isupper() or is_of_sentences(word) or _ends_as_verbs_do(plain):
            return False
    return bool(words) or _is_a_place(rest, words)


def is_office_and_more(rest: str) -> bool:
    """Whether behind a name, on its line, stands an office, a company or a telephone number."""
    return bool(_PHONE.search(rest)) or any(is_known(word.lower().strip(".,")) for word in _WORD.findall(rest[:LONGEST]))


def _is_a_place(rest: str, words: list[str]) -> bool:
    """Whether its numbers are of houses and towns: "12 Main Street", "Hauptstr. 12a", "Reno, NV 89501", "10115 Berlin".

    A number alone may be an order's; one behind a word that is no street's may be a case's.
    """
    if not words or "#" in rest or any(word.lower().strip(".-:") in _NUMBERED for word in words):
        return False
    tokens = rest.replace(",", " , ").split()
    in_a_street = any(_OF_STREETS.fullmatch(word.lower().strip(".")) or STREETS.fullmatch(word.lower()) for word in words)
    for at, token in enumerate(tokens):
        if not any(character.isdigit() for character in token):
            continue
        before = tokens[at - 1] if at else ""
        first = at == 0 or before == ","
        behind_a_state = len(before) == len("NV") and before.isupper()
        house = _HOUSE.fullmatch(token) is not None and (first or in_a_street)
        if not (house or (_POSTAL_CODE.fullmatch(token) and (first or behind_a_state)) or _POSTAL_PIECE.fullmatch(token)):
            return False
    return True


def _is_a_phone(said: str, *, labelled: bool) -> bool:
    """Whether a number is a telephone's: with its parts or its label shown. Eight digits in a row may be an order's."""
    digits = sum(character.isdigit() for character in said)
    if not FEWEST_DIGITS <= digits <= MOST_DIGITS or holds_a_card_number(said):
        return False
    if labelled or said.startswith(("+", "(")):
        return True
    if _OF_A_PERSON.fullmatch(said.strip()) or (digits > MOST_DIGITS_WITHOUT_A_COUNTRY and not said.startswith("0")):
        return False
    return bool(re.search(r"\d[\s().\-/]+\d", said))


def _folded(word: str) -> tuple[str, str]:
    """A name as addresses spell it: "Krüger" as "krueger" or "kruger"."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    return word.translate(_UMLAUTS), plain


def _may_be_the_senders(address: re.Match[str], own: frozenset[str], named: Collection[str]) -> bool:
    """Whether an address is of the one whose signature it stands in: it has a part of their name."""
    local = address[1].lower()
    known = {folded for word in {word.lower().strip(",.") for word in named} | own for folded in (word, *_folded(word))}
    long = [word for word in known if len(word) >= _SHORTEST_TOKEN]
    others = [part for part in re.split(r"[\W\d_]+", local) if len(part) >= _SHORTEST_TOKEN and not any(w in part for w in long)]
    return any(word in local for word in long) and not others
