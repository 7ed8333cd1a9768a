//! Panics end here: they become an exception that says where, and nothing of what was read.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Mutex, Once, PoisonError};

use pyo3::{PyErr, PyResult};

use crate::errors;

/// Keeps panics off standard error, for their messages may quote a feed.
///
/// The hook belongs to this library alone: each has its own copy of the runtime of Rust.
pub(crate) fn be_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| panic::set_hook(Box::new(remember)));
}

/// The place of the last panic, which is all that is told of it.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

fn remember(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
    *PLACE.lock().unwrap_or_else(PoisonError::into_inner) = place;
}

/// Runs what must not panic; if it does, that is an error like others.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    // Nothing of the work is used after a panic.
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(Panicked::of)
}

/// The same for what may fail by itself.
pub(crate) fn fenced<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    caught(work).unwrap_or_else(|panicked| Err(panicked.into()))
}

/// Something that must not fail failed.
#[derive(Debug)]
pub(crate) struct Panicked {
    place: String,
}

impl Panicked {
    fn of(_: Box<dyn Any + Send>) -> Self {
        let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
        Self { place: place.unwrap_or_else(|| "a place that is not known".to_owned()) }
    }
}

impl From<Panicked> for PyErr {
    fn from(panicked: Panicked) -> Self {
        errors::internal(&panicked.place)
    }
}
