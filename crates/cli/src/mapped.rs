//! The one place where the command maps a file into memory.

use std::io;
use std::path::Path;

use feedsieve::Source;

use crate::lost_pages::LostPages;

/// A regular file, mapped; anything else, and what cannot be mapped, is read in order.
#[expect(unsafe_code, reason = "mapping a file is a promise that only the operator can give")]
pub(crate) fn open(path: &Path) -> io::Result<Source<'static>> {
    // Who would not survive the loss of a page does not map any.
    let Some(lost_pages) = LostPages::stand_by() else { return Source::path(path) };
    // SAFETY: nobody can make sure that another process leaves the file as it is.
    // The operator accepts it by scanning the file without `--io read`, and the
    // help of `--io` says so. Lost pages are replaced, and a change is noticed at the end.
    let mapped = unsafe { Source::mapped(path) };
    mapped
        .map(|source| source.guarded(|bytes| lost_pages.over(bytes)))
        .or_else(|_| Source::path(path))
}
