//! Phrases: the answer to the coach's offer to wrap up, and the wish to finish a session.
//!
//! A part of a text (mostly what stands between two punctuation marks) counts only if the phrases
//! of one language cover it wholly: people say "yesterday was hard" and "I must wrap up this
//! project". The steps are:
//!
//! 1. [`Text`] folds the letters, and splits the text into sentences and clauses.
//! 2. [`lexicon::Lexicon::parse`] covers each clause with as few phrases of a language as
//!    possible. Each phrase has classes (yes, no, verb of finishing, …); the rest is unknown.
//! 3. [`Reading`] combines the classes of the parts to an [`Answer`] or a [`Wish`].
//!
//! The phrases stand in one file per language in `lists`, which the build script turns into
//! automata.

mod classes;
mod fold;
mod lexicon;

#[cfg(test)]
mod tests;

use std::iter;

use classes::*;
use fold::Text;
use lexicon::LEXICONS;

/// What a person answers to the coach's offer to wrap up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A plain yes, or a wish to finish.
    Confirm,
    /// A bare refusal, which says nothing else.
    Decline,
    /// Anything else.
    Other,
    /// A short text that the rules cannot decide.
    Unsure,
}

/// Whether a person asks to finish the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The person wants to finish.
    Finish,
    /// Anything else.
    Other,
    /// A short text that the rules cannot decide.
    Unsure,
}

/// What `text` answers to the offer to wrap up the session.
pub fn answer_to_offer(text: &str) -> Answer {
    let text = Text::new(text);
    let Some(readings) = Reading::all(&text) else { return Answer::Other };
    let answers: Vec<Answer> = readings.iter().map(|r| r.answer(&text)).collect();
    let has = |answer| answers.contains(&answer);
    match (has(Answer::Confirm), has(Answer::Decline)) {
        (true, false) => Answer::Confirm,
        (false, true) => Answer::Decline,
        (true, true) => Answer::Unsure,
        _ if has(Answer::Unsure) && text.is_short() => Answer::Unsure,
        _ => Answer::Other,
    }
}

/// Whether `text`, said at any time, asks to finish the session.
pub fn wish_to_finish(text: &str) -> Wish {
    let text = Text::new(text);
    let Some(readings) = Reading::all(&text) else { return Wish::Other };
    let wishes: Vec<Wish> = readings.iter().map(Reading::wish).collect();
    if wishes.contains(&Wish::Finish) {
        Wish::Finish
    } else if wishes.contains(&Wish::Unsure) && text.is_short() {
        Wish::Unsure
    } else {
        Wish::Other
    }
}

/// A part of a sentence: the classes of its phrases.
#[derive(Clone, Copy, Default)]
struct Part {
    classes: Classes,
    /// The classes before the first unknown word.
    head: Classes,
    /// The weight of the unknown words.
    unknown: usize,
    /// The number of its sentence.
    sentence: usize,
    /// Whether a language finds reported speech, a condition or a habit in it.
    is_report: bool,
}

impl Part {
    fn add(&mut self, classes: Classes, unknown: usize) {
        self.classes |= classes;
        self.unknown += unknown;
        if self.unknown == 0 {
            self.head |= classes;
        }
    }

    /// The weight of what no phrase explains.
    fn unexplained(&self) -> usize {
        let is_refusal = self.classes & (STAY | GO_ON | NO | NOT) != 0;
        let is_topic = self.classes & TOPIC != 0 && !is_refusal;
        self.unknown + usize::from(is_topic)
    }

    fn is_plain(&self) -> bool {
        self.unexplained() == 0
    }
}

/// Decides what verbs mean together with a negation, a wish or another time.
fn resolve(classes: Classes) -> Classes {
    let has = |class| classes & class != 0;
    let finishes = has(FINISH) || has(VERB) && has(WANT | HERE | OBJECT);
    let rest = classes & !(FINISH | STAY);
    if has(STAY) || has(NOT) && (finishes || has(VERB)) {
        rest & !VERB | STAY
    } else if finishes && has(GO_ON) && !has(LATER) {
        rest | FINISH | HEDGE
    } else if finishes || has(GO_ON) && has(LATER) {
        rest | FINISH
    } else if has(GO_ON) {
        rest | if has(NOT) { HEDGE } else { STAY }
    } else if has(NOT) {
        rest | NO
    } else if has(SOFT) && has(THANKS | HERE) && !has(NO) {
        rest | FINISH
    } else {
        rest
    }
}

/// A text as one language reads it.
struct Reading {
    parts: Vec<Part>,
}

impl Reading {
    /// The readings in all languages; `None` if there is nothing to read, or despair in it.
    fn all(text: &Text) -> Option<Vec<Self>> {
        let mut readings: Vec<Self> = LEXICONS.iter().map(|_| Self { parts: vec![] }).collect();
        for clause in &text.clauses {
            let parses: Vec<Vec<Part>> =
                LEXICONS.iter().map(|l| l.parse(clause)).collect::<Option<_>>()?;
            let is_report =
                parses.iter().flatten().any(|part| part.classes & (REPORT | ABOUT) != 0);
            for (reading, parts) in iter::zip(&mut readings, parses) {
                let sentence = clause.sentence;
                let parts = parts.into_iter();
                reading.parts.extend(parts.map(|part| Part { sentence, is_report, ..part }));
            }
        }
        (!text.clauses.is_empty()).then_some(readings)
    }

