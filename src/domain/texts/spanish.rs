//! Spanish texts.

use super::{EmptySummary, Errors, Offline, Summary, Texts};

/// The texts in Spanish.
pub static TEXTS: Texts = Texts {
    go_on: "Claro, sigamos. ¿Qué te gustaría ver ahora?",
    confirm_finish: "¿Terminamos aquí y te hago un resumen? Di «sí» o «haz el resumen».",
    offer_progress: "¿Cerramos aquí con un resumen y un plan de acción?",
    offer_time: "Ya casi no queda tiempo. ¿Cerramos con un resumen?",
    errors: Errors {
        session_not_found: "No encuentro esta sesión. Puedes empezar una nueva.",
        session_not_active: "Esta sesión ya terminó. Puedes empezar una nueva.",
        invalid_audio_format: "No puedo escuchar esta grabación. \
                               Pulsa el micrófono y habla otra vez.",
        not_transcribable: "No te entendí bien. ¿Me lo puedes repetir, por favor?",
        recording_too_large: "Fue demasiado largo para mí. Habla como máximo {} min cada vez.",
        text_too_long: "Eso fue mucho de una vez. Dímelo en partes más cortas, por favor.",
        speech_to_text_not_configured: "Aquí todavía no puedo escucharte. \
                                        Pulsa la X y vuelve más tarde.",
        speech_to_text_unavailable: "Ahora no pude escucharte. Inténtalo de nuevo en un momento.",
        coach_unavailable: "Ahora no puedo responder. Inténtalo de nuevo en un momento.",
        recording_unanswered: "Te escuché, pero ahora no puedo responder. \
                               Di «sigamos» dentro de un momento.",
        coach_declined: "Prefiero no entrar en eso. ¿Qué más te ronda por la cabeza?",
        session_busy: "Todavía estoy respondiendo a lo último que dijiste. Espera un momento.",
        session_full: "Ya no cabe más en esta conversación. \
                       Pulsa la X y te doy el resumen.",
        rating_out_of_range: "Elige entre una y cinco estrellas.",
        session_not_ended: "Podrás valorarla cuando termine. Pulsa la X para cerrar la sesión.",
    },
    offline: Offline {
        quotation: ("Dijiste: «", "». "),
        last_time: ("La última vez decidiste: ", ". ¿Cómo te fue?"),
        topic: [
            "¿Por qué es importante para ti justo ahora?",
            "¿Qué te gustaría entender mejor de esto?",
            "¿Desde cuándo le das vueltas?",
            "¿Qué parte te gustaría ver hoy?",
        ],
        goal: [
            "¿Qué te gustaría que fuera diferente?",
            "¿En qué notarías que ya lo lograste?",
            "¿Qué te permitiría eso?",
            "¿Para cuándo te gustaría lograrlo?",
            "¿Cómo dirías esta meta en una sola frase?",
        ],
        reality: [
            "¿Qué está pasando en este momento?",
            "¿Qué has intentado hasta ahora?",
            "¿Qué funcionó, aunque fuera un poco?",
            "¿Qué es lo que más te frena?",
            "¿Quién más forma parte de esto, y cómo?",
            "¿Cómo te sientes cuando estás en medio de todo eso?",
            "¿Qué das por hecho que quizá no sea así?",
        ],
        options: [
            "¿Qué podrías hacer?",
            "¿Qué más podrías hacer?",
            "¿Qué intentarías si no pudieras fallar?",
            "¿Qué haría en tu lugar alguien a quien admiras?",
            "¿Cuál de estas ideas te da energía?",
            "¿Cuál sería el paso más pequeño?",
            "¿Qué hay a favor y qué hay en contra?",
        ],
        way_forward: [
            "¿Qué vas a hacer primero?",
            "¿Cuándo lo vas a hacer exactamente?",
            "¿Qué podría interponerse, y qué harás entonces?",
            "¿Quién te puede apoyar?",
            "Del uno al diez, ¿qué tan probable es que lo hagas?",
            "¿Cómo sabrás que funcionó?",
            "¿Qué te llevas de hoy?",
        ],
        decision_phrases: &[
            "voy a hablar", "voy a llamar", "voy a llamarlo", "voy a llamarla", "voy a pedir",
            "voy a pedirle", "voy a decir", "voy a decirle", "voy a hacer", "voy a empezar",
            "voy a intentar", "voy a buscar", "voy a tomar", "lo voy a llamar", "la voy a llamar",
            "le voy a decir", "le voy a pedir", "he decidido", "decidí", "tengo pensado",
            "pienso hacer", "mi próximo paso", "mi siguiente paso", "mi primer paso",
            "lo primero que haré", "me comprometo", "haré", "hablaré", "llamaré", "le diré",
            "les diré", "pediré", "empezaré",
        ],
        insight_phrases: &[
            "me doy cuenta", "me di cuenta", "me he dado cuenta", "ahora entiendo", "ahora veo",
            "ya entiendo", "entiendo que", "entendí que", "he entendido", "comprendo que",
            "comprendí", "he notado", "noté que", "aprendí", "he aprendido", "he descubierto",
            "descubrí", "me quedó claro", "me queda claro", "me ayuda", "en realidad yo",
        ],
    },
    summary: Summary {
        earlier: "Antes dijiste:",
        no_points: "Compartiste lo que tenías en mente.",
        no_insights: "No hablaste claramente de un descubrimiento; \
                      búscalo en lo que dijiste arriba.",
        no_decisions: "Todavía no has nombrado un próximo paso. ¿Cuál podría ser?",
        final_note: "Este resumen está hecho con tus propias palabras. \
                     Gracias por dedicarte este tiempo.",
    },
    empty_summary: EmptySummary {
        points: "Esta vez no llegamos a hablar.",
        insights: "Todavía ninguno.",
        plan: "Vuelve cuando quieras.",
        final_note: "Aquí siempre tienes tu lugar.",
    },
};
