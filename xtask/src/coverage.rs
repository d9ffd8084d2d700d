//! `docs/coverage.md`: which messages tests have seen go by, and whose doing it was.
//!
//! Tests record what they see ([`Record`]) while they run; nothing is claimed because there is code for it. Only what a
//! whole run recorded is compared with the file or written to it: a part of the tests sees a part of the messages.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use scmi::protocol::common::COMMANDS;
use scmi::protocol::{ALL, MessageInfo, ProtocolInfo};
use scmi::wire::MessageType;
use scmi_test_kit::{Record, Side, Sighting, workspace_root};

/// The file that is made, in the tree.
const FILE: &str = "docs/coverage.md";

/// In a folder of records: the run was whole.
const WHOLE: &str = "whole";

const HEAD: &str = "\
<!-- Written by `cargo xtask coverage` from what a run of `cargo xtask test` recorded; not by hand. -->
# Which messages the tests have seen

Every message of every protocol's table, and whose doing the tests have seen it be. A mark means that it went by while
the tests ran, not that there is code for it; `cargo xtask test` fails when what it saw differs from what stands here.

* *Our agent* asked, by the typed calls of `scmi`, and understood the answer or the event (`tests/agents`).
* *Our platform* answered or sent, whoever was at the other end.
* *Linux* 6.12 asked, or was sent what it had subscribed to, by itself: guests into which a test put messages of
  its own do not count.

`yes`: it succeeded. `yes, no`: it succeeded, and it was refused as well, which is looked for on purpose. `no`: it was
refused whenever it was seen. `-`: it was not seen.
";

/// `cargo xtask coverage`.
#[derive(Args)]
pub(crate) struct Options {
    /// The records of a whole run [default: those of the last `cargo xtask test`]
    #[arg(long, value_name = "FOLDER")]
    records: Option<PathBuf>,
}

