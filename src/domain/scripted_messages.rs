//! Fixed messages of the coach.

/// The person asked to finish.
pub const CONFIRM_FINISH: &str = "It sounds like you would like to finish here. \
     Shall I wrap up and summarize our session? \
     Please say \"yes\" or \"wrap up and summarize\".";
/// The person declined an offer.
pub const GO_ON: &str = "Of course, let us go on. What would you like to look at next?";
/// The offer because of good progress.
pub const OFFER_PROGRESS: &str = "We have made good progress together. \
     Would you like to wrap up now with a summary and an action plan? \
     You can say \"yes\", or we simply go on.";
/// The offer because the time is up.
pub const OFFER_TIME: &str = "Our time together is nearly up. \
     Would you like to wrap up now with a summary and an action plan? \
     You can say \"yes\", or we take a few more minutes.";
