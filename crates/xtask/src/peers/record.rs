//! What is kept of a run: a CSV file in `benches/record`, and lines for people.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::contest::Contest;
use super::machine::Machine;
use super::rival::Contestant;
use super::rounds::Entrant;
use super::workshop::Run;

/// All rows so far, and where they belong.
pub(super) struct Record {
    machine: Machine,
    out: Option<PathBuf>,
    rows: Vec<Row>,
}

/// One contestant in one contest.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    feed: String,
    part: String,
    assets: String,
    rival: String,
    version: String,
    /// None where it did not run.
    time: Option<Time>,
    lines: String,
    verified: String,
    note: String,
}

#[derive(Clone, Copy, Debug)]
struct Time {
    runs: usize,
    seconds: f64,
    cpu_seconds: f64,
    mb_per_second: f64,
    peak_mb: f64,
    /// How many times the CPU time of feedsieve, the median of runs of one round.
    cpu_ratio: f64,
    /// The same of the time that passed, which others on the machine change.
    ratio: f64,
    lowest: f64,
    highest: f64,
}

const COLUMNS: [&str; 20] = [
    "date",
    "commit",
    "cpu",
    "feed",
    "part",
    "assets",
    "rival",
    "version",
    "runs",
    "median seconds",
    "median cpu seconds",
    "MB/s",
    "peak MB",
    "cpu ratio to feedsieve",
    "ratio to feedsieve",
    "lowest ratio",
    "highest ratio",
    "lines",
    "verified",
    "note",
];

impl Record {
    pub(super) fn new(machine: Machine, out: Option<PathBuf>) -> Self {
        Self { machine, out, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// A rival that this machine cannot have.
    pub(super) fn not_installed(&mut self, rival: &str, reason: &str) {
        let (verified, note) = ("not installed".to_owned(), reason.to_owned());
        self.rows.push(Row { rival: rival.to_owned(), verified, note, ..Row::default() });
    }

    /// A rival that failed in this contest.
    pub(super) fn left_out(&mut self, contest: &Contest, contestant: &Contestant, reason: &str) {
        let (verified, note) = ("failed".to_owned(), reason.to_owned());
        self.rows.push(Row { verified, note, ..Row::of(contest, contestant) });
    }

    /// Writes all rows; where to.
    pub(super) fn write(&self, root: &Path) -> Result<PathBuf> {
        let path = match &self.out {
            Some(path) => path.clone(),
            None => root.join(self.machine.record_path()),
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, self.csv()?).with_context(|| format!("{}", path.display()))?;
        Ok(path)
    }

    fn csv(&self) -> Result<Vec<u8>> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(COLUMNS)?;
        for row in &self.rows {
            let time = |show: fn(&Time) -> String| row.time.as_ref().map_or(String::new(), show);
            out.write_record([
                self.machine.date.clone(),
                self.machine.commit.clone(),
                self.machine.cpu.clone(),
                row.feed.clone(),
                row.part.clone(),
                row.assets.clone(),
                row.rival.clone(),
                row.version.clone(),
                time(|time| time.runs.to_string()),
                time(|time| format!("{:.4}", time.seconds)),
                time(|time| format!("{:.4}", time.cpu_seconds)),
                time(|time| format!("{:.2}", time.mb_per_second)),
                time(|time| format!("{:.1}", time.peak_mb)),
                time(|time| format!("{:.2}", time.cpu_ratio)),
                time(|time| format!("{:.2}", time.ratio)),
                time(|time| format!("{:.2}", time.lowest)),
                time(|time| format!("{:.2}", time.highest)),
                row.lines.clone(),
                row.verified.clone(),
                row.note.clone(),
            ])?;
        }
        Ok(out.into_inner()?)
    }
}

impl Row {
    fn of(contest: &Contest, contestant: &Contestant) -> Self {
        Self {
            feed: contest.kind.name().to_owned(),
            part: contest.part.name().to_owned(),
            assets: contest.assets.len().to_string(),
            rival: contestant.rival.name(),
            version: contestant.version.clone(),
            ..Self::default()
        }
    }

