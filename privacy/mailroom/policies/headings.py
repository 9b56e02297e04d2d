"""The headings that mail programs write above what they quote or forward: "From: … Sent: … To: … Subject: …"."""

import re
from collections.abc import Sequence
from itertools import takewhile

from privacy.mailroom.policies.attributions import DAY, WHOSE_OR_WHEN
from privacy.mailroom.policies.exact import LONGEST_LINE

_DIRECTION = r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]{0,3}"  # stands around Hebrew and Arabic
_BEGINS = rf"^\s*{_DIRECTION}\*{{0,2}}{_DIRECTION}"
_ENDS = rf"{_DIRECTION}\s*[:：]"
QUOTED_HEADER = re.compile(
    rf"{_BEGINS}(from|von|de|de la|da|van|från|fra|lähettäjä|od|от|від|feladó|gönderen|kimden|από|saatja|nuo|dari|từ|"
    rf"frá|daripada|од|מאת|من|از|จาก|发件人|寄件者|差出人|보낸 ?사람){_ENDS}\*{{0,2}}\s*\S",
    re.IGNORECASE,
)
_NEXT_HEADER = re.compile(
    rf"{_BEGINS}(sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|inviato|a|data|verzonden|aan|"
    r"onderwerp|skickat|till|sendt|dato|til|lähetetty|vastaanottaja|wysłano|do|odesláno|komu|отправлено|дата|кому|"
    r"надіслано|изпратено|до|odoslané|poslano|za|saatmisaeg|adressaat|išsiųsta|siųsta|kam|dikirim|kepada|đã gửi|đến|enviat|per a|"
    r"poslato|primalac|послато|прима|за|dihantar|kuupäev|saaja|"
    r"ارسال شده|به|تاریخ|נשלח|תאריך|אל|تم الإرسال|تاريخ الإرسال|التاريخ|إلى|ส่ง|วันที่|ถึง|"
    r"küldve|címzett|trimis|către|subiect|gönderilen|tarih|kime|στάλθηκε|προς|"
    r"发送时间|收件人|寄件日期|送信日時|日時|宛先|보낸 ?날짜|받는 ?사람)" + _ENDS,
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    rf"{_BEGINS}(subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|тема|tárgy|"
    r"konu|θέμα|subiect|naslov|наслов|efni|موضوع|zadeva|teema|tema|относно|chủ đề|subjek|perihal|assumpte|"
    r"נושא|הנדון|الموضوع|เรื่อง|"
    r"主题|主旨|件名|제목)" + _ENDS,
    re.IGNORECASE,
)
LINES_OF_HEADING = 6
_MOST_LINES = 1_500
LINES_OF_NOTES = 14
_LONGEST_OF_A_DATE = 40
_TO = frozenset({"to", "an", "à", "para", "pour", "aan", "a"})
NAMES_ITS_AUTHOR = re.compile(r"[^<>@]{0,100}<[^<>\s@]{1,64}@[^<>\s@]{1,253}>")


def is_of_notes(lines: list[str]) -> bool:
    """Whether below its author's name and address a message is headed as Lotus Notes does: when, "To", whom, "Subject", what."""
    below = [line[:LONGEST_LINE].strip() for line in lines if line.strip()]
    if not below or len(below[0]) > _LONGEST_OF_A_DATE or not (DAY.search(below[0]) and WHOSE_OR_WHEN.search(below[0])):
        return False
    addressed = any(line.lower() in _TO for line in below)
    return addressed and any(":" not in line and _SUBJECT.match(f"{line}:") for line in below)


def is_a_heading(lines: list[str]) -> bool:
    """Whether these lines begin with the headers of a message, as Outlook writes them above what it quotes.

    WEB.DE and GMX write its date first.
    """
    if not lines:
        return False
    if not QUOTED_HEADER.match(lines[0]):
        dated = _NEXT_HEADER.match(lines[0]) and DAY.search(lines[0]) and len(lines) > 1 and QUOTED_HEADER.match(lines[1])
        return bool(dated) and any(_NEXT_HEADER.match(line) for line in lines[2:LINES_OF_HEADING])
    more = [line for line in lines[1:LINES_OF_HEADING] if _NEXT_HEADER.match(line)]
    whole = " ".join(lines[:LINES_OF_HEADING])
    return len(more) > 1 or bool(more and (DAY.search(whole) or WHOSE_OR_WHEN.search(whole)))


def are_headers(lines: list[str]) -> bool:
    """Whether these lines begin with headers of a message, in whatever order: programs write the subject first, or the date."""
    found = [bool(QUOTED_HEADER.match(line) or _NEXT_HEADER.match(line)) for line in lines[:LINES_OF_HEADING]]
    return found[:1] == [True] and sum(found) > 1


def is_a_messages(lines: list[str]) -> bool:
    """Whether a heading is a message's, which names an address, or a subject and an hour, and not a letter's or a parcel's."""
    block = list(takewhile(bool, lines[:LINES_OF_HEADING]))
    whole = " ".join(block)
    dated = DAY.search(whole) and WHOSE_OR_WHEN.search(whole)
    return "@" in whole or bool(dated and any(_SUBJECT.match(line) for line in block))


def authors_of(lines: Sequence[str]) -> list[str]:
    """What the headings of quoted messages among these lines name as authors, where they give an address."""
    return [line for line in lines[:_MOST_LINES] if "@" in line and QUOTED_HEADER.match(line[:LONGEST_LINE])]


def author_of(heading: Sequence[str]) -> str:
    """What the first lines of a quoted message name as its author; empty where they name nobody."""
    for line, below in zip(heading, [*heading[1:], ""], strict=True):
        if QUOTED_HEADER.match(line[:LONGEST_LINE]):
            return f"{line} {below}" if below.lstrip().startswith("<") else line
    return ""
