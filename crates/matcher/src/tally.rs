//! The account of a feed, or of several, with the keys of `--summary`.

use std::collections::BTreeMap;

use feedsieve_core::json::hex;
use serde::{Serialize, Serializer};

use crate::stats::{Counted, ScanStats};

/// What became of one feed, or of several together.
///
/// Its JSON is the account that `feedsieve scan --summary` writes for each feed and for all of them.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source, Tally};
/// # let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let scanner = Scanner::new(&image);
/// let mut total = Tally::empty();
/// for feed in [&b"192.0.2.7\n"[..], b"192.0.2.8\n198.51.100.1\n"] {
///     let stats = scanner.scan(Source::slice("feed", feed), &mut SinkFn(|_: &Hit<'_>| true))?;
///     total.add(&Tally::from(stats));
/// }
/// assert_eq!((total.records, total.hits, total.participants["A"]), (3, 2, 2));
/// assert!(total.complete);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Tally {
    /// Bytes read.
    pub bytes: u64,
    /// Physical lines.
    pub lines: u64,
    /// Records in: those scanned and those skipped.
    pub records: u64,
    /// Records handed to the finder.
    pub scanned: u64,
    /// Records that were not, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// Indicators that were none, by reason; the lines are those of one feed, and none of several.
    pub rejected: BTreeMap<&'static str, Counted>,
    /// Places that looked like an indicator. Diagnostic.
    pub candidates: u64,
    /// Hits.
    pub hits: u64,
    /// Hits of each participant.
    pub participants: BTreeMap<String, u64>,
    /// Hits that there would be with other roles, by role.
    pub suppressed: BTreeMap<&'static str, u64>,
    /// Hits that there would be if feeds did not allow what they name there.
    pub exceptions: u64,
    /// Hits that there would be without the allow list.
    pub allowed: u64,
    /// Hits that there would be if local space were asked for.
    pub local_space: u64,
    /// Hits whose record is longer than what is looked at around evidence.
    #[serde(skip_serializing_if = "is_zero")]
    pub long_records: u64,
    /// The format of a feed; none where nothing was decided, and of several.
    pub format: Option<&'static str>,
    /// Why it is this format.
    pub format_why: Option<String>,
    /// How a feed's text is encoded.
    pub encoding: Option<&'static str>,
    /// Whether all was read to its end.
    pub complete: bool,
    /// Why not.
    pub incomplete_why: Option<String>,
    /// The SHA-256 of a feed in hexadecimal digits, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Fields that were asked for or to be kept and that no record had which was looked at; those of
    /// one feed, and none of several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unseen_fields: Vec<String>,
    /// How long each stage took. Diagnostic.
    pub seconds: BTreeMap<&'static str, f64>,
}

impl Tally {
    /// The account before the first feed: nothing was read, and nothing is missing.
    #[must_use]
    pub fn empty() -> Self {
        Self { complete: true, ..Self::default() }
    }

    /// The account of a feed of which nothing could be read.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::Tally;
    /// let mut total = Tally::empty();
    /// total.add(&Tally::unread("no such file"));
    /// // What is missing stays missing; the reason is that of one feed.
    /// assert_eq!((total.complete, total.incomplete_why), (false, None));
    /// ```
    #[must_use]
    pub fn unread(why: impl Into<String>) -> Self {
        Self { incomplete_why: Some(why.into()), ..Self::default() }
    }

    /// Adds what became of another feed.
    ///
    /// Counts and seconds are sums. Lines, formats and reasons say nothing of several feeds and stay
    /// as they are; `complete` is left only where both are.
    pub fn add(&mut self, feed: &Self) {
        self.bytes += feed.bytes;
        self.lines += feed.lines;
        self.records += feed.records;
        self.scanned += feed.scanned;
        self.candidates += feed.candidates;
        self.hits += feed.hits;
        self.exceptions += feed.exceptions;
        self.allowed += feed.allowed;
        self.local_space += feed.local_space;
        self.long_records += feed.long_records;
        self.complete &= feed.complete;
        for (reason, number) in &feed.skipped {
            *self.skipped.entry(reason).or_default() += number;
        }
        for (reason, rejected) in &feed.rejected {
            self.rejected.entry(reason).or_default().count += rejected.count;
        }
        for (id, number) in &feed.participants {
            *self.participants.entry(id.clone()).or_default() += number;
        }
        for (role, number) in &feed.suppressed {
            *self.suppressed.entry(role).or_default() += number;
        }
        for (stage, seconds) in &feed.seconds {
            *self.seconds.entry(stage).or_default() += seconds;
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Why a feed was not read to its end when all was well with it.
const STOPPED: &str = "the sink ended the scan";

impl From<ScanStats> for Tally {
    fn from(stats: ScanStats) -> Self {
        let skipped: u64 = stats.skipped.values().sum();
        debug_assert_eq!(stats.records, stats.scanned + skipped, "no record is lost");
        let complete = stats.is_complete();
        let stopped = || stats.is_stopped.then(|| STOPPED.to_owned());
        let is_decided = stats.records > 0 || complete;
        Self {
            bytes: stats.bytes,
            lines: stats.lines,
            records: stats.records,
            scanned: stats.scanned,
            rejected: stats.rejected,
            candidates: stats.candidates,
            hits: stats.hits,
            participants: stats.participants,
            suppressed: stats.suppressed.iter().map(|(role, n)| (role.name(), *n)).collect(),
            exceptions: stats.exceptions,
            allowed: stats.allowed,
            local_space: stats.local_space,
            long_records: stats.long_records,
            format: is_decided.then(|| stats.format.name()),
            format_why: Some(stats.format_why),
            encoding: Some(stats.encoding),
            complete,
            incomplete_why: stats.incomplete_why.or_else(stopped),
            sha256: stats.sha256.map(|digest| hex(&digest)),
            unseen_fields: stats.unseen_fields,
            seconds: BTreeMap::from([("scan", stats.elapsed.as_secs_f64())]),
            skipped: stats.skipped,
        }
    }
}

/// As the [`Tally`] of it: with the keys of `--summary`.
impl Serialize for ScanStats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Tally::from(self.clone()).serialize(serializer)
    }
}
