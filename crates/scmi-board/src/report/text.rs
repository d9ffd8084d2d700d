//! From a byte range to a line, a column and the piece of text to show.

use core::fmt;
use core::ops::Range;

/// Characters of a line that are shown; of longer ones a window around the place.
const WIDTH: usize = 120;

/// Characters of context kept in front of the place in a long line.
const BEFORE: usize = 60;

/// A line of the file with a part of it underlined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// From 1.
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
    /// The line as it is shown: no tabs, no control characters.
    shown: String,
    /// Where the underline begins in `shown`, in characters.
    indent: usize,
    /// Its length in characters, at least 1.
    length: usize,
}

impl Excerpt {
    /// The line in which `span` begins. Ranges past the end mean the end.
    pub(super) fn of(text: &str, span: &Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let end = text.ceil_char_boundary(span.end.max(start));
        let (before, after) = text.split_at(start);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = after.find('\n').map_or(text.len(), |newline| start + newline);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let whole = text.get(line_start..line_end).unwrap_or_default();
        let column = before.get(line_start..).unwrap_or_default().chars().count();
        let marked =
            text.get(start..end.min(line_end)).unwrap_or_default().trim_end().chars().count();
        let (shown, indent) = window(whole.trim_end(), column);
        let room = shown.chars().count().saturating_sub(indent);
        Self { line, column: column + 1, shown, indent, length: marked.min(room).max(1) }
    }

    /// Columns in front of the bar.
    pub(super) fn gutter(&self) -> usize {
        self.line.to_string().len()
    }
}

/// At most [`WIDTH`] characters of `line`, and where `column` lies in them.
fn window(line: &str, column: usize) -> (String, usize) {
    let length = line.chars().count();
    let first = if length <= WIDTH { 0 } else { column.saturating_sub(BEFORE).min(length - WIDTH) };
    let visible = line.chars().skip(first).take(WIDTH).map(printable);
    let (head, tail) =
        (if first > 0 { "..." } else { "" }, if first + WIDTH < length { "..." } else { "" });
    let shown: String = head.chars().chain(visible).chain(tail.chars()).collect();
    (shown, head.len() + column - first.min(column))
}

/// One character for one, so that the underline stays below what it marks.
fn printable(character: char) -> char {
    match character {
        '\t' => ' ',
        _ if character.is_control() => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gutter = self.gutter();
        writeln!(f, "{:gutter$} |", "")?;
        writeln!(f, "{} | {}", self.line, self.shown)?;
        writeln!(
            f,
            "{:gutter$} | {:indent$}{:^<length$}",
            "",
            "",
            "",
            indent = self.indent,
            length = self.length
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str, span: Range<usize>) -> String {
        Excerpt::of(text, &span).to_string()
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "name = \"é\" # °\nx = 1";
        let excerpt = Excerpt::of(text, &(text.find('#').unwrap()..text.find('#').unwrap() + 1));
        assert_eq!((excerpt.line, excerpt.column), (1, 12));
    }

    #[test]
    fn a_range_over_several_lines_marks_the_first() {
        assert_eq!(shown("a = [\n 1,\n]", 4..11), "  |\n1 | a = [\n  |     ^\n");
    }

    #[test]
    fn the_end_of_the_text_has_a_place_too() {
        assert_eq!(shown("a =", 3..3), "  |\n1 | a =\n  |    ^\n");
        assert_eq!(shown("", 0..0), "  |\n1 | \n  | ^\n");
        assert_eq!(shown("a\n", 99..120), "  |\n2 | \n  | ^\n");
    }

    #[test]
    fn tabs_and_control_characters_do_not_move_the_mark() {
        assert_eq!(shown("\ta\u{1b}\t= 5\r\n", 6..7), "  |\n1 |  a\u{fffd} = 5\n  |       ^\n");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}X{}", "a".repeat(500), "b".repeat(500));
        let excerpt = Excerpt::of(&text, &(500..501));
        assert_eq!(excerpt.column, 501);
        assert_eq!(excerpt.shown.chars().nth(excerpt.indent), Some('X'));
        assert!(excerpt.shown.len() <= WIDTH + 6);
    }

    proptest! {
        #[test]
        fn any_range_of_any_text_has_an_excerpt(text in "[ -~é\\n\\t\\r]{0,300}", start in 0_usize..320, length in 0_usize..320) {
            let excerpt = Excerpt::of(&text, &(start..start + length));
            prop_assert!(excerpt.line <= text.matches('\n').count() + 1);
            prop_assert!(excerpt.length >= 1 && excerpt.shown.chars().count() <= WIDTH + 6);
            prop_assert_eq!(excerpt.to_string().lines().count(), 3);
        }
    }
}
