//! The coach's memory: recent messages verbatim, older ones folded into the running summary.

use std::sync::Arc;

use tracing::Instrument;

use super::{Inner, session_cache::CachedSession};
use crate::domain::{Message, RunningSummary, Sender, SessionId};

impl Inner {
    /// Folds older messages into the running summary in the background, if the messages exceed the
    /// token budget. No turn waits for it; after a failure the next turn starts it again.
    pub(super) fn summarize_if_over_budget(
        self: &Arc<Self>,
        id: &SessionId,
        summary: &RunningSummary,
        messages: &[Message],
        cached: &Arc<CachedSession>,
    ) {
        let Some(target) = messages_to_summarize(messages, summary, self.memory_tokens) else {
            return;
        };
        if !cached.try_start_summarizing() {
            return;
        }
        let (inner, id, cached) = (Arc::clone(self), id.clone(), Arc::clone(cached));
        let before = summary.clone();
        let older = messages[before.messages..target].to_vec();
        let work = async move {
            inner.summarize(&id, before, &older).await;
            cached.finish_summarizing();
        };
        self.tasks.spawn_on(work.in_current_span(), &self.runtime);
    }

    async fn summarize(&self, id: &SessionId, before: RunningSummary, older: &[Message]) {
        let text = match self.coach.fold_into_summary(&before.text, older).await {
            Ok(text) => text,
            Err(error) => return tracing::warn!(%error, "running summary not made"),
        };
        let messages = before.messages + older.len();
        let after = RunningSummary { text, messages };
        match self.db.update_session(id, before.messages, &after).await {
            Ok(_) => tracing::debug!(session = id.short(), messages, "running summary updated"),
            Err(error) => tracing::warn!(%error, "running summary not stored"),
        }
    }
}

/// Estimated tokens of a text: four bytes each in English; a Chinese character (three bytes) is a
/// little less than one. Exact counts differ by model and would not change a decision.
fn estimate_tokens(text: &str) -> usize {
    text.len().div_ceil(4) + 4
}

/// The messages after the running summary. If summarising keeps failing they may be many: then
/// only the last ones within four times the budget, and always the very last. They begin with a
/// message of the user, since chat templates of some models insist on it: if the budget or an older
/// summary cuts before a coach's message, it is left out, or the user's message before it is added.
pub fn recent<'a>(
    messages: &'a [Message],
    summary: &RunningSummary,
    budget: usize,
) -> &'a [Message] {
    let unsummarized = &messages[summary.messages.min(messages.len())..];
    let kept = last_within(unsummarized, budget.saturating_mul(4)).len();
    &messages[begin_with_user(messages, messages.len() - kept)..]
}

/// All messages, if they fit into `budget`.
pub fn all_if_within(messages: &[Message], budget: usize) -> Option<&[Message]> {
    (last_within(messages, budget).len() == messages.len()).then_some(messages)
}

/// How many messages, counted from the first, the running summary shall cover, so that the rest
/// takes half of the budget and begins with the user. `None` while everything fits.
pub fn messages_to_summarize(
    messages: &[Message],
    summary: &RunningSummary,
    budget: usize,
) -> Option<usize> {
    let summarized = summary.messages.min(messages.len());
    let unsummarized = &messages[summarized..];
    let cost: usize = unsummarized.iter().map(|message| estimate_tokens(&message.text)).sum();
    if cost <= budget {
        return None;
    }
    let kept = last_within(unsummarized, budget / 2).len();
    let target = begin_with_user(messages, messages.len() - kept);
    (target > summarized).then_some(target)
}

/// The first message of the user from `start` on. If there is none, the last one before, so that
/// the coach's last message is kept with what it replies to; `start` if there is none either.
fn begin_with_user(messages: &[Message], start: usize) -> usize {
    let is_user = |message: &Message| message.sender == Sender::User;
    let (before, after) = messages.split_at(start);
    match after.iter().position(is_user) {
        Some(offset) => start + offset,
        None if after.is_empty() => start,
        None => before.iter().rposition(is_user).unwrap_or(start),
    }
}

