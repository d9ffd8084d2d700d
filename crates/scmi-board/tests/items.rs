//! What the tables of a good file become, and what a Linux guest should be warned of.

use scmi::protocol::clock::platform::Rates;
use scmi::protocol::perf::wire::PowerUnit;
use scmi::protocol::power::platform::Told;
use scmi::protocol::powercap::platform::Steps;
use scmi::protocol::voltage::platform::Levels;
use scmi_board::Board;

const HEAD: &str = "[platform]\nvendor = \"acme\"\n[[agent]]\nname = \"vm1\"\n";

fn board(rest: &str) -> Board {
    Board::parse(&format!("{HEAD}{rest}"), "test").unwrap_or_else(|error| panic!("{error}"))
}

fn refused(rest: &str) -> String {
    Board::parse(&format!("{HEAD}{rest}"), "test").unwrap_err().to_string()
}

fn warnings(board: &Board) -> Vec<(usize, &str)> {
    board.warnings.iter().map(|warning| (warning.line(), warning.message())).collect()
}

#[test]
fn the_least_items_have_defaults_for_the_rest() {
    let board = board(
        "[[clock]]\nname = \"c\"\nrates = [1, 2]\n[[power-domain]]\nname = \"p\"\n[[voltage-domain]]\nname = \"v\"\nlevels = [1.5]\n\
         [[reset-domain]]\nname = \"r\"\n[[performance-domain]]\nname = \"f\"\nlevels = [{ level = 5 }, { level = 7 }]\n\
         [[power-cap]]\nname = \"w\"\ncap = \"5 W\"\n[system]\n[[pin]]\nname = \"n\"\n",
    );
    let clock = &board.clocks[0];
    assert_eq!((clock.rate, clock.enabled, clock.parent, clock.divide), (1, false, None, None));
    assert!(clock.description.extended.is_empty() && clock.description.notifies_changes);
    let power = &board.power_domains[0].description;
    assert_eq!((power.states.len(), power.initial, power.told), (2, 0, Told::Asked));
    assert_eq!(board.voltage_domains[0].level, 1_500_000);
    let perf = &board.performance_domains[0];
    assert_eq!((perf.description.sustained_level, perf.unit), (7, PowerUnit::ABSTRACT));
    let indexes: Vec<u32> = perf.description.levels.iter().map(|level| level.index).collect();
    assert_eq!(indexes, [1, 2], "0 would mean a limit that stays as it is");
    let cap = &board.power_caps[0].description;
    assert_eq!((cap.cap, cap.pai), (Steps::fixed(5_000_000), Steps::fixed(1_000_000)));
    assert_eq!(cap.sustainable_power, 5_000_000);
    let system = board.system.as_ref().unwrap();
    let agent = scmi::platform::AgentId::from_index(0).unwrap();
    assert!(!system.controllers.allows(agent), "an operating system does not control its machine");
    assert!(board.clocks[0].access.allows(agent));
    assert_eq!(warnings(&board), []);
    board.platform().unwrap();
}

#[test]
fn units_are_as_people_write_them() {
    let board = board(
        "[[clock]]\nname = \"c\"\nrates = [32768, \"24 MHz\", \"1.2GHz\"]\nrate = 24e6\n\
         [[voltage-domain]]\nname = \"v\"\nlevels = { min = \"-5 V\", max = 0, step = \"250mV\" }\nlevel = -0.25\n",
    );
    let rates = Rates::List(vec![32_768, 24_000_000, 1_200_000_000]);
    assert_eq!((&board.clocks[0].description.rates, board.clocks[0].rate), (&rates, 24_000_000));
    let levels = Levels::Range { lowest: -5_000_000, highest: 0, step: 250_000 };
    assert_eq!(board.voltage_domains[0].description.levels, levels);
    assert_eq!(board.voltage_domains[0].level, -250_000);
}

#[test]
fn a_clock_that_divides_has_all_rates_of_its_parents_divided() {
    let board = board(
        "[[clock]]\nname = \"half\"\nparents = [\"a\", \"b\"]\ndivide = 2\n[[clock]]\nname = \"a\"\nrates = [10, 20]\n\
         [[clock]]\nname = \"b\"\nrates = [20, 30]\n[[clock]]\nname = \"tenth\"\nparent = \"half\"\ndivide = 5\n",
    );
    let rates = |id: usize| board.clocks[id].description.rates.clone();
    assert_eq!(rates(0), Rates::List(vec![5, 10, 15]));
    assert_eq!(rates(3), Rates::List(vec![1, 2, 3]));
    assert_eq!(board.clocks[0].description.parents, [1, 2]);
    assert!(board.clocks[3].description.parents.is_empty(), "there is no choice");
}

#[test]
fn costs_are_in_milliwatts_as_long_as_they_can() {
    let perf = |cost: &str| {
        let text = format!(
            "[[performance-domain]]\nname = \"f\"\nlevels = [{{ level = 1, cost = {cost} }}, {{ level = 2, cost = \"2 W\" }}]\n"
        );
        board(&text).performance_domains.remove(0)
    };
    let whole = perf("\"10 mW\"");
    assert_eq!((whole.unit, whole.description.levels[1].power_cost), (PowerUnit::MILLIWATT, 2000));
    let fine = perf("\"10 uW\"");
    assert_eq!(
        (fine.unit, fine.description.levels[1].power_cost),
        (PowerUnit::MICROWATT, 2_000_000)
    );
}

