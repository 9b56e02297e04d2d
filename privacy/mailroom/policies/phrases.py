"""The words by which pleasantries, footers, wishes, and what people want of a shop are known, in customers' languages."""

import re

# Whatever else a sentence says: with one of these it is about something.
ABOUT = re.compile(
    r"\b(orders?|ordered|refund\w*|invoices?|deliver\w*|ship(s|ped|ping|ment)?|parcels?|packages?|warranty|broken|damaged|"
    r"charged?|charges|payments?|paid|money|accounts?|passwords?|data|dsgvo|gdpr|rgpd|ccpa|lawyers?|attorneys?|"
    r"delet(e|ed|ion)|eras(e|ed|ure)|lösch\w*|supprim\w*|effac\w*|elimin\w*|borr(ar|en|e)|apag(ar|uem)|verwijder\w*|"
    r"auskunft|daten|konto|bestell(ung|ungen|t)|rechnung|données|compte|commande|datos|cuenta|pedido|dados|conta|dati|"
    r"ordine|gegevens|bestelling)\b",
    re.IGNORECASE,
)
# Who has to do with these things all day: "Senior Account Manager".
OFFICE = re.compile(
    r"\b(accounts?|data|delivery|shipping|orders?|invoices?|payments?|warranty)( \w{1,30})? (manager|director|officer|engineer|"
    r"analyst|scientist|specialist|executive|consultant|clerk|assistant|representative|coordinator|lead|department)\b",
    re.IGNORECASE,
)
# Other choices than the one about e-mail that the word makes.
ANOTHER_CHOICE = re.compile(
    r"\b(stop|not|don['’]?t|no|never|cease)\b[^.!?]{0,40}\b(call(s|ing|ed)?|phon(e|ing)|telephon\w+|text(s|ing)?|sms|catalog\w*|"
    r"post|letters|sell(ing)?|sale|sold|shar(e|ed|ing))\b",
    re.IGNORECASE,
)
ORDER_WITH_NUMBER = re.compile(
    r"\b(order|invoice|return|commande|bestellung|pedido|ordine|bestelling)\b\W{0,3}(n[ro°]|number|nummer)?\W{0,4}[a-z]{0,4}-?\d{3,}",
    re.IGNORECASE,
)
_OF_MAIL = (
    r"(me|us|my|our|any|more|your|you|these|those|this|the|such|of|all|further|future|from|by|to|at|on|off|anymore|again|ever|"
    r"e-?mails?|mails?|newsletters?|spam|offers?|messages?|ads?|adverts?|promotions?|promotional|marketing|lists?|mailing|mailings|"
    r"distribution|subscribers?|communications?|stuff|junk|correspondence)"
)
# The same in other languages; of lists and mail only, for "löschen" and "retirer" are also said of data.
_MAIL_ABROAD = (
    r"(e-?mails?|mails?|newsletters?|werbung|nachrichten|courriels?|messages?|publicités?|offres?|lettres?|correos?|mensajes?|"
    r"boletin(es)?|boletín|ofertas?|messaggi(o)?|offerte|nieuwsbrie(f|ven)|reclame|berichten|mensagens)"
    r"\b(?! (per|par|por|via|am|au|im|dans|in|en|op)\b)"  # "Werbung per Post" is another choice
)
_LIST_ABROAD = (
    r"(verteiler\w*|newsletter\w*|mailing-?list\w*|e-?mail-?liste|liste|empfängerliste|lista|nieuwsbrief|lijst|mailinglijst)"
)
_REPEATED_ABROAD = (
    r"\b(entfernen|streichen|nehmen|löschen|tragen|melden) sie (mich|uns|(meine|unsere) (e-?mail-?)?adresse)"
    r"( bitte)?( sofort| umgehend)?"
    rf" (aus|von|vom) ((ihre[mnr]?|de[mnr]|diese[mnr]|all(en|e) ihren) ){{0,2}}{_LIST_ABROAD}( aus| ab| heraus| raus)?\b|"
    rf"\b(ich|wir) (möchten?|wollen|will|wünschen?) (keine|nicht mehr)( ihre| weiteren| weitere)?"
    rf" {_MAIL_ABROAD}( mehr)?( von ihnen)?( mehr)?( erhalten| bekommen)?\b|"
    rf"\b(je|nous) ne (souhait|veu|voul|désir)\w{{1,5}} plus (recevoir|être contactée?)"
    r"( (de |d['’])?(vos|ces|tes|aucun\w{{0,2}}|de|des|d['’]|la|votre))?"
    rf" ?{_MAIL_ABROAD}( \w{{1,20}}els?)?( de votre part)?\b|"
    r"\b((merci|veuillez|prière) (de )?(bien vouloir )?)?me (désabonner|désinscrire|"
    r"(retirer|enlever|supprimer|rayer)(?= de (votre|vos|la|cette|ces) liste))"
    r"( (de|à) (votre|vos|la|cette|ces) (listes?|newsletters?)( de (diffusion|distribution))?)?\b|"
    rf"\b(ya )?no (quiero|deseo|queremos|deseamos) (seguir )?(recib(ir|iendo))"
    rf"( más)?( (de )?(sus|estos|tus|vuestros))? {_MAIL_ABROAD}"
    r"( electrónicos?)?( más)?( (de ustedes|suyos|de su parte|de lumens))?\b|"
    rf"\bnon (voglio|vogliamo|desidero|vorrei) (più )?ricevere"
    rf"( più)?( (le|i|la|altr[ei]|quest[ei]))?( vostr[eia])? {_MAIL_ABROAD}\b|"
    rf"\bik wil (geen|niet)( meer)?( (jullie|uw|deze|van (u|jullie)))?( meer)? {_MAIL_ABROAD}( van (u|jullie))?( meer)?"
    r"( van (u|jullie))?"
    r"( meer)? (ontvangen|krijgen)( van (u|jullie))?\b|"
    rf"\bnão (quero|desejo) (mais )?receber( mais)?( (seus|estes|os seus))? {_MAIL_ABROAD}\b"
)
REPEATED = re.compile(
    rf"{_REPEATED_ABROAD}|\bmy e-?mail( address)?( is)?\W{{0,3}} me\b|"
    rf"\b(unsubscribe|remove|take|delete|drop|opt)( {_OF_MAIL}| name| address| out){{1,8}} (lists?|newsletters?|"
    r"e-?mails?|mailings?|"
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
GREETING = re.compile(
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
POLITE = re.compile(
    rf"\b{_CLOSING}(?!\w)|\b(please|pls|plz|kindly|bitte|s['’]il vous pla[iî]t|por favor|per favore|alstublieft|sorry|asap|"
    r"immediately|right away|at once|effective immediately|as soon as possible|"
    r"((please )?(confirm|let me know)( (this|that|when|it|receipt|once|has|been|is|done|by|e-?mail|reply|return|in|"
    r"writing))*))\b|"
    r"\bthis (message|e-?mail) (was|is) (an )?auto\w*[- ](generated|sent)( by \w+)*",
    re.IGNORECASE,
)
CLOSES = re.compile(rf"^\W*{_CLOSING}{_NAMES}\W*$", re.IGNORECASE)
# Lawyers' and programs' last paragraphs; and our own footer, where a program quotes it without a mark. Whole forms: a sentence of
# a person may begin with the same words.
_MAIL = r"(e-?mail|mail|message|communication|transmission|nachricht|courriel|correo|mensaje|messaggio|mensagem|bericht)"
FOOTER = re.compile(
    rf"^\W*((this|the (information|contents?) ((contained|transmitted) )?(in|of|with) this|diese|ce|cette|este|"
    r"esta|questo|questa|dit)"
    rf" {_MAIL}\b(?! address| is to inform)[^.!?:]{{0,250}}"
    r"\b(confidential\w*|privileged|intended|addressee|virus\w*|vertraulich\w*|confidenti?el\w*|confiden[cz]ia\w*|riservat\w*|"
    r"vertrouwelijk\w*)(?!\s*:)|"
    r"(confidentiality|legal|privacy|e-?mail) (notice|note|statement|disclaimer)\b|disclaimer\s*[:.–—-]|"
    rf"if you (are|were) not (the|an) (intended|named|correct|right) (recipient|addressee)|"
    rf"if you (have )?(received?|got) this {_MAIL}( message)? (in error|by mistake)|"
    rf"(virus-free\b|scanned by\b|this {_MAIL} (has been|was|is) (checked|scanned)\b|"
    rf"please consider the environment|please (do not|don['’]t) print)|"
    rf"you( are|['’]re| were| have| ?){{1,2}} ?receiv(ed|ing) (this|these)"
    rf"( {_MAIL}s?| newsletters?| notices?)? (because|since|as) you\b|"
    rf"this ({_MAIL}|newsletter|mailing) (was|has been|is) (being )?(sent|delivered|addressed) "
    r"(to|for) (you\b|<?[^\s@]{1,64}@)|"
    r"to (unsubscribe|opt[- ]?out|stop receiving)( from [^.!?]{1,60}| these \w+)?,?( please| just| simply)?"
    r" (click|clic|visit|go to|use|follow|reply|log ?in|press|tap|see)\b|to unsubscribe\s*:|"
    r"view (this|it)( \w+)? in (your|a) browser|(©|copyright\b)\W{0,3}(©|\(c\)|by|(19|20)\d\d)|"
    r"[^.!?]{2,60}\.?,? (is |are )?(a (limited |private )?company )?(registered|incorporated) in (england|scotland|wales|ireland|"
    r"northern|the|germany|france|spain|italy|delaware)\b|"
    r"registered (office|company|address|number|no\.?)\s*:|vat (no|number|reg)\b)",
    re.IGNORECASE,
)
FOOTERS_TITLE = re.compile(r"^\W*(confidential(ity)?|disclaimer|copyright|to unsubscribe)\W*$", re.IGNORECASE)
# What sentences of footers speak of, who may also say "data" and "delete".
OF_FOOTERS = re.compile(
    rf"\b({_MAIL}s?|e-?mails|recipients?|addressees?|error|senders?|notify|copies|attachments?|virus\w*|receiving|unsubscrib\w+|print\w*|"
    r"subscri\w+|registered|empfänger\w*|irrtümlich\w*|absender\w*|destinataires?|erreur|expéditeur|destinatari[oa]|remitente|"
    r"errore|mittente|remetente|geadresseerde|afzender)\b",
    re.IGNORECASE,
)
# "I" and "my", and no article: "i" is one in Italian.
MYSELF = re.compile(
    r"\b((?-i:I)|i (am|was|have|had|want|would|wish|ask|do|did|will|need|never|can|could|request|bought|paid|saw)|"
    r"i['’]\w+|my|me|mine|"
    r"ich|mein\w*|mir|je|j['’]\w+|moi|yo|minhas?|mio|mia|miei|ik|mijn)\b",
    re.IGNORECASE,
)
OF_ONESELF = re.compile(
    r"\b(i|i['’]\w+|my|me|we|our|ich|mein\w*|mir|je|j['’]\w+|mon|ma|mes|moi|yo|mi|mis|meus?|minhas?|mio|mia|miei|ik|mijn)\b",
    re.IGNORECASE,
)
SENTENCE_ENDS = re.compile(r"(?<=[.!?。！？])\s+|(?<=[。！？])|\n")
FAR_EASTERN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
ASKED_IN_THE_FAR_EAST = re.compile(r"ください|下さい|です|ます|请|請|我|주세요|니다|[。？]")
WORD = re.compile(r"\w[\w'’-]*")
