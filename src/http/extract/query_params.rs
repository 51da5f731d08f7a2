//! Query strings, parsed strictly: an invalid or repeated parameter is an error.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use percent_encoding::percent_decode_str;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Error, Map, Value};
use time::OffsetDateTime;

use super::fields::{FIELD, FieldsDeserializer};
use crate::{domain::DateOrTime, http::response::error::ApiError};

/// The query string of a request. The fields of `T` are the parameters; others are ignored.
pub struct QueryParams<T>(pub T);

impl<T: DeserializeOwned> FromRequest for QueryParams<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(request.query_string()).map(Self))
    }
}

/// Parses a query string; [`ApiError::BadQuery`] if a parameter is no valid UTF-8, contains a NUL,
/// is there twice, or is rejected by its field.
pub fn parse<T: DeserializeOwned>(query_string: &str) -> Result<T, ApiError> {
    T::deserialize(FieldsDeserializer(|fields: &[&str]| read_pairs(query_string, fields)))
        .map_err(|error| ApiError::BadQuery(error.to_string()))
}

/// The parameters named `fields`, without spaces around the values.
fn read_pairs(query_string: &str, fields: &[&str]) -> Result<Map<String, Value>, Error> {
    let mut pairs = Map::new();
    for pair in query_string.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name =
            decode(name).ok_or_else(|| Error::custom("The query string is not valid UTF-8."))?;
        if !fields.contains(&name.as_str()) {
            continue;
        }
        let value = decode(value)
            .ok_or_else(|| Error::custom(format_args!("{name} is not valid UTF-8.")))?;
        if value.contains('\0') {
            return Err(Error::custom(format_args!("{name} holds a NUL character.")));
        }
        if pairs.contains_key(&name) {
            return Err(Error::custom(format_args!("{name} is there twice.")));
        }
        pairs.insert(name, value.trim().into());
    }
    Ok(pairs)
}

/// Decodes a percent-encoded text, in which a plus means a space, as HTML forms send it.
fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(Into::into)
}

/// Deserializes a parameter with `parse`. The error says what the value `must_be`.
pub fn param<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    must_be: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, D::Error> {
    let value = Option::<String>::deserialize(deserializer)?;
    value
        .map(|text| {
            parse(&text).ok_or_else(|| D::Error::custom(format_args!("{FIELD} must be {must_be}.")))
        })
        .transpose()
}

/// Deserializes a text; a blank one is absent.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Option::<String>::deserialize(deserializer)?;
    Ok(value.filter(|text| !text.is_empty()))
}

/// Deserializes the size of a page, from 1 to `MAX`.
pub fn limit<'de, const MAX: u16, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<u16>, D::Error> {
    let must_be = format!("a whole number from 1 to {MAX}");
    param(deserializer, &must_be, |text| {
        text.parse().ok().filter(|limit| (1..=MAX).contains(limit))
    })
}

/// Deserializes a time; a date means the start of that day (UTC).
pub fn start_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<OffsetDateTime>, D::Error> {
    Ok(date_or_time(deserializer)?.map(DateOrTime::start))
}

/// Deserializes a time; a date means the end of that day (UTC).
pub fn end_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<OffsetDateTime>, D::Error> {
    Ok(date_or_time(deserializer)?.map(DateOrTime::end))
}

fn date_or_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateOrTime>, D::Error> {
    let must_be = "a date (2026-11-24) or a time (2026-11-24T09:30:00Z)";
    param(deserializer, must_be, DateOrTime::parse)
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Params {
        #[serde(deserialize_with = "text")]
        q: Option<String>,
        #[serde(deserialize_with = "limit::<100, _>")]
        limit: Option<u16>,
        #[serde(deserialize_with = "start_time")]
        from: Option<OffsetDateTime>,
        #[serde(deserialize_with = "end_time")]
        to: Option<OffsetDateTime>,
    }

    fn params(query_string: &str) -> Params {
        parse(query_string).expect(query_string)
    }

    fn error(query_string: &str) -> String {
        let result = parse::<Params>(query_string);
        result.expect_err(query_string).to_string()
    }

    #[test]
    fn values_are_decoded_and_trimmed() {
        for (query_string, expected) in [
            ("q=+a%20b+c%2B&x=%ff", Some("a b c+")),
            ("q=%E5%B7%A5%E4%BD%9C", Some("工作")),
            ("q=%20", None),
            ("", None),
        ] {
            assert_eq!(params(query_string).q.as_deref(), expected, "{query_string}");
        }
    }

    #[test]
    fn invalid_encodings_and_repeated_parameters_are_rejected() {
        for (query_string, text) in [
            ("q=%ff", "q is not valid UTF-8."),
            ("q=%ED%A0%80", "q is not valid UTF-8."),
            ("%ff=a", "The query string is not valid UTF-8."),
            ("q=a%00", "q holds a NUL character."),
            ("q=a&limit=0&q=b", "q is there twice."),
        ] {
            assert_eq!(error(query_string), text, "{query_string}");
        }
    }

    #[test]
    fn limits_outside_their_range_are_rejected() {
        for limit in ["0", "101", "x", "-1", "1.5", "", "99999999999"] {
            let text = "limit must be a whole number from 1 to 100.";
            assert_eq!(error(&format!("limit={limit}")), text, "{limit}");
        }
    }

    #[test]
    fn invalid_times_are_rejected() {
        for time in [
            "yesterday",
            "2026-13-01",
            "2026-11-24T25:00:00Z",
            "2026-11-24T09:00:00",
            "9999-12-31T23:59:59-23:59",
            "-4714-01-01",
        ] {
            let text = "from must be a date (2026-11-24) or a time (2026-11-24T09:30:00Z).";
            assert_eq!(error(&format!("from={time}")), text, "{time}");
        }
    }

    #[test]
    fn date_range_includes_its_last_day() {
        let params = params("from=2026-11-24&to=2026-11-24");
        let range = params.to.expect("a time") - params.from.expect("a time");
        assert_eq!(range.whole_hours(), 24);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn encoded_text_is_read_back(text in "[^\0]{0,40}") {
            let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC);
            let read = params(&format!("q={encoded}")).q.unwrap_or_default();
            prop_assert_eq!(read, text.trim());
        }

        #[test]
        fn any_query_string_is_parsed_or_rejected(query_string in ".{0,80}") {
            let result = parse::<Params>(&query_string);
            prop_assert!(matches!(result, Ok(_) | Err(ApiError::BadQuery(_))));
        }
    }
}
