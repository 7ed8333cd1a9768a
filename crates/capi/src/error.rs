//! What went wrong: a code for programs, a sentence for people.

use std::ffi::{CString, c_char};
use std::fmt::Display;
use std::mem::MaybeUninit;

use feedsieve::{
    CompileError, ImageError, IndicatorError, InventoryError, PublicationError, SecretField,
};

use crate::fence;

/// What a function came to.
#[expect(non_camel_case_types, reason = "these are the names in C")]
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// All went well.
    FEEDSIEVE_OK = 0,
    /// An argument is NULL that must not be, is not UTF-8, or is none of the words that are known.
    FEEDSIEVE_ARGUMENT = 1,
    /// A file cannot be opened, read or written.
    FEEDSIEVE_IO = 2,
    /// An inventory or an allow list is none, or has rows that nobody allowed to be left out.
    FEEDSIEVE_INVENTORY = 3,
    /// An inventory cannot be compiled: a limit is exceeded, or it was made to be slow.
    FEEDSIEVE_COMPILE = 4,
    /// A file or bytes are no image that this version reads.
    FEEDSIEVE_IMAGE = 5,
    /// A text is no address, prefix, range, name or mail address.
    FEEDSIEVE_INDICATOR = 6,
    /// A feed does not have a field that was asked for, or it is one of secrets.
    FEEDSIEVE_FIELD = 7,
    /// A feed was not read to its end. What was read has been scanned: hits were told, and the account
    /// is there.
    FEEDSIEVE_INCOMPLETE = 8,
    /// A mistake in this library. Handles that were passed can still be closed, and nothing else.
    FEEDSIEVE_INTERNAL = 9,
}

/// Why a function failed. The message says where, what was found and what was expected.
pub struct Error {
    code: Code,
    message: CString,
}

#[cfg(test)]
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message.to_string_lossy())
    }
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Display) -> Self {
        // Only texts from outside can hold a NUL, at which C would take the message to end.
        let message = message.to_string().replace('\0', "\\0");
        Self { code, message: CString::new(message).unwrap_or_default() }
    }

    /// An argument is not what it has to be.
    pub(crate) fn argument(what: &str, found: impl Display, expected: impl Display) -> Self {
        Self::new(Code::FEEDSIEVE_ARGUMENT, format_args!("{what}: {found}; expected {expected}"))
    }

    /// A handle is NULL.
    pub(crate) fn null(what: &str) -> Self {
        Self::argument(what, "NULL", "a handle that is open")
    }

    pub(crate) const fn code(&self) -> Code {
        self.code
    }
}

/// What the library says, which does not know what it speaks of.
pub(crate) struct Named {
    pub(crate) code: Code,
    pub(crate) message: String,
}

impl Named {
    /// The error, about a file or bytes of this name.
    pub(crate) fn about(self, name: impl Display) -> Error {
        Error::new(self.code, format_args!("{name}: {}", self.message))
    }
}

impl From<std::io::Error> for Named {
    fn from(error: std::io::Error) -> Self {
        Self { code: Code::FEEDSIEVE_IO, message: error.to_string() }
    }
}

impl From<ImageError> for Named {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Io(error) => error.into(),
            error => Self { code: Code::FEEDSIEVE_IMAGE, message: error.to_string() },
        }
    }
}

impl From<InventoryError> for Named {
    fn from(error: InventoryError) -> Self {
        match error {
            InventoryError::Io(error) => error.into(),
            error => Self { code: Code::FEEDSIEVE_INVENTORY, message: error.to_string() },
        }
    }
}

impl From<CompileError> for Error {
    fn from(error: CompileError) -> Self {
        Self::new(Code::FEEDSIEVE_COMPILE, error)
    }
}

impl From<PublicationError> for Error {
    fn from(error: PublicationError) -> Self {
        Self::new(Code::FEEDSIEVE_IO, error)
    }
}

impl From<IndicatorError> for Error {
    fn from(error: IndicatorError) -> Self {
        Self::new(Code::FEEDSIEVE_INDICATOR, error)
    }
}

impl From<SecretField> for Error {
    fn from(error: SecretField) -> Self {
        Self::new(Code::FEEDSIEVE_FIELD, error)
    }
}

/// The code of an error, FEEDSIEVE_OK of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_error_code(error: Option<&Error>) -> Code {
    fence::value(Code::FEEDSIEVE_INTERNAL, || error.map_or(Code::FEEDSIEVE_OK, Error::code))
}

/// The message of an error in UTF-8, ended by a NUL, valid until the error is closed; "" of NULL.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_error_message(error: Option<&Error>) -> *const c_char {
    fence::value(c"".as_ptr(), || error.map_or(c"".as_ptr(), |error| error.message.as_ptr()))
}

/// Frees an error and sets the pointer to it to NULL.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_error_close(error: Option<&mut Option<Box<Error>>>) {
    fence::value((), || drop(error.and_then(Option::take)));
}

/// Where C wants an error to be put, of which nobody knows what it holds before.
pub(crate) type Slot<'c> = Option<&'c mut MaybeUninit<Option<Box<Error>>>>;
