//! How much of a field is read at once: a word, and what belongs to it beyond its blanks.

use std::ops::Range;

use super::Worker;
use crate::bytes::{ends_word, is_word_end, skip_blanks, skip_blanks_back};
use crate::format::Place;
use crate::hit::Role;
use crate::limits::SCAN_LIMITS;
use crate::reading::Escapes;
use crate::watch::Watch;

/// A longer word is read in blocks of so many bytes, each with the blocks beside it.
const WORD_BYTES: usize = SCAN_LIMITS.word_bytes;

/// How far into the block before it a block of a long word reports.
const BLOCK_OVERLAP_BYTES: usize = 1 << 10;

/// Longest end of a range, brackets and port included, that is looked at for a dash beside it.
const RANGE_END_BYTES: usize = 288;

/// Longest quoted local part that is looked back at: 64 octets (RFC 5321, section 4.5.3.1.1), each
/// as JSON may escape it, and quotes.
pub(super) const MAX_QUOTED_BYTES: usize = 6 * 64 + 4;

/// The part of a field that is read at once.
#[derive(Clone)]
pub(super) struct Word {
    pub(super) range: Range<usize>,
    /// Evidence that begins elsewhere is left to another part.
    pub(super) own: Range<usize>,
    /// Places before this are done.
    pub(super) done: usize,
    /// What cannot be evidence was counted before.
    pub(super) is_again: bool,
}

