//! German phrases.

use super::*;

pub const PHRASES: &[(Classes, &str)] = &[
    (ABOUT, "habe ich gesagt, ich habe gesagt, habe ich gedacht, sage ich mir"),
    (
        YES,
        "ja, jaa, jo, joa, jep, jepp, jup, jap, jawohl, jawoll, jau, ja ja, aber ja, ja doch,
        aha ja, mhm, ja gern, ja gerne, gerne, gern, sehr gern, sehr gerne, liebend gern,
        liebend gerne, mit vergnügen, klar, na klar, alles klar, klaro, ja klar, sicher,
        aber sicher, na sicher, sicherlich, natürlich, natürlich gern, selbstverständlich,
        unbedingt, auf jeden fall, auf alle fälle, absolut, definitiv, freilich, eh klar, (das/
         es) (passt/passt so/passt mir/passt gut/passt für mich/wäre super/wäre gut/wäre schön/
         wäre toll/wäre nett/wäre prima/wäre hilfreich/wäre perfekt/wär super/wär gut/wär schön/
         wär toll/wär nett/klingt gut/klingt super/klingt prima/klingt vernünftig/
         hört sich gut an/ ist gut/ist okay/ist ok/ist in ordnung/ist eine gute idee/
         ist eine super idee/ist gut so/ würde mir helfen/würde ich gern/würde ich gerne/
         machen wir/machen wir so/ können wir machen/können wir gern machen/
         können wir gerne machen/kannst du machen/ kannst du gern machen/kannst du gerne machen/
         fände ich gut/finde ich gut/hätte ich gern/ hätte ich gerne/möchte ich/will ich/
         wollen wir/würde passen/freut mich/würde mich freuen/ wäre mir recht/ist mir recht),
        passt, passt schon, passt so, passt für mich, passt mir,
        klingt (gut/super/prima/toll/vernünftig), hört sich gut an, (gute/super/tolle/prima) idee,
        eine (gute/super) idee, find ich (gut/super), finde ich (gut/super), einverstanden,
        abgemacht, von mir aus, meinetwegen, von mir aus gern, von mir aus gerne, warum nicht,
        wieso nicht, machen wir, machen wir so, so machen wir (es/das), mach das, mach ruhig,
        mach nur, mach mal, mach, mach es, machen sie das, machen sie ruhig, tu das,
        lass uns das (so machen/machen/tun), lass uns das tun,
        können wir (machen/tun/so machen/gern/gerne), kannst du machen, nur zu, los gehts,
        lass es uns (tun/machen), leg los, ich bin (dafür/dabei/bereit/einverstanden/soweit),
        bin (dabei/dafür/bereit/einverstanden/soweit), ich wäre (dafür/dabei/bereit),
        wär ich dabei, ich (denke/glaube/glaub/denk/finde) (schon/ja), ich denke ja,
        würde ich sagen, ich habe nichts dagegen, hab nichts dagegen, nichts dagegen,
        ich bitte darum, in ordnung, geht in ordnung, geht klar, das geht, das geht klar, stimmt,
        genau, richtig, so ist es, das stimmt, es ist (zeit/soweit), wird zeit,
        wenn du (magst/willst/möchtest/meinst), gebongt, ist gut, ist recht, ist okay, ist ok,
        ist gebongt, jo eh, sowieso, gut so, ja sicher, kein problem, keine einwände,
        ich (möchte/will/würde) das (gern/gerne/), das machen wir so, da bin ich dabei,
        das (passt/ist) gut so, ok gerne, gschpürig, i bi derbii, jo gärn, gärn, sehr gärn,
        isch guet, isch ok, guet, na logo, logo, logisch, wie du (meinst/willst/möchtest),
        ich freue mich drauf, ich freu mich drauf, spricht nichts dagegen,
        (das/es) klingt nach (einem/einer) (guten/super/tollen) (plan/idee),
        klingt nach (einem guten plan/einer guten idee),
        (/das/es) (ist/wäre/geht) (in ordnung/okay/ok/gut/super/prima) (für/bei) mich, guter plan,
        warum eigentlich nicht, wieso eigentlich nicht,
        (ich würde/ich würd/würde ich/würd ich) (sagen/meinen) ja,
        (ich/da) sag (ich/) (ja/nicht nein), da sage ich (ja/nicht nein),
        ich (nehme/nehm) (gern/gerne) (die/eine) zusammenfassung, gute sache, (eine/
         die) zusammenfassung (wäre/ist/klingt) (gut/toll/super/prima/fein/okay/in ordnung/schön/
         nett/hilfreich), das (wäre/ist) (mir lieb/fein/lieb/sinnvoll/vernünftig/das beste/besser/
         am besten), das (brauche/brauch/will/möchte/nehme) ich, (das/es) (wäre/ist) (eine/
         echt eine/wirklich eine) (gute/tolle/super/prima) (idee/sache), absolut gern,
        so machen wirs, machen wirs so, hab ich nichts dagegen, dagegen hab ich nichts, (das ist/
         das wäre/ist/wäre) (genau das/genau) was ich (brauche/will/wollte/möchte),
        keine einwände, kein einwand, da spricht nichts dagegen, (das/dies) (wäre/ist) (lieb/
         lieb von dir/ nett von dir/ein schöner abschluss/ein guter abschluss/
         ein guter zeitpunkt), ich sage ja, ich sag ja, klingt fair, (das/es) klingt fair,
        (eine zusammenfassung/ die zusammenfassung/ das/die) (könnte/kann) ich (/gut) (brauchen/
         gebrauchen), (schließ/runde) (/das/es/bitte) (/bitte) ab, bitte schließ ab,
        schließ (/es/das) (/bitte) ab, (das/es) (wäre/ist) (sehr/super/echt/wirklich/
         total) (hilfreich/gut/schön/nett/lieb/toll), (das/) klingt nach einem (/guten) plan,
        klingt nach einem plan, das können wir (/machen/gern), da stimme ich (zu/dir zu),
        (stimme/stimm) (/ich/ich dir) zu, ich stimme (/dir) zu,
        (das/es) ist (für mich/von mir aus) (okay/ok/in ordnung/gut),
        ich (fühle mich/fühl mich) (/sehr/ganz/schon) (gut/wohl) (damit/dabei),
        (wie/was) du (meinst/denkst/für richtig hältst),
        klingt (super/gut/prima/toll/perfekt) für mich, leg los mit der zusammenfassung,
        leg los mit (der/dem) (/kurzen) (zusammenfassung/fazit)",
    ),
    (
        OK,
        "gut, na gut, sehr gut, also gut, schön, super, prima, toll, perfekt, wunderbar, bestens,
        bitte, bitte schön, bitteschön, bitte sehr, bitte gern, fein, ausgezeichnet, na schön,
        na dann, spitze, klasse, zusammenfassung,
        (eine/die/meine/deine/mit/mit einer) zusammenfassung, (fass/fasse) (es/das/alles/bitte/
         bitte alles/das bitte/es bitte) (zusammen/bitte zusammen/noch zusammen/kurz zusammen/
         alles zusammen/mal zusammen), fass zusammen, fasse zusammen, fassen (wir/sie) (zusammen/
         es zusammen/das zusammen/alles zusammen/bitte zusammen), zusammenfassen,
        (bitte/) zusammen fassen, gib mir (die/eine) zusammenfassung,
        mach (mir/) (die/eine) zusammenfassung, ein fazit, fazit, zum abschluss,
        eine kurze zusammenfassung, oki, okidoki, okay gut, ok gut, kurz zusammenfassen,
        (die/eine) zusammenfassung wäre (gut/super/toll/schön/nett/hilfreich), (fass/fasse) (mal/
         doch/ruhig/gern/gerne/dann) (/alles/das/es/bitte/kurz/noch/noch mal) zusammen,
        (ja/ok/gut) (fass/fasse) (/es/das/alles) zusammen,
        (fass/fasse) (zusammen/es zusammen) bitte, (ein/das/mein) (kurzes/kleines) fazit,
        (eine/die) (kurze/kleine/schnelle) zusammenfassung, ich (hätte/möchte/will/nehme) (gern/
         gerne/bitte/noch/) (eine/die) (kurze/kleine/) zusammenfassung",
    ),
    (
        NO,
        "nein, nee, ne, nö, nöö, nä, na, nein nein, nein danke, nee danke, nö danke, naa, nei,
        nei danke, lieber nicht, besser nicht, eher nicht, eher nein, eigentlich nicht,
        eigentlich nein, jetzt nicht, nicht jetzt, heute nicht, auf keinen fall,
        auf gar keinen fall, keinesfalls, keineswegs, bloß nicht, bitte nicht, bitte nein,
        nicht wirklich, nicht unbedingt, gar nicht, überhaupt nicht, kein bedarf, nicht nötig,
        ist nicht nötig, das ist nicht nötig, brauche ich nicht, brauch ich nicht,
        das brauche ich nicht, das möchte ich nicht, möchte ich nicht, ich möchte nicht,
        ich möchte das nicht, ich will das nicht, will ich nicht, ich (glaube/denke/glaub) nicht,
        ich (glaube/denke) nein, ich bin dagegen, bin dagegen, vielleicht nicht, muss nicht sein,
        das muss nicht sein, niemals, im moment nicht, im augenblick nicht, gerade nicht,
        keine zusammenfassung, ich würde lieber nicht, ich möchte lieber nicht, nicht so gern,
        ungern, auf garkeinen fall, sicher nicht, bestimmt nicht, nicht heute, natürlich nicht,
        (das/es) ist (/glaube ich/denke ich/wohl/eigentlich) nicht (nötig/notwendig)",
    ),
    (
        STAY,
        "noch nicht, noch nicht ganz, jetzt noch nicht, nein noch nicht, noch nöd, noch net,
        momentan noch nicht, noch lange nicht, zu früh, (es/das) ist (noch/mir/mir noch/) zu früh,
        ist (noch/mir/mir noch/) zu früh, noch zu früh, noch (ein bisschen/ein wenig/etwas/kurz/
         eine weile/einen moment/einen augenblick/ein weilchen/ein paar minuten/fünf minuten/
         zehn minuten/eine minute/eine frage/was/mehr/länger/ein bissel/ein bisserl/es bitzeli/
         ein stück/eine sache/etwas zeit), (ein/noch ein) bisschen (länger/mehr/noch/weiter),
        etwas länger, ein wenig länger, länger, moment, moment noch, moment mal, einen moment,
        einen moment noch, augenblick, warte, warte mal, warte noch, warte kurz, warten sie,
        wart mal, wart, halt, stopp noch nicht, (ich bin/bin/wir sind) noch nicht (fertig/so weit/
         soweit/ganz fertig/bereit/durch), ich bin nicht fertig, ich (habe/hab) noch (etwas/was/
         zeit/mehr/eine frage/fragen/viel/ein thema/etwas zu sagen/was zu sagen/mehr zu sagen/
         etwas auf dem herzen/was auf dem herzen/einiges zu sagen/einiges/ein paar fragen/
         eine sache), wir haben noch zeit,
        ich brauche (noch/mehr/noch etwas/noch mehr/noch ein bisschen) (zeit/),
        es gibt noch (mehr/etwas/was) (/zu sagen/zu besprechen), da ist noch (etwas/was/mehr),
        ich (möchte/will/würde gern/würde gerne) noch (bleiben/etwas sagen/was sagen/
         etwas besprechen/mehr sagen/mehr erzählen/was erzählen/etwas erzählen/mehr darüber reden/
         darüber reden), später, vielleicht später, lieber später, etwas später,
        später vielleicht, gleich, erst später, ein andermal, bleib noch, bleiben wir noch,
        hör nicht auf, nicht aufhören, bitte nicht aufhören, nicht beenden, lass mich noch,
        sofort noch nicht, nicht so schnell, langsam, ich (hätte/habe/hab/hätt) (/
         da) noch (eine frage/etwas/was/ ein thema/einen punkt/eine sache/ein paar fragen/
         ein paar sachen/fragen/einiges/ ein anliegen) (/zu besprechen/zu sagen/zu erzählen/
         auf dem herzen), (können/könnten/ wollen) wir nicht (noch/lieber/noch ein bisschen/
         noch etwas/noch kurz/ einfach) (weiterreden/weitermachen/reden/weiter reden/
         weitersprechen/weiter machen/ bleiben),
        wir haben (doch/ja/doch noch/noch/ja noch) (zeit/viel zeit/noch zeit), ich (habe/
         hab) (noch nicht/nicht/noch lange nicht) (alles/zu ende) (gesagt/erzählt/ besprochen/
         geredet/gesprochen), ich bin noch (nicht/lange nicht) (am ende/zufrieden/da),
        das ist mir (zu früh/noch zu früh/zu schnell), das geht mir zu schnell, lass uns noch,
        ich will noch, ich möchte noch, ich würde (gern/gerne) noch, (gib/
         geben sie) mir noch (einen moment/eine minute/ein paar minuten/fünf minuten/etwas zeit/
         zeit/ein bisschen zeit), (es/da) (fehlt/fehlen) noch (was/etwas/ein paar sachen),
        ich bin (gerade/grad/jetzt) (noch dabei/mittendrin/erst warm geworden),
        wir haben (gerade/doch gerade/grad) erst angefangen, nicht sofort,
        wir sind (doch/ja) noch nicht (fertig/durch/am ende), ich bin (noch/grad noch/
         gerade) (mittendrin/mitten drin/mitten dabei/dran/am überlegen/am erzählen), (mir/
         uns) wäre (es/) lieber (wenn wir/wir) (weitermachen/weiterreden/weitersprechen/
         noch reden/ noch bleiben), ich (brauche/brauch/bräuchte) noch (ein bisschen/etwas/
         ein wenig/mehr/kurz/ einen moment/ein paar minuten/) (zeit/), lass mich (/bitte/erst/
         noch/ kurz) (noch/kurz/ erst/ausreden/) (was/etwas/das/eine sache/kurz/zu ende/
         den gedanken/ ) (erzählen/sagen/ fragen/reden/bringen/ergänzen/ausreden), ich (möchte/
         will/würde gern/ würde gerne) (/gern/ gerne) noch (drüber/darüber/mehr/weiter/was/etwas/
         länger/über etwas/ über was) (reden/ sprechen/erzählen/sagen/fragen/besprechen),
        (das/es) (reicht/genügt/langt) (/mir) (/noch/noch lange/gar) nicht,
        darf ich noch (etwas/was/eine sache) (sagen/fragen/erzählen),
        (kann/darf) ich noch (was/etwas/kurz was/eine sache) (sagen/fragen/erzählen), noch,
        noch nicht, noch mehr, noch nicht alles, (mir/das) gefällt (mir/das) (/gerade/so),
        ich hab zeit, ich habe zeit, hab zeit, wir haben zeit,
        (ein bisschen/etwas/ein wenig) (mehr/mehr zeit/tiefer/länger), nicht alles,
        (red/rede/sprich/erzähl/erzähle/frag) (/bitte/ruhig/nur) weiter, ich bin (/mit dem thema/
         damit/immer/hier) (/noch) (noch nicht/nicht) (fertig/durch),
        ich bin immer noch nicht (fertig/durch/so weit), (können/könnten/
         sollten) wir nicht (weitermachen/weiterreden/fortfahren/weitersprechen),
        (so weit/soweit) (sind wir/bin ich) noch nicht,
        da (gibt es/ist/gibts) noch (viel/mehr/was/etwas/einiges/so viel),
        ich (will/möchte/muss) dir noch (was/etwas/so viel) (sagen/erzählen/zeigen),
        bei dem thema (bleiben/weitermachen),
        ich (will/möchte) (bei/an) (dem/diesem) thema (bleiben/dranbleiben),
        lass mich (/noch/kurz/noch kurz/erst) (nachdenken/überlegen),
        immer noch nicht (fertig/durch), ich rede noch,
        ich (rede/spreche/erzähle/überlege) (gerade/ja/doch/noch) (/noch),
        warte bitte (/noch) (/kurz/eine minute/einen moment/ein bisschen), (können/
         könnten) wir noch (fünf/zehn/ein paar) minuten (/machen/reden/weitermachen/haben),
        (vielleicht/erst/lieber) in (ein paar/fünf/zehn/einigen) minuten,
        in (ein paar/fünf/zehn) minuten",
    ),
    (
        NOT,
        "nicht, noch nicht, nicht mehr, kein, keine, keinen,
        ich (möchte/will/mag/würde) (noch/jetzt noch/lieber noch/eigentlich noch/) nicht,
        wir (sollten/müssen/wollen/können) (noch/) nicht, lass uns (noch/) nicht,
        lassen sie uns (noch/) nicht, nie, jetzt nicht, nicht jetzt, heute nicht,
        heute noch nicht, jetzt noch nicht, lieber nicht, lieber noch nicht, bitte nicht,
        bitte noch nicht, eigentlich nicht, eigentlich noch nicht, im moment nicht, ich (möchte/
         will/mag) (jetzt/heute/das/es/hier/das jetzt/es jetzt/die sitzung/das gespräch) (/
         noch) nicht",
    ),
    (
        WANT,
        "lass uns, lasst uns, lassen sie uns, lass uns doch, lass, lassen wir, lassen,
        ich (möchte/will/würde/würd/muss/müsste/sollte/mag/soll/kann/wollte/werde/werd/hätte gern/
         darf), (möchte/will/würde/muss/müsste/sollte/mag/kann/werde/würd) ich,
        wir (können/könnten/sollten/wollen/müssen/dürfen/möchten/würden),
        (können/könnten/sollten/wollen/müssen/dürfen/sollen) wir,
        (kannst/könntest/würdest/willst/magst) du, (können/könnten/würden/möchten) sie,
        du (kannst/könntest/darfst), sie (können/könnten),
        es ist (zeit/an der zeit/besser/jetzt zeit), ist es (okay/ok/in ordnung) wenn wir, möchte,
        will, muss, würde, können, könnten, wollen, sollen, machen wir, mach, mache, ich mache,
        ich mach, ich bin bereit, ich bin dafür dass wir, ich schlage vor,
        ich denke wir (können/sollten), ich bitte dich, wie wäre es wenn wir, bitte, gern, gerne,
        ich wünsche mir, ich glaube wir können, hören wir, hör, hören, höre, höre ich, hör ich,
        i möcht, i mecht, i wött, mir, ich geh jetzt, ich gehe jetzt",
    ),
    (
        VERB,
        "aufhören, aufhoeren, aufzuhören, enden, beenden, zu beenden, beende, beenden wir,
        beende ich, abschließen, abschliessen, abzuschließen, schließen, schließen wir, schluss,
        schluss machen, schlussmachen, zum schluss kommen, zum ende kommen, zum abschluss kommen,
        zu ende (bringen/kommen/führen/sein), ein ende finden, zum ende, auf, abbrechen,
        brechen wir ab, pausieren, pause, pause machen, eine pause (machen/), stoppen, stopp,
        stop, fertig, ende, gut sein lassen, es gut sein, es dabei belassen, dabei belassen,
        es dabei, belassen, belassen wir es, ausklingen, ausklingen lassen, zum ausklang,
        es hier belassen, gehen, feierabend, feierabend machen, auflegen, weggehen, ins bett,
        schlafen, schlafen gehen, ins bett gehen, offline gehen, verabschieden,
        mich verabschieden, mich ausloggen, ausloggen, mich abmelden, heim, nach hause,
        aufbrechen, losgehen, mich ausruhen, schlussmache, schluss mache, uns verabschieden,
        einen punkt machen, einen punkt, abschalten, zum abschluss bringen",
    ),
    (
        OBJECT,
        "(das/dieses/unser/mein/mit dem/mit diesem/das heutige) (gespräch/coaching/telefonat/
         training/treffen/gespräch mit dir), (die/diese/unsere/meine/mit der/
         die heutige) (sitzung/ session/unterhaltung/konversation/stunde/einheit/sprechstunde/
         besprechung mit dir), den (chat/anruf), gespräch, sitzung, session, coaching, chat",
    ),
    (
        HERE,
        "hier, da, an dieser stelle, an diesem punkt,
        für (heute/jetzt/heut/diesmal/heute abend/den moment/dieses mal), heute, jetzt,
        fürs erste, erst mal, erstmal, damit, dabei, hiermit, es hier, das hier, an der stelle,
        heut, es dabei, für hüt, hüt",
    ),
    (
        GO_ON,
        "weiter, weitermachen, weiterreden, weitersprechen, weitererzählen, weiterzumachen,
        weiterzureden, weiter (reden/sprechen/machen/erzählen/gehen/darüber reden/zu reden/
         darüber sprechen), fortfahren, fortsetzen, fortzusetzen, fortführen, machen wir weiter,
        mach weiter, mach ma weiter, reden wir weiter, sprechen wir weiter, red ma weiter,
        rede weiter, geht weiter, reden, sprechen, plaudern, bleiben, dranbleiben, dabei bleiben,
        vertiefen, tiefer gehen, sprechen wir, reden wir, noch reden, wiederkommen, komme wieder,
        komme ich wieder, komm wieder, komm ich wieder, wyter mache, wiiter rede, wytermache,
        wiitermache, quatschen, das vertiefen, das gespräch (fortsetzen/fortführen/weiterführen),
        machen weiter, (wir/ich) (machen/mache/reden/sprechen) weiter, weiter gehts,
        drüber (reden/sprechen)",
    ),
    (
        LATER,
        "morgen, nächstes mal, beim nächsten mal, das nächste mal, ein andermal, ein anderes mal,
        nächste woche, demnächst, bald,
        am (montag/dienstag/mittwoch/donnerstag/freitag/samstag/sonntag), wieder, heute abend,
        in der nächsten (sitzung/stunde)",
    ),
    (
        FINISH,
        "(fass/fasse/fassen sie/kannst du/könntest du) (/bitte) (unser gespräch/das gespräch/
        die sitzung/unsere sitzung/unsere session/die session/alles/das ganze/es/das) (/bitte/
        noch/noch mal/kurz) (zusammen/zusammenfassen),
        (fass/fasse/fass bitte/fasse bitte) zusammen, (gib/zeig/mach/schick) mir (/bitte/
        jetzt) (die/eine/meine) zusammenfassung (/bitte/jetzt),
        ende der (sitzung/session/stunde) (/bitte), ende des gesprächs,
        (es wird/es ist/wird) zeit zum (schluss/ende/abschluss) zu kommen,
        es wird zeit aufzuhören, (hören/hör/höre) wir auf, hören wir bitte auf, hör ma auf,
        beende (bitte/) (das gespräch/ die sitzung/die session/diese sitzung/dieses gespräch/
        unser gespräch/unsere sitzung), beenden (wir/sie) (bitte/) (das gespräch/die sitzung/
        die session/unser gespräch/ dieses gespräch/das ganze für heute),
        (gespräch/sitzung/session) (bitte/) beenden,
        zusammenfassen und (beenden/aufhören/schluss machen), (machen wir/mach ma/mach/mache/
         ich mache/ich mach) (mal/jetzt/dann mal/dann/bitte/hier/) (schluss/feierabend/stopp/stop/
         pause/eine pause), schluss jetzt, kommen wir zum (schluss/ende/abschluss),
        zum abschluss kommen,
        ich (möchte/will) nicht mehr (reden/weiterreden/weitersprechen/sprechen),
        (schließen/runden) wir (das/es) ab, schließen wir ab, wir sind (fertig/am ende/durch),
        wir haben alles (besprochen/gesagt), alles (besprochen/gesagt), machen wir (ein/das) ende,
        i muss (aufhören/ufhöre), höre mer uf, mached mir schluss, lass (/es) gut sein,
        lassen wir (/es) gut sein,
        (wir/ich) (machen/mach/mache) (/dann/jetzt/hier/mal) (schluss/feierabend),
        wir hören (/dann/jetzt/mal/hier) auf, (ich würde sagen/würde ich sagen/ich denke/
         ich glaube/ich schlage vor) wir (machen schluss/hören auf/beenden das/beenden es),
        (schließen/beenden/enden/hören) wir (/jetzt/hier/bitte) (/mit) (einer/der) (/
         kurzen) zusammenfassung,
        (wäre/ist) es (/für dich) (okay/ok/in ordnung/möglich) (/jetzt/hier) aufzuhören, (wäre/
         ist) es (/für dich) (okay/ok/in ordnung/möglich) wenn wir (/jetzt/hier/
         für heute) (aufhören/schluss machen/beenden/abschließen), abschließen und zusammenfassen,
        (wir/ich) (können/möchte/will) (/jetzt/langsam) zum (ende/schluss/abschluss) kommen,
        (schließen/schließ) wir (/jetzt) (die sitzung/das gespräch/die session) ab,
        (schließ/schließe) (/bitte) (die sitzung/das gespräch) (/bitte) ab,
        (hören/hör) wir (/jetzt) auf zu reden",
    ),
    (
        CLOSED,
        "(schluss/feierabend/ende/genug/fertig/stopp/pause/aus) (für heute/für jetzt/
         für den moment/fürs erste), (das/dies/des) (wars/war es/war alles/ist alles/ist es/
         reicht/ genügt/wäre alles/wäres/wäre es/langt) (/dann/jetzt/mir/erstmal/erst mal/schon/
         auch/ von mir/von meiner seite/eigentlich) (für heute/für jetzt/fürs erste/heute/von mir/
         von meiner seite/für den moment/für diesmal),
        (mir/es) (reicht/reichts/langt/genügt) (/es) (für heute/für jetzt/fürs erste),
        reicht (für heute/fürs erste/mir für heute/es für heute),
        genug (geredet/gesprochen) (/für heute), für heute (reicht es/reichts/ist es genug/
         ist genug/ist schluss/bin ich fertig/wars das/war es das/habe ich genug/hab ich genug/
         ists genug/genügt es/genügt das/reicht es mir/reicht mir das/reicht das/langt es/langts/
         wäre das alles/ist das alles), ich (bin/wäre/habe/hab) (dann/jetzt/erstmal/so weit/
         ) (fertig für heute/für heute fertig/für heute genug/genug für heute/für heute durch/
         durch für heute), ich (muss/müsste/sollte/werde/muss leider/muss jetzt leider/
         muss dann leider/werd) (jetzt/dann/jetzt dann/dann mal/langsam/so langsam/leider/
         leider jetzt/jetzt leider/gleich/nun/mal/bald/eh/heute/auch mal/auch langsam/nämlich/
         ) (los/gehen/weg/aufhören/auflegen/schluss machen/weiter/fort/zur arbeit/zum zug/zum bus/
         ins bett/schlafen/schlafen gehen/in ein meeting/in eine besprechung/in die besprechung/
         offline/raus/heim/nach hause/mich verabschieden/zu einem termin/zum termin/
         zum nächsten termin/zum arzttermin/arbeiten gehen/abhauen/zum unterricht/
         in den unterricht), muss (jetzt/dann/leider/langsam/jetzt leider/dann mal/) (los/weg/
         gehen/auflegen/aufhören/schluss machen), i (muss/müsst) (jetzt/) (los/geh/gehn/ga),
        i mues (jetzt/) (los/gah/goh/ga), ich mues (jetzt/) (los/gah/goh/ga), ich (gehe/geh/
         bin) (jetzt/dann/dann mal/mal/) (weg/los/raus/mal weg/offline/ins bett/schlafen/mal los/
         heim/auf dem sprung), ich (hau/haue) (jetzt/dann/) ab, ich (verabschiede mich/
         melde mich ab/leg auf/lege auf/leg jetzt auf/lege jetzt auf/höre jetzt auf/hör jetzt auf/
         höre auf) (/jetzt/dann/hiermit/für heute), (meine/die) zeit ist (um/vorbei),
        ich (habe/hab) (jetzt/leider/) keine zeit mehr, (ich habe/hab/ich hab) alles (gesagt/
         besprochen/was ich brauche/was ich brauchte) (/für heute), (wir/lass uns/
         lassen sie uns) (können/sollten/) (hier/jetzt/da/an dieser stelle/für heute) (aufhören/
         schluss machen/beenden/stoppen/pausieren/abschließen/enden/unterbrechen),
        belassen wir es (dabei/hier/für heute/heute dabei), (lass/lassen) (wir/uns) (es/
         das) (für heute/dabei/hier/gut sein/dabei bewenden/für heute gut sein),
        (hören/hör) wir (hier/für heute/jetzt/da/an dieser stelle) (/damit/mal) auf, (machen/
         mach) (wir/ma) (für heute/hier/jetzt) (schluss/feierabend/pause/stopp/ein ende),
        bis hierhin und nicht weiter, bis hierher für heute,
        ich komme (morgen/später/wieder/ein andermal) (/wieder/zurück),
        ich melde mich (wieder/morgen/später/bald),
        mehr (brauche ich heute nicht/geht heute nicht), heute nicht mehr,
        es ist (spät/schon spät) ich (muss/sollte/gehe) (ins bett/schlafen/los),
        es ist zeit (zu gehen/aufzuhören/schluss zu machen),
        zeit (zu gehen/aufzuhören/schluss zu machen/für feierabend), (ich/) muss (/dann/jetzt/
         leider) (eh/sowieso/ohnehin/auch/ja) (/gleich/jetzt/bald/langsam/schon) (los/weg/gehen/
         aufhören/auflegen/schluss machen/ins bett), (das war/das wars/das ist) (alles/es) (/dann/
         auch) (von meiner seite/von mir/für heute/meinerseits) (/für heute/schon), ich (möchte/
         will) (jetzt/dann/nun/langsam/für heute) (aufhören/auflegen/schluss machen/ins bett/
         schlafen/schlafen gehen/mich verabschieden/gehen),
        ich bin (dann/jetzt/mal/dann mal/jetzt mal) (raus/weg/offline), ich (mach/mache) (jetzt/
         dann/mal/für heute/hier/dann mal/jetzt mal) (/für heute) schluss, ich (muss/sollte/
         müsste) (/jetzt/dann/gleich/leider) (in die arbeit/zur schule/zur uni/in die schule/
         zum essen/kochen/zum sport/zum bahnhof), (reden/sprechen/machen/quatschen) wir (morgen/
         ein andermal/beim nächsten mal/nächstes mal/nächste woche/bald/später/
         ein anderes mal) weiter, wir (reden/sprechen/machen) (morgen/ein andermal/
         beim nächsten mal/nächstes mal/nächste woche/bald/später) weiter, (jetzt/nun/dann/leider/
         so langsam/langsam) muss ich (/aber/jetzt/leider/dann/wirklich/dann mal/aber wirklich/
         mal/ eh) (los/gehen/weg/aufhören/auflegen/schluss machen/ins bett/schlafen), ich (muss/
         müsste/ sollte) (/jetzt/dann/leider/gleich/mal) (los/weg) (zur arbeit/zum zug/zum bus/
         zum termin/ in die schule/zur schule/zur uni), ich (muss/müsste/sollte) (/aber/doch/nun/
         aber jetzt/ jetzt wirklich/wirklich/jetzt mal/jetzt auch) (los/gehen/weg/aufhören/
         auflegen/ins bett/ schlafen), (mein/der/meine/die) (chef/mann/frau/mutter/freund/
         freundin/ kollege) ruft (an/ mich/mich an), ich (habe/hab) (für heute/heute) (genug/
         alles/ lange genug) (geredet/ gesprochen/gesagt/erzählt),
        ich (habe/hab) (heute/jetzt/heute leider/leider) keine zeit mehr, (es ist/ist) (/jetzt/
         langsam) zeit (für mich/zu gehen/für mich zu gehen/dass ich gehe/ins bett zu gehen),
        (und/ ) machen (wir/) (morgen/später/nächstes mal/beim nächsten mal/ein andermal) weiter,
        (sagen wir/ich sage) (tschüss/auf wiedersehen/gute nacht) (für heute), ich (möchte/will/
         mag) (jetzt/heute/für heute) nicht mehr (reden/sprechen/weiterreden), ich (möchte/will/
         würde gern/würde gerne) (/mich) (/jetzt/langsam/so langsam/nun) (/mich) (verabschieden/
         zum ende kommen/zum schluss kommen/zum abschluss kommen),
        (das/es/dies) ist (/dann/mir) genug für (heute/jetzt), (das/es) (wird/dürfte/sollte) (/
         mir/dann/wohl) (für heute/) (reichen/genügen) (/für heute), ich muss (/jetzt/dann/
         leider) (/wieder) (an die arbeit/arbeiten/zurück zur arbeit/weiterarbeiten),
        zeit (fürs/für das/ins) bett, (den/der) rest (/machen wir/besprechen wir) (morgen/später/
         nächstes mal/beim nächsten mal/nächste woche),
        ich kann (/leider/jetzt) nicht (länger/mehr) (bleiben/reden/sprechen),
        ich (geh/gehe) (jetzt/dann) (/besser/lieber/mal), (/ich denke/ich glaube) (hier/das/
         jetzt) ist ein guter (punkt/zeitpunkt/moment/ort) (zum aufhören/zum schluss/
         um aufzuhören/ zum beenden/für den schluss), (hören/hör) wir (/jetzt/bitte/heute/
         für heute/hier) auf (/ zu reden/für heute/bitte),
        hören wir (für heute/jetzt/hier/dann) auf, ich bin (dann/jetzt) (/mal) im bett",
    ),
    (
        BYE,
        "tschüss, tschüs, tschüssi, tschüß, tschö, auf wiedersehen, auf wiederschauen,
        auf wiederhören, wiedersehen, auf bald, bis (bald/dann/morgen/später/nachher/
         zum nächsten mal/nächstes mal/nächste woche/demnächst/die tage/zum nächsten/heute abend/
         gleich/montag/freitag/übermorgen), bis (dahin/denn/dann dann/morgen dann), mach's gut,
        machs gut, machen sie's gut, machts gut, gute nacht, schönen (tag/abend/feierabend/
         nachmittag/tag noch/abend noch/rest des tages/sonntag), (einen/noch einen/
         ich wünsche dir einen/dir noch einen/wünsche einen/dir einen/dir auch einen) (schönen/
         guten) (tag/abend/tag noch/abend noch/feierabend/nachmittag), schönes wochenende,
        ein schönes wochenende, pfiat di, pfiati, pfüati, servus dann, baba, ade, adieu,
        uf wiederluege, ufwiederluege, tschau, tschüssle, wir (sehen/hören/sprechen) uns (/wieder/
         bald/morgen/später/nächste woche/beim nächsten mal), man sieht sich, leb wohl,
        schlaf gut, ich sage tschüss, ich sag tschüss, ich sag dann mal tschüss",
    ),
    (
        SOFT,
        "(das/dies/des) (wars/war es/war alles/ist alles/wärs/wäre alles/wäre es/reicht/genügt/
         reicht mir/reicht jetzt/wars dann/wars eigentlich/wars schon/wars auch schon/
         wars von mir/ ist alles von mir), ich bin (fertig/durch), bin (fertig/durch),
        ich wäre fertig, fertig, genug, es reicht, reicht, mehr (habe/hab) ich nicht, (ich habe/
         ich hab/hab) (nichts mehr/ nichts weiter/sonst nichts/alles) (/zu sagen),
        nichts (weiter/mehr/mehr zu sagen), sonst nichts, sonst nichts mehr,
        ich bin (müde/sehr müde/zu müde/so müde/kaputt/ko/erledigt/ziemlich müde), reicht mir,
        mir reicht das, es ist genug, servus, wir haben (/heute/jetzt) (genug/alles/viel/
         lange genug/genug darüber) (geredet/gesprochen/gesagt/besprochen), ich habe (/heute/
         für heute/jetzt) (genug/lange genug/alles) (geredet/gesprochen/gesagt/erzählt),
        mehr (brauche/brauch/habe/hab) ich nicht, (/mehr) brauche ich nicht mehr,
        sonst (habe/hab) ich nichts (/mehr), ich (hab/habe) was ich (wollte/brauche/brauchte),
        ich (hab/habe) alles was ich (wollte/brauche/brauchte)",
    ),
    (
        THANKS,
        "danke, danke (dir/ihnen/schön/sehr/vielmals/für alles/für heute/für deine hilfe/
         für die hilfe/für das gespräch/fürs zuhören/fürs gespräch/für deine zeit/für die sitzung/
         für deine unterstützung/für ihre hilfe/für die unterstützung), dankeschön, vielen dank,
        vielen dank (dafür/für alles/für heute/für deine hilfe/für die hilfe/für das gespräch/
         fürs zuhören/für deine zeit/für die sitzung/für ihre hilfe), herzlichen dank,
        besten dank, tausend dank, ich danke (dir/ihnen) (/sehr/für alles/für heute/
         für deine hilfe/ für das gespräch), merci, merci vielmal, (das/es) hat (mir/) (/sehr/
         wirklich/echt/gut/ viel/schon/schon viel/schon sehr) geholfen, (das/es) war (hilfreich/
         sehr hilfreich/gut/ toll/super/schön/nützlich/ein gutes gespräch/wirklich hilfreich/
         echt hilfreich), du hast mir (/sehr/wirklich/echt) geholfen, dank dir,
        ich fühle mich (besser/schon besser), mir geht es (besser/schon besser), gutes gespräch,
        hat (mir/) (gut getan/gutgetan/sehr geholfen/geholfen/spaß gemacht),
        (das/es) (tat gut/hat gutgetan/hat gut getan/hat spaß gemacht), (mir geht es/mir gehts/
         es geht mir) (jetzt/schon/nun/schon viel/viel/jetzt schon/jetzt viel) (besser/gut), (das/
         es) war (/heute) (/ein/eine) (/sehr/wirklich/echt) (gute/gutes/schöne/schönes/hilfreiche/
         hilfreiches) (sitzung/gespräch/session), vielen lieben dank, lieben dank,
        ganz lieben dank, danke vielmals",
    ),
    (
        HEDGE,
        "vielleicht, weiß nicht, weiß ich nicht, ich weiß nicht, ich weiß nicht so recht,
        ich weiß es nicht, keine ahnung, jein, ja und nein, mal sehen, mal schauen,
        schauen wir mal, kommt drauf an, kommt darauf an, egal, mir egal, ist mir egal,
        das ist mir egal, unsicher,
        ich bin (nicht sicher/mir nicht sicher/unsicher/unentschlossen), möglicherweise,
        eventuell, was meinst du, was denkst du, wie bitte, entscheide du, i weiß net,
        schwer zu sagen, hm weiß nicht, schwierig",
    ),
    (BUT, "aber, jedoch, allerdings, nur, obwohl, doch nur"),
    (
        FILLER,
        "äh, ähm, öhm, öh, ehm, em, hä, tja, naja, na ja, na, also, so, nun, nun ja, doch, mal,
        eben, halt, eh, ja, dann, denn, und, auch, noch, ganz, sehr, wirklich, echt,
        ehrlich gesagt, eigentlich, einfach, schon, wohl, gleich, jetzt, nun mal, zusammen, alles,
        das, es, dir, mir, uns, dich, ich, du, wir, damit, so langsam, langsam, dass wir,
        wenn es geht, wenn das geht, wenn das okay ist, wenn das in ordnung ist,
        wenn es dir recht ist, wenn du nichts dagegen hast, wenn möglich, ich denke, ich glaube,
        ich finde, ich glaub, ich denk, ich meine, denke ich, glaube ich, glaub ich, finde ich,
        würde ich sagen, sag ich mal, hallo, hey, du kuku, lieber kuku, liebe kuku, mein lieber,
        meine liebe, leider, sorry, entschuldigung, tut mir leid, oh, ach, ach ja, ach so, achso,
        ah ja, mit dir, gerade, lieber, gern, gerne, ein bisschen, ein wenig, etwas, kurz, bitte,
        heute, erstmal, erst mal, erst, wieder, sonst, es ist (schon/) spät, ist (schon/) spät,
        es ist spät geworden, an dieser stelle, am liebsten, darüber, dafür, hiermit, zu, zum,
        mit, bin, schnell, vorerst, auf jeden fall, alle, alles gute, dir alles gute, verstanden,
        verstehe, ich verstehe, länger, der coach, coach, net, hoid, fei, gell, oder, ne, ok also,
        super, schnell noch, heute mal, (mir geht es/mir gehts/es geht mir) (gut/ganz gut), (mein/
         der/meine/die) (zug/bus/taxi/chef/termin/meeting/kinder/bahn/mann/frau/freund/freundin/
         kind/sohn/tochter/baby/akku/nächster termin/besprechung/unterricht) (kommt/wartet/warten/
         ist da/fährt/fährt gleich/kommt gleich/ist gleich leer/beginnt/beginnt gleich/fängt an/
         fängt gleich an/weint/ruft/klingelt/steht vor der tür/sind da/haben hunger/
         kommt jeden moment/geht gleich), es (klingelt/hat geklingelt),
        ist (wirklich/schon/echt/ziemlich/jetzt) spät (/geworden), spät (geworden/dran),
        ich bin (zufrieden/ganz zufrieden), ohnehin, du, sowieso, halt, vielleicht noch, na dann,
        weißt du, weißt du was, irgendwie, so weit, soweit, ich sag mal, passt, wie gesagt,
        nur kurz, (mein/der/meine/die) (chef/mann/frau/mutter/freund/freundin/kollege) ruft (/
         gerade/mich) an, drüber, es war (/heute) ein langer tag, langer tag, ein langer tag,
        ich bin (/schon/ziemlich/echt/sehr/ganz schön/jetzt) (müde/erschöpft/kaputt/platt),
        ich fühle mich (gut/wohl), ich fühl mich (gut/wohl)",
    ),
    (REASON, "weil, denn ich, denn mein, denn meine, da ich, da mein, da meine, nämlich, weil ich"),
    (
        REPORT,
        "gesagt, gedacht, geschrieben, sage ich, sag ich, sagte ich, erzählt, gemeint, uns etwas,
        uns selbst, uns gegenseitig, uns an, vorzumachen, anzulügen, abends, morgens, sagte, sagt,
        gesagt hat, sagen, hat gesagt, hat gemeint, meinte, meint, fragte, fragt, wenn, falls,
        immer, jeden, jedes, jede, manchmal, oft, als, schrie, rief, er, wie, warum, ob, früher,
        gestern, letztes, letzte, war, hatte, hat",
    ),
    (
        DESPAIR,
        "ich (will/mag/möchte/kann) (einfach/so//echt/wirklich/nur noch/auch) nicht mehr,
        ich (will/mag/möchte/kann) (einfach/so/echt/wirklich/) nicht mehr (leben/weiterleben/
         da sein/aufwachen/weiter/weitermachen/so weitermachen), kann nicht mehr,
        ein ende (setzen/machen), allem ein ende, alles beenden, mein leben (beenden/nehmen),
        das leben nehmen, mich umbringen, mich töten, sterben, will tot sein, tot sein, suizid,
        selbstmord, keinen sinn mehr, so nicht mehr leben, nicht mehr leben, nicht mehr da sein,
        i mog nimmer, ich mag nimmer, ich kann nimmer, i kann nimmer, ich will nimmer,
        mit allem abgeschlossen, fertig mit (allem/dem leben/der welt), am ende meiner kräfte,
        am liebsten nicht mehr aufwachen, verschwinden, schluss machen mit allem,
        mit allem schluss machen, lebensmüde, alles aus, aus dem leben, ritzen, mir etwas antun,
        mir was antun, habe alles satt, es soll (alles/) aufhören, dass (es/alles) aufhört",
    ),
    (
        ABOUT,
        "los lassen, schluss (mit/machen mit), fertig mit, genug (von/davon dass),
        aufhören (mit/zu), weg (von/aus),
        mit (meinem freund/meiner freundin/meinem mann/meiner frau) schluss, nicht mehr mit,
        gehen lassen, keine zeit mehr (für/mit), auf (meinen/meine/mein/seinen/ihre), (jeden/
         am) (tag/morgen/abend/montag/dienstag/mittwoch/donnerstag/freitag/samstag/sonntag),
        los nach, nach (berlin/münchen/hamburg/wien), nächstes jahr, nächsten (monat/sommer),
        dieses jahr, diese woche, seit (jahren/wochen/monaten), mit (ihm/ihr/meinem chef/
         meiner chefin/meinem vater/meiner mutter/dem rauchen/dem trinken/der arbeit/meinem job),
        zu (rauchen/trinken/arbeiten/essen/streiten),
        aus (dieser/meiner/der) (wohnung/firma/ehe/beziehung/stadt), von (zu hause/meinem/meiner),
        in der (arbeit/schule), zum arzt, meine (beziehung/ehe/ausbildung/arbeit/kündigung),
        mein (studium/projekt/leben/job), zu spät (zur/zum/in), früher, ab jetzt, von jetzt an,
        aufhören (mich/zu/so/dauernd), aufzuhören (mich/zu), nach (spanien/italien/frankreich),
        mir sorgen, sorgen zu",
    ),
    (EITHER, "alles gut"),
    (
        TOPIC,
        "fertig werden, heute fertig werden, fertig werden mit, frage, fragen, thema, themen,
        punkt, sache, sachen, etwas, was, zeit, sagen, zu sagen, erzählen, zu erzählen, reden,
        darüber, über, über etwas, über was, besprechen, zu besprechen, fragen, hab, habe, hätte,
        hätten, haben, habt, ist, es gibt, da ist, gesagt, erzählt, alles, eine, einen, ein,
        ein paar, auf dem herzen, am herzen, im kopf, anschauen, ansehen, angucken, genauer,
        tiefer, gehen, mehr, viel, einiges, brauche, brauch, bräuchte, minuten, moment, gefällt,
        das, das gerade, bleiben, eingehen, klären, loswerden, dran, daran, bereit, klar,
        aufzuhören, dir, nachdenken, mit dem thema, bei dem thema, an dem thema, viel, sind",
    ),
    (
        FINISH | HEDGE,
        "ich (will/möchte) (/nur noch/einfach/einfach nur/hier) (weg/raus/hier raus/hier weg/
         nach hause/heim), ich (will/möchte) (schlafen/nach hause/heim),
        ich muss (/nur noch/einfach) hier (raus/weg)",
    ),
];
