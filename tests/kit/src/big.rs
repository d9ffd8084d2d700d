//! A large board: much of everything, in all shapes that a board file has and Linux 6.12 takes.

use core::fmt::Write as _;

/// How many clocks it has.
pub const CLOCKS: usize = 300;
/// How many sensors.
pub const SENSORS: usize = 300;
/// How many voltage domains.
pub const RAILS: usize = 100;
/// How many performance domains; the first two drive a guest's first two processors.
pub const PERFORMANCE_DOMAINS: usize = 64;
/// How many power domains.
pub const POWER_DOMAINS: usize = 100;
/// How many reset domains.
pub const RESETS: usize = 100;
/// How many power caps.
pub const POWER_CAPS: usize = 20;
/// How many pins.
pub const PINS: usize = 200;
/// How many groups of pins.
pub const GROUPS: usize = 40;
/// How many functions of groups.
pub const FUNCTIONS: usize = 20;

/// How many of all of these.
pub const ITEMS: usize = CLOCKS
    + SENSORS
    + RAILS
    + PERFORMANCE_DOMAINS
    + POWER_DOMAINS
    + RESETS
    + POWER_CAPS
    + PINS
    + GROUPS
    + FUNCTIONS;

/// Writes what an item has beside its name.
type Body = fn(usize) -> String;

/// The board file; its agents are `vm1` and `vm2`.
#[must_use]
pub fn text() -> String {
    let head = "[platform]\nvendor = \"acme\"\nsub-vendor = \"big\"\n\n\
                [[agent]]\nname = \"vm1\"\n\n[[agent]]\nname = \"vm2\"\n\n[system]\n";
    let mut text = head.to_owned();
    let kinds: [(&str, usize, Body); 10] = [
        ("clock", CLOCKS, clock),
        ("sensor", SENSORS, sensor),
        ("voltage-domain", RAILS, rail),
        ("performance-domain", PERFORMANCE_DOMAINS, performance),
        ("power-domain", POWER_DOMAINS, power),
        ("reset-domain", RESETS, reset),
        ("power-cap", POWER_CAPS, cap),
        ("pin", PINS, pin),
        ("pin-group", GROUPS, group),
        ("pin-function", FUNCTIONS, function),
    ];
    for (kind, count, body) in kinds {
        for id in 0..count {
            let name = name(kind, id);
            // Writing to a text cannot fail.
            let _always = write!(text, "\n[[{kind}]]\nname = \"{name}\"\n{}\n", body(id));
        }
    }
    text
}

/// The name of an item. Each fifth is too long for 15 characters, so it is asked for by itself.
fn name(kind: &str, id: usize) -> String {
    let kind = kind.strip_suffix("-domain").unwrap_or(kind);
    let kind = kind.rsplit('-').next().unwrap_or(kind);
    if id % 5 == 4 {
        format!("{kind}{id:03}-which-has-a-long-name")
    } else {
        format!("{kind}{id:03}")
    }
}

/// So many values that rise, in a list.
fn list(count: usize, value: impl Fn(usize) -> String) -> String {
    let values: Vec<String> = (0..count).map(value).collect();
    format!("[{}]", values.join(", "))
}

/// One in ten is a source, of which one in ten divides and some choose; the others have 1 to 16 rates, or a range of them.
fn clock(id: usize) -> String {
    let source = |id: usize| name("clock", id / 10 * 10);
    match id % 10 {
        0 => "rates = [\"24 MHz\"]\nenabled = true".to_owned(),
        1..=4 => {
            let rates = list(1 + id % 16, |step| format!("\"{} MHz\"", 10 * (step + 1)));
            format!("rates = {rates}")
        }
        5..=7 => "rates = { min = \"1 MHz\", max = \"100 MHz\", step = \"1 MHz\" }".to_owned(),
        8 => {
            let parents = list(id % 6 + 1, |step| format!("\"{}\"", source(step * 10)));
            format!("parents = {parents}\nrates = [\"8 MHz\", \"16 MHz\"]")
        }
        _ => format!("parent = \"{}\"\ndivide = 4", source(id)),
    }
}

/// All kinds that hwmon knows and one that it does not; with thresholds, intervals, both, neither; some with axes.
fn sensor(id: usize) -> String {
    let kind = ["temperature", "voltage", "current", "power", "energy", "humidity"][id % 6];
    let intervals = "update-intervals = [\"100 ms\", \"1 s\", \"10 s\"]\nenabled = false";
    if id % 50 == 49 {
        let axes: Vec<String> = ["X", "Y", "Z"]
            .iter()
            .map(|axis| format!("\n[[sensor.axis]]\nname = \"accel{id}_{axis}\"\nsource = {id}"))
            .collect();
        return format!("type = \"acceleration\"\n{intervals}\n{}", axes.join("\n"));
    }
    let more = match id % 4 {
        0 => "trip-points = 2",
        1 => intervals,
        2 => "resolution = 0.001\nmin = 0\nmax = 1000\npower = \"100 uW\"",
        _ => "",
    };
    format!("type = \"{kind}\"\nsource = {id}\n{}", more.replace("enabled = false", ""))
}

/// Lists of 1 to 40 levels, and ranges.
fn rail(id: usize) -> String {
    let levels = match id % 4 {
        0 => "{ min = \"600 mV\", max = \"1.2 V\", step = \"12.5 mV\" }".to_owned(),
        _ => list(1 + id % 40, |step| format!("\"{} mV\"", 1000 + 50 * step)),
    };
    format!("levels = {levels}\nenabled = {}", id.is_multiple_of(3))
}

/// 2 to 32 levels, in each fourth domain called by their indexes.
fn performance(id: usize) -> String {
    let levels = list(2 + id % 31, |step| {
        format!("{{ frequency = \"{} MHz\", cost = \"{} mW\" }}", 100 * (step + 1), 50 * (step + 1))
    });
    let cpus = if id < 2 { format!("\ncpus = [{id}]") } else { String::new() };
    format!("indexed = {}\nlevels = {levels}{cpus}", id % 4 == 1)
}

fn power(id: usize) -> String {
    format!("enabled = {}", !id.is_multiple_of(3))
}

fn reset(id: usize) -> String {
    format!("async = {}\nlatency = \"{} ms\"", id.is_multiple_of(2), id % 7)
}

/// A tree in which each but the first has one of the first six above it.
fn cap(id: usize) -> String {
    let parent = match id.checked_sub(1) {
        Some(above) => format!("parent = \"{}\"\n", name("power-cap", above / 3)),
        None => String::new(),
    };
    format!(
        "{parent}cap = {{ min = \"1 W\", max = \"20 W\", step = \"100 mW\" }}\npower = \"{id} mW\"\nmeasures = [\"{}\"]",
        name("performance-domain", id)
    )
}

fn pin(id: usize) -> String {
    match id % 3 {
        0 => "settings = { pull-up = false, drive-strength = { value = 4, min = 2, max = 16 } }"
            .to_owned(),
        _ => String::new(),
    }
}

/// Five neighbours each; the last group has a hundred pins, more than fit into a message.
fn group(id: usize) -> String {
    let pins = match id + 1 == GROUPS {
        true => list(100, |pin_| format!("\"{}\"", name("pin", pin_))),
        false => list(5, |pin_| format!("\"{}\"", name("pin", id * 5 + pin_))),
    };
    format!("pins = {pins}")
}

fn function(id: usize) -> String {
    let groups = list(2, |group| format!("\"{}\"", name("pin-group", id * 2 + group)));
    format!("groups = {groups}")
}
