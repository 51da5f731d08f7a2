//! Unpacks `sqlx-data.json` for sqlx's macros, which read a folder with one file per query.
//!
//! A build therefore needs no database, and never connects to the `DATABASE_URL` of run time.
//! See docs/decisions/0002-keep-query-metadata-in-one-file.md and scripts/sqlx-data.sh.

use std::{collections::BTreeMap, env, fs, path::Path};

type BoxError = Box<dyn std::error::Error>;

fn main() -> Result<(), BoxError> {
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
