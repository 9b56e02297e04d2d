"""What a mail seems to ask for. A proposal: a person confirms it."""

import re

from privacy.tickets.models import RightKind

LOOKED_AT = 5_000  # characters of subject and text

_REMOVE = r"(remov|delet|eras)"
_FRIEND = r"(friend|referr?al|referred|invit(e|ed|ation))"
_OURS = r"(all )?(of )?(my|the|any|our|personal)"

# The first kind with a sign that is found decides; the narrow ones come first.
_SIGNS: list[tuple[RightKind, list[str]]] = [
    (RightKind.SHINE_THE_LIGHT, [r"shine the light", r"1798\.83"]),
    (
        RightKind.PRINTED_STATEMENT,
        [r"(print(ed)?|paper|hard) (copy|version)[^.]{0,40}(privacy|statement|policy)", r"printed (privacy )?(statement|policy)"],
    ),
    (RightKind.LIMIT_USE, [r"limit (the )?use of my"]),
    (RightKind.REFERRAL_REMOVAL, [rf"\b{_FRIEND}[^.]{{0,80}}{_REMOVE}", rf"{_REMOVE}[^.]{{0,80}}(referr?al|invitation)"]),
    (
        RightKind.OPT_OUT,
        [
            r"unsubscribe|opt[ -]?out|opt me out",
            r"stop (sending|e-?mailing|mailing|calling|texting|contacting)",
            r"do(n'?t| not) (sell|share|send|contact|e-?mail|call)",
            r"(take|remove) me (off|from)|off (your|the) (mailing )?list",
            r"no more (e-?mails?|offers|newsletters?|catalog)",
            r"abmeld|melde[nt]? (sie )?mich\b[^.]{0,40}\bab\b|abbestell|(newsletter|verteiler)[^.]{0,40}austrag",
            r"keine (e-?mails?|werbung) mehr|désabonn|désinscri|(ne|veux|souhaite) plus recevoir",
            r"darme de baja|dar(se)? de baja|desuscrib|no (quiero|deseo) recibir",
            r"descadastr|cancelar (minha |a )?(inscrição|assinatura|subscrição)|não quero (mais )?receber|disiscri|cancellami",
            r"non voglio (più )?ricevere|afmelden|uitschrijven|meld me af|schrijf me uit|geen (e-?mails?|reclame) meer",
        ],
    ),
    (
        RightKind.DELETION,
        [
            rf"(delete|erase|destroy|remove|purge) {_OURS} [^.]{{0,40}}(data|information|account|details|record|profile|history)",
            r"right to (be forgotten|erasure|deletion)|delete me\b|close my account",
        ],
    ),
    (
        RightKind.CORRECTION,
        [
            r"(correct|update|change|fix|amend|rectify) (my|the|our) [^.]{0,40}(address|name|phone|e-?mail|number|data|details)",
            r"(address|name|number|data|information) [^.]{0,30}(is|are) (wrong|incorrect|out of date|outdated|misspelled)",
            r"i('ve| have) moved",
        ],
    ),
    (
        RightKind.ACCESS_SPECIFIC,
        [
            rf"(copy|export|download) of {_OURS} [^.]{{0,30}}(data|information|record)",
            r"subject access|data portability|specific pieces",
        ],
    ),
    (
        RightKind.ACCESS_CATEGORIES,
        [
            r"(what|which) [^.?]{0,40}(data|information) [^.?]{0,40}(have|hold|collect|store|keep)[^.?]{0,30}(me|us)\b",
            r"access (to )?my [^.]{0,20}(data|information|record)",
            r"right to know|request to know",
        ],
    ),
]
_COMPILED = [(kind, re.compile("|".join(f"(?:{sign})" for sign in signs), re.IGNORECASE)) for kind, signs in _SIGNS]


def named_kinds(subject: str, text: str) -> list[RightKind]:
    """Every right of which a mail has a sign, the narrow ones first."""
    looked_at = " ".join(f"{subject}\n{text}"[:LOOKED_AT].split())
    return [kind for kind, pattern in _COMPILED if pattern.search(looked_at)]


def proposed_kind(subject: str, text: str) -> RightKind:
    """The right that a mail seems to ask for; a question where nothing points elsewhere."""
    return next(iter(named_kinds(subject, text)), RightKind.QUESTION)
