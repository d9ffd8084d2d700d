//! The board with everything, as agents use it: typed calls over a loopback, in virtual time.

use core::time::Duration;

use scmi::Time;
use scmi::agent::{CallError, CallerExt, Client};
use scmi::platform::{AgentId, Link};
use scmi::protocol::base::agent::protocols;
use scmi::protocol::clock::agent::Clocks;
use scmi::protocol::clock::platform::ClockModel;
use scmi::protocol::clock::wire::{ExtendedType, Permissions, Rounding};
use scmi::protocol::perf::agent::PerfDomains;
use scmi::protocol::perf::wire::PowerUnit;
use scmi::protocol::pinctrl::agent::{Item, Pins};
use scmi::protocol::pinctrl::wire::{Setting, SettingType};
use scmi::protocol::power::agent::PowerDomains;
use scmi::protocol::power::wire::PowerState;
use scmi::protocol::powercap::agent::PowercapDomains;
use scmi::protocol::reset::agent::Resets;
use scmi::protocol::reset::wire::ResetState;
use scmi::protocol::system::agent::{Event, SystemPower};
use scmi::protocol::system::platform::{Order, Request};
use scmi::protocol::system::wire::SystemState;
use scmi::protocol::voltage::agent::{LevelInfo, Voltages};
use scmi::protocol::voltage::wire::Mode;
use scmi::transport::Loopback;
use scmi::wire::{ProtocolId, Status};
use scmi_board::{Board, BoardClocks, Operator, SystemEvent};

const BOARD: &str = include_str!("../../../examples/demo.toml");

fn board(text: &str) -> Board {
    Board::parse(text, "test").unwrap_or_else(|error| panic!("{error}"))
}

