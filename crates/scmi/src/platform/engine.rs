//! Dispatch: from the bytes of a command to the bytes of its answer.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use super::agents::{AgentId, AgentSet, AgentState, Link, ProtocolAccess, Spoken};
use super::counters::Counters;
use super::device::Device;
use super::pending::Ticket;
use super::server::{Call, Handled, Outbox, Server, exact};
use super::state::{Ledger, Subject, Touched};
use crate::protocol::base::platform::BaseServer;
use crate::protocol::base::wire::ErrorReport;
use crate::protocol::common::{MessageAttributes, NegotiateVersion};
use crate::time::{Time, earliest};
use crate::wire::{
    Header, I32, MessageId, MessageType, ProtocolId, Reader, Status, U32, Version, Writer,
};

/// Header and status.
pub(super) const HEAD: usize = 8;

/// An SCMI platform with its protocols and agents.
#[derive(Debug)]
pub struct Platform {
    pub(super) base: BaseServer,
    /// The other protocols, in ascending order; a server's position is its index here and one more, for Base.
    pub(super) servers: Vec<Box<dyn Server>>,
    pub(super) agents: Vec<AgentState>,
    pub(super) devices: Vec<Device>,
    pub(super) woken: AgentSet,
    /// What was told to a keeper, if there is one.
    pub(super) ledger: Option<Box<Ledger>>,
    pub(super) touched: Touched,
}

/// What [`Platform::handle`] did with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer is in the first so many bytes of the reply buffer.
    Reply(usize),
    /// The answer comes later: keep the buffer until [`Platform::poll_reply`] names this ticket.
    Later(Ticket),
    /// No answer is possible: no header in the request, or no room for header and status. Nothing was done and
    /// nothing written; give the buffer back empty. An agent that wants to hear of errors is told of the latter.
    Dropped,
}

/// What [`Platform::poll_event`] did with a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventOutcome {
    /// A message is in the first so many bytes.
    Wrote(usize),
    /// There is nothing to send; keep the buffer.
    Empty,
    /// A delayed response waits that this buffer cannot even carry the status of. Give it back empty and come
    /// with another one.
    TooSmall,
}

impl Platform {
    /// How many agents there are.
    pub fn agent_count(&self) -> usize {
        self.agents.len()
    }

    /// An agent's name.
    pub fn agent_name(&self, agent: AgentId) -> Option<&str> {
        self.agents.get(agent.index()).map(|state| state.name.as_str())
    }

    /// The agent with this name.
    pub fn agent(&self, name: &str) -> Option<AgentId> {
        AgentId::from_index(self.agents.iter().position(|state| state.name == name)?)
    }

    /// What happened on an agent's channel so far.
    pub fn counters(&self, agent: AgentId) -> Option<&Counters> {
        self.agents.get(agent.index()).map(|state| &state.counters)
    }

    /// An agent's channel comes to life. An older life of it, if there was one, ends first.
    pub fn connect(&mut self, now: Time, agent: AgentId, link: Link) {
        self.disconnect(now, agent);
        if let Some(state) = self.agents.get_mut(agent.index()) {
            state.link = Some(link);
            state.channel = Some(link.name);
            state.counters.lives = state.counters.lives.wrapping_add(1);
        }
        self.take_hold(now, agent);
        self.touched.note_all();
        self.tell_keeper();
    }

    /// An agent's channel ends: its subscriptions, calls that wait, notifications and negotiated versions go.
    /// Harmless when there was none.
    pub fn disconnect(&mut self, now: Time, agent: AgentId) {
        self.give_back(now, agent);
        if let Some(state) = self.agents.get_mut(agent.index()) {
            state.link = None;
            state.channel = None;
            state.away = None;
            state.forget();
        }
        self.woken.remove(agent);
        self.touched.note_all();
        self.tell_keeper();
    }

