//! One indicator a line. A comment begins with `#` or `;` at the line's start or behind a blank.

use std::ops::Range;

use super::{Place, Surroundings};
use crate::hit::Role;

/// How far a line was searched for its comment.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// Where the line begins.
    line: usize,
    /// No comment begins before this.
    to: usize,
}

/// `None` where the line begins too far away to tell whether this is a comment.
pub(super) fn place(around: &Surroundings<'_>, followed: &mut Followed) -> Option<Place> {
    around.begins.then_some(())?;
    let Range { start, end } = around.record;
    if followed.line != start || followed.to < start {
        *followed = Followed { line: start, to: start };
    }
    let line = &around.haystack[start..end];
    let known = followed.to.min(end) - start;
    let marker = comment_from(line, known).map_or(end, |len| start + len);
    followed.to = marker;
    Some(if around.at < marker {
        Place::unnamed(start..marker)
    } else {
        Place { role: Some(Role::Comment), ..Place::unnamed(marker..end) }
    })
}

/// Where the comment of a line begins.
pub(super) fn comment(line: &[u8]) -> Option<usize> {
    comment_from(line, 0)
}

/// The same, where none begins before `from`.
fn comment_from(line: &[u8], from: usize) -> Option<usize> {
    let begins = |at: usize| at == 0 || line[at - 1].is_ascii_whitespace();
    (from..line.len()).find(|&at| matches!(line[at], b'#' | b';') && begins(at))
}
