//! Text in the form in which the search compares it, with the place of each part in the original.

use std::{borrow::Cow, ops::Range};

use unicode_normalization::{
    IsNormalized, UnicodeNormalization, char::canonical_combining_class,
    char::decompose_compatible, is_nfc_quick, is_nfkc_quick,
};

use super::separators::is_ignored;

/// Text in NFKC without ignored characters, as `public.unicode_search_vector` reads it.
pub struct NormalizedText<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// For the start of each part of `text`, the range of the original that it was made of. Empty
    /// if both texts are the same.
    origins: Vec<(usize, Range<usize>)>,
}

impl<'a> NormalizedText<'a> {
    /// Normalises `original`, which most often is normalised already.
    pub fn new(original: &'a str) -> Self {
        let is_normalized = original.is_ascii()
            || !original.contains(is_ignored)
                && is_nfkc_quick(original.chars()) == IsNormalized::Yes;
        if is_normalized {
            return Self { text: Cow::Borrowed(original), origins: Vec::new() };
        }
        let (mut text, mut origins) = (String::with_capacity(original.len()), Vec::new());
        for cluster in clusters(original) {
            let part = &original[cluster.clone()];
            let start = text.len();
            text.extend(part.chars().filter(|c| !is_ignored(*c)).nfkc());
            if text[start..] == *part {
                // Each character is its own part.
                origins.extend(part.char_indices().map(|(at, c)| {
                    let from = cluster.start + at;
                    (start + at, from..from + c.len_utf8())
                }));
            } else if text.len() > start {
                origins.push((start, cluster));
            }
        }
        Self { text: Cow::Owned(text), origins }
    }

    /// The range of the original that `range`, which is not empty, was made of.
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        let part_at = |at: usize| {
            let after = self.origins.partition_point(|(start, _)| *start <= at);
            after.checked_sub(1).map(|index| &self.origins[index].1)
        };
        match (part_at(range.start), part_at(range.end.saturating_sub(1))) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => range,
        }
    }
}

/// Ranges of characters that are normalised independently of each other: a base character with the
/// marks on it, and ignored characters.
fn clusters(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut starts = text.char_indices().filter(|(_, c)| starts_cluster(*c)).map(|(at, _)| at);
    let mut start = 0;
    let mut ended = text.is_empty();
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        // The first character begins the first cluster, whatever it is.
        let next = starts.find(|at| *at > start);
        ended = next.is_none();
        let cluster = start..next.unwrap_or(text.len());
        start = cluster.end;
        Some(cluster)
    })
}

/// Whether no character before `c` can combine with it.
fn starts_cluster(c: char) -> bool {
    if c.is_ascii() {
        return true;
    }
    if is_ignored(c) {
        return false;
    }
    let mut first = None;
    decompose_compatible(c, |part| {
        first.get_or_insert(part);
    });
    let first = first.unwrap_or(c);
    canonical_combining_class(first) == 0
        && is_nfc_quick(std::iter::once(first)) != IsNormalized::Maybe
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    #[test]
    fn parts_are_found_in_the_original() {
        for (original, part, expected) in [
            ("cafe\u{301} ole", "café", "cafe\u{301}"),
            ("cafe\u{301} ole", "ole", "ole"),
            ("co\u{ad}op\u{200b}t \u{fb01}x", "coopt", "co\u{ad}op\u{200b}t"),
            ("\u{feff}ﬁx", "fi", "ﬁ"),
            ("ﬁx", "i", "ﬁ"),
            ("ｶﾞ他", "ガ", "ｶﾞ"),
            ("\u{1112}\u{1161}\u{11ab}국", "한", "\u{1112}\u{1161}\u{11ab}"),
            ("plain é", "é", "é"),
        ] {
            let normalized = NormalizedText::new(original);
            let start = normalized.text.find(part).expect(part);
            let range = normalized.original(start..start + part.len());
            assert_eq!(&original[range], expected, "{part} in {original}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn text_equals_nfkc_of_the_whole(pieces in vec(
            prop_oneof![
                any::<char>(),
                select(vec![
                    'e', '\u{301}', '\u{327}', '\u{323}', '\u{ad}', '\u{200d}', 'か', '\u{3099}',
                    'ｶ', 'ﾞ', '\u{1112}', '\u{1161}', '\u{11ab}', '가', 'ﷺ', '\u{9c7}', '\u{9be}',
                    '\u{5d0}', '\u{5b0}', '\u{f71}', '\u{f72}', '①',
                ]),
            ],
            0..30,
        )) {
            let text: String = pieces.into_iter().collect();
            let expected: String = text.chars().filter(|c| !is_ignored(*c)).nfkc().collect();
            prop_assert_eq!(&NormalizedText::new(&text).text, &expected);
            let cut: usize = clusters(&text).map(|cluster| cluster.len()).sum();
            prop_assert_eq!(cut, text.len());
        }
    }
}
