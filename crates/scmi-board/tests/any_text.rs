//! Any text at all: a board, or an error that says where. Never a panic.

use proptest::prelude::*;
use scmi::Time;
use scmi::protocol::sensor::platform::SensorModel;
use scmi_board::{Board, BoardError, Source};

const DEMO: &str = include_str!("../../../examples/demo.toml");

/// Words of the format, to get deeper than random letters do.
const WORDS: [&str; 90] = [
    "[platform]",
    "[[agent]]",
    "[[sensor]]",
    "[[sensor.axis]]",
    "[agent.versions]",
    "\n",
    "\n",
    " = ",
    "{ ",
    " }",
    "[",
    "]",
    ", ",
    "name",
    "type",
    "vendor",
    "seed",
    "exponent",
    "source",
    "value",
    "wave",
    "walk",
    "steps",
    "file",
    "min",
    "max",
    "period",
    "phase",
    "step",
    "every",
    "at",
    "repeat",
    "interpolate",
    "scale",
    "trip-points",
    "update-intervals",
    "update-interval",
    "first",
    "last",
    "async",
    "read-time",
    "timestamps",
    "resolution",
    "power",
    "thermal-zone",
    "trips",
    "\"temperature\"",
    "\"sine\"",
    "\"10 ms\"",
    "\"0s\"",
    "\"850 mV\"",
    "\"x\"",
    "true",
    "0",
    "-1",
    "1e300",
    "35.5",
    "nan",
    "0xFF",
    "9223372036854775807",
    "[system]",
    "[[system.step]]",
    "[[clock]]",
    "[[power-domain]]",
    "[[performance-domain]]",
    "[[voltage-domain]]",
    "[[reset-domain]]",
    "[[power-cap]]",
    "[[pin]]",
    "[[pin-group]]",
    "[[pin-function]]",
    "rates",
    "parents",
    "parent",
    "divide",
    "levels",
    "level",
    "frequency",
    "cost",
    "settings",
    "pins",
    "groups",
    "measures",
    "cap",
    "agents",
    "states",
    "\"1 GHz\"",
    "\"2 W\"",
    "\"cpu\"",
    "[]",
];

fn check(text: &str) -> Result<(), TestCaseError> {
    match Board::parse(text, "any.toml") {
        Ok(board) => reads(&board),
        Err(BoardError::Refused(report)) => {
            prop_assert!(report.total() >= 1 && !report.problems().is_empty());
            let lines = text.matches('\n').count() + 1;
            for problem in report.problems() {
                prop_assert!(
                    (1..=lines).contains(&problem.line()) && problem.column() >= 1,
                    "{problem:?}"
                );
                prop_assert!(problem.message().contains("expected"), "{problem:?}");
            }
            prop_assert!(report.to_string().starts_with("any.toml:"));
            Ok(())
        }
        Err(other) => Err(TestCaseError::fail(other.to_string())),
    }
}

