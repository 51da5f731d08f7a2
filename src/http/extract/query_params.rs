//! Query strings, read strictly: what is no UTF-8, comes twice or is not known is an error and not a guess.

use percent_encoding::percent_decode_str;
use time::{
    Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description,
};

use crate::http::response::error::ApiError;

/// The parameters of a request, each at most once.
pub struct QueryParams(Vec<(String, String)>);

impl QueryParams {
    /// Reads `query_string`, which may hold the parameters `known`. Others are ignored, as everywhere on the web.
    ///
    /// # Errors
    /// [`ApiError::BadQuery`] for what is no UTF-8, holds a NUL, or names a known parameter twice.
    pub fn parse(query_string: &str, known: &[&str]) -> Result<Self, ApiError> {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for part in query_string.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (Some(name), value) = (decode(name), decode(value)) else {
                return Err(bad("The query string is not valid UTF-8."));
            };
            if !known.contains(&name.as_str()) {
                continue;
            }
            let value = value.ok_or_else(|| bad(&format!("{name} is not valid UTF-8.")))?;
            if value.contains('\0') {
                return Err(bad(&format!("{name} holds a NUL character.")));
            }
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(bad(&format!("{name} is there twice.")));
            }
            pairs.push((name, value.trim().to_owned()));
        }
        Ok(Self(pairs))
    }

    /// The value without spaces around it; `None` if it is not there or blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// The value as `read` takes it.
    ///
    /// # Errors
    /// [`ApiError::BadQuery`], which says what the value `must_be`.
    pub fn read<T>(
        &self,
        name: &str,
        must_be: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ApiError> {
        match self.get(name) {
            None if self.0.iter().any(|(key, _)| key == name) => {
                Err(bad(&format!("{name} must be {must_be}.")))
            }
            None => Ok(None),
            Some(value) => read(value)
                .map(Some)
                .ok_or_else(|| bad(&format!("{name} must be {must_be}."))),
        }
    }

    /// How many things a page has, from 1 to `most`.
    ///
    /// # Errors
    /// [`ApiError::BadQuery`]
    pub fn limit(&self, most: u16) -> Result<Option<u16>, ApiError> {
        self.read(
            "limit",
            &format!("a whole number from 1 to {most}"),
            |text| text.parse().ok().filter(|limit| (1..=most).contains(limit)),
        )
    }

    /// A time, or the beginning of a day (UTC); with `whole_day`, a day means its end.
    ///
    /// # Errors
    /// [`ApiError::BadQuery`]
    pub fn time(&self, name: &str, whole_day: bool) -> Result<Option<OffsetDateTime>, ApiError> {
        self.read(
            name,
            "a date (2026-11-24) or a time (2026-11-24T09:30:00Z)",
            |text| {
                if let Ok(date) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
                    let date = if whole_day { date.next_day()? } else { date };
                    return Some(date.midnight().assume_utc());
                }
                OffsetDateTime::parse(text, &Rfc3339).ok()
            },
        )
    }
}

/// A plus means a space, as forms send it.
fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(Into::into)
}

fn bad(text: &str) -> ApiError {
    ApiError::BadQuery(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> QueryParams {
        QueryParams::parse(text, &["q", "limit", "from", "to"]).expect(text)
    }

    #[test]
    fn values_are_decoded_and_trimmed() {
        assert_eq!(query("q=+a%20b+c%2B&x=%ff").get("q"), Some("a b c+"));
        assert_eq!(query("q=%E5%B7%A5%E4%BD%9C").get("q"), Some("工作"));
        assert_eq!(query("q=%20").get("q"), None);
        assert_eq!(query("").get("q"), None);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for text in ["q=%ff", "q=%ED%A0%80", "q=a%00", "q=a&q=b"] {
            assert!(QueryParams::parse(text, &["q"]).is_err(), "{text}");
        }
        for text in [
            "limit=0", "limit=101", "limit=x", "limit=-1", "limit=1.5", "limit=",
            "limit=99999999999",
        ] {
            assert!(query(text).limit(100).is_err(), "{text}");
        }
        for text in [
            "from=yesterday", "from=2026-13-01", "from=2026-11-24T25:00:00Z",
            "from=2026-11-24T09:00:00",
        ] {
            assert!(query(text).time("from", false).is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_whole() {
        let query = query("from=2026-11-24&to=2026-11-24");
        let day = query.time("to", true).ok().flatten().expect("a time")
            - query.time("from", false).ok().flatten().expect("a time");
        assert_eq!(day.whole_hours(), 24);
    }
}
