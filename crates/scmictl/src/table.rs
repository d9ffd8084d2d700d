//! Tables for people: aligned columns, nothing drawn.

use std::io::{self, Write};

use comfy_table::{CellAlignment, Table, presets};

/// A table under a line of headings.
pub(crate) struct Columns {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Columns {
    /// A table with these headings. A column whose heading begins with `>` is aligned to the right.
    pub(crate) fn new(headings: &[&'static str]) -> Self {
        Self { headings: headings.into(), rows: Vec::new() }
    }

    /// Adds a row; cells at its end may be missing.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Writes it, without columns that are empty and without spaces at the ends of lines.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.lines().iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    fn lines(&self) -> Vec<String> {
        let filled = |column: usize| {
            let cell = |row: &Vec<String>| row.get(column).is_some_and(|cell| !cell.is_empty());
            self.rows.iter().any(cell)
        };
        let shown: Vec<usize> = (0..self.headings.len()).filter(|column| filled(*column)).collect();
        let headings = || shown.iter().filter_map(|column| self.headings.get(*column));
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(headings().map(|heading| heading.trim_start_matches('>')));
        for row in &self.rows {
            let cell = |column: &usize| row.get(*column).map_or("", String::as_str);
            table.add_row(shown.iter().map(cell));
        }
        for (column, heading) in table.column_iter_mut().zip(headings()) {
            column.set_padding((0, 2));
            if heading.starts_with('>') {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.lines().map(|line| line.trim_end().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        let mut columns = Columns::new(&["NAME", ">VALUE", "UNIT", "NOTE"]);
        columns.row(["cpu".into(), "45.1".into(), "°C".into()]);
        columns.row(["accel_X".into(), "-0.25".into(), "m/s²".into(), String::new()]);
        let mut text = Vec::new();
        columns.write(&mut text).expect("a buffer takes all");
        assert_eq!(
            String::from_utf8(text).expect("text"),
            "NAME     VALUE  UNIT\n\
             cpu       45.1  °C\n\
             accel_X  -0.25  m/s²\n"
        );
    }
}
