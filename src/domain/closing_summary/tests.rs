use proptest::prelude::*;

use super::*;

const PLAIN: &str = "KEY DISCUSSION POINTS:\n- You sleep badly\n\n\
     MAIN BREAKTHROUGHS:\n- You may say no\n\n\
     ACTION PLAN:\n- Talk to Ana on Monday\n\n\
     FINAL NOTE: Be kind to yourself.";

#[test]
fn plain_summary_is_unchanged() {
    assert_eq!(repair_closing_summary(PLAIN).as_deref(), Some(PLAIN));
}

#[test]
fn decorated_headings_are_repaired() {
    for text in [
        "## Key Discussion Points\n* You sleep badly\n## Main Breakthroughs\n* You may say no\n\
         ## Action Plan\n* Talk to Ana on Monday\n## Final Note\nBe kind to yourself.",
        "**KEY DISCUSSION POINTS:**\n- You sleep badly\n**MAIN BREAKTHROUGHS:**\n- You may say no\n\
         **ACTION PLAN:**\n- Talk to Ana on Monday\n**Final Note:** Be kind to yourself.",
        "Here is your summary:\n\n1. **Key discussion points**:\n• You sleep badly\n\
         2. **Main breakthroughs**:\n• You may say no\n3. **Action plan**:\n\
         • Talk to Ana on Monday\n4. **Final note**: Be kind to yourself.",
        "KEY DISCUSSION POINTS：\n- You sleep badly\nMAIN BREAKTHROUGHS：\n- You may say no\n\
         ACTION PLAN：\n- Talk to Ana on Monday\nFINAL NOTE：Be kind to yourself.",
        "```\nKEY DISCUSSION POINTS:\n- You **sleep** badly\n\nMAIN BREAKTHROUGHS:\n\
         - You may say no\n---\nACTION PLAN:\n- Talk to Ana on Monday\n\n\
         Final Note:\nBe kind to yourself.\n```",
        "🗝️ KEY DISCUSSION POINTS: \r\n- You sleep badly\r\n💡 MAIN BREAKTHROUGHS:\r\n\
         - You may say no\r\n✅ ACTION PLAN:\r\n- Talk to Ana on Monday\r\n\
         ❤️ FINAL NOTE:\r\nBe kind to yourself.",
        "1. KEY DISCUSSION POINTS:\n- You sleep badly\n2. MAIN BREAKTHROUGHS:\n- You may say no\n\
         **3. ACTION PLAN:**\n- Talk to Ana on Monday\n### 4. FINAL NOTE:\nBe kind to yourself.",
        "KEY DISCUSSION POINTS (WICHTIGSTE PUNKTE):\n- You sleep badly\n\
         MAIN BREAKTHROUGHS (ERKENNTNISSE):\n- You may say no\n\
         ACTION PLAN (PLAN):\n- Talk to Ana on Monday\nFINAL NOTE: Be kind to yourself.",
        "【KEY DISCUSSION POINTS】\n- You sleep badly\n【MAIN BREAKTHROUGHS】\n- You may say no\n\
         【ACTION PLAN】\n- Talk to Ana on Monday\n【FINAL NOTE】\nBe kind to yourself.",
    ] {
        assert_eq!(repair_closing_summary(text).as_deref(), Some(PLAIN), "{text}");
    }
    let one_line = PLAIN.replace('\n', " ");
    assert_eq!(repair_closing_summary(&one_line).as_deref(), Some(PLAIN));
}

#[test]
fn lines_that_resemble_headings_are_items() {
    let text = PLAIN
        .replace("- You sleep badly", "- Action plan: sleep\nRISKS: none")
        .replace("Be kind", "WICHTIG: be kind");
    let expected = PLAIN
        .replace("- You sleep badly", "- Action plan: sleep\n- RISKS: none")
        .replace("Be kind", "WICHTIG: be kind");
    assert_eq!(repair_closing_summary(&text), Some(expected));
}

#[test]
fn missing_headings_are_not_invented() {
    for text in [
        "",
        "You sleep badly and will talk to Ana.",
        &PLAIN.replace("ACTION PLAN", "AKTIONSPLAN"),
        &PLAIN.replace("ACTION PLAN:", "Your action plan is clear:"),
        // Cut.
        PLAIN.split("FINAL").next().expect("a part"),
        PLAIN.split(" Be kind").next().expect("a part"),
        // A section without text.
        &PLAIN.replace("- You may say no", "-"),
        // In another order, or twice.
        &PLAIN.replace("KEY DISCUSSION POINTS", "MAIN BREAKTHROUGHS"),
        &format!("{PLAIN}\n\n{PLAIN}"),
    ] {
        assert_eq!(repair_closing_summary(text), None, "{text}");
    }
}

#[test]
fn marks_within_marks_are_removed() {
    for text in [
        "*`*Be kind*`* to yourself.",
        "_**_Be kind_**_ to yourself.",
        "# # Be kind to *__*yourself.",
    ] {
        let text = PLAIN.replace("Be kind to yourself.", text);
        assert_eq!(repair_closing_summary(&text).as_deref(), Some(PLAIN), "{text}");
    }
}

proptest! {
    #[test]
    fn repaired_summary_is_stable(text in "(.|\n){0,60}|[-#*_`•: Aa\n]{0,30}") {
        let text = format!("{}{text}", PLAIN.replace("KEY", &format!("{text}\nKEY")));
        if let Some(repaired) = repair_closing_summary(&text) {
            for heading in HEADINGS {
                let line = format!("{heading}:");
                prop_assert!(repaired.lines().any(|found| found.starts_with(&line)), "{repaired}");
            }
            prop_assert_eq!(repair_closing_summary(&repaired), Some(repaired.clone()));
        }
    }
}
