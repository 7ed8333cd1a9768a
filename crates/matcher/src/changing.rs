//! Work on the bytes of a map, which another process may change between two looks at them.
//!
//! Code that has read a digit relies on it to stay one. Where it does not, the worst that safe code
//! does is to panic. A panic over a file that was seen to change is therefore no mistake of ours: the
//! chunk is scanned once more, in a copy that stays as it is. Any other panic goes on.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::jobs::{Job, JobBytes};
use crate::scan::Scanned;
use crate::source::Map;

/// Scans a chunk of a map, or of a copy where the map changes underneath.
pub(crate) fn scan_changing(
    job: &Job<'_>,
    map: Option<&Map>,
    scan: impl Fn(&Job<'_>) -> Scanned,
) -> Scanned {
    let Some(map) = map else { return scan(job) };
    // What `scan` changes are things of its own, which are gone with it.
    let first = catch_unwind(AssertUnwindSafe(|| scan(job)));
    first.unwrap_or_else(|panic| {
        if map.why_incomplete().is_none() {
            resume_unwind(panic);
        }
        let copy = job.over(JobBytes::Owned(job.bytes.as_slice().to_vec()));
        // Where the cutter saw quotes there may be none any more. Then the chunk is lost, and the feed
        // is incomplete anyway.
        catch_unwind(AssertUnwindSafe(|| scan(&copy)))
            .unwrap_or_else(|_| Scanned { bytes: job.chunk.len() as u64, ..Scanned::default() })
    })
}

/// Cuts the next chunk of a map. Where it changed underneath, or lost pages, the feed ends here.
pub(crate) fn cut_changing<T>(map: Option<&Map>, cut: impl FnOnce() -> T) -> io::Result<T> {
    let Some(map) = map else { return Ok(cut()) };
    // What lies behind lost pages is lost too, or the zeros in their place would be scanned.
    if !map.is_torn() {
        // The cutter is not used again.
        match catch_unwind(AssertUnwindSafe(cut)) {
            Ok(cut) => return Ok(cut),
            Err(panic) if map.why_incomplete().is_none() => resume_unwind(panic),
            Err(_) => {}
        }
    }
    Err(io::Error::other(map.why_incomplete().unwrap_or_default()))
}
