//! Dotted quads, read eight bytes at a time.
//!
//! Where a number of an address ends is anybody's guess, and a wrong one costs more than to read all
//! of it: nothing here branches on where the dots stand.

use std::net::Ipv4Addr;

/// Bytes of the shortest and of the longest quad.
const LEAST: usize = 7;
const MOST: usize = 15;

/// Reads a dotted quad without leading zeros, and nothing else, from raw bytes.
///
/// For loops over many addresses: no branch depends on where the dots stand, and what is no quad costs
/// no more than one that is.
///
/// # Example
///
/// ```
/// # use std::net::Ipv4Addr;
/// # use feedsieve_core::parse_quad;
/// assert_eq!(parse_quad(b"192.0.2.5"), Some(Ipv4Addr::new(192, 0, 2, 5)));
/// assert_eq!(parse_quad(b"192.0.2.05"), None);
/// ```
#[inline]
#[must_use]
pub fn parse_quad(text: &[u8]) -> Option<Ipv4Addr> {
    let bytes = text.len();
    if let Ok(shortest) = <&[u8; LEAST]>::try_from(text) {
        return of_digits(shortest);
    }
    if bytes > MOST {
        return None;
    }
    // Both words together are all of it; where they overlap they agree.
    let (head, tail) = (text.first_chunk()?, text.last_chunk()?);
    let (head, tail) = (dots(head)?, dots(tail)?);
    let mut dots = head | tail << (bytes - 8);
    let mut next = || {
        let place = dots.trailing_zeros() as usize;
        dots &= dots.wrapping_sub(1);
        place
    };
    let (first, second, third) = (next(), next(), next());
    if third >= bytes || dots != 0 {
        return None;
    }
    let word = |at: usize| text.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word));
    // No word begins before the text and none ends behind it: two numbers and their dots are beside it.
    let numbers = [
        (word(0)?, first),
        (word(first + 1)?, second.wrapping_sub(first + 1)),
        (word(third.wrapping_sub(4))?, third.wrapping_sub(second + 1)),
        (word(bytes - 4)?, bytes - (third + 1)),
    ];
    let mut octets = [0; 4];
    let mut is_wrong = false;
    for (index, (octet, (word, digits))) in octets.iter_mut().zip(numbers).enumerate() {
        let shift = 32_u32.wrapping_sub(8 * digits as u32) % 32;
        // The digits at the top, and zeros below them.
        let number = if index < 2 { word << shift } else { word >> shift << shift };
        let digit = |place: u32| number >> (8 * place) & 0xf;
        let value = digit(1) * 100 + digit(2) * 10 + digit(3);
        // A number below the least of so many digits begins with a zero.
        let least = *[NONE, 0, 10, 100].get(digits).unwrap_or(&NONE);
        is_wrong |= value < least || value > 255;
        *octet = value as u8;
    }
    (!is_wrong).then(|| Ipv4Addr::from(octets))
}

/// Below this is every number.
const NONE: u32 = 1000;

/// The quad of four digits.
fn of_digits(text: &[u8; LEAST]) -> Option<Ipv4Addr> {
    let [a, b'.', b, b'.', c, b'.', d] = *text else { return None };
    let octets = [a, b, c, d];
    octets.iter().all(u8::is_ascii_digit).then(|| octets.map(|digit| digit - b'0').into())
}

/// One bit for each dot, that of the first byte the lowest; none where others than digits and dots are.
#[inline]
fn dots(text: &[u8; 8]) -> Option<u64> {
    const HIGHEST: u64 = each(0x80);
    const GATHER: u64 = 0x0002_0408_1020_4081;
    let text = u64::from_le_bytes(*text);
    let (dots, digits) = (text ^ each(b'.'), text ^ each(b'0'));
    // The highest bit of each byte tells: of those that are dots, and of those that are no digits.
    let dots = !(((dots & each(0x7f)) + each(0x7f)) | dots) & HIGHEST;
    let others = (((digits & each(0x7f)) + each(0x76)) | digits) & HIGHEST;
    // Side by side; no two of the products meet.
    (dots == others).then(|| dots.wrapping_mul(GATHER) >> 56)
}

/// A byte in each place.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_number_is_read_in_every_place() {
        for number in 0..=1000_u32 {
            for (place, zeros) in (0..4).flat_map(|place| ["", "0", "00"].map(|z| (place, z))) {
                let mut parts = ["7", "34", "210", "0"].map(str::to_owned);
                parts[place] = format!("{zeros}{number}");
                let text = parts.join(".");
                assert_eq!(parse_quad(text.as_bytes()), text.parse().ok(), "{text}");
            }
        }
    }

    #[test]
    fn each_byte_in_each_place_is_as_std_has_it() {
        for text in ["1.2.3.4", "12.3.4.5", "192.0.2.55", "198.51.100.7", "203.0.113.250"] {
            for at in 0..text.len() {
                for byte in 0..=u8::MAX {
                    let mut changed = text.as_bytes().to_vec();
                    changed[at] = byte;
                    let expected = str::from_utf8(&changed).ok().and_then(|t| t.parse().ok());
                    assert_eq!(parse_quad(&changed), expected, "{}", changed.escape_ascii());
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_looks_like_a_quad_is_as_std_has_it(text in "[0-9.]{0,17}|([0-9]{0,4}[.:]){3}[0-9]{0,4}") {
            prop_assert_eq!(parse_quad(text.as_bytes()), text.parse().ok());
        }

        #[test]
        fn every_address_is_read(addr: u32) {
            let addr = Ipv4Addr::from(addr);
            prop_assert_eq!(parse_quad(addr.to_string().as_bytes()), Some(addr));
        }
    }
}
