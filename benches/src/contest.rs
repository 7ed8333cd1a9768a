//! One generated feed, the two programs that scan it, and proof that they agree.

use feedsieve::{Format, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source, compile};
use xtask::{Kind, Request, Size, generate, read_inventory};

use crate::baseline::{Baseline, SCANS, Scan};

/// A feed of one kind with the inventory that 0.1 % of its records concern.
pub struct Contest {
    /// The kind of feed, by its name.
    pub name: &'static str,
    /// The feed.
    pub feed: Vec<u8>,
    /// Our side, compiled.
    pub image: Image,
    format: Format,
    baseline: Baseline,
    scan: Scan,
}

/// Whom records concern: the line on which the record begins, and the participant's id.
pub type Pairs = Vec<(u64, String)>;

impl Contest {
    /// A contest for each kind of feed.
    ///
    /// # Panics
    ///
    /// When the generator or the compiler fails, which would make every figure worthless.
    #[must_use]
    pub fn all(assets: u64, feed_bytes: u64) -> Vec<Self> {
        let mut csv = Vec::new();
        let size = Size::Records(assets);
        let inventory = Request { kind: Kind::Inventory, size, seed: 1, hits: 0.0 };
        generate(&inventory, &[], &mut csv).expect("an inventory");
        let rows = read_inventory(&csv[..]).expect("an inventory");
        let (inventory, rejected) = Inventory::from_csv(&csv[..]).expect("an inventory");
        assert!(rejected.is_empty(), "{rejected:?}");
        let image = compile(&inventory, &Limits::default()).expect("an image");
        let image = Image::open(image).expect("an image");
        let contest = |(kind, (name, scan)): (Kind, (&'static str, Scan))| {
            let size = Size::Bytes(feed_bytes);
            let mut feed = Vec::new();
            let request = Request { kind, size, seed: 2, hits: 0.001 };
            generate(&request, &rows, &mut feed).expect("a feed");
            let baseline: Vec<_> = (rows.iter())
                .map(|row| (row.participant.clone(), row.kind.clone(), row.value.clone()))
                .collect();
            let format = match kind {
                Kind::Shadowserver => Format::Csv,
                Kind::Pdns => Format::Ndjson,
                _ => Format::List,
            };
            Self {
                name,
                feed,
                image: image.clone(),
                format,
                baseline: Baseline::new(&baseline),
                scan,
            }
        };
        Kind::FEEDS.into_iter().zip(SCANS).map(contest).collect()
    }

    /// Runs our scan with so many threads and counts the hits.
    ///
    /// # Panics
    ///
    /// When the scan fails.
    #[must_use]
    pub fn run_ours(&self, threads: usize) -> u64 {
        let scanner = Scanner::new(&self.image).format(self.format).threads(threads);
        let source = Source::slice(self.name, &self.feed);
        scanner.scan(source, &mut SinkFn(|_: &Hit<'_>| true)).expect("a scan").hits
    }

    /// Runs the program that a good engineer writes first and counts the records.
    #[must_use]
    pub fn run_baseline(&self) -> u64 {
        (self.scan)(&self.baseline, &self.feed).hit_records
    }

    /// Visits each newline, which is what any program does that takes line after line.
    #[must_use]
    pub fn visit_newlines(&self) -> u64 {
        let mut sum = 0;
        for at in memchr::memchr_iter(b'\n', &self.feed) {
            sum += std::hint::black_box(at) as u64;
        }
        sum
    }

    /// Counts the newlines: about the speed at which memory is read.
    #[must_use]
    pub fn count_newlines(&self) -> u64 {
        memchr::memchr_iter(b'\n', &self.feed).count() as u64
    }

    /// What each says, ours first; equal, or the times mean nothing.
    ///
    /// # Panics
    ///
    /// When the scan fails.
    #[must_use]
    pub fn answers(&self) -> (Pairs, Pairs) {
        let mut ours = Vec::new();
        let mut sink = SinkFn(|hit: &Hit<'_>| {
            ours.push((hit.line, hit.participant.to_owned()));
            true
        });
        let scanner = Scanner::new(&self.image).format(self.format);
        scanner.scan(Source::slice(self.name, &self.feed), &mut sink).expect("a scan");
        ours.sort_unstable();
        ours.dedup();
        let participants = self.baseline.participants();
        let answer = (self.scan)(&self.baseline, &self.feed);
        let mut theirs: Pairs = (answer.pairs.iter())
            .map(|&(line, index)| (line, participants[index as usize].clone()))
            .collect();
        theirs.sort_unstable();
        (ours, theirs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_give_the_same_answers() {
        for contest in Contest::all(2000, 2 << 20) {
            let (ours, theirs) = contest.answers();
            assert!(!ours.is_empty(), "{}", contest.name);
            let missed: Vec<_> = theirs.iter().filter(|pair| !ours.contains(pair)).collect();
            let invented: Vec<_> = ours.iter().filter(|pair| !theirs.contains(pair)).collect();
            assert!(
                missed.is_empty() && invented.is_empty(),
                "{}: {missed:?} {invented:?}",
                contest.name
            );
        }
    }
}
