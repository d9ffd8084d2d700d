//! Our own programs, as built.

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

/// The root of the source tree.
#[must_use]
pub fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// The path of `scmid` or `scmictl`: from `$SCMI_BIN_DIR` if set, otherwise built through Cargo,
/// once a process.
///
/// # Errors
/// When it is not there or does not build.
pub fn program(name: &str) -> Result<PathBuf> {
    if let Some(dir) = env::var_os("SCMI_BIN_DIR") {
        let path = PathBuf::from(dir).join(name);
        ensure!(path.is_file(), "SCMI_BIN_DIR is set, but there is no {}", path.display());
        return Ok(path);
    }
    static BUILT: OnceLock<Result<HashMap<String, PathBuf>, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    let built = built.as_ref().map_err(|error| anyhow!("{error}"))?;
    built.get(name).cloned().with_context(|| format!("Cargo built no program called {name}"))
}

fn build() -> Result<HashMap<String, PathBuf>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--quiet", "--message-format=json-render-diagnostics", "--bins"])
        .args(["--package", "scmid", "--package", "scmictl"])
        .current_dir(workspace_root())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("scmid and scmictl do not build:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let programs = String::from_utf8(output.stdout)?
        .lines()
        .filter_map(|line| {
            let message: Value = serde_json::from_str(line).ok()?;
            let path = message.get("executable")?.as_str()?;
            let name = message.get("target")?.get("name")?.as_str()?;
            Some((name.to_owned(), PathBuf::from(path)))
        })
        .collect();
    Ok(programs)
}
