//! `cargo xtask dist`: the programs with all that belongs to them, laid out as below `/usr/local`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use scmi_test_kit::workspace_root;

use crate::command::{self, output};

/// The programs, and the sections of the manual that they belong to.
const PROGRAMS: [(&str, &str); 2] = [("scmictl", "1"), ("scmid", "8")];

/// Builds the programs and puts everything into `target/dist`, anew. Returns that folder.
pub(crate) fn run(target: &Path) -> Result<PathBuf> {
    let mut build = command::cargo();
    build.args(["build", "--release", "--package", "scmid", "--package", "scmictl"]);
    command::run(build.current_dir(workspace_root()))?;
    let dist = target.join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    lay_out(&target.join("release"), &dist)?;
    Ok(dist)
}

/// Lays out the programs in `programs`, and what they say of themselves, below `dist`.
fn lay_out(programs: &Path, dist: &Path) -> Result<()> {
    for (name, _) in PROGRAMS {
        copy(&programs.join(name), &dist.join("bin").join(name))?;
        for (shell, place) in [
            ("bash", format!("share/bash-completion/completions/{name}")),
            ("zsh", format!("share/zsh/site-functions/_{name}")),
            ("fish", format!("share/fish/vendor_completions.d/{name}.fish")),
        ] {
            let option = if name == "scmid" { "--completions" } else { "completions" };
            let script = output(Command::new(programs.join(name)).args([option, shell]))?;
            write(&dist.join(place), script.as_bytes())?;
        }
    }
    let man = |section: &str| dist.join(format!("share/man/man{section}"));
    let page = output(Command::new(programs.join("scmid")).arg("--man"))?;
    write(&man("8").join("scmid.8"), page.as_bytes())?;
    fs::create_dir_all(man("1"))?;
    output(Command::new(programs.join("scmictl")).arg("man").arg(man("1")))?;
    let schema = output(Command::new(programs.join("scmid")).arg("--schema"))?;
    write(&dist.join("share/scmi/board.schema.json"), schema.as_bytes())?;
    for (file, place) in [
        ("examples/demo.toml", "share/scmi/demo.toml"),
        ("extra/wireshark/scmi.lua", "share/scmi/wireshark/scmi.lua"),
        ("README.md", "share/doc/scmi/README.md"),
        ("LICENSE-MIT", "share/doc/scmi/LICENSE-MIT"),
        ("LICENSE-APACHE", "share/doc/scmi/LICENSE-APACHE"),
    ] {
        copy(&workspace_root().join(file), &dist.join(place))?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a place below dist")?)?;
    fs::copy(from, to)
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

fn write(to: &Path, bytes: &[u8]) -> Result<()> {
    fs::create_dir_all(to.parent().context("a place below dist")?)?;
    fs::write(to, bytes).with_context(|| format!("cannot write {}", to.display()))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use scmi_test_kit::program;

    use super::*;

    /// Runs a program that must be there and succeed; what it said on both outputs.
    fn said(program: &str, arguments: &[&OsStr]) -> String {
        let run = Command::new(program).args(arguments).env("LC_ALL", "C.UTF-8").output();
        let run = run.unwrap_or_else(|error| panic!("{program} (cargo xtask setup): {error}"));
        let text = [run.stdout, run.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(run.status.success(), "{program} {arguments:?}: {text}");
        text
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder of dist");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }

    /// The verbs of scmictl, by its own help.
    fn verbs(scmictl: &Path) -> Vec<String> {
        let help = said(scmictl.to_str().expect("text"), &["--help".as_ref()]);
        let list = help.split_once("Commands:\n").expect("verbs").1;
        let list = list.split("\n\n").next().unwrap_or_default();
        let word =
            |line: &str| line.strip_prefix("  ")?.split_whitespace().next().map(str::to_owned);
        let named = list.lines().filter(|line| !line.starts_with("   ")).filter_map(word);
        named.filter(|verb| verb != "help").collect()
    }

    #[test]
    fn shells_and_man_understand_what_is_laid_out_and_every_verb_is_in_it() {
        let dist = tempfile::tempdir().expect("tempdir");
        let programs = program("scmictl").expect("the programs");
        let programs = programs.parent().expect("their folder");
        lay_out(programs, dist.path()).expect("laid out");
        let verbs = verbs(&dist.path().join("bin/scmictl"));
        assert!(verbs.len() >= 17 && verbs.contains(&"clock".to_owned()), "{verbs:?}");
        let share = dist.path().join("share");
        for (shell, folder) in [
            ("bash", "bash-completion/completions"),
            ("zsh", "zsh/site-functions"),
            ("fish", "fish/vendor_completions.d"),
        ] {
            let scripts = files(&share.join(folder));
            assert_eq!(scripts.len(), PROGRAMS.len());
            for script in &scripts {
                said(shell, &["-n".as_ref(), script.as_os_str()]);
            }
            let text: String =
                scripts.iter().map(|s| fs::read_to_string(s).expect("text")).collect();
            let missing = verbs.iter().find(|verb| !text.contains(verb.as_str()));
            assert_eq!(missing, None, "in the script for {shell}");
            assert!(text.contains("trace-limit") && text.contains("connect"), "{shell}");
        }
        let pages = [files(&share.join("man/man1")), files(&share.join("man/man8"))].concat();
        for verb in &verbs {
            let name = format!("scmictl-{verb}.1");
            assert!(pages.iter().any(|page| page.ends_with(&name)), "no {name}");
        }
        for page in pages {
            let arguments = ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"].map(OsStr::new);
            let text = said("man", &[&arguments[..], &[page.as_os_str()]].concat());
            assert!(!text.contains("warning"), "{}: {text}", page.display());
        }
    }

    #[test]
    fn bash_completes_a_verb() {
        let scmictl = program("scmictl").expect("the program");
        let script = "source <(\"$0\" completions bash); COMP_WORDS=(scmictl clo); COMP_CWORD=1; \
                      _scmictl scmictl clo scmictl; echo \"${COMPREPLY[@]}\"";
        let text = said("bash", &["-c".as_ref(), script.as_ref(), scmictl.as_os_str()]);
        assert_eq!(text.trim(), "clock");
    }
}
