"""What mail gateways write above every message from elsewhere, in the languages of our customers' and our own."""

import re

from privacy.mailroom.policies.exact import words_of

_WARNING = (
    r"(caution|warning|external|notice|important|achtung|vorsicht|hinweis|attention|avertissement|prudence|mise en garde|"
    r"atenci[óo]n|precauci[óo]n|advertencia|aviso|aten[çc][ãa]o|cuidado|attenzione|avviso|let op|waarschuwing|varning|advarsel)"
)
_MAIL = (
    r"(e-?mails?|messages?|senders?|courriels?|courriers?|exp[ée]diteurs?|correos?|mensajes?|remitentes?|nachricht|absender|"
    r"messaggio|mittente|mensagem|remetente|bericht|afzender|meddelande|besked|avs[äe]nda?r?e?)"
)
_OUTSIDE = r"(outside|extern\w*|ext[ée]rieur\w*|fuera|exterior|esterno|au(ß|ss)erhalb|fora|buiten|utanför|utenfor|uden ?for)"
_CAME_FROM = (
    r"(originated|originates|was sent|has been sent|came|comes|provient|vient|[ée]mane|"
    r"a [ée]t[ée] (envoy[ée]|transmis|re[çc]u)|"
    r"proviene|procede|se origin[óo]|(ha sido|fue|es) (enviado|originado)|stammt|kommt|wurde|arriva|"
    r"[èe] (stata|stato) (inviat|ricevut)[ao]|"
    r"foi (originado|enviado)|veio|vem|komt|is afkomstig|kommer)"
)
_CAME = rf"(({_CAME_FROM}\b.{{0,40}})|(is|est|es|è|é)\b.{{0,9}})"
_FROM_OUTSIDE = rf"(extern(al|e|er|a|o)? {_MAIL}|{_MAIL}( electr[óo]nico)? (extern[eoa]|esterno))"
_LINK = (
    r"(links?|attachments?|liens?|pi[èe]ces? jointes?|enlaces?|(archivos )?adjuntos?|anh[äa]nge|collegamenti|allegati|anexos|"
    r"bijlagen)"
)
_DO_NOT = (
    r"(do not|don['’]t|never|use caution when) (click|clicking|open|opening)|(ne|n['’])\s?(cliquez|ouvrez)|"
    r"no (haga clic|abra|pulse)|"
    r"(klicken|öffnen) sie (nicht|keine)|non (fare clic|cliccare|aprire)|n[ãa]o (clique|abra)|(klik|open) (niet|geen)"
)
_SELDOM = (
    r"(you |some people who received this message )don['’]t often get e-?mail from|"
    r"vous (n['’]obtenez|ne recevez) pas souvent (d['’]e-?mails?|de (courriers?|courriels?|messages?))|"
    r"no suele recibir correos? electr[óo]nicos? de|sie erhalten nicht (h[äa]ufig|oft) (eine )?e-?mails? von|"
    r"non si ricevono spesso messaggi( di posta elettronica)? da|voc[êe] n[ãa]o costuma receber e-?mails? de|"
    r"u ontvangt niet vaak e-?mail van"
)

