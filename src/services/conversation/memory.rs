//! How much of a conversation the coach is shown: the recent lines verbatim, the older ones in the running summary.

use std::sync::Arc;

use tracing::Instrument;

use super::{Inner, session_cache::CachedSession};
use crate::domain::{Message, RunningSummary, SessionId};

/// Most tokens of lines for the closing summary; a session of half an hour has about 7,000.
pub const CLOSING_TOKENS: usize = 24_000;

impl Inner {
    /// Merges older lines into the running summary, beside the conversation: nobody waits for it, and if it fails it
    /// is due again after the next turn.
    pub(super) fn merge_memory_if_due(
        self: &Arc<Self>,
        id: &SessionId,
        summary: &RunningSummary,
        lines: &[Message],
        place: &Arc<CachedSession>,
    ) {
        let Some(target) = due(lines, summary, self.memory_tokens) else {
            return;
        };
        if !place.try_start_summarizing() {
            return;
        }
        let (this, id, place, before) = (
            Arc::clone(self),
            id.clone(),
            Arc::clone(place),
            summary.clone(),
        );
        let older = lines[before.messages..target].to_vec();
        let merge = async move {
            match this.coach.fold_into_summary(&before.text, &older).await {
                Ok(text) => {
                    let after = RunningSummary {
                        text,
                        messages: target,
                    };
                    match this.db.update_session(&id, before.messages, &after).await {
                        Ok(_) => {
                            tracing::debug!(session = id.short(), lines = target, "memory merged")
                        }
                        Err(error) => tracing::warn!(%error, "memory not merged"),
                    }
                }
                Err(error) => tracing::warn!(%error, "memory not merged"),
            }
            place.finish_summarizing();
        };
        self.tasks.spawn_on(merge.in_current_span(), &self.runtime);
    }
}

/// What a text costs, roughly: four bytes to a token in English, and a Chinese character (three bytes) a little less
/// than one. Exact counts differ by model and would not change a decision.
fn tokens(text: &str) -> usize {
    text.len().div_ceil(4) + 4
}

/// The lines after the running summary. If merging has failed for long they may be many: then only the last that fit
/// into four times the budget, and always the very last.
pub fn recent<'a>(lines: &'a [Message], summary: &RunningSummary, budget: usize) -> &'a [Message] {
    let unmerged = &lines[summary.messages.min(lines.len())..];
    last_within(unmerged, budget * 4)
}

/// All lines if they fit into `budget`: a closing summary is best made from the whole conversation.
pub fn whole(lines: &[Message], budget: usize) -> Option<&[Message]> {
    (last_within(lines, budget).len() == lines.len()).then_some(lines)
}

/// How many lines, counted from the first, belong into the running summary once it is due: so many that the rest takes
/// half of the budget. `None` while everything fits.
pub fn due(lines: &[Message], summary: &RunningSummary, budget: usize) -> Option<usize> {
    let merged = summary.messages.min(lines.len());
    let unmerged = &lines[merged..];
    let cost: usize = unmerged.iter().map(|line| tokens(&line.text)).sum();
    if cost <= budget {
        return None;
    }
    let kept = last_within(unmerged, budget / 2).len();
    let target = lines.len() - kept;
    (target > merged).then_some(target)
}

fn last_within(lines: &[Message], budget: usize) -> &[Message] {
    let mut cost = 0;
    let fitting = lines
        .iter()
        .rev()
        .take_while(|line| {
            cost += tokens(&line.text);
            cost <= budget
        })
        .count();
    &lines[lines.len() - fitting.max(1.min(lines.len()))..]
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::domain::{MessageId, Sender};

    /// Lines of 100 tokens each.
    fn lines(count: usize) -> Vec<Message> {
        (0..count)
            .map(|_| Message {
                id: MessageId::generate(),
                sender: Sender::User,
                text: "x".repeat(4 * 96),
                created_at: OffsetDateTime::UNIX_EPOCH,
            })
            .collect()
    }

    fn merged(messages: usize) -> RunningSummary {
        RunningSummary {
            text: "…".into(),
            messages,
        }
    }

    #[test]
    fn nothing_is_merged_while_everything_fits() {
        assert_eq!(due(&lines(20), &RunningSummary::default(), 2000), None);
    }

    #[test]
    fn beyond_the_budget_the_older_lines_are_merged_down_to_half_of_it() {
        assert_eq!(due(&lines(21), &RunningSummary::default(), 2000), Some(11));
        assert_eq!(due(&lines(32), &merged(11), 2000), Some(22));
        assert_eq!(due(&lines(31), &merged(11), 2000), None);
    }

    #[test]
    fn the_last_line_is_never_merged() {
        assert_eq!(due(&lines(1), &RunningSummary::default(), 10), None);
        assert_eq!(due(&lines(2), &RunningSummary::default(), 10), Some(1));
    }

    #[test]
    fn the_coach_sees_what_is_not_merged_yet_within_bounds() {
        let all = lines(100);
        assert_eq!(recent(&all, &merged(90), 2000).len(), 10);
        assert_eq!(recent(&all, &merged(0), 2000).len(), 80);
        assert_eq!(recent(&all, &merged(0), 10).len(), 1);
        assert_eq!(
            recent(&all, &merged(500), 2000).len(),
            0,
            "a summary from the future"
        );
        assert_eq!(recent(&[], &merged(0), 2000).len(), 0);
    }

    #[test]
    fn a_closing_summary_takes_all_or_says_that_it_cannot() {
        assert_eq!(whole(&lines(10), 1000).map(<[Message]>::len), Some(10));
        assert!(whole(&lines(11), 1000).is_none());
        assert_eq!(whole(&[], 1000).map(<[Message]>::len), Some(0));
    }
}
