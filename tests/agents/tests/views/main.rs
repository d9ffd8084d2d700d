//! Three agents with different views of one board, over vhost-user: what each sees, by which ids, and what they share.

mod guests;
mod shared;

use scmi::protocol::ALL;
use scmi::wire::{ProtocolId, Status};

use guests::{Guest, guests};

/// The flags that select pins, groups and functions.
const PIN: u32 = 0;
const GROUP: u32 = 1;
const FUNCTION: u32 = 2;

/// The names of what an agent sees of a protocol, in the order of its ids, which are dense: what comes after the last is
/// NOT_FOUND. `more` stands after the id in the command.
fn names(guest: &mut Guest<'_>, protocol: ProtocolId, more: &[u32]) -> Vec<String> {
    let info = ALL.iter().find(|info| info.id == protocol).expect("a protocol");
    let mut commands = info.commands.iter();
    let name_get = commands.find(|command| command.name.ends_with("NAME_GET")).expect("has names");
    let mut names = Vec::new();
    loop {
        let id = u32::try_from(names.len()).expect("few");
        match guest.ask(protocol, name_get.id.0, &[&[id], more].concat()) {
            Ok(words) => {
                let bytes: Vec<u8> =
                    words[1..].iter().flat_map(|word| word.to_le_bytes()).collect();
                let name = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
                names.push(String::from_utf8(name.to_vec()).expect("text"));
            }
            Err(Status::NOT_FOUND) => return names,
            Err(status) => panic!("{protocol:?} {id}: {status:?}"),
        }
    }
}

/// A protocol, what stands after an id, the names that media and the gateway see, and how many there are on the board.
type Kind = (ProtocolId, &'static [u32], &'static [&'static str], &'static [&'static str], usize);

#[test]
fn each_agent_sees_what_its_lists_name_and_nothing_else() {
    guests(|[media, gateway, operator]| {
        let kinds: [Kind; 8] = [
            (ProtocolId::POWER, &[], &["gpu", "display"], &["net"], 3),
            (ProtocolId::PERF, &[], &["cpu-big", "gpu"], &["cpu-little"], 3),
            (ProtocolId::CLOCK, &[], &["gpu", "pixel", "osc"], &["uart", "osc"], 4),
            (ProtocolId::SENSOR, &[], &["gpu", "board"], &["board"], 2),
            (ProtocolId::RESET, &[], &["gpu"], &["net"], 2),
            (ProtocolId::VOLTAGE, &[], &["vdd-display", "vdd-io"], &["vdd-io"], 2),
            (ProtocolId::PINCTRL, &[PIN], &["lcd0", "lcd1"], &["tx", "rx"], 4),
            (ProtocolId::PINCTRL, &[GROUP], &["lcd"], &["uart"], 2),
        ];
        for (protocol, more, of_media, of_gateway, all) in kinds {
            assert_eq!(names(media, protocol, more), of_media, "{protocol:?}");
            assert_eq!(names(gateway, protocol, more), of_gateway, "{protocol:?}");
            assert_eq!(names(operator, protocol, more).len(), all, "{protocol:?}");
        }
        assert_eq!(names(media, ProtocolId::PINCTRL, &[FUNCTION]), ["lcd"]);
        assert_eq!(names(gateway, ProtocolId::PINCTRL, &[FUNCTION]), ["uart"]);
        // The cap of the GPU is part of one that is hidden.
        assert_eq!(names(media, ProtocolId::POWERCAP, &[]), ["gpu"]);
        assert_eq!(media.ask(ProtocolId::POWERCAP, 3, &[0]).expect("there")[13], u32::MAX);
        assert_eq!(operator.ask(ProtocolId::POWERCAP, 3, &[1]).expect("there")[13], 0);
    });
}

#[test]
fn a_protocol_in_which_an_agent_has_nothing_is_not_there() {
    guests(|[media, gateway, operator]| {
        let all: Vec<u8> = ALL.iter().map(|info| info.id.0).filter(|id| *id != 0x10).collect();
        assert_eq!(media.protocols(), all);
        assert_eq!(operator.protocols(), all);
        let hidden = [ProtocolId::POWERCAP.0, ProtocolId::SYSTEM.0];
        let rest: Vec<u8> = all.into_iter().filter(|id| !hidden.contains(id)).collect();
        assert_eq!(gateway.protocols(), rest);
        for protocol in [ProtocolId::POWERCAP, ProtocolId::SYSTEM] {
            for message in 0..4 {
                let answer = gateway.ask(protocol, message, &[]);
                assert_eq!(answer, Err(Status::NOT_SUPPORTED), "{protocol:?} {message}");
            }
        }
        // A guest listens to the system and does not control it.
        media.ask(ProtocolId::SYSTEM, 5, &[1]).expect("may listen");
        assert_eq!(media.ask(ProtocolId::SYSTEM, 4, &[]), Err(Status::NOT_SUPPORTED));
        operator.ask(ProtocolId::SYSTEM, 4, &[]).expect("controls it");
    });
}
