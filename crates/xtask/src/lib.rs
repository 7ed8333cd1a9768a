//! Feeds and inventories that look real, of any size, the same for the same seed.
//!
//! `cargo xtask gen-feed` writes them to a file; the benchmarks call
//! [`generate`] themselves. A feed is made with an inventory in hand: a chosen
//! share of its records concerns an asset, one in a hundred of the others misses
//! one by little, and the rest meets none. That makes [`Generated::hits`] a truth
//! to check answers against.
//!
//! Names are built from syllables and some belong to somebody. They are for
//! matching and not for visiting.

mod addrs;
mod draw;
mod feed;
mod hostile;
mod inventory;
mod random;
mod targets;
mod text;
mod words;

use std::io::{self, Write};

use draw::Draw;
use feed::Feed;
use targets::Targets;

pub use hostile::Hostile;
pub use inventory::{Asset, draw_prefixes, read_inventory};

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Addresses, one a line; one in ten is IPv6.
    Addrs,
    /// Names, one a line.
    Names,
    /// Names, addresses, URLs, mail addresses and prefixes, one a line.
    Mixed,
    /// CSV as of a Shadowserver report on devices: wide, partly quoted.
    Shadowserver,
    /// Passive DNS in the common output format, as NDJSON.
    Pdns,
    /// An inventory: CSV with the columns `participant`, `kind` and `value`.
    Inventory,
}

impl Kind {
    /// Every kind of feed; an inventory is none.
    pub const FEEDS: [Self; 5] =
        [Self::Addrs, Self::Names, Self::Mixed, Self::Shadowserver, Self::Pdns];

    /// The name, as written on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Addrs => "addrs",
            Self::Names => "names",
            Self::Mixed => "mixed",
            Self::Shadowserver => "shadowserver",
            Self::Pdns => "pdns",
            Self::Inventory => "inventory",
        }
    }
}

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// After this many records, a header not counted.
    Records(u64),
    /// After the record that makes it at least this many bytes.
    Bytes(u64),
}

/// What to write, how much, and from which seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// What to write.
    pub kind: Kind,
    /// When to stop.
    pub size: Size,
    /// The same request and inventory give the same bytes, on every machine.
    pub seed: u64,
    /// The share of records that concern an asset, from 0 to 1.
    pub hits: f64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// Records, a header not counted.
    pub records: u64,
    /// Bytes, a header included.
    pub bytes: u64,
    /// Records that concern an asset: exactly these, where the inventory is in
    /// canonical spelling and owns no whole ending such as `nl`.
    pub hits: u64,
}

/// Writes what is left of the buffer once it has grown past this.
const BUFFER_BYTES: usize = 256 << 10;

