//! The notations of feeds: what a format makes of the place where something was found.
//!
//! A format does not part a feed into fields. It is asked, for the few places
//! that matter, where the field around the place begins and ends, what it is
//! called, and what stands in it.

mod adblock;
mod bind;
mod copy;
mod credentials;
mod csv;
mod dnsmasq;
mod header;
mod hosts;
mod line;
mod list;
mod marks;
mod misp;
mod ndjson;
mod outline;
mod p2p;
mod pair;
mod rbldnsd;
mod rpz;
mod sniff;
mod stix;
mod suricata;
mod text;
mod unbound;
mod zeek;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub(crate) use copy::Copied;
pub(crate) use csv::{Csv, Quoted};
pub(crate) use pair::Joined;
pub(crate) use rpz::Zone;
pub(crate) use sniff::sniff;

use crate::document::Shape;
use crate::facts::{Neighbours, Object};
use crate::fields::UnknownField;
use crate::find::Search;
use crate::hit::Role;
use crate::reading::{Escapes, Text};

/// A notation of feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Decided from the first 64 KiB.
    #[default]
    Auto,
    /// Lines of running text; no fields, no comments.
    Text,
    /// One indicator a line, and comments behind `#` or `;`.
    List,
    /// Comma or any other separator, with or without a header.
    Csv,
    /// Tab-separated.
    Tsv,
    /// One JSON object a line.
    Ndjson,
    /// A JSON document, pretty-printed or not; a record is an element of its outermost array.
    Json,
    /// STIX 2 bundles and objects.
    Stix,
    /// MISP events, attributes and warninglists.
    Misp,
    /// An address, and the names that it is given.
    Hosts,
    /// Filter lists of ad blockers.
    Adblock,
    /// Options of dnsmasq.
    Dnsmasq,
    /// Options of Unbound.
    Unbound,
    /// Configuration of BIND.
    Bind,
    /// Response policy zones.
    Rpz,
    /// Data sets of rbldnsd.
    Rbldnsd,
    /// Address ranges for peer-to-peer programs.
    P2p,
    /// Logs and intelligence files of Zeek.
    Zeek,
    /// Rules of Suricata and Snort.
    Suricata,
    /// Leaked credentials.
    Credentials,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 20] = [
        Self::Auto,
        Self::Text,
        Self::List,
        Self::Csv,
        Self::Tsv,
        Self::Ndjson,
        Self::Json,
        Self::Stix,
        Self::Misp,
        Self::Hosts,
        Self::Adblock,
        Self::Dnsmasq,
        Self::Unbound,
        Self::Bind,
        Self::Rpz,
        Self::Rbldnsd,
        Self::P2p,
        Self::Zeek,
        Self::Suricata,
        Self::Credentials,
    ];

    /// The name in options and summaries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Text => "text",
            Self::List => "list",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Stix => "stix",
            Self::Misp => "misp",
            Self::Hosts => "hosts",
            Self::Adblock => "adblock",
            Self::Dnsmasq => "dnsmasq",
            Self::Unbound => "unbound",
            Self::Bind => "bind",
            Self::Rpz => "rpz",
            Self::Rbldnsd => "rbldnsd",
            Self::P2p => "p2p",
            Self::Zeek => "zeek",
            Self::Suricata => "suricata",
            Self::Credentials => "credentials",
        }
    }

    /// Whether `#` lines at the start of a feed are a heading; others have comments of their own.
    const fn has_heading(self) -> bool {
        matches!(self, Self::Auto | Self::Text | Self::List | Self::Csv | Self::Tsv)
            || self.is_json()
    }

    /// Whether strings of JSON are its fields.
    pub(crate) const fn is_json(self) -> bool {
        matches!(self, Self::Ndjson) || self.shape().is_some()
    }

    /// Which arrays hold its records, where these are no lines but parts of a document.
    pub(crate) const fn shape(self) -> Option<Shape> {
        match self {
            Self::Json => Some(Shape::Json),
            Self::Stix => Some(Shape::Stix),
            Self::Misp => Some(Shape::Misp),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was decided about a feed from its beginning.
#[derive(Clone, Debug)]
pub(crate) struct Dialect {
    pub(crate) format: Format,
    pub(crate) why: String,
    /// The byte that ends lines: LF, or CR in a feed that has no LF.
    pub(crate) eol: u8,
    /// Bytes of a byte order mark.
    pub(crate) bom: usize,
    /// Where the `#` lines at the start of the feed end.
    pub(crate) heading_end: u64,
    /// For csv, tsv and zeek.
    pub(crate) csv: Option<Csv>,
    /// For rpz.
    pub(crate) zone: Zone,
}

/// The field around a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its bytes, without quotes.
    pub(crate) field: Range<usize>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) escapes: Escapes,
    /// The text that is read in its place, where the notation writes it in an order or in
    /// numbers of its own.
    pub(crate) stands_for: Option<Box<[u8]>>,
    /// The role of all that stands in it, where the format knows.
    pub(crate) role: Option<Role>,
    /// Whether it holds a secret, which is not searched.
    pub(crate) is_secret: bool,
    /// Whether a wildcard in it is no subtree notation, as in a certificate's names.
    pub(crate) is_certificate: bool,
    /// Whether a name in it stands for all under it, though no wildcard says so.
    pub(crate) is_subtree: bool,
    /// Whether the feed allows what stands in it.
    pub(crate) is_exception: bool,
    /// Whether it lists nothing: where blocked names are sent to, options, headings.
    pub(crate) is_no_data: bool,
    /// Whether the record is too long to tell the field.
    pub(crate) is_too_long: bool,
}

