//! For each command of Linux's the typed call that does the same.

use scmi::agent::{CallError, Caller, CallerExt as _};
use scmi::protocol::clock::wire::{ConfigWord, ExtendedType, RateFlags, StateChange};
use scmi::protocol::perf::agent::Limits;
use scmi::protocol::pinctrl::agent::Item;
use scmi::protocol::pinctrl::wire::{ConfigureWord, GetWord, Selector, Setting, Which};
use scmi::protocol::power::wire::{PowerState, StateSet};
use scmi::protocol::powercap::wire::CapSet;
use scmi::protocol::reset::wire::{ResetFlags, ResetState};
use scmi::protocol::sensor::wire::{ConfigWord as SensorConfig, Reading, TripControl};
use scmi::protocol::system::wire::{ProtocolAttributes, SystemState};
use scmi::protocol::voltage::wire::{LEVEL_SET_ASYNC, Mode};
use scmi::protocol::{base, clock, perf, pinctrl, power, powercap, reset, sensor, system, voltage};
use scmi::wire::{I64, MessageId, ProtocolId, U32, U64, Version};

use crate::dump::Message;

type Done = Result<(), CallError>;

/// Makes the typed call for a command of Linux's.
pub(crate) fn call(
    caller: &mut dyn Caller,
    protocol: ProtocolId,
    version: Version,
    message: u8,
    linux: &Message,
) -> Done {
    let words = linux.words();
    match (MessageId(message), &words[..]) {
        (MessageId::PROTOCOL_VERSION, []) => return caller.protocol_version(protocol).map(drop),
        (MessageId::PROTOCOL_MESSAGE_ATTRIBUTES, [of]) => {
            let of = MessageId(u8::try_from(*of).expect("ids have 8 bits"));
            return caller.message_attributes(protocol, of).map(drop);
        }
        (MessageId::NEGOTIATE_PROTOCOL_VERSION, [version]) => {
            return caller.negotiate(protocol, Version(*version));
        }
        _ => {}
    }
    let call = match protocol {
        ProtocolId::BASE => base(caller, version, message, &words),
        ProtocolId::POWER => power(caller, message, &words),
        ProtocolId::SYSTEM => system(caller, message, &words),
        ProtocolId::PERF => perf(caller, message, &words),
        ProtocolId::CLOCK => clock(caller, message, &words),
        ProtocolId::SENSOR => sensor(caller, message, &words),
        ProtocolId::RESET => reset(caller, message, &words),
        ProtocolId::VOLTAGE => voltage(caller, message, &words),
        ProtocolId::POWERCAP => powercap(caller, message, &words),
        ProtocolId::PINCTRL => pinctrl(caller, message, &words),
        _ => None,
    };
    call.unwrap_or_else(|| panic!("which typed call is this? {}", linux.line))
}

fn base(caller: &mut dyn Caller, version: Version, message: u8, words: &[u32]) -> Option<Done> {
    Some(match (message, words) {
        (1 | 3 | 4 | 5, []) => base::agent::discover(caller).map(drop),
        (6, [_skip]) => base::agent::protocols(caller, &mut |_| ()).map(drop),
        (7, [agent]) => base::agent::agent(caller, version, *agent).map(drop),
        (8, [enable]) => base::agent::notify_errors(caller, *enable == 1),
        _ => return None,
    })
}

fn power(caller: &mut dyn Caller, message: u8, words: &[u32]) -> Option<Done> {
    let mut domains = power::agent::PowerDomains::open(caller).expect("power domains");
    Some(match (message, words) {
        (1, []) => Ok(()),
        (3, [domain]) => domains.info(*domain).map(drop),
        (4, [0, domain, state]) => domains.set_state(*domain, PowerState(*state)),
        (4, [StateSet::ASYNC, domain, state]) => {
            domains.set_state_async(*domain, PowerState(*state))
        }
        (5, [domain]) => domains.state(*domain).map(drop),
        (6, [domain, enable]) => domains.notify_changes(*domain, *enable == 1),
        (7, [domain, enable]) => domains.notify_requests(*domain, *enable == 1),
        (8, [domain]) => domains.info(*domain).and_then(|info| domains.name(&info)).map(drop),
        _ => return None,
    })
}

