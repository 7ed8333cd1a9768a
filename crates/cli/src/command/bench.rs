//! `feedsieve bench`: how fast feeds are searched here, stage by stage.

mod chart;
mod rounds;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::ValueEnum;
use feedsieve::{Format, Image, SCHEMA, Scanner};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::feeds::{self, Feed};
use crate::output::Target;
use crate::participants::Participants;
use crate::summary::ImageFacts;
use crate::talk::{say, why};
use crate::{Outcome, json};
use rounds::{Bench, Figures, Measured};

/// Measure how fast feeds are searched on this machine, stage by stage
///
/// The beginning of each feed is taken into memory. Then these passes over the
/// same bytes are timed, one after the other and then the other way round, for
/// several rounds:
///
///   newlines  the line ends counted: the floor, which no search can beat
///   read      the file read in order into a buffer; after the first time mostly
///             from the system's cache, so it says little about a disk
///   find      a scan for one invented asset of each kind that yours has, which
///             no feed holds: what is shaped like an indicator is found, and
///             nothing comes of it
///   match     a scan for your participants, its hits dropped
///   write     the same, its hits made into NDJSON and then dropped
///
/// Stages are told apart by difference, so that no clock slows a scan. In the
/// result, `newlines`, `read` and `find` are as above. `probe, interpret` is match
/// less find: your image is asked about what was found, and what may concern
/// somebody is read with care and looked up. `write` is write less match, and
/// `all` is read, find, probe, interpret and write together.
///
/// Rates are of the median round. A difference is as uncertain as the range
/// beside it says; where noise hides a stage, it has no rate. Trust ratios within
/// a run more than rates: machines drift. Your scans may be faster than `all`, for
/// `scan` maps files instead of reading them, and uses all processors.
///
/// Nothing of what a feed holds is told but its format and how many records and
/// hits there are.
///
/// Exit: 0 measured; 1 every feed is empty; 2 an error, or a feed that could not
/// be measured.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The files to measure on; they are read several times, so pipes are refused
    #[arg(value_name = "FEED", required = true)]
    feeds: Vec<PathBuf>,

    #[command(flatten)]
    participants: Participants,

    /// The notation of the feeds; auto decides for each from its beginning
    #[arg(short, long, value_name = "NAME", default_value = "auto", value_parser = super::scan::format())]
    format: Format,

    /// Measure on the files in folders and the folders in them
    #[arg(short, long)]
    recursive: bool,

    /// How many times each pass is timed; the median and the range are told
    #[arg(long, value_name = "N", default_value_t = 5,
          value_parser = clap::value_parser!(u16).range(1..=1000))]
    runs: u16,

    /// How much of each feed is taken at most, from its beginning, in MB (1,000,000 bytes)
    #[arg(long, value_name = "MB", default_value_t = 128,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    max_mb: u64,

    /// How many threads scan; stages are told apart best with one
    #[arg(short = 'j', long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,

    /// A chart for the eye, or an object a feed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For the eye: rates, ranges and bars
    Text,
    /// One JSON object a line, with the seconds of every stage
    Ndjson,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let feeds = feeds::list(&arguments.feeds, arguments.recursive)?;
    let loaded = arguments.participants.load()?;
    let image = &loaded.image;
    let decoy = rounds::decoy(image)?;
    let scanner = |image| {
        Scanner::new(image).format(arguments.format).threads(usize::from(arguments.threads))
    };
    let bench = Bench { finding: scanner(&decoy), matching: scanner(image) };
    let mut target = Target::stdout()?;
    let mut has_failed = loaded.has_bad_rows;
    let mut is_any = false;
    for feed in &feeds {
        let name = feed.name();
        let measured = Sample::of(feed, arguments.max_mb * 1_000_000)
            .and_then(|sample| sample.map(|s| arguments.measure(&name, s, &bench)).transpose());
        match measured {
            Ok(None) => say(format_args!("{name}: empty, so that there is nothing to measure")),
            Ok(Some(told)) => {
                if !is_any && arguments.output == Form::Text {
                    target.add(|to| chart::heading(to, image, arguments.runs, arguments.threads));
                }
                is_any = true;
                target.add(|to| match arguments.output {
                    Form::Text => chart::feed(to, &told),
                    Form::Ndjson => json::write_line(to, &arguments.line(image, &told)),
                });
                // A feed takes seconds, and whoever waits sees one after the other.
                target.flush()?;
            }
            Err(why) => {
                say(format_args!("{name}: {why:#}"));
                has_failed = true;
            }
        }
        if target.is_closed() {
            break;
        }
    }
    target.finish()?;
    Ok(match (has_failed, is_any) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Done,
        (false, false) => Outcome::NothingFound,
    })
}

