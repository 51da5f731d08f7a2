//! French phrases.

use super::*;

pub const PHRASES: &[(Classes, &str)] = &[
    (ABOUT, "m'a dit, ai-je dit, j'ai dit, dit mon, dit ma, dit à, ce qu'il, ce qu'elle, a dit"),
    (
        YES,
        "oui, ouais, ouai, ouaip, ouep, voui, mouais, oui oui, mais oui, ben oui, bah oui, eh oui,
        oui bien sûr, volontiers, très volontiers, avec (plaisir/joie/grand plaisir), bien sûr,
        bien sûr que oui, bien entendu, évidemment, naturellement, certainement, absolument,
        tout à fait, carrément, assurément, sans problème, pas de problème, pas de souci,
        aucun problème, sans souci, pourquoi pas, avec grand plaisir, (ça/cela) (marche/roule/
         me va/me va bien/me convient/me convient bien/me convient parfaitement/me plaît/
         me plairait/me plaît bien/joue/baigne/m'irait/m'irait bien/serait bien/serait super/
         serait parfait/serait génial/serait top/serait chouette/serait utile/serait sympa/
         me semble bien/me semble une bonne idée/me paraît bien/me paraît une bonne idée/
         m'arrange/ me ferait plaisir/me fait plaisir/m'aiderait/peut se faire), ça joue,
        ça va pour moi, ça me va très bien, c'est (bon/bien/parfait/d'accord/ok/super/
         une bonne idée/ une très bonne idée/une excellente idée/bon pour moi/ok pour moi/
         d'accord pour moi/ça/oui/ entendu/noté/exact/juste/le bon moment/le moment),
        ce serait (bien/super/parfait/génial/ top/chouette/utile/sympa/une bonne idée/
         avec plaisir/gentil/formidable/l'idéal/idéal), (bonne/très bonne/excellente/super) idée,
        entendu, vas-y, allez-y, allons-y, on y va, c'est parti, allez, allez hop, go,
        faisons (ça/cela/comme ça), on (fait/peut faire) (ça/comme ça/cela),
        fais (ça/comme ça/donc/le), faites (ça/donc/le), d'accord, daccord, dac, d'acc,
        ok d'accord, je suis (d'accord/prêt/prête/partant/partante/ pour/ok/tout à fait d'accord/
         bien d'accord), on est (d'accord/prêt), je veux bien, je (pense/crois) (que oui/bien),
        je pense que c'est (bon/bien/une bonne idée), j'aimerais (bien/ça/bien ça),
        je (voudrais/veux) (bien/ça), je l'accepte, j'accepte, ça (m'intéresse/me tente),
        j'en serais (ravi/ravie), je serais (ravi/ravie), soit, à toi de jouer, si tu veux,
        si vous voulez, comme tu veux, comme vous voulez, pour moi c'est (bon/ok/oui),
        moi ça me va, nickel, impec, impeccable, banco, je n'ai rien contre, j'ai rien contre,
        yes, ouaip d'accord, oui je veux, tu peux, vous pouvez, on peut, il est temps,
        c'est le moment, que oui, je le veux bien, affirmatif, marché conclu, ça m'va,
        (ça/cela) (me va/me convient) (/tout à fait/bien/parfaitement/comme ça),
        je (prends/veux) (bien/) (un/le) résumé,
        (je voudrais/j'aimerais/je veux) (bien/) (un/le) (/petit) (résumé/bilan/récap), (un/le) (/
         petit) (résumé/bilan/récap) (ce serait/serait) (bien/super/parfait/utile/top),
        c'est (mieux/mieux comme ça/une bonne chose/raisonnable/le mieux/préférable/plus sage),
        pourquoi pas oui, je suis (content/contente/satisfait/satisfaite), c'est (exactement/
         justement/tout à fait) (ce qu'il me faut/ce dont j'ai besoin/ce que je veux/ça),
        (pas/aucune) (d'/)objection, pas d'objection, aucune objection, je dirais (oui/que oui),
        (ça/cela) me (semble/paraît) (parfait/bon/bien/très bien/correct/raisonnable/
         une bonne idée/juste/idéal), (ça/cela) (sonne/a l'air) (bien/parfait/super/bon),
        (ça/cela) serait (parfait/bien/génial) merci, très bonne idée,
        bonne façon de (finir/terminer),
        je (ne vois/vois) pas (pourquoi pas/d'objection/d'inconvénient),
        (un/le) (/petit) (résumé/bilan) ne serait pas de refus, ce ne serait pas de refus,
        c'est pas de refus, ça me (semble/paraît) (juste/équitable), mhm, mmhm,
        ce serait (très/vraiment/super/bien) (utile/bien/gentil/sympa/aimable),
        (super/bon/très bon) plan, faisons-le, (je crois/je pense) qu'on (peut/pourrait/devrait),
        je serais (content/contente/heureux/heureuse/ravi/ravie) (de/d') (finir/terminer/arrêter/
         ça) (/ici/là), j'imagine (/que oui), je me sens bien avec ça, c'est l'heure,
        (comme/ce que) tu (veux/penses/préfères), j'aimerais (beaucoup/vraiment/bien) (/ça)",
    ),
    (
        OK,
        "bien, très bien, parfait, super, génial, excellent, top, bon, entendu, s'il te plaît,
        s'il vous plaît, stp, svp, merci bien volontiers, exact, exactement, cool, chouette,
        formidable, c'est ça, voilà, résumé,
        (un/le/mon/ton/ce/avec un/pour un/petit/un petit/un bref/un dernier) résumé, (fais/
         fais-moi/faites/faites-moi/donne/donne-moi/donnez/donnez-moi/faisons/on fait/fais nous/
         fais moi/donne moi) (un/le/ce/mon/un petit) (résumé/récap/récapitulatif/bilan/point),
        (résume/résumez/résumons/récapitule/récapitulons) (/tout/ça/tout ça/moi tout ça/la séance/
         notre conversation/l'essentiel), on (résume/récapitule),
        (résumer/récapituler) (/tout/ça/tout ça), un récap, un petit récap, récap, un bilan,
        faire (le point/un résumé/un bilan/le bilan/un petit résumé), le bilan, (allons-y/vas-y/
         d'accord/ok/on y va/partons/va) pour (le/un/ce) (/petit) (résumé/bilan/récap),
        ok pour (moi/ça/nous), d'accord pour (moi/ça), tu peux (/me) (faire/résumer/
         récapituler) (/le/un/tout) (/petit) (/résumé/bilan/récap), (peux-tu/tu peux/pourrais-tu/
         tu pourrais) (/me) (faire/donner) (un/le) (/petit) (résumé/bilan/récap),
        vous pouvez (faire/donner) (un/le) (résumé/bilan/récap), mh, mhm, mm, mmh",
    ),
    (
        NO,
        "non, nan, nân, nope, non non, ben non, bah non, mais non, non merci, merci non, no,
        pas vraiment, pas du tout, surtout pas, certainement pas, absolument pas, pas maintenant,
        pas tout de suite, pas aujourd'hui, pas pour l'instant, pas pour le moment, pas forcément,
        pas nécessairement, plutôt non, plutôt pas,
        je (préfère/préférerais) (pas/ne pas/que non/éviter), j'aimerais mieux pas,
        je ne (pense/crois) pas, je (pense/crois) (pas/que non),
        je (n'en/ne le/ne) (veux/souhaite) pas, (je/j'en) veux pas, j'ai pas envie,
        je n'ai pas envie, je n'en ai pas envie, j'en ai pas besoin, je n'en ai pas besoin,
        pas besoin, inutile, c'est inutile, pas la peine, ce n'est pas la peine,
        c'est pas la peine, ce n'est pas nécessaire, c'est pas nécessaire, pas nécessaire, ça ira,
        ça va aller, hors de question, jamais, jamais de la vie, pas question, pas d'accord,
        je ne suis pas d'accord, je suis pas d'accord, je refuse, en aucun cas, sûrement pas,
        bien sûr que non, je dirais non, je ne suis pas (prêt/prête), je suis pas (prêt/prête),
        pas de résumé, je passe, sans façon, oh non, que non, négatif, il vaut mieux pas,
        mieux vaut pas, vaut mieux pas, je ne (pense/crois) pas que (ce soit/c'est) (nécessaire/
         utile/la peine/une bonne idée)",
    ),
    (
        STAY,
        "pas encore, non pas encore, toujours pas, pas si vite, trop tôt,
        (c'est/il est) (encore/un peu/) trop tôt, un peu trop tôt, (encore/juste) (un peu/
         un moment/un instant/une minute/deux minutes/cinq minutes/quelques minutes/dix minutes/
         une question/une chose/un petit peu/un peu de temps/un petit moment),
        un (peu/petit peu) plus (/longtemps), un peu plus de temps, plus longtemps,
        un (moment/instant/petit moment), une (minute/seconde), deux minutes, attends, attendez,
        attends un peu, attends une minute, attends encore, minute, minute papillon, (je n'ai/
         j'ai) pas (fini/terminé/tout dit/encore fini/encore terminé/encore tout dit),
        je ne suis pas encore (prêt/prête), je suis pas encore (prêt/prête),
        on n'a pas (fini/encore fini/terminé), on a pas (fini/encore fini/terminé), j'ai (encore/
         d'autres) (du temps/des choses à dire/quelque chose à dire/une question/des questions/
         plein de choses à dire/des trucs à dire/à dire/choses à dire/beaucoup à dire/
         un truc à dire/une chose à dire/un sujet), (on a/nous avons) encore (le temps/du temps),
        j'ai besoin de (plus de temps/temps/encore un peu de temps),
        il me faut (plus de temps/encore du temps/du temps),
        il (y a encore/reste) (quelque chose/des choses/des choses à dire/du temps),
        y a encore (quelque chose/des choses/des choses à dire), j'ai autre chose à dire,
        restons encore (/un peu), je (veux/voudrais) (rester/en dire plus/encore parler/
         encore discuter/dire encore quelque chose/en parler encore/rester encore un peu),
        plus tard, peut-être plus tard, tout à l'heure, une autre fois, dans un (moment/instant),
        dans cinq minutes, dans deux minutes, plutôt plus tard, on n'arrête pas, on arrête pas,
        ne t'arrête pas, n'arrête pas, ne termine pas, n'arrêtons pas, ne nous arrêtons pas,
        doucement, laisse-moi encore, la suite, davantage, j'ai encore (le temps/un peu de temps/
         du temps/envie de parler/besoin de parler/besoin de temps/pas mal de choses à dire/
         quelques questions), il me reste (/encore) (des choses/quelque chose/une chose/un truc/
         des trucs/une question/des questions/du temps) (/à dire/à ajouter/à aborder/à te dire/
         à raconter/à voir), (j'ai/il y a/y a) (encore/aussi/juste) (autre chose/un point/
         un sujet/ une chose/quelque chose/deux trois choses/plusieurs choses/un truc/
         des choses) (/à (dire/ voir/aborder/ajouter/discuter/raconter/te dire/te raconter)/
         dont je voulais parler/ dont je veux parler), je (veux/voudrais/souhaite) (juste/encore/
         aussi) (ajouter/dire/ parler/discuter/te dire) (/quelque chose/une chose/un truc/un peu),
        laisse-moi (/juste/ encore/finir/terminer/réfléchir/ajouter/dire) (/une chose/un truc/
         un peu/quelque chose/ ma phrase), (donne-moi/donnez-moi) (/encore/juste) (un moment/
         une minute/cinq minutes/ un peu de temps/deux minutes/un instant),
        on vient (juste/à peine) de commencer, on a (le temps/encore le temps),
        (on/nous) (n'a/n'avons/a) pas (encore/tout) (fini/terminé/dit/vu),
        je (ne suis/suis) pas (encore/tout à fait) (prêt/prête/fini), rien ne presse,
        ça presse pas, ça va trop vite, c'est trop (rapide/vite), (non/) j'ai (d'autres/
         encore d'autres/encore des/une autre/encore une/deux) (choses/chose/question/questions/
         sujet/sujets/point/points) (/à te dire/à dire/à aborder/à te raconter/à voir/à ajouter/
         à te demander), (je peux/puis-je/est-ce que je peux/je pourrais) (/encore/juste) (dire/
         ajouter/te dire/poser/demander) (/encore) (une chose/quelque chose/un truc/une question/
         une autre chose), laisse-moi (finir/terminer/parler), (donne-moi/donnez-moi/laisse-moi/
         accorde-moi) encore (cinq/dix/deux/quelques/un/une) (minutes/minute/instants/
         peu de temps/ moment), encore (dix/cinq/quinze/deux) minutes, encore, autre chose,
        d'autres, une autre, ça me plaît, j'aime (bien/ça/bien ça), j'ai (le/du/tout mon) temps,
        plus loin, pas tout (dit/raconté), je ne t'ai pas tout (dit/raconté), davantage,
        (creuser/approfondir) (un peu/encore) (/plus), je n'ai (pas fini/toujours pas fini/
         pas encore fini/pas terminé/toujours pas terminé/encore pas fini) (/avec ce sujet/
         avec ça/ de parler), j'ai une (dernière/autre/petite) (question/chose) (/à dire),
        on ne (peut/pourrait) pas (continuer/rester/parler encore/poursuivre),
        on peut pas (continuer/rester/parler encore), (je veux/je voudrais/j'aimerais) rester (/
         encore) (sur ce sujet/sur ça/là-dessus/un peu),
        il y a (encore/aussi) (plein/beaucoup/tant/pas mal) de choses (/à dire/à voir),
        il me faut encore (un peu de temps/du temps/un moment/un peu),
        il (me/) reste (/encore) (une chose/quelque chose/des choses/un sujet/un point),
        on n'y est pas (/encore), (on peut avoir/on a/j'aimerais/je voudrais/donne-moi/
         juste) (cinq/dix/quelques/deux) minutes (de plus/encore/en plus),
        (cinq/dix/quelques/deux) minutes de plus,
        (peut-être/plutôt) dans (quelques/cinq/dix/deux) (minutes/instants),
        dans (quelques/dix) minutes",
    ),
    (
        NOT,
        "ne, n', pas, pas encore, plus,
        je ne (veux/souhaite/voudrais/désire) pas (encore/tout de suite/vraiment/),
        je (veux/voudrais) pas (encore/tout de suite/vraiment/),
        je n'ai pas (envie/besoin) (de/d'), j'ai pas (envie/besoin) (de/d'),
        je (n'aimerais/ne voudrais) pas, je préfère ne pas, je préférerais ne pas,
        (on/nous) ne (doit/devrait/va/devons/devrions) pas, on va pas, on ne va pas,
        il ne faut pas, faut pas, il est trop tôt pour, c'est trop tôt pour, trop tôt pour,
        je ne suis pas (prêt/prête) à, je suis pas (prêt/prête) à, inutile de, on n', ne pas,
        ce n'est pas le moment (de/d'), je n'ai pas (envie/besoin) (de/d'/qu'on),
        j'ai pas (envie/besoin) qu'on",
    ),
    (
        WANT,
        "(je/on/nous/tu/vous) (veux/voudrais/peux/dois/pourrais/devrais/vais/souhaite/
         souhaiterais/préfère/préférerais/préfèrerais/désire/peut/pourrait/devrait/va/doit/
         pouvons/ pourrions/devons/devrions/allons/voulons/pouvez/pourriez/pourras/veut/aimerait/
         aimerais), j'aimerais (bien/), j'ai (envie/besoin) (de/d'), j'ai envie (qu'on/que nous),
        (peut/pourrait/va/doit/devrait)-on, (pouvons/pourrions/devons)-nous,
        (peux/pourrais/veux)-tu, (pouvez/pourriez)-vous, est-ce qu'on (peut/pourrait),
        est-ce que (je peux/tu peux/nous pouvons/vous pouvez/tu pourrais/je pourrais),
        il (faut/faudrait) (que je/qu'on/), faut (que je/qu'on/),
        il est (temps/l'heure) (de/d'/qu'on/que je/), c'est le moment (de/d'),
        je suis (prêt/prête) à, on est (prêt/prêts) à, je propose (de/d'/qu'on/que nous), si on,
        et si on, je crois (qu'on peut/qu'on va/que je vais/que je dois),
        je pense (qu'on peut/qu'on va/que je vais/que je dois/qu'il faut), allons, merci de,
        ça te dérange si on, ça te va si on, ça te dit (de/d'/qu'on), autant, mieux vaut,
        j'espère, je préfère qu'on, je vais (devoir/y/), il vaut mieux, c'est bon on peut,
        ce serait bien (de/d'), ça serait bien (de/d'), ok pour, d'accord pour,
        je suis d'accord pour, s'il te plaît, s'il vous plaît, je voudrais qu'on,
        j'aimerais qu'on, dis",
    ),
    (
        VERB,
        "arrêter, s'arrêter, m'arrêter, nous arrêter, t'arrêter, arrête, arrêtons, arrête-toi,
        terminer, termine, terminons, terminez, finir, finit, finis, finissons, finisse, termines,
        conclure, conclut, conclus, concluons, clore, clôturer, clôture, clôturons, cesser,
        en finir, en rester là, en terminer, stopper, stop, stoppe, couper, fermer, partir,
        mettre (fin/un terme), mets fin, mettons fin, faire une pause, faire une petite pause,
        une pause, pause, se quitter, nous quitter, se dire au revoir, dire au revoir, y aller,
        raccrocher, m'en aller, aller (dormir/me coucher/au lit/travailler), me coucher, dormir,
        rentrer, rentrer chez moi, me déconnecter, se déconnecter, filer, te laisser,
        vous laisser, te quitter, vous quitter, me reposer, s'en aller, boucler, achever,
        prendre congé, s'arrête, on s'arrête, s'en tenir là, tout arrêter pour aujourd'hui,
        arrêter la, en rester là, dire au revoir, nous dire au revoir, te dire au revoir,
        vous dire au revoir",
    ),
    (
        OBJECT,
        "(la/cette/notre/ma/à la/à cette/à notre/de la/avec la) (séance/session/conversation/
         discussion/séance de coaching/consultation), (l'entretien/l'appel/l'échange/cet échange/
         cet entretien/ce coaching/cet appel/le coaching/à l'entretien/à cet échange/
         notre échange/ à l'échange/à notre échange/notre entretien/le chat),
        (la/cette/notre) conversation avec toi, séance, session, conversation",
    ),
    (
        HERE,
        "là, ici, là-dessus, pour (aujourd'hui/le moment/l'instant/cette fois/ce soir/maintenant/
         ce matin/la journée), aujourd'hui, maintenant, à ce stade, à ce point, sur ça,
        là pour aujourd'hui, ce soir, ici pour aujourd'hui, sur cette note, avec ça, ainsi",
    ),
    (
        GO_ON,
        "continuer, continue, continuons, continuez, à continuer, poursuivre, poursuit,
        poursuivons, poursuis, parler, parle, discuter, discute, discutons, parlons, échanger,
        parler (encore/davantage/plus/de ça/de plus de choses/un peu/avec toi), en parler,
        en discuter, reparler, reparle, on s'en reparle, aller plus loin, approfondir, creuser,
        rester, reprendre, reprend, reprends, reprenons, revenir, reviens, reviendrai, avancer,
        prolonger, bavarder, continuer (à parler/à discuter/cette conversation/la conversation/
         la discussion/la séance/notre conversation/à échanger/de parler), continuons à parler,
        on continue à parler, en parle, s'en parle, se reparle",
    ),
    (
        LATER,
        "demain, la prochaine fois, une prochaine fois, une autre fois, la semaine prochaine,
        un autre jour, bientôt, lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche,
        à la prochaine séance, demain matin, demain soir, plus tard dans la journée, ce week-end",
    ),
    (
        FINISH,
        "(fais/faites/fais moi/faites moi/donne moi/donnez moi/je veux/je voudrais) (le/un/
        mon) résumé (/s'il te plaît/s'il vous plaît/maintenant), (résume/résumez/tu peux résumer/
        peux-tu résumer/pouvez-vous résumer/pourrais-tu résumer) (/la séance/notre séance/
        notre conversation/la conversation/notre échange/tout) (/s'il te plaît/s'il vous plaît),
        (on/nous) (arrête/termine/finit/conclut/clôture),
        (arrêtons/terminons/finissons/concluons), (termine/terminez/arrête/arrêtez/finis/finissez/
         clos/clôture/conclus/ferme) (la/cette/notre) (séance/session/conversation/discussion),
        (fin/arrêt) de (la/) (séance/session/conversation),
        je (n'ai/ne veux) plus (envie de parler/rien à dire/parler), je veux plus parler,
        (résume/résumer) et (terminer/termine/finir/arrêter/conclure),
        on a (fait le tour/fini/terminé/tout dit),
        nous avons (fait le tour/fini/terminé/tout dit), on en (a fini/reste là/finit),
        arrêtons-nous, arrêtons nous, on se (quitte/laisse), j'arrête, j'arrête là, je termine,
        je finis, j'aimerais qu'on (arrête/s'arrête/termine/finisse), (il faut/faut/faudrait/
         je voudrais/je veux) qu'on (arrête/s'arrête/termine/finisse), disons-nous au revoir,
        (terminons/finissons/arrêtons/concluons/on termine/on finit) (/doucement/tranquillement/
         gentiment) (la/cette/notre) (séance/session/conversation/discussion),
        (terminons/finissons/concluons) (avec/par/sur) (un/le/ça/ce) (/résumé/bilan), (conclus/
         termine/finis/arrête/clos) et (fais-moi/fais/donne-moi/donne) (le/un) (résumé/récap),
        quitter (la/cette) (séance/session/conversation), arrêtons de parler",
    ),
    (
        CLOSED,
        "(on/nous) (s'arrête/s'arrêter/arrête/termine/finit/en reste/nous arrêtons) (là/ici/
         là pour aujourd'hui/pour aujourd'hui/maintenant/là dessus/ici pour aujourd'hui/
         là pour ce soir/là alors), (arrêtons/terminons/finissons/concluons) (-nous/) (là/ici/
         pour aujourd'hui/là pour aujourd'hui/maintenant/ici pour aujourd'hui), restons-en là,
        restons en là (/pour aujourd'hui), on (va/peut/pourrait/devrait) (s'arrêter/arrêter/
         en rester/terminer/finir/se quitter) (là/ici/là pour aujourd'hui/pour aujourd'hui/
         maintenant/ici pour aujourd'hui/là dessus),
        on peut (s'arrêter/arrêter/en rester là/terminer/finir/conclure), (c'est/ce sera/c'était/
         ça sera/voilà c'est/ça fera/voilà) (tout/bon/fini/terminé/assez/suffisant/déjà bien/
         déjà beaucoup/bien assez/l'essentiel) (pour aujourd'hui/pour moi aujourd'hui/
         pour l'instant/pour le moment/pour cette fois/pour ce soir/pour moi), (ça/cela) (suffit/
         me suffit/suffira/ira/va aller) (/comme ça/largement) (pour aujourd'hui/pour le moment/
         pour moi aujourd'hui/pour cette fois/pour ce soir/aujourd'hui), (assez/stop/fini/terminé/
         suffisamment parlé/assez parlé/assez discuté) (pour aujourd'hui/pour cette fois/
         pour ce soir/pour l'instant/aujourd'hui), (j'ai/on a/nous avons) (fini/terminé/
         assez parlé/assez discuté/assez dit/bien parlé/bien travaillé/fait le tour/eu ma dose/
         dit tout ce que je voulais/ce qu'il me faut/ce dont j'avais besoin/
         tout ce qu'il me faut) (/pour aujourd'hui/pour moi/maintenant), j'ai (tout dit/
         ce qu'il me faut/ce dont j'avais besoin/tout ce qu'il me faut/dit ce que je voulais),
        aujourd'hui (ça suffit/c'est bon), (je/on) (dois/doit/vais/va/vais devoir/devrais) (/
         malheureusement/maintenant/vraiment/bientôt/hélas/vous/te/bien/donc/déjà) (y aller/
         partir/ filer/m'en aller/te laisser/vous laisser/laisser/raccrocher/te quitter/
         vous quitter/ rentrer/m'arrêter/m'arrêter là/m'arrêter ici/me sauver/me coucher/
         aller me coucher/ aller dormir/couper/aller travailler/retourner travailler/
         aller chercher mes enfants/ m'absenter/me déconnecter/prendre congé/s'arrêter) (/
         maintenant/là/bientôt/tout de suite/ dans une minute), (il faut/faut/il faut vraiment/
         va falloir/il va falloir/ faudrait) que (j'y aille/je parte/je file/je m'en aille/
         je te laisse/je vous laisse/ je raccroche/je rentre/j'aille dormir/j'aille me coucher/
         je me sauve/j'arrête/je m'arrête/ je m'arrête là/j'aille travailler/je vous quitte/
         je te quitte) (/maintenant/là), (j'y vais/je m'en vais/je file/je me sauve/je pars/
         je te laisse/je vous laisse/ je raccroche/je vous quitte/je te quitte/je m'arrête/
         je m'arrête là/je vais y aller/ je vais me coucher/je vais dormir/je me tire/je décolle/
         je me déconnecte/je coupe/ je m'arrête ici) (/maintenant/là/du coup/alors/
         pour aujourd'hui), je n'ai plus (le temps/de temps), j'ai plus (le temps/de temps), (on/
         nous) (continue/ reprend/en reparle/se reparle/poursuit/continuera/reprendra/reprendrons/
         en reparlera/ se retrouve/continuerons) (demain/plus tard/la prochaine fois/
         une autre fois/ la semaine prochaine/un autre jour/bientôt), je (reviendrai/reviens/
         repasserai) (/demain/ plus tard/une autre fois/bientôt/la prochaine fois),
        la suite (demain/au prochain épisode/la prochaine fois), il se fait tard,
        c'est l'heure (de partir/d'y aller/de se quitter/de s'arrêter/de dormir), il est (temps/
         l'heure) (de partir/d'y aller/que j'y aille/de se quitter/de s'arrêter/d'arrêter/
         que je parte), je n'ai plus le temps (de parler/de continuer/de discuter),
        j'ai plus le temps (de parler/de continuer/de discuter), (je/j') (dois/vais/
         devais) (partir/y aller/filer/raccrocher) (de toute façon/bientôt),
        (c'est bon/ça va/ce sera tout) pour (aujourd'hui/ce soir/moi), je (préfère/voudrais/veux/
         souhaite) (m'arrêter/arrêter/en rester/terminer/finir) (là/ici/maintenant/
         pour aujourd'hui), (voilà/fini/terminé) pour (aujourd'hui/ce soir/moi/cette fois),
        (je vais/je file/je pars) (au lit/dormir/me coucher/travailler/manger), (je dois/
         il faut que j'aille/je vais devoir) (aller/) (au lit/travailler/manger/me coucher),
        c'est l'heure (pour moi/d'y aller/pour moi d'y aller/de partir/de dormir/
         pour moi de partir),
        il est (temps/l'heure) (pour moi) (d'y aller/de partir/d'arrêter/de dormir), merci ça ira,
        (il faut que je/je dois) (retourne/retourner) (travailler/au travail/bosser), c'est (/
         un) (bon/le bon) (moment/endroit) pour (s'arrêter/arrêter/terminer/finir/conclure),
        (on fait/on fera/on verra/faisons) le reste (demain/plus tard/la prochaine fois/
         une autre fois), je (ne peux pas/peux pas/ne peux plus) (rester/parler) (/plus longtemps/
         davantage), je ferais (mieux/bien) (d'y aller/de partir/de dormir/d'aller dormir/
         d'aller me coucher), allez au lit, au lit, c'est assez (pour moi/pour) (/aujourd'hui),
        on a (fini/terminé) (pour aujourd'hui/là),
        (arrêtons/on arrête) de parler (/maintenant/pour aujourd'hui)",
    ),
    (
        BYE,
        "au revoir, aurevoir, à (bientôt/demain/plus/plus tard/la prochaine/tout à l'heure/
         la semaine prochaine/une prochaine fois/très bientôt/ce soir/lundi/mardi/vendredi/jeudi/
         mercredi/plus dans le bus), à plus, a plus, adieu, bonne (soirée/journée/nuit/
         fin de journée/soirée à toi/journée à toi/continuation/après-midi), (passe/
         je te souhaite/ passez/je vous souhaite/bonne soirée et/passe une) (une bonne/une/bonne/
         bonne une) (soirée/journée/nuit), bon (week-end/weekend/après-midi), on se (voit/parle/
         revoit/retrouve/dit) (demain/plus tard/bientôt/la prochaine fois/à bientôt/à demain/
         à la prochaine/la semaine prochaine), porte-toi bien, prends soin de toi, salut kuku,
        allez salut, bon salut, tchao, tchuss, à la revoyure, bisous, fais de beaux rêves,
        je te dis au revoir, je vous dis au revoir, je te dis à (demain/bientôt/la prochaine),
        je vous dis à (demain/bientôt)",
    ),
    (
        SOFT,
        "(c'est/ce sera/c'était/voilà c'est/ça sera) (tout/fini/terminé/suffisant/assez),
        (ça/cela) (suffit/me suffit/suffira), j'ai (fini/terminé/tout), on a fini, assez, fini,
        terminé, rien (d'autre/de plus/d'autre à dire/à ajouter/de plus à dire),
        plus rien (/à dire/à ajouter), je n'ai (rien d'autre/plus rien/rien de plus/
         rien d'autre à dire/rien à ajouter) (/à dire/à ajouter),
        j'ai (rien d'autre/plus rien) (/à dire/à ajouter),
        je crois (que c'est tout/que j'ai fini/que ça suffit),
        je pense (que c'est tout/que j'ai fini/que ça suffit), je suis (fatigué/fatiguée/épuisé/
         épuisée/crevé/crevée/très fatigué/trop fatigué/un peu fatigué/très fatiguée/
         trop fatiguée), salut, je (pense/crois) (avoir/qu'on a/que j'ai/que nous avons) (/tout/
         assez/bien/suffisamment) (dit/parlé/fait le tour/discuté/fini/terminé),
        (on a/nous avons) (/tout/assez/bien/suffisamment) (dit/parlé/discuté), voilà c'est tout,
        (c'est/c'était/voilà) tout ce (qu'il me fallait/dont j'avais besoin/que je voulais),
        j'ai (/tout) ce (que je voulais/qu'il me fallait/dont j'avais besoin),
        (on a/nous avons) parlé (assez longtemps/longtemps/suffisamment), j'ai sommeil,
        (/merci) ça ira, c'est tout ce que (j'avais/je voulais/j'ai) (/à dire)",
    ),
    (
        THANKS,
        "merci, merci (beaucoup/bien/mille fois/infiniment/à toi/à vous/encore/pour tout/
         pour ton aide/pour votre aide/pour aujourd'hui/pour ton écoute/pour votre écoute/
         pour la séance/pour cette séance/pour l'aide/pour cette conversation/pour l'écoute/
         pour cet échange/pour la conversation/pour ton temps/de m'avoir écouté/
         de m'avoir écoutée/ pour tes conseils), mille mercis, un grand merci, grand merci,
        je te remercie, je vous remercie,
        (ça/cela) m'a (/beaucoup/bien/vraiment/énormément) (aidé/aidée/fait du bien/plu),
        (ça/cela) (fait du bien/a été utile/était utile/m'aide/m'aide beaucoup/a aidé), (c'était/
         c'était très/ça a été) (utile/très utile/bien/super/intéressant/agréable/chouette/top/
         génial), tu m'as (/beaucoup/bien/vraiment) (aidé/aidée),
        (je/on) (me sens/se sent) (mieux/déjà mieux), ça va mieux, ça m'a fait beaucoup de bien,
        bonne séance, ravi de t'avoir parlé, (c'était/ça a été) (une/un) (bonne/belle/très bonne/
         bon/chouette) (séance/session/discussion/conversation/moment/échange),
        merci pour (l'écoute/ton écoute/l'aide/ta patience/ces conseils/cet échange),
        merci de (m'écouter/m'avoir aidé/m'avoir aidée), ça m'a fait du bien,
        je me sens (bien/très bien)",
    ),
    (
        HEDGE,
        "peut-être, peut être, je (ne sais pas/sais pas/sais pas trop/ne sais pas trop/
         ne sais pas encore/ne suis pas sûr/ne suis pas sûre/suis pas sûr/suis pas sûre),
        chais pas, j'sais pas, aucune idée, oui et non, ça dépend, on verra, bof, pas sûr,
        pas sûre, éventuellement, comment, quoi, pardon, peu importe, ça m'est égal, n'importe,
        à toi de voir, comme ci comme ça, qu'en penses-tu, tu crois, j'hésite, difficile à dire,
        je me demande, ça va",
    ),
    (BUT, "mais, cependant, toutefois, pourtant, sauf, par contre"),
    (
        FILLER,
        "euh, heu, euhm, ben, bah, bon, ba, beh, hein, alors, donc, enfin, voilà, et, puis, bref,
        oh, ah, ouf, tiens, dis donc, tu sais, tu vois, du coup, en fait, à vrai dire,
        franchement, honnêtement, vraiment, aussi, bien, très, trop, juste, maintenant, là,
        aujourd'hui, tout, ça, cela, je, j', on, nous, tu, te, toi, moi, pour moi, pour toi,
        pour nous, avec toi, je pense, je crois, je trouve, je pense que, je crois que,
        je trouve que, qu', que, qu'on, de, d', à, la, le, l', à mon avis, selon moi,
        il me semble, si possible, si c'est possible, si tu veux bien, si tu permets,
        si ça ne te dérange pas, si ça te dérange pas, si ça te va, sinon, tout de suite, un peu,
        encore, encore un peu, plus, plutôt, vite, rapidement, gentiment, désolé, désolée,
        excuse-moi, pardon, malheureusement, hélas, mon ami, cher, chère, coucou, bonjour, hé, ok,
        déjà, finalement, quand même, certes, ensemble, d'abord, allez, ensuite, comme ça, ici,
        il est tard, il est déjà tard, il commence à être tard, je comprends, compris,
        j'ai compris, avec ça, ces, sur, les, points, y, en, toutes, tous, pour finir,
        pour terminer, pour conclure, avant de partir, quelques minutes, chez moi, chez nous, oui,
        je vais (bien/très bien/mieux), (mon/ma/mes/le/la/les) (bus/train/taxi/métro/réunion/
         rendez-vous/enfants/fils/fille/mari/femme/bébé/chef/patron/cours/batterie/copain/
         copine) (arrive/arrivent/attend/attendent/est là/m'attend/m'attendent/part/commence/
         va commencer/commence bientôt/pleure/m'appelle/va partir/est arrivé/est arrivée/rentre/
         est presque vide), on (sonne/m'attend/m'appelle), de toute façon, de toutes façons,
        de toute manière, écoute, écoutez, tu sais quoi, disons, ma foi, sincèrement, genre, quoi,
        bonne, mon cher, ma chère, de mon côté, il est temps, c'est gentil, s'il te plaît,
        s'il vous plaît, je suis bien, et après, tout va bien, et ensuite, là,
        (la/une) journée (a été/était) longue, longue journée,
        (la journée/c'était) (a été/une) (longue/longue journée), je suis (/un peu/assez/très/
         bien/plutôt/vraiment/trop) (fatigué/fatiguée/crevé/crevée/épuisé/épuisée), doucement,
        tranquillement, j'ai sommeil, je me sens bien",
    ),
    (REASON, "parce que, parce qu', car, puisque, vu que, comme j'ai"),
    (
        REPORT,
        "m'a dit, ai-je dit, j'ai dit, dit mon, dit ma, dit à, ce qu'il, ce qu'elle,
        tout ce que je voulais, tout ce que je veux, ce que je voulais, dit mon mari, a dit,
        dit que, disait, dis que, disent, lui ai dit, m'a dit, lui dit, quand, lorsque, toujours,
        chaque, tous les, toutes les, parfois, souvent, demandé, demande, crie, crié, répond,
        répondu, elle, il m', comment, hier, l'an, étais, était, pensé, croit, veut que, ils,
        elles, mon père, ma mère",
    ),
    (
        DESPAIR,
        "en finir avec (tout/la vie/ma vie), veux en finir, envie d'en finir, envie de mourir,
        veux mourir, me tuer, me suicider, suicide, mettre fin à (mes jours/ma vie/tout),
        je n'en peux plus, j'en peux plus, plus envie de (vivre/rien),
        je ne veux plus (vivre/être là/exister/continuer comme ça),
        je veux plus (vivre/être là/exister), (je veux/j'ai envie de) disparaître,
        je ne peux plus (continuer/vivre), je peux plus continuer, tout arrêter, arrêter de vivre,
        arrêter tout, à bout de (tout/forces), que (tout/ça) s'arrête, quitter (ce monde/la vie),
        me faire du mal, finir (ma vie/avec la vie), dire adieu à (tout le monde/la vie/tous),
        marre de (vivre/la vie/tout), fatigué de vivre, fatiguée de vivre",
    ),
    (
        ABOUT,
        "arrête de, arrêter de, partir (au/en/à/de), quitter (mon/ma/mes/le/la), parler à,
        finir (le/mon/ma), y aller plus, marre de, assez (de/d'), fatigué de, fatiguée de,
        finir avec, terminer avec, partir plus, arrêter (mon/mes), fin à (notre/mon/ma),
        la réunion, plus le temps (de voir/de lire/pour),
        de (cet/cette/mon/ma/chez/la) (appartement/maison/ville/travail/boîte/boulot),
        tous les (jours/matins/soirs), toutes les semaines,
        le (lundi/mardi/mercredi/jeudi/vendredi/samedi/dimanche),
        à (paris/lyon/marseille/bruxelles/genève), cette (année/semaine), l'année,
        l'an (dernier/prochain), le mois (dernier/prochain), avec (lui/elle/mon/ma/mes/mon chef),
        à la (banque/poste/maison), au (travail/bureau/boulot/médecin), chez (le/ma/mon),
        la cuisine, le (projet/livre/travail), de (fumer/boire/manger/pleurer/travailler/penser),
        mon (travail/mariage/traitement/couple), en (espagne/italie/france), je pars en,
        mes (examens/enfants/études), tu crois que, crois que je dois, le quitter, la quitter,
        de m'inquiéter, que je (dois/devrais)",
    ),
    (EITHER, "tout va bien"),
    (
        TOPIC,
        "question, questions, sujet, chose, choses, quelque chose, truc, trucs, temps, dire,
        à dire, te dire, à te dire, raconter, parler de, ajouter, aborder, demander, j'ai, ai,
        il y a, y a, c'est, est, autre chose, autres, sur le cœur, en tête, dit, tout dit,
        raconté, tout, plus loin, un peu plus loin, creuser, aller, regarder, ça me plaît,
        me plaît, minutes, moment, besoin, envie, de ça, prêt, prête, une, un, des, du, le, finir",
    ),
    (
        FINISH | HEDGE,
        "(je veux/je voudrais/j'aimerais/j'ai envie de) (partir/m'en aller/rentrer/
         rentrer chez moi), j'ai envie de (dormir/partir), je veux dormir,
        je (dois/veux/vais) (l'arrêter/arrêter ça/arrêter cela), il faut (l'arrêter/arrêter ça)",
    ),
];
