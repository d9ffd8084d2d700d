//! RESET_AGENT_CONFIGURATION (section 6).

use super::context::Agent;
use super::{DENIED, INVALID_PARAMETERS, NOT_FOUND};

/// Who forgets all that it has set, if the agent may say so.
pub(super) fn reset(agents: &[Agent], agent: usize, params: &[u32]) -> Result<usize, i32> {
    let target = usize::try_from(params[0]).ok().and_then(|number| number.checked_sub(1));
    let target = target.filter(|target| *target < agents.len()).ok_or(NOT_FOUND)?;
    if params[1] > 1 {
        return Err(INVALID_PARAMETERS);
    }
    if target == agent || agents[agent].is_trusted() { Ok(target) } else { Err(DENIED) }
}
