//! What ends in labels and dots: an address or a name.

use super::Candidates;
use crate::bytes::is_label_byte;

impl Candidates<'_> {
    /// The first byte behind a token of labels and dots.
    #[inline]
    pub(in crate::find) fn dotted(&mut self, end: usize) {
        let is_needed = match self.plain_quad(end) {
            Some(addr) => self.probe.addr4(addr),
            None => self.is_dotted_needed(0, end),
        };
        if is_needed {
            // The last byte of the token, which is in its word; the end may not be.
            self.push(end - 1);
        }
    }

    /// `floor` is where the token begins at the earliest.
    pub(super) fn is_dotted_needed(&self, floor: usize, end: usize) -> bool {
        let trimmed = self.back(end, end - floor, |b| b == b'.' || b == b'-');
        let next = self.byte(end);
        if trimmed < end {
            // 192.0.2.*, and hospital.]example as a way to defang.
            let wildcard = next == b'*' && self.before(trimmed).is_ascii_digit();
            let behind = self.byte(end + 1);
            // Of `[.]` the opening bracket says all.
            let before = self.before(end - 1);
            let closing = matches!(next, b']' | b')' | b'}')
                && begins_name(behind)
                && (is_label_byte(before) || before == b'*' || !before.is_ascii());
            if wildcard || closing {
                return true;
            }
        }
        if trimmed == floor {
            return false;
        }
        let label = self.back(trimmed, trimmed - floor, is_label_byte);
        let is_number = self.haystack[label..trimmed].iter().all(u8::is_ascii_digit);
        if is_number || self.haystack[label].is_ascii_digit() {
            let needed = self.is_addr_needed(floor, label, trimmed, end, is_number);
            if needed || is_number {
                return needed;
            }
        }
        label > floor && self.before(label) == b'.' && self.is_name_needed(floor, label, trimmed)
    }

    /// The last label begins at `last`, behind a dot.
    fn is_name_needed(&self, floor: usize, last: usize, end: usize) -> bool {
        let second = self.back(last - 1, last - 1 - floor, is_label_byte);
        if second == last - 1 {
            // Two dots, or one at the start: `.example` is no name, `x..example` a bad one.
            return second > floor && self.before(second) == b'.';
        }
        let third = || {
            if second > floor && self.before(second) == b'.' {
                let third = self.back(second - 1, second - 1 - floor, is_label_byte);
                // Dashes at the start of the first label may be punctuation.
                let dots = self.back(third, third - floor, |b| b == b'.');
                let is_first = dots == floor || !is_label_byte(self.before(dots));
                let dashes = self.haystack[third..end].iter().take_while(|&&b| b == b'-').count();
                &self.haystack[third + if is_first { dashes } else { 0 }..end]
            } else {
                &self.haystack[second..end]
            }
        };
        let two = &self.haystack[second..end];
        if second >= floor + 2 && self.haystack[second - 2..second] == *b".." {
            return true;
        }
        if self.probe.name(two, third) {
            return true;
        }
        let stripped = second + two.iter().take_while(|&&b| b == b'-').count();
        stripped > second && self.probe.name(&self.haystack[stripped..end], || &[])
    }
}

/// What may stand behind a dot that is written oddly: a label, or the star of `192.0.2\.*`.
pub(super) fn begins_name(byte: u8) -> bool {
    is_label_byte(byte) || byte == b'*' || !byte.is_ascii()
}
