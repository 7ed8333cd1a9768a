//! The accounting of a scan: nothing is dropped in silence.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::Format;
use crate::hit::Role;

/// How often something was rejected or skipped, and where.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = b"192.0.02.5\n192.0.2.7\n192.0.02.9\n";
/// let mut none = SinkFn(|_: &Hit<'_>| true);
/// let stats = Scanner::new(&image).scan(Source::slice("feed", feed), &mut none)?;
/// let octal = &stats.rejected["ambiguous-octal"];
/// assert_eq!((octal.count, octal.lines.as_slice()), (2, &[1, 3][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counted {
    /// How often.
    pub count: u64,
    /// The lines of the first few, from 1.
    pub lines: Vec<u64>,
}

/// Lines that a [`Counted`] names at most.
pub const MAX_SAMPLE_LINES: usize = 5;

impl Counted {
    pub(crate) fn add(&mut self, line: u64) {
        self.count += 1;
        if self.lines.len() < MAX_SAMPLE_LINES && self.lines.last() != Some(&line) {
            self.lines.push(line);
        }
    }
}

/// What happened to one feed.
///
/// Records in are those scanned plus those skipped.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = b"hospital.example\n\nhttp://evil.example/hospital.example\n";
/// let mut none = SinkFn(|_: &Hit<'_>| true);
/// let stats = Scanner::new(&image).scan(Source::slice("feed", feed), &mut none)?;
/// assert_eq!((stats.records, stats.scanned, stats.skipped["blank"]), (3, 2, 1));
/// // What other options would report is counted.
/// assert_eq!((stats.hits, stats.suppressed.values().sum::<u64>()), (1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanStats {
    /// Bytes read.
    pub bytes: u64,
    /// Physical lines, an unfinished last one included.
    pub lines: u64,
    /// Records, blank ones included.
    pub records: u64,
    /// Records handed to the finder.
    pub scanned: u64,
    /// Records that were not, by reason: `blank`, and `out-of-range` for those that were read and
    /// begin outside the range that was asked for.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Indicators that were none, by reason: `too-broad`, `inverted-range`,
    /// `ambiguous-octal`, `bad-name`; and records whose quote never closes, `unterminated-quote`.
    pub rejected: BTreeMap<&'static str, Counted>,
    /// Places that looked like an indicator. Diagnostic.
    pub candidates: u64,
    /// Hits handed to the sink.
    pub hits: u64,
    /// Hits of each participant.
    pub participants: BTreeMap<String, u64>,
    /// Hits that there would be with other roles, by the role of their first evidence.
    pub suppressed: BTreeMap<Role, u64>,
    /// Hits that there would be if the feed did not allow what it names there.
    pub exceptions: u64,
    /// Hits that there would be without the allow list.
    pub allowed: u64,
    /// Hits that there would be if local space were asked for.
    pub local_space: u64,
    /// Hits with the flag [`LONG_RECORD`](crate::Flags::LONG_RECORD): more belongs to their record than
    /// what is looked at around evidence.
    pub long_records: u64,
    /// The format that was decided on.
    pub format: Format,
    /// Why.
    pub format_why: String,
    /// How text is encoded.
    pub encoding: &'static str,
    /// JSON pointers that were asked for and that neither the beginning of the feed nor any record
    /// that was looked at has.
    pub unseen_fields: Vec<String>,
    /// Why the feed was not read to its end, where it was not.
    pub incomplete_why: Option<String>,
    /// The SHA-256 of the feed's bytes as they lie on disk, where it was asked for and all of them
    /// could be read.
    pub sha256: Option<[u8; 32]>,
    /// Whether the sink asked to stop.
    pub is_stopped: bool,
    /// How long the scan took. Diagnostic.
    pub elapsed: Duration,
}

impl ScanStats {
    /// Whether the feed was read to its end.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.incomplete_why.is_none() && !self.is_stopped
    }
}
