//! Portuguese texts.

use super::{EmptySummary, Errors, Offline, Summary, Texts};

/// The texts in Portuguese.
pub static TEXTS: Texts = Texts {
    go_on: "Claro, vamos continuar. Sobre o que você quer falar agora?",
    confirm_finish: "Quer que eu encerre e faça um resumo? Diga “sim” ou “pode resumir”.",
    offer_progress: "Vamos encerrar aqui, com um resumo e um plano de ação?",
    offer_time: "Nosso tempo está acabando. Vamos fechar com um resumo?",
    errors: Errors {
        session_not_found: "Não encontrei esta sessão. Você pode começar uma nova.",
        session_not_active: "Esta sessão já terminou. Você pode começar uma nova.",
        invalid_audio_format: "Não consigo ouvir esta gravação. \
                               Toque no microfone e fale de novo.",
        not_transcribable: "Não entendi bem. Pode repetir, por favor?",
        recording_too_large: "Foi longo demais para mim. Fale no máximo {} min de cada vez.",
        text_too_long: "Foi muita coisa de uma vez. Conte em partes menores, por favor.",
        speech_to_text_not_configured: "Aqui ainda não consigo ouvir você. \
                                        Toque no X e volte mais tarde.",
        speech_to_text_unavailable: "Não consegui ouvir agora. Tente de novo daqui a pouco.",
        coach_unavailable: "Não consigo responder agora. Tente de novo daqui a pouco.",
        recording_unanswered: "Ouvi você, mas não consigo responder agora. \
                               Diga “vamos continuar” daqui a pouco.",
        coach_declined: "Prefiro não entrar nesse assunto. O que mais está na sua cabeça?",
        session_busy: "Ainda estou respondendo ao que você disse. Espere um momento.",
        session_full: "Nossa conversa chegou ao limite. \
                       Toque no X para receber o resumo.",
        rating_out_of_range: "Escolha de uma a cinco estrelas.",
        session_not_ended: "Você pode avaliar no final. Toque no X para encerrar a sessão.",
    },
    offline: Offline {
        quotation: ("Você disse: “", "”. "),
        last_time: ("Da última vez você decidiu: ", ". Como foi?"),
        topic: [
            "Por que isso é importante para você agora?",
            "O que você gostaria de entender melhor?",
            "Há quanto tempo você pensa nisso?",
            "Que parte disso você quer ver hoje?",
        ],
        goal: [
            "O que você gostaria que fosse diferente?",
            "Como você perceberia que chegou lá?",
            "O que isso tornaria possível para você?",
            "Até quando você quer chegar lá?",
            "Como você diria esse objetivo em uma frase?",
        ],
        reality: [
            "O que está acontecendo neste momento?",
            "O que você já tentou até agora?",
            "O que deu certo, nem que seja um pouco?",
            "O que mais atrapalha você?",
            "Quem mais faz parte disso, e como?",
            "Como você se sente quando está no meio disso?",
            "O que você dá como certo e talvez não seja bem assim?",
        ],
        options: [
            "O que você poderia fazer?",
            "O que mais você poderia fazer?",
            "O que você tentaria se não pudesse dar errado?",
            "O que faria alguém que você admira?",
            "Qual dessas ideias dá mais energia?",
            "Qual seria o menor passo?",
            "O que pesa a favor, e o que pesa contra?",
        ],
        way_forward: [
            "O que você vai fazer primeiro?",
            "Quando exatamente você vai fazer isso?",
            "O que poderia atrapalhar, e o que você faria então?",
            "Quem pode apoiar você?",
            "De um a dez, quanta certeza você tem de que vai fazer?",
            "Como você vai saber que deu certo?",
            "O que você leva de hoje?",
        ],
        decision_phrases: &[
            "eu vou", "vou fazer", "vou falar", "vou ligar", "vou pedir", "vou conversar",
            "vou dizer", "vou começar", "vou procurar", "vou tentar", "decidi", "eu decidi",
            "resolvi", "meu próximo passo", "o próximo passo é", "meu primeiro passo", "pretendo",
            "planejo",
        ],
        insight_phrases: &[
            "percebo", "percebi", "eu percebi", "me dei conta", "dei me conta", "agora entendo",
            "agora vejo", "entendi que", "entendo que", "compreendi", "notei", "reparei",
            "aprendi", "descobri", "ficou claro", "isso me ajuda", "isso ajuda", "na verdade eu",
            "no fundo eu",
        ],
    },
    summary: Summary {
        earlier: "Antes você disse:",
        no_points: "Você contou o que estava na sua cabeça.",
        no_insights: "Você não falou abertamente de uma descoberta; \
                      procure no que disse acima.",
        no_decisions: "Você ainda não falou de um próximo passo. Qual poderia ser?",
        final_note: "Este resumo é feito das suas próprias palavras. \
                     Que bom que você tirou este tempo para si.",
    },
    empty_summary: EmptySummary {
        points: "Desta vez não chegamos a conversar.",
        insights: "Nenhuma por enquanto.",
        plan: "Volte quando quiser.",
        final_note: "Esta conversa está sempre aberta para você.",
    },
};
