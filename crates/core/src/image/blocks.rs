//! Reads the blocks: one bit for each block of IPv4 addresses in which an asset has a part.
//!
//! All blocks are of one size, the smaller the more prefixes there are. Most addresses of most
//! feeds are in none of them, and end here.

use zerocopy::little_endian::U64;

/// The section of blocks.
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

    /// Whether an asset has a part in the block of `addr`; `false` is certain.
    #[inline]
    pub(crate) fn may_hold(&self, addr: u32) -> bool {
        let block = addr >> self.host_bits;
        self.bits[(block / 64) as usize].get() >> (block % 64) & 1 == 1
    }
}
