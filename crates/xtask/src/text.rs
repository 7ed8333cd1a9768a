//! Numbers and addresses as text, appended without the formatting machinery.
//!
//! `write!` costs more than the rest of a record together.

/// Up to sixteen bytes that are copied without asking how many they are.
///
/// A copy of unknown length is a call; one of sixteen bytes is two moves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short {
    bytes: [u8; 16],
    len: usize,
}

impl Short {
    /// `text`, of at most sixteen bytes.
    pub(crate) const fn new(text: &str) -> Self {
        let text = text.as_bytes();
        assert!(text.len() <= 16, "a short text has at most sixteen bytes");
        let mut bytes = [0; 16];
        let mut at = 0;
        while at < text.len() {
            bytes[at] = text[at];
            at += 1;
        }
        Self { bytes, len: text.len() }
    }

    /// Appends the text.
    #[inline]
    pub(crate) fn push(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.len;
        out.extend_from_slice(&self.bytes);
        out.truncate(end);
    }
}

/// Appends `number` in decimal.
pub(crate) fn push_decimal(out: &mut Vec<u8>, mut number: u64) {
    if number < 256 {
        return OCTETS[number as usize].push(out);
    }
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends the last `digits` decimal digits of `number`, zeros included.
pub(crate) fn push_padded(out: &mut Vec<u8>, mut number: u64, digits: usize) {
    let begin = out.len();
    out.resize(begin + digits, b'0');
    for digit in out[begin..].iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// Appends `digits` hexadecimal digits, the low ones of `bits` first.
pub(crate) fn push_hex(out: &mut Vec<u8>, mut bits: u64, digits: usize) {
    for _ in 0..digits {
        out.push(b"0123456789abcdef"[(bits & 15) as usize]);
        bits >>= 4;
    }
}

/// Appends an IPv4 address.
pub(crate) fn push_v4(out: &mut Vec<u8>, addr: u32) {
    let [a, b, c, d] = addr.to_be_bytes();
    push_decimal(out, a.into());
    for byte in [b, c, d] {
        out.push(b'.');
        push_decimal(out, byte.into());
    }
}

/// Appends an IPv6 address as RFC 5952 has it, which is as the standard library
/// has it but for addresses with IPv4 inside; the feeds hold none of those.
pub(crate) fn push_v6(out: &mut Vec<u8>, addr: u128) {
    let groups: [u16; 8] = std::array::from_fn(|at| (addr >> (112 - 16 * at)) as u16);
    let (zeros, zeros_len) = longest_zeros(&groups);
    let mut at = 0;
    while at < groups.len() {
        if at == zeros && zeros_len > 1 {
            out.extend_from_slice(b"::");
            at += zeros_len;
            continue;
        }
        if at > 0 && at != zeros + zeros_len {
            out.push(b':');
        }
        push_group(out, groups[at]);
        at += 1;
    }
}

/// Where the first of the longest runs of zero groups begins, and how many it has.
fn longest_zeros(groups: &[u16; 8]) -> (usize, usize) {
    let (mut best, mut best_len) = (0, 0);
    let mut len = 0;
    for (at, &group) in groups.iter().enumerate() {
        len = if group == 0 { len + 1 } else { 0 };
        if len > best_len {
            (best, best_len) = (at + 1 - len, len);
        }
    }
    // A single zero is written out and not shortened.
    if best_len > 1 { (best, best_len) } else { (groups.len(), 0) }
}

fn push_group(out: &mut Vec<u8>, group: u16) {
    let digits = (16 - (group | 1).leading_zeros()).div_ceil(4);
    for digit in (0..digits).rev() {
        out.push(b"0123456789abcdef"[usize::from(group >> (4 * digit)) & 15]);
    }
}

/// Appends the moment `seconds` after 2026-01-01 00:00:00, up to 28 days of each month.
///
/// Months of 28 days, since nobody looks at the calendar here and a real one
/// would be the slowest part of the record.
pub(crate) fn push_timestamp(out: &mut Vec<u8>, seconds: u64) {
    let (days, rest) = (seconds / 86_400 % 336, seconds % 86_400);
    out.extend_from_slice(b"2026-");
    push_padded(out, days / 28 + 1, 2);
    out.push(b'-');
    push_padded(out, days % 28 + 1, 2);
    out.push(b' ');
    push_padded(out, rest / 3600, 2);
    out.push(b':');
    push_padded(out, rest / 60 % 60, 2);
    out.push(b':');
    push_padded(out, rest % 60, 2);
}

/// The numbers below 256.
static OCTETS: [Short; 256] = {
    let mut table = [Short::new(""); 256];
    let mut number = 0;
    while number < 256 {
        let digits = [(number / 100) as u8, (number / 10 % 10) as u8, (number % 10) as u8];
        let skip = if number >= 100 {
            0
        } else if number >= 10 {
            1
        } else {
            2
        };
        let mut at = skip;
        while at < 3 {
            table[number].bytes[at - skip] = b'0' + digits[at];
            at += 1;
        }
        table[number].len = 3 - skip;
        number += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;
    use crate::random::Random;

    #[test]
    fn numbers_and_addresses_are_written_as_std_writes_them() {
        let mut random = Random::new(7);
        let mut out = Vec::new();
        for round in 0..100_000_u64 {
            let number = random.bits() >> (round % 64);
            out.clear();
            push_decimal(&mut out, number);
            assert_eq!(out, number.to_string().as_bytes());

            // Many groups of zeros, which is where the rules are.
            let mask = random.bits();
            let addr = (0..8).fold(0_u128, |addr, at| {
                let group = random.bits() as u16 >> ((mask >> (8 * at)) & 15);
                (addr << 16) | u128::from(if mask >> (32 + at) & 1 == 0 { 0 } else { group })
            });
            // The lowest 96 bits alone are the addresses with IPv4 inside.
            let addr = addr | (0x2001 << 112);
            out.clear();
            push_v6(&mut out, addr);
            assert_eq!(out, Ipv6Addr::from(addr).to_string().as_bytes());
        }
    }
}
