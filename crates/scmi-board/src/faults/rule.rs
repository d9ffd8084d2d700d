//! One rule.

use core::time::Duration;

use crate::board::Board;
use crate::check;
use crate::error::BoardError;
use scmi::platform::AgentId;
use scmi::wire::{MessageId, ProtocolId};
use scmi_virtio::device::fault::{Acts, Moment, Subject};

use super::resource::Resource;

/// Which messages something is done to, how often, and what.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FaultRule {
    /// What reports call it; unique among the rules that stand.
    pub name: String,
    /// Whose messages; everybody's where none is said.
    pub agent: Option<AgentId>,
    /// Answers, delayed responses or notifications.
    pub moment: Moment,
    /// Of which protocol.
    pub protocol: Option<ProtocolId>,
    /// Which message of the protocol. Commands and notifications have ids of their own.
    pub message: Option<MessageId>,
    /// The domain, clock, sensor or pin that the message is about.
    pub resource: Option<Resource>,
    /// So many messages that match pass before the first one that something is done to.
    pub after: u64,
    /// Nothing is done before this time of the platform.
    pub from: Duration,
    /// Each of so many; 1 is every one.
    pub every: u32,
    /// How likely it is, in billionths, after all that is said above; [`FaultRule::CERTAIN`] is always.
    pub chance: u32,
    /// Of the chance. The same seed chooses the same messages again. 0 where there is no chance in it.
    pub seed: u64,
    /// How often at most.
    pub count: Option<u64>,
    /// What is done.
    pub acts: Acts,
}

impl FaultRule {
    /// A chance that is none, in billionths.
    pub const CERTAIN: u32 = 1_000_000_000;

    /// A rule that does this to every answer.
    #[must_use]
    pub fn new(name: impl Into<String>, acts: Acts) -> Self {
        Self {
            name: name.into(),
            agent: None,
            moment: Moment::Answer,
            protocol: None,
            message: None,
            resource: None,
            after: 0,
            from: Duration::ZERO,
            every: 1,
            chance: Self::CERTAIN,
            seed: 0,
            count: None,
            acts,
        }
    }

    /// Rules out of a text that has tables `[[fault]]` and nothing else, as a board file has them, for the platform of `board`.
    /// Messages call the text `origin`.
    ///
    /// # Errors
    /// The text is something else: a report of everything that is wrong with it.
    pub fn parse(text: &str, origin: &str, board: &Board) -> Result<Vec<Self>, BoardError> {
        check::faults(text, origin, board)
    }

    /// Whether a message is one that the rule is about.
    pub(crate) fn is_about(&self, subject: &Subject<'_>) -> bool {
        let Subject { agent, moment, header, payload, .. } = *subject;
        self.moment == moment
            && self.agent.is_none_or(|one| one == agent)
            && self.protocol.is_none_or(|one| one == header.protocol())
            && self.message.is_none_or(|one| one == header.message())
            && self.resource.as_ref().is_none_or(|one| one.is_of(agent, moment, header, payload))
    }

    /// Whether something is done to the message that is the `nth` of those that match, the first being 0.
    pub(crate) fn chooses(&self, nth: u64) -> bool {
        let Some(beyond) = nth.checked_sub(self.after) else { return false };
        (beyond + 1).is_multiple_of(self.every.max(1).into()) && draw(self.seed, nth) < self.chance
    }
}

/// A number below a billion that belongs to one message of one seed (splitmix64).
fn draw(seed: u64, nth: u64) -> u32 {
    let mut mixed = seed.wrapping_add(nth.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^= mixed >> 31;
    u32::try_from(mixed % u64::from(FaultRule::CERTAIN)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use scmi::Time;
    use scmi::wire::Header;

    fn subject(moment: Moment, header: Header, payload: &[u8]) -> Subject<'_> {
        let agent = AgentId::from_index(0).unwrap();
        Subject { now: Time::ZERO, agent, moment, header, payload }
    }

    #[test]
    fn each_condition_must_hold() {
        // CLOCK_RATE_SET: flags, then the clock.
        let header = Header::command(ProtocolId::CLOCK, MessageId(5), 9);
        let payload = [0, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        let about = |change: fn(&mut FaultRule)| {
            let mut rule = FaultRule::new("r", Acts::default());
            change(&mut rule);
            rule.is_about(&subject(Moment::Answer, header, &payload))
        };
        assert!(about(|_| ()));
        assert!(about(|rule| rule.agent = AgentId::from_index(0)));
        assert!(!about(|rule| rule.agent = AgentId::from_index(1)));
        assert!(!about(|rule| rule.moment = Moment::DelayedResponse));
        assert!(about(|rule| rule.protocol = Some(ProtocolId::CLOCK)));
        assert!(!about(|rule| rule.protocol = Some(ProtocolId::PERF)));
        assert!(about(|rule| rule.message = Some(MessageId(5))));
        assert!(!about(|rule| rule.message = Some(MessageId(6))));
        assert!(about(|rule| rule.resource = Some(Resource::Id(3))));
        assert!(!about(|rule| rule.resource = Some(Resource::Id(0))));
    }

    #[test]
    fn after_every_and_chance_choose() {
        let chosen = |change: fn(&mut FaultRule)| {
            let mut rule = FaultRule::new("r", Acts::default());
            change(&mut rule);
            (0..1000).filter(|nth| rule.chooses(*nth)).collect::<Vec<u64>>()
        };
        assert_eq!(chosen(|_| ()).len(), 1000);
        assert_eq!(chosen(|rule| (rule.after, rule.every) = (5, 300)), [304, 604, 904]);
        assert!(chosen(|rule| rule.chance = 0).is_empty());
        let half = |seed| {
            let mut rule = FaultRule::new("r", Acts::default());
            (rule.chance, rule.seed) = (FaultRule::CERTAIN / 2, seed);
            (0..1000).filter(|nth| rule.chooses(*nth)).collect::<Vec<u64>>()
        };
        assert!((400..600).contains(&half(1).len()), "{}", half(1).len());
        assert_eq!(half(1), half(1), "the same again");
        assert_ne!(half(1), half(2));
    }
}
