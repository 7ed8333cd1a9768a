//! Builds what `image/prefixes.rs` reads: prefixes in order and the trie over them.

use std::cmp::Reverse;
use std::collections::VecDeque;

use zerocopy::little_endian::{U32, U64};

use super::distinct::Distinct;
use super::writer::Writer;
use super::{CompileError, Limits};
use crate::image::family::Family;
use crate::image::format::{
    IS_LAST, IS_LIST, NONE, NodeRecord, PrefixRecord, ROOT_BITS, ROOT_ENTRIES, ROOT_IS_NODE,
    RangeRecord, STRIDE_BITS, WHOLE_RANGE,
};
use crate::{AddrRange, AssetKind, AssetValue};

/// A prefix or a whole range, and an asset that it is or is part of.
#[derive(Clone, Copy)]
struct Piece<F> {
    first: F,
    last: F,
    asset: u32,
}

impl<F: Family> Piece<F> {
    /// By first address, the larger before the smaller; equals by asset.
    fn order(&self) -> (F, Reverse<F>, u32) {
        (self.first, Reverse(self.last), self.asset)
    }

    /// The length, where it is a prefix.
    fn prefix_len(&self) -> Option<u8> {
        let range = F::range(self.first, self.last);
        let len = range.prefix_len();
        (self.first.or(F::host_mask(len)) == self.last
            && self.first.and(F::host_mask(len)) == F::ZERO)
            .then_some(len)
    }
}

/// Writes the sections of one family, and sets the value of each of its assets.
pub(super) fn write<F: Family>(
    distinct: &Distinct<'_>,
    limits: &Limits,
    writer: &mut Writer,
    values: &mut [u32],
) -> Result<(), CompileError> {
    let mut range_records: Vec<RangeRecord<F::Stored>> = Vec::new();
    let mut pieces: Vec<Piece<F>> = Vec::new();
    let mut ranges: Vec<Piece<F>> = Vec::new();
    for (asset, key) in distinct.assets.iter().enumerate() {
        let AssetValue::Addrs(range) = key.value else { continue };
        let Some((first, last)) = F::ends(range) else { continue };
        let piece = Piece { first, last, asset: asset as u32 };
        if key.kind == AssetKind::Range {
            values[asset] = range_records.len() as u32;
            range_records.push(RangeRecord { first: first.stored(), last: last.stored() });
        }
        if piece.prefix_len().is_some() {
            pieces.push(piece);
        } else {
            ranges.push(piece);
        }
    }
    CompileError::check("prefixes", pieces.len() + ranges.len(), limits.prefixes)?;
    pieces.sort_unstable_by_key(Piece::order);
    add_ranges(&mut pieces, ranges, limits)?;

    let (records, lists) = nest(&pieces, |asset, record| {
        if distinct.assets[asset as usize].kind != AssetKind::Range {
            values[asset as usize] = record;
        }
    });
    let trie = Trie::build(&boundaries(&pieces));
    writer.section(F::RANGES, range_records);
    writer.section(F::PREFIXES, records);
    writer.section(F::LISTS, lists);
    writer.section(F::ROOTS, trie.roots);
    writer.section(F::NODES, trie.nodes);
    writer.section(F::LEAVES, trie.leaves);
    Ok(())
}

/// Adds the ranges that are no prefixes to the prefixes: whole, or cut into prefixes.
///
/// Pieces have to nest, and prefixes do. A range does too where it overlaps no other range
/// and has no prefix across one of its ends; that is nearly every one, and cutting it would
/// make ten pieces of it.
fn add_ranges<F: Family>(
    pieces: &mut Vec<Piece<F>>,
    mut ranges: Vec<Piece<F>>,
    limits: &Limits,
) -> Result<(), CompileError> {
    ranges.sort_unstable_by_key(Piece::order);
    let whole = which_nest(pieces, &ranges);
    let prefix_count = pieces.len();
    for (range, whole) in ranges.into_iter().zip(whole) {
        if whole {
            pieces.push(range);
        } else {
            let nets = F::range(range.first, range.last).prefixes();
            pieces.extend(nets.filter_map(|net| {
                let (first, last) = F::ends(&AddrRange::from(net))?;
                Some(Piece { first, last, asset: range.asset })
            }));
        }
        CompileError::check("prefixes", pieces.len(), limits.prefixes)?;
    }
    if pieces.len() > prefix_count {
        // Two runs in order, nearly: a stable sort merges such.
        pieces.sort_by_key(Piece::order);
    }
    Ok(())
}

