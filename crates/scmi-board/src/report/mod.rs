//! What is wrong with a board file, and where.
//!
//! Checks push [`Problems`] against byte ranges of the text; at the end these become a [`Report`]
//! that owns all it prints: file, line, column, what was found, what was expected, the line itself.

mod text;
mod words;

use core::fmt;
use core::ops::Range;

use text::Excerpt;

pub(crate) use words::{alternatives, did_you_mean, found, quoted};

/// Problems that a report keeps: a file that is wrong everywhere must not fill the screen.
const MAX_SHOWN: usize = 50;

/// The problems found so far, by byte range.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Draft>,
    warnings: Vec<Draft>,
}

#[derive(Debug, PartialEq)]
struct Draft {
    span: Range<usize>,
    message: String,
    help: Option<String>,
}

impl Problems {
    /// Notes a problem with the text at `span`.
    pub(crate) fn push(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.push_with_help(span, message, None);
    }

    /// Notes a problem with the text at `span`, and a way out of it.
    pub(crate) fn push_with_help(
        &mut self,
        span: &Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        self.list.push(Draft { span: span.clone(), message: message.into(), help });
    }

    /// Notes what is no mistake, but may not be what was meant.
    pub(crate) fn warn(&mut self, span: &Range<usize>, message: impl Into<String>) {
        self.warnings.push(Draft { span: span.clone(), message: message.into(), help: None });
    }

    /// What was warned of in `text`, in its order; at most 50.
    pub(crate) fn take_warnings(&mut self, text: &str) -> Vec<Problem> {
        let mut warnings = core::mem::take(&mut self.warnings);
        warnings.sort_by_key(|draft| draft.span.start);
        warnings.into_iter().take(MAX_SHOWN).map(|draft| draft.locate(text)).collect()
    }

    /// True as long as nothing was noted but warnings.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The report about `text`, which came from `origin`, in the order of the text.
    pub(crate) fn into_report(mut self, origin: &str, text: &str) -> Report {
        self.list.sort_by_key(|draft| draft.span.start);
        // What an axis took over from its sensor is looked at once per axis.
        self.list.dedup();
        let total = self.list.len();
        let shown = self.list.into_iter().take(MAX_SHOWN).map(|draft| draft.locate(text)).collect();
        Report { origin: origin.to_owned(), problems: shown, total }
    }
}

impl Draft {
    fn locate(self, text: &str) -> Problem {
        let excerpt = Excerpt::of(text, &self.span);
        Problem { message: self.message, help: self.help, excerpt }
    }
}

/// Everything that is wrong with one board file. Its `Display` is meant for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    origin: String,
    problems: Vec<Problem>,
    total: usize,
}

impl Report {
    /// The file, by the name it was loaded under.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The problems in the order of the text; of a file with more than 50, the first 50.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How many problems there are, those beyond the first 50 included.
    #[must_use]
    pub fn total(&self) -> usize {
        self.total
    }
}

/// One thing that is wrong, at one place of a board file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    message: String,
    help: Option<String>,
    excerpt: Excerpt,
}

impl Problem {
    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.excerpt.line
    }

    /// The column in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.excerpt.column
    }

    /// Which key of what, what was found and what was expected.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// A way out, where one is likely.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            let Problem { message, help, excerpt } = problem;
            writeln!(f, "{}:{}:{}: {message}", self.origin, excerpt.line, excerpt.column)?;
            write!(f, "{excerpt}")?;
            if let Some(help) = help {
                writeln!(f, "{:width$} = {help}", "", width = excerpt.gutter())?;
            }
            writeln!(f)?;
        }
        if self.total > self.problems.len() {
            writeln!(f, "... and {} more", self.total - self.problems.len())?;
        }
        let plural = if self.total == 1 { "error" } else { "errors" };
        write!(f, "{}: {} {plural}", self.origin, self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_come_in_the_order_of_the_text() {
        let mut problems = Problems::default();
        problems.push(&(8..9), "second");
        problems.push_with_help(&(0..1), "first", Some("write A".to_owned()));
        let report = problems.into_report("board.toml", "a = 1\nb = 2\n");
        let expected = "\
board.toml:1:1: first
  |
1 | a = 1
  | ^
  = write A

board.toml:2:3: second
  |
2 | b = 2
  |   ^

board.toml: 2 errors";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn a_file_that_is_wrong_everywhere_is_cut() {
        let mut problems = Problems::default();
        for number in 0..1000 {
            problems.push(&(0..1), format!("bad {number}"));
        }
        let report = problems.into_report("x", "a");
        assert_eq!((report.problems().len(), report.total()), (50, 1000));
        assert!(report.to_string().ends_with("... and 950 more\nx: 1000 errors"));
    }
}
