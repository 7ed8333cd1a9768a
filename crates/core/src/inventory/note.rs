//! What was put right in a row, or is odd about it, although it was loaded.

use std::fmt;

/// Something about a loaded row that a person may want to look at.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{Inventory, NoteKind};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.5/24\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let note = &inventory.notes()[0];
/// assert_eq!((note.line, note.column, note.kind), (2, 10, NoteKind::HostBits));
/// assert_eq!(inventory.assets()[0].value.to_string(), "192.0.2.0/24");
/// assert!(note.to_string().starts_with("2:10: prefix 192.0.2.5/24 has host bits set"));
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Note {
    /// The physical line, from 1.
    pub line: u64,
    /// The column in characters, from 1; that of the row where the notation does not tell more.
    pub column: u64,
    /// What it is about.
    pub kind: NoteKind,
    /// The whole note as one phrase, safe to print.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.text)
    }
}

/// What a [`Note`] is about.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{Inventory, NoteKind};
/// // One row may have several; each was put right.
/// let csv = "participant,kind,value\nA,domain,*.Hospital.example.\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let mut kinds: Vec<_> = inventory.notes().iter().map(|note| note.kind).collect();
/// kinds.sort();
/// assert_eq!(kinds, [NoteKind::UpperCase, NoteKind::TrailingDot, NoteKind::Wildcard]);
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum NoteKind {
    /// A prefix had host bits set.
    HostBits,
    /// An address without a length was read as a /32 or a /128.
    NoLength,
    /// A netmask stood in place of a length.
    Netmask,
    /// IPv4-mapped IPv6 was read as IPv4.
    Mapped,
    /// An IPv6 address was not in its shortest form (RFC 5952).
    LongIpv6,
    /// There were upper case letters.
    UpperCase,
    /// A name ended in the root dot.
    TrailingDot,
    /// A name began with `*.`.
    Wildcard,
    /// A name began with `@`.
    LeadingAt,
    /// A name began with a dot.
    LeadingDot,
    /// There were blanks round the dash of a range.
    BlanksInRange,
    /// There were blanks round the value.
    SurroundingBlanks,
    /// A name was not all ASCII and was turned into A-labels.
    ULabel,
    /// A name was written in A-labels.
    ALabel,
    /// A mail address has a quoted local part: legal and rare.
    QuotedLocal,
    /// A name is a public suffix of the private section, such as a hoster's.
    PrivateSuffix,
    /// A public suffix, or a prefix or range beyond the limits, was loaded for the reason given.
    Accepted,
    /// The participant has the same asset in an earlier row; it was loaded once.
    Duplicate,
    /// The participant's id differs from another in case only.
    ParticipantCase,
    /// A quoted field of a CSV row holds line breaks: perhaps its quote was left open.
    ManyLines,
}

impl NoteKind {
    /// The name of the kind, as in `host-bits`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HostBits => "host-bits",
            Self::NoLength => "no-length",
            Self::Netmask => "netmask",
            Self::Mapped => "v4-mapped",
            Self::LongIpv6 => "long-ipv6",
            Self::UpperCase => "upper-case",
            Self::TrailingDot => "trailing-dot",
            Self::Wildcard => "wildcard",
            Self::LeadingAt => "leading-at",
            Self::LeadingDot => "leading-dot",
            Self::BlanksInRange => "blanks-in-range",
            Self::SurroundingBlanks => "surrounding-blanks",
            Self::ULabel => "u-label",
            Self::ALabel => "a-label",
            Self::QuotedLocal => "quoted-local-part",
            Self::PrivateSuffix => "private-suffix",
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::ParticipantCase => "participant-case",
            Self::ManyLines => "many-lines",
        }
    }

    /// What is said of the value, as in `domain hospital.example. ends in a dot`.
    pub(super) const fn phrase(self) -> &'static str {
        match self {
            Self::HostBits => "has host bits set",
            Self::NoLength => "has no length",
            Self::Netmask => "has a netmask in place of a length",
            Self::Mapped => "is IPv4-mapped IPv6",
            Self::LongIpv6 => "is not in its shortest form",
            Self::UpperCase => "has upper case letters",
            Self::TrailingDot => "ends in a dot",
            Self::Wildcard => "begins with *.",
            Self::LeadingAt => "begins with @",
            Self::LeadingDot => "begins with a dot",
            Self::BlanksInRange => "has blanks round its dash",
            Self::SurroundingBlanks => "has blanks round it",
            Self::ULabel => "is not all ASCII",
            Self::ALabel => "is written in A-labels",
            Self::QuotedLocal => "has a quoted local part",
            Self::PrivateSuffix => "is a private public suffix: others have names under it",
            Self::Accepted => "is broader than the limits allow",
            Self::Duplicate => "stands in an earlier row too",
            Self::ParticipantCase => "differs from another id in case only",
            Self::ManyLines => "runs over several lines",
        }
    }
}
