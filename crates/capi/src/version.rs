//! Which release this is.

use std::ffi::{CStr, c_char};

use crate::fence;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("a version holds no NUL"),
    };

/// The release of this library, as "1.2.3". Valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_version() -> *const c_char {
    fence::value(VERSION.as_ptr(), || VERSION.as_ptr())
}
