//! How much of a field is read at once: a word, and what belongs to it beyond its blanks.

use std::ops::Range;

use super::Worker;
use crate::bytes::{is_word_end, skip_blanks, skip_blanks_back};
use crate::format::Format;
use crate::watch::Watch;

/// Longest word that is read whole; a longer one is read in blocks of this many
/// bytes, each with the blocks beside it, so that its length does not matter.
const WORD_BYTES: usize = 16 << 10;

/// How far into the block before it a block of a long word reports.
const BLOCK_OVERLAP_BYTES: usize = 1 << 10;

/// Longest end of a range, brackets and port included, that is looked at for a dash beside it.
const RANGE_END_BYTES: usize = 288;

/// Longest quoted local part that is looked back at (RFC 5321, section 4.5.3.1.1, and quotes).
pub(super) const MAX_QUOTED_BYTES: usize = 66;

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
    pub(super) fn word(&self, field: &Range<usize>, at: usize, has_locals: bool) -> Word {
        let field = field.start.min(at)..field.end.max(at + 1);
        let floor = field.start.max(at.saturating_sub(WORD_BYTES));
        let ceiling = field.end.min(at + WORD_BYTES);
        let before = self.haystack[floor..at].iter().rposition(|&b| is_word_end(b));
        let behind = self.haystack[at..ceiling].iter().position(|&b| is_word_end(b));
        let start = before.map_or(floor, |len| floor + len + 1);
        let end = behind.map_or(ceiling, |len| at + len);
        let is_cut =
            before.is_none() && floor > field.start || behind.is_none() && ceiling < field.end;
        if !is_cut && end - start <= WORD_BYTES {
            // A quote that JSON escapes ends the word, and is no backslash at its end.
            let cuts_escape = has_locals && self.dialect.format == Format::Ndjson && {
                let escapes = self.haystack[start..end].iter().rev().take_while(|&&b| b == b'\\');
                end < field.end && escapes.count() % 2 == 1
            };
            let end = end + usize::from(cuts_escape);
            let range = self.with_ranges(&field, start..end);
            // `<id>.example` is no notation for a subtree, so the bracket has to be seen.
            let sees_bracket = range.start > field.start
                && self.haystack[range.start - 1] == b'>'
                && matches!(self.haystack[range.start], b'.' | 0xe3 | 0xef);
            let start = range.start - usize::from(sees_bracket);
            let range = start..range.end;
            let range = if has_locals { self.with_quoted_local(&field, range) } else { range };
            return Word { own: range.clone(), done: range.end, range, is_again: false };
        }
        let block = (self.job.base + at as u64) / WORD_BYTES as u64 * WORD_BYTES as u64;
        let position = |offset: u64| offset.saturating_sub(self.job.base) as usize;
        let around = WORD_BYTES as u64;
        let range = start.max(position(block.saturating_sub(around)))
            ..end.min(position(block + 2 * around)).max(at + 1);
        // The word, or its field, may end within the block; what follows is another's.
        let word_end = behind.map_or(field.end, |len| at + len);
        let done = position(block + around).min(word_end);
        let own = position(block.saturating_sub(BLOCK_OVERLAP_BYTES as u64))..done;
        Word { range, own, done, is_again: false }
    }

    /// Takes in all of a mail address with a quoted local part, wherever in it the word stands.
    fn with_quoted_local(&self, field: &Range<usize>, word: Range<usize>) -> Range<usize> {
        let is_quote = |at: &usize| self.is_quote(*at);
        let ceiling = field.end.min(word.end + MAX_QUOTED_BYTES);
        // The word of the domain begins behind the quote.
        let before = word.start.checked_sub(1).filter(|quote| *quote >= field.start);
        let behind = (word.end..ceiling).find(is_quote);
        let closings = [before.filter(is_quote), behind].into_iter().flatten();
        let pair = |closing| Some((self.opening(field, closing)?, closing));
        let Some((opening, closing)) = closings.filter_map(pair).next() else { return word };
        if opening > word.start {
            return word;
        }
        // JSON escapes the quote.
        let escape = opening > field.start && self.haystack[opening - 1] == b'\\';
        let domain = closing + 1 + word_bytes(&self.haystack[closing + 1..field.end]);
        opening - usize::from(escape)..word.end.max(domain)
    }

    /// The quote that opens the local part which another closes before its `@`.
    fn opening(&self, field: &Range<usize>, closing: usize) -> Option<usize> {
        let is_before_sign =
            |quote: usize| quote + 1 < field.end && self.haystack[quote + 1] == b'@';
        let last = |quote: usize| {
            let floor = field.start.max(quote.saturating_sub(MAX_QUOTED_BYTES));
            let quotes = || memchr::memrchr_iter(b'"', &self.haystack[floor..quote]);
            // A backslash may stand before what is quoted, too.
            let plain = quotes().find(|len| self.is_quote(floor + len));
            plain.or_else(|| quotes().next_back()).map(|len| floor + len)
        };
        let opening = last(closing).filter(|_| is_before_sign(closing))?;
        // In a row of quotes before an `@` each, every other one opens.
        let chain = std::iter::successors(Some(opening), |&quote| {
            last(quote).filter(|_| is_before_sign(quote))
        });
        (chain.count() % 2 == 1).then_some(opening)
    }

    /// Whether a quote stands at `at`, and none that a backslash makes a letter (RFC 5321,
    /// `quoted-pairSMTP`).
    fn is_quote(&self, at: usize) -> bool {
        let before = self.haystack[..at].iter().rev().take_while(|&&b| b == b'\\').count();
        // JSON escapes the quote, and each of the backslashes before it.
        let is_json = self.dialect.format == Format::Ndjson;
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
        while end - start <= WORD_BYTES
            && let Some(last) = self.joined_behind(field, end)
        {
            end = last + word_bytes(&text[last..]);
        }
        while end - start <= WORD_BYTES {
            let dash = skip_blanks_back(text, start).max(field.start);
            let first_end = skip_blanks_back(text, dash.saturating_sub(1)).max(field.start);
            if dash == start || self.joined_behind(field, first_end) != Some(start) {
                break;
            }
            let before = text[field.start..first_end].iter().rev();
            start = first_end - before.take_while(|&&b| !is_word_end(b)).count();
        }
        start..end
    }

    /// The word that a dash joins to the word that ends at `end`: both may hold addresses.
    fn joined_behind(&self, field: &Range<usize>, end: usize) -> Option<usize> {
        let text = &self.haystack[..field.end];
        let dash = skip_blanks(text, end);
        let last = skip_blanks(text, dash + 1);
        (dash > end && last > dash + 1 && text.get(dash) == Some(&b'-')).then_some(())?;
        let begins = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'[' | b'\\');
        text.get(last).is_some_and(begins).then_some(())?;
        let is_addr = |b: &&u8| !is_word_end(**b);
        let parts = |b: &u8| b".:\\[({".contains(b);
        let mut before = text[field.start.min(end)..end].iter().rev().take(RANGE_END_BYTES);
        let mut behind = text[last..].iter().take(RANGE_END_BYTES).take_while(is_addr);
        let is_before = before.by_ref().take_while(is_addr).any(parts);
        (is_before && behind.any(parts)).then_some(last)
    }
}

/// Bytes of the word that `text` begins with.
fn word_bytes(text: &[u8]) -> usize {
    text.iter().position(|&b| is_word_end(b)).unwrap_or(text.len())
}