/// What an agent, by its position, does on a board.
fn on<R>(
    board: &Board,
    agent: usize,
    operator: &Operator,
    acts: impl FnOnce(&mut Client<'_>) -> R,
) -> R {
    let platform = board.platform_with(operator).unwrap();
    let mut channel = Loopback::new(platform, AgentId::from_index(agent).unwrap(), Link::new(true));
    acts(&mut Client::new(&mut channel))
}

fn as_first<R>(acts: impl FnOnce(&mut Client<'_>) -> R) -> R {
    on(&board(BOARD), 0, &Operator::new(), acts)
}

fn refused<T>(status: Status) -> Result<T, CallError> {
    Err(CallError::Refused(status))
}

/// Lets time pass; nothing may come.
fn wait(client: &mut Client<'_>, millis: u64) {
    let until = client.now().after(Duration::from_millis(millis));
    assert!(client.next_event(until).is_none());
    assert_eq!(client.now(), until);
}

/// How long it takes, in microseconds.
fn micros<R>(client: &mut Client<'_>, acts: impl FnOnce(&mut Client<'_>) -> R) -> (u128, R) {
    let before = client.now();
    let result = acts(client);
    (client.now().since(before).as_micros(), result)
}

#[test]
fn all_protocols_are_there() {
    as_first(|client| {
        let mut listed = Vec::new();
        protocols(client, &mut |id| listed.push(id)).unwrap();
        listed.sort();
        assert_eq!(listed, (0x11..=0x19).map(ProtocolId).collect::<Vec<_>>());
    });
}

#[test]
fn a_rate_takes_its_time_and_goes_down_to_those_that_divide_it() {
    as_first(|client| {
        let rate = |client: &mut Client<'_>, id| Clocks::open(client).unwrap().rate(id).unwrap();
        assert_eq!(
            [0, 1, 2, 3, 4].map(|id| rate(client, id)),
            [24_000_000, 1_200_000_000, 300_000_000, 24_000_000, 1000]
        );
        let (took, set) = micros(client, |client| {
            Clocks::open(client).unwrap().set_rate(1, 1_960_000_000, Rounding::Nearest)
        });
        assert_eq!((took, set), (30_000, Ok(())));
        assert_eq!((rate(client, 1), rate(client, 2)), (2_000_000_000, 500_000_000));
        let (took, set) = micros(client, |client| {
            Clocks::open(client).unwrap().set_rate_async(1, 840_000_000, Rounding::Down)
        });
        assert_eq!((took, set), (30_000, Ok(800_000_000)));
        assert_eq!(rate(client, 2), 200_000_000);
        let mut clocks = Clocks::open(client).unwrap();
        assert_eq!(clocks.set_rate(2, 100_000_000, Rounding::Nearest), refused(Status::DENIED));
        let divides = clocks.info(2).unwrap();
        let may = Permissions(Permissions::STATE | Permissions::PARENT);
        assert_eq!(clocks.permissions(&divides), Ok(may), "so that nobody tries");
        assert_eq!(clocks.set_rate(0, 24_000_000, Rounding::Nearest), refused(Status::DENIED));
    });
}

#[test]
fn a_clock_changes_its_parent_and_its_duty_cycle() {
    as_first(|client| {
        let mut clocks = Clocks::open(client).unwrap();
        let mut parents = Vec::new();
        clocks.possible_parents(3, &mut |id| parents.push(id)).unwrap();
        assert_eq!(parents, [0, 2]);
        assert_eq!(clocks.parent(3), Ok(0));
        clocks.set_parent(3, 2).unwrap();
        assert_eq!(clocks.parent(3), Ok(2));
        assert_eq!(clocks.extended(4, ExtendedType::DUTY_CYCLE), Ok(50));
        assert_eq!(clocks.extended(0, ExtendedType::PHASE), refused(Status::INVALID_PARAMETERS));
    });
}

#[test]
fn a_clock_runs_only_while_all_that_it_comes_from_run() {
    let mut clocks = BoardClocks::new(&board(BOARD).clocks);
    let runs = |clocks: &BoardClocks| [0, 1, 2, 3].map(|id| clocks.enabled(id));
    assert_eq!(runs(&clocks), [true, true, false, false]);
    clocks.set_enabled(Time::ZERO, 2, true).unwrap();
    clocks.set_enabled(Time::ZERO, 3, true).unwrap();
    assert_eq!(runs(&clocks), [true; 4]);
    clocks.set_parent(Time::ZERO, 3, 2).unwrap();
    clocks.set_enabled(Time::ZERO, 1, false).unwrap();
    assert_eq!(runs(&clocks), [true, false, false, false]);
    clocks.set_parent(Time::ZERO, 3, 0).unwrap();
    assert_eq!(runs(&clocks), [true, false, false, true]);
    clocks.set_extended(Time::ZERO, 4, ExtendedType::PHASE, 90).unwrap();
    assert_eq!(clocks.extended(4, ExtendedType::PHASE), Ok(90));
}

#[test]
fn a_level_costs_what_its_table_says() {
    as_first(|client| {
        let power = |client: &mut Client<'_>, id| {
            PowercapDomains::open(client).unwrap().measurements(id).unwrap().power.get()
        };
        wait(client, 2000);
        assert_eq!([0, 1, 2].map(|id| power(client, id)), [1_250_000, 450_000, 300_000]);
        let mut perf = PerfDomains::open(client).unwrap();
        assert_eq!(perf.power_unit(), PowerUnit::MILLIWATT);
        assert_eq!(perf.level(0), Ok(1_000_000));
        perf.set_level(0, 2_000_000).unwrap();
        wait(client, 500);
        // The level takes 200 us, so it is 499.8 ms of 2.4 W and 500.2 ms of 450 mW.
        assert_eq!(power(client, 1), 1_424_610);
        wait(client, 1000);
        assert_eq!([0, 1, 2].map(|id| power(client, id)), [3_200_000, 2_400_000, 300_000]);

        let (took, set) =
            micros(client, |client| PowercapDomains::open(client).unwrap().set_cap(1, 1_000_000));
        assert_eq!((took, set), (10_000, Ok(())));
        assert_eq!((power(client, 0), power(client, 1)), (1_800_000, 1_000_000));

        let (took, set) = micros(client, |client| {
            PowerDomains::open(client).unwrap().set_state(1, PowerState::OFF)
        });
        assert_eq!((took, set), (1000, Ok(())));
        wait(client, 1000);
        assert_eq!((power(client, 0), power(client, 2)), (1_500_000, 0), "the GPU is off");
        PowerDomains::open(client).unwrap().set_state(1, PowerState::new(false, 1)).unwrap();
        wait(client, 1000);
        assert_eq!(power(client, 2), 300_000);
    });
}

