//! Language of a session: the tag that is stored, and the languages with fixed texts.

mod codes;

use std::fmt;

use serde::{Serialize, Serializer};

/// Primary subtag of BCP 47: two or three lower-case letters. A language with a two-letter code has
/// that one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LanguageTag {
    /// A zero stands for the third letter of a two-letter code.
    letters: [u8; 3],
}

impl LanguageTag {
    /// The language of a tag (`de-AT`, `zh_Hans_CN`), of a three-letter code (`deu`), or of an
    /// English name (`german`), which some speech to text servers give. `None` for tags that name
    /// no one language (`und`, `mul`, `*`) and for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let primary = text.split(['-', '_', '(']).next()?.trim().to_ascii_lowercase();
        let code = codes::canonical(&primary);
        let is_tag = matches!(code.len(), 2 | 3) && code.bytes().all(|b| b.is_ascii_lowercase());
        (is_tag && !codes::NO_LANGUAGE.contains(&code)).then(|| Self::of_code(code))
    }

    /// The preferred language of an `Accept-Language` header: the first of those with the highest
    /// weight.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for (weight, tag) in header.split(',').filter_map(weighted_tag) {
            if best.is_none_or(|(highest, _)| weight > highest) {
                best = Some((weight, tag));
            }
        }
        best.map(|(_, tag)| tag)
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        let length = if self.letters[2] == 0 { 2 } else { 3 };
        // Not empty: only ASCII letters are stored.
        std::str::from_utf8(&self.letters[..length]).unwrap_or_default()
    }

    /// The tag of a code of two or three ASCII letters.
    const fn of_code(code: &str) -> Self {
        let code = code.as_bytes();
        let third = if code.len() == 3 { code[2] } else { 0 };
        Self { letters: [code[0], code[1], third] }
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for LanguageTag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Weight and tag of one element of `Accept-Language`; `None` if it is unwanted or malformed.
fn weighted_tag(element: &str) -> Option<(f32, LanguageTag)> {
    let mut parts = element.split(';');
    let tag = LanguageTag::parse(parts.next()?)?;
    let weight = match parts.next() {
        None => 1.0,
        Some(parameter) => {
            let (name, value) = parameter.split_once('=')?;
            if !name.trim().eq_ignore_ascii_case("q") {
                return None;
            }
            value.trim().parse::<f32>().ok()?
        }
    };
    (weight > 0.0 && weight <= 1.0).then_some((weight, tag))
}

/// Language with fixed texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// `en`
    English,
    /// `zh`
    Chinese,
    /// `ja`
    Japanese,
    /// `ko`
    Korean,
    /// `de`
    German,
    /// `fr`
    French,
    /// `es`
    Spanish,
    /// `pt`
    Portuguese,
    /// `it`
    Italian,
    /// `ru`
    Russian,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::English,
        Self::Chinese,
        Self::Japanese,
        Self::Korean,
        Self::German,
        Self::French,
        Self::Spanish,
        Self::Portuguese,
        Self::Italian,
        Self::Russian,
    ];

    /// The language of the texts for a tag: English without a tag, or without texts for it.
    pub fn of(tag: Option<LanguageTag>) -> Self {
        let Some(tag) = tag else { return Self::English };
        match tag.as_str() {
            // Readers of the Chinese languages share a written language.
            "zh" | "yue" | "wuu" | "nan" | "hak" | "gan" | "hsn" | "lzh" => Self::Chinese,
            "ja" => Self::Japanese,
            "ko" => Self::Korean,
            "de" | "gsw" | "nds" => Self::German,
            "fr" => Self::French,
            "es" => Self::Spanish,
            "pt" => Self::Portuguese,
            "it" => Self::Italian,
            "ru" => Self::Russian,
            _ => Self::English,
        }
    }

    /// Whether sentences have spaces between them.
    pub fn has_spaces(self) -> bool {
        !matches!(self, Self::Chinese | Self::Japanese)
    }

    /// The tag of the language.
    pub const fn tag(self) -> LanguageTag {
        LanguageTag::of_code(match self {
            Self::English => "en",
            Self::Chinese => "zh",
            Self::Japanese => "ja",
            Self::Korean => "ko",
            Self::German => "de",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Italian => "it",
            Self::Russian => "ru",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<String> {
        LanguageTag::parse(text).map(|tag| tag.to_string())
    }

    fn accepted(header: &str) -> Option<String> {
        LanguageTag::from_accept_language(header).map(|tag| tag.to_string())
    }

    #[test]
    fn tags_codes_and_names_are_parsed() {
        for (text, tag) in [
            ("de", "de"),
            ("de-AT", "de"),
            ("zh_Hans_CN", "zh"),
            ("ZH", "zh"),
            (" en ", "en"),
            ("de_AT.UTF-8", "de"),
            ("english", "en"),
            ("German", "de"),
            ("deu", "de"),
            ("ger", "de"),
            ("chinese", "zh"),
            ("Chinese (Simplified)", "zh"),
            ("mandarin", "zh"),
            ("cmn-Hans-CN", "zh"),
            ("zho", "zh"),
            ("cantonese", "yue"),
            ("yue-HK", "yue"),
            ("haitian creole", "ht"),
            ("norwegian", "no"),
            ("nb-NO", "no"),
            ("nynorsk", "nn"),
            ("iw", "he"),
            ("jw", "jv"),
            ("pes", "fa"),
            ("hawaiian", "haw"),
            ("jpn", "ja"),
            ("por", "pt"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(tag), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_language() {
        for text in [
            "", " ", "*", "und", "mul", "zxx", "mis", "und-Latn", "x-klingon", "i-default", "d",
            "d1", "123", "1337", "auto", "unknown", "klingon", "de utsch", "дe", "日本語", "-",
            "_de", "\0\0", "e\u{301}n",
        ] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn codes_of_the_table_are_distinct_and_canonical() {
        for (two, three, name) in codes::LANGUAGES {
            for text in [two, three, name] {
                assert_eq!(parsed(text).as_deref(), Some(*two), "{text}");
            }
        }
        for (alias, code) in codes::ALIASES {
            assert_eq!(parsed(alias).as_deref(), Some(*code), "{alias}");
        }
    }

    #[test]
    fn accept_language_gives_the_preferred_language() {
        for (header, tag) in [
            ("de", Some("de")),
            ("de-AT,de;q=0.9,en;q=0.8", Some("de")),
            ("en;q=0.5, fr;q=0.9, it;q=0.9", Some("fr")),
            ("*, es;q=0.1", Some("es")),
            ("en;q=0, pt;q=0.001", Some("pt")),
            ("en ; q=0.3 , ru ; Q = 0.4", Some("ru")),
            ("en;q=x, ja;q=0.2", Some("ja")),
            ("en;q=NaN, ko;q=0.2", Some("ko")),
            ("en;q=9, zh-TW;q=1.0", Some("zh")),
            ("en;level=1", None),
            ("*", None),
            ("en;q=0", None),
            ("", None),
            (",;,=;q=,,;;", None),
            ("\u{7f}ü;q=1", None),
        ] {
            assert_eq!(accepted(header).as_deref(), tag, "{header:?}");
        }
    }

    #[test]
    fn texts_of_a_language_are_found_by_its_tag() {
        for language in Language::ALL {
            assert_eq!(Language::of(Some(language.tag())), language);
        }
        assert_eq!(Language::of(None), Language::English);
        assert_eq!(Language::of(LanguageTag::parse("pl")), Language::English);
        assert_eq!(Language::of(LanguageTag::parse("uk")), Language::English);
        assert_eq!(Language::of(LanguageTag::parse("yue")), Language::Chinese);
    }

    #[test]
    fn tag_is_serialized_as_text() {
        let json = serde_json::to_string(&[LanguageTag::parse("de-AT"), None]);
        assert_eq!(json.ok().as_deref(), Some(r#"["de",null]"#));
        assert_eq!(format!("{:?}", Language::English.tag()), "en");
    }
}
