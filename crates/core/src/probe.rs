//! The first look at a candidate: a load or two, and most are gone.

use crate::image::Image;
use crate::image::blocks::Blocks;
use crate::image::hash::ANCHOR_BYTES;
use crate::image::mails::Mails;
use crate::image::names::Names;
use crate::image::prefixes::Prefixes;

/// Tells cheaply which candidates no asset can concern.
///
/// `false` is certain, `true` means that a lookup has to tell. Made once for a
/// chunk of a feed, since it gathers what a lookup would gather each time.
#[derive(Clone, Copy)]
pub struct Probe<'a> {
    blocks4: Blocks<'a>,
    v4: Prefixes<'a, u32>,
    v6: Prefixes<'a, u128>,
    names: Names<'a>,
    mails: Mails<'a>,
}

impl Image {
    /// See [`Probe`].
    #[must_use]
    pub fn probe(&self) -> Probe<'_> {
        Probe {
            blocks4: self.blocks4(),
            v4: self.prefixes(),
            v6: self.prefixes(),
            names: self.names(),
            mails: self.mails(),
        }
    }
}

impl Probe<'_> {
    /// Whether an asset may hold this IPv4 address: one load, and no branch.
    #[inline]
    #[must_use]
    pub fn addr4_block(&self, addr: u32) -> bool {
        self.blocks4.may_hold(addr)
    }

    /// Whether an asset holds this IPv4 address.
    #[inline]
    #[must_use]
    pub fn addr4(&self, addr: u32) -> bool {
        self.addr4_block(addr) && self.v4.most_specific(addr).is_some()
    }

    /// Whether an asset holds this IPv6 address, which is not IPv4-mapped.
    #[inline]
    #[must_use]
    pub fn addr6(&self, addr: u128) -> bool {
        self.v6.most_specific(addr).is_some()
    }

    /// Whether an asset overlaps these IPv4 addresses.
    #[inline]
    #[must_use]
    pub fn range4(&self, first: u32, last: u32) -> bool {
        self.v4.any_overlapping(first, last)
    }

    /// Whether there is an asset that a name can concern.
    #[must_use]
    pub fn has_names(&self) -> bool {
        !self.names.records.is_empty()
    }

    /// Whether there are mail addresses among the assets.
    #[inline]
    #[must_use]
    pub fn has_mails(&self) -> bool {
        !self.mails.records.is_empty()
    }

    /// Whether an asset may be at or above a host whose last two labels these are.
    ///
    /// With `third` the last three labels are fetched where two do not decide.
    /// Upper case is read as lower case.
    #[inline]
    #[must_use]
    pub fn name<'t>(&self, two_labels: &[u8], third: impl FnOnce() -> &'t [u8]) -> bool {
        if self.names.single_label {
            return true;
        }
        let hash = self.names.anchor(two_labels);
        self.names.may_be_anchor(hash)
            && (!self.names.is_deep(hash) || self.names.may_be_anchor(self.names.anchor(third())))
    }

    /// Whether an asset may be at or above a host whose last two labels end `tail`, `len` bytes long.
    ///
    /// A rougher [`Probe::name`], without a branch; `false` is certain here too. Where the two
    /// labels are longer than `tail`, `len` may be any number beyond it.
    #[inline]
    #[must_use]
    pub fn name_tail(&self, tail: &[u8; ANCHOR_BYTES], len: usize) -> bool {
        self.names.single_label | self.names.may_be_anchor(self.names.anchor_of_tail(tail, len))
    }

    /// Whether an asset may be exactly this mail address, in any (ASCII) case.
    #[inline]
    #[must_use]
    pub fn mail(&self, mail: &[u8]) -> bool {
        self.mails.may_hold(mail)
    }
}
