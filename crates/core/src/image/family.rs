//! What differs between IPv4 and IPv6: the width of an address.

use std::fmt::Debug;

use zerocopy::little_endian::{U32, U128};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::format::{ROOT_BITS, STRIDE_BITS, Section, ValueKind};
use crate::AddrRange;

/// An address as a number.
pub(crate) trait Family: Copy + Ord + Debug + Send + Sync + 'static {
    /// The number as it stands in an image.
    type Stored: FromBytes
        + IntoBytes
        + Immutable
        + KnownLayout
        + Unaligned
        + Copy
        + Debug
        + 'static;

    const BITS: u32;
    /// Levels of nodes below the root that are enough for every bit.
    const LEVELS: usize = (Self::BITS - ROOT_BITS).div_ceil(STRIDE_BITS) as usize;
    const MAX: Self;
    const ZERO: Self;
    const PREFIX_KIND: ValueKind;
    const RANGE_KIND: ValueKind;
    const PREFIXES: Section;
    const LISTS: Section;
    const RANGES: Section;
    const ROOTS: Section;
    const NODES: Section;
    const LEAVES: Section;

    fn stored(self) -> Self::Stored;
    fn load(stored: Self::Stored) -> Self;
    fn range(first: Self, last: Self) -> AddrRange;
    /// The ends of a range of this family.
    fn ends(range: &AddrRange) -> Option<(Self, Self)>;
    /// The low half of the number.
    fn low(self) -> u64;
    fn shl(self, bits: u32) -> Self;
    fn shr(self, bits: u32) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    /// The next address; the highest has none.
    fn next(self) -> Option<Self>;
    /// A mask of the bits behind the first `len`.
    fn host_mask(len: u8) -> Self {
        match u32::from(len) {
            0 => Self::MAX,
            len if len >= Self::BITS => Self::ZERO,
            len => Self::MAX.shr(len),
        }
    }
    /// The first 16 bits.
    fn root_index(self) -> usize {
        usize::try_from(self.shr(Self::BITS - ROOT_BITS).low()).unwrap_or(0)
    }
    /// The six bits that a node at `level` below the root looks at; bits past the end are zero.
    fn slot(self, level: usize) -> u32 {
        let consumed = ROOT_BITS + STRIDE_BITS * u32::try_from(level).unwrap_or(0);
        let rest = self.shl(consumed).shr(Self::BITS - STRIDE_BITS);
        (rest.low() & 63) as u32
    }
}

impl Family for u32 {
    type Stored = U32;

    const BITS: u32 = 32;
    const MAX: Self = Self::MAX;
    const ZERO: Self = 0;
    const PREFIX_KIND: ValueKind = ValueKind::Prefix4;
    const RANGE_KIND: ValueKind = ValueKind::Range4;
    const PREFIXES: Section = Section::Prefixes4;
    const LISTS: Section = Section::Lists4;
    const RANGES: Section = Section::Ranges4;
    const ROOTS: Section = Section::Roots4;
    const NODES: Section = Section::Nodes4;
    const LEAVES: Section = Section::Leaves4;

    fn stored(self) -> U32 {
        U32::new(self)
    }
    #[inline]
    fn load(stored: U32) -> Self {
        stored.get()
    }
    fn range(first: Self, last: Self) -> AddrRange {
        AddrRange::V4 { first, last }
    }
    fn ends(range: &AddrRange) -> Option<(Self, Self)> {
        match *range {
            AddrRange::V4 { first, last } => Some((first, last)),
            AddrRange::V6 { .. } => None,
        }
    }
    #[inline]
    fn low(self) -> u64 {
        self.into()
    }
    #[inline]
    fn shl(self, bits: u32) -> Self {
        self << bits
    }
    #[inline]
    fn shr(self, bits: u32) -> Self {
        self >> bits
    }
    #[inline]
    fn and(self, other: Self) -> Self {
        self & other
    }
    #[inline]
    fn or(self, other: Self) -> Self {
        self | other
    }
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl Family for u128 {
    type Stored = U128;

    const BITS: u32 = 128;
    const MAX: Self = Self::MAX;
    const ZERO: Self = 0;
    const PREFIX_KIND: ValueKind = ValueKind::Prefix6;
    const RANGE_KIND: ValueKind = ValueKind::Range6;
    const PREFIXES: Section = Section::Prefixes6;
    const LISTS: Section = Section::Lists6;
    const RANGES: Section = Section::Ranges6;
    const ROOTS: Section = Section::Roots6;
    const NODES: Section = Section::Nodes6;
    const LEAVES: Section = Section::Leaves6;

    fn stored(self) -> U128 {
        U128::new(self)
    }
    #[inline]
    fn load(stored: U128) -> Self {
        stored.get()
    }
    fn range(first: Self, last: Self) -> AddrRange {
        AddrRange::V6 { first, last }
    }
    fn ends(range: &AddrRange) -> Option<(Self, Self)> {
        match *range {
            AddrRange::V4 { .. } => None,
            AddrRange::V6 { first, last } => Some((first, last)),
        }
    }
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is asked for")]
    fn low(self) -> u64 {
        self as u64
    }
    #[inline]
    fn shl(self, bits: u32) -> Self {
        self << bits
    }
    #[inline]
    fn shr(self, bits: u32) -> Self {
        self >> bits
    }
    #[inline]
    fn and(self, other: Self) -> Self {
        self & other
    }
    #[inline]
    fn or(self, other: Self) -> Self {
        self | other
    }
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}
