//! Folding: one spelling for what people write or speech to text makes of their words.

use std::{collections::HashMap, iter, sync::LazyLock};

/// The last letters of a text that are read: who wants to finish says it at the end.
const MAX_LETTERS: usize = 2_000;
const MAX_SHORT_WORDS: usize = 12;
const MAX_SHORT_CJK: usize = 25;

/// A text, folded and split.
pub struct Text {
    pub clauses: Vec<Clause>,
    /// Whether it ends with a question mark.
    pub is_question: bool,
    /// Whether only its end was read.
    pub is_cut: bool,
    words: usize,
    cjk: usize,
}

/// What stands between two punctuation marks, without spaces.
#[derive(Default)]
pub struct Clause {
    pub letters: Vec<char>,
    /// Whether a word may begin or end before each letter, and after the last one.
    pub bounds: Vec<bool>,
    /// The number of its sentence.
    pub sentence: usize,
}

impl Clause {
    /// The weight of the word at `place`: two words of Chinese have about as many characters.
    pub fn weight(&self, place: usize) -> usize {
        if is_cjk(self.letters[place]) { 1 } else { 2 }
    }
}

impl Text {
    pub fn new(text: &str) -> Self {
        let mut letters: Vec<char> = text.chars().rev().take(MAX_LETTERS + 1).collect();
        letters.reverse();
        let is_cut = letters.len() > MAX_LETTERS;
        if is_cut {
            // The first sentence is not whole.
            let end = letters.iter().position(|c| is_sentence_end(*c)).unwrap_or(letters.len());
            letters.drain(..end);
        }
        let mut text = Self {
            clauses: vec![],
            is_question: letters.iter().rev().find(|c| !c.is_whitespace()).is_some_and(is_asking),
            is_cut,
            words: 0,
            cjk: 0,
        };
        let letters = compose(letters.into_iter().flat_map(fold));
        let (mut clause, mut sentence, mut at_bound) = (Clause::default(), 0, true);
        // "c'est" has two words for the phrases, but counts as one.
        let mut is_elided = false;
        for (i, letter) in letters.iter().copied().enumerate() {
            // A dash with spaces around it separates clauses, a hyphen only words.
            let is_dash = letter == '-' && i > 0 && letters[i - 1].is_whitespace();
            if is_dash || is_clause_end(letter) {
                text.push(&mut clause, sentence);
                sentence += usize::from(is_sentence_end(letter));
                (at_bound, is_elided) = (true, false);
            } else if letter == 'ー' && !is_hesitation(&letters, i) {
                // "はーい", "네~": a long vowel changes nothing.
            } else if letter.is_alphanumeric() || matches!(letter, '"' | '%' | '$' | '€') {
                let is_bound = at_bound
                    || is_elided
                    || is_cjk(letter)
                    || clause.letters.last().is_some_and(|c| is_cjk(*c));
                // "yesss" and "okaaay" have one letter each; "嗯嗯嗯嗯" has two.
                let is_repeated = clause.letters.last() == Some(&letter)
                    && letter.is_alphabetic()
                    && (!is_bound
                        || is_elided
                        || is_cjk(letter) && clause.letters.iter().rev().nth(1) == Some(&letter));
                if !is_repeated {
                    text.words += usize::from(is_bound && !is_elided && !is_cjk(letter));
                    text.cjk += usize::from(is_cjk(letter));
                    clause.letters.push(letter);
                    clause.bounds.push(is_bound);
                }
                (at_bound, is_elided) = (false, false);
            } else if letter == '\'' {
                is_elided = true;
            } else {
                at_bound = true;
            }
        }
        text.push(&mut clause, sentence);
        text
    }

    fn push(&mut self, clause: &mut Clause, sentence: usize) {
        if !clause.letters.is_empty() {
            clause.bounds.push(true);
            clause.sentence = sentence;
            self.clauses.push(std::mem::take(clause));
        }
    }

    /// Whether the text is short enough to ask a model about it.
    pub fn is_short(&self) -> bool {
        !self.is_cut && self.words <= MAX_SHORT_WORDS && self.cjk <= MAX_SHORT_CJK
    }
}

/// Whether the long vowel mark at `place` makes "うーん", a hesitation, of "うん", a yes.
fn is_hesitation(letters: &[char], place: usize) -> bool {
    let next = letters[place..].iter().find(|letter| **letter != 'ー');
    place > 0 && letters[place - 1] == 'う' && next == Some(&'ん')
}

fn is_asking(letter: &char) -> bool {
    matches!(letter, '?' | '？')
}

fn is_sentence_end(letter: char) -> bool {
    matches!(letter, '.' | '!' | '?' | ';' | '\n' | '…' | '。' | '！' | '？' | '；' | '．' | '｡')
}

fn is_clause_end(letter: char) -> bool {
    is_sentence_end(letter) || matches!(letter, ',' | ':' | '、' | '—' | '–' | '(' | ')')
}

