//! Dates and times as parameters give them.

use time::{
    Date, OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::well_known::Rfc3339,
    macros::format_description,
};

/// A day (UTC) or a moment, in the years 0 to 9999, which RFC 3339 can write and Postgres store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrTime {
    /// A day such as `2026-11-24`.
    Date(Date),
    /// A moment such as `2026-11-24T09:30:00Z`, in UTC.
    Time(OffsetDateTime),
}

impl DateOrTime {
    /// The date or time that `text` is; `None` if it is neither, or outside of the years.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(date) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
            return (date.year() >= 0).then_some(Self::Date(date));
        }
        let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        // Not `to_offset`, which panics: with an offset, 9999-12-31T23:59:59 may be in year 10000.
        let time = time.checked_to_offset(UtcOffset::UTC)?;
        (time.year() >= 0).then_some(Self::Time(time))
    }

    /// The moment, or the start of the day.
    pub fn start(self) -> OffsetDateTime {
        match self {
            Self::Date(date) => date.midnight().assume_utc(),
            Self::Time(time) => time,
        }
    }

    /// The moment, or the end of the day: the start of the next one. The last day ends with the
    /// last moment that can be written.
    pub fn end(self) -> OffsetDateTime {
        match self {
            Self::Date(date) => {
                date.next_day().map_or(PrimitiveDateTime::MAX, Date::midnight).assume_utc()
            }
            Self::Time(time) => time,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn dates_and_times_are_read_up_to_the_last_day() {
        let end = |text: &str| DateOrTime::parse(text).map(DateOrTime::end);
        assert_eq!(end("2026-11-24"), Some(datetime!(2026-11-25 0:00 UTC)));
        assert_eq!(end("9999-12-31"), Some(datetime!(9999-12-31 23:59:59.999_999_999 UTC)));
        assert_eq!(end("0000-01-01"), Some(datetime!(0000-01-02 0:00 UTC)));
        let start = |text: &str| DateOrTime::parse(text).map(DateOrTime::start);
        assert_eq!(start("2026-11-24"), Some(datetime!(2026-11-24 0:00 UTC)));
        assert_eq!(start("2026-11-24T09:30:00+02:00"), Some(datetime!(2026-11-24 7:30 UTC)));
    }

    #[test]
    fn times_outside_of_the_years_are_rejected() {
        for text in [
            "9999-12-31T23:59:59-23:59",
            "9999-12-31T23:59:59-00:01",
            "0000-01-01T00:00:00+00:01",
            "-0001-12-31",
            "-4713-01-01",
            "-9999-01-01",
            "10000-01-01",
            "+10000-01-01T00:00:00Z",
            "",
        ] {
            assert_eq!(DateOrTime::parse(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_time_is_in_utc_or_rejected(
            year in prop_oneof![Just(0), Just(9999), 0..10_000],
            (month, day) in prop_oneof![Just((1, 1)), Just((12, 31))],
            hour in 0..24,
            (sign, offset) in ("[+-]", 0..24),
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:59:60{sign}{offset:02}:59");
            for text in [&text, &text.replace(":60", ":59")] {
                if let Some(time) = DateOrTime::parse(text) {
                    prop_assert!((0..10_000).contains(&time.start().to_utc().year()));
                    prop_assert_eq!(time.start(), time.end());
                }
            }
        }
    }
}