    /// Answers a command. `reply` is as long as the room that the agent offered: the answer is sized by it.
    ///
    /// Call [`Self::poll_woken`] and [`Self::next_deadline`] after a burst of commands.
    pub fn handle(
        &mut self,
        now: Time,
        agent: AgentId,
        request: &[u8],
        reply: &mut [u8],
    ) -> Outcome {
        let Some(state) = self.agents.get_mut(agent.index()) else { return Outcome::Dropped };
        let counters = &mut state.counters;
        let (Some(header), Some((_, params))) =
            (Header::parse(request), request.split_at_checked(Header::BYTES))
        else {
            counters.headless = counters.headless.wrapping_add(1);
            return Outcome::Dropped;
        };
        counters.commands = counters.commands.wrapping_add(1);
        let Some((head, values)) = reply.split_at_mut_checked(HEAD) else {
            counters.no_room = counters.no_room.wrapping_add(1);
            let (header, status) = (U32::new(header.word()), I32::new(Status::COMMS_ERROR.0));
            self.report_errors(agent, false, &[ErrorReport { header, status }]);
            return Outcome::Dropped;
        };
        let mut writer = Writer::new(values);
        let result = self.dispatch(now, agent, header, Reader::new(params), &mut writer);
        self.tell_keeper();
        let values = writer.len();
        let (status, values) = match result {
            Ok(Answer::Now) => (Status::SUCCESS, values),
            Ok(Answer::Later(ticket)) => return Outcome::Later(ticket),
            Err(status) => (status, 0),
        };
        write_head(head, header, status);
        self.count_answer(agent, header, status);
        Outcome::Reply(HEAD.saturating_add(values))
    }

    /// The call whose late answer is ready for longest. Ask after [`Self::poll`] until there is none.
    pub fn poll_reply(&self, agent: AgentId) -> Option<Ticket> {
        self.agents.get(agent.index())?.pending.ready_reply()
    }

    /// Writes a late answer into the room that its command came with and returns its length; 0 for a ticket that
    /// is not ready.
    pub fn take_reply(&mut self, agent: AgentId, ticket: Ticket, reply: &mut [u8]) -> usize {
        let Some(state) = self.agents.get_mut(agent.index()) else { return 0 };
        let Some((header, answer)) = state.pending.take_reply(ticket) else { return 0 };
        let written = deliver(header, answer, reply);
        let status = sent_status(reply);
        let counters = &mut state.counters;
        counters.late = counters.late.wrapping_add(1);
        self.count_answer(agent, header, status);
        written
    }

    /// Whether a notification or a delayed response waits for a buffer.
    pub fn has_event(&self, agent: AgentId) -> bool {
        let waits = |state: &AgentState| state.pending.has_delayed() || !state.notices.is_empty();
        self.agents.get(agent.index()).is_some_and(waits)
    }

    /// Whether a delayed response waits for a buffer. A transport that takes answers and events different ways may want to
    /// hold it until the agent has seen its command's answer.
    pub fn has_delayed_response(&self, agent: AgentId) -> bool {
        self.agents.get(agent.index()).is_some_and(|state| state.pending.has_delayed())
    }

    /// Fills a buffer with what waits: delayed responses first, none of which is ever lost, then notifications,
    /// which are omitted when they do not fit. Call it until it says [`EventOutcome::Empty`].
    pub fn poll_event(&mut self, agent: AgentId, buffer: &mut [u8]) -> EventOutcome {
        let Some(state) = self.agents.get_mut(agent.index()) else { return EventOutcome::Empty };
        let counters = &mut state.counters;
        if let Some((header, answer)) = state.pending.front_delayed() {
            let header = header.delayed_response();
            let len = deliver(header, answer, buffer);
            if len == 0 {
                return EventOutcome::TooSmall;
            }
            state.pending.pop_delayed();
            counters.delayed_response(header, sent_status(buffer));
            return EventOutcome::Wrote(len);
        }
        while let Some(notice) = state.notices.front() {
            let len = notice.len();
            let header = Header::parse(notice);
            let fits = buffer.get_mut(..len).map(|to| to.copy_from_slice(notice)).is_some();
            state.notices.pop();
            if let Some(header) = header.filter(|_| fits) {
                counters.notification(header);
                return EventOutcome::Wrote(len);
            }
            counters.omitted = counters.omitted.wrapping_add(1);
        }
        EventOutcome::Empty
    }

