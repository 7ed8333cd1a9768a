//! Text and bytes as C passes them: what comes in is borrowed for the call, what goes out for another.
//!
//! The types of what comes in are made by C alone, so that what the header asks of C holds for each of
//! them, and pointers of C are followed in this file only.

use std::ffi::{CStr, OsStr, c_char, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::{ptr, slice};

use crate::error::Error;

/// Text in UTF-8 and its length in bytes. No NUL ends it. `text` is NULL where there is none, as of
/// the label of an asset that has no label.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    /// The first byte, or NULL.
    pub text: *const c_char,
    /// Bytes of the text.
    pub len: usize,
}

impl Str {
    pub(crate) const NONE: Self = Self { text: ptr::null(), len: 0 };

    pub(crate) const fn of(text: &str) -> Self {
        Self { text: text.as_ptr().cast(), len: text.len() }
    }

    pub(crate) fn or_none(text: Option<&str>) -> Self {
        text.map_or(Self::NONE, Self::of)
    }
}

/// `const char *`: a path, a name or a word that a NUL ends, or a text beside its length.
#[repr(transparent)]
pub struct Text(*const c_char);

impl Text {
    /// The text that a NUL ends, which is said to be `what` where it is none.
    pub(crate) fn to_str(&self, what: &str) -> Result<&str, Error> {
        let text = self.to_c_str(what)?.to_str();
        text.map_err(|_| Error::argument(what, "bytes that are not UTF-8", "UTF-8"))
    }

    /// The same of a path, which need not be UTF-8.
    pub(crate) fn to_path(&self, what: &str) -> Result<&Path, Error> {
        let text = self.to_c_str(what)?;
        Ok(Path::new(OsStr::from_bytes(text.to_bytes())))
    }

    #[expect(unsafe_code, reason = "the address of its first byte is all that C tells of a text")]
    fn to_c_str(&self, what: &str) -> Result<&CStr, Error> {
        if self.0.is_null() {
            return Err(Error::argument(what, "NULL", "a text that a NUL ends"));
        }
        // SAFETY: only C makes a `Text`, and the header asks of it that this is NULL or the first of
        // bytes that a NUL ends and nobody changes during the call; no entry keeps them longer.
        Ok(unsafe { CStr::from_ptr(self.0) })
    }

    /// The text of a length.
    ///
    /// # Safety
    ///
    /// `len` is what C passed beside this text.
    #[expect(unsafe_code, reason = "who calls says which length belongs to it")]
    pub(crate) unsafe fn with_len(&self, len: usize, what: &str) -> Result<&str, Error> {
        let bytes = Bytes(self.0.cast());
        // SAFETY: as the caller says; and a text is bytes.
        let bytes = unsafe { bytes.with_len(len, what) }?;
        // The bytes are C's, and the copy of their address above is gone.
        str::from_utf8(bytes)
            .map_err(|_| Error::argument(what, "bytes that are not UTF-8", "UTF-8"))
    }
}

/// `const void *`: bytes beside their length.
#[repr(transparent)]
pub struct Bytes(*const c_void);

impl Bytes {
    /// The bytes; NULL is allowed where there are none.
    ///
    /// # Safety
    ///
    /// `len` is what C passed beside these bytes.
    #[expect(unsafe_code, reason = "who calls says which length belongs to it")]
    pub(crate) unsafe fn with_len<'c>(&self, len: usize, what: &str) -> Result<&'c [u8], Error> {
        if len == 0 {
            return Ok(&[]);
        }
        if self.0.is_null() {
            return Err(Error::argument(what, "NULL", "the bytes of which there is a length"));
        }
        if isize::try_from(len).is_err() {
            return Err(Error::argument(what, "a length beyond all memory", "that of the bytes"));
        }
        // SAFETY: only C makes `Bytes`, and the header asks of it that there are so many and that
        // nobody changes them during the call; no entry keeps them longer.
        Ok(unsafe { slice::from_raw_parts(self.0.cast(), len) })
    }
}
