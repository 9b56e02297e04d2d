"""Greetings, thanks, closings and polite words: what says nothing, in customers' languages (OPTOUTS.md, "Nothing is dropped").

Whole forms, word for word: "Thank you for your help" is nothing, "Thank you for your broken lamp" is a complaint.
"""

import re

# The end of a word; between Chinese and Japanese words there is none to see.
WORD_ENDS = r"(?![0-9A-Za-z_\u00c0-\u1fff])"
GREETING = re.compile(
    r"(hi|hello|hey|dear|greetings|to whom it may concern|good (morning|afternoon|evening|day)|guten (tag|morgen|abend)|hallo|"
    r"sehr geehrte[rs]?|liebe[rs]?|bonjour|bonsoir|chers?|chère|hola|buen(os|as)? (días|dia|tardes|noches)|estimad[oa]s?|olá|"
    r"bom dia|boa tarde|buongiorno|buonasera|gentil[ei]|spett(abi)?le|salve|ciao|beste|geachte|goeden? ?(dag|middag|"
    r"avond|morgen)|"
    r"hej|hei|god (dag|morgen)|dzień dobry|dobrý den|merhaba|iyi günler|здравствуйте|добрый день|您好|你好|"
    r"こんにちは|(いつも)?お世話になって(おり|い)ます|안녕하세요|안녕하십니까)"
    r"(?:[\s,/&]+(?:there|all|team|lumens|sir|sirs|madam|or|and|everyone|everybody|folks|customers?|customercare|care|"
    r"service|support|"
    r"friends?|guys|you|herr|frau|damen|und|herren|madame|monsieur|messieurs|mesdames|zusammen|à|tous|equipo|señores|señor|"
    r"signori|heer|mevrouw|meneer|mr|mrs|ms|dr)\b\.?){0,6}" + WORD_ENDS,
    re.IGNORECASE,
)
_FOR = (
    r" for ((your|the|all|all your|any|taking the) )?((kind|quick|prompt|swift|speedy|continued|valuable) )?(help|time|attention|"
    r"understanding|cooperation|co-operation|assistance|support|patience|consideration|service|reply|response|efforts?|trouble|"
    r"everything)( (and|&) (help|time|attention|understanding|cooperation|assistance|support|patience|consideration))?"
    r"( (to|in|with) (this|the)( (matter|regard|request))?)?( in advance)?"
)
CLOSING = re.compile(
    rf"((no,? )?(many |kind |best |warm )?(thanks|thank you|thankyou|thank u|thx|tks|ty|cheers)( (very|so) much| a lot| "
    rf"a million|"
    rf" again| kindly| in advance| and)*({_FOR})?( and)?|"
    r"(vielen |herzlichen |besten |lieben )?dank(e)?( (schön|sehr|ihnen|im voraus|für (ihre|die) (hilfe|mühe|unterstützung)))*|"
    r"merci( beaucoup| d['’]avance| bien| par avance| de votre (aide|compréhension))*|"
    r"(muchas |mil )?gracias( de antemano| por (su|la) (ayuda|atención))*|(mille |molte )?grazie( mille| in anticipo)*|"
    r"(muito )?obrigad[oa]( desde já)?|dank (u|je)( wel)?( (bij )?voorbaat)?|(alvast |hartelijk )?bedankt|"
    r"tack( så mycket| på förhand)?|(mange |på forhånd )?tak(k)?|kiitos|dziękuję|děkuji|teşekkürler|teşekkür ederim|спасибо|"
    r"(with )?(kind(est)?|best|warm(est)?|many|all the|all my)?( )?(regards|wishes|best)|rgds|sincerely( yours)?|best|"
    r"blessings|peace|"
    r"yours( (very )?(truly|sincerely|faithfully))?|(very )?respectfully( yours)?|cordially( yours)?|take care|love|god "
    r"bless( you)?|"
    r"have a (very )?((nice|good|great|lovely|wonderful|blessed|pleasant|safe|happy) )?(day|one|time|week|weekend|evening|"
    r"afternoon|morning|summer|holiday|christmas|new year|thanksgiving)( ahead)?|(merry|happy) (christmas|holidays?|new year|"
    r"thanksgiving|easter)|"
    r"(mit )?((sehr )?freundliche[nm]?|beste[nm]?|viele[nm]?|liebe[nm]?|schöne[nm]?|herzliche[nm]?) gr(ü|ue)(ß|ss)(e|en)"
    r"|mfg|lg|vg|"
    r"hochachtungsvoll|gr(ü|ue)(ß|ss)e|(bien )?(à vous|cordialement)|(sincères |meilleures |mes )?salutations|"
    r"(un )?(cordial(es)? )?saludos?( cordial(es)?)?|atentamente|(cordiali |distinti )?saluti|cordialmente|atenciosamente|"
    r"(com os melhores )?cumprimentos|(met )?(vriendelijke |hartelijke )?groet(en|jes)?|mvg|(med )?(vänlig(a)?|venlig|vennlig)? ?"
    r"hil?älsning(ar)?|(med )?(vänlig(a)? )?hälsning(ar)?|(med )?ven(n)?lig hilsen|mvh|terveisin|ystävällisin terveisin|"
    r"pozdrawiam|z poważaniem|s pozdravem|saygılarımla|с уважением|谢谢(您|你)?|謝謝(您)?|多谢|此致|敬礼|"
    r"よろしくお願い(いた|致)?します|お願い(いた|致)?します|ありがとうございます|以上|감사합니다|부탁드립니다|부탁합니다|수고하세요)"
    + WORD_ENDS,
    re.IGNORECASE,
)
POLITE = re.compile(
    r"(please|pls|plz|kindly|bitte|s['’]il vous pla[iî]t|svp|por favor|per favore|per cortesia|alstublieft|a\.?u\.?b\.?|snälla|"
    r"vänligen|proszę|prosím|lütfen|пожалуйста|请|請|sorry( for (the|any) (inconvenience|trouble))?|asap|now|today|right now|"
    r"immediately|right away|at once|at your earliest convenience|effective (immediately|today|now)|with immediate effect|"
    r"permanently|forever|for good|once and for all|as soon as possible|this is (urgent|important)|urgent|"
    r"sofort|umgehend|unverzüglich|ab sofort|jetzt|immédiatement|dès que possible|inmediatamente|subito|direct|onmiddellijk|"
    r"and|also|just|so|then|again|i repeat|"
    r"(can|could|would|will) (you|someone|somebody)( please| kindly)?|"
    r"(please |kindly |and |to )*(confirm|acknowledge|let me know)( (this|that|when|it|receipt|once|has|have|been|is|are|done|"
    r"completed|by|via|e-?mail|reply|return|in|writing|to me|my|unsubscription|removal|removed|unsubscribed|i|am|"
    r"processed))*)" + WORD_ENDS,
    re.IGNORECASE,
)
SENTENCE_ENDS = re.compile(
    r"(?<=[.!?。！？])(?<!\bno\.)(?<!\bnr\.)(?<!\binc\.)(?<!\bltd\.)(?<!\bco\.)(?<!\bcorp\.)(?<!\bdr\.)(?<!\bmr\.)(?<!\bst\.)"
    r"\s+|(?<=[。！？])|\n",
    re.IGNORECASE,
)
