//! Understanding "yes, wrap up" and "let's finish" from whole phrases.
//!
//! People say "yesterday was hard" and "I must wrap up this project": a substring is not enough. So a sentence counts
//! only if *every* word of it belongs to saying yes, or to asking for the end; one word about anything else, or one
//! word of refusal, and it is part of the conversation.

/// Words that say yes by themselves.
const YES: &[&str] = &[
    "yes", "yeah", "yep", "yup", "sure", "ok", "okay", "absolutely", "definitely", "certainly",
    "agreed", "alright", "confirm", "confirmed", "gladly", "fine", "correct", "exactly", "perfect",
];

/// Short answers that say yes as a whole, where their words alone would not (after normalisation).
const YES_PHRASES: &[&str] = &[
    "of course", "go ahead", "please do", "do it", "do that", "lets do it", "lets do that",
    "lets do this", "let us do it", "let us do that", "sounds good", "sounds great",
    "that sounds good", "that sounds great", "thats fine", "that is fine", "that works",
    "that would be good", "that would be great", "that would be nice", "im ready", "i am ready",
    "im done", "i am done", "i think so", "i guess so", "why not", "i would", "i would like that",
    "id like that", "please", "all right", "very well", "good idea", "great idea",
    "that would be lovely", "thats it", "that is all", "thats all", "lets go", "right", "好",
    "好的", "好啊", "是", "是的", "可以", "对", "行", "嗯",
];

/// Phrases that ask for the end (after normalisation and without articles).
const FINISH: &[&str] = &[
    "wrap up", "wrap it up", "wrap this up", "wrap things up", "wrapping up",
    "wrap up and summarize", "end session", "end conversation", "finish conversation",
    "finish session", "finish up", "summarize and end", "summarize and finish",
    "end and summarize", "finish and summarize", "lets conclude", "let us conclude",
    "conclude session", "conclude conversation", "close session", "stop session", "lets finish",
    "let us finish", "lets end here", "lets stop here", "finish here", "stop here", "end here",
    "end it here",
];

/// Words that may stand around either without changing what it says.
const AROUND: &[&str] = &[
    "a", "an", "action", "actually", "and", "also", "i", "im", "am", "me", "my", "you", "your",
    "we", "us", "our", "id", "ill", "lets", "let", "it", "its", "is", "that", "thats", "this",
    "the", "here", "now", "today", "then", "so", "well", "um", "uh", "oh", "hmm", "kuku", "coach",
    "please", "thanks", "thank", "much", "very", "want", "wanna", "would", "like", "love", "to",
    "can", "could", "should", "shall", "may", "think", "guess", "believe", "feel", "ready", "time",
    "for", "in", "with", "just", "really", "session", "conversation", "talk", "coaching",
    "summary", "summarize", "plan", "points", "get", "give", "have", "do", "make", "go", "ahead",
    "good", "great", "sounds", "up", "wrap", "end", "finish", "conclude", "close", "enough",
    "right", "maybe", "all", "as", "well", "see", "hear", "create", "write", "show", "of", "by",
    "at", "point", "be", "will", "need",
];

/// Words that turn a sentence into its opposite, or put it off.
const REFUSAL: &[&str] = &[
    "no", "not", "nope", "nah", "dont", "never", "wont", "cant", "cannot", "didnt", "isnt",
    "wouldnt", "shouldnt", "without", "later", "wait", "yet", "but", "before", "until", "unless",
    "however", "instead", "rather", "continue", "keep", "stay",
];

/// Whether `text` answers the coach's question whether to wrap up with a yes.
///
/// A renewed wish to finish is a yes too. Everything else declines, silence about it included.
pub fn is_confirmation(text: &str) -> bool {
    let words = words(text);
    if words.is_empty() || is_refusal(&words) {
        return false;
    }
    let whole = words.join(" ");
    if YES_PHRASES.contains(&whole.as_str()) || is_request(&words) {
        return true;
    }
    let (yes, rest): (Vec<&str>, Vec<&str>) = words
        .iter()
        .map(String::as_str)
        .partition(|w| YES.contains(w));
    // "I'm okay" and "It's fine" tell how somebody is; they say yes only where that comes first: "Yes, I am".
    let tells_a_state = matches!(words[0].as_str(), "i" | "im" | "it" | "its");
    !yes.is_empty()
        && !tells_a_state
        && (YES_PHRASES.contains(&rest.join(" ").as_str())
            || rest.iter().all(|w| AROUND.contains(w)))
}

