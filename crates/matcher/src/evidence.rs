//! What a worker finds in a chunk: records, the assets that they concern, and the evidence for each.
//!
//! A feed may be nothing but hits. So all of it lies flat in a few vectors, which one chunk leaves to
//! a later one, and what is found costs no allocation.

use std::sync::{Arc, Mutex, PoisonError};

use feedsieve_core::Relation;

use crate::IndicatorKind;
use crate::facts::Facts;
use crate::format::Copied;
use crate::hit::{Flags, Role};
use crate::limits::SCAN_LIMITS;

/// What was found in a chunk, in the order of its records.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    records: Vec<Record>,
    evidence: Vec<Evidence>,
    /// Indicators and what was written in their place, one behind the other.
    text: String,
    fields: Vec<Arc<str>>,
    facts: Vec<Facts>,
    copied: Vec<Arc<Copied>>,
}

/// A record with evidence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    /// The offset of its first byte; `None` where it began before the chunk.
    pub(crate) start: Option<u64>,
    /// Line ends in the chunk before it.
    pub(crate) line: u64,
    /// Behind its last byte; `None` where it ends behind the chunk.
    pub(crate) end: Option<u64>,
    /// Where its evidence begins; it ends where that of the next record does.
    evidence: usize,
}

impl Record {
    /// A record of which nothing was found yet.
    pub(crate) const fn new(start: Option<u64>, line: u64, end: Option<u64>) -> Self {
        Self { start, line, end, evidence: 0 }
    }
}

/// Whom evidence concerns, in the order of the hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Concerned {
    /// The asset's index.
    pub(crate) asset: u32,
    /// The only owner concerned, by index, or [`EVERY_OWNER`]. Where assets nest, the
    /// most specific of each owner may be another one.
    pub(crate) owner: u32,
}

/// No participant has this index.
pub(crate) const EVERY_OWNER: u32 = u32::MAX;

/// Why a record concerns an asset; what is longer than a number lies in [`Findings`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence {
    pub(crate) concerned: Concerned,
    pub(crate) at: u64,
    pub(crate) written: Written,
    pub(crate) field: Index,
    /// What stands beside it.
    pub(crate) facts: Index,
    /// What is copied of its record.
    pub(crate) copied: Index,
    /// The port that is written with it.
    pub(crate) port: Option<u16>,
    pub(crate) flags: Flags,
    pub(crate) role: Role,
    pub(crate) kind: IndicatorKind,
    pub(crate) relation: Relation,
    /// Why it is no evidence though it might be.
    pub(crate) withheld: Option<Withheld>,
}

// A chunk of nothing but hits is joined from memory that is near only where this is small.
const _: () = assert!(size_of::<Evidence>() <= 64);

/// Where something lies in a vector of [`Findings`], or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Index(u32);

impl Index {
    pub(crate) const NONE: Self = Self(u32::MAX);

    fn last_of<T>(all: &[T]) -> Self {
        let last = all.len() - 1;
        Self(u32::try_from(last).expect("a chunk has no four thousand million pieces of evidence"))
    }

    fn of<T>(self, all: &[T]) -> Option<&T> {
        if self == Self::NONE { None } else { Some(&all[self.0 as usize]) }
    }
}

/// Where in the text an indicator lies, and right behind it what was written in its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    start: usize,
    indicator_bytes: u32,
    /// None where that says the same.
    raw_bytes: u32,
}

/// Why evidence makes no hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Withheld {
    /// The feed allows it.
    Exception,
    Role(Role),
    LocalSpace,
    /// An allow list silences it.
    Allowed,
}

/// The evidence of a record for one asset.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group<'e> {
    pub(crate) concerned: Concerned,
    /// The evidence with the lowest offsets.
    pub(crate) first: &'e [Evidence],
    /// How much there is.
    pub(crate) count: u64,
    /// What would be evidence if it were asked for, the first of it.
    pub(crate) withheld: Option<(u64, Withheld)>,
}

/// Evidence of one asset that is shown; more is counted.
const MAX_FIRST: usize = SCAN_LIMITS.also + 1;