    /// The next agent for which something became ready (a notification, a late or delayed answer) since it was
    /// last named here. Ask until there is none, and have that agent's transport look.
    pub fn poll_woken(&mut self) -> Option<AgentId> {
        self.woken.pop()
    }

    /// Does what is due: samples sensors, ends calls that were put off. Call it when
    /// [`Self::next_deadline`] has come; earlier is harmless.
    pub fn poll(&mut self, now: Time) {
        for (position, server) in (1..).zip(&mut self.servers) {
            let mut outbox = Outbox {
                info: server.info(),
                server: position,
                agents: &mut self.agents,
                woken: &mut self.woken,
                touched: &self.touched,
            };
            server.poll(now, &mut outbox);
        }
        for index in 0..self.agents.len() {
            if let Some(agent) = AgentId::from_index(index) {
                self.finish_due(now, agent);
            }
        }
        self.end_graces(now);
        self.tell_keeper();
    }

    /// When [`Self::poll`] is wanted next.
    pub fn next_deadline(&self) -> Option<Time> {
        let servers = self.servers.iter().map(|server| server.next_deadline());
        let calls = self.agents.iter().map(|state| earliest(state.pending.next_due(), state.away));
        servers.chain(calls).fold(None, earliest)
    }

    /// Tells an agent that commands of its went wrong in a way that their answers could not say (BASE_ERROR_EVENT), if
    /// it asked for that. Only the first 15 reports fit into an event. The platform does so itself for commands that came
    /// without room for an answer.
    pub fn report_errors(&mut self, agent: AgentId, fatal: bool, reports: &[ErrorReport]) {
        let mut outbox = Outbox {
            info: self.base.info(),
            server: 0,
            agents: &mut self.agents,
            woken: &mut self.woken,
            touched: &self.touched,
        };
        self.base.report_errors(&mut outbox, agent, fatal, reports);
    }

    fn count_answer(&mut self, agent: AgentId, header: Header, status: Status) {
        if let Some(state) = self.agents.get_mut(agent.index()) {
            state.counters.answer(header, status);
            if status == Status::COMMS_ERROR {
                state.counters.too_large = state.counters.too_large.wrapping_add(1);
            }
        }
    }

    /// The order of errors is that of section 2.1.
    fn dispatch(
        &mut self,
        now: Time,
        agent: AgentId,
        header: Header,
        params: Reader<'_>,
        reply: &mut Writer<'_>,
    ) -> Result<Answer, Status> {
        if header.kind() != MessageType::COMMAND {
            return Err(Status::PROTOCOL_ERROR);
        }
        let index = self.find(header.protocol()).ok_or(Status::NOT_SUPPORTED)?;
        let server: &mut dyn Server = match index.checked_sub(1) {
            None => &mut self.base,
            Some(index) => self.servers.get_mut(index).ok_or(Status::NOT_SUPPORTED)?.as_mut(),
        };
        let state = self.agents.get_mut(agent.index()).ok_or(Status::NOT_SUPPORTED)?;
        let spoken = state.spoken.get_mut(index).ok_or(Status::NOT_SUPPORTED)?;
        match spoken.access {
            ProtocolAccess::Open => {}
            ProtocolAccess::Hidden => return Err(Status::NOT_SUPPORTED),
            ProtocolAccess::Taken => return Err(Status::DENIED),
        }
        let p2a = state.link.is_some_and(|link| link.p2a);
        if index == 0 || header.message() == MessageId::NEGOTIATE_PROTOCOL_VERSION {
            self.touched.note(Subject::Agent(agent));
        }
        match header.message() {
            MessageId::PROTOCOL_VERSION => return protocol_version(params, *spoken, reply),
            MessageId::PROTOCOL_MESSAGE_ATTRIBUTES => {
                return message_attributes(server, params, *spoken, p2a, reply);
            }
            MessageId::NEGOTIATE_PROTOCOL_VERSION => {
                let before = spoken.effective;
                let answer = negotiate(server, params, spoken)?;
                if spoken.effective != before {
                    // What waits was written in the version that was spoken before.
                    state.notices.retain(&|waits, _| waits.protocol() != header.protocol());
                }
                return Ok(answer);
            }
            _ => {}
        }
        let info = implemented(server, header.message(), *spoken).ok_or(Status::NOT_FOUND)?;
        if info.needs_p2a && !p2a {
            return Err(Status::NOT_SUPPORTED);
        }
        let version = spoken.effective;
        let owed = state.pending.owed(index);
        let can_wait = !state.pending.is_full();
        let outbox = Outbox {
            info: server.info(),
            server: index,
            agents: &mut self.agents,
            woken: &mut self.woken,
            touched: &self.touched,
        };
        let mut call = Call { now, agent, version, p2a, owed, can_wait, outbox };
        let handled = server.handle(&mut call, header.message(), params, reply)?;
        self.conclude(now, agent, index, header, handled)
    }

