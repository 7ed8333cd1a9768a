//! What an inventory makes of a record: a hit, a miss, or nearly one.

use std::collections::HashSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::inventory::Asset;

/// The assets of an inventory, in the form that records are aimed with.
///
/// Values that are not in canonical spelling, but for case, blanks, a trailing
/// dot and host bits, are left aside: no record is aimed at them, and a record
/// may concern them unnoticed.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    pub(crate) v4: Vec<(u32, u32)>,
    pub(crate) v6: Vec<(u128, u128)>,
    /// Names; `true` where names under them belong to it as well.
    pub(crate) names: Vec<(Vec<u8>, bool)>,
    pub(crate) mail: Vec<MailTarget>,
    v4_covered: Covered<u32>,
    v6_covered: Covered<u128>,
    /// Whether anything of the inventory lies in this /16.
    v4_touched: Vec<bool>,
    /// Every name in the inventory, whatever its kind.
    every_name: HashSet<Vec<u8>>,
    /// Every name in the inventory and the names above it, of two labels or more.
    above: HashSet<Vec<u8>>,
    /// A bit for each of `above`, by its hash; most names find theirs unset.
    above_bits: Vec<u64>,
}

/// Bits of the filter before `above`: few enough for the second-level cache.
const FILTER_BITS: usize = 1 << 20;

/// What a mail address can be aimed at.
#[derive(Clone, Debug)]
pub(crate) enum MailTarget {
    /// Any address at this name or under it.
    Under(Vec<u8>),
    /// This address.
    Address(Vec<u8>),
}

impl Targets {
    pub(crate) fn new(assets: &[Asset]) -> Self {
        let mut targets = Self { v4_touched: vec![false; 1 << 16], ..Self::default() };
        for asset in assets {
            targets.add(asset);
        }
        targets.above_bits = vec![0; FILTER_BITS / 64];
        for name in &targets.above {
            let bit = filter_bit(name);
            targets.above_bits[bit / 64] |= 1 << (bit % 64);
        }
        targets.v4_covered = Covered::new(targets.v4.clone());
        targets.v6_covered = Covered::new(targets.v6.clone());
        for &(first, last) in &targets.v4 {
            targets.v4_touched[(first >> 16) as usize..=(last >> 16) as usize].fill(true);
        }
        targets
    }

    fn add(&mut self, asset: &Asset) {
        let value = asset.value.trim().trim_end_matches('.').to_ascii_lowercase();
        match asset.kind.trim() {
            "prefix" | "range" => match parse_range(&value) {
                Some(Ends::V4(first, last)) => self.v4.push((first, last)),
                Some(Ends::V6(first, last)) => self.v6.push((first, last)),
                None => {}
            },
            kind @ ("domain" | "domain_exact" | "email_domain") => {
                let name = value.trim_start_matches("*.").trim_start_matches(['@', '.']);
                if !is_plain_name(name) {
                    return;
                }
                self.note_name(name);
                if kind == "email_domain" {
                    self.mail.push(MailTarget::Under(name.into()));
                } else {
                    self.names.push((name.into(), kind == "domain"));
                }
                if kind == "domain" {
                    self.mail.push(MailTarget::Under(name.into()));
                }
            }
            "email" => {
                if let Some((_, name)) = value.rsplit_once('@').filter(|(_, n)| is_plain_name(n)) {
                    self.note_name(name);
                    self.mail.push(MailTarget::Address(value.into()));
                }
            }
            _ => {}
        }
    }

    fn note_name(&mut self, name: &str) {
        self.every_name.insert(name.into());
        let mut rest = name;
        while rest.contains('.') {
            self.above.insert(rest.into());
            rest = rest.split_once('.').map_or("", |(_, rest)| rest);
        }
    }

    pub(crate) fn has_addrs(&self) -> bool {
        !self.v4.is_empty() || !self.v6.is_empty()
    }

