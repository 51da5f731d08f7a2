//! Requests of HTTP/1.0, as a proxy sends them unless it is told otherwise.
//!
//! In HTTP/1.0 a request without a length has no body, and some proxies leave the length out then.
//! actix refuses such a POST with a bare 400 before any of our code sees it.

/// What the first bytes of a connection are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FirstBytes {
    /// Perhaps the beginning of the head of an HTTP/1.0 POST.
    Incomplete,
    /// The head of an HTTP/1.0 POST that has neither a length nor a body.
    PostWithoutLength,
    /// Anything else.
    Other,
}

/// Finds what `bytes`, from the start of a connection, are.
pub(super) fn examine(bytes: &[u8]) -> FirstBytes {
    const METHOD: &[u8] = b"POST ";
    if !bytes.iter().zip(METHOD).all(|(byte, expected)| byte == expected) {
        return FirstBytes::Other;
    }
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n');
    match lines.next() {
        Some(line) if line.ends_with(b"\n") => {
            if !line.trim_ascii_end().ends_with(b" HTTP/1.0") {
                return FirstBytes::Other;
            }
        }
        _ => return FirstBytes::Incomplete,
    }
    while let Some(line) = lines.next() {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let has_length = [&b"content-length"[..], b"transfer-encoding"]
            .iter()
            .any(|header| name.eq_ignore_ascii_case(header));
        match line {
            b"\r\n" | b"\n" if lines.next().is_none() => return FirstBytes::PostWithoutLength,
            b"\r\n" | b"\n" => return FirstBytes::Other,
            _ if has_length => return FirstBytes::Other,
            _ => {}
        }
    }
    FirstBytes::Incomplete
}

/// Adds a length of zero to the head of a [`FirstBytes::PostWithoutLength`]. Its connection is
/// closed after the response: bytes that follow are no further request.
pub(super) fn add_length(head: &mut Vec<u8>) {
    let blank_line = if head.ends_with(b"\r\n") { 2 } else { 1 };
    head.truncate(head.len() - blank_line);
    head.extend_from_slice(b"Content-Length: 0\r\nConnection: close\r\n\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn post_without_length_is_found_once_its_head_is_complete() {
        let head = b"POST /api/sessions HTTP/1.0\r\nHost: x\r\n\r\n";
        for end in 0..head.len() {
            assert_eq!(examine(&head[..end]), FirstBytes::Incomplete, "{end}");
        }
        assert_eq!(examine(head), FirstBytes::PostWithoutLength);
        assert_eq!(examine(b"POST / HTTP/1.0\n\n"), FirstBytes::PostWithoutLength);
        for other in [
            &b"GET / HTTP/1.0\r\n\r\n"[..],
            b"PO GET",
            b"POST / HTTP/1.1\r\n",
            b"POST / HTTP/1.0\r\nCONTENT-Length: 3\r\n",
            b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n",
            // A body without a length.
            b"POST / HTTP/1.0\r\n\r\nx",
        ] {
            assert_eq!(examine(other), FirstBytes::Other, "{:?}", other.escape_ascii());
        }
    }

    #[test]
    fn length_is_added_at_the_end_of_the_head() {
        for line_end in ["\r\n", "\n"] {
            let lines = format!("POST / HTTP/1.0{line_end}Host: x{line_end}");
            let mut head = format!("{lines}{line_end}").into_bytes();
            add_length(&mut head);
            assert_eq!(
                String::from_utf8_lossy(&head),
                format!("{lines}Content-Length: 0\r\nConnection: close\r\n\r\n")
            );
        }
    }
}
