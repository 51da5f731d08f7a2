//! German texts.

use super::{EmptySummary, Errors, Offline, Summary, Texts};

/// The texts in German.
pub static TEXTS: Texts = Texts {
    go_on: "Klar, machen wir weiter. Was möchtest du dir als Nächstes anschauen?",
    confirm_finish: "Soll ich hier Schluss machen und alles zusammenfassen? \
                     Sag „ja“ oder „fass zusammen“.",
    offer_progress: "Wollen wir hier abschließen, mit Zusammenfassung und Plan?",
    offer_time: "Die Zeit ist fast um. Soll ich jetzt alles zusammenfassen?",
    errors: Errors {
        session_not_found: "Diese Sitzung finde ich nicht. Bitte starte eine neue.",
        session_not_active: "Diese Sitzung ist schon beendet. Starte gern eine neue.",
        invalid_audio_format: "Diese Aufnahme kann ich nicht abspielen. \
                               Drück aufs Mikrofon und sprich noch mal.",
        not_transcribable: "Das habe ich nicht verstanden. Sag es bitte noch einmal.",
        recording_too_large: "Das war mir zu lang. Sprich bitte höchstens {} min am Stück.",
        text_too_long: "Das war viel auf einmal. Sag es bitte in kürzeren Teilen.",
        speech_to_text_not_configured: "Ich kann hier noch nicht zuhören. \
                                        Beende mit dem Kreuz und komm später wieder.",
        speech_to_text_unavailable: "Ich konnte gerade nicht zuhören. \
                                     Versuch es bitte gleich noch einmal.",
        coach_unavailable: "Ich kann gerade nicht antworten. Versuch es bitte gleich noch einmal.",
        recording_unanswered: "Ich habe dich gehört, kann aber gerade nicht antworten. \
                               Sag gleich „mach weiter“.",
        coach_declined: "Darauf möchte ich lieber nicht eingehen. Was beschäftigt dich sonst noch?",
        session_busy: "Ich antworte noch auf das, was du zuletzt gesagt hast. \
                       Einen Moment bitte.",
        session_full: "Mehr passt nicht in unser Gespräch. \
                       Beende es mit dem Kreuz, dann fasse ich zusammen.",
        rating_out_of_range: "Wähle bitte einen bis fünf Sterne.",
        session_not_ended: "Bewerten kannst du erst nach dem Ende. \
                            Mit dem Kreuz beendest du die Sitzung.",
    },
    offline: Offline {
        quotation: ("Du hast gesagt: „", "“ "),
        last_time: ("Letztes Mal hast du beschlossen: ", ". Wie ist es gelaufen?"),
        topic: [
            "Warum ist dir das gerade jetzt wichtig?",
            "Was möchtest du daran besser verstehen?",
            "Wie lange beschäftigt dich das schon?",
            "Welchen Teil davon möchtest du dir heute anschauen?",
        ],
        goal: [
            "Was soll anders werden?",
            "Woran würdest du merken, dass du am Ziel bist?",
            "Was würde dadurch für dich möglich?",
            "Wann möchtest du dort sein?",
            "Wie lautet dein Ziel in einem Satz?",
        ],
        reality: [
            "Was passiert im Moment?",
            "Was hast du bisher versucht?",
            "Was hat geholfen, und sei es nur ein bisschen?",
            "Was steht dir am meisten im Weg?",
            "Wer gehört noch dazu, und wie?",
            "Wie geht es dir, wenn du mittendrin steckst?",
            "Wovon gehst du aus, das vielleicht gar nicht stimmt?",
        ],
        options: [
            "Was könntest du tun?",
            "Was könntest du noch tun?",
            "Was würdest du versuchen, wenn es nicht schiefgehen könnte?",
            "Was würde jemand tun, den du bewunderst?",
            "Welche dieser Ideen gibt dir Energie?",
            "Was wäre der kleinste Schritt?",
            "Was spricht dafür, und was dagegen?",
        ],
        way_forward: [
            "Was machst du als Erstes?",
            "Wann genau machst du das?",
            "Was könnte dazwischenkommen, und was machst du dann?",
            "Wer kann dich unterstützen?",
            "Wie sicher bist du, von eins bis zehn, dass du es machst?",
            "Woran wirst du merken, dass es geklappt hat?",
            "Was nimmst du von heute mit?",
        ],
        decision_phrases: &[
            "ich werde",
            "werde ich",
            "ich will jetzt",
            "ich nehme mir vor",
            "ich habe vor",
            "ich hab vor",
            "ich habe beschlossen",
            "ich hab beschlossen",
            "ich habe mich entschieden",
            "ich hab mich entschieden",
            "mein nächster schritt",
            "mein erster schritt",
            "als nächstes mache ich",
            "als erstes mache ich",
            "ich plane",
        ],
        insight_phrases: &[
            "mir ist klar", "mir wird klar", "mir wurde klar", "jetzt ist mir klar", "ich merke",
            "ich habe gemerkt", "ich hab gemerkt", "mir ist aufgefallen", "mir fällt auf",
            "ich verstehe jetzt", "jetzt verstehe ich", "ich habe verstanden",
            "ich hab verstanden", "ich habe gelernt", "ich hab gelernt", "ich erkenne",
            "jetzt sehe ich", "ich sehe jetzt", "es hilft mir", "das hilft mir",
            "eigentlich bin ich", "eigentlich will ich",
        ],
    },
    summary: Summary {
        earlier: "Vorher hast du gesagt:",
        no_points: "Du hast erzählt, was dich beschäftigt.",
        no_insights: "Eine Erkenntnis hast du nicht ausdrücklich genannt; \
                      vielleicht steckt sie in deinen Worten oben.",
        no_decisions: "Einen nächsten Schritt hast du noch nicht genannt. Was könnte er sein?",
        final_note: "Diese Zusammenfassung besteht aus deinen eigenen Worten. \
                     Schön, dass du dir diese Zeit für dich genommen hast.",
    },
    empty_summary: EmptySummary {
        points: "Diesmal sind wir nicht ins Gespräch gekommen.",
        insights: "Noch keine.",
        plan: "Komm wieder, wann immer du magst.",
        final_note: "Du bist jederzeit willkommen.",
    },
};
