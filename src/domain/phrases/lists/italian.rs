//! Italian phrases.

use super::*;

pub const PHRASES: &[(Classes, &str)] = &[
    (
        YES,
        "(manda/mandi/manda tutto/invia) (/pure), (/mi sembra/mi pare/è/
         sarebbe) un'idea (eccellente/ottima/splendida/grandiosa/buona/bellissima/fantastica),
        (passiamo/andiamo/veniamo/passa) al (riassunto/riepilogo),
        concordo (pienamente/del tutto/in pieno/totalmente/con te),
        sono (pienamente/totalmente/del tutto) d'accordo, (giusto/ben) così, sissì, sissi,
        certo che possiamo, possiamo, possiamo sì, con vero piacere, ma naturalmente, e certo,
        più che d'accordo, fai fai, faccia faccia, mi sembra perfetto, per me sì grazie, mhm,
        mhmm, mm sì, (penso/credo/direi/mi sa) (/che) (sia/è/sarebbe) (il momento/ora/giusto/
         meglio/il caso/utile/una buona idea/un'ottima idea/una bella idea/l'ideale/
         il momento giusto/perfetto/bene),
        (è/sarebbe) (meglio/meglio così/l'ideale/perfetto così), (mi sembra sensato/
        ci mancherebbe/ma figurati sì/non vedo perché no/non vedo problemi/ non vedo problemi/
        nulla da obiettare/niente da obiettare), e sia, ben venga,
        fai come (credi/vuoi/preferisci), faccia come (crede/vuole/preferisce), quando vuoi tu,
        ok per me, come preferisci tu, sono favorevole, perché no dai, anche per me,
        anche secondo me, lo penso anche io, lo penso anch'io, anche io direi di sì, anch'io, sì,
        sìì, sì sì, sì sì sì, sì signore, sì signora, eh sì, ma sì, beh sì, bè sì, massì,
        magari sì, sì certo, sì dai, certo, certo certo, certo che sì, certo che puoi,
        certo che può, (ma/sì/oh/eh/ah) certo, certamente, sicuro, sicuramente, di sicuro,
        assolutamente, assolutamente sì, senz'altro, senza dubbio, senza alcun dubbio,
        indubbiamente, naturalmente, ovviamente, ovvio, chiaramente, chiaro, altroché, eccome,
        come no, e come no, perché no, e perché no, ma perché no, e perché mai no, volentieri,
        molto volentieri, ben volentieri, più che volentieri, con (/molto/grande/vero) piacere,
        d'accordo, d'accordissimo, sono d'accordo, siamo d'accordo, siam d'accordo, concordo,
        concordiamo, affare fatto, andata, aggiudicato, ci sto, ci stiamo, io ci sto, ci sta,
        ci può stare, ci starebbe, ci sta tutto, accetto, approvo, approvato, confermo,
        confermato, affermativo, positivo, esatto sì, procedi, procedi pure, proceda,
        proceda pure, procediamo, procediamo pure, si proceda, (fai/fa/fa'/faccia/vada/vai/va'/
         facciamo/facciamolo/fallo/lo faccia/facciamola) (/pure/così/pure così/questo),
        vai tranquillo, vai tranquilla, vai vai, andiamo, andiamo pure, daje, dai, dai dai,
        dai sì, e dai, ma dai sì, dai facciamo, dai facciamolo, dai facciamo così, e vai, forza,
        coraggio andiamo, puoi, puoi pure, può, può pure, puoi farlo, può farlo, puoi procedere,
        può procedere, lo vorrei, lo voglio, la voglio, sì vorrei, magari, eh magari,
        magari grazie, lo gradirei, gradirei, gradirei molto, te ne sarei (grato/grata),
        mi (piacerebbe/farebbe piacere/fa piacere/servirebbe/aiuterebbe/tornerebbe utile/
         sarebbe utile/sarebbe d'aiuto/farebbe comodo) (/molto/tanto/tantissimo/sì), mi (va/
         va bene/va benissimo/va bene così/sta bene/piace/piace l'idea/pare giusto/pare bene/
         pare ottimo/ torna/garba/andrebbe/andrebbe bene/andrebbe benissimo), (per me/
         a me) (va bene/va benissimo/sì/ok/okay/sta bene/è ok/è okay/nessun problema/
         non c'è problema/si può fare/ perfetto/è perfetto/può andare/possiamo/va bene così),
        si può fare, si fa, si faccia, può andare, può essere utile, così (/sia/va bene/si fa),
        e così sia, sia, (penso/credo/ direi/suppongo/immagino/spero/mi sa/mi pare/io direi/
         io penso/mi sembra/ritengo) (di/ che/proprio di) sì, penso proprio di sì, (mi sembra/
         mi pare/sembra/pare/è/sarebbe/è proprio/mi sembra proprio/potrebbe essere) (/un'/una/
         proprio una/davvero una) (ottima/ buona/bella/eccellente/grande/splendida/bellissima/
         buonissima) (idea/proposta/pensata/ cosa), (ottima/buona/bella/eccellente/grande/
         splendida/che bella/che buona) (idea/proposta), (mi sembra/mi pare/sembra/pare/suona) (/
         molto/proprio) (bene/giusto/perfetto/ottimo/ ragionevole/sensato/ok/il caso/
         il momento giusto/opportuno/utile/una cosa utile), (/sì/ questo/ciò) sarebbe (/molto/
         davvero/proprio) (bello/utile/perfetto/ottimo/ideale/ l'ideale/fantastico/magnifico/
         il massimo/gentile/carino/comodo/una bella cosa/un bene),
        (è/sarebbe) (il momento/il momento giusto/ora/giusto così/l'ora), (sono/siamo/io sono/
         son/sarei) (/già/prontissimo/prontissima) (pronto/pronta/pronti/favorevole/disponibile/
         contento così), pronto, pronta, prontissimo, prontissima, nessun problema,
        nessun problema per me, non c'è problema, no problem, senza problemi, niente in contrario,
        non ho (niente in contrario/nulla in contrario/obiezioni/problemi), nulla in contrario,
        (quando/come) (vuoi/vuole/preferisci/preferisce/credi/ti pare/ti va/desideri), se vuoi,
        se vuole, se ti va, è ora, era ora, è il caso, direi che ci sta,
        mi hai letto nel pensiero, non vedo l'ora, prego, la ringrazio sì, ti ringrazio sì,
        ti prego, tutta la vita, puoi dirlo forte, esattamente sì, ci puoi scommettere, che bello,
        bello, fatto, eja, eia, vabbuò, sissignore, yes, yess, yep, oui, d'acc, dacc, già, eh già,
        è così, proprio così, ben detto, ne sarei felice,
        sarei (felice/contento/contenta/lieto/lieta), a te la parola, vai col riassunto,
        vai con il riassunto, vai di riassunto, sentiamo, sentiamo il riassunto,
        vediamo il riassunto, sono tutt'orecchi, sono tutto orecchi, si parte, via",
    ),
    (
        OK,
        "(mandami/inviami/mostrami/scrivimi/preparami/passami/leggimi/dacci/facci/prepara/
         manda) (un/il) (riassunto/riepilogo/recap/riassuntino), bene, molto bene, benissimo,
        va bene, va benissimo, va bene va bene, va be', vabbè, vabbe, va beh, vabene, bon, bòn,
        buono, ottimo, ottimamente, perfetto, perfettamente, perfect, eccellente, magnifico,
        meraviglioso, fantastico, splendido, stupendo, grande, super, top, inteso, intesi,
        siamo intesi, ricevuto, capito, per favore, per piacere, per cortesia, cortesemente,
        se possibile sì, esatto, esattamente, giusto, giustissimo, corretto, appunto, okè, okei,
        occhei, tutto bene, tutto ok, riassunto, riepilogo, recap, (un/il/mio/il mio/quel/con un/
         con il/col/solo un/un breve/un piccolo/un bel/un veloce) (riassunto/riassuntino/
         riepilogo/recap/sunto/punto della situazione),
        un (riassunto/riepilogo) (veloce/breve/finale/rapido/conclusivo), (fai/fammi/fa/faccia/
         mi faccia/fare/farmi/facciamo/fammi sentire/dammi/dai/mi dia/voglio/vorrei/vorrei avere/
         gradirei/preferirei/ho bisogno di/mi serve/mi servirebbe/mi piacerebbe/mostrami/
         puoi farmi/puoi fare/può farmi/può fare/potresti farmi/potresti fare/mi fai/mi puoi fare/
         facciamoci/leggimi/sentiamo/voglio sentire) (un/il/quel/un bel/un breve/un piccolo/
         un veloce) (riassunto/riassuntino/riepilogo/recap/sunto/punto), (riassumi/riassuma/
         riassumiamo/riassumere/riassumimi/riepiloga/riepiloghi/riepiloghiamo/riepilogare/
         ricapitola/ricapitoliamo/ricapitolare/riassumendo) (/tutto/pure/tutto quanto/la sessione/
         la conversazione/i punti principali/quello che abbiamo detto/quanto detto/il tutto),
        tirare le somme, tiriamo le somme, e un piano, con un piano, e un piano d'azione",
    ),
    (
        OK | FINISH,
        "(puoi/può/potresti/potrebbe/possiamo/vorrei che tu/mi puoi/mi può/mi potresti/potremmo/
         riesci a) (riassumere/riassumermi/riepilogare/ricapitolare/farmi un riassunto/
         farmi il riassunto/fare un riassunto/fare il riassunto/farmi un riepilogo/
         fare un riepilogo/farci un riassunto/tirare le somme) (/tutto/la sessione/
         la conversazione/quello che abbiamo detto/quanto detto/il tutto/finale), (fai/fammi/fa/
         faccia/mi faccia/dammi/mi dia/mi fai/ facciamo) (un/il) (riassunto/riepilogo/recap) (/
         finale/della sessione/della conversazione/di tutto/di quello che abbiamo detto/
         della chiacchierata/conclusivo)",
    ),
    (
        NO,
        "(/credo/penso/direi/mi sa) (/che) non (sia/è) (/ancora) (il momento/ora/il caso/
         necessario/arrivato il momento), quello no, questo no,
        non è (/ancora/proprio) (ora/il momento),
        non lo (trovo/ritengo/credo/reputo) (necessario/utile/opportuno), non (trovo/ritengo/
         credo sia/penso sia/mi sembra) (/che sia) (necessario/utile/opportuno/una buona idea/
         il momento), non (vedo la necessità/vedo il bisogno/è proprio il caso/mi sento pronto/
         mi sento pronta/ha senso), no, noo, nooo, no no, no no no, no grazie, grazie no,
        no grazie mille, no ti ringrazio, no la ringrazio, no signore, eh no, ma no, beh no,
        bè no, macché, ma che, nah, nope, nope grazie, ancora no, certo che no, sicuramente no,
        assolutamente no, ovviamente no, proprio no, (/no) (adesso/ora/oggi/per ora/per adesso/
         al momento/per il momento/stavolta/in questo momento) no, (no/non) (adesso/ora/oggi/
         per ora/per adesso/al momento/per il momento/in questo momento/subito/proprio/
        esattamente/ molto/tanto/necessariamente/direi), (meglio/piuttosto/magari/forse meglio/
        preferirei/ preferisco/io preferirei/è meglio/sarebbe meglio/penso proprio/credo/penso/
        direi/ io direi/mi sa/suppongo/mi pare/spero/temo) (di/che/proprio di) no, meglio no,
        magari no, preferirei non farlo, preferisco non farlo, no preferirei di no,
        neanche per (sogno/idea/scherzo), nemmeno per (sogno/idea/scherzo),
        manco per (niente/sogno/idea/il cavolo), per (niente/nulla), nient'affatto,
        niente affatto, affatto, in nessun modo, per nessun motivo, mai, giammai, mai e poi mai,
        non (voglio/vorrei/lo voglio/lo vorrei/ne ho voglia/ne ho bisogno/ne sento il bisogno/
         mi va/mi interessa/mi serve/serve/occorre/è necessario/è il caso/fa per me/c'è bisogno/
         sono d'accordo/credo/penso/lo penso/lo credo/direi/direi proprio/sono pronto/sono pronta/
         mi sento pronto/mi sento pronta/mi sembra il caso/mi pare il caso/mi piacerebbe/
         mi convince/se ne parla/accetto/desidero/è il momento/è ora/è il momento giusto/va/
         va bene/ vorrei farlo), non (/mi) (serve/voglio/vorrei/occorre/farmi/fare) (un riassunto/
         il riassunto/alcun riassunto/nessun riassunto/riassunti),
        niente (riassunto/riassunti/riepilogo), nessun riassunto, senza riassunto, negativo,
        nemmeno, neanche, passo, lascia (stare/perdere), lasci (stare/perdere),
        lasciamo (stare/perdere), sto bene così, va bene così no, non c'è bisogno,
        non ce n'è bisogno, no dai, dai no, ma anche no, anche no, non se ne parla proprio, di no",
    ),
    (
        STAY,
        "è (/ancora) prestissimo, non (sono/mi sento) (/ancora) (preparato/preparata),
        (/solo/ancora) un'altra (domanda/cosa/cosetta/questione), non ho (/nessuna/alcuna) fretta,
        altre (due/cose/domande), ho (ancora/un'altra) (una/) domanda, mi (sta piacendo/piace) (/
         molto) (la conversazione/ parlare/parlare con te/questa conversazione/la chiacchierata/
         chiacchierare), (lasciami/mi lasci/fammi) (finire), (lasciami/mi lasci/fammi/voglio/
         vorrei/devo) (finire di parlare/finire di raccontare/finire di spiegare/
         finire il discorso/finire la frase/ concludere il discorso), (lasciamo/facciamo/
         rimandiamo/teniamo/lascia/fai/rimanda) il (riassunto/riepilogo) (per dopo/a dopo/dopo/
         più tardi/a più tardi/per più tardi),
        (restare/resto/rimanere/rimango/stare) (/qui/con te) (/ancora) (/un po'), (devo/vorrei/
         volevo/voglio) (ancora/prima) (dire/dirti/raccontare/raccontarti/finire di raccontare/
         parlare/chiederti) (/una cosa/qualcosa/altro/altre cose), dopo (/magari/semmai),
        fammi finire (di parlare/di raccontare/il discorso/),
        lasciami (finire/finire di parlare/parlare), manca (/ancora) (una cosa/qualcosa),
        non (andare/andartene) via, non (sono/mi sento/siamo) ancora (pronto/pronta/pronti),
        ancora non (sono/mi sento) (pronto/pronta), non ancora, no non ancora, ancora no, (/è/
         mi sembra/mi pare/è un po'/è ancora/sarebbe) (/troppo/ancora/un po') presto (/ancora/
         per finire/per chiudere/per me/per smettere), ancora (un po'/un pochino/un pochetto/
         un attimo/un momento/un minuto/un minutino/un secondo/qualche minuto/due minuti/
         cinque minuti/dieci minuti/un poco/qualcosa/una cosa/una domanda/tempo/un pezzo/
         due parole/un attimino), ancora, (/solo/giusto/soltanto/dammi/mi dia/mi serve/mi servono/
         un/restiamo/ rimaniamo) (un attimo/un attimino/un momento/un momentino/un minuto/
         un minutino/un secondo/due minuti/cinque minuti/qualche minuto/dieci minuti/
         altri due minuti/altri cinque minuti/altri dieci minuti/qualche altro minuto/altro tempo/
         un altro po'/un altro attimo/un altro minuto/un'altra cosa/un'ultima cosa/
         un altro momento/un altro pochino/un po' di tempo/più tempo/del tempo/una cosa/
         una domanda/due parole) (/ancora/solo/in più/ per favore),
        un po' (di più/di più tempo/di tempo in più/più a lungo/ancora/più di tempo), (aspetta/
         aspetti/aspettiamo/aspe/aspè/aspettami/attendi/attenda/frena/calma/piano/ferma/fermo/
         un po' di pazienza/tieni duro) (/un attimo/un momento/un secondo/un minuto/un po'/ancora/
         ancora un po'/un attimino/con calma), non (/ho/abbiamo/avevo/sono) (/ancora) (/ho/
         abbiamo) (finito/terminato/concluso/detto tutto/raccontato tutto/finito di parlare/
         finito di raccontare/esaurito gli argomenti), (/avrei/ho/ci sono/c'è/abbiamo) (/ancora/
         altre/un'altra/un'ultima/tante/delle) (/molto/cose/cosa/qualcosa/domande/domanda/altro/
         qualcos'altro/una cosa) (da dire/da dirti/da raccontare/da raccontarti/da chiedere/
         da chiederti/da aggiungere/di cui parlare/da discutere), (dire/dirti/raccontarti/
         raccontare/aggiungere/chiederti/chiedere/parlare di) (ancora/altro/un'altra cosa/
         altre cose/qualcos'altro/una cosa/ancora qualcosa/ancora una cosa/un'ultima cosa),
        c'è (ancora tempo/tempo/altro/dell'altro/ancora altro/qualcos'altro/un'altra cosa),
        (abbiamo/ho) (/ancora) tempo, (ho/avrei) (/ancora) (bisogno di/voglia di) (tempo/
         altro tempo/più tempo/parlare/parlare ancora/continuare/andare avanti),
        (ho/abbiamo) (ancora/altro/altre cose/qualcos'altro), (rimani/resta/restiamo/rimaniamo/
         restare/rimanere/stiamo/stare) (/qui/con me/insieme) (/ancora) (/un po'/un altro po'/
         un pochino/un attimo), (/magari/forse/meglio/semmai/facciamo/casomai/lo facciamo/
         ne riparliamo) (più tardi/dopo/poi/in un altro momento/un'altra volta/tra un po'/
         fra un po'/tra poco/fra poco/tra un attimo/tra cinque minuti/fra cinque minuti/
         tra qualche minuto/più avanti), prima di (questo/quello/farlo), non (ti fermare/fermarti/
         smettere/ fermiamoci/chiudere/finire/chiudiamo/finiamo/concludere/terminare/andare/
         andartene/te ne andare/si fermi/chiuda/chiudi/finisca) (/ancora/adesso/ora/qui),
        non (mettermi/mettiamoci/c'è) fretta, senza fretta, con calma,
        non così (presto/in fretta), non correre, di più, avanti, avanti così,
        (vai/va'/vada/va) avanti, (il riassunto/quello/il riepilogo) (dopo/più tardi/poi),
        sto ancora (pensando/parlando/riflettendo/raccontando), ci sto ancora pensando,
        non mi interrompere, mi sto trovando bene",
    ),
    (
        NOT,
        "non, non ancora, no non, non (/lo/ci/mi/la) (voglio/vorrei/vogliamo/desidero/
         ho voglia di/ho bisogno di/ho intenzione di/mi va di/mi sento di/sono pronto a/
         sono pronta a/sono pronto per/sono pronta per/serve/occorre/è necessario/è il momento di/
         è ora di/è il caso di/dobbiamo/dovremmo/bisogna/bisogna ancora/credo sia ora di/
         penso sia il momento di/mi sembra il caso di/mi sembra il momento di/devo/possiamo/puoi/
         posso/mi piacerebbe/mi pare il caso di/voglio che) (/ancora/già/mica/proprio/mica ancora/
         adesso/affatto), (preferirei/preferisco/meglio/è meglio/vorrei) non,
        (è/mi sembra/mi pare) (/troppo/ancora/ancora troppo/un po') presto per, troppo presto per,
        (senza/invece di/anziché/prima di/niente/piuttosto che), mica (/voglio/vorrei)",
    ),
    (
        WANT,
        "dammi, mi dia, (/ci/mi/la/lo/ti/ne) (voglio/vorrei/vogliamo/vorremmo/desidero/
         desidererei/desideriamo/gradirei/preferisco/preferirei/preferiamo/preferiremmo/devo/
         dovrei/dobbiamo/dovremmo/dovrò/dovremo/posso/potrei/possiamo/potremmo/puoi/può/potresti/
         potrebbe/vuoi/vuole/volevo/volevamo/dovevo/bisogna/bisognerebbe/conviene/tocca) (/
         proprio/anche/già/solo/ora/adesso/davvero/che), (/io) (mi piacerebbe/mi va di/
         mi andrebbe di/mi farebbe piacere/avrei voglia di/ho voglia di/ho bisogno di/
         avrei bisogno di/mi sento di/sono pronto a/sono pronta a/sono pronto per/sono pronta per/
         siamo pronti a/siamo pronti per/sto per/sarei per/sono d'accordo a/sono d'accordo di/
         sono d'accordo per/sono per/ti va di/ti va se/le va di/ti dispiace se/le dispiace se/
         ti spiace se/ti chiedo di/ti chiederei di/vorrei che/preferirei che/mi tocca/mi toccherà/
         ti prego di/ andiamo a/vado a/mi conviene/ci conviene/vi prego di), (è/sarebbe/è già/
         è arrivata/è giunta/penso sia/credo sia/direi che è/mi sa che è/si è fatta/
         s'è fatta) (ora/l'ora/il momento/tempo/meglio/bene/il caso/il momento giusto/possibile/
         ora che/bello) (di/per/se/ che/),
        (che ne dici/che ne pensi/che ne dice/cosa ne dici/che dici) (di/se), e se,
        si (può/potrebbe/dovrebbe/deve),
        (propongo/suggerisco/proporrei/suggerirei/consiglio) (di/che), (direi/credo/penso/mi sa/
         dico/io direi) (di/che/che possiamo/che potremmo/che devo/che dobbiamo/di dover/
         che dovrei/che ora), possibile, per favore, per piacere, per cortesia, meglio,
        tanto vale, dai, fammi, facciamo che",
    ),
    (
        VERB,
        "(mi fermerò/chiuderò/finirò/terminerò/concluderò/staccherò/andrò/ci fermeremo/smetterò),
        fermarti, fermarsi, smettere qui, salutare, (finire/finirla/finirlo/finiamo/finiamola/
         finiamolo/finisci/finisca/finisco/finita/finimo/finirei/terminare/terminarla/terminiamo/
         terminiamola/termina/termini/termino/terminerei/concludere/concludiamo/concludiamola/
         concludi/concluda/concludo/concluderei/chiudere/chiuderla/chiudiamo/chiudiamola/chiudi/
         chiuda/chiudo/chiuderei/chiudendo/finendo/smettere/smettiamo/smettiamola/smetti/smetta/
         smetterei/fermarci/fermarmi/fermare/fermiamoci/fermiamo/fermati/si fermi/mi fermo/
         ci fermiamo/mi fermerei/fermandomi/interrompere/interrompiamo/interrompi/interrompo/
         sospendere/sospendiamo/staccare/stacchiamo/stacco/staccherei/lasciarci/lasciarti/
         lasciarla/salutarci/salutarti/salutarla/salutiamoci/congedarmi/congedarci),
        (fare/facciamo/farei/farci) (una/una piccola/un) (pausa/stop),
        (finire/concludere/terminare/chiudere) (il tutto), (andare/andarmene/andarcene/andar via/
         andare via/scappare/uscire/disconnettermi/scollegarmi/riagganciare/mettere giù/
         attaccare/ chiudere qua/chiuderla qui/scappar via/correre via/filare/filar via/
        andare a letto/ andare a dormire/dormire/tornare al lavoro/tornare a casa/andare a casa/
        andare a nanna/ riposarmi/ritirarmi/incamminarmi/avviarmi/coricarmi/partire),
        (mettere/porre) fine",
    ),
    (
        OBJECT,
        "dalla (sessione/conversazione/chat/chiamata), (/con/di/a) (la/questa/quella/nostra/
         la nostra/mia/la mia/della/alla) (sessione/conversazione/chiacchierata/chiamata/seduta/
         telefonata/sessione di coaching/sessione di oggi/conversazione di oggi/chat/
         sessione con te/conversazione con te/discussione),
        (il/questo/il nostro/nostro) (colloquio/incontro/coaching/dialogo),
        (l'/quest'/) (incontro/appuntamento di oggi), sessione, conversazione, chiacchierata,
        seduta, l'incontro, l'incontro di oggi, quest'incontro",
    ),
    (
        HERE,
        "qui, qua, qui qui, per (oggi/ora/adesso/stasera/questa sera/il momento/questa volta/
         stavolta/stamattina/oggi dai), oggi, adesso, ora, mo, mò, stasera, a questo punto,
        al momento, subito, di qui, fino a qui, fin qui,
        (qui/qua) per (oggi/ora/adesso/stasera/il momento/questa volta), con questo,
        così per oggi, fino a (domani/alla prossima), in questo momento",
    ),
    (
        GO_ON,
        "(andare/andiamo/vado) avanti a (parlare/chiacchierare/raccontare/discutere), (continuare/
         continuarla/continuiamo/continua/continui/continuo/continuerei/continueremo/ continuerò/
         continuando/proseguire/proseguiamo/prosegui/prosegua/proseguo/proseguirei/
         proseguiremo) (/a parlare/a chiacchierare/a discutere/la conversazione/la sessione/
         con la sessione/con la conversazione/questa conversazione/questa sessione/
         la nostra conversazione/la chiacchierata/il discorso/così/su questo/con questo/con te/
         il colloquio/a parlarne/a parlare con te/a parlare di questo/a raccontare) (/pure),
        (andare/andiamo/vado/andrei/andremo) (avanti/oltre/più a fondo/ancora avanti) (/
         con la sessione/con la conversazione/pure/così), (parlare/parliamo/parla/parlo/parlerei/
         parlarne/parliamone/parlando/parlarti/chiacchierare/chiacchieriamo/discutere/discuterne/
         discutiamone/raccontare/raccontarti/conversare/dialogare) (/con te/di questo/di più/
         ancora/un po'/ancora un po'/di altro/di ciò/più a lungo/di altre cose), (approfondire/
         approfondiamo/esplorare/scavare) (/di più/questo/il tema/l'argomento/un po'),
        (riprendere/riprenderla/riprendiamo/riprenderemo/riprendo/riprendiamola/riprenderei) (/
         la conversazione/il discorso/la sessione/da qui/da dove eravamo/questo discorso),
        (riparliamone/riparliamo/ne riparliamo/riparlarne/risentiamoci/ci risentiamo/sentiamoci/
         ci sentiamo/vediamoci/ci rivediamo/rivediamoci/ci aggiorniamo/aggiorniamoci/
         riaggiorniamoci/ci riaggiorniamo/torno/tornerò/tornare/ritorno/ritornerò/ritornare/
         risentirci/rivederci/aggiornarci/sentirci/rimandiamo/rinviamo/lasciamo il resto/il resto/
         rimandare/rimandiamo il resto/facciamo il resto/finiamo il resto/continuiamo il resto)",
    ),
    (
        LATER,
        "domani, domattina, domani (mattina/sera/pomeriggio), (a/) domani, un altro giorno,
        un'altra volta, un'altra occasione, in un'altra occasione, la prossima volta,
        (alla/la/per la) prossima (/volta/sessione/settimana), la settimana prossima,
        settimana prossima, la settimana che viene,
        (lunedì/martedì/mercoledì/giovedì/venerdì/sabato/domenica) (/prossimo/prossima), presto,
        stasera più tardi, nei prossimi giorni, un'altra sera, in settimana, nel weekend",
    ),
    (
        FINISH,
        "(riassumi/riassuma/riassumimi) (/la sessione/la nostra sessione/la conversazione/
        la nostra conversazione/tutto) (/per favore), (finiamola/chiudiamola/smettiamola/
        fermiamoci/finiamo/terminiamo/concludiamo/chiudiamo/ stacchiamo/salutiamoci/lasciamoci),
        (finisci/finisca/termina/termini/concludi/concluda/ chiudi/chiuda/interrompi/
        interrompa) (la/questa/nostra/la nostra/pure la) (sessione/ conversazione/chiamata/chat/
        chiacchierata/seduta),
        (finire/terminare/concludere/chiudere) (sessione/conversazione/la sessione),
        fine (della/) (sessione/conversazione), (riassumi/riassumiamo/riassumere/
         riassuma) e (chiudi/chiudiamo/finiamo/finire/chiudere/chiuda/finisci/concludi/
        concludiamo/ concludere/terminare/termina), possiamo (pure/anche/già/) (finire/chiudere/
        terminare/ concludere/smettere/fermarci/salutarci/lasciarci), non (voglio/vorrei/
        ho voglia di/ mi va di/me la sento di) (/più) (parlare/continuare/andare avanti/
        proseguire) (più/oltre/ oggi/ per oggi/adesso/ora/stasera/ancora oggi),
        non (voglio/mi va di/ho voglia di) più parlare,
        abbiamo (/già) (finito/concluso/terminato),
        direi che (abbiamo finito/ci siamo/siamo a posto/siamo arrivati alla fine)",
    ),
    (
        CLOSED,
        "(/per me/ormai) (si è fatta/s'è fatta/è) (ora/una certa/una cert'ora/l'ora),
        (per oggi/oggi) (è questo/è tutto qui/questo è quanto/è quanto/questo è tutto),
        (consideriamo/considera/considero/diamo per) (chiusa/conclusa/finita/terminata) (/
         la sessione/la conversazione/qui), (poi/dopo/più tardi) (continuiamo/ne riparliamo/
         riprendiamo/ci sentiamo/ne parliamo/ci aggiorniamo) (/domani/un'altra volta/
         un altro giorno), (devo/dovrei) andare (in riunione/in bagno/al lavoro/a lavorare/
         a lavoro/a lezione/a prendere i figli/a fare la spesa/a cucinare/a mangiare/a pranzo),
        (finiamo/ finiamola/la finiamo/finisco/finirei/finire/finirla/finimo/terminiamo/
         terminiamola/ termino/terminare/concludiamo/concludiamola/concludo/concludere/chiudiamo/
         chiudiamola/la chiudiamo/chiudo/chiuderei/chiudere/chiuderla/chiudi/smettiamo/
        smettiamola/ la smettiamo/ smettere/fermiamoci/fermarci/fermarmi/fermiamo/mi fermo/
        mi fermerei/ ci fermiamo/ stacchiamo/staccare/stacco/interrompiamo/interrompere/lasciamo/
        lasciamola/ lasciarla/ lasciamo stare/lasciamoci/ci lasciamo/la lasciamo/la chiuderei/
        la finirei/ salutiamoci/ci salutiamo) (/pure/tutto/la sessione/la conversazione/
        le cose) (qui/qua/lì/ qui per oggi/ qua per oggi/per oggi/per ora/per adesso/per stasera/
        per il momento/ per questa volta/per stavolta/a questo punto/qui per ora), (è/era/sarebbe/
        sarà/questo è/ direi che è/credo sia/penso sia/mi sa che è/credo che sia/penso che sia/
        direi/ credo che sia/per me è/ questo era) (tutto/abbastanza/sufficiente/quanto/
         più che sufficiente/tutto qui/tutto qua) (per oggi/per ora/per adesso/per stasera/
         per il momento/per questa volta/per me/da parte mia/da parte mia per oggi/
         quello che volevo dire/quello che mi serviva), (basta/basta così/ può bastare/
        può bastare così/abbastanza/va bene/va bene così/ ok/siamo a posto/ sono a posto/
        sono a posto così/stop/finito/ho finito/abbiamo finito/ fatto/ fatto abbastanza/
        abbiamo fatto/abbiamo fatto abbastanza/abbiamo parlato abbastanza/ ne ho abbastanza/
        mi basta/mi basta così/direi basta/direi che basta/credo basti/ credo che basti/
        penso che basti/penso basti/direi che può bastare/mi fermo/mi fermo qui/ chiudo/
        è abbastanza/è sufficiente/ho detto tutto/tutto/tutto qui/niente altro/ nient'altro/
        a posto/a posto così/sto a posto/ho dato/direi tutto) (per oggi/per ora/ per adesso/
        per stasera/per il momento/per questa volta/per stavolta/oggi), (/per) (oggi/ stasera/
        questa volta/stavolta) (/direi che/credo che/penso che/mi sa che/può/direi/io/ mi) (basta/
        basta così/bastare/può bastare/va bene così/basti/basti così/abbiamo finito/ ho finito/
        sono a posto/siamo a posto/è tutto/è abbastanza/è sufficiente/ abbiamo fatto abbastanza/
        ne ho abbastanza/stop/sto a posto/chiudo/mi fermo/mi fermo qui/ chiudo qui/ chiudiamo/
        finiamo/nient'altro/ci fermiamo/finisce qui/finiamola qui),
        (la chiudo/mi fermo/chiudo/finisco/stacco) (qui/qua), ho (detto/avuto) tutto (quello che/
         ciò che) (volevo/mi serviva/volevo dire/dovevo dire/mi interessava),
        ho (avuto/ottenuto) quello che (volevo/mi serviva/cercavo),
        ho tutto (quello che/ciò che) mi (serve/serviva), (devo/dovrei/dovrò/mi tocca/
         mi sa che devo/dobbiamo) (/proprio/ora/adesso) (scappare/scappare via/staccare/lasciarti/
         lasciarla/salutarti/salutarla/disconnettermi/scollegarmi/riagganciare/mettere giù/
         andare a letto/andare a dormire/andare a nanna/tornare al lavoro/tornare a lavorare/
         tornare a casa/andare a casa/correre/correre via/filare/andare ora/andare adesso/
         andare subito/ andare a cena/andare a preparare la cena/andare a preparare cena/
         preparare la cena/fare la cena/cenare/andare a prendere i bambini/
         andare a prendere mio figlio/andare a prendere mia figlia/prendere il treno/
         prendere l'autobus/entrare in riunione/ incamminarmi/avviarmi),
        (devo/dovrei/dovrò) proprio andare, (vado/me ne vado/scappo/vado via/devo andà/devo anda/
         stacco/ti lascio/la lascio/vi lascio/ti saluto/la saluto/vi saluto/esco/mi disconnetto/
         mi scollego/riaggancio/vado a letto/vado a dormire/vado a nanna/vado a casa/mi ritiro/
         mi congedo/mi avvio/metto giù/filo via/filo/tolgo il disturbo/corro/corro via/scappo via/
         stacco qui/vo via) (/ora/adesso/subito), (/ormai) non ho (/più) (tempo/altro tempo),
        il (/mio) tempo è (finito/scaduto), è (finito/scaduto) il (/mio) tempo,
        (ho finito il/sono senza/sono a corto di) tempo, (continuiamo/ne parliamo/ne riparliamo/
         riprendiamo/ci sentiamo/ci risentiamo/ci riaggiorniamo/ci aggiorniamo/proseguiamo/
         continueremo/riprenderemo/riparliamone/torno/ tornerò/ritorno/il resto/facciamo il resto/
         rimandiamo/rimandiamo il resto) (/a) (dopo/ più tardi/poi/in un altro momento/
         un'altra volta/tra un po'/più avanti), (è/si è fatto/ s'è fatto/si fa/sta diventando/
         si sta facendo) (/molto/ormai/già/proprio) tardi, (è/è proprio/si è fatta/è arrivata) (/
         ormai/già) (ora/l'ora/il momento) (di/che/) (andare/ andare a dormire/andare a letto/
         salutarci/salutarsi/chiudere/finire/smettere/fermarsi/ fermarci/staccare/lasciarci/vada/
         concludere/andarmene), s'è fatta una certa, si è fatta una certa, s'è fatta ora,
        oggi non (ce la faccio/riesco/posso) a (continuare/parlare oltre/andare avanti),
        non posso (più/) (restare/trattenermi/continuare oltre) (/oltre/ancora/di più)",
    ),
    (
        BYE,
        "(arrivederci/arrivederla/ciaociao/ciao ciao/buonanotte/buona notte/notte/notte notte/
         addio/adieu/saluti/cordiali saluti/un saluto/un abbraccio/un bacio/un bacione/bacioni/
         baci/tanti saluti/ti saluto/ti abbraccio/a presto/a prestissimo/a domani/a dopo/
         a più tardi/a poi/a stasera/a tra poco/a fra poco/a risentirci/a rivederci/a risentirla/
         alla prossima/alla prossima volta/alla prossima settimana/alla prossima sessione/
         alla settimana prossima/a lunedì/a martedì/a mercoledì/a giovedì/a venerdì/a sabato/
         a domenica/ciao a presto/ciao a domani/ciao alla prossima/ci si vede/ci si sente/
         ci si becca/ci becchiamo/stammi bene/stammi bene ciao/mi stia bene/statti bene/
         statte bene/ cià/sogni d'oro), (ciao/arrivederci) (e/) (grazie/grazie mille/
         grazie di tutto/ buonanotte/a presto/alla prossima/a domani),
        grazie (/mille/di tutto) ciao, ci (vediamo/ sentiamo/rivediamo/risentiamo/riaggiorniamo/
         vedremo/sentiremo/aggiorniamo) (/presto/ domani/dopo/più tardi/alla prossima/
         la prossima volta/la prossima settimana/la settimana prossima/un'altra volta/
         un altro giorno/lunedì/martedì/mercoledì/giovedì/venerdì/in settimana/
        nei prossimi giorni/ allora/poi/tra qualche giorno), (buona/una buona/ti auguro una buona/
        le auguro una buona/ passa una buona/passi una buona) (serata/giornata/notte/ settimana/
        continuazione/domenica/ vita/continuazione di giornata),
        (buon/un buon) (weekend/fine settimana/riposo/proseguimento/pomeriggio/lavoro),
        dormi bene, riposati, alla prossima (/e) (allora/grazie)",
    ),
    (
        SOFT,
        "(/questo/per me/direi che/mi sa che/penso che/credo che/credo/penso) (è/era/sia) (tutto/
         abbastanza/sufficiente/tutto qui/tutto qua/più che sufficiente), tutto qui, tutto qua,
        (basta/basta così/può bastare/può bastare così/mi basta/mi basta così/direi basta/
         direi che basta/credo che basti/penso che basti/direi che può bastare/abbastanza/
         nient'altro/ niente altro/niente più/nulla più/finito/ho finito/avrei finito/
        io ho finito/ ho terminato/abbiamo finito/ho concluso/sono a posto/sono a posto così/
        siamo a posto/ siamo a posto così/a posto/a posto così/va bene così/ne ho abbastanza/
        ho detto tutto/ ho già detto tutto/direi tutto/penso tutto/stop/fine/finiti/
        sono soddisfatto/ sono soddisfatta/ siamo alla fine/abbiamo detto tutto/
        direi che siamo a posto/ direi che abbiamo finito/ credo di aver finito/
        credo di avere finito/penso di aver finito/ credo di aver detto tutto/
        penso di aver detto tutto/direi di aver finito), non ho (/più/ nient') (altro/ nulla/
        niente/nient'altro) (/da dire/da aggiungere/da dirti/da raccontare/ da chiedere/
         altro da dire), non c'è (altro/nient'altro) (/da dire/da aggiungere),
        (niente/nulla) (altro/più) (da dire/da aggiungere), nient'altro (da dire/da aggiungere)",
    ),
    (
        FILLER,
        "non posso più, non posso di più, un'ultima volta, (/io) (sono/son/mi sento/
         comincio a essere/inizio a essere) (/un po'/molto/proprio/troppo/abbastanza/davvero/già/
         tanto) (stanco/stanca/esausto/esausta/distrutto/distrutta/a pezzi/sfinito/sfinita/cotto/
         cotta/ stanchissimo/stanchissima/assonnato/assonnata), (ho/mi viene) sonno",
    ),
    (EITHER, "vai avanti, vada avanti, vai avanti pure, va bene lo stesso, fa lo stesso"),
    (
        THANKS,
        "(/sì/ok/bene) (grazie/grazie mille/mille grazie/tante grazie/molte grazie/grazie tante/
         grazie infinite/grazie davvero/grazie di cuore/ti ringrazio/la ringrazio/vi ringrazio/
         grazie ancora/grazie grazie) (/tanto/molto/di tutto/per tutto/di cuore/per oggi/
         per l'aiuto/per il tuo aiuto/per il suo aiuto/per avermi ascoltato/per avermi ascoltata/
         dell'ascolto/per l'ascolto/della chiacchierata/per la chiacchierata/per la sessione/
         della sessione/per il tempo/per il tuo tempo/dell'aiuto/del tuo aiuto/dei consigli/
         per i consigli/per la conversazione/della conversazione/per il supporto/per il sostegno/
         davvero/infinite/a te/a lei/per la pazienza/della pazienza/della disponibilità/
         per avermi aiutato/per avermi aiutata/dell'aiuto di oggi/per la compagnia), (/mi/
         parlare mi/ parlarne mi) (sei/hai/ha/è/è stata/sei stata/sei stato/è stato) (/molto/
         davvero) (utile/ aiutato/aiutata/fatto bene/fatto molto bene/servito/d'aiuto/di aiuto/
         di grande aiuto/ utilissimo/utilissima/prezioso/preziosa/gentile/gentilissimo/
         gentilissima) (/molto/ tanto/tantissimo), è (/stato/stata) (/molto/proprio/
         davvero) (un piacere/piacevole/ bello/bella/utile/interessante/illuminante) (/parlare/
         parlarne/parlare con te/parlarti), mi hai chiarito le idee, (mi sento/sto/mi sento già/
         sto già/adesso sto/ora sto) (/molto/ un po'/già/decisamente/molto) (meglio/più leggero/
         più leggera/sollevato/sollevata/più sereno/più serena/più tranquillo/più tranquilla),
        un piacere, gentilissimo, gentilissima, molto gentile,
        bella (chiacchierata/sessione/conversazione), bel (colloquio/dialogo), bravo, brava",
    ),
    (
        HEDGE,
        "forse, forse sì, forse no, può darsi, può essere, può darsi di sì, chissà, chi lo sa,
        (io/) non (/lo) so (/bene/ancora/cosa dire/che dire/se voglio/proprio/di preciso/che fare/
         cosa voglio), boh, bo, boh non so, mah, bah, non saprei, non saprei dire, non (/
         ne) sono (/tanto/molto/del tutto/così) (sicuro/sicura/certo/certa/convinto/convinta),
        non ne ho idea, nessuna idea, sì e no, ni, dipende, fai tu, faccia lei, vedi tu, veda lei,
        decidi tu, decida lei, (come/quello che) (dici tu/dice lei/pensi tu/decidi tu),
        è lo stesso, mi è indifferente, per me è (uguale/lo stesso/indifferente), (è/fa) uguale,
        indifferente, vediamo, vedremo, fammi pensare, mi faccia pensare, ci penso,
        ci devo pensare, devo pensarci, così così, più o meno, che ne pensi, tu che dici,
        che dici, cosa ne pensi, eventualmente, probabilmente, come scusa, scusa come, cosa,
        che cosa, in che senso, quasi quasi, difficile dirlo, ho dei dubbi, non ho capito,
        sono indeciso, sono indecisa, tu cosa pensi",
    ),
    (
        BUT,
        "(certo/è chiaro/ovvio/è ovvio) che (sono/ho/non/mi/lui/lei/sto/io/è), salve, buongiorno,
        buonasera, buon pomeriggio, come va, come stai, come sta, tutto bene con te, ma, però,
        tuttavia, invece, eppure, anche se, solo che, sennonché, tranne, eccetto, salvo",
    ),
    (
        FILLER,
        "di già, e dai, ormai, pure, tu,
        non ho (/più/mai) tempo per (niente/nulla/me/nessuno/me stesso/me stessa), eh, ehm, mmm,
        beh, bè, be', boh allora, uhm, uff, uffa, oddio, dio, mamma mia, ecco, allora, dunque,
        quindi, insomma, cioè, ciò, poi, e poi, diciamo, diciamo che, tipo, sai, senti, senta,
        guarda, guardi, guarda un po', ascolta, ascolti, vedi, veda, scusa, scusi, scusami,
        mi scusi, mi dispiace, mi spiace, purtroppo, perdonami, figurati, in realtà,
        a dire il vero, a dire la verità, per dire la verità, in verità, sinceramente,
        onestamente, francamente, davvero, veramente, proprio, pure, solo, soltanto, solamente,
        appena, già, ormai, ora, adesso, oggi, un po', un pochino, subito, in fretta, velocemente,
        rapidamente, veloce veloce, veloce, tutto, tutto quanto, molto, tanto, così, e, io, tu,
        noi, te, con te, a te, a me, per me, per te, per noi, con me, mi, ti, ci, che, secondo me,
        a mio avviso, a mio parere, credo, penso, credo che, penso che, direi, direi che,
        direi di, mi sa, mi sa che, mi pare, mi pare che, mi sembra, mi sembra che, mi sembra di,
        credo di, penso di, suppongo, immagino, io direi che, io penso che, io credo che, dico,
        (se/) (possibile/è possibile/si può/puoi/può/non ti dispiace/non le dispiace/
         non ti spiace/ti va/per te va bene/per te va bene così/sei d'accordo/è d'accordo/vuoi/
         vuole/per lei va bene), caro, cara, mio caro, mia cara, amico, amico mio, amica,
        bello mio, ragazzi, signora, signore, ehi, oh, ahah, finalmente, infine, per finire,
        per concludere, per chiudere, prima di (andare/chiudere/finire/salutarci), insieme,
        di nuovo, tardi, è tardi, (è/si è fatto/s'è fatto/si fa) (/un po'/ormai/già) tardi,
        si sta facendo tardi, capisco, ho capito, ok, bene, dai, su, va', va, forza, sì, certo,
        da parte mia, comunque, tanto per, almeno, magari, anzi, giusto, qualche minuto,
        una volta, finora, fin qui, dopo, prossima, neh, né, nè, tra, su su, poco, per cortesia,
        in effetti, effettivamente, con lei, di qua, essere, ti dico, ve, ci siamo",
    ),
    (
        REASON,
        "perché, poiché, siccome, dato che, visto che, giacché, dal momento che, in quanto,
        che devo, ché, sennò, altrimenti, che ho",
    ),
    (
        REPORT,
        "dico ai, dico a, ha detto, ho detto, mi ha detto, mi dico, tutto quello che volevo,
        tutto ciò che volevo, quello che volevo, ho pensato, ho scritto, preoccupato, preoccupata,
        nervoso, nervosa, arrabbiato, arrabbiata, da solo, da sola, deluso, delusa,
        (chiudere/finire/terminare/concludere) (questo/questa/quel/quella/quello), (è/sono/
        era) (finita/finito/finiti/finite/chiusa/chiuso) (in/male/con/a/alle/tardi/bene),
        (parlerò/ parlerei/vorrei parlare/voglio parlare/devo parlare/parliamo/parlare) (con/di/
         del/della/ dei/delle), al lavoro, sul lavoro, in ufficio, a casa mia, ha senso,
        (vado/esco/uscire) (presto/tardi), domani devo, (smettere/fermare/finire/chiudere/
         terminare/concludere/smetto/finito/chiuso/lasciare) (la/le/mio/mia/i miei/le mie/un'/
         quel/quella), andare (a/a fare/a vivere/a trovare),
        salutare (mio/mia/il/la/i/gli/le/tutti), (sono/resto/rimango) senza tempo (per/di),
        (può/puoi) (sembrare/succedere/capitare), ci ho provato, provato,
        (non so/non riesco a/è difficile) (dire/smettere/finire/chiudere),
        (fare/scrivere/consegnare/preparare) un riassunto (per/del/della/di),
        (un/il) riassunto (del/per/di) (libro/progetto/lavoro), prima del, a dormire prima,
        a letto prima, il mio compleanno, non è (lo stesso/la stessa cosa), (puoi/può/mi puoi/
         mi può/potresti/potrebbe/mi potresti) (spiegarmi/aiutarmi/dirmi/darmi/consigliarmi/
         spiegare/aiutare/dire/dare/ripetere/consigliare/parlarmi/raccontarmi), ci provo,
        ci proverò, proverò, lo farò, farò, ci penserò, cambiare, cambiamo, successo, è successo,
        quello che, proprio questo, paura, triste, ansioso, ansiosa, mi manca, problema,
        terribile, orribile, tutto quello che sa, sì perché, certo perché, non so se,
        (andare/andiamo/vado) (in/dal/dalla/dallo/al/alla/allo/dai/dagli/da),
        (andare/tornare/vado) a casa (di/da/dei/sua/loro/mia per), se devo,
        non ho (/più/mai) tempo (per/di), (andarmene/andar via/andare via/uscire/scappare/
         partire) (di/da/dal/dalla/per/con), ha detto, dice, dice che, diceva, dicono, ho detto,
        hanno detto, disse, dicevo, dirgli, dirle, gli ho, le ho, ha chiesto, chiede, mi chiede,
        ha urlato, urla, gridato, risposto, risponde, quando, ogni, ogni giorno, ogni volta,
        tutti i, tutte le, sempre, a volte, spesso, di solito, ogni tanto, qualche volta, lui,
        lei dice, loro, ieri, l'altro ieri, l'anno, scorso, scorsa, fa, anni fa, era, erano, ero,
        stava, stavo, aveva, avevano, avevo, pensavo, pensato, pensa che, crede che, vuole che,
        se lui, se lei, se io, se mio, se mia, come, come faccio, come si fa, perché mio,
        perché mia, mia madre dice, mai stato, è stata dura, sognato, immagina, (smettere/fermare/
         finire/finirla/finito/ chiudere/terminare/concludere/rompere/smesso/chiuso) (di/con/il/
        lo/ i/gli/le/un/una/il mio/la mia/l'), andare via da, (entro/prima di) (venerdì/lunedì),
        del giorno, della giornata, difficile, scritto, cosa significa, soleva, da anni, al mio,
        da me, il fatto che, gliel'ho, smette, mi hanno",
    ),
    (
        DESPAIR,
        "farla finita, la faccio finita, facciamola finita con la vita,
        finirla (con tutto/con la vita/una volta per tutte/per sempre),
        mettere fine (a tutto/alla mia vita/ai miei giorni/alla vita/alla sofferenza),
        porre fine (a tutto/alla mia vita/ai miei giorni/alla vita/alla sofferenza/
         alle mie sofferenze), togliermi (la vita/di mezzo), uccidermi, ammazzarmi, mi ammazzo,
        mi uccido, suicidio, suicidarmi, mi suicido, ammazzo, (voglio/vorrei/volevo/preferirei) (/
         solo) (morire/sparire/scomparire/essere morto/essere morta/dormire per sempre/
         non svegliarmi più/smettere di esistere), voglia di (morire/vivere/sparire/farla finita),
        non (voglio/ vorrei) (/più) (vivere/esistere/esserci/svegliarmi/stare al mondo/stare qui/
         essere qui/ andare avanti così/continuare così), non voglio più (vivere/esistere/esserci/
         svegliarmi/ stare qui/essere qui/andare avanti/continuare così),
        non (ce la faccio/reggo/resisto/sopporto/ne posso) più, non ce la faccio,
        non ce la faccio più (/ad andare avanti/a vivere), non (posso/riesco) (/più) (a/
         ) (andare avanti/continuare/vivere/vivere così/continuare così) (/così/più),
        (stanco/stanca/stufo/stufa) (di vivere/della vita/di tutto/di esistere),
        che (tutto/questo) (finisca/finisse/si fermi),
        voglio che (finisca/tutto finisca/finisca tutto), farmi (del male/male),
        lasciare questo mondo, dire addio (a tutti/a tutto/alla vita/al mondo),
        addio (mondo/per sempre/a tutti/mondo crudele/vita), non vale la pena vivere,
        nessuna ragione per vivere, meglio (morto/morta/se non ci fossi),
        smettere di (vivere/esistere/soffrire/respirare), rinuncio alla vita, finire la mia vita,
        chiudere con (la vita/tutto), basta vivere",
    ),
];
