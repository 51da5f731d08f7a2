//! Chinese texts, in simplified characters.

use super::{EmptySummary, Errors, Offline, Summary, Texts};

/// The texts in Chinese.
pub static TEXTS: Texts = Texts {
    go_on: "好，那我们继续。接下来你想聊什么？",
    confirm_finish: "要在这里结束，做个总结吗？请说“是的”或者“结束并总结”。",
    offer_progress: "我们在这里收尾，做个总结和行动计划，好吗？",
    offer_time: "时间差不多了，我们来做个总结，好吗？",
    errors: Errors {
        session_not_found: "找不到这次对话，请重新开始一次。",
        session_not_active: "这次对话已经结束了，可以重新开始一次。",
        invalid_audio_format: "这段录音我听不了，请点一下麦克风再说一遍。",
        not_transcribable: "我没听清楚，请再说一遍。",
        recording_too_large: "这段话太长了，请每次最多说{}分钟。",
        text_too_long: "一次说得有点多，请分成几段慢慢说。",
        speech_to_text_not_configured: "我在这里还听不了你说话，请点叉号结束，以后再来。",
        speech_to_text_unavailable: "刚才我没能听到，请稍等一下再试。",
        coach_unavailable: "我现在没法回答，请稍等一下再试。",
        recording_unanswered: "我听到了，但现在没法回答。请稍后说“继续”。",
        coach_declined: "这个话题我不太方便聊。你还想聊点别的什么吗？",
        session_busy: "我还在回答你刚才说的话，请稍等一下。",
        session_full: "这次对话已经满了，请点叉号结束，我会给你总结。",
        rating_out_of_range: "请选择一到五颗星。",
        session_not_ended: "对话结束后才能评分，请先点叉号结束对话。",
    },
    offline: Offline {
        quotation: ("你说：“", "”。"),
        topic: [
            "为什么现在这件事对你很重要？",
            "关于这件事，你想更明白哪一点？",
            "这件事在你心里有多久了？",
            "今天你想先看哪一部分？",
        ],
        goal: [
            "你希望有什么不一样？",
            "你会从哪里看出自己已经做到了？",
            "做到以后，你会有哪些新的可能？",
            "你希望什么时候做到？",
            "如果用一句话来说，你的目标是什么？",
        ],
        reality: [
            "现在的情况是怎样的？",
            "到目前为止，你试过什么？",
            "有什么是有用的，哪怕只有一点点？",
            "最大的阻碍是什么？",
            "还有谁跟这件事有关，有什么关系？",
            "身在其中的时候，你是什么感受？",
            "有没有什么你一直以为是这样，其实未必如此？",
        ],
        options: [
            "你可以做些什么？",
            "除此之外，你还可以做什么？",
            "如果一定不会失败，你会试试什么？",
            "换成一个你佩服的人，会怎么做？",
            "这些想法里，哪一个让你觉得有劲头？",
            "最小的一步会是什么？",
            "这么做有什么好处，又有什么坏处？",
        ],
        way_forward: [
            "你打算先做什么？",
            "具体什么时候去做？",
            "可能会遇到什么阻碍，到时候你怎么办？",
            "谁可以支持你？",
            "从一到十，你有多大把握会去做？",
            "你怎么知道它起作用了？",
            "今天的谈话，你想带走什么？",
        ],
        decision_phrases: &[
            "我决定", "我打算", "我会去", "我要去", "我准备", "我计划", "下一步我", "我的下一步",
            "我的第一步", "第一步我", "我一定会", "我決定", "我會去", "我準備", "我計劃",
        ],
        insight_phrases: &[
            "我意识到", "我发现", "我明白了", "我终于明白", "我现在明白", "我懂了", "我注意到",
            "我学到", "我看清", "我才知道", "原来我", "其实我", "这对我有帮助", "我意識到",
            "我發現", "我學到", "原來我", "其實我",
        ],
    },
    summary: Summary {
        earlier: "之前你说：",
        no_points: "你说出了心里的事。",
        no_insights: "你没有直接说出新的领悟，也许它就在你上面说的话里。",
        no_decisions: "你还没有说到下一步。它可能是什么呢？",
        final_note: "这份总结用的都是你自己的话。谢谢你为自己留出这段时间。",
    },
    empty_summary: EmptySummary {
        points: "这次我们还没来得及聊。",
        insights: "暂时还没有。",
        plan: "想聊的时候，随时再来。",
        final_note: "这里随时欢迎你。",
    },
};
