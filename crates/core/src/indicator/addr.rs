//! Addresses, prefixes and ranges as closed intervals of one family.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use ipnet::{IpNet, IpSubnets, Ipv4Net, Ipv4Subnets, Ipv6Net, Ipv6Subnets};

use super::quad::parse_quad;

/// A closed interval of addresses of one family.
///
/// An address is an interval of one, a prefix is an aligned one. IPv4-mapped
/// IPv6 addresses (RFC 4291, section 2.5.5.2) are the IPv4 addresses that they
/// hold: no `AddrRange` made by this crate lies within `::ffff:0:0/96`.
///
/// # Example
///
/// ```
/// use feedsieve_core::AddrRange;
/// let net: ipnet::IpNet = "192.0.2.0/24".parse()?;
/// let range = AddrRange::from(net);
/// assert!(range.contains(&AddrRange::from("192.0.2.7".parse::<std::net::IpAddr>()?)));
/// assert_eq!(range.to_string(), "192.0.2.0/24");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddrRange {
    /// IPv4, both ends included, first not after last.
    V4 {
        /// The lowest address.
        first: u32,
        /// The highest address.
        last: u32,
    },
    /// IPv6, both ends included, first not after last.
    V6 {
        /// The lowest address.
        first: u128,
        /// The highest address.
        last: u128,
    },
}

/// Why a text is no address, prefix or range.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{AddrError, parse_addr, parse_range};
/// // What nobody can be sure about is no address, rather than one of two.
/// assert_eq!(parse_addr("192.0.02.5"), Err(AddrError::AmbiguousOctal));
/// assert_eq!(parse_addr("2001:db8::1%eth0"), Err(AddrError::Zone));
/// assert_eq!(parse_range("192.0.2.9-192.0.2.1"), Err(AddrError::Inverted));
/// assert_eq!(parse_range("192.0.2.9-2001:db8::1"), Err(AddrError::MixedFamilies));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddrError {
    /// The text is not written as one.
    #[error("not an address, a prefix or a range")]
    Syntax,
    /// A decimal number of an IPv4 address begins with a zero, which some read as octal.
    #[error("a number with a leading zero, which is octal for some and decimal for others")]
    AmbiguousOctal,
    /// The length is no number or longer than the family's addresses.
    #[error("a prefix length beyond the family's limit")]
    Length,
    /// The end of a range lies before its start.
    #[error("a range whose end lies before its start")]
    Inverted,
    /// The ends of a range are of different families.
    #[error("a range from one address family to the other")]
    MixedFamilies,
    /// A zone id, which means something on one host only (RFC 4007).
    #[error("a zone id")]
    Zone,
}

/// The block of IPv4-mapped IPv6 addresses.
const MAPPED: RangeInclusive<u128> = 0xffff_0000_0000..=0xffff_ffff_ffff;

