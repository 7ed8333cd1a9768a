//! What a command finds, written in the form that was asked for.

mod csv;
mod intelmq;
mod table;
mod target;

use clap::ValueEnum;
use feedsieve::{Hit, Image};

pub(crate) use table::{Column, Cut, Table};
pub(crate) use target::Target;

use crate::terminal;

/// The forms of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Columns for the eye; on a terminal cut to its width
    Table,
    /// One JSON object a line
    Ndjson,
    /// With a header; cells that a spreadsheet would take for a formula begin with '
    Csv,
    /// Events of IntelMQ, one JSON object a line
    #[value(name = "intelmq")]
    IntelMq,
}

impl Form {
    /// What was asked for, else a table for a person and NDJSON for a program.
    pub(crate) fn or_fitting(asked: Option<Self>, is_file: bool) -> Self {
        match asked {
            Some(form) => form,
            None if terminal::is_stdout() && !is_file => Self::Table,
            None => Self::Ndjson,
        }
    }
}

/// What hits copy of their records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Copies {
    /// The names of fields.
    pub(crate) fields: Vec<String>,
    pub(crate) has_record: bool,
}

/// Turns hits into rows.
pub(crate) enum Rows {
    Table(Table),
    Ndjson,
    Csv(Copies),
    IntelMq(intelmq::Observed),
}

impl Rows {
    /// Rows of a form; tables are laid out for the participants of an image.
    pub(crate) fn new(form: Form, image: &Image, is_file: bool, copies: Copies) -> Self {
        match form {
            Form::Table => {
                let columns = table::columns_of_hits(image);
                Self::Table(if is_file { Table::plain(columns) } else { Table::on_stdout(columns) })
            }
            Form::Ndjson => Self::Ndjson,
            Form::Csv => Self::Csv(copies),
            Form::IntelMq => Self::IntelMq(intelmq::Observed::now()),
        }
    }

    /// Appends what stands before the first hit, and is there without any hit too.
    pub(crate) fn begin(&self, to: &mut Vec<u8>) {
        if let Self::Csv(copies) = self {
            csv::header(to, copies);
        }
    }

    /// Appends the names of a table's columns, unless they were written already.
    pub(crate) fn heading(&mut self, to: &mut Vec<u8>) {
        if let Self::Table(table) = self {
            table.heading(to);
        }
    }

    /// The same for a part of the rows, which has no names of columns before it.
    pub(crate) fn beside(&self) -> Self {
        match self {
            Self::Table(table) => Self::Table(table.beside()),
            Self::Ndjson => Self::Ndjson,
            Self::Csv(copies) => Self::Csv(copies.clone()),
            Self::IntelMq(observed) => Self::IntelMq(observed.clone()),
        }
    }

    /// Appends a hit.
    pub(crate) fn hit(&mut self, to: &mut Vec<u8>, hit: &Hit<'_>) {
        match self {
            Self::Table(table) => table::hit(table, to, hit),
            Self::Ndjson => {
                hit.write_json(to);
                to.push(b'\n');
            }
            Self::Csv(copies) => csv::hit(to, hit, copies),
            Self::IntelMq(observed) => intelmq::hit(to, observed, hit),
        }
    }
}
