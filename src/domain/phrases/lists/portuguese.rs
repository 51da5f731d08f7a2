//! Portuguese phrases, Brazilian and European.

use super::*;

pub const PHRASES: &[(Classes, &str)] = &[
    (
        YES,
        "com (certeza/toda a certeza) absoluta, certeza absoluta, absolutamente sim,
        sim podemos ir, (passamos/passemos/vamos passar/vamos) (ao/para o/pro) resumo,
        (claro/sim) que pode, com todo (gosto/prazer/o gosto), com o maior prazer, de bom grado,
        sem sombra de dúvida, é para já, é pra já, é claro que sim, é claro, venha o resumo,
        sim podemos, podemos, podemos sim, mhm, mhmm, (fica/fique/esteja/está) à vontade, fechou,
        força nisso, manda lá, venha ele,
        não vejo (problema/problemas/por que não/porque não/inconveniente/mal), gostaria, gostava,
        adoraria, adorava, é melhor, é melhor assim, seria, sim era bom, calha bem, dá-lhe,
        (é/seria/acho que é/acho que seria) o (melhor/ideal/momento/momento certo), assim seja,
        não tenho (nada contra/objeções/objeção/problema), (me/) serve, vale, vale sim,
        certíssimo, perfeito assim, bem pensado, nada contra, já agora sim, ora vamos, ora bora,
        ótimo assim, também acho, eu também acho, também acho que sim, eu também,
        acho (ótimo/bom/bem/justo/perfeito), acho (/uma) boa, sim, siim, simm, sim sim,
        sim senhor, sim senhora, ahã, aham, uhum, arrã, ya, yep, claro, claro claro,
        (é/pois/mas/sim/ah/oh) claro, claro que (sim/pode/podes/quero), lógico, lógico que sim,
        óbvio, óbvio que sim, evidente, evidentemente, obviamente, naturalmente, certamente,
        seguramente, concerteza, (sim/claro/mas/ah/) com (/toda a/toda) certeza,
        com (/todo o/muito/imenso) (prazer/gosto), sem dúvida, sem dúvida nenhuma, absolutamente,
        totalmente, definitivamente, decerto, com efeito, efetivamente, pode ser, pode ser sim,
        pode, pode sim, podes, podes sim,
        pode (ir/fazer/mandar/começar/seguir com isso/mandar ver/fazer sim),
        podes (ir/fazer/avançar/mandar/começar), pode avançar, (vamos a isso/vamos nessa/vamos lá/
         vamos sim/vamos embora com isso/vamos/vambora/simbora/bora/bora lá/embora lá/bora nessa/
         força/força aí/toca a andar/manda/manda ver/manda bala/manda brasa/manda vir/ mande/
         manda aí/avança/avance/avancemos/faz isso/faça isso/faz favor/faça favor/faça o favor/
        faz/ faça/faz sim/faça sim), façamos isso, fazemos isso, vamos fazer (isso/assim),
        que venha, tá (bom/bem/ótimo/certo/combinado/fechado/joia/beleza),
        (está/'tá) (bem/bom/ótimo/certo/combinado/perfeito), tá, tá tá, tá sim, tá certo então,
        combinado, combinadíssimo, fechado, feito, de acordo, (estou/tô/estamos/tou) de acordo,
        concordo, concordo (sim/plenamente/totalmente/com isso), aceito, aceito sim, topo,
        eu topo, topo sim, tô dentro, estou dentro, tou dentro, pois sim, pois pois, pois é claro,
        pois, é isso, é isso aí, isso, isso aí, isso mesmo, isso sim, é verdade, é mesmo,
        exatamente isso, é sim, é, quero, quero sim, eu quero, eu quero sim, quero isso,
        eu (gostaria/gostava/adoraria/queria),
        (gostaria/gostava/adoraria) (sim/disso/muito/bastante/imenso), adorava, por mim (/
         tudo bem/pode ser/está bem/está ótimo/tá bom/tá ótimo/sim/ok/está bom/perfeito/
         tá tranquilo/ beleza), (acho/eu acho/creio/eu creio/penso/eu penso/diria/eu diria/
        suponho/ imagino/ espero/parece-me/me parece/julgo) que (sim/pode ser/pode/podes/está bem/
        tá bom/ é uma boa/é uma boa ideia/seria bom/é boa ideia), (parece-me/me parece/parece/soa/
        soa-me/ pra mim está/para mim está/pra mim tá/para mim tá) (/muito) (bem/bom/ótimo/
        uma boa/ uma boa ideia/boa ideia/perfeito/excelente/ideal/sensato), (/uma/uma muito/
        é uma) (boa/ ótima/ excelente/bela/grande/que boa/muito boa) (ideia/sugestão/pedida), (é/
        seria) uma (/ muito) (boa/ótima/excelente/boa ideia/ótima ideia/excelente ideia),
        é boa ideia, (isso/ até/isso até/acho que/) (seria/era) (/muito/até) (bom/ótimo/perfeito/
         excelente/útil/ legal/bacana/fixe/maravilhoso/ideal/bem-vindo/boa ideia), (isso/
        ) (ajudaria/ajudava/ me ajudaria/ajudava-me/me ajudava/vai ajudar/vem a calhar/
        me convém) (/muito/bastante), cairia bem, calhava bem, vinha a calhar, que bom, que ótimo,
        é uma, boa, boa boa, uma boa, demorou, já é, tranquilo, tranquilo sim, de boa, suave,
        sussa, show, show de bola, firmeza, partiu, sem problema, sem problemas,
        sem problema nenhum, (não há/não tem/nenhum) (problema/problemas/stress/crise),
        não (me/) (importo/me importo), por que não, porque não, e por que não, claro por que não,
        como não, (estou/tô/tou/ já estou/já tô/tamos/estamos/já tou) (/mais que) (pronto/pronta/
        prontos/preparado/ preparada), é a hora, está na hora, tá na hora, já está na hora,
        já era hora, chegou a hora, quando quiser, quando quiseres, como quiser, como quiseres,
        como (preferir/preferires/achar melhor/achares melhor),
        se (quiser/quiseres/você quiser/preferir) (/sim), a vontade, à vontade, esteja à vontade,
        fique à vontade, confirmo, confirmado, afirmativo, positivo, que sim, ora essa, ora bem,
        agradeço, agradecia, eu agradeceria, agradecia sim, só se for agora",
    ),
    (
        OK,
        "(faz/faça/dá/manda/venha/mostra) (lá/aí/então/já) (um/o/esse) (resumo/resuminho/
         balanço), bem, muito bem, ótimo, bom, perfeito, perfeitamente, excelente, maravilha,
        maravilhoso, que maravilha, beleza, blz, belezura, certo, certinho, correto, legal, massa,
        bacana, joia, fixe, porreiro, impecável, top, entendido, por favor, porfavor, pf, pfv,
        pls, por gentileza, se faz favor, sff, fazendo favor, exato, exatamente, tudo bem,
        tudo certo, tudo ok, okay, resumo, (um/o/meu/o meu/esse/com um/com o/só um/um breve/
         um pequeno/um rápido/aquele/um belo) (resumo/resuminho),
        um resumo (rápido/breve/curto/final/curtinho/completo), (faz/faça/fazer/me faz/me faça/
         me dá/me dê/dá/dá-me/dê/dê-me/faz-me/faça-me/manda/me manda/mande/mostra/mostra-me/
         quero/queria/gostaria de/gostava de/quero ver/quero ouvir/aceito/pode fazer/podes fazer/
         pode dar/pode me dar/pode mandar/pode me fazer/podes fazer-me/podes dar-me/pode fazer-me/
         façamos/vamos fazer/vamos ao/vamos para o/prefiro/preciso de/vamos ver) (um/o/ esse/meu/
         o meu/um breve/um pequeno/) (resumo/resuminho/balanço/apanhado), (resume/ resuma/resumir/
         resumimos/resumamos/resumindo/recapitular/recapitula/recapitulemos) (/ tudo/isso/
         tudo isso/a sessão/a conversa/a nossa conversa/nossa conversa/os pontos principais/
         o que falamos/o que falámos/o que conversamos/para mim/pra mim), me resume, e um plano,
        com um plano",
    ),
    (
        OK | FINISH,
        "(pode/podes/podia/podias/poderia/poderias/pode me/podemos/vamos/pode então/pode já/
         quero que/queria que/gostaria que/consegue/consegues) (resumir/resumirmos/resuma/resumas/
         recapitular/fazer o resumo/fazer um resumo/me fazer um resumo/fazer-me um resumo/
         fazer um resuminho/fazer o fechamento) (/tudo/isso/a sessão/a conversa/a nossa conversa/
         nossa conversa/tudo isso/o que falamos/o que conversamos), (faz/faça/me faz/me faça/
         faz-me/ faça-me/me dá/dá-me/me dê/dê-me/manda/me manda) (um/o/esse/o meu/meu) resumo (/
         da sessão/da conversa/da nossa conversa/final/de tudo/de hoje/de tudo isso/
        do que falamos/ do que falámos)",
    ),
    (
        NO,
        "não (acho/vejo/creio que seja/acho que seja/acho que precise) (/que é/muito) (necessário/
         preciso/bom/boa ideia/uma boa ideia/necessidade/para quê),
        não (há/tem/vejo) (/muita) necessidade, não me sinto (pronto/pronta/preparado/preparada),
        sem necessidade, não faz falta, não é caso para isso, sem chance, nem vem, nem por isso,
        não (/não/não não/senhor/ senhora/mesmo/quero não/é preciso/precisa/é necessário/obrigado/
         obrigada/valeu/brigado/ brigada/por favor/hoje/agora/por agora/por enquanto/já já/
         neste momento/nesse momento/no momento/ainda agora), obrigado não, obrigada não,
        nada disso, de (jeito nenhum/jeito algum/maneira nenhuma/maneira alguma/modo nenhum/
         forma nenhuma/forma alguma/jeito maneira), nem pensar, nem por sombras, nem a pau,
        nem morto, nem morta, nem um pouco, nem sonhar, jamais, nunca, nã, naum, nops, nem,
        tampouco, também não, negativo, dispenso, passo, sem resumo, nada de resumo,
        não quero (/resumo/um resumo/isso/nada disso/o resumo), não (precisa/preciso/precisa não/
         vale a pena/vou querer/me apetece/estou a fim/tô a fim/concordo/aceito/me interessa/
         tenho vontade/gostaria/gostava/queria/desejo/carece/vejo necessidade) (/disso/de resumo/
         do resumo/de um resumo/resumir/nada),
        não (estou/tô/tou) (pronto/pronta/preparado/preparada), não acho, não creio,
        não é (preciso/necessário/boa ideia/o momento/a hora/hora), (estou/tô) bem assim,
        quero não, precisa não, agradeço mas não, não é hora, não é isso, isso não,
        ainda (é/) não é hora, não faz (/um resumo/o resumo/isso), não resume, não resuma,
        hoje não quero, deixa (estar/quieto/pra lá/para lá), esquece",
    ),
    (
        NO | NOT,
        "(agora/hoje/já/por agora/por enquanto/por ora/neste momento/nesse momento/no momento/
         de momento/desta vez/claro que/lógico que/óbvio que/com certeza/certamente/que/pois/mas/
         ai/ ah/melhor/é melhor/bem/obrigado mas/obrigada mas) não, (acho/eu acho/creio/eu creio/
         penso/eu penso/diria/eu diria/parece-me/me parece/espero/julgo) que (/ainda/agora/
         por enquanto/hoje) não,
        (prefiro/preferia/preferiria/eu prefiro/eu preferia/eu preferiria) (não/que não)",
    ),
    (
        STAY,
        "(deixa eu/deixe eu/me deixa/me deixe/deixa-me/deixe-me) (/só/ainda) (terminar/acabar/
         concluir/falar/contar/explicar/terminar de falar/acabar de falar/terminar de contar/
         acabar de contar) (/uma coisa/mais/isso), (quero/queria/preciso/preciso de/
         deixa eu) (terminar de/acabar de) (falar/contar/explicar/dizer), (/ainda) não (/
         ainda) (terminei/ acabei/terminamos/acabamos/terminámos/acabámos) de (falar/contar/
         conversar/dizer/ explicar/desabafar) (/tudo/ainda), (ficar/fica/fique/fico) mais,
        mais um tempinho, (deixa/deixe/deixamos/deixemos/guarda) (/o resumo) (/para/pra) (depois/
         mais tarde/mais logo/outra hora),
        o resumo (fica/pode ficar) (para/pra) (depois/mais tarde),
        (mais/alguns/uns/mais alguns/mais uns) minutinhos, aguenta mais um pouco, é muito rápido,
        (falta/faltou/faltam/esqueci) (/ainda) (falar/dizer/contar/uma coisa/ falar de uma coisa),
        tô no meio, não vai (embora/ainda), (ainda/eu ainda) (tenho/há/tem) (coisas/umas coisas/
         assuntos/muita coisa/mais coisas) (para/pra/a/por) (dizer/falar/ contar/conversar/
         te contar/te dizer), (ainda/por enquanto ainda/acho que ainda/agora ainda/calma/espera/
         não) não (/agora/mesmo/está na hora/tá na hora/é hora/é altura/ acabei/terminei/acabámos/
         acabamos/terminamos/terminámos/concluí/quero/queria/estou pronto/estou pronta/tô pronto/
         tô pronta/estou preparado/estou preparada/disse tudo/falei tudo/contei tudo/é o momento),
        não (/ainda) (terminei/acabei/acabámos/acabamos/ terminamos/terminámos/disse tudo/
         falei tudo/contei tudo) (/ainda), não ainda, ainda, ainda é (/muito) cedo, (é/está/tá/
         acho/acho que é/é um pouco/está muito/acho que está) (/muito/ainda/meio/um pouco) cedo (/
         demais/ainda/para isso/pra isso), cedo demais, muito cedo, tão cedo não, calma, calma aí,
        calma lá, calminha, devagar, não tão (depressa/rápido/cedo), (um/uns/mais um/mais uns/
         dois/cinco/dez/alguns/mais dois/mais cinco/mais dez/mais alguns) (minuto/minutos/
         minutinho/minutinhos/momento/ momentos/momentinho/instante/instantinho/segundo/
         segundinho) (/mais/de tempo/por favor), (um/mais um) (pouco/bocado/bocadinho/pouquinho/
         tempinho/tempo/cadinho) mais (/de tempo), mais (um pouco/um pouquinho/um bocado/
         um bocadinho/um tempo/um tempinho/uma coisa/uma pergunta/uma coisinha/uma questão/
         algumas coisas/umas coisas/um cadinho/alguma coisa/um assunto),
        só um (pouco/pouquinho/bocado/bocadinho/tempinho/instantinho),
        uma última (coisa/pergunta/questão), outra coisa,
        (só/falta/falta só/só falta) uma coisa (/ainda/antes/mais), (espera/espere/peraí/pera/
         pera aí/péra/pêra aí/perai/espera aí/espere aí/espera lá/espere lá/aguarda/aguarde/
         aguenta/aguenta aí/alto/alto lá/para aí) (/só/um pouco/um momento/um minuto/um segundo/
         um bocado/um bocadinho/um pouquinho/mais um pouco/um instante/que ainda não/que não/lá),
        (muita/muitas/outra/uma/umas/alguma/algumas/mais/mais uma) (coisa/coisas/pergunta/
         perguntas) (a/para/pra) (dizer/falar/contar/te dizer/te contar/perguntar), (/
         ainda) (tenho/há/tem/falta/temos) (mais/muito/mais coisas/outra coisa/uma coisa/
        algo mais/ muita coisa/umas coisas/outra pergunta/uma pergunta/outro assunto/mais assunto/
        dúvidas/ uma dúvida/tempo/muito tempo) (/a dizer/para dizer/pra dizer/para falar/
        pra falar/ para contar/pra contar/ainda), (/te/lhe) (dizer/contar/contar-te/dizer-te/
        perguntar/ acrescentar/compartilhar/partilhar) (mais/mais coisas/uma coisa/outra coisa/
         mais uma coisa/mais coisa/algo mais) (/ainda),
        falar de (outra coisa/mais uma coisa/mais coisas), (preciso/precisava/preciso/quero/
         queria/gostaria/precisamos) (/de) mais (/um pouco de/ algum/um tempo/tempo) (/tempo),
        mais, (fica/fique/ficar/fiquemos/ficamos/quero ficar/ vamos ficar/queria ficar) (/aqui/
         comigo) (/mais) (um pouco/um tempo/um bocado/um bocadinho/mais tempo/mais um pouco/
         mais um bocadinho/mais um tempo), mais tarde, (talvez/quem sabe/pode ser/melhor/acho que/
         só/fica para/deixa para/deixa pra/daqui a pouco ou/) (mais tarde/depois/mais logo/
         daqui a pouco/daqui a bocado/logo/outra hora/ outro momento/noutra altura/noutro momento/
         em outro momento/mais pra frente/mais adiante),
        daqui a (/um) (pouco/pouquinho/bocado/bocadinho/minutos/cinco minutos), antes disso,
        não (pare/pares/para/termine/termines/encerra/encerre/encerres/acabe/ acabes/vá/vás) (/
         ainda/agora/já), não me (interrompa/interrompas/apresse/apresses), sem pressa,
        não tenho pressa, (estou/tô/tou) (gostando/a gostar) (/da conversa/de conversar/de falar),
        (o/esse/este/ meu/o meu) resumo (depois/mais tarde/pode esperar/fica para depois/
         fica pra depois), ainda (estou/tô/tou) (/a) (pensando/falando/pensar/falar/meio)",
    ),
    (
        NOT,
        "não (estou/tô/tou) com vontade de, não (estou/tô/tou) (/nada) a fim de, não, ainda não,
        nem, (eu/a gente/nós/) (ainda/) não (quero/queria/gostaria de/gostava de/desejo/preciso/
         preciso de/precisamos/precisamos de/vamos/vou/devemos/devíamos/deveríamos/
         tenho vontade de/estou a fim de/tô a fim de/estou pronto para/estou pronta para/
         estou pronto pra/estou pronta pra/tô pronto pra/tô pronta pra/estou preparado para/
         estou preparada para/me apetece/é preciso/é necessário/é hora de/é altura de/
         está na hora de/tá na hora de/acho que devemos/acho que a gente deve/
         acho que seja hora de/acho boa ideia/podemos/pode/ podes/quero que/queria que/me/te/
         nos) (/ainda/já/agora/mesmo),
        (prefiro/preferia/preferiria/melhor/é melhor/mais vale) (/eu/ainda) não,
        (/ainda/é/está/ainda é/tá/acho) (/muito) cedo (/demais) (para/pra), sem, em vez de,
        ao invés de, antes de, nada de",
    ),
    (
        WANT,
        "dá-me, me dá, me dê, dê-me, deixa eu, deixe eu, deixa-me, deixe-me, me deixa, me deixe,
        deixa a gente, (eu/tu/você/a gente/nós/) (/já/só/agora/então) (quero/queria/quis/
         gostaria de/gostava de/gostaria que/gostava que/quero que/queria que/queria que a gente/
         quero que a gente/prefiro/preferia/preferiria/prefiro que/preciso/preciso de/precisava/
         precisava de/precisamos/precisamos de/tenho que/tenho de/tinha que/tinha de/temos que/
         temos de/teria que/teria de/terei que/terei de/vou ter que/vou ter de/vou precisar/devo/
         devia/deveria/devemos/devíamos/deveríamos/posso/podia/podemos/podíamos/poderíamos/vou/
         vamos/vai/vais/ia/íamos/iremos/pode/podes/poderia/poderias/podias/será que podemos/
         será que dá para/será que dá pra/será que pode/queremos/desejo/desejava/apetece-me/
         me apetece/apetecia-me/estou a fim de/tô a fim de/tenho vontade de/estou pronto para/
         estou pronta para/estou pronto pra/estou pronta pra/tô pronto pra/tô pronta pra/sugiro/
         sugiro que/proponho/proponho que/consegue/consegues/quer/queres), (/já/agora/acho que/
         creio que/então) (é/está na/tá na/era/chegou a/é a) (hora/altura) (de/da gente/
        de a gente/ para/pra), (dá/dava/daria) (para/pra) (/gente/a gente/nós/mim), tem como,
        que tal (/se/a gente/se a gente), e se (/a gente/nós),
        (o que acha/o que achas/que achas/que acha) (de/se) (/a gente), (/é/acho/seria/acho que é/
         acho que seria/era/talvez seja) (melhor/bom/ótimo/boa ideia/uma boa/preferível/
         possível), mais vale,
        (importa-se/importas-te/se importa/te importas) (de/se/que/se a gente), bora, vambora,
        toca a, vamos a, há que, tem que, tem de, é pra, por favor, (acho/creio/penso/ eu acho) (/
        que) (podemos/a gente pode/já podemos/já dá para/já dá pra/dá para/dá pra/vou/ vamos/
         devíamos/devemos/preciso/tenho que/tenho de/que vou/é hora de/já posso/posso/devo/
         deveríamos/quero)",
    ),
    (
        VERB,
        "(parar/terminar/encerrar/finalizar/acabar/concluir/fechar/interromper/pausar/parando/
         terminando/encerrando/finalizando/acabando/concluindo/fechando/pararmos/terminarmos/
         encerrarmos/finalizarmos/acabarmos/concluirmos/fecharmos/pare/pares/paremos/para/
         paramos/parei/paro/termine/termines/terminemos/termina/terminamos/termino/encerre/
         encerres/encerremos/encerra/encerramos/encerro/finalize/finalizes/finalizemos/finaliza/
         finalizamos/finalizo/acabe/acabes/acabemos/acaba/acabamos/acabo/conclua/concluas/
         concluamos/conclui/concluímos/concluo/feche/feches/fechemos/fecha/fechamos/fecho/
         encerrarei/encerrá-la/terminá-la/encerrá-lo/acabá-la),
        (fazer/fazemos/façamos/fazermos/fazendo) (/uma) pausa, dar uma (pausa/parada/parada aqui),
        uma pausa, dar um tempo, dar por (terminado/ terminada/encerrado/encerrada/concluído/
         concluída/finalizada/finalizado), damos por (terminada/encerrada/concluída/terminado),
        dou por (terminada/encerrada/concluída), (sair/sair daqui/ir/ir-me/ir embora/ir-me embora/
         me ir/embora/irmos/ir andando/ir indo/desligar/desligarmos/deslogar/desconectar/
         me desconectar/despedir-me/me despedir/nos despedir/despedirmo-nos/dormir/ir dormir/
         me deitar/deitar-me/ir deitar/ir para casa/ir pra casa/ir para a cama/ir pra cama/
         me retirar/retirar-me/me mandar/vazar/meter o pé/ir nessa/dizer tchau/dizer adeus/
         dar tchau/descansar/cortar),
        (deixar/deixamos/deixemos/deixo/deixa/deixe/deixarmos) (isso/isto/assim)",
    ),
    (
        OBJECT,
        "(/com) (a/esta/essa/nossa/a nossa/minha/a minha/de a/da/desta/da nossa) (sessão/
         conversa/conversa contigo/conversa com você/chamada/ligação/consulta/sessão de coaching/
         sessão de hoje/conversa de hoje/prosa/mentoria/chamada contigo), (o/este/esse/nosso/
         o nosso/do nosso/deste/com o) (chat/encontro/coaching/papo/bate-papo/atendimento/
         papo de hoje/encontro de hoje), sessão, conversa, papo, chat",
    ),
    (
        HERE,
        "aqui, aqui mesmo, por aqui, por aqui mesmo, por hoje, para hoje, pra hoje, por hoje é,
        hoje, agora, agora mesmo, já, por agora, por enquanto, por ora, por esta noite,
        por essa noite, neste ponto, nesse ponto, neste momento, aí, por aí, desta vez, dessa vez,
        por esta vez, por essa vez, de momento, no momento, aqui por hoje, por aqui por hoje,
        por aqui hoje, até (amanhã/à próxima/a próxima)",
    ),
    (
        GO_ON,
        "(ficar/ficarmos) (/aqui/contigo/com você), (continuar/continuarmos/continuamos/
         continuemos/continua/continue/continuando/continuo/continuaria/prosseguir/prossigamos/
         prossiga/prossegue/prosseguirmos/seguir/sigamos/seguimos/siga/segue/seguindo/seguirmos/
         avançar um pouco mais/prolongar/estender/alongar/tocar) (/com/adiante/em frente/
         a conversar/conversando/a falar/falando/a conversa/a nossa conversa/nossa conversa/
         esta conversa/essa conversa/com a conversa/a sessão/esta sessão/essa sessão/com a sessão/
         na conversa/o papo/esse papo/nosso papo/com isso/com isto/daqui/mais) (/contigo/
        com você), ir em frente com a conversa, ir (adiante/em frente/mais fundo/mais a fundo),
        vamos (em frente/adiante), (falar/falarmos/falamos/falemos/fala/falando/falo/conversar/
         conversarmos/conversamos/conversemos/conversando/converso/bater papo/papear/trocar ideia/
         trocar uma ideia/dialogar/discutir) (/mais/contigo/com você/sobre isso/sobre isto/ disso/
         disto/mais disso/mais sobre isso/mais sobre isto/aqui/mais um pouco/um pouco mais/
         um pouco/mais um bocado/mais um bocadinho/um bocado/mais tempo), (aprofundar/
         aprofundarmos/explorar/explorarmos) (/mais/isso/isto/mais isso/mais isto/o assunto/
         o tema/um pouco), (retomar/retomamos/retomarmos/retomemos/retoma/voltar/voltamos/
         voltarmos/voltemos/volto/voltarei/regresso/reencontrar/nos reencontrarmos/tornar) (/a/
         isso/isto/aqui/a conversa/a sessão/ao assunto/a falar/a conversar/a isso/a isto/
         a este assunto), (ficar/fico/ficarmos) (/aqui) conversando,
        (ficar/fico/ficarmos) a (conversar/falar), deixamos o resto, deixar o resto, o resto,
        fica o resto, o resto fica",
    ),
    (
        LATER,
        "amanhã, amanhã de manhã, amanhã à noite, outro dia, outra hora, outra vez, noutro dia,
        noutra altura, noutra ocasião, noutra hora, em outro momento, em outra ocasião,
        em outro dia, na próxima, numa próxima, para a próxima, pra próxima,
        na próxima (vez/sessão/semana/conversa), semana que vem, na semana que vem, para a semana,
        pra semana, (na/) (segunda/terça/quarta/quinta/sexta) (/feira), (no/) (sábado/domingo),
        à noite, logo à noite, (para/pra) (outro dia/amanhã/outra hora/ outra vez/a próxima/
         a próxima sessão/próxima sessão/a semana que vem/semana que vem), em breve,
        um dia destes, (para/pra) depois",
    ),
    (
        FINISH,
        "(resuma/resume) (a sessão/a nossa sessão/nossa sessão/a conversa/nossa conversa/
        a nossa conversa/tudo) (/por favor), (encerra/encerre/termina/termine/finaliza/finalize/
        fecha/feche/acaba/acabe/conclui/ conclua/encerrar/terminar/finalizar/fechar/concluir) (a/
        esta/essa/nossa/a nossa/minha/ ) (sessão/conversa/chamada), (encerra/encerre/termina/
        termine/finaliza/finalize/fecha/ feche) (o/este/esse/nosso/) (papo/chat/bate-papo/
        atendimento), fim da (sessão/conversa), fim de (sessão/conversa/papo), (resume/resuma/
        resumir/resumimos) e (encerra/encerrar/ encerre/encerramos/termina/terminar/termine/
        terminamos/acaba/acabar/acabe/acabamos/ fecha/fechar/feche/fechamos/finalizar/finaliza/
        finalize), (encerremos/terminemos/finalizemos/concluamos/paremos/acabemos), (bora/vamos/
         vambora) (encerrar/fechar/finalizar/terminar/parar/encerrando/fechando/terminando/
         finalizando/ parando/acabar) (/isso/isso aqui/logo/já), (eu/) não quero (/
         mais) (conversar/falar/ continuar) mais (/hoje/por hoje/agora/contigo/com você),
        (eu/) não quero (/mais) (conversar/falar/continuar) (hoje/por hoje/agora),
        não quero mais (conversar/falar),
        (já/) (encerramos/terminamos/acabamos/acabámos/terminámos) (/então/por hoje/já),
        já (podemos/dá para/dá pra/posso) (encerrar/terminar/parar/acabar/fechar/finalizar)",
    ),
    (
        CLOSED,
        "(tá na/está na/chegou a/deu a) minha hora, (por hoje/hoje) (terminamos/acabamos/
         encerramos/paramos/fico/ficamos) (/por aqui),
        considero (encerrada/terminada) (/a sessão/a conversa), (consideremos/considere/
         vamos considerar) (encerrada/terminada) (/a sessão/a conversa),
        depois a gente (continua/se fala/conversa/retoma), (tenho que/tenho de/preciso/
         vou) ir (ao banheiro/à casa de banho/para uma reunião/pra uma reunião/para a reunião/
         pra reunião/para o trabalho/pro trabalho/pra aula/para a aula), (depois/mais tarde/
         outro dia/amanhã/logo mais/outra hora) (/a gente) (continuamos/continua/falamos/fala/
         conversamos/conversa/se fala/retomamos/retoma/seguimos/nos falamos/voltamos), (/por/
         para/pra) hoje (/já/então) (é só/é só isso/é tudo/é isso/é isso aí/é só isto/basta/
         já basta/chega/já chega/está bom/tá bom/está bem/está ótimo/tá ótimo/já deu/deu/
         foi o suficiente/é o suficiente/é suficiente/já foi suficiente/foi isso/era isso/
         era só isso/ era só isto/terminei/termino/paro/encerro/já está/já tá/já está bom/
         já está bem/já tá bom/fico por aqui/ficamos por aqui/já não quero mais/não quero mais/
         nada mais/só isso/só isto/chegou/já foi/foi só isso/foi só/acabou/é quanto basta), (é/
        era/ foi/isto é/isso é/ isso é/acho que é/creio que é/penso que é/por mim é/acho que era/
         acho que foi/então é/ isso foi/pronto é) (só/tudo/só isso/só isto/isso/isso aí/isso tudo/
         suficiente/o suficiente/o bastante) (por hoje/para hoje/pra hoje/por agora/por enquanto/
         da minha parte/de minha parte/por ora/por esta vez/da minha parte por hoje/hoje/
        desta vez/ dessa vez/da minha parte hoje), (chega/já chega/basta/já basta/já deu/deu/
        tá bom/está bom/ está bem/tá ótimo/está ótimo/já está bom/já tá bom/acho que chega/
        acho que já chega/ acho que já deu/acho que basta/acho que tá bom/acho que está bom/
        suficiente/ já é suficiente/é suficiente/já está/só isso/nada mais/fechou/acabou/terminei/
        acabei/ já terminei/já acabei/foi suficiente/tive o suficiente/creio que chega/
        penso que chega/ já é o suficiente/já falei demais/já falei bastante/
        já falei o suficiente/ já chega de conversa/ chega de conversa/chega de papo/
        já conversamos bastante/ conversamos bastante) (/assim) (por hoje/para hoje/pra hoje/
        por agora/por enquanto/ por ora/por esta noite/por essa noite),
        (ficar/ficamos/fiquemos/ficarmos/fica/fico/ficando) (por aqui/por aí/por hoje), (parar/
         paramos/para/paro/paremos/terminar/terminamos/termino/terminemos/termina/ encerrar/
         encerramos/encerro/encerremos/encerra/finalizar/finalizamos/acabar/acabamos/ concluir/
         fechar/fechamos/parando/encerrando/terminando/finalizando/fechando/deixar/ deixamos/
         deixemos) (/isso/isto/o papo/a conversa/a sessão/tudo) (por aqui/por hoje/aqui por hoje/
         por agora/por enquanto/por ora/por aí/aqui), (tenho que/tenho de/tenho mesmo que/
         tenho mesmo de/preciso/preciso de/preciso mesmo/preciso mesmo de/devo/vou/vou ter que/
         vou ter de/vou precisar/terei que/terei de/tinha que/tinha de/deveria/devia/vou já/
         vou mas é) (/já/agora) (ir embora/ir-me embora/ir andando/ir indo/ir agora/ir já/
         sair agora/desligar/me despedir/despedir-me/ir dormir/me deitar/deitar-me/ir deitar/
         ir me deitar/ir-me deitar/ir para casa/ir pra casa/ir para a cama/ir pra cama/
         voltar ao trabalho/voltar para o trabalho/voltar pro trabalho/sair correndo/ir correndo/
         correr agora/vazar/meter o pé/ir nessa/te deixar/deixar-te/fazer o jantar/fazer o almoço/
         jantar/almoçar/buscar meu filho/buscar minha filha/entrar em reunião/
         entrar numa reunião), vou (pra cama/para a cama/pra casa/para casa), (/já/bom/então/
         agora) (me vou/ vou-me/vou-me embora/vou embora/já vou/vou indo/vou andando/vou nessa/
         vou sair/vou-me andando/vou dormir/vou-me deitar/vou me deitar/estou indo/tô indo/
         tou a ir/estou saindo/ tô saindo/estou de saída/tô de saída/fui/partiu casa/partiu cama/
         me despeço/despeço-me/ me retiro/te deixo/deixo-te/deixo você/vazei/desligo/vou desligar/
         vou desligando/to indo embora/fico por aqui/paro por aqui/encerro por aqui) (/já/agora/
         então/por hoje/embora/ nessa/por aqui), (/já/eu já/eu/infelizmente) (não tenho mais/
         não tenho/já não tenho/ estou sem/tô sem/fiquei sem/acabou o meu/acabou meu/acabou-se o/
         acabou o/tou sem) tempo (/hoje/agora/para mais/pra mais), meu tempo (acabou/esgotou),
        o (meu/) tempo (acabou/esgotou), (continuamos/continuaremos/continuemos/continuar/
         falamos/falaremos/conversamos/retomamos/retomaremos/seguimos/a gente continua/
         a gente se fala/a gente conversa/a gente retoma/a gente segue/fica/fica o resto/deixamos/
         deixamos o resto/deixa o resto/deixa/deixar/vamos deixar) (/isso/isto/a conversa/
         o resto) (para depois/pra depois/depois/mais tarde/mais logo/logo mais/em breve), (volto/
         voltarei/ regresso/volto a falar/eu volto) (/aqui) (amanhã/outro dia/depois/mais tarde/
         em breve/ noutro dia/outra hora/logo),
        (já está/está/tá/já tá) (/ficando/a ficar/muito/bem) tarde (/já/demais),
        (já é/é) (/muito/bem) tarde, (está na/tá na/é/já é/chegou a/já está na/já tá na) (/
         minha) (hora/altura) (de ir/de eu ir/de ir embora/de dormir/de ir dormir/de encerrar/
         de parar/de terminar/de acabar/de me despedir/de desligar/de sair/de fechar), já (disse/
         falei/tenho) tudo (/o que) (/queria/precisava/preciso/tinha para dizer/tinha pra dizer),
        tenho (tudo o que/o que) (preciso/precisava/queria),
        já (consegui/peguei) o que (queria/precisava), (por/) hoje não (dá mais/posso mais/
         consigo ficar mais/quero falar mais/quero conversar mais),
        nada mais (por hoje/hoje/para hoje/pra hoje), não (tenho/há/tem) mais nada (/a dizer/
         para dizer/pra dizer/a falar) (por hoje/hoje), (bora/vamos) (embora/dormir/pra casa),
        vou-me lá, vou lá, vou ficando por aqui, (acho que/por mim) (podemos/já podemos/
         a gente pode) (/já) (encerrar/terminar/parar/acabar/ fechar/finalizar)",
    ),
    (
        BYE,
        "(/uma) boa (semana/continuação), (uma/tenha uma/tem uma/tenham uma) boa noite,
        boa noite (para ti/pra você/para você/e até amanhã/e obrigado/e obrigada/até amanhã/
         e bons sonhos), (tchau/tchauzinho/xau/chau/adeus/adeusinho/tchau tchau/xauzinho/adeusito/
         flw/ falou/falou valeu/valeu falou/té/inté/fui) (/até/então/e até), até (/à/a/ao/
         já à) (logo/ já/mais/amanhã/breve/próxima/uma próxima/outro dia/mais tarde/mais logo/
         mais ver/depois/ lá/então/manhã/próxima vez/próxima semana/próxima sessão/semana que vem/
         outra/outra vez/ outra hora/qualquer dia/segunda/segunda-feira/terça/quarta/quinta/sexta/
         sexta-feira/ sábado/domingo/noite/para a semana/logo mais/a vista/qualquer hora/à vista/
         a gente se ver/jazinho), a gente (se vê/se fala/se encontra/vai se falando) (/amanhã/
        logo/ depois/em breve/por aí/outro dia/mais tarde/na próxima/semana que vem), (vemo-nos/
         falamo-nos/ encontramo-nos/nos vemos/nos falamos/nos encontramos/vêmo-nos/vejo-te/
        te vejo/ vejo você) (/amanhã/logo/depois/em breve/por aí/outro dia/mais tarde/na próxima/
         para a semana/ semana que vem), (tem/tenha/te desejo/desejo-te/desejo/tenha lá) (/um/
         uma) (/bom/boa/ ótimo/ótima/lindo/excelente) (dia/noite/tarde/fim de semana/semana), (um/
         ) (bom fim de semana/bom final de semana/bom descanso/resto de bom dia/bom resto de dia),
        (um/) (abraço/abração/beijo/beijinho/beijinhos/beijos/bjs/bjo/abraços/beijão), (se cuida/
         cuida-te/cuide-se/te cuida/fica bem/fique bem/fica com deus/fique com deus/vai com deus/
         durma bem/dorme bem/passa bem/passe bem/passar bem), até (à/a) (próxima/vista)",
    ),
    (
        SOFT,
        "(/muito) boa noite, (era/foi/acho que era/acho que foi/acho que é/bom é/pronto é/então é/
         então era/e é) isso (/aí/mesmo/tudo), já (falamos/conversamos/falámos/conversámos/ falei/
         disse) (/muito/bastante/demais/o suficiente/o bastante/tudo), (é/era/foi/isso é/ isto é/
         acho que é/creio que é/penso que é/acho que era/acho que foi/então é/pronto é/por mim é/
         eu acho que é) (só/tudo/só isso/só isto/isso tudo/suficiente/o suficiente), só isso,
        só isto, é só, (chega/já chega/basta/já basta/já deu/acho que chega/acho que já chega/
         acho que já deu/suficiente/já é suficiente/é suficiente/já está/já tá bom/já está bom/
         acabou/acabei/terminei/já acabei/já terminei/pronto acabei/acabou-se/já disse tudo/
         já falei tudo/disse tudo/estou satisfeito/estou satisfeita/tô satisfeito/tô satisfeita/
         já deu o que tinha que dar/já chega assim/acho que terminei/acho que acabei/
         acho que terminamos/fim/concluído/terminado/terminamos/acabámos), (não tenho/não há/
         não tem/já não tenho/nem tenho) mais nada (/a dizer/para dizer/pra dizer/a acrescentar/
         para acrescentar/a falar/para falar/pra falar/para contar/pra contar/que dizer),
        mais nada, nada mais (/a dizer/a acrescentar/a declarar/para dizer/pra dizer)",
    ),
    (
        FILLER,
        "não dá mais, (estou/tô/fiquei/tou/ando/não tenho/não tenho mais/já não tenho/não há) (/
         muito/sem/muito sem) tempo para, então é, o trem chegou, meu ônibus chegou, (estou/tô/
         tou/ando/fiquei) (/um pouco/muito/já/bem/meio/bastante/um bocado/tão/mesmo/
         super) (cansado/cansada/exausto/exausta/com sono/cansadinho/cansadinha/sem energia)",
    ),
    (
        EITHER,
        "segue, siga, seguimos, pode (seguir/continuar), podes (seguir/continuar), valeu,
        ta joia obrigado",
    ),
    (
        THANKS,
        "(/muito/muitíssimo/ok/) (obrigado/obrigada/obrigadão/obrigadinho/obrigadinha/brigado/
         brigada/brigadão/obg/obgd/valeu/agradecido/agradecida/grato/grata/vlw/gratidão) (/mesmo/
         por tudo/por hoje/pela ajuda/pela sua ajuda/pela tua ajuda/por me ouvir/por me escutar/
         por ouvir/pela conversa/pela sessão/pela atenção/pelo tempo/pelo seu tempo/
         pelo teu tempo/pelo apoio/pela escuta/por isso/por isto/de coração/de verdade/pelo papo/
         a você/a ti/a si/pelas dicas/pelos conselhos/por me ajudar/por ajudar/pela paciência/
         por me ouvires/por me ajudares/pela força/pela companhia), mil obrigados, (eu/
         ) (te agradeço/ agradeço/agradeço-te/agradeço imenso/agradeço muito/agradeço a ajuda/
         agradeço pela ajuda/agradeço por tudo), (/isso/isto/hoje/a conversa/a sessão/você) (/já/
         me/já me) (ajudou/ajudou-me/ajudaste/ajudaste-me/fez bem/fez-me bem/fez muito bem/
         fez-me muito bem/foi útil/foi muito útil/foi bom/foi muito bom/foi ótimo/foi ótima/
         foi boa/foi muito boa/foi legal/foi bem legal/foi de grande ajuda/valeu a pena/
         foi produtivo/clareou as ideias) (/muito/bastante/imenso/demais), (foi bom/foi muito bom/
         foi ótimo/fez-me bem/me fez bem) (conversar/falar/desabafar) (/contigo/com você), (estou/
         tô/sinto-me/me sinto/já me sinto/já estou) (/bem/muito/já) (melhor/mais leve/mais calmo/
         mais calma/mais tranquilo/mais tranquila/aliviado/aliviada), foi um prazer, um prazer,
        (adorei/gostei) (/muito) (/da conversa/de conversar/da sessão/de falar contigo/a conversa/
         a sessão/do papo/de conversar com você/de falar com você),
        (boa/bela/ótima) (conversa/sessão)",
    ),
    (
        HEDGE,
        "talvez, talvez sim, talvez não, quem sabe, porventura, se calhar, pode ser que sim,
        pode ser que não, (eu/) não sei (/não/bem/ainda/dizer/o que dizer/ao certo/mesmo/se quero/
         o que quero), sei lá, sei não, (eu/) não tenho (/a) (certeza/ideia/a certeza),
        não (estou/tô) (certo/certa/seguro/segura), não faço (ideia/a mínima ideia), sim e não,
        nim, depende, tanto faz, tanto me faz, é-me indiferente,
        (você/tu/o senhor) (decide/decides/quem sabe/que sabe/é que sabe/é que sabes),
        você que sabe, tu é que sabes, como assim, o que, o quê, quê, hein, hã, mais ou menos,
        (o que/que) (você/tu/) (acha/achas), será, vamos ver, veremos, logo se vê,
        (deixa/deixe) eu (pensar/ver), deixa-me (pensar/ver), é difícil dizer, difícil dizer,
        duvido, estou em dúvida, tô em dúvida, não entendi, não percebi, desculpe não entendi,
        por acaso",
    ),
    (
        BUT,
        "(claro/é claro/lógico) que (estou/sou/tenho/fico/sinto/me/ele/ela/eu/já/dói), oi, oie,
        olá, alô, bom dia, boa tarde, como vai, como vai você,
        tudo bem (com você/contigo/consigo/por aí), tudo bom, pode ser que,
        (fechar/terminar/acabar/encerrar/concluir/parar) (um/com um),
        (vou/quero/preciso) (ir/sair) com, mas, porém, contudo, no entanto, todavia, só que,
        embora eu, exceto, a não ser, apesar de",
    ),
    (
        FILLER,
        "não tenho (/mais) tempo (para/pra) (nada/mim/mais nada/ninguém), é, éé, hã, hum, ham,
        humm, ehm, aah, ai, ui, olha, olhe, olha só, veja, veja bem, então, pois, pronto, prontos,
        bom, bem, tipo, tipo assim, sabe, sabes, né, não é, certo, tá, opa, ei, epa, eita, nossa,
        puxa, poxa, cara, mano, amigo, amiga, querido, querida, pá, gente, ora, aliás, enfim,
        assim, daí, aí, logo, na verdade, na real, de verdade, verdade, realmente, sinceramente,
        honestamente, francamente, digamos, quer dizer, ou seja, por favor, se faz favor,
        por gentileza, e, que, para mim, pra mim, para ti, contigo, com você, comigo, eu, tu,
        você, vocês, nós, a gente, nos, isso, isto, tudo, tudo isso, muito, mesmo, só, apenas,
        um pouco, um pouquinho, um bocado, um bocadinho, um tempo, um tempinho, mais um pouco,
        ainda, já, mais, bem rápido, rápido, rapidinho, rapidamente, depressa, logo,
        (eu/) (acho/creio/penso/suponho/imagino/diria) (/que), (me parece/parece-me) (/que),
        na minha opinião, por mim, para já, pra já, de uma vez, se (possível/for possível/puder/
         puderes/der/não se importa/não te importas/não se importar/ não te importares/
         não for incômodo/não for incómodo/você não se importar/estiver bem para você/quiser/
         quiseres/você puder/tudo bem/você concordar/concordares), desculpa, desculpe, perdão,
        lamento, sinto muito, infelizmente, finalmente, por fim,
        para (terminar/finalizar/encerrar/concluir), pra (terminar/finalizar/encerrar),
        antes de (ir/sair/terminar/encerrar), primeiro, juntos, de novo, novamente, agora, hoje,
        (já é/é/está/tá/já está/já tá/está ficando/tá ficando) (/muito/bem) tarde, ficou tarde,
        se fez tarde, fez-se tarde, tarde, entendo, entendi, compreendo, percebo, percebi, até,
        demais, por mim, da minha parte, rapaz, moça, moço, sim, ok, tão, uns minutos,
        alguns minutos, minutos, de você, depois, estou aqui, coach querida, beleza, tenho, é que",
    ),
    (
        REASON,
        "porque, por que eu, pois (tenho/preciso/estou/o/a/meu/minha), já que, é que, uma vez que,
        visto que, dado que, que já, senão, por causa",
    ),
    (
        REPORT,
        "disse o, disse a, disse ao, disse à, eu disse, digo aos, tudo o que eu queria,
        o que eu queria, escrevi, pensei, preocupado, preocupada, nervoso, nervosa, sozinho,
        sozinha, zangado, zangada, chateado, chateada, culpado, culpada, esse ciclo,
        (encerrar/terminar/acabar/fechar/concluir) (esse/este/essa/esta/aquele/aquela),
        fui (ao/à/para/pra/no/na/com/eu/a/muito),
        (/tenho que/tenho de/preciso/preciso de/vou/devo) desligar (o/os/meu/minha), (/vamos/
         quero/queria/preciso) falar (de/do/da/dos/com o/com a/com meu/com minha/sobre o/sobre a/
         sobre meu/sobre minha), (sair/ir/acordar/dormir) (/mais) cedo, no trabalho, em casa,
        preciso de ajuda, faz sentido, (isso/isto) é tudo (o que/que/aquilo que),
        hoje chega (minha/meu/o/a/os/as), é tudo (culpa/o que), ir (para/a/pra),
        quero (resolver/mudar/entender/saber/ajuda/aprender/ser/ter/fazer),
        (estou/tô/fiquei/tou/ando) sem tempo (para/pra/de), pode (parecer/acontecer/haver),
        (não sei/não consigo/é difícil) (dizer/parar/terminar/encerrar), tentei,
        (fazer/escrever/entregar/preparar) um resumo (para/do/da/de/sobre),
        um resumo (do/da/para a/sobre) (projeto/livro/aula/faculdade/trabalho), mais cedo, é meu,
        é minha, não é o mesmo, (/quero/preciso/preciso de/tenho que/tenho de/vou/devo/
         queria) (ir embora/ir-me embora/desligar/me despedir/despedir-me/sair agora) (de/da/do/
         deste/desta/desse/dessa/dos/das), (estou/tô/fiquei) sem tempo (para/pra/de),
        (estou/tô) de saída (de/da/do/deste/desta), (/não) (pode/podes/poderia/você pode/podia/
         consegue) (me/te/lhe/explicar/ajudar/ajudar-me/dizer-me/explicar-me/dizer/repetir/dar/
         falar mais sobre/contar), vou (tentar/pensar/fazer isso/experimentar/ver/falar/pedir),
        mudar, isso que, aconteceu, o que aconteceu, é o que, é que (o/a/ele/ela/eu),
        (tenho/com) medo, triste, ansioso, ansiosa, sinto falta, problema, péssimo, horrível,
        tudo o que ele, sim porque, claro porque, não sei se,
        (vamos/ir) (à/ao/às/aos/para a/no/na/num/numa/com),
        (ir/vou) (para casa/pra casa) (da/do/de/dos), se devo, devo ou não,
        (não tenho/não tenho mais/já não tenho/sem/não há) tempo (para/pra/de/com), disse,
        disse que, diz, diz que, dizia, dizem, dizer que, digo, falou, falava, falaram, contou,
        quando, sempre, cada, todo dia, todo o dia, todos os, todas as, toda vez, toda noite,
        toda hora, às vezes, muitas vezes, de vez em quando, perguntou, pergunta se, pergunta,
        gritou, grita, respondeu, responde, mandou, manda eu, pediu, ele, ela, eles, elas, dele,
        dela, nele, como, (parar/deixar/paro/acabar/terminar) (de/com), (terminar/acabar/
         encerrar/fechar/concluir/finalizar) (o/a/os/as/este/esse/o meu/a minha/meu/minha/uma/no/
         na), (paramos/parei/parou) de, sair (de/desta/dessa/deste/desse/da/do),
        por que (eu/ele/ela/sempre), ontem, anteontem, era, eram, estava, estavam, foi, foram,
        fui embora, pensei, pensa, acha que, acham, achou, se eu, se ele, se ela, se meu,
        se minha, tinha, havia, costumo, costumava, nunca, passado, passada, deveria, quer que,
        querem, ouvi, escreveu, mandei, consigo parar, o que significa, imagina, sonhei, à espera,
        difícil, entre nós, o dia todo, o dia inteiro, no fim do dia, há anos, faz anos, será que",
    ),
    (
        DESPAIR,
        "acabar com (tudo/a minha vida/minha vida/a vida/isso tudo/isto tudo/a dor/o sofrimento/
         esta dor/essa dor), acabo com (tudo/a minha vida/minha vida),
        terminar com (tudo/a minha vida/minha vida/a vida),
        pôr fim (a tudo/à vida/à minha vida/a minha vida/na minha vida/em tudo),
        por um fim (em tudo/nisso tudo/na minha vida/à minha vida),
        dar fim (a tudo/em tudo/à minha vida/na minha vida),
        tirar a (minha/própria/minha própria) vida, tirar minha vida, me matar, matar-me, mato-me,
        me mato, suicídio, suicidar, suicidar-me, me suicidar, quero morrer, queria morrer,
        queria estar morto, queria estar morta, vontade de (morrer/sumir/desaparecer/viver),
        prefiro morrer, melhor morto, melhor morta, (não/já não/nem) (quero/queria) (/
         mais) (viver/existir/estar aqui/estar vivo/estar viva/ acordar/continuar a viver/
         continuar vivendo/continuar assim/estar cá), não (aguento/suporto) (/mais) (mais/isto/
         isso/nada/a vida/viver/esta vida/essa vida), (já/) não aguento,
        não dá mais para (viver/aguentar), não dá mais pra (viver/aguentar),
        (já/) não (consigo/posso) (/mais) (continuar/viver/aguentar) (/mais/assim),
        não posso mais, já não posso mais, não consigo mais,
        quero (sumir/desaparecer/deixar de existir), queria (sumir/desaparecer),
        (farto/farta/cansado/cansada) (de/da) (viver/vida/minha vida/existir/tudo),
        que (tudo/isto/isso) (acabe/acabasse/termine/pare),
        (quero/queria) que (tudo/isso/isto) (acabe/acabasse/termine/pare), me machucar,
        machucar-me, magoar-me a mim, deixar (este mundo/esse mundo/de existir/de viver),
        dizer adeus (a todos/ao mundo/à vida/a tudo), me despedir (de todos/da vida/do mundo),
        despedir-me (de todos/da vida/do mundo), parar de (viver/existir/sofrer/respirar),
        adeus (mundo/mundo cruel/para sempre/a todos/vida), sem razão para viver,
        não vale a pena viver, desisto (da vida/de tudo/de viver),
        desistir (da vida/de tudo/de viver), acabar de vez com tudo",
    ),
];
