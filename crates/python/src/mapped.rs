//! The one place where Python maps a file into memory.

use std::path::Path;

use feedsieve::{Image, ImageError};

/// Maps an image instead of reading it.
#[expect(unsafe_code, reason = "mapping a file is a promise that only the caller can give")]
pub(crate) fn open(path: &Path) -> Result<Image, ImageError> {
    // SAFETY: nobody can make sure that another process leaves the file as it is. Who passes
    // `mapped=True` accepts it, and its documentation says what is promised so.
    unsafe { Image::map(path) }
}