#[test]
fn levels_are_named_by_frequency_or_by_index() {
    as_first(|client| {
        let mut perf = PerfDomains::open(client).unwrap();
        let mut levels = Vec::new();
        perf.levels(0, &mut |level| levels.push((level.level, level.power_cost))).unwrap();
        assert_eq!(
            levels,
            [
                (500_000, Some(150)),
                (1_000_000, Some(450)),
                (1_500_000, Some(1100)),
                (2_000_000, Some(2400))
            ]
        );
        let info = perf.info(0).unwrap();
        assert_eq!((info.sustained_khz, info.sustained_level), (1_500_000, 1_500_000));
        perf.set_level(1, 3).unwrap();
        assert_eq!(perf.level(1), Ok(3));
        assert_eq!(perf.set_level(1, 90), refused(Status::OUT_OF_RANGE));
    });
}

#[test]
fn only_those_who_may_change_an_item() {
    as_first(|client| {
        let mut power = PowerDomains::open(client).unwrap();
        assert_eq!(power.set_state(0, PowerState::OFF), refused(Status::DENIED));
        assert_eq!(power.state(0), Ok(PowerState::ON));
        assert_eq!(power.state(2), Ok(PowerState::OFF));
    });
}

#[test]
fn voltages_have_lists_ranges_and_signs() {
    as_first(|client| {
        let (took, ()) = micros(client, |client| {
            let mut volts = Voltages::open(client).unwrap();
            assert_eq!(volts.level(0), Ok(850_000));
            volts.set_level(0, 862_500).unwrap();
            assert_eq!(volts.level(0), Ok(862_500));
        });
        assert_eq!(took, 300);
        let mut volts = Voltages::open(client).unwrap();
        let mut levels = Vec::new();
        volts.levels(2, &mut |level| levels.push(level)).unwrap();
        assert_eq!(levels, [LevelInfo::One(-12_000_000), LevelInfo::One(-5_000_000)]);
        assert_eq!((volts.level(2), volts.mode(1)), (Ok(-5_000_000), Ok(Mode::OFF)));
        volts.set_mode(1, Mode::ON).unwrap();
        assert_eq!(volts.mode(1), Ok(Mode::ON));
        assert_eq!(volts.set_level_async(2, -12_000_000), Ok(-12_000_000));
    });
}

#[test]
fn resets_take_their_time_and_hold() {
    as_first(|client| {
        let (took, reset) =
            micros(client, |client| Resets::open(client).unwrap().reset(0, ResetState::COLD));
        assert_eq!((took, reset), (20_000, Ok(())));
        let (took, reset) = micros(client, |client| {
            Resets::open(client).unwrap().reset_async(1, ResetState::own(1))
        });
        assert_eq!((took, reset), (5000, Ok(())));
        let mut resets = Resets::open(client).unwrap();
        assert_eq!(resets.assert(0, ResetState::COLD), Ok(()));
        assert_eq!(resets.deassert(0, ResetState::COLD), Ok(()));
        assert_eq!(resets.assert(2, ResetState::COLD), refused(Status::NOT_SUPPORTED));
        assert_eq!(resets.reset(2, ResetState::COLD), Ok(()));
    });
}

