//! The phrases of a language, and how they cover a clause.

use std::{iter, sync::LazyLock};

use fst::raw::{CompiledAddr, Fst, Output};

use super::{Part, classes::*, fold::Clause};

/// The automata that the build script made of the phrases, one per language: the letters of each
/// phrase, with its classes as the value. A tree of the 300,000 phrases took 110 MB.
macro_rules! automata {
    ($($language:literal),*) => {
        [$(include_bytes!(concat!(env!("OUT_DIR"), "/phrases/", $language, ".fst")).as_slice()),*]
    };
}

/// One lexicon per language.
pub static LEXICONS: LazyLock<Vec<Lexicon>> = LazyLock::new(|| {
    let automata = automata![
        "english", "chinese", "japanese", "korean", "german", "french", "spanish", "portuguese",
        "italian", "russian"
    ];
    let automaton = |bytes| Lexicon(Fst::new(bytes).expect("made by the build script"));
    automata.into_iter().map(automaton).collect()
});

/// The phrases of one language.
pub struct Lexicon(Fst<&'static [u8]>);

/// The beginning of a phrase.
#[derive(Clone, Copy)]
struct Prefix {
    node: CompiledAddr,
    output: Output,
}

impl Lexicon {
    fn root(&self) -> Prefix {
        Prefix { node: self.0.root().addr(), output: Output::zero() }
    }

    /// The beginning with another letter; `None` if no phrase has it.
    fn step(&self, mut prefix: Prefix, letter: char) -> Option<Prefix> {
        for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
            let node = self.0.node(prefix.node);
            let transition = node.transition(node.find_input(byte)?);
            prefix = Prefix { node: transition.addr, output: prefix.output.cat(transition.out) };
        }
        Some(prefix)
    }

    /// The classes of the phrase that ends here; none if no phrase does.
    fn classes(&self, prefix: Prefix) -> Classes {
        let node = self.0.node(prefix.node);
        if !node.is_final() {
            return 0;
        }
        let classes = prefix.output.cat(node.final_output()).value();
        Classes::try_from(classes).expect("the build script wrote 32 bits")
    }

    /// Covers `clause` with the fewest unknown words, then the fewest phrases. `None` if the
    /// clause has a phrase of despair.
    pub fn parse(&self, clause: &Clause) -> Option<Vec<Part>> {
        let letters = &clause.letters;
        // For each place from the end: its cost, the end of its phrase, and the phrase's classes.
        let mut best = vec![((0, 0), 0, 0); letters.len() + 1];
        // Phrases of this class count wherever they stand, as those of despair do.
        let mut about = 0;
        for start in (0..letters.len()).rev().filter(|i| clause.bounds[*i]) {
            let is_bound = |end: &usize| clause.bounds[*end];
            let word_end = (start + 1..=letters.len()).find(is_bound).unwrap_or(letters.len());
            let (unknown, count) = best[word_end].0;
            best[start] = ((unknown + clause.weight(start), count + 1), word_end, 0);
            let mut phrase = self.root();
            for (end, letter) in iter::zip(start + 1.., &letters[start..]) {
                let Some(next) = self.step(phrase, *letter) else { break };
                phrase = next;
                let classes = match self.classes(phrase) {
                    TOPIC => TOPIC,
                    // Other meanings of a word explain it anywhere.
                    classes => classes & !TOPIC,
                };
                if classes == 0 || !clause.bounds[end] {
                    continue;
                }
                if classes & DESPAIR != 0 {
                    return None;
                }
                about |= classes & ABOUT;
                if classes == ABOUT {
                    continue;
                }
                let own = if classes & REPORT != 0 { clause.weight(start) } else { 0 };
                let (unknown, count) = best[end].0;
                let cost = (unknown + own, count + 1);
                // A longer phrase wins, as does a known one.
                if cost <= best[start].0 {
                    best[start] = (cost, end, classes);
                }
            }
        }
        let empty = Part { classes: about, ..Part::default() };
        let mut parts = vec![empty];
        let mut place = 0;
        while place < letters.len() {
            let (cost, end, classes) = best[place];
            if classes & REASON != 0 && place > 0 {
                parts.push(empty);
            }
            if let Some(part) = parts.last_mut() {
                part.add(classes, cost.0 - best[end].0.0);
            }
            place = end;
        }
        Some(parts)
    }
}
