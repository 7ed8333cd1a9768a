//! Reads the assets, who owns them, and what they call them.

use std::fmt;

use super::Image;
use super::format::{
    AssetRecord, Entry, IS_LIST, KeywordRecord, MailRecord, NONE, NameRecord, ParticipantRecord,
    Posting, PrefixRecord, RangeRecord, Section, TextRef, ValueKind,
};
use crate::{AddrRange, AssetKind};
use serde::{Serialize, Serializer};
use zerocopy::little_endian::U32;

/// The sections of assets and participants.
#[derive(Clone, Copy)]
pub(crate) struct Assets<'a> {
    pub(crate) participants: &'a [ParticipantRecord],
    pub(crate) labels: &'a [TextRef],
    pub(crate) postings: &'a [Posting],
    pub(crate) entries: &'a [Entry],
    pub(crate) assets: &'a [AssetRecord],
}

/// An asset of an image.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Image, Inventory, Limits};
/// // One asset of two participants is one asset with two owners.
/// let csv = "participant,kind,value\nB,domain,hospital.example\nA,domain,Hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let (asset, _) = image.lookup_name("hospital.example").by_asset().next().ok_or("none")?;
/// let owners: Vec<_> = asset.owners().map(|owner| owner.participant()).collect();
/// assert_eq!((owners, image.asset_count()), (vec!["A", "B"], 1));
/// assert_eq!(format!("{asset:?}"), "domain hospital.example");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct AssetRef<'a> {
    image: &'a Image,
    index: u32,
}

/// The value of an asset, canonical when displayed.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Image, Inventory, Limits};
/// // A range stays one, even where a prefix has the same addresses.
/// let csv = "participant,kind,value\nA,range,192.0.2.0-192.0.2.255\nB,prefix,192.0.2.0/24\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let found = image.lookup_addr("192.0.2.7".parse()?);
/// let mut values: Vec<_> = found.map(|found| found.asset().value().to_string()).collect();
/// values.sort();
/// assert_eq!(values, ["192.0.2.0-192.0.2.255", "192.0.2.0/24"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueRef<'a> {
    /// A prefix, shown with its length.
    Prefix(AddrRange),
    /// A range, shown as `a-b`.
    Range(AddrRange),
    /// A name: lower case, A-labels.
    Name(&'a str),
    /// A mail address: lower case.
    Mail(&'a str),
    /// A keyword: lower case, composed.
    Keyword(&'a str),
}

/// As its text.
impl Serialize for ValueRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix(range) => range.fmt(f),
            Self::Range(range) => range.ends().fmt(f),
            Self::Name(text) | Self::Mail(text) | Self::Keyword(text) => f.write_str(text),
        }
    }
}

impl<'a> AssetRef<'a> {
    pub(crate) const fn new(image: &'a Image, index: u32) -> Self {
        Self { image, index }
    }

