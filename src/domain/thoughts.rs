//! Thoughts of reasoning models, which some servers leave in the reply: never shown or stored.
//!
//! A thought is a block at the start of the reply. Some chat templates contain its opening tag, so
//! that the reply has only the closing one. Text about tags further on is part of the reply.

/// Tags around a thought, lower case.
const BLOCKS: &[(&str, &[&str])] = &[
    ("<think>", &["</think>"]),
    ("<thinking>", &["</thinking>"]),
    ("<thought>", &["</thought>"]),
    ("<thoughts>", &["</thoughts>"]),
    ("<reasoning>", &["</reasoning>"]),
    ("<seed:think>", &["</seed:think>"]),
    ("<|think|>", &["<|/think|>", "</|think|>", "<|end_think|>"]),
    ("<|thinking|>", &["<|/thinking|>", "</|thinking|>", "<|end_thinking|>"]),
    ("<|start_thinking|>", &["<|end_thinking|>"]),
    ("<|begin_of_thought|>", &["<|end_of_thought|>"]),
    ("◁think▷", &["◁/think▷"]),
    ("[think]", &["[/think]"]),
    ("<|channel>thought", &["<channel|>"]),
];

/// Starts of a message in the harmony format: `<|channel|>analysis<|message|>…<|end|>`.
const HARMONY_STARTS: &[&str] = &["<|start|>", "<|channel|>"];
const HARMONY_MESSAGE: &str = "<|message|>";
/// What ends a thought in that format. The starts of a next message are not a part of the thought.
const HARMONY_ENDS: &[&str] = &["<|end|>", "<|return|>", "<|call|>", "<|start|>", "<|channel|>"];
/// Start of the reply in that format, if what precedes it has no start.
const HARMONY_REPLY: &str = "<|channel|>final<|message|>";
/// Longest role and channel of a message.
const MAX_HEADER_BYTES: usize = 100;

/// Marks of the end of a reply that a server has left in.
const END_MARKS: &[&str] =
    &["<|return|>", "<|end|>", "<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<end_of_turn>"];

/// Removes thoughts from a reply that arrives in fragments.
#[derive(Debug)]
pub struct ThoughtFilter {
    state: State,
    /// Received text that is not decided yet.
    pending: String,
    /// The reply so far.
    visible: String,
    /// Bytes of `visible` that were returned.
    shown: usize,
    hold_back: bool,
    seen_opening: bool,
    lacked_opening: bool,
}

/// What a reply is without its thoughts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filtered {
    /// Text that is still to be shown.
    pub rest: String,
    /// The whole reply without white space around it; `None` if it is blank or only a thought.
    pub text: Option<String>,
    /// Only a closing tag came. Unless the reply was held back, text that was shown belongs to the
    /// thought, and `text` is the correction.
    pub lacked_opening: bool,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// At the start, or behind a thought: another one may follow.
    Start,
    /// Within a thought, up to one of these tags.
    Thought(&'static [&'static str]),
    Reply,
}

impl ThoughtFilter {
    /// A filter of one reply. With `hold_back` nothing is shown until a thought has ended, or until
    /// the reply ends: for models whose opening tag is missing.
    pub fn new(hold_back: bool) -> Self {
        Self {
            state: State::Start,
            pending: String::new(),
            visible: String::new(),
            shown: 0,
            hold_back,
            seen_opening: false,
            lacked_opening: false,
        }
    }

    /// The text that may be shown now; often less or more than `fragment`.
    pub fn push(&mut self, fragment: &str) -> String {
        self.pending.push_str(fragment);
        self.advance(false);
        if self.hold_back { String::new() } else { self.take_unshown() }
    }

    /// The rest, and the whole.
    pub fn finish(mut self) -> Filtered {
        self.advance(true);
        self.visible.truncate(self.visible.trim_end().len().max(self.shown));
        let rest = self.take_unshown();
        let text = self.visible.trim();
        Filtered {
            rest,
            text: (!text.is_empty()).then(|| text.to_owned()),
            lacked_opening: self.lacked_opening,
        }
    }

