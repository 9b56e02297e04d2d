"""Is it exactly the word? In the languages of our customers, and as they spell it (statement I; OPTOUTS.md, "Mailroom", 6)."""

import re
import unicodedata
from html import unescape

UNSUBSCRIBE_WORDS = frozenset({"unsubscribe", "stop", "remove", "opt out", "cancel", "quit", "end", "revoke"})
_SPELT = {"optout": "opt out", "un subscribe": "unsubscribe"}  # the same words, as people also write them
# The same, of people who write in their own language; only words that mean nothing else when they stand
# alone. Without accents, which people leave out (`_plain`).
_ABROAD = frozenset(
    {"abmelden", "abmeldung", "abbestellen", "abbestellung", "austragen", "newsletter abbestellen", "newsletter abmelden",
     "desabonner", "me desabonner", "se desabonner", "desabonnement", "desinscrire", "me desinscrire", "se desinscrire",
     "desinscription", "desabonnez moi", "desinscrivez moi", "de me desabonner", "de me desinscrire",
     "um abmeldung", "um austragung",
     "darme de baja", "dar de baja", "darse de baja", "desuscribir", "desuscribirme", "cancelar suscripcion",
     "descadastrar", "cancelar inscricao", "cancelar assinatura", "cancelar subscricao",
     "disiscrivimi", "disiscrivermi", "disiscrizione", "cancella iscrizione", "annulla iscrizione",
     "afmelden", "uitschrijven", "afmelding"}
)  # fmt: skip
# Whole sentences that leave no doubt either. "Please stop" does: stop what?
_POLITELY = r"(please|pls|plz|kindly|bitte|s il vous plait|por favor|per favore|alstublieft|svp|aub|thanks|thank you|danke|merci)"
_SENTENCE = re.compile(
    rf"({_POLITELY} )?(unsubscribe( me)?|opt me out|unsubscribe( me)? from (this|these|your|the|all|all of your|all your)"
    r"( e ?mail| promotional| marketing)? (e ?mails?|newsletters?|mailings?)|"
    rf"(unsubscribe( me)?|(remove|take) me) (from|off|off of) "
    rf"(this|your|the|all|all your)( e ?mail| mailing| marketing| newsletter| distribution)? lists?)"
    rf"( now| immediately| asap| today)?( {_POLITELY})?"
)
_ABROAD_POLITELY = re.compile(rf"({_POLITELY} )?(?P<wish>.{{1,60}}?)( {_POLITELY})?")
LONGEST_LINE = 400  # characters of a subject or line that are looked at


def _plain(line: str) -> str:
    """The line's words in lower case, without accents, punctuation, HTML's entities, and characters that nobody sees."""
    letters = []
    for character in unicodedata.normalize("NFKD", unescape(line) if "&" in line else line):
        category = unicodedata.category(character)
        if category not in {"Cf", "Mn"}:
            letters.append(" " if category[0] in "PSZC" else character)
    return " ".join("".join(letters).lower().replace("ı", "i").split())  # the Turkish "i" without a dot


# "メルマガ解除", "退订" and the like: written without spaces, and plain only by `_plain`.
_FAR_ABROAD = frozenset(
    _plain(word)
    for word in (
        "配信停止", "配信停止希望", "配信解除", "メルマガ解除", "メルマガ配信停止", "購読解除",
        "退订", "退訂", "取消订阅", "取消訂閱",
        "수신거부", "수신 거부", "구독취소", "구독 취소", "отписаться", "отписка", "отпишите меня", "wypisz mnie", "avregistrera",
        "avregistrera mig", "avprenumerera", "afmeld", "afmeld mig", "frameld", "avmeld", "odhlásit odběr", "abonelikten çık",
        "hủy đăng ký",
    )
)  # fmt: skip


def is_unsubscribe_word(line: str) -> bool:
    """Whether the line is exactly an unsubscribe word (or "please unsubscribe me"), case and punctuation aside."""
    if len(line) > LONGEST_LINE:
        return False
    said = _plain(line)
    said = _SPELT.get(said, said)
    words = said.split()
    if len(words) > 1 and len(set(words)) == 1:  # STOP STOP STOP
        said = words[0]
    if said in UNSUBSCRIBE_WORDS or said in _FAR_ABROAD or _SENTENCE.fullmatch(said):
        return True
    politely = _ABROAD_POLITELY.fullmatch(said)
    return bool(politely and politely["wish"] in _ABROAD)


def words_of(text: str) -> frozenset[str]:
    """The words of a text that lists some, by the spaces between them."""
    return frozenset(text.split())
