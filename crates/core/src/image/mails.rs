//! Reads the mail addresses: a filter and a table by hash of the whole address.

use zerocopy::little_endian::{U32, U64};

use super::format::{MAX_PROBES, MailRecord};
use super::hash::{ANCHOR_BYTES, filter_bits, first_slot, hash_anchor, hash_folded};

/// The sections of mail addresses.
#[derive(Clone, Copy)]
pub(crate) struct Mails<'a> {
    pub(crate) seed: u64,
    pub(crate) text: &'a [u8],
    pub(crate) records: &'a [MailRecord],
    pub(crate) slots: &'a [U32],
    pub(crate) filter: &'a [U64],
    pub(crate) tails: &'a [U64],
}

impl<'a> Mails<'a> {
    pub(crate) fn text(&self, index: u32) -> &'a [u8] {
        let at = self.records[index as usize].text;
        &self.text[at.offset.get() as usize..][..at.bytes.get() as usize]
    }

    /// Whether an asset may be this address; `false` is certain.
    #[inline]
    pub(crate) fn may_hold(&self, mail: &[u8]) -> bool {
        let (block, bits) = filter_bits(hash_folded(self.seed, mail), self.filter.len());
        self.filter[block].get() & bits == bits
    }

    /// Whether an asset may end in the last `len` bytes of `tail`; `false` is certain.
    #[inline]
    pub(crate) fn may_end(&self, tail: &[u8; ANCHOR_BYTES], len: usize) -> bool {
        let (block, bits) = filter_bits(hash_anchor(self.seed, tail, len), self.tails.len());
        self.tails[block].get() & bits == bits
    }

    /// The asset that is this address, whatever its (ASCII) case.
    pub(crate) fn find(&self, mail: &[u8]) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let start = first_slot(hash_folded(self.seed, mail), self.slots.len());
        (start..start + MAX_PROBES)
            .map_while(|slot| self.slots[slot & mask].get().checked_sub(1))
            .find(|&index| self.text(index).eq_ignore_ascii_case(mail))
            .map(|index| self.records[index as usize].asset.get())
    }
}