    /// Turns what a server did into an answer.
    fn conclude(
        &mut self,
        now: Time,
        agent: AgentId,
        server: usize,
        header: Header,
        handled: Handled,
    ) -> Result<Answer, Status> {
        let (after, work, delayed) = match handled {
            Handled::Now => return Ok(Answer::Now),
            Handled::Reset(agent, permissions) => {
                self.reset_configuration(now, agent, permissions);
                return Ok(Answer::Now);
            }
            Handled::Permit(permit) => {
                self.permit(now, permit);
                return Ok(Answer::Now);
            }
            Handled::Late(after, work) => (after, work, false),
            Handled::Delayed(after, work) => (after, work, true),
        };
        let state = self.agents.get_mut(agent.index()).ok_or(Status::BUSY)?;
        let apart = state.link.filter(|_| delayed).map_or(Duration::ZERO, |link| link.apart);
        let due = now.after(after.max(apart));
        let ticket = state.pending.add(server, header, delayed, due, work);
        let ticket = ticket.ok_or(Status::BUSY)?;
        Ok(if delayed { Answer::Now } else { Answer::Later(ticket) })
    }

    fn find(&self, protocol: ProtocolId) -> Option<usize> {
        if protocol == ProtocolId::BASE {
            return Some(0);
        }
        let position = self.servers.iter().position(|server| server.info().id == protocol)?;
        position.checked_add(1)
    }

    /// Ends the calls of an agent that are due.
    fn finish_due(&mut self, now: Time, agent: AgentId) {
        let Some(state) = self.agents.get_mut(agent.index()) else { return };
        if state.pending.next_due().is_none_or(|due| due > now) {
            return;
        }
        let p2a = state.link.is_some_and(|link| link.p2a);
        let versions: fn(&AgentState, usize) -> Version =
            |state, index| state.spoken.get(index).map_or(Version(0), |spoken| spoken.effective);
        // A server may notify any agent while it finishes, so the calls step aside for the moment.
        let mut pending = core::mem::take(&mut state.pending);
        let any = pending.finish_due(now, &mut |due| {
            let server: &mut dyn Server = match due.server.checked_sub(1) {
                None => &mut self.base,
                Some(index) => match self.servers.get_mut(index) {
                    Some(server) => server.as_mut(),
                    None => return 0,
                },
            };
            let version =
                self.agents.get(agent.index()).map_or(Version(0), |s| versions(s, due.server));
            let outbox = Outbox {
                info: server.info(),
                server: due.server,
                agents: &mut self.agents,
                woken: &mut self.woken,
                touched: &self.touched,
            };
            let mut call = Call { now, agent, version, p2a, owed: 0, can_wait: false, outbox };
            let Some((head, values)) = due.bytes.split_at_mut_checked(HEAD) else { return 0 };
            let mut writer = Writer::new(values);
            let (status, values) = match server.finish(&mut call, due.work, &mut writer) {
                Ok(()) => (Status::SUCCESS, writer.len()),
                Err(status) => (status, 0),
            };
            write_head(head, due.header, status);
            HEAD.saturating_add(values)
        });
        if let Some(state) = self.agents.get_mut(agent.index()) {
            state.pending = pending;
        }
        if any {
            self.woken.insert(agent);
        }
    }
}

