//! Phrases of each language, for the build script: it makes automata of them, and the program has
//! no copy of the lists.
//!
//! A phrase has a class, or several. Spaces within it are optional, and a group `(a/b)` stands for
//! alternatives. Line breaks count as spaces.

mod chinese;
mod english;
mod french;
mod german;
mod italian;
mod japanese;
mod korean;
mod portuguese;
mod russian;
mod spanish;

use std::collections::BTreeMap;

use super::{classes::*, fold::Text};

/// Name and phrases of each language.
pub const LANGUAGES: [(&str, &[(Classes, &str)]); 10] = [
    ("english", english::PHRASES),
    ("chinese", chinese::PHRASES),
    ("japanese", japanese::PHRASES),
    ("korean", korean::PHRASES),
    ("german", german::PHRASES),
    ("french", french::PHRASES),
    ("spanish", spanish::PHRASES),
    ("portuguese", portuguese::PHRASES),
    ("italian", italian::PHRASES),
    ("russian", russian::PHRASES),
];

/// Phrases of all languages.
const COMMON: &[(Classes, &str)] = &[
    (
        OK,
        "ok, okay, okey, okej, oké, okei, okie, k, okidoki, okey dokey, ок, окей, オーケー, オッケー",
    ),
    (OK, "오케이, 오키"),
    (
        FILLER,
        "kuku, coach, クク, 库库, 酷酷, 쿠쿠, куку, uh, uhm, um, hm, mm, mmh, hum, ah, eh, oh, er, é",
    ),
    (BYE, "bye, bye bye, goodbye, tschau tschau, ciao ciao"),
    (SOFT | EITHER, "ciao"),
];

/// The letters of all phrases, in order, with their classes.
pub fn expand(phrases: &[(Classes, &str)]) -> BTreeMap<String, Classes> {
    let mut expanded = BTreeMap::new();
    for (classes, list) in phrases.iter().chain(COMMON) {
        for phrase in list.split(',').flat_map(alternatives) {
            let clauses = Text::new(&phrase).clauses.into_iter();
            let letters: String = clauses.flat_map(|clause| clause.letters).collect();
            if !letters.is_empty() {
                *expanded.entry(letters).or_default() |= *classes;
            }
        }
    }
    expanded
}

/// The texts for which a phrase with groups stands.
fn alternatives(phrase: &str) -> Vec<String> {
    // The innermost group first.
    let Some((before, after)) = phrase.split_once(')') else { return vec![phrase.to_owned()] };
    let (before, group) = before.rsplit_once('(').unwrap_or(("", before));
    let texts = group.split('/').map(|choice| format!("{before}{choice}{after}"));
    texts.flat_map(|text| alternatives(&text)).collect()
}
