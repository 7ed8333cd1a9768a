//! Reads the names: a filter over anchors, a table of whole names by hash, and
//! for each name the next shorter one that is an asset too.
//!
//! The *anchor* of a name is its last two labels, or three where the last two
//! are a suffix under which many register. A name's anchor tells in one or two
//! loads whether any asset can be at or above it.

use zerocopy::little_endian::{U32, U64};

use super::format::{MAX_PROBES, NameRecord};
use super::hash::{
    ANCHOR_BYTES, filter_bits, first_slot, hash_anchor, hash_anchor_text, hash_folded, second_hash,
};

/// The sections of names.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) seed: u64,
    /// Whether some asset has one label, so that the filter says nothing.
    pub(crate) single_label: bool,
    /// Bytes of the longest name, so that a name of many labels is asked for by few of them.
    pub(crate) longest: usize,
    pub(crate) text: &'a [u8],
    pub(crate) records: &'a [NameRecord],
    pub(crate) slots: &'a [U32],
    pub(crate) filter: &'a [U64],
    pub(crate) filter2: &'a [U64],
    pub(crate) deep: &'a [U64],
}

impl<'a> Names<'a> {
    /// Bytes of the longest name.
    pub(crate) fn longest_bytes(&self) -> usize {
        self.records.iter().map(|record| usize::from(record.bytes)).max().unwrap_or(0)
    }

    /// The text of a name, canonical.
    pub(crate) fn text(&self, index: u32) -> &'a [u8] {
        let record = &self.records[index as usize];
        let start = record.text.get() as usize;
        &self.text[start..start + usize::from(record.bytes)]
    }

    /// Whether `name` is a name under the one at `index`, whatever its case.
    pub(crate) fn is_under(&self, name: &[u8], index: u32) -> bool {
        let above = self.text(index);
        name.len() > above.len() && {
            let (rest, suffix) = name.split_at(name.len() - above.len());
            rest.last() == Some(&b'.') && suffix.eq_ignore_ascii_case(above)
        }
    }

    /// Hashes a whole name or a suffix of one.
    #[inline]
    pub(crate) fn hash(&self, name: &[u8]) -> u64 {
        hash_folded(self.seed, name)
    }

    /// Hashes an anchor.
    #[inline]
    pub(crate) fn anchor(&self, anchor: &[u8]) -> u64 {
        hash_anchor_text(self.seed, anchor)
    }

    /// Hashes the anchor that the last `len` bytes are.
    #[inline]
    pub(crate) fn anchor_of_tail(&self, tail: &[u8; ANCHOR_BYTES], len: usize) -> u64 {
        hash_anchor(self.seed, tail, len)
    }

    /// Whether an asset may have this anchor; `false` is certain.
    #[inline]
    pub(crate) fn may_be_anchor(&self, hash: u64) -> bool {
        let (block, bits) = filter_bits(hash, self.filter.len());
        self.filter[block].get() & bits == bits
    }

    /// The same, much more often `false`, of an anchor of which [`Names::may_be_anchor`] is true.
    pub(crate) fn is_likely_anchor(&self, hash: u64) -> bool {
        let (block, bits) = filter_bits(second_hash(hash), self.filter2.len());
        self.filter2[block].get() & bits == bits
    }

    /// Whether the two labels with this hash need a third to be an anchor.
    pub(crate) fn is_deep(&self, hash: u64) -> bool {
        let mask = self.deep.len() - 1;
        let start = first_slot(hash, self.deep.len());
        (start..start + MAX_PROBES.min(self.deep.len()))
            .map(|slot| self.deep[slot & mask].get())
            .take_while(|&deep| deep != 0)
            .any(|deep| deep == hash)
    }

    /// The index of exactly this name, whatever its case.
    pub(crate) fn find(&self, name: &[u8]) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let start = first_slot(self.hash(name), self.slots.len());
        (start..start + MAX_PROBES)
            .map_while(|slot| self.slots[slot & mask].get().checked_sub(1))
            .find(|&index| self.text(index).eq_ignore_ascii_case(name))
    }

    /// The index of the longest name that `name` equals or lies under.
    ///
    /// One load where no asset has its anchor.
    pub(crate) fn find_longest(&self, name: &[u8]) -> Option<u32> {
        let mut dots = name.iter().enumerate().rev().filter(|(_, byte)| **byte == b'.');
        let last_dot = dots.next().map(|(at, _)| at);
        let two_labels = dots.next().map_or(0, |(at, _)| at + 1);
        // Without a dot there is one label, and few inventories have such.
        let shortest = match last_dot {
            _ if self.single_label => name.len(),
            Some(_) if self.may_be_anchor(self.anchor(&name[two_labels..])) => two_labels,
            _ => return None,
        };
        let mut start = name.len().saturating_sub(self.longest);
        if start > 0 && name[start - 1] != b'.' {
            start += name[start..].iter().position(|&byte| byte == b'.')? + 1;
        }
        while start <= shortest {
            if let Some(found) = self.find(&name[start..]) {
                return Some(found);
            }
            start += name[start..].iter().position(|&byte| byte == b'.')? + 1;
        }
        None
    }

    /// The indexes of the names under `name`, which stand together.
    pub(crate) fn under(&self, name: &[u8]) -> std::ops::Range<u32> {
        let by_labels = |a: &[u8], b: &[u8]| {
            let fold = |label: &[u8]| label.to_ascii_lowercase();
            let a = a.rsplit(|&b| b == b'.').map(fold);
            a.cmp(b.rsplit(|&b| b == b'.').map(fold))
        };
        let after = |index: u32| by_labels(self.text(index), name).is_gt();
        let count = self.records.len() as u32;
        let start = partition_point(0..count, |index| !after(index));
        let end = partition_point(start..count, |index| {
            let text = self.text(index);
            text.len() > name.len() && text[..text.len() - name.len()].ends_with(b".") && {
                text[text.len() - name.len()..].eq_ignore_ascii_case(name)
            }
        });
        start..end
    }
}

/// The first index for which `before` does not hold.
fn partition_point(range: std::ops::Range<u32>, before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
