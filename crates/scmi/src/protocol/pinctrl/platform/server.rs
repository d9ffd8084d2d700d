//! The Pin control protocol's messages from a model.

use alloc::boxed::Box;

use super::super::INFO;
use super::super::wire::{
    Attributes, GetWord, ItemAttributesGet, ListAssociations, NameGet, Release, Request, Selector,
    SettingType, SettingsGet, Which,
};
use super::describe;
use super::holders::Holders;
use super::model::{PinModel, Target, check};
use crate::platform::{
    BadDescription, Call, Handled, Rights, Server, Space, StateEntry, Statement, Withdrawal, exact,
};
use crate::protocol::ProtocolInfo;
use crate::protocol::serving::{NO_SUCH_VALUE, put_name};
use crate::time::Time;
use crate::wire::{MessageId, Reader, Status, U32, Writer};

/// The Pin control protocol over a model.
///
/// A pin is held by one agent at a time, alone or through groups that it is in; what another agent holds can be looked
/// at, but not set up. What nobody holds anybody may set up.
#[derive(Debug)]
pub struct PinServer {
    pub(super) model: Box<dyn PinModel>,
    pub(super) holders: Holders,
}

impl PinServer {
    /// A server over a model.
    ///
    /// # Errors
    /// [`BadDescription`] where a pin, group or function cannot be as it is described.
    pub fn new(model: Box<dyn PinModel>) -> Result<Self, BadDescription> {
        check(model.as_ref())?;
        let holders = Holders::new(model.pins().len(), model.groups().len());
        Ok(Self { model, holders })
    }

    /// The pin or group with this id. Where the selector is none of the two, no id can be found.
    pub(super) fn target(call: &Call<'_>, id: U32, selector: Selector) -> Result<Target, Status> {
        match selector {
            Selector::PIN => call.find(Space::Pin, id).map(Target::Pin),
            Selector::GROUP => call.find(Space::PinGroup, id).map(Target::Group),
            _ => Err(Status::INVALID_PARAMETERS),
        }
    }

    /// The same, of a command whose flags are a selector and nothing else.
    fn flagged(call: &Call<'_>, id: U32, flags: U32) -> Result<Target, Status> {
        let target = Self::target(call, id, Selector::from_word(flags.get()))?;
        only_selector(flags)?;
        Ok(target)
    }

    pub(super) fn settings_of(&self, target: Target) -> &[SettingType] {
        let settings = match target {
            Target::Pin(id) => self.model.pins().get(id).map(|pin| &pin.settings),
            Target::Group(id) => self.model.groups().get(id).map(|group| &group.settings),
        };
        settings.map_or(&[], |settings| settings)
    }

    /// The pins that a pin or group is.
    pub(super) fn pins_of<'a>(model: &'a dyn PinModel, target: &'a Target) -> &'a [usize] {
        match target {
            Target::Pin(id) => core::slice::from_ref(id),
            Target::Group(id) => model.groups().get(*id).map_or(&[], |group| &group.pins),
        }
    }

    /// Whether the caller may hold a pin or group at all. Who may hold a group may hold all of its pins, also those that it
    /// does not see, but none that was taken from it.
    fn may_hold(&self, call: &Call<'_>, target: Target) -> Result<(), Status> {
        match target {
            Target::Pin(id) => call.may(Space::Pin, id, Rights::HOLD)?,
            Target::Group(id) => call.may(Space::PinGroup, id, Rights::HOLD)?,
        }
        let pins = Self::pins_of(self.model.as_ref(), &target);
        if pins.iter().any(|pin| call.is_taken(Space::Pin, *pin)) {
            return Err(Status::DENIED);
        }
        if self.model.allows(call.agent, target) { Ok(()) } else { Err(Status::DENIED) }
    }

    /// Whether the caller may set a pin or group up now.
    pub(super) fn may_use(&self, call: &Call<'_>, target: Target) -> Result<(), Status> {
        self.may_hold(call, target)?;
        let pins = Self::pins_of(self.model.as_ref(), &target);
        if self.holders.free_for(call.agent, pins) { Ok(()) } else { Err(Status::IN_USE) }
    }