impl Place {
    /// A field without a name.
    pub(crate) fn unnamed(field: Range<usize>) -> Self {
        Self {
            field,
            name: None,
            escapes: Escapes::None,
            stands_for: None,
            role: None,
            is_secret: false,
            is_certificate: false,
            is_subtree: false,
            is_exception: false,
            is_no_data: false,
            is_too_long: false,
        }
    }

    fn comment(field: Range<usize>) -> Self {
        Self { role: Some(Role::Comment), ..Self::unnamed(field) }
    }

    fn secret(field: Range<usize>) -> Self {
        Self { is_secret: true, ..Self::unnamed(field) }
    }

    fn no_data(field: Range<usize>) -> Self {
        Self { is_no_data: true, ..Self::unnamed(field) }
    }

    /// A field whose names, the outermost first, say what stands in it.
    fn named(field: Range<usize>, name: Arc<str>, words: &[&str]) -> Self {
        Self::meant(field, name, Meaning::of(words))
    }

    /// The same within what keys above it say.
    pub(crate) fn within(self, about: Meaning) -> Self {
        let Self { role, is_secret, is_certificate, .. } = self;
        let Meaning { role, is_secret, is_certificate } =
            about.with(Meaning { role, is_secret, is_certificate });
        Self { role, is_secret, is_certificate, ..self }
    }

    /// A field of which it is known what stands in it.
    fn meant(field: Range<usize>, name: Arc<str>, meaning: Meaning) -> Self {
        let Meaning { role, is_secret, is_certificate } = meaning;
        Self { name: Some(name), role, is_secret, is_certificate, ..Self::unnamed(field) }
    }
}

/// What the names of a field say of what stands in it; see [`Place`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    role: Option<Role>,
    is_secret: bool,
    is_certificate: bool,
}

impl Meaning {
    fn of(words: &[&str]) -> Self {
        Self {
            role: role_of(words),
            is_secret: words.iter().any(|word| is_secret(word)),
            is_certificate: words.iter().any(|word| is_certificate(word)),
        }
    }

    /// What a key of JSON says, as it is written.
    pub(crate) fn of_key(raw: &[u8]) -> Self {
        // Those that documents are made of say nothing, and a bundle may hold thousands of them.
        if matches!(raw, b"" | b"Event" | b"Object" | b"Attribute" | b"objects" | b"list") {
            return Self::default();
        }
        let mut text = Text::default();
        text.unescape_json(raw);
        Self::of(&[&String::from_utf8_lossy(&text.bytes)])
    }

    /// What further names say as well.
    pub(crate) fn with(self, further: Self) -> Self {
        let roles = [self.role, further.role];
        let is_reference = roles.contains(&Some(Role::Reference));
        Self {
            role: if is_reference { Some(Role::Reference) } else { self.role.or(further.role) },
            is_secret: self.is_secret || further.is_secret,
            is_certificate: self.is_certificate || further.is_certificate,
        }
    }
}