#[test]
fn what_is_set_on_a_group_is_so_on_its_pins() {
    as_first(|client| {
        let mut pins = Pins::open(client).unwrap();
        let strength = |pins: &mut Pins<'_>, item| pins.setting(item, SettingType::DRIVE_STRENGTH);
        assert_eq!(pins.function(Item::group(0)), Ok(Some(0)));
        pins.request(Item::group(0)).unwrap();
        let kind = u32::from(SettingType::DRIVE_STRENGTH.0).into();
        let set = |value: u32| [Setting { kind, value: value.into() }];
        pins.configure(Item::group(0), None, &set(8)).unwrap();
        let now =
            [Item::group(0), Item::pin(0), Item::pin(1)].map(|item| strength(&mut pins, item));
        assert_eq!(now, [Ok(8); 3]);
        let beyond = pins.configure(Item::group(0), None, &set(17));
        assert_eq!(beyond, refused(Status::INVALID_PARAMETERS));
        pins.release(Item::group(0)).unwrap();
        pins.request(Item::group(1)).unwrap();
        pins.configure(Item::group(1), Some(Some(1)), &[]).unwrap();
        assert_eq!(pins.function(Item::group(1)), Ok(Some(1)));
        assert_eq!(pins.function(Item::pin(3)), Ok(Some(1)));
    });
}

fn event(client: &mut Client<'_>, millis: u64) -> Option<(u32, SystemState, bool, Option<u32>)> {
    let until = client.now().after(Duration::from_millis(millis));
    let event = client.next_event(until)?;
    let Event { agent, state, graceful, timeout_ms, .. } =
        Event::parse(event.header(), event.payload())?;
    Some((agent, state, graceful, timeout_ms))
}

#[test]
fn the_operator_orders_and_the_script_too() {
    let board = board(&format!(
        "{BOARD}\n[[system.step]]\nat = \"10 s\"\norder = \"shutdown\"\n[[system.step]]\nat = \"20 s\"\norder = \"warm-reset\"\n\
         graceful = false\nagent = \"vm1\"\n"
    ));
    let operator = Operator::new();
    on(&board, 0, &operator, |client| {
        SystemPower::open(client).unwrap().notify(true).unwrap();
        assert_eq!(event(client, 9999), None);
        assert_eq!(event(client, 10_000), Some((0, SystemState::SHUTDOWN, true, Some(30_000))));
        assert_eq!(client.now(), Time::from_millis(10_000));
        let order = Order {
            to: None,
            state: SystemState::SUSPEND,
            graceful: true,
            timeout: Duration::ZERO,
        };
        assert!(operator.order(order));
        assert_eq!(event(client, 1), Some((0, SystemState::SUSPEND, true, None)));
        assert_eq!(event(client, 60_000), Some((0, SystemState::WARM_RESET, false, None)));
        assert_eq!(client.now(), Time::from_millis(20_000));
        assert_eq!(event(client, 60_000), None);
        let refusal = SystemPower::open(client).unwrap().set_state(SystemState::SHUTDOWN, true);
        assert_eq!(refusal, refused(Status::NOT_SUPPORTED));
    });
    let ordered = |event| match event {
        Some(SystemEvent::Ordered { order, told: 1 }) => Some(order.state),
        _ => None,
    };
    for state in [SystemState::SHUTDOWN, SystemState::SUSPEND, SystemState::WARM_RESET] {
        assert_eq!(ordered(operator.take_event()), Some(state));
    }
    assert_eq!(operator.take_event(), None);
}

#[test]
fn what_an_agent_asks_of_the_system_reaches_the_operator() {
    let operator = Operator::new();
    on(&board(BOARD), 2, &operator, |client| {
        let mut system = SystemPower::open(client).unwrap();
        assert_eq!(system.state(), Ok(SystemState::POWER_UP));
        system.set_state(SystemState::SHUTDOWN, true).unwrap();
        assert_eq!(system.state(), Ok(SystemState::SHUTDOWN));
    });
    let agent = AgentId::from_index(2).unwrap();
    let request = Request { agent, state: SystemState::SHUTDOWN, graceful: true };
    assert_eq!(operator.take_event(), Some(SystemEvent::Requested(request)));
    assert_eq!(operator.take_event(), None);
}

