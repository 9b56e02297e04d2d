"""What else does a person say who says "unsubscribe"? (OPTOUTS.md, "Nothing is dropped")

The wish is honoured by machine. What stands beside it is a person's to read, unless it is plainly nothing: a greeting, thanks, a
signature, a footer, the same wish in more words. Where this is not plain, a person reads it.
"""

import re

from privacy.mailroom.policies.words import is_a_reply, is_unsubscribe_word, own_text, without_prefixes
from privacy.tickets.models import RightKind
from privacy.tickets.policies import named_kinds

MOST_WORDS_OF_NOTHING = 5
FEWEST_WORDS_OF_A_QUESTION = 3
MOST_LINES = 200
MOST_SENTENCES = 300
LONGEST_LINE = 1_000  # characters
_SIGNATURES_LINE_HAS = 8  # words at most

# Whatever else a sentence says: with one of these it is about something.
_ABOUT = re.compile(
    r"\b(orders?|ordered|refund\w*|invoices?|deliver\w*|ship(s|ped|ping|ment)?|parcels?|packages?|warranty|broken|damaged|"
    r"charged?|charges|payments?|paid|money|accounts?|passwords?|data|dsgvo|gdpr|rgpd|ccpa|lawyers?|attorneys?|"
    r"delet(e|ed|ion)|eras(e|ed|ure)|lösch\w*|supprim\w*|effac\w*|elimin\w*|borr(ar|en|e)|apag(ar|uem)|verwijder\w*|"
    r"auskunft|daten|konto|bestell(ung|ungen|t)|rechnung|données|compte|commande|datos|cuenta|pedido|dados|conta|dati|"
    r"ordine|gegevens|bestelling)\b",
    re.IGNORECASE,
)
# Other choices than the one about e-mail that the word makes.
_ANOTHER_CHOICE = re.compile(
    r"\b(stop|not|don['’]?t|no|never|cease)\b[^.!?]{0,40}\b(call(s|ing|ed)?|phon(e|ing)|telephon\w+|text(s|ing)?|sms|catalog\w*|"
    r"post|letters|sell(ing)?|sale|sold|shar(e|ed|ing))\b",
    re.IGNORECASE,
)
_ORDER_WITH_NUMBER = re.compile(
    r"\b(order|invoice|return|commande|bestellung|pedido|ordine|bestelling)\b\W{0,3}(n[ro°]|number|nummer)?\W{0,4}[a-z]{0,4}-?\d{3,}",
    re.IGNORECASE,
)
_OF_MAIL = (
    r"(me|us|my|our|any|more|your|you|these|those|this|the|such|of|all|further|future|from|by|to|at|on|off|anymore|again|ever|"
    r"e-?mails?|mails?|newsletters?|spam|offers?|messages?|ads?|adverts?|promotions?|promotional|marketing|lists?|mailing|mailings|"
    r"distribution|subscribers?|communications?|stuff|junk|correspondence)"
)
_REPEATED = re.compile(
    rf"\b(unsubscribe|remove|take|delete|drop|opt)( {_OF_MAIL}| address| out){{1,8}} (lists?|newsletters?|e-?mails?|mailings?|"
    r"messages?|offers?|communications?)\b|"
    rf"\b((i|we)( would|['’]d)? (wish|want|like|ask|request|have asked) )?(to )?(be )?(unsubscribed?|opt(ed)?[- ]?out|removed)"
    rf"( {_OF_MAIL})*\b|"
    rf"\b(i|we) (no longer|do not|don['’]?t|never) (want|wish|care|need|like|asked|signed up)( to)?( receive| get| be sent|"
    rf" be on| hear| for)?( {_OF_MAIL})*\b|"
    rf"\b(stop|cease|quit|do not|don['’]?t) (sending|send|e-?mailing|mailing|contacting|contact|spamming|e-?mail)"
    rf"( {_OF_MAIL})*\b|"
    rf"\bno( {_OF_MAIL})+\b|\b((i|we) )?(get|receive|getting|receiving)? ?(far |way )?too( much| many)( {_OF_MAIL})*\b|"
    r"\b(i['’]?m|i am|we are) (no longer|not)( at all| really)? interested( in your \w+)?\b",
    re.IGNORECASE,
)
_NAMES = (
    r"(?:\s+(?:there|all|team|lumens|sir|madam|or|everyone|folks|customers?|service|support|friends?|guys|you|damen|und|herren|"
    r"madame|monsieur|zusammen|à tous|equipo|(?-i:[A-Z])[\w'’.-]*)){0,5}"
)
_GREETING = re.compile(
    rf"^\W*(hi|hello|hey|dear|greetings|to whom it may concern|good (morning|afternoon|evening|day)|guten (tag|morgen|abend)|"
    rf"hallo|sehr geehrte[rs]?|liebe[rs]?|bonjour|bonsoir|chers?|chère|hola|buen(os)? (días|dia|tardes)|estimad[oa]s?|olá|"
    rf"bom dia|buongiorno|gentil[ei]|salve|beste|geachte|goeden? ?dag|hej|hei){_NAMES}\s*([,;:!.–—-]+|$)",
    re.IGNORECASE,
)
_CLOSING = (
    r"((many |kind |best )?(thanks|thank you|thankyou|thx|cheers)( (very|so) much| a lot| in advance| again|"
    r" for (your|the|all your) \w+( \w+)?)*|(vielen |herzlichen |besten )?dank(e)?( (schön|sehr|im voraus))*|"
    r"merci( beaucoup| d['’]avance| bien)*|(muchas )?gracias( de antemano)?|(mille )?grazie( mille)?|(muito )?obrigad[oa]|"
    r"dank (u|je)( wel)?|(alvast )?bedankt|tack( så mycket)?|"
    r"(with )?(kind|best|warm|many|all the)?( )?(regards|wishes|best)|sincerely( yours)?|yours (truly|sincerely|faithfully)|"
    r"respectfully( yours)?|take care|have a (nice|good|great|lovely|wonderful|blessed) \w+|"
    r"(mit )?(freundliche[nm]?|beste[nm]?|viele[nm]?|liebe[nm]?|schöne[nm]?) gr(ü|ue)(ß|ss)(e|en)|mfg|lg|"
    r"(bien )?cordialement|bien à vous|(sincères |meilleures )?salutations|(un )?(cordial )?saludos?( cordial(es)?)?|atentamente|"
    r"(cordiali |distinti )?saluti|atenciosamente|(com os melhores )?cumprimentos|(met )?(vriendelijke )?groet(en|jes)?|"
    r"(med )?(vänlig(a)? )?hälsning(ar)?|mvh|よろしくお願い(いた)?します)"
)
_POLITE = re.compile(
    rf"\b{_CLOSING}(?!\w)|\b(please|pls|plz|kindly|bitte|s['’]il vous pla[iî]t|por favor|per favore|alstublieft|sorry|asap|"
    r"immediately|right away|at once|effective immediately|as soon as possible|"
    r"((please )?(confirm|let me know)( (this|that|when|it|receipt|once|has|been|is|done|by|e-?mail|reply|return|in|"
    r"writing))*))\b|"
    r"\bthis (message|e-?mail) (was|is) (an )?auto\w*[- ](generated|sent)( by \w+)*",
    re.IGNORECASE,
)
_CLOSES = re.compile(rf"^\W*{_CLOSING}{_NAMES}\W*$", re.IGNORECASE)
# Lawyers' and programs' last paragraphs; and our own footer, where a program quotes it without a mark.
_FOOTER = re.compile(
    r"^\W*(((this|the (information|contents?) (contained )?in this|diese|ce|cette|este|esta|questo|questa|dit) "
    r"(e-?mail|mail|message|communication|transmission|nachricht|courriel|correo|mensaje|messaggio|mensagem|bericht)\b.{0,250}"
    r"\b(confidential\w*|privileged|intended|addressee|virus\w*|vertraulich\w*|confidenti?el\w*|confiden[cz]ia\w*|riservat\w*|"
    r"vertrouwelijk\w*))|(confidentiality|legal)( notice)?\b|disclaimer|confidential\b|virus-free|scanned by\b|"
    r"please consider the environment|(you (are |have )?(receiv(ed|ing))|this (e-?mail|message) was sent to)\b|"
    r"to unsubscribe\b|view (this|it) in (your|a) browser|©|copyright\b)",
    re.IGNORECASE | re.DOTALL,
)
_OF_ONESELF = re.compile(
    r"\b(i|i['’]\w+|my|me|we|our|ich|mein\w*|mir|je|j['’]\w+|mon|ma|mes|moi|yo|mi|mis|meus?|minhas?|mio|mia|miei|ik|mijn)\b",
    re.IGNORECASE,
)
_SENTENCE_ENDS = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n")
_FAR_EASTERN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
_ASKED_IN_THE_FAR_EAST = re.compile(r"ください|下さい|です|ます|请|請|我|주세요|니다|[。？]")
_WORD = re.compile(r"\w[\w'’-]*")


