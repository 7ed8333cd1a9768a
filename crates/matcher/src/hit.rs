//! What a scan reports: a record in which an indicator concerns an asset.

mod json;
mod serialized;

use std::fmt;
use std::sync::Arc;

use feedsieve_core::{AssetKind, IndicatorKind, Relation};
use serde::{Deserialize, Serialize};

/// Where in a record the evidence stood.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Role, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = b"hospital.example\nhttp://hospital.example/x\nsee hospital.example\n";
/// let mut told = Vec::new();
/// let mut sink = SinkFn(|hit: &Hit<'_>| {
///     told.push(hit.role);
///     true
/// });
/// let stats = Scanner::new(&image).scan(Source::slice("feed", feed), &mut sink)?;
/// assert_eq!(told, [Role::Indicator, Role::UrlHost, Role::Text]);
/// # assert!(stats.is_complete());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// The whole field or line.
    Indicator,
    /// The host of a URL.
    UrlHost,
    /// A mail address.
    Email,
    /// A mail address in the path, query or fragment of a URL.
    UrlEmail,
    /// A reverse name: in-addr.arpa, ip6.arpa.
    Rdns,
    /// In running text.
    Text,
    /// Before the `@` of a URL's authority.
    Userinfo,
    /// In the path of a URL.
    UrlPath,
    /// In the query or fragment of a URL.
    UrlQuery,
    /// In a comment of the feed.
    Comment,
    /// The number in `Product/4.3.2.1`, and columns of versions and user agents.
    Version,
    /// Where a report says that something came from.
    Reference,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 12] = [
        Self::Indicator,
        Self::UrlHost,
        Self::Email,
        Self::UrlEmail,
        Self::Rdns,
        Self::Text,
        Self::Userinfo,
        Self::UrlPath,
        Self::UrlQuery,
        Self::Comment,
        Self::Version,
        Self::Reference,
    ];

    /// The name in hits and options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Indicator => "indicator",
            Self::UrlHost => "url-host",
            Self::Email => "email",
            Self::UrlEmail => "url-email",
            Self::Rdns => "rdns",
            Self::Text => "text",
            Self::Userinfo => "userinfo",
            Self::UrlPath => "url-path",
            Self::UrlQuery => "url-query",
            Self::Comment => "comment",
            Self::Version => "version",
            Self::Reference => "reference",
        }
    }

    /// Whether evidence in this role is a hit unless the options say otherwise.
    #[must_use]
    pub const fn is_on_by_default(self) -> bool {
        matches!(
            self,
            Self::Indicator
                | Self::UrlHost
                | Self::Email
                | Self::UrlEmail
                | Self::Rdns
                | Self::Text
        )
    }
}

/// A set of roles.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Role, Roles, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = b"http://evil.example/?next=hospital.example\n";
/// let mut none = SinkFn(|_: &Hit<'_>| true);
/// let stats = Scanner::new(&image).scan(Source::slice("feed", feed), &mut none)?;
/// assert_eq!((stats.hits, stats.suppressed[&Role::UrlQuery]), (0, 1));
/// let scanner = Scanner::new(&image).roles(Roles::of([Role::UrlQuery]));
/// assert_eq!(scanner.scan(Source::slice("feed", feed), &mut none)?.hits, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles(u16);

impl Roles {
    /// Every role.
    pub const ALL: Self = Self(u16::MAX);

    /// Exactly these roles.
    #[must_use]
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        Self(roles.into_iter().fold(0, |bits, role| bits | 1 << role as u16))
    }

    /// Whether `role` is in the set.
    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 >> role as u16 & 1 == 1
    }
}

/// The roles that are hits unless the options say otherwise.
impl Default for Roles {
    fn default() -> Self {
        Self::of(Role::ALL.into_iter().filter(|role| role.is_on_by_default()))
    }
}

/// On which side of what a record tells the evidence stood, where the field's name says so.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, Side, SinkFn, Source};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = b"src_ip,dst_ip\n192.0.2.7,198.51.100.1\n198.51.100.1,192.0.2.8\n";
/// let mut told = Vec::new();
/// let mut sink = SinkFn(|hit: &Hit<'_>| {
///     told.push(hit.side);
///     true
/// });
/// let stats = Scanner::new(&image).scan(Source::slice("feed", feed), &mut sink)?;
/// assert_eq!(told, [Some(Side::Source), Some(Side::Destination)]);
/// # assert!(stats.is_complete());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Side {
    /// Where it came from.
    Source,
    /// Where it went to.
    Destination,
    /// What only stands by, such as a resolver or what referred to something.
    Context,
}

impl Side {
    /// Every side.
    pub const ALL: [Self; 3] = [Self::Source, Self::Destination, Self::Context];

    /// The name in hits.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Destination => "destination",
            Self::Context => "context",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was odd about the evidence.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Flags, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = "www[.]hospital[.]example\nhospital.\u{200b}example\nhospital.example\n";
/// let mut told = Vec::new();
/// let mut sink = SinkFn(|hit: &Hit<'_>| {
///     told.push(hit.flags);
///     true
/// });
/// let stats = Scanner::new(&image).scan(Source::slice("feed", feed.as_bytes()), &mut sink)?;
/// assert_eq!(told, [Flags::DEFANGED, Flags::INVISIBLE, Flags::NONE]);
/// let both = Flags::DEFANGED.with(Flags::LATIN1);
/// assert_eq!(both.names().collect::<Vec<_>>(), ["defanged", "latin1"]);
/// # assert!(stats.is_complete());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flags(u16);

impl Flags {
    /// Written so that no program follows it, as in `hospital[.]example`.
    pub const DEFANGED: Self = Self(1);
    /// A prefix with host bits set.
    pub const HOST_BITS: Self = Self(1 << 1);
    /// An IPv4 address within an IPv6 address (RFC 4291, section 2.5.5.2).
    pub const V4_MAPPED: Self = Self(1 << 2);
    /// Characters inside a name that nobody sees.
    pub const INVISIBLE: Self = Self(1 << 3);
    /// An address as a number that only browsers read (WHATWG URL).
    pub const OBFUSCATED: Self = Self(1 << 4);
    /// Not UTF-8, and read as Windows-1252.
    pub const LATIN1: Self = Self(1 << 5);
    /// Bytes that are no text were replaced by U+FFFD.
    pub const LOSSY: Self = Self(1 << 6);
    /// The record is too long to tell the field.
    pub const LONG_RECORD: Self = Self(1 << 7);

