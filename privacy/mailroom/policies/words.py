"""Does this person say exactly one word, and is it "unsubscribe"? (statement I; OPTOUTS.md, "Mailroom", 6)"""

import re
import unicodedata

from privacy.mailroom.policies.banners import ENDS_OF_BANNERS, MOST_LINES_OF_BANNER, NOBODYS

UNSUBSCRIBE_WORDS = frozenset({"unsubscribe", "stop", "remove", "opt out", "cancel", "quit", "end", "revoke"})
_SPELT = {"optout": "opt out", "un subscribe": "unsubscribe"}  # the same words, as people also write them
# The same, of people who write in their own language; only words that mean nothing else when they stand
# alone. Without accents, which people leave out (`_plain`).
_ABROAD = frozenset(
    {"abmelden", "abmeldung", "abbestellen", "abbestellung", "austragen", "newsletter abbestellen", "newsletter abmelden",
     "desabonner", "me desabonner", "se desabonner", "desabonnement", "desinscrire", "me desinscrire", "se desinscrire",
     "desinscription",
     "darme de baja", "dar de baja", "darse de baja", "desuscribir", "desuscribirme", "cancelar suscripcion",
     "descadastrar", "cancelar inscricao", "cancelar assinatura", "cancelar subscricao",
     "disiscrivimi", "disiscrivermi", "disiscrizione", "cancella iscrizione", "annulla iscrizione",
     "afmelden", "uitschrijven", "afmelding"}
)  # fmt: skip
# Whole sentences that leave no doubt either. "Please stop" does: stop what?
_POLITELY = r"(please|pls|plz|kindly|bitte|s il vous plait|por favor|per favore|alstublieft|thanks|thank you|danke|merci)"
_SENTENCE = re.compile(
    rf"({_POLITELY} )?(unsubscribe( me)?|opt me out|unsubscribe( me)? from (this|these|your|the|all|all of your|all your)"
    r"( e ?mail| promotional| marketing)? (e ?mails?|newsletters?|mailings?)|"
    rf"(unsubscribe( me)?|(remove|take) me) (from|off|off of) "
    rf"(this|your|the|all|all your)( e ?mail| mailing| marketing| newsletter| distribution)? lists?)"
    rf"( now| immediately| asap| today)?( {_POLITELY})?"
)
LONGEST_LINE = 400  # characters of a subject or line that are looked at

