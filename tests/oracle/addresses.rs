//! Sets of addresses: first and last of one family.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// All addresses from `first` to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Addrs {
    pub(crate) v6: bool,
    pub(crate) first: u128,
    pub(crate) last: u128,
}

impl Addrs {
    pub(crate) fn one(addr: IpAddr) -> Self {
        let (v6, value) = match addr {
            IpAddr::V4(addr) => (false, u128::from(u32::from(addr))),
            IpAddr::V6(addr) => (true, u128::from(addr)),
        };
        Self { v6, first: value, last: value }
    }

    pub(crate) fn width(self) -> u32 {
        if self.v6 { 128 } else { 32 }
    }

    /// The aligned block of length `len` around `addr`.
    pub(crate) fn block(addr: IpAddr, len: u32) -> Self {
        let one = Self::one(addr);
        let host = low_bits(one.width() - len);
        Self { first: one.first & !host, last: one.first | host, ..one }
    }

    /// How many low bits differ between first and last: 8 for a /24 and for most ranges inside it.
    pub(crate) fn host_bits(self) -> u32 {
        128 - (self.last - self.first).leading_zeros()
    }

    /// Whether there are more addresses than in a prefix of this length.
    pub(crate) fn broader_than(self, len: u32) -> bool {
        self.last - self.first > low_bits(self.width() - len)
    }

    pub(crate) fn contains(self, other: Self) -> bool {
        self.v6 == other.v6 && self.first <= other.first && other.last <= self.last
    }

    pub(crate) fn shared_with(self, other: Self) -> Option<Self> {
        let first = self.first.max(other.first);
        let last = self.last.min(other.last);
        (self.v6 == other.v6 && first <= last).then_some(Self { v6: self.v6, first, last })
    }

    pub(crate) fn addr(self, value: u128) -> IpAddr {
        match u32::try_from(value) {
            Ok(value) if !self.v6 => Ipv4Addr::from(value).into(),
            _ => Ipv6Addr::from(value).into(),
        }
    }

    /// `::ffff:0:0/96` and what lies in it, as the v4 addresses meant.
    pub(crate) fn unmapped(self) -> Option<Self> {
        let mapped = Self { v6: true, first: 0xFFFF << 32, last: (0xFFFF << 32) | low_bits(32) };
        let v4 = |value: u128| value & low_bits(32);
        mapped.contains(self).then(|| Self {
            v6: false,
            first: v4(self.first),
            last: v4(self.last),
        })
    }

    /// The prefix length, if this is a prefix.
    pub(crate) fn prefix_len(self) -> Option<u32> {
        let bits = self.host_bits();
        let aligned =
            self.first & low_bits(bits) == 0 && self.last & low_bits(bits) == low_bits(bits);
        aligned.then(|| self.width() - bits)
    }

    pub(crate) fn prefix_text(self) -> String {
        let len = self.prefix_len().expect("only called on prefixes");
        format!("{}/{len}", self.addr(self.first))
    }

    /// Private, loopback, link-local, shared, unique-local and multicast space.
    pub(crate) fn is_local(self) -> bool {
        const LOCAL: [&str; 11] = [
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "100.64.0.0/10",
            "224.0.0.0/4",
            "::1/128",
            "fe80::/10",
            "fc00::/7",
            "ff00::/8",
        ];
        LOCAL.iter().any(|text| prefix(text).is_some_and(|(block, _)| block.contains(self)))
    }
}

/// `a-b`.
impl fmt::Display for Addrs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.addr(self.first), self.addr(self.last))
    }
}

fn low_bits(count: u32) -> u128 {
    1u128.checked_shl(count).map_or(u128::MAX, |bit| bit - 1)
}

/// `a/len`, and whether host bits were set.
pub(crate) fn prefix(text: &str) -> Option<(Addrs, bool)> {
    let (addr, len) = text.split_once('/')?;
    let addr: IpAddr = addr.parse().ok()?;
    let len = length(len, Addrs::one(addr).width())?;
    Some((Addrs::block(addr, len), Addrs::block(addr, len).first != Addrs::one(addr).first))
}