fn last_within(messages: &[Message], budget: usize) -> &[Message] {
    let mut cost = 0;
    let fitting = messages
        .iter()
        .rev()
        .take_while(|message| {
            cost += estimate_tokens(&message.text);
            cost <= budget
        })
        .count();
    &messages[messages.len() - fitting.max(1.min(messages.len()))..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Sender;

    /// Messages of 100 tokens each.
    fn messages(count: usize) -> Vec<Message> {
        (0..count).map(|_| Message::example(Sender::User, &"x".repeat(4 * 96))).collect()
    }

    fn summary_of(messages: usize) -> RunningSummary {
        RunningSummary { text: "…".into(), messages }
    }

    /// Messages of 100 tokens each, of the user and the coach in turn.
    fn conversation(count: usize) -> Vec<Message> {
        let mut messages = messages(count);
        for message in messages.iter_mut().skip(1).step_by(2) {
            message.sender = Sender::Ai;
        }
        messages
    }

    #[test]
    fn remaining_messages_begin_with_the_user() {
        let target = |count, summarized, budget| {
            messages_to_summarize(&conversation(count), &summary_of(summarized), budget)
        };
        // 11 messages would remain, of which the first is the coach's.
        assert_eq!(target(26, 0, 2200), Some(16));
        assert_eq!(target(26, 0, 2000), Some(16));
        assert_eq!(target(40, 16, 2200), Some(30));
        // Nothing but the last reply fits: its question stays with it.
        assert_eq!(target(4, 0, 10), Some(2));
        assert_eq!(target(4, 2, 10), None);
    }

    #[test]
    fn recent_messages_begin_with_the_user() {
        let all = conversation(100);
        let first = |summarized, budget| {
            let recent = recent(&all, &summary_of(summarized), budget);
            (recent[0].sender, recent.len())
        };
        assert_eq!(first(90, 2000), (Sender::User, 10));
        assert_eq!(first(91, 2000), (Sender::User, 8));
        assert_eq!(first(0, 425), (Sender::User, 16));
        assert_eq!(first(99, 2000), (Sender::User, 2));
        assert_eq!(first(0, 10), (Sender::User, 2));
        assert!(recent(&all, &summary_of(100), 2000).is_empty());
    }

    #[test]
    fn messages_within_the_budget_are_not_summarized() {
        let target = messages_to_summarize(&messages(20), &RunningSummary::default(), 2000);
        assert_eq!(target, None);
    }

    #[test]
    fn messages_over_the_budget_are_summarized_to_half_of_it() {
        let target = |count, summarized| {
            messages_to_summarize(&messages(count), &summary_of(summarized), 2000)
        };
        assert_eq!(target(21, 0), Some(11));
        assert_eq!(target(32, 11), Some(22));
        assert_eq!(target(31, 11), None);
    }

    #[test]
    fn last_message_is_never_summarized() {
        let target = |count| messages_to_summarize(&messages(count), &summary_of(0), 10);
        assert_eq!(target(1), None);
        assert_eq!(target(2), Some(1));
    }

    #[test]
    fn recent_messages_are_unsummarized_and_bounded() {
        let all = messages(100);
        assert_eq!(recent(&all, &summary_of(90), 2000).len(), 10);
        assert_eq!(recent(&all, &summary_of(0), 2000).len(), 80);
        assert_eq!(recent(&all, &summary_of(0), 10).len(), 1);
        // A summary of more messages than there are.
        assert_eq!(recent(&all, &summary_of(500), 2000).len(), 0);
        assert_eq!(recent(&[], &summary_of(0), 2000).len(), 0);
    }

    #[test]
    fn closing_summary_gets_all_messages_or_none() {
        let fitting = |count| all_if_within(&messages(count), 1000).map(<[Message]>::len);
        assert_eq!(fitting(10), Some(10));
        assert_eq!(fitting(11), None);
        assert_eq!(fitting(0), Some(0));
    }
}
