//! The first look at a candidate: a load or two, and most are gone.

use crate::image::Image;
use crate::image::blocks::{Blocks, Blocks6};
use crate::image::hash::ANCHOR_BYTES;
use crate::image::mails::Mails;
use crate::image::names::Names;
use crate::image::prefixes::Prefixes;

/// Tells cheaply which candidates no asset can concern.
///
/// `false` is certain, `true` means that a lookup has to tell. Made once for a
/// chunk of a feed, since it gathers what a lookup would gather each time.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Image, Inventory, Limits};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\nB,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let probe = image.probe();
/// assert!(probe.addr4(u32::from(std::net::Ipv4Addr::new(192, 0, 2, 7))));
/// assert!(!probe.addr4(u32::from(std::net::Ipv4Addr::new(198, 51, 100, 7))));
/// // The third label is asked for only where many have names under the two.
/// assert!(probe.name(b"HOSPITAL.example", || unreachable!()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Probe<'a> {
    blocks4: Blocks<'a>,
    blocks6: Blocks6<'a>,
    v4: Prefixes<'a, u32>,
    v6: Prefixes<'a, u128>,
    names: Names<'a>,
    mails: Mails<'a>,
    has_idn: bool,
}

impl Image {
    /// See [`Probe`].
    #[must_use]
    pub fn probe(&self) -> Probe<'_> {
        Probe {
            blocks4: self.blocks4(),
            blocks6: self.blocks6(),
            v4: self.prefixes(),
            v6: self.prefixes(),
            names: self.names(),
            mails: self.mails(),
            has_idn: self.has_idn,
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

    /// The length of the prefixes that [`Probe::addr4_block`] tells apart, 16 to 24.
    #[inline]
    #[must_use]
    pub fn addr4_block_len(&self) -> u8 {
        self.blocks4.len()
    }

    /// Whether an asset may hold an IPv6 address that begins with these bits.
    #[inline]
    #[must_use]
    pub fn addr6_block(&self, first_bits: u32) -> bool {
        self.blocks6.may_hold(first_bits)
    }

    /// The length of the prefixes that [`Probe::addr6_block`] tells apart.
    #[inline]
    #[must_use]
    pub const fn addr6_block_len(&self) -> u8 {
        32
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

    /// Whether an asset overlaps these IPv6 addresses.
    #[inline]
    #[must_use]
    pub fn range6(&self, first: u128, last: u128) -> bool {
        self.v6.any_overlapping(first, last)
    }

    /// Whether there is an asset that a name can concern.
    #[must_use]
    pub fn has_names(&self) -> bool {
        !self.names.records.is_empty()
    }

    /// Whether an asset may be at or above a name of which one of the last two labels is none of
    /// ASCII.
    #[inline]
    #[must_use]
    pub fn may_hold_idn(&self) -> bool {
        self.has_idn || self.names.single_label
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
        let names = &self.names;
        let hash = names.anchor(two_labels);
        names.may_be_anchor(hash)
            && names.is_likely_anchor(hash)
            && (!names.is_deep(hash) || {
                let hash = names.anchor(third());
                names.may_be_anchor(hash) && names.is_likely_anchor(hash)
            })
    }

    /// The rougher [`Probe::name`] of [`Anchors`].
    #[inline]
    #[must_use]
    pub fn anchors(&self) -> Anchors<'_> {
        Anchors { names: &self.names, is_rough: self.names.single_label }
    }

    /// Whether an asset may be a mail address that ends like this, without a branch.
    ///
    /// `tail` is what stands before its end, and `len` the length of its domain, of the `@` and of
    /// one byte of the local part; `false` is certain.
    #[inline]
    #[must_use]
    pub fn mail_tail(&self, tail: &[u8; ANCHOR_BYTES], len: usize) -> bool {
        self.mails.may_end(tail, len)
    }

    /// Whether an asset may be exactly this mail address, in any (ASCII) case.
    #[inline]
    #[must_use]
    pub fn mail(&self, mail: &[u8]) -> bool {
        self.mails.may_hold(mail)
    }
}

/// The ends of names that assets have, asked for without a branch.
///
/// `tail` is what stands before the end of a name, and a length is that of its last labels with
/// the dots between them; where they are longer than `tail`, any length beyond it will do.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, ANCHOR_BYTES, Image, Inventory, Limits};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let may_hold = |name: &str, two_labels: &str| {
///     let mut tail = [0; ANCHOR_BYTES];
///     let last = &name.as_bytes()[name.len().saturating_sub(ANCHOR_BYTES)..];
///     tail[ANCHOR_BYTES - last.len()..].copy_from_slice(last);
///     image.probe().anchors().may_hold(&tail, two_labels.len())
/// };
/// assert!(may_hold("www.Hospital.example", "Hospital.example"));
/// assert!(!may_hold("www.library.example", "library.example"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Anchors<'a> {
    names: &'a Names<'a>,
    /// Some asset has one label, so that nothing is certain.
    is_rough: bool,
}

impl Anchors<'_> {
    /// Whether an asset may be at or above a host with these last two labels; `false` is certain.
    #[inline]
    #[must_use]
    pub fn may_hold(&self, tail: &[u8; ANCHOR_BYTES], two: usize) -> bool {
        self.is_rough | self.names.may_be_anchor(self.names.anchor_of_tail(tail, two))
    }

    /// The same, with the third label asked for where many register under the two.
    #[inline]
    #[must_use]
    pub fn may_hold_deep(&self, tail: &[u8; ANCHOR_BYTES], two: usize, three: usize) -> bool {
        self.is_rough || {
            let is_anchor =
                |hash| self.names.may_be_anchor(hash) && self.names.is_likely_anchor(hash);
            let hash = self.names.anchor_of_tail(tail, two);
            is_anchor(hash)
                && (!self.names.is_deep(hash) || is_anchor(self.names.anchor_of_tail(tail, three)))
        }
    }
}