/// Whether `text` asks to finish the session. One sentence of it is enough: "That helped. Let's wrap up."
pub fn is_end_request(text: &str) -> bool {
    text.split(['.', '!', '?', ';', '\n', '。', '！', '？'])
        .map(words)
        .any(|sentence| !is_refusal(&sentence) && is_request(&sentence))
}

fn is_request(words: &[String]) -> bool {
    let bare: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|w| !matches!(*w, "the" | "this" | "our" | "a" | "my"))
        .collect();
    // First, since most sentences are about something: none of the phrases need be looked for in them.
    let is_about_the_end = |w: &&str| {
        AROUND.contains(w)
            || YES.contains(w)
            || FINISH
                .iter()
                .any(|phrase| phrase.split(' ').any(|part| part == *w))
    };
    if !bare.iter().all(is_about_the_end) {
        return false;
    }
    let padded = |words: &[&str]| format!(" {} ", words.join(" "));
    let whole: Vec<&str> = words.iter().map(String::as_str).collect();
    let (bare_text, whole_text) = (padded(&bare), padded(&whole));
    FINISH.iter().any(|phrase| {
        let phrase = format!(" {phrase} ");
        bare_text.contains(&phrase) || whole_text.contains(&phrase)
    })
}

fn is_refusal(words: &[String]) -> bool {
    words.iter().any(|w| REFUSAL.contains(&w.as_str()))
}

/// Lower-case words; apostrophes fall out ("let's" is "lets"), British spelling becomes American.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .replace(['\'', '’', '‘', '`'], "")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(|w| match w {
            "summarise" | "summarizing" | "summarising" | "sum" => "summarize".to_owned(),
            "finishing" => "finish".to_owned(),
            "ending" => "end".to_owned(),
            other => other.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_confirms() {
        for yes in [
            "Yes.",
            "yes",
            "Yes, please!",
            "Yeah, sure",
            "ok",
            "Okay, let's do that.",
            "Sure, sounds good",
            "Yes, wrap up and summarize",
            "wrap up and summarize",
            "Wrap up and summarise, please.",
            "Please wrap up the session",
            "Let's wrap up",
            "Yes, I'm ready",
            "Go ahead.",
            "Yes, I would like to wrap up now with a summary and an action plan",
            "Absolutely",
            "I think so",
            "Um, yes",
            "Yes yes",
            "Yes, thank you very much",
            "好的",
            "Right.",
            "Yes, let’s finish here",
            "That sounds good, yes",
            "Yes please, give me the summary",
        ] {
            assert!(is_confirmation(yes), "{yes}");
        }
    }

    #[test]
    fn anything_else_declines() {
        for no in [
            "",
            "   ",
            "...",
            "no",
            "No, thanks",
            "yesterday was hard",
            "no, please do not end the session yet",
            "Yes and no",
            "yes, but I want to talk about my mother first",
            "not yet",
            "Not sure",
            "I'm okay",
            "I am fine",
            "keep going",
            "Let's continue",
            "Yes, my boss said the same thing",
            "maybe later",
            "I have to wrap up a project at work",
            "Don't wrap up",
            "I'd rather not",
            "What do you mean?",
            "OK so my brother called me",
            "It's fine at home",
            "wait",
        ] {
            assert!(!is_confirmation(no), "{no}");
        }
    }

    #[test]
    fn a_wish_to_finish_is_understood() {
        for wish in [
            "wrap up",
            "Let's wrap up.",
            "I'd like to wrap up now, please",
            "end session",
            "Please end the session.",
            "finish conversation",
            "Can we finish the conversation?",
            "summarize and end",
            "Let's conclude",
            "let’s conclude here",
            "finish session",
            "I want to finish this session",
            "That was very helpful for me and my family. Let's wrap up!",
            "I think it's time to wrap up",
            "Okay, could you wrap it up and summarize?",
            "Thank you Kuku, let's finish here.",
        ] {
            assert!(is_end_request(wish), "{wish}");
        }
    }

    #[test]
    fn talk_about_other_ends_is_part_of_the_conversation() {
        for talk in [
            "",
            "I need to wrap up the project by Friday",
            "no, please do not end the session yet",
            "I don't want to finish the conversation",
            "My boss wants to wrap up the year",
            "How do I finish the conversation with my father?",
            "the end of the session with my therapist was odd",
            "yesterday was hard",
            "We should wrap up the presents",
            "I never finish up what I start",
            "Let's conclude the deal with the bank",
            "I want to end it all",
            "Should I end my marriage?",
        ] {
            assert!(!is_end_request(talk), "{talk}");
        }
    }
}
