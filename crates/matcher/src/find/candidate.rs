//! A cheap look at each candidate: read it backwards from its end, ask the
//! image's filters, and push its position unless no asset can be concerned.
//!
//! Each method decides less than `reading` will: whatever reading could turn
//! into a hit, or into a counted rejection, has to be pushed here.

mod addr4;
mod addr6;
mod beyond_ascii;
mod bracket;
mod dotted;
mod escape;
mod mail;
mod percent;
mod refang;
mod slashes;

use std::cell::Cell;

use feedsieve_core::Probe;

use super::Search;
pub(crate) use mail::local_starts;
use refang::Refanged;

/// Bytes to either side of an odd character within which a dot makes it part of a name.
const MAX_TOKEN_BYTES: usize = 512;

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
    /// A token from some byte of it on: where that is, its end, and the end of its last dot.
    token_run: Cell<(usize, usize, usize)>,
    /// From where to where no `@` stands.
    next_sign: Cell<(usize, usize)>,
    /// From where to where bytes of local parts stand.
    local_run: Cell<(usize, usize)>,
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
            token_run: Cell::new((0, 0, 0)),
            next_sign: Cell::new((0, 0)),
            local_run: Cell::new((0, 0)),
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
}