/// Where a place stands.
pub(crate) struct Surroundings<'h> {
    pub(crate) haystack: &'h [u8],
    /// The record, as far as 64 KiB to either side of the place.
    pub(crate) record: Range<usize>,
    /// Whether the record begins where `record` does.
    pub(crate) begins: bool,
    /// Whether it ends there.
    pub(crate) ends: bool,
    /// What it is within, in a document.
    pub(crate) within: Option<Within>,
    pub(crate) at: usize,
}

/// What a record of a JSON document is within.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within {
    /// The byte that ends lines, and strings that nobody closed.
    pub(crate) eol: u8,
    /// Whether the record begins within an object, and so with a key.
    pub(crate) is_member: bool,
    /// What the keys above it say.
    pub(crate) about: Meaning,
}

/// How far the records of a haystack were followed.
///
/// Places ascend, and a record may hold thousands of them: followed from its start for
/// each, a long one would take the square of its length. It never changes what a place is.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    list: list::Followed,
    csv: csv::Followed,
    ndjson: ndjson::Followed,
    pattern: stix::Pattern,
    attribute: misp::Attribute,
    rpz: rpz::Followed,
}

impl Dialect {
    /// The field around a place, or `None` where the format cannot tell.
    ///
    /// Cheap where places ascend and share what was `followed`.
    pub(crate) fn place(
        &self,
        around: &Surroundings<'_>,
        followed: &mut Followed,
    ) -> Option<Place> {
        match (self.format, &self.csv) {
            (Format::List, _) => list::place(around, &mut followed.list),
            (Format::Ndjson | Format::Json, _) => ndjson::place(around, &mut followed.ndjson),
            (Format::Stix, _) => stix::place(around, followed),
            (Format::Misp, _) => misp::place(around, followed),
            (Format::Hosts, _) => hosts::place(around),
            (Format::Adblock, _) => adblock::place(around),
            (Format::Dnsmasq, _) => dnsmasq::place(around),
            (Format::Unbound, _) => unbound::place(around),
            (Format::Bind, _) => bind::place(around),
            (Format::Rpz, _) => self.zone.place(around, &mut followed.rpz, self.eol),
            (Format::Rbldnsd, _) => rbldnsd::place(around),
            (Format::P2p, _) => p2p::place(around),
            (Format::Suricata, _) => suricata::place(around),
            (Format::Credentials, _) => Some(credentials::place(around)),
            (Format::Zeek, Some(csv)) => zeek::place(csv, around, &mut followed.csv, self.eol),
            (_, Some(csv)) => csv.place(around, &mut followed.csv, self.eol),
            _ => Some(text::place(around)),
        }
    }

    /// Whether a feed has fields of this name, as far as its beginning tells.
    pub(crate) fn check_field(&self, name: &str) -> Result<(), UnknownField> {
        let (is_known, known) = match (self.format, &self.csv) {
            (format, _) if format.is_json() => {
                (name.is_empty() || name.starts_with('/'), vec![format!("/{name}")])
            }
            (_, Some(csv)) => (csv.column(name).is_some(), csv.column_names()),
            _ => (false, Vec::new()),
        };
        if is_known { Ok(()) } else { Err(UnknownField { name: name.to_owned(), known }) }
    }

    /// Whether only the records tell which fields there are.
    pub(crate) fn finds_fields_late(&self) -> bool {
        self.format.is_json()
    }

    /// Whether the feed has two columns that make one indicator.
    pub(crate) fn has_pair(&self) -> bool {
        self.csv.as_ref().is_some_and(|csv| csv.pair.is_some())
    }

    /// What these two columns of a record say together.
    pub(crate) fn joined(&self, haystack: &[u8], record: &Range<usize>) -> Option<Joined> {
        let csv = self.csv.as_ref()?;
        csv.pair?.joined(csv, haystack, record, self.eol)
    }