    fn attributes(call: &Call<'_>, reply: &mut Writer<'_>) -> Result<(), Status> {
        let count = |space| u16::try_from(call.count(space)).unwrap_or(u16::MAX);
        let [pins, groups, functions] =
            [Space::Pin, Space::PinGroup, Space::PinFunction].map(count);
        reply.put(&Attributes::new(pins, groups, functions))?;
        Ok(())
    }

    /// The name of a pin, group or function, its number of elements and the bits that describe it.
    fn item(&self, call: &Call<'_>, id: U32, flags: U32) -> Result<(&str, usize, u32), Status> {
        if Selector::from_word(flags.get()) == Selector::FUNCTION {
            let id = call.find(Space::PinFunction, id)?;
            only_selector(flags)?;
            let function = self.model.functions().get(id).ok_or(Status::NOT_FOUND)?;
            let bits = describe::function_bits(function);
            let members = &function.members;
            return Ok((
                &function.name,
                describe::seen(call, members.space(), members.ids()).count(),
                bits,
            ));
        }
        match Self::flagged(call, id, flags)? {
            Target::Pin(id) => {
                let pin = self.model.pins().get(id).ok_or(Status::NOT_FOUND)?;
                Ok((&pin.name, 0, 0))
            }
            Target::Group(id) => {
                let group = self.model.groups().get(id).ok_or(Status::NOT_FOUND)?;
                Ok((&group.name, describe::seen(call, Space::Pin, &group.pins).count(), 0))
            }
        }
    }

    fn associations(
        &self,
        call: &Call<'_>,
        request: ListAssociations,
        reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        self.item(call, request.id, request.flags)?;
        let (space, ids) = match Selector::from_word(request.flags.get()) {
            Selector::GROUP => {
                let group = self.model.groups().get(call.find(Space::PinGroup, request.id)?);
                (Space::Pin, group.map(|group| group.pins.as_slice()))
            }
            Selector::FUNCTION => {
                let function = call.find(Space::PinFunction, request.id)?;
                let members = self.model.functions().get(function).map(|of| &of.members);
                let members = members.ok_or(Status::NOT_FOUND)?;
                (members.space(), Some(members.ids()))
            }
            // Nothing belongs to a pin.
            _ => return Err(Status::NOT_SUPPORTED),
        };
        let ids = ids.ok_or(Status::NOT_FOUND)?;
        describe::associations(call, space, ids, request.index.get(), reply)
    }

    fn settings_get(
        &self,
        call: &Call<'_>,
        request: SettingsGet,
        reply: &mut Writer<'_>,
    ) -> Result<(), Status> {
        let word = GetWord(request.attributes.get());
        let target = Self::target(call, request.id, word.selector())?;
        if word.0 & GetWord::RESERVED != 0 {
            return Err(Status::INVALID_PARAMETERS);
        }
        let has = self.settings_of(target);
        let kind = word.kind();
        let kinds = match word.which() {
            Which::ONE if kind.is_reserved() => return Err(Status::INVALID_PARAMETERS),
            Which::ONE if !has.contains(&kind) => return Err(Status::NOT_SUPPORTED),
            Which::ONE => core::slice::from_ref(&kind),
            Which::ALL => match has.get(usize::from(word.skip())..) {
                Some([]) | None if word.skip() > 0 => return Err(Status::INVALID_PARAMETERS),
                rest => rest.unwrap_or_default(),
            },
            Which::FUNCTION => &[],
            _ => return Err(Status::INVALID_PARAMETERS),
        };
        describe::function(call, self.model.as_ref(), target, reply)?;
        describe::settings(self.model.as_ref(), target, kinds, reply)
    }

    fn request(&mut self, call: &Call<'_>, request: Request) -> Result<(), Status> {
        let target = Self::flagged(call, request.id, request.flags)?;
        self.may_hold(call, target)?;
        let pins = Self::pins_of(self.model.as_ref(), &target);
        self.holders.request(call.agent, target, pins)
    }

