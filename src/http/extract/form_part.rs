//! Headers of the parts of a form, read from their raw bytes.
//!
//! The library refuses a whole form if it cannot decode a file name, and knows no content types
//! such as `video/webm;codecs=vp8,opus`. Neither matters here.

use actix_multipart::Field;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderMap, HeaderValue};

/// The headers of a form for the library, with the type `multipart/mixed`: the parts of that type
/// need no `Content-Disposition`, so that the library does not read it.
pub(super) fn as_mixed(headers: &HeaderMap) -> HeaderMap {
    let mut mixed = HeaderMap::new();
    let Some(content_type) = headers.get(CONTENT_TYPE) else { return mixed };
    let value = content_type.to_str().ok().and_then(|text| {
        let (kind, parameters) = text.split_once(';')?;
        let is_form = kind.trim().eq_ignore_ascii_case("multipart/form-data");
        is_form.then(|| HeaderValue::from_str(&format!("multipart/mixed;{parameters}")).ok())?
    });
    mixed.insert(CONTENT_TYPE, value.unwrap_or_else(|| content_type.clone()));
    mixed
}

/// Whether the part is named `name`.
pub(super) fn is_named(part: &Field, name: &str) -> bool {
    let disposition = part.headers().get(CONTENT_DISPOSITION);
    disposition.is_some_and(|value| name_of(value.as_bytes()).as_deref() == Some(name.as_bytes()))
}

/// The content type of a part as it was sent.
pub(super) fn raw_content_type(part: &Field) -> Option<&[u8]> {
    Some(part.headers().get(CONTENT_TYPE)?.as_bytes())
}

/// The parameter `name` of a `Content-Disposition: form-data`.
fn name_of(disposition: &[u8]) -> Option<Vec<u8>> {
    let mut parts = Parameters(disposition);
    let kind = parts.next()?;
    if !kind.trim_ascii().eq_ignore_ascii_case(b"form-data") {
        return None;
    }
    parts.find_map(|parameter| {
        let equals = parameter.iter().position(|byte| *byte == b'=')?;
        let (key, value) = (parameter[..equals].trim_ascii(), parameter[equals + 1..].trim_ascii());
        key.eq_ignore_ascii_case(b"name").then(|| unquoted(value))
    })
}

fn unquoted(value: &[u8]) -> Vec<u8> {
    let Some(quoted) = value.strip_prefix(b"\"") else { return value.to_vec() };
    let quoted = quoted.strip_suffix(b"\"").unwrap_or(quoted);
    let mut bytes = quoted.iter();
    let mut text = Vec::with_capacity(quoted.len());
    while let Some(byte) = bytes.next() {
        let escaped = if *byte == b'\\' { bytes.next() } else { None };
        text.push(*escaped.unwrap_or(byte));
    }
    text
}

/// The pieces of a header between semicolons, apart from those in quotes.
struct Parameters<'a>(&'a [u8]);

impl<'a> Iterator for Parameters<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let (mut is_quoted, mut is_escaped) = (false, false);
        let end = self.0.iter().position(|byte| {
            if is_escaped {
                is_escaped = false;
                return false;
            }
            match byte {
                b'\\' if is_quoted => is_escaped = true,
                b'"' => is_quoted = !is_quoted,
                b';' if !is_quoted => return true,
                _ => {}
            }
            false
        });
        let (parameter, rest) = match end {
            Some(end) => (&self.0[..end], &self.0[end + 1..]),
            None => (self.0, &self.0[..0]),
        };
        self.0 = rest;
        Some(parameter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_read_beside_any_file_name() {
        for disposition in [
            b"form-data; name=\"audio\"".as_slice(),
            b"Form-Data;name=audio",
            b"form-data ; filename=\"a;name=\\\"x\\\".webm\" ; NAME = \"audio\"",
            b"form-data; name=\"audio\"; filename=\"Gr\xfc\xdfe.webm\"",
            b"form-data; name=\"audio\"; filename*=latin-9''%zz",
            b"form-data; name=\"audio\"; filename=\"\x95\\",
            b"form-data; name=\"au\\dio\"; filename=",
            b"form-data; ; name=audio;",
        ] {
            let name = name_of(disposition);
            assert_eq!(name.as_deref(), Some(b"audio".as_slice()), "{disposition:?}");
        }
        for disposition in [
            b"".as_slice(),
            b"form-data",
            b"attachment; name=\"audio\"",
            b"form-data; filename=\"; name=audio\"",
            b"form-data; filename=\"audio\"",
        ] {
            assert_eq!(name_of(disposition), None, "{disposition:?}");
        }
    }

    #[test]
    fn only_the_type_of_a_form_is_replaced() {
        for (sent, expected) in [
            ("multipart/form-data; boundary=X", "multipart/mixed; boundary=X"),
            ("Multipart/Form-Data;boundary=\"a;b\"", "multipart/mixed;boundary=\"a;b\""),
            ("multipart/related; boundary=X", "multipart/related; boundary=X"),
            ("multipart/form-data", "multipart/form-data"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(sent));
            let replaced = as_mixed(&headers);
            assert_eq!(replaced.get(CONTENT_TYPE).expect("a type"), expected);
        }
        assert!(as_mixed(&HeaderMap::new()).is_empty());
    }
}
