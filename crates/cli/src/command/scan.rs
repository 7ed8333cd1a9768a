//! `feedsieve scan`: feeds in, hits out, and an account of what became of every record.

mod run;
mod together;

use std::num::NonZero;
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::{fs, thread};

use anyhow::{anyhow, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use feedsieve::{Format, Image, Role, Roles, Scanner};

use crate::Outcome;
use crate::allow::{Allow, Allowed};
use crate::feeds::{self, Feed, Io};
use crate::interrupt;
use crate::output::{Copies, Form, Rows, Target};
use crate::participants::{Participants, known};
use crate::progress::{self, Progress};
use crate::publication::Publication;
use crate::summary::Summary;
use run::{Run, Writer};

/// Find the records of feeds that concern participants
///
/// One hit is written for each record, participant and asset, in the order of the
/// feeds. The same hits come out for any number of threads and any way of reading.
///
/// Exit: 0 hits; 1 no hits; 2 an error, or a feed that was not read to its end,
/// even when there were hits; 130 and 143 where SIGINT or SIGTERM ended it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The files to search; `-` or none is standard input
    #[arg(value_name = "FEED")]
    feeds: Vec<PathBuf>,

    #[command(flatten)]
    participants: Participants,

    #[command(flatten)]
    what: What,

    #[command(flatten)]
    reading: Reading,

    #[command(flatten)]
    writing: Writing,
}

#[derive(clap::Args)]
#[command(next_help_heading = "What is a hit")]
struct What {
    /// Only hits of this participant; may be given several times
    #[arg(long, value_name = "ID")]
    participant: Vec<String>,

    /// Only evidence in these roles, or in all of them
    ///
    /// By default: indicator, url-host, email, url-email, rdns and text. Evidence
    /// in other roles is counted in the summary.
    #[arg(long, value_name = "ROLE,...", value_delimiter = ',', value_parser = role_names())]
    roles: Vec<String>,

    /// Also hits on assets in private, loopback, link-local and other local space
    #[arg(long)]
    local_space: bool,

    #[command(flatten)]
    allow: Allow,

    /// Of each indicator, only the most specific asset of each participant
    ///
    /// Where a participant's assets nest, the longest is named and the others are
    /// not. Other participants are never hidden.
    #[arg(long)]
    most_specific: bool,

    /// Search for keyword assets too
    ///
    /// A keyword is a hit wherever its text stands between word borders, so there
    /// will be hits on namesakes.
    #[arg(long)]
    keywords: bool,

    /// Search only these columns of CSV or JSON pointers (/source/ip), with all that lies under them
    ///
    /// Columns without a name are col1, col2 and so on. A feed without one of the
    /// columns is not scanned; pointers that were not met are named at the end.
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    fields: Vec<String>,

    /// Reject IPv4 prefixes of a feed that are shorter than this
    #[arg(long, value_name = "LENGTH", default_value_t = 8,
          value_parser = clap::value_parser!(u8).range(0..=32))]
    max_feed_prefix4: u8,

    /// Reject IPv6 prefixes of a feed that are shorter than this
    #[arg(long, value_name = "LENGTH", default_value_t = 19,
          value_parser = clap::value_parser!(u8).range(0..=128))]
    max_feed_prefix6: u8,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Reading")]
struct Reading {
    /// The notation of the feeds; auto decides for each from its beginning
    #[arg(short, long, value_name = "NAME", default_value = "auto", value_parser = format())]
    format: Format,

    /// Scan the files in folders and the folders in them, in byte order of their paths
    ///
    /// Links are not followed. Without this flag a folder is an error.
    #[arg(short, long)]
    recursive: bool,

    /// How regular files are read
    ///
    /// A file that somebody writes to during the scan may give wrong hits. It is
    /// said to be incomplete then, with exit code 2, either way.
    #[arg(long, value_name = "HOW", default_value = "mmap")]
    io: Io,

    /// Only records that begin in these bytes of each feed, from A up to and without B
    ///
    /// Lines, quotes and the header are those of the whole feed. Not for feeds that
    /// are packed or in UTF-16. Ranges that follow each other have together the hits
    /// of the whole.
    #[arg(long, value_name = "A-B", value_parser = byte_range)]
    range: Option<Range<u64>>,

    /// Put the SHA-256 of each feed's bytes, as they lie on disk, into the summary
    #[arg(long)]
    digest: bool,

    /// How many threads scan; all that the machine has, by default
    #[arg(short = 'j', long, value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,

    /// Stop at the first feed that cannot be read to its end
    #[arg(long)]
    strict: bool,
}

#[derive(clap::Args)]
#[command(next_help_heading = "Writing")]
struct Writing {
    /// A table on a terminal, ndjson otherwise
    #[arg(short, long, value_name = "FORM")]
    output: Option<Form>,

    /// Copy these fields of the record into each hit, under data, named as for --fields
    ///
    /// Fields of passwords and other secrets are refused. Nothing is copied of
    /// records of 64 KiB and more.
    #[arg(long, value_name = "FIELDS", value_delimiter = ',')]
    keep: Vec<String>,

    /// Copy the record into each hit, with [redacted] in place of its secrets
    ///
    /// Of a record of 64 KiB and more, those around the evidence, or nothing where
    /// they may hold secrets; such hits have the flag long-record.
    #[arg(long)]
    with_record: bool,

    /// Write hits to this file instead: whole or not at all, with mode 0600
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Write the account of what was read, skipped, rejected and found to this file, as JSON
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,

    /// When to show progress on stderr
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    progress: progress::When,

    /// Exit with 0 also when there are no hits
    #[arg(long)]
    exit_zero: bool,
}

pub(super) fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name)).map(|name| {
        let named = |format: &Format| format.name() == name;
        Format::ALL.into_iter().find(named).expect("the parser let a name of ours through")
    })
}