/// Writes a feed or an inventory to `out`, in memory that does not grow with it.
///
/// # Errors
///
/// Any error of `out`, and `InvalidInput` where hits are asked for and the
/// inventory holds nothing that a feed of this kind could concern.
///
/// # Example
///
/// ```
/// use xtask::{Kind, Request, Size, generate, read_inventory};
/// let inventory = read_inventory(&b"participant,kind,value\nA,prefix,192.0.2.0/24"[..])?;
/// let request = Request { kind: Kind::Addrs, size: Size::Records(1000), seed: 1, hits: 0.5 };
/// let mut feed = Vec::new();
/// let made = generate(&request, &inventory, &mut feed)?;
/// let inside = feed.split(|&byte| byte == b'\n').filter(|line| line.starts_with(b"192.0.2."));
/// assert_eq!(inside.count() as u64, made.hits);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn generate(
    request: &Request,
    inventory: &[Asset],
    out: &mut impl Write,
) -> io::Result<Generated> {
    let targets = Targets::new(inventory);
    if request.hits > 0.0 && !feed::can_hit(request.kind, &targets) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("a feed of {} can concern no asset of the inventory", request.kind.name()),
        ));
    }
    let draw = Draw::new(request.seed, request.hits, &targets);
    let mut feed = Feed::new(request.kind, draw);
    let mut buffer = Vec::with_capacity(BUFFER_BYTES + 4096);
    buffer.extend_from_slice(feed.header());
    let mut made = Generated::default();
    while match request.size {
        Size::Records(records) => made.records < records,
        Size::Bytes(bytes) => made.bytes + (buffer.len() as u64) < bytes,
    } {
        made.hits += u64::from(feed.push(&mut buffer));
        made.records += 1;
        if buffer.len() >= BUFFER_BYTES {
            out.write_all(&buffer)?;
            made.bytes += buffer.len() as u64;
            buffer.clear();
        }
    }
    out.write_all(&buffer)?;
    out.flush()?;
    made.bytes += buffer.len() as u64;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::Ipv4Addr;

    use super::*;

    fn inventory(count: u64) -> Vec<Asset> {
        let request =
            Request { kind: Kind::Inventory, size: Size::Records(count), seed: 11, hits: 0.0 };
        let mut text = Vec::new();
        generate(&request, &[], &mut text).expect("a Vec takes every write");
        read_inventory(&text[..]).expect("the generator writes CSV")
    }

    fn feed(kind: Kind, records: u64, hits: f64, inventory: &[Asset]) -> (Vec<u8>, Generated) {
        let request = Request { kind, size: Size::Records(records), seed: 5, hits };
        let mut text = Vec::new();
        let made = generate(&request, inventory, &mut text).expect("a Vec takes every write");
        assert_eq!(made.bytes, text.len() as u64);
        (text, made)
    }

    /// The records that were measured yesterday are measured tomorrow.
    ///
    /// A change here makes every figure in the record incomparable with the next.
    #[test]
    fn bytes_of_a_seed_never_change() {
        let inventory = inventory(500);
        let hash = |kind, hits| crc32fast::hash(&feed(kind, 1000, hits, &inventory).0);
        assert_eq!(hash(Kind::Inventory, 0.0), 2_334_857_118);
        let found = Kind::FEEDS.map(|kind| (kind.name(), hash(kind, 0.05)));
        let expected = [
            ("addrs", 3_320_801_470),
            ("names", 4_057_144_033),
            ("mixed", 3_888_639_599),
            ("shadowserver", 2_651_632_366),
            ("pdns", 2_060_311_142),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn every_line_that_meets_the_inventory_was_aimed_at_it() {
        let inventory = inventory(2000);
        let names: HashSet<&str> =
            inventory.iter().filter(|a| a.kind == "domain").map(|a| a.value.as_str()).collect();
        let (text, made) = feed(Kind::Names, 20_000, 0.02, &inventory);
        let meets = |line: &&str| {
            let mut rest = Some(*line);
            std::iter::from_fn(|| {
                let name = rest?;
                rest = name.split_once('.').map(|(_, rest)| rest);
                Some(name)
            })
            .any(|name| names.contains(name))
        };
        let text = str::from_utf8(&text).expect("names are ASCII");
        assert_eq!(text.lines().filter(meets).count() as u64, made.hits);
        assert!((300..500).contains(&made.hits), "{} of 400", made.hits);
    }

    #[test]
    fn every_address_that_meets_the_inventory_was_aimed_at_it() {
        // IPv4 alone, so that a slow search of few lines can tell.
        let inventory: Vec<_> = inventory(500)
            .into_iter()
            .filter(|asset| asset.kind == "prefix" && asset.value.contains('.'))
            .collect();
        let bounds: Vec<_> = inventory
            .iter()
            .filter_map(|asset| {
                let (addr, len) = asset.value.split_once('/')?;
                let first = u32::from(addr.parse::<Ipv4Addr>().ok()?);
                Some((first, first as u64 + (1 << (32 - len.parse::<u32>().ok()?))))
            })
            .collect();
        let (text, made) = feed(Kind::Addrs, 20_000, 0.02, &inventory);
        let meets = |line: &&str| {
            line.parse::<Ipv4Addr>().is_ok_and(|addr| {
                let addr = u32::from(addr);
                bounds.iter().any(|&(first, end)| first <= addr && u64::from(addr) < end)
            })
        };
        let text = str::from_utf8(&text).expect("addresses are ASCII");
        assert_eq!(text.lines().filter(meets).count() as u64, made.hits);
        assert!((300..500).contains(&made.hits), "{} of 400", made.hits);
    }

    #[test]
    fn reports_are_csv_and_wide() {
        let (text, made) = feed(Kind::Shadowserver, 2000, 0.0, &[]);
        let mut rows = csv::Reader::from_reader(&text[..]);
        let rows: Vec<_> = rows.records().collect::<Result<_, _>>().expect("rows of one width");
        assert_eq!(rows.len() as u64, made.records);
        let mean = made.bytes / made.records;
        assert!((300..600).contains(&mean), "{mean} bytes a record");
        for odd in ["\n", "\"", ","] {
            assert!(rows.iter().any(|row| row.iter().any(|cell| cell.contains(odd))), "{odd:?}");
        }
    }

    #[test]
    fn passive_dns_is_json() {
        let (text, _) = feed(Kind::Pdns, 2000, 0.0, &[]);
        for line in text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let record: serde_json::Value = serde_json::from_slice(line).expect("a line is JSON");
            for key in ["rrname", "rrtype"] {
                assert!(record[key].is_string(), "{record}");
            }
            assert!(record["rdata"].is_string() || record["rdata"].is_array(), "{record}");
            assert!(record["time_first"].as_u64() <= record["time_last"].as_u64(), "{record}");
        }
    }

    #[test]
    fn sizes_in_bytes_end_with_a_record() {
        let request =
            Request { kind: Kind::Mixed, size: Size::Bytes(1_000_000), seed: 3, hits: 0.0 };
        let mut text = Vec::new();
        let made = generate(&request, &[], &mut text).expect("a Vec takes every write");
        assert!((1_000_000..1_000_300).contains(&made.bytes));
        assert_eq!(text.last(), Some(&b'\n'));
        assert_eq!(text.split(|&byte| byte == b'\n').count() as u64 - 1, made.records);
    }

    #[test]
    fn hits_without_a_target_are_refused() {
        let inventory = read_inventory(&b"participant,kind,value\nA,domain,example.com"[..])
            .expect("three columns");
        let request = Request { kind: Kind::Addrs, size: Size::Records(1), seed: 1, hits: 0.1 };
        let refused = generate(&request, &inventory, &mut Vec::new());
        assert_eq!(refused.map_err(|error| error.kind()), Err(io::ErrorKind::InvalidInput));
    }
}
