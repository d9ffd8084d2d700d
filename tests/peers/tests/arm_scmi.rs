//! The `arm-scmi` crate, whose records share nothing with ours, as an agent of our platform.

use anyhow::{Context, Result};
use arm_scmi::protocol::base::{BaseCommandMessageId, BaseResetAgentConfigurationFlags};
use arm_scmi::protocol::power_domain::{
    DomainAttributes, PowerDomainCommandMessageId, PowerState, PowerStateType,
};
use arm_scmi::protocol::system_power::{
    StandardSystemState, SystemPowerCommandMessageId, SystemPowerStateSetFlags, SystemState,
};
use arm_scmi::protocol::{ProtocolId, StandardProtocolId, StandardStatusCode, StatusCode, Version};
use arm_scmi::{Error, ScmiAgent};
use scmi_shmem::OverChannel;
use scmi_test_kit::{Board, Scmid};
use scmi_tests_peers::over_vhost_user;
use scmi_vhost::frontend::{Frontend, Options};

const BOARD: &str = r#"
[platform]
vendor = "acme"
sub-vendor = "peers"
implementation-version = 0x0001_0203

[[agent]]
name = "peer"

[[agent]]
name = "guest"

[system]
agents = ["peer"]

[[power-domain]]
name = "gpu"
states = [{ id = 1, latency = "500 us" }]

[[power-domain]]
name = "the always running island"
enabled = true
agents = []
"#;

fn agent(scmid: &Scmid, name: &str) -> Result<ScmiAgent<OverChannel<Frontend>>> {
    let frontend = Frontend::connect(scmid.socket(name), Options::default())?;
    ScmiAgent::new(over_vhost_user(frontend)).context("no list of protocols")
}

fn scmid() -> Result<Scmid> {
    Scmid::start(&Board::from(BOARD))
}

/// The answer was this error.
fn refused<T>(status: StandardStatusCode) -> Result<T, Error> {
    Err(Error::Status(StatusCode::Standard(status)))
}

#[test]
fn base_says_who_is_there() -> Result<()> {
    let scmid = scmid()?;
    let mut agent = agent(&scmid, "guest")?;
    let mut base = agent.base();
    assert_eq!(base.protocol_version()?, Version::new(2, 1));
    let attributes = base.protocol_attributes()?;
    assert_eq!((attributes.protocol_count(), attributes.agent_count()), (2, 2));
    assert_eq!(base.discover_vendor()?.vendor_identifier(), Some("acme"));
    assert_eq!(base.discover_sub_vendor()?.vendor_identifier(), Some("peers"));
    assert_eq!(base.implementation_version()?, 0x0001_0203);
    let protocols: Vec<_> = base.discover_list_protocols(0)?.iter().collect();
    let standard = |id| Ok(ProtocolId::Standard(id));
    assert_eq!(
        protocols,
        [
            standard(StandardProtocolId::PowerDomainManagement),
            standard(StandardProtocolId::SystemPowerManagement)
        ]
    );
    assert_eq!(base.discover_list_protocols(1)?.iter().count(), 1);
    assert_eq!(base.discover_list_protocols(3), refused(StandardStatusCode::InvalidParameters));

    let me = base.discover_agent(0xFFFF_FFFF)?;
    assert_eq!((me.agent_id, me.name()), (2, Some("guest")));
    assert_eq!(base.discover_agent(1)?.name(), Some("peer"));
    assert_eq!(base.discover_agent(3), refused(StandardStatusCode::NotFound));

    assert_eq!(base.protocol_message_attributes(BaseCommandMessageId::DiscoverAgent)?, 0);
    base.notify_errors(true)?;
    base.notify_errors(false)?;
    base.negotiate_protocol_version(Version::new(2, 0))?;
    assert_eq!(
        base.negotiate_protocol_version(Version::new(9, 0)),
        refused(StandardStatusCode::NotSupported)
    );
    base.reset_agent_configuration(2, BaseResetAgentConfigurationFlags::empty())?;
    Ok(())
}

#[test]
fn a_power_domain_goes_off_and_on() -> Result<()> {
    let scmid = scmid()?;
    let mut agent = agent(&scmid, "guest")?;
    let mut power = agent.power_domain_management()?;
    assert_eq!(power.protocol_version()?, Version::new(3, 1));
    let attributes = power.protocol_attributes()?;
    assert_eq!((attributes.attributes.domain_count(), attributes.statistics_len), (2, 0));
    assert_eq!(power.protocol_message_attributes(PowerDomainCommandMessageId::StateSet)?, 0);

    let gpu = power.power_domain_attributes(0)?;
    assert_eq!(gpu.name(), Some("gpu"));
    assert!(gpu.attributes.contains(DomainAttributes::SYNC_SUPPORT), "{gpu:?}");
    assert!(!gpu.attributes.contains(DomainAttributes::EXTENDED_POWER_DOMAIN), "{gpu:?}");
    let island = power.power_domain_attributes(1)?;
    assert_eq!(island.name(), Some("the always runn"), "fifteen letters and their end");
    assert!(island.attributes.contains(DomainAttributes::EXTENDED_POWER_DOMAIN), "{island:?}");
    assert_eq!(power.power_domain_name_get(1)?.ext_name(), Some("the always running island"));
    assert_eq!(power.power_domain_attributes(2), refused(StandardStatusCode::NotFound));

    let on = PowerState::new(PowerStateType::ContextPreserved, 0);
    let off = PowerState::new(PowerStateType::ContextLost, 0);
    power.power_state_notify(0, true)?;
    power.power_state_change_requested_notify(0, true)?;
    for state in [off, on, off] {
        power.power_state_set(0, state, false)?;
        assert_eq!(power.power_state_get(0)?, state);
    }
    assert_eq!(power.power_state_set(1, off, false), refused(StandardStatusCode::Denied));
    assert_eq!(power.power_state_get(1)?, on);
    let none = PowerState::new(PowerStateType::ContextLost, 77);
    assert_eq!(
        power.power_state_set(0, none, false),
        refused(StandardStatusCode::InvalidParameters)
    );
    Ok(())
}

#[test]
fn a_shutdown_is_for_who_may() -> Result<()> {
    let scmid = scmid()?;
    let mut guest = agent(&scmid, "guest")?;
    let mut system = guest.system_power_management()?;
    assert_eq!(system.protocol_version()?, Version::new(2, 1));
    assert_eq!(system.protocol_attributes()?, 0);
    system.system_power_state_notify(true)?;
    let shutdown = SystemState::Standard(StandardSystemState::SystemShutdown);
    let graceful = SystemPowerStateSetFlags::GRACEFUL;
    assert_eq!(
        system.system_power_state_set(shutdown, graceful),
        refused(StandardStatusCode::NotSupported)
    );

    let mut peer = agent(&scmid, "peer")?;
    let mut system = peer.system_power_management()?;
    system.protocol_message_attributes(SystemPowerCommandMessageId::StateSet)?;
    system.system_power_state_set(shutdown, graceful)?;
    Ok(())
}
