//! Recordings that the coach could not answer: their transcripts are kept for the next turn.

use serde::{Deserialize, Serialize};

use super::{Fingerprint, MAX_TEXT_CHARACTERS};

/// Between two texts of one message.
const SEPARATOR: &str = "\n\n";

/// Most characters of a session's unanswered recordings, separators included.
const MAX_CHARACTERS: usize = 20_000;
/// Most unanswered recordings of a session: a row stays small, whatever a client repeats.
const MAX_RECORDINGS: usize = 100;

/// A recording that was transcribed and not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnansweredRecording {
    /// Fingerprint of the recording, hexadecimal, by which a repeated one is recognised.
    pub fingerprint: String,
    /// Transcript.
    pub text: String,
}

/// The unanswered recordings of a session, in the order spoken. They are in no message yet: the
/// next user message begins with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnansweredRecordings(Vec<UnansweredRecording>);

impl UnansweredRecording {
    /// A recording with this fingerprint and transcript.
    pub fn new(fingerprint: &Fingerprint, text: &str) -> Self {
        Self { fingerprint: fingerprint.to_hex(), text: text.to_owned() }
    }
}

impl From<UnansweredRecording> for UnansweredRecordings {
    fn from(recording: UnansweredRecording) -> Self {
        Self(vec![recording])
    }
}

impl IntoIterator for UnansweredRecordings {
    type Item = UnansweredRecording;
    type IntoIter = std::vec::IntoIter<UnansweredRecording>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl UnansweredRecordings {
    /// The recordings, in the order spoken.
    pub fn as_slice(&self) -> &[UnansweredRecording] {
        &self.0
    }

    /// How many, as a column value; a hundred at most.
    pub fn count(&self) -> i32 {
        i32::try_from(self.0.len()).unwrap_or(i32::MAX)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the recording is among them, or may be added: 20,000 characters and a hundred
    /// recordings at most.
    pub fn has_room_for(&self, recording: &UnansweredRecording) -> bool {
        if self.0.iter().any(|kept| kept.fingerprint == recording.fingerprint) {
            return true;
        }
        let characters = joined(self.0.iter().chain([recording])).chars().count();
        self.0.len() < MAX_RECORDINGS && characters <= MAX_CHARACTERS
    }

    /// Their text, separated by blank lines; empty if there are none.
    pub fn text(&self) -> String {
        joined(&self.0)
    }

    /// The message of a turn: the unanswered recordings, a blank line, and the turn's own `text`.
    /// An unanswered recording that is `repeated` in the turn is said once, as its own text.
    ///
    /// `None` if the message would be longer than a message may be.
    pub fn message(&self, text: &str, repeated: Option<&Fingerprint>) -> Option<String> {
        let repeated = repeated.map(Fingerprint::to_hex);
        let others = self.0.iter().filter(|kept| Some(&kept.fingerprint) != repeated.as_ref());
        let message = match joined(others) {
            others if others.is_empty() => text.to_owned(),
            others => [&others, text].join(SEPARATOR),
        };
        (message.chars().count() <= MAX_TEXT_CHARACTERS).then_some(message)
    }
}

fn joined<'a>(recordings: impl IntoIterator<Item = &'a UnansweredRecording>) -> String {
    let texts: Vec<&str> = recordings.into_iter().map(|kept| kept.text.as_str()).collect();
    texts.join(SEPARATOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recordings with these texts, which are their fingerprints' content, too.
    fn recordings(texts: &[&str]) -> UnansweredRecordings {
        let recording = |text: &&str| UnansweredRecording::new(&Fingerprint::of(text), text);
        UnansweredRecordings(texts.iter().map(recording).collect())
    }

    fn recording(text: &str) -> UnansweredRecording {
        UnansweredRecording::new(&Fingerprint::of(text), text)
    }

    #[test]
    fn message_begins_with_the_recordings_in_order() {
        let message = |texts: &[&str]| recordings(texts).message("go on", None);
        assert_eq!(message(&[]).as_deref(), Some("go on"));
        assert_eq!(message(&["one"]).as_deref(), Some("one\n\ngo on"));
        assert_eq!(message(&["one", "two"]).as_deref(), Some("one\n\ntwo\n\ngo on"));
    }

    #[test]
    fn repeated_recording_is_said_once_with_its_new_text() {
        let kept = recordings(&["one", "two"]);
        let two = Fingerprint::of("two");
        assert_eq!(kept.message("Two.", Some(&two)).as_deref(), Some("one\n\nTwo."));
        let three = Fingerprint::of("three");
        assert_eq!(kept.message("three", Some(&three)).as_deref(), Some("one\n\ntwo\n\nthree"));
    }

    #[test]
    fn message_beyond_its_limit_is_not_made() {
        let kept = recordings(&["é"]);
        let fitting = "é".repeat(MAX_TEXT_CHARACTERS - 3);
        assert!(kept.message(&fitting, None).is_some());
        assert_eq!(kept.message(&format!("{fitting}é"), None), None);
    }

    #[test]
    fn room_is_twenty_thousand_characters_and_a_hundred_recordings() {
        let half = "é".repeat(MAX_CHARACTERS / 2);
        let kept = recordings(&[&half]);
        assert!(kept.has_room_for(&recording(&half[..half.len() - 4])));
        assert!(!kept.has_room_for(&recording(&half[..half.len() - 2])));
        let texts: Vec<String> = (0..MAX_RECORDINGS).map(|number| number.to_string()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert!(recordings(&texts[1..]).has_room_for(&recording("x")));
        assert!(!recordings(&texts).has_room_for(&recording("x")));
        assert!(recordings(&texts).has_room_for(&recording("7")), "kept already");
    }
}
