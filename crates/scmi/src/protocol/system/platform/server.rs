//! Answers the System power protocol's messages from a model.

use alloc::boxed::Box;
use core::time::Duration;

use super::super::wire::{Notifier, NotifierV2, StateNotify, StateSet, SystemState};
use super::super::{INFO, V2};
use super::model::{Request, SystemModel};
use crate::platform::{
    AgentId, AgentSet, Call, Handled, Outbox, Rights, Server, Space, StateEntry, Statement,
    Withdrawal, exact,
};
use crate::protocol::ProtocolInfo;
use crate::protocol::serving::{NO_SUCH_VALUE, enable};
use crate::time::Time;
use crate::wire::{MessageId, Reader, Status, U32, Writer};

const STATE_SET: MessageId = MessageId(3);
const STATE_NOTIFY: MessageId = MessageId(5);
const NOTIFIER: MessageId = MessageId(0);

/// Orders taken from the model in one poll: an operator in a loop must not keep the platform for ever.
const MAX_ORDERS: usize = 64;

/// The System power protocol over a model.
#[derive(Debug)]
pub struct SystemServer {
    pub(super) model: Box<dyn SystemModel>,
    pub(super) listening: AgentSet,
}

/// What those who listen are told.
struct News {
    cause: u32,
    state: SystemState,
    graceful: bool,
    timeout: Duration,
}

impl SystemServer {
    /// A server over a model.
    pub fn new(model: Box<dyn SystemModel>) -> Self {
        Self { model, listening: AgentSet::default() }
    }

    fn state_set(&mut self, call: &mut Call<'_>, request: StateSet) -> Result<(), Status> {
        let flags = request.flags.get();
        if flags & !StateSet::GRACEFUL != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        self.controls(call)?;
        let state = SystemState(request.state.get());
        if !self.model.system().has(state) {
            return Err(Status::INVALID_PARAMETERS);
        }
        let graceful = flags & StateSet::GRACEFUL != 0 && state != SystemState::POWER_UP;
        self.model.request(call.now, Request { agent: call.agent, state, graceful })?;
        call.outbox.changed(Space::System, 0);
        let timeout = self.model.system().shutdown_timeout;
        let news = News { cause: call.agent.number(), state, graceful, timeout };
        for agent in self.listening.iter() {
            if self.model.concerns(call.agent, agent) {
                news.tell(agent, &mut call.outbox);
            }
        }
        Ok(())
    }

    /// Whether the caller controls the system.
    ///
    /// # Errors
    /// [`Status::NOT_SUPPORTED`].
    fn controls(&self, call: &Call<'_>) -> Result<(), Status> {
        let may = call.rights(Space::System, 0).has(Rights::STATE);
        if may && self.model.controls(call.agent) { Ok(()) } else { Err(Status::NOT_SUPPORTED) }
    }

    fn state_get(&self, call: &Call<'_>) -> Result<U32, Status> {
        self.controls(call)?;
        Ok(U32::new(self.model.state(call.agent).0))
    }
}

impl News {
    /// The payload has the words of the version that the listener speaks.
    fn tell(&self, to: AgentId, outbox: &mut Outbox<'_>) {
        let Self { cause, state, graceful, timeout } = *self;
        let waits = graceful && state == SystemState::SHUTDOWN;
        let timeout =
            if waits { u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX) } else { 0 };
        let notifier = Notifier {
            agent: U32::new(cause),
            flags: U32::new(graceful.into()),
            state: U32::new(state.0),
        };
        // A forceful request must not take the place of a graceful one that still waits, nor one state another's.
        let source = u64::from(state.0) << 1 | u64::from(graceful);
        let long = outbox.version(to) >= V2;
        outbox.announce(to, NOTIFIER, source, &mut |w| {
            if long {
                w.put(&NotifierV2 { notifier, timeout: U32::new(timeout) })
            } else {
                w.put(&notifier)
            }
        });
    }
}

impl Server for SystemServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    fn implements(&self, message: MessageId) -> bool {
        message != STATE_NOTIFY || self.model.system().notifications
    }

    fn resources(&self, space: Space) -> usize {
        usize::from(space == Space::System)
    }

    fn max_payload(&self) -> usize {
        size_of::<NotifierV2>()
    }

    fn message_attributes(&self, message: MessageId) -> u32 {
        let system = self.model.system();
        let flag = |set: bool, bit: u32| if set { bit } else { 0 };
        match message {
            STATE_SET => {
                flag(system.warm_reset, StateSet::WARM_RESET)
                    | flag(system.suspend, StateSet::SUSPEND)
            }
            _ => 0,
        }
    }

    fn handle(
        &mut self,
        call: &mut Call<'_>,
        message: MessageId,
        params: Reader<'_>,
        reply: &mut Writer<'_>,
    ) -> Result<Handled, Status> {
        match message.0 {
            0x1 => {
                exact::<[u8; 0]>(params)?;
                reply.put(&U32::new(0))?;
            }
            0x3 => self.state_set(call, exact(params)?)?,
            0x4 => {
                exact::<[u8; 0]>(params)?;
                reply.put(&self.state_get(call)?)?;
            }
            0x5 => {
                let enable = enable(exact::<StateNotify>(params)?.enable)?;
                self.listening.set(call.agent, enable);
                call.outbox.changed(Space::System, 0);
                if !enable {
                    call.outbox.cancel_all(call.agent, NOTIFIER);
                }
            }
            _ => return Err(Status::NOT_FOUND),
        }
        Ok(Handled::Now)
    }

    fn poll(&mut self, now: Time, outbox: &mut Outbox<'_>) {
        for _ in 0..MAX_ORDERS {
            let Some(order) = self.model.take_order(now) else { return };
            let news = News {
                cause: 0,
                state: order.state,
                graceful: order.graceful,
                timeout: order.timeout,
            };
            let mut told: usize = 0;
            for agent in
                self.listening.iter().filter(|agent| order.to.is_none_or(|to| to == *agent))
            {
                news.tell(agent, outbox);
                told = told.saturating_add(1);
            }
            self.model.told(order, told);
        }
    }

    fn next_deadline(&self) -> Option<Time> {
        self.model.next_deadline()
    }

    fn withdraw(&mut self, now: Time, what: &Withdrawal<'_>) {
        if what.covers(Space::System, 0) {
            self.listening.remove(what.agent());
        }
        if what.is_everything() {
            self.model.agent_gone(now, what.agent());
        }
    }
    fn state(&self, _space: Space, _id: usize, say: &mut Statement<'_>) {
        self.say(say);
    }

    fn check_state(&self, entry: &StateEntry) -> Result<(), &'static str> {
        if self.can_be(entry) { Ok(()) } else { Err(NO_SUCH_VALUE) }
    }

    fn restore_state(&mut self, _now: Time, entries: &[StateEntry]) {
        self.take_back(entries);
    }
}
