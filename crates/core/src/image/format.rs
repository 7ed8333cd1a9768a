//! The image in bytes: the contract between `compile`, which writes, and `image`, which reads.
//!
//! Little-endian throughout, no alignment needed. A [`Header`], a table with one
//! [`SectionHeader`] for each [`Section`] in the order of the enum, then the
//! sections in that order, each padded with zero bytes to a multiple of eight.
//! Every section is an array of one of the types below. The layout has no
//! freedom: an image with gaps, overlaps or another order is refused.

use zerocopy::little_endian::{U32, U64, U128};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The first bytes of every image; the line end shows a text-mode transfer.
pub(crate) const MAGIC: [u8; 8] = *b"fsieve\r\n";

/// The version that is written, and the only one that is read: 3 added the blocks, 4 made the
/// records smaller and keeps ranges whole.
pub(crate) const VERSION: u32 = 4;

/// An index that points at nothing.
pub(crate) const NONE: u32 = u32::MAX;

/// A reference with this bit names a list, without it the one thing that the list would hold.
///
/// Nearly every asset has one owner, and nearly every prefix is one asset.
pub(crate) const IS_LIST: u32 = 1 << 31;

/// The last asset of a prefix's list has this bit.
pub(crate) const IS_LAST: u32 = 1 << 31;

/// Assets and participants of an image, each, so that their indexes leave the bits above free.
pub(crate) const MAX_INDEXES: usize = 1 << 31;

/// The length of a piece that is no prefix but a whole range.
pub(crate) const WHOLE_RANGE: u8 = u8::MAX;

/// Sections begin at multiples of this.
pub(crate) const SECTION_ALIGN: usize = 8;

/// Slots that a lookup in a hash table visits at most; the compiler picks a seed that keeps to it.
pub(crate) const MAX_PROBES: usize = 128;

/// Keywords of an image, each with thousands of states at most in the search for them.
pub(crate) const MAX_KEYWORDS: usize = 1 << 16;

/// Entries of a trie's root: one for every value of an address's first 16 bits.
pub(crate) const ROOT_ENTRIES: usize = 1 << ROOT_BITS;

/// Bits of an address that the root of a trie consumes.
pub(crate) const ROOT_BITS: u32 = 16;

/// Blocks of IPv4 addresses, as a power of two: never fewer, never more.
pub(crate) const BLOCK_BITS: std::ops::RangeInclusive<u32> = 16..=24;

/// Bits of an address that a node of a trie consumes.
pub(crate) const STRIDE_BITS: u32 = 6;

