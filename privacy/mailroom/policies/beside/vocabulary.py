"""Words by which a line is known for a remark, a name, an office or a company, in customers' languages."""

from privacy.mailroom.policies.exact import words_of

# What people deal with a shop about, and what goes wrong with it, in customers' languages.
OF_SHOPS = words_of(
    """
    account accounts address addresses auto bill billing bought box broken brochure brochures bulb bulbs call calls card
    carpet catalog catalogs catalogue catalogues ceiling chandelier chandeliers charge charges claim complaint complaints
    cookie cookies copy court cracked damaged data dead dealer deceased defect defective delete deletion delivery died dimmer
    discount dispute erase erasure error exchange expired fail fake faulty file fire fix fixture forget forgot fraud gdpr ccpa
    cpra dsgvo rgpd gift glass harassment help hole hurt info information insurance installer invoice invoices lamp lamps late
    lawsuit lawyer letter letters light lights lost mistake money moved number numbers order orders package parcel passed
    password pay payment payments personal phone phones police post postal privacy problem product products profile purchase
    purge question quote rebate recall receipt records refund refunds remove repair replace replacement reply report request
    return returns rights sale scam sell send shade share ship shipment shipping smoke sms sold spam spark sparks statement
    stolen stop sue text texts theft thief tracking unauthorized urgent violation wait warning warranty whatsapp wipe wrong
    broke came smashed leaking crooked missing lampe lampen leuchte leuchten licht kaputt defekt bestellung rechnung
    rechnungen lieferung paket geld zurück konto daten löschen löschung auskunft datenschutz beschwerde erstattung
    rückerstattung reklamation schaden adresse umgezogen anwalt anzeige anruf anrufe katalog kataloge brief briefe widerruf
    widerspruch kündigung betrug falsch fehlt tot gestorben verstorben lampes lumière commande colis facture remboursement
    retour compte données supprimez supprimer effacez cassé cassée livraison argent plainte avocat appel appels déménagé mort
    décédé oubliez perdu lámpara lámparas pedido factura reembolso devolución cuenta datos borren borrar elimine eliminen rota
    roto entrega dinero queja abogado dirección llamadas olvídenme olviden luz lampada lampade ordine fattura rimborso reso
    conto dati cancellate rotta rotto consegna soldi reclamo avvocato indirizzo luce bestelling factuur terugbetaling rekening
    gegevens verwijder kapot levering klacht advocaat adres vergeet lâmpada luminária fatura devolução conta dados apaguem
    quebrada quebrado dinheiro endereço заказ возврат деньги лампа данные удалите аккаунт люстра жалоба счет адрес где radera
    uppgifter beställning återbetalning pengar trasig slet ordre penge refundering usuń dane zamówienie zwrot pieniądze
    vymažte údaje objednávka peníze silin verilerimi sipariş para iade
    access dsar portability rectification restriction injury death hazard dark leak leaks stinks rude burn burned burnt
    datenauskunft auskunftsersuchen datenschutzbeschwerde klage kabelbrand brand todesfall verletzung rückruf anschrift
    shock shocks shocked explosion exploded explodes danger dangerous damage damages flood flooded mold mould odor odour smell
    smells smelly stench asbestos toxic poison choking bleeding sharp overheats melted melts flicker flickers flickering buzzing
    buzzes noise noisy rust rusty crack cracks scratch scratches dent dents shattered collapse collapsed fell assault assaulted
    abuse abused abusive racism racist robbery robbed burglary vandalism bedbugs electrocution breach threat threats litigation
    subpoena ombudsman regulator bankruptcy divorce cancer nightmare disaster scandal disgrace rip-off ripoff liar liars thieves
    crooks poor bad worst worse awful lousy shoddy dreadful disgusting pathetic shameful shame useless dishonest unsafe illegal
    incompetent unprofessional nasty cheap slow mauvais mauvaise nul nulle honte arnaque malo mala pésimo pésima vergüenza
    estafa pessimo pessima scarso vergogna truffa slecht slechte waardeloos oplichting péssimo péssima ruim schlecht schlechter
    schlechte schlechtes unverschämt miserabel miserabler wucher gefahr gefährlich stromschlag danger décharge peligro pericolo
    gevaar perigo
    lieferadresse abzocke frechheit portabilité accès décès incendie blessure fermée fallecimiento fallecido incendio lesión
    acceso rechazó accesso decesso overlijden inzageverzoek inzage gesloten letsel óbito acesso
    """
)
# What sentences are made of, and names are not.
OF_SENTENCES = words_of(
    """
    conservator deceased executor formerly guardian power
    a about after again all also am an and any anything are as at back be because been before both but by can cannot did didn
    do does doesn doing don done each either else ever every everything few first for forever from gave get gets give given go
    goes going gone got had has hasn have haven he her here him his how i if in instead into is isn it its just keep know last
    left less let like made make makes many me mine more most much my need needs neither never new next no nobody none nor not
    nothing now of off old on once one only or other our ours out over own please put really same saw says see she should show
    since so some somebody someone something soon still such take taken tell than that the their them then there these they
    thing third this those though three through till to today tomorrow too took two under until up us use used using very want
    wants was wasn we week were what when where which while who whom whose why with within without won would wouldn yes
    yesterday yet you your yours aber alle alles als auch auf aus bei bin bis bitte da dann das dass dem den denn der des die
    dies diese doch du ein eine einen er es etwas euch für haben hat hier ich ihr ihre ihren im ist ja kann kein keine mehr
    mein meine meinen mich mir mit nach nicht nichts noch nur oder ohne schon sehr sein sich sie sind über um und uns unser
    unsere von vor wann war warum weil wenn wer wie wir wird wo zu zum zur au aussi avec ce cela ces cette dans de elle est et
    il ils je la le les leur ma mais mes moi mon ne nous où ou par pas plus pour pourquoi quand que qui quoi sans se ses si
    son sur tout toutes un une vos votre vous al como con cuando del donde el ella ellos en esta este está ha las lo los mi
    mis muy nada nos para pero por porque quién sin sobre su sus también todo todos una usted ustedes y ya yo dónde che chi ci
    come cosa della di dove è ho io mia miei mio nel non o per perché più quando sono tutti tutto voi aan bij dat deze dit een
    geen haar heb het hij hoe ik maar mij mijn met naar niet nog om ook op te uit uw van veel voor waar waarom wat wel wij
    zijn ao com dos e ela ele em eu foi meu meus minha minhas não os onde sem seu sua uma você и в не на я что мой мои мне все
    вы вас с по за из у
    """
)
LINKING = words_of(
    """
    of and for the at in & to de du des del der die das dem und für van von voor den et y e en di la le da dos do
    """
)
OF_SURNAMES = words_of(
    """
    de du des del della der den dem van von vom zu zur ten ter la le da dos das do di el al bin ibn y e i und and & af
    """
)
BESIDE_OFFICES = words_of(
    """
    manager director officer engineer analyst scientist specialist executive consultant clerk assistant representative
    coordinator lead department president vice ceo cfo cto coo vp svp evp md founder co-founder owner partner associate
    associates head chief sales marketing finance accounting operations customer service services support team professor
    teacher nurse physician agent broker realtor administrator supervisor secretary treasurer chair chairman chairwoman
    attorney paralegal architect designer developer programmer technician editor writer producer principal senior junior sr jr
    intern buyer planner advisor adviser account data delivery shipping payments warranty legal human resources hr it pr
    information technology business development communications quality assurance project product purchasing procurement
    logistics research lighting retail security public relations geschäftsführer geschäftsführerin leiter leiterin vertrieb
    einkauf assistenz abteilung geschäftsführung buchhaltung directeur directrice responsable gérant gérante gerente directora
    jefe direttore direttrice responsabile ufficio adviseur medewerker medewerkster verkoop inkoop vendas comercial commercial
    sachbearbeiter sachbearbeiterin prokurist dipl.-ing vertriebsleiter vertriebsleiterin inhaber inhaberin assistentin
    assistent referent referentin mitarbeiter mitarbeiterin
    """
)
OFFICES = words_of(
    """
    manager director officer engineer analyst scientist specialist executive consultant clerk assistant representative
    coordinator lead department president ceo cfo cto coo vp svp evp founder co-founder owner partner associate head chief
    professor teacher nurse physician agent broker realtor administrator supervisor secretary treasurer chair chairman
    chairwoman attorney paralegal architect designer developer programmer technician editor writer producer principal intern
    buyer planner advisor adviser team geschäftsführer geschäftsführerin leiter leiterin abteilung directeur directrice
    responsable gérant gérante gerente directora jefe direttore direttrice responsabile ufficio adviseur medewerker
    medewerkster sachbearbeiter sachbearbeiterin prokurist inhaber inhaberin assistentin assistent referent referentin
    mitarbeiter mitarbeiterin vertriebsleiter vertriebsleiterin
    """
)
# Words of companies and of offices, those among them that end as verbs do: below a name they stand for a company.
OF_COMPANIES = words_of(
    """
    corporation foundation association organization organisation institution administration federation consulting engineering
    marketing trading holding holdings catering publishing building printing accounting plumbing heating roofing flooring
    cooling construction solutions education production productions communications transportation management equipment
    government investment investments development developments entertainment department parliament limited united associated
    certified licensed registered incorporated advertising staffing training coaching recruiting manufacturing processing
    banking planning purchasing nursing lighting wiring station stiftung verwaltung beratung leitung abteilung forschung
    vereinigung inc ltd llc llp plc pllc pc corp co company gmbh ag kg ohg ug ev sa sas sarl srl spa bv nv ab oy pty lda ltda
    university college school academy institute hospital clinic bank group center centre services service systems technologies
    technology studio studios partners church ministries hotel hotels restaurant realty properties estates industries
    enterprises laboratories laboratory labs library museum council county city state federal ministry bureau agency society
    universität hochschule schule klinik verein verlag université école hôpital société universidad escuela hospital banco
    università scuola ospedale banca universiteit ziekenhuis architects architecture interiors designs design electrical
    contractors builders outfitters supply supplies associates
    """
)
# Those that stand before a company's own name in their languages; "Bank" and "Hotel" begin remarks in English.
FIRST_OF_COMPANIES = words_of(
    """
    universität hochschule klinik verein verlag stiftung kanzlei praxis universiteit stichting université école hôpital société
    groupe cabinet banque clinique universidad escuela banco grupo clínica hospital colegio università scuola ospedale banca
    gruppo studio universidade faculdade
    """
)
