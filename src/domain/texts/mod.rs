//! Fixed texts for people, in every language that has them.
//!
//! A language is one value of [`Texts`]: a missing text does not compile.

mod chinese;
mod english;
mod french;
mod german;
mod italian;
mod japanese;
mod korean;
mod portuguese;
mod russian;
mod spanish;
#[cfg(test)]
mod tests;

use super::{is_cjk, language::Language};

/// Texts of one language.
#[derive(Debug)]
pub struct Texts {
    /// After a bare no to an offer.
    pub go_on: &'static str,
    /// After a wish to finish: asks to confirm, and names the words for it.
    pub confirm_finish: &'static str,
    /// Offer to wrap up after good progress.
    pub offer_progress: &'static str,
    /// Offer to wrap up when the time is nearly up.
    pub offer_time: &'static str,
    /// Texts of the errors with status 200.
    pub errors: Errors,
    /// Texts of the scripted coach.
    pub offline: Offline,
    /// Lines of a summary that is put together by rule.
    pub summary: Summary,
    /// Lines of the summary of a session without messages.
    pub empty_summary: EmptySummary,
}

/// Texts of the errors with status 200: each names what the person can do on the page.
#[derive(Debug)]
pub struct Errors {
    /// There is no such session.
    pub session_not_found: &'static str,
    /// The session has ended.
    pub session_not_active: &'static str,
    /// The recording cannot be read.
    pub invalid_audio_format: &'static str,
    /// No words were found in the recording.
    pub not_transcribable: &'static str,
    /// With `{}` for the minutes that a recording may have; see [`Errors::recording_too_large`].
    pub recording_too_large: &'static str,
    /// Too much was said in one turn.
    pub text_too_long: &'static str,
    /// The service has no speech to text.
    pub speech_to_text_not_configured: &'static str,
    /// Speech to text failed.
    pub speech_to_text_unavailable: &'static str,
    /// The coach failed.
    pub coach_unavailable: &'static str,
    /// The coach failed, and the recording goes with the next turn.
    pub recording_unanswered: &'static str,
    /// The model refused to answer.
    pub coach_declined: &'static str,
    /// The turn before is still being answered.
    pub session_busy: &'static str,
    /// The conversation has reached its greatest length.
    pub session_full: &'static str,
    /// The rating is not between 1 and 5.
    pub rating_out_of_range: &'static str,
    /// The session cannot be rated yet.
    pub session_not_ended: &'static str,
}

/// Texts of the scripted coach.
#[derive(Debug)]
pub struct Offline {
    /// What stands before and after the quotation of the person in a reply; the question follows.
    pub quotation: (&'static str, &'static str),
    /// What stands before and after the last decision in the first reply of a session.
    pub last_time: (&'static str, &'static str),
    /// Questions of the stage Topic.
    pub topic: [&'static str; 4],
    /// Questions of the stage Goal.
    pub goal: [&'static str; 5],
    /// Questions of the stage Reality.
    pub reality: [&'static str; 7],
    /// Questions of the stage Options.
    pub options: [&'static str; 7],
    /// Questions of the stage Way forward.
    pub way_forward: [&'static str; 7],
    /// Phrases that name a next step, in lower case; see [`mentions`].
    pub decision_phrases: &'static [&'static str],
    /// Phrases that name an insight, in lower case; see [`mentions`].
    pub insight_phrases: &'static [&'static str],
}

/// Lines of a summary that is put together by rule, without the "- " before them.
#[derive(Debug)]
pub struct Summary {
    /// Before the running summary of what was said earlier.
    pub earlier: &'static str,
    /// Instead of discussion points.
    pub no_points: &'static str,
    /// Instead of breakthroughs.
    pub no_insights: &'static str,
    /// Instead of an action plan.
    pub no_decisions: &'static str,
    /// After `FINAL NOTE:`.
    pub final_note: &'static str,
}

/// Lines of the summary of a session without messages, without the "- " before them.
#[derive(Debug)]
pub struct EmptySummary {
    /// Below `KEY DISCUSSION POINTS:`.
    pub points: &'static str,
    /// Below `MAIN BREAKTHROUGHS:`.
    pub insights: &'static str,
    /// Below `ACTION PLAN:`.
    pub plan: &'static str,
    /// After `FINAL NOTE:`.
    pub final_note: &'static str,
}

/// The texts of a language.
pub fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &english::TEXTS,
        Language::Chinese => &chinese::TEXTS,
        Language::Japanese => &japanese::TEXTS,
        Language::Korean => &korean::TEXTS,
        Language::German => &german::TEXTS,
        Language::French => &french::TEXTS,
        Language::Spanish => &spanish::TEXTS,
        Language::Portuguese => &portuguese::TEXTS,
        Language::Italian => &italian::TEXTS,
        Language::Russian => &russian::TEXTS,
    }
}

impl Errors {
    /// The text for a recording that is longer than `minutes`.
    pub fn recording_too_large(&self, minutes: u64) -> String {
        self.recording_too_large.replace("{}", &minutes.to_string())
    }
}

impl Offline {
    /// A reply: the quotation of the person, then the question.
    pub fn reply(&self, quotation: &str, question: &str) -> String {
        let (before, after) = self.quotation;
        format!("{before}{quotation}{after}{question}")
    }

    /// The question of how the last decision went.
    pub fn last_time(&self, decision: &str) -> String {
        let (before, after) = self.last_time;
        format!("{before}{decision}{after}")
    }
}

/// Whether `text` contains one of `phrases`, as whole words; phrases in CJK scripts, whose words
/// have no spaces or have endings, anywhere.
pub fn mentions(text: &str, phrases: &[&str]) -> bool {
    let is_word_character = |c: char| c.is_alphanumeric() || c == '\'';
    let lower = text.to_lowercase().replace('’', "'");
    let spaced: String =
        lower.chars().map(|c| if is_word_character(c) { c } else { ' ' }).collect();
    let words = format!(" {} ", spaced.split_whitespace().collect::<Vec<_>>().join(" "));
    phrases.iter().any(|phrase| {
        if phrase.contains(is_cjk) {
            words.contains(phrase)
        } else {
            words.contains(&format!(" {phrase} "))
        }
    })
}
