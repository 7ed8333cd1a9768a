//! `feedsieve lookup`: single indicators, from the command line or a line each from stdin.

use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Read};

use anyhow::{anyhow, bail};
use clap::ValueEnum;
use console::Style;
use feedsieve::{Found, Image, Indicator, IndicatorError};

use crate::output::{Column, Cut, Table, Target};
use crate::participants::Participants;
use crate::talk::{say, why};
use crate::{Outcome, terminal};

/// Look up single addresses, prefixes, ranges, names and mail addresses
///
/// Every asset concerned is listed with every owner, the most specific first.
/// `*.name` and `.name` stand for a whole subtree. Nothing is withheld: neither
/// local space nor what a scan would call too broad. Keywords are not looked up.
///
/// Exit: 0 something was found; 1 nothing was; 2 an error, or something was no indicator.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// What to look up; without any, one a line is read from stdin
    #[arg(value_name = "INDICATOR")]
    indicators: Vec<String>,

    #[command(flatten)]
    participants: Participants,

    /// A table on a terminal, ndjson otherwise
    #[arg(short, long, value_name = "FORM")]
    output: Option<Form>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Columns for the eye; on a terminal cut to its width
    Table,
    /// One JSON object a line
    Ndjson,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let is_typed = arguments.indicators.is_empty() && terminal::is_stdin();
    if is_typed {
        bail!(
            "nothing to look up, and standard input is a terminal; name an INDICATOR or pipe some in"
        );
    }
    let loaded = arguments.participants.load()?;
    let mut answers = Answers::new(&loaded.image, arguments.output)?;
    if arguments.indicators.is_empty() {
        answers.look_up_lines(BufReader::new(io::stdin().lock()))?;
    } else {
        for text in &arguments.indicators {
            answers.look_up(text, None)?;
        }
    }
    let (has_found, has_failed) = (answers.has_found, answers.has_failed || loaded.has_bad_rows);
    let is_closed = answers.finish()?;
    Ok(match (has_failed, has_found || is_closed) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Done,
        (false, false) => Outcome::NothingFound,
    })
}

/// Bytes of a line that may hold an indicator; the longest are mail addresses in U-labels.
const MAX_LINE_BYTES: u64 = 4 << 10;

struct Answers<'i> {
    image: &'i Image,
    target: Target,
    table: Option<Table>,
    has_found: bool,
    has_failed: bool,
}

impl<'i> Answers<'i> {
    fn new(image: &'i Image, asked: Option<Form>) -> anyhow::Result<Self> {
        let form = asked.unwrap_or(match terminal::is_stdout() {
            true => Form::Table,
            false => Form::Ndjson,
        });
        let table = (form == Form::Table).then(|| Table::on_stdout(columns()));
        let target = Target::stdout()?;
        Ok(Self { image, target, table, has_found: false, has_failed: false })
    }

    fn look_up_lines<R: Read>(&mut self, mut lines: BufReader<R>) -> anyhow::Result<()> {
        let failed = |error: io::Error| anyhow!("standard input: {}", why(&error));
        let mut line = Vec::new();
        for number in 1.. {
            if lines.buffer().is_empty() {
                // Whoever asks one by one waits for the answer before the next question.
                self.target.flush()?;
            }
            line.clear();
            let read = lines.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line);
            if read.map_err(failed)? == 0 || self.target.is_closed() {
                break;
            }
            let is_cut = line.len() as u64 == MAX_LINE_BYTES && !line.ends_with(b"\n");
            if is_cut {
                lines.skip_until(b'\n').map_err(failed)?;
                self.refuse(Some(number), &expected("a line of more than 4,096 bytes"))?;
                continue;
            }
            match str::from_utf8(line.trim_ascii()) {
                Ok("") => {}
                Ok(text) => self.look_up(text, Some(number))?,
                Err(_) => self.refuse(Some(number), &expected("bytes that are not UTF-8"))?,
            }
        }
        Ok(())
    }

    fn look_up(&mut self, text: &str, line: Option<u64>) -> anyhow::Result<()> {
        let indicator = match Indicator::parse(text) {
            Ok(indicator) => indicator,
            Err(error) => return self.refuse(line, &error),
        };
        let Self { image, target, table, has_found, .. } = self;
        for found in image.lookup(&indicator) {
            *has_found = true;
            target.add(|to| match table {
                Some(table) => {
                    let asset = found.asset().value().to_string();
                    table.row(to, &cells(&indicator, &found, &asset));
                }
                None => {
                    found.write_json(&indicator, to);
                    to.push(b'\n');
                }
            });
            if target.is_full() {
                target.flush()?;
            }
        }
        Ok(())
    }

    fn refuse(&mut self, line: Option<u64>, why: &dyn Display) -> anyhow::Result<()> {
        self.has_failed = true;
        // Both may go to one terminal, and then belong in one order.
        self.target.flush()?;
        let place = line.map(|line| format!("-:{line}: ")).unwrap_or_default();
        say(format_args!("{place}{why}"));
        Ok(())
    }

    /// Writes what is left; tells whether nobody read it.
    fn finish(mut self) -> anyhow::Result<bool> {
        self.target.flush()?;
        Ok(self.target.is_closed())
    }
}

fn expected(found: &str) -> String {
    format!("{found}; {}", IndicatorError::EXPECTED)
}

/// The cells of an answer, in the order of [`columns`].
fn cells<'a>(indicator: &'a Indicator, found: &Found<'a>, asset: &'a str) -> [&'a str; 7] {
    [
        indicator.text(),
        found.relation().name(),
        asset,
        found.asset().kind().name(),
        found.participant(),
        found.owner().group().unwrap_or_default(),
        found.owner().label().unwrap_or_default(),
    ]
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("indicator", 14, 40, Cut::Start).styled(Style::new().cyan()),
        Column::new("relation", 9, 9, Cut::End),
        Column::new("asset", 14, 32, Cut::Start),
        Column::new("kind", 12, 12, Cut::End),
        Column::new("participant", 11, 20, Cut::End).styled(Style::new().bold()),
        Column::new("group", 8, 16, Cut::End),
        Column::new("label", 8, 30, Cut::End),
    ]
}
