//! Domain: values (ids, sessions, messages, ratings) and rules (wrap-up, search highlighting).
//!
//! No I/O, and no knowledge of HTTP, SQL or providers.

mod audio;
mod closing_summary;
mod date_or_time;
mod detection;
mod highlight;
mod id;
mod idempotency;
mod language;
mod memory;
mod message;
mod normalized_text;
mod page;
mod phrases;
mod rating;
mod scripted_messages;
mod search;
mod sentences;
mod separators;
mod session;
mod spoken_text;
mod texts;
mod thoughts;
mod transcript;
mod unanswered_recordings;
mod viewer;
mod wav;
mod wrap_up;

pub use audio::{AudioFormat, MIN_RECORDING_BYTES, is_declared_as_audio};
pub use closing_summary::{
    action_plan, empty_summary, is_empty_summary, repair_closing_summary, summary_by_rule,
};
pub use date_or_time::DateOrTime;
pub use detection::{detect, spoken_length};
pub use highlight::{Fragment, Highlighter, is_cjk};
pub use id::{MessageId, SessionId, SessionIdSecret, session_key};
pub use idempotency::{Fingerprint, IdempotencyKey, IdempotentRequest};
pub use language::{Language, LanguageTag};
pub use memory::{
    MAX_OWN_TEXT_CHARACTERS, Memory, MemoryExcerpt, up_to_last_stop, without_delimiters,
};
pub use message::{Message, Sender};
pub use page::{MAX_PAGE_BYTES, fitting_items};
pub use phrases::{Answer, Wish, answer_to_offer, wish_to_finish};
pub use rating::{Feedback, InvalidRating, Rating};
pub use scripted_messages::ScriptedMessage;
pub use search::{KeysetCursor, MessageSearch, SearchCursor, Sort, TotalHits};
pub use sentences::{SentenceSplitter, sentences_before_question, up_to_last_sentence};
pub use separators::{is_ignored, is_separator};
pub use session::{RunningSummary, Session, SessionLanguage, Status};
pub use spoken_text::spoken_text;
pub use texts::{Errors, Offline, Texts, mentions, texts};
pub use thoughts::{Filtered, ThoughtFilter, without_thoughts};
pub use transcript::{clean_transcript, is_known_hallucination, is_silence};
pub use unanswered_recordings::{UnansweredRecording, UnansweredRecordings};
pub use viewer::Viewer;
pub use wav::{UNKNOWN_WAV_LENGTH, WavHeader, pcm16_mono, wav_header};
pub use wrap_up::{Intent, NextAction, WrapUp};

/// Longest text of one message, in characters: about an hour of uninterrupted speech.
pub const MAX_TEXT_CHARACTERS: usize = 50_000;

/// Most characters of a session, beyond which no turn is taken: forty messages of the greatest
/// length, or some forty hours of uninterrupted speech.
pub const MAX_SESSION_CHARACTERS: usize = 2_000_000;
