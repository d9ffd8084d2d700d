//! One agent's device: what outlives a VMM's connection, what belongs to it, and the work on the rings.

use core::cell::Cell;
use core::fmt;
use core::time::Duration;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Instant;

use scmi::Time;
use scmi::platform::{AgentId, Link, Platform, Ticket};
use scmi_virtio::device::fault::{Lying, Name, Sabotage, Sabotaged};
use scmi_virtio::device::{Device as Rules, PlatformAgent, Rest};
use scmi_virtio::ids::P2A_CHANNELS;

use super::chain::Chain;
use super::hub::Hub;
use super::life::Life;
use super::memory::Memory;
use super::order::Order;
use super::ring::{MAX_ENTRIES, Ring};
use super::tap::{Closed, Eyes, Watch};

/// Chains of each ring that are looked at before the thread looks for anything else, and before other agents
/// get their turn on the platform.
const BUDGET: usize = 64;

/// An immediate answer and its delayed response lie in different rings, with an interrupt each. A guest that is slow to
/// look may take the second first; Linux then warns, and counts the first one as invalid when it comes to it. This is all that
/// helps a guest that does not say how far it has come; for others there is [`Order`].
const DELAYED_APART: Duration = Duration::from_millis(5);

pub(super) const COMMANDS: usize = 0;
pub(super) const EVENTS: usize = 1;

/// An agent's device.
pub(super) struct Device<'a> {
    pub(super) hub: &'a Hub,
    pub(super) agent: AgentId,
    /// The poll set of the agent's thread, for kicks.
    pub(super) epoll: Arc<OwnedFd>,
    pub(super) rules: Rules<Name<Ticket>, Chain>,
    pub(super) sabotage: Sabotage<Ticket>,
    pub(super) guest: Guest,
    /// Who listens.
    watch: Option<Watch>,
}

/// What belongs to one connection of a VMM.
pub(super) struct Guest {
    pub(super) features: u64,
    pub(super) memory: Memory,
    pub(super) rings: [Ring; 2],
    pub(super) life: Life,
    order: Order,
}

/// What a turn of work leaves to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Turn {
    /// There is more to do now.
    pub(super) again: bool,
    /// When to come back without being woken.
    pub(super) timer: Option<Time>,
    /// A delayed response waits for the guest, which does not tell when it has looked.
    pub(super) waits_for_guest: bool,
}

impl Guest {
    fn new() -> Self {
        Self {
            features: 0,
            memory: Memory::default(),
            rings: [Ring::new(), Ring::new()],
            life: Life::None,
            order: Order::default(),
        }
    }
}

impl<'a> Device<'a> {
    pub(super) fn new(
        hub: &'a Hub,
        agent: AgentId,
        epoll: Arc<OwnedFd>,
        watch: Option<Watch>,
    ) -> Self {
        let rules = Rules::new(MAX_ENTRIES.into());
        let sabotage = Sabotage::default();
        Self { hub, agent, epoll, rules, sabotage, guest: Guest::new(), watch }
    }

    /// Works the rings: answers what came in and sends what is ready. Also lets the platform do what is due,
    /// with or without a guest.
    pub(super) fn work(&mut self) -> Turn {
        let Self { hub, agent, rules, sabotage, guest, watch, .. } = self;
        // The one branch that listening costs those whom nobody listens to.
        match watch {
            None => Self::turn((hub, *agent), rules, sabotage, guest, &Closed),
            Some(watch) => Self::turn((hub, *agent), rules, sabotage, guest, watch),
        }
    }

    fn turn(
        (hub, agent): (&Hub, AgentId),
        rules: &mut Rules<Name<Ticket>, Chain>,
        sabotage: &mut Sabotage<Ticket>,
        guest: &mut Guest,
        eyes: &impl Eyes,
    ) -> Turn {
        let Guest { memory, rings: [commands, events], order, .. } = guest;
        if !commands.is_active() {
            let timer = hub.visit(agent, |_, _| ()).timer;
            return Turn { timer, ..Turn::default() };
        }
        commands.hush(memory);
        let saboteur = hub.saboteur();
        let visit = hub.visit_and_report(agent, |now, platform, reported| {
            let platform = PlatformAgent::new(platform, agent);
            let verdict = Cell::default();
            let responder = &mut Sabotaged::new(platform, sabotage, saboteur, agent, now, &verdict);
            let queue = eyes.on(COMMANDS, commands.view(memory));
            let late = rules.replies(responder, &mut Lying::new(queue, &verdict), BUDGET);
            let queue = eyes.on(COMMANDS, commands.view(memory));
            let answers = rules.commands(now, responder, &mut Lying::new(queue, &verdict), BUDGET);
            let delayed =
                responder.inner().has_delayed_response() || responder.has_due_delayed_response();
            let (written, taken) = (commands.written(), commands.taken(memory));
            let held = delayed && !order.allows(Instant::now(), written, taken);
            let sent = (events.is_active() && !held).then(|| {
                let queue = eyes.on(EVENTS, events.view(memory));
                rules.events(responder, &mut Lying::new(queue, &verdict), BUDGET)
            });
            *reported = *rules.counters();
            let own = (responder.has_due_reply(), responder.next_deadline());
            (late, answers, sent, held, own)
        });
        let (late, answers, sent, held, (due, own_timer)) = visit.value;
        for lost in sabotage.lost() {
            eyes.note(format_args!("{lost}"));
        }
        if late.completed + answers.completed > 0 {
            commands.notify(memory);
        }
        let mut again = late.rest == Rest::More || due;
        again |= more_commands(commands, memory, answers.rest);
        if let Some(sent) = sent {
            if sent.completed > 0 {
                events.notify(memory);
            }
            again |= more_events(events, memory, sent.rest);
        }
        let timer = [visit.timer, own_timer].into_iter().flatten().min();
        Turn { again, timer, waits_for_guest: held && events.is_active() }
    }

