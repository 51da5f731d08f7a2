//! Stars and feedback for an ended session.

use serde_json::Value;

/// 1 to 5 stars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rating(i32);

/// Text beside the stars: at most [`Feedback::MAX_CHARACTERS`], no NUL.
#[derive(Clone, PartialEq, Eq)]
pub struct Feedback(String);

/// Why a value is not a rating.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRating {
    /// Not a whole number: the request is malformed.
    #[error("rating must be a whole number")]
    NotAWholeNumber,
    /// A whole number, but not 1 to 5.
    #[error("rating must be between 1 and 5")]
    OutOfRange,
}

impl Rating {
    /// The number of stars, 1 to 5.
    pub fn stars(self) -> i32 {
        self.0
    }
}

impl TryFrom<&Value> for Rating {
    type Error = InvalidRating;

    /// Accepts what the prototype accepted: `4`, `4.0` and `"4"`, but not `4.5` or `true`.
    fn try_from(value: &Value) -> Result<Self, InvalidRating> {
        let number = match value {
            Value::String(text) => text.trim().parse::<i64>().ok().map(|n| n as f64),
            value => value.as_f64(),
        }
        .filter(|n| n.fract() == 0.0)
        .ok_or(InvalidRating::NotAWholeNumber)?;
        if (1.0..=5.0).contains(&number) {
            Ok(Self(number as i32))
        } else {
            Err(InvalidRating::OutOfRange)
        }
    }
}

impl Feedback {
    /// Longest feedback in characters: a few pages.
    pub const MAX_CHARACTERS: usize = 10_000;

    /// `None` if the text is too long or holds a NUL, which Postgres cannot store.
    pub fn parse(text: String) -> Option<Self> {
        (text.chars().count() <= Self::MAX_CHARACTERS && !text.contains('\0')).then_some(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whole_numbers_from_one_to_five_are_ratings() {
        for (value, stars) in
            [(json!(1), 1), (json!(5), 5), (json!(4.0), 4), (json!("4"), 4), (json!(" 3 "), 3)]
        {
            assert_eq!(Rating::try_from(&value), Ok(Rating(stars)), "{value}");
        }
    }

    #[test]
    fn other_whole_numbers_are_out_of_range() {
        for value in [json!(0), json!(6), json!(-1), json!("0"), json!(1e18), json!(i64::MIN)] {
            assert_eq!(Rating::try_from(&value), Err(InvalidRating::OutOfRange), "{value}");
        }
    }

    #[test]
    fn other_values_are_malformed() {
        for value in json!([4.5, "many", "4.5", null, true, [4], {}]).as_array().expect("a list") {
            assert_eq!(Rating::try_from(value), Err(InvalidRating::NotAWholeNumber), "{value}");
        }
    }

    #[test]
    fn feedback_that_is_too_long_or_has_nul_is_rejected() {
        assert!(Feedback::parse("good".into()).is_some());
        assert!(Feedback::parse("a\0b".into()).is_none());
        assert!(Feedback::parse("é".repeat(Feedback::MAX_CHARACTERS)).is_some());
        assert!(Feedback::parse("é".repeat(Feedback::MAX_CHARACTERS + 1)).is_none());
    }
}
