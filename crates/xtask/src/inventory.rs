//! Assets: read from a file, or drawn.

use std::io::{self, Read};

use crate::addrs::{self, Family};
use crate::random::Random;
use crate::text::{push_decimal, push_padded, push_v4, push_v6};
use crate::words::Words;

/// One row of an inventory, as it is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Who owns it.
    pub participant: String,
    /// `prefix`, `range`, `domain`, `domain_exact`, `email_domain` or `email`.
    pub kind: String,
    /// The prefix, range, name or mail address.
    pub value: String,
}

/// Reads the columns `participant`, `kind` and `value` of a CSV inventory.
///
/// # Errors
///
/// Any error of `reader`, and `InvalidData` where the CSV is broken or lacks a
/// column.
pub fn read_inventory(reader: impl Read) -> io::Result<Vec<Asset>> {
    let mut rows = csv::ReaderBuilder::new().comment(Some(b'#')).flexible(true).from_reader(reader);
    let header = rows.headers()?.clone();
    let column = |name: &str| {
        header.iter().position(|cell| cell.trim() == name).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("no column {name} in the inventory"))
        })
    };
    let columns = [column("participant")?, column("kind")?, column("value")?];
    let mut assets = Vec::new();
    for row in rows.records() {
        let row = row?;
        let [participant, kind, value] =
            columns.map(|column| row.get(column).unwrap_or_default().trim().to_owned());
        assets.push(Asset { participant, kind, value });
    }
    Ok(assets)
}

pub(crate) const HEADER: &[u8] = b"participant,kind,value\n";

/// Draws the rows of an inventory, participant by participant.
#[derive(Debug)]
pub(crate) struct InventoryRows {
    participant: u64,
    /// The name that the participant is known by.
    home: Vec<u8>,
    /// Whether `home` is an asset already.
    listed: bool,
}

impl InventoryRows {
    pub(crate) const fn new() -> Self {
        Self { participant: 0, home: Vec::new(), listed: false }
    }

    /// Appends one row.
    pub(crate) fn push(&mut self, random: &mut Random, words: &Words, out: &mut Vec<u8>) {
        if self.participant == 0 || random.percent(33) {
            self.participant += 1;
            self.listed = false;
            self.home.clear();
            words.registered(random, &mut self.home);
        }
        out.push(b'P');
        push_padded(out, self.participant, 7);
        out.push(b',');
        match random.below(100) {
            0..55 => push_prefix(random, out),
            55..65 => push_range(random, out),
            65..90 => {
                out.extend_from_slice(b"domain,");
                if self.listed {
                    if random.percent(25) {
                        words.below_registered(random, out);
                    }
                    words.registered(random, out);
                } else {
                    out.extend_from_slice(&self.home);
                }
                self.listed = true;
            }
            90..95 => {
                out.extend_from_slice(b"email_domain,");
                if random.percent(30) {
                    out.extend_from_slice(b"mail.");
                }
                out.extend_from_slice(&self.home);
            }
            _ => {
                out.extend_from_slice(b"email,");
                words.local_part(random, out);
                out.push(b'@');
                out.extend_from_slice(&self.home);
            }
        }
        out.push(b'\n');
    }
}

/// Lengths that IPv4 space is handed out in, and how often in a hundred.
const V4_LENGTHS: [(u32, u64); 15] = [
    (16, 3),
    (17, 1),
    (18, 2),
    (19, 4),
    (20, 7),
    (21, 7),
    (22, 14),
    (23, 8),
    (24, 36),
    (25, 2),
    (26, 3),
    (27, 3),
    (28, 4),
    (29, 4),
    (32, 2),
];
const V6_LENGTHS: [(u32, u64); 5] = [(32, 27), (40, 3), (48, 45), (56, 10), (64, 15)];

/// Draws the prefixes of one family alone, one for each participant, of the usual lengths.
///
/// # Example
///
/// ```
/// let prefixes = xtask::draw_prefixes(true, 3, 1);
/// assert!(prefixes.iter().all(|row| row.kind == "prefix" && row.value.contains(':')));
/// assert_eq!(prefixes, xtask::draw_prefixes(true, 3, 1));
/// ```
#[must_use]
pub fn draw_prefixes(v6: bool, count: usize, seed: u64) -> Vec<Asset> {
    let mut random = Random::new(seed);
    let family = if v6 { Family::V6 } else { Family::V4 };
    let row = |number| {
        let mut value = Vec::new();
        push_prefix_of(family, &mut random, &mut value);
        let value = String::from_utf8(value).expect("addresses are ASCII");
        Asset { participant: format!("P{number:07}"), kind: "prefix".to_owned(), value }
    };
    (0..count).map(row).collect()
}

fn push_prefix(random: &mut Random, out: &mut Vec<u8>) {
    out.extend_from_slice(b"prefix,");
    let family = addrs::family(random, 12);
    push_prefix_of(family, random, out);
}

fn push_prefix_of(family: Family, random: &mut Random, out: &mut Vec<u8>) {
    if family == Family::V6 {
        let len = weighted(random, &V6_LENGTHS);
        push_v6(out, addrs::v6(random) & (u128::MAX << (128 - len)));
        out.push(b'/');
        push_decimal(out, len.into());
    } else {
        let len = weighted(random, &V4_LENGTHS);
        push_v4(out, addrs::v4(random) & (u32::MAX << (32 - len)));
        out.push(b'/');
        push_decimal(out, len.into());
    }
}

fn push_range(random: &mut Random, out: &mut Vec<u8>) {
    out.extend_from_slice(b"range,");
    if addrs::family(random, 5) == Family::V6 {
        let first = addrs::v6(random) & !0xffff;
        push_v6(out, first);
        out.push(b'-');
        push_v6(out, first + u128::from(random.within(1, 0xffff)));
    } else {
        // Within a /16, so that a range never leaves public space.
        let addr = addrs::v4(random);
        let host = u64::from(addr & 0xffff);
        let last = random.within(host, (host + 600).min(0xffff));
        push_v4(out, addr);
        out.push(b'-');
        push_v4(out, (addr & 0xffff_0000) | last as u32);
    }
}

/// A length in proportion to its weight.
fn weighted(random: &mut Random, lengths: &[(u32, u64)]) -> u32 {
    let mut left = random.below(lengths.iter().map(|&(_, weight)| weight).sum());
    for &(len, weight) in lengths {
        if left < weight {
            return len;
        }
        left -= weight;
    }
    unreachable!("the draw is below the sum of the weights")
}
