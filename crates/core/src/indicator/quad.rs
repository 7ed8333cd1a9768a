//! Dotted quads, read eight bytes at a time.
//!
//! Where a number of an address ends is anybody's guess, and a wrong one costs more than to read all
//! of it: nothing here branches on where the dots stand.

use std::net::Ipv4Addr;

/// Bytes of the longest quad.
const MOST: usize = 15;

/// A byte in each place.
const fn each(byte: u8) -> u128 {
    u128::from_ne_bytes([byte; 16])
}

/// Reads a dotted quad without leading zeros; none where the text is anything else.
#[inline]
pub(super) fn read(text: &[u8]) -> Option<Ipv4Addr> {
    let bytes = text.len();
    let word =
        |at: usize| text.get(at..at + 8)?.first_chunk().map(|word| u64::from_le_bytes(*word));
    let all = match bytes {
        8..=MOST => {
            // Where both words overlap they agree.
            u128::from(word(0)?) | u128::from(word(bytes - 8)?) << (8 * (bytes - 8))
        }
        7 => {
            let mut padded = [0; 16];
            padded[..7].copy_from_slice(text);
            u128::from_le_bytes(padded)
        }
        _ => return None,
    };
    let dots = places_of_zero(all ^ each(b'.'));
    let numerals = all ^ each(b'0');
    // The highest bit of each byte that is no digit.
    let others = (((numerals & each(0x7f)) + each(0x76)) | numerals) & each(0x80);
    let first = dots.trailing_zeros();
    let further = dots & dots.wrapping_sub(1);
    let second = further.trailing_zeros();
    let last = further & further.wrapping_sub(1);
    let third = last.trailing_zeros();
    // Each dot is no digit, and nothing else of the text is none.
    let is_digits = places(others) & ((1 << bytes) - 1) == dots;
    if dots.count_ones() != 3 || !is_digits {
        return None;
    }
    let ends = [first, second, third, bytes as u32];
    let mut start = 0;
    let mut octets = [0; 4];
    let mut is_wrong = false;
    for (octet, end) in octets.iter_mut().zip(ends) {
        let digits = end.wrapping_sub(start);
        // The digits at the top, and nothing below them.
        let number = ((numerals >> (8 * start)) as u32) << (32_u32.wrapping_sub(8 * digits) % 32);
        let digit = |place: u32| number >> (8 * place) & 0xff;
        let value = digit(1) * 100 + digit(2) * 10 + digit(3);
        let least = [256, 0, 10, 100];
        is_wrong |= value > 255 || value < least.get(digits as usize).copied().unwrap_or(256);
        *octet = value as u8;
        start = end + 1;
    }
    (!is_wrong).then(|| Ipv4Addr::from(octets))
}

/// One bit for each byte that is zero, the first byte's the lowest.
fn places_of_zero(bytes: u128) -> u32 {
    places(!(((bytes & each(0x7f)) + each(0x7f)) | bytes) & each(0x80))
}

/// The highest bit of each byte, side by side.
fn places(highest: u128) -> u32 {
    const GATHER: u64 = 0x0002_0408_1020_4081;
    let gather = |word: u64| (word.wrapping_mul(GATHER) >> 56) as u32;
    gather(highest as u64) | gather((highest >> 64) as u64) << 8
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
                assert_eq!(read(text.as_bytes()), text.parse().ok(), "{text}");
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
                    assert_eq!(read(&changed), expected, "{}", changed.escape_ascii());
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_looks_like_a_quad_is_as_std_has_it(text in "[0-9.]{0,17}|([0-9]{0,4}[.:]){3}[0-9]{0,4}") {
            prop_assert_eq!(read(text.as_bytes()), text.parse().ok());
        }

        #[test]
        fn every_address_is_read(addr: u32) {
            let addr = Ipv4Addr::from(addr);
            prop_assert_eq!(read(addr.to_string().as_bytes()), Some(addr));
        }
    }
}
