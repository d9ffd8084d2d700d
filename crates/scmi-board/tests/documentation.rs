//! What `docs/board-file.md` shows is right.

use scmi_board::Board;

const PAGE: &str = include_str!("../../../docs/board-file.md");

/// The pieces of TOML on the page.
fn pieces() -> Vec<&'static str> {
    PAGE.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// `piece` with what it lacks to be a board.
fn completed(piece: &str) -> String {
    let mut text = piece.to_owned();
    if !piece.contains("[platform]") {
        text = format!("[platform]\nvendor = \"acme\"\n{text}");
    }
    if !piece.contains("[[agent]]") {
        text.push_str("\n[[agent]]\nname = \"vm1\"\n");
    }
    text
}

#[test]
fn every_piece_is_part_of_a_board() {
    let (sources, tables): (Vec<&str>, Vec<&str>) =
        pieces().into_iter().partition(|piece| piece.starts_with("source"));
    assert!(sources.len() >= 3 && tables.len() >= 15, "{} and {}", sources.len(), tables.len());
    for piece in tables {
        Board::parse(&completed(piece), "piece").unwrap_or_else(|error| panic!("{piece}\n{error}"));
    }
    for line in sources.into_iter().flat_map(str::lines) {
        let sensor = format!("[[sensor]]\nname = \"s\"\ntype = \"energy\"\n{line}\n");
        Board::parse(&completed(&sensor), "piece")
            .unwrap_or_else(|error| panic!("{line}\n{error}"));
    }
}

/// What the unknown key `x` of each table is answered with: all keys that are known there.
fn known_keys(text: &str, tables: usize) -> Vec<String> {
    let error = Board::parse(text, "keys").unwrap_err();
    let report = error.report().unwrap();
    let known: Vec<String> = report
        .problems()
        .iter()
        .filter_map(|problem| problem.message().split_once("unknown key \"x\", expected "))
        .map(|(_, keys)| keys.to_owned())
        .collect();
    assert_eq!(known.len(), tables, "{report}");
    known
}

#[test]
fn every_key_is_described() {
    let sensors = "x = 1\n[platform]\nx = 1\n[[agent]]\nx = 1\nversions = { x = 1 }\n[[sensor]]\nx = 1\naxis = [{ x = 1 }]\n\
                thermal-zone = { x = 1, trips = [{ x = 1 }] }\nupdate-intervals = { x = 1 }\n\
                [[sensor]]\nsource = { x = 1, value = 1 }\n[[sensor]]\nsource = { x = 1, wave = \"sine\" }\n\
                [[sensor]]\nsource = { x = 1, walk = true }\n[[sensor]]\nsource = { x = 1, steps = [{ x = 1 }] }\n\
                [[sensor]]\nsource = { x = 1, file = \"x\" }";
    let items = "[system]\nx = 1\non-request = { x = 1 }\nstep = [{ x = 1 }]\n\
                [[clock]]\nx = 1\nrates = { x = 1 }\n[[power-domain]]\nx = 1\nstates = [{ x = 1 }]\n\
                [[performance-domain]]\nx = 1\nlevels = [{ x = 1 }]\n[[voltage-domain]]\nx = 1\n[[reset-domain]]\nx = 1\n\
                [[power-cap]]\nx = 1\ncap = { x = 1 }\n[[pin]]\nx = 1\nsettings = { low-power = { x = 1 } }\n\
                [[pin-group]]\nx = 1\n[[pin-function]]\nx = 1\n\
                [[fault]]\nx = 1\ndo = { x = 1, header = { x = 1 }, flood = { x = 1 } }";
    let unknown: Vec<String> =
        known_keys(sensors, 15).into_iter().chain(known_keys(items, 21)).collect();
    for key in unknown
        .iter()
        .flat_map(|keys| keys.split([',', ' ']))
        .filter(|word| !word.is_empty() && *word != "or")
    {
        let described = [
            format!("[{key}]"),
            format!("`{key}`"),
            format!(".{key}`"),
            format!("{key} = "),
            format!(" {key} }}"),
        ];
        assert!(
            described.iter().any(|form| PAGE.contains(form.as_str())),
            "{key} is nowhere on the page"
        );
    }
}
