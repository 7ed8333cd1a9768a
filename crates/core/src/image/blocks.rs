//! Reads the blocks in which assets have a part: where most addresses of most feeds end.
//!
//! Of IPv4 there is one bit for each block, all of one size, the smaller the more prefixes there
//! are. Of IPv6 the first 32 bits, which is what a provider gets, are in a filter.

use zerocopy::little_endian::U64;

use super::hash::{filter_bits, hash_block};

/// The section of IPv4 blocks.
#[derive(Clone, Copy)]
pub(crate) struct Blocks<'a> {
    bits: &'a [U64],
    /// Bits of an address within its block.
    host_bits: u32,
}

impl<'a> Blocks<'a> {
    /// `bits` holds a power of two of bits, at most one for each address.
    pub(crate) fn new(bits: &'a [U64]) -> Self {
        Self { bits, host_bits: u32::BITS - 6 - bits.len().ilog2() }
    }

    /// The length of a block as a prefix.
    #[inline]
    pub(crate) const fn len(&self) -> u8 {
        (u32::BITS - self.host_bits) as u8
    }

    /// Whether an asset has a part in the block of `addr`; `false` is certain.
    #[inline]
    pub(crate) fn may_hold(&self, addr: u32) -> bool {
        let block = addr >> self.host_bits;
        self.bits[(block / 64) as usize].get() >> (block % 64) & 1 == 1
    }
}

/// The section of IPv6 blocks.
#[derive(Clone, Copy)]
pub(crate) struct Blocks6<'a> {
    /// A blocked Bloom filter, a power of two long.
    pub(crate) filter: &'a [U64],
}

impl Blocks6<'_> {
    /// Whether an asset has a part in the block with these first bits; `false` is certain.
    #[inline]
    pub(crate) fn may_hold(&self, first_bits: u32) -> bool {
        let (block, bits) = filter_bits(hash_block(first_bits), self.filter.len());
        self.filter[block].get() & bits == bits
    }
}
