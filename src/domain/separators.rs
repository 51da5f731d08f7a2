//! Characters between words, and characters that the search ignores.
//!
//! The same lists are in migration 20261128230000; a test compares the two. Made from the classes
//! of Unicode 14, with gaps of unassigned code points closed.

/// Whether a character beyond ASCII separates words: punctuation, symbols, spaces and control
/// characters of all scripts. Chinese, Japanese and Korean characters do not.
pub fn is_separator(c: char) -> bool {
    contains(SEPARATORS, c)
}

/// Whether a character is ignored: soft hyphen, zero-width and bidirectional format characters,
/// variation selectors, and the marks that Armenian writes within a word.
pub fn is_ignored(c: char) -> bool {
    c >= IGNORED[0].0 && contains(IGNORED, c)
}

fn contains(ranges: &[(char, char)], c: char) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= c);
    after > 0 && c <= ranges[after - 1].1
}

// Compact: a range a line would be 260 lines.
#[rustfmt::skip]
const IGNORED: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'), ('\u{34f}', '\u{34f}'), ('\u{55b}', '\u{55c}'), ('\u{55e}', '\u{55e}'),
    ('\u{61c}', '\u{61c}'), ('\u{180b}', '\u{180f}'), ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'), ('\u{2060}', '\u{2064}'), ('\u{2066}', '\u{206f}'),
    ('\u{fe00}', '\u{fe0f}'), ('\u{feff}', '\u{feff}'), ('\u{13430}', '\u{13438}'),
    ('\u{1bca0}', '\u{1bca3}'), ('\u{1d173}', '\u{1d17a}'), ('\u{e0000}', '\u{e01ef}'),
];