    fn take_unshown(&mut self) -> String {
        let unshown = self.visible[self.shown..].to_owned();
        self.shown = self.visible.len();
        unshown
    }

    /// Decides as much of the pending text as possible; all of it `at_end`.
    fn advance(&mut self, at_end: bool) {
        loop {
            let goes_on = match self.state {
                State::Start => self.read_start(at_end),
                State::Thought(ends) => self.read_thought(ends),
                State::Reply => self.read_reply(at_end),
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Whether the state has changed.
    fn read_start(&mut self, at_end: bool) -> bool {
        let start = self.pending.len() - self.pending.trim_start().len();
        self.pending.drain(..start);
        if self.pending.is_empty() {
            return false;
        }
        for (opening, ends) in BLOCKS {
            if has_prefix(&self.pending, opening) {
                self.pending.drain(..opening.len());
                self.seen_opening = true;
                self.state = State::Thought(ends);
                return true;
            }
        }
        if HARMONY_STARTS.iter().any(|tag| has_prefix(&self.pending, tag)) {
            return self.read_harmony_header(at_end);
        }
        let openings = BLOCKS.iter().map(|(opening, _)| opening).chain(HARMONY_STARTS);
        if !at_end && openings.into_iter().any(|tag| is_prefix_of(&self.pending, tag)) {
            return false;
        }
        self.state = State::Reply;
        true
    }

    fn read_harmony_header(&mut self, at_end: bool) -> bool {
        let Some(end) = find(&self.pending, HARMONY_MESSAGE) else {
            if at_end {
                // Nothing but markers.
                self.pending.clear();
                return false;
            }
            if self.pending.len() > MAX_HEADER_BYTES {
                self.state = State::Reply;
            }
            return self.pending.len() > MAX_HEADER_BYTES;
        };
        let header = self.pending[..end].to_ascii_lowercase();
        self.pending.drain(..end + HARMONY_MESSAGE.len());
        self.seen_opening = true;
        self.hold_back = false;
        let channel = header.rsplit("<|channel|>").next().unwrap_or_default();
        if header.contains("<|channel|>") && !channel.trim_start().starts_with("final") {
            self.state = State::Thought(HARMONY_ENDS);
        } else {
            self.state = State::Reply;
        }
        true
    }

    fn read_thought(&mut self, ends: &[&str]) -> bool {
        let first = ends.iter().filter_map(|tag| Some((find(&self.pending, tag)?, *tag))).min();
        if let Some((at, tag)) = first {
            let is_next_start = HARMONY_STARTS.contains(&tag);
            self.pending.drain(..if is_next_start { at } else { at + tag.len() });
            self.state = State::Start;
            self.hold_back = false;
            return true;
        }
        // The end of a thought may be cut by the fragment.
        let longest = ends.iter().map(|tag| tag.len()).max().unwrap_or_default();
        let mut keep_from = self.pending.len().saturating_sub(longest);
        while !self.pending.is_char_boundary(keep_from) {
            keep_from -= 1;
        }
        self.pending.drain(..keep_from);
        false
    }

    /// Moves pending text to the reply, up to a tag that is not complete yet.
    fn read_reply(&mut self, at_end: bool) -> bool {
        let mut position = 0;
        while let Some(offset) = self.pending[position..].find(['<', '◁', '[']) {
            let at = position + offset;
            let tag = self.tag_at(at, at_end);
            match tag {
                Tag::None => position = at + char_length(&self.pending, at),
                Tag::Opening => {
                    self.seen_opening = true;
                    position = at + char_length(&self.pending, at);
                }
                Tag::Closing(length) => {
                    self.lacked_opening |= !self.seen_opening;
                    self.seen_opening = true;
                    self.hold_back = false;
                    self.pending.drain(..at + length);
                    self.visible.clear();
                    self.shown = 0;
                    self.state = State::Start;
                    return true;
                }
                Tag::End => {
                    self.show_pending(at);
                    self.pending.clear();
                    return false;
                }
                Tag::Undecided => {
                    self.show_pending(at);
                    return false;
                }
            }
        }
        self.show_pending(self.pending.len());
        false
    }

    fn show_pending(&mut self, end: usize) {
        let text = &self.pending[..end];
        let is_first = self.visible.is_empty();
        self.visible.push_str(if is_first { text.trim_start() } else { text });
        self.pending.drain(..end);
    }

    fn tag_at(&self, at: usize, at_end: bool) -> Tag {
        let text = &self.pending[at..];
        let closings = BLOCKS.iter().flat_map(|(_, ends)| *ends).chain([&HARMONY_REPLY]);
        for closing in closings.clone() {
            if has_prefix(text, closing) {
                return self.closing_at(at, closing.len(), at_end);
            }
        }
        let rest = without_end_marks(text);
        if rest.is_empty() {
            return if at_end { Tag::End } else { Tag::Undecided };
        }
        let is_cut = |tag: &&str| is_prefix_of(rest, tag);
        let mut openings = BLOCKS.iter().map(|(opening, _)| opening);
        if !at_end
            && (END_MARKS.iter().any(is_cut)
                || rest.len() == text.len()
                    && (openings.clone().any(is_cut) || closings.clone().any(is_cut)))
        {
            return Tag::Undecided;
        }
        if openings.any(|opening| has_prefix(text, opening)) { Tag::Opening } else { Tag::None }
    }

    /// A closing tag ends a thought, unless the reply writes about it: then an opening tag came
    /// before, or it is quoted.
    fn closing_at(&self, at: usize, length: usize, at_end: bool) -> Tag {
        let before = [self.visible.as_str(), &self.pending[..at]];
        let mut previous = before.iter().rev().flat_map(|text| text.chars().rev());
        if before.iter().all(|text| text.trim().is_empty()) {
            return Tag::Closing(length);
        }
        if self.seen_opening {
            return Tag::None;
        }
        let Some(quote) = previous.next().filter(|c| is_quote(*c)) else {
            return Tag::Closing(length);
        };
        // A quotation may also end right before the tag: then it is behind a word or a mark.
        let opens = quote == '“'
            || previous.next().is_none_or(|c| c.is_whitespace() || matches!(c, '(' | '['));
        match self.pending[at + length..].chars().next() {
            _ if opens => Tag::None,
            None if !at_end => Tag::Undecided,
            Some(c) if is_quote(c) => Tag::None,
            _ => Tag::Closing(length),
        }
    }
}

enum Tag {
    /// An ordinary character.
    None,
    Opening,
    /// The end of a thought, of this many bytes.
    Closing(usize),
    /// The end of the reply.
    End,
    /// The next fragment decides.
    Undecided,
}

/// The visible part of a whole answer; `None` if it is blank or only a thought.
pub fn without_thoughts(text: &str) -> Option<String> {
    let mut filter = ThoughtFilter::new(true);
    filter.push(text);
    filter.finish().text
}

fn is_quote(c: char) -> bool {
    matches!(c, '`' | '"' | '\'' | '“' | '”' | '„' | '‘' | '’' | '«' | '»' | '「' | '」')
}

/// `text` behind the end marks at its start.
fn without_end_marks(text: &str) -> &str {
    let mut rest = text;
    while let Some(mark) = END_MARKS.iter().find(|mark| has_prefix(rest, mark)) {
        rest = rest[mark.len()..].trim_start();
    }
    rest
}

/// Whether `text` starts with `tag`, in any letter case.
fn has_prefix(text: &str, tag: &str) -> bool {
    text.as_bytes().get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag.as_bytes()))
}

/// Whether `text` is the beginning of `tag`, and not all of it.
fn is_prefix_of(text: &str, tag: &str) -> bool {
    text.len() < tag.len() && has_prefix(tag, text)
}

fn find(text: &str, tag: &str) -> Option<usize> {
    let windows = text.as_bytes().windows(tag.len());
    windows.into_iter().position(|window| window.eq_ignore_ascii_case(tag.as_bytes()))
}

fn char_length(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests;
