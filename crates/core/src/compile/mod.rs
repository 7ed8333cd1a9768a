//! Turns an inventory into an image: the same bytes for the same assets in any order.
//!
//! `distinct` sorts out who owns what with the help of `ordered`, `prefixes`, `names`, `mails` and `keywords` each
//! build the sections that the file of the same name under `image` reads, and
//! `writer` puts the sections together.

mod blocks;
mod distinct;
mod keywords;
mod mails;
mod names;
mod ordered;
mod prefixes;
mod table;
mod writer;

use zerocopy::little_endian::{U32, U64};

use crate::Inventory;
use crate::image::format::{MAX_INDEXES, MAX_KEYWORDS, Meta, NONE, Section};
use distinct::Distinct;
use writer::Writer;

/// How much a compiled image may hold; beyond it `compile` gives an error instead of an image.
///
/// From a configuration, what is left out has its default, and a name that is none is an error.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Inventory, Limits};
/// let limits = Limits::default().with_assets(1);
/// let csv = "participant,kind,value\nA,domain,hospital.example\nA,prefix,192.0.2.0/24\n";
/// let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// assert!(compile(&inventory, &limits).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Different assets. The format counts in 31 bits; the default leaves room for
    /// what ranges add.
    pub assets: usize,
    /// Keywords; a search for them is built in memory, some hundred bytes for each. No image
    /// holds more than the default.
    pub keywords: usize,
    /// Bytes of ids, groups, labels, names, mail addresses and keywords together; the format
    /// counts in 32 bits.
    pub text_bytes: usize,
    /// Prefixes and ranges of one family, after ranges that others overlap in part were cut into
    /// prefixes.
    pub prefixes: usize,
}

impl Limits {
    /// The same with so many different assets at most.
    #[must_use]
    pub const fn with_assets(mut self, assets: usize) -> Self {
        self.assets = assets;
        self
    }

    /// The same with so many keywords at most.
    #[must_use]
    pub const fn with_keywords(mut self, keywords: usize) -> Self {
        self.keywords = keywords;
        self
    }

    /// The same with so many bytes of text at most.
    #[must_use]
    pub const fn with_text_bytes(mut self, text_bytes: usize) -> Self {
        self.text_bytes = text_bytes;
        self
    }

    /// The same with so many prefixes of one family at most.
    #[must_use]
    pub const fn with_prefixes(mut self, prefixes: usize) -> Self {
        self.prefixes = prefixes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            assets: 1 << 28,
            keywords: MAX_KEYWORDS,
            text_bytes: u32::MAX as usize,
            prefixes: 1 << 30,
        }
    }
}

/// Why an inventory was not compiled.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, CompileError, Inventory, Limits};
/// let csv = "participant,kind,value\nA,domain,hospital.example\nA,prefix,192.0.2.0/24\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let error = compile(&inventory, &Limits::default().with_assets(1)).unwrap_err();
/// assert!(matches!(error, CompileError::Limit { found: 2, limit: 1, .. }));
/// assert_eq!(
///     error.to_string(),
///     "the inventory has 2 assets, and the limit is 1; split it or raise the limit"
/// );
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// A limit is exceeded.
    #[error(
        "the inventory has {found} {what}, and the limit is {limit}; split it or raise the limit"
    )]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much there may be.
        limit: usize,
    },
    /// Names or mail addresses whose hashes collide under every seed that was tried.
    #[error("the inventory's {what} were made to collide; remove what does not belong to it")]
    Collisions {
        /// Names or mail addresses.
        what: &'static str,
    },
}

impl CompileError {
    fn check(what: &'static str, found: usize, limit: usize) -> Result<(), Self> {
        if found > limit { Err(Self::Limit { what, found, limit }) } else { Ok(()) }
    }
}

/// Compiles an inventory into the bytes of an image.
///
/// Sorts the assets, so the cost is that of sorting. Participants without
/// assets are not in the image.
///
/// # Errors
///
/// [`CompileError`] where one of `limits` is exceeded, and where names or mail addresses were made
/// to collide.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Image, Inventory, Limits};
/// let rows = "participant,kind,value\nA,domain,hospital.example\nB,prefix,192.0.2.0/24\n";
/// let shuffled = "participant,kind,value\nB,prefix,192.0.2.0/24\nA,domain,hospital.example\n";
/// let bytes = |rows: &str| -> Result<_, Box<dyn std::error::Error>> {
///     Ok(compile(&Inventory::from_csv(rows.as_bytes())?.0, &Limits::default())?)
/// };
/// assert_eq!(bytes(rows)?, bytes(shuffled)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compile(inventory: &Inventory, limits: &Limits) -> Result<Vec<u8>, CompileError> {
    CompileError::check("rows", inventory.assets().len(), MAX_INDEXES)?;
    let distinct = Distinct::of(inventory);
    CompileError::check("assets", distinct.assets.len(), limits.assets.min(MAX_INDEXES))?;
    let mut writer = Writer::default();
    let mut text = Vec::new();

    // Where each asset's value stands in the section of its kind.
    let mut values = vec![NONE; distinct.assets.len()];
    distinct.write(&mut writer, &mut text);
    let names = names::write(&distinct, &mut writer, &mut text, &mut values)?;
    let mail_seed = mails::write(&distinct, &mut writer, &mut text, &mut values)?;
    keywords::write(&distinct, limits, &mut writer, &mut text, &mut values)?;
    blocks::write(&distinct, &mut writer);
    prefixes::write::<u32>(&distinct, limits, &mut writer, &mut values)?;
    prefixes::write::<u128>(&distinct, limits, &mut writer, &mut values)?;
    CompileError::check("bytes of text", text.len(), limits.text_bytes)?;
    writer.section(Section::Text, text);
    distinct.write_assets(&mut writer, &values);
    let meta = Meta {
        name_seed: U64::new(names.seed),
        mail_seed: U64::new(mail_seed),
        single_label_names: U32::new(names.single_label.into()),
        reserved: U32::ZERO,
    };
    writer.section(Section::Meta, vec![meta]);
    Ok(writer.finish())
}
