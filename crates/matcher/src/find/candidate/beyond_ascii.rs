//! Letters and dots of other scripts.

use std::ops::Range;

use super::{Candidates, MAX_TOKEN_BYTES};
use crate::bytes::is_token_byte;
use crate::reading::{InName, first_letter, is_foreign_to_ascii};

impl Candidates<'_> {
    /// The first of some bytes that are not ASCII: are there dots near them?
    ///
    /// Scripts without blanks write whole paragraphs without a byte of ASCII, so the token is
    /// followed for as long as such bytes come.
    pub(in crate::find) fn high(&mut self, at: usize) {
        if at < self.high_done {
            return;
        }
        if is_stop(&self.haystack[at..]) {
            if self.is_told_by_two_labels(at, at + 3) {
                return;
            }
            // A token of ASCII but for such stops.
            if self.token.read(self.haystack, at) && !self.is_token_needed() {
                self.high_done = self.token.end;
                return;
            }
        }
        let belongs = |b: u8| is_token_byte(b) || !b.is_ascii();
        let start = self.back(at, MAX_TOKEN_BYTES, belongs);
        let (mut end, mut last_high) = (at, at);
        let before = &self.haystack[start..at];
        let mut last_stop = before.iter().rposition(|&b| b == b'.').map(|len| start + len);
        for &byte in &self.haystack[at..] {
            match byte {
                0xe3 | 0xef => (last_high, last_stop) = (end, Some(end)),
                0x80.. => last_high = end,
                _ if end - last_high == MAX_TOKEN_BYTES || !is_token_byte(byte) => break,
                b'.' if !self.is_never_in_name_at(end + 1) => last_stop = Some(end),
                _ => {}
            }
            end += 1;
        }
        self.high_done = end;
        let Some(last_stop) = last_stop else { return };
        if belongs(self.before(start)) || belongs(self.byte(end)) {
            return self.push_dots(start, end);
        }
        let mut token = start;
        while token <= last_stop {
            let (token_end, is_told) = self.is_told(token, end);
            if !is_told {
                self.push_dots(token, token_end);
            }
            // Behind it stands a character that belongs to no name.
            if token_end == end {
                break;
            }
            token = token_end + first_letter(&self.haystack[token_end..end]).bytes;
        }
    }

    /// Whether a letter beyond ASCII stands at `at` that no name holds, so that no label is there.
    fn is_never_in_name_at(&self, at: usize) -> bool {
        !self.byte(at).is_ascii()
            && InName::of(first_letter(&self.haystack[at..]).char) == InName::Never
    }

    /// Whether the last labels of a token with letters beyond ASCII are as plain as if there were
    /// none, so that `dotted` knows all there is to know.
    fn is_told_by_its_end(&self, token: &Range<usize>, last_high: usize) -> bool {
        let token = &self.haystack[token.clone()];
        let mut labels = token[last_high..].rsplit(|&b| b == b'.');
        let (Some(last), Some(second), Some(third)) = (labels.next(), labels.next(), labels.next())
        else {
            return false;
        };
        let has_plain_third = labels.next().is_some() && third.first().is_some_and(|&b| b != b'-');
        let is_plain = !second.is_empty()
            && last.first().is_some_and(u8::is_ascii_alphabetic)
            && last.last().is_some_and(u8::is_ascii_alphanumeric);
        if !is_plain {
            return false;
        }
        if has_plain_third {
            return true;
        }
        // `dotted` may have asked for the label that the letter is in.
        let mut is_deep = false;
        let third = || {
            is_deep = true;
            &[][..]
        };
        let two = &token[token.len() - last.len() - 1 - second.len()..];
        let _ = self.probe.name(two, third);
        !is_deep
    }

    /// The end of the token that begins at `start` in a run of token bytes and others, and whether
    /// what the triggers of ASCII say is all there is to say.
    fn is_told(&self, start: usize, run_end: usize) -> (usize, bool) {
        let (mut end, mut last_high) = (start, None);
        let (mut seen, mut is_text, mut has_stop) = (0, true, false);
        loop {
            for &byte in self.haystack[end..run_end].iter().take_while(|byte| byte.is_ascii()) {
                (seen, end) = (seen | SEEN[usize::from(byte)], end + 1);
            }
            if end == run_end {
                break;
            }
            let letter = first_letter(&self.haystack[end..run_end]);
            match InName::of(letter.char) {
                InName::Never => break,
                InName::FullStop => (seen, has_stop) = (seen | DOT, true),
                InName::Ignored => {}
                InName::Letter => seen |= LETTER,
            }
            is_text &= !letter.is_latin1;
            last_high = Some(end - start);
            end += letter.bytes;
        }
        let Some(last_high) = last_high else { return (end, true) };
        if seen != LETTER | DOT {
            return (end, true);
        }
        let may_be_mail = self.probe.has_mails()
            && (self.before(start) == b'@' || end == run_end && self.is_local_part(end));
        let token = start..end;
        let is_told = !may_be_mail
            && !has_stop
            && (is_text && self.is_told_by_its_end(&token, last_high)
                || !self.probe.may_hold_idn() && is_foreign(&self.haystack[token]));
        (end, is_told)
    }

    /// Pushes the full stops of any script.
    ///
    /// In URLs and JSON they may be escaped; then their own triggers push.
    fn push_dots(&mut self, start: usize, end: usize) {
        for dot in start..end {
            if self.haystack[dot] == b'.' || is_stop(&self.haystack[dot..end]) {
                self.push(dot);
            }
        }
    }
}

/// Whether a text begins with a full stop of another script (UTS 46, section 2.3).
#[inline]
fn is_stop(text: &[u8]) -> bool {
    matches!(text, [0xe3, 0x80, 0x82, ..] | [0xef, 0xbc, 0x8e, ..] | [0xef, 0xbd, 0xa1, ..])
}

/// A letter or a digit, or what a label may hold as well, but for dashes.
const LETTER: u8 = 1;
/// What parts labels.
const DOT: u8 = 2;

/// What the bytes of a token are.
static SEEN: [u8; 256] = {
    let mut seen = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        seen[byte as usize] = match byte {
            b'.' => DOT,
            b'-' => 0,
            byte if is_token_byte(byte) => LETTER,
            _ => 0,
        };
        byte += 1;
    }
    seen
};

/// Whether each letter beyond ASCII keeps a label from being ASCII.
fn is_foreign(token: &[u8]) -> bool {
    let mut rest = token;
    while let Some(first) = rest.iter().position(|byte| !byte.is_ascii()) {
        let letter = first_letter(&rest[first..]);
        if !is_foreign_to_ascii(letter.char) {
            return false;
        }
        rest = &rest[first + letter.bytes..];
    }
    true
}
