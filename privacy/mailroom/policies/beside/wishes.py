"""The wish to get no more mail, in more words than one: known sentences, of lists and mail only, about the sender only.

What names anything else ("remove my phone number", "delete my data", "no letters", "stop calling") is another wish.
"""

import re
from functools import cache

from privacy.mailroom.policies.beside.pleasantries import WORD_ENDS

MYSELF = "\ue000"  # stands where the sender names their own address
_MAIL = (
    r"(e-?mails?|mails?|newsletters?|spam|spams|messages?|ads|adverts?|advertisements?|advertising|promotions?|promos?|offers?|"
    r"communications?|mailings?|marketing|stuff|junk|crap|notifications?|correspondence|updates|solicitations?|deals|alerts|"
    r"lists?|subscriptions?|distribution|mailers?)"
)
_WHICH = (
    r"((your|ur|you|the|this|that|these|those|any|any more|all|every|each|of|our|lumens['’]?s?|my|future|further|more|such|other|"
    r"unsolicited|unwanted|e-?mail|e-?mails|mail|mailing|marketing|promotional|promotion|promo|newsletter|distribution|"
    r"subscriber|"
    r"subscription|contact|sales|advertising|ad|spam|junk|daily|weekly|monthly|company['’]?s?|commercial|group|address|"
    r"and( all)?|or|various|different) ){0,9}"
)
_ITS_MAIL = (
    rf"{_WHICH}{_MAIL}(( (and|or|&) |, ?){_WHICH}{_MAIL}){{0,3}}( (from (you|lumens|your (company|store|shop)|you guys)|to me))?"
)
_ADDRESS = (
    r"(my|our|this|the following|following)( own)?( name(,)?( and| or)?)?( (my )?)?(e-?mail|mail|name|address)?( address(es)?)?"
    rf"( ?[:(<]* ?{MYSELF})?"
)
_ME = rf"(me|us|myself|{_ADDRESS}|{MYSELF})"
_ENDS = (
    r"( (any ?more|again|ever|ever again|any longer|at all|altogether|completely|at this (address|time)|to this address|"
    r"in (the )?future))?"
)
_UNSUBSCRIBED = (
    rf"((un-?subscribed?|unsubscription)( {_ME})?( (from|of|off|to))?(( receiving)?( {_ITS_MAIL})|( from)? (this|it|all|"
    rf"everything))?|"
    rf"(opt(ed)?[- ]?out|opt (me|us) out)( {_ME})?( (of|from|off)( receiving)? ({_ITS_MAIL}|this))?|"
    rf"(remove|take|delete|drop|strike|exclude|erase|get|keep) {_ME} (off|out|from|of)( of| from)? {_ITS_MAIL}|"
    rf"(remove|take) (me|us|{MYSELF})( off)?|"
    rf"(removed|taken|deleted|dropped|excluded|off|unsubscribed)( off)? (from|of|off of|off|out of) {_ITS_MAIL}|(removed|"
    rf"taken off)|"
    rf"(cancel|end|terminate|stop) {_WHICH}((e-?mail|newsletter|mailing list) subscriptions?|newsletters?|e-?mails?|mailings?)|"
    rf"cancel {_WHICH}subscriptions? (to|for) {_ITS_MAIL})"
)
_ENGLISH = (
    rf"((i|we)(['’]m| am| are|['’]d| would| hereby| do| just)*( (like|want|wish|wanna|need|request|requesting|ask|asking|"
    rf"writing|prefer|trying))?( (you|again))?( that)?( to)?( (be|get|you|have))? )?{_UNSUBSCRIBED}{_ENDS}",
    rf"(i|we)( really| just)? (no longer|do not|don['’]?t|dont|am no longer|would not|wouldn['’]t)"
    rf"( longer)? (wish|want|care|need|like|interested in|wishing)( to)?( for)?"
    rf"( receive| get| be sent| be on| hear about| see| receiving| getting)? {_ITS_MAIL}{_ENDS}",
    rf"(i|we)( have|['’]ve)? (never|not|did not|didn['’]?t)( ever)? (asked?|signed? up|subscribed?|opt(ed)? in|"
    rf"requested?|agreed?)( for| to)?"
    rf"( (be on|receive|get))?( ({_ITS_MAIL}|this|these|it|any of this))?",
    rf"(stop|cease|quit|discontinue)( with)? (sending|e-?mailing|mailing|spamming|delivering)( {_ME})?( {_ITS_MAIL})?"
    rf"( to {_ME})?{_ENDS}",
    rf"(stop|cease|no more|no|enough)( with)?( {_ITS_MAIL}){{1,2}}( for me)?{_ENDS}",
    rf"(do not|don['’]?t|dont|never) (send|e-?mail|mail|spam)( {_ME})?( {_ITS_MAIL})?( to {_ME})?{_ENDS}",
    rf"((i|we)( am| are)? )?(get|getting|receive|receiving|have)? ?((just|far|way) )*too (much|many) {_ITS_MAIL}",
    r"(i['’]?m|i am|we are|not|no longer)( (no longer|not))?( at all| really)? interested( in (your|these|this|any of your|the) "
    rf"(products?|company|services?|store|shop|catalog offers|{_MAIL}))?( any ?more)?",
    rf"my (e-?mail|mail)( address)?( (is|was))? ?[:=(<-]* ?{MYSELF}|(for|from|to|at|address|e-?mail|mail)?( address)?( "
    rf"is)? ?[:=(<-]* ?{MYSELF}",
    r"(this|it) (message|e-?mail) (was|is) (an )?auto\w{0,10}[- ](generated|sent)( by gmail)?",
    r"apple mail sent this e-?mail to unsubscribe from the message [“\"][^“”\"]{0,200}[”\"]",
)
# In other languages lists and mail only, too: "löschen" and "retirer" are also said of data.
_MAIL_ABROAD = (
    r"((e-?mails?|mails?|newsletters?|werbung|werbemails?|werbe-?e-?mails?|nachrichten|courriels?|messages?|publicités?|offres?|"
    r"lettres? d['’]information|correos?|mensajes?|boletin(es)?|boletín|ofertas?|publicidad|messaggi(o)?|offerte|pubblicità|"
    r"nieuwsbrie(f|ven)|reclame|berichten|mensagens|e-?postmeddelanden|nyhetsbrev(et)?)"
    r"(?! (per|par|por|via|am|au|im|dans|in|en|op|à|a)\b))"  # "Werbung per Post" is another choice
)
_LIST_ABROAD = (
    r"(((e-?mail-?|mail-?|newsletter-?|versand)?(verteiler|verteilerliste|liste|adressliste|versandliste)n?s?)|newsletters?|"
    r"mailing-?list(en|e|a|s)?|empfängerliste|listes?( de (diffusion|distribution|envoi))?|listas?( de (correos?|"
    r"distribución|envío|"
    r"e-?mails?|contatos))?|nieuwsbrie(f|ven)|(mail|verzend|mailing)?lijst(en)?|newsletter|boletín|lista di distribuzione)"
)
_ABROAD = (
    rf"((bitte|und) )?(entfernen|streichen|nehmen|löschen|tragen|melden) sie (mich|uns|(meine|unsere|diese) (e-?mail-?)?adresse"
    rf"( ?[:(<]* ?{MYSELF})?|{MYSELF})( bitte)?( sofort| umgehend)?"
    rf"( (aus|von|vom) ((ihre[mnr]?|de[mnr]|diese[mnr]|all(en|e)( ihren)?) ){{0,2}}{_LIST_ABROAD})( aus| ab| heraus| raus)?",
    r"melden sie (mich|uns)( bitte)? ab|(mich|uns)? ?((bitte|sofort) )*(ab|aus)(zu)?(melden|tragen|bestellen)",
    rf"(ich|wir) (möchten?|wollen|will|wünschen?)( bitte)? (keine|nicht mehr|nicht länger)( ihre| weiteren| weitere| mehr)?"
    rf" {_MAIL_ABROAD}( mehr)?( von ihnen)?( mehr)?( erhalten| bekommen)?|keine( weiteren)? {_MAIL_ABROAD} mehr",
    r"(ich|wir) (möchten?|will|wollen) (mich|uns) (abmelden|austragen)( von (ihrem|dem) newsletter)?",
    rf"(je|nous) ne (souhait|veu|voul|désir)\w{{1,5}} plus (recevoir)"
    rf"( (de |d['’])?(vos|ces|tes|aucun\w{{0,2}}|de|des|d['’]|la|votre))? ?{_MAIL_ABROAD}"
    r"( (promotionnels|commerciaux|publicitaires))?( de votre part)?",
    rf"((merci|veuillez|prière|je (souhaite|voudrais|veux)|pouvez-vous) )?(de )?(bien vouloir )?me (désabonner|désinscrire|"
    rf"(retirer|enlever|supprimer|rayer)(?= de (votre|vos|la|cette|ces) {_LIST_ABROAD}))"
    rf"( (de|à) (votre|vos|la|cette|ces) {_LIST_ABROAD})?|désabonnez[- ]moi( de (votre|vos|la) {_LIST_ABROAD})?",
    rf"(ya )?no (quiero|deseo|queremos|deseamos) (seguir )?(recib(ir|iendo))( más)?( (de )?(sus|estos|tus|vuestros)"
    rf")? {_MAIL_ABROAD}"
    r"( electrónicos?)?( más)?( (de ustedes|suyos|de su parte|de lumens))?",
    rf"(quiero |deseo |solicito )?(darme|denme|dame|dar) de baja( de (su|la|esta) {_LIST_ABROAD})?",
    rf"non (voglio|vogliamo|desidero|vorrei) (più )?ricevere( più)?( (le|i|la|altr[ei]|quest[ei]))?( vostr[eia])? {_MAIL_ABROAD}",
    rf"(cancellatemi|toglietemi|disiscrivetemi|rimuovetemi)( da(lla)? (vostra )?{_LIST_ABROAD})?",
    rf"ik wil (geen|niet)( meer)?( (jullie|uw|deze|van (u|jullie)))?( meer)? {_MAIL_ABROAD}( van (u|jullie))?( meer)?"
    r"( van (u|jullie))?( meer)? (ontvangen|krijgen)( van (u|jullie))?",
    rf"(ik wil (me|mij) )?(af|uit)(melden|schrijven)( voor (de|uw|jullie) {_LIST_ABROAD})?",
    rf"(meld|schrijf) (me|mij)( (af|uit))?( (van|voor|uit) (de|uw|jullie) {_LIST_ABROAD})?( af| uit)?",
    rf"(eu )?não (quero|desejo) (mais )?receber( mais)?( (seus|estes|os seus))? {_MAIL_ABROAD}",
    r"jag vill inte (längre )?ha (fler |era )?(mail|mejl|nyhetsbrev|e-postmeddelanden)( från er)?",
    r"отпишите меня( от (вашей |этой )?рассылки)?|не присылайте (мне )?(больше )?(писем|рассылку|писма)",
    r"(我要|我想|帮我|取消)?(取消订阅|退订|取消訂閱|退訂)(邮件|郵件)?|不要再(给我)?(发|寄)(送)?(邮件|郵件|电子邮件)(给我)?(了)?",
    r"(メルマガ|メール|ニュースレター)?(の)?(配信|購読)?(を)?(停止|解除)(を|して)?(ください|下さい|希望(します)?)?",
    r"(메일|이메일|뉴스레터)?\s?(수신\s?거부|구독\s?취소)(해\s?주세요|합니다)?",
)


@cache
def patterns_of_wishes() -> tuple[re.Pattern[str], ...]:
    """One of each sentence. Made when the first message is read: half a second, for which no other program waits at its start."""
    return tuple(re.compile(rf"({wish}){WORD_ENDS}", re.IGNORECASE) for wish in (*_ENGLISH, *_ABROAD))


@cache
def pattern_of_any_wish() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)({'|'.join((*_ENGLISH, *_ABROAD))}){WORD_ENDS}", re.IGNORECASE)