/// Ranges may include ignored characters, which are removed first.
#[rustfmt::skip]
const SEPARATORS: &[(char, char)] = &[
    ('\u{80}', '\u{bf}'), ('\u{d7}', '\u{d7}'), ('\u{f7}', '\u{f7}'), ('\u{2c2}', '\u{2c5}'),
    ('\u{2d2}', '\u{2df}'), ('\u{2e5}', '\u{2eb}'), ('\u{2ed}', '\u{2ed}'), ('\u{2ef}', '\u{2ff}'),
    ('\u{375}', '\u{375}'), ('\u{37e}', '\u{37e}'), ('\u{384}', '\u{385}'), ('\u{387}', '\u{387}'),
    ('\u{3f6}', '\u{3f6}'), ('\u{482}', '\u{482}'), ('\u{55a}', '\u{55f}'), ('\u{589}', '\u{58f}'),
    ('\u{5be}', '\u{5be}'), ('\u{5c0}', '\u{5c0}'), ('\u{5c3}', '\u{5c3}'), ('\u{5c6}', '\u{5c6}'),
    ('\u{5f3}', '\u{60f}'), ('\u{61b}', '\u{61f}'), ('\u{66a}', '\u{66d}'), ('\u{6d4}', '\u{6d4}'),
    ('\u{6dd}', '\u{6de}'), ('\u{6e9}', '\u{6e9}'), ('\u{6fd}', '\u{6fe}'), ('\u{700}', '\u{70f}'),
    ('\u{7f6}', '\u{7f9}'), ('\u{7fe}', '\u{7ff}'), ('\u{830}', '\u{83e}'), ('\u{85e}', '\u{85e}'),
    ('\u{888}', '\u{888}'), ('\u{890}', '\u{891}'), ('\u{8e2}', '\u{8e2}'), ('\u{964}', '\u{965}'),
    ('\u{970}', '\u{970}'), ('\u{9f2}', '\u{9f3}'), ('\u{9fa}', '\u{9fb}'), ('\u{9fd}', '\u{9fd}'),
    ('\u{a76}', '\u{a76}'), ('\u{af0}', '\u{af1}'), ('\u{b70}', '\u{b70}'), ('\u{bf3}', '\u{bfa}'),
    ('\u{c77}', '\u{c77}'), ('\u{c7f}', '\u{c7f}'), ('\u{c84}', '\u{c84}'), ('\u{d4f}', '\u{d4f}'),
    ('\u{d79}', '\u{d79}'), ('\u{df4}', '\u{df4}'), ('\u{e2f}', '\u{e2f}'), ('\u{e3f}', '\u{e3f}'),
    ('\u{e46}', '\u{e46}'), ('\u{e4f}', '\u{e4f}'), ('\u{e5a}', '\u{e5b}'), ('\u{eaf}', '\u{eaf}'),
    ('\u{ec6}', '\u{ec6}'), ('\u{f01}', '\u{f17}'), ('\u{f1a}', '\u{f1f}'), ('\u{f34}', '\u{f34}'),
    ('\u{f36}', '\u{f36}'), ('\u{f38}', '\u{f38}'), ('\u{f3a}', '\u{f3d}'), ('\u{f85}', '\u{f85}'),
    ('\u{fbe}', '\u{fc5}'), ('\u{fc7}', '\u{fda}'), ('\u{104a}', '\u{104f}'),
    ('\u{109e}', '\u{109f}'), ('\u{10fb}', '\u{10fb}'), ('\u{1360}', '\u{1368}'),
    ('\u{1390}', '\u{1399}'), ('\u{1400}', '\u{1400}'), ('\u{166d}', '\u{166e}'),
    ('\u{1680}', '\u{1680}'), ('\u{169b}', '\u{169c}'), ('\u{16eb}', '\u{16ed}'),
    ('\u{1735}', '\u{1736}'), ('\u{17d4}', '\u{17d6}'), ('\u{17d8}', '\u{17db}'),
    ('\u{1800}', '\u{180a}'), ('\u{1940}', '\u{1945}'), ('\u{19de}', '\u{19ff}'),
    ('\u{1a1e}', '\u{1a1f}'), ('\u{1aa0}', '\u{1aa6}'), ('\u{1aa8}', '\u{1aad}'),
    ('\u{1b5a}', '\u{1b6a}'), ('\u{1b74}', '\u{1b7e}'), ('\u{1bfc}', '\u{1bff}'),
    ('\u{1c3b}', '\u{1c3f}'), ('\u{1c7e}', '\u{1c7f}'), ('\u{1cc0}', '\u{1cc7}'),
    ('\u{1cd3}', '\u{1cd3}'), ('\u{1fbd}', '\u{1fbd}'), ('\u{1fbf}', '\u{1fc1}'),
    ('\u{1fcd}', '\u{1fcf}'), ('\u{1fdd}', '\u{1fdf}'), ('\u{1fed}', '\u{1fef}'),
    ('\u{1ffd}', '\u{2bff}'), ('\u{2ce5}', '\u{2cea}'), ('\u{2cf9}', '\u{2cfc}'),
    ('\u{2cfe}', '\u{2cff}'), ('\u{2d70}', '\u{2d70}'), ('\u{2e00}', '\u{3004}'),
    ('\u{3008}', '\u{3030}'), ('\u{3036}', '\u{3037}'), ('\u{303d}', '\u{303f}'),
    ('\u{30a0}', '\u{30a0}'), ('\u{30fb}', '\u{30fb}'), ('\u{3190}', '\u{3191}'),
    ('\u{3196}', '\u{319f}'), ('\u{31c0}', '\u{31e3}'), ('\u{3200}', '\u{321e}'),
    ('\u{322a}', '\u{3247}'), ('\u{3250}', '\u{3250}'), ('\u{3260}', '\u{327f}'),
    ('\u{328a}', '\u{32b0}'), ('\u{32c0}', '\u{33ff}'), ('\u{4dc0}', '\u{4dff}'),
    ('\u{a490}', '\u{a4c6}'), ('\u{a4fe}', '\u{a4ff}'), ('\u{a60d}', '\u{a60f}'),
    ('\u{a673}', '\u{a673}'), ('\u{a67e}', '\u{a67e}'), ('\u{a6f2}', '\u{a716}'),
    ('\u{a720}', '\u{a721}'), ('\u{a789}', '\u{a78a}'), ('\u{a828}', '\u{a82b}'),
    ('\u{a836}', '\u{a839}'), ('\u{a874}', '\u{a877}'), ('\u{a8ce}', '\u{a8cf}'),
    ('\u{a8f8}', '\u{a8fa}'), ('\u{a8fc}', '\u{a8fc}'), ('\u{a92e}', '\u{a92f}'),
    ('\u{a95f}', '\u{a95f}'), ('\u{a9c1}', '\u{a9cd}'), ('\u{a9de}', '\u{a9df}'),
    ('\u{aa5c}', '\u{aa5f}'), ('\u{aa77}', '\u{aa79}'), ('\u{aade}', '\u{aadf}'),
    ('\u{aaf0}', '\u{aaf1}'), ('\u{ab5b}', '\u{ab5b}'), ('\u{ab6a}', '\u{ab6b}'),
    ('\u{abeb}', '\u{abeb}'), ('\u{fb29}', '\u{fb29}'), ('\u{fbb2}', '\u{fbc2}'),
    ('\u{fd3e}', '\u{fd4f}'), ('\u{fdcf}', '\u{fdcf}'), ('\u{fdfc}', '\u{fe19}'),
    ('\u{fe30}', '\u{fe6b}'), ('\u{ff01}', '\u{ff0f}'), ('\u{ff1a}', '\u{ff20}'),
    ('\u{ff3b}', '\u{ff40}'), ('\u{ff5b}', '\u{ff65}'), ('\u{ffe0}', '\u{ffff}'),
    ('\u{10100}', '\u{10102}'), ('\u{10137}', '\u{1013f}'), ('\u{10179}', '\u{10189}'),
    ('\u{1018c}', '\u{101fc}'), ('\u{1039f}', '\u{1039f}'), ('\u{103d0}', '\u{103d0}'),
    ('\u{1056f}', '\u{1056f}'), ('\u{10857}', '\u{10857}'), ('\u{10877}', '\u{10878}'),
    ('\u{1091f}', '\u{1091f}'), ('\u{1093f}', '\u{1093f}'), ('\u{10a50}', '\u{10a58}'),
    ('\u{10a7f}', '\u{10a7f}'), ('\u{10ac8}', '\u{10ac8}'), ('\u{10af0}', '\u{10af6}'),
    ('\u{10b39}', '\u{10b3f}'), ('\u{10b99}', '\u{10b9c}'), ('\u{10ead}', '\u{10ead}'),
    ('\u{10f55}', '\u{10f59}'), ('\u{10f86}', '\u{10f89}'), ('\u{11047}', '\u{1104d}'),
    ('\u{110bb}', '\u{110c1}'), ('\u{110cd}', '\u{110cd}'), ('\u{11140}', '\u{11143}'),
    ('\u{11174}', '\u{11175}'), ('\u{111c5}', '\u{111c8}'), ('\u{111cd}', '\u{111cd}'),
    ('\u{111db}', '\u{111db}'), ('\u{111dd}', '\u{111df}'), ('\u{11238}', '\u{1123d}'),
    ('\u{112a9}', '\u{112a9}'), ('\u{1144b}', '\u{1144f}'), ('\u{1145a}', '\u{1145d}'),
    ('\u{114c6}', '\u{114c6}'), ('\u{115c1}', '\u{115d7}'), ('\u{11641}', '\u{11643}'),
    ('\u{11660}', '\u{1166c}'), ('\u{116b9}', '\u{116b9}'), ('\u{1173c}', '\u{1173f}'),
    ('\u{1183b}', '\u{1183b}'), ('\u{11944}', '\u{11946}'), ('\u{119e2}', '\u{119e2}'),
    ('\u{11a3f}', '\u{11a46}'), ('\u{11a9a}', '\u{11a9c}'), ('\u{11a9e}', '\u{11aa2}'),
    ('\u{11c41}', '\u{11c45}'), ('\u{11c70}', '\u{11c71}'), ('\u{11ef7}', '\u{11ef8}'),
    ('\u{11fd5}', '\u{11fff}'), ('\u{12470}', '\u{12474}'), ('\u{12ff1}', '\u{12ff2}'),
    ('\u{16a6e}', '\u{16a6f}'), ('\u{16af5}', '\u{16af5}'), ('\u{16b37}', '\u{16b3f}'),
    ('\u{16b44}', '\u{16b45}'), ('\u{16e97}', '\u{16e9a}'), ('\u{16fe2}', '\u{16fe2}'),
    ('\u{1bc9c}', '\u{1bc9c}'), ('\u{1bc9f}', '\u{1bc9f}'), ('\u{1cf50}', '\u{1d164}'),
    ('\u{1d16a}', '\u{1d16c}'), ('\u{1d183}', '\u{1d184}'), ('\u{1d18c}', '\u{1d1a9}'),
    ('\u{1d1ae}', '\u{1d241}'), ('\u{1d245}', '\u{1d245}'), ('\u{1d300}', '\u{1d356}'),
    ('\u{1d6c1}', '\u{1d6c1}'), ('\u{1d6db}', '\u{1d6db}'), ('\u{1d6fb}', '\u{1d6fb}'),
    ('\u{1d715}', '\u{1d715}'), ('\u{1d735}', '\u{1d735}'), ('\u{1d74f}', '\u{1d74f}'),
    ('\u{1d76f}', '\u{1d76f}'), ('\u{1d789}', '\u{1d789}'), ('\u{1d7a9}', '\u{1d7a9}'),
    ('\u{1d7c3}', '\u{1d7c3}'), ('\u{1d800}', '\u{1d9ff}'), ('\u{1da37}', '\u{1da3a}'),
    ('\u{1da6d}', '\u{1da74}'), ('\u{1da76}', '\u{1da83}'), ('\u{1da85}', '\u{1da8b}'),
    ('\u{1e14f}', '\u{1e14f}'), ('\u{1e2ff}', '\u{1e2ff}'), ('\u{1e95e}', '\u{1e95f}'),
    ('\u{1ecac}', '\u{1ecac}'), ('\u{1ecb0}', '\u{1ecb0}'), ('\u{1ed2e}', '\u{1ed2e}'),
    ('\u{1eef0}', '\u{1fbca}'),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::is_cjk;

    #[test]
    fn ranges_are_in_order_and_without_cjk() {
        for ranges in [IGNORED, SEPARATORS] {
            assert!(ranges.iter().all(|(first, last)| first <= last));
            assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0));
            let mut all = ranges.iter().flat_map(|(first, last)| *first..=*last);
            assert_eq!(all.find(|c| is_cjk(*c) || c.is_ascii()), None);
        }
    }

    #[test]
    fn punctuation_of_many_scripts_separates_words() {
        for c in "؟،؛۔׃־״।॥։՝๏๚ฯ።፣៖။༎჻‐—“”¿¡、。…€😀".chars()
        {
            assert!(is_separator(c), "{c}");
        }
        for c in "éßжאبकिกัა中かㄅ한\u{301}ʼ٣".chars() {
            assert!(!is_separator(c) && !is_ignored(c), "{c}");
        }
        for c in "\u{ad}\u{200b}\u{200d}\u{2060}\u{feff}\u{202e}\u{fe0f}՞".chars() {
            assert!(is_ignored(c), "{c:?}");
        }
    }
}
