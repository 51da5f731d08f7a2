//! French texts. A no-break space stands before a question mark and a colon, and inside quotation
//! marks.

use super::{EmptySummary, Errors, Offline, Summary, Texts};

/// The texts in French.
pub static TEXTS: Texts = Texts {
    go_on: "Bien sûr, on continue. De quoi aimerais-tu parler maintenant\u{a0}?",
    confirm_finish: "On s'arrête là et je te fais un résumé\u{a0}? \
                     Dis «\u{a0}oui\u{a0}» ou «\u{a0}fais le résumé\u{a0}».",
    offer_progress: "On s'arrête là, avec un résumé et un plan d'action\u{a0}?",
    offer_time: "C'est bientôt l'heure. On termine par un résumé\u{a0}?",
    errors: Errors {
        session_not_found: "Je ne retrouve pas cette séance. Tu peux en démarrer une nouvelle.",
        session_not_active: "Cette séance est déjà terminée. Tu peux en démarrer une nouvelle.",
        invalid_audio_format: "Je n'arrive pas à lire cet enregistrement. \
                               Appuie sur le micro et recommence.",
        not_transcribable: "Je n'ai pas bien entendu. Tu peux répéter, s'il te plaît\u{a0}?",
        recording_too_large: "C'était trop long pour moi. Parle au maximum {} min à la fois.",
        text_too_long: "Ça fait beaucoup d'un coup. Dis-le en plusieurs fois, s'il te plaît.",
        speech_to_text_not_configured: "Je ne peux pas encore t'écouter ici. \
                                        Appuie sur la croix et reviens plus tard.",
        speech_to_text_unavailable: "Je n'ai pas pu t'écouter. Réessaie dans un instant.",
        coach_unavailable: "Je ne peux pas répondre pour le moment. Réessaie dans un instant.",
        recording_unanswered: "J'ai ton message, mais pas encore de réponse. \
                               Dis «\u{a0}on continue\u{a0}» dans un instant.",
        coach_declined: "Je préfère ne pas parler de ça. À quoi d'autre penses-tu\u{a0}?",
        session_busy: "Je réponds encore à ce que tu viens de dire. Attends un petit instant.",
        session_full: "Notre conversation est complète. \
                       Appuie sur la croix pour avoir ton résumé.",
        rating_out_of_range: "Choisis entre une et cinq étoiles.",
        session_not_ended: "Tu pourras donner ta note à la fin. \
                            Appuie sur la croix pour terminer la séance.",
    },
    offline: Offline {
        quotation: ("Tu as dit\u{a0}: «\u{a0}", "\u{a0}» "),
        last_time: ("La dernière fois, tu as décidé\u{a0}: ", ". Comment ça s’est passé\u{a0}?"),
        topic: [
            "Pourquoi est-ce important pour toi en ce moment\u{a0}?",
            "Qu'est-ce que tu aimerais mieux comprendre\u{a0}?",
            "Depuis quand est-ce que ça te trotte dans la tête\u{a0}?",
            "Quel aspect aimerais-tu regarder aujourd'hui\u{a0}?",
        ],
        goal: [
            "Qu'est-ce que tu voudrais changer\u{a0}?",
            "À quoi verrais-tu que tu y es\u{a0}?",
            "Qu'est-ce que ça te permettrait\u{a0}?",
            "Quand aimerais-tu y arriver\u{a0}?",
            "Comment dirais-tu cet objectif en une phrase\u{a0}?",
        ],
        reality: [
            "Qu'est-ce qui se passe en ce moment\u{a0}?",
            "Qu'est-ce que tu as déjà essayé\u{a0}?",
            "Qu'est-ce qui a marché, même un tout petit peu\u{a0}?",
            "Qu'est-ce qui te freine le plus\u{a0}?",
            "Qui d'autre est concerné, et comment\u{a0}?",
            "Comment te sens-tu quand tu es en plein dedans\u{a0}?",
            "Qu'est-ce que tu tiens pour vrai et qui ne l'est peut-être pas\u{a0}?",
        ],
        options: [
            "Qu'est-ce que tu pourrais faire\u{a0}?",
            "Et quoi d'autre encore\u{a0}?",
            "Qu'est-ce que tu tenterais si tu ne pouvais pas échouer\u{a0}?",
            "Que ferait quelqu'un que tu admires\u{a0}?",
            "Laquelle de ces idées te donne de l'énergie\u{a0}?",
            "Quel serait le plus petit pas possible\u{a0}?",
            "Qu'est-ce qui plaide pour, et qu'est-ce qui plaide contre\u{a0}?",
        ],
        way_forward: [
            "Par quoi vas-tu commencer\u{a0}?",
            "Quand exactement vas-tu le faire\u{a0}?",
            "Qu'est-ce qui pourrait te bloquer, et que feras-tu alors\u{a0}?",
            "Qui peut te soutenir\u{a0}?",
            "De un à dix, quelle chance y a-t-il que tu le fasses\u{a0}?",
            "Comment sauras-tu que ça a marché\u{a0}?",
            "Avec quoi repars-tu aujourd'hui\u{a0}?",
        ],
        decision_phrases: &[
            "je vais parler", "je vais appeler", "je vais demander", "je vais faire",
            "je vais dire", "je vais essayer", "je vais commencer", "je vais prendre",
            "je vais lui", "je vais leur", "je vais l'appeler", "j'ai décidé", "j'ai décidé de",
            "je compte", "j'ai l'intention", "je prévois", "ma prochaine étape",
            "mon prochain pas", "mon premier pas", "ma première étape", "je m'engage", "je ferai",
            "je parlerai", "je dirai", "j'appellerai", "je demanderai",
        ],
        insight_phrases: &[
            "je réalise",
            "j'ai réalisé",
            "je me rends compte",
            "je me suis rendu compte",
            "je comprends maintenant",
            "maintenant je comprends",
            "je comprends que",
            "j'ai compris",
            "j'ai remarqué",
            "je remarque",
            "je m'aperçois",
            "je me suis aperçu",
            "j'ai appris",
            "je vois maintenant",
            "maintenant je vois",
            "c'est devenu clair",
            "ça m'aide",
            "ça aide",
            "en fait je",
            "au fond je",
        ],
    },
    summary: Summary {
        earlier: "Tu avais dit avant\u{a0}:",
        no_points: "Tu as partagé ce que tu avais en tête.",
        no_insights: "Tu n'as pas parlé d'un déclic\u{a0}; \
                      il se cache peut-être dans ce que tu as dit plus haut.",
        no_decisions: "Tu n'as pas encore parlé de prochaine étape. \
                       Quelle pourrait-elle être\u{a0}?",
        final_note: "Ce résumé est fait de tes propres mots. \
                     Merci d'avoir pris ce temps pour toi.",
    },
    empty_summary: EmptySummary {
        points: "On n'a pas eu l'occasion de parler cette fois-ci.",
        insights: "Aucune pour l'instant.",
        plan: "Reviens quand tu veux.",
        final_note: "Ici, il y a toujours une place pour toi.",
    },
};