# "Re:", "Fwd:" and their sisters; "Re[2]:", "RE: (3):". In the languages of our customers' mail programs.
_REPLIED = (
    r"re|r|ré|réf|aw|antw|antwort|sv|vs|vá|ref|rif|res|odp|odg|ynt|bls|ats|atb|tl|回复|回覆|答复|答覆|返信|re\s*-|"
    r"ответ|отв|на|απ|σχετ|תגובה|رد|답장"
)
_FORWARDED = r"fwd?|fw|wg|tr|rv|enc|i|pd|vl|doorst|továbbítás|ilt|转发|轉寄|転送|пересл|전달"
_COUNT_AND_COLON = r"\s*(?:[\[(]\d{1,3}[\])]|\^\d{1,3})?\s*[:：]\s*"
# What gateways write before a subject: "[EXTERNAL]", "*****SPAM*****", "{Disarmed}", "EXT:".
_SUSPECTED = r"(?:(?:possible|probable|probably|definitely|suspected|likely)\s+)?(?:spam|phishing|fraud|junk|bulk)"
_GATEWAY = (
    rf"\s*[\[({{<]\W{{0,5}}(?:ext|extern|external|externe|externo|externa|esterno|caution|marketing|mass\s?mail|disarmed|"
    rf"{_SUSPECTED})\b[^\[\](){{}}<>]{{0,30}}[\])}}>]\s*[:：]?|"
    rf"\s*\*{{2,}}\s*(?:ext|external|{_SUSPECTED})\s*\*{{2,}}\s*[:：]?|\s*(?:ext|external|spam(?:-(?:low|med|high))?)\s*[:：]"
)
_REPLY = re.compile(rf"\s*(?:{_REPLIED}){_COUNT_AND_COLON}|{_GATEWAY}", re.IGNORECASE)
_PREFIX = re.compile(rf"\s*(?:{_REPLIED}|{_FORWARDED}){_COUNT_AND_COLON}|{_GATEWAY}", re.IGNORECASE)
_TAG = re.compile(_GATEWAY, re.IGNORECASE)
_QUOTED = re.compile(r"\s*[>|]")
_ATTRIBUTION = re.compile(
    r"^\s*(on\b.{4,300}\bwrote|am\b.{4,300}\bschrieb\b.{0,120}|le\b.{4,300}\ba écrit|el\b.{4,300}\bescribi[óo]|"
    r"il\b.{4,300}\bha scritto|em\b.{4,300}\bescreveu|op\b.{4,300}\bschreef\b.{0,120}|den\b.{4,300}\bskrev\b.{0,120}|"
    r"dne\b.{4,300}\bnapsal.{0,120}|w dniu\b.{4,300}\bnapisał.{0,120}|"
    r"w dniu\b.{4,300}\bpisze.{0,120}|.{0,40}\d{4}.{1,300}\b(пишет|написал\(?а?\)?|писав|写道)|"
    r"\d{4}年.{1,300}<[^<>\s]+@[^<>\s]+>|"
    r".{1,200}<[^<>\s]+@[^<>\s]+>\s+(wrote|writes|schrieb|a écrit|escribi[óo]|ha scritto|escreveu|schreef|skrev)|"
    r"(quoting|zitat von|citando|citeren)\b.{1,200}<[^<>\s]+@[^<>\s]+>)\s*[:：]?\s*$",
    re.IGNORECASE,
)
_ATTRIBUTION_ENDS = re.compile(r"(.{0,80}<)?[^<>\s]+@[^<>\s]+>\s*[:：]$")  # "Am … schrieb Lumens <" stands before it
_ATTRIBUTION_BEGINS = re.compile(r"^\s*(on|am|le|el|il|em|op|den|dne|w dniu)\b.{0,300}$", re.IGNORECASE)
# The last line before a quote, whatever its language: it ends in a colon and says on which day, and whose or at what time.
_DAY = re.compile(r"(?<!\d)((19|20)\d\d|\d{1,2}[/.-]\d{1,2}[/.-]\d\d)(?!\d)")
_WHOSE_OR_WHEN = re.compile(r"\S@\S|(?<![\d.])\d{1,2}[:.]\d\d(?![\d.])")
_SAYS_WHO = re.compile(
    r"(?!i\b)(\S{1,40} ){1,5}(wrote|writes|schrieb|a écrit|escribi[óo]|ha scritto|escreveu|schreef|skrev) ?[:：]",
    re.IGNORECASE,
)
_ENDS_A_SENTENCE = re.compile(r"[.?!]\s*$")
_ENDS_IN_COLON = re.compile(r"[:：]\W{0,4}$")
MOST_LINES_OF_ATTRIBUTION = 3
# From here on everything is the other side's.
_REST_IS_QUOTED = re.compile(
    r"^\s*(-{2,}\s*(original message|original-nachricht|ursprüngliche nachricht|message d'origine|mensaje original|"
    r"messaggio originale|forwarded message|weitergeleitete nachricht|oorspronkelijk bericht|mensagem original|"
    r"originalnachricht|message transféré|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht|mensagem encaminhada|"
    r"oprindelig (meddelelse|besked)|opprinnelig melding|(ursprungligt |original)meddelande|alkuperäinen viesti|"
    r"wiadomość oryginalna|on\b.{4,300}\bwrote|"
    r"původní (zpráva|e-mail)|eredeti üzenet|исходное сообщение|пересылаемое сообщение|orijinal mesaj|原始邮件|原始郵件|"
    r"original ?メッセージ|원본 메시지)\s*-{2,}|begin forwarded message:|-----begin pgp signature-----|_{10,}|-- )\s*$",
    re.IGNORECASE,
)
_QUOTED_HEADER = re.compile(
    r"^\s*\*?(from|von|de|da|van|från|fra|lähettäjä|od|от|від|feladó|gönderen|kimden|από|"
    r"发件人|寄件者|差出人|보낸 ?사람)\s*[:：]\*?\s*\S",
    re.IGNORECASE,
)
_NEXT_HEADER = re.compile(
    r"^\s*\*?(sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|inviato|a|data|verzonden|aan|"
    r"onderwerp|skickat|till|sendt|dato|til|lähetetty|vastaanottaja|wysłano|do|odesláno|komu|отправлено|дата|кому|"
    r"küldve|címzett|gönderilen|tarih|kime|στάλθηκε|προς|"
    r"发送时间|收件人|寄件日期|送信日時|日時|宛先|보낸 ?날짜|받는 ?사람)\s*[:：]",
    re.IGNORECASE,
)
_SENT_FROM = re.compile(
    r"^\s*(sent from my|get outlook for|envoyé (de|depuis) mon|von meinem .{1,40} gesendet|gesendet (von|mit) (outlook|meinem)|"
    r"enviado (desde mi|do meu)|inviato da(l mio)? i|отправлено с|télécharger outlook|"
    r"verstuurd vanaf|skickat från min|sendt fra min|sent with|sent via|"
    r"sent from (mail|outlook|yahoo|proton|aol|the all new)|"
    # in whatever words, from a device or with a program that is named
    r"((sent|gesendet|envoyée?|enviado|inviat[ao]|verzonden|verstuurd|skickat|sendt|wysłan[eo]|odesl[aá]no|отправлено) "
    r"(from|via|by|using|with|von|vom|mit|aus|über|de|du|depuis|à partir|avec|desde|con|do|da|dal|van|vanaf|vanuit|met|från|fra|"
    r"z|ze|с|из)|lähetetty) .{0,30}\b(iphon|ipad|ios|android|outlook|samsung|galaxy|yahoo|blackberry|huawei|"
    r"windows|smartphone|mobilgerät|mobile|icloud|gmail|thunderbird|airmail|bluemail|typeapp|k-9)\w*(?=.{0,60}$)|"
    r"(télécharger|obtener|scarica|holen sie sich|download) outlook (for|für|pour|para|per|voor)|"
    r"outlook (für|for) (ios|android) (herunterladen|beziehen))\b|"
    r"^\s*(发自我的|從我的|从我的|傳送自|\S{1,20}から送信\s*$)",
    re.IGNORECASE,
)
BROKEN_FROM = 55  # characters: a shorter line is whole
_SIGNED = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]{1,40}: [^\n]{0,200}\n){0,5}\n")


