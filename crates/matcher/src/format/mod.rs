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
mod meaning;
mod misp;
mod ndjson;
mod octets;
mod outline;
mod p2p;
mod pair;
mod place;
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

pub(crate) use copy::Copied;
pub(crate) use csv::{Csv, Quoted};
pub(crate) use meaning::{Meaning, is_secret};
pub(crate) use pair::Joined;
pub(crate) use place::{Place, Surroundings, Within};
pub(crate) use rpz::Zone;
pub(crate) use sniff::sniff;

use crate::document::Shape;
use crate::facts::{Neighbours, Object};
use crate::fields::UnknownField;
use crate::find::Search;

/// A notation of feeds.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Format, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\nB,domain,lab.hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// // In a filter list a name stands for all under it, in running text for itself.
/// let feed = b"||hospital.example^\n";
/// let mut none = SinkFn(|_: &Hit<'_>| true);
/// let scanner = Scanner::new(&image).format(Format::Adblock);
/// let stats = scanner.scan(Source::slice("feed", feed), &mut none)?;
/// assert_eq!(stats.participants.len(), 2);
/// let scanner = Scanner::new(&image).format(Format::Text);
/// assert_eq!(scanner.scan(Source::slice("feed", feed), &mut none)?.participants.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
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
        match self.format {
            Format::Rpz => self.zone.hidden(search, positions),
            Format::Suricata => octets::hidden(search, positions),
            _ => {}
        }
    }
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
