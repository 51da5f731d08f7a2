//! Phrases: recognises confirmations ("yes, wrap up") and end requests ("let's finish").
//!
//! A substring is not enough: people say "yesterday was hard" and "I must wrap up this project". A
//! sentence counts only if *every* word belongs to a confirmation or an end request. One other
//! word, or one word of refusal, makes it a part of the conversation.

/// Words that confirm by themselves.
const YES: &[&str] = &[
    "yes", "yeah", "yep", "yup", "sure", "ok", "okay", "absolutely", "definitely", "certainly",
    "agreed", "alright", "confirm", "confirmed", "gladly", "fine", "correct", "exactly", "perfect",
];

/// Normalised texts that confirm as a whole, where their words alone would not.
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

/// Normalised phrases, without articles, that request the end.
const END_PHRASES: &[&str] = &[
    "wrap up", "wrap it up", "wrap this up", "wrap things up", "wrapping up",
    "wrap up and summarize", "end session", "end conversation", "finish conversation",
    "finish session", "finish up", "summarize and end", "summarize and finish",
    "end and summarize", "finish and summarize", "lets conclude", "let us conclude",
    "conclude session", "conclude conversation", "close session", "stop session", "lets finish",
    "let us finish", "lets end here", "lets stop here", "finish here", "stop here", "end here",
    "end it here",
];

/// Words that may accompany either without changing the meaning.
const FILLER_WORDS: &[&str] = &[
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

/// Words that negate or postpone.
const REFUSAL: &[&str] = &[
    "no", "not", "nope", "nah", "dont", "never", "wont", "cant", "cannot", "didnt", "isnt",
    "wouldnt", "shouldnt", "without", "later", "wait", "yet", "but", "before", "until", "unless",
    "however", "instead", "rather", "continue", "keep", "stay",
];

/// Whether `text` accepts the coach's offer to wrap up. An end request accepts it, too; everything
/// else declines it.
pub fn is_confirmation(text: &str) -> bool {
    let words = words(text);
    if words.is_empty() || is_refusal(&words) {
        return false;
    }
    let whole = words.join(" ");
    if YES_PHRASES.contains(&whole.as_str()) || has_end_phrase(&words) {
        return true;
    }
    let (yes, rest): (Vec<&str>, Vec<&str>) =
        words.iter().map(String::as_str).partition(|w| YES.contains(w));
    // "I'm okay" and "It's fine" describe a state. "Yes, I am" confirms.
    let describes_state = matches!(words[0].as_str(), "i" | "im" | "it" | "its");
    !yes.is_empty()
        && !describes_state
        && (YES_PHRASES.contains(&rest.join(" ").as_str())
            || rest.iter().all(|w| FILLER_WORDS.contains(w)))
}

/// Whether `text` requests the end of the session. One sentence is enough: "That helped. Let's wrap
/// up."
pub fn is_end_request(text: &str) -> bool {
    text.split(['.', '!', '?', ';', '\n', '。', '！', '？'])
        .map(words)
        .any(|sentence| !is_refusal(&sentence) && has_end_phrase(&sentence))
}

fn has_end_phrase(words: &[String]) -> bool {
    let bare: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|w| !matches!(*w, "the" | "this" | "our" | "a" | "my"))
        .collect();
    // Checked first: most sentences have other words, and then no phrase is searched.
    let is_related = |w: &&str| {
        FILLER_WORDS.contains(w)
            || YES.contains(w)
            || END_PHRASES.iter().any(|phrase| phrase.split(' ').any(|part| part == *w))
    };
    if !bare.iter().all(is_related) {
        return false;
    }
    let padded = |words: &[&str]| format!(" {} ", words.join(" "));
    let whole: Vec<&str> = words.iter().map(String::as_str).collect();
    let (bare_text, whole_text) = (padded(&bare), padded(&whole));
    END_PHRASES.iter().any(|phrase| {
        let phrase = format!(" {phrase} ");
        bare_text.contains(&phrase) || whole_text.contains(&phrase)
    })
}

fn is_refusal(words: &[String]) -> bool {
    words.iter().any(|w| REFUSAL.contains(&w.as_str()))
}

/// Normalised words: lower case, without apostrophes ("lets"), in American spelling.
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
    use proptest::{
        collection::vec,
        prelude::*,
        sample::{Index, select},
    };

    use super::*;

    /// Whether `word` has a part in no phrase.
    fn is_decoy(word: &str) -> bool {
        let phrases = YES_PHRASES.iter().chain(END_PHRASES);
        let mut parts = phrases.flat_map(|phrase| phrase.split(' '));
        let lists = [YES, FILLER_WORDS, REFUSAL];
        words(word) == [word]
            && !lists.iter().any(|list| list.contains(&word))
            && !parts.any(|part| part == word)
    }

    proptest! {
        #[test]
        fn any_text_is_classified_without_panic(text: String) {
            is_confirmation(&text);
            is_end_request(&text);
        }

        #[test]
        fn filler_words_do_not_hide_an_end_phrase(
            phrase in select(END_PHRASES),
            before in vec(select(&["please", "so", "Kuku,", "I would like to"][..]), 0..4),
            after in vec(select(&["now", "please", "today", "thanks"][..]), 0..4),
        ) {
            let text = format!("{} {phrase} {}", before.join(" "), after.join(" "));
            prop_assert!(is_end_request(&text), "{text}");
            prop_assert!(is_confirmation(&text), "{text}");
        }

        #[test]
        fn other_word_makes_a_phrase_conversation(
            phrase in select([YES_PHRASES, END_PHRASES].concat()),
            decoy in "[a-z]{3,12}".prop_filter("a word of a phrase", |word| is_decoy(word)),
            position: Index,
        ) {
            let mut text: Vec<&str> = phrase.split(' ').collect();
            text.insert(position.index(text.len() + 1), &decoy);
            let text = text.join(" ");
            prop_assert!(!is_confirmation(&text), "{text}");
            prop_assert!(!is_end_request(&text), "{text}");
        }
    }

    #[test]
    fn confirmations_are_recognised() {
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
    fn other_texts_do_not_confirm() {
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
    fn end_requests_are_recognised() {
        for request in [
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
            assert!(is_end_request(request), "{request}");
        }
    }

    #[test]
    fn sentences_about_other_ends_are_not_end_requests() {
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
