//! Unpacks `sqlx-data.json` for sqlx's macros, which read a folder with one file per query, and
//! makes automata of the phrases that the program understands.
//!
//! A build needs no database, and never connects to the `DATABASE_URL` of run time.
//! See docs/decisions/0002-keep-query-metadata-in-one-file.md and scripts/sqlx-data.sh.

#[path = "src/domain/phrases/classes.rs"]
mod classes;
#[path = "src/domain/phrases/fold.rs"]
#[allow(dead_code, reason = "the program uses the rest of it")]
mod fold;
#[path = "src/domain/phrases/lists/mod.rs"]
mod lists;

use std::{
    collections::BTreeMap,
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    thread,
};

type BoxError = Box<dyn std::error::Error>;

fn main() -> Result<(), BoxError> {
    println!("cargo:rerun-if-changed=src/domain/phrases");
    make_automata(&Path::new(&env::var("OUT_DIR")?).join("phrases"))?;
    for input in ["build.rs", "sqlx-data.json", "migrations"] {
        println!("cargo:rerun-if-changed={input}");
    }
    for variable in ["SQLX_OFFLINE", "SQLX_OFFLINE_DIR"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    // Set by scripts/sqlx-data.sh and `cargo sqlx prepare`, which write the metadata.
    if env::var_os("SQLX_OFFLINE_DIR").is_some() {
        return Ok(());
    }
    let folder = Path::new(&env::var("OUT_DIR")?).join("sqlx-offline");
    unpack(Path::new("sqlx-data.json"), &folder)?;
    println!("cargo:rustc-env=SQLX_OFFLINE_DIR={}", folder.display());
    if env::var_os("SQLX_OFFLINE").is_none() {
        println!("cargo:rustc-env=SQLX_OFFLINE=true");
    }
    Ok(())
}

fn unpack(file: &Path, folder: &Path) -> Result<(), BoxError> {
    let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let queries: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (name, query) in queries {
        let is_query_file = name
            .strip_prefix("query-")
            .and_then(|rest| rest.strip_suffix(".json"))
            .is_some_and(|hash| !hash.is_empty() && hash.bytes().all(|b| b.is_ascii_hexdigit()));
        if !is_query_file {
            return Err(format!("{}: {name:?} is not a query-<hash>.json", file.display()).into());
        }
        fs::write(folder.join(name), serde_json::to_string_pretty(&query)?)?;
    }
    Ok(())
}

/// Writes an automaton per language, unless the phrases are those of the last build: without
/// optimisation it takes half a minute.
fn make_automata(folder: &Path) -> Result<(), BoxError> {
    let mut hasher = DefaultHasher::new();
    lists::LANGUAGES.hash(&mut hasher);
    include_str!("src/domain/phrases/fold.rs").hash(&mut hasher);
    let (stamp_file, stamp) = (folder.join("stamp"), hasher.finish().to_string());
    if fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp) {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let make = |language, phrases| -> Result<(), String> {
        let entries = lists::expand(phrases).into_iter();
        let map = fst::Map::from_iter(entries.map(|(letters, classes)| (letters, classes.into())))
            .map_err(|error| error.to_string())?;
        let file = folder.join(format!("{language}.fst"));
        fs::write(file, map.as_fst().as_bytes()).map_err(|error| error.to_string())
    };
    thread::scope(|scope| {
        let all = lists::LANGUAGES.map(|(name, phrases)| scope.spawn(move || make(name, phrases)));
        all.into_iter().try_for_each(|one| one.join().map_err(|_| "a panic")?.map_err(Into::into))
    })
    .map_err(|error: BoxError| format!("phrases: {error}"))?;
    fs::write(stamp_file, stamp)?;
    Ok(())
}
