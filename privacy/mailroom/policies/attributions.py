"""The lines that introduce a quotation: "On … wrote:", in many languages, broken over several lines.

A sentence in which somebody says of themselves that they wrote is none.
"""

import re

from privacy.mailroom.policies.exact import LONGEST_LINE, is_unsubscribe_word

MARKS = (">", "|")
_ATTRIBUTION = re.compile(
    r"^\s*(on\b.{4,300}\bwrote|am\b.{4,300}\bschrieb\b.{0,120}|le\b.{4,300}\ba écrit|el\b.{4,300}\bescribi[óo]|"
    r"il\b.{4,300}\bha scritto|em\b.{4,300}\bescreveu|op\b.{4,300}\bschreef\b.{0,120}|den\b.{4,300}\bskrev\b.{0,120}|"
    r"dne\b.{4,300}\bnapsal.{0,120}|w dniu\b.{4,300}\bnapisał.{0,120}|"
    r"w dniu\b.{4,300}\bpisze.{0,120}|.{0,40}\d{4}.{1,300}\b(пишет|написал\(?а?\)?|писав|写道)|"
    r"\d{4}年.{1,300}<[^<>\s]+@[^<>\s]+>|"
    r".{1,200}<[^<>\s]+@[^<>\s]+>\s+(wrote|writes|schrieb|a écrit|escribi[óo]|ha scritto|escreveu|schreef|skrev)|"
    r"am\b.{4,200}\bhat\b.{1,200}\bgeschrieben|.{1,200}<[^<>\s]+@[^<>\s]+>\s+hat am\b.{4,100}\bgeschrieben|"
    r"op\b.{4,200}\bheeft\b.{1,200}\bgeschreven|dnia\b.{4,200}\bnapisał.{0,20}|"
    r".{1,200}<[^<>\s]+@[^<>\s]+>\s+skrev følgende den\b.{4,60}|"
    r"(quoting|zitat von|citando|citeren)\b.{1,200}<[^<>\s]+@[^<>\s]+>|"
    r"(in a message dated|in einer e-?mail vom|dans un e-?mail daté du|en un mensaje con fecha)\b.{1,200}\S@\S.{0,60}"
    r"\b(writes|wrote|schreibt|écrit|escribe))"
    r"\s*[:：]?\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION_ENDS = re.compile(r"(.{0,80}<)?[^<>\s]+@[^<>\s]+>\s*[:：]$")  # "Am … schrieb Lumens <" stands before it
_ATTRIBUTION_BEGINS = re.compile(
    r"^\s*(on|in a message dated|in einer e-?mail vom|am|le|el|il|em|op|den|dne|w dniu)\b.{0,300}$", re.IGNORECASE
)
# The last line before a quote, whatever its language: it ends in a colon and says on which day, and whose or at what time.
DAY = re.compile(r"(?<!\d)((19|20)\d\d|\d{1,2}[/.-]\d{1,2}[/.-]\d\d)(?!\d)")
WHOSE_OR_WHEN = re.compile(r"\S@\S|(?<![\d.])\d{1,2}[:.]\d\d(?![\d.])")
_SAYS_WHO = re.compile(
    r"(?!i\b)(\S{1,40} ){1,5}(wrote|writes|schrieb|a écrit|escribi[óo]|ha scritto|escreveu|schreef|skrev) ?[:：]",
    re.IGNORECASE,
)
# What every attribution has that is known by its words alone: without one of these it need not be looked at.
_OF_ATTRIBUTIONS = (
    "wrote", "writes", "schrieb", "écrit", "escribi", "scritto", "escreveu", "schreef", "skrev", "napsal", "napisał", "pisze",
    "geschrieben", "geschreven", "пишет", "написал", "писав", "写道", "年", "quoting", "zitat von", "citando", "citeren",
    "in a message dated", "in einer e-mail vom", "in einer email vom", "dans un e-mail daté", "en un mensaje con fecha",
)  # fmt: skip
# "On Mon, Nov 23, 2026 at 10:00 AM, Lumens<offers@lumens.com> wrote: Order now", as Yahoo's programs quote.
ATTRIBUTION_AND_QUOTE = re.compile(
    r"(on|am|le|el|il|em|op|den)\b.{4,300}\b(wrote|schrieb.{0,120}|a écrit|escribi[óo]|ha scritto|escreveu|schreef.{0,120}|skrev"
    r".{0,120}) ?[:：]\s*\S",
    re.IGNORECASE,
)
_ENDS_IN_ADDRESS = re.compile(
    r"\S@\S+[>)\]]\W{0,4}(wrote|writes|a écrit|escribi[óo]|ha scritto|escreveu|skrev)?\W{0,4}$", re.IGNORECASE
)
# A person who says it of themselves: "Am 3. November schrieb ich Ihnen, dass …".
_OF_ONESELF = re.compile(
    r"\b(i wrote|schrieb (ich|wir)|(habe?n?|hatten?) (ich|wir)|(ich|wir) (habe?n?|hatten?)|schreef (ik|wij)|skrev (jag|jeg|vi)|"
    r"j['’]ai écrit|(vous|lui|leur) ai écrit|escribí|ho scritto|escrevi|napisał[ea]m|napsala? jsem|я (вам )?(на)?писала?)\b",
    re.IGNORECASE,
)
ENDS_IN_COLON = re.compile(r"[:：]\W{0,4}$")
MOST_LINES_OF_ATTRIBUTION = 3


def length_of_attribution(lines: list[str], position: int) -> int:
    """How many lines from here say "On … wrote:", which mail programs break in two or three; none where they do not."""
    first = lines[position][:LONGEST_LINE].strip()  # whose many ways to begin would each try every blank
    following = [line[:LONGEST_LINE].strip() for line in lines[position + 1 : position + MOST_LINES_OF_ATTRIBUTION]]
    if not any(word in " ".join([first, *following]).lower() for word in _OF_ATTRIBUTIONS):
        return 0
    if _ATTRIBUTION.match(first) and _is_anothers(lines, position, 1, first):
        broken = not ENDS_IN_COLON.search(first[-6:]) and following and _ATTRIBUTION_ENDS.match(following[0])
        return 2 if broken else 1
    if not _ATTRIBUTION_BEGINS.match(first):
        return 0
    said = first
    for length, line in enumerate(following, start=2):
        said = f"{said} {line}".rstrip()
        if _ATTRIBUTION.match(said) and _is_anothers(lines, position, length, said):
            return length
    return 0


def _is_anothers(lines: list[str], position: int, length: int, said: str) -> bool:
    """Whether what reads like "On … wrote" is a program's: a quotation follows it, or it ends in a colon, and says on which day,
    at what time, or whose address; or it ends in the address.
    """
    after = next((line.lstrip() for line in lines[position + length : position + length + 3] if line.strip()), "")
    if after.startswith(MARKS):
        return True
    if _OF_ONESELF.search(said):
        return False
    if _ENDS_IN_ADDRESS.search(said) or _ATTRIBUTION_ENDS.match(after):
        return True
    return bool(ENDS_IN_COLON.search(said[-6:]) and (DAY.search(said) or WHOSE_OR_WHEN.search(said)))


def length_before_quote(lines: list[str], position: int) -> int:
    """How many lines from here introduce the quote that follows them: none, or up to MOST_LINES_OF_ATTRIBUTION."""
    said: list[str] = []
    for line in lines[position : position + MOST_LINES_OF_ATTRIBUTION]:
        if not line.strip() or line.lstrip().startswith(MARKS) or len(line) > LONGEST_LINE:
            return 0
        said.append(line.strip())
        if ENDS_IN_COLON.search(line.rstrip()[-6:]):
            end = position + len(said)
            after = next((other for other in lines[end : end + 3] if other.strip()), "")
            introduces = after.lstrip().startswith(MARKS) and _introduces(said) and not _stands_above(said)
            return len(said) if introduces else 0
        if line.rstrip().endswith((".", "?", "!")):
            return 0
    return 0


def _introduces(said: list[str]) -> bool:
    """Whether these lines say on which day, and whose or at what time."""
    whole = " ".join(said)
    return bool(DAY.search(whole) and WHOSE_OR_WHEN.search(whole)) or bool(_SAYS_WHO.fullmatch(whole))


def _stands_above(said: list[str]) -> bool:
    """Whether the first of these lines is the sender's own, right above an attribution that is whole without it.

    What begins with an address ("Lumens", line break, "<offers@…> …:") lacks the name that was broken off.
    """
    if is_unsubscribe_word(said[0]):
        return True
    if said[0].endswith((",", "<")):  # "At Mon, 23 Nov 2026 10:00:00 -0500," and then whose
        return False
    return any(_introduces(said[start:]) and not said[start].startswith("<") for start in range(1, len(said)))
