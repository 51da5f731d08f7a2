//! English texts.

use super::{EmptySummary, Errors, Offline, Summary, Texts};

/// The texts in English.
pub static TEXTS: Texts = Texts {
    go_on: "Of course, let us go on. What would you like to look at next?",
    confirm_finish: "Shall I wrap up and summarize our session? \
                     Please say \"yes\" or \"wrap up and summarize\".",
    offer_progress: "We made good progress. Shall I wrap up with a summary?",
    offer_time: "Our time together is nearly up. Wrap up with a summary?",
    // The frontend's contract fixes six of these texts, word for word.
    errors: Errors {
        session_not_found: "Session not found",
        session_not_active: "Session is not active",
        invalid_audio_format: "Invalid audio format. Please use MP3, WAV, or WebM format.",
        not_transcribable: "Could not transcribe audio. Please try again.",
        recording_too_large: "That was too long for me. Please speak for at most {} min at a time.",
        text_too_long: "Your message is too long. Please say it in shorter parts.",
        speech_to_text_not_configured: "I cannot listen here yet. \
                                        Please tap the cross to end, and come back later.",
        speech_to_text_unavailable: "I could not listen just now. Please try again in a moment.",
        coach_unavailable: "The coach cannot be reached just now. Please try again in a moment.",
        recording_unanswered: "I heard you, but I cannot answer just now. \
                               Say \"go on\" in a moment.",
        coach_declined: "I would rather not go into that. What else is on your mind?",
        session_busy: "Your last message is still being answered. Please wait a moment.",
        session_full: "Our conversation is full. Tap the cross to end it and get your summary.",
        rating_out_of_range: "Rating must be between 1 and 5",
        session_not_ended: "Can only rate completed sessions",
    },
    offline: Offline {
        quotation: ("You said: \"", "\" "),
        last_time: ("Last time you decided: ", ". How did it go?"),
        topic: [
            "What makes this important to you right now?",
            "What would you like to understand better about it?",
            "How long has this been on your mind?",
            "Which part of it would you like to look at today?",
        ],
        goal: [
            "What would you like to be different?",
            "How would you notice that you have got there?",
            "What would that make possible for you?",
            "When would you like to be there?",
            "How would you put this goal in one sentence?",
        ],
        reality: [
            "What is happening at the moment?",
            "What have you tried so far?",
            "What worked, even a little?",
            "What stands in your way most?",
            "Who else is part of this, and how?",
            "How do you feel when you are in the middle of it?",
            "What are you assuming that may not be so?",
        ],
        options: [
            "What could you do about it?",
            "What else could you do?",
            "What would you try if you could not fail?",
            "What would somebody you admire do here?",
            "Which of these ideas gives you energy?",
            "What would be the smallest step?",
            "What speaks for it, and what against it?",
        ],
        way_forward: [
            "What will you do first?",
            "When exactly will you do it?",
            "What could get in the way, and what will you do then?",
            "Who can support you?",
            "How sure are you that you will do it, from one to ten?",
            "How will you know that it worked?",
            "What do you take with you from today?",
        ],
        decision_phrases: &[
            "i will", "i'll", "i am going to", "i'm going to", "my next step", "my first step",
            "i plan to", "i have decided", "i decided",
        ],
        insight_phrases: &[
            "i realise", "i realize", "i realised", "i realized", "i see now", "now i see",
            "i understand", "i understood", "i noticed", "i learned", "it became clear",
            "it helps", "i have found", "actually i",
        ],
    },
    summary: Summary {
        earlier: "Earlier you said:",
        no_points: "You shared what was on your mind.",
        no_insights: "You did not name one in so many words; look for it in what you said above.",
        no_decisions: "You have not named a next step yet. What could it be?",
        final_note: "This summary consists of your own words. \
                     Thank you for taking this time for yourself.",
    },
    empty_summary: EmptySummary {
        points: "We did not get to talk this time.",
        insights: "None yet.",
        plan: "Come back whenever you like.",
        final_note: "You are welcome at any time.",
    },
};