    /// A time without a zone, taken for UTC.
    pub const TZ_ASSUMED: Self = Self(1 << 8);

    /// Nothing odd.
    pub const NONE: Self = Self(0);

    const NAMES: [&'static str; 9] = [
        "defanged",
        "host-bits",
        "v4-mapped",
        "invisible",
        "obfuscated",
        "latin1",
        "lossy",
        "long-record",
        "tz-assumed",
    ];

    /// Both sets of flags.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// `self` without those of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// `self` where `holds`, else nothing.
    #[must_use]
    pub const fn when(self, holds: bool) -> Self {
        if holds { self } else { Self(0) }
    }

    /// Whether all of `other` are set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether nothing was odd.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names of the flags that are set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .enumerate()
            .filter(move |(bit, _)| self.0 >> bit & 1 == 1)
            .map(|f| f.1)
    }
}

/// Further evidence for the same participant and asset in the same record.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let feed = b"see www.hospital.example and http://hospital.example/\n";
/// let mut told = Vec::new();
/// let mut sink = SinkFn(|hit: &Hit<'_>| {
///     told.push((hit.at, hit.also[0].at, hit.also[0].role.name()));
///     true
/// });
/// let stats = Scanner::new(&image).scan(Source::slice("feed", feed), &mut sink)?;
/// assert_eq!((told, stats.hits), (vec![(4, 36, "url-host")], 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Also<'a> {
    /// Offset of its first byte in the feed.
    pub at: u64,
    /// The field it stood in.
    pub field: Option<&'a str>,
    /// Where it stood.
    pub role: Role,
    /// In canonical form.
    pub indicator: &'a str,
    /// How it lies to the asset.
    pub relation: Relation,
}

/// A record in which an indicator concerns an asset of a participant.
///
/// There is one for each record, participant and asset. The evidence with the
/// lowest offset stands at the top level, further evidence in `also`.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\nB,prefix,192.0.2.7/32\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// // One record, two assets: two hits, the most specific first.
/// let mut told = Vec::new();
/// let mut sink = SinkFn(|hit: &Hit<'_>| {
///     told.push((hit.line, hit.participant.to_owned(), hit.port));
///     true
/// });
/// let stats = Scanner::new(&image).scan(Source::slice("feed", b"\n192.0.2.7:443\n"), &mut sink)?;
/// assert_eq!(told, [(2, "B".to_owned(), Some(443)), (2, "A".to_owned(), Some(443))]);
/// # assert!(stats.is_complete());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hit<'a> {
    /// The feed, as it was named.
    pub feed: &'a str,
    /// The physical line on which the record begins, from 1.
    pub line: u64,
    /// Offset of the record's first byte.
    pub offset: u64,
    /// Bytes of the record without its line end.
    pub length: u64,
    /// Offset of the evidence's first byte.
    pub at: u64,
    /// The header name of the column (`colN` without a header), the JSON pointer, or none.
    pub field: Option<&'a str>,
    /// Where the evidence stood.
    pub role: Role,
    /// What the indicator is.
    pub kind: IndicatorKind,
    /// The indicator in canonical form.
    pub indicator: &'a str,
    /// The indicator as it was written, where that differs by more than case.
    pub raw: Option<&'a str>,
    /// How it lies to the asset.
    pub relation: Relation,
    /// The participant's id.
    pub participant: &'a str,
    /// Through whom the participant is reached.
    pub group: Option<&'a str>,
    /// The asset in canonical form.
    pub asset: &'a str,
    /// What the asset is.
    pub asset_kind: AssetKind,
    /// What the participant calls the asset.
    pub label: Option<&'a str>,
    /// When it was seen (RFC 3339, UTC), from the fields beside the evidence.
    pub time: Option<&'a str>,
    /// The port behind an address or in a URL, or else in the field beside it.
    pub port: Option<u16>,
    /// The protocol in lower case, from the fields beside the evidence.
    pub protocol: Option<&'a str>,
    /// What the record says that it is, from the fields beside the evidence.
    pub tag: Option<&'a str>,
    /// On which side it stood.
    pub side: Option<Side>,
    /// What was odd.
    pub flags: Flags,
    /// Further evidence, at most [`also`](crate::ScanLimits::also).
    pub also: &'a [Also<'a>],
    /// How much further evidence there is.
    pub also_count: u64,
    /// The fields of the record that were asked for ([`Scanner::keep`](crate::Scanner::keep)) and
    /// that it has, with their text; what is no string in JSON is JSON.
    pub data: &'a [(Arc<str>, String)],
    /// The URL that it is the host of, where it was asked for
    /// ([`Scanner::with_url`](crate::Scanner::with_url)).
    pub url: Option<&'a str>,
    /// The record, where it was asked for ([`Scanner::with_record`](crate::Scanner::with_record)).
    pub record: Option<&'a str>,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
