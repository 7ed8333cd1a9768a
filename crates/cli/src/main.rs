//! The command `feedsieve`: flags in, files opened, hits written, an exit code out.
//!
//! What matches is decided in the library; nothing here looks at a feed's bytes.
//! `command` holds one file for each command, `output` one for each form of
//! output, and the other modules what several commands need.

mod allow;
mod command;
mod feeds;
mod interrupt;
mod json;
mod lost_pages;
mod mapped;
mod output;
mod participants;
mod progress;
mod publication;
mod shown;
mod special;
mod stdout;
mod summary;
mod talk;
mod terminal;

use std::io;
use std::panic::{self, Location};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use command::{bench, check, compile, explain, inspect, lookup, scan};
use shown::Shown;
use talk::say;

/// Says which participants a feed concerns, and in which record.
///
/// An inventory lists what participants own: prefixes, ranges, names, mail
/// domains and mail addresses. `scan` streams feeds of any size through it and
/// writes one hit for each record, participant and asset concerned.
#[derive(Parser)]
#[command(name = "feedsieve", version, max_term_width = 100, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Scan(scan::Arguments),
    Compile(compile::Arguments),
    Lookup(lookup::Arguments),
    Check(check::Arguments),
    Explain(explain::Arguments),
    Inspect(inspect::Arguments),
    Bench(bench::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  feedsieve scan -p participants.csv blocklist.txt      hits in one feed
  feedsieve scan -r -p participants.csv feeds/          hits in every file of a folder
  zcat dump.gz | feedsieve scan -p participants.csv     hits in what a pipe brings
  feedsieve compile -p participants.csv -o day.image    compile once, scan often with -i";

fn main() -> ExitCode {
    panic::set_hook(Box::new(|panicked| note(panicked.location())));
    // A panic has been noted; what it carries may be a part of a feed.
    panic::catch_unwind(run).unwrap_or_else(|_| internal_error())
}

fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    if let Err(error) = interrupt::watch() {
        say(format_args!("waiting for signals: {}", talk::why(&error)));
        return Outcome::Failed.into();
    }
    let outcome = match &arguments.command {
        Command::Scan(arguments) => scan::run(arguments),
        Command::Compile(arguments) => compile::run(arguments),
        Command::Lookup(arguments) => lookup::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
    };
    match outcome {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            say(format_args!("{error:#}"));
            Outcome::Failed.into()
        }
    }
}

/// The place of the last panic.
static PANICKED: Mutex<String> = Mutex::new(String::new());

/// Notes where a panic was; the library may yet find that another process is to blame.
fn note(place: Option<&Location<'_>>) {
    // A panic that was passed on from another thread names a place in std.
    if let Some(place) = place.filter(|place| !place.file().starts_with("/rustc/")) {
        *PANICKED.lock().unwrap_or_else(PoisonError::into_inner) = format!(" in {place}");
    }
}

/// A mistake of ours. What was being looked at may be a secret, so the place in our code is all
/// that is told.
fn internal_error() -> ExitCode {
    let place = PANICKED.lock().unwrap_or_else(PoisonError::into_inner);
    say(format_args!("an internal error{place}; please report it with the version of feedsieve"));
    Outcome::Failed.into()
}

/// How a command ended, where it did not end early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// What was asked for was done or found.
    Done,
    /// All went well, and nothing was found.
    NothingFound,
    /// All went well, and what was checked has faults.
    FoundFaults,
    /// Something failed on the way, and has been said.
    Failed,
    /// This signal ended it before its time.
    Interrupted(u8),
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::from(0),
            Outcome::NothingFound | Outcome::FoundFaults => Self::from(1),
            Outcome::Failed => Self::from(2),
            Outcome::Interrupted(signal) => Self::from(128 + signal),
        }
    }
}

/// Help and version go to stdout, a mistaken command line to stderr with exit 2.
fn usage(error: &clap::Error) -> ExitCode {
    // A message repeats arguments, and a shell may have made those of file names.
    let text = error.render().to_string();
    if text.lines().any(|line| Shown(line).is_changed()) {
        text.lines().for_each(talk::line);
        return Outcome::Failed.into();
    }
    let is_asked_for = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    match error.print() {
        Err(failed) if failed.kind() != io::ErrorKind::BrokenPipe => Outcome::Failed.into(),
        _ if is_asked_for => Outcome::Done.into(),
        _ => Outcome::Failed.into(),
    }
}