fn system(caller: &mut dyn Caller, message: u8, words: &[u32]) -> Option<Done> {
    if message == 1 {
        return Some(caller.call(&ProtocolAttributes).map(drop));
    }
    let mut system = system::agent::SystemPower::open(caller).expect("system power");
    Some(match (message, words) {
        (3, [flags, state]) => system.set_state(SystemState(*state), *flags == 1),
        (4, []) => system.state().map(drop),
        (5, [enable]) => system.notify(*enable == 1),
        _ => return None,
    })
}

fn perf(caller: &mut dyn Caller, message: u8, words: &[u32]) -> Option<Done> {
    let mut domains = perf::agent::PerfDomains::open(caller).expect("performance domains");
    Some(match (message, words) {
        (1, []) => Ok(()),
        (3, [domain]) => domains.info(*domain).map(drop),
        (4, [domain, _index]) => domains.levels(*domain, &mut |_| ()),
        (5, [domain, max, min]) => domains.set_limits(*domain, Limits { max: *max, min: *min }),
        (6, [domain]) => domains.limits(*domain).map(drop),
        (7, [domain, level]) => domains.set_level(*domain, *level),
        (8, [domain]) => domains.level(*domain).map(drop),
        (9, [domain, enable]) => domains.notify_limits(*domain, *enable == 1),
        (0xA, [domain, enable]) => domains.notify_level(*domain, *enable == 1),
        (0xC, [domain]) => domains.info(*domain).and_then(|info| domains.name(&info)).map(drop),
        _ => return None,
    })
}

fn clock(caller: &mut dyn Caller, message: u8, words: &[u32]) -> Option<Done> {
    let mut clocks = clock::agent::Clocks::open(caller).expect("clocks");
    Some(match (message, words) {
        (1, []) => Ok(()),
        (3, [clock]) => clocks.info(*clock).map(drop),
        (4, [clock, _index]) => clocks.rates(*clock, &mut |_| ()),
        (5, [flags, clock, low, high]) => {
            let (flags, rate) = (RateFlags(*flags), whole(*low, *high));
            match (flags.has(RateFlags::ASYNC), flags.has(RateFlags::NO_DELAYED_RESPONSE)) {
                (false, _) => clocks.set_rate(*clock, rate, flags.rounding()),
                (true, false) => clocks.set_rate_async(*clock, rate, flags.rounding()).map(drop),
                (true, true) => clocks.queue_rate(*clock, rate, flags.rounding()),
            }
        }
        (6, [clock]) => clocks.rate(*clock).map(drop),
        (7, [clock, enable]) => clocks.set_enabled(*clock, *enable == 1),
        (7, [clock, word, value]) => {
            let word = ConfigWord(*word);
            match (word.extended(), word.state()) {
                (ExtendedType::NONE, state) => {
                    clocks.set_enabled(*clock, state == StateChange::ENABLE)
                }
                (kind, StateChange::UNCHANGED) => clocks.set_extended(*clock, kind, *value),
                _ => return None,
            }
        }
        (8, [clock]) => clocks.info(*clock).and_then(|info| clocks.name(&info)).map(drop),
        (9, [clock, enable]) => clocks.notify_rate(*clock, *enable == 1),
        (0xA, [clock, enable]) => clocks.notify_requests(*clock, *enable == 1),
        (0xB, [clock, 0]) => clocks.enabled(*clock).map(drop),
        (0xB, [clock, kind]) => {
            let kind = ExtendedType(u8::try_from(*kind).ok()?);
            clocks.extended(*clock, kind).map(drop)
        }
        (0xC, [clock, _skip]) => clocks.possible_parents(*clock, &mut |_| ()),
        (0xD, [clock, parent]) => clocks.set_parent(*clock, *parent),
        (0xE, [clock]) => clocks.parent(*clock).map(drop),
        (0xF, [clock]) => clocks.info(*clock).and_then(|info| clocks.permissions(&info)).map(drop),
        _ => return None,
    })
}