impl Findings {
    /// Forgets all and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.records.clear();
        self.evidence.clear();
        self.text.clear();
        self.fields.clear();
        self.facts.clear();
        self.copied.clear();
    }

    /// Whether this takes less room than the chunk that it was found in.
    #[cfg(feature = "parallel")]
    pub(crate) fn is_small(&self) -> bool {
        const SMALL: usize = 8 << 10;
        self.evidence.len() < SMALL && self.text.len() < SMALL * size_of::<Evidence>()
    }

    /// The record that evidence is added to.
    pub(crate) fn last_record(&self) -> Option<&Record> {
        self.records.last()
    }

    /// Goes on with a record; nothing is added to earlier ones from now on.
    pub(crate) fn begin(&mut self, record: Record) {
        self.end_record();
        self.records.push(Record { evidence: self.evidence.len(), ..record });
    }

    /// Puts the evidence of the last record in order: by asset, what is withheld last, by offset.
    ///
    /// A word may be read twice, as text and for its escapes, and so may the border of two blocks
    /// of a long word. Of evidence at one place for one asset, the first that was added is kept.
    pub(crate) fn end_record(&mut self) {
        let Some(record) = self.records.last() else { return };
        let first = record.evidence;
        let found = &mut self.evidence[first..];
        if found.len() < 2 {
            return;
        }
        let order =
            |evidence: &Evidence| (evidence.concerned, evidence.withheld.is_some(), evidence.at);
        if !found.is_sorted_by_key(order) {
            found.sort_by_key(order);
        }
        let mut kept = 1;
        for at in 1..found.len() {
            let is_same =
                found[at].withheld.is_none() && order(&found[at]) == order(&found[kept - 1]);
            if !is_same {
                found[kept] = found[at];
                kept += 1;
            }
        }
        self.evidence.truncate(first + kept);
    }

    /// Adds evidence to the last record.
    pub(crate) fn add(&mut self, evidence: Evidence) {
        debug_assert!(!self.records.is_empty(), "evidence stands in a record");
        self.evidence.push(evidence);
    }

    /// Takes the text of an indicator, and what was written where that says something else.
    pub(crate) fn write(&mut self, indicator: &str, raw: Option<&str>) -> Written {
        let start = self.text.len();
        let bytes = |text: &str| u32::try_from(text.len()).expect("it is part of a word");
        self.text.push_str(indicator);
        self.text.push_str(raw.unwrap_or_default());
        Written { start, indicator_bytes: bytes(indicator), raw_bytes: raw.map_or(0, bytes) }
    }

    /// Takes the name of a field.
    pub(crate) fn name(&mut self, field: Option<&Arc<str>>) -> Index {
        let Some(field) = field else { return Index::NONE };
        let from = self.fields.len().saturating_sub(RECENT_FIELDS);
        let is_it = |known: &Arc<str>| Arc::ptr_eq(known, field) || known == field;
        if let Some(at) = self.fields[from..].iter().rposition(is_it) {
            return Index::last_of(&self.fields[..=from + at]);
        }
        self.fields.push(field.clone());
        Index::last_of(&self.fields)
    }

    /// Takes what stands beside evidence.
    pub(crate) fn beside(&mut self, facts: Facts) -> Index {
        self.facts.push(facts);
        Index::last_of(&self.facts)
    }

    /// Takes what is copied of a record.
    pub(crate) fn copy(&mut self, copied: Arc<Copied>) -> Index {
        self.copied.push(copied);
        Index::last_of(&self.copied)
    }

    /// The records with their evidence, each in order.
    pub(crate) fn records(&self) -> impl Iterator<Item = (&Record, &[Evidence])> {
        self.records.iter().enumerate().map(|(index, record)| {
            let next = self.records.get(index + 1);
            let end = next.map_or(self.evidence.len(), |next| next.evidence);
            (record, &self.evidence[record.evidence..end])
        })
    }

    pub(crate) fn indicator(&self, evidence: &Evidence) -> &str {
        let Written { start, indicator_bytes, .. } = evidence.written;
        &self.text[start..start + indicator_bytes as usize]
    }

    pub(crate) fn raw(&self, evidence: &Evidence) -> Option<&str> {
        let Written { start, indicator_bytes, raw_bytes } = evidence.written;
        let start = start + indicator_bytes as usize;
        (raw_bytes > 0).then(|| &self.text[start..start + raw_bytes as usize])
    }

    pub(crate) fn field(&self, evidence: &Evidence) -> Option<&str> {
        evidence.field.of(&self.fields).map(|name| &**name)
    }

    pub(crate) fn facts(&self, evidence: &Evidence) -> Option<&Facts> {
        evidence.facts.of(&self.facts)
    }

    pub(crate) fn copied(&self, evidence: &Evidence) -> Option<&Copied> {
        evidence.copied.of(&self.copied).map(|copied| &**copied)
    }

    /// Offsets of the text become those of the feed.
    pub(crate) fn move_to(&mut self, offset: impl Fn(u64) -> u64) {
        for record in &mut self.records {
            record.start = record.start.map(&offset);
            record.end = record.end.map(&offset);
        }
        self.evidence.iter_mut().for_each(|evidence| evidence.at = offset(evidence.at));
    }

    /// Takes evidence over from those of another chunk.
    fn take(&mut self, from: &Self, evidence: &Evidence) {
        let written = self.write(from.indicator(evidence), from.raw(evidence));
        let field = self.name(evidence.field.of(&from.fields));
        let facts = evidence.facts.of(&from.facts);
        let facts = facts.map_or(Index::NONE, |facts| self.beside(facts.clone()));
        let copied = evidence.copied.of(&from.copied);
        let copied = copied.map_or(Index::NONE, |copied| self.copy(copied.clone()));
        self.evidence.push(Evidence { written, field, facts, copied, ..*evidence });
    }
}

