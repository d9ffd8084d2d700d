//! What is said of what is different.

use std::path::Path;

use scmi::Time;
use scmi::protocol::system::wire::SystemState;

use super::file;
use crate::SystemEvent;
use crate::reload::{BoardFile, Need, Tuning};

const BOARD: &str = "\
[platform]
vendor = 'acme'

[[agent]]
name = 'vm1'

[[sensor]]
name = 'cpu'
type = 'temperature'
source = { wave = 'sine', min = 42.0, max = 78.0, period = '30 s' }

[[clock]]
name = 'osc'
rates = ['24 MHz']

[[clock]]
name = 'uart'
rates = ['24 MHz', '48 MHz']

[[fault]]
name = 'slow'
do = { delay = '2 s' }
";

fn of(text: &str) -> BoardFile {
    file(text).unwrap_or_else(|error| panic!("{error}"))
}

/// What changes, or else why nothing does, a line each.
fn said(changes: &[(&str, &str)]) -> Vec<String> {
    let changed = changes.iter().fold(BOARD.to_owned(), |text, (was, is)| {
        assert!(text.contains(was), "{was}");
        text.replacen(was, is, 1)
    });
    let revision = of(BOARD).revision(&of(&changed));
    let line = |line: Option<usize>| line.map_or_else(|| "-".to_owned(), |line| line.to_string());
    let changes = revision.changes.iter().map(|one| format!("{}: {one}", line(one.line)));
    let refusals = revision.refusals.iter();
    changes.chain(refusals.map(|one| format!("{}: {one}", line(one.change.line)))).collect()
}

#[test]
fn a_change_says_its_line_what_was_and_what_is() {
    assert_eq!(
        said(&[
            ("max = 78.0", "max = 80.0"),
            ("[[clock]]\nname = 'osc'", "\n[[clock]]\nname = 'osc'\nrate-change = '1 ms'")
        ]),
        [
            "10: source.max of sensor \"cpu\": was 78.0, is 80.0",
            "15: rate-change of clock \"osc\": was not there, is '1 ms'",
        ]
    );
    let all = ("{ wave = 'sine', min = 42.0, max = 78.0, period = '30 s' }", "40");
    assert_eq!(
        said(&[all]),
        [
            "10: source of sensor \"cpu\": was { wave = 'sine', min = 42.0, max = 78.0, period = '30 s' }, is 40"
        ]
    );
}

#[test]
fn what_cannot_change_is_refused_with_everything_that_cannot_and_nothing_else() {
    assert_eq!(
        said(&[("max = 78.0", "max = 80.0"), ("['24 MHz']", "['25 MHz']"), ("'acme'", "'other'")]),
        [
            "2: vendor of platform: was 'acme', is 'other': agents know it by now",
            "14: rates of clock \"osc\": was ['24 MHz'], is ['25 MHz']: agents know it by now",
        ]
    );
}

#[test]
fn what_comes_goes_and_moves_is_named() {
    let clocks = [
        "[[clock]]\nname = 'osc'\nrates = ['24 MHz']\n\n",
        "[[clock]]\nname = 'uart'\nrates = ['24 MHz', '48 MHz']\n\n",
    ];
    let [osc, uart] = clocks;
    assert_eq!(said(&[(osc, "")]), ["-: clock \"osc\" is gone: agents know it by now"]);
    assert_eq!(
        said(&[(osc, "[[clock]]\nname = 'pll'\nrates = [1]\n\n")]),
        [
            "12: clock \"pll\" is new: agents know it by now",
            "-: clock \"osc\" is gone: agents know it by now",
        ]
    );
    assert_eq!(
        said(&[(uart, ""), (osc, &(uart.to_owned() + osc))]),
        ["12: order of [[clock]]: was osc, uart, is uart, osc: agents know it by now"]
    );
    assert_eq!(
        said(&[("[[fault]]\nname = 'slow'\ndo = { delay = '2 s' }\n", "")]),
        ["-: fault \"slow\" is gone"]
    );
    assert_eq!(
        said(&[("[[fault]]", "[system]\n[[fault]]")]),
        ["20: system is new: agents know it by now"]
    );
}

