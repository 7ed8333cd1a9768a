//! Two columns that make one indicator: first and last address, or network and length or mask.
//!
//! Hides what it stands for: the first and the last address of a range may lie outside every asset
//! that the range holds. So what the rows of such feeds say is looked up before anything is read.

use std::net::IpAddr;
use std::ops::Range;

use feedsieve_core::AddrRange;
use ipnet::{IpNet, Ipv4Net};

use super::csv::{Column, Csv, Followed};

/// The columns, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    first: usize,
    second: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The first and the last address.
    Ends,
    /// The same, or where something came from and went to: a last address before the first.
    FromTo,
    /// An address, and a length or a mask.
    Length,
}

/// What two cells of a record say together.
pub(crate) struct Joined {
    /// The bytes of the first of the two columns, without blanks.
    pub(crate) first: Range<usize>,
    first_addr: IpAddr,
    bound: Bound,
}

#[derive(Clone, Copy)]
enum Bound {
    Last(IpAddr),
    Len(u8),
}

/// Names of the columns of first and last addresses, without what parts their words.
const ENDS: [(&str, &str); 18] = [
    ("start", "end"),
    ("startip", "endip"),
    ("ipstart", "ipend"),
    ("startipaddress", "endipaddress"),
    ("startaddress", "endaddress"),
    ("startaddr", "endaddr"),
    ("rangestart", "rangeend"),
    ("networkstart", "networkend"),
    ("begin", "end"),
    ("beginip", "endip"),
    ("first", "last"),
    ("firstip", "lastip"),
    ("ipfirst", "iplast"),
    ("firstaddress", "lastaddress"),
    ("fromip", "toip"),
    ("ipfrom", "ipto"),
    ("low", "high"),
    ("lowip", "highip"),
];

const NETWORKS: [&str; 8] = [
    "network",
    "networkaddress",
    "netaddress",
    "netblock",
    "subnet",
    "net",
    "prefix",
    "baseaddress",
];

const LENGTHS: [&str; 11] = [
    "prefixlength",
    "prefixlen",
    "masklength",
    "masklen",
    "length",
    "len",
    "netmask",
    "subnetmask",
    "mask",
    "cidr",
    "bits",
];

/// No address is longer, nor any mask.
const MAX_CELL_BYTES: usize = 64;

/// A field with more blanks around is not looked at.
pub(super) const MAX_FIELD_BYTES: usize = 1 << 10;

impl Pair {
    /// The first pair of columns in a header, if there is one.
    pub(super) fn of(header: &[Column]) -> Option<Self> {
        let squeeze = |column: &Column| {
            let letters =
                column.name().chars().filter(|c| c.is_ascii_alphanumeric() || !c.is_ascii());
            letters.collect::<String>().to_ascii_lowercase()
        };
        let names: Vec<String> = header.iter().map(squeeze).collect();
        let column = |name: &str| names.iter().position(|known| known == name);
        let ends = ENDS.iter().find_map(|(first, last)| Some((column(first)?, column(last)?)));
        if let Some((first, second)) = ends {
            return Some(Self { first, second, kind: Kind::Ends });
        }
        if let (Some(first), Some(second)) = (column("from"), column("to"))
            && !header.iter().any(Column::is_of_traffic)
        {
            return Some(Self { first, second, kind: Kind::FromTo });
        }
        let first = NETWORKS.iter().find_map(|name| column(name))?;
        let second = LENGTHS.iter().find_map(|name| column(name))?;
        Some(Self { first, second, kind: Kind::Length })
    }

    /// Whether a column is one of the two.
    pub(super) const fn has(&self, column: usize) -> bool {
        self.first == column || self.second == column
    }

    /// What the two cells of a record say together; `None` where they do not.
    pub(super) fn joined(
        &self,
        csv: &Csv,
        haystack: &[u8],
        record: &Range<usize>,
        eol: u8,
    ) -> Option<Joined> {
        let mut followed = Followed::at(record.start);
        let (mut first, mut second) = (None, None);
        let last_column = self.first.max(self.second);
        for column in 0..=last_column {
            (followed.begin() <= record.end).then_some(())?;
            let (field, next) = csv.field(haystack, &mut followed, record.end, true, eol);
            if self.has(column) {
                (field.len() <= MAX_FIELD_BYTES).then_some(())?;
                let cell = Some(trimmed(haystack, field));
                if column == self.first { first = cell } else { second = cell }
            }
            followed.next(next);
        }
        let (first, second) = (first?, second?);
        let text = |cell: &Range<usize>| {
            (cell.len() <= MAX_CELL_BYTES).then(|| str::from_utf8(&haystack[cell.clone()]).ok())?
        };
        let first_addr: IpAddr = text(&first)?.parse().ok()?;
        let bound = match self.kind {
            Kind::Ends | Kind::FromTo => Bound::Last(text(&second)?.parse().ok()?),
            Kind::Length => Bound::Len(length(text(&second)?, first_addr)?),
        };
        let is_one_family = match bound {
            Bound::Last(last) => last.is_ipv4() == first_addr.is_ipv4(),
            Bound::Len(_) => true,
        };
        let joined = Joined { first, first_addr, bound };
        let is_range = self.kind != Kind::FromTo || joined.range().is_some();
        (is_one_family && is_range).then_some(joined)
    }
}

impl Joined {
    /// The indicator as it is written in one word.
    pub(crate) fn text(&self) -> String {
        match self.bound {
            Bound::Last(last) => format!("{}-{last}", self.first_addr),
            Bound::Len(len) => format!("{}/{len}", self.first_addr),
        }
    }

    /// The addresses; `None` where the last comes before the first.
    pub(crate) fn range(&self) -> Option<AddrRange> {
        let (first, last) = match self.bound {
            Bound::Last(last) => (self.first_addr, last),
            Bound::Len(len) => {
                let net = IpNet::new(self.first_addr, len).ok()?;
                (net.network(), net.broadcast())
            }
        };
        AddrRange::new(first, last).ok().map(AddrRange::unmapped)
    }
}

/// A length, or the mask that stands for one.
fn length(text: &str, addr: IpAddr) -> Option<u8> {
    let most = if addr.is_ipv4() { 32 } else { 128 };
    if text.len() <= 3 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().filter(|len| *len <= most);
    }
    let mask = addr.is_ipv4().then(|| text.parse().ok())??;
    Ipv4Net::with_netmask(std::net::Ipv4Addr::UNSPECIFIED, mask).ok().map(|net| net.prefix_len())
}

/// A field without the blanks around what stands in it.
fn trimmed(haystack: &[u8], field: Range<usize>) -> Range<usize> {
    let text = &haystack[field.clone()];
    let start = field.start + (text.len() - text.trim_ascii_start().len());
    start..start + text.trim_ascii().len()
}
