//! Rows in columns, for the eye.
//!
//! Rows are shown as they come, so the widths are decided before the first. On a
//! terminal what does not fit is cut, elsewhere nothing is.

use std::io::Write as _;

use console::{Style, measure_text_width};
use feedsieve::{Hit, Image};

use crate::shown::Shown;
use crate::terminal;

/// A column, and how wide it is.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    name: &'static str,
    /// Narrower than this it says nothing; a column that does not fit is left out.
    least: usize,
    wanted: usize,
    cut: Cut,
    style: Style,
}

/// Where a cell is cut that is too wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// What stands at the start tells more.
    End,
    /// What stands at the end tells more, as in a path or a name.
    Start,
}

impl Column {
    /// A column of at least and preferably so many characters.
    pub(crate) fn new(name: &'static str, least: usize, wanted: usize, cut: Cut) -> Self {
        let least = least.max(name.len());
        Self { name, least, wanted: wanted.max(least), cut, style: Style::new() }
    }

    /// The same, coloured where colours are shown.
    pub(crate) fn styled(self, style: Style) -> Self {
        Self { style, ..self }
    }
}

/// Rows in columns.
#[derive(Clone)]
pub(crate) struct Table {
    columns: Vec<Column>,
    is_cut: bool,
    has_colours: bool,
    has_heading: bool,
    scratch: String,
}

/// Blanks between columns.
const GAP: usize = 2;

impl Table {
    /// For standard output, and for the terminal that it may be.
    pub(crate) fn on_stdout(columns: Vec<Column>) -> Self {
        match terminal::width() {
            Some(width) => {
                let columns = fitted(columns, width);
                Self { is_cut: true, has_colours: terminal::has_colours(), ..Self::plain(columns) }
            }
            None => Self::plain(columns),
        }
    }

    /// For a file: nothing is cut, nothing coloured.
    pub(crate) fn plain(columns: Vec<Column>) -> Self {
        Self {
            columns,
            is_cut: false,
            has_colours: false,
            has_heading: false,
            scratch: String::new(),
        }
    }

    /// Appends a row, before the first the names of the columns.
    ///
    /// `cells` has one for each column that was asked for.
    pub(crate) fn row(&mut self, to: &mut Vec<u8>, cells: &[&str]) {
        self.heading(to);
        self.write(to, cells, None);
    }

    /// Appends the names of the columns, unless that was done already.
    pub(crate) fn heading(&mut self, to: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.has_heading, true) {
            let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
            self.write(to, &names, Some(Style::new().bold().underlined()));
        }
    }

    /// The same columns for further rows, which need no heading.
    pub(crate) fn beside(&self) -> Self {
        Self { has_heading: true, ..self.clone() }
    }

    fn write(&mut self, to: &mut Vec<u8>, cells: &[&str], style: Option<Style>) {
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut blanks = 0;
        for (column, cell) in self.columns.iter().zip(cells) {
            to.resize(to.len() + blanks, b' ');
            scratch.clear();
            push_shown(&mut scratch, cell);
            if self.is_cut {
                cut(&mut scratch, column.wanted, column.cut);
            }
            let style = style.as_ref().unwrap_or(&column.style).clone();
            write!(to, "{}", style.force_styling(self.has_colours).apply_to(&scratch))
                .expect("memory takes bytes");
            blanks = GAP + column.wanted.saturating_sub(measure_text_width(&scratch));
        }
        to.push(b'\n');
        self.scratch = scratch;
    }
}

fn push_shown(to: &mut String, text: &str) {
    use std::fmt::Write as _;
    write!(to, "{}", Shown(text)).expect("memory takes characters");
}

/// The columns that fit, each as wide as may be; the last are the first to go.
fn fitted(mut columns: Vec<Column>, width: usize) -> Vec<Column> {
    let least = |columns: &[Column]| {
        columns.iter().map(|column| column.least + GAP).sum::<usize>().saturating_sub(GAP)
    };
    while columns.len() > 1 && least(&columns) > width {
        columns.pop();
    }
    let mut spare = width.saturating_sub(least(&columns));
    let mut widths: Vec<usize> = columns.iter().map(|column| column.least).collect();
    while spare > 0 {
        let before = spare;
        for (column, width) in columns.iter().zip(&mut widths) {
            if *width < column.wanted && spare > 0 {
                *width += 1;
                spare -= 1;
            }
        }
        if spare == before {
            break;
        }
    }
    for (column, width) in columns.iter_mut().zip(widths) {
        column.wanted = width;
    }
    columns
}

