//! Italian texts.

use super::{EmptySummary, Errors, Offline, Summary, Texts};

/// The texts in Italian.
pub static TEXTS: Texts = Texts {
    go_on: "Certo, andiamo avanti. Che cosa vuoi guardare adesso?",
    confirm_finish: "Vuoi che chiuda qui e faccia un riassunto? Di' «sì» o «fai il riassunto».",
    offer_progress: "Chiudiamo qui, con un riassunto e un piano d'azione?",
    offer_time: "Il tempo è quasi finito. Chiudiamo con un riassunto?",
    errors: Errors {
        session_not_found: "Non trovo questa sessione. Puoi iniziarne una nuova.",
        session_not_active: "Questa sessione è già finita. Puoi iniziarne una nuova.",
        invalid_audio_format: "Non riesco ad ascoltare questa registrazione. \
                               Premi il microfono e riprova.",
        not_transcribable: "Non ho capito bene. Puoi ripetere, per favore?",
        recording_too_large: "Era troppo lungo per me. Parla al massimo {} min alla volta.",
        text_too_long: "Erano tante cose insieme. Dimmele un po' alla volta, per favore.",
        speech_to_text_not_configured: "Qui non posso ancora ascoltarti. \
                                        Premi la X e torna più tardi.",
        speech_to_text_unavailable: "Adesso non ho potuto ascoltarti. Riprova tra un attimo.",
        coach_unavailable: "Adesso non riesco a rispondere. Riprova tra un attimo.",
        recording_unanswered: "Il messaggio è arrivato, ma non riesco a rispondere. \
                               Di' tra poco «andiamo avanti».",
        coach_declined: "Preferisco non parlarne. Che cos'altro hai per la testa?",
        session_busy: "Sto ancora rispondendo a quello che hai detto. Aspetta un attimo.",
        session_full: "La nostra conversazione è al completo. \
                       Premi la X per avere il riassunto.",
        rating_out_of_range: "Scegli da una a cinque stelle.",
        session_not_ended: "Potrai dare un voto alla fine. \
                            Premi la X per chiudere la sessione.",
    },
    offline: Offline {
        quotation: ("Hai detto: «", "». "),
        last_time: ("L’ultima volta hai deciso: ", ". Com’è andata?"),
        topic: [
            "Perché è importante per te proprio adesso?",
            "Che cosa vorresti capire meglio?",
            "Da quanto tempo ci pensi?",
            "Quale parte vuoi guardare oggi?",
        ],
        goal: [
            "Che cosa vorresti che fosse diverso?",
            "Da che cosa capiresti di avercela fatta?",
            "Che cosa ti permetterebbe di fare?",
            "Entro quando vorresti arrivarci?",
            "Come diresti questo obiettivo in una frase?",
        ],
        reality: [
            "Che cosa sta succedendo in questo momento?",
            "Che cosa hai provato finora?",
            "Che cosa ha funzionato, anche solo un po'?",
            "Che cosa ti ostacola di più?",
            "Chi altro c'entra, e in che modo?",
            "Come ti senti quando ci sei in mezzo?",
            "Che cosa dai per scontato che forse non è così?",
        ],
        options: [
            "Che cosa potresti fare?",
            "Che cos'altro potresti fare?",
            "Che cosa tenteresti se non potessi fallire?",
            "Che cosa farebbe una persona che ammiri?",
            "Quale di queste idee ti dà energia?",
            "Quale sarebbe il passo più piccolo?",
            "Che cosa c'è a favore, e che cosa contro?",
        ],
        way_forward: [
            "Che cosa farai per prima cosa?",
            "Quando lo farai di preciso?",
            "Che cosa potrebbe ostacolarti, e che cosa farai allora?",
            "Chi può sostenerti?",
            "Da uno a dieci, quanto è probabile che tu lo faccia?",
            "Come saprai che ha funzionato?",
            "Che cosa ti porti via da oggi?",
        ],
        decision_phrases: &[
            "ho deciso", "farò", "parlerò", "chiamerò", "chiederò", "dirò", "comincerò",
            "inizierò", "proverò", "cercherò", "ho intenzione", "il mio prossimo passo",
            "il prossimo passo è", "il mio primo passo", "come prima cosa", "mi impegno",
            "conto di",
        ],
        insight_phrases: &[
            "mi rendo conto", "mi sono reso conto", "mi sono resa conto", "adesso capisco",
            "ora capisco", "capisco che", "ho capito", "ho notato", "mi accorgo",
            "mi sono accorto", "mi sono accorta", "ho imparato", "ho scoperto", "adesso vedo",
            "ora vedo", "mi è chiaro", "è diventato chiaro", "mi aiuta", "in realtà io",
            "in fondo io",
        ],
    },
    summary: Summary {
        earlier: "Prima hai detto:",
        no_points: "Hai raccontato quello che avevi in mente.",
        no_insights: "Non hai parlato apertamente di una scoperta; \
                      cercala in quello che hai detto sopra.",
        no_decisions: "Non hai ancora nominato un prossimo passo. Quale potrebbe essere?",
        final_note: "Questo riassunto è fatto delle tue parole. \
                     Hai fatto bene a dedicarti questo tempo.",
    },
    empty_summary: EmptySummary {
        points: "Questa volta non siamo riusciti a parlare.",
        insights: "Ancora nessuna.",
        plan: "Torna quando vuoi.",
        final_note: "Qui per te c'è sempre posto.",
    },
};