/// Whatever was accepted can be read at any time, within its limits, and makes a platform.
fn reads(board: &Board) -> Result<(), TestCaseError> {
    prop_assert!(board.platform().is_ok());
    let mut model = board.sensor_model();
    for (id, sensor) in board.sensors.iter().enumerate() {
        let mut values = vec![0; sensor.sources.len()];
        for now in [0, 1, 1_000_000_007, u64::MAX] {
            let simulated = !sensor.sources.iter().any(|source| matches!(source, Source::File(_)));
            let result = model.read(Time::from_nanos(now), id, &mut values);
            prop_assert!(result.is_ok() || !simulated);
            for (value, source) in values.iter().zip(&sensor.sources) {
                if let Some((min, max)) = source.bounds() {
                    prop_assert!(
                        (min..=max).contains(value) || !simulated,
                        "{value} of {source:?}"
                    );
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn letters(text in "\\PC{0,200}") {
        check(&text)?;
    }

    #[test]
    fn bytes_with_lines(text in proptest::collection::vec(any::<char>(), 0..100)) {
        check(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn words_of_the_format(words in proptest::collection::vec(proptest::sample::select(WORDS.as_slice()), 0..120)) {
        check(&words.concat())?;
    }

    #[test]
    fn a_board_with_a_piece_replaced(start in 0..DEMO.len(), length in 0_usize..40, piece in proptest::sample::select(WORDS.as_slice())) {
        let start = DEMO.floor_char_boundary(start);
        let end = DEMO.ceil_char_boundary((start + length).min(DEMO.len()));
        check(&format!("{}{piece}{}", &DEMO[..start], &DEMO[end..]))?;
    }

    #[test]
    fn a_board_cut_off(end in 0..DEMO.len()) {
        check(&DEMO[..DEMO.floor_char_boundary(end)])?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_board_with_a_line_elsewhere(from in 0..DEMO.lines().count(), to in 0..DEMO.lines().count()) {
        let mut lines: Vec<&str> = DEMO.lines().collect();
        let line = lines.remove(from);
        lines.insert(to, line);
        check(&lines.join("\n"))?;
    }

    #[test]
    fn a_number_in_every_place_of_an_item(
        (table, key) in proptest::sample::select(&[
            ("clock", "rates"), ("clock", "rate"), ("clock", "divide"), ("clock", "phase"), ("clock", "rate-change"),
            ("power-domain", "on-latency"), ("power-domain", "states"), ("performance-domain", "levels"),
            ("performance-domain", "rate-limit"), ("performance-domain", "level"), ("voltage-domain", "levels"),
            ("voltage-domain", "level"), ("reset-domain", "states"), ("power-cap", "cap"), ("power-cap", "averaging"),
            ("power-cap", "power"), ("power-cap", "accuracy"), ("pin", "settings"),
        ][..]),
        value in prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| format!("{number:?}")),
            "\"-?[0-9.]{1,12} ?(n|u|m|k|M|G)?(s|V|W|Hz)\"",
            "\\[-?[0-9]{1,19}, -?[0-9]{1,19}\\]",
            "\\{ min = -?[0-9]{1,10}, max = -?[0-9]{1,10}, step = -?[0-9]{1,10} \\}",
            "\\{ min = \"[0-9]{1,10} us\", max = \"[0-9]{1,10} us\", step = \"[0-9]{1,10} us\" \\}",
            "\\[\\{ level = [0-9]{1,11}, frequency = [0-9]{1,13}000, cost = [0-9]{1,11}, index = [0-9]{1,11} \\}\\]",
            "\\[\\{ id = [0-9]{1,10}, context-lost = true \\}\\]",
            "\\{ drive-strength = [0-9]{1,11}, vendor-[0-9]{1,3} = \\{ value = [0-9]{1,11}, min = [0-9]{1,11} \\} \\}",
        ],
    ) {
        let needs: &str = match (table, key) {
            ("clock", "rates" | "divide") | ("performance-domain" | "voltage-domain", "levels") | ("power-cap", "cap") => "",
            ("clock", _) => "rates = [1, 2]",
            ("performance-domain", _) => "levels = [{ level = 1 }]",
            ("voltage-domain", _) => "levels = [1]",
            ("power-cap", _) => "cap = 1",
            _ => "",
        };
        let head = "[platform]\nvendor = \"a\"\n[[agent]]\nname = \"a\"\n";
        check(&format!("{head}[[{table}]]\nname = \"s\"\n{needs}\n{key} = {value}\n"))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_value_in_every_place(
        key in proptest::sample::select(&["exponent", "source", "min", "max", "resolution", "trip-points", "timestamps", "read-time", "power", "update-intervals", "thermal-zone"][..]),
        value in prop_oneof![
            any::<i64>().prop_map(|number| number.to_string()),
            any::<f64>().prop_map(|number| format!("{number:?}")),
            "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,5})?",
            "\"-?[0-9.]{1,12} ?(n|u|m|k|M|G)?(s|V|W|°C|h|d)\"",
            "\\{ wave = \"(sine|ramp|triangle)\", min = -?[0-9]{1,17}, max = -?[0-9]{1,17}, period = \"[0-9]{1,12} (ns|ms|d)\", phase = 0.[0-9]{1,12} \\}",
            "\\{ walk = true, min = -?[0-9]{1,17}, max = -?[0-9]{1,17}, step = [0-9]{1,18}, every = \"[0-9]{1,12} ms\" \\}",
        ],
    ) {
        check(&format!("[platform]\nvendor = \"a\"\n[[agent]]\nname = \"a\"\n[[sensor]]\nname = \"s\"\ntype = \"temperature\"\nsource = 0\n{key} = {value}\n").replacen("source = 0\nsource", "source", 1))?;
    }
}

#[test]
fn depth_is_no_way_to_end_the_process() {
    for piece in ["[", "{a=", "a.", "[[a]]\n[a.", "{ source = { steps = [ "] {
        let _ = Board::parse(&piece.repeat(50_000), "deep.toml");
        let _ = Board::parse(&format!("a = {}", piece.repeat(50_000)), "deep.toml");
    }
}