#[test]
fn a_rate_limit_has_twenty_bits_of_microseconds() {
    let perf = |limit: &str| {
        format!(
            "[[performance-domain]]\nname = \"f\"\nlevels = [{{ level = 1 }}]\nrate-limit = \"{limit}\"\n"
        )
    };
    let most = board(&perf("1048575 us"));
    assert_eq!(most.performance_domains[0].description.rate_limit_us, 0xF_FFFF);
    most.platform().unwrap();
    assert!(refused(&perf("1048576 us")).contains("at most 1048575 us"));
}

#[test]
fn what_linux_cannot_take_is_warned_of() {
    let rates: Vec<String> = (1..=17).map(|rate| rate.to_string()).collect();
    let levels: Vec<String> = (1..=33).map(|level| format!("{{ level = {level} }}")).collect();
    let board = board(&format!(
        "[[clock]]\nname = \"c\"\nrates = [{}]\n[[performance-domain]]\nname = \"p\"\nlevels = [{}]\n\
         [[performance-domain]]\nname = \"q\"\nlevels = [{{ level = 1, frequency = \"3 kHz\" }}, {{ level = 2, frequency = \"4 kHz\" }}]\n\
         [[pin]]\nname = \"x\"\n[[pin-function]]\nname = \"io\"\npins = [\"x\"]\n",
        rates.join(", "),
        levels.join(", ")
    ));
    let expected = [
        (
            7,
            "rates of clock \"c\": found 17 rates; Linux 6.12 gives up on a clock with a list of more than 16",
        ),
        (
            10,
            "levels of performance domain \"p\": found 33 levels; Linux 6.12 gives up on a domain with more than 32",
        ),
        (
            13,
            "levels of performance domain \"q\": found the frequency 3 kHz for the level 1; without indexed = true Linux takes it for 2 kHz",
        ),
        (
            18,
            "pins of pin function \"io\": Linux 6.12 takes them for groups, and cannot use the function",
        ),
    ];
    assert_eq!(warnings(&board), expected);
    board.platform().unwrap();
}

#[test]
fn a_tree_of_parents_has_no_circle() {
    let clocks = refused(
        "[[clock]]\nname = \"a\"\nrates = [1]\nparents = [\"b\"]\n[[clock]]\nname = \"b\"\nrates = [1]\nparent = \"a\"\n",
    );
    assert!(clocks.contains("expected no circle"), "{clocks}");
    let caps = refused(
        "[[power-cap]]\nname = \"a\"\ncap = 1\nparent = \"b\"\n[[power-cap]]\nname = \"b\"\ncap = 1\nparent = \"a\"\n",
    );
    assert!(caps.contains("expected a tree"), "{caps}");
}

#[test]
fn a_large_board_makes_a_platform() {
    let many = |count: usize, table: &str, keys: &str| -> String {
        (0..count).map(|id| format!("[[{table}]]\nname = \"{table} {id}\"\n{keys}\n")).collect()
    };
    let chain = |id: usize| {
        let parent =
            id.checked_sub(1).map_or_else(String::new, |above| format!("parent = \"c{above}\"\n"));
        format!("[[power-cap]]\nname = \"c{id}\"\ncap = 1\npower = \"1 mW\"\n{parent}")
    };
    let text = [
        many(300, "clock", "rates = [1, 2]"),
        many(100, "voltage-domain", "levels = [1]"),
        many(64, "performance-domain", "levels = [{ level = 1 }, { level = 2 }]"),
        many(100, "power-domain", ""),
        many(200, "pin", ""),
        (0..1000).map(chain).collect(),
    ];
    let board = board(&text.concat());
    assert_eq!((board.clocks.len(), board.pins.len(), board.power_caps.len()), (300, 200, 1000));
    board.platform().unwrap();
}

#[test]
fn the_example_has_everything_and_nothing_to_warn_of() {
    let text = include_str!("../../../examples/demo.toml");
    let board = Board::parse(text, "demo.toml").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(warnings(&board), []);
    let counts = [
        board.sensors.len(),
        board.clocks.len(),
        board.power_domains.len(),
        board.performance_domains.len(),
        board.voltage_domains.len(),
        board.reset_domains.len(),
        board.power_caps.len(),
        board.pins.len(),
        board.pin_groups.len(),
        board.pin_functions.len(),
    ];
    assert!(counts.iter().all(|count| *count >= 2), "{counts:?}");
    assert!(board.system.is_some());
}

#[test]
fn what_will_never_be_used_of_the_system_is_a_warning() {
    let (unused, useless) = (
        "qmp of agent \"vm1\": nothing is done to the machine on a board without [system]",
        "on-request of system: no agent is in agents, so none may ask for anything",
    );
    let head = "[platform]\nvendor = \"acme\"\n[[agent]]\nname = \"vm1\"\nqmp = \"vm1.qmp\"\n";
    let board = |text: &str| Board::parse(text, "test").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(warnings(&board(head)), [(5, unused)]);
    let with = |rest| board(&format!("{head}[system]\non-request.command = [\"logger\"]\n{rest}"));
    assert_eq!(warnings(&with("")), [(7, useless)]);
    assert_eq!(warnings(&with("agents = [\"vm1\"]\n")), []);
}
