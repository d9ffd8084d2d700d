//! Every message of every protocol, asked by agents made of our own crate: one file a protocol.

use scmi::protocol::{ALL, ProtocolInfo};

/// A file for each protocol.
macro_rules! walks {
    ($($name:ident),*) => {
        $(mod $name;)*
        const WALKED: &[&ProtocolInfo] = &[$(&scmi::protocol::$name::INFO),*];
    };
}

walks!(base, power, system, perf, clock, sensor, reset, voltage, powercap, pinctrl);

#[test]
fn every_protocol_is_walked() {
    let ids = |all: &[&ProtocolInfo]| all.iter().map(|info| info.id).collect::<Vec<_>>();
    assert_eq!(ids(WALKED), ids(ALL));
}
