//! What models that transcribe write when nothing was said.

/// What Whisper writes for silence, after training with subtitles: lower case, letters only.
const HALLUCINATIONS: &[&str] = &[
    // English
    "thank you",
    "thanks",
    "thank you very much",
    "thank you so much",
    "thank you for watching",
    "thanks for watching",
    "thank you for listening",
    "thanks for listening",
    "thank you so much for watching",
    "thank you very much for watching",
    "thank you for watching and see you next time",
    "thanks for watching and see you next time",
    "thanks for watching and i will see you in the next video",
    "see you in the next video",
    "i will see you in the next video",
    "ill see you in the next video",
    "see you next time",
    "see you",
    "you",
    "okay",
    "ok",
    "bye",
    "bye bye",
    "goodbye",
    "so",
    "oh",
    "uh",
    "um",
    "hmm",
    "mm",
    "mhm",
    "yeah",
    "the",
    "the end",
    "please subscribe",
    "subscribe",
    "like and subscribe",
    "please like and subscribe",
    "please subscribe to my channel",
    "please subscribe to the channel",
    "dont forget to subscribe",
    "dont forget to like and subscribe",
    "please subscribe like and share",
    "subtitles by the amara org community",
    "transcription by castingwords",
    "transcript emily beynon",
    "music",
    "silence",
    "applause",
    // German
    "vielen dank",
    "danke",
    "danke schön",
    "dankeschön",
    "tschüss",
    "bis zum nächsten mal",
    "vielen dank fürs zuschauen",
    "danke fürs zuschauen",
    "vielen dank für die aufmerksamkeit",
    "vielen dank für ihre aufmerksamkeit",
    "vielen dank fürs zuhören",
    "untertitel der amara org community",
    "untertitel von stephanie geiges",
    "untertitelung des zdf",
    "untertitelung im auftrag des zdf für funk",
    "untertitelung aufgrund der amara org community",
    "copyright wdr",
    "swr",
    // French
    "merci",
    "merci beaucoup",
    "au revoir",
    "merci davoir regardé cette vidéo",
    "merci davoir regardé la vidéo",
    "merci davoir regardé",
    "merci à tous",
    "abonnez vous",
    "noubliez pas de vous abonner",
    "sous titres réalisés par la communauté damara org",
    "sous titres réalisés para la communauté damara org",
    "sous titrage st 501",
    "sous titrage société radio canada",
    // Spanish
    "gracias",
    "muchas gracias",
    "gracias por ver",
    "gracias por ver el video",
    "gracias por ver el vídeo",
    "muchas gracias por ver el video",
    "adiós",
    "hasta luego",
    "hasta la próxima",
    "suscríbete",
    "suscríbete al canal",
    "no olvides suscribirte",
    "subtítulos realizados por la comunidad de amara org",
    "subtítulos por la comunidad de amara org",
    // Chinese
    "谢谢",
    "謝謝",
    "谢谢大家",
    "謝謝大家",
    "谢谢观看",
    "謝謝觀看",
    "谢谢收看",
    "謝謝收看",
    "谢谢您的观看",
    "感谢观看",
    "感謝觀看",
    "感谢收看",
    "感谢您的观看",
    "再见",
    "再見",
    "请订阅",
    "请不吝点赞订阅转发打赏支持明镜与点点栏目",
    "請不吝點贊訂閱轉發打賞支持明鏡與點點欄目",
    "字幕由amara org社区提供",
    "字幕由amara org社區提供",
    "中文字幕志愿者李宗盛",
    // Japanese
    "ありがとう",
    "ありがとうございます",
    "ありがとうございました",
    "ご視聴ありがとうございました",
    "ご視聴ありがとうございます",
    "ご清聴ありがとうございました",
    "最後までご視聴ありがとうございました",
    "チャンネル登録お願いします",
    "チャンネル登録をお願いいたします",
    "おやすみなさい",
    "また次の動画でお会いしましょう",
    // Korean
    "감사합니다",
    "고맙습니다",
    "시청해주셔서 감사합니다",
    "시청해 주셔서 감사합니다",
    "구독과 좋아요 부탁드립니다",
    "안녕히 계세요",
    "mbc 뉴스 이덕영입니다",
    "다음 영상에서 만나요",
    // Russian
    "спасибо",
    "спасибо за просмотр",
    "спасибо за внимание",
    "до свидания",
    "пока",
    "до новых встреч",
    "подписывайтесь на канал",
    "продолжение следует",
    "субтитры сделал dimatorzok",
    "субтитры создавал dimatorzok",
    "субтитры подготовил dimatorzok",
    "редактор субтитров а семкин корректор а егорова",
];

/// Whether a transcript is what models make of silence, repeated or not. It counts only together
/// with another sign of silence: people say "okay" and "thank you", too.
pub fn is_known_hallucination(text: &str) -> bool {
    let is_known = |text: &str| {
        let words = normalized(text);
        words.is_empty() || HALLUCINATIONS.contains(&words.as_str())
    };
    let marks = ['.', '!', '?', '。', '！', '？', '…', ',', '，', '\n'];
    !normalized(text).is_empty() && (is_known(text) || text.split(marks).all(is_known))
}

/// Lower case words without punctuation: "Don't!" is "dont".
fn normalized(text: &str) -> String {
    let text = text.to_lowercase().replace(['\'', '’'], "");
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inventions_of_models_are_known() {
        for text in [
            "Thank you.",
            "Thanks for watching!",
            "you",
            "Okay.",
            "Bye. Bye-bye!",
            "Thank you. Thank you. Thank you.",
            "Subtitles by the Amara.org community",
            "Please like and subscribe!",
            "Vielen Dank fürs Zuschauen!",
            "Untertitel der Amara.org-Community",
            "Sous-titres réalisés par la communauté d'Amara.org",
            "¡Gracias por ver el video!",
            "谢谢观看。",
            "ご視聴ありがとうございました",
            "시청해주셔서 감사합니다.",
            "Субтитры сделал DimaTorzok",
            "Спасибо за просмотр!",
        ] {
            assert!(is_known_hallucination(text), "{text}");
        }
        for text in [
            "",
            ".",
            "Thank you for the question about my mother.",
            "Okay, I called her.",
            "I want to stop.",
            "you know",
            "谢谢你的问题",
        ] {
            assert!(!is_known_hallucination(text), "{text}");
        }
    }

    #[test]
    fn list_of_inventions_is_normalized() {
        for phrase in HALLUCINATIONS {
            assert_eq!(normalized(phrase), *phrase);
        }
    }
}
