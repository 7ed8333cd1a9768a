//! The compiled bytes: any bytes become an [`Image`] that is valid by type, or a typed error.
//!
//! `format` is the contract in bytes, `validate` establishes what the readers
//! rely on, and one file for each group of sections reads it: `prefixes`,
//! `blocks`, `names`, `mails`, `keywords`, `assets`.

pub(crate) mod assets;
pub(crate) mod blocks;
mod bytes;
pub(crate) mod family;
pub(crate) mod format;
pub(crate) mod hash;
pub(crate) mod keywords;
pub(crate) mod mails;
pub(crate) mod names;
pub(crate) mod prefixes;
mod validate;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use zerocopy::{FromBytes, Immutable, KnownLayout};

use assets::Assets;
use blocks::{Blocks, Blocks6};
use bytes::Bytes;
use format::{Header, Meta, Section};
use keywords::Keywords;
use mails::Mails;
use names::Names;
use prefixes::Prefixes;

/// Participants' assets, compiled and ready for lookups.
///
/// Cheap to clone and shared between threads. Opening checks every byte once and
/// builds nothing.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Image, Inventory, Limits};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\nB,prefix,192.0.2.128/25\n";
/// let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let owners: Vec<_> = image.lookup_addr("192.0.2.200".parse()?).map(|f| f.participant()).collect();
/// assert_eq!(owners, ["B", "A"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Image {
    bytes: Arc<Bytes>,
    layout: Layout,
    /// Bytes of the longest name that is an asset.
    longest_name: usize,
    /// Whether a text, and so perhaps a name, holds an A-label.
    pub(crate) has_idn: bool,
}

/// Where each section stands.
type Layout = [(usize, usize); Section::ALL.len()];

/// Why bytes are no image that this library reads.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, ImageError, Image, Inventory, Limits};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let mut bytes = compile(&inventory, &Limits::default())?;
/// let last = bytes.len() - 1;
/// bytes[last] ^= 1;
/// assert!(matches!(Image::open(bytes), Err(ImageError::Damaged { .. })));
/// assert!(matches!(Image::open(csv.into()), Err(ImageError::NotAnImage)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The file could not be read.
    #[error("reading the image: {0}")]
    Io(#[from] std::io::Error),
    /// The bytes do not begin as an image does.
    #[error("not a feedsieve image; compile one with `feedsieve compile`")]
    NotAnImage,
    /// The image was written by a newer version.
    #[error(
        "image format {found} is newer than this library reads (up to {newest}); recompile the inventory"
    )]
    Newer {
        /// The version that the image states.
        found: u32,
        /// The newest version that this library reads.
        newest: u32,
    },
    /// The image was written by an older version.
    #[error(
        "image format {found} is older than this library reads ({read}); recompile the inventory"
    )]
    Older {
        /// The version that the image states.
        found: u32,
        /// The version that this library reads.
        read: u32,
    },
    /// The image ends before or after the length that it states.
    #[error("the image has {found} bytes and says that it has {stated}; compile it again")]
    Length {
        /// How long it is.
        found: u64,
        /// How long it says that it is.
        stated: u64,
    },
    /// A checksum or a rule of the format does not hold.
    #[error("the image is damaged: {what}; compile it again")]
    Damaged {
        /// What does not hold, and where.
        what: String,
    },
}

/// What `inspect` tells about an image.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Image, Inventory, Limits};
/// // A range that another asset crosses is cut into prefixes: here .1, .2 and .3, .4.
/// let csv = "participant,kind,value\nA,range,192.0.2.1-192.0.2.4\nB,prefix,192.0.2.4/31\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let info = image.info();
/// assert_eq!((info.participants, info.assets, info.prefixes), (2, 2, 4));
/// assert!(info.digest_matches && info.digest == image.digest());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImageInfo {
    /// The version of the format.
    pub format_version: u32,
    /// Bytes of the image.
    pub image_bytes: u64,
    /// SHA-256 of the image, as it states it.
    pub digest: [u8; 32],
    /// Whether the digest was recomputed and is the one stated.
    pub digest_matches: bool,
    /// Participants.
    pub participants: u64,
    /// Assets; one of several participants counts once.
    pub assets: u64,
    /// Prefixes that are assets, ranges that were kept whole, and the prefixes of ranges that were cut,
    /// since other assets overlap them in part.
    pub prefixes: u64,
    /// Names that are assets.
    pub names: u64,
    /// Keywords that are assets.
    pub keywords: u64,
    /// Sections: name, offset, bytes.
    pub sections: Vec<(&'static str, u64, u64)>,
}

