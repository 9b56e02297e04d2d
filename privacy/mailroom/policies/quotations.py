"""What in a text did its sender write, and what do they quote, forward, or have from their programs? (OPTOUTS.md, "Mailroom", 6)

Each line is looked at once, and of what stands beyond MOST_LINES nothing is taken for a quotation but what is marked as one.
"""

import re
from enum import Enum
from functools import lru_cache

from privacy.mailroom.policies.attributions import (
    ATTRIBUTION_AND_QUOTE,
    DAY,
    ENDS_IN_COLON,
    MARKS,
    WHOSE_OR_WHEN,
    length_before_quote,
    length_of_attribution,
)
from privacy.mailroom.policies.banners import ENDS_OF_BANNERS, MOST_LINES_OF_BANNER, goes_on_as_a_banner, is_a_banner
from privacy.mailroom.policies.devices import is_of_a_device
from privacy.mailroom.policies.exact import LONGEST_LINE, is_unsubscribe_word
from privacy.mailroom.policies.headings import (
    LINES_OF_HEADING,
    LINES_OF_NOTES,
    NAMES_ITS_AUTHOR,
    QUOTED_HEADER,
    are_headers,
    is_a_heading,
    is_a_messages,
    is_of_notes,
)


class Kind(Enum):
    """Whose a line is."""

    OWN = "the sender's"
    SIGNED = 'the sender\'s, below "-- "'
    BENEATH = 'beneath "On … wrote:", and not marked as a quotation'
    QUOTED = "the other side's"
    HEADED = 'the other side\'s, from "From: … Sent: …" on'
    FORWARDED = "somebody's, and the sender forwards it"
    PROGRAM = "a program's: a telephone's line, a gateway's warning"


Lines = tuple[tuple[Kind, str], ...]
MOST_LINES = 1_500  # that are not empty
_SIGNATURE_BEGINS = "--"
# From here on everything is the other side's.
_REST_IS_QUOTED = re.compile(
    r"^\s*[-\u2010]{2,}\s*(original message|original-nachricht|ursprüngliche nachricht|message d['’]origine|mensaje original|"
    r"messaggio originale|oorspronkelijk bericht|mensagem original|"
    r"originalnachricht|"
    r"oprindelig (meddelelse|besked)|opprinnelig melding|(ursprungligt |original)meddelande|alkuperäinen viesti|"
    r"wiadomość oryginalna|on\b.{4,300}\bwrote|"
    r".{0,200}<[^<>\s]{1,320}@[^<>\s]{1,253}>\s+(wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev) ?:|"  # Notes
    r"původní (zpráva|e-mail)|eredeti üzenet|исходное сообщение|orijinal mesaj|原始邮件|原始郵件|"
    r"original ?メッセージ|원본 메시지)\s*[-\u2010]{2,}\s*$|"
    r"^>>> .{1,200}\S@\S.{1,60} >>>\s*$",  # GroupWise
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^\s*(-{2,}\s*(forwarded message|weitergeleitete nachricht|message transféré|mensaje reenviado|messaggio inoltrato|"
    r"doorgestuurd bericht|mensagem (encaminhada|reencaminhada)|пересылаемое сообщение|перенаправленное сообщение|"
    r"转发的(邮件|消息)|vidarebefordrat meddelande|videresendt (meddelelse|besked|melding)|välitetty viesti|"
    r"treść przekazanej wiadomości|přeposlaná zpráva|továbbított üzenet|転送メッセージ|전달된 메시지)\s*-{2,}|"
    r"begin forwarded message:|anfang der weitergeleiteten (nachricht|e-mail):|début du message (réexpédié|transféré) ?:|"
    r"inicio del mensaje reenviado:|inizio messaggio inoltrato:|begin doorgestuurd bericht:|"
    r"início da mensagem (encaminhada|reencaminhada):|vidarebefordrat (mejl|brev):|start på videresendt besked:|"
    r"videresendt melding:|välitetty viesti alkaa:|początek przekazywanej wiadomości:|転送されたメッセージ:|"
    r"开始转发的邮件：)\s*$",
    re.IGNORECASE,
)
# Apple's and Gmail's programs put what they forward into a quotation, and sometimes this line, too. Below another quotation it
# is of the other side: they had forwarded something.
_FORWARDED_AND_MARKED = re.compile(rf"^> ?{_FORWARDED.pattern.removeprefix('^')}", re.IGNORECASE)
_SHORTEST_RULER = 10
_MOST_ABOVE_MARKS = 12
_LONGEST_OF_AN_ADDRESS = 100
_HOUR = re.compile(r"(?<![\d.:])\d{1,2}[:.]\d\d(?![\d.])")
_WROTE = re.compile(r"\bwrote\b", re.IGNORECASE)
_SEEN = re.compile(r"[^\s\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")  # a character that somebody sees
_DATED = ("in a message dated", "in einer e-mail vom", "in einer email vom")  # AOL's
_BRACKETED = re.compile(r"[<(\[]\s?(mailto:)?[^\s<>()\[\]]{1,64}@[^\s<>()\[\]]{1,253}\s?[>)\]]")
_PGP_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
BROKEN_FROM = 55  # characters: a shorter line is whole
_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]{1,40}: [^\n]{0,200}\n){0,5}\n")


