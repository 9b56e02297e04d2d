"""Subjects that answering programs write, and those that only begin as theirs do."""

import re

from privacy.mailroom.policies.words import is_a_reply, is_forwarded, without_prefixes, without_tags

# They call the message automatic: no person's subject begins so and ends there.
_SAYS_SO = (
    r"auto(matic|mated|matische)?[ -]?(reply|response|responder|antwort|generated)|autoreply|autoresponder|auto:|"
    r"autom(\.|atische[rs]?) (antwort|e-?mail|mail|nachricht)|réponse auto|r[ée]ponse automatique|"
    r"(auto-?)?respuesta autom[áa]tica|auto-?re(spuesta|sposta)|risposta automatica|resposta autom[áa]tica|"
    r"automatisch(e beantwoording| antwoord)|autosvar|automatiskt svar|automatisk svar|"
    r"automaattinen vastaus|automatyczna odpowied|autoodpowied|automatická odpověď|automatikus válasz|"
    r"otomatik yanıt|răspuns automat|αυτόματη απάντηση|תשובה אוטומטית|رد تلقائي|"
    r"автоответ|автоматический ответ|автоматичен отговор|автоматична відповідь|自动(回复|答复)|外出自动(回复|答复)?|"
    r"自動(返信|回覆|応答)|자동 (회신|응답)|automatski odgovor|samodejni odgovor|automatinis atsakymas|"
    r"automātiskā atbilde|automaatvastus|automatická odpoveď|odpowiedź automatyczna|sjálfvirkt svar|otomatik cevap|"
    r"balasan otomatis|trả lời tự động|ตอบกลับอัตโนมัติ|स्वचालित उत्तर|resposta automàtica|(mensaje|mensagem) automátic|"
    r"(message|messaggio) automati|automatisk besvarelse|this is an auto(mated|matic) (e-?mail|message|reply|response)"
)
# They say that somebody is away, as the title of such an answer.
_SAYS_AWAY = (
    r"out[ -]of[ -](the[ -])?office|ooo(?=:)|vacation( reply| response| message| notice)?(?=\s*(:|$))|"
    r"abwesen(d|heit)|urlaubs(benachrichtigung|meldung|notiz)|absen(ce|t) du bureau|message d['’]absence|accusé de réception|"
    r"fuera de la oficina|ausente de la oficina|fuori (ufficio|sede)|assente dall['’]ufficio|fora do escritório|afwezig|frånvar|"
    r"fravær(ende)?\b|poissaolo|mimo kancelář|ofis dışında|不在通知|부재중|fuera de oficina"
)
# They say it as a person would, in a sentence.
_SAYS_I_AM_AWAY = (
    r"on vacation\b|away from (my|the) (mail|office|desk)\b|"
    r"i(['’]m| am) (currently )?(out of (the |my )?(office|town|country)|away)\b"
)
_REST_OF_WORD = r"[a-z\u00c0-\u04ff]*"
_ABOUT_OURS = r"\W*(re|aw|fwd?|wg|sv|vs|rv|tr|res)\s*[:：]"
# Whole are the forms "Automatic reply: Lamps" and "Autoreply from Ann", not "Automatic reply button is broken"; and the forms
# "Out of office: Lamps" and "Out of Office AutoReply: Lamps", not "Out of office lamps".
_AUTOMATIC = re.compile(
    rf"\s*\[?({_SAYS_SO}){_REST_OF_WORD}\s*(?=$|[^\w\s]|\d|(re|aw|from|to|von|auf|de|di|da|van|op)\b|d['’])|"
    rf"\s*\[?({_SAYS_AWAY}){_REST_OF_WORD}([ -](auto[- ]?)?(reply|replies|response|message|notice|notification|assistant))*"
    rf"(\W*$|\]|\s*[:：]|{_ABOUT_OURS})|"
    rf"\s*({_SAYS_I_AM_AWAY})(\W*$|{_ABOUT_OURS})|"
    # Lotus Notes: "AUTO: Smith, John is out of the office (returning 05/01/2010)"
    r"\s*auto: .{1,80}\b(is|ist|est) (out of (the )?office|abwesend|absente?)\b\W*($|\(|(until|bis|returning|jusqu)\b)|"
    r"\s*report domain: ?\S+ submitter:",
    re.IGNORECASE,
)
_ENDS_AUTOMATIC = re.compile(r"[\[(](auto(matic)?[ -]?(reply|response)|out of (the )?office)[\])]\s*$", re.IGNORECASE)
_BEGINS_SO = re.compile(rf"\s*\[?({_SAYS_SO}|{_SAYS_AWAY}|{_SAYS_I_AM_AWAY})", re.IGNORECASE)
# A machine or a person: nobody is opted out by the first word of such a mail, and nobody answers it by machine.
_DOUBTFUL = re.compile(
    r"\s*(holiday|vacation|(on |annual |maternity |parental |sick )?leave\b|away\b|absen|aus[eê]n|assent|absent|je suis absent|"
    r"en (congés?|vacances)|de vacaciones|estoy (de|fuera)|estou de|em férias|in ferie|ferie\b|(ich bin )?(im|in) urlaub|"
    r"nicht im (büro|haus)|eingangsbestätigung|niet aanwezig|op vakantie|ej på kontoret|ikke (til stede|på kontoret)|poissa\b|"
    r"nieobecn|poza biurem|отсутств|нет на месте|вне офиса|я в отпуске|i am (on|away)\b|ooo\b|ich bin nicht|bin im urlaub|"
    r"hors du bureau|notification d['’]absence|sono (in|fuori|assente)|assenza|niet op kantoor|fravær|nejsem v|házon kívül|"
    r"εκτός γραφείου|iş yeri dışında|不在|부재|מחוץ למשרד|אני מחוץ|خارج المكتب|auto)",
    re.IGNORECASE,
)


def is_an_automatic_replys(subject: str) -> bool:
    """Whether it is a subject as answering programs write it, and no more than that.

    Behind "Re:" stands the subject of a mail that a person may have answered: "Re: Vacation: 20% off cabin lights" is ours.
    """
    whole = without_tags(subject)
    return bool(_ENDS_AUTOMATIC.search(whole)) or (not _is_behind(subject) and bool(_AUTOMATIC.match(whole)))


def _is_behind(subject: str) -> bool:
    """Whether "Re:" or "Fwd:" stands before it."""
    return is_a_reply(subject) or is_forwarded(subject)


def may_be_an_automatic_replys(subject: str) -> bool:
    """Whether it begins as theirs do, and goes on as a person's may: "I am away next week, please hold my parcel"."""
    bare = without_prefixes(subject)
    # "Re: Holiday lamps" is the subject of ours that a person answers.
    return bool(_BEGINS_SO.match(bare)) or (not is_a_reply(subject) and bool(_DOUBTFUL.match(bare)))
