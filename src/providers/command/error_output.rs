//! What a program wrote to stderr, as far as it may be logged: without what was said.

use std::{io, path::Path};

use tokio::{fs::File, io::AsyncReadExt};

use crate::domain::is_cjk;

/// Texts beyond this size are not compared; then nothing is logged.
const MAX_SAID_BYTES: u64 = 64 * 1024;

/// Stands for a word that was said.
const MASK: &str = "…";

/// The error output of a program with these files, without the words of the text files among them
/// and of `conversation`. `None` if nothing may be logged.
pub(super) async fn loggable(
    stderr: &[u8],
    input: &Path,
    output: &Path,
    conversation: &Path,
) -> Option<String> {
    let mut said = String::new();
    for file in [input, output, conversation] {
        if file.extension().is_some_and(|extension| extension == "txt") {
            said.push_str(&read_text(file).await?);
            said.push('\n');
        }
    }
    let text = String::from_utf8_lossy(stderr)
        .replace(&*input.to_string_lossy(), "{input}")
        .replace(&*output.to_string_lossy(), "{output}");
    let text = mask_words(&text, &said);
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The text of a file, empty if it does not exist; `None` if it is too long or cannot be read.
async fn read_text(file: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let read = match File::open(file).await {
        Ok(file) => file.take(MAX_SAID_BYTES + 1).read_to_end(&mut bytes).await,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    };
    let is_complete = read.is_ok_and(|length| length as u64 <= MAX_SAID_BYTES);
    is_complete.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

/// `text` with a mask in the place of each word that occurs in `said`, also as a part of another
/// word.
fn mask_words(text: &str, said: &str) -> String {
    let said = said.to_lowercase();
    let said: Vec<&str> =
        said.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let (mut masked, mut word) = (String::with_capacity(text.len()), String::new());
    let flush = |word: &mut String, masked: &mut String| {
        masked.push_str(if was_said(word, &said) { MASK } else { word });
        word.clear();
    };
    for c in text.chars() {
        // Chinese and Japanese words are not separated, so each character counts.
        if !c.is_alphanumeric() || is_cjk(c) {
            flush(&mut word, &mut masked);
        }
        word.push(c);
        if !c.is_alphanumeric() || is_cjk(c) {
            flush(&mut word, &mut masked);
        }
    }
    flush(&mut word, &mut masked);
    masked
}

fn was_said(word: &str, said: &[&str]) -> bool {
    let word = word.to_lowercase();
    // Short words of Latin letters occur in others by chance.
    let is_telling = |word: &str| !word.is_ascii() || word.len() >= 4;
    said.iter().any(|other| {
        word == *other
            || is_telling(other) && word.contains(other)
            || is_telling(&word) && other.contains(&word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_were_said_are_masked() {
        for (text, said, expected) in [
            ("cannot open voice.onnx", "", "cannot open voice.onnx"),
            ("cannot open voice.onnx", "Open your voice", "cannot … ….onnx"),
            ("no word \"EVA\": eva42", "Eva", "no word \"…\": eva42"),
            ("methyl-Phenidat", "I take Methylphenidat", "…-…"),
            ("bad: 压力大", "工作压力", "bad: ……大"),
            ("unbekannt: Äpfel", "äpfeln", "unbekannt: …"),
            ("exit 3 at 0x7f", "3 at", "exit … … 0x7f"),
        ] {
            assert_eq!(mask_words(text, said), expected, "{text}, {said}");
        }
    }

    #[tokio::test]
    async fn output_is_withheld_if_too_much_was_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let (audio, text) = (folder.path().join("a.wav"), folder.path().join("a.txt"));
        for (length, expected) in
            [(MAX_SAID_BYTES, Some("cannot load {input}".to_owned())), (MAX_SAID_BYTES + 1, None)]
        {
            let said = "x ".repeat(usize::try_from(length).expect("a size"));
            std::fs::write(&text, &said[..said.len() / 2]).expect("written");
            let stderr = format!("cannot load {}\n", audio.display());
            let logged = loggable(stderr.as_bytes(), &audio, &text, &audio).await;
            assert_eq!(logged, expected, "{length}");
        }
    }
}