fn is_cjk(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Lower case, without accents; hiragana; simplified characters.
fn fold(letter: char) -> impl Iterator<Item = char> {
    let letter = match letter {
        '\u{ff01}'..='\u{ff5e}' => shift(letter, -0xfee0),
        _ => letter,
    };
    letter.to_lowercase().flat_map(|letter| {
        let (first, second) = match letter {
            '’' | '‘' | '`' | '´' | 'ʼ' | '′' => ('\'', None),
            '“' | '”' | '„' | '«' | '»' | '「' | '」' | '『' | '』' | '‹' | '›' => {
                ('"', None)
            }
            '~' | '〜' => ('ー', None),
            '¿' | '¡' | '\u{a0}' => (' ', None),
            'ß' => ('s', Some('s')),
            'œ' => ('o', Some('e')),
            'æ' => ('a', Some('e')),
            'à'..='å' => ('a', None),
            'ç' => ('c', None),
            'è'..='ë' => ('e', None),
            'ì'..='ï' => ('i', None),
            'ñ' => ('n', None),
            'ò'..='ö' => ('o', None),
            'ù'..='ü' => ('u', None),
            'ý' | 'ÿ' => ('y', None),
            'ё' => ('е', None),
            'й' => ('и', None),
            'ァ'..='ヶ' => (hiragana(shift(letter, -0x60)), None),
            'ぁ'..='ぉ' => (hiragana(letter), None),
            _ => (simplified(letter), None),
        };
        iter::once(first).chain(second)
    })
}

fn shift(letter: char, by: i32) -> char {
    u32::try_from(letter as i32 + by).ok().and_then(char::from_u32).unwrap_or(letter)
}

/// Small vowels as big ones: "はぁい".
fn hiragana(letter: char) -> char {
    if matches!(letter, 'ぁ' | 'ぃ' | 'ぅ' | 'ぇ' | 'ぉ') { shift(letter, 1) } else { letter }
}

/// Joins decomposed Korean and Japanese letters, and drops the accents of other ones.
fn compose(letters: impl Iterator<Item = char>) -> Vec<char> {
    let mut composed: Vec<char> = vec![];
    for letter in letters {
        let last = composed.last().copied().unwrap_or(' ');
        let code = last as i32;
        let joined = match letter {
            '\u{300}'..='\u{36f}' => last,
            '\u{3099}' => shift(last, 1),
            '\u{309a}' => shift(last, 2),
            '\u{1161}'..='\u{1175}' if matches!(last, '\u{1100}'..='\u{1112}') => {
                shift('가', (code - 0x1100) * 588 + (letter as i32 - 0x1161) * 28)
            }
            '\u{11a8}'..='\u{11c2}' if is_cjk(last) && (code - 0xac00) % 28 == 0 => {
                shift(last, letter as i32 - 0x11a7)
            }
            _ => {
                composed.push(letter);
                continue;
            }
        };
        if let Some(last) = composed.last_mut() {
            *last = joined;
        }
    }
    composed
}

/// Pairs of a traditional and a simplified character, for those that occur in the phrases.
const SIMPLIFIED: &str = "結结會会話话謝谢談谈這这裡里裏里兒儿個个點点還还沒没樣样們们開开關关對对當当\
    請请總总繼继續续說说時时間间見见煩烦讓让來来後后夠够寫写給给幫帮問问題题嗎吗過过為为現现學学\
    覺觉應应該该離离車车經经無无錯错聽听認认氣气愛爱單单實实於于與与從从別别掛挂斷断暫暂麼么妳你\
    講讲樂乐長长終终閉闭庫库擺摆確确贊赞備备準准嘍喽囉啰願愿隨随號号電电趕赶飯饭約约動动辦办進进\
    選选東东兩两幾几邊边媽妈買买遲迟緊紧壓压難难臨临課课陪陪覽览聯联絡络歇歇勞劳辛辛慶庆簡简況况\
    體体種种級级變变處处極极歡欢決决絕绝錄录誰谁訴诉爾尔僅仅萬万業业專专產产親亲愿愿爛烂圓圆滿满\
    爲为義义習习傷伤傾倾興兴內内劃划剛刚勸劝醫医賣卖發发喫吃啓启唄呗諮咨噠哒喲哟嘮唠國国場场壞坏堅坚頭头寧宁寶宝尋寻導导嘗尝盡尽師师帶带幹干\
    並并牀床歸归戀恋戶户託托揚扬擾扰擇择攤摊撐撑曬晒曉晓機机殺杀條条夢梦樓楼歐欧殘残畢毕淺浅潰溃煙烟猶犹畫画著着礙碍禮礼糾纠納纳線线練练績绩\
    緩缓職职脫脱膩腻藥药獲获慮虑雖虽蠻蛮補补議议許许試试詢询語语誤误説说誒诶誼谊謂谓貝贝敗败轉转輕轻輔辅輩辈辭辞適适遞递醬酱鍾钟錢钱鐵铁門门\
    閃闪陣阵靜静項项順顺須须領领額额飛飞餓饿馬马駕驾罵骂鐘钟週周係系遊游鬆松復复複复捨舍閒闲隻只";

static PAIRS: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let letters = || SIMPLIFIED.chars();
    iter::zip(letters().step_by(2), letters().skip(1).step_by(2)).collect()
});

fn simplified(letter: char) -> char {
    if !matches!(letter, '\u{4e00}'..='\u{9fff}') {
        return letter;
    }
    if let Some(to) = PAIRS.get(&letter) {
        return *to;
    }
    letter
}
