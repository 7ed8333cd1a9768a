//! What is timed, in turn, and what the times say of the stages.
//!
//! Machines drift, and others work beside us: two passes are compared within a round,
//! where they follow each other, never across rounds.

use std::convert::Infallible;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, Read as _};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{anyhow, bail, ensure};
use feedsieve::{
    AssetKind, Format, Hit, Image, Inventory, Limits, ScanError, ScanStats, Scanner, Sink, SinkFn,
    Source, compile,
};
use serde::Serialize;

use crate::output::Rows;
use crate::talk::why;

/// The scans that are timed.
pub(super) struct Bench<'i> {
    /// For what no feed holds.
    pub(super) finding: Scanner<'i>,
    /// For the participants.
    pub(super) matching: Scanner<'i>,
}

/// What was measured on.
#[derive(Clone, Copy)]
pub(super) struct Measured {
    pub(super) bytes: u64,
    pub(super) records: u64,
    pub(super) hits: u64,
    pub(super) format: Format,
}

/// What is timed.
#[derive(Clone, Copy)]
enum Pass {
    Newlines,
    Read,
    Find,
    Match,
    Write,
}

impl Pass {
    const ALL: [Self; 5] = [Self::Newlines, Self::Read, Self::Find, Self::Match, Self::Write];
}

/// Passes in a round.
pub(super) const PASSES: u64 = Pass::ALL.len() as u64;

/// The seconds of each pass.
#[derive(Clone, Copy, Default)]
pub(super) struct Round([f64; Pass::ALL.len()]);

impl Round {
    const fn of(&self, pass: Pass) -> f64 {
        self.0[pass as usize]
    }

    fn all(&self) -> f64 {
        self.of(Pass::Read) + self.of(Pass::Write)
    }
}

/// Passes of a small feed are repeated until this has gone by: clocks are coarse.
const LEAST: Duration = Duration::from_millis(10);

/// What is read at once, as in a scan with `--io read`.
const PIECE_BYTES: usize = 1 << 20;

/// Rows that are dropped at once: what `scan` hands to the system at once.
const ROW_BYTES: usize = 64 << 10;

/// An image with one asset of each kind that another has, so that a scan for it looks for the
/// same shapes and finds nobody.
///
/// Without mail addresses in the image, for one, the finder takes a shorter way. `.invalid`
/// is set aside by RFC 2606, and 240.0.0.0/4 and 100::/64 are used by nobody.
pub(super) fn decoy(image: &Image) -> anyhow::Result<Image> {
    let mut rows = "participant,kind,value\n".to_owned();
    for kind in AssetKind::ALL {
        let mut assets = (0..image.asset_count() as u32).map(|index| image.asset(index));
        if assets.any(|asset| asset.kind() == kind) {
            let values: &[&str] = match kind {
                AssetKind::Prefix => &["247.13.201.7", "100::f:13c9:7"],
                AssetKind::Range => &["247.13.201.9-247.13.201.10"],
                AssetKind::Domain => &["feedsieve-decoy.invalid"],
                AssetKind::DomainExact => &["exact.feedsieve-decoy.invalid"],
                AssetKind::EmailDomain => &["mail.feedsieve-decoy.invalid"],
                AssetKind::Email => &["nobody@feedsieve-decoy.invalid"],
                // Keywords are searched on request only, and not here.
                _ => &[],
            };
            values.iter().for_each(|value| rows += &format!("decoy,{kind},{value}\n"));
        }
    }
    let (inventory, rejected) = Inventory::from_csv(rows.as_bytes())?;
    debug_assert!(rejected.is_empty(), "{rejected:?}");
    Ok(Image::open(compile(&inventory, &Limits::default())?)?)
}

