//! Builds what `image/blocks.rs` reads.

use zerocopy::little_endian::U64;

use super::distinct::Distinct;
use super::table;
use super::writer::Writer;
use crate::image::format::{BLOCK_BITS, Section};
use crate::image::hash::hash_block;
use crate::{AddrRange, AssetValue};

/// Blocks for each asset, as a power of two, so that few blocks hold a part of one by chance.
const BLOCKS_AN_ASSET_BITS: u32 = 6;

/// IPv6 blocks for each asset on average, beyond which the filter lets every address pass.
const MOST_BLOCKS6_AN_ASSET: usize = 16;

/// The same where there are few assets.
const MIN_MOST_BLOCKS6: usize = 1 << 16;

pub(super) fn write(distinct: &Distinct<'_>, writer: &mut Writer) {
    write4(distinct, writer);
    write6(distinct, writer);
}

fn write4(distinct: &Distinct<'_>, writer: &mut Writer) {
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

fn write6(distinct: &Distinct<'_>, writer: &mut Writer) {
    let mut ranges: Vec<(u32, u32)> = (distinct.assets.iter())
        .filter_map(|key| match key.value {
            AssetValue::Addrs(AddrRange::V6 { first, last }) => {
                Some(((first >> 96) as u32, (last >> 96) as u32))
            }
            _ => None,
        })
        .collect();
    ranges.sort_unstable();
    let most = MIN_MOST_BLOCKS6.max(ranges.len() * MOST_BLOCKS6_AN_ASSET);
    let mut hashes = Vec::new();
    // The first block that no range has reached yet, if there is one behind the last.
    let mut fresh = Some(0);
    for (first, last) in ranges {
        let Some(start) = fresh.map(|fresh| first.max(fresh)) else { break };
        if start > last {
            continue;
        }
        if (last - start) as usize >= most - hashes.len() {
            return writer.section(Section::Blocks6, vec![U64::new(u64::MAX)]);
        }
        hashes.extend((start..=last).map(hash_block));
        fresh = last.checked_add(1);
    }
    writer.section(Section::Blocks6, table::filter(&hashes));
}
