//! The accounting of a scan: what came in, what became of it, and what did not.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use feedsieve::{Image, SCHEMA, ScanStats, Tally};
use indicatif::{BinaryBytes, HumanCount};
use serde::Serialize;

use crate::allow::AllowFacts;
use crate::interrupt::{self, INTERRUPTED};
use crate::json;
use crate::publication::Publication;
use crate::talk::{count, line, why};

/// The account of a whole run.
#[derive(Serialize)]
pub(crate) struct Summary {
    schema: u32,
    image: ImageFacts,
    /// Only with an allow list.
    #[serde(skip_serializing_if = "Option::is_none")]
    allow: Option<AllowFacts>,
    total: Tally,
    feeds: Vec<FeedTally>,
    #[serde(skip)]
    incomplete: u64,
    #[serde(skip)]
    started: Instant,
}

/// What was scanned with.
#[derive(Serialize)]
pub(crate) struct ImageFacts {
    digest: String,
    bytes: u64,
    participants: u64,
    assets: u64,
}

#[derive(Serialize)]
struct FeedTally {
    feed: String,
    #[serde(flatten)]
    tally: Tally,
}

impl ImageFacts {
    pub(crate) fn of(image: &Image) -> Self {
        Self {
            digest: json::hex(&image.digest()),
            bytes: image.as_bytes().len() as u64,
            participants: image.participant_count() as u64,
            assets: image.asset_count() as u64,
        }
    }
}

impl Summary {
    /// The account before the first feed.
    pub(crate) fn new(image: &Image, allow: Option<AllowFacts>, loading: Duration) -> Self {
        let mut total = Tally::empty();
        total.seconds.extend([("load", loading.as_secs_f64()), ("scan", 0.0)]);
        Self {
            schema: SCHEMA,
            image: ImageFacts::of(image),
            allow,
            total,
            feeds: Vec::new(),
            incomplete: 0,
            started: Instant::now(),
        }
    }

    /// Adds a feed that was scanned, to its end or not.
    pub(crate) fn add(&mut self, feed: String, stats: ScanStats) {
        self.push(feed, tally_of(stats));
    }

    /// Adds a feed of which nothing was read.
    pub(crate) fn add_unread(&mut self, feed: String, why: &str) {
        self.push(feed, Tally::unread(why));
    }

    fn push(&mut self, feed: String, tally: Tally) {
        self.total.add(&tally);
        self.incomplete += u64::from(!tally.complete);
        self.feeds.push(FeedTally { feed, tally });
        if self.incomplete > 0 {
            let (some, all) = (self.incomplete, self.feeds.len());
            self.total.incomplete_why = Some(format!("{some} of {all} feeds not read to the end"));
        }
    }

    /// The last feed is done; several may have been scanned at once, so their seconds are no sum.
    pub(crate) fn end(&mut self, is_interrupted: bool) {
        if let (true, Some(why)) = (is_interrupted, &mut self.total.incomplete_why) {
            why.insert_str(0, "interrupted; ");
        }
        self.total.seconds.insert("scan", self.started.elapsed().as_secs_f64());
    }

    /// Whether all feeds so far were read to their ends.
    pub(crate) const fn is_complete(&self) -> bool {
        self.total.complete
    }

    /// Hits of all feeds.
    pub(crate) const fn hits(&self) -> u64 {
        self.total.hits
    }

    /// Writes the account into a file and publishes that.
    pub(crate) fn publish(&self, mut file: Publication) -> anyhow::Result<()> {
        let mut bytes = Vec::new();
        json::write_line(&mut bytes, self);
        let failed = |path: &Path, error| anyhow!("writing {}: {}", path.display(), why(&error));
        file.write_all(&bytes).map_err(|error| failed(file.target(), error))?;
        file.publish()
    }

    /// Tells the account in a few lines.
    pub(crate) fn tell(&self) {
        let total = &self.total;
        let seconds = total.seconds["scan"];
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rate for the eye"
        )]
        let rate = (total.bytes as f64 / seconds.max(1e-6)) as u64;
        line(&format!(
            "{} for {} in {} of {}: {} in {seconds:.2} s, {}/s",
            count(total.hits, "hit"),
            count(total.participants.len() as u64, "participant"),
            count(total.records, "record"),
            count(self.feeds.len() as u64, "feed"),
            BinaryBytes(total.bytes),
            BinaryBytes(rate),
        ));
        let rejected = total.rejected.iter().map(|(reason, found)| (*reason, found.count));
        tell_counts("records not searched", total.skipped.iter().map(|(r, n)| (*r, *n)));
        tell_counts("rejected", rejected);
        tell_counts("no hits for their role", total.suppressed.iter().map(|(r, n)| (*r, *n)));
        let withheld = [
            ("exception", total.exceptions),
            ("local-space", total.local_space),
            ("allowed", total.allowed),
        ];
        tell_counts("withheld", withheld.into_iter().filter(|(_, number)| *number > 0));
        if total.long_records > 0 {
            let hits = count(total.long_records, "hit");
            line(&format!("  records too long to be seen whole: {hits}"));
        }
        if let Some(allow) = &self.allow {
            allow.tell();
        }
        if let Some(why) = &total.incomplete_why {
            line(&format!("  incomplete: {why}"));
        }
    }
}

fn tell_counts(what: &str, counts: impl Iterator<Item = (&'static str, u64)>) {
    let counts: Vec<String> =
        counts.map(|(reason, number)| format!("{} {reason}", HumanCount(number))).collect();
    if !counts.is_empty() {
        line(&format!("  {what}: {}", counts.join(", ")));
    }
}

/// The account of a feed, and who stopped the scan where somebody did.
fn tally_of(stats: ScanStats) -> Tally {
    let is_stopped = stats.is_stopped && stats.incomplete_why.is_none();
    let mut tally = Tally::from(stats);
    if is_stopped {
        let why = interrupt::signal().map_or(CLOSED, |_| INTERRUPTED);
        tally.incomplete_why = Some(why.to_owned());
    }
    tally
}

/// Why a feed was not read to its end when all was well with it.
pub(crate) const CLOSED: &str = "the output was closed";
