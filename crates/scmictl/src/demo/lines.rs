//! The show as plain lines, for anything that is no terminal.

use core::time::Duration;
use std::io::{self, Write};

use super::faces::{Face, NEXT, SUBTITLE, TITLE, found};
use super::scene::{Closing, Note, Opening, Scene};
use crate::table::Columns;

/// From one line of readings to the next.
const EVERY: Duration = Duration::from_secs(1);

/// Sensors in a line of readings.
const IN_A_LINE: usize = 4;

pub(super) struct Lines<'o> {
    out: &'o mut dyn Write,
    /// When the next line of readings is due.
    next: Duration,
}

impl<'o> Lines<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        Self { out, next: Duration::ZERO }
    }

    /// All sensors, once.
    fn table(&mut self, scene: &Scene<'_>) -> io::Result<()> {
        let mut columns = Columns::new(&["SENSOR", ">VALUE", "UNIT"]);
        for row in &scene.rows {
            let (value, unit) = row.value();
            columns.row([row.entry.name.clone(), value, unit.into()]);
        }
        columns.write(self.out)?;
        writeln!(self.out)
    }

    /// The first sensors of each kind.
    fn readings(&mut self, scene: &Scene<'_>) -> io::Result<()> {
        let mut kinds = Vec::new();
        for row in &scene.rows {
            let kind = row.entry.kind();
            if kinds.len() < IN_A_LINE && !kinds.contains(&kind) {
                kinds.push(kind);
                let (value, unit) = row.value();
                let start = if kinds.len() == 1 { at(scene.elapsed) } else { String::new() };
                write!(self.out, "{start}  {} {value} {unit}", row.entry.name)?;
            }
        }
        writeln!(self.out)
    }
}

fn at(at: Duration) -> String {
    format!("{:>5.1} s", at.as_secs_f64())
}

impl Face for Lines<'_> {
    fn opening(&mut self, opening: &Opening) -> io::Result<()> {
        writeln!(self.out, "{TITLE}\n{SUBTITLE}\n")?;
        for (what, text) in found(opening) {
            writeln!(self.out, "{what:<10} {text}")?;
        }
        writeln!(self.out)?;
        self.out.flush()
    }

    fn frame(&mut self, scene: &Scene<'_>) -> io::Result<()> {
        if scene.elapsed < self.next {
            return Ok(());
        }
        if self.next.is_zero() {
            self.table(scene)?;
        } else {
            self.readings(scene)?;
        }
        while self.next <= scene.elapsed {
            self.next += EVERY;
        }
        self.out.flush()
    }

    fn note(&mut self, note: &Note) -> io::Result<()> {
        writeln!(self.out, "{}  {}: {}", at(note.at), note.name, note.text)?;
        self.out.flush()
    }

    fn closing(&mut self, closing: &Closing) -> io::Result<()> {
        writeln!(self.out)?;
        closing.sentences().iter().try_for_each(|line| writeln!(self.out, "{line}"))?;
        writeln!(self.out, "\n{NEXT}")
    }
}