    fn record(&self) -> &'a AssetRecord {
        &self.image.section(Section::Assets)[self.index as usize]
    }

    /// The number of the asset in its image: the lower, the more specific.
    ///
    /// Mail addresses come first, then what holds fewer addresses, then names with
    /// more labels, then longer keywords.
    #[must_use]
    pub const fn index(&self) -> u32 {
        self.index
    }

    fn value_kind(&self) -> ValueKind {
        ValueKind::from_byte(self.record().kind).expect("`validate` checked the kind")
    }

    /// What the asset is.
    #[must_use]
    pub fn kind(&self) -> AssetKind {
        match self.value_kind() {
            ValueKind::Prefix4 | ValueKind::Prefix6 => AssetKind::Prefix,
            ValueKind::Range4 | ValueKind::Range6 => AssetKind::Range,
            ValueKind::Domain => AssetKind::Domain,
            ValueKind::DomainExact => AssetKind::DomainExact,
            ValueKind::EmailDomain => AssetKind::EmailDomain,
            ValueKind::Email => AssetKind::Email,
            ValueKind::Keyword => AssetKind::Keyword,
        }
    }

    /// Whether it holds one address only.
    pub(crate) fn is_one_address(&self) -> bool {
        match self.value() {
            ValueRef::Prefix(range) | ValueRef::Range(range) => range.single().is_some(),
            ValueRef::Name(_) | ValueRef::Mail(_) | ValueRef::Keyword(_) => false,
        }
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> ValueRef<'a> {
        fn prefix<F: super::family::Family>(image: &Image, index: u32) -> AddrRange {
            let records: &[PrefixRecord<F::Stored>] = image.section(F::PREFIXES);
            let record = &records[index as usize];
            F::range(F::load(record.addr), record.last::<F>())
        }
        fn range<F: super::family::Family>(image: &Image, index: u32) -> AddrRange {
            let ranges: &[RangeRecord<F::Stored>] = image.section(F::RANGES);
            let record = ranges[index as usize];
            F::range(F::load(record.first), F::load(record.last))
        }
        let value = self.record().value.get();
        match self.value_kind() {
            ValueKind::Prefix4 => ValueRef::Prefix(prefix::<u32>(self.image, value)),
            ValueKind::Prefix6 => ValueRef::Prefix(prefix::<u128>(self.image, value)),
            ValueKind::Range4 => ValueRef::Range(range::<u32>(self.image, value)),
            ValueKind::Range6 => ValueRef::Range(range::<u128>(self.image, value)),
            ValueKind::Domain | ValueKind::DomainExact | ValueKind::EmailDomain => {
                let names: &[NameRecord] = self.image.section(Section::Names);
                let name = &names[value as usize];
                let text = TextRef { offset: name.text, bytes: U32::new(name.bytes.into()) };
                ValueRef::Name(self.image.text(text))
            }
            ValueKind::Email => {
                let mails: &[MailRecord] = self.image.section(Section::Mails);
                ValueRef::Mail(self.image.text(mails[value as usize].text))
            }
            ValueKind::Keyword => {
                let keywords: &[KeywordRecord] = self.image.section(Section::Keywords);
                ValueRef::Keyword(self.image.text(keywords[value as usize].text))
            }
        }
    }

    /// The participants that own the asset, ascending by id.
    pub fn owners(&self) -> impl ExactSizeIterator<Item = Owner<'a>> + Clone + use<'a> {
        let owner = self.record().owner.get();
        if owner & IS_LIST == 0 {
            let entry = Entry { participant: U32::new(owner), label: U32::new(NONE) };
            return Owners { image: self.image, one: Some(entry), listed: &[] };
        }
        let postings: &[Posting] = self.image.section(Section::Postings);
        let posting = postings[(owner & !IS_LIST) as usize];
        let entries: &[Entry] = self.image.section(Section::Entries);
        let listed = &entries[posting.first.get() as usize..][..posting.count.get() as usize];
        Owners { image: self.image, one: None, listed }
    }
}

impl fmt::Debug for AssetRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.value())
    }
}

/// See [`AssetRef::owners`].
#[derive(Clone)]
struct Owners<'a> {
    image: &'a Image,
    one: Option<Entry>,
    listed: &'a [Entry],
}

impl<'a> Iterator for Owners<'a> {
    type Item = Owner<'a>;

    fn next(&mut self) -> Option<Owner<'a>> {
        let entry = self.one.take().or_else(|| self.listed.split_off_first().copied())?;
        Some(Owner { image: self.image, entry })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = usize::from(self.one.is_some()) + self.listed.len();
        (count, Some(count))
    }
}

impl ExactSizeIterator for Owners<'_> {}

/// A participant as the owner of an asset.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Image, Inventory, Limits};
/// // Each owner has a label of its own for the asset.
/// let csv = "\
/// participant,kind,value,label
/// A,domain,hospital.example,ours
/// B,domain,hospital.example,hosted
/// ";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let found = image.lookup_name("hospital.example");
/// let labels: Vec<_> = found.map(|f| (f.owner().participant(), f.owner().label())).collect();
/// assert_eq!(labels, [("A", Some("ours")), ("B", Some("hosted"))]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Owner<'a> {
    image: &'a Image,
    entry: Entry,
}

impl<'a> Owner<'a> {
    fn record(&self) -> &'a ParticipantRecord {
        &self.image.section(Section::Participants)[self.entry.participant.get() as usize]
    }

    /// The number of the participant in its image, ascending by id.
    #[must_use]
    pub fn index(&self) -> u32 {
        self.entry.participant.get()
    }

    /// The participant's id.
    #[must_use]
    pub fn participant(&self) -> &'a str {
        self.image.text(self.record().id)
    }

    /// Through whom the participant is reached.
    #[must_use]
    pub fn group(&self) -> Option<&'a str> {
        let group = self.record().group;
        (group.bytes.get() > 0).then(|| self.image.text(group))
    }

    /// What the participant calls the asset.
    #[must_use]
    pub fn label(&self) -> Option<&'a str> {
        let label = self.entry.label.get();
        let labels = || self.image.section::<TextRef>(Section::Labels);
        (label != NONE).then(|| self.image.text(labels()[label as usize]))
    }
}

impl fmt::Debug for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.participant())
    }
}
