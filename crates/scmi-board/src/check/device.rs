//! `[[device]]`.

use super::Context;
use super::common::item;
use super::fields::Value;
use super::lists;
use crate::board::Device;
use crate::report::Problems;

/// The device at position `at`, from 1.
pub(super) fn device(
    value: &Value<'_>,
    at: usize,
    context: &Context<'_>,
    problems: &mut Problems,
) -> Option<Device> {
    let (mut fields, name) = item(value, "device", at, problems)?;
    let resources = lists::resources(&mut fields, context, problems);
    fields.finish(problems);
    Some(Device { name: name?, resources: resources? })
}