impl AddrRange {
    /// The interval from `first` to `last`, both included.
    ///
    /// # Errors
    ///
    /// [`AddrError::Inverted`] and [`AddrError::MixedFamilies`].
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{AddrError, AddrRange};
    /// let range = AddrRange::new("::ffff:192.0.2.0".parse()?, "::ffff:192.0.2.9".parse()?)?;
    /// assert_eq!(range.to_string(), "192.0.2.0-192.0.2.9");
    /// let inverted = AddrRange::new("192.0.2.9".parse()?, "192.0.2.0".parse()?);
    /// assert_eq!(inverted, Err(AddrError::Inverted));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(first: IpAddr, last: IpAddr) -> Result<Self, AddrError> {
        let range = match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                Self::V4 { first: u32::from(first), last: u32::from(last) }
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                Self::V6 { first: u128::from(first), last: u128::from(last) }
            }
            _ => return Err(AddrError::MixedFamilies),
        };
        match range {
            Self::V4 { first, last } if first > last => Err(AddrError::Inverted),
            Self::V6 { first, last } if first > last => Err(AddrError::Inverted),
            range => Ok(range.unmapped()),
        }
    }

    /// The same addresses, as IPv4 where all of them are IPv4-mapped.
    #[must_use]
    pub fn unmapped(self) -> Self {
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "the low half of a mapped address")]
            Self::V6 { first, last } if MAPPED.contains(&first) && MAPPED.contains(&last) => {
                Self::V4 { first: first as u32, last: last as u32 }
            }
            other => other,
        }
    }

    /// Whether every address of `other` is in `self`.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::V4 { first: a, last: b }, Self::V4 { first: c, last: d }) => a <= c && d <= b,
            (Self::V6 { first: a, last: b }, Self::V6 { first: c, last: d }) => a <= c && d <= b,
            _ => false,
        }
    }

    /// Whether an address is in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::V4 { first: a, last: b }, Self::V4 { first: c, last: d }) => a <= d && c <= b,
            (Self::V6 { first: a, last: b }, Self::V6 { first: c, last: d }) => a <= d && c <= b,
            _ => false,
        }
    }

    /// The address, where the interval holds one only.
    #[must_use]
    pub fn single(&self) -> Option<IpAddr> {
        match *self {
            Self::V4 { first, last } if first == last => Some(Ipv4Addr::from(first).into()),
            Self::V6 { first, last } if first == last => Some(Ipv6Addr::from(first).into()),
            _ => None,
        }
    }

    /// The prefix, where the interval is one; a single address is a /32 or a /128.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::parse_range;
    /// assert_eq!(parse_range("192.0.2.0-192.0.2.127")?.prefix(), Some("192.0.2.0/25".parse()?));
    /// // As long as a /25, and not where one begins.
    /// assert_eq!(parse_range("192.0.2.1-192.0.2.128")?.prefix(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn prefix(&self) -> Option<IpNet> {
        match *self {
            Self::V4 { first, last } => {
                let host_bits = first ^ last;
                let aligned = host_bits & host_bits.wrapping_add(1) == 0 && first & host_bits == 0;
                let len = u8::try_from(host_bits.leading_zeros()).ok()?;
                aligned.then(|| Ipv4Net::new(first.into(), len).ok().map(IpNet::V4))?
            }
            Self::V6 { first, last } => {
                let host_bits = first ^ last;
                let aligned = host_bits & host_bits.wrapping_add(1) == 0 && first & host_bits == 0;
                let len = u8::try_from(host_bits.leading_zeros()).ok()?;
                aligned.then(|| Ipv6Net::new(first.into(), len).ok().map(IpNet::V6))?
            }
        }
    }

    /// The addresses that are in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        match (*self, *other) {
            (Self::V4 { first: a, last: b }, Self::V4 { first: c, last: d }) => {
                let (first, last) = (a.max(c), b.min(d));
                (first <= last).then_some(Self::V4 { first, last })
            }
            (Self::V6 { first: a, last: b }, Self::V6 { first: c, last: d }) => {
                let (first, last) = (a.max(c), b.min(d));
                (first <= last).then_some(Self::V6 { first, last })
            }
            _ => None,
        }
    }

    /// The fewest prefixes that make up the interval, ascending.
    ///
    /// At most 62 for IPv4 and 254 for IPv6; does not allocate.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::parse_range;
    /// let range = parse_range("192.0.2.1-192.0.2.4")?;
    /// let prefixes: Vec<_> = range.prefixes().map(|net| net.to_string()).collect();
    /// assert_eq!(prefixes, ["192.0.2.1/32", "192.0.2.2/31", "192.0.2.4/32"]);
    /// # Ok::<(), feedsieve_core::AddrError>(())
    /// ```
    pub fn prefixes(&self) -> impl Iterator<Item = IpNet> + use<> {
        match *self {
            Self::V4 { first, last } => {
                IpSubnets::from(Ipv4Subnets::new(first.into(), last.into(), 0))
            }
            Self::V6 { first, last } => {
                IpSubnets::from(Ipv6Subnets::new(first.into(), last.into(), 0))
            }
        }
    }

    /// Shows the interval as `a-b`, even where it is a prefix.
    #[must_use]
    pub const fn ends(self) -> Ends {
        Ends(self)
    }

    /// The length of the longest prefix that is at least as large, in bits of the family.
    ///
    /// A /24 and a range of 200 addresses both have 24: this is how specific an
    /// interval is, with ranges between the prefixes around them.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::parse_range;
    /// assert_eq!(parse_range("192.0.2.0-192.0.2.199")?.prefix_len(), 24);
    /// assert_eq!(parse_range("192.0.2.0-192.0.3.0")?.prefix_len(), 23);
    /// # Ok::<(), feedsieve_core::AddrError>(())
    /// ```
    #[must_use]
    pub fn prefix_len(&self) -> u8 {
        // A full interval has no size in its own width, hence the subtraction
        // instead of a count of addresses.
        let (bits, spare) = match *self {
            Self::V4 { first, last } => (32, (last - first).leading_zeros()),
            Self::V6 { first, last } => (128, (last - first).leading_zeros()),
        };
        debug_assert!(spare <= bits);
        u8::try_from(spare).unwrap_or(u8::MAX)
    }
}

