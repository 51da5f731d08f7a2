//! Classes of phrases. The build script uses this file, too.

/// A set of classes, one bit each.
pub type Classes = u32;

/// "yes", "let's do that".
pub const YES: Classes = 1 << 0;
/// A word that accepts alone, but accompanies a refusal, too: "okay", "please".
pub const OK: Classes = 1 << 1;
/// "no", "I'd rather not".
pub const NO: Classes = 1 << 2;
/// A wish to go on: "not yet", "a bit longer".
pub const STAY: Classes = 1 << 3;
/// A negation of the verb in the same part: "don't", "I don't want to".
pub const NOT: Classes = 1 << 4;
/// What makes a verb a wish: "I'd like to", "let's", "can we".
pub const WANT: Classes = 1 << 5;
/// A verb of finishing: "stop", "finish".
pub const VERB: Classes = 1 << 6;
/// The object of such a verb: "the session".
pub const OBJECT: Classes = 1 << 7;
/// The limit of a session: "here", "for today".
pub const HERE: Classes = 1 << 8;
/// A verb of going on: "continue", "talk".
pub const GO_ON: Classes = 1 << 9;
/// Another time: "tomorrow". With a verb of going on, it is a wish to finish.
pub const LATER: Classes = 1 << 10;
/// A wish to finish: "wrap up", "I'm off".
pub const FINISH: Classes = 1 << 11;
/// A wish to finish, after which a reason may follow without punctuation: "let's stop here".
#[allow(dead_code, reason = "only the lists use it")]
pub const CLOSED: Classes = FINISH | HERE;
/// "goodbye".
pub const BYE: Classes = 1 << 12;
/// Accepts an offer. At another time, it may be a wish to finish: "that's all", "I'm done".
pub const SOFT: Classes = 1 << 13;
/// "thank you".
pub const THANKS: Classes = 1 << 14;
/// A yes or a no, as the company of the phrase decides: "大丈夫です".
pub const EITHER: Classes = 1 << 15;
/// "maybe", "yes and no".
pub const HEDGE: Classes = 1 << 16;
/// "but".
pub const BUT: Classes = 1 << 17;
/// Words that change nothing: "um", "now", the coach's name.
#[allow(dead_code, reason = "only the lists use it")]
pub const FILLER: Classes = 1 << 18;
/// "because": a new part begins.
pub const REASON: Classes = 1 << 19;
/// Reported speech, a condition, a habit: "said", "if", "every". Never explains a text.
pub const REPORT: Classes = 1 << 20;
/// A verb and what ties it to something else: "done with my". Wherever it stands, the clause is
/// about something else unless other phrases cover it wholly.
pub const ABOUT: Classes = 1 << 21;
/// What one may still want to speak of: "a question", "to tell you". Explains a part only if the
/// part refuses, too.
pub const TOPIC: Classes = 1 << 22;
/// Despair. The whole text is then conversation.
pub const DESPAIR: Classes = 1 << 23;
