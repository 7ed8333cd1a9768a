//! A cheap look at each candidate: read it backwards from its end, ask the
//! image's filters, and push its position unless no asset can be concerned.
//!
//! Each method decides less than `reading` will: whatever reading could turn
//! into a hit, or into a counted rejection, has to be pushed here.

use std::cell::Cell;
use std::net::Ipv6Addr;
use std::ops::Range;

use feedsieve_core::{ANCHOR_BYTES, AddrRange, MAX_NAME_BYTES, Probe};

use super::Search;
use super::refang::{self, Refanged};

use crate::bytes::{is_label_byte, is_local_byte, is_token_byte, is_word_end, skip_blanks};
use crate::reading::{InName, first_letter, is_foreign_to_ascii};

/// Bytes of the longest IPv6 address in text, an embedded IPv4 address included.
const MAX_ADDR6_BYTES: usize = 45;

/// The same behind the end of a key such as `face:`.
const MAX_KEYED_BYTES: usize = 64;

/// Bytes to either side of an odd character within which a dot makes it part of a name.
const MAX_TOKEN_BYTES: usize = 512;

/// Octets of a local part (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL_BYTES: usize = 64;

/// Bytes that are looked ahead for the end of a local part and what seems to be one.
const MAX_RUN_BYTES: usize = 1 << 10;

/// Bytes of `%252525..` that are followed to what is encoded again and again.
const MAX_PERCENT_BYTES: usize = 16;