/// Cuts a text to so many columns of the screen.
fn cut(text: &mut String, width: usize, side: Cut) {
    if text.len() <= width || measure_text_width(text) <= width {
        return;
    }
    let mut buffer = [0; 4];
    let mut left = width.saturating_sub(1);
    let mut fits = |c: char| {
        let fits = left.checked_sub(measure_text_width(c.encode_utf8(&mut buffer)));
        left = fits.unwrap_or(0);
        fits.is_some()
    };
    match side {
        Cut::End => {
            let kept: usize = text.chars().take_while(|&c| fits(c)).map(char::len_utf8).sum();
            text.truncate(kept);
            text.push('…');
        }
        Cut::Start => {
            let kept: usize = text.chars().rev().take_while(|&c| fits(c)).map(char::len_utf8).sum();
            let dropped = text.len() - kept;
            text.replace_range(..dropped, "…");
        }
    }
}

/// Participants that are measured; the ids of an inventory resemble one another.
const MEASURED: usize = 10_000;

/// The columns for the hits of a scan.
pub(super) fn columns_of_hits(image: &Image) -> Vec<Column> {
    let count = u32::try_from(image.participant_count().min(MEASURED)).unwrap_or(u32::MAX);
    let ids = (0..count).map(|index| measure_text_width(image.participant(index)));
    let id = ids.max().unwrap_or(0).min(20);
    vec![
        Column::new("participant", id, id, Cut::End).styled(Style::new().bold()),
        Column::new("asset", 14, 32, Cut::Start),
        Column::new("relation", 9, 9, Cut::End),
        Column::new("indicator", 14, 40, Cut::Start).styled(Style::new().cyan()),
        Column::new("where", 16, 40, Cut::Start),
        Column::new("role", 9, 9, Cut::End),
        Column::new("field", 8, 24, Cut::End),
        Column::new("time", 20, 20, Cut::End),
    ]
}

/// Appends a hit as a row.
pub(super) fn hit(table: &mut Table, to: &mut Vec<u8>, hit: &Hit<'_>) {
    let place = format!("{}:{}", hit.feed, hit.line);
    let cells = [
        hit.participant,
        hit.asset,
        hit.relation.name(),
        hit.indicator,
        &place,
        hit.role.name(),
        hit.field.unwrap_or_default(),
        hit.time.unwrap_or_default(),
    ];
    table.row(to, &cells);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_cut_on_the_side_that_tells_less() {
        for (text, width, side, expected) in [
            ("hospital.example", 20, Cut::End, "hospital.example"),
            ("hospital.example", 9, Cut::End, "hospital…"),
            ("hospital.example", 9, Cut::Start, "….example"),
            ("m\u{fc}nchen", 7, Cut::End, "m\u{fc}nchen"),
            ("\u{5317}\u{4eac}\u{533b}\u{9662}", 5, Cut::End, "\u{5317}\u{4eac}…"),
            ("\u{5317}\u{4eac}\u{533b}\u{9662}", 4, Cut::Start, "…\u{9662}"),
        ] {
            let mut cell = text.to_owned();
            cut(&mut cell, width, side);
            assert_eq!(cell, expected);
            assert!(measure_text_width(&cell) <= width);
        }
    }

    #[test]
    fn columns_fit_the_screen_or_are_left_out() {
        let columns = || {
            vec![
                Column::new("a", 10, 10, Cut::End),
                Column::new("b", 10, 30, Cut::End),
                Column::new("c", 10, 20, Cut::End),
            ]
        };
        let widths = |width| -> Vec<usize> {
            fitted(columns(), width).iter().map(|column| column.wanted).collect()
        };
        assert_eq!(widths(200), [10, 30, 20]);
        assert_eq!(widths(44), [10, 15, 15]);
        assert_eq!(widths(34), [10, 10, 10]);
        assert_eq!(widths(33), [10, 21]);
        assert_eq!(widths(5), [10]);
    }
}
