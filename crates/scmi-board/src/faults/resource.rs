//! What a message is about, by id or by name.

use scmi::platform::{AgentId, Space};
use scmi::protocol::{self, Bits, Field, Shape};
use scmi::wire::{Header, ProtocolId};
use scmi_virtio::device::fault::Moment;

/// The domain, clock, sensor or pin that a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resource {
    /// By its id, as the agent knows it: what stands in the message.
    Id(u32),
    /// By its name on the board, whatever id each agent knows it by.
    Named(Named),
}

/// A resource of a board. Of the Pin control protocol several kinds may have something of one name: then it is all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    name: String,
    /// By kind: the id by which each agent knows it, in the order of the agents; none where it does not see it.
    seen: Vec<(Space, Vec<Option<u32>>)>,
}

impl Named {
    pub(crate) fn new(name: impl Into<String>, seen: Vec<(Space, Vec<Option<u32>>)>) -> Self {
        Self { name: name.into(), seen }
    }

    /// Its name on the board.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind that it is of, and the id by which this agent knows it; nothing where the agent does not see it.
    pub fn ids(&self, agent: AgentId) -> impl Iterator<Item = (Space, u32)> {
        self.seen.iter().filter_map(move |(space, ids)| Some((*space, (*ids.get(agent.index())?)?)))
    }

    /// Whether any agent sees it.
    pub(crate) fn is_seen(&self) -> bool {
        self.seen.iter().any(|(_, ids)| ids.iter().any(Option::is_some))
    }
}

impl Resource {
    /// Whether a message names it.
    pub(super) fn is_of(
        &self,
        agent: AgentId,
        moment: Moment,
        header: Header,
        payload: &[u8],
    ) -> bool {
        let Some((id, space)) = named(moment, header, payload) else { return false };
        match self {
            Self::Id(one) => *one == id,
            Self::Named(one) => one.ids(agent).any(|known| Some(known.0) == space && known.1 == id),
        }
    }
}

/// The kinds of resources that a protocol's messages are about, as its selector numbers them where it has several.
pub(crate) const fn spaces(protocol: ProtocolId) -> &'static [Space] {
    match protocol {
        ProtocolId::POWER => &[Space::PowerDomain],
        ProtocolId::PERF => &[Space::PerfDomain],
        ProtocolId::CLOCK => &[Space::Clock],
        ProtocolId::SENSOR => &[Space::Sensor],
        ProtocolId::RESET => &[Space::ResetDomain],
        ProtocolId::VOLTAGE => &[Space::VoltageDomain],
        ProtocolId::POWERCAP => &[Space::PowerCap],
        ProtocolId::PINCTRL => &[Space::Pin, Space::PinGroup, Space::PinFunction],
        _ => &[],
    }
}

/// The names of fields that are ids of resources.
const NAMES: [&str; 4] = ["domain_id", "clock_id", "sensor_id", "id"];

/// The id that a message names, where the tables of its protocol say that it names one; and of what kind, where that is sure.
fn named(moment: Moment, header: Header, payload: &[u8]) -> Option<(u32, Option<Space>)> {
    let info = protocol::find(header.protocol())?;
    let layout = match moment {
        Moment::Answer => info.command(header.message())?.payload,
        Moment::DelayedResponse => info.command(header.message())?.delayed?,
        Moment::Notification => info.notification(header.message())?.payload,
    };
    // Before the id and the selector there are only words, which are always there.
    let word = |at: usize| payload.get(4 * at..)?.first_chunk().copied().map(u32::from_le_bytes);
    let id = word(layout.iter().position(|field| NAMES.contains(&field.name))?)?;
    let space = match spaces(header.protocol()) {
        [only] => Some(*only),
        several => layout.iter().enumerate().find_map(|(at, field)| {
            let bits = selector(field)?;
            let number = word(at)? >> bits.low & 0x3;
            several.get(usize::try_from(number).ok()?).copied()
        }),
    };
    Some((id, space))
}

