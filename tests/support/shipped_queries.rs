//! The SQL that the program ships, as `sqlx-data.json` records it.

use std::collections::BTreeMap;

use serde_json::Value;

/// The one shipped query that contains `part`.
///
/// Fails the test and lists the matches if no query contains it, or more than one.
#[track_caller]
pub fn shipped_query(part: &str) -> String {
    let recorded: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("../../sqlx-data.json")).expect("sqlx-data.json");
    let mut matches: Vec<&str> = recorded
        .values()
        .filter_map(|query| query["query"].as_str())
        .filter(|query| query.contains(part))
        .collect();
    assert!(
        matches.len() == 1,
        "{part:?} must occur in exactly one query of sqlx-data.json, and occurs in {}:\n{}",
        matches.len(),
        matches.join("\n---\n")
    );
    matches.remove(0).to_owned()
}