fn byte_range(text: &str) -> Result<Range<u64>, String> {
    let ends =
        text.split_once('-').and_then(|(start, end)| Some(start.parse().ok()?..end.parse().ok()?));
    let found: Option<Range<u64>> = ends.filter(|range: &Range<u64>| range.start <= range.end);
    found.ok_or_else(|| "expected two offsets, the lower first, as in 0-1048576".to_owned())
}

const ALL_ROLES: &str = "all";

fn role_names() -> PossibleValuesParser {
    PossibleValuesParser::new(Role::ALL.map(Role::name).into_iter().chain([ALL_ROLES]))
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    // The feeds come first, so that no file of ours is found among them.
    let feeds = feeds::list(&arguments.feeds, arguments.reading.recursive)?;
    let (hits, summary_file) = arguments.targets(&feeds)?;
    let loaded = arguments.participants.load()?;
    let image = &loaded.image;
    let allowed = arguments.what.allow.load(image, &arguments.participants.bad_rows)?;
    let has_bad_entries = allowed.as_ref().is_some_and(|allowed| allowed.has_bad_rows);

    let writing = &arguments.writing;
    let mut run = Run {
        scanner: arguments.scanner(image, allowed.as_ref())?,
        threads: arguments.reading.threads(),
        io: arguments.reading.io,
        is_ranged: arguments.reading.range.is_some(),
        is_strict: arguments.reading.strict,
        writer: Writer {
            rows: Rows::new(writing.form(), image, writing.out.is_some(), writing.copies()),
            hits,
            progress: Progress::new(writing.progress, feeds.iter().map(Feed::bytes).sum()),
        },
        summary: Summary::new(image, allowed.map(|allowed| allowed.facts), loaded.elapsed),
        stopped: None,
        has_failed: loaded.has_bad_rows || has_bad_entries,
    };
    interrupt::be_orderly();
    run.writer.begin();
    run.feeds(&feeds)?;
    run.finish(summary_file, writing.exit_zero)
}

impl Reading {
    fn threads(&self) -> usize {
        let all_threads = || thread::available_parallelism().map_or(1, NonZero::get);
        self.threads.map_or_else(all_threads, usize::from)
    }
}

impl Writing {
    fn copies(&self) -> Copies {
        Copies { fields: self.keep.clone(), has_record: self.with_record }
    }

    fn form(&self) -> Form {
        Form::or_fitting(self.output, self.out.is_some())
    }
}

impl Arguments {
    /// Where hits and the account go, once it is sure that neither is read as well.
    fn targets(&self, feeds: &[Feed]) -> anyhow::Result<(Target, Option<Publication>)> {
        let files = feeds.iter().filter_map(|feed| match feed {
            Feed::File(path) => Some(path.clone()),
            _ => None,
        });
        let lists = self.participants.files().chain(self.what.allow.files.iter().cloned());
        let mut inputs: Vec<PathBuf> = files.chain(lists).collect();
        let writing = &self.writing;
        let hits = match &writing.out {
            Some(path) => Target::file(path, &inputs)?,
            None => Target::stdout()?,
        };
        if let Some(stdout) = hits.stdout_metadata().filter(fs::Metadata::is_file) {
            let is_stdout = |path: &&PathBuf| {
                fs::metadata(path)
                    .is_ok_and(|found| (found.dev(), found.ino()) == (stdout.dev(), stdout.ino()))
            };
            if let Some(path) = inputs.iter().find(is_stdout) {
                bail!("{}: both read and written; send hits to another file", path.display());
            }
        }
        if writing.out.is_some() && writing.out == writing.summary {
            bail!("--out and --summary name the same file; give each its own");
        }
        inputs.extend(writing.out.clone());
        let summary = writing.summary.as_ref();
        let summary = summary.map(|path| Publication::begin(path, &inputs)).transpose()?;
        Ok((hits, summary))
    }

    fn scanner<'i>(
        &self,
        image: &'i Image,
        allowed: Option<&Allowed>,
    ) -> anyhow::Result<Scanner<'i>> {
        let what = &self.what;
        let mut scanner = Scanner::new(image)
            .format(self.reading.format)
            .roles(what.roles())
            .local_space(what.local_space)
            .most_specific(what.most_specific)
            .keywords(what.keywords)
            .with_record(self.writing.with_record)
            .with_url(self.writing.form() == Form::IntelMq)
            .shortest_prefixes(what.max_feed_prefix4, what.max_feed_prefix6)
            .digests(self.reading.digest)
            .threads(self.reading.threads());
        if !what.fields.is_empty() {
            scanner = scanner.fields(&what.fields).map_err(|error| anyhow!("--fields {error}"))?;
        }
        if !self.writing.keep.is_empty() {
            let keep = &self.writing.keep;
            scanner = scanner.keep(keep).map_err(|error| anyhow!("--keep {error}"))?;
        }
        if let Some(range) = &self.reading.range {
            scanner = scanner.range(range.clone());
        }
        if let Some(allowed) = allowed {
            scanner = scanner.allow(allowed.list.clone());
        }
        if !what.participant.is_empty() {
            for id in &what.participant {
                known(image, id)?;
            }
            scanner = scanner.participants(what.participant.iter().map(String::as_str));
        }
        Ok(scanner)
    }
}

impl What {
    fn roles(&self) -> Roles {
        let is_asked = |role: &Role| self.roles.iter().any(|name| name == role.name());
        match self.roles.as_slice() {
            [] => Roles::default(),
            names if names.iter().any(|name| name == ALL_ROLES) => Roles::ALL,
            _ => Roles::of(Role::ALL.into_iter().filter(is_asked)),
        }
    }
}
