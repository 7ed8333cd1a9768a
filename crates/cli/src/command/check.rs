//! `feedsieve check`: what is wrong, or looks wrong, with inventories.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use feedsieve::{Finding, InventoryError, Level, Lint};
use serde::Serialize;

use crate::output::Target;
use crate::shown::Shown;
use crate::talk::{count, say, why};
use crate::{Outcome, json};

/// Say what is wrong, or looks wrong, with inventories
///
/// Errors are rows that are not loaded: public suffixes, prefixes that are too
/// broad, and what is no asset at all. Warnings are assets that two participants
/// share (the same, one within the other, or overlapping), rows that stand twice,
/// local space, host bits, private suffixes such as a hoster's, rows that are too broad and accepted,
/// ids that differ in case only, and participants in two groups. Notes are legal
/// spellings that were put right, and rows that a wider one makes needless; they never fail.
///
/// Several inventories are checked as one. Each finding is one line,
/// `FILE:LINE:COLUMN: level: what was found; what to do`.
///
/// Exit: 0 nothing at or above the level of --fail-on; 1 something; 2 an inventory could not be read.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// An inventory: CSV, JSON, NDJSON or TOML, told by its content; may be given several times
    #[arg(short = 'p', long = "participants", value_name = "FILE", required = true)]
    inventories: Vec<PathBuf>,

    /// The least level at which the exit code is 1
    #[arg(long, value_name = "LEVEL", default_value = "warning")]
    fail_on: FailOn,

    /// Lines for the eye, or an object a line with the rule's name
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Rows that look wrong, and all below
    Warning,
    /// Rows that are not loaded
    Error,
}

impl FailOn {
    const fn level(self) -> Level {
        match self {
            Self::Warning => Level::Warning,
            Self::Error => Level::Error,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// `FILE:LINE:COLUMN: level: message`, which editors and build servers read
    Text,
    /// One JSON object a line
    Ndjson,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let mut lint = Lint::default();
    let mut read = Vec::new();
    let mut has_failed = false;
    for path in &arguments.inventories {
        let name = path.to_string_lossy();
        match add(&mut lint, path, &name) {
            Ok(()) => read.push(name),
            Err(message) => {
                has_failed = true;
                say(message);
            }
        }
    }
    let assets = lint.asset_count() as u64;
    let findings = lint.findings();
    let mut target = Target::stdout()?;
    for found in &findings {
        let line = Line::of(found, &read[found.file]);
        target.add(|to| match arguments.output {
            Form::Text => line.write(to),
            Form::Ndjson => json::write_line(to, &line),
        });
        if target.is_full() {
            target.flush()?;
        }
    }
    target.flush()?;
    let files = count(read.len() as u64, "file");
    say(format_args!("{} of {}, {files}", tally(&findings), count(assets, "asset")));
    let is_found = findings.iter().any(|found| found.level >= arguments.fail_on.level());
    Ok(match (has_failed, is_found && !target.is_closed()) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::FoundFaults,
        (false, false) => Outcome::Done,
    })
}

/// Adds an inventory, or says why it could not be read.
fn add(lint: &mut Lint, path: &Path, name: &str) -> Result<(), String> {
    let file = File::open(path).map_err(|error| format!("{name}: {}", why(&error)))?;
    lint.read(name, file).map_err(|error| match error {
        InventoryError::Io(error) => format!("{name}: {}", why(&error)),
        InventoryError::Syntax(found) => format!("{name}:{found}"),
        error => format!("{name}: {error}"),
    })
}

/// `1 error, 2 warnings and 3 notes`.
fn tally(findings: &[Finding]) -> String {
    let of = |level, noun| {
        count(findings.iter().filter(|found| found.level == level).count() as u64, noun)
    };
    let (errors, warnings) = (of(Level::Error, "error"), of(Level::Warning, "warning"));
    format!("{errors}, {warnings} and {}", of(Level::Note, "note"))
}

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    line: u64,
    column: u64,
    level: &'static str,
    rule: &'static str,
    message: &'a str,
}

impl<'a> Line<'a> {
    fn of(found: &'a Finding, file: &'a str) -> Self {
        Self {
            file,
            line: found.line,
            column: found.column,
            level: found.level.name(),
            rule: found.rule,
            message: &found.message,
        }
    }

    fn write(&self, to: &mut Vec<u8>) {
        let Self { file, line, column, level, message, .. } = self;
        writeln!(to, "{}:{line}:{column}: {level}: {}", Shown(file), Shown(message))
            .expect("memory takes bytes");
    }
}