/// Names of fields that are remembered: those of the columns or keys in which hits stand.
const RECENT_FIELDS: usize = 16;

/// What a record says of each asset; its evidence is in order.
pub(crate) fn groups(evidence: &[Evidence]) -> impl Iterator<Item = Group<'_>> {
    evidence.chunk_by(|a, b| a.concerned == b.concerned).map(|found| {
        let count = found.partition_point(|evidence| evidence.withheld.is_none());
        let (shown, withheld) = found.split_at(count);
        let withheld = withheld.iter().filter_map(|found| Some((found.at, found.withheld?)));
        Group {
            concerned: found[0].concerned,
            first: &shown[..count.min(MAX_FIRST)],
            count: count as u64,
            withheld: withheld.reduce(sooner),
        }
    })
}

/// Of what would be evidence otherwise, that which comes first.
///
/// What only an allow list withholds comes before the rest, whatever the order of the record:
/// without the list there would be a hit.
fn sooner(known: (u64, Withheld), other: (u64, Withheld)) -> (u64, Withheld) {
    let rank = |(at, why): (u64, Withheld)| (why != Withheld::Allowed, at);
    if rank(other) < rank(known) { other } else { known }
}

/// What the parts of a record have said so far that lies in several chunks.
///
/// Grows with the assets that it concerns, not with its length.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    findings: Findings,
    /// For each asset, ascending.
    totals: Vec<Total>,
}

/// How much evidence there is for an asset, and the first that is withheld.
#[derive(Debug)]
struct Total {
    concerned: Concerned,
    count: u64,
    withheld: Option<(u64, Withheld)>,
}

impl Gathered {
    /// Adds what was found in a later part.
    pub(crate) fn add(&mut self, from: &Findings, evidence: &[Evidence]) {
        for group in groups(evidence) {
            let concerned = group.concerned;
            let at = match self.totals.binary_search_by_key(&concerned, |total| total.concerned) {
                Ok(at) => at,
                Err(at) => {
                    self.totals.insert(at, Total { concerned, count: 0, withheld: None });
                    at
                }
            };
            let Total { count, withheld, .. } = &mut self.totals[at];
            let room = MAX_FIRST.saturating_sub(usize::try_from(*count).unwrap_or(MAX_FIRST));
            *count += group.count;
            *withheld = (*withheld).into_iter().chain(group.withheld).reduce(sooner);
            for evidence in group.first.iter().take(room) {
                self.findings.take(from, evidence);
            }
        }
    }

    /// Puts what was found in order, which comes in that of the parts.
    pub(crate) fn end(&mut self) {
        self.findings.evidence.sort_by_key(|evidence| evidence.concerned);
    }

    pub(crate) const fn findings(&self) -> &Findings {
        &self.findings
    }

    /// What the record says of each asset, once it is at its end.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        let mut rest = &self.findings.evidence[..];
        self.totals.iter().map(move |&Total { concerned, count, withheld }| {
            let len = rest.partition_point(|evidence| evidence.concerned == concerned);
            let (first, behind) = rest.split_at(len);
            rest = behind;
            Group { concerned, first, count, withheld }
        })
    }
}

/// Findings that were joined, whose room the next chunks take.
#[derive(Debug, Default)]
pub(crate) struct Spare(Mutex<Vec<Findings>>);

impl Spare {
    /// Empty findings.
    pub(crate) fn take(&self) -> Findings {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Takes back what nobody asks for any more.
    pub(crate) fn give(&self, mut findings: Findings) {
        findings.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(findings);
    }
}
