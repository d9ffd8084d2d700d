//! What whoever operates a platform sees of it, after agents have set this and that.

use scmi::Time;
use scmi::agent::Client;
use scmi::platform::{AgentId, Link, Platform};
use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::clock::platform::ClockServer;
use scmi::protocol::clock::wire::Rounding;
use scmi::protocol::perf::agent::PerfDomains;
use scmi::protocol::perf::platform::PerfServer;
use scmi::protocol::pinctrl::agent::{Item, Pins};
use scmi::protocol::pinctrl::platform::{PinServer, Target};
use scmi::protocol::pinctrl::wire::SettingType;
use scmi::protocol::power::agent::PowerDomains;
use scmi::protocol::power::platform::PowerServer;
use scmi::protocol::power::wire::PowerState;
use scmi::protocol::powercap::agent::PowercapDomains;
use scmi::protocol::powercap::platform::PowercapServer;
use scmi::protocol::reset::agent::Resets;
use scmi::protocol::reset::platform::ResetServer;
use scmi::protocol::reset::wire::ResetState;
use scmi::protocol::sensor::agent::Sensors;
use scmi::protocol::sensor::platform::SensorServer;
use scmi::protocol::system::agent::SystemPower;
use scmi::protocol::system::platform::SystemServer;
use scmi::protocol::system::wire::SystemState;
use scmi::protocol::voltage::agent::Voltages;
use scmi::protocol::voltage::platform::VoltageServer;
use scmi::protocol::voltage::wire::Mode;
use scmi::transport::Loopback;
use scmi::wire::Status;
use scmi_board::{Board, Operator};

const BOARD: &str = include_str!("../../../examples/demo.toml");

/// What the first agent does, and then the platform.
fn after<R>(
    operator: &Operator,
    acts: impl FnOnce(&mut Client<'_>),
    look: impl FnOnce(AgentId, Time, &mut Platform) -> R,
) -> R {
    let board = Board::parse(BOARD, "test").unwrap_or_else(|error| panic!("{error}"));
    let agent = AgentId::from_index(0).unwrap();
    let platform = board.platform_with(operator).unwrap();
    let mut channel = Loopback::new(platform, agent, Link::new(true));
    let mut client: Client<'_> = Client::new(&mut channel);
    acts(&mut client);
    let now = client.now();
    look(agent, now, channel.platform())
}

#[test]
fn clocks_tell_their_rates_parents_and_users() {
    let acts = |client: &mut Client<'_>| {
        let mut clocks = Clocks::open(client).unwrap();
        clocks.set_rate(1, 800_000_000, Rounding::Nearest).unwrap();
        clocks.set_enabled(1, true).unwrap();
        clocks.set_parent(3, 2).unwrap();
    };
    after(&Operator::new(), acts, |agent, _, platform| {
        let clocks: &ClockServer = platform.server().unwrap();
        let first = clocks.status(1).unwrap();
        assert_eq!((first.rate, first.running, first.changing_to), (800_000_000, true, None));
        assert_eq!(first.enabled_by.iter().collect::<Vec<_>>(), [agent]);
        assert_eq!(clocks.status(2).unwrap().rate, 200_000_000, "it divides the first");
        assert_eq!(clocks.status(3).unwrap().parent, Some(2));
        let (first, pwm) = (clocks.status(1).unwrap(), clocks.status(4).unwrap());
        assert_eq!((first.duty_cycle, pwm.duty_cycle, pwm.phase), (None, Some(50), Some(0)));
        assert_eq!(clocks.status(1000), None);
    });
}

#[test]
fn power_and_performance_tell_what_is_and_who_wants_what() {
    let acts = |client: &mut Client<'_>| {
        PowerDomains::open(client).unwrap().set_state(2, PowerState::ON).unwrap();
        let mut perf = PerfDomains::open(client).unwrap();
        let all = perf.limits(0).unwrap();
        perf.set_limits(0, all).unwrap();
    };
    after(&Operator::new(), acts, |agent, now, platform| {
        platform.poll(now);
        let power: &PowerServer = platform.server().unwrap();
        assert_eq!(power.votes(2).collect::<Vec<_>>(), [(agent, PowerState::ON)]);
        assert_eq!(power.status(2).unwrap().state, PowerState::ON);
        let perf: &PerfServer = platform.server().unwrap();
        let (status, limits) = (perf.status(0).unwrap(), perf.limits(0).collect::<Vec<_>>());
        assert_eq!(limits, [(agent, status.limits)]);
        assert!((status.limits.min..=status.limits.max).contains(&status.level));
    });
}

