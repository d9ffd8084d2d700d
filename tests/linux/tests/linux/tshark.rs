//! A judge of our traces that we did not write: Wireshark, with the dissector that is made from our tables.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Board, Guest, Scmid, workspace_root};
use scmi_trace::{Channel, Entry, Frame, Item, Kind, Reader, Tracer};

/// What tshark with the dissector prints of a trace. That no Lua went wrong is a part of it.
fn tshark(trace: &Path, arguments: &[&str]) -> Result<String> {
    let home = tempfile::tempdir()?;
    let script = workspace_root().join("extra/wireshark/scmi.lua");
    let output = Command::new("tshark")
        .env("WIRESHARK_CONFIG_DIR", home.path())
        .env("HOME", home.path())
        .arg("-r")
        .arg(trace)
        .args(["-X", &format!("lua_script:{}", script.display())])
        .args(arguments)
        .output()
        .context("tshark does not run")?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "tshark failed: {errors}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lua = text.lines().chain(errors.lines()).find(|line| line.contains("Lua"));
    ensure!(lua.is_none(), "Lua went wrong: {lua:?}");
    Ok(text)
}

/// Fields of every packet, as tshark prints them: tabs between them.
fn fields<const N: usize>(trace: &Path, names: [&str; N]) -> Result<Vec<[String; N]>> {
    let mut arguments = vec!["-2", "-T", "fields"];
    arguments.extend(names.iter().flat_map(|name| ["-e", *name]));
    let text = tshark(trace, &arguments)?;
    let row = |line: &str| {
        let mut parts = line.split('\t').map(str::to_owned);
        [(); N].map(|()| parts.next().unwrap_or_default())
    };
    Ok(text.lines().map(row).collect())
}

fn number(text: &str) -> Result<u32> {
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => text.parse(),
    };
    parsed.with_context(|| format!("{text:?} is no number"))
}

#[test]
fn tshark_names_every_message_of_a_boot() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let trace = folder.path().join("boot.pcapng");
    let mut scmid = Scmid::start_traced(&Board::demo(), &trace)?;
    let mut guest = Guest::builder().daemon(&scmid).cpus(2).boot()?;
    guest.ok("cat /sys/class/hwmon/hwmon*/*_input /sys/class/thermal/thermal_zone*/temp")?;
    guest.power_off()?;
    drop(guest);
    let counted = scmid.counters("vm1")?;
    ensure!(scmid.stop()?.success(), "the daemon ends well");

    let names = [
        "scmi.trace.kind",
        "scmi.type",
        "scmi.protocol",
        "scmi.message_id",
        "scmi.message",
        "scmi.command_in",
        "scmi.answer_in",
        "_ws.expert.message",
        "scmi.status",
    ];
    let packets = fields(&trace, names)?;
    let (mut commands, mut others) = (BTreeMap::new(), BTreeMap::new());
    for packet in &packets {
        let [kind, subject, protocol, message, name, command, answer, expert, status] = packet;
        if kind == "5" {
            continue;
        }
        ensure!(!name.is_empty() && name != "unknown", "tshark has no name for {packet:?}");
        let refused = !matches!(status.as_str(), "" | "0");
        ensure!(expert.is_empty() || refused, "tshark complains: {packet:?}");
        let id = (number(protocol)?, number(message)?);
        match (kind.as_str(), subject.as_str()) {
            ("0", _) => {
                ensure!(!answer.is_empty(), "not answered: {packet:?}");
                *commands.entry(id).or_insert(0_u64) += 1;
            }
            ("1", _) | ("2", "2") => ensure!(!command.is_empty(), "to nothing: {packet:?}"),
            _ => {}
        }
        *others.entry((kind.as_str(), subject.as_str())).or_insert(0_u64) += 1;
    }
    let count = |what| others.get(&what).copied().unwrap_or_default();
    assert_eq!(count(("0", "0")), counted.get("commands")?);
    assert_eq!(count(("1", "0")), counted.get("answered")?);
    assert_eq!(count(("2", "3")), counted.get("notifications")?);
    assert_eq!(count(("2", "2")), counted.get("delayed")?);
    for (id, seen) in &commands {
        let refused = counted.refusals.iter().filter(|r| (r.protocol, r.message) == *id);
        let refused: u64 = refused.map(|refusal| refusal.count).sum();
        assert_eq!(*seen, counted.answered(id.0, id.1) + refused, "{id:x?}");
    }
    assert!(commands.len() > 40, "a boot asks for more than that: {commands:x?}");
    the_same_names(&trace, &packets.iter().map(|packet| packet[4].as_str()).collect::<Vec<_>>())
}