impl Image {
    /// Checks bytes and takes them as an image.
    ///
    /// One pass over the bytes for the checksums and one for the structure.
    ///
    /// # Errors
    ///
    /// [`ImageError`] says what the bytes are instead. No bytes make this panic.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, ImageError, Inventory, Limits};
    /// let csv = "participant,kind,value\nA,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// let mut bytes = compile(&inventory, &Limits::default())?;
    /// bytes.pop();
    /// let Err(ImageError::Length { found, stated }) = Image::open(bytes) else { panic!() };
    /// assert_eq!(found + 1, stated);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(bytes: Vec<u8>) -> Result<Self, ImageError> {
        Self::open_bytes(Bytes::Memory(bytes))
    }

    fn open_bytes(bytes: Bytes) -> Result<Self, ImageError> {
        let layout = validate::layout(&bytes)?;
        let mut image = Self { bytes: Arc::new(bytes), layout, longest_name: 0, has_idn: false };
        validate::content(&image)?;
        image.longest_name = image.names().longest_bytes();
        image.has_idn = memchr::memmem::find(image.names().text, b"xn--").is_some();
        Ok(image)
    }

    /// Reads a file into memory and opens it.
    ///
    /// Nothing that becomes of the file afterwards matters. To share its pages with other processes
    /// instead, there is `Image::map`, which is unsafe and needs the feature `mmap`.
    ///
    /// # Errors
    ///
    /// As [`Image::open`], and [`ImageError::Io`].
    pub fn open_path(path: impl AsRef<Path>) -> Result<Self, ImageError> {
        Self::open(std::fs::read(path)?)
    }

    /// The whole image, to be written to a file.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Tells what the image holds, and recomputes its digest, which reads every byte.
    #[must_use]
    pub fn info(&self) -> ImageInfo {
        let header = self.header();
        let sections = Section::ALL.iter().map(|&section| {
            let (start, end) = self.layout[section as usize];
            (section.name(), start as u64, (end - start) as u64)
        });
        ImageInfo {
            format_version: header.version.get(),
            image_bytes: self.bytes.len() as u64,
            digest: header.digest,
            digest_matches: digest(&self.bytes) == header.digest,
            participants: self.assets().participants.len() as u64,
            assets: self.assets().assets.len() as u64,
            prefixes: (self.prefixes::<u32>().records.len() + self.prefixes::<u128>().records.len())
                as u64,
            names: self.names().records.len() as u64,
            keywords: self.keyword_records().records.len() as u64,
            sections: sections.collect(),
        }
    }

    /// SHA-256 of the image, as its header states it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.header().digest
    }

    /// Assets in the image; one of several participants counts once.
    #[must_use]
    pub fn asset_count(&self) -> usize {
        self.section::<format::AssetRecord>(Section::Assets).len()
    }

    /// Participants in the image.
    #[must_use]
    pub fn participant_count(&self) -> usize {
        self.section::<format::ParticipantRecord>(Section::Participants).len()
    }

    /// An asset by its index, as [`AssetRef::index`](crate::AssetRef::index) gives it.
    ///
    /// # Panics
    ///
    /// When there is no such asset.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Inventory, Limits};
    /// let csv = "participant,kind,value\nA,prefix,192.0.0.0/16\nA,prefix,192.0.2.0/24\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// // The lower the index, the more specific the asset.
    /// assert_eq!(image.asset(0).value().to_string(), "192.0.2.0/24");
    /// assert_eq!(image.asset(1).value().to_string(), "192.0.0.0/16");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn asset(&self, index: u32) -> assets::AssetRef<'_> {
        assert!((index as usize) < self.asset_count(), "an index that this image gave out");
        assets::AssetRef::new(self, index)
    }

    /// The id of a participant by its index, as [`Owner::index`](crate::Owner::index) gives it.
    ///
    /// # Panics
    ///
    /// When there is no such participant.
    #[must_use]
    pub fn participant(&self, index: u32) -> &str {
        self.text(
            self.section::<format::ParticipantRecord>(Section::Participants)[index as usize].id,
        )
    }

    /// The index of a participant by its id, if the image holds it.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Inventory, Limits};
    /// let csv = "participant,kind,value\nA7,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let index = image.find_participant("A7").ok_or("not in it")?;
    /// assert_eq!(image.participant(index), "A7");
    /// // Ids are compared byte by byte.
    /// assert_eq!(image.find_participant("a7"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn find_participant(&self, id: &str) -> Option<u32> {
        let by_id = |record: &format::ParticipantRecord| self.text(record.id).cmp(id);
        let participants = self.section(Section::Participants);
        participants.binary_search_by(by_id).ok().map(|index| index as u32)
    }

    /// The keywords and the asset that each is, ascending by text.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Inventory, Limits};
    /// let csv = "participant,kind,value\nA,keyword,St.  Antonius\nB,keyword,st. antonius\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let (text, asset) = image.keywords().next().ok_or("none")?;
    /// assert_eq!((text, asset.owners().len()), ("st. antonius", 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keywords(&self) -> impl Iterator<Item = (&str, assets::AssetRef<'_>)> {
        let keywords = self.keyword_records();
        keywords.records.iter().enumerate().map(move |(index, record)| {
            (keywords.text(index as u32), assets::AssetRef::new(self, record.asset.get()))
        })
    }

    fn header(&self) -> Header {
        let (header, _) = Header::read_from_prefix(&self.bytes).expect("`layout` read it");
        header
    }

    /// A section as the array that it is; `layout` checked that it divides.
    ///
    /// What reads one record of a hit asks for its section alone: the groups below have many.
    #[inline]
    pub(crate) fn section<T: FromBytes + Immutable + KnownLayout>(&self, section: Section) -> &[T] {
        let (start, end) = self.layout[section as usize];
        <[T]>::ref_from_bytes(&self.bytes[start..end]).expect("`layout` checked its length")
    }

    pub(crate) fn meta(&self) -> &Meta {
        &self.section::<Meta>(Section::Meta)[0]
    }

    pub(crate) fn prefixes<F: family::Family>(&self) -> Prefixes<'_, F> {
        Prefixes {
            records: self.section(F::PREFIXES),
            lists: self.section(F::LISTS),
            ranges: self.section(F::RANGES),
            roots: self.section(F::ROOTS),
            nodes: self.section(F::NODES),
            leaves: self.section(F::LEAVES),
        }
    }

    pub(crate) fn blocks4(&self) -> Blocks<'_> {
        Blocks::new(self.section(Section::Blocks4))
    }

    pub(crate) fn blocks6(&self) -> Blocks6<'_> {
        Blocks6 { filter: self.section(Section::Blocks6) }
    }

    pub(crate) fn names(&self) -> Names<'_> {
        let meta = self.meta();
        Names {
            seed: meta.name_seed.get(),
            single_label: meta.single_label_names.get() == 1,
            longest: self.longest_name,
            text: self.section(Section::Text),
            records: self.section(Section::Names),
            slots: self.section(Section::NameSlots),
            filter: self.section(Section::NameFilter),
            filter2: self.section(Section::NameFilter2),
            deep: self.section(Section::DeepSuffixes),
        }
    }

    pub(crate) fn mails(&self) -> Mails<'_> {
        Mails {
            seed: self.meta().mail_seed.get(),
            text: self.section(Section::Text),
            records: self.section(Section::Mails),
            slots: self.section(Section::MailSlots),
            filter: self.section(Section::MailFilter),
            tails: self.section(Section::MailTails),
        }
    }

    pub(crate) fn keyword_records(&self) -> Keywords<'_> {
        Keywords { text: self.section(Section::Text), records: self.section(Section::Keywords) }
    }

    /// A text of the image.
    fn text(&self, at: format::TextRef) -> &str {
        let start = at.offset.get() as usize;
        let bytes = &self.section(Section::Text)[start..start + at.bytes.get() as usize];
        std::str::from_utf8(bytes).expect("`validate` checked that texts are UTF-8")
    }

    pub(crate) fn assets(&self) -> Assets<'_> {
        Assets {
            participants: self.section(Section::Participants),
            labels: self.section(Section::Labels),
            postings: self.section(Section::Postings),
            entries: self.section(Section::Entries),
            assets: self.section(Section::Assets),
        }
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Image")
            .field("bytes", &self.bytes.len())
            .field("participants", &self.participant_count())
            .field("assets", &self.asset_count())
            .finish_non_exhaustive()
    }
}

/// SHA-256 over an image with the digest and the header's checksum zeroed.
pub(crate) fn digest(image: &[u8]) -> [u8; 32] {
    const DIGEST: Range<usize> = std::mem::offset_of!(Header, digest)..56;
    const CRC: Range<usize> = std::mem::offset_of!(Header, crc)..64;
    let mut hasher = Sha256::new();
    hasher.update(&image[..DIGEST.start]);
    hasher.update([0; DIGEST.end - DIGEST.start]);
    hasher.update(&image[DIGEST.end..CRC.start]);
    hasher.update([0; CRC.end - CRC.start]);
    hasher.update(&image[CRC.end..]);
    hasher.finalize().into()
}
