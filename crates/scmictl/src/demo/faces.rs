//! How the show looks.

use std::io::{self, IsTerminal, Write};

use super::lines::Lines;
use super::records::Records;
use super::scene::{Closing, Note, Opening, Scene};
use super::screen::Screen;

/// A way to show it.
pub(super) trait Face {
    /// What was found; once, before anything else.
    fn opening(&mut self, opening: &Opening) -> io::Result<()>;

    /// The state of things; ten times a second.
    fn frame(&mut self, scene: &Scene<'_>) -> io::Result<()>;

    /// Something happened. The next frame has it among its notes.
    fn note(&mut self, note: &Note) -> io::Result<()>;

    /// How it ended; once, after everything else.
    fn closing(&mut self, closing: &Closing) -> io::Result<()>;
}

/// The way that suits what `out`, which is standard output, leads to.
pub(super) fn choose<'o>(json: bool, out: &'o mut dyn Write) -> Box<dyn Face + 'o> {
    if json {
        return Box::new(Records::new(out));
    }
    let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
    if io::stdout().is_terminal() && !dumb {
        return Box::new(Screen::new(out));
    }
    Box::new(Lines::new(out))
}

/// What is to be seen.
pub(super) const TITLE: &str = "SCMI over virtio: a platform and an agent in one process";

/// What that means.
pub(super) const SUBTITLE: &str =
    "The agent asks as a guest would: over a socket, virtqueues and shared memory.";

/// Where to go from here.
pub(super) const NEXT: &str =
    "Next: scmid --help (serve a board to a VM), scmictl --help (ask any platform).";

/// What was found, a line each: what it is, and what it is called.
pub(super) fn found(opening: &Opening) -> Vec<(&'static str, String)> {
    let platform = &opening.platform;
    let protocols: Vec<String> = platform
        .protocols
        .iter()
        .map(|protocol| {
            let name = protocol.name.as_deref().unwrap_or("vendor's own");
            let resources = protocol.resources.map(|count| format!(" ({count})"));
            format!("{name} {}{}", protocol.version, resources.unwrap_or_default())
        })
        .collect();
    let names: Vec<&str> = platform
        .agents
        .iter()
        .filter(|agent| agent.id != 0)
        .map(|agent| agent.name.as_str())
        .collect();
    let own = platform.agent.as_ref().map_or("", |agent| agent.name.as_str());
    let ways = if platform.notifications {
        "commands, notifications and delayed responses"
    } else {
        "commands"
    };
    vec![
        (
            "platform",
            format!(
                "{} {}, version {:#010x} (board: {})",
                platform.vendor,
                platform.sub_vendor,
                platform.implementation_version,
                opening.origin
            ),
        ),
        ("agents", format!("{}; we are {own}", names.join(", "))),
        ("link", format!("vhost-user:{}", opening.socket.display())),
        ("carries", ways.into()),
        ("protocols", protocols.join(", ")),
    ]
}
