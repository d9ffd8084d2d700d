//! PINCTRL_SETTINGS_CONFIGURE.

use super::super::wire::{ConfigureWord, NO_FUNCTION, Setting, SettingType, SettingsConfigure};
use super::model::Target;
use super::server::PinServer;
use crate::platform::{Call, Space};
use crate::wire::{Reader, Status};

/// The settings of a command; a copy starts again at the first.
#[derive(Clone, Copy)]
struct Settings<'a>(Reader<'a>);

impl Iterator for Settings<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<Self::Item> {
        let setting: Setting = self.0.take().ok()?;
        Some((setting.kind.get(), setting.value.get()))
    }
}

/// The head of the command, and its settings, of which there are as many as it says.
fn parse(mut params: Reader<'_>) -> Result<(SettingsConfigure, Settings<'_>), Status> {
    let head: SettingsConfigure = params.take().map_err(|_| Status::PROTOCOL_ERROR)?;
    let count = usize::from(ConfigureWord(head.attributes.get()).settings());
    if params.rest().len() != count.saturating_mul(size_of::<Setting>()) {
        return Err(Status::PROTOCOL_ERROR);
    }
    Ok((head, Settings(params)))
}

/// A type of setting that is no reserved one.
fn kind(word: u32) -> Result<SettingType, Status> {
    let kind = u8::try_from(word).map(SettingType).map_err(|_| Status::INVALID_PARAMETERS)?;
    if kind.is_reserved() { Err(Status::INVALID_PARAMETERS) } else { Ok(kind) }
}

impl PinServer {
    /// All is looked at before anything is done. The standard has the types in ascending order, but Linux sends them as
    /// the device tree has them: any order will do.
    pub(super) fn configure(&mut self, call: &Call<'_>, params: Reader<'_>) -> Result<(), Status> {
        let (head, settings) = parse(params)?;
        let word = ConfigureWord(head.attributes.get());
        let target = Self::target(call, head.id, word.selector())?;
        let function = match head.function.get() {
            _ if !word.sets_function() => None,
            NO_FUNCTION => Some(None),
            _ => Some(Some(call.find(Space::PinFunction, head.function)?)),
        };
        let nothing = word.settings() == 0 && function.is_none();
        if word.0 & ConfigureWord::RESERVED != 0 || nothing {
            return Err(Status::INVALID_PARAMETERS);
        }
        for (word, _) in settings {
            kind(word)?;
        }
        self.check_features(target, function.flatten(), settings)?;
        self.may_use(call, target)?;
        for (word, value) in settings {
            self.model.check(target, kind(word)?, value)?;
        }
        // What is set on a group may be so on its pins too.
        for pin in Self::pins_of(self.model.as_ref(), &target) {
            call.outbox.changed(Space::Pin, *pin);
        }
        if let Some(function) = function {
            self.model.select(call.now, target, function)?;
        }
        for (word, value) in settings {
            self.model.set(call.now, target, kind(word)?, value)?;
        }
        Ok(())
    }

    /// Whether the pin or group can have this function and these settings at all.
    fn check_features(
        &self,
        target: Target,
        function: Option<usize>,
        mut settings: Settings<'_>,
    ) -> Result<(), Status> {
        let has = self.settings_of(target);
        let known = settings.all(|(word, _)| kind(word).is_ok_and(|kind| has.contains(&kind)));
        let fits = function.is_none_or(|id| {
            let function = self.model.functions().get(id);
            function.is_some_and(|function| function.members.has(target))
        });
        if known && fits { Ok(()) } else { Err(Status::NOT_SUPPORTED) }
    }
}