def beside_the_wish(subject: str, text: str) -> str:
    """What else this person says, of whose message the subject or the first own line is the word; empty where it is nothing.

    Without what only repeats the wish, so that what else is asked for shows.
    """
    said: list[str] = []
    plainly, words = False, 0
    own_subject = without_prefixes(subject)
    if not is_unsubscribe_word(own_subject) and (
        _ORDER_WITH_NUMBER.search(own_subject) or (not is_a_reply(subject) and _is_about_something(own_subject))
    ):
        said, plainly = [own_subject], True
    for sentence, is_signed in _sentences(text)[:MOST_SENTENCES]:
        counted = _words_of(sentence, is_signed=is_signed)
        plain = _is_about_something(sentence) or (
            sentence.rstrip().endswith(("?", "？")) and counted >= FEWEST_WORDS_OF_A_QUESTION
        )
        if counted or plain:
            said.append(_REPEATED.sub(" ", sentence))
        plainly, words = plainly or plain, words + counted
    return "\n".join(said) if plainly or words > MOST_WORDS_OF_NOTHING else ""


def _is_about_something(sentence: str) -> bool:
    """Whether it names another right, another choice, or what people deal with a shop about."""
    rest = _REPEATED.sub(" ", sentence)
    kinds = set(named_kinds("", rest)) - {RightKind.OPT_OUT}
    return bool(kinds or _ABOUT.search(rest) or _ANOTHER_CHOICE.search(sentence))