/// Where candidates are looked at, and where the positions go.
pub(super) struct Candidates<'a> {
    haystack: &'a [u8],
    probe: &'a Probe<'a>,
    /// Shorter prefixes are counted wherever they stand, so they are to be read.
    shortest4: u32,
    shortest6: u32,
    positions: &'a mut Vec<usize>,
    /// No odd character before this needs a look.
    high_done: usize,
    /// Nor does an escaped letter before this.
    plain_to: usize,
    /// Where the token of the last escape ends, and whether it holds a dot.
    around: (usize, bool),
    /// Where the last token with dots in brackets ends, and whether it is needed.
    refanged: (usize, bool),
    token: Refanged,
    /// Bytes of local parts: where they begin, to where that is known, and where they end.
    local_run: Cell<(usize, usize, usize)>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(search: &Search<'a>, positions: &'a mut Vec<usize>) -> Self {
        Self {
            haystack: search.haystack,
            probe: search.probe,
            shortest4: search.shortest4.into(),
            shortest6: search.shortest6.into(),
            positions,
            high_done: 0,
            plain_to: 0,
            around: (0, false),
            refanged: (0, false),
            token: Refanged::EMPTY,
            local_run: Cell::new((0, 0, 0)),
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.haystack.get(at).copied().unwrap_or(0)
    }

    /// The byte before `at`, 0 where there is none.
    fn before(&self, at: usize) -> u8 {
        if at == 0 { 0 } else { self.haystack[at - 1] }
    }

    /// Steps back from `at` while `belongs`, at most `most` bytes.
    #[inline]
    fn back(&self, at: usize, most: usize, belongs: impl Fn(u8) -> bool) -> usize {
        let before = self.haystack[at.saturating_sub(most)..at].iter().rev();
        at - before.take_while(|&&b| belongs(b)).count()
    }

    fn push(&mut self, at: usize) {
        self.positions.push(at);
    }

    /// The first byte behind a token of labels and dots.
    #[inline]
    pub(super) fn dotted(&mut self, end: usize) {
        let is_needed = match self.plain_quad(end) {
            Some(addr) => self.probe.addr4(addr),
            None => self.is_dotted_needed(0, end),
        };
        if is_needed {
            // The last byte of the token, which is in its word; the end may not be.
            self.push(end - 1);
        }
    }

    /// The address that ends at `end`, where nothing before or behind it can matter.
    ///
    /// Most of what address feeds hold. `None` says nothing.
    #[inline]
    fn plain_quad(&self, end: usize) -> Option<u32> {
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

    /// `floor` is where the token begins at the earliest.
    fn is_dotted_needed(&self, floor: usize, end: usize) -> bool {
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

    /// The last label begins with a digit; `is_number` where it is one.
    fn is_addr_needed(
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
    fn is_range_behind(&self, end: usize, begins: impl Fn(u8) -> bool) -> bool {
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
    fn prefix_len(&self, at: usize) -> (usize, u32) {
        let digits = self.haystack[at..].iter().take(4).take_while(|b| b.is_ascii_digit());
        digits.fold((0, 0), |(digits, len), &b| (digits + 1, len * 10 + u32::from(b - b'0')))
    }

    fn is_prefix_needed(&self, addr: u32, at: usize) -> bool {
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

    /// An `@`: is it that of a mail address which is an asset?
    pub(super) fn at_sign(&mut self, at: usize) {
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
        let needed = is_quoted
            || is_second()
            || is_foreign()
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

    /// The first byte behind hex digits that follow a colon.
    pub(super) fn colons(&mut self, end: usize) {
        let belongs = |b: u8| b.is_ascii_hexdigit() || b == b':';
        let start = self.back(end, MAX_KEYED_BYTES, belongs);
        let group = &self.haystack[start..end];
        // The first word may be the end of a key, as in `src:2001:...`, or be nothing.
        let before = self.before(start);
        let is_cut = is_token_byte(before)
            || matches!(before, b']' | b')' | b'}' | 0x80..)
            || group.len() == MAX_KEYED_BYTES;
        let behind_key = (is_cut || group.first() == Some(&b':'))
            .then(|| group.iter().position(|&b| b == b':').map(|len| start + len + 1))
            .flatten();
        // Of `%40:2001:...` and `%32001:...` the first digits are an escape.
        let is_escaped = self.before(start) == b'%' && has_shape_of_addr6(group);
        // Of `:denied` and `:49152` the first letters are no group.
        let word = group.iter().rposition(|&b| b == b':').map(|len| start + len);
        let word = word.filter(|word| is_label_byte(self.byte(end)) || end - word > 5);
        let is_needed_from = |start| {
            self.is_addr6_needed(start, end)
                || word.is_some_and(|word| start < word && self.is_addr6_needed(start, word))
        };
        if is_escaped || is_needed_from(start) || behind_key.is_some_and(is_needed_from) {
            // A colon at the end may part fields.
            let colons = group.iter().rev().take_while(|&&b| b == b':').count();
            self.push(if colons < group.len() { end - 1 - colons } else { end - 1 });
        }
    }

    fn is_addr6_needed(&self, start: usize, end: usize) -> bool {
        let group = &self.haystack[start..end];
        if group.len() > MAX_ADDR6_BYTES || !has_shape_of_addr6(group) {
            return false;
        }
        // Of colons at the end two may be the address's; others part it from what follows.
        let colons = group.iter().rev().take_while(|&&b| b == b':').count();
        let bare = &group[..group.len() - colons];
        let parse = |group: &[u8]| {
            // Most of what is not an address is nothing but colons.
            if group == b"::" {
                return Some(Ipv6Addr::UNSPECIFIED);
            }
            let (mut doubled, mut single, mut last) = (0, 0, 0);
            for &byte in group {
                single += u32::from(byte == b':');
                doubled += u32::from(byte == b':' && last == b':');
                last = byte;
            }
            let may_be = doubled == 1 || doubled == 0 && single == 7;
            may_be.then(|| str::from_utf8(group).ok()?.parse::<Ipv6Addr>().ok()).flatten()
        };
        let addr = (colons >= 2)
            .then(|| parse(&group[..bare.len() + 2]))
            .flatten()
            .or_else(|| parse(bare));
        let next = self.byte(end);
        let Some(addr) = addr else { return next == b'.' };
        let AddrRange::V6 { first: addr, .. } = AddrRange::from(std::net::IpAddr::V6(addr)) else {
            return true;
        };
        match next {
            // An IPv4 address follows, a range, a zone, or brackets.
            b'.' | b'\\' | b'-' | b'%' | b'[' | b'(' | b'{' => true,
            b'/' => self.is_prefix6_needed(addr, end + 1),
            b' ' | b'\t' => {
                let begins = |b: u8| b.is_ascii_hexdigit() || b == b':';
                self.probe.addr6(addr) || self.is_range_behind(end, begins)
            }
            _ => self.probe.addr6(addr),
        }
    }

    fn is_prefix6_needed(&self, addr: u128, at: usize) -> bool {
        let (digits, len) = self.prefix_len(at);
        match digits {
            0 => self.probe.addr6(addr),
            1..=3 if len <= 128 && self.byte(at + digits) != b'.' => {
                let host_mask = u128::MAX.checked_shr(len).unwrap_or(0);
                len < self.shortest6 || self.probe.range6(addr & !host_mask, addr | host_mask)
            }
            _ => true,
        }
    }

    /// A `\`.
    pub(super) fn backslash(&mut self, at: usize) {
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
            Some(0x40) => self.is_hidden_sign_needed(at, at + 6) || self.restarts(at + 6),
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

    /// A `%`.
    pub(super) fn percent(&mut self, at: usize) {
        if self.is_percent_needed(at, at + 1) {
            self.push(at);
        }
    }

    /// The two digits of the escape at `at` stand at `digits`, behind `%25`s where it is nested.
    fn is_percent_needed(&mut self, at: usize, digits: usize) -> bool {
        let digit = |at| char::from(self.byte(at)).to_digit(16);
        let (Some(high), Some(low)) = (digit(digits), digit(digits + 1)) else { return false };
        let decoded = (high << 4 | low) as u8;
        let behind = digits + 2;
        match decoded {
            b'.' => self.is_hidden_dot_needed(at, behind),
            // `//3221225989` of a URL in a query.
            b'/' | b'\\' => {
                self.slashes(behind - 1);
                self.restarts(behind)
            }
            b'@' => self.is_hidden_sign_needed(at, behind) || self.restarts(behind),
            b':' => self.restarts(behind) || self.is_group_at(behind),
            b'%' if behind < at + MAX_PERCENT_BYTES => {
                self.restarts(behind) || self.is_percent_needed(at, behind)
            }
            decoded => {
                let part_of_name = is_label_byte(decoded) || !decoded.is_ascii();
                self.restarts(behind) || part_of_name && self.is_dotted_around(at)
            }
        }
    }

    /// Whether the escape at `at` stands for a letter of ASCII.
    fn is_letter_at(&self, at: usize) -> bool {
        let digit = |at| char::from(self.byte(at)).to_digit(16);
        let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else { return false };
        ((high << 4 | low) as u8).is_ascii_alphabetic()
    }

    /// An escape from `at` to `behind` that stands for a dot: does it part labels?
    fn is_hidden_dot_needed(&self, at: usize, behind: usize) -> bool {
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
    fn is_hidden_sign_needed(&self, at: usize, behind: usize) -> bool {
        self.probe.has_mails() && self.may_end_mail(at, &self.domain_behind(behind))
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

    /// Whether a token that begins at `at`, whatever stands before, is needed.
    fn restarts(&self, at: usize) -> bool {
        let at = at + self.haystack[at..].iter().take_while(|b| b".-".contains(b)).count();
        if !is_label_byte(self.byte(at)) {
            return self.haystack[at..].starts_with(b"::")
                || self.probe.has_mails() && self.is_local_part(at);
        }
        let mut has_dot = false;
        let belongs = |&&byte: &&u8| {
            has_dot |= byte == b'.';
            is_token_byte(byte)
        };
        let end = at + self.haystack[at..].iter().take(MAX_TOKEN_BYTES).take_while(belongs).count();
        let is_group = |b: &u8| b.is_ascii_hexdigit() || *b == b':';
        has_dot && self.is_dotted_needed(at, end)
            // A local part that another letter seems to begin.
            || self.probe.has_mails() && self.is_local_part(at)
            // An IPv6 address cannot be told from its first group.
            || self.byte(end) == b':' && self.haystack[at..end + 1].iter().all(is_group)
    }

    /// Whether what begins at `at` may be a local part.
    fn is_local_part(&self, at: usize) -> bool {
        // Texts full of escapes ask for one byte after the other.
        let mut run = self.local_run.get();
        if !(run.0 <= at && at < run.1) {
            let rest = self.haystack[at..].iter().take(MAX_RUN_BYTES);
            let bytes = rest.take_while(|&&b| is_local_byte(b)).count();
            let cut = if bytes == MAX_RUN_BYTES { MAX_LOCAL_BYTES + 1 } else { 0 };
            run = (at, at + bytes - cut, at + bytes);
            self.local_run.set(run);
        }
        self.byte(run.2) == b'@' && run.2 - at <= MAX_LOCAL_BYTES + 1
    }

    /// A `[`, `(` or `{`.
    pub(super) fn bracket(&mut self, at: usize) {
        let inner = &self.haystack[at + 1..(at + 6).min(self.haystack.len())];
        let needed = match inner {
            [b'.', b']' | b')' | b'}', ..] => self.is_refanged_needed(at),
            [b'd' | b'D', ..] => is_word_in_brackets(inner, b"dot") && self.is_refanged_needed(at),
            [b'a' | b'A', ..] => is_word_in_brackets(inner, b"at"),
            // Of `http[:]//name` and `http[://]name` the name is a token of its own.
            [b':', b']' | b')' | b'}', b'/', b'/', first, ..]
            | [b':', b'/', b'/', b']' | b')' | b'}', first, ..] => !first.is_ascii_alphabetic(),
            [b'.' | b'@' | b':' | b'/', ..] => true,
            _ => false,
        };
        if needed {
            self.push(at);
        }
    }

    /// Whether a token that holds the bracket at `at`, in which a dot stands, is needed.
    fn is_refanged_needed(&mut self, at: usize) -> bool {
        let (end, needed) = self.refanged;
        if at < end {
            return needed;
        }
        if !self.token.read(self.haystack, at) {
            return true;
        }
        let needed = self.is_token_needed();
        self.refanged = (self.token.end, needed);
        needed
    }

    /// Whether an asset may be concerned by the token that was read last.
    fn is_token_needed(&self) -> bool {
        let Refanged { start, end, is_odd, .. } = self.token;
        let text = self.token.text();
        let is_mail_needed = self.probe.has_mails()
            && (self.is_mail_needed_behind(end)
                || self.before(start) == b'@' && self.is_domain_needed(start - 1, text));
        let last = text.rsplit(|&b| b == b'.').next().unwrap_or_default();
        if is_mail_needed || last.is_empty() || last.ends_with(b"-") {
            return true;
        }
        if last[0].is_ascii_digit() {
            let Some(Quad::Plain(addr)) = read_quad(text) else { return true };
            return match self.byte(end) {
                b'/' => self.is_prefix_needed(addr, end + 1),
                b' ' | b'\t' => {
                    self.probe.addr4(addr) || self.is_range_behind(end, |b| b.is_ascii_digit())
                }
                b'\\' => true,
                _ => self.before(start) == b':' || self.probe.addr4(addr),
            };
        }
        // In some formats a field ends at a bracket, and what stands before it is all of the name.
        if is_odd || self.token.names().any(|name| name.first.is_ascii_digit()) {
            return self.is_any_start_needed(text);
        }
        let anchors = self.probe.anchors();
        self.token.names().any(|name| anchors.may_hold_deep(name.tail, name.two, name.three))
    }

    /// Whether a token is needed, or what stands before one of its dots.
    #[cold]
    fn is_any_start_needed(&self, token: &[u8]) -> bool {
        let mut none = Vec::new();
        let inner = self.within(token, &mut none);
        let dots = memchr::memchr_iter(b'.', token);
        dots.chain([token.len()]).any(|end| inner.is_dotted_needed(0, end))
    }

    /// Whether the token that ends at `end` may be the local part, or its beginning, of a mail
    /// address which is an asset.
    fn is_mail_needed_behind(&self, end: usize) -> bool {
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
    fn domain_behind(&self, at: usize) -> Range<usize> {
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
    fn may_end_mail(&self, local: usize, domain: &Range<usize>) -> bool {
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
    fn is_domain_needed(&self, at: usize, domain: &[u8]) -> bool {
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

    /// The same look at a text of its own.
    fn within<'t>(&self, text: &'t [u8], positions: &'t mut Vec<usize>) -> Candidates<'t>
    where
        'a: 't,
    {
        let search = Search {
            haystack: text,
            region: 0..text.len(),
            eol: 0,
            probe: self.probe,
            shortest4: self.shortest4 as u8,
            shortest6: self.shortest6 as u8,
        };
        Candidates::new(&search, positions)
    }

    /// The second of two slashes, or the `@` behind userinfo: is the host behind it a number
    /// that only browsers read?
    pub(super) fn slashes(&mut self, at: usize) {
        let start = at + 1;
        if !self.byte(start).is_ascii_digit() {
            // Digits of other scripts, behind characters that nobody sees, or encoded.
            if !self.byte(start).is_ascii() || self.byte(start) == b'%' && !self.is_letter_at(start)
            {
                self.push(start);
            }
            return;
        }
        let host = self.haystack[start..].iter().take(MAX_TOKEN_BYTES);
        let len = host.take_while(|b| b.is_ascii_alphanumeric() || **b == b'.').count();
        let host = &self.haystack[start..start + len];
        if !is_plain_quad(host) {
            let last = host.rsplit(|&b| b == b'.').find(|label| !label.is_empty());
            let numeric = last.is_some_and(|label| {
                label.iter().all(u8::is_ascii_digit)
                    || label.len() >= 2 && label[..2].eq_ignore_ascii_case(b"0x")
            });
            let mut is_refanged_quad = || {
                let token = &mut self.token;
                token.read(self.haystack, start + len)
                    && token.start == start
                    && is_plain_quad(token.text())
            };
            if numeric && !(self.haystack.get(start + len) == Some(&b'[') && is_refanged_quad()) {
                self.push(start);
            }
        }
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
        if !has_letters && !self.haystack[start..end].iter().any(is_letter) {
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

    /// The first of some bytes that are not ASCII: are there dots near them?
    ///
    /// Scripts without blanks write whole paragraphs without a byte of ASCII, so the token is
    /// followed for as long as such bytes come.
    pub(super) fn high(&mut self, at: usize) {
        if at < self.high_done {
            return;
        }
        let belongs = |b: u8| is_token_byte(b) || !b.is_ascii();
        let start = self.back(at, MAX_TOKEN_BYTES, belongs);
        let (mut end, mut last_high) = (at, at);
        let mut last_stop = memchr::memrchr(b'.', &self.haystack[start..at]).map(|len| start + len);
        for &byte in &self.haystack[at..] {
            match byte {
                0x80.. => {
                    last_high = end;
                    if matches!(byte, 0xe3 | 0xef) {
                        last_stop = Some(end);
                    }
                }
                _ if end - last_high == MAX_TOKEN_BYTES || !is_token_byte(byte) => break,
                b'.' => last_stop = Some(end),
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
            if !is_told && !self.is_told_by_its_dots(at, token..token_end) {
                self.push_dots(token, token_end);
            }
            // Behind it stands a character that belongs to no name.
            if token_end == end {
                break;
            }
            token = token_end + first_letter(&self.haystack[token_end..end]).bytes;
        }
    }

    /// Whether only the dots of a token, the first of them at `at`, are not ASCII, and no asset is
    /// concerned.
    fn is_told_by_its_dots(&mut self, at: usize, token: Range<usize>) -> bool {
        self.token.read(self.haystack, at)
            && self.token.start <= token.start
            && token.end <= self.token.end
            && !self.is_token_needed()
    }

    /// Pushes the full stops of any script.
    ///
    /// In URLs and JSON they may be escaped; then their own triggers push.
    fn push_dots(&mut self, start: usize, end: usize) {
        for dot in start..end {
            let is_stop = matches!(
                self.haystack[dot..end],
                [b'.', ..]
                    | [0xe3, 0x80, 0x82, ..]
                    | [0xef, 0xbc, 0x8e, ..]
                    | [0xef, 0xbd, 0xa1, ..]
            );
            if is_stop {
                self.push(dot);
            }
        }
    }
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

/// Whether hex digits and colons may be an IPv6 address, or one that an IPv4 address ends.
fn has_shape_of_addr6(group: &[u8]) -> bool {
    let colons = group.iter().filter(|&&b| b == b':').count();
    colons >= 6 || group.windows(2).any(|pair| pair == b"::")
}

/// A dotted quad, read backwards from its end by the finder.
enum Quad {
    Plain(u32),
    /// A number begins with a zero, which is counted wherever it stands.
    Octal,
}

fn is_plain_quad(text: &[u8]) -> bool {
    matches!(read_quad(text), Some(Quad::Plain(_)))
}

/// Reads four numbers of at most three digits; more than 255 is none.
#[inline]
fn read_quad(text: &[u8]) -> Option<Quad> {
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

/// What may stand behind a dot that is written oddly: a label, or the star of `192.0.2\.*`.
fn begins_name(byte: u8) -> bool {
    is_label_byte(byte) || byte == b'*' || !byte.is_ascii()
}

fn is_word_in_brackets(inner: &[u8], word: &[u8]) -> bool {
    inner.len() > word.len()
        && inner[..word.len()].eq_ignore_ascii_case(word)
        && matches!(inner[word.len()], b']' | b')' | b'}')
}
