//! Three Linux guests, and what one of them does.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use scmi_test_kit::{Booting, Guest, PATIENCE, workspace_root};

use super::{OTHERS, socket_of};

/// What one of the guests does while our agent is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Nothing,
    /// Its VMM is killed.
    Die,
    Reboot,
    /// It asks as fast as it can, from several processes.
    Flood,
}

/// The guests that live.
pub(super) struct Guests {
    socket: PathBuf,
    board: PathBuf,
    guests: Vec<Guest>,
}

impl Guests {
    /// Boots all of them at once, on the CPU of this thread. `socket` is that of any agent.
    pub(super) fn boot(socket: &Path, board: &Path) -> Result<Self> {
        let mut all =
            Self { socket: socket.to_owned(), board: board.to_owned(), guests: Vec::new() };
        let booting: Vec<_> = OTHERS.iter().map(|agent| all.start(agent)).collect();
        for booting in booting {
            all.guests.push(booting?.ready()?);
        }
        Ok(all)
    }

    fn start(&self, agent: &str) -> Result<Booting> {
        let flood = workspace_root().join("tests/linux/guest/flood.sh");
        Guest::builder()
            .agent(agent)
            .served(socket_of(&self.socket, agent), &self.board)
            .may_reboot()
            .file("/bin/flood.sh", flood)
            .start()
    }

    /// The guest that does it.
    fn doer(&mut self) -> Result<&mut Guest> {
        self.guests.last_mut().context("there are no guests")
    }

    /// Before the measurement.
    pub(super) fn ready(&mut self, deed: Deed) -> Result<()> {
        if deed == Deed::Flood {
            let start = "setsid flood.sh > /dev/null 2>&1 & echo $! > /tmp/flood.pid; sleep 1";
            self.doer()?.ok(start)?;
        }
        Ok(())
    }

    /// In the middle of it.
    pub(super) fn now(&mut self, deed: Deed) -> Result<()> {
        match deed {
            Deed::Die => self.doer()?.kill(),
            Deed::Reboot => self.doer()?.send("reboot -f\n"),
            Deed::Nothing | Deed::Flood => Ok(()),
        }
    }

    /// After it: all are there again.
    pub(super) fn done(&mut self, deed: Deed) -> Result<()> {
        match deed {
            Deed::Nothing => Ok(()),
            Deed::Die => {
                self.guests.pop();
                let agent = OTHERS.last().context("there are no guests")?;
                let again = self.start(agent)?.ready()?;
                self.guests.push(again);
                Ok(())
            }
            Deed::Reboot => self.doer()?.wait_for_shell(PATIENCE),
            Deed::Flood => self.doer()?.ok("kill -9 -$(cat /tmp/flood.pid)").map(drop),
        }
    }
}
