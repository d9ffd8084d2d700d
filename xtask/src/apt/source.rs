//! Where this machine gets Debian from. Other suites of the same archive are reached the same way,
//! so no address stands in our code.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::output;

/// Debian's own archive, as this machine is set up to reach it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// The archive's address.
    uri: String,
    /// The field that names its keys, with the lines it goes on over; empty where apt's default
    /// keys are used.
    signed_by: String,
    /// The release's code name.
    pub(crate) codename: String,
}

impl Source {
    /// Finds it among apt's sources.
    pub(crate) fn find() -> Result<Self> {
        let codename = codename()?;
        Self::find_suite(&codename)?.with_context(|| {
            format!("apt knows no Debian archive for {codename}; `apt-get update` may help")
        })
    }

    /// Where this machine gets a suite of Debian's from, if it does: security has an archive of its own.
    pub(crate) fn find_suite(suite: &str) -> Result<Option<Self>> {
        let targets = targets()?;
        let Some((uri, file)) = targets.lines().find_map(|line| main_target(line, suite)) else {
            return Ok(None);
        };
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {file}"))?;
        let deb822 = Path::new(&file).extension().is_some_and(|extension| extension == "sources");
        let signed_by =
            if deb822 { keys_in_stanza(&text, suite) } else { keys_in_line(&text, suite) };
        Ok(Some(Self { uri, signed_by, codename: codename()? }))
    }

    /// Whether apt has a suite of Debian's already.
    pub(crate) fn is_configured(suite: &str) -> Result<bool> {
        Ok(targets()?.lines().any(|line| main_target(line, suite).is_some()))
    }

    /// The contents of a sources file (deb822) for a suite of this archive.
    pub(crate) fn for_suite(&self, suite: &str) -> String {
        let Self { uri, signed_by, .. } = self;
        format!("Types: deb\nURIs: {uri}\nSuites: {suite}\nComponents: main\n{signed_by}")
    }
}

/// The code name of the release that this machine runs.
fn codename() -> Result<String> {
    let release = fs::read_to_string("/etc/os-release").context("this is no Debian")?;
    let codename = release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let codename = codename.context("/etc/os-release has no VERSION_CODENAME")?;
    Ok(codename.trim_matches('"').to_owned())
}

/// Apt's package lists, a line each: origin, release, component, archive, file and stanza.
fn targets() -> Result<String> {
    const FORMAT: &str = "$(ORIGIN)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)|$(SOURCESENTRY)";
    let mut command = Command::new("apt-get");
    output(command.args(["indextargets", "--format", FORMAT, "Created-By: Packages"]))
}

fn main_target(line: &str, suite: &str) -> Option<(String, String)> {
    let fields: Vec<&str> = line.split('|').collect();
    let [origin, release, "main", uri, entry] = fields.as_slice() else { return None };
    let (file, _) = entry.rsplit_once(':')?;
    let ours = origin.starts_with("Debian") && *release == suite;
    ours.then(|| ((*uri).to_owned(), file.to_owned()))
}

/// The `Signed-By` field of the stanza that names the suite, with its continuation lines.
fn keys_in_stanza(text: &str, suite: &str) -> String {
    let names_suite = |stanza: &&str| {
        let suites = stanza.lines().find_map(|line| line.strip_prefix("Suites:"));
        suites.is_some_and(|suites| suites.split_whitespace().any(|word| word == suite))
    };
    let Some(stanza) = text.split("\n\n").find(names_suite) else { return String::new() };
    let field = stanza.split_inclusive('\n').skip_while(|line| !line.starts_with("Signed-By:"));
    let mut keys: String = field
        .enumerate()
        .take_while(|(index, line)| *index == 0 || line.starts_with([' ', '\t']))
        .map(|(_, line)| line)
        .collect();
    if !keys.is_empty() && !keys.ends_with('\n') {
        keys.push('\n');
    }
    keys
}

/// The same from a one-line source: `deb [signed-by=/path] uri suite component...`.
fn keys_in_line(text: &str, suite: &str) -> String {
    let names_suite = |line: &&str| line.split_whitespace().any(|word| word == suite);
    let Some(line) = text.lines().find(names_suite) else { return String::new() };
    let options = line.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let keys = options.and_then(|(options, _)| {
        options.split_whitespace().find_map(|option| option.strip_prefix("signed-by="))
    });
    keys.map_or_else(String::new, |keys| format!("Signed-By: {keys}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_list_of_a_suite_is_told_from_others() {
        let line = |origin, release, component| {
            format!("{origin}|{release}|{component}|mirror/debian/|/etc/apt/x.sources:1")
        };
        let found = main_target(&line("Debian", "bookworm", "main"), "bookworm").unwrap();
        assert_eq!(found, ("mirror/debian/".to_owned(), "/etc/apt/x.sources".to_owned()));
        for (origin, release, component) in [
            ("Elsewhere", "bookworm", "main"),
            ("Debian", "trixie", "main"),
            ("Debian", "bookworm", "contrib"),
        ] {
            assert_eq!(main_target(&line(origin, release, component), "bookworm"), None);
        }
    }

    #[test]
    fn keys_are_taken_over_from_either_format() {
        let stanzas = "Types: deb\nURIs: a\nSuites: bookworm-security\nSigned-By: /wrong\n\n\
                       Types: deb\nURIs: b\nSuites: bookworm bookworm-updates\nSigned-By:\n -----BEGIN\n .\n\
                       Components: main\n";
        assert_eq!(keys_in_stanza(stanzas, "bookworm"), "Signed-By:\n -----BEGIN\n .\n");
        assert_eq!(keys_in_stanza(stanzas, "trixie"), "");
        let line = "# deb x\ndeb [arch=amd64 signed-by=/usr/k.gpg] mirror bookworm main\n";
        assert_eq!(keys_in_line(line, "bookworm"), "Signed-By: /usr/k.gpg\n");
        assert_eq!(keys_in_line("deb mirror bookworm main", "bookworm"), "");
    }
}