    /// Starts a ring if all is there that it needs; with the command queue a life of the driver may begin.
    pub(super) fn start(&mut self, index: usize) {
        let Guest { features, memory, rings, life, .. } = &mut self.guest;
        let Some(ring) = rings.get_mut(index) else { return };
        if ring.is_running() {
            return;
        }
        ring.start(memory);
        if index != COMMANDS || !ring.is_running() || !life.start(*features, ring.mark()) {
            return;
        }
        let mark = ring.mark();
        let link = Link::new(*features & P2A_CHANNELS != 0).apart(DELAYED_APART);
        let link = link.named(mark.name(*features));
        self.forget();
        let agent = self.agent;
        // A ring that stands in the middle has a driver which does not know that this process is a new one.
        let visit = self.hub.visit(agent, |now, platform| {
            let goes_on = !mark.is_fresh() && platform.resume(agent, link);
            if !goes_on {
                platform.connect(now, agent, link);
            }
            goes_on
        });
        let what = if visit.value { "goes on" } else { "has started" };
        self.happened(format_args!("the guest's driver {what}, p2a = {}", link.p2a));
        tracing::debug!(agent = agent.number(), p2a = link.p2a, "the guest's driver {what}");
    }

    /// Stops a ring without touching it.
    pub(super) fn halt(&mut self, index: usize) {
        let Guest { rings, life, .. } = &mut self.guest;
        let mark = rings.get_mut(index).and_then(Ring::stop);
        if let Some(mark) = mark.filter(|_| index == COMMANDS) {
            life.pause(mark);
        }
    }

    /// Stops a ring because the VMM asks for it: what was deferred is answered now, as the driver may live on
    /// and would wait for ever.
    pub(super) fn finish(&mut self, index: usize) {
        let Self { guest: Guest { memory, rings, .. }, rules, watch, .. } = self;
        if let Some(ring) =
            rings.get_mut(index).filter(|ring| index == COMMANDS && ring.is_running())
        {
            let view = ring.view(memory);
            let completed = match watch {
                None => rules.stop_commands(&mut Closed.on(index, view)),
                Some(watch) => rules.stop_commands(&mut watch.on(index, view)),
            };
            self.sabotage.commands_stopped(self.agent, self.hub.saboteur());
            if completed > 0 {
                ring.notify(memory);
            }
        }
        self.halt(index);
    }

    /// Puts another memory in the place of the guest's. Rings that lie elsewhere in it, or no longer whole,
    /// stop; the others run on.
    pub(super) fn exchange_memory(&mut self, memory: Memory) {
        tracing::debug!(agent = self.agent.number(), bytes = memory.bytes(), "guest memory set");
        self.guest.memory = memory;
        for index in [COMMANDS, EVENTS] {
            let Guest { memory, rings, .. } = &mut self.guest;
            let Some(ring) = rings.get_mut(index).filter(|ring| ring.is_running()) else {
                continue;
            };
            if !ring.still_lies_in(memory) {
                self.halt(index);
            }
        }
        for index in [COMMANDS, EVENTS] {
            self.start(index);
        }
    }

    /// Ends the life of the driver: nothing of it is touched any more.
    pub(super) fn end_life(&mut self) {
        self.leave(Platform::disconnect);
    }

    /// Ends as the platform does: the driver may live on, and come to another process.
    pub(super) fn part(&mut self) {
        self.leave(Platform::part);
        self.guest = Guest::new();
    }

    fn leave(&mut self, how: fn(&mut Platform, Time, AgentId)) {
        self.forget();
        self.guest.rings.iter_mut().for_each(Ring::reset);
        self.guest.order = Order::default();
        if self.guest.life != Life::None {
            self.guest.life = Life::None;
            let agent = self.agent;
            self.hub.visit(agent, |now, platform| how(platform, now, agent));
            self.happened(format_args!("the guest's driver has ended"));
        }
    }

    /// Forgets what waits for a driver that does not live any more.
    fn forget(&mut self) {
        self.rules.forget();
        self.sabotage.forget(self.agent, self.hub.saboteur());
    }

    /// Tells those who listen.
    fn happened(&self, what: fmt::Arguments<'_>) {
        if let Some(watch) = &self.watch {
            watch.happened(what);
        }
    }

    /// The VMM has gone: its memory is given back.
    pub(super) fn disconnected(&mut self) {
        self.end_life();
        self.guest = Guest::new();
    }
}

/// Whether the command queue has to be looked at again now.
fn more_commands(ring: &mut Ring, memory: &Memory, rest: Rest) -> bool {
    match rest {
        Rest::More => true,
        Rest::Done | Rest::NoBuffers => ring.listen(memory),
        Rest::Parked => false,
        Rest::Unusable => {
            ring.tell_error();
            ring.listen(memory);
            false
        }
    }
}

/// Whether the event queue has to be looked at again now. Its kicks matter only while events wait.
fn more_events(ring: &mut Ring, memory: &Memory, rest: Rest) -> bool {
    match rest {
        Rest::More => true,
        Rest::NoBuffers => ring.listen(memory),
        Rest::Done | Rest::Parked => {
            ring.hush(memory);
            false
        }
        Rest::Unusable => {
            ring.tell_error();
            ring.listen(memory);
            false
        }
    }
}