    fn answer(&self, text: &Text) -> Answer {
        let unknown: usize = self.parts.iter().map(Part::unexplained).sum();
        let plain = self.parts.iter().filter(|part| part.is_plain());
        let classes = plain.fold(0, |all, part| all | resolve(part.classes));
        let has = |class| classes & class != 0;
        if unknown > 0 || text.is_cut {
            let is_no = self.parts.iter().any(|part| resolve(part.head) & (NO | STAY | NOT) != 0);
            let head = resolve(self.parts[0].head);
            return match self.wish() {
                Wish::Finish if !is_no => Answer::Confirm,
                Wish::Finish | Wish::Unsure => Answer::Unsure,
                // A word or two that no phrase covers: "yes, super-duper".
                _ if !is_no
                    && unknown <= MAX_UNKNOWN
                    && head & (YES | OK | FINISH) != 0
                    && !self.parts.iter().any(|p| p.is_report || p.classes & (NOT | BUT) != 0) =>
                {
                    Answer::Unsure
                }
                _ => Answer::Other,
            };
        }
        if has(NO | STAY) {
            // "No, that's all" and "I'd rather go on and then finish" say two things.
            let both = has(FINISH | BYE | SOFT) || has(NO) && !has(STAY) && has(YES);
            return if both { Answer::Unsure } else { Answer::Decline };
        }
        let accepts = has(YES | FINISH | BYE | VERB) || has(SOFT | OK) && !has(EITHER);
        match () {
            _ if has(HEDGE | BUT) && has(YES | FINISH | BYE | SOFT | OK | HEDGE | EITHER) => {
                Answer::Unsure
            }
            // "Okay?" asks.
            _ if text.is_question && !has(YES | FINISH | BYE | VERB | SOFT) && has(OK) => {
                Answer::Unsure
            }
            _ if accepts || self.is_goodbye() => Answer::Confirm,
            _ if has(EITHER) => Answer::Unsure,
            _ => Answer::Other,
        }
    }

    /// Whether an ambiguous goodbye follows a word of leaving: "okay, ciao", "всё, пока".
    fn is_goodbye(&self) -> bool {
        let bye = SOFT | EITHER;
        let all = self.parts.iter().fold(0, |all, part| all | part.classes);
        let is_beside = |p: &Part| p.classes & (OK | YES | THANKS) != 0 || p.classes & bye == SOFT;
        self.parts.iter().all(Part::is_plain)
            && self.parts.last().is_some_and(|p| p.classes & bye == bye)
            && self.parts.iter().any(is_beside)
            && all & (NO | STAY | NOT | HEDGE | GO_ON) == 0
    }

    fn wish(&self) -> Wish {
        // Thanks may stand in another part: "That's all. Thank you."
        let is_plain = self.parts.iter().all(Part::is_plain);
        let all = self.parts.iter().fold(0, |all, part| all | part.classes);
        let thanks = if self.is_goodbye() {
            THANKS
        } else if is_plain {
            all & THANKS
        } else {
            0
        };
        let wishes = (0..self.parts.len()).map(|i| self.wish_of_part(i, thanks));
        wishes.fold(Wish::Other, |all, wish| match (all, wish) {
            (Wish::Finish, _) | (_, Wish::Finish) => Wish::Finish,
            (Wish::Unsure, _) | (_, Wish::Unsure) => Wish::Unsure,
            _ => Wish::Other,
        })
    }

    /// The wish of the part `index`, unless another part takes it back.
    fn wish_of_part(&self, index: usize, thanks: Classes) -> Wish {
        let part = &self.parts[index];
        let classes = resolve(part.classes | thanks);
        let others = self.parts.iter().enumerate().filter(|(i, _)| *i != index);
        let is_taken_back = others.clone().any(|(i, other)| {
            let is_same = other.sentence == part.sentence;
            let is_reported = !other.is_plain() && other.is_report && (is_same || i > index);
            let is_refused = other.is_plain() && resolve(other.classes) & STAY != 0;
            let is_limited = !other.is_plain() && i > index && other.classes & BUT != 0;
            is_reported || is_refused || is_limited
        });
        if is_taken_back || classes & (STAY | REASON) != 0 {
            return Wish::Other;
        }
        if part.is_plain() {
            return match classes {
                // "I don't want to stop now" may have no phrase of its own.
                _ if classes & BYE == 0 && classes & FINISH != 0 && classes & NO != 0 => {
                    Wish::Unsure
                }
                _ if classes & (FINISH | BYE) != 0 && classes & HEDGE == 0 => Wish::Finish,
                _ if classes & (FINISH | BYE) != 0 => Wish::Unsure,
                _ if classes & SOFT != 0 && self.parts.iter().all(Part::is_plain) => Wish::Unsure,
                _ => Wish::Other,
            };
        }
        // "Let's stop here my bus is here": a reason may follow, the rules cannot know.
        let head = resolve(part.head);
        let may_be = head & FINISH != 0 && head & HERE != 0 && head & (NO | NOT) == 0;
        if may_be && !part.is_report { Wish::Unsure } else { Wish::Other }
    }
}

/// The greatest weight of unknown words in an answer that a model may decide: two words.
const MAX_UNKNOWN: usize = 4;
