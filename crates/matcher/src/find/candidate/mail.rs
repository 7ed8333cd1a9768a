//! Mail addresses: what stands before an `@` and behind it.

use std::ops::Range;

use feedsieve_core::{ANCHOR_BYTES, MAX_NAME_BYTES};

use super::{Candidates, refang};
use crate::bytes::{is_label_byte, is_local_byte, is_token_byte};

/// Octets of a local part (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// Bytes that are looked ahead for the `@` behind a local part and what seems to be one.
const MAX_RUN_BYTES: usize = 1 << 10;

impl Candidates<'_> {
    /// An `@`: is it that of a mail address which is an asset?
    pub(in crate::find) fn at_sign(&mut self, at: usize) {
        let next = self.byte(at + 1);
        if next.is_ascii() && !is_token_byte(next) && !b"[({%\\".contains(&next) {
            return;
        }
        self.slashes(at);
        if !self.probe.has_mails() {
            return;
        }
        let domain = self.domain_behind(at + 1);
        if !self.may_have_dot(&domain) {
            return;
        }
        let end = self.back(domain.end, domain.len(), |b| b == b'.' || b == b'-');
        let is_quoted = self.before(at) == b'"' && !domain.is_empty();
        // Behind another `@` it is not seen where the local part begins.
        let is_second = || {
            let local = self.back(at, MAX_LOCAL_BYTES, is_local_byte);
            self.before(local) == b'@' && self.may_end_mail(at, &domain)
        };
        // `192.0.2.0/24+jan@` is a prefix, and mail behind it.
        let first = self.back(at, MAX_LOCAL_BYTES, is_local_byte);
        let behind_plus = (first..at).filter(|&plus| self.byte(plus) == b'+').map(|plus| plus + 1);
        // Letters of other scripts have another case, and more than one encoding.
        let is_foreign = || !self.haystack[first..at].is_ascii() && self.may_end_mail(at, &domain);
        // `o\'neil` and `o''neil` in strings of SQL.
        let local = &self.haystack[first..at];
        let has_quote = || {
            let quote = memchr::memchr(b'\'', local);
            let is_meant = |quote: usize| {
                quote == 0 && self.before(first) == b'\\'
                    || local.windows(2).any(|pair| pair == b"''")
            };
            quote.is_some_and(is_meant) && self.may_end_mail(at, &domain)
        };
        let needed = is_quoted
            || is_second()
            || is_foreign()
            || has_quote()
            || local_starts(self.haystack, 0, at).chain(behind_plus).any(|local| {
                let punctuation = |b: &&u8| matches!(b, b'.' | b'-' | b'+' | b'\'');
                let bare = local + self.haystack[local..at].iter().take_while(punctuation).count();
                self.probe.mail(&self.haystack[local..end])
                    || bare > local && self.probe.mail(&self.haystack[bare..end])
            });
        if needed {
            self.push(at);
        }
    }

    /// Whether the token that ends at `end` may be the local part, or its beginning, of a mail
    /// address which is an asset.
    #[inline]
    pub(super) fn is_mail_needed_behind(&self, end: usize) -> bool {
        let next = self.byte(end);
        (next == b'@' || is_local_byte(next)) && self.is_mail_needed_from(end)
    }

    fn is_mail_needed_from(&self, end: usize) -> bool {
        let rest = self.haystack[end..].iter().take(MAX_LOCAL_BYTES + 1);
        let sign = end + rest.take_while(|&&b| is_local_byte(b)).count();
        if self.byte(sign) != b'@' {
            return false;
        }
        let is_meant = |b: &u8| b.is_ascii() && *b != b'%';
        !self.haystack[end..sign].iter().all(is_meant)
            || self.may_end_mail(sign, &self.domain_behind(sign + 1))
    }

    /// The bytes of a token that begins at `at`.
    pub(super) fn domain_behind(&self, at: usize) -> Range<usize> {
        let rest = self.haystack.get(at..).unwrap_or_default().iter().take(MAX_NAME_BYTES + 2);
        at..at + rest.take_while(|&&b| is_token_byte(b)).count()
    }

    /// Whether a token may be a name: a dot stands in it, or what may hide one behind it.
    fn may_have_dot(&self, token: &Range<usize>) -> bool {
        let hides_dot = matches!(self.byte(token.end), b'[' | b'(' | b'{' | b'%' | b'\\' | 0x80..);
        hides_dot || self.haystack[token.clone()].contains(&b'.')
    }

    /// Whether an asset may be a mail address of which the local part ends at `local`, and which
    /// has this domain.
    pub(super) fn may_end_mail(&self, local: usize, domain: &Range<usize>) -> bool {
        if !self.may_have_dot(domain) {
            return false;
        }
        let (last, next) = (self.before(domain.end), self.byte(domain.end));
        // Behind an escape a letter may be another one.
        let is_escape = |b: &u8| b"%\\".contains(b);
        let is_plain = is_label_byte(last)
            && last != b'-'
            && !matches!(next, b'[' | b'(' | b'{' | b'%' | b'\\' | b'*' | b'@' | 0x80..)
            && is_label_byte(self.before(local))
            && !self.haystack[local.saturating_sub(6)..local].iter().any(is_escape);
        if !is_plain {
            return true;
        }
        // What stands between the two is an `@`, though it may be written otherwise.
        let mut tail = [0; ANCHOR_BYTES];
        let len = domain.len().min(ANCHOR_BYTES);
        tail[ANCHOR_BYTES - len..].copy_from_slice(&self.haystack[domain.end - len..domain.end]);
        let room = ANCHOR_BYTES - len;
        for (slot, byte) in tail[..room].iter_mut().rev().zip([b'@', self.before(local)]) {
            *slot = byte;
        }
        self.probe.mail_tail(&tail, domain.len() + 2)
    }

    /// Whether the `@` at `at` is needed if `domain` stands behind it.
    pub(super) fn is_domain_needed(&self, at: usize, domain: &[u8]) -> bool {
        // What `at_sign` looks at.
        let mut mail = [0; MAX_LOCAL_BYTES + 2 + refang::MAX_BYTES];
        let before = &self.haystack[at.saturating_sub(MAX_LOCAL_BYTES + 1)..=at];
        mail[..before.len()].copy_from_slice(before);
        let len = before.len() + domain.len();
        mail[before.len()..len].copy_from_slice(domain);
        let mut found = Vec::new();
        self.within(&mail[..len], &mut found).at_sign(before.len() - 1);
        !found.is_empty()
    }

    /// Whether what begins at `at` may be a local part.
    #[inline]
    pub(super) fn is_local_part(&self, at: usize) -> bool {
        // Texts full of escapes ask for one byte after the other.
        let (from, sign) = self.next_sign.get();
        !(from <= at && at + MAX_LOCAL_BYTES + 1 < sign) && self.has_sign_behind(at)
    }

    fn has_sign_behind(&self, at: usize) -> bool {
        let first = self.byte(at);
        if first != b'@' && !is_local_byte(first) {
            return false;
        }
        let (from, mut sign) = self.next_sign.get();
        if !(from <= at && at <= sign && self.byte(sign) == b'@') {
            let near = &self.haystack[at..self.haystack.len().min(at + MAX_RUN_BYTES)];
            sign = at + memchr::memchr(b'@', near).unwrap_or(near.len());
            self.next_sign.set((at, sign));
        }
        if sign - at > MAX_LOCAL_BYTES + 1 || self.byte(sign) != b'@' {
            return false;
        }
        let (from, mut end) = self.local_run.get();
        if !(from <= at && at <= end) {
            let rest = self.haystack[at..sign].iter();
            end = at + rest.take_while(|&&b| is_local_byte(b)).count();
            self.local_run.set((at, end));
        }
        end == sign
    }
}