# Each line is one that no person writes.
NOBODYS = re.compile(
    rf"^({_WARNING}\b((?!\b(your|my)\b).){{0,40}}\b{_MAIL}\b.{{0,60}}\b{_OUTSIDE}\b.*|"
    rf"(this|ce|cet|cette|este|esta|diese|questo|questa|essa|deze|dit|denna|denne|detta|dette) ({_MAIL}|mail)"
    rf"( electr[óo]nico)? {_CAME}\b({_OUTSIDE}|untrusted|unknown|inconnu\w*|desconocid\w*)\b.*|"
    rf"({_FROM_OUTSIDE}\W{{0,5}}|{_WARNING}\W{{1,5}})?(please )?({_DO_NOT})\b.{{0,60}}\b{_LINK}\b.*|"
    rf"({_WARNING}\W{{1,5}})?({_FROM_OUTSIDE}\W{{0,9}}){{1,2}}"
    r"((please )?(use|exercise) (extreme |extra )?(caution|care)|be careful)?\W*|"
    r"(this|the) sender (might|may|could) be impersonating\b.{0,80}|"
    rf"this {_MAIL} (has been|was|is) (virus[- ])?(scanned|checked) (by|for|with) [^.!?]{{1,80}}[.!]?|"
    rf"({_SELDOM})\b.*|"
    r"you have not previously corresponded with this sender\W*|"
    rf"please (use|exercise) caution when (clicking|opening)\b.{{0,60}}\b({_LINK}|{_MAIL})\b.*|"
    r"report suspicious\W*(<\S{0,300}>|https?:\S{1,300})?|"
    rf"({_WARNING}\W{{1,5}})?this is an (external|untrusted) (e-?mail|message)\b.*|"
    r"zjqcmqryfpfptbanner(start|end))\s*$",
    re.IGNORECASE,
)
_IMAGE = re.compile(
    r"\[((image|cid|bild|inline image)\s*:[^\[\]]*|signature_\d{1,20}|[^\[\]]{0,200}\bdescription automatically generated)\]"
    r"(\s?<https?:[^<>\s]{1,500}>)?\s*$",
    re.IGNORECASE,
)
ENDS_OF_BANNERS = ".!]>*|"
MOST_LINES_OF_BANNER = 4
_WORD = re.compile(r"[^\W\d_]+")
_BEFORE_WORDS = re.compile(r"\W*")
# What no gateway says, and people do: "Please use caution when opening my parcel".
_OF_PERSONS = re.compile(
    r"(?<![@.\w'’-])(i|my|mine|me|mein\w*|ich|mir|mich|je|mon|mes|moi|mi|mis|yo|meu|minha|mijn|mij)(?![\w@.'’-])", re.IGNORECASE
)
_ADDRESS = re.compile(r"\S+@\S+")
# Nor does any speak of what a shop sells: "Attention: the e-mail about the outside lantern has no answer". As they are written:
# "Acme Lamps" may be whose gateway it is.
_OF_WARES = words_of(
    """
    lamp lamps light lights lantern lanterns fixture fixtures chandelier chandeliers bulb bulbs sconce sconces fan fans shade
    shades switch dimmer wire wires wiring orders ordered parcel parcels package box shipment delivered broken broke
    cracked burned burnt burns sparks smoke fire refund returned replaced unanswered
    ignored Lampe Lampen Leuchte Leuchten Licht Kabel Paket Lieferung kaputt defekt lampe lampes
    lumière lustre commande colis cassé cassée remboursement lámpara lámparas luz pedido paquete rota roto
    reembolso lampada lampade luce ordine pacco rotta rotto rimborso bestelling pakket lampen stuk lâmpada
    lâmpadas encomenda quebrada quebrado
    """
)
# Gateways warn of these, too, where they say that a message came from outside: "… Never send money. Report any scam."
_WARNED_OF = words_of(
    """
    order money invoice return scam hacked fraud Bestellung Geld Rechnung Betrug argent facture dinero factura soldi geld dinheiro
    """
)
_SAYS_WHERE_FROM = re.compile(rf"\b{_MAIL}\b.{{0,20}}\b({_CAME_FROM}|is from)\b.{{0,40}}\b{_OUTSIDE}", re.IGNORECASE)
# The words with which a gateway's sentences go on.
_GOES_ON = words_of(
    """
    a about above and answer any are as at attachment attachments attention be before by can careful caution certain click
    clicking company confirm contact content contents could credentials data department desk do download downloading email
    emails e-mail enter exercise expect expected expecting external file files for forward from has help helpdesk have if in
    information is it its know known legitimate like link links mail message messages not never of on open opening or
    organisation organization original originated originating otherwise outside password passwords phishing please provide
    recognise recognize recognised recognized reply replying report request respond responding safe security sender sender's
    senders sent sensitive suspicious system team that the their them this to trust trusted unexpected university unknown
    unless unsolicited url urls use verified verify virus viruses was were when whether which who with within without you your
    le la les l un une de des du d et ou ne pas n que qui si vous votre est sont sûr sûrs sûre contenu expéditeur liens lien
    pièces jointes pièce jointe cliquez cliquer ouvrez ouvrir sur aucun aucune moins connaissez reconnaissez provenance
    externe der die das den dem und oder nicht keine kein sie sich es sei denn dass absender kennen wissen inhalt sicher ist
    anhänge öffnen klicken auf von außerhalb externen unternehmens ihrer ihres vertrauen el los las y o no en usted su seguro
    contenido remitente enlaces archivos adjuntos haga clic abra menos reconozca sepa conozca organización externo fuera il lo
    gli e non che se è sicuro contenuto mittente allegati collegamenti fare aprire meno conosca riconosca os em não conteúdo
    remetente anexos clique reconheça saiba het een niet tenzij u weet dat inhoud veilig afzender bijlagen koppelingen klik
    herkent à connaître connaitre al l'expéditeur reconocer conocer remitentes
    """
)


def is_a_banner(line: str) -> bool:
    """Whether a gateway wrote this line. What is no letter before its first word is passed over once."""
    before = _BEFORE_WORDS.match(line)
    if _IMAGE.match(line):
        return True
    if not NOBODYS.match(line[before.end() if before else 0 :]):
        return False
    said = _ADDRESS.sub(" ", line)
    words = set(_WORD.findall(said))
    of_a_person = _OF_PERSONS.search(said) or words & _OF_WARES or (words & _WARNED_OF and not _SAYS_WHERE_FROM.search(said))
    return not of_a_person


def goes_on_as_a_banner(line: str) -> bool:
    """Whether a line below a gateway's broken one is made of its words alone, or begins another of its sentences."""
    words = [word.strip("\"'“”.,;:!()[]*<>|").lower() for word in re.split(r"[\s'’]+", line)]
    return is_a_banner(line) or all(not word or word in _GOES_ON for word in words)
