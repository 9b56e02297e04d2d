"""Footers: what lawyers, programs and we ourselves write below every mail.

A footer begins in a known form, and each of its sentences is made of the words of known footers in one language, and speaks of
what they speak of. Any other sentence in its paragraph is a person's.
"""

import re

from privacy.mailroom.policies.beside.signatures import is_of_sentences

# As they are written. In no particular order: what counts are their words, language by language.
_ENGLISH = """

This e-mail and any files or attachments transmitted with it are confidential and intended solely for the use of the
individual or entity to whom they are addressed, its named addressee or recipients only. If you have received this email
message in error, or by mistake, please notify the sender or system manager immediately by reply e-mail, by return, by
telephone or phone, and then permanently delete or destroy it and all copies of the original message, the information that it
holds, its contents and attachments from your system, computer, inbox, server or device. This communication contains or may
contain information which is privileged, proprietary, legally protected by law, the attorney-client privilege, copyright,
confidentiality or work product, trade secrets, or otherwise exempt from disclosure under applicable law. If you are not the
intended, named, correct or right recipient (or an agent or employee responsible for delivering it to the intended recipient),
you are hereby notified that any review, use, disclosure, reading, retention, dissemination, distribution, forwarding,
printing, copying, or taking of any action in reliance on the contents of this transmission is strictly prohibited and may be
unlawful. You should not disseminate, distribute, copy, disclose, alter or forward this e-mail. Any views or opinions
expressed or presented in this email are solely those of the author or sender and do not necessarily represent those of the
company, organisation, organization, firm, group or its affiliates and subsidiaries, unless otherwise specifically stated. The
recipient should check this email and any attachments for the presence of viruses or malware. The company accepts no liability
or responsibility for any loss or damage caused by any virus transmitted by this email, or arising from its use. E-mail
transmission cannot be guaranteed to be secure, timely or error-free as messages and information could be intercepted,
corrupted, lost, destroyed, arrive late or incomplete, or contain viruses. The sender therefore does not accept liability for
any errors or omissions in the contents of this message, which arise as a result of e-mail transmission. If verification is
required please request a version, hard-copy. Please consider the environment before printing this e-mail. Think before you
print. Please do not or don't print this email unless it is really necessary. Save paper, trees. This email has been or was
checked, scanned for viruses by Avast, AVG, Norton, McAfee, Symantec, MessageLabs, Mimecast, Barracuda, Proofpoint, Sophos,
Kaspersky, Microsoft Defender antivirus software and is virus-free and believed to be clean. www. Virus-free. Scanned by.
Confidentiality notice, legal notice, privacy notice, note, statement, disclaimer, warning, important, caution. E-mails to and
from us may be monitored, recorded, archived or logged for compliance, security and legal purposes, and in accordance with our
policies and policy. Registered, incorporated and regulated in England, Wales, Scotland, Ireland, Northern, Germany, France,
Delaware, number, no., company, a limited, private company registered in and with its registered office, address at; VAT
number, reg, authorised and regulated by the financial conduct authority; a member of, trading name of, partnership, list of
members available for inspection. Nothing in this message is intended to constitute or create a binding contract, agreement,
an electronic signature or an offer or acceptance. Unauthorized, unauthorised, unintended access, interception is forbidden.
Thank you. Thank you for your cooperation. Such, other, person, persons, than, has, been, sent, so, that, we, can, will, were,
be, must, without, prior, written, consent, permission, authorization, party, parties, third, purpose, purposes, waiver,
waived, waive, not, nor, all, rights, reserved, subject, terms, conditions, apply, into, out, sensitive, material, materials,
health, patient, HIPAA, federal, state, laws, electronic communications act, USC, section, sections, tax, advice, IRS,
circular, federal penalties, avoiding, used. Including, sole, recipient(s), addressee(s), contact, an, innovator in Software
as a Service (SaaS) for business. Providing a safer and more useful place for your human generated data. Specializing in;
Security, archiving and compliance. To find out more Click Here. In relation of, others, authorized to receive, automatically
archived. To ensure compliance with requirements imposed by the, we inform you that any U.S. tax advice is not intended or
written, cannot be used, for the purpose of penalties under the Internal Revenue Code, promoting, marketing, recommending,
transaction, matter. Unauthorised, personal use only. Outside, external, source, copied, relied, upon, one, were, does, do,
read, reader, above, below, here, attached, whether, part, full, delivered, delivery, privilege, applicable, regulations,
protection, act, encrypted, unencrypted, internet, network, free, from, been, contained.
"""
_OURS = """

You are, you're, you have received, you received, you were sent, you are receiving this, these e-mail, emails, newsletter,
newsletters, message, messages, notices, mailing because, since, as you subscribed, signed up, opted in, registered, are
subscribed, placed an order, made a purchase, requested, asked, are a customer, customers, member of, to our, the, mailing
list, lists, with us, from us, at on our website, site, store, on, in, for. If you no longer wish, want to receive, get, hear
from us, such, promotional, marketing, future e-mails, communications, offers, updates, please click, clic here, below, the
link, above, follow, visit, go to, use, reply, log in, press, tap, see, button, to unsubscribe, opt-out, opt out, stop
receiving, manage, update, change your preferences, subscription, settings, profile. This e-mail, newsletter was, has been, is
being sent, delivered, addressed to you by Lumens. View this, it email online in your, a browser. Copyright, all rights
reserved, inc., llc, ltd. Privacy policy, statement. Contact us. Unsubscribe. To unsubscribe from this list, these emails:
instantly, at any time, simply, just, or, and.
"""
_ABROAD = (
    """

Diese E-Mail, Nachricht und alle, etwaige Anhänge, Anlagen, angehängte Dateien enthält, enthalten, ist, sind, kann, können
vertrauliche, vertraulich und/oder rechtlich geschützte Informationen und nur, ausschließlich für den, die, das, bezeichneten,
genannten, vorgesehenen Adressaten, Empfänger bestimmt. Wenn, falls, sollten Sie nicht der richtige, beabsichtigte Adressat,
Empfänger, Vertreter sind, oder diese E-Mail irrtümlich, versehentlich erhalten haben, informieren, benachrichtigen Sie bitte
sofort, umgehend, unverzüglich den Absender und vernichten, löschen Sie diese Mail, sie, Nachricht, alle Kopien von Ihrem
System, Rechner. Das unerlaubte, unbefugte Kopieren, Nutzung, Verwendung, Veröffentlichung, Offenlegung, Vervielfältigung,
Verbreitung, Weitergabe, sowie die unbefugte Weitergabe dieser Mail, des Inhalts, Inhaltes ist nicht gestattet, untersagt,
verboten, unzulässig, strengstens. Vielen Dank. Bitte denken, prüfen Sie an die Umwelt, bevor Sie diese E-Mail ausdrucken,
drucken, ob, wirklich, muss. Diese E-Mail wurde von, auf Viren, Virus, geprüft, virenfrei, gescannt, Avast, Antivirus,
Software, Schutz ist aktiv. Trotz Prüfung übernehmen wir keine Haftung für, jede, Schäden, durch, per, zu, aus, in, im, mit,
es, er, wird, werden, hiermit, jegliche, form, ein, eine, einer, ohne, Sitz der Gesellschaft, Geschäftsführer,
Handelsregister, Registergericht, Amtsgericht, HRB, Ust-IdNr, Umsatzsteuer, Steuernummer, Vorstand, Aufsichtsrat,
Vorsitzender, Hinweis, Datenschutzhinweis, Vertraulichkeitshinweis.
""",
    """

Ce, cet, cette message, courriel, e-mail, courrier électronique et toutes les, ses éventuelles pièces jointes, fichiers,
documents, annexes joints, attachés sont, est, peuvent, peut contenir, contient, contiennent des informations confidentielles,
confidentiel, privilégiées, protégées et établis, destinés, destiné, réservé à l'attention, l'intention, l'usage exclusif,
exclusive, uniquement, exclusivement de son, ses, leur, du, la, au, aux destinataire, destinataires, personne, personnes. Si
vous n'êtes pas le, un destinataire prévu, visé, ou si vous avez reçu, recevez ce message par erreur, merci, veuillez, nous
vous prions, remercions de bien vouloir en avertir, aviser, informer, prévenir, immédiatement l'expéditeur, le signaler, par
retour, et le détruire, supprimer, l'effacer, toute copie, toutes copies, de votre système, sans en, conserver, de. Toute
utilisation, diffusion, divulgation, reproduction, publication, copie, modification, totale ou partielle, non autorisée, est
interdite, strictement, formellement, sauf autorisation, expresse, préalable. L'internet ne permettant pas, permet d'assurer,
garantir l'intégrité, la sécurité de ce message, décline toute responsabilité, société, au titre, cas, où, il, aurait, été,
altéré, confidentiels, établies, destinées, réservés, modifié, falsifié, déformé. Pensez à l'environnement, avant d'imprimer,
n'imprimez, que si nécessaire. Garanti sans virus, analysé, vérifié, par, www, avast, antivirus, logiciel, cet, d', l', s',
n', qu', que, qui, dans, pour, contre, a, y, on, se, notre, nos.
""",
    """

Este, esta, el, presente mensaje, correo electrónico, e-mail, comunicación, y, o, sus, los, archivos, ficheros, documentos
adjuntos, anexos, contiene, contienen, puede, pueden contener información confidencial, privilegiada, reservada, y, va, está,
están, dirigido, dirigida, destinado, exclusivamente, únicamente, solo, a, al, su, la, persona, entidad, destinatario,
destinatarios, uso, para. Si usted no es el, un destinatario indicado, previsto, o ha recibido, recibe, este mensaje por
error, queda notificado, le, que, la, utilización, lectura, divulgación, distribución, reproducción, copia, sin autorización
está, estrictamente, prohibida, en virtud, de, legislación, vigente, ley. Le rogamos, rogamos, por favor, nos lo comunique,
comuníquelo, notifique, notifíquelo, avise, inmediatamente, por esta misma vía, al remitente, y, proceda, a su destrucción,
lo, elimine, destruya, borre, de, su, sistema, todas, copias, cualquier, toda. Antes de imprimir, imprima, este, piense, si,
es, necesario, medio ambiente, libre de virus, ha sido, analizado, comprobado, avast, antivirus, software, www, pudiendo,
contener, sometida, secreto, profesional, permitida, comunicación, expresa, final, van, dirigidos, dirigidas, e, u, elimínelo,
infórmenos, vía, sin, aviso legal, confidencialidad, del, las, los, se, con, como, ser, no, en, contenido, contenida, ni.
""",
    """

Questo, questa, il, la, presente messaggio, e-mail, comunicazione, e, i, gli, suoi, eventuali allegati, file, contiene,
contengono, può, possono, contenere, informazioni riservate, riservato, riservata, confidenziali, confidenziale, privilegiate,
è, sono, destinato, destinata, destinate, esclusivamente, unicamente, solo, al, alla, ai, destinatario, destinatari, persona,
indicata, sopra. Se, qualora, avete, avesse, ha, ricevuto, questo, messaggio per errore, non, siete, siate, fosse, il
destinatario, vi, la, preghiamo, si, prega, di, darcene, comunicarlo, avvisare, notificare, immediatamente, notizia, mittente,
via e-mail, e, distruggere, cancellare, eliminare, distruggerlo, cancellarlo, eliminarlo, dal, vostro, sistema, ogni, copia,
copie. La, diffusione, distribuzione, copia, utilizzo, uso, divulgazione, comunicazione, riproduzione, non, autorizzata, è,
vietata, proibita, severamente, ai sensi, della, del, dell', legge, regolamento, prima, stampare, pensa, ambiente, rispetta,
privo di virus, controllato, avast, antivirus, www, da, con, in, che, o, le, lo, nel, nella, qualsiasi, qualunque, tutti,
tutte, altro.
""",
    """

Dit, deze, de, het, e-mailbericht, e-mail, bericht, mail, en, of, alle, eventuele, bijlagen, bestanden, bevat, bevatten, kan,
kunnen, vertrouwelijke, vertrouwelijk, informatie, bevoorrechte, is, zijn, uitsluitend, alleen, enkel, bestemd, bedoeld, voor,
geadresseerde, geadresseerden, ontvanger, persoon. Indien, als, u, niet, de, beoogde, geadresseerde, bent, dit, bericht, ten
onrechte, per abuis, abusievelijk, heeft, ontvangen, wordt, verzocht, verzoeken, wij, gelieve, direct, onmiddellijk, afzender,
te, informeren, waarschuwen, melden, aan, terug, sturen, door, en, het, bericht, te, verwijderen, vernietigen, wissen,
kopieën. Openbaarmaking, vermenigvuldiging, verspreiding, gebruik, van, in, deze, verstrekking, aan, derden, niet, toegestaan,
verboten, strikt. Denk, aan, het, milieu, voordat, u, print, afdrukt, virusvrij, gecontroleerd, op, virussen, avast,
antivirus, www, een, er, geen, aansprakelijkheid, aanvaarden, aanvaardt.
""",
    """

Esta, este, a, o, mensagem, e-mail, comunicação, e, seus, os, anexos, arquivos, ficheiros, contém, contêm, pode, podem,
conter, informação, informações, confidencial, confidenciais, privilegiadas, é, são, destinada, destinado, destinam-se,
exclusivamente, apenas, ao, à, seu, destinatário, destinatários, pessoa. Se, caso, você, não, for, é, o, destinatário,
recebeu, tenha, recebido, esta, mensagem, por, engano, erro, favor, por, notifique, avise, informe, imediatamente, o,
remetente, e, apague-a, elimine, exclua, apague, destrua, do, seu, sistema, todas, cópias, qualquer, uso, divulgação,
distribuição, reprodução, cópia, não, autorizada, é, proibida, expressamente, estritamente, antes, imprimir, pense, meio,
ambiente, sem, vírus, avast, antivírus, www, de, da, em, que, com, as, no, na, ou.
""",
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PLACES = r"(england|wales|scotland|ireland|northern|the|germany|france|spain|italy|delaware|california)"
# How they begin.
_MAIL = (
    r"(e-?mail|mail|message|communication|transmission|nachricht|courriel|correo|mensaje|messaggio|mensagem|bericht|"
    r"e-mailbericht)"
)
OPENING = re.compile(
    rf"((this|the (information|contents?) ((contained|transmitted) )?(in|of|with) this|the contents? of this|diese|der "
    rf"inhalt dieser|ce|"
    rf"cet|cette|este|esta|el presente|questo|questa|il presente|dit|deze) (electronic |entire )?{_MAIL}\b|"
    r"(confidentiality|legal|privacy|e-?mail|important|vertraulichkeits) ?(notice|note|statement|disclaimer|hinweis)\b|"
    r"(disclaimer|confidential|notice|avis|aviso|hinweis)\b|aviso (legal|de confidencialidad)|"
    r"(if|wenn|falls|sollten|si|se|indien|als|caso) (you|sie|vous|usted|u|você|avete|ha|ricevuto|non)\b|"
    r"virus-free|(virenfrei|garanti sans virus|libre de virus|privo di virus|virusvrij|sem vírus|não contém vírus)\b|"
    r"(https?://)?www\.av(ast|g)\b|scanned by|(p )?(please )?consider the environment|"
    r"please (do not|don['’]t) print|think before you print|"
    r"save paper|"
    r"you( are|['’]re| were| have| ?){1,2} ?(receiv(ed|ing)|sent) (this|these)\b|to (unsubscribe|opt[- ]?out|stop receiving)\b|"
    r"view (this|it)\b|unsubscribe\b|copyright\b|©|registered (office|company|address|number|no|in)|vat (no|number|reg)|"
    rf"[^.!?]{{2,60}}\.?,? (is |are )?(a (limited |private )?company )?(registered|incorporated) in {_PLACES}\b|"
    r"any (views|opinions)|irs circular|e-?mail transmission|sitz der gesellschaft|geschäftsführer\w*|amtsgericht|"
    r"ust\.?-?\s?id|umsatzsteuer|steuer-?n(umme)?r|handelsregister|hrb\b|bitte (denken|prüfen)|"
    r"pensez à|antes de imprimir|prima di stampare|denk aan)",
    re.IGNORECASE,
)
# What they speak of: a sentence without any of these is none of theirs.
_SPEAKS_OF = re.compile(
    rf"\b({_MAIL}s?|e-?mails?|newsletters?|recipients?|addressees?|sender|confidential\w*|privileged|intended|virus\w*|"
    rf"attachments?|"
    r"disclos\w+|disseminat\w+|prohibited|unlawful|liability|copies|reliance|print\w*|environment|unsubscrib\w+|"
    r"copyright|registered|ust|umsatzsteuer\w*|steuernummer|handelsregister|hrb|"
    r"incorporated|vat|scanned|disclaimer|browser|archiving|click here|human generated|receiving|monitored|notified|"
    r"reserved|nachrichten|anhänge|empfänger\w*|adressat\w*|absender\w*|"
    r"vertraulich\w*|gesellschaft|geschäftsführer|amtsgericht|registergericht|drucken|ausdrucken|viren\w*|weitergabe|messages|"
    r"destinataires?|expéditeur|confidenti\w+|d['’]imprimer|pièces|comunicación|sistema|confiden\w+|destinatari[oa]s?|"
    r"remitente|imprimir|riservat\w+|"
    r"mittente|allegati|stampare|vertrouwelijk\w*|geadresseerde|afzender|bijlagen|afdrukt|remetente|anexos)\b",
    re.IGNORECASE,
)
_FOREIGN = ("dear", "i")  # never of footers
_ADDRESS = re.compile(
    r"<#[\w-]{1,60}>|<?\S{1,64}@\S{1,253}|<?https?:\S{1,500}|\bwww\.\S{1,200}|\b[\w-]{2,63}(?:\.[\w-]{2,63}){0,3}\.[a-z]{2,6}\b"
)
MOST_NAMES = 5
LONGEST = 2_500  # characters


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text)) - frozenset(_FOREIGN)


_VOCABULARIES = (_words(_ENGLISH), _words(_OURS), *(_words(text) for text in _ABROAD))


def begins_a_footer(line: str) -> bool:
    """Whether a paragraph that begins so may be a footer."""
    return bool(OPENING.match(line.lstrip(" \t*_-–—=[(\"'<>#~")))


def is_of_a_footer(sentence: str, *, fewest: int = 1) -> bool:
    """Whether a sentence is one of footers, and speaks of `fewest` things of theirs. Names of companies may stand in it."""
    if len(sentence) > LONGEST:
        return False
    said = _ADDRESS.sub(" ", sentence)
    if not _WORD.search(said):
        return True
    if len({found[0].lower() for found in _SPEAKS_OF.finditer(said)}) < fewest:
        return False
    found = _WORD.findall(said)
    words = [(word, {part for part in re.split("['’-]", word.lower()) if part}) for word in found]
    names = 0 if said.isupper() else MOST_NAMES
    for vocabulary in _VOCABULARIES:
        unknown = [word for word, forms in words if word.lower() not in vocabulary and not forms <= vocabulary]
        if len(unknown) <= names and all(word[0].isupper() and not is_of_sentences(word) for word in unknown):
            return True
    return False
