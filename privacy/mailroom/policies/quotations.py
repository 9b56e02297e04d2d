"""What in a text did its sender write, and what do they quote, forward, or have from their programs? (OPTOUTS.md, "Mailroom", 6)

Each line is looked at once, and of what stands beyond MOST_LINES nothing is taken for a quotation but what is marked as one.
"""

import re
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from itertools import takewhile

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
_QUOTED_HEADER = re.compile(
    r"^\s*\*{0,2}(from|von|de|de la|da|van|från|fra|lähettäjä|od|от|від|feladó|gönderen|kimden|από|"
    r"发件人|寄件者|差出人|보낸 ?사람)\s*[:：]\*{0,2}\s*\S",
    re.IGNORECASE,
)
_NEXT_HEADER = re.compile(
    r"^\s*\*{0,2}(sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|inviato|a|data|verzonden|aan|"
    r"onderwerp|skickat|till|sendt|dato|til|lähetetty|vastaanottaja|wysłano|do|odesláno|komu|отправлено|дата|кому|"
    r"küldve|címzett|trimis|către|subiect|gönderilen|tarih|kime|στάλθηκε|προς|"
    r"发送时间|收件人|寄件日期|送信日時|日時|宛先|보낸 ?날짜|받는 ?사람)\s*[:：]",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\*{0,2}(subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|тема|tárgy|konu|θέμα|subiect|"
    r"主题|主旨|件名|제목)\s*[:：]",
    re.IGNORECASE,
)
LINES_OF_HEADING = 6
LINES_OF_NOTES = 14
_LONGEST_OF_A_DATE = 40
_TO = frozenset({"to", "an", "à", "para", "pour", "aan", "a"})
_NAMES_ITS_AUTHOR = re.compile(r"[^<>@]{0,100}<[^<>\s@]{1,64}@[^<>\s@]{1,253}>")
_SHORTEST_RULER = 10
_LONGEST_OF_AN_ADDRESS = 100
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
    lines = _SIGNED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"), count=1).split("\n")
    said: list[tuple[Kind, str]] = []
    own, position, looked_at, quotes = Kind.OWN, 0, 0, False
    while position < len(lines):
        line = lines[position]
        cut = line[:LONGEST_LINE].strip()
        if looked_at >= MOST_LINES:
            said += [(Kind.QUOTED if other.lstrip()[:1] in MARKS else own, other) for other in lines[position:]]
            break
        if not quotes and _FORWARDED_AND_MARKED.match(cut):
            said += [(Kind.FORWARDED, other) for other in lines[position:]]
            break
        quotes = quotes or cut.startswith(MARKS)
        if not cut or (cut.startswith(MARKS) and not (cut.startswith(">>> ") and _REST_IS_QUOTED.match(cut))):
            said.append((Kind.QUOTED if cut.startswith(MARKS) else own, line))
            position += 1
            continue
        looked_at += 1
        if rest := _rest_is(lines, position, cut):
            said += [(rest, other) for other in lines[position:]]
            break
        kind, length = _kind_of(lines, position, cut)
        if cut == _SIGNATURE_BEGINS and line != _SIGNATURE_BEGINS and any(other.strip() for _, other in said):
            own = Kind.SIGNED
        said += [(kind or own, other) for other in lines[position : position + length]]
        position += length
        if kind is Kind.QUOTED and own is not Kind.BENEATH and _stands_unmarked(lines, position, length):
            own = Kind.BENEATH
    return tuple(said)


def _rest_is(lines: list[str], position: int, cut: str) -> Kind | None:
    """Whose everything is from this line on; None where it does not begin anything of the kind."""
    following = [line[:LONGEST_LINE].strip() for line in lines[position + 1 : position + 1 + LINES_OF_HEADING]]
    if cut.startswith("_") and not cut.strip("_ ") and len(cut) >= _SHORTEST_RULER:
        return Kind.HEADED if following and _is_a_heading([line for line in following if line]) else None
    below = [line for line in following if line]
    if _FORWARDED.match(cut):  # Apple's programs mark what they forward as a quotation
        return Kind.FORWARDED
    if cut.startswith(("-", "\u2010", ">>> ")) and _REST_IS_QUOTED.match(cut):
        if below and (_QUOTED_HEADER.match(below[0]) or _are_headers(below)):
            return Kind.HEADED
        introduces = cut.startswith(">>> ") or _WROTE.search(cut)
        introduced = bool(below) and (below[0].startswith(MARKS) or length_of_attribution(below, 0) > 0)
        return Kind.QUOTED if introduces or introduced else None
    heading = [cut, *following]
    if _is_a_heading(heading) and _is_a_messages(heading):
        return Kind.HEADED
    below = lines[position + 1 : position + 1 + LINES_OF_NOTES]
    return Kind.HEADED if _NAMES_ITS_AUTHOR.fullmatch(cut) and _is_of_notes(below) else None


def _is_of_notes(lines: list[str]) -> bool:
    """Whether below its author's name and address a message is headed as Lotus Notes does: when, "To", whom, "Subject", what."""
    below = [line[:LONGEST_LINE].strip() for line in lines if line.strip()]
    if not below or len(below[0]) > _LONGEST_OF_A_DATE or not (DAY.search(below[0]) and WHOSE_OR_WHEN.search(below[0])):
        return False
    addressed = any(line.lower() in _TO for line in below)
    return addressed and any(":" not in line and _SUBJECT.match(f"{line}:") for line in below)


def _is_a_heading(lines: list[str]) -> bool:
    """Whether these lines begin with the headers of a message, as Outlook writes them above what it quotes.

    WEB.DE and GMX write its date first.
    """
    if not lines:
        return False
    if not _QUOTED_HEADER.match(lines[0]):
        dated = _NEXT_HEADER.match(lines[0]) and DAY.search(lines[0]) and len(lines) > 1 and _QUOTED_HEADER.match(lines[1])
        return bool(dated) and any(_NEXT_HEADER.match(line) for line in lines[2:LINES_OF_HEADING])
    more = [line for line in lines[1:LINES_OF_HEADING] if _NEXT_HEADER.match(line)]
    whole = " ".join(lines[:LINES_OF_HEADING])
    return len(more) > 1 or bool(more and (DAY.search(whole) or WHOSE_OR_WHEN.search(whole)))


def _are_headers(lines: list[str]) -> bool:
    """Whether these lines begin with headers of a message, in whatever order: programs write the subject first, or the date."""
    found = [bool(_QUOTED_HEADER.match(line) or _NEXT_HEADER.match(line)) for line in lines[:LINES_OF_HEADING]]
    return found[:1] == [True] and sum(found) > 1


def _is_a_messages(lines: list[str]) -> bool:
    """Whether a heading is a message's, which names an address, or a subject and an hour, and not a letter's or a parcel's."""
    block = list(takewhile(bool, lines[:LINES_OF_HEADING]))
    whole = " ".join(block)
    dated = DAY.search(whole) and WHOSE_OR_WHEN.search(whole)
    return "@" in whole or bool(dated and any(_SUBJECT.match(line) for line in block))


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
    if not (_is_a_programs(introduced) and ENDS_IN_COLON.search(introduced.rstrip()[-6:])):
        return False
    after = next((line.strip() for line in lines[position : position + 5] if line.strip()), ">")
    return not after.startswith(MARKS)


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


def authors_of(lines: Sequence[str]) -> list[str]:
    """What the headings of quoted messages among these lines name as authors, where they give an address."""
    return [line for line in lines[:MOST_LINES] if "@" in line and _QUOTED_HEADER.match(line[:LONGEST_LINE])]


def author_of(heading: Sequence[str]) -> str:
    """What the first lines of a quoted message name as its author; empty where they name nobody."""
    for line, below in zip(heading, [*heading[1:], ""], strict=True):
        if _QUOTED_HEADER.match(line[:LONGEST_LINE]):
            return f"{line} {below}" if below.lstrip().startswith("<") else line
    return ""


def first_own_line(text: str) -> str:
    """The first line that the sender wrote themselves and that shows anything; of an unmarked quotation nobody knows."""
    return next((line.strip() for kind, line in lines_of(text) if kind is Kind.OWN and _SEEN.search(line)), "")


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
