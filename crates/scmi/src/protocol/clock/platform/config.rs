//! Gates and extended values: CLOCK_CONFIG_SET and CLOCK_CONFIG_GET.

use super::super::V3;
use super::super::wire::{
    Config, ConfigGet, ConfigSet, ConfigSetV1, ConfigWord, ExtendedType, Permissions, StateChange,
};
use super::server::{ClockServer, Pending};
use crate::platform::{Call, Handled, exact};
use crate::protocol::serving::enable;
use crate::wire::{Reader, Status, U32, Writer};

impl ClockServer {
    /// Whether the clock is on, as this agent is told.
    pub(super) fn is_on(&self, call: &Call<'_>, id: usize) -> bool {
        if self.permissions(call, id).has(Permissions::STATE) {
            self.states.get(id).is_some_and(|state| state.enabled_by.contains(call.agent))
        } else {
            self.model.enabled(id)
        }
    }

    /// From version 3.0 there are three words; a kernel that does not know it sends two, and means what they meant
    /// before (section 8.7).
    pub(super) fn config_set(
        &mut self,
        call: &mut Call<'_>,
        params: Reader<'_>,
    ) -> Result<Handled, Status> {
        let old = params.rest().len() == size_of::<ConfigSetV1>();
        if call.version < V3 || old {
            let request: ConfigSetV1 = exact(params)?;
            let (id, _) = self.clock(call, request.clock)?;
            let enabled = enable(request.attributes)?;
            self.may(call, id, Permissions::STATE)?;
            self.can_switch(call, id, enabled)?;
            return self.switch(call, id, enabled);
        }
        let request: ConfigSet = exact(params)?;
        let (id, clock) = self.clock(call, request.clock)?;
        let word = ConfigWord(request.attributes.get());
        let (kind, value) = (word.extended(), request.extended.get());
        if word.0 & ConfigWord::RESERVED != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        let enabled = match word.state() {
            StateChange::DISABLE => Some(false),
            StateChange::ENABLE => Some(true),
            StateChange::UNCHANGED if kind != ExtendedType::NONE => None,
            _ => return Err(Status::INVALID_PARAMETERS),
        };
        if kind != ExtendedType::NONE && !clock.extended.contains(&kind) {
            return Err(Status::INVALID_PARAMETERS);
        }
        self.may(call, id, Permissions::STATE)?;
        check_value(kind, value)?;
        self.can_switch(call, id, enabled == Some(true))?;
        if kind != ExtendedType::NONE {
            self.model.set_extended(call.now, id, kind, value)?;
        }
        enabled.map_or(Ok(Handled::Now), |enabled| self.switch(call, id, enabled))
    }

    /// An agent wants a clock on, or not any more. Who wants it on is answered when it is stable, also if somebody else
    /// has switched it on a moment ago.
    fn switch(&mut self, call: &mut Call<'_>, id: usize, enabled: bool) -> Result<Handled, Status> {
        let takes = self.model.clocks().get(id).ok_or(Status::NOT_FOUND)?.enable_delay;
        let state = self.states.get_mut(id).ok_or(Status::NOT_FOUND)?;
        let before = state.enabled_by;
        let mut after = before;
        after.set(call.agent, enabled);
        if before.is_empty() != after.is_empty() {
            self.model.set_enabled(call.now, id, enabled)?;
            state.off = !enabled;
            state.stable_at = call.now.after(takes);
        }
        state.enabled_by = after;
        let wait = state.stable_at.since(call.now);
        self.tell_rates(Some(call.agent), &mut call.outbox);
        let late = enabled && !wait.is_zero();
        Ok(if late { Handled::Late(wait, Pending::Enable.into()) } else { Handled::Now })
    }

    /// Whether a clock can be switched without an answer that there is no room for.
    fn can_switch(&self, call: &Call<'_>, id: usize, enabled: bool) -> Result<(), Status> {
        let takes = self.model.clocks().get(id).ok_or(Status::NOT_FOUND)?.enable_delay;
        if enabled && !takes.is_zero() && !call.can_wait { Err(Status::BUSY) } else { Ok(()) }
    }

    pub(super) fn config_get(
        &self,
        call: &Call<'_>,
        request: ConfigGet,
        reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        let (id, clock) = self.clock(call, request.clock)?;
        let kind = u8::try_from(request.flags.get()).map_err(|_| Status::INVALID_PARAMETERS)?;
        let kind = ExtendedType(kind);
        let extended = if kind == ExtendedType::NONE {
            0
        } else if clock.extended.contains(&kind) {
            self.model.extended(id, kind)?
        } else {
            return Err(Status::INVALID_PARAMETERS);
        };
        reply.put(&Config {
            attributes: U32::new(0),
            config: U32::new(self.is_on(call, id).into()),
            extended: U32::new(extended),
        })?;
        Ok(())
    }
}

pub(super) fn check_value(kind: ExtendedType, value: u32) -> Result<(), Status> {
    let fits = match kind {
        ExtendedType::DUTY_CYCLE => value <= 100,
        ExtendedType::PHASE => value < 360,
        _ => true,
    };
    if fits { Ok(()) } else { Err(Status::INVALID_PARAMETERS) }
}