/// Our own words for each packet have tshark's name in them.
fn the_same_names(trace: &Path, names: &[&str]) -> Result<()> {
    let items: Vec<Item> = Reader::new(File::open(trace)?).collect::<Result<_, _>>()?;
    let packets = items.iter().filter_map(|item| match item {
        Item::Packet(packet) => Some(packet),
        _ => None,
    });
    let mut seen = 0;
    for (packet, name) in packets.zip(names) {
        let direction = scmi::decode::Direction::Command;
        let words = scmi::decode::Words::new(&packet.message, direction).to_string();
        let title = words.lines().next().unwrap_or_default();
        ensure!(packet.kind == Kind::Note || title.contains(name), "{title:?} is not {name:?}");
        seen += 1;
    }
    ensure!(seen == names.len(), "{seen} packets, and tshark has {}", names.len());
    Ok(())
}

/// Bytes that look random and are the same each time (a xorshift generator).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 >> 32).unwrap_or_default()
    }

    fn below(&mut self, end: u32) -> u32 {
        self.next() % end
    }

    fn byte(&mut self) -> u8 {
        let [byte, ..] = self.next().to_le_bytes();
        byte
    }

    /// A message that begins as one of ours may, with anything behind that.
    fn message(&mut self) -> Vec<u8> {
        let protocol = if self.below(20) == 0 { 0x80 } else { 0x10 + self.below(10) };
        let id = if self.below(10) == 0 { self.below(256) } else { self.below(0x18) };
        let kind = [0, 0, 0, 2, 3, 1][self.below(6) as usize];
        let header = id | kind << 8 | protocol << 10 | self.below(4) << 18;
        let status = if self.below(4) == 0 { self.next() } else { 0 };
        let mut message = [header.to_le_bytes(), status.to_le_bytes()].concat();
        for _ in 0..self.below(160) {
            let byte = if self.below(2) == 0 { self.byte() % 4 } else { self.byte() };
            message.push(byte);
        }
        if self.below(8) == 0 {
            message.truncate(self.below(12) as usize);
        }
        message
    }
}

#[test]
fn any_messages_are_dissected_without_an_error_of_the_script() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("random.pcapng");
    let (tracer, mut ports) = Tracer::start(File::create(&path)?, &["vm1", "vm2"], None)?;
    let mut random = Random(0x5C31);
    for round in 0..6000 {
        let message = random.message();
        let kind = Kind::ALL[random.below(6) as usize];
        let p2a = matches!(kind, Kind::Event | Kind::Returned);
        let channel = if p2a { Channel::P2a } else { Channel::A2p };
        let mark = (random.below(9) == 0).then_some("altered");
        let (len, message) = (message.len(), message.as_slice());
        let entry = Entry { kind, channel, room: 128, used: len, message, len, reason: None, mark };
        ports[round % 2].record(&entry);
    }
    ensure!(tracer.finish().dropped() == 0, "the rings have room for these");
    // Some headers of ours are wrong too.
    let items: Vec<Item> = Reader::new(File::open(&path)?).collect::<Result<_, _>>()?;
    let mut bytes = fs::read(&path)?;
    for item in items {
        let Item::Packet(packet) = item else { continue };
        if random.below(20) == 0 {
            let place = usize::try_from(packet.offset)? + 28 + random.below(4) as usize;
            bytes[place] = random.byte();
        }
    }
    fs::write(&path, bytes)?;
    for passes in [&["-V"][..], &["-2", "-V"], &["-2"]] {
        let text = tshark(&path, passes)?;
        ensure!(text.lines().count() >= 6000, "tshark prints all of them");
    }
    ensure!(Frame::HEADER == 12, "the dissector takes so many bytes for ours");
    Ok(())
}
