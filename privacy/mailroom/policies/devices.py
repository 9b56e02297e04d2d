"""The line that a telephone or a mail program writes below every message: "Sent from my iPhone". Nobody types it.

A whole line, and no word in it that is none of a device's or a program's: "Sent from my iPhone. It is broken" is a person's.
"""

import re

from privacy.mailroom.policies.exact import LONGEST_LINE, words_of

MOST_WORDS = 16
_BEGINS = re.compile(
    r"(?:(?:this|diese|ce|cet|este|questo|dit) (?:message|e-?mail|nachricht|courriel|mensaje|messaggio|bericht) "
    r"(?:was|wurde|a été|fue|è stato|is) )?"
    r"(?:sent|gesendet|versendet|envoyée?|enviad[ao]|inviat[ao]|verzonden|verstuurd|skickat|sendt|wysłan[eo]|odesl[aá]no|"
    r"отправлено) (?:from|via|by|using|with|von|vom|mit|aus|über|de|du|depuis|à partir|avec|desde|con|do|da|dal|van|vanaf|vanuit|"
    r"met|från|fra|z|ze|с|из)\b|"
    r"(?:(?:diese nachricht|diese e-?mail) wurde )?(?:von meine[mr]|mit (?:der|dem|freundlichen grüßen von meinem))\b"
    r"(?=.{1,80}\b(?:gesendet|geschickt|versendet)\W*$)|"
    r"(?:get|download|télécharger|obtener|obtenez|obtén|scarica|ottieni|holen sie sich|laden sie|baixar|descarregar|outlook) "
    r"(?=.{0,40}\b(?:outlook|aol|ios|android)\b)|lähetetty\b|elküldve az?\b|εστάλη από\b|"
    r"trimis (?:de pe|din)\b|yahoo mail:|(?:please )?excuse (?:the |my |any )?(?:brevity|typos?)|"
    r"発信元|\S{1,20}から送信|发自我的|從我的|从我的|傳送自|나의 \S{1,20}에서 보냄|\S{1,20}(?:dan|den|mdan|mden) gönderildi",
    re.IGNORECASE,
)
_KNOWN = words_of(
    """
    iphone iphonesta iphonu iphonea iphoneom ipad ipadu ipod ios android outlook samsung galaxy yahoo blackberry huawei
    windows smartphone mobilgerät mobile mobiltelefon mobil mobiele mobilephone icloud gmail thunderbird airmail bluemail
    typeapp k-9 nokia lumia motorola moto htc xperia sony lg oneplus pixel xiaomi redmi oppo vivo honor proton protonmail
    tutanota fastmail zoho spark superhuman aol gmx web.de libero orange free sfr t-online telekom vodafone o2 verizon
    wireless at&t t-mobile sprint comcast xfinity lte 4g 5g 3g phone telefon téléphone teléfono telefono telefoon tablet
    tablette pc mac macbook laptop device gerät android-gerät android-mobiltelefon appareil dispositivo apparaat handheld mail
    email e-mail mailbox app application applicazione aplicación appli messagerie web webmail client secure sécurisé encrypted
    chiffré sicher courriel correo posta mobily apple microsoft google hcl notes domino lotus traveler the new all la le les l
    der die das dem den des my mein meinem meiner mon ma mi mio mijn min meu minha moje mojego mojeho mého моего мой an a on
    for für pour para per voor from via by using with von vom mit aus über de du depuis à partir avec desde con do da dal
    dalla van vanaf vanuit met från fra z ze с из at and et und y e en gesendet versendet geschickt herunterladen beziehen
    download télécharger обновления mini plus pro ultra max edge note se active til sent brevity typos typo any excuse please
    iphone-omról iphone-ul ipad-ul το iphone μου meu de pe din яндекс яндекс.почты почты мобильной mobile-ul telefonul
    search organize conquer network powered 10 11 7 8
    """
)
_LINK = re.compile(r"<?(?:https?|mailto):\S{0,300}>?|\(https?:\S{0,300}\)")
_MODEL = re.compile(r"[^\W\d_]{0,10}[-+]?\d{1,5}[^\W\d_]{0,3}")
_FAR_EASTERN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LONGEST_FAR_EASTERN = 30


def is_of_a_device(line: str) -> bool:
    """Whether a telephone or a mail program wrote this line."""
    said = line[:LONGEST_LINE].strip(" \t*_-–—.[]()\u2063\u200b")
    begins = _BEGINS.match(said)
    if not begins or len(line) > LONGEST_LINE:
        return False
    rest = _LINK.sub(" ", said)
    if _FAR_EASTERN.search(rest):
        return len(rest) <= _LONGEST_FAR_EASTERN and not re.search(r"[。？！,，]", rest)
    words = [word.strip(".,;:!()[]'’\"*").lower() for word in rest[begins.end() :].replace("'", " ").replace("’", " ").split()]
    return len(words) <= MOST_WORDS and all(not word or word in _KNOWN or _MODEL.fullmatch(word) for word in words)