fn sensor(caller: &mut dyn Caller, message: u8, words: &[u32]) -> Option<Done> {
    let mut sensors = sensor::agent::Sensors::open(caller).expect("sensors");
    let mut all = Vec::new();
    let mut readings = [Reading { value: I64::new(0), timestamp: U64::new(0) }; 8];
    Some(match (message, words) {
        (1, []) => Ok(()),
        (3, [_index]) => sensors.describe(&mut |_| ()),
        (4, [sensor, enable]) => sensors.notify_trip_points(*sensor, *enable == 1),
        (5, [sensor, control, low, high]) => {
            let (control, value) = (TripControl(*control), whole(*low, *high).cast_signed());
            sensors.set_trip_point(*sensor, control.trip_point(), control.mode(), value)
        }
        (6, [sensor, 0]) => sensors.read(*sensor, &mut readings).map(drop),
        (6, [sensor, 1]) => sensors.read_async(*sensor, &mut readings).map(drop),
        (8, [sensor, _index]) => sensors.intervals(*sensor, &mut |_| ()),
        (9, [sensor]) => sensors.config(*sensor).map(drop),
        (0xA, [sensor, config]) => sensors.set_config(*sensor, SensorConfig(*config)),
        (0xB, [sensor, enable]) => sensors.notify_updates(*sensor, *enable == 1),
        (7 | 0xC | 0xD, [sensor, ..]) => {
            sensors.describe(&mut |info| all.push(*info)).expect("sensors");
            let info = all.get(usize::try_from(*sensor).ok()?)?;
            match message {
                7 => sensors.axes(*sensor, info.axes, &mut |_| ()),
                0xC => sensors.name(info).map(drop),
                _ => sensors.axis_names(*sensor, info.axes, &mut |_| ()),
            }
        }
        _ => return None,
    })
}

fn reset(caller: &mut dyn Caller, message: u8, words: &[u32]) -> Option<Done> {
    /// An autonomous reset with a delayed response.
    const LATER: u32 = ResetFlags::AUTONOMOUS | ResetFlags::ASYNC;
    let mut resets = reset::agent::Resets::open(caller).expect("reset domains");
    Some(match (message, words) {
        (1, []) => Ok(()),
        (3, [domain]) => resets.info(*domain).map(drop),
        (4, [domain, 0, state]) => resets.deassert(*domain, ResetState(*state)),
        (4, [domain, ResetFlags::ASSERT, state]) => resets.assert(*domain, ResetState(*state)),
        (4, [domain, ResetFlags::AUTONOMOUS, state]) => resets.reset(*domain, ResetState(*state)),
        (4, [domain, LATER, state]) => resets.reset_async(*domain, ResetState(*state)),
        (5, [domain, enable]) => resets.notify(*domain, *enable == 1),
        (6, [domain]) => resets.info(*domain).and_then(|info| resets.name(&info)).map(drop),
        _ => return None,
    })
}

fn voltage(caller: &mut dyn Caller, message: u8, words: &[u32]) -> Option<Done> {
    let mut voltages = voltage::agent::Voltages::open(caller).expect("voltage domains");
    Some(match (message, words) {
        (1, []) => Ok(()),
        (3, [domain]) => voltages.info(*domain).map(drop),
        (4, [domain, _index]) => voltages.levels(*domain, &mut |_| ()),
        (5, [domain, config]) => voltages.set_mode(*domain, Mode::from_word(*config)?),
        (6, [domain]) => voltages.mode(*domain).map(drop),
        (7, [domain, 0, level]) => voltages.set_level(*domain, level.cast_signed()),
        (7, [domain, LEVEL_SET_ASYNC, level]) => {
            voltages.set_level_async(*domain, level.cast_signed()).map(drop)
        }
        (8, [domain]) => voltages.level(*domain).map(drop),
        (9, [domain]) => voltages.info(*domain).and_then(|info| voltages.name(&info)).map(drop),
        _ => return None,
    })
}

