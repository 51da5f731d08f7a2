//! E-mail addresses: one form for all spellings of an address.

use unicode_normalization::UnicodeNormalization;

const MAX_CHARACTERS: usize = 254;

/// The address in lower case and in Unicode's composed form (NFC), its host as DNS compares it;
/// `None` if it is no address, or holds a character that nobody can see.
pub(super) fn normalize_email(text: &str) -> Option<String> {
    let text: String = text.trim().nfc().collect();
    let text: String = text.to_lowercase().nfc().collect();
    let (name, host) = text.rsplit_once('@')?;
    let (host, valid) = idna::domain_to_unicode(host);
    let is_valid = valid.is_ok()
        && !name.contains('@')
        && !has_empty_label(name)
        && !has_empty_label(&host)
        && host.contains('.')
        && !text.chars().chain(host.chars()).any(is_invisible)
        && text.chars().count() <= MAX_CHARACTERS;
    is_valid.then(|| format!("{name}@{host}"))
}

fn has_empty_label(text: &str) -> bool {
    text.split('.').any(str::is_empty)
}

/// Whether a character is white space, a control, or shows nothing by itself: two addresses that
/// look alike would be two accounts. The characters are Unicode's Default_Ignorable_Code_Point, the
/// marks of bidirectional text, and two that look like a space.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_an_address_are_one_address() {
        for (spelling, expected) in [
            (" Ada@Example.COM ", "ada@example.com"),
            ("josé@example.com", "josé@example.com"),
            ("jose\u{301}@example.com", "josé@example.com"),
            ("JOSE\u{301}@example.com", "josé@example.com"),
            ("\u{212a}im@example.com", "kim@example.com"),
            ("ada@EXÄMPLE.com", "ada@exämple.com"),
            ("ada@exa\u{308}mple.com", "ada@exämple.com"),
            ("ada@xn--exmple-cua.com", "ada@exämple.com"),
            ("ada@ｅxample．com", "ada@example.com"),
            ("ada+kuku@example.com", "ada+kuku@example.com"),
        ] {
            assert_eq!(normalize_email(spelling).as_deref(), Some(expected), "{spelling:?}");
        }
    }

    #[test]
    fn invalid_or_invisible_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for bad in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "a da@example.com",
            "a@b@example.com",
            "a@.com",
            "a@b.com.",
            "a@b..com",
            ".a@b.com",
            "a.@b.com",
            "a..b@b.com",
            "a\u{200b}da@example.com",
            "ada@exam\u{ad}ple.com",
            "\u{202e}ada@example.com",
            "a\u{2066}da@example.com",
            "ada\u{feff}@example.com",
            "ada\u{fe0f}@example.com",
            "ada\u{3164}@example.com",
            "ada@xn--a.com",
            &long,
        ] {
            assert_eq!(normalize_email(bad), None, "{bad:?}");
        }
    }
}
