//! IPv4 addresses, prefixes and ranges, read backwards from their end.

use super::Candidates;
use crate::bytes::{is_label_byte, is_token_byte, skip_blanks};

impl Candidates<'_> {
    /// The address that ends at `end`, where nothing before or behind it can matter.
    ///
    /// Most of what address feeds hold. `None` says nothing.
    #[inline]
    pub(super) fn plain_quad(&self, end: usize) -> Option<u32> {
        if matches!(self.byte(end), b'/' | b' ' | b'\t' | b'*' | b'-' | b'\\') {
            return None;
        }
        let text = &self.haystack[..end];
        let (mut at, mut addr) = (end, 0);
        for shift in [0, 8, 16, 24] {
            let (mut octet, mut scale) = (0, 1);
            let last = at;
            while at > 0 && last - at < 4 {
                let digit = u32::from(text[at - 1].wrapping_sub(b'0'));
                if digit > 9 {
                    break;
                }
                octet += digit * scale;
                scale *= 10;
                at -= 1;
            }
            let digits = last - at;
            if digits == 0 || digits > 3 || octet > 255 || digits > 1 && text[at] == b'0' {
                return None;
            }
            addr |= octet << shift;
            if shift < 24 {
                if at == 0 || text[at - 1] != b'.' {
                    return None;
                }
                at -= 1;
            }
        }
        (at == 0 || !is_token_byte(text[at - 1])).then_some(addr)
    }

    /// The last label begins with a digit; `is_number` where it is one.
    pub(super) fn is_addr_needed(
        &self,
        floor: usize,
        label: usize,
        trimmed: usize,
        end: usize,
        is_number: bool,
    ) -> bool {
        if !is_number {
            // 192.0.2.1-50 and 192.0.2.1-192.0.2.9 are cut at the dash by labels.
            let last = &self.haystack[label..trimmed];
            let dash = last.iter().position(|&b| b == b'-');
            return dash.is_some_and(|dash| {
                let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
                digits(&last[..dash]) && digits(&last[dash + 1..])
            });
        }
        let start =
            self.back(trimmed, (trimmed - floor).min(16), |b| b.is_ascii_digit() || b == b'.');
        let start =
            start + self.haystack[start..trimmed].iter().take_while(|&&b| b == b'.').count();
        let Some(addr) = read_quad(&self.haystack[start..trimmed]) else {
            return false;
        };
        let before = if start > floor { self.before(start) } else { 0 };
        let Quad::Plain(addr) = addr else {
            return true;
        };
        match before {
            // A range, or a dash as punctuation.
            b'-' => return true,
            before if is_label_byte(before) => return false,
            _ => {}
        }
        match self.byte(end) {
            b'/' if end == trimmed => self.is_prefix_needed(addr, end + 1),
            // JSON may write `\/`.
            b'\\' if end == trimmed && self.byte(end + 1) == b'/' => {
                self.is_prefix_needed(addr, end + 2)
            }
            // 192.0.2.0 - 192.0.2.9
            b'\\' if matches!(self.byte(end + 1), b't' | b'u') => true,
            b' ' | b'\t' => {
                self.probe.addr4(addr) || self.is_range_behind(end, |b| b.is_ascii_digit())
            }
            _ => self.probe.addr4(addr),
        }
    }

    /// Whether a dash with blanks round it stands at `end`, and what `begins` an address behind it.
    pub(super) fn is_range_behind(&self, end: usize, begins: impl Fn(u8) -> bool) -> bool {
        let dash = skip_blanks(self.haystack, end);
        // JSON writes a tab as `\t`.
        let is_escaped = |at| self.byte(at) == b'\\';
        is_escaped(dash)
            || self.byte(dash) == b'-' && {
                let last = skip_blanks(self.haystack, dash + 1);
                is_escaped(last) || last > dash + 1 && begins(self.byte(last))
            }
    }

    /// The number at `at` and its digits, of which four are too many for a prefix's length.
    pub(super) fn prefix_len(&self, at: usize) -> (usize, u32) {
        let digits = self.haystack[at..].iter().take(4).take_while(|b| b.is_ascii_digit());
        digits.fold((0, 0), |(digits, len), &b| (digits + 1, len * 10 + u32::from(b - b'0')))
    }

    pub(super) fn is_prefix_needed(&self, addr: u32, at: usize) -> bool {
        let (digits, len) = self.prefix_len(at);
        match digits {
            0 => self.probe.addr4(addr),
            1 | 2 if len <= 32 && self.byte(at + digits) != b'.' => {
                let host_mask = u32::MAX.checked_shr(len).unwrap_or(0);
                len < self.shortest4 || self.probe.range4(addr & !host_mask, addr | host_mask)
            }
            _ => true,
        }
    }
}

/// A dotted quad, read backwards from its end by the finder.
pub(super) enum Quad {
    Plain(u32),
    /// A number begins with a zero, which is counted wherever it stands.
    Octal,
}

pub(super) fn is_plain_quad(text: &[u8]) -> bool {
    matches!(read_quad(text), Some(Quad::Plain(_)))
}

/// Reads four numbers of at most three digits; more than 255 is none.
#[inline]
pub(super) fn read_quad(text: &[u8]) -> Option<Quad> {
    let (mut addr, mut octet, mut digits, mut dots) = (0_u32, 0_u32, 0, 0);
    let mut octal = false;
    let mut first = 0;
    for &byte in text {
        if byte == b'.' {
            if digits == 0 || dots == 3 {
                return None;
            }
            addr = addr << 8 | octet;
            (octet, digits, dots) = (0, 0, dots + 1);
        } else {
            if digits == 0 {
                first = byte;
            }
            octet = octet * 10 + u32::from(byte.wrapping_sub(b'0'));
            digits += 1;
            octal |= digits > 1 && first == b'0';
            if digits > 3 || octet > 255 || !byte.is_ascii_digit() {
                return None;
            }
        }
    }
    (digits > 0 && dots == 3).then_some(if octal {
        Quad::Octal
    } else {
        Quad::Plain(addr << 8 | octet)
    })
}