impl<W: Watch> Worker<'_, W> {
    /// The word around a place, cut where the field ends.
    pub(super) fn word(&self, place: &Place, at: usize) -> Word {
        let field = place.field.start.min(at)..place.field.end.max(at + 1);
        let floor = field.start.max(at.saturating_sub(WORD_BYTES));
        let ceiling = field.end.min(at + WORD_BYTES);
        let before = (floor..at).rev().find(|&before| ends_word(self.haystack, before));
        let behind = (at..ceiling).find(|&behind| ends_word(self.haystack, behind));
        let start = before.map_or(floor, |before| before + 1);
        let end = behind.unwrap_or(ceiling);
        let is_cut =
            before.is_none() && floor > field.start || behind.is_none() && ceiling < field.end;
        if !is_cut && end - start <= WORD_BYTES {
            let word = self.with_escape(&field, place.escapes, start..end);
            let joined = self.with_ranges(&field, word);
            let range = self.with_escape(&field, place.escapes, joined.clone());
            // `<id>.example` is no notation for a subtree, so the bracket has to be seen.
            let sees_bracket = range.start > field.start
                && self.haystack[range.start - 1] == b'>'
                && matches!(self.haystack[range.start], b'.' | b'\\' | 0xe3 | 0xef);
            let start = range.start - usize::from(sees_bracket);
            let range = start..range.end;
            // Outside its strings, a quote in JSON begins one. A comment is no JSON.
            let has_locals = !self.dialect.format.is_json()
                || place.escapes == Escapes::Json
                || place.role == Some(Role::Comment);
            let range = match has_locals {
                true => {
                    let quoted = self.with_quoted_local(&field, place.escapes, range);
                    if quoted == joined {
                        quoted
                    } else {
                        let range = self.with_ranges(&field, quoted);
                        self.with_escape(&field, place.escapes, range)
                    }
                }
                false => range,
            };
            return Word { own: range.clone(), done: range.end, range, is_again: false };
        }
        let block = (self.job.base + at as u64) / WORD_BYTES as u64 * WORD_BYTES as u64;
        let position = |offset: u64| offset.saturating_sub(self.job.base) as usize;
        let around = WORD_BYTES as u64;
        let range = start.max(position(block.saturating_sub(around)))
            ..end.min(position(block + 2 * around)).max(at + 1);
        // The word, or its field, may end within the block; what follows is another's.
        let word_end = behind.unwrap_or(field.end);
        let done = position(block + around).min(word_end);
        let own = position(block.saturating_sub(BLOCK_OVERLAP_BYTES as u64))..done;
        Word { range, own, done, is_again: false }
    }

    /// Takes in a quote that JSON escapes and that ends the word, or its backslash would stand at
    /// the end.
    fn with_escape(
        &self,
        field: &Range<usize>,
        escapes: Escapes,
        word: Range<usize>,
    ) -> Range<usize> {
        let cuts_escape = escapes == Escapes::Json && {
            let before = self.haystack[word.clone()].iter().rev();
            word.end < field.end && before.take_while(|&&b| b == b'\\').count() % 2 == 1
        };
        word.start..word.end + usize::from(cuts_escape)
    }

    /// Takes in all of a mail address with a quoted local part, wherever in it the word stands.
    fn with_quoted_local(
        &self,
        field: &Range<usize>,
        escapes: Escapes,
        word: Range<usize>,
    ) -> Range<usize> {
        let is_quote = |at: &usize| self.is_quote(field, escapes, *at);
        let ceiling = field.end.min(word.end + MAX_QUOTED_BYTES);
        // The word of the domain begins behind the quote; a word may end with an escaped one.
        let before = word.start.checked_sub(1).filter(|quote| *quote >= field.start);
        let from = word.end.saturating_sub(1).max(word.start);
        let behind = self.haystack.get(from..ceiling).unwrap_or_default();
        let mut behind = memchr::memchr_iter(b'"', behind).map(|len| from + len);
        let behind = behind.find(is_quote);
        let behind = behind.map(|quote| match self.haystack.get(quote + 1) {
            Some(b'"') if escapes == Escapes::Quotes => quote + 1,
            _ => quote,
        });
        let closings = [before.filter(is_quote), behind].into_iter().flatten();
        let pair = |closing| Some((self.opening(field, escapes, closing)?, closing));
        let Some((opening, closing)) = closings.filter_map(pair).next() else { return word };
        if opening > word.start {
            return word;
        }
        let start = self.quote_start(field, escapes, opening);
        start..word.end.max(word_end(&self.haystack[..field.end], closing + 1))
    }

    /// The quote that opens the local part which another closes before its `@`.
    ///
    /// A quote before an `@` opens none, so which quotes stand further away does not matter.
    fn opening(&self, field: &Range<usize>, escapes: Escapes, closing: usize) -> Option<usize> {
        let is_before_sign =
            |quote: usize| quote + 1 < field.end && self.haystack[quote + 1] == b'@';
        is_before_sign(closing).then_some(())?;
        let floor = field.start.max(closing.saturating_sub(MAX_QUOTED_BYTES));
        let inner = floor..self.quote_start(field, escapes, closing).max(floor);
        let quotes = memchr::memrchr_iter(b'"', &self.haystack[inner.clone()]);
        let mut quotes = quotes.map(|len| floor + len).peekable();
        let nearest = *quotes.peek()?;
        let plain = quotes.find(|&quote| self.is_quote(field, escapes, quote));
        // A backslash may stand before what is quoted, too.
        let escaped = Some(nearest).filter(|&quote| !self.is_quote(field, escapes, quote));
        let opens = |&quote: &usize| quote + 1 < inner.end && !is_before_sign(quote);
        plain.filter(opens).or(escaped.filter(opens))
    }

    /// Where a quote begins with what escapes it: a backslash in JSON, another quote in CSV.
    fn quote_start(&self, field: &Range<usize>, escapes: Escapes, quote: usize) -> usize {
        let before = &self.haystack[field.start..quote];
        let is_escaped = match escapes {
            Escapes::Json => before.ends_with(b"\\"),
            // In a row of quotes, two and two are one.
            Escapes::Quotes => before.iter().rev().take_while(|&&b| b == b'"').count() % 2 == 1,
            Escapes::None => false,
        };
        quote - usize::from(is_escaped)
    }

    /// Whether a quote stands at `at`, and none that a backslash makes a letter (RFC 5321,
    /// `quoted-pairSMTP`).
    fn is_quote(&self, field: &Range<usize>, escapes: Escapes, at: usize) -> bool {
        let first = match escapes {
            Escapes::Quotes => self.quote_start(field, escapes, at),
            Escapes::Json | Escapes::None => at,
        };
        let before = self.haystack[..first].iter().rev().take_while(|&&b| b == b'\\').count();
        // JSON escapes the quote, and each of the backslashes before it.
        let is_json = escapes == Escapes::Json;
        let is_pair = if is_json { before / 2 % 2 == 1 } else { before % 2 == 1 };
        self.haystack[at] == b'"' && !is_pair
    }

    /// Takes in the words that a dash with blanks round it may join to a range.
    ///
    /// Whether a dash joins depends on the bytes beside it only, and words are
    /// taken in whole, so that every word of a row of them gives the same text.
    fn with_ranges(&self, field: &Range<usize>, word: Range<usize>) -> Range<usize> {
        let text = &self.haystack[..field.end];
        let Range { mut start, mut end } = word;
        // The dash is a word of its own, or is written to one with the escape of a blank.
        while end - start <= WORD_BYTES
            && let dashes = [blanks_behind(text, end), end.saturating_sub(1)]
            && let Some(joined) = dashes.into_iter().find_map(|dash| self.joined_at(field, dash))
            && joined.end > end
        {
            end = word_end(text, joined.end);
        }
        while end - start <= WORD_BYTES
            && let dashes = [skip_blanks_back(text, start).saturating_sub(1), start]
            && let Some(joined) = dashes.into_iter().find_map(|dash| self.joined_at(field, dash))
            && joined.start < start
        {
            let before = (field.start..joined.start).rev().find(|&before| ends_word(text, before));
            start = before.map_or(field.start, |before| before + 1);
        }
        start..end
    }

    /// What is between two words that a dash at `dash` joins: both may hold addresses.
    fn joined_at(&self, field: &Range<usize>, dash: usize) -> Option<Range<usize>> {
        let text = &self.haystack[..field.end];
        (field.contains(&dash) && text[dash] == b'-').then_some(())?;
        let end = blanks_before(text, dash).max(field.start);
        let last = blanks_behind(text, dash + 1);
        (end < dash && last > dash + 1).then_some(())?;
        let begins = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'[' | b'\\');
        // An escaped quote begins no address, and may begin a local part that is read by itself.
        let is_quote = text[last..].starts_with(b"\\\"");
        (text.get(last).is_some_and(begins) && !is_quote).then_some(())?;
        let is_addr = |b: &&u8| !is_word_end(**b);
        let parts = |b: &u8| b".:\\[({".contains(b);
        let mut before = text[field.start..end].iter().rev().take(RANGE_END_BYTES);
        let mut behind = text[last..].iter().take(RANGE_END_BYTES).take_while(is_addr);
        let is_before = before.by_ref().take_while(is_addr).any(parts);
        (is_before && behind.any(parts)).then_some(end..last)
    }
}

/// The first byte at or behind `at` that is neither a blank nor the escape of a tab.
fn blanks_behind(text: &[u8], at: usize) -> usize {
    let mut at = skip_blanks(text, at);
    while text[at..].starts_with(b"\\t") {
        at = skip_blanks(text, at + 2);
    }
    at
}

/// The first byte behind which nothing but blanks and escapes of tabs stand before `at`.
fn blanks_before(text: &[u8], at: usize) -> usize {
    let mut at = skip_blanks_back(text, at);
    while text[..at].ends_with(b"\\t") {
        at = skip_blanks_back(text, at - 2);
    }
    at
}

/// The end of the word that begins at `at`.
fn word_end(text: &[u8], at: usize) -> usize {
    (at..text.len()).find(|&end| ends_word(text, end)).unwrap_or(text.len())
}
