//! What notations of one entry a line have in common: comments, words, quotes.

use std::ops::Range;

use super::{Place, Surroundings};

/// The place of a line in a notation that is told from the line alone; `of` gets the line and
/// where in it the place is.
///
/// `None` where the line begins too far away.
pub(super) fn place(
    around: &Surroundings<'_>,
    of: impl FnOnce(&[u8], usize) -> Place,
) -> Option<Place> {
    around.begins.then_some(())?;
    let Range { start, end } = around.record;
    let mut place = of(&around.haystack[start..end], around.at.min(end) - start);
    place.field = start + place.field.start..start + place.field.end;
    Some(place)
}

/// Where the comment of a line begins: at one of `marks` at the line's start or behind a blank;
/// the line's end where there is none.
pub(super) fn comment(line: &[u8], marks: &[u8]) -> usize {
    comment_where(line, |at| marks.contains(&line[at]))
}

/// The same, where whatever `is_mark` says begins one.
pub(super) fn comment_where(line: &[u8], is_mark: impl Fn(usize) -> bool) -> usize {
    let begins = |at: usize| at == 0 || line[at - 1].is_ascii_whitespace();
    (0..line.len()).find(|&at| is_mark(at) && begins(at)).unwrap_or(line.len())
}

/// A part of a line without the blanks around it.
pub(super) fn trim(line: &[u8], part: Range<usize>) -> Range<usize> {
    let text = &line[part.clone()];
    let start = part.end - text.trim_ascii_start().len();
    start..start + text.trim_ascii().len()
}

/// The first word of a part of a line, up to a blank; empty where there is none.
pub(super) fn first_word(line: &[u8], part: Range<usize>) -> Range<usize> {
    let part = trim(line, part);
    let len = line[part.clone()].iter().take_while(|b| !b.is_ascii_whitespace()).count();
    part.start..part.start + len
}

/// The word of a part of a line that a place is in, between blanks.
pub(super) fn word_at(line: &[u8], part: Range<usize>, at: usize) -> Range<usize> {
    let belongs = |b: &&u8| !b.is_ascii_whitespace();
    let before = line[part.start..at].iter().rev().take_while(belongs).count();
    let behind = line[at..part.end].iter().take_while(belongs).count();
    at - before..at + behind
}

/// A value that may be quoted, with which a part of a line begins: what is within the quotes,
/// or a word.
pub(super) fn value(line: &[u8], part: Range<usize>) -> Range<usize> {
    let part = trim(line, part);
    match line[part.clone()].first() {
        Some(&quote @ (b'"' | b'\'')) => {
            let start = part.start + 1;
            let len = memchr::memchr(quote, &line[start..part.end]);
            start..len.map_or(part.end, |len| start + len)
        }
        _ => first_word(line, part),
    }
}
