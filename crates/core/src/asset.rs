//! What a participant owns.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::AddrRange;

/// The kinds of asset, by the names that inventories and hits use.
///
/// # Example
///
/// ```
/// use feedsieve_core::{AssetKind, Inventory};
/// // Where the column is empty, the value tells; it never tells a keyword.
/// let csv = "\
/// participant,kind,value
/// A,,@hospital.example
/// A,,192.0.2.0-192.0.2.255
/// A,,lab.hospital.example
/// ";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let kinds: Vec<_> = inventory.assets().iter().map(|asset| asset.kind).collect();
/// assert_eq!(kinds, [AssetKind::EmailDomain, AssetKind::Range, AssetKind::Domain]);
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AssetKind {
    /// A prefix, or one address: concerned by every overlapping indicator.
    Prefix,
    /// A range of addresses: concerned by every overlapping indicator.
    Range,
    /// A name and every name under it, in hosts, URLs and mail addresses.
    Domain,
    /// That name only.
    DomainExact,
    /// Mail addresses at that name or under it, nothing else.
    EmailDomain,
    /// That mail address, whatever its case.
    Email,
    /// That text between word borders; searched on request only.
    Keyword,
}

impl AssetKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Prefix,
        Self::Range,
        Self::Domain,
        Self::DomainExact,
        Self::EmailDomain,
        Self::Email,
        Self::Keyword,
    ];

    /// The name in inventories and hits.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Range => "range",
            Self::Domain => "domain",
            Self::DomainExact => "domain_exact",
            Self::EmailDomain => "email_domain",
            Self::Email => "email",
            Self::Keyword => "keyword",
        }
    }
}

impl fmt::Display for AssetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The value of an asset in canonical form.
///
/// # Example
///
/// ```
/// # use feedsieve_core::Inventory;
/// let csv = "\
/// participant,kind,value
/// A,prefix,192.0.2.7
/// A,range,2001:db8::-2001:db8::1:0
/// A,domain,M\u{fc}nchen.example.
/// ";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let values: Vec<_> = inventory.assets().iter().map(|asset| asset.value.to_string()).collect();
/// assert_eq!(values, ["192.0.2.7/32", "2001:db8::-2001:db8::1:0", "xn--mnchen-3ya.example"]);
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetValue {
    /// For [`AssetKind::Prefix`] (always aligned) and [`AssetKind::Range`].
    Addrs(AddrRange),
    /// For the three kinds of name, as [`canonical_name`](crate::canonical_name) writes it.
    Name(String),
    /// For [`AssetKind::Email`], as [`canonical_mail`](crate::canonical_mail) writes it.
    Mail(String),
    /// For [`AssetKind::Keyword`], as [`canonical_keyword`](crate::canonical_keyword) writes it.
    Keyword(String),
}

/// The canonical text: a prefix with its length, a range as `a-b` unless it is a prefix too.
impl fmt::Display for AssetValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addrs(range) => range.fmt(f),
            Self::Name(text) | Self::Mail(text) | Self::Keyword(text) => f.write_str(text),
        }
    }
}

/// One thing that a participant owns.
///
/// # Example
///
/// ```
/// use feedsieve_core::{Asset, AssetKind, AssetValue, canonical_name};
/// # use feedsieve_core::{compile, Image, Inventory, Limits};
/// // An asset that is from no file; its value has to be canonical.
/// let value = AssetValue::Name(canonical_name("Lab.Hospital.example.")?);
/// let (participant, kind) = ("A".to_owned(), AssetKind::Domain);
/// let mut inventory = Inventory::default();
/// inventory.push(Asset { participant, group: None, kind, value, label: None });
/// let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// assert_eq!(image.lookup_name("www.LAB.hospital.example").count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asset {
    /// The participant's id.
    pub participant: String,
    /// Through whom the participant is reached: a sector CERT, an ISAC.
    pub group: Option<String>,
    /// What the asset is.
    pub kind: AssetKind,
    /// Its value.
    pub value: AssetValue,
    /// What the participant calls it.
    pub label: Option<String>,
}
