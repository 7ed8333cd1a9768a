//! Builds what `image/blocks.rs` reads.

use zerocopy::little_endian::U64;

use super::distinct::Distinct;
use super::writer::Writer;
use crate::image::format::{BLOCK_BITS, Section};
use crate::{AddrRange, AssetValue};

/// Blocks for each asset, as a power of two, so that few blocks hold a part of one by chance.
const BLOCKS_AN_ASSET_BITS: u32 = 5;

pub(super) fn write(distinct: &Distinct<'_>, writer: &mut Writer) {
    let mut ranges: Vec<(u32, u32)> = (distinct.assets.iter())
        .filter_map(|key| match key.value {
            AssetValue::Addrs(AddrRange::V4 { first, last }) => Some((*first, *last)),
            _ => None,
        })
        .collect();
    ranges.sort_unstable();
    let wanted = ranges.len().next_power_of_two().ilog2() + BLOCKS_AN_ASSET_BITS;
    let block_bits = wanted.clamp(*BLOCK_BITS.start(), *BLOCK_BITS.end());
    let mut bits = vec![0_u64; 1 << (block_bits - 6)];
    let host_bits = u32::BITS - block_bits;
    // The first block that no range has reached yet, so that none is visited twice.
    let mut fresh = 0;
    for (first, last) in ranges {
        let last = last >> host_bits;
        for block in (first >> host_bits).max(fresh)..=last {
            bits[(block / 64) as usize] |= 1 << (block % 64);
        }
        fresh = fresh.max(last + 1);
    }
    let bits: Vec<U64> = bits.into_iter().map(U64::new).collect();
    writer.section(Section::Blocks4, bits);
}
