//! The SQL that the program ships, as `sqlx-data.json` records it.

use std::collections::BTreeMap;

use serde_json::Value;

/// All shipped queries.
pub fn shipped_queries() -> Vec<String> {
    let recorded: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("../../sqlx-data.json")).expect("sqlx-data.json");
    recorded.values().filter_map(|query| query["query"].as_str().map(str::to_owned)).collect()
}

/// The one shipped query that contains `part`.
///
/// Fails the test and lists the matches if no query contains it, or more than one.
#[track_caller]
pub fn shipped_query(part: &str) -> String {
    let mut matches = shipped_queries();
    matches.retain(|query| query.contains(part));
    assert!(
        matches.len() == 1,
        "{part:?} must occur in exactly one query of sqlx-data.json, and occurs in {}:\n{}",
        matches.len(),
        matches.join("\n---\n")
    );
    matches.remove(0)
}