def _words_of(sentence: str, *, is_signed: bool) -> int:
    """How many words it has beside pleasantries and the wish itself; none where it is part of a signature."""
    if _FAR_EASTERN.search(sentence):
        rest = _POLITE.sub(" ", sentence) if _ASKED_IN_THE_FAR_EAST.search(sentence) else ""
        return len(_FAR_EASTERN.findall(rest)) // 2
    if is_signed and not _OF_ONESELF.search(sentence):
        return 0
    return len(_WORD.findall(_POLITE.sub(" ", _REPEATED.sub(" ", _GREETING.sub("", sentence)))))


def _sentences(text: str) -> list[tuple[str, bool]]:
    """What the sender wrote beside the word, up to a footer; True for what stands below their thanks or regards."""
    lines = [line.strip()[:LONGEST_LINE] for line in own_text(text).split("\n")[:MOST_LINES]]
    pieces: list[tuple[str, bool]] = []
    gathered: list[str] = []
    is_signed = False

    def end_of_paragraph() -> None:
        pieces.extend((said.strip(), is_signed) for said in _SENTENCE_ENDS.split(" ".join(gathered)) if said.strip())
        gathered.clear()

    for position, line in enumerate(lines):
        if _FOOTER.match(" ".join(lines[position : position + 4])):
            break
        closes = bool(_CLOSES.match(line))
        if not line or closes or is_unsubscribe_word(line) or _is_of_a_signature(line, begins=not gathered):
            end_of_paragraph()
        else:
            gathered.append(line)
        is_signed = is_signed or closes
    end_of_paragraph()
    return pieces


def _is_of_a_signature(line: str, *, begins: bool) -> bool:
    """Whether it looks like a name, an office, a street, a number: capitals and digits, and no sentence."""
    words = line.split()
    if len(words) > _SIGNATURES_LINE_HAS or line.endswith((".", "?", "!")) or _FAR_EASTERN.search(line):
        return False
    small = sum(word[0].islower() and "@" not in word and "." not in word for word in words)
    of_a_person = _OF_ONESELF.search(line) or _ORDER_WITH_NUMBER.search(line) or _ANOTHER_CHOICE.search(line)
    return begins and small < 2 and not of_a_person and not named_kinds("", line)
