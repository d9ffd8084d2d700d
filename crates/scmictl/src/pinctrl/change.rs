//! Setting up and holding pins. How a pin is set up then is read back and shown.

use std::io::Write;

use scmi::protocol::pinctrl::wire::Setting;
use scmi::wire::ProtocolId;

use super::catalog::{Catalog, open};
use super::{Set, setting, show};
use crate::connect::Session;
use crate::failure::Failure;
use crate::resource::{self, Resource};
use crate::watching::Hold;

/// `pinctrl set`.
pub(super) fn set(
    session: &mut Session<'_>,
    set: &Set,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let catalog = Catalog::load(session)?;
    let entry = catalog.find(&set.item)?;
    let function = match set.function.as_deref() {
        None => None,
        Some("none") => Some(None),
        Some(name) => Some(Some(resource::find(&catalog.functions, name)?.id())),
    };
    let settings: Vec<Setting> = set
        .settings
        .iter()
        .map(|setting| Setting {
            kind: u32::from(setting.kind.0).into(),
            value: setting.value.into(),
        })
        .collect();
    open(session)?.configure(entry.info.item, function, &settings).map_err(|error| {
        let function = set.function.iter().map(|function| format!("function {function}"));
        let all: Vec<String> = function.chain(settings.iter().map(setting::show)).collect();
        Failure::call(format_args!("setting {} of {}", all.join(", "), entry.called()), &error)
    })?;
    show::now(session, &catalog, &[entry], json, out)?;
    set.hold.wait(session, ProtocolId::PINCTRL)
}

/// `pinctrl request`.
pub(super) fn request(
    session: &mut Session<'_>,
    wanted: &str,
    hold: &Hold,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let catalog = Catalog::load(session)?;
    let entry = catalog.find(wanted)?;
    open(session)?
        .request(entry.info.item)
        .map_err(|error| Failure::call(format_args!("holding {}", entry.called()), &error))?;
    show::now(session, &catalog, &[entry], json, out)?;
    hold.wait(session, ProtocolId::PINCTRL)
}

/// `pinctrl release`.
pub(super) fn release(
    session: &mut Session<'_>,
    wanted: &str,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let catalog = Catalog::load(session)?;
    let entry = catalog.find(wanted)?;
    open(session)?
        .release(entry.info.item)
        .map_err(|error| Failure::call(format_args!("letting {} go", entry.called()), &error))?;
    show::now(session, &catalog, &[entry], json, out)
}