/// Writes the file from the records of a whole run.
pub(crate) fn write(options: &Options, target: &Path) -> Result<()> {
    let records = options.records.clone().unwrap_or_else(|| folder(target));
    ensure!(
        options.records.is_some() || records.join(WHOLE).is_file(),
        "there are no records of a whole run in {}: run `cargo xtask test` first",
        records.display()
    );
    let text = render(&Record::read_all(&records)?);
    let file = workspace_root().join(FILE);
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Where the tests of a run record, below Cargo's target folder; nothing is there yet.
pub(crate) fn begin(target: &Path) -> Result<PathBuf> {
    let folder = folder(target);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

fn folder(target: &Path) -> PathBuf {
    target.join("coverage")
}

/// Compares what a whole run recorded with what the file says.
pub(crate) fn compare(records: &Path) -> Result<()> {
    fs::write(records.join(WHOLE), "")?;
    let seen = render(&Record::read_all(records)?);
    let said = fs::read_to_string(workspace_root().join(FILE)).unwrap_or_default();
    if seen == said {
        return Ok(());
    }
    for line in differences(&said, &seen) {
        println!("{line}");
    }
    bail!("{FILE} is not what this run saw; `cargo xtask coverage` writes what it saw");
}

/// The lines that are not in both, with their headings: what was said, and what was seen. Protocols have lines in common.
fn differences(said: &str, seen: &str) -> Vec<String> {
    let only = |text: &str, other: &str, sign: char| -> Vec<String> {
        let other = under_headings(other);
        let lines = under_headings(text).into_iter().filter(|line| !other.contains(line));
        lines.map(|(heading, line)| format!("{sign} {heading}: {line}")).collect()
    };
    [only(said, seen, '-'), only(seen, said, '+')].concat()
}

fn under_headings(text: &str) -> Vec<(&str, &str)> {
    let mut heading = "";
    let mut lines = Vec::new();
    for line in text.lines() {
        heading = line.strip_prefix("## ").unwrap_or(heading);
        lines.push((heading, line));
    }
    lines
}

fn render(seen: &BTreeSet<Sighting>) -> String {
    let mut text = String::from(HEAD);
    for info in ALL {
        text.push_str(&format!(
            "\n## {} ({:#x})\n\n| message | | our agent | our platform | Linux |\n|---|---|---|---|---|\n",
            title(info),
            info.id.0
        ));
        for (kind, message) in messages(info) {
            let mark = |side| mark(seen, side, info, kind, message);
            let what = match kind {
                MessageType::COMMAND => "command",
                MessageType::DELAYED_RESPONSE => "delayed response",
                _ => "notification",
            };
            text.push_str(&format!(
                "| `{:#x}` {} | {what} | {} | {} | {} |\n",
                message.id.0,
                message.name,
                mark(Side::Agent),
                mark(Side::Platform),
                mark(Side::Linux)
            ));
        }
    }
    text
}

fn title(info: &ProtocolInfo) -> String {
    let mut name = info.name.to_owned();
    if let Some(first) = name.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    name
}

/// All that a protocol has: commands by number, with their delayed responses, then notifications.
fn messages(
    info: &'static ProtocolInfo,
) -> impl Iterator<Item = (MessageType, &'static MessageInfo)> {
    let mut commands: Vec<&MessageInfo> = COMMANDS.iter().chain(info.commands).collect();
    commands.sort_by_key(|command| command.id);
    let commands = commands.into_iter().flat_map(|command| {
        let delayed = command.delayed.map(|_| (MessageType::DELAYED_RESPONSE, command));
        [Some((MessageType::COMMAND, command)), delayed].into_iter().flatten()
    });
    commands.chain(info.notifications.iter().map(|event| (MessageType::NOTIFICATION, event)))
}

/// What was seen of a message. Linux is not asked to be refused on purpose, so how often that happens to a message that
/// also succeeds may depend on the moment, and is not told.
fn mark(
    seen: &BTreeSet<Sighting>,
    side: Side,
    info: &ProtocolInfo,
    kind: MessageType,
    message: &MessageInfo,
) -> &'static str {
    let (protocol, kind, message) = (info.id.0, kind.0, message.id.0);
    let was = |success| seen.contains(&Sighting { side, protocol, kind, message, success });
    match (was(true), was(false)) {
        (true, true) if side != Side::Linux => "yes, no",
        (true, _) => "yes",
        (false, true) => "no",
        (false, false) => "-",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(side: Side, kind: u8, message: u8, success: bool) -> Sighting {
        Sighting { side, protocol: 0x14, kind, message, success }
    }

    #[test]
    fn marks_are_what_was_seen() {
        let seen = BTreeSet::from([
            sighting(Side::Agent, 0, 5, true),
            sighting(Side::Agent, 0, 5, false),
            sighting(Side::Platform, 2, 5, true),
            sighting(Side::Linux, 0, 5, true),
            sighting(Side::Linux, 0, 5, false),
            sighting(Side::Linux, 0, 9, false),
            sighting(Side::Linux, 3, 0, true),
        ]);
        let text = render(&seen);
        for line in [
            "| `0x5` CLOCK_RATE_SET | command | yes, no | - | yes |",
            "| `0x5` CLOCK_RATE_SET | delayed response | - | yes | - |",
            "| `0x9` CLOCK_RATE_NOTIFY | command | - | - | no |",
            "| `0x0` CLOCK_RATE_CHANGED | notification | - | - | yes |",
            "| `0x10` NEGOTIATE_PROTOCOL_VERSION | command | - | - | - |",
        ] {
            assert!(text.lines().any(|there| there == line), "{line}\n{text}");
        }
    }

    #[test]
    fn what_differs_is_shown() {
        let said = "# All\n## One\n| a | yes |\n| b | - |\n## Two\n| a | yes |\n";
        let seen = said.replacen("| a | yes |", "| a | - |", 1);
        assert_eq!(differences(said, &seen), ["- One: | a | yes |", "+ One: | a | - |"]);
        assert_eq!(differences(said, said), [""; 0]);
    }

    #[test]
    fn every_message_of_the_tables_has_a_line() {
        let lines: usize = ALL.iter().map(|info| messages(info).count()).sum();
        let table = render(&BTreeSet::new());
        assert_eq!(table.lines().filter(|line| line.starts_with("| `0x")).count(), lines);
    }
}
