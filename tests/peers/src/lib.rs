//! What the tests in `tests/` share: ways for software of others to reach ours.

use core::time::Duration;

use scmi_shmem::OverChannel;
use scmi_vhost::frontend::Frontend;

const PATIENCE: Duration = Duration::from_secs(10);

/// A way to the platform for `arm_scmi::ScmiAgent`, whose own transport is shared memory: over this frontend, which
/// nobody else uses.
#[must_use]
pub const fn over_vhost_user(frontend: Frontend) -> OverChannel<Frontend> {
    OverChannel::new(frontend, PATIENCE)
}