fn powercap(caller: &mut dyn Caller, message: u8, words: &[u32]) -> Option<Done> {
    /// Nobody waits for it.
    const QUIET: u32 = CapSet::ASYNC | CapSet::NO_RESPONSE;
    let mut domains = powercap::agent::PowercapDomains::open(caller).expect("power caps");
    Some(match (message, words) {
        (1, []) => Ok(()),
        (3, [domain]) => domains.info(*domain).map(drop),
        (4, [domain]) => domains.cap(*domain).map(drop),
        (5, [domain, 0, cap]) => domains.set_cap(*domain, *cap),
        (5, [domain, CapSet::ASYNC, cap]) => domains.set_cap_async(*domain, *cap).map(drop),
        (5, [domain, QUIET, cap]) => domains.set_cap_quietly(*domain, *cap),
        (6, [domain]) => domains.pai(*domain).map(drop),
        (7, [domain, 0, pai]) => domains.set_pai(*domain, *pai),
        (8, [domain]) => domains.info(*domain).and_then(|info| domains.name(&info)).map(drop),
        (9, [domain]) => domains.measurements(*domain).map(drop),
        (0xA, [domain, enable]) => domains.notify_cap(*domain, *enable == 1),
        (0xB, [domain, enable, low, high]) => {
            domains.notify_measurements(*domain, (*enable == 1).then_some((*low, *high)))
        }
        _ => return None,
    })
}

fn pinctrl(caller: &mut dyn Caller, message: u8, words: &[u32]) -> Option<Done> {
    let mut pins = pinctrl::agent::Pins::open(caller).expect("pins");
    Some(match (message, words) {
        (1, []) => Ok(()),
        (3, [id, flags]) => pins.info(item(*id, Selector::from_word(*flags))?).map(drop),
        (4, [id, flags, _index]) => {
            pins.associations(item(*id, Selector::from_word(*flags))?, &mut |_| ())
        }
        (5, [id, word]) => {
            let word = GetWord(*word);
            let item = item(*id, word.selector())?;
            match word.which() {
                Which::ONE => pins.setting(item, word.kind()).map(drop),
                Which::ALL => pins.settings(item, &mut |_| ()),
                _ => pins.function(item).map(drop),
            }
        }
        (6, [id, function, word, settings @ ..]) => {
            let word = ConfigureWord(*word);
            let (settings, []) = settings.as_chunks::<2>() else { return None };
            let settings: Vec<Setting> = settings
                .iter()
                .map(|[kind, value]| Setting { kind: U32::new(*kind), value: U32::new(*value) })
                .collect();
            let function = word.sets_function().then_some(Some(*function));
            pins.configure(item(*id, word.selector())?, function, &settings)
        }
        (7, [id, flags]) => pins.request(item(*id, Selector::from_word(*flags))?),
        (8, [id, flags]) => pins.release(item(*id, Selector::from_word(*flags))?),
        (9, [id, flags]) => {
            let item = item(*id, Selector::from_word(*flags))?;
            pins.info(item).and_then(|info| pins.name(&info)).map(drop)
        }
        _ => return None,
    })
}

fn item(id: u32, selector: Selector) -> Option<Item> {
    match selector {
        Selector::PIN => Some(Item::pin(id)),
        Selector::GROUP => Some(Item::group(id)),
        Selector::FUNCTION => Some(Item::function(id)),
        _ => None,
    }
}

fn whole(low: u32, high: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}