impl From<IpAddr> for AddrRange {
    fn from(addr: IpAddr) -> Self {
        match addr {
            IpAddr::V4(addr) => Self::V4 { first: addr.into(), last: addr.into() },
            IpAddr::V6(addr) => Self::V6 { first: addr.into(), last: addr.into() }.unmapped(),
        }
    }
}

/// The addresses of the prefix; host bits are ignored.
impl From<IpNet> for AddrRange {
    fn from(net: IpNet) -> Self {
        match net {
            IpNet::V4(net) => {
                Self::V4 { first: net.network().into(), last: net.broadcast().into() }
            }
            IpNet::V6(net) => {
                Self::V6 { first: net.network().into(), last: net.broadcast().into() }.unmapped()
            }
        }
    }
}

/// The canonical form: `192.0.2.0/24` where the interval is a prefix, `a-b` otherwise.
///
/// A single address is written with its length, as every prefix is.
impl fmt::Display for AddrRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(net) = self.prefix() {
            return write!(f, "{}/{}", net.addr(), net.prefix_len());
        }
        self.ends().fmt(f)
    }
}

/// An interval that is shown as `a-b`; see [`AddrRange::ends`].
///
/// # Example
///
/// ```
/// # use feedsieve_core::{AddrRange, parse_range};
/// let range: AddrRange = parse_range("192.0.2.0-192.0.2.255")?;
/// assert_eq!(range.to_string(), "192.0.2.0/24");
/// assert_eq!(range.ends().to_string(), "192.0.2.0-192.0.2.255");
/// # Ok::<(), feedsieve_core::AddrError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Ends(AddrRange);

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            AddrRange::V4 { first, last } => {
                write!(f, "{}-{}", Ipv4Addr::from(first), Ipv4Addr::from(last))
            }
            AddrRange::V6 { first, last } => {
                write!(f, "{}-{}", Ipv6Addr::from(first), Ipv6Addr::from(last))
            }
        }
    }
}

/// Reads one address strictly: dotted quad without leading zeros, or RFC 4291 text.
///
/// IPv4-mapped IPv6 becomes IPv4.
///
/// # Errors
///
/// [`AddrError::AmbiguousOctal`] for `010.1.2.3`, [`AddrError::Zone`] for
/// `fe80::1%eth0`, [`AddrError::Syntax`] otherwise.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{AddrError, parse_addr};
/// assert_eq!(parse_addr("::ffff:192.0.2.5")?.to_string(), "192.0.2.5");
/// assert_eq!(parse_addr("192.0.2"), Err(AddrError::Syntax));
/// # Ok::<(), AddrError>(())
/// ```
pub fn parse_addr(text: &str) -> Result<IpAddr, AddrError> {
    if let Some(addr) = parse_quad(text.as_bytes()) {
        return Ok(addr.into());
    }
    if let Ok(addr) = text.parse::<Ipv6Addr>() {
        return Ok(IpAddr::from(addr).to_canonical());
    }
    if text.contains(':') && text.contains('%') {
        return Err(AddrError::Zone);
    }
    let octets = || text.split('.');
    let octal = |part: &str| part.len() > 1 && part.starts_with('0');
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if octets().count() == 4 && octets().all(digits) && octets().any(octal) {
        return Err(AddrError::AmbiguousOctal);
    }
    Err(AddrError::Syntax)
}

/// Reads `address/length`; the address may have host bits set.
///
/// Returns the addresses of the prefix and whether host bits were set. A
/// netmask in place of the length (`/255.255.255.0`) is read for IPv4, and an
/// IPv4-mapped prefix of at least 96 bits becomes IPv4.
///
/// # Errors
///
/// As [`parse_addr`], and [`AddrError::Length`].
///
/// # Example
///
/// ```
/// # use feedsieve_core::parse_prefix;
/// let (range, host_bits) = parse_prefix("192.0.2.5/24")?;
/// assert_eq!((range.to_string().as_str(), host_bits), ("192.0.2.0/24", true));
/// # Ok::<(), feedsieve_core::AddrError>(())
/// ```
pub fn parse_prefix(text: &str) -> Result<(AddrRange, bool), AddrError> {
    let (addr, len) = text.split_once('/').ok_or(AddrError::Syntax)?;
    // A length speaks of the family as written, so the mapped form is needed here.
    let Ok(written) = addr.parse::<IpAddr>() else {
        return Err(parse_addr(addr).err().unwrap_or(AddrError::Syntax));
    };
    let len = match (written, prefix_len_of(len)) {
        (_, Some(len)) => len,
        (IpAddr::V4(_), None) => netmask_len(len).ok_or(AddrError::Length)?,
        (IpAddr::V6(_), None) => return Err(AddrError::Length),
    };
    let net = IpNet::new(written, len).map_err(|_| AddrError::Length)?;
    Ok((net.into(), net.addr() != net.network()))
}

