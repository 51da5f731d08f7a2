//! English phrases.

use super::*;

pub const PHRASES: &[(Classes, &str)] = &[
    (ABOUT, "i tell the, i tell my, i tell them, i told, i said to, i thought, all i wanted"),
    (
        YES,
        "yes, yeah, yea, yah, yep, yup, ya, ye, aye, yessir, yes sir, yes maam, yes indeed,
        uh huh, mhm, mm hm, mm hmm, mmhm, absolutely, definitely, certainly, totally, of course,
        by all means, for sure, go ahead, go for it, do it, do that, do so,
        (lets/let us/we can/you can) do (it/that/this/so), you (can/may/could) go ahead,
        (lets/let us) go ahead, be my guest, with pleasure, gladly, happily,
        id be (happy/glad) (to/with that/to do that/to do so), im happy (to/with that/to do that),
        i (would/do/will/can), yes i (would/do/will/am/can), yes we (can/should/could),
        we (can/should/could), id (like/love) (that/to/it),
        i would (like/love/appreciate) (that/to/it), id appreciate (that/it), (that/
         it) would be (good/great/nice/lovely/helpful/perfect/fine/wonderful/awesome/fantastic/
         cool/okay/ideal), (thatd/itd) be (good/great/nice/lovely/helpful/perfect/fine/wonderful/
         awesome/fantastic/cool/okay), (that/it) sounds (good/great/fine/nice/perfect/lovely/
         wonderful/reasonable/fair/right/like a plan/like a good idea/like a great idea),
        sounds (good/great/fine/nice/perfect/lovely/wonderful/reasonable/fair/like a plan/
         like a good idea/about right), (good/great/excellent/nice/wonderful/lovely/fine) idea,
        (thats/that is/its) a (good/great/nice/lovely/wonderful/fine) (idea/plan/place to stop/
         place to end/point to stop/time to stop), a good (idea/plan/place to stop/place to end),
        good plan, works for me, (that/it) works (/for me/well), suits me (/fine),
        fine (by/with) me, (thats/im) fine (by/with) (me/that/it), good (by/with) me,
        im (ok/okay/good/cool/down/up) (with/for) (that/it), ok (by/with) me, im in, im game,
        im down, im ready, i am ready, we are ready, were ready, all set, im all set, i agree,
        agreed, you got it, why not, why wouldnt we, i (think/guess/suppose/believe) so, i (think/
         guess/suppose) (we can/we could/we should/that works/thats fine/thats okay),
        might as well, (we/i) might as well, yes please, please do, please go ahead, you bet,
        make it so, i dont mind, i wouldnt mind (/that), thats (fine/okay/ok/cool/great/perfect/
         good/lovely/alright/all right/right/correct/a yes),
        that is (fine/okay/great/perfect/good/right/correct), that (will/would) do, thatll do,
        no (problem/worries/objection/objections), not a problem, i cant wait,
        looking forward to it, lets go, its a deal, deal, indeed, affirmative, confirmed, confirm,
        ready when you are, if you like, if you want (/to), whenever you are ready,
        as you (like/wish), (lets/let us) hear it, shoot, cool with me, lets roll,
        id say (so/yes), i would say (so/yes), i want that, i think yes, it is time, its time,
        its about time, (im/i am) ready for (that/it/the summary),
        a summary (would be/sounds) (good/great/nice/lovely/helpful/perfect), that makes sense,
        makes sense, i could use (that/one/a summary), i like that (/idea), works, lets see it,
        love (that/it/to), would love (that/to/it), please yes, why yes,
        (it/that) is (fine/okay/ok/alright/all right/good) (by/with) me,
        (sounds/that sounds/thats) (alright/all right/okay/ok), (thats/that is) what i want,
        (lets/let us) (do/have) (that/it/the summary/a summary), (thatll/itll/that will/
         it will) be (great/good/fine/lovely/perfect/nice/helpful/okay/wonderful), (that/it/
         this) sounds (right/ok/okay/alright/all right/sensible/wise/helpful/amazing/awesome/
         cool), sounds (right/ok/okay/alright/all right/sensible/helpful/amazing/awesome/cool),
        (id/ i would/id really/i would really) (love/like/appreciate) (a/the/your) (/quick/
         short) (summary/recap/wrapup/wrap up), i (want/need/d like) (a/the) (summary/recap),
        (that/it) would (help/be a help/really help/help me/work) (/a lot/for me), (thats/that is/
         its/thatd be/that would be) probably (best/fine/for the best/a good idea/the best/enough/
         right/wise), its (best/for the best), yeah no, yeah nah yeah,
        (thats/that is) (fair/fair enough/reasonable), id be up for (that/it), up for (that/it),
        (im/i am) (happy/glad/content) (/with that/with it),
        (lets/let us) (get/do) (to it/it then), (do/make) it, very good idea, such a good idea,
        i was (about to/going to) (suggest/say) (that/the same),
        (thats/that is) (exactly/just) (what/the thing) i (need/needed/want/wanted), (thats/
         that is/thatd be/that would be) a (nice/good/great/perfect/lovely) (way to (end/finish/
         close)/place to (end/finish)/idea), if you think so, go (on/ahead) (/and/then/and then/
         and just) (/please) (summarize/summarise/wrap up/wrap it up/finish/do it/do that/sum up/
         sum it up/end it), go on then,
        but (quickly/make it quick/keep it short/keep it brief/short please),
        (/yes/yeah) (why dont we/we might as well/i might as well),
        (lets/let us) do (the/that/a/your) (summary/recap), (no/not any) (objection/complaints),
        (/i) dont see why not, (lets/we can) round (it/things/this) off,
        i could do with (a/the/that) (/summary/recap/one),
        i could (use/do with) (a/the/that) (summary/recap),
        im (all/pretty much all/kind of) (talked out/done),
        (i feel/im feeling) (ready/finished/good about that/good with that),
        (that/it) (sounds) fair, (that/it/this) (would be/will be) (super/very/really/so/
         extremely/most) (helpful/nice/good/great/useful/kind), (thatd/itd/thatll/itll) be (super/
         very/really/so) (helpful/nice/good/great/useful/kind),
        whatever you think (/is) (/best/right), as you think best, (perfect/good/great) timing,
        (thats/that is/its) (okay/ok/fine/alright/good) (with/for) me, sum it all up, (i feel/
         im feeling) (/really/very/pretty) (good/fine/okay/great) (about/with) (this/that/it),
        (i agree/agreed/i agree with that/i agree with you),
        go ahead (with/and do) (the/a/that) (summary/recap)",
    ),
    (
        OK,
        "sure, sure thing, sure go ahead, fine, alright, all right, right, alrighty, aright,
        very well, perfect, great, excellent, wonderful, lovely, good, cool, awesome, fantastic,
        super, brilliant, fair enough, please, correct, exactly, ok then, alright then,
        right then, fine then, ok cool, nice, summary, summarize, summarise, summarize (it/that/
         this/everything/things/our session/what we said/the main points/the key points),
        summarise (it/that/this/everything/things), (a/the/my/that/your) summary,
        sum (it/things/that/everything) up, sum up, recap, a recap, the recap,
        (give/tell/show/get) me (the/a/my/that) (summary/recap/plan/action plan),
        (let me/lets) (have/hear/see/get) (the/a/that) (summary/recap),
        with a summary (/and an action plan/and a plan), and an action plan, a quick summary,
        a quick recap, a short summary, (give/tell/show/get) me (/the/a/my/that) (quick/short/
         brief/final/little) (summary/recap), (a/the) (brief/final/little) (summary/recap),
        (quick/short/brief) (summary/recap), (do/make/write/have/hear/get) (/me) (a/the/my/
         that) (/quick/short/brief) (summary/recap), yes (/please) (the/a) summary, summary please",
    ),
    (
        NO,
        "no, nope, nah, naw, no thanks, no thank you, no no, nuh uh, uh uh, noo, not really,
        not (right now/now/today/just now/at the moment/for now/at this point/this time/at all/
         necessarily/exactly), not a chance, no way, never,
        i (wouldnt/dont think so/do not think so/would not/wont), id rather not,
        i would rather not, rather not, id prefer not (/to), i would prefer not to, better not,
        i dont (want to/want that/think so/think we should), please dont, please no, lets not,
        dont, do not, im good, no need, theres no need, no im not, not ready, im not ready,
        i am not ready, im not (ready for that/sure i want to), i (do not/dont) feel like it,
        id say no, hard pass, pass, i dont want (a summary/the summary/to), no summary,
        not for me, that wont be necessary, absolutely not, definitely not, certainly not,
        of course not, no not really, negative, please not, no not (at all/really),
        i dont think (thats/that is/it is/its/theres a/that would be) (necessary/needed/
         a good idea/need), (thats/its) not (necessary/needed)",
    ),
    (
        STAY,
        "(i/we) (must/have to/need to/want to/should/will/can/could) (go on/carry on/keep going/
        keep on), must go on,
        not (yet/quite yet/just yet/quite/so fast/so soon/quite there yet/there yet), no not yet,
        too (soon/early), its too (soon/early),
        (a/just a) (little/bit/little bit/while) (longer/more), (a/just a/one) (few more minutes/
         few minutes more/couple more minutes/more minute/more minutes/minute/moment/
         moment longer/ second/sec/moment please), five more minutes, ten more minutes,
        some more (/time), a little more time, give me (a minute/a moment/a second/more time/
         a bit more time/ some more time/a little longer/a sec),
        one more (thing/question/minute/moment/point), just one more thing, (hold on/hang on/wait/
         wait a minute/wait a second/wait a bit/ wait a moment/wait wait),
        keep (going/talking/at it), keep on (going/talking),
        im not (done/finished/through) (/yet/here/quite yet/talking),
        i am not (done/finished) (/yet), were not (done/finished) (/yet),
        we are not (done/finished) (/yet),
        i (have/ve got/got/still have) more to (say/talk about/discuss/share), i (still have/
         have) (something/a few things/things/a lot) (to say/to talk about/to discuss/
         more to say), theres (more/still more/something else/one more thing) (/to say/
         to talk about/to discuss/ i want to say/id like to say/id like to talk about/
         i want to talk about), there is (more/something else) (/to say/to talk about),
        i need more time, i want more time, id like (more time/a bit more time/some more time),
        we have (time/more time), i have (time/more time),
        stay (/a bit/a while/with me) (/longer), lets stay (/a bit/a while) (/longer),
        (maybe/perhaps) (later/another time/in a bit/in a minute/in a while/next time), later,
        later maybe, later please, not until later, in a (bit/minute/while/moment), soon,
        im still (talking/thinking/going), i was not done, i wasnt (done/finished) (/yet),
        dont (go/leave) (/yet), dont rush me, can we wait, lets wait, id like to wait,
        i want to stay, id like to stay, before that, more please, more, i still want to talk,
        i want to say more, id like to say more, i have another (question/topic/thing),
        lets not stop (/yet), dont stop (/yet),
        i need (a/just a) (bit/little/little bit) (more time/longer),
        i need (/some/a few) more (time/minutes), (/for/a/just a) (few/couple/
         couple of) (more minutes/minutes more/more questions/more things), not quite, (can/
         could) (you/i) (give me/have) (a/a few/some) (/bit/little) (more time/more minutes/
         minute), (im/i am/we are/were) still (thinking about it/talking/thinking/
         in the middle of it/not done/not finished/working on it/not ready), (theres/there is/
         there are) (still/some/a few/a couple of/another) (something/things/stuff/thing/more/
         other things) (/else) (/i (want/wanted/would like/d like/need/still want) to (say/
         talk about/discuss/mention/tell you/ask/share/get into)), (its/it is/thats/
         that is) (a bit/a little/a little bit/way/far/still/much/still a bit) too (early/soon) (/
         for that/for me/to stop/to finish/to end/yet), im not (quite/nearly/really/completely/
         even) (done/finished/through/ready) (/yet), i dont feel (ready/done/finished) (/to (stop/
         end/finish/wrap up)) (/yet/for that), let me (/just) (add/say/finish/tell you/mention/
         ask/ share/think about) (one more thing/something/this/that/something else/more/
         one thing/ a few things/one last thing/this first/my thought), (i/we/ive/i have/theres/
         there are) (still have/still got/have/got/still/ve still got) (some/a few/more/some more/
         a couple of/a couple more/one more/another/one last) (/more) (questions/things/question/
         thing/point/points/topics/topic/issues/stuff) (/to discuss/to talk about/to say/for you/
         to go through), not at (this/the) (moment/point/time/minute), (we/i) (havent/have not) (/
         quite/really/even) (finished/started/got there/said everything/told you everything) (/
         yet), i dont think (were/we are/im/i am) (/quite/really) (done/finished/ready/there) (/
         yet), i dont think so (/not yet/yet), not for (me/now) yet, (theres/there is) no rush,
        whats the rush, whats the hurry, (lets/let us/can we/could we/id like to/i want to/
         id rather/i would like to/i would rather/please) (stay/keep at/stick) (/with) (it/
         this) (/ a bit/a little/a while) (/longer), only just (started/begun),
        i was just getting (started/into it/going), (we/i) only just (started/began/got started),
        (i/ive/i have) (got/have/still have/ve got) (more/something/something else/one more thing/
         another thing/a lot more) to (tell you/say/share/add/ask/talk about/discuss/
         get off my chest), (can/could/may) i (/just/still) (say/add/ask/tell you/
         mention) (something/one more thing/one thing/something else/one more question/
         another thing), (id like/i want/i need/can we have/could we have/give me/lets do/another/
         maybe) (/another/some/a/like) (few/five/ten/two/fifteen/couple) (/more) minutes (/more/
         please), we (still/do/do still) have (/some/enough/plenty of) time (/left),
        another (minute/five/ten minutes/round), no (/thanks/thank you) (lets/id rather/i want to/
         i would like to/id like to/we can/please) (go on/continue/carry on/keep going/
         keep talking/proceed), five more minutes, i want to keep at it, more time (/please),
        (im/i am) (/really/actually) (enjoying/liking) (this/it), more, else, another, still,
        other, deeper, (a bit/a little/bit/further) deeper, somewhat longer,
        i like (this/talking to you/talking), not everything, havent (told you/said) everything,
        a little (further/deeper), (cant/can not/cannot/couldnt) (we/i) (/please/just) (continue/
         go on/keep going/stay/keep talking/talk more), (were/we are/im/i am) not there (/yet),
        just (five/ten/two/a few) (more/) minutes (/more),
        (i am/im/were/we are) not done (/talking/yet/here/talking yet), left, one thing left,
        keep discussing, (a bit/a little/a little bit) further,
        (maybe/perhaps) in a (few/couple of/bit/while) (/more/minutes),
        in a (few/couple of) minutes, (i want/i wanna/id like/i would like/i just want) to (go on/
         go further/go deeper/move on with this)",
    ),
    (
        NOT,
        "(dont/do not/lets not/please dont/i dont/i do not/we dont/never/im not/i am not/not/
         no need to/wed rather not/id rather not/i would rather not/i dont want to/
         i do not want to/i dont wanna/we dont need to/we dont have to/we shouldnt/we should not/
         i dont think we (should/need to/have to)/dont want to/i dont (need/have) to/can we not/
         could we not/i wouldnt (like/want) to/i would not like to/im not ready to/
         i am not ready to/i dont feel like/not ready to/i dont think i (want/need) to/
         it is not time to/its not time to/its too early to/its too soon to/too early to/
         too soon to/id prefer not to/i would prefer not to/id hate to)",
    ),
    (
        WANT,
        "(lets/let us/lets just/can we/could we/can we please/could we please/may we/shall we/
         should we/we can/we could/we should/we may/we might/we need to/we have to/we gotta/
         we better/wed better/i want to/i wanna/i would like to/id like to/i would love to/
         id love to/id prefer to/i would prefer to/id rather/i would rather/i prefer to/i need to/
         i have to/ive got to/i got to/i gotta/i must/i should/i shall/i will/ill/im going to/
         im gonna/i am going to/i can/can you/could you/would you/will you/can you please/
         could you please/would you please/please/you can/you may/you could/i may/id better/
         i better/i had better/can i/could i/may i/is it ok if we/is it okay if we/is it ok to/
         would it be ok (to/if we)/would it be okay (to/if we)/would it be possible to/
         its time to/ it is time to/time to/time for me to/its time for me to/im ready to/
         i am ready to/ ready to/im happy to/im ready for us to/were ready to/want to/wanna/
         like to/i wish to/ i feel like/id be happy to/id be glad to/i suggest we/i propose we/
         how about we/ why dont we/what if we/i want you to/id like you to/i think its time to/
         feel free to/ im good to/its a good (time/place/point/moment) to/its best to/
         it would be (good/best/ nice) to/that would be a good (place/point/time) to/
         i think we can/i think we should/ i was going to/i vote we/i guess we can/mind if we/
         do you mind if we/would you mind if we)",
    ),
    (
        VERB,
        "stop, stop talking, finish, end, quit, close, conclude, pause, leave it, end it, stop it,
        finish it, finish things, wrap, be done, take a break, exit, terminate, call it, stopping,
        finishing, ending, close it, close things, break, have a break, end things, end this,
        stop this, finish this, close this, leave this, take a rest, leave, log off, sign off,
        sign out, log out, hang up, disconnect, break off, go, go home, go to (bed/sleep),
        head (off/out/home), get off, close off, draw to a close,
        bring (this/it/things) to (a close/an end),
        bring (this/the) (session/conversation/talk) to (a close/an end), say goodbye, say bye,
        wind down, wind (things/it/this) (up/down), round (it/things/this) off, round off,
        finish up, say good night",
    ),
    (
        OBJECT,
        "(the/this/our/my/todays/that/the current/this coaching/the coaching/
         our coaching) (session/conversation/chat/talk/call/discussion/coaching/coaching session/
         meeting with you/talk with you/conversation with you/chat with you/session with you),
        session, conversation, chat, call",
    ),
    (
        HERE,
        "here, there, right here,
        for (today/now/tonight/the day/the night/this evening/this time/the moment), today, now,
        right now, tonight, at this point, (at/with) (this/that), on that (note/thought), it here,
        it there, things here, for the time being, this here, that here,
        until (tomorrow/next time), till (tomorrow/next time)",
    ),
    (
        GO_ON,
        "continue, continue (talking/this/with this/our conversation/the conversation/our talk/
         our session/the session/a bit/a little), go on, carry on, keep on, talk,
        talk (more/about it/about this/some more/longer/a bit/a little), speak (/more/longer),
        chat (more/longer), proceed, keep (going/talking/chatting/on/speaking),
        keep (this/the) (conversation/session) going, dig deeper, go (deeper/further),
        go on (talking/with this), discuss (this/it) (more/further/), stay, pick (this/it) up,
        pick up (here/there/from here/where we left off), resume, talk again, discuss this more,
        explore (this/it/that) (more/further/),
        keep (discussing/exploring/working on) (/this/it/that), keep at (this/it)",
    ),
    (
        LATER,
        "tomorrow, next (time/week/session), another (time/day), some other time,
        on (monday/tuesday/wednesday/thursday/friday/saturday/sunday), later today,
        later this week, this evening, later on, again (soon/later), soon",
    ),
    (
        FINISH,
        "(/please) (summarize/summarise/sum up) (/please), (/please/can you/could you/would you/
        will you/kuku) (summarize/summarise/sum up/wrap up and summarize) (our/the/this/
        my) (conversation/session/talk/chat/discussion/coaching session) (/please/now/for me), (/
        please/can you/could you/would you) (give/show/send/read) me (the/a/my) summary (/now/
        please/of our conversation/of the session/of our session),
        (can/could/may) i (have/get/hear/see) (the/a/my) summary (/now/please),
        (wrap/wrapping) (up/it up/this up/things up/that up/up now/everything up),
        wrap (up/it up/things up) and (summarize/summarise), wrapup, (wrap up/end/close/finish/
         conclude/stop) (the/this/our/my/todays) (session/conversation/chat/talk/call/discussion/
         coaching session), (end/finish/close/stop/wrap up) (session/conversation/chat/call),
        finish up, (summarize/summarise) and (end/finish/stop/close/wrap up),
        (end/finish/stop/close) and (summarize/summarise), sum up and (end/finish/stop),
        be (done/finished) with (this/the/our) (session/conversation/chat/talk),
        i dont (want/wanna) to talk (anymore/any more/any longer),
        i dont want to (continue/talk) (now/today/tonight/anymore today/any more today),
        stop (talking/chatting) (now/for today/for now), session over, over and out,
        (finish/wrap/sum) up and (summarize/summarise), summarize and (wrap/finish) up,
        (finish/end/close/stop/conclude/wrap up) with (a/the) (summary/recap)",
    ),
    (
        CLOSED,
        "(stop/end/finish/close/leave it/leave things/end it/wrap up/wrap it up/conclude/pause/
         call it/leave this/finish up/end things/wrap things up/stop it/break) (here/there/
         for today/for now/right here/for tonight/for the day/at this point/for the moment/now/
         today/on that note/on this note), call it (a day/a night/quits/a night then), (thats/
         that is/this is/thatll be/that will be/that would be/that was/thatd be) (all/it/
         everything/enough/plenty/quite enough/about it/about all/pretty much it/
         the lot) (for today/for now/for tonight/for me today/for me/from me/from me today/
         i needed/i needed today/i have for today/i have time for/i wanted to talk about/
         i had for today/today/i have today/i have for now/i need for today/for this session/
         from my side/i wanted to say), (enough/thats enough/its enough/i think enough/
         ive had enough/weve done enough/that was enough) (for today/for now/for tonight/
         for one day), thats enough (talking/talk/for me), im (done/finished/through/good/
         all done/ all set) (for today/for now/for tonight/for the day/here/with this session/
         with the session/with our session/with our talk/talking/talking for today/
         with this conversation/with this chat),
        i am (done/finished) (for today/for now/here/with the session/with this session),
        ive (said/got) (all/everything) i (wanted/needed) (/to/to say/today/for today),
        i have (said/got) (all/everything) i (wanted/needed) (/to/to say/today/for today),
        i got what i (needed/wanted/came for) (/today),
        ive got what i (needed/wanted/came for) (/today),
        we (can/should/could) (stop/leave it/end it/end/finish/call it),
        were done (/here/for today/for now), we are done (/here/for today/for now),
        weve (covered/done) (enough/everything/it all) (/today/for today/for now), (i/ive/i have/
         ive got/i got/i really/i gotta/i need/i have got/sorry i have/sorry ive got/i must/
         i should/i gotta/id better/i better/id/ill/i will/im gonna/im going to/i do have/
         i actually have/i think i have/i think i should/i think ill/im afraid i have/
         im afraid i) (to go/got to go/have to go/to run/need to go/must go/should go/need to run/
         better go/to get going/get going/to head out/to head off/head out/head off/
         need to get going/need to leave/have to leave/have to run/to leave/to leave you/to jump/
         to dash/must run/must dash/to be off/must be off/be off/let you go/to hang up/to log off/
         log off/hang up/to sign off/sign off/to leave it there/to jump off/to get off/to hop off/
         hop off/to drop off/to take off/to bounce/go now/go to bed/go to sleep/to go to bed/
         to go to sleep/get some sleep/to get some sleep/to get some rest/get some rest/leave now/
         go home now/to go home now/call it a day/have to take off/to get back to work/
         get back to work/to catch my (train/bus/flight)) (/now/soon/though/anyway),
        gotta (go/run/dash/jump/bounce/head out/leave/be going/get going) (/now),
        got to (go/run/dash), need to go (now/), have to go (now/), must go (now/), im (off/
         leaving/heading out/heading off/logging off/signing off/out/off now/off to bed/off then/
         going now/leaving now/out of here/going to bed/going to bed now/hanging up now) (/now),
        i am (off/leaving/heading out/logging off/signing off) (/now), time (for me to go/to go/
         to say goodbye/to head out/for me to head out/for bed/is up/to wrap up),
        its time (for me to go/to go/to say goodbye/to head out/for bed/to wrap up/to stop/
         to call it a day), (im/i am) out of time, my time is up, i (am out of/dont have any more/
         dont have more/have no more/ran out of) time (/today/now/for today), ive run out of time,
        (lets/let us/well/we will/we can/can we/could we/ill/we could/we should) (pick this up/
         pick it up/continue this/continue/talk/talk again/speak/speak again/catch up/resume/
         do more/do this again/talk more/go on/carry on/chat/chat again/chat more) (tomorrow/
         next time/another time/another day/next week/later/soon/some other time/in the morning/
         again soon), to be continued, ill (come back/be back/get back to you/check in/check back/
         return) (/tomorrow/later/soon/next time/next week/another time/again/again soon),
        i have to go now, i need to go now, i (have/need) to stop (here/now/for today),
        no more (for today/today/for now), nothing more for today, nothing else for today,
        nothing (more/else) today, lets leave it (there/here/at that/at that for today),
        lets leave it, i (think i/) will leave it (there/here/at that),
        ill leave it (there/here/at that), thats a wrap, (i/ill) let you go, its a wrap,
        see you out, (i/i really) (need to/have to/must/should/gotta/ve got to) (go/leave/run/
         head out/be off) in (a/one/five/ten/two/a couple of) (minute/minutes/bit/second/moment),
        (i have/i ve/ive/i/ive got/i got) (got/have/) (everything/all/what) i (need/needed/want/
         wanted/came for) (/today/for today/for now),
        im (heading/going/getting) off to (bed/sleep/work), (im/i am) going to (go to bed/sleep/
         head off/head out/log off/hang up/run/leave) (/now),
        (thatll/that will) do (for/me for) (today/now/tonight),
        (lets/let us) (end/finish/stop/close/leave) it (/off/here/there/now),
        (lets/let us) (finish/end/close) (off/things) (/here/now),
        time to (go/leave/head out/sleep/hang up/stop/end/finish/wrap up),
        (thats/that was) me (/done/finished) for (today/now/tonight/the day), (/i think/
         i guess) (we/i) should (/probably/maybe/really) (wrap up/wrap it up/stop/finish/end/go/
         call it a day/leave it) (/here/there/now/soon), i had better (go/run/leave/stop),
        ive had enough for (today/now), (/i think/i guess) (ill/i will) (/just) (stop/finish/
         leave it/end/wrap up) (here/there/now), thatll do (/for today/for now),
        i have to get off (the phone/here/now/this call), (this is/thats/i think this is/
         this would be/this seems) a good (place/point/time/moment) to (stop/end/finish/wrap up/
         leave it), (/lets/we can/well) do the rest (tomorrow/next time/another time/later/
         next week), i (cant/cannot/can not) (stay/talk) (/any) (longer/more) (/now/today),
        (i should/i need to/i have to) get back to (work/it),
        (the rest/more) (tomorrow/next time), (id like/i would like/i want) to leave it (at that/
         there/here) (/for today/for now)",
    ),
    (
        BYE,
        "good bye (/for now/then/now), bye (for now/now/then), byebye, bye bye now, see (you/
         ya) (/later/soon/tomorrow/next time/next week/around/then/another time/again/again soon/
         again tomorrow/on monday/on friday), see u, cya, (talk/speak/chat) (/to you/
         with you) (later/soon/tomorrow/next time/next week/then/again soon/again tomorrow),
        talk to you, catch you (later/soon/next time), farewell, so long, take care, good night,
        goodnight, nighty night, have a (good/nice/great/lovely/wonderful) (day/night/evening/one/
         weekend/afternoon/rest of the day/rest of your day), until (tomorrow/next time/then),
        till (tomorrow/next time/then), cheerio, ta ta, toodles, adios, later kuku, peace out,
        cheers bye, laters, im saying goodbye, ill say goodbye, so ill say goodbye, i say goodbye",
    ),
    (
        SOFT,
        "(thats/that is/thatll be/that will be/that was/that would be) (all/it/everything/enough/
         pretty much it/about it/plenty), im (done/finished/through/all done),
        i am (done/finished), were done, we are done, all done,
        (nothing/no nothing) (else/more) (/to add/to say/from me), enough, done, finished,
        i have nothing (else/more/to add) (/to say/to add/to talk about),
        theres nothing (else/more) (/to say/to add), i think thats (it/all/everything/enough),
        i think (im done/were done/i am done), i guess (thats it/thats all/were done/im done),
        ive (said/heard) enough, i got it all, ive had enough for one day,
        my time is (short/almost up), im (getting/really/very/so/a bit/quite/too/pretty) tired,
        im (tired/exhausted/sleepy/worn out), we (/ve/have) (covered/discussed/said/done/
         talked about) (enough/everything/it all/all of it/a lot/what i needed), i (dont have/
         do not have/havent got/ve not got) (anything/nothing) (else/more) (/to add/to say/
         to talk about/to discuss/for today), i dont think (theres/there is) anything (else/
         more) (/to add/to say/to talk about), i have said (it all/everything/enough),
        thats everything, nothing else comes to mind, i cant think of anything (else/more), (/
         i think) (we/weve/we have) (talked/said/done/discussed/covered) (/more than) (enough/
         plenty/a lot/everything) (/today/for today), (/i think) (i/ive/i have) (said/covered/
         told you/talked about) (everything/it all/enough/what i wanted/all i wanted) (/i wanted/
         i wanted to), thats me (done/finished),
        i feel like (thats/that is) (all/enough/it/everything), (ive/i have) nothing else,
        (weve/we have/we) (/been) (talked/talking) (for/) long enough,
        (weve/we have) talked (/for) (a while/long enough), thats all i (had/have/wanted/needed),
        (that was/thats) everything i (had/wanted/needed)",
    ),
    (
        THANKS,
        "thanks, thank you, thank you (so much/very much/kindly/a lot/again/for today/
         for your help/for everything/for your time/for listening/for this/for the chat/
         for the session/for the talk/for all your help/for the help/for your support),
        thanks (so much/very much/a lot/a bunch/a million/again/for today/for your help/
         for everything/for your time/for listening/for this/for the chat/for the session/
         for the talk/for all your help/for the help/for your support/for all), many thanks, thx,
        cheers, much appreciated, i appreciate (it/that/this/your help),
        i really appreciate (it/that/your help),
        this was (great/good/helpful/very helpful/really helpful/useful/nice/lovely),
        that was (great/good/helpful/very helpful/really helpful/useful/nice/lovely),
        that (helped/really helped/helped a lot/helps/helped me/helped me a lot), this (helped/
         really helped/helped a lot/helps/has been helpful/has been great/
         has been really helpful),
        its been (helpful/great/good/really helpful/lovely/nice/a pleasure), it was (nice/good/
         great/lovely/helpful) (/talking to you/talking with you/chatting),
        (nice/good/great) (talking/chatting/speaking) (to/with) you,
        you (helped/have helped/ve helped) me (/a lot),
        youve been (great/helpful/very helpful/a great help), you are (great/the best),
        youre (great/the best), i feel (better/much better/a lot better) (/now), great session,
        good (talk/session/chat), nice (talk/session/chat), (it/this/that) was (/a) (/really/
         very) (good/great/nice/helpful/lovely/useful/wonderful) (/session/talk/chat/
         conversation), (this/it) (has been/was) (/a) (/really/very) (good/great/nice/helpful/
         lovely/ useful) (session/talk/chat/conversation)",
    ),
    (
        HEDGE,
        "maybe, perhaps, possibly, i dont know, dunno, i do not know, im not sure, not sure,
        i am not sure, yes and no, kind of, sort of, it depends, depends, up to you, whatever,
        you decide, if you think so, what do you think, i cant decide, hard to say, whichever,
        i guess, i suppose, who knows, let me think",
    ),
    (BUT, "but, however, although, though, except, only"),
    (
        FILLER,
        "well, so, then, just, actually, really, honestly, also, too, and, as well, i mean,
        you know, like, basically, anyway, anyways, hey, hi, look, listen, see, ooh, aw, wow,
        gosh, ugh, huh, erm, ehm, umm, eh, ha, sorry, excuse me, dear, my friend, buddy, man,
        mate, with you, to you, to me, for me, for us, from me, of it, it, i think, i believe,
        i guess, i suppose, it seems, if thats ok, if that is ok, if thats okay, if you dont mind,
        if possible, if we can, if i may, if i could, if thats all right, if thats alright,
        very much, so much, quickly, quick, real quick, very, quite, pretty much, all, everything,
        already, soon, up, my, the, a, together, at least, first, to be honest, tbh, kindly, yet,
        still, some, a bit, a little, a little bit, slightly, for a bit, for a while,
        for a moment, longer, more, further, a while, too long, this time, that, this, do, dude,
        afraid, im afraid, unfortunately, definitely, certainly, it is, indeed, again, any longer,
        anymore, any more, its late, its getting late, its late here, its getting late here,
        i think we, we, i, a moment, a minute, ok so, alright so, so yeah, and then, for you to,
        with that, ahead, off, my dear, to say, please and thank you, in that case, today, now,
        on, guys, in fact, of this, if you could, if you would, i see, got it, understood,
        i understand, the rest, super, im (fine/okay/ok/all right/alright),
        i am (fine/okay/ok/all right/alright), (my/the) (bus/train/taxi/uber/ride/next meeting/
         meeting/appointment/class/lesson/lunch/dinner/break/shift/boss/husband/wife/mom/mum/kid/
         kids/children/baby/son/daughter/friend/friends) (is/are) (here/coming/waiting/starting/
         about to start/leaving/arriving/calling/ready/crying/home/over/hungry/outside/
         at the door/ waiting for me/calling me), (my/the) (meeting/class/lesson/shift/
         appointment) (starts/ begins) (/soon/now/in five minutes/in ten minutes),
        someones at the door, my (phone/battery) is (dying/almost empty/low/almost dead),
        you know what, to be fair, you know, i reckon, id say, i would say, love, folks, please,
        kindly, anyhow, oh well, well then, ok well, for sure, about it, maam, for, for me to,
        everything is (fine/okay/good), everythings (fine/okay/good), probably, oh and,
        thats nice, (its/it has/it was) (/been) (a long/such a long/quite a) day, long day, (im/
         i am) (/really/quite/so/very/pretty/a bit/getting) (tired/exhausted/sleepy/worn out/
         hungry)",
    ),
    (REASON, "because, cause, cuz, since, as i, as my, coz, due to"),
    (
        REPORT,
        "i tell, i told, i said, tell the, tell my, told my, i thought, i wrote, all i wanted,
        all i ever wanted, said, says, saying, told, tells, asked, asks, shouted, yelled,
        screamed, replied, answered, if i, if he, if she, if they, if my, when, whenever, always,
        every, each, sometimes, often, usually, used to, thinks, wants me, think that, thought,
        wrote, texted, he, she, they, would say, how, why do i, should i, what if i, dreamed,
        imagine, supposed, never, last, yesterday, ago, was, were, did, had",
    ),
    (
        DESPAIR,
        "end it all, ending it all, end everything, end my life, ending my life, kill myself,
        killing myself, i (cant/cannot/can not/could not/couldnt) go on, i cant (keep going/
         continue like this/do this anymore/take it anymore/take this anymore/live like this/
         carry on/take any more), done with (everything/life/it all/this life/living),
        want to die, wanna die, be dead,
        i dont want to (live/be here anymore/be alive/exist/go on/wake up),
        i dont want to be here, no reason to live, better off without me, better off dead,
        want to disappear, suicide, suicidal, i dont want to go on,
        no point (in living/anymore/in going on/going on),
        say goodbye to (everyone/the world/life), goodbye (world/cruel world/forever/everyone),
        tired of (living/life), hurt myself, sick of (living/life), finish myself,
        i give up on life, end this life, end this pain, end the pain, make it (all/) stop,
        leave this world, never wake up, i want it to (stop/end/be over),
        i want everything to (stop/end/be over), give up on everything",
    ),
    (
        ABOUT,
        "leave (him/her/my/the/them/this), go back to, done with my, tired of, go to the,
        enough of, enough (money/time/food) for,
        stop (smoking/drinking/eating/thinking/worrying/doing/being/working/seeing),
        end (my/the relationship/it with), finish my, quit my, finished with my, stop by, stop at,
        go to (a/the/my/his/her) (funeral/wedding/party/doctor/dentist/hospital/gym/court/church),
        off (work/sick/school), on (saturday/sunday/monday/tuesday/wednesday/thursday/friday),
        this (week/month/year/summer/winter/spring/autumn), next (month/year/summer/winter),
        every (day/morning/night/week/evening/time/month/year), all the time, all day, more often,
        years ago, last (week/year/night/month), for a living, on (my/his/her) own,
        without (me/him/her/my), to (berlin/london/paris/madrid), with (him/her/them/my boss/
         my mother/my father/my husband/my wife/my partner/my boyfriend/my girlfriend),
        at (work/school/home/the office), go through, leaving (my/the/him/her/them),
        going with (my/the), earlier, from now on, off (sugar/alcohol/meat/work),
        with my (applications/work/life/job), leave my,
        done (waiting/trying/being/pretending/hoping),
        to the (doctor/dentist/hospital/store/gym/bank), for my (mother/father/boss), about my,
        since (may/june/last), stop (comparing/lying/fighting/crying/waiting/pretending/hoping/
         blaming/trying/feeling), go back and, for (spain/italy/france/good), run a,
        here and there, be done with, to a new, under the, get going on, is that",
    ),
    (EITHER, "all good, its all good"),
    (
        TOPIC,
        "the deal, a deal with, this deal, have, ive, i have, got, ive got, something, anything,
        some things, things, thing, stuff, question, questions, point, points, topic, time, say,
        to say, tell, tell you, to tell you, talk about, to talk about, discuss, mention, ask,
        ask you, share, add, explore, look at, think about, think, on my mind,
        to get off my chest, theres, there is, there are, is, are, want, need, told you, said,
        havent, have not, minutes, minute, yet another, lot, few, everything, done, in, enjoy,
        enjoying this, enjoying it, like this, go into, get into, dig into, deep, into, ready,
        feel",
    ),
    (
        FINISH | HEDGE,
        "(i want to/i wanna/i just want to/i just wanna/i would like to/id like to) (go/leave/
         go home/run/move on/get out/get out of here/get away), i want (out/to rest),
        i want to sleep, i have to leave it",
    ),
    (SOFT | HEDGE, "i feel (done/finished)"),
];
