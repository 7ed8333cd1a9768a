//! What a worker finds: records, the assets that they concern, and the evidence for each.

use std::sync::Arc;

use compact_str::CompactString;
use feedsieve_core::Relation;
use smallvec::SmallVec;

use crate::facts::Facts;
use crate::format::Copied;
use crate::hit::{Flags, IndicatorKind, MAX_ALSO, Role};

/// A record with evidence.
#[derive(Debug)]
pub(crate) struct Record {
    /// The offset of its first byte; `None` where it began before the chunk.
    pub(crate) start: Option<u64>,
    /// Line ends in the chunk before it.
    pub(crate) line: u64,
    /// Behind its last byte; `None` where it ends behind the chunk.
    pub(crate) end: Option<u64>,
    /// For each asset, the evidence; ascending.
    pub(crate) assets: SmallVec<[(Concerned, Evidences); 1]>,
}

/// Whom evidence concerns, in the order of the hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Concerned {
    /// The asset's index.
    pub(crate) asset: u32,
    /// The only owner concerned, by index; every owner where `None`. Where assets nest, the
    /// most specific of each owner may be another one.
    pub(crate) owner: Option<u32>,
}

/// Why a record concerns an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Evidence {
    pub(crate) at: u64,
    pub(crate) field: Option<Arc<str>>,
    pub(crate) role: Role,
    pub(crate) kind: IndicatorKind,
    pub(crate) indicator: CompactString,
    pub(crate) raw: Option<Box<str>>,
    pub(crate) relation: Relation,
    /// The port that is written with it.
    pub(crate) port: Option<u16>,
    /// What stands beside it.
    pub(crate) facts: Option<Arc<Facts>>,
    /// What is copied of its record.
    pub(crate) copied: Option<Arc<Copied>>,
    pub(crate) flags: Flags,
}

/// The evidence with the lowest offsets, and how much there is.
#[derive(Debug, Default)]
pub(crate) struct Evidences {
    pub(crate) first: SmallVec<[Evidence; 1]>,
    pub(crate) count: u64,
    /// Where in the chunk evidence was counted, ascending: a word may be read twice, as text
    /// and for its escapes, and so may the border of two blocks of a long word.
    places: SmallVec<[u64; 1]>,
    /// What would be evidence if it were asked for, the first of it.
    pub(crate) withheld: Option<(u64, Withheld)>,
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

impl Evidences {
    /// Adds evidence, unless it stands where other evidence for the asset does.
    pub(crate) fn add(&mut self, evidence: Evidence) {
        let Err(place) = self.places.binary_search(&evidence.at) else { return };
        self.places.insert(place, evidence.at);
        self.count += 1;
        if place <= MAX_ALSO {
            self.first.insert(place, evidence);
            self.first.truncate(MAX_ALSO + 1);
        }
    }

    /// Whether evidence at this offset would be the first.
    pub(crate) fn begins_at(&self, at: u64) -> bool {
        self.first.first().is_none_or(|first| at < first.at)
    }

    /// Adds what would be evidence otherwise.
    ///
    /// What only an allow list withholds comes before the rest, whatever the order of the record:
    /// without the list there would be a hit.
    pub(crate) fn withhold(&mut self, at: u64, why: Withheld) {
        let rank = |(at, why): (u64, Withheld)| (why != Withheld::Allowed, at);
        if self.withheld.is_none_or(|known| rank((at, why)) < rank(known)) {
            self.withheld = Some((at, why));
        }
    }

    /// Offsets of the text become those of the feed.
    fn move_to(&mut self, offset: impl Fn(u64) -> u64) {
        self.first.iter_mut().for_each(|evidence| evidence.at = offset(evidence.at));
        self.withheld = self.withheld.map(|(at, why)| (offset(at), why));
        self.places = SmallVec::new();
    }

    /// Adds what was found in a later part of the same record.
    pub(crate) fn merge(&mut self, later: Self) {
        let room = (MAX_ALSO + 1).saturating_sub(self.first.len());
        self.first.extend(later.first.into_iter().take(room));
        self.count += later.count;
        // Chunks share no place.
        self.places = SmallVec::new();
        if let Some((at, why)) = later.withheld {
            self.withhold(at, why);
        }
    }
}

impl Record {
    /// Offsets of the text become those of the feed.
    pub(crate) fn move_to(&mut self, offset: impl Fn(u64) -> u64) {
        self.start = self.start.map(&offset);
        self.end = self.end.map(&offset);
        self.assets.iter_mut().for_each(|(_, evidences)| evidences.move_to(&offset));
    }

    pub(crate) fn evidences(&mut self, concerned: Concerned) -> &mut Evidences {
        let at = match self.assets.binary_search_by_key(&concerned, |(known, _)| *known) {
            Ok(at) => at,
            Err(at) => {
                self.assets.insert(at, (concerned, Evidences::default()));
                at
            }
        };
        &mut self.assets[at].1
    }
}