impl Bench<'_> {
    /// Times every pass so many times, after once that does not count.
    ///
    /// The answers are compared with one another each time; `done` is called after each pass.
    pub(super) fn measure(
        &self,
        path: &Path,
        bytes: &[u8],
        runs: u16,
        mut done: impl FnMut(),
    ) -> anyhow::Result<(Measured, Vec<Round>)> {
        let stats = scan(&self.matching, bytes, &mut dropping())?;
        let expected =
            Expected { newlines: count_newlines(bytes), records: stats.records, hits: stats.hits };
        let mut rounds = Vec::with_capacity(usize::from(runs) + 1);
        for index in 0..=runs {
            let mut order = Pass::ALL;
            // A pass finds warm what the one before it used; so that this favours no
            // stage, and a drift none either, every other round goes the other way.
            if index % 2 == 1 {
                order.reverse();
            }
            let mut round = Round::default();
            for pass in order {
                round.0[pass as usize] = seconds(|| self.run(pass, path, bytes, &expected))?;
                done();
            }
            rounds.push(round);
        }
        // The first round warmed caches and woke the threads.
        rounds.remove(0);
        let measured = Measured {
            bytes: bytes.len() as u64,
            records: stats.records,
            hits: stats.hits,
            format: stats.format,
        };
        Ok((measured, rounds))
    }

    fn run(
        &self,
        pass: Pass,
        path: &Path,
        bytes: &[u8],
        expected: &Expected,
    ) -> anyhow::Result<()> {
        match pass {
            Pass::Newlines => same(count_newlines(black_box(bytes)), expected.newlines),
            Pass::Read => read(path, bytes.len()),
            Pass::Find => {
                same(scan(&self.finding, bytes, &mut dropping())?.records, expected.records)
            }
            Pass::Match => same(scan(&self.matching, bytes, &mut dropping())?.hits, expected.hits),
            Pass::Write => same(write(&self.matching, bytes)?, expected.hits),
        }
    }
}

/// What every pass over the same bytes has to find.
struct Expected {
    newlines: u64,
    records: u64,
    hits: u64,
}

/// The seconds that a run takes.
fn seconds(run: impl Fn() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let mut repeats = 1_u32;
    loop {
        let started = Instant::now();
        for _ in 0..repeats {
            run()?;
        }
        let elapsed = started.elapsed();
        if elapsed >= LEAST {
            return Ok(elapsed.as_secs_f64() / f64::from(repeats));
        }
        repeats = repeats.saturating_mul(2);
    }
}

fn same(found: u64, expected: u64) -> anyhow::Result<()> {
    ensure!(
        found == expected,
        "two scans of the same bytes differ ({found} and {expected}), so that times mean nothing; \
         please report this"
    );
    Ok(())
}

fn count_newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

fn read(path: &Path, bytes: usize) -> anyhow::Result<()> {
    let failed = |error: io::Error| anyhow!("{}", why(&error));
    let mut file = File::open(path).map_err(failed)?;
    let mut buffer = vec![0; PIECE_BYTES.min(bytes)];
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(buffer.len());
        file.read_exact(&mut buffer[..piece])
            .map_err(|_| anyhow!("the file was shortened or could not be read again"))?;
        black_box(&buffer);
        left -= piece;
    }
    Ok(())
}

fn scan<S>(scanner: &Scanner<'_>, bytes: &[u8], sink: &mut S) -> anyhow::Result<ScanStats>
where
    S: Sink<Error = Infallible>,
{
    let stats = match scanner.scan(Source::slice("bench", black_box(bytes)), sink) {
        Ok(stats) => stats,
        Err(ScanError::Feed(error)) => bail!("{}", why(&error)),
        Err(error) => bail!("{error}"),
    };
    match &stats.incomplete_why {
        Some(why) => bail!("{why}"),
        None => Ok(stats),
    }
}

fn dropping() -> impl Sink<Error = Infallible> {
    SinkFn(|hit: &Hit<'_>| {
        black_box(hit);
        true
    })
}

/// Makes rows of the hits, and tells how many there were.
fn write(scanner: &Scanner<'_>, bytes: &[u8]) -> anyhow::Result<u64> {
    let mut rows = Rows::Ndjson;
    let mut text = Vec::with_capacity(2 * ROW_BYTES);
    let mut hits = 0;
    let mut sink = SinkFn(|hit: &Hit<'_>| {
        rows.hit(&mut text, hit);
        hits += 1;
        if text.len() >= ROW_BYTES {
            black_box(&text);
            text.clear();
        }
        true
    });
    scan(scanner, bytes, &mut sink)?;
    black_box(&text);
    Ok(hits)
}

/// The middle of several values, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) lowest: f64,
    pub(super) highest: f64,
}

impl Spread {
    fn of(rounds: &[Round], value: impl Fn(&Round) -> f64) -> Self {
        let mut values: Vec<f64> = rounds.iter().map(value).collect();
        values.sort_unstable_by(f64::total_cmp);
        let last = values.len() - 1;
        let median = f64::midpoint(values[last / 2], values[values.len() / 2]);
        Self { median, lowest: values[0], highest: values[last] }
    }
}