    /// What stands beside one another in a record, for formats whose fields have names.
    pub(crate) fn neighbours<'r>(&self, record: &'r [u8]) -> Option<Neighbours<'r>> {
        match (self.format, &self.csv) {
            (format, _) if format.is_json() => Object::parse(record).map(Neighbours::Object),
            (Format::Zeek, Some(csv)) => Some(Neighbours::Row(zeek::row(csv, record, self.eol))),
            (_, Some(csv)) => Some(Neighbours::Row(csv.row(record, self.eol, <[u8]>::len))),
            _ => None,
        }
    }

    /// Whether a column holds secrets.
    pub(crate) fn has_secrets(&self) -> bool {
        self.csv.as_ref().is_some_and(Csv::has_secrets)
    }

    /// Pushes the places of what the format hides, so that the finder cannot see it in raw bytes.
    pub(crate) fn hidden(&self, search: &Search<'_>, positions: &mut Vec<usize>) {
        if self.format == Format::Rpz {
            self.zone.hidden(search, positions);
        }
    }
}

/// A name's parts, parted by anything but letters and digits.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty())
}

/// Whether the name of a column or a key says that a secret stands there.
pub(crate) fn is_secret(name: &str) -> bool {
    const SECRETS: [&str; 11] = [
        "password",
        "passwd",
        "passwort",
        "wachtwoord",
        "pass",
        "pwd",
        "pw",
        "hash",
        "token",
        "cookie",
        "secret",
    ];
    parts(name).any(|part| SECRETS.iter().any(|secret| part.eq_ignore_ascii_case(secret)))
}

fn has_part(name: &str, words: &[&str]) -> bool {
    parts(name).any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

fn is_certificate(name: &str) -> bool {
    const CERTIFICATES: [&str; 9] =
        ["cert", "certs", "certificate", "certificates", "san", "sans", "subject", "issuer", "cn"];
    has_part(name, &CERTIFICATES) || name.to_ascii_lowercase().contains("common_name")
}

/// Of a reference all is a reference, of a version only what may be one.
fn role_of(names: &[&str]) -> Option<Role> {
    const REFERENCES: [&str; 4] = ["reporter", "tweet", "reference", "references"];
    let is_reference = names.iter().any(|name| has_part(name, &REFERENCES));
    let is_version = || names.iter().any(|name| is_version(name));
    match is_reference {
        true => Some(Role::Reference),
        false => is_version().then_some(Role::Version),
    }
}

fn is_version(name: &str) -> bool {
    const VERSIONS: [&str; 4] = ["version", "versions", "ver", "ua"];
    // `User-Agent`, `http_user_agent`, `userAgent`; an `agent.ip` is an address.
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    has_part(name, &VERSIONS) || letters.to_ascii_lowercase().contains("useragent")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in no order, the same in each run.
    fn draw(state: &mut u64, below: usize) -> usize {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state % below as u64) as usize
    }

    #[test]
    fn what_was_followed_changes_no_place() {
        const PARTS: [&str; 14] =
            ["\"", "\"", "\"\"", "\\", "\\\"", ",", ",", ":", "{", "[", "]", " ", "a", "#"];
        let csv = Csv {
            separator: b',',
            quotes: true,
            skips_blanks: false,
            header: Vec::new(),
            pair: None,
        };
        let blank = Csv { skips_blanks: true, ..csv.clone() };
        let dialects = [
            (Format::List, None),
            (Format::Ndjson, None),
            (Format::Csv, Some(csv)),
            (Format::Csv, Some(blank)),
        ]
        .map(|(format, csv)| Dialect {
            format,
            why: String::new(),
            eol: b'\n',
            bom: 0,
            heading_end: 0,
            csv,
            zone: Zone::default(),
        });
        let mut state = 1;
        for case in 0..60_000 {
            let dialect = &dialects[case % dialects.len()];
            let count = 1 + draw(&mut state, 24);
            let line: String = (0..count).map(|_| PARTS[draw(&mut state, PARTS.len())]).collect();
            let reach = 1 + draw(&mut state, 2 * line.len());
            let mut followed = Followed::default();
            for at in 0..line.len() {
                if draw(&mut state, 3) == 0 {
                    continue;
                }
                let start = at.saturating_sub(reach);
                let end = line.len().min(at + reach);
                let around = Surroundings {
                    haystack: line.as_bytes(),
                    record: start..end,
                    begins: start == 0,
                    ends: end == line.len(),
                    within: None,
                    at,
                };
                let alone = dialect.place(&around, &mut Followed::default());
                assert_eq!(
                    dialect.place(&around, &mut followed),
                    alone,
                    "{} {line:?} at {at} within {reach}",
                    dialect.format
                );
            }
        }
    }
}