#[test]
fn a_file_that_is_written_otherwise_is_no_change() {
    let same = [
        ("[platform]", "# A comment.\nversion = 1\n[platform]\nimplementation-version = 1"),
        ("'30 s'", "\"30000 ms\""),
        ("['24 MHz']", "[24e6]"),
        ("name = 'uart'", "name = 'uart'\nnotify = true"),
    ];
    assert_eq!(said(&same), [] as [&str; 0]);
    // Beside a change it is not mentioned where it could be taken for one.
    let mut changed = same.get(1..).unwrap().to_vec();
    changed.push(("max = 78.0", "max = 80"));
    assert_eq!(said(&changed), ["10: source.max of sensor \"cpu\": was 78.0, is 80"]);
}

#[test]
fn a_pipe_is_read_once_and_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("board.toml");
    std::fs::write(&path, BOARD).unwrap();
    let file = BoardFile::load(&path).unwrap();
    assert_eq!(file.again().unwrap().board(), file.board());
    std::fs::remove_file(&path).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let error = file.again().unwrap_err();
    let source = core::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("not a regular file"), "{error}");
}

/// The reload is at 15 s: what was to come by then has come, or is not made up for.
#[test]
fn a_script_goes_on_from_where_it_is() {
    let script = |steps: &[(&str, &str)]| {
        let step = |(at, order): &(&str, &str)| {
            format!("[[system.step]]\nat = '{at}'\norder = '{order}'\n")
        };
        BOARD.to_owned() + "[system]\n" + &steps.iter().map(step).collect::<String>()
    };
    let was = of(&script(&[("10 s", "suspend"), ("20 s", "shutdown")]));
    let is = of(&script(&[("5 s", "power-up"), ("12 s", "suspend"), ("25 s", "cold-reset")]));
    let operator = crate::Operator::new();
    let mut platform = was.board().platform_with(&operator).unwrap();
    platform.poll(Time::from_millis(15_000));
    Tuning::new(&was, &is).apply(Time::from_millis(15_000), &mut platform);
    for seconds in 15..30 {
        platform.poll(Time::from_millis(seconds * 1000));
    }
    let events = core::iter::from_fn(|| operator.take_event());
    let orders = events.map(|event| match event {
        SystemEvent::Ordered { order, .. } => order.state,
        other => panic!("{other:?}"),
    });
    let orders: Vec<SystemState> = orders.collect();
    assert_eq!(orders, [SystemState::SUSPEND, SystemState::COLD_RESET]);
}

#[test]
fn a_path_that_is_not_allowed_is_a_reason() {
    let later = BOARD.replace(
        "source = { wave = 'sine', min = 42.0, max = 78.0, period = '30 s' }",
        "source = { file = 'new' }",
    );
    let (was, is) = (of(BOARD), of(&later));
    let mut revision = was.revision(&is);
    let asked = core::cell::RefCell::new(Vec::new());
    revision.confine(&was, &is, &|need, path: &Path| {
        asked.borrow_mut().push((need, path.to_owned()));
        Ok(())
    });
    assert_eq!(asked.take(), [(Need::Read, "new".into())]);
    assert_eq!(revision.refusals, []);
    revision.confine(&was, &is, &|_, _| Err("it is not open".to_owned()));
    let [refusal] = revision.refusals.as_slice() else { panic!("{revision:#?}") };
    assert_eq!((refusal.change.line, refusal.why.as_str()), (Some(10), "it is not open"));
    assert_eq!(
        (refusal.change.item.as_str(), refusal.change.key.as_str()),
        ("sensor \"cpu\"", "source")
    );
    // What was needed before is not asked for again.
    let mut revision = is.revision(&is);
    revision.confine(&is, &is, &|_, _| Err("it is not open".to_owned()));
    assert_eq!(revision.refusals, []);
}