/// The bits of a field that say of what kind the id is.
fn selector(field: &Field) -> Option<&'static Bits> {
    let Shape::Bits(bits) = field.shape else { return None };
    bits.iter().find(|bits| bits.name == "selector")
}

#[cfg(test)]
mod tests {
    use super::*;
    use scmi::wire::MessageId;

    fn id(moment: Moment, header: Header, payload: &[u8]) -> Option<u32> {
        named(moment, header, payload).map(|(id, _)| id)
    }

    #[test]
    fn notifications_and_delayed_responses_name_their_resource_too() {
        let header = Header::notification(ProtocolId::SENSOR, MessageId(0));
        let payload = [2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(id(Moment::Notification, header, &payload), Some(7));
        let header = Header::command(ProtocolId::CLOCK, MessageId(5), 0).delayed_response();
        assert_eq!(id(Moment::DelayedResponse, header, &payload), Some(2));
        assert_eq!(id(Moment::DelayedResponse, header, &payload[..3]), None, "cut");
        let version = Header::command(ProtocolId::CLOCK, MessageId(0), 0);
        assert_eq!(id(Moment::Answer, version, &payload), None, "it is about none");
    }

    #[test]
    fn before_an_id_there_are_only_words_that_are_always_there() {
        let mut found = 0;
        for info in protocol::ALL {
            let all = info.commands.iter().chain(info.notifications);
            let layouts = all.flat_map(|message| [Some(message.payload), message.delayed]);
            for layout in layouts.flatten() {
                let before = layout.iter().take_while(|field| !NAMES.contains(&field.name));
                let before: Vec<_> = before.collect();
                if before.len() == layout.len() {
                    continue;
                }
                found += 1;
                for field in before {
                    let word = matches!(
                        field.shape,
                        Shape::Word | Shape::Hex | Shape::Bits(_) | Shape::Signed
                    );
                    assert!(word && matches!(field.when, protocol::When::Always), "{field:?}");
                }
            }
        }
        assert!(found > 60, "{found} messages");
    }

    #[test]
    fn a_name_is_the_id_that_each_agent_knows_it_by() {
        let agents = [0, 1, 2].map(|index| AgentId::from_index(index).unwrap());
        let clock = Named::new("uart", vec![(Space::Clock, vec![Some(7), None, Some(0)])]);
        let clock = Resource::Named(clock);
        // CLOCK_RATE_SET: flags, then the clock.
        let of = |protocol, agent| {
            let header = Header::command(protocol, MessageId(5), 0);
            let payload = [0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
            clock.is_of(agent, Moment::Answer, header, &payload)
        };
        assert_eq!(agents.map(|agent| of(ProtocolId::CLOCK, agent)), [true, false, false]);
        assert!(!agents.map(|agent| of(ProtocolId::PERF, agent)).contains(&true), "no clock");
    }

    #[test]
    fn of_pins_the_selector_says_which_kind() {
        let agent = AgentId::from_index(0).unwrap();
        let group = Named::new("uart0", vec![(Space::PinGroup, vec![Some(3)])]);
        let group = Resource::Named(group);
        let of = |message, words: &[u32]| {
            let header = Header::command(ProtocolId::PINCTRL, MessageId(message), 0);
            let payload: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            group.is_of(agent, Moment::Answer, header, &payload)
        };
        // ATTRIBUTES: id, flags; SETTINGS_GET: id, attributes; SETTINGS_CONFIGURE: id, function, attributes.
        assert_eq!([0, 1, 2, 3].map(|kind| of(3, &[3, kind])), [false, true, false, false]);
        assert_eq!([0, 1, 2].map(|kind| of(5, &[3, kind << 16])), [false, true, false]);
        assert_eq!([0, 1, 2].map(|kind| of(6, &[3, 0, kind])), [false, true, false]);
        assert!(!of(3, &[4, 1]), "another group");
        assert!(!of(3, &[3]), "cut");
        assert!(!of(0xA, &[0, 3, 1]), "who knows");
    }
}