/// Each request may run a command, and end machines.
#[test]
fn an_agent_that_asks_without_end_is_busy_after_ten_requests() {
    let operator = Operator::new();
    on(&board(BOARD), 2, &operator, |client| {
        let passed = |client: &mut Client<'_>| {
            let mut ask = || SystemPower::open(client)?.set_state(SystemState::COLD_RESET, false);
            let answers: Vec<_> = (0..50).map(|_| ask()).collect();
            let passed = answers.iter().filter(|answer| answer.is_ok()).count();
            let busy = answers.iter().filter(|answer| **answer == refused(Status::BUSY)).count();
            assert_eq!(passed + busy, 50, "{answers:?}");
            passed
        };
        assert_eq!(passed(client), 10);
        wait(client, 10_000);
        assert_eq!(passed(client), 1);
        wait(client, 1_000_000);
        assert_eq!(passed(client), 10);
    });
    assert_eq!(core::iter::from_fn(|| operator.take_event()).count(), 21);
    assert_eq!(operator.lost(), 0);
}

#[test]
fn an_operator_waits_for_what_happens_until_it_is_closed() {
    let operator = Operator::new();
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| core::iter::from_fn(|| operator.wait_event()).count());
        on(&board(BOARD), 2, &operator, |client| {
            for _ in 0..3 {
                SystemPower::open(client).unwrap().set_state(SystemState::SUSPEND, true).unwrap();
            }
        });
        operator.close();
        assert_eq!(waits.join().unwrap(), 3);
    });
}

#[test]
fn a_system_of_its_own_is_on_again_when_its_agent_is_back() {
    let text =
        BOARD.replacen("agents = [\"manager\"]", "agents = [\"vm1\", \"vm2\"]\nseparate = true", 1);
    let platform = board(&text).platform_with(&Operator::new()).unwrap();
    let mut channel = Loopback::new(platform, AgentId::from_index(0).unwrap(), Link::new(true));
    let state = |channel: &mut Loopback| {
        let mut client: Client<'_> = Client::new(channel);
        SystemPower::open(&mut client).unwrap().state()
    };
    let mut client: Client<'_> = Client::new(&mut channel);
    SystemPower::open(&mut client).unwrap().set_state(SystemState::SHUTDOWN, false).unwrap();
    assert_eq!(state(&mut channel), Ok(SystemState::SHUTDOWN));
    channel.platform().connect(Time::ZERO, AgentId::from_index(1).unwrap(), Link::new(true));
    assert_eq!(state(&mut channel), Ok(SystemState::SHUTDOWN), "the others have their own");
    channel.platform().connect(Time::ZERO, AgentId::from_index(0).unwrap(), Link::new(true));
    assert_eq!(state(&mut channel), Ok(SystemState::POWER_UP));
}

#[test]
fn an_operator_who_is_not_heard_is_told_so() {
    let operator = Operator::new();
    let order =
        Order { to: None, state: SystemState::SHUTDOWN, graceful: true, timeout: Duration::ZERO };
    assert!((0..64).all(|_| operator.order(order)));
    assert!(!operator.order(order));
}

#[test]
fn every_protocol_can_be_old() {
    let old = "versions = { base = \"1.0\", power = \"1.0\", system = \"1.0\", perf = \"1.0\", clock = \"1.0\", sensor = \"1.0\", \
               reset = \"1.0\", voltage = \"1.0\", powercap = \"1.0\", pinctrl = \"1.0\" }";
    let text = BOARD.replacen("name = \"vm1\"", &format!("name = \"vm1\"\n{old}"), 1);
    on(&board(&text), 0, &Operator::new(), |client| {
        for id in 0x10..=0x19 {
            let version = client.protocol_version(ProtocolId(id)).unwrap();
            assert_eq!(version.to_string(), "1.0", "{id:#x}");
        }
        assert_eq!(Clocks::open(client).unwrap().rate(2), Ok(300_000_000));
    });
}