/// Where the local part of a mail address whose `@` stands at `at` may begin.
///
/// RFC 5321 lets a local part hold much that parts words elsewhere, as in
/// `mail=jan@hospital.example`, so each such place is a possible beginning.
pub(crate) fn local_starts(
    haystack: &[u8],
    floor: usize,
    at: usize,
) -> impl Iterator<Item = usize> + '_ {
    let floor = floor.max(at.saturating_sub(MAX_LOCAL_BYTES));
    let mut next = Some(at);
    std::iter::from_fn(move || {
        let mut start = next?;
        let is_plain = |b: u8| is_local_byte(b) && !is_separator_of_locals(b);
        // Over one byte that may part, then over what cannot.
        if start > floor && is_separator_of_locals(haystack[start - 1]) {
            start -= 1;
        }
        while start > floor && is_plain(haystack[start - 1]) {
            start -= 1;
        }
        let goes_on = start > floor && is_separator_of_locals(haystack[start - 1]);
        next = goes_on.then_some(start).filter(|&start| start < at);
        (start < at).then_some(start)
    })
}

/// Allowed in a local part (RFC 5321, `atext`; RFC 6532), and used to part words too.
fn is_separator_of_locals(byte: u8) -> bool {
    b"!#$%&'*/=?^`{|}~".contains(&byte) || !byte.is_ascii()
}