/// A prefix length in decimal without leading zeros.
pub(crate) fn length(text: &str, width: u32) -> Option<u32> {
    let plain = !text.is_empty()
        && text.len() <= 3
        && text.chars().all(|c| c.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|&len| plain && len <= width)
}

/// What four numbers with dots are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quad {
    Addr(Ipv4Addr),
    /// Leading zeros: octal for some readers, decimal for others.
    Octal,
    No,
}

/// Reads four numbers of at most three digits and at most 255.
pub(crate) fn quad(text: &str) -> Quad {
    let parts: Vec<&str> = text.split('.').collect();
    let octets: Option<Vec<u8>> = parts.iter().map(|part| octet(part)).collect();
    match octets.as_deref() {
        Some(_) if parts.len() == 4 && parts.iter().any(|part| has_leading_zero(part)) => {
            Quad::Octal
        }
        Some(&[a, b, c, d]) => Quad::Addr(Ipv4Addr::new(a, b, c, d)),
        _ => Quad::No,
    }
}

/// A number of one to three digits up to 255, leading zeros or not.
pub(crate) fn octet(text: &str) -> Option<u8> {
    let digits = !text.is_empty() && text.len() <= 3 && text.chars().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

pub(crate) fn has_leading_zero(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0')
}

/// Numbers as the WHATWG URL standard reads them in a host: one to four parts, any of them octal
/// or hexadecimal, the last one filling what is left.
pub(crate) fn whatwg_v4(host: &str) -> Option<Ipv4Addr> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let parts: Vec<u64> = host.split('.').map(whatwg_number).collect::<Option<_>>()?;
    let (&last, rest) = parts.split_last()?;
    if rest.len() > 3 || rest.iter().any(|&part| part > 255) {
        return None;
    }
    let room = 256u64.pow(4 - u32::try_from(rest.len()).ok()?);
    if last >= room {
        return None;
    }
    let high = rest.iter().enumerate().map(|(i, part)| part << (8 * (3 - i))).sum::<u64>();
    u32::try_from(high + last).ok().map(Ipv4Addr::from)
}

fn whatwg_number(part: &str) -> Option<u64> {
    let hex = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"));
    let (digits, radix) = match hex {
        Some("") => return Some(0),
        Some(digits) => (digits, 16),
        None if has_leading_zero(part) => (&part[1..], 8),
        None => (part, 10),
    };
    digits.chars().all(|c| c.is_digit(radix)).then_some(())?;
    u64::from_str_radix(digits, radix).ok()
}

/// Whether WHATWG would read the host as an address or not at all.
pub(crate) fn ends_in_number(host: &str) -> bool {
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or("");
    let hex = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    (!last.is_empty() && last.chars().all(|c| c.is_ascii_digit()))
        || hex.is_some_and(|digits| digits.chars().all(|c| c.is_ascii_hexdigit()))
}

/// `5.2.0.192.in-addr.arpa` and nibbles under `ip6.arpa`: the prefix meant.
pub(crate) fn reverse(name: &str) -> Option<Addrs> {
    if let Some(labels) = name.strip_suffix(".in-addr.arpa") {
        let labels: Vec<&str> = labels.split('.').rev().collect();
        if labels.len() > 4 || labels.iter().any(|label| has_leading_zero(label)) {
            return None;
        }
        let octets: Vec<u8> = labels.iter().map(|label| octet(label)).collect::<Option<_>>()?;
        let mut all = [0; 4];
        all[..octets.len()].copy_from_slice(&octets);
        return Some(Addrs::block(all.into(), 8 * u32::try_from(octets.len()).ok()?));
    }
    let nibbles: Vec<&str> = name.strip_suffix(".ip6.arpa")?.split('.').rev().collect();
    if nibbles.len() > 32 || nibbles.iter().any(|nibble| nibble.len() != 1) {
        return None;
    }
    let count = u32::try_from(nibbles.len()).ok()?;
    let value = u128::from_str_radix(&nibbles.concat(), 16).ok()? << (128 - 4 * count);
    Some(Addrs::block(Ipv6Addr::from(value).into(), 4 * count))
}