#[test]
fn voltages_resets_and_caps_tell_what_was_set() {
    let acts = |client: &mut Client<'_>| {
        let mut volts = Voltages::open(client).unwrap();
        volts.set_mode(1, Mode::ON).unwrap();
        volts.set_level(0, 862_500).unwrap();
        Resets::open(client).unwrap().assert(0, ResetState::COLD).unwrap();
        PowercapDomains::open(client).unwrap().set_cap(0, 10_000_000).unwrap();
    };
    after(&Operator::new(), acts, |agent, now, platform| {
        let volts: &VoltageServer = platform.server().unwrap();
        assert_eq!(volts.wishes(1).collect::<Vec<_>>(), [(agent, Mode::ON)]);
        assert_eq!(volts.status(1).unwrap().mode, Mode::ON);
        assert_eq!(volts.status(0).unwrap().level, 862_500);
        let resets: &ResetServer = platform.server().unwrap();
        let held = |id| resets.status(id).unwrap().asserted;
        assert_eq!((held(0), held(1)), (Some(true), Some(false)));
        let caps: &mut PowercapServer = platform.server_mut().unwrap();
        assert_eq!(caps.caps(0).collect::<Vec<_>>(), [(agent, 10_000_000)]);
        let status = caps.status(now, 0).unwrap();
        assert_eq!(status.cap, Some(10_000_000));
        assert!(status.power.is_some_and(|power| power <= 10_000_000));
    });
}

#[test]
fn pins_tell_their_holders_functions_and_settings() {
    let acts = |client: &mut Client<'_>| {
        Pins::open(client).unwrap().request(Item::group(0)).unwrap();
    };
    after(&Operator::new(), acts, |agent, _, platform| {
        let pins: &PinServer = platform.server().unwrap();
        let group = pins.status(Target::Group(0)).unwrap();
        assert_eq!((group.held_by, group.function), (Some(agent), Some(0)));
        assert_eq!(pins.status(Target::Pin(0)).unwrap().held_by, Some(agent));
        let kinds = pins.settings(Target::Group(0)).map(|(kind, _)| kind);
        assert!(kinds.into_iter().any(|kind| kind == SettingType::DRIVE_STRENGTH));
        assert_eq!(pins.status(Target::Pin(1000)), None);
    });
}

#[test]
fn a_sensor_that_is_held_reads_that_and_its_source_again_when_it_is_released() {
    let operator = Operator::new();
    operator.hold_sensor(0, &[99_000]);
    let acts = |client: &mut Client<'_>| {
        let mut sensors = Sensors::open(client).unwrap();
        assert_eq!(sensors.value(0), Ok(99_000));
    };
    after(&operator, acts, |_, now, platform| {
        let sensors: &mut SensorServer = platform.server_mut().unwrap();
        assert_eq!(sensors.read_now(now, 0), Ok(&[99_000][..]));
        assert_eq!(operator.held_sensor(0), Some(vec![99_000]));
        assert!(operator.release_sensor(0));
        assert!(!operator.release_sensor(0));
        assert_ne!(sensors.read_now(now, 0), Ok(&[99_000][..]));
        assert_eq!(sensors.read_now(now, 1000), Err(Status::NOT_FOUND));
        assert!(sensors.status(0).unwrap().config.enabled);
    });
}

#[test]
fn lives_and_listeners_are_known() {
    let acts = |client: &mut Client<'_>| SystemPower::open(client).unwrap().notify(true).unwrap();
    after(&Operator::new(), acts, |agent, now, platform| {
        let system: &SystemServer = platform.server().unwrap();
        assert_eq!(system.listening().iter().collect::<Vec<_>>(), [agent]);
        assert_eq!(system.state_of(agent), SystemState::POWER_UP);
        let lives = |platform: &Platform| platform.counters(agent).unwrap().lives;
        assert!(platform.is_connected(agent));
        assert_eq!(lives(platform), 1);
        platform.disconnect(now, agent);
        assert!(!platform.is_connected(agent));
        platform.connect(now, agent, Link::new(true));
        assert_eq!(lives(platform), 2);
    });
}