@lru_cache(maxsize=2)  # every policy asks for the same text
def lines_of(text: str) -> Lines:
    """Each line of a text, with whose it is."""
    lines = _unescaped(_SIGNED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"), count=1).split("\n"))
    said: list[tuple[Kind, str]] = []
    own, marked, position, looked_at, quotes = Kind.OWN, Kind.QUOTED, 0, 0, False
    while position < len(lines):
        line = lines[position]
        cut = line[:LONGEST_LINE].strip()
        if looked_at >= MOST_LINES:
            said += [(marked if _is_marked(other.strip()) else own, other) for other in lines[position:]]
            break
        if not quotes and _FORWARDED_AND_MARKED.match(cut):
            said += [(Kind.FORWARDED, other) for other in lines[position:]]
            break
        quotes = quotes or _is_marked(cut)
        if not cut or (_is_marked(cut) and not (cut.startswith(">>> ") and _REST_IS_QUOTED.match(cut))):
            said.append((marked if cut else own, line))
            position += 1
            continue
        looked_at += 1
        if rest := _rest_is(lines, position, cut):
            end = _begins_to_be_marked(lines, position, cut) if rest in (Kind.HEADED, Kind.QUOTED) else len(lines)
            said += [(rest, other) for other in lines[position:end]]
            position, marked = end, rest
            continue
        kind, length = _kind_of(lines, position, cut)
        if cut == _SIGNATURE_BEGINS and line != _SIGNATURE_BEGINS and any(other.strip() for _, other in said):
            own = Kind.SIGNED
        said += [(kind or own, other) for other in lines[position : position + length]]
        position += length
        if kind is Kind.QUOTED and own is not Kind.BENEATH and _stands_unmarked(lines, position, length):
            own = Kind.BENEATH
    return tuple(said)


def _is_marked(cut: str) -> bool:
    """Whether a line is marked as a quotation; one that also ends in "|" is a row of somebody's table."""
    return cut.startswith(MARKS) and not (cut.startswith("|") and cut.endswith("|") and cut.strip("| "))


def _unescaped(lines: list[str]) -> list[str]:
    """The lines as they were written: mailbox files and old mail systems put a mark before a sentence that begins with "From".

    Among other marked lines, or introduced by one that ends in a colon, it is a quotation.
    """
    for at, line in enumerate(lines):
        if line.startswith(">From "):
            above = next((other.strip() for other in lines[max(at - 2, 0) : at][::-1] if other.strip()), "")
            below = next((other.strip() for other in lines[at + 1 : at + 3] if other.strip()), "")
            if not (above.startswith(MARKS) or below.startswith(MARKS) or above.endswith(":")):
                lines[at] = line[1:]
    return lines


def _rest_is(lines: list[str], position: int, cut: str) -> Kind | None:
    """Whose everything is from this line on; None where it does not begin anything of the kind."""
    following = [line[:LONGEST_LINE].strip() for line in lines[position + 1 : position + 1 + LINES_OF_HEADING]]
    if cut.startswith("_") and not cut.strip("_ ") and len(cut) >= _SHORTEST_RULER:
        return Kind.HEADED if following and is_a_heading([line for line in following if line]) else None
    below = [line for line in following if line]
    if _FORWARDED.match(cut):  # Apple's programs mark what they forward as a quotation
        return Kind.FORWARDED
    if cut.startswith(("-", "\u2010", ">>> ")) and _REST_IS_QUOTED.match(cut):
        if below and (QUOTED_HEADER.match(below[0]) or are_headers(below)):
            return Kind.HEADED
        introduces = cut.startswith(">>> ") or _WROTE.search(cut)
        introduced = bool(below) and (below[0].startswith(MARKS) or length_of_attribution(below, 0) > 0)
        return Kind.QUOTED if introduces or introduced else None
    heading = [cut, *following]
    if is_a_heading(heading) and is_a_messages(heading):
        return Kind.HEADED
    below = lines[position + 1 : position + 1 + LINES_OF_NOTES]
    return Kind.HEADED if NAMES_ITS_AUTHOR.fullmatch(cut) and is_of_notes(below) else None


def _begins_to_be_marked(lines: list[str], position: int, cut: str) -> int:
    """Where the marks begin of what "----- Original Message -----" introduces, as Outlook Express quotes: what stands below them
    is an answer. Behind the last line, where nothing is marked.
    """
    end = next(
        (at for at in range(position, min(position + _MOST_ABOVE_MARKS, len(lines))) if lines[at].lstrip()[:1] in MARKS), 0
    )
    heading = "\n".join(line.strip() for line in lines[position:end])
    whole = end and cut.startswith(("-", "\u2010")) and "\n\n" not in heading.strip()
    return end if whole else len(lines)


def _kind_of(lines: list[str], position: int, cut: str) -> tuple[Kind | None, int]:
    """Whose the lines from here are, and how many; None where they are the sender's own."""
    if cut == _PGP_SIGNATURE:
        end = next((at for at in range(position, min(len(lines), position + 100)) if lines[at].startswith("-----END")), position)
        return Kind.QUOTED, end + 1 - position
    if length := length_of_attribution(lines, position) or length_before_quote(lines, position):
        return Kind.QUOTED, length
    if ATTRIBUTION_AND_QUOTE.match(cut) and _is_a_programs(cut[: cut.find("@") + _LONGEST_OF_AN_ADDRESS] if "@" in cut else ""):
        return Kind.BENEATH, len(lines) - position
    if is_a_banner(cut):
        return Kind.PROGRAM, _lines_of_banner(lines, position)
    return (Kind.PROGRAM if is_of_a_device(cut) else None), 1


def _is_a_programs(introduced: str) -> bool:
    """Whether it names a day or an hour and an address in brackets: a person who says who wrote names one of them at most."""
    named = _BRACKETED.search(introduced) or ("@" in introduced and introduced.lower().lstrip().startswith(_DATED))
    return bool(named and (DAY.search(introduced) or WHOSE_OR_WHEN.search(introduced)))


def _stands_unmarked(lines: list[str], position: int, length: int) -> bool:
    """Whether what was just introduced, with an address or an hour, is not marked: Yahoo's and Apple's programs mark none."""
    introduced = " ".join(line[:LONGEST_LINE] for line in lines[position - length : position])
    # Front's programs put no brackets around the address, and say the day, the hour and it.
    whole = "@" in introduced and DAY.search(introduced) and _HOUR.search(introduced)
    if not ((whole or _is_a_programs(introduced)) and ENDS_IN_COLON.search(introduced.rstrip()[-6:])):
        return False
    after = [line.strip() for line in lines[position : position + _MOST_ABOVE_MARKS] if line.strip()] or [">"]
    # Yahoo's write tables so: "| Lamps |", or "|" on a line of its own, first of all.
    is_a_table = after[0] == "|" or (after[0].startswith("|") and any(line[-1] == "|" and line != "|" for line in after))
    return is_a_table or not after[0].startswith(MARKS)


@lru_cache(maxsize=2)
def own_text(text: str, *, passed_on: bool = False) -> str:
    """What a person who reads the conversation has to see: all that the sender wrote, their signature, and what they forward.

    Without quotations, attributions ("On … wrote:"), and the lines of programs. passed_on: what stands below "From: … Sent: …"
    is forwarded, too.
    """
    shown = (Kind.OWN, Kind.SIGNED, Kind.BENEATH, Kind.FORWARDED, *((Kind.HEADED,) if passed_on else ()))
    return "\n".join(line for kind, line in lines_of(text) if kind in shown).strip()


@lru_cache(maxsize=2)
def own_words(text: str) -> str:
    """The same without the signature below "-- " and without what is forwarded: what the sender says themselves."""
    shown = (Kind.OWN, Kind.BENEATH)
    return "\n".join(line for kind, line in lines_of(text) if kind in shown).strip()


def unforwarded(text: str) -> str:
    """All that the sender wrote, below their signature, too; nothing that they forward."""
    shown = (Kind.OWN, Kind.SIGNED, Kind.BENEATH)
    return "\n".join(line for kind, line in lines_of(text) if kind in shown).strip()


def first_own_line(text: str) -> str:
    """The first line that the sender wrote themselves and that shows anything; of an unmarked quotation nobody knows.

    Of what stands right below "On …, Lumens wrote:", without marks and without an address, nobody knows either. What stands in
    a table nobody wrote as their first line.
    """
    introduced = False
    for kind, line in lines_of(text):
        if not _SEEN.search(line.replace("|", "")):
            continue
        if kind is Kind.OWN:
            return "" if introduced or line.lstrip().startswith("|") else line.strip()
        introduced = kind is Kind.QUOTED and not line.lstrip().startswith((*MARKS, "-----"))
    return ""


def forwards(text: str) -> bool:
    """Whether a text ends in what its sender forwards, by a line that says so."""
    return lines_of(text)[-1][0] is Kind.FORWARDED


def ends_in_a_quotation(text: str) -> bool:
    """Whether a text ends within a quotation that nothing marks: a picture in it may part it from what is still quoted."""
    last = next(((kind, line) for kind, line in reversed(lines_of(text)) if _SEEN.search(line)), (Kind.OWN, ""))
    return last[0] is Kind.HEADED or (last[0] is Kind.QUOTED and not _is_marked(last[1].strip()))


def _lines_of_banner(lines: list[str], position: int) -> int:
    """How many lines a gateway's warning takes from here: the mail programs on its way break a long one into several."""
    end = position
    while (
        end - position < MOST_LINES_OF_BANNER
        and len(lines[end]) > BROKEN_FROM
        and lines[end].rstrip()[-1:] not in ENDS_OF_BANNERS
        and end + 1 < len(lines)
        and lines[end + 1].strip()
        and not is_unsubscribe_word(lines[end + 1])
        and goes_on_as_a_banner(lines[end + 1][:LONGEST_LINE])
    ):
        end += 1
    return end + 1 - position