/// A root entry with this bit holds a node index, without it a leaf value.
pub(crate) const ROOT_IS_NODE: u32 = 1 << 31;

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Header {
    pub(crate) magic: [u8; 8],
    pub(crate) version: U32,
    pub(crate) section_count: U32,
    pub(crate) image_bytes: U64,
    /// SHA-256 over the image with this field and `crc` zeroed.
    pub(crate) digest: [u8; 32],
    pub(crate) reserved: U32,
    /// CRC-32 over the header, this field zeroed, and the section table.
    pub(crate) crc: U32,
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct SectionHeader {
    pub(crate) kind: U32,
    /// CRC-32 over the section's bytes without padding.
    pub(crate) crc: U32,
    pub(crate) offset: U64,
    pub(crate) bytes: U64,
}

macro_rules! sections {
    ($($name:ident = $number:literal, $text:literal, $doc:literal;)*) => {
        /// What a section holds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub(crate) enum Section { $(#[doc = $doc] $name = $number,)* }

        impl Section {
            /// Every section, in the order in which they stand in the image.
            pub(crate) const ALL: [Self; [$($number),*].len()] = [$(Self::$name),*];

            /// The name that `inspect` shows.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

sections! {
    Meta = 0, "meta", "One [`Meta`].";
    Text = 1, "text", "UTF-8: ids, groups, labels, names, mail addresses, keywords.";
    Participants = 2, "participants", "[`ParticipantRecord`], ascending by id.";
    Labels = 3, "labels", "[`TextRef`]: what participants call their assets.";
    Postings = 4, "postings", "[`Posting`]: who own an asset, where there are several or a label; equal lists are shared.";
    Entries = 5, "posting entries", "[`Entry`], each list ascending by participant.";
    Assets = 6, "assets", "[`AssetRecord`], the most specific first.";
    Ranges4 = 7, "v4 ranges", "[`RangeRecord`] of IPv4 addresses.";
    Ranges6 = 8, "v6 ranges", "[`RangeRecord`] of IPv6 addresses.";
    Prefixes4 = 9, "v4 prefixes", "[`PrefixRecord`], ascending by first address, the larger first.";
    Lists4 = 10, "v4 prefix assets", "Asset indexes of the v4 prefixes that are several assets; the last of each list has [`IS_LAST`].";
    Roots4 = 11, "v4 trie roots", "The first level of the v4 trie.";
    Nodes4 = 12, "v4 trie nodes", "[`NodeRecord`], children behind their parent.";
    Leaves4 = 13, "v4 trie leaves", "0, or one more than a v4 prefix index.";
    Prefixes6 = 14, "v6 prefixes", "As for v4.";
    Lists6 = 15, "v6 prefix assets", "As for v4.";
    Roots6 = 16, "v6 trie roots", "As for v4.";
    Nodes6 = 17, "v6 trie nodes", "As for v4.";
    Leaves6 = 18, "v6 trie leaves", "As for v4.";
    Names = 19, "names", "[`NameRecord`], ascending label by label from the right.";
    NameSlots = 20, "name slots", "0, or one more than a name index; by hash.";
    NameFilter = 21, "name filter", "A blocked Bloom filter over the names' anchors.";
    DeepSuffixes = 22, "deep suffixes", "Hashes of the two-label suffixes whose names have a third label in their anchor; 0 is empty.";
    Mails = 23, "mail addresses", "[`MailRecord`], ascending.";
    MailSlots = 24, "mail slots", "0, or one more than a mail index; by hash.";
    MailFilter = 25, "mail filter", "A blocked Bloom filter over the mail addresses.";
    Keywords = 26, "keywords", "[`KeywordRecord`], ascending.";
    Blocks4 = 27, "v4 blocks", "One bit for each block of addresses in which an asset has a part; a power of two of them.";
    Blocks6 = 28, "v6 blocks", "A blocked Bloom filter over the first 32 bits of the addresses in which an asset has a part.";
    NameFilter2 = 29, "second name filter", "The same as the name filter, of other bits of the hashes: asked where the first says yes.";
    MailTails = 30, "mail tails", "A blocked Bloom filter over the last bytes of the mail addresses, one of the local part included at most.";
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Meta {
    /// Keys the hashes of names.
    pub(crate) name_seed: U64,
    /// Keys the hashes of mail addresses.
    pub(crate) mail_seed: U64,
    /// 1 where some asset is a name of one label, so that every name is a candidate.
    pub(crate) single_label_names: U32,
    pub(crate) reserved: U32,
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct TextRef {
    pub(crate) offset: U32,
    pub(crate) bytes: U32,
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct ParticipantRecord {
    pub(crate) id: TextRef,
    /// Empty where there is none.
    pub(crate) group: TextRef,
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Posting {
    pub(crate) first: U32,
    pub(crate) count: U32,
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct Entry {
    pub(crate) participant: U32,
    /// An index into the labels, or [`NONE`].
    pub(crate) label: U32,
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct AssetRecord {
    /// A [`ValueKind`].
    pub(crate) kind: u8,
    /// An index into the section that the kind names.
    pub(crate) value: U32,
    /// The participant that owns it and has no label for it, or with [`IS_LIST`] a posting.
    pub(crate) owner: U32,
}

/// What an asset is and where its value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ValueKind {
    Prefix4 = 0,
    Prefix6 = 1,
    Range4 = 2,
    Range6 = 3,
    Domain = 4,
    DomainExact = 5,
    EmailDomain = 6,
    Email = 7,
    Keyword = 8,
}

impl ValueKind {
    pub(crate) const fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0 => Self::Prefix4,
            1 => Self::Prefix6,
            2 => Self::Range4,
            3 => Self::Range6,
            4 => Self::Domain,
            5 => Self::DomainExact,
            6 => Self::EmailDomain,
            7 => Self::Email,
            8 => Self::Keyword,
            _ => return None,
        })
    }
}

/// A range asset; `W` is as wide as an address.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct RangeRecord<W: Unaligned> {
    pub(crate) first: W,
    pub(crate) last: W,
}

/// A prefix that is an asset, part of a range, or both; or a whole range.
///
/// Two of them share addresses only where one holds the other. A range that lies
/// across nothing else is one piece, any other is cut into prefixes.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct PrefixRecord<W: Unaligned> {
    pub(crate) addr: W,
    /// The next larger piece that holds this one, or [`NONE`].
    pub(crate) parent: U32,
    /// The asset that it is, or with [`IS_LIST`] where its assets begin in the list section.
    pub(crate) assets: U32,
    /// Its length, or [`WHOLE_RANGE`]: then its end is that of its asset.
    pub(crate) len: u8,
}

impl<W: Unaligned + Copy> PrefixRecord<W> {
    /// The last address of a piece that is a prefix.
    pub(crate) fn last<F: super::family::Family<Stored = W>>(&self) -> F {
        F::load(self.addr).or(F::host_mask(self.len))
    }
}

/// 64 slots, each a child or a leaf; equal neighbouring leaves are stored once.
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct NodeRecord {
    /// The slots that hold a child.
    pub(crate) children: U64,
    /// The slots at which a new leaf value begins.
    pub(crate) leaves: U64,
    pub(crate) first_child: U32,
    pub(crate) first_leaf: U32,
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct NameRecord {
    pub(crate) text: U32,
    pub(crate) bytes: u8,
    pub(crate) labels: u8,
    /// Bit n: the last n + 1 labels are a public suffix, so that a subtree notation of them
    /// covers nobody. No suffix of the list has more than [`MAX_SUFFIX_LABELS`].
    pub(crate) suffixes: u8,
    /// The kinds of asset at this name, of [`NameRecord::KINDS`] a bit each.
    pub(crate) kinds: u8,
    /// The longest shorter name that this one lies under, or [`NONE`].
    pub(crate) parent: U32,
    /// The first asset at this name; those of the other kinds follow it.
    pub(crate) first_asset: U32,
}

impl NameRecord {
    /// The kinds of asset that a name may be, in the order of their indexes.
    pub(crate) const KINDS: [ValueKind; 3] =
        [ValueKind::DomainExact, ValueKind::Domain, ValueKind::EmailDomain];

    /// The assets at this name, one of each kind in the order of [`Self::KINDS`], or [`NONE`].
    pub(crate) fn assets(&self) -> [u32; 3] {
        let mut next = self.first_asset.get();
        [0, 1, 2].map(|kind| {
            let here = self.kinds >> kind & 1 == 1;
            let asset = if here { next } else { NONE };
            next = next.wrapping_add(here.into());
            asset
        })
    }
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct MailRecord {
    pub(crate) text: TextRef,
    pub(crate) asset: U32,
}

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(crate) struct KeywordRecord {
    pub(crate) text: TextRef,
    pub(crate) asset: U32,
}

/// Labels of a public suffix, at most; the longest of the list have five.
pub(crate) const MAX_SUFFIX_LABELS: u8 = 8;

const _: () = assert!(MAX_SUFFIX_LABELS as u32 == u8::BITS);
const _: () = assert!(size_of::<Header>() == 64);
const _: () = assert!(size_of::<SectionHeader>() == 24);
const _: () = assert!(size_of::<Header>().is_multiple_of(SECTION_ALIGN));
const _: () = assert!(size_of::<SectionHeader>().is_multiple_of(SECTION_ALIGN));
const _: () = assert!(size_of::<PrefixRecord<U32>>() == 13);
const _: () = assert!(size_of::<PrefixRecord<U128>>() == 25);
const _: () = assert!(size_of::<NodeRecord>() == 24);
const _: () = assert!(size_of::<NameRecord>() == 16);