/// Which of the ranges overlap no other, and no prefix but those that hold them or lie within.
fn which_nest<F: Family>(prefixes: &[Piece<F>], ranges: &[Piece<F>]) -> Vec<bool> {
    let mut nests = vec![true; ranges.len()];
    // The range that reaches furthest of those before. What overlaps any of them overlaps it,
    // and another that reaches as far as the new range was marked when this one took its place.
    let mut furthest: Option<usize> = None;
    for (index, range) in ranges.iter().enumerate() {
        if let Some(before) = furthest.filter(|&before| ranges[before].last >= range.first) {
            (nests[before], nests[index]) = (false, false);
        }
        if furthest.is_none_or(|before| ranges[before].last < range.last) {
            furthest = Some(index);
        }
    }
    let starts = ranges.iter().enumerate().map(|(index, range)| (range.first, index)).collect();
    with_holders(prefixes, starts, |index, holders| {
        let range = &ranges[index];
        nests[index] &= !holders.iter().any(|it| it.first < range.first && it.last < range.last);
    });
    let ends = ranges.iter().enumerate().map(|(index, range)| (range.last, index)).collect();
    with_holders(prefixes, ends, |index, holders| {
        let range = &ranges[index];
        nests[index] &= !holders.iter().any(|it| it.first > range.first && it.last > range.last);
    });
    nests
}

/// Calls `visit` for every address with the prefixes that hold it.
fn with_holders<F: Family>(
    prefixes: &[Piece<F>],
    mut addrs: Vec<(F, usize)>,
    mut visit: impl FnMut(usize, &[Piece<F>]),
) {
    addrs.sort_unstable();
    // The least specific first. Those that have ended stand at the end.
    let mut holders: Vec<Piece<F>> = Vec::new();
    let mut prefixes = prefixes.chunk_by(is_same).map(|same| same[0]).peekable();
    for (addr, index) in addrs {
        while let Some(prefix) = prefixes.next_if(|prefix| prefix.first <= addr) {
            holders.truncate(holders.partition_point(|it| it.last >= prefix.first));
            holders.push(prefix);
        }
        holders.truncate(holders.partition_point(|it| it.last >= addr));
        visit(index, &holders);
    }
}

fn is_same<F: Family>(a: &Piece<F>, b: &Piece<F>) -> bool {
    (a.first, a.last) == (b.first, b.last)
}

/// The different pieces with their parents, and the assets of those that are several.
///
/// Tells `each` the record of every asset of every piece.
fn nest<F: Family>(
    sorted: &[Piece<F>],
    mut each: impl FnMut(u32, u32),
) -> (Vec<PrefixRecord<F::Stored>>, Vec<U32>) {
    let mut records = Vec::with_capacity(sorted.len());
    let mut lists = Vec::new();
    // The pieces that hold the current one, the largest first.
    let mut above: Vec<(F, u32)> = Vec::new();
    for same in sorted.chunk_by(is_same) {
        let piece = same[0];
        let index = records.len() as u32;
        while above.last().is_some_and(|&(last, _)| last < piece.first) {
            above.pop();
        }
        let parent = above.last().map_or(NONE, |&(_, index)| index);
        above.push((piece.last, index));
        let assets = if same.len() == 1 { piece.asset } else { lists.len() as u32 | IS_LIST };
        records.push(PrefixRecord {
            addr: piece.first.stored(),
            parent: U32::new(parent),
            assets: U32::new(assets),
            len: piece.prefix_len().unwrap_or(WHOLE_RANGE),
        });
        if let [listed @ .., last] = same
            && !listed.is_empty()
        {
            lists.extend(listed.iter().map(|piece| U32::new(piece.asset)));
            lists.push(U32::new(last.asset | IS_LAST));
        }
        same.iter().for_each(|piece| each(piece.asset, index));
    }
    (records, lists)
}

/// The addresses at which the smallest piece changes, with the leaf value from there on.
fn boundaries<F: Family>(sorted: &[Piece<F>]) -> Vec<(F, u32)> {
    let mut boundaries: Vec<(F, u32)> = Vec::with_capacity(2 * sorted.len());
    let mut push = |start: F, value: u32| match boundaries.last_mut() {
        Some(last) if last.0 == start => last.1 = value,
        _ => boundaries.push((start, value)),
    };
    let mut above: Vec<(F, u32)> = Vec::new();
    let close = |above: &mut Vec<(F, u32)>, push: &mut dyn FnMut(F, u32)| {
        let (last, _) = above.pop()?;
        push(last.next()?, above.last().map_or(0, |&(_, value)| value));
        Some(())
    };
    for (index, same) in sorted.chunk_by(is_same).enumerate() {
        let piece = same[0];
        while above.last().is_some_and(|&(last, _)| last < piece.first) {
            close(&mut above, &mut push);
        }
        push(piece.first, index as u32 + 1);
        above.push((piece.last, index as u32 + 1));
    }
    while !above.is_empty() {
        close(&mut above, &mut push);
    }
    boundaries
}

/// The trie of one family, in the types of the image.
#[derive(Default)]
struct Trie {
    roots: Vec<U32>,
    nodes: Vec<NodeRecord>,
    leaves: Vec<U32>,
}

/// A node that has an index and awaits its content.
struct Pending<'b, F> {
    level: usize,
    /// The boundaries strictly behind the node's first address.
    boundaries: &'b [(F, u32)],
    /// The leaf value at the node's first address.
    value: u32,
}