    fn release(&mut self, call: &Call<'_>, request: Release) -> Result<(), Status> {
        let target = Self::flagged(call, request.id, request.flags)?;
        self.holders.release(call.agent, target)?;
        let mut nth: usize = 0;
        while let Some(pin) = Self::pins_of(self.model.as_ref(), &target).get(nth).copied() {
            if self.holders.unclaim(pin) {
                self.model.released(call.now, pin);
                call.outbox.changed(Space::Pin, pin);
            }
            nth = nth.saturating_add(1);
        }
        Ok(())
    }
}

fn only_selector(flags: U32) -> Result<(), Status> {
    if flags.get() & Selector::RESERVED == 0 { Ok(()) } else { Err(Status::INVALID_PARAMETERS) }
}

impl Server for PinServer {
    fn info(&self) -> &'static ProtocolInfo {
        &INFO
    }

    /// Permissions (0xA) are not changed by agents: none is trusted to, and the layout of the flags is not public.
    fn implements(&self, message: MessageId) -> bool {
        message.0 != 0xA
    }

    fn resources(&self, space: Space) -> usize {
        match space {
            Space::Pin => self.model.pins().len(),
            Space::PinGroup => self.model.groups().len(),
            Space::PinFunction => self.model.functions().len(),
            _ => 0,
        }
    }

    fn max_payload(&self) -> usize {
        0
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
                Self::attributes(call, reply)?;
            }
            0x3 => {
                let request: ItemAttributesGet = exact(params)?;
                let (name, elements, bits) = self.item(call, request.id, request.flags)?;
                describe::item(name, elements, bits, reply)?;
            }
            0x4 => self.associations(call, exact(params)?, reply)?,
            0x5 => self.settings_get(call, exact(params)?, reply)?,
            0x6 => self.configure(call, params)?,
            0x7 => self.request(call, exact(params)?)?,
            0x8 => self.release(call, exact(params)?)?,
            0x9 => {
                let request: NameGet = exact(params)?;
                put_name(self.item(call, request.id, request.flags)?.0, reply)?;
            }
            _ => return Err(Status::NOT_FOUND),
        }
        Ok(Handled::Now)
    }

    fn withdraw(&mut self, now: Time, what: &Withdrawal<'_>) {
        let Self { model, holders } = self;
        let groups = model.groups().len();
        // A group that was requested is given back as a whole, and so is one that loses a pin.
        for group in 0..groups {
            let pins = model.groups().get(group).map_or(&[][..], |group| &group.pins);
            let lost = what.covers(Space::PinGroup, group)
                || pins.iter().any(|pin| what.covers(Space::Pin, *pin));
            if !lost || holders.release(what.agent(), Target::Group(group)).is_err() {
                continue;
            }
            let mut nth: usize = 0;
            while let Some(pin) = model.groups().get(group).and_then(|g| g.pins.get(nth).copied()) {
                if holders.unclaim(pin) {
                    model.released(now, pin);
                }
                nth = nth.saturating_add(1);
            }
        }
        for pin in 0..model.pins().len() {
            let lost = what.covers(Space::Pin, pin);
            if lost
                && holders.release(what.agent(), Target::Pin(pin)).is_ok()
                && holders.unclaim(pin)
            {
                model.released(now, pin);
            }
        }
    }
    fn identify(
        &self,
        space: Space,
        id: usize,
        to: &mut dyn core::fmt::Write,
    ) -> core::fmt::Result {
        self.identify_item(space, id, to)
    }

    fn state(&self, space: Space, id: usize, say: &mut Statement<'_>) {
        self.say(space, id, say);
    }

    fn check_state(&self, entry: &StateEntry) -> Result<(), &'static str> {
        if self.can_be(entry) { Ok(()) } else { Err(NO_SUCH_VALUE) }
    }

    fn restore_state(&mut self, now: Time, entries: &[StateEntry]) {
        self.take_back(now, entries);
    }
}
