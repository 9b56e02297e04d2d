"""What mail programs and guards of mailboxes say in plain words, with no header that tells it from a person's mail.

A receipt ("Your message was read on …") and a challenge ("To release your message for delivery, please …"). A person's wish must
not be taken for one: only wording that nobody writes by hand counts, in the text's own lines and near its beginning; for a
receipt the subject has to be one, too.
"""

import re
from typing import Any

from privacy.mailroom.policies.quotations import own_words
from privacy.mailroom.policies.words import without_tags

LOOKED_AT = 1_500  # characters
_RECEIPT_SUBJECT = re.compile(
    r"\s*((not )?read|return receipt|read receipt|(un)?gelesen|ungelesen gelöscht|lesebestätigung|(non )?lu|(no )?leído|"
    r"(non )?letto|(não )?lida|(niet )?gelezen|(o)?läst|(u)?læst|(ikke )?lest|luettu|przeczytano|přečteno)\s*[:：(]"
    r"|\s*return receipt\s*$",
    re.IGNORECASE,
)
_RECEIPT = re.compile(
    r"\bwas read (on|at) |\bwas deleted without being read\b|\b(has been|was) displayed on (the recipient|\d)|"
    r"\breturn receipt for the (mail|message)\b|\breceipt for the mail you sent\b|\byour document: .{0,300} was received by: |"
    r"\bwurde am .{0,80}\bgelesen\b|\bwurde ungelesen gelöscht\b|\ba été (lu|supprimé sans être lu) |\b(se leyó|fue leído) el |"
    r"\b(è stato letto|è stata letta)\b|\bfoi lida? (em|na|no|às) |\bis gelezen op\b|\b(lästes|läst) den |\bblev læst\b",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"\bto release your message for delivery, please\b|"
    r"\bprotecting (myself|himself|herself|themselves) from receiving (junk mail|spam)\b|"
    r"\bplease click (on )?the (link|button) below to complete the verification\b|"
    r"\byour (e-?mail|message)\b.{0,200}\b(was|has been) waitlisted\b.{0,200}\bguest list\b|"
    r"\byour (e-?mail|message) has been (put in a queue|held|quarantined) and is awaiting your confirmation\b|"
    r"\b(reply|respond) to this (challenge|confirmation request) (to|so that) .{0,60}\bdelivered\b|"
    r"\byour (e-?mail|message) (will|can)(not| not) be delivered until you (confirm|verify|click|reply)\b",
    re.IGNORECASE,
)
# What answering programs say of themselves, or of the one whom they stand in for, in their first words. A person may say it, too
# ("I am out of the office until Monday, please deliver on Tuesday").
_AUTOMATIC = re.compile(
    r"\bthis is an? (auto(mated|matic|matically generated)?[- ]?)(generated )?(e-?mail |mail )?"
    r"(reply|response|message|e-?mail|answer)\b|"
    r"\bdies ist eine automatisch(e| (generierte|erstellte|erzeugte|versendete)) (antwort|nachricht|e-?mail|mail)\b|"
    r"\bceci est une? (message|réponse|courriel|e-?mail) (automatique|généré automatiquement)\b|"
    r"\beste es un (mensaje|correo) (automático|generado automáticamente)\b|"
    r"\bquest[oa] è una? (messaggio|risposta|e-?mail) (automatic[oa]|generat[oa] automaticamente)\b|"
    r"\besta é uma (mensagem|resposta) automática\b|\bdit is een automatisch(e?| gegenereerd) (bericht|antwoord)\b|"
    r"это автоматическ(ий|ое) (ответ|сообщение|письмо)|自動(返信|配信|送信)|自动(回复|答复)|自動回覆|자동 ?(응답|회신)",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"((hello|hi|dear|thank you|thanks|greetings)\b[^.!:]{0,80}[.!:,]? ){0,2}"
    r"(please note that )?i( am|['’]m| will be) (currently |presently )?"
    r"((away )?on (annual |maternity |paternity |parental |sick |medical )?(leave|vacation|holidays?)|"
    r"out of (the |my )?(office|country|town)|away from (the office|my (desk|office|e-?mail))|travell?ing and will reply)\b|"
    r"((hallo|guten tag|vielen dank|danke|sehr geehrte)\b[^.!:]{0,80}[.!:,]? ){0,2}"
    r"ich bin (derzeit |zur ?zeit |momentan |aktuell )?(bis|ab|vom) .{0,40}"
    r"(nicht (im (büro|haus)|erreichbar)|außer haus|im urlaub)|"
    r"((bonjour|merci)\b[^.!:]{0,80}[.!:,]? ){0,2}je (suis|serai) (actuellement )?(absente?|en congés?) |"
    r"((hola|gracias|buenos días)\b[^.!:]{0,80}[.!:,]? ){0,2}"
    r"(estoy|estaré) (actualmente )?(de vacaciones|fuera de la oficina|ausente)",
    re.IGNORECASE,
)
_CHALLENGING = ("x-askversion", "x-spamarrest-noauth")


def says_it_is_automatic(facts: dict[str, Any]) -> bool:
    """Whether the text says so of itself, or begins as those do that stand in for somebody: nobody can be sure who wrote it."""
    said = " ".join(own_words(facts["text"])[:LOOKED_AT].split())
    return bool(_AUTOMATIC.search(said) or _AWAY.match(said))


def answered_by_a_program(facts: dict[str, Any]) -> str:
    """Why this is a mail program's receipt or a mailbox guard's challenge; empty where it is not plainly one."""
    said = " ".join(own_words(facts["text"])[:LOOKED_AT].split())
    if _RECEIPT_SUBJECT.match(without_tags(facts["subject"])) and _RECEIPT.search(said):
        return "a receipt in words"
    if any(name in facts["headers"] for name in _CHALLENGING) or _CHALLENGE.search(said):
        return "a challenge to the sender"
    return ""