    /// Whether an asset holds any address from `first` to `last`.
    pub(crate) fn touches_v4(&self, first: u32, last: u32) -> bool {
        let (from, to) = ((first >> 16) as usize, (last >> 16) as usize);
        // One load answers for most of the network.
        (from != to || self.v4_touched[from]) && self.v4_covered.overlaps(first, last)
    }

    /// Whether an asset holds any address from `first` to `last`.
    pub(crate) fn touches_v6(&self, first: u128, last: u128) -> bool {
        self.v6_covered.overlaps(first, last)
    }

    /// Whether a name under `registered`, or it, could concern an asset.
    ///
    /// `registered` is a label and an ending; endings themselves are taken to
    /// be nobody's.
    pub(crate) fn touches_registered(&self, registered: &[u8]) -> bool {
        let bit = filter_bit(registered);
        self.above_bits[bit / 64] >> (bit % 64) & 1 == 1 && self.above.contains(registered)
    }

    /// Whether `name` or a name above it is in the inventory.
    pub(crate) fn touches_name(&self, name: &[u8]) -> bool {
        let mut rest = name;
        loop {
            if self.every_name.contains(rest) {
                return true;
            }
            match rest.iter().position(|&byte| byte == b'.') {
                Some(dot) => rest = &rest[dot + 1..],
                None => return false,
            }
        }
    }
}

fn filter_bit(name: &[u8]) -> usize {
    let mut hash = name.len() as u64;
    for chunk in name.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash =
            (hash.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    (hash >> 44) as usize
}

const _: () = assert!(FILTER_BITS == 1 << (64 - 44));

/// Disjoint closed intervals in order.
#[derive(Debug, Default)]
struct Covered<T>(Vec<(T, T)>);

impl<T: Ord + Copy> Covered<T> {
    fn new(mut intervals: Vec<(T, T)>) -> Self {
        intervals.sort_unstable();
        let mut merged: Vec<(T, T)> = Vec::with_capacity(intervals.len());
        for (first, last) in intervals {
            match merged.last_mut() {
                Some(before) if first <= before.1 => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Self(merged)
    }

    fn overlaps(&self, first: T, last: T) -> bool {
        let at = self.0.partition_point(|interval| interval.1 < first);
        self.0.get(at).is_some_and(|interval| interval.0 <= last)
    }
}

enum Ends {
    V4(u32, u32),
    V6(u128, u128),
}

/// The ends of a prefix, a range or an address.
fn parse_range(text: &str) -> Option<Ends> {
    if let Some((first, last)) = text.split_once('-') {
        let (first, last) = (first.trim(), last.trim());
        if let (Ok(first), Ok(last)) = (first.parse::<Ipv4Addr>(), last.parse::<Ipv4Addr>()) {
            return (first <= last).then(|| Ends::V4(first.into(), last.into()));
        }
        let (first, last) = (first.parse::<Ipv6Addr>().ok()?, last.parse::<Ipv6Addr>().ok()?);
        return (first <= last).then(|| Ends::V6(first.into(), last.into()));
    }
    let (addr, len) = match text.split_once('/') {
        Some((addr, len)) => (addr, Some(len.parse::<u32>().ok()?)),
        None => (text, None),
    };
    if let Ok(addr) = addr.parse::<Ipv4Addr>() {
        let len = len.unwrap_or(32);
        let hosts = (len <= 32).then(|| u32::MAX.checked_shr(len).unwrap_or(0))?;
        let first = u32::from(addr) & !hosts;
        return Some(Ends::V4(first, first | hosts));
    }
    let addr = addr.parse::<Ipv6Addr>().ok()?;
    let len = len.unwrap_or(128);
    let hosts = (len <= 128).then(|| u128::MAX.checked_shr(len).unwrap_or(0))?;
    let first = u128::from(addr) & !hosts;
    Some(Ends::V6(first, first | hosts))
}

fn is_plain_name(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|label| !label.is_empty())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
