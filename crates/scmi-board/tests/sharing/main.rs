//! Agents with views and rights of their own share a board and ask at random; a reference of the rules says what each must be
//! answered, what it must read back, and who must be told what.
//!
//! 30,000 steps by default; `SCMI_SHARING_STEPS` says otherwise, `SCMI_SHARING_SEED` chooses the seed. A million and what came
//! out: docs/soak.md.

mod board;
mod engine;
mod messages;
mod random;
mod reference;
mod requests;
mod run;

use run::run;

fn setting(name: &str, usual: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.map_or(usual, |text| text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

#[test]
fn agents_share_a_board_by_the_rules() {
    let steps = setting("SCMI_SHARING_STEPS", 30_000);
    let seed = setting("SCMI_SHARING_SEED", 1);
    let done = run(steps, seed, 0);
    println!("{steps} steps, seed {seed}: {done:#?}");
    for command in messages::COMMANDS {
        assert!(
            done.succeeded.contains_key(command.name) || command.weight == 0,
            "{}",
            command.name
        );
    }
    // Eight notifications, five delayed responses and eight late answers.
    assert_eq!(done.told.len(), 21, "{:x?}", done.told);
}

#[test]
fn agents_do_not_feel_that_the_platform_was_started_anew() {
    let steps = setting("SCMI_SHARING_STEPS", 4_000);
    let seed = setting("SCMI_SHARING_SEED", 1);
    let done = run(steps, seed, 20);
    println!("{steps} steps, seed {seed}: {done:#?}");
    assert!(done.ended > steps / 40, "{done:#?}");
}

#[test]
fn equal_seeds_do_the_same() {
    assert_eq!(run(1000, 7, 0), run(1000, 7, 0));
    assert_ne!(run(1000, 7, 0), run(1000, 8, 0));
}
