//! Escapes of JSON and of programs, and what an escape of any kind may hide.

use super::dotted::begins_name;
use super::{Candidates, MAX_TOKEN_BYTES};
use crate::bytes::{is_label_byte, is_token_byte, is_word_end};

impl Candidates<'_> {
    /// A `\`.
    pub(in crate::find) fn backslash(&mut self, at: usize) {
        let next = self.byte(at + 1);
        match next {
            // `http:\/\/3221225989` and `http:\\3221225989`.
            b'/' | b'\\' => self.slashes(at + 1),
            next if next.is_ascii_digit() || next == b'%' || !next.is_ascii() => self.slashes(at),
            _ => {}
        }
        let needed = match next {
            // \u002e, \u0040, and letters of other scripts.
            b'u' => self.is_unicode_needed(at),
            b'.' => {
                // JSON doubles the backslash.
                let first = self.back(at, 1, |b| b == b'\\');
                let before = self.before(first);
                (is_label_byte(before) || before == b'*' || !before.is_ascii())
                    && begins_name(self.byte(at + 2))
            }
            // `\nhospital.example` reads as nhospital.example otherwise.
            // Backspace and form feed are escapes in JSON only.
            b'n' | b't' | b'r' | b'b' | b'f' => self.restarts(at + 2),
            _ => false,
        };
        if needed {
            self.push(at);
        }
    }

    /// The `\u` at `at`: does it hide a part of a name, of a mail address or of an IPv6 address?
    ///
    /// Most stand in sentences, where every letter of another script may be written so.
    fn is_unicode_needed(&mut self, at: usize) -> bool {
        let code = (2..6).try_fold(0, |code, digit| {
            Some(code << 4 | char::from(self.byte(at + digit)).to_digit(16)?)
        });
        match code {
            None => false,
            Some(0x2e) => self.is_hidden_dot_needed(at, at + 6),
            Some(0x40) => {
                self.slashes(at + 5);
                self.is_hidden_sign_needed(at, at + 6) || self.restarts(at + 6)
            }
            Some(code @ 0..0x80) => {
                // Blanks, `&`, `<` and the like part words; the others are in them.
                let parts = code <= 0x20 || b"\"&'<=>".contains(&(code as u8));
                !parts || self.restarts(at + 6)
            }
            // Full stops and signs of other scripts.
            Some(0x3002 | 0xff0e | 0xff1a | 0xff20 | 0xff61) => true,
            Some(_) => at >= self.plain_to && self.is_in_notation(at),
        }
    }

    /// Whether the word around `at` holds a byte that names and addresses have inside.
    fn is_in_notation(&mut self, at: usize) -> bool {
        let start = self.back(at, MAX_TOKEN_BYTES, |b| !is_word_end(b));
        let rest = self.haystack[at..].iter().take(2 * MAX_TOKEN_BYTES);
        let len = rest.take_while(|&&b| !is_word_end(b)).count();
        let is_cut = len == 2 * MAX_TOKEN_BYTES;
        let word = &self.haystack[start..at + len];
        // What ends a sentence is no part of a name.
        let ends_sentence = |b: &&u8| !is_cut && b".,:;!?".contains(b);
        let tail = word.iter().rev().take_while(ends_sentence).count();
        let is_needed = word[..word.len() - tail].iter().any(|b| b".:@%[({".contains(b));
        if !is_needed {
            self.plain_to = at + if is_cut { MAX_TOKEN_BYTES } else { len };
        }
        is_needed
    }

    /// An escape from `at` to `behind` that stands for a dot: does it part labels?
    pub(super) fn is_hidden_dot_needed(&self, at: usize, behind: usize) -> bool {
        let (before, next) = (self.before(at), self.byte(behind));
        // Brackets of either kind, or a backslash, may stand around a dot that is escaped as well.
        let ends = is_token_byte(before) || b"[({])}*\\".contains(&before) || !before.is_ascii();
        let begins = is_token_byte(next)
            || b"[({])}*%".contains(&next)
            || !next.is_ascii()
            || next == b'\\' && self.byte(behind + 1) == b'u';
        ends && begins || self.restarts(behind)
    }

    /// An escape from `at` to `behind` that stands for an `@`: may the mail address be an asset?
    pub(super) fn is_hidden_sign_needed(&self, at: usize, behind: usize) -> bool {
        // `[%40]` is defanged and escaped.
        let is_in_brackets = b"])}".contains(&self.byte(behind));
        self.probe.has_mails()
            && (is_in_brackets || self.may_end_mail(at, &self.domain_behind(behind)))
    }

    /// Whether a token that begins at `at`, whatever stands before, is needed.
    #[inline]
    pub(super) fn restarts(&self, at: usize) -> bool {
        let at = at + self.haystack[at..].iter().take_while(|b| b".-".contains(b)).count();
        let is_needed = match self.byte(at) {
            b':' => self.byte(at + 1) == b':',
            first => is_label_byte(first) && self.is_needed_from(at),
        };
        // A local part that another letter seems to begin.
        is_needed || self.probe.has_mails() && self.is_local_part(at)
    }

    /// Whether the rest of a token, from a byte of a label on, is needed.
    fn is_needed_from(&self, at: usize) -> bool {
        let (end, has_dot) = self.token_at(at);
        let is_group = |b: &u8| b.is_ascii_hexdigit() || *b == b':';
        has_dot && self.is_dotted_needed(at, end)
            // An IPv6 address cannot be told from its first group.
            || self.byte(end) == b':' && self.haystack[at..end + 1].iter().all(is_group)
    }

    /// The end of the token that goes on at `at`, and whether it holds a dot from there on.
    #[inline]
    fn token_at(&self, at: usize) -> (usize, bool) {
        // Escapes of escapes ask for one byte after the other.
        let (from, end, behind_dots) = self.token_run.get();
        if from <= at && at < end {
            return (end, at < behind_dots);
        }
        let rest = &self.haystack[at..self.haystack.len().min(at + MAX_TOKEN_BYTES)];
        let len = rest.iter().position(|&b| !is_token_byte(b)).unwrap_or(rest.len());
        let last_dot = rest[..len].iter().rposition(|&b| b == b'.');
        let (end, behind_dots) = (at + len, last_dot.map_or(at, |dot| at + dot + 1));
        // Of a longer token the end is another one for each byte.
        if len < MAX_TOKEN_BYTES {
            self.token_run.set((at, end, behind_dots));
        }
        (end, at < behind_dots)
    }
}
