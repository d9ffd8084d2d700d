//! The show on a terminal, drawn in place.

use std::io::{self, Write};

use super::faces::{Face, NEXT, SUBTITLE, TITLE, found};
use super::scene::{Closing, Note, Opening, Row, Scene, to_f64};

/// Notes that are kept in sight.
const NOTES: usize = 4;

/// The longest name that is not cut.
const NAME: usize = 20;

/// Lines and columns of a terminal that does not say how many it has.
const SIZE: (usize, usize) = (24, 80);

pub(super) struct Screen<'o> {
    out: &'o mut dyn Write,
    /// Lines of the last frame, above which the next one begins.
    drawn: usize,
    colours: bool,
}

/// How a piece of a line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Plain,
    Strong,
    Faint,
    Drawing,
    Event,
}

/// A line, in pieces of one look each.
type Line = Vec<(Look, String)>;

impl<'o> Screen<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        let colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { out, drawn: 0, colours }
    }

    fn line(&mut self, line: &Line, width: usize) -> io::Result<()> {
        let mut room = width.saturating_sub(1);
        for (look, text) in line {
            let text: String = text.chars().take(room).collect();
            room -= text.chars().count();
            let code = match look {
                Look::Plain => "",
                Look::Strong => "1",
                Look::Faint => "2",
                Look::Drawing => "36",
                Look::Event => "1;33",
            };
            if self.colours && !code.is_empty() {
                write!(self.out, "\x1b[{code}m{text}\x1b[0m")?;
            } else {
                write!(self.out, "{text}")?;
            }
        }
        // To the end of the line: the last frame may have had more there.
        writeln!(self.out, "\x1b[K")
    }
}

/// Lines and columns.
fn size() -> (usize, usize) {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_row > 0 && size.ws_col > 0 => (size.ws_row.into(), size.ws_col.into()),
        _ => SIZE,
    }
}

impl Face for Screen<'_> {
    fn opening(&mut self, opening: &Opening) -> io::Result<()> {
        let (_, width) = size();
        self.line(&vec![(Look::Strong, TITLE.into())], width)?;
        self.line(&vec![(Look::Plain, SUBTITLE.into())], width)?;
        self.line(&Line::new(), width)?;
        for (what, text) in found(opening) {
            self.line(&vec![(Look::Faint, format!("{what:<11}")), (Look::Plain, text)], width)?;
        }
        self.line(&Line::new(), width)?;
        // No cursor while we draw.
        write!(self.out, "\x1b[?25l")?;
        self.out.flush()
    }

    fn frame(&mut self, scene: &Scene<'_>) -> io::Result<()> {
        let (height, width) = size();
        // What does not fit into the terminal cannot be drawn over.
        let room = height.saturating_sub(NOTES + 4);
        let hidden = scene.rows.len().saturating_sub(room);
        let shown = scene.rows.len() - hidden;
        let mut lines: Vec<Line> = scene.rows.iter().take(shown).map(row).collect();
        if hidden > 0 {
            lines.push(vec![(Look::Faint, format!("... and {hidden} more"))]);
        }
        lines.push(Line::new());
        let older = scene.notes.len().saturating_sub(NOTES);
        lines.extend(scene.notes.iter().skip(older).map(note));
        lines.push(progress(scene));
        if self.drawn > 0 {
            write!(self.out, "\x1b[{}F", self.drawn)?;
        }
        self.drawn = lines.len();
        lines.iter().try_for_each(|line| self.line(line, width))?;
        self.out.flush()
    }

    /// The next frame shows it.
    fn note(&mut self, _note: &Note) -> io::Result<()> {
        Ok(())
    }

    fn closing(&mut self, closing: &Closing) -> io::Result<()> {
        writeln!(self.out)?;
        closing.sentences().iter().try_for_each(|line| writeln!(self.out, "{line}"))?;
        writeln!(self.out)?;
        self.line(&vec![(Look::Faint, NEXT.into())], size().1)
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        // Whatever happened, the cursor comes back; if that fails, nobody sees it anyway.
        let _ = write!(self.out, "\x1b[?25h").and_then(|()| self.out.flush());
    }
}

/// A sensor: its name, what it reads, and how that moved.
fn row(row: &Row<'_>) -> Line {
    let name = short(&row.entry.name);
    let (value, unit) = row.value();
    let mut line = vec![(Look::Plain, format!("{name:<NAME$} "))];
    if row.entry.info.axes > 1 {
        line.push((Look::Strong, format!("{value} ")));
        line.push((Look::Faint, format!("{unit:<6} ")));
        if let Some(count) = row.updates {
            line.push((Look::Event, format!("{count} came unasked")));
        }
        return line;
    }
    line.push((Look::Strong, format!("{value:>12} ")));
    line.push((Look::Faint, format!("{unit:<6} ")));
    line.push((Look::Drawing, sparkline(row)));
    line
}

/// A name of at most so many letters.
fn short(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.into();
    }
    name.chars().take(NAME - 1).chain(['…']).collect()
}

/// The last values as a row of bars, from the lowest to the highest of them.
fn sparkline(row: &Row<'_>) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let values = || row.history.iter().map(|(_, value)| to_f64(*value));
    let lowest = values().fold(f64::INFINITY, f64::min);
    let highest = values().fold(f64::NEG_INFINITY, f64::max);
    let bar = |value: f64| {
        let part = if highest > lowest { (value - lowest) / (highest - lowest) } else { 0.0 };
        let reached = |(step, _): &(u8, &char)| f64::from(*step) <= part * 7.0;
        (0_u8..).zip(&BARS).take_while(reached).last().map_or(' ', |(_, bar)| *bar)
    };
    values().map(bar).collect()
}

fn note(note: &Note) -> Line {
    let look = if note.text.starts_with("TRIP") { Look::Event } else { Look::Plain };
    vec![
        (Look::Faint, format!("{:>5.1} s  ", note.at.as_secs_f64())),
        (Look::Plain, format!("{:<NAME$} ", short(&note.name))),
        (look, note.text.clone()),
    ]
}

fn progress(scene: &Scene<'_>) -> Line {
    let (elapsed, span) = (scene.elapsed.as_secs_f64(), scene.span.as_secs_f64());
    let readings = scene.tally.latencies.len();
    let updates = scene.tally.updates;
    vec![(
        Look::Faint,
        format!(
            "{:>5.1} s of {span:.0}: {readings} readings, {updates} updates",
            elapsed.min(span)
        ),
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(line: &Line, width: usize, colours: bool) -> String {
        let mut bytes = Vec::new();
        let mut screen = Screen { out: &mut bytes, drawn: 0, colours };
        screen.line(line, width).expect("a buffer takes all");
        drop(screen);
        String::from_utf8(bytes).expect("text").replace("\x1b[?25h", "")
    }

    #[test]
    fn a_line_is_cut_to_the_terminal_by_what_is_seen() {
        let line = vec![(Look::Strong, "°C°C".into()), (Look::Plain, "plain".into())];
        assert_eq!(drawn(&line, 80, false), "°C°Cplain\x1b[K\n");
        assert_eq!(drawn(&line, 6, true), "\x1b[1m°C°C\x1b[0mp\x1b[K\n");
        assert_eq!(drawn(&line, 0, false), "\x1b[K\n");
    }

    #[test]
    fn long_names_are_cut_with_a_sign_of_it() {
        assert_eq!(short("cpu"), "cpu");
        assert_eq!(short("Exhaust air behind the power supply"), "Exhaust air behind …");
    }
}
