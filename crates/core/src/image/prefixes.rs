//! Reads the prefixes of one family: a trie for "which prefix is the most
//! specific that holds this address", and the prefixes in order for the rest.
//!
//! Prefixes nest, so what holds an address is the chain of parents from the
//! most specific one up, and what begins behind it up to another address is a
//! slice. Together they are everything that overlaps an interval.

use zerocopy::little_endian::U32;

use super::family::Family;
use super::format::{IS_LAST, IS_LIST, NONE, NodeRecord, PrefixRecord, ROOT_IS_NODE, RangeRecord};

/// The sections of one family.
#[derive(Clone, Copy)]
pub(crate) struct Prefixes<'a, F: Family> {
    pub(crate) records: &'a [PrefixRecord<F::Stored>],
    pub(crate) lists: &'a [U32],
    pub(crate) ranges: &'a [RangeRecord<F::Stored>],
    pub(crate) roots: &'a [U32],
    pub(crate) nodes: &'a [NodeRecord],
    pub(crate) leaves: &'a [U32],
}

impl<'a, F: Family> Prefixes<'a, F> {
    /// The index of the most specific prefix that holds `addr`.
    ///
    /// One load where the first 16 bits decide, else at most two more for each
    /// six bits.
    #[inline]
    pub(crate) fn most_specific(&self, addr: F) -> Option<u32> {
        let root = self.roots.get(addr.root_index())?.get();
        let leaf = if root & ROOT_IS_NODE == 0 { root } else { self.descend(root, addr) };
        leaf.checked_sub(1)
    }

    fn descend(&self, root: u32, addr: F) -> u32 {
        let mut index = (root & !ROOT_IS_NODE) as usize;
        for level in 0..F::LEVELS {
            let node = &self.nodes[index];
            let slot = addr.slot(level);
            // The bits up to and with the slot.
            let upto = u64::MAX >> (63 - slot);
            let children = node.children.get();
            if children >> slot & 1 == 0 {
                let rank = (node.leaves.get() & upto).count_ones();
                let leaf = (node.first_leaf.get() + rank).wrapping_sub(1);
                return self.leaves[leaf as usize].get();
            }
            let rank = (children & upto).count_ones() - 1;
            index = (node.first_child.get() + rank) as usize;
        }
        // Only a crafted trie has children below its last level.
        0
    }

    pub(crate) fn first(&self, index: u32) -> F {
        F::load(self.records[index as usize].addr)
    }

    pub(crate) fn parent(&self, index: u32) -> Option<u32> {
        let parent = self.records[index as usize].parent.get();
        (parent != NONE).then_some(parent)
    }

    /// The assets that a piece is, or is part of.
    fn assets_of(&self, index: u32) -> Listed<'a> {
        let assets = self.records[index as usize].assets.get();
        match assets & IS_LIST {
            0 => Listed { one: Some(assets), rest: &[] },
            _ => Listed { one: None, rest: &self.lists[(assets & !IS_LIST) as usize..] },
        }
    }

    /// Calls `visit` with every asset that holds the address, and whether the piece that says so
    /// holds nothing else.
    ///
    /// Each asset once: no two pieces of a range share an address.
    #[inline]
    pub(crate) fn each_holding(&self, addr: F, mut visit: impl FnMut(u32, bool)) {
        let mut chain = self.most_specific(addr);
        while let Some(index) = chain {
            let is_single = u32::from(self.records[index as usize].len) == F::BITS;
            self.assets_of(index).for_each(|asset| visit(asset, is_single));
            chain = self.parent(index);
        }
    }

    /// The asset indexes of everything that overlaps the interval, each once, in no useful order.
    pub(crate) fn overlapping(&self, first: F, last: F) -> Overlapping<'a, F> {
        let chain = self.most_specific(first);
        let after = self.records.partition_point(|record| F::load(record.addr) <= first);
        Overlapping { first, last, chain, next: after as u32, piece: 0, list: Listed::default() }
    }

    /// Whether anything overlaps the interval.
    pub(crate) fn any_overlapping(&self, first: F, last: F) -> bool {
        self.most_specific(first).is_some() || {
            let after = self.records.partition_point(|record| F::load(record.addr) <= first);
            self.records.get(after).is_some_and(|record| F::load(record.addr) <= last)
        }
    }
}

/// See [`Prefixes::overlapping`].
#[derive(Clone)]
pub(crate) struct Overlapping<'a, F: Family> {
    first: F,
    last: F,
    /// The next prefix that holds the interval's first address.
    chain: Option<u32>,
    /// The next prefix that begins behind the interval's first address.
    next: u32,
    /// The prefix that `list` belongs to.
    piece: u32,
    list: Listed<'a>,
}

/// The assets of one piece that are still to come.
#[derive(Clone, Default)]
struct Listed<'a> {
    one: Option<u32>,
    /// The list and what stands behind it.
    rest: &'a [U32],
}

impl Iterator for Listed<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if let Some(asset) = self.one.take() {
            return Some(asset);
        }
        let asset = self.rest.split_off_first()?.get();
        if asset & IS_LAST != 0 {
            self.rest = &[];
        }
        Some(asset & !IS_LAST)
    }
}

impl<'a, F: Family> Overlapping<'a, F> {
    /// The next asset; `prefixes` are those that it was made of.
    pub(crate) fn next(&mut self, prefixes: &Prefixes<'a, F>) -> Option<u32> {
        loop {
            if let Some(asset) = self.list.next() {
                return Some(asset);
            }
            if let Some(index) = self.chain {
                self.chain = prefixes.parent(index);
                self.piece = index;
            } else {
                let record = prefixes.records.get(self.next as usize)?;
                if F::load(record.addr) > self.last {
                    return None;
                }
                self.piece = self.next;
                self.next += 1;
            }
            self.list = prefixes.assets_of(self.piece);
        }
    }

    /// Whether a range asset that begins at `range_first`, just returned, was returned before.
    ///
    /// A range is stored as several prefixes. Its first one within the interval
    /// holds the interval's first address, or begins where the range does.
    pub(crate) fn is_repeated(&self, prefixes: &Prefixes<'a, F>, range_first: F) -> bool {
        let piece = prefixes.first(self.piece);
        piece > self.first && piece > range_first
    }
}
