//! axe-core, which checks pages for what keeps people from using them. It is fetched from npm, and
//! is in no other way a part of this project.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{browser::Browser, report_skipped};

/// A release, so that a new rule does not fail an old commit.
const PACKAGE: &str = "axe-core@4.14.1";

static SOURCE: OnceCell<Option<String>> = OnceCell::const_new();

/// The script; `None` if npm or its registry cannot be reached.
fn fetch() -> Option<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE);
    let script = folder.join("package/axe.min.js");
    if !script.exists() {
        fs::create_dir_all(&folder).ok()?;
        let pack = Command::new("npm")
            .args(["pack", "--silent", PACKAGE, "--pack-destination"])
            .arg(&folder)
            .output()
            .ok()?;
        let archive = String::from_utf8(pack.stdout).ok()?;
        let unpack = Command::new("tar")
            .arg("-xzf")
            .arg(folder.join(archive.trim()))
            .arg("-C")
            .arg(&folder)
            .arg("package/axe.min.js")
            .status()
            .ok()?;
        if !pack.status.success() || !unpack.success() {
            return None;
        }
    }
    fs::read_to_string(script).ok()
}

impl Browser {
    /// Fails if the view that is shown has a serious defect.
    pub async fn assert_accessible(&self, view: &str) {
        let Some(source) = SOURCE.get_or_init(async || fetch()).await else {
            report_skipped("no axe-core: npm or its registry is missing");
            return;
        };
        self.script(source, vec![]).await;
        let result = self
            .async_script(
                "const done = arguments[arguments.length - 1]; \
                 axe.run().then(({ violations, passes }) => done({ violations, \
                     passes: passes.length }), (error) => done({ error: String(error) }));",
            )
            .await;
        assert!(result["passes"].as_u64().is_some_and(|passes| passes > 10), "{view}: {result}");
        let violations = result["violations"].as_array().expect("a list");
        let serious: Vec<&Value> = violations
            .iter()
            .filter(|found| found["impact"] == "serious" || found["impact"] == "critical")
            .collect();
        assert!(serious.is_empty(), "{view}: {serious:#?}");
    }
}
