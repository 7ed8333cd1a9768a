//! Dotted quads, read eight bytes at a time.
//!
//! Where a number of an address ends is anybody's guess, and a wrong one costs more than to read all
//! of it: nothing here branches on where the dots stand. What a number is worth, and how many digits it
//! has, is looked up by the low halves of the three bytes that end it; the digits of all four and three
//! dots have to be all that there is.

use std::net::Ipv4Addr;

/// Bytes of the shortest and of the longest quad.
const LEAST: usize = 7;
const MOST: usize = 15;

/// What stands before the first number, as if it were one of the others.
const DOTS: u64 = 0x2e_2e2e;

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
    // Two numbers and their dots are in the first word, the others and theirs in the last.
    let (head, tail) = (text.first_chunk()?, text.last_chunk()?);
    let (head, tail) = (u64::from_le_bytes(*head), u64::from_le_bytes(*tail));
    let (dots, dots_of_tail) = (dots(head), dots(tail));
    let behind_first = dots & dots.wrapping_sub(1);
    // In bits; a dot's mark is the highest bit of its byte.
    let first = dots.trailing_zeros() & 56;
    let second = behind_first.trailing_zeros();
    let third = 63_u32.wrapping_sub(dots_of_tail.leading_zeros());
    // Where the three bytes before them begin; beyond 32 where there is no such dot, or no room for these.
    let [before_second, before_third] = [second.wrapping_sub(31), third.wrapping_sub(31)];
    let numbers = [
        number((head << 24 | DOTS) >> first),
        number(head >> (before_second & 63)),
        number(tail >> (before_third & 63)),
        number(tail >> 40),
    ];
    let digits: u32 = numbers.iter().map(|&number| u32::from(number & 0xff)).sum();
    let wrong = others(head, dots) | others(tail, dots_of_tail);
    // The third dot is the last of all, and stands at least two bytes behind the second.
    let apart = third.wrapping_add(8 * (bytes as u32 - 8)).wrapping_sub(second) as i32;
    let is_quad = (wrong == 0)
        & (digits + 3 == bytes as u32)
        & (before_second <= 32)
        & (before_third <= 32)
        & (apart >= 16);
    is_quad.then(|| Ipv4Addr::from(numbers.map(|number| (number >> 8) as u8)))
}

/// Digits of what is no number from 0 to 255: more than all four may have.
const NONE: u16 = 32;

/// Numbers, with how many digits they have in the low byte, by the low halves of the three bytes that end
/// them, the last the lowest.
///
/// A number of one digit has a dot before it and anything before that. A leading zero makes it none.
static NUMBERS: [u16; 1 << 12] = {
    let mut numbers = [NONE; 1 << 12];
    let mut halves = 0;
    while halves < numbers.len() {
        let [hundreds, tens, ones] = [halves >> 8, halves >> 4 & 15, halves & 15];
        let dot = (DOTS & 15) as usize;
        let number = hundreds * 100 + tens * 10 + ones;
        if ones > 9 {
        } else if tens == dot {
            numbers[halves] = (ones << 8 | 1) as u16;
        } else if tens > 9 {
        } else if hundreds == dot && tens > 0 {
            numbers[halves] = ((tens * 10 + ones) << 8 | 2) as u16;
        } else if hundreds > 0 && number <= 255 {
            numbers[halves] = (number << 8 | 3) as u16;
        }
        halves += 1;
    }
    numbers
};

/// The number that ends in the lowest three bytes, the last of them the highest.
#[inline]
fn number(ending: u64) -> u16 {
    // Side by side from bit 16 on: no two of the nine products meet.
    const GATHER: u64 = 1 | 1 << 12 | 1 << 24;
    let halves = ((ending & 0x0f_0f0f) * GATHER) >> 16;
    NUMBERS[(halves & 0xfff) as usize]
}

/// The quad of four digits.
fn of_digits(text: &[u8; LEAST]) -> Option<Ipv4Addr> {
    let [a, b'.', b, b'.', c, b'.', d] = *text else { return None };
    let octets = [a, b, c, d];
    octets.iter().all(u8::is_ascii_digit).then(|| octets.map(|digit| digit - b'0').into())
}

/// The highest bit of each byte that is a dot.
#[inline]
fn dots(text: u64) -> u64 {
    let text = text ^ each(b'.');
    !(((text & each(0x7f)) + each(0x7f)) | text) & each(0x80)
}

/// Bits where the upper half of a byte is neither that of a digit nor of a dot.
///
/// The lower half is looked up.
#[inline]
fn others(text: u64, dots: u64) -> u64 {
    (text ^ each(b'0')) & each(0xf0) ^ dots >> 3
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

    #[test]
    fn all_short_texts_of_a_few_letters_are_as_std_has_them() {
        const LETTERS: &[u8; 4] = b"029.";
        for bytes in 6..=10 {
            for number in 0..1_u32 << (2 * bytes) {
                let letter = |at: u32| char::from(LETTERS[(number >> (2 * at) & 3) as usize]);
                let text: String = (0..bytes).map(letter).collect();
                assert_eq!(parse_quad(text.as_bytes()), text.parse().ok(), "{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_looks_like_a_quad_is_as_std_has_it(text in "[0-9.]{0,17}|([0-9]{0,4}[.:;,/-]){3}[0-9]{0,4}") {
            prop_assert_eq!(parse_quad(text.as_bytes()), text.parse().ok());
        }

        #[test]
        fn every_address_is_read(addr: u32) {
            let addr = Ipv4Addr::from(addr);
            prop_assert_eq!(parse_quad(addr.to_string().as_bytes()), Some(addr));
        }
    }
}
