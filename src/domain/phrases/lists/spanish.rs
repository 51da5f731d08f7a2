//! Spanish phrases.

use super::*;

pub const PHRASES: &[(Classes, &str)] = &[
    (
        YES,
        "sí, sip, sipi, sí sí, sí señor, sí claro, claro, claro que sí, claro que si, pues claro,
        por supuesto, por supuesto que sí, desde luego, cómo no, naturalmente, evidentemente,
        obviamente, obvio, seguro, de seguro, ciertamente, sin duda, absolutamente, totalmente,
        definitivamente, efectivamente, en efecto, con (mucho/todo) gusto, con gusto, encantado,
        encantada, con placer, dale, dale dale, dale pues, dale sí, órale, sale, sale y vale,
        sale pues, ándale, ándale pues, venga, venga va, va, vale sí, vamos, vámonos, vamos allá,
        adelante, hagámoslo, hagamos (eso/así), hazlo, hágalo, hazme el favor, haz eso, hágale,
        hagámosle, bueno sí, simón, ajá, ajam, obvio que sí, por qué no, y por qué no, porque no,
        me (parece/parece bien/parece perfecto/parece genial/parece muy bien/
         parece una buena idea/parece buena idea/parece una gran idea/parece excelente/
         parece correcto/gusta/gusta la idea/gustaría/gustaría eso/encantaría/encantaría eso/
         va bien/viene bien/sirve/vendría bien/sirve mucho/late/apetece/tinca/conviene/ayudaría/
         ayudaría mucho), (buena/gran/excelente/muy buena) idea,
        es una (buena/gran/excelente) idea, qué (bueno/bien/buena idea), (eso/
         esto) (me parece bien/estaría bien/estaría genial/suena bien/está bien/sería genial/
         sería bueno/sería bueno/sería perfecto/sería ideal/sería estupendo/me gustaría/me sirve/
         me ayudaría/me va bien/me encantaría), suena (bien/genial/perfecto/muy bien/excelente),
        sería (genial/bueno/perfecto/ideal/estupendo/bonito/lindo/útil/bueno/una buena idea/
         excelente/maravilloso/fantástico/muy útil),
        estaría (bien/genial/bueno/perfecto/muy bien), de acuerdo, estoy de acuerdo,
        estamos de acuerdo,
        estoy (listo/lista/preparado/preparada/lista para eso/dispuesto/dispuesta), listo, lista,
        estamos listos, ya estoy (listo/lista), creo que sí, yo creo que sí, pienso que sí,
        supongo que sí, diría que sí, yo diría que sí, me imagino que sí, espero que sí, pues sí,
        eso es, eso sí, así es, hecho, trato hecho,
        por mí (bien/está bien/vale/encantado/perfecto/no hay problema/sí),
        no hay (problema/inconveniente/ningún problema), sin problema, ningún problema,
        no tengo (problema/inconveniente), acepto, te lo agradecería, se lo agradecería,
        sí quiero, lo quiero, quiero (eso/sí), sí puedes, puedes, podemos, cuando quieras,
        como (quieras/quiera/digas/gustes/tú quieras), si quieres, ya es hora, es hora,
        es el momento, eso quiero, confirmo, confirmado, afirmativo, póngale, métele, a darle,
        vaya que sí, que sí, de una, chévere, bacán, cómo que no, correcto, a por ello, (un/el) (/
         buen/breve/pequeño) resumen (/me) (estaría/sería/vendría/suena/ayudaría) (/muy) (bien/
         genial/bueno/perfecto/excelente/útil),
        (quiero/quisiera/me gustaría/necesito) (un/el/ese) (/breve/pequeño) resumen,
        (es/será/sería/creo que es) lo mejor, (es/sería) mejor así,
        estoy (contento/contenta/satisfecho/satisfecha) (/así),
        (me/eso me) (quedo/deja) (conforme/tranquilo/tranquila), ya qué, ya vas, jalo, ta bueno,
        tá bien, por qué no pues,
        es (justo/exactamente/precisamente) lo que (necesito/quiero/quería/necesitaba),
        (ninguna objeción/sin objeciones/no hay objeción),
        me (funciona/cuadra/acomoda/queda bien), (eso/esto) (me) (funciona/cuadra/late),
        (eso/esto) suena (perfecto/genial/muy bien),
        es una buena (forma/manera) de (terminar/cerrar/acabar), (yo digo/digo/diría) que sí,
        (/yo/pues) no veo por qué no, suena (justo/lógico/razonable/sensato),
        (me parece) (justo/lógico/razonable), está bien sí, sí sí claro,
        (sería/es/será) de (gran/mucha) ayuda, (buen/gran/excelente) plan,
        (/yo) creo que (podemos/sí podemos/podríamos/se puede),
        como tú (veas/digas/prefieras/creas), como (veas/prefieras/creas),
        me siento (bien/muy bien/tranquilo/tranquila) (con esto/con eso/así), me quedo con eso",
    ),
    (
        OK,
        "vale, bien, muy bien, bueno, está bien, ta bien, tá bueno, está bueno, perfecto, genial,
        excelente, estupendo, fantástico, fenomenal, guay, magnífico, entendido, por favor, porfa,
        porfis, porfavor, exacto, exactamente, eso, listo, okis, oka, resumen,
        (un/el/mi/tu/ese/con un/con el/un breve/un pequeño) resumen, (hazme/haz/dame/hágame/deme/
         hagamos/házme/quiero/quisiera/dime/hacer/haga/pásame/me gustaría/necesito) (un/el/ese/mi/
         un breve) resumen, (resume/resuma/resumamos/resumimos/resumir/resumirlo/resúmelo/
         resúmeme) (/todo/eso/lo hablado/la sesión/la conversación/lo que hablamos/los puntos),
        recapitulemos, recapitular, un repaso, si está bien,
        está (perfecto/muy bien/genial/excelente/estupendo)",
    ),
    (
        NO,
        "no, nop, nope, nel, no no, no gracias, gracias no, que no, pues no, claro que no,
        por supuesto que no, desde luego que no, ahora no, ahora mismo no, hoy no, por ahora no,
        de momento no, por el momento no, mejor no, preferiría que no, prefiero que no,
        prefiero no, preferiría no, preferiría no hacerlo, prefiero no hacerlo, para nada,
        de ninguna manera, de ningún modo, en absoluto, ni hablar, ni loco, ni loca, jamás, nunca,
        qué va, no mucho, no realmente, la verdad no, la verdad que no, la verdad es que no,
        creo que no, yo creo que no, pienso que no, diría que no, yo diría que no, no lo creo,
        no creo, me parece que no, no (quiero/lo quiero/deseo/me gustaría/quisiera/hace falta/
         es necesario/lo necesito/necesito/me apetece/me interesa/me parece/estoy de acuerdo/
         tengo ganas/quiero eso/quiero resumen/quiero un resumen/estoy listo/estoy lista),
        sin resumen, en otro momento no, negativo, tampoco, no por (ahora/el momento), no ahora,
        no hoy, no en este momento, paso, no es el momento, no señor, no todavía no, ahorita no,
        nah, justo ahora no, (/no) no creo que (sea necesario/haga falta/sea buena idea)",
    ),
    (
        STAY,
        "todavía no, aún no, no todavía, no aún, no aun no, todavía,
        es (muy/demasiado) (pronto/temprano), muy pronto, demasiado pronto,
        es (pronto/temprano) (/todavía/aún), no tan rápido,
        un (poco/poquito/ratito/rato/momento/momentito) (más/mas),
        (otro/un) (ratito/rato/poquito/momentito/poco) (/más), un momento, momento, momentito,
        un segundo, un minuto, (unos/cinco/diez/dos/un par de) minutos (/más), (espera/espere/
         espérate/aguanta/aguarda/espera un poco/espera un momento/espérame) (/un momento/un poco/
         un segundo/tantito), tantito más, no (he terminado/terminé/acabé/he acabado/
         hemos terminado/terminamos/estoy listo todavía/estoy lista todavía) (/todavía/aún),
        (todavía/aún) no (he terminado/terminé/acabo/termino/he acabado/hemos terminado/
         estoy listo/estoy lista/quiero/me voy/acabé/estoy), (tengo/me queda/me quedan/hay/
         queda) (más/algo más/otra cosa/más cosas/otra pregunta/algo/mucho/cosas/tiempo) (/
         que decir/que contar/por decir/que hablar/para decir/para contar/todavía/que contarte/
         que decirte), (aún/todavía) (tengo/me queda/hay/queda/quiero/tenemos) (más/algo/algo más/
         cosas/tiempo/mucho/hablar/hablar más/dudas/seguir/preguntas) (/que decir/que contar/
         por decir/que hablar/que contarte),
        necesito (más tiempo/un poco más/un poco más de tiempo/hablar más), (quiero/quisiera/
         me gustaría) (quedarme/decir algo más/decir más/contarte más/contarte algo más/
         más tiempo/ hablar un poco más) (/un rato), más tarde, luego, después, más tarde quizás,
        quizás (luego/después/más tarde), tal vez (luego/después/más tarde),
        a lo mejor (luego/después/más tarde), en un (rato/momento/ratito), en otro momento,
        otro rato, al rato, ahorita, no pares, no termines, no acabes, no paremos, no terminemos,
        no lo dejemos, quédate (/un poco más/conmigo), más, una cosa más, una última cosa,
        otra cosa, una pregunta más, antes de eso, un ratito, unos minutitos, (dame/deme/démonos/
         danos) (un/unos/cinco/diez/otros/dos/otro) (/poco/poquito) (minuto/minutos/más/momento/
         rato/ratito/segundo/tiempo) (/más),
        no no (he terminado/terminé/acabé/he acabado/hemos terminado), (/todavía/aún) (tengo/
         me quedan/hay) (/más/muchas/otras/algunas) cosas (que/por) (decir/contar/hablar/contarte/
         decirte), mejor (sigamos/seguimos/continuemos/continuamos/seguir/continuar), (tengo/
         me queda/me quedan/hay/tenía) (otro tema/otra duda/algo más/una duda/una cosa/
         cosas pendientes/un tema/algo que contarte/algo que decirte/más cosas que decir/
         cosas por decir/mucho que decir), (déjame/permíteme/deja) (/que) (terminar/decir/agregar/
         contarte/pensar/acabar/preguntarte) (/algo/una cosa/algo más/una cosa más/un poco/
         otra cosa), (apenas/recién/acabamos de) (empezamos/empezar/comenzar/comenzamos/empecé),
        no hay prisa, qué prisa hay, sin prisa, tenemos tiempo, hay tiempo, aún hay tiempo,
        (aún/todavía) (no he/no) (dicho/dije/contado/conté) todo, no te vayas (/todavía/aún),
        (falta/faltan) (algo/cosas/una cosa),
        me (falta/faltan/faltó) (algo/cosas/una cosa/decir algo/contarte algo), no (estoy/
         me siento) (listo/lista) (/todavía/aún/para parar/para terminar/para eso), (puedo/podría/
         quiero/quisiera/me gustaría/déjame) (decir/decirte/agregar/contarte/preguntar/
         preguntarte/ añadir) (/solo) (una cosa más/algo más/otra cosa/una última cosa/una cosa/
         algo), (/no/ dame/quiero/necesito) (otros/unos/otro) (diez/cinco/dos/quince/cuantos/
         par de) minutos (/ más), otros (cinco/diez) minutos,
        tengo (una/otra/unas) (pregunta/duda/cosa/preguntas) (/más), no (cierres/termines/acabes/
         finalices/cortes/pares/concluyas/cuelgues) (/la sesión/la conversación/la charla/todavía/
         aún/ya), (eso/esto) no (me/) (basta/es suficiente/alcanza),
        no (me basta/es suficiente/me alcanza), más, otra, otro, otras, otros, todavía, aún,
        aún no, todavía no, me (está gustando/gusta) (/esto/hablar/hablar contigo),
        (no/) tengo tiempo (sigamos/seguimos/continuemos/todavía), tengo tiempo,
        (no te he/no he) (contado/dicho) todo, más a fondo, a fondo, algo más, no hay más, (no/
         ) podemos (seguir/continuar) (hablando/platicando/charlando/un poco más/un rato más/
         un ratito), no podemos (seguir/continuar),
        (nah/no/nop/sí/aún/todavía) (todavía/aún) (tengo/tenemos) (tiempo/cosas/algo),
        (todavía no/aún no/no) (tengo/me queda) una (última/otra) (pregunta/cosa/duda),
        me encantaría (seguir/continuar) (/hablando), todavía no (llegamos/llego/hemos llegado),
        sigo sin (terminar/acabar), justo ahora no, (no/) (queda/falta) una cosa (/más), nah,
        no tengo más (que/para) (contar/contarte/decir/decirte),
        (/no) vamos un poco más (allá/lejos/a fondo/adelante),
        (/podemos tener/quiero/necesito/me das) (cinco/diez/unos/dos) minutos más,
        (/no) deberíamos (seguir/continuar) (/hablando),
        quedémonos (/un poco más/un rato más/un rato) (/en esto/con esto/aquí),
        (quizás/tal vez/a lo mejor/mejor) en (unos/cinco/diez/dos/un par de) minutos,
        en unos minutos",
    ),
    (
        NOT,
        "no, todavía no, aún no, no quiero (/todavía/aún), no quisiera, no deseo, no me gustaría,
        prefiero no, preferiría no, no tengo ganas de, no hace falta, no necesito, no debemos,
        no deberíamos, no vamos a, no hay que, es muy pronto para, es demasiado pronto para,
        es pronto para, no estoy (listo/lista) para, mejor no, no es hora de, no me apetece,
        no voy a, no nos, no no quiero, no no",
    ),
    (
        WANT,
        "(quiero/quisiera/querría/me gustaría/desearía/deseo/prefiero/preferiría/necesito/debo/
         debería/tengo que/tendría que/puedo/podría/voy a/tengo ganas de/me apetece/puedes/
         podrías/ puede/podría usted/podemos/podríamos/debemos/deberíamos/vamos a/tenemos que/
         hay que/ habría que/queremos/quiero que/quisiera que/me gustaría que/prefiero que/
         creo que podemos/ creo que debo/creo que voy a/creo que vamos a/pienso que podemos/
         creo que es hora de/ es hora de/ya es hora de/es momento de/es el momento de/es mejor/
         estoy listo para/ estoy lista para/estamos listos para/propongo que/propongo/
         te parece si/ qué tal si/y si/ por qué no/te importa si/está bien si/sería bueno/
        me voy a/ nos vamos a/ ya quiero/ ya podemos/ya puedes/quieres/toca/ya toca/tendré que/
        me toca/ me gustaria ya/ vayamos a/ va a/iba a/ya vamos a/acabo de/por favor/porfa/
        estaría bien)",
    ),
    (
        VERB,
        "parar, pararlo, paremos, paramos, para, pare, paro, terminar, terminarlo, terminemos,
        terminamos, termina, termine, termino, terminemos ya, acabar, acabarlo, acabemos,
        acabamos, acaba, acabe, acabo, finalizar, finaliza, finalice, finalicemos, finalizamos,
        concluir, concluyamos, concluimos, concluye, cerrar, cerremos, cerramos, cierra, cierre,
        cerrarlo, dejarlo, dejémoslo, lo dejamos, lo dejemos, dejarla, detener, detenernos,
        detengámonos, nos detenemos, detenerme, detenerlo, interrumpir, pausar, hacer una pausa,
        una pausa, cortar, cortamos, cortemos, colgar, salir, irme, irnos, marcharme, retirarme,
        despedirme, despedirnos, ir a dormir, dormir, acostarme, descansar, ir,
        irme a (dormir/casa/la cama), desconectar, desconectarme, terminar ya, acabar ya,
        dar por (terminada/terminado/finalizada/concluida), damos por (terminada/terminado),
        demos por (terminada/terminado), da por (terminada/terminado), poner fin a, ponerle fin a,
        pongamos fin a, parar ya, terminando, cerrando, dejamos, cortarla, cortarlo, pararnos,
        parar el, despedirnos, despidámonos, decir adiós, decirnos adiós",
    ),
    (
        OBJECT,
        "(la/esta/nuestra/mi/con la/con esta/de la) (sesión/conversación/charla/llamada/plática/
         reunión contigo/sesión de coaching/entrevista/consulta),
        (el/este/nuestro) (chat/encuentro/coaching), sesión, conversación, charla, la cosa, esto",
    ),
    (
        HERE,
        "aquí, acá, ahí, hasta (aquí/acá/ahí), por (hoy/ahora/el momento/hoy día/esta vez/
         esta noche/este día/aquí/acá/ahora ya), hoy, ahora, ahora mismo, de momento,
        en este punto, ya, por ahí, de una vez por hoy, aquí por hoy, hasta (mañana/la próxima)",
    ),
    (
        GO_ON,
        "seguir, sigamos, seguimos, sigue, siga, sigo, seguiremos, continuar, continuemos,
        continuamos, continúa, continúe, continuaremos, prosigamos, proseguir, hablar, hablemos,
        hablamos, hablando, hablar (más/de eso/un rato/contigo/un poco/de esto), platicar,
        platicando, platiquemos, charlar, charlando, charlemos, conversar, conversando,
        conversemos, profundizar, quedarme, retomar, retomamos, retomemos, retomarlo,
        lo retomamos, volver, vuelvo, volveré, regreso, regresaré, dialogar, seguir (hablando/
         conversando/platicando/charlando/con esto/con la conversación/con la sesión/adelante/
         un rato/contigo), sigamos (hablando/conversando/platicando/charlando/adelante),
        seguimos (hablando/conversando/charlando/platicando), sigue (hablando/adelante),
        continuar (hablando/la conversación/con la conversación/la sesión/con la sesión/charlando/
         con esto), avanzar, seguirle, le seguimos, alargar",
    ),
    (
        LATER,
        "mañana, otro día, la próxima, la próxima vez, la próxima semana, la semana que viene,
        otra vez, en otra ocasión, en otro momento, pronto,
        el (lunes/martes/miércoles/jueves/viernes/sábado/domingo), más tarde, luego, después,
        otro rato, en la próxima sesión",
    ),
    (
        FINISH,
        "(haz/hazme/dame/quiero/quisiera/hágame/deme) (el/un/mi) resumen (/por favor/ahora),
        (resume/resúmelo/resúmeme/resuma/puedes resumir/podrías resumir/puede resumir/
        me resumes) (/la sesión/esta sesión/la conversación/nuestra conversación/todo/
        lo hablado) (/por favor), terminemos, terminamos, acabemos, acabamos, finalicemos,
        concluyamos, cerremos, paremos, paramos, dejémoslo, lo dejamos, detengámonos, (termina/
        termine/finaliza/finalice/cierra/ cierre/acaba/acabe/concluye/para) (la/esta/
        nuestra) (sesión/conversación/charla), fin de la (sesión/conversación),
        (terminar/finalizar/cerrar/acabar) (sesión/conversación), no quiero (hablar más/
        seguir hablando/hablar ya/hablar más por hoy/seguir hablando hoy/ seguir por hoy),
        ya no quiero hablar (/más), resume y (termina/acaba/cierra),
        resumir y (terminar/acabar/cerrar), hemos (terminado/acabado),
        vamos (terminando/cerrando/acabando/cortando), vayamos (terminando/cerrando),
        ya terminamos, ya acabamos, ya (podemos/podríamos) (terminar/acabar/parar), cortémosla,
        cortemos, mejor (terminar/parar/acabar/cerrar/dejarlo), despidámonos, (es/ya es/
         sería) hora de que (me vaya/terminemos/paremos/cierre/nos vayamos/lo dejemos),
        (termina/acaba/cierra/concluye) y (dame/haz/hazme) (el/un) resumen,
        (me gustaría/quisiera/quiero/prefiero) ir (cerrando/terminando/acabando)",
    ),
    (
        CLOSED,
        "(dejémoslo/lo dejamos/dejarlo/lo dejemos/lo dejo/dejémosla/paremos/paramos/terminemos/
         terminamos/acabemos/acabamos/cerremos/cerramos/quedémonos/nos quedamos/concluyamos/
         nos detenemos/cortamos/cortemos/la cortamos/finalicemos/finalizamos/le paramos/
         le dejamos/ ahí la dejamos/pausamos) (/ya/la cosa) (aquí/acá/ahí/por hoy/hasta aquí/
         hasta acá/ aquí por hoy/por ahora/por el momento/acá por hoy/ahí por hoy/ahora/así/
         en este punto), (eso/esto) (es/ha sido/fue/sería/era) (todo/suficiente) (por hoy/
         por ahora/de mi parte/ por mi parte/de momento/por el momento/lo que necesitaba/
         por esta vez), (es/ con eso es/con esto es/ya es/creo que es) (todo/ suficiente/
        bastante) (por hoy/por ahora/ de momento/por esta vez), por hoy (basta/ ya basta/
        es suficiente/es todo/ya está/está bien/ está bien así/ya es suficiente/ ya estuvo/
        termino/terminamos/lo dejamos/eso es todo/ nada más/fue suficiente/ ya está bien/
         he terminado/creo que es suficiente/me basta), (suficiente/basta/ya está/ ya estuvo/
         ya está bien/ya basta/nada más/ya/hasta aquí/ hasta acá/hasta ahí/ya terminé/ terminé/
         ya acabé/he terminado/he acabado/estoy/listo/lista/ me doy por satisfecho/
         he tenido suficiente/me quedo) (por hoy/por ahora/por esta vez/ por esta noche),
        hasta (aquí/acá/ahí) (llegamos/llego/nomás/nada más/lo dejamos/por favor/ está bien),
        con (eso/esto) (basta/es suficiente/me basta/me quedo/termino/terminamos/
         tengo suficiente/ya está) (/por hoy),
        ya (dije/he dicho/tengo) todo (/lo que quería/lo que necesitaba/lo que necesito),
        tengo (todo lo que necesito/lo que necesitaba/todo lo que necesitaba), (me tengo que/
         tengo que/debo/me debo/ya me tengo que/ya tengo que/necesito/tendría que/me voy a/voy a/
         voy a tener que/tendré que/debería/me tendré que/me toca/me temo que tengo que/
         me temo que debo) (/ya) (ir/irme/marchar/marcharme/salir/dejar/dejarte/dejarlo/dejarle/
         colgar/cortar/despedir/despedirme/correr/retirar/retirarme/volver al trabajo/ir a dormir/
         irme a dormir/irme a la cama/ir yendo/ir a trabajar/irme a trabajar/ir ya/irme ya/
         irme a casa/salir corriendo/desconectarme/parar/parar aquí/dejarlo aquí/acostarme/
         irme yendo/ir a la cama/ir a casa) (/ya/ahora/ahora mismo/pronto/corriendo), (ya me voy/
         me voy/me voy ya/me voy yendo/ya me tengo que ir/ya me retiro/me retiro/me marcho/
         me despido/te dejo/ya te dejo/los dejo/le dejo/cuelgo/me desconecto/me salgo/
         ya me despido/me largo/ya me fui/me fui/me piro/me voy a dormir/me voy a ir/
         me voy a la cama/me voy a descansar/me voy a casa/aquí te dejo/aquí me despido) (/ya/
         ahora/por hoy/entonces), (ya no tengo/no tengo/se me acabó el/se me acaba el/se acabó el/
         me quedé sin) (más tiempo/tiempo/mucho tiempo/ya tiempo), (seguimos/continuamos/hablamos/
         seguiremos/continuaremos/sigamos/retomamos/lo retomamos/continuemos/hablaremos/
         lo seguimos/le seguimos) (mañana/otro día/la próxima/la próxima vez/luego/más tarde/
         la próxima semana/la semana que viene/en otro momento/otra vez/después/pronto), (vuelvo/
         volveré/regreso/regresaré) (mañana/otro día/luego/más tarde/pronto/después/otra vez),
        ya es (tarde/muy tarde),
        es hora de (irme/irnos/terminar/parar/dormir/despedirnos/despedirme),
        ya es hora de (irme/irnos/terminar/parar/dormir/despedirnos/despedirme),
        me gustaría (dejarlo/parar/terminar) aquí, se (acabó/terminó) (por hoy/por ahora),
        ya (hablé/dije/hablamos/platicamos/hice/hicimos) (suficiente/bastante/mucho/demasiado) (/
         por hoy), mejor (lo dejamos/dejémoslo/paramos/paremos/terminamos/terminemos/acabamos/
         acabemos/cerramos/cerremos/me voy/te dejo/cuelgo) (/ya/aquí/por hoy/ahora/ahí), (quiero/
         quisiera/me gustaría/prefiero) (terminar/parar/acabar/dejarlo/cerrar) (ya/aquí/por hoy/
         ahora/hoy), me voy (/ya) (a dormir/a la cama/a descansar/a trabajar/al trabajo/a casa/
         a comer/a cenar), (/creo que/ya/creo que ya) (tuve/he tenido/hice/hicimos/
         tengo) (suficiente/bastante) (por hoy/por ahora/por esta noche), (ya me tengo/me tengo/
         tengo) que (ir/irme) (/ya/ahora) (perdón/perdona/disculpa/lo siento),
        ya no quiero hablar (más/más hoy/más por hoy), con (eso/esto) (será/es/sería/fue/
         está) (suficiente/bastante/bien) (/por hoy/por ahora),
        (/bueno/y/ya) a (dormir/la cama/descansar), (/creo que/este) (es/este es/es un) (/
         un) buen (momento/punto/lugar) (para/de) (parar/terminar/dejarlo/cerrar/acabar),
        el resto (lo hacemos/lo vemos/lo dejamos/) (/para) (mañana/la próxima/otro día/después/
         luego), (/ya) no puedo (quedarme/hablar/seguir hablando) (/más) (/tiempo/ahora/hoy),
        (tengo que/debo) volver (al trabajo/a trabajar/a casa),
        dejemos de hablar (/por hoy/ya/ahora)",
    ),
    (
        BYE,
        "adiós, adiosito, adiós adiós, chao, chau, chaíto, chaucito, chao chao, chau chau,
        hasta (luego/mañana/pronto/la próxima/la vista/entonces/otro día/la próxima semana/
         el lunes/el martes/el viernes/el jueves/más tarde/la semana que viene/siempre/más ver/
         la próxima vez), nos vemos (/mañana/luego/pronto/otro día/la próxima/la próxima semana/
         después/más tarde/la semana que viene/el lunes/en otra),
        nos (hablamos/oímos/estamos viendo) (/mañana/luego/pronto),
        hablamos (mañana/luego/pronto/otro día/después), buenas noches, (que/que tengas/ten/
         que tenga/te deseo/que pases) (/un/una) (buen día/buena noche/buena tarde/lindo día/
         bonito día/buenas noches/buen fin de semana/feliz noche/descanses/linda noche/
         excelente día/te vaya bien), que descanses, que (te/le) vaya bien, buen día kuku,
        cuídate, cuídese, ahí nos vemos, te veo (mañana/luego/pronto/la próxima/otro día),
        un (abrazo/saludo), saludos, bye, bai, agur, hasta lueguito, buen fin de semana,
        feliz (noche/tarde/día), me despido",
    ),
    (
        SOFT,
        "(eso/esto) (es/sería/fue/ha sido) todo, es todo, (eso/con eso) (es/sería) suficiente,
        es suficiente, suficiente, basta, ya basta, con eso basta, ya está, ya estuvo, ya terminé,
        terminé, he terminado, ya acabé, acabé, he acabado, nada más, nada mas, (no/
         ya no) tengo (nada más/más/más nada) (/que decir/que agregar/que añadir/que contar),
        no hay nada más (/que decir), creo que (eso es todo/es todo/ya está/es suficiente/
         ya terminé/he terminado/con eso basta/ya/ya es suficiente), estoy (cansado/cansada/
         muy cansado/muy cansada/agotado/agotada/un poco cansado/un poco cansada), terminado, (/
         creo que/yo creo que) (ya/) (hablamos/platicamos/dijimos/hemos hablado/hemos dicho/
         dije) (suficiente/bastante/todo/mucho/lo suficiente),
        creo que ya (dije/hablé/hablamos/terminamos/acabamos) (/todo/suficiente),
        (es/eso es/era) todo lo que (necesitaba/quería/necesito),
        (ya tengo/tengo) lo que (quería/necesitaba/necesito), (ya/hemos/ya hemos) (hablamos/
         hablado/platicamos) (bastante/mucho/suficiente) (/rato/tiempo), tengo sueño,
        eso era todo (/lo que tenía)",
    ),
    (
        THANKS,
        "gracias, muchas gracias, mil gracias, muchísimas gracias, (gracias/muchas gracias/
         mil gracias) (por todo/por tu ayuda/por la ayuda/por hoy/por escucharme/por escuchar/
         por tu tiempo/por la sesión/por la charla/por la conversación/por su ayuda/de verdad/
         a ti/ otra vez/de nuevo/por esto/por el apoyo/por tu apoyo),
        te (agradezco/lo agradezco) (/mucho/todo/tu ayuda/la ayuda), le agradezco, (me/eso me/
         esto me) (ayudó/ha ayudado/sirvió/ha servido/ayudaste/has ayudado/ayuda/hizo bien/
         sirve) (/mucho/bastante/muchísimo/un montón), (ha sido/fue/estuvo) (útil/muy útil/bueno/
         muy bueno/genial/de ayuda/de gran ayuda/muy bien/de mucha ayuda),
        me siento (mejor/mucho mejor), estuvo (bueno/genial/muy bien), un placer,
        ha sido un placer, fue un placer, buena (charla/sesión), (fue/ha sido/estuvo) (una/
         un) (buena/muy buena/linda/bonita/gran/buen) (sesión/charla/plática/conversación/rato)",
    ),
    (
        HEDGE,
        "quizá, quizás, tal vez, a lo mejor, puede ser, puede, puede que sí, no sé, no lo sé,
        no sé qué decir, no estoy (seguro/segura), no sabría, no sabría decir, sí y no, depende,
        ni idea, me da igual, da igual, lo que (quieras/digas/tú digas), tú decides, más o menos,
        qué opinas, tú qué crees, cómo, qué, perdón, mande, no me importa, igual, ya veremos,
        a ver, es difícil decir, lo dudo",
    ),
    (BUT, "pero, sin embargo, aunque, salvo, excepto, solo que"),
    (
        FILLER,
        "eh, eeh, este, esto, em, mmm, ehm, pues, bueno, o sea, osea, digamos, entonces, así,
        así que, mira, mire, oye, ay, uy, ah, ya, y, también, de verdad, la verdad,
        la verdad es que, en realidad, realmente, sinceramente, honestamente, por favor, porfa,
        por hoy, hoy, ahora, ahorita, a mí, mi, me, te, ti, tú, yo, nosotros, usted, a ti,
        contigo, para mí, para ti, lo, la, el, eso, que, de, a, en, con, creo, creo que,
        pienso que, yo creo, yo creo que, yo pienso que, me parece que, considero que, siento que,
        supongo, diría, yo diría, si se puede, si es posible, si puedes, si te parece,
        si te parece bien, si no te importa, si está bien, si no es molestia, un poco, un poquito,
        un rato, un ratito, un poco más, más, todavía, aún, muy, mucho, todo, rápido, rápidamente,
        solo, sólo, solamente, nomás, nada más, lo siento, perdón, perdona, disculpa, disculpe,
        amigo, amiga, querido, querida, che, wey, güey, hola, por fin, finalmente, primero,
        juntos, otra vez, de nuevo, tan, bien, por ahora, desgraciadamente, lamentablemente,
        es tarde, ya es tarde, se hace tarde, se me hace tarde, se hizo tarde, se me hizo tarde,
        entiendo, entendido, comprendo, hasta, ahí, acá, aquí, por mi parte, de mi parte, mismo,
        nos, las, los, puntos, sí, hombre, mujer, tío, tía, hacer, hacerlo, eso sí, pronto, tarde,
        estoy bien, (ya/) (viene/llega/llegó/sale/está/me espera/me esperan/empieza/comienza) (mi/
         el/la/mis) (camión/bus/autobús/tren/metro/taxi/uber/jefe/reunión/junta/clase/hijo/hija/
         hijos/niños/esposo/esposa/marido/mujer/cita), (mi/el/la/mis) (camión/bus/autobús/tren/
         metro/taxi/uber/jefe/reunión/junta/clase/hijo/hija/hijos/niños/esposo/esposa/marido/
         mujer/ cita) (ya viene/viene/llega/ya llegó/llegó/me espera/me esperan/está esperando/
         están esperando/ya está aquí/ya empieza/empieza/comienza/me llama/me está llamando/llora/
         está llorando), me (esperan/llaman/están esperando/están llamando),
        igual (ya/me/tengo/yo), buenas tardes, de todos modos, de todas formas, de todas maneras,
        la neta, mirá, che, sabes qué, sabes, como te digo, fíjate, okay pues, ya ves, hijo,
        mi amor, corazón, cariño, y luego, y después, y ya, todo bien, todo está bien,
        está todo bien, estoy mejor,
        (ha sido/fue/tuve/era) un (día largo/largo día/día pesado/día muy largo), día largo,
        estoy (/bastante/muy/un poco/algo/medio/ya/tan) (cansado/cansada/agotado/agotada),
        tengo sueño, me siento bien",
    ),
    (REASON, "porque, ya que, es que, pues tengo, como tengo, que ya viene, debido a"),
    (
        REPORT,
        "le dije, les digo, digo a, me digo, todo lo que quería, todo lo que quiero,
        lo que quería decir, escribí, dijo, dice, decía, dicen, dije, me dijo, le dije, cuando,
        cada, siempre, a veces, todos los, todas las, preguntó, gritó, respondió, contestó, si él,
        si ella, si mi, él, ella, ellos, cómo puedo, por qué siempre, ayer, piensa, quiere que,
        pensé, era, estaba, había, suele",
    ),
    (
        DESPAIR,
        "acabar con (todo/mi vida/esto de una vez/mi existencia), terminar con (todo/mi vida),
        ponerle fin a (todo/mi vida), poner fin a (todo/mi vida), quitarme la vida, matarme,
        suicidarme, suicidio, quiero morir, quiero morirme,
        no quiero (vivir/seguir viviendo/estar aquí/existir/seguir así/despertar),
        ya no quiero (vivir/seguir viviendo/estar aquí/existir/seguir así/nada/seguir),
        (ya no/no) puedo más, (ya no/no) aguanto más, (ya no/no) puedo seguir, sin ganas de vivir,
        quiero desaparecer, harto de (vivir/la vida/todo), harta de (vivir/la vida/todo),
        cansado de vivir, cansada de vivir, que (todo/esto) (termine/acabe/pare), hacerme daño,
        dejar este mundo, despedirme de (todos/la vida/este mundo),
        decir adiós a (todo/todos/la vida), no vale la pena vivir, dejar de (vivir/existir/sufrir)",
    ),
    (
        ABOUT,
        "dejar de, parar de, pare de, pare el, irme de, irme a vivir, ir de, salir de,
        terminar (con/mi), acabar con, dejar (a mi/mi/el), voy de, cansado de, cansada de,
        harto de, harta de, hablar con (mi/él/ella/mis), lo nuestro, se acabó (el/la/lo),
        terminar (el/la relación), cómo (termino/paro/dejo), nunca, a un (funeral/médico/viaje),
        de (casa/mi casa/este/esta/mi/vacaciones/fumar/beber/comer/noche),
        la (reunión/junta/cocina/empresa/escuela), salir a (madrid/caminar/correr),
        tiempo (para mis/para mi/para nada/para ver),
        el (lunes/martes/miércoles/jueves/viernes/sábado/domingo), todos los días,
        cada (día/semana/noche), a los (dieciocho/veinte/treinta), este (año/mes), esta semana,
        el (año/mes) (pasado/que viene), con (él/ella/mi/mis/ellos), del (trabajo/país/jefe),
        al (hospital/médico/trabajo/banco), por el banco,
        mi (tesis/matrimonio/tienda/trabajo/relación/vida), el (proyecto/libro/tratamiento/curso),
        la (tesis/universidad/relación), dejar (la/las/los/el/a mi/a los),
        antes de (junio/julio/enero/navidad), las pastillas, más temprano, de ahora en adelante,
        tengo que pasar, ir a (terapia/clases/misa/juicio/vivir/estudiar), correr (un/una),
        a españa, la carrera, acabar ya",
    ),
    (EITHER, "todo bien, todo está bien, está todo bien"),
    (
        TOPIC,
        "pregunta, preguntas, duda, dudas, tema, temas, cosa, cosas, algo, tiempo, decir, decirte,
        contar, contarte, contado, dicho, hablar de, hablar de algo, de algo, agregar, añadir,
        preguntar, preguntarte, tengo, tenemos, hay, he, te he, es, está, en mente, en la cabeza,
        en el pecho, profundizar, minutos, momento, me gusta, me está gustando, gustando, todo,
        quedarnos, quedarme, ganas, quiero, lo que, un, una, unas, unos, otros, más de,
        más a fondo, fondo, eso",
    ),
    (
        FINISH | HEDGE,
        "(quiero/quisiera/me gustaría/necesito/tengo ganas de) (irme/salir/ir/dormir/descansar/
         irme de aquí/salir de aquí/irme a casa), me quiero ir, me quiero (ir de aquí/ir a casa),
        (tengo que/debo/quiero/necesito/quisiera) dejarlo, (tengo que/debo/quiero/necesito/
         quisiera) (dejarla/pararlo/cortarlo/terminarlo/acabarlo/dejarlo), no tengo tiempo",
    ),
];
