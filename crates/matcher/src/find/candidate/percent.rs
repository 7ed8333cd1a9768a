//! Percent escapes.

use super::{Candidates, MAX_TOKEN_BYTES};
use crate::bytes::{is_label_byte, is_token_byte};

/// Bytes of `%252525..` that are followed to what is encoded again and again.
const MAX_PERCENT_BYTES: usize = 16;

impl Candidates<'_> {
    /// A `%`.
    pub(in crate::find) fn percent(&mut self, at: usize) {
        if self.is_percent_needed(at, at + 1) {
            self.push(at);
        }
    }

    /// The two digits of the escape at `at` stand at `digits`, behind `%25`s where it is nested.
    // Inlined, it saves and restores for each `%` what nested escapes alone need.
    #[inline(never)]
    fn is_percent_needed(&mut self, at: usize, digits: usize) -> bool {
        let Some(decoded) = self.escaped_at(digits) else { return false };
        let behind = digits + 2;
        match decoded {
            b'.' => self.is_hidden_dot_needed(at, behind),
            // `//3221225989` of a URL in a query.
            b'/' | b'\\' => {
                self.slashes(behind - 1);
                self.restarts(behind)
            }
            b'@' => {
                self.slashes(behind - 1);
                self.is_hidden_sign_needed(at, behind) || self.restarts(behind)
            }
            b':' => self.restarts(behind) || self.is_group_at(behind),
            // 192.0.2.*, and 192.0.2.0 - 192.0.2.9.
            b'*' => self.before(at) == b'.' || self.restarts(behind),
            b' ' | b'\t' => self.restarts(behind) || self.is_dash_of_range_at(at, behind),
            b'%' if behind < at + MAX_PERCENT_BYTES => {
                self.restarts(behind) || self.is_percent_needed(at, behind)
            }
            decoded => {
                let part_of_name = is_label_byte(decoded) || !decoded.is_ascii();
                part_of_name && self.is_dotted_around(at) || self.restarts(behind)
            }
        }
    }

    /// Whether a dash stands behind the escaped blank from `at` to `behind`, and a number before it.
    fn is_dash_of_range_at(&self, at: usize, behind: usize) -> bool {
        let before = self.before(at);
        let rest = &self.haystack[behind.min(self.haystack.len())..];
        (before.is_ascii_hexdigit() || before == b':')
            && (rest.starts_with(b"-") || rest.starts_with(b"%"))
    }

    /// Whether the escape at `at` stands for a letter of ASCII.
    pub(super) fn is_letter_at(&self, at: usize) -> bool {
        self.escaped_at(at + 1).is_some_and(|byte| byte.is_ascii_alphabetic())
    }

    /// The byte that two hex digits at `at` stand for.
    #[inline]
    fn escaped_at(&self, at: usize) -> Option<u8> {
        let digits = self.haystack.get(at..at + 2)?;
        let [high, low] = [digits[0], digits[1]].map(|digit| HEX_DIGITS[usize::from(digit)]);
        ((high | low) < 16).then_some(high << 4 | low)
    }

    /// Whether the rest of an IPv6 address of which colons are escaped may begin at `at`.
    fn is_group_at(&self, at: usize) -> bool {
        let rest = &self.haystack[at.min(self.haystack.len())..];
        let digits = rest.iter().take(5).take_while(|b| b.is_ascii_hexdigit()).count();
        let behind = &rest[digits..];
        // Most are those of `http%3A%2F%2F`.
        let is_colon = |escape: &[u8]| {
            let mut hex = escape.strip_prefix(b"%").unwrap_or_default();
            while let Some(nested) = hex.strip_prefix(b"25") {
                hex = nested;
            }
            hex.get(..2).is_some_and(|hex| hex.eq_ignore_ascii_case(b"3a"))
        };
        digits < 5 && (behind.starts_with(b":") || is_colon(behind))
    }

    /// Whether the token around the escape at `at`, which may hold more of them, holds a dot.
    fn is_dotted_around(&mut self, at: usize) -> bool {
        let belongs = |b: u8| is_token_byte(b) || b == b'%' || !b.is_ascii();
        let (end, is_dotted) = self.around;
        if at < end {
            return is_dotted;
        }
        let start = self.back(at, MAX_TOKEN_BYTES, belongs);
        let rest = self.haystack[at..].iter().take(MAX_TOKEN_BYTES);
        let end = at + rest.take_while(|&&b| belongs(b)).count();
        let is_dotted = self.haystack[start..end].contains(&b'.');
        self.around = (end, is_dotted);
        is_dotted
    }
}

/// What each hex digit is worth; 255 for other bytes.
const HEX_DIGITS: [u8; 256] = {
    let mut digits = [255; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};
