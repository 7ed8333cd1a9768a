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
        if self.is_told_by_its_stops(at) {
            self.high_done = self.token.end;
            return;
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
        let (mut has_letters, mut is_text, mut has_stop) = (false, true, false);
        loop {
            end += ascii_bytes(&self.haystack[end..run_end]);
            if end == run_end {
                break;
            }
            let letter = first_letter(&self.haystack[end..run_end]);
            match InName::of(letter.char) {
                InName::Never => break,
                InName::FullStop => has_stop = true,
                InName::Ignored => {}
                InName::Letter => has_letters = true,
            }
            is_text &= !letter.is_latin1;
            last_high = Some(end - start);
            end += letter.bytes;
        }
        let Some(last_high) = last_high else { return (end, true) };
        let is_letter = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
        let has_dot = has_stop || self.haystack[start..end].contains(&b'.');
        if !has_dot || !has_letters && !self.haystack[start..end].iter().any(is_letter) {
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

    /// Whether the full stop of another script at `at` is in a token of ASCII but for such stops,
    /// and no asset is concerned.
    fn is_told_by_its_stops(&mut self, at: usize) -> bool {
        is_stop(&self.haystack[at..])
            && self.token.read(self.haystack, at)
            && !self.is_token_needed()
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

/// Bytes of ASCII that a text begins with.
#[inline]
fn ascii_bytes(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let high = u64::from_le_bytes(*word) & 0x8080_8080_8080_8080;
        if high != 0 {
            return 8 * index + high.trailing_zeros() as usize / 8;
        }
    }
    8 * words.len() + rest.iter().take_while(|byte| byte.is_ascii()).count()
}

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