    /// What `entrant` did, beside what `ours` did in the same rounds.
    pub(super) fn new(
        contest: &Contest,
        entrant: &Entrant<'_>,
        ours: &Entrant<'_>,
    ) -> Result<Self> {
        let megabytes = fs::metadata(&contest.feed)?.len() as f64 / 1e6;
        let walls = |run: &Run| run.wall.as_secs_f64();
        let cpus = |run: &Run| run.cpu.as_secs_f64();
        let (theirs, cpu) = (of_runs(entrant, walls), of_runs(entrant, cpus));
        let cpu_ratios = ratios(&cpu, &of_runs(ours, cpus));
        let ratios = ratios(&theirs, &of_runs(ours, walls));
        let seconds = median(theirs);
        let peak = entrant.runs.iter().map(|run| run.peak_bytes).max().unwrap_or(0);
        let time = Time {
            runs: entrant.runs.len(),
            seconds,
            cpu_seconds: median(cpu),
            cpu_ratio: median(cpu_ratios),
            mb_per_second: megabytes / seconds,
            peak_mb: peak as f64 / 1e6,
            ratio: median(ratios.clone()),
            lowest: ratios[0],
            highest: ratios[ratios.len() - 1],
        };
        Ok(Self {
            time: Some(time),
            lines: entrant.found.count.to_string(),
            verified: entrant.verdict.clone(),
            note: entrant.note.clone(),
            ..Self::of(contest, entrant.contestant)
        })
    }

    /// The row for people.
    pub(super) fn shown(&self) -> String {
        let Some(time) = &self.time else {
            return format!("  {:<18}{}: {}", self.rival, self.verified, self.note);
        };
        let line = format!(
            "  {:<18}{:>9.3} s{:>9.3} cpu{:>8.2} x cpu{:>8.2} x ({:.2} to {:.2}){:>9} lines, {}",
            self.rival,
            time.seconds,
            time.cpu_seconds,
            time.cpu_ratio,
            time.ratio,
            time.lowest,
            time.highest,
            self.lines,
            self.verified,
        );
        if self.note.is_empty() { line } else { format!("{line}\n    {}", self.note) }
    }
}

fn of_runs(entrant: &Entrant<'_>, time: impl Fn(&Run) -> f64) -> Vec<f64> {
    entrant.runs.iter().map(time).collect()
}

/// The quotients of runs of one round, in order.
fn ratios(theirs: &[f64], ours: &[f64]) -> Vec<f64> {
    let mut ratios: Vec<f64> = theirs.iter().zip(ours).map(|(a, b)| a / b).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    ratios
}

/// The middle value.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine() -> Machine {
        Machine {
            date: "2026-01-02".to_owned(),
            commit: "abc".to_owned(),
            cpu: "Some CPU, 2 cores".to_owned(),
            slug: "some-cpu".to_owned(),
        }
    }

    #[test]
    fn every_row_has_every_column() {
        let mut record = Record::new(machine(), None);
        record.not_installed("x", "no \"x\", anywhere");
        let time = Time {
            runs: 3,
            seconds: 0.5,
            cpu_seconds: 0.4,
            cpu_ratio: 3.0,
            mb_per_second: 200.0,
            peak_mb: 1.0,
            ratio: 2.0,
            lowest: 1.5,
            highest: 2.5,
        };
        record.push(Row { rival: "y".to_owned(), time: Some(time), ..Row::default() });
        let text = record.csv().expect("CSV in memory");
        let mut rows = csv::Reader::from_reader(&text[..]);
        assert_eq!(rows.headers().expect("a header").iter().collect::<Vec<_>>(), COLUMNS);
        let rows: Vec<_> = rows.records().collect::<Result<_, _>>().expect("rows of one width");
        assert_eq!(&rows[0][19], "no \"x\", anywhere");
        assert_eq!((&rows[0][9], &rows[1][9], &rows[1][13]), ("", "0.5000", "3.00"));
    }

    #[test]
    fn ratios_are_of_runs_of_one_round() {
        assert_eq!(ratios(&[4.0, 9.0], &[1.0, 3.0]), [3.0, 4.0]);
    }

    #[test]
    fn the_median_is_a_value_that_was_measured() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![1.0]), 1.0);
    }
}