/// Reads `a-b`; blanks round the dash are allowed.
///
/// # Errors
///
/// As [`parse_addr`], [`AddrError::Inverted`] and [`AddrError::MixedFamilies`].
///
/// # Example
///
/// ```
/// # use feedsieve_core::{AddrError, parse_range};
/// assert_eq!(parse_range("192.0.2.0 - 192.0.2.255")?.to_string(), "192.0.2.0/24");
/// // Both ends in full.
/// assert_eq!(parse_range("192.0.2.1-50"), Err(AddrError::Syntax));
/// # Ok::<(), AddrError>(())
/// ```
pub fn parse_range(text: &str) -> Result<AddrRange, AddrError> {
    let (first, last) = text.split_once('-').ok_or(AddrError::Syntax)?;
    AddrRange::new(parse_addr(first.trim_ascii())?, parse_addr(last.trim_ascii())?)
}

/// One to three digits without a leading zero.
fn prefix_len_of(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok())?
}

/// The length that a contiguous IPv4 netmask stands for.
fn netmask_len(text: &str) -> Option<u8> {
    let mask = u32::from(text.parse::<Ipv4Addr>().ok()?);
    let len = mask.leading_ones();
    (mask.checked_shl(len).unwrap_or(0) == 0).then(|| u8::try_from(len).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_that_are_prefixes_are_written_as_such() {
        for (text, expected) in [
            ("192.0.2.0-192.0.2.255", "192.0.2.0/24"),
            ("192.0.2.1-192.0.2.255", "192.0.2.1-192.0.2.255"),
            ("0.0.0.0-255.255.255.255", "0.0.0.0/0"),
            ("192.0.2.7 - 192.0.2.7", "192.0.2.7/32"),
            ("2001:db8::-2001:db8::ffff", "2001:db8::/112"),
            ("::ffff:192.0.2.0-::ffff:192.0.2.255", "192.0.2.0/24"),
        ] {
            assert_eq!(parse_range(text).map(|r| r.to_string()), Ok(expected.to_owned()));
        }
    }

    #[test]
    fn prefixes_are_read_with_host_bits_masks_and_mapped_addresses() {
        for (text, expected) in [
            ("192.0.2.0/24", Ok(("192.0.2.0/24", false))),
            ("192.0.2.5/24", Ok(("192.0.2.0/24", true))),
            ("192.0.2.0/255.255.255.0", Ok(("192.0.2.0/24", false))),
            ("::ffff:192.0.2.0/120", Ok(("192.0.2.0/24", false))),
            ("::/0", Ok(("::/0", false))),
            ("192.0.2.0/255.0.255.0", Err(AddrError::Length)),
            ("192.0.2.0/33", Err(AddrError::Length)),
            ("192.0.2.0/024", Err(AddrError::Length)),
            ("192.0.2.0/-1", Err(AddrError::Length)),
            ("192.0.2.0/", Err(AddrError::Length)),
            ("2001:db8::/ffff::", Err(AddrError::Length)),
            ("010.0.2.0/24", Err(AddrError::AmbiguousOctal)),
            ("fe80::1%eth0/64", Err(AddrError::Zone)),
            ("192.0.2/24", Err(AddrError::Syntax)),
        ] {
            let read = parse_prefix(text).map(|(range, host_bits)| (range.to_string(), host_bits));
            assert_eq!(read, expected.map(|(t, h)| (t.to_owned(), h)), "{text}");
        }
    }

    #[test]
    fn specificity_of_a_range_lies_between_the_prefixes_around_it() {
        let len = |text| parse_range(text).map(|r| r.prefix_len());
        assert_eq!(len("192.0.2.0-192.0.2.255"), Ok(24));
        assert_eq!(len("192.0.2.0-192.0.2.199"), Ok(24));
        assert_eq!(len("192.0.2.0-192.0.3.0"), Ok(23));
        assert_eq!(len("0.0.0.0-255.255.255.255"), Ok(0));
        assert_eq!(len("192.0.2.7-192.0.2.7"), Ok(32));
    }
}