def own_text(text: str) -> str:
    """What the sender wrote themselves: without quotes, attributions ("On … wrote:"), signatures and forwarded messages."""
    lines = _SIGNED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"), count=1).split("\n")
    own: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        cut = line[:LONGEST_LINE]
        if _REST_IS_QUOTED.match(cut) and (cut.strip() != "--" or own):
            break
        if _QUOTED_HEADER.match(cut) and any(
            _NEXT_HEADER.match(other[:LONGEST_LINE]) for other in lines[position + 1 : position + 3]
        ):
            break
        if length := _attribution(lines, position):
            position += length
            continue
        if length := _attribution_before_quote(lines, position):
            position += length
            continue
        if NOBODYS.match(cut):
            position += _lines_of_banner(lines, position)
            continue
        if not (_QUOTED.match(cut) or _SENT_FROM.match(cut)):
            own.append(line)
        position += 1
    return "\n".join(own).strip()


def _attribution(lines: list[str], position: int) -> int:
    """How many lines from here say "On … wrote:", which mail programs break in two or three; none where they do not."""
    first = lines[position][:LONGEST_LINE].strip()  # whose many ways to begin would each try every blank
    following = [line[:LONGEST_LINE].strip() for line in lines[position + 1 : position + MOST_LINES_OF_ATTRIBUTION]]
    if _ATTRIBUTION.match(first):
        broken = not _ENDS_IN_COLON.search(first) and following and _ATTRIBUTION_ENDS.match(following[0])
        return 2 if broken else 1
    if not _ATTRIBUTION_BEGINS.match(first):
        return 0
    said = first
    for length, line in enumerate(following, start=2):
        said = f"{said} {line}".rstrip()
        if _ATTRIBUTION.match(said):
            return length
    return 0


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
    ):
        end += 1
    return end + 1 - position