/// What becomes of a command that was not refused.
enum Answer {
    Now,
    Later(Ticket),
}

fn write_head(head: &mut [u8], header: Header, status: Status) {
    let mut writer = Writer::new(head);
    // `head` has room for both: it was split off so.
    let _fits = writer.put(&header.to_bytes()).and_then(|()| writer.put(&I32::new(status.0)));
}

/// Copies a finished answer, or its refusal where it does not fit; 0 where not even that does.
fn deliver(header: Header, answer: &[u8], to: &mut [u8]) -> usize {
    if let Some(room) = to.get_mut(..answer.len()) {
        room.copy_from_slice(answer);
        return answer.len();
    }
    refuse(header, Status::COMMS_ERROR, to)
}

/// Writes an answer that is a status alone; 0 where there is no room for it.
pub(super) fn refuse(header: Header, status: Status, to: &mut [u8]) -> usize {
    let Some(head) = to.get_mut(..HEAD) else { return 0 };
    write_head(head, header, status);
    HEAD
}

fn sent_status(message: &[u8]) -> Status {
    let status = message.get(Header::BYTES..HEAD).and_then(|bytes| bytes.first_chunk::<4>());
    Status(status.map_or(0, |bytes| i32::from_le_bytes(*bytes)))
}

fn implemented(
    server: &dyn Server,
    message: MessageId,
    spoken: Spoken,
) -> Option<&'static crate::protocol::MessageInfo> {
    let info = server.info().commands.iter().find(|info| info.id == message)?;
    (info.since <= spoken.effective && server.implements(message)).then_some(info)
}

fn protocol_version(
    params: Reader<'_>,
    spoken: Spoken,
    reply: &mut Writer<'_>,
) -> Result<Answer, Status> {
    exact::<[u8; 0]>(params)?;
    reply.put(&U32::new(spoken.effective.0))?;
    Ok(Answer::Now)
}

fn message_attributes(
    server: &dyn Server,
    params: Reader<'_>,
    spoken: Spoken,
    p2a: bool,
    reply: &mut Writer<'_>,
) -> Result<Answer, Status> {
    let message = exact::<MessageAttributes>(params)?.message.get();
    let message = MessageId(u8::try_from(message).map_err(|_| Status::NOT_FOUND)?);
    let there = match message {
        MessageId::PROTOCOL_VERSION | MessageId::PROTOCOL_MESSAGE_ATTRIBUTES => true,
        MessageId::NEGOTIATE_PROTOCOL_VERSION => negotiable(server, spoken),
        _ => implemented(server, message, spoken).is_some_and(|info| p2a || !info.needs_p2a),
    };
    if !there {
        return Err(Status::NOT_FOUND);
    }
    reply.put(&U32::new(server.message_attributes(message)))?;
    Ok(Answer::Now)
}

/// The message came with release 3.2; a platform that reports an older version does not have it.
fn negotiable(server: &dyn Server, spoken: Spoken) -> bool {
    spoken.reported >= server.info().negotiable_from
}

fn negotiate(
    server: &dyn Server,
    params: Reader<'_>,
    spoken: &mut Spoken,
) -> Result<Answer, Status> {
    if !negotiable(server, *spoken) {
        return Err(Status::NOT_FOUND);
    }
    let version = Version(exact::<NegotiateVersion>(params)?.version.get());
    if version > spoken.reported || !server.info().versions.contains(&version) {
        return Err(Status::NOT_SUPPORTED);
    }
    spoken.effective = version;
    Ok(Answer::Now)
}
