//! One contest: answers first, then everybody in turn.

use std::fs;

use anyhow::{Context, Result};

use super::answers::Found;
use super::contest::Contest;
use super::record::{Record, Row};
use super::rival::Contestant;
use super::workshop::{Run, Workshop};

/// Checks and times all contestants that can take this contest, and records each.
pub(super) fn run(
    shop: &Workshop,
    contest: &Contest,
    contestants: &[Contestant],
    runs: u32,
    record: &mut Record,
) -> Result<()> {
    println!("\n{}, {} MB", contest.title(), fs::metadata(&contest.feed)?.len() / 1_000_000);
    let feed = fs::read(&contest.feed)?;
    let mut entrants: Vec<Entrant<'_>> = Vec::new();
    for contestant in contestants.iter().filter(|it| it.rival.takes(contest)) {
        let ours = entrants.first().map(|first| &first.found);
        match Entrant::check(shop, contest, contestant, &feed, ours) {
            Ok(entrant) => entrants.push(entrant),
            Err(error) if contestant.rival.is_ours() => return Err(error),
            Err(error) => {
                println!("  {}: left out: {error:#}", contestant.rival.name());
                record.left_out(contest, contestant, &format!("{error:#}"));
            }
        }
    }
    drop(feed);
    for _ in 0..runs {
        for entrant in &mut entrants {
            entrant.run_again(shop, contest)?;
        }
    }
    let (ours, _) = entrants.split_first().context("feedsieve takes every contest")?;
    for entrant in &entrants {
        let row = Row::new(contest, entrant, ours)?;
        println!("{}", row.shown());
        record.push(row);
    }
    Ok(())
}

/// A contestant in one contest.
pub(super) struct Entrant<'a> {
    pub(super) contestant: &'a Contestant,
    pub(super) found: Found,
    /// `equal`, or by how much its lines differ from ours.
    pub(super) verdict: String,
    pub(super) note: String,
    pub(super) runs: Vec<Run>,
    command: Vec<std::ffi::OsString>,
    output_bytes: u64,
}

impl<'a> Entrant<'a> {
    /// Runs it once, which warms the feed too, and compares its lines with `ours`.
    fn check(
        shop: &Workshop,
        contest: &Contest,
        contestant: &'a Contestant,
        feed: &[u8],
        ours: Option<&Found>,
    ) -> Result<Self> {
        let rival = contestant.rival;
        let command = rival.prepare(shop, contest)?;
        let out = contest.path("out");
        shop.time(&command, &out)?;
        let output = fs::read(&out)?;
        let found = Found::read(rival.answer(), &output, feed)?;
        let (verdict, note) = match ours {
            None => ("ours".to_owned(), String::new()),
            Some(ours) => {
                let difference = found.against(ours);
                let mut note = difference.examples.join(" ");
                if difference.verdict() != "equal" && !rival.limits(contest).is_empty() {
                    note = format!("{}: {note}", rival.limits(contest));
                }
                if found.unplaced > 0 {
                    note = format!("{} matches on no line; {note}", found.unplaced);
                }
                (difference.verdict(), note)
            }
        };
        let output_bytes = output.len() as u64;
        Ok(Self { contestant, found, verdict, note, runs: Vec::new(), command, output_bytes })
    }

    fn run_again(&mut self, shop: &Workshop, contest: &Contest) -> Result<()> {
        let out = contest.path("out");
        let run = shop.time(&self.command, &out)?;
        // Whoever answers otherwise the second time was not timed at the same work.
        let bytes = fs::metadata(&out)?.len();
        anyhow::ensure!(
            bytes == self.output_bytes,
            "{} wrote {bytes} bytes, and {} before",
            self.contestant.rival.name(),
            self.output_bytes
        );
        self.runs.push(run);
        Ok(())
    }
}