impl Trie {
    /// Nodes are filled in the order in which they are numbered, so that the
    /// children of a node stand together and behind it.
    fn build<F: Family>(boundaries: &[(F, u32)]) -> Self {
        let mut trie = Self::default();
        if boundaries.is_empty() {
            return trie;
        }
        let mut pending = VecDeque::new();
        let mut rest = boundaries;
        let mut value = 0;
        for root in 0..ROOT_ENTRIES {
            let count = rest.iter().take_while(|(addr, _)| addr.root_index() == root).count();
            let (here, behind) = rest.split_at(count);
            rest = behind;
            let slot = Slot::new(here, value, |addr| addr.shl(ROOT_BITS) == F::ZERO);
            trie.roots.push(U32::new(match slot.inner.is_empty() {
                true => slot.value,
                false => {
                    let index = pending.len() as u32;
                    pending.push_back(Pending {
                        level: 0,
                        boundaries: slot.inner,
                        value: slot.value,
                    });
                    index | ROOT_IS_NODE
                }
            }));
            value = slot.last_value();
        }
        while let Some(node) = pending.pop_front() {
            trie.fill(node, &mut pending);
        }
        trie
    }

    fn fill<'b, F: Family>(
        &mut self,
        node: Pending<'b, F>,
        pending: &mut VecDeque<Pending<'b, F>>,
    ) {
        let first_child = self.nodes.len() + 1 + pending.len();
        let first_leaf = self.leaves.len();
        let consumed = ROOT_BITS + STRIDE_BITS * (node.level as u32 + 1);
        let (mut children, mut leaves) = (0_u64, 0_u64);
        let mut rest = node.boundaries;
        let mut value = node.value;
        let mut last_leaf = None;
        for index in 0..64 {
            let count = rest.iter().take_while(|(addr, _)| addr.slot(node.level) == index).count();
            let (here, behind) = rest.split_at(count);
            rest = behind;
            let at_start = |addr: F| consumed >= F::BITS || addr.shl(consumed) == F::ZERO;
            let slot = Slot::new(here, value, at_start);
            if !slot.inner.is_empty() {
                children |= 1 << index;
                pending.push_back(Pending {
                    level: node.level + 1,
                    boundaries: slot.inner,
                    value: slot.value,
                });
            } else if last_leaf != Some(slot.value) {
                leaves |= 1 << index;
                last_leaf = Some(slot.value);
                self.leaves.push(U32::new(slot.value));
            }
            value = slot.last_value();
        }
        self.nodes.push(NodeRecord {
            children: U64::new(children),
            leaves: U64::new(leaves),
            first_child: U32::new(first_child as u32),
            first_leaf: U32::new(first_leaf as u32),
        });
    }
}

/// What happens within one slot of a node or one entry of the root.
struct Slot<'b, F> {
    /// The boundaries strictly behind the slot's first address.
    inner: &'b [(F, u32)],
    /// The leaf value at the slot's first address.
    value: u32,
}

impl<'b, F: Family> Slot<'b, F> {
    fn new(here: &'b [(F, u32)], before: u32, at_start: impl Fn(F) -> bool) -> Self {
        match here.split_first() {
            Some((&(addr, value), inner)) if at_start(addr) => Self { inner, value },
            _ => Self { inner: here, value: before },
        }
    }

    /// The leaf value at the slot's last address.
    fn last_value(&self) -> u32 {
        self.inner.last().map_or(self.value, |&(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_lie_across_something_are_cut() {
        let ends = |text: &str| {
            let (first, last) = text.split_once('-').expect("two ends");
            Piece { first: first.parse().unwrap(), last: last.parse().unwrap(), asset: 0 }
        };
        for (prefixes, ranges) in [
            ("", "3-9"),
            ("0-15", "3-9"),
            ("4-7", "3-9"),
            ("0-15 3-3 4-7 8-9", "3-9"),
            ("0-15 2-3 4-7 8-11", "4-10 x"),
            ("0-3 4-7", "3-9 x"),
            ("8-11", "3-9 x"),
            ("8-15 8-11", "3-9 x"),
            ("0-15 8-11 9-9", "3-9 x"),
            ("2-3 10-11", "3-9 x"),
            ("3-3 9-9", "3-9"),
            ("1-2 10-11", "3-9"),
            ("", "3-9 x 5-7 x 20-22"),
            ("", "3-9 x 9-10 x 11-13"),
            ("", "0-30 x 1-2 x 5-6 x 31-33"),
            ("", "0-5 x 1-3 x 4-9 x 10-12"),
        ] {
            let prefixes: Vec<Piece<u32>> = prefixes.split_whitespace().map(ends).collect();
            let words: Vec<&str> = ranges.split_whitespace().collect();
            let wanted: Vec<Piece<u32>> =
                words.iter().filter(|word| **word != "x").map(|word| ends(word)).collect();
            let expected: Vec<bool> = (words.iter().enumerate())
                .filter(|(_, word)| **word != "x")
                .map(|(at, _)| words.get(at + 1) != Some(&"x"))
                .collect();
            assert_eq!(which_nest(&prefixes, &wanted), expected, "{ranges}");
        }
    }
}
