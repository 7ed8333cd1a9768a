//! Builds what `image/prefixes.rs` reads: prefixes in order and the trie over them.

use std::collections::VecDeque;

use zerocopy::little_endian::{U32, U64};

use super::distinct::Distinct;
use super::writer::Writer;
use super::{CompileError, Limits};
use crate::image::family::Family;
use crate::image::format::{
    NONE, NodeRecord, PrefixRecord, ROOT_BITS, ROOT_ENTRIES, ROOT_IS_NODE, RangeRecord, STRIDE_BITS,
};
use crate::{AddrRange, AssetKind, AssetValue};

/// A prefix and an asset that it is, or is part of.
type Piece<F> = ((F, u8), u32);

/// Writes the sections of one family, and sets the value of each of its assets.
pub(super) fn write<F: Family>(
    distinct: &Distinct<'_>,
    limits: &Limits,
    writer: &mut Writer,
    values: &mut [u32],
) -> Result<(), CompileError> {
    let mut ranges: Vec<RangeRecord<F::Stored>> = Vec::new();
    let mut prefix_assets = Vec::new();
    let mut pieces_of_all: Vec<Piece<F>> = Vec::new();
    for (index, key) in distinct.assets.iter().enumerate() {
        let index = index as u32;
        let AssetValue::Addrs(range) = key.value else { continue };
        let Some((first, last)) = F::ends(range) else { continue };
        if key.kind == AssetKind::Range {
            values[index as usize] = ranges.len() as u32;
            ranges.push(RangeRecord { first: first.stored(), last: last.stored() });
        } else {
            prefix_assets.push((first, range.prefix_len(), index));
            pieces_of_all.push(((first, range.prefix_len()), index));
            continue;
        }
        let nets = range.prefixes().filter_map(|net| {
            let range = AddrRange::from(net);
            Some(((F::ends(&range)?.0, net.prefix_len()), index))
        });
        pieces_of_all.extend(nets);
        CompileError::check("prefixes", pieces_of_all.len(), limits.prefixes)?;
    }
    CompileError::check("prefixes", pieces_of_all.len(), limits.prefixes)?;
    pieces_of_all.sort_unstable();

    let (records, lists) = nest(&pieces_of_all);
    for (addr, len, asset) in prefix_assets {
        let at = records.binary_search_by_key(&(addr, len), |r| (F::load(r.addr), r.len));
        values[asset as usize] = at.expect("its piece is a record") as u32;
    }
    let trie = Trie::build(&boundaries::<F>(&records));
    writer.section(F::RANGES, ranges);
    writer.section(F::PREFIXES, records);
    writer.section(F::LISTS, lists);
    writer.section(F::ROOTS, trie.roots);
    writer.section(F::NODES, trie.nodes);
    writer.section(F::LEAVES, trie.leaves);
    Ok(())
}

/// The different prefixes with their parents, and the assets of each.
fn nest<F: Family>(sorted: &[Piece<F>]) -> (Vec<PrefixRecord<F::Stored>>, Vec<U32>) {
    let mut records = Vec::new();
    let mut lists = Vec::with_capacity(sorted.len());
    // The prefixes that hold the current one, the least specific first.
    let mut above: Vec<(F, u32)> = Vec::new();
    for piece in sorted.chunk_by(|a, b| a.0 == b.0) {
        let (addr, len) = piece[0].0;
        while above.last().is_some_and(|&(last, _)| last < addr) {
            above.pop();
        }
        let parent = above.last().map_or(NONE, |&(_, index)| index);
        above.push((addr.or(F::host_mask(len)), records.len() as u32));
        records.push(PrefixRecord {
            addr: addr.stored(),
            parent: U32::new(parent),
            list: U32::new(lists.len() as u32),
            len,
            reserved: [0; 3],
        });
        lists.extend(piece.iter().map(|&(_, asset)| U32::new(asset)));
    }
    (records, lists)
}

/// The addresses at which the most specific prefix changes, with the leaf value from there on.
fn boundaries<F: Family>(records: &[PrefixRecord<F::Stored>]) -> Vec<(F, u32)> {
    let mut boundaries: Vec<(F, u32)> = Vec::new();
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
    for (index, record) in records.iter().enumerate() {
        let addr = F::load(record.addr);
        while above.last().is_some_and(|&(last, _)| last < addr) {
            close(&mut above, &mut push);
        }
        push(addr, index as u32 + 1);
        above.push((addr.or(F::host_mask(record.len)), index as u32 + 1));
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