/// The beginning of a feed, in memory.
struct Sample<'f> {
    path: &'f Path,
    bytes: Vec<u8>,
    /// Of the whole feed.
    feed_bytes: u64,
}

impl<'f> Sample<'f> {
    /// Takes at most so many bytes of a feed; none of an empty one.
    fn of(feed: &'f Feed, max_bytes: u64) -> anyhow::Result<Option<Self>> {
        let path = match feed {
            Feed::File(path) => path,
            Feed::Unreadable(_, why) => bail!("{why}"),
            Feed::Stdin => bail!("{NO_FILE}"),
        };
        let failed = |error| anyhow::anyhow!("{}", why(&error));
        // To open a pipe that nobody writes to would be to wait for ever.
        if !std::fs::metadata(path).map_err(failed)?.is_file() {
            bail!("{NO_FILE}");
        }
        let file = File::open(path).map_err(failed)?;
        let feed_bytes = file.metadata().map_err(failed)?.len();
        let mut bytes = Vec::new();
        file.take(max_bytes).read_to_end(&mut bytes).map_err(failed)?;
        // The last line would be another than in the feed.
        let is_cut = (bytes.len() as u64) < feed_bytes;
        if let Some(last) = memchr::memrchr(b'\n', &bytes).filter(|_| is_cut) {
            bytes.truncate(last + 1);
        }
        Ok((!bytes.is_empty()).then_some(Self { path, bytes, feed_bytes }))
    }
}

const NO_FILE: &str = "no regular file; a feed is read several times here, so save it to a file";

/// A feed, and how fast it was.
struct Told<'n> {
    feed: &'n str,
    feed_bytes: u64,
    measured: Measured,
    figures: Figures,
}

impl Arguments {
    fn measure<'n>(
        &self,
        feed: &'n str,
        sample: Sample<'_>,
        bench: &Bench<'_>,
    ) -> anyhow::Result<Told<'n>> {
        let passes = rounds::PASSES * (1 + u64::from(self.runs));
        let bar = ProgressBar::new(passes).with_style(
            ProgressStyle::with_template("{bar:24} {pos}/{len} passes")
                .expect("the template is one of ours"),
        );
        let measured = bench.measure(sample.path, &sample.bytes, self.runs, || bar.inc(1));
        bar.finish_and_clear();
        let (measured, rounds) = measured?;
        let figures = Figures::of(&rounds);
        Ok(Told { feed, feed_bytes: sample.feed_bytes, measured, figures })
    }

    fn line<'t>(&self, image: &Image, told: &'t Told<'_>) -> Line<'t> {
        let Measured { bytes, records, hits, format } = told.measured;
        let stages = told.figures.rows().map(|row| Stage {
            stage: row.key,
            seconds: row.seconds,
            gb_per_second: row.rate(bytes).map(|rate| rate / 1e9),
            records_per_second: row.rate(records),
            share: row.share,
        });
        Line {
            schema: SCHEMA,
            feed: told.feed,
            format: format.name(),
            feed_bytes: told.feed_bytes,
            bytes,
            records,
            hits,
            image: ImageFacts::of(image),
            threads: self.threads,
            runs: self.runs,
            stages: stages.collect(),
            all_to_newlines: told.figures.all_to_newlines,
        }
    }
}

#[derive(Serialize)]
struct Line<'t> {
    schema: u32,
    feed: &'t str,
    format: &'static str,
    feed_bytes: u64,
    /// Of the feed's beginning, which is what was measured; so are records and hits.
    bytes: u64,
    records: u64,
    hits: u64,
    image: ImageFacts,
    threads: u16,
    runs: u16,
    stages: Vec<Stage>,
    all_to_newlines: rounds::Spread,
}

#[derive(Serialize)]
struct Stage {
    stage: &'static str,
    seconds: rounds::Spread,
    gb_per_second: Option<f64>,
    records_per_second: Option<f64>,
    share: Option<f64>,
}
