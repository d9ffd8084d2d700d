//! Events, back into the words of their notifications.

use scmi::protocol::{base, clock, perf, power, powercap, reset, sensor, system};
use scmi::wire::{Header, ProtocolId};

/// What the event that a notification is says, in words; none if no event understands it.
pub(crate) fn words(header: Header, payload: &[u8]) -> Option<Vec<u32>> {
    Some(match header.protocol() {
        ProtocolId::BASE => {
            let event = base::agent::Event::parse(header, payload)?;
            let reports: Vec<_> = event.reports().collect();
            let count = u32::try_from(reports.len()).ok()?;
            let mut words = vec![event.agent, count | u32::from(event.fatal) << 31];
            for report in reports {
                words.extend([report.header.get(), report.status.get().cast_unsigned()]);
            }
            words
        }
        ProtocolId::POWER => match power::agent::Event::parse(header, payload)? {
            power::agent::Event::Changed { agent, domain, state }
            | power::agent::Event::Requested { agent, domain, state } => {
                vec![agent, domain, state.0]
            }
            _ => return None,
        },
        ProtocolId::SYSTEM => {
            let event = system::agent::Event::parse(header, payload)?;
            let mut words = vec![event.agent, event.graceful.into(), event.state.0];
            // The word is there from 2.0 on.
            words.push(event.timeout_ms.unwrap_or(0));
            words
        }
        ProtocolId::PERF => match perf::agent::Event::parse(header, payload)? {
            perf::agent::Event::LimitsChanged { agent, domain, limits } => {
                vec![agent, domain, limits.max, limits.min]
            }
            perf::agent::Event::LevelChanged { agent, domain, level } => vec![agent, domain, level],
            _ => return None,
        },
        ProtocolId::CLOCK => match clock::agent::Event::parse(header, payload)? {
            clock::agent::Event::RateChanged { agent, clock, rate }
            | clock::agent::Event::RateChangeRequested { agent, clock, rate } => {
                let [low, high] = halves(rate);
                vec![agent, clock, low, high]
            }
            _ => return None,
        },
        ProtocolId::SENSOR => match sensor::agent::Event::parse(header, payload)? {
            sensor::agent::Event::TripPoint { sensor, trip_point, rising } => {
                vec![0, sensor, u32::from(rising) << 16 | u32::from(trip_point)]
            }
            sensor::agent::Event::Update { sensor, readings } => {
                let mut words = vec![0, sensor];
                for reading in readings.iter() {
                    words.extend(halves(reading.value.get().cast_unsigned()));
                    words.extend(halves(reading.timestamp.get()));
                }
                words
            }
            _ => return None,
        },
        ProtocolId::RESET => match reset::agent::Event::parse(header, payload)? {
            reset::agent::Event::Issued { agent, domain, state } => vec![agent, domain, state.0],
            _ => return None,
        },
        ProtocolId::POWERCAP => match powercap::agent::Event::parse(header, payload)? {
            powercap::agent::Event::CapChanged { agent, domain, cap, pai_us } => {
                vec![agent, domain, cap, pai_us]
            }
            // The agent is the platform: nobody measures by himself.
            powercap::agent::Event::MeasurementsChanged { domain, power } => vec![0, domain, power],
            _ => return None,
        },
        _ => return None,
    })
}

/// The low and the high word.
fn halves(value: u64) -> [u32; 2] {
    let [a, b, c, d, e, f, g, h] = value.to_le_bytes();
    [u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])]
}
