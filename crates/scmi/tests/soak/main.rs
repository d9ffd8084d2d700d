//! Very many calls at once over a channel that loses, delays and repeats: every call ends in its own answer or in its
//! own timeout, and nothing leaks.
//!
//! 50,000 calls by default; `SCMI_SOAK_CALLS` says otherwise, `SCMI_SOAK_SEED` chooses the seed. A million and its
//! result: docs/soak.md.

mod channel;
mod run;

use run::{Outcome, soak};

fn setting(name: &str, usual: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.map_or(usual, |text| text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

#[test]
fn every_call_ends_in_its_own_answer_or_its_own_timeout() {
    let calls = setting("SCMI_SOAK_CALLS", 50_000);
    let seed = setting("SCMI_SOAK_SEED", 1);
    let Outcome { answered, timed_out, channel, counters, resets } = soak(calls, seed);
    println!(
        "{calls} calls, seed {seed}: {answered} answered, {timed_out} timed out, {resets} resets"
    );
    println!("the channel did {channel:?}");
    println!("the agent counted {counters:?}");
    assert_eq!(answered + timed_out, calls);
    // What was not answered was lost or late, or a delayed response was: nothing else went missing.
    assert_eq!(timed_out, channel.lost + channel.late);
    // Each misfortune happens to a twentieth of the calls.
    for count in [channel.lost, channel.late, channel.repeated] {
        assert!(count.abs_diff(calls / 20) < calls / 100 + 50, "{count} of {calls}");
    }
    // Everything that came too much was counted, as what it was.
    assert_eq!(counters.timed_out, timed_out);
    assert_eq!(counters.late + counters.unexpected, channel.surplus);
    assert_eq!((counters.malformed, counters.spoiled, counters.cut), (0, 0, 0));
    assert_eq!((counters.abandoned, counters.closed, counters.events_lost), (0, 0, 0));
}

#[test]
fn equal_seeds_do_the_same() {
    assert_eq!(soak(2000, 7), soak(2000, 7));
    assert_ne!(soak(2000, 7), soak(2000, 8));
}
