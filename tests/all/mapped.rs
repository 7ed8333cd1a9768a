//! Maps a file that only this process knows.

use std::path::Path;

use feedsieve::Source;

/// A feed in a file that nobody changes while it is mapped.
#[expect(unsafe_code, reason = "mapping a file is a promise about other processes")]
pub(crate) fn source(path: &Path) -> Source<'static> {
    // SAFETY: the file is a temporary one of this test, which does not write to it now.
    unsafe { Source::mapped(path) }.expect("the temporary file can be mapped")
}
