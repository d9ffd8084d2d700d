//! RESET_AGENT_CONFIGURATION (section 6).

use super::{DENIED, INVALID_PARAMETERS, NOT_FOUND, Reply};

/// Whether an agent may; then it forgets all that it has set.
pub(super) fn reset(agents: usize, agent: usize, params: &[u32]) -> Reply {
    let target = usize::try_from(params[0]).ok().and_then(|number| number.checked_sub(1));
    let target = target.filter(|target| *target < agents).ok_or(NOT_FOUND)?;
    if params[1] > 1 {
        return Err(INVALID_PARAMETERS);
    }
    if target == agent { Ok(Vec::new()) } else { Err(DENIED) }
}