/// The stages of a feed, and what they are held against.
pub(super) struct Figures {
    newlines: Spread,
    stages: [(&'static str, Spread); 4],
    pub(super) all: Spread,
    /// How many times as long everything takes as counting newlines, within a round.
    pub(super) all_to_newlines: Spread,
}

impl Figures {
    pub(super) fn of(rounds: &[Round]) -> Self {
        let alone = |pass| Spread::of(rounds, |round| round.of(pass));
        let less = |pass, other| Spread::of(rounds, |round| round.of(pass) - round.of(other));
        Self {
            newlines: alone(Pass::Newlines),
            stages: [
                ("read", alone(Pass::Read)),
                ("find", alone(Pass::Find)),
                ("probe-interpret", less(Pass::Match, Pass::Find)),
                ("write", less(Pass::Write, Pass::Match)),
            ],
            all: Spread::of(rounds, Round::all),
            all_to_newlines: Spread::of(rounds, |round| round.all() / round.of(Pass::Newlines)),
        }
    }

    /// The floor, the stages in the order of the data, and all of them together.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row> {
        let stage = |&(key, seconds): &(_, Spread)| {
            // Where noise hides a stage, its share is none rather than less than that.
            let share = (seconds.median / self.all.median).max(0.0);
            Row { key, seconds, share: Some(share) }
        };
        let newlines = Row { key: "newlines", seconds: self.newlines, share: None };
        let all = Row { key: "all", seconds: self.all, share: Some(1.0) };
        [newlines].into_iter().chain(self.stages.iter().map(stage)).chain([all])
    }
}

/// What one stage takes.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) key: &'static str,
    /// Of one time through the feed; less than nothing where noise is more than the stage.
    pub(super) seconds: Spread,
    /// Of the time of all stages; none for what is no stage.
    pub(super) share: Option<f64>,
}

impl Row {
    /// How many bytes or records a second, where the stage takes any time that can be told.
    pub(super) fn rate(&self, count: u64) -> Option<f64> {
        (self.seconds.median > 0.0).then(|| count as f64 / self.seconds.median)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn round(newlines: f64, finding: f64, matching: f64) -> Round {
        Round([newlines, 1.0, finding, matching, matching])
    }

    #[test]
    fn stages_are_differences_within_a_round() {
        // The machine is at half its speed in the second round.
        let rounds = [round(1.0, 4.0, 6.0), round(2.0, 8.0, 12.0), round(1.0, 4.0, 5.0)];
        let figures = Figures::of(&rounds);
        let row = |key| figures.rows().find(|row| row.key == key).expect("a row");
        let probe = Spread { median: 2.0, lowest: 1.0, highest: 4.0 };
        assert_eq!(row("probe-interpret").seconds, probe);
        assert_eq!(figures.all, Spread { median: 7.0, lowest: 6.0, highest: 13.0 });
        assert_eq!(figures.all_to_newlines, Spread { median: 6.5, lowest: 6.0, highest: 7.0 });
        assert_eq!(row("find").rate(12), Some(3.0));
        assert_eq!((row("write").rate(12), row("write").share), (None, Some(0.0)));
        assert_eq!((row("newlines").share, row("all").share), (None, Some(1.0)));
    }

    #[test]
    fn what_noise_hides_has_neither_rate_nor_share() {
        let figures = Figures::of(&[round(1.0, 4.0, 3.0), round(1.0, 4.0, 4.5)]);
        let row = figures.rows().find(|row| row.key == "probe-interpret").expect("a row");
        assert_eq!((row.seconds.lowest, row.seconds.median), (-1.0, -0.25));
        assert_eq!((row.rate(1), row.share), (None, Some(0.0)));
    }

    #[test]
    fn the_decoy_has_the_kinds_of_the_image_and_concerns_nobody() {
        for (rows, assets) in [
            ("", 0),
            ("A,prefix,192.0.2.0/24\nA,email,jan@hospital.example\n", 3),
            ("A,keyword,antonius\nA,domain,hospital.example\nB,domain,lab.hospital.example\n", 1),
            (
                "A,range,192.0.2.1-192.0.2.6\nA,domain_exact,a.example\nA,email_domain,b.example\n",
                3,
            ),
        ] {
            let text = format!("participant,kind,value\n{rows}");
            let (inventory, rejected) = Inventory::from_csv(text.as_bytes()).expect("CSV");
            assert!(rejected.is_empty());
            let image = compile(&inventory, &Limits::default()).expect("it compiles");
            let image = Image::open(image).expect("an image");
            let decoy = decoy(&image).expect("a decoy");
            assert_eq!(decoy.asset_count(), assets, "{rows}");
            let feed = "192.0.2.5 jan@hospital.example www.hospital.example antonius 192.0.2.0/24";
            let stats =
                scan(&Scanner::new(&decoy), feed.as_bytes(), &mut dropping()).expect("read");
            assert_eq!(stats.hits, 0);
        }
    }
}