def _attribution_before_quote(lines: list[str], position: int) -> int:
    """How many lines from here introduce the quote that follows them: none, or up to MOST_LINES_OF_ATTRIBUTION."""
    said: list[str] = []
    for line in lines[position : position + MOST_LINES_OF_ATTRIBUTION]:
        if not line.strip() or _QUOTED.match(line) or len(line) > LONGEST_LINE:
            return 0
        said.append(line.strip())
        if _ENDS_IN_COLON.search(line):
            end = position + len(said)
            after = next((other for other in lines[end : end + 3] if other.strip()), "")
            introduces = _QUOTED.match(after[:LONGEST_LINE]) and _introduces(said) and not _stands_above(said)
            return len(said) if introduces else 0
        if _ENDS_A_SENTENCE.search(line):
            return 0
    return 0


def _introduces(said: list[str]) -> bool:
    """Whether these lines say on which day, and whose or at what time."""
    whole = " ".join(said)
    return bool(_DAY.search(whole) and _WHOSE_OR_WHEN.search(whole)) or bool(_SAYS_WHO.fullmatch(whole))


def _stands_above(said: list[str]) -> bool:
    """Whether the first of these lines is the sender's own, right above an attribution that is whole without it.

    What begins with an address ("Lumens", line break, "<offers@…> …:") lacks the name that was broken off.
    """
    first = said[0]
    if is_unsubscribe_word(first):
        return True
    if _DAY.search(first) or _WHOSE_OR_WHEN.search(first):
        return False
    return any(_introduces(said[start:]) and not said[start].startswith("<") for start in range(1, len(said)))


def first_own_line(text: str) -> str:
    """The first line that the sender wrote themselves and that is not empty."""
    return next((line.strip() for line in own_text(text).split("\n") if line.strip()), "")


def without_prefixes(subject: str, prefix: re.Pattern[str] = _PREFIX) -> str:
    """The subject without "Re:", "Fwd:", "AW:" and the like, however many."""
    subject = subject[:LONGEST_LINE]
    while (match := prefix.match(subject)) and match.end():
        subject = subject[match.end() :]
    return subject


def without_tags(subject: str) -> str:
    """The subject without what gateways write before it ("[EXTERNAL]")."""
    return without_prefixes(subject, _TAG)


def is_a_reply(subject: str) -> bool:
    """Whether "Re:" stands before the subject, in whatever language."""
    return bool(re.match(rf"\s*(?:{_REPLIED}){_COUNT_AND_COLON}", without_tags(subject), re.IGNORECASE))


def _plain(line: str) -> str:
    """The line's words in lower case, without accents, punctuation, and characters that nobody sees."""
    letters = []
    for character in unicodedata.normalize("NFKD", line):
        category = unicodedata.category(character)
        if category not in {"Cf", "Mn"}:
            letters.append(" " if category[0] in "PSZC" else character)
    return " ".join("".join(letters).lower().split())


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
    return said in UNSUBSCRIBE_WORDS or said in _ABROAD or said in _FAR_ABROAD or bool(_SENTENCE.fullmatch(said))


def asks_to_unsubscribe(subject: str, text: str) -> str:
    """Where the wish stands: "subject", "text", or "" when nothing is exactly an unsubscribe word.

    A forwarded subject ("Fwd: Unsubscribe") is somebody else's wish: a person finds out whose.
    """
    if is_unsubscribe_word(without_prefixes(subject, _REPLY)):
        return "subject"
    return "text" if is_unsubscribe_word(first_own_line(text)) else ""
