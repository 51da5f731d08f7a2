//! Sizes of pages.

/// Most bytes of text on a page, unless its first item is longer: a client that reads slowly holds
/// a page in memory.
pub const MAX_PAGE_BYTES: usize = 256 * 1024;

/// How many of the items fit on a page of `limit` items, by the bytes of their texts; one at least,
/// if there is one.
pub fn fitting_items<T>(items: &[T], limit: usize, text_bytes: impl Fn(&T) -> usize) -> usize {
    let ends = items.iter().take(limit).scan(0, |end, item| {
        *end += text_bytes(item);
        Some(*end)
    });
    let fitting = ends.take_while(|end| *end <= MAX_PAGE_BYTES).count();
    fitting.max(1).min(items.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_fit_by_number_and_bytes() {
        let half = MAX_PAGE_BYTES / 2;
        for (items, limit, expected) in [
            (vec![], 5, 0),
            (vec![1, 1, 1], 2, 2),
            (vec![1, 1, 1], 5, 3),
            (vec![half, half, 1], 5, 2),
            (vec![half, half + 1, 1], 5, 1),
            (vec![MAX_PAGE_BYTES + 1, 1], 5, 1),
        ] {
            assert_eq!(fitting_items(&items, limit, |bytes| *bytes), expected, "{items:?}");
        }
    }
}
