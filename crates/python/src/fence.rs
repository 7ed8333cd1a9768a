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
    let work = || {
        #[cfg(debug_assertions)]
        hook::pass();
        work()
    };
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

/// Panics on request, so that a test of Python can see what becomes of them.
///
/// What is released has nothing of it.
#[cfg(debug_assertions)]
pub(crate) mod hook {
    use std::sync::atomic::{AtomicU32, Ordering};

    use pyo3::prelude::PyAnyMethods as _;
    use pyo3::types::PyModule;
    use pyo3::{Bound, PyResult, pyfunction, wrap_pyfunction};

    /// How many more looks there are, on any thread, with that which panics; 0 if none is to.
    static LEFT: AtomicU32 = AtomicU32::new(0);

    /// Looks whether to panic: once for each work behind the fence, and for each hit of a scan.
    pub(crate) fn pass() {
        let left = |left: u32| left.checked_sub(1);
        if LEFT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left) == Ok(1) {
            panic!("as a test asked for, with a secret");
        }
    }

    /// Not by `add_function`, which would make it a part of what the package says it holds.
    pub(crate) fn offer(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.setattr("_panic_after", wrap_pyfunction!(panic_after, module)?)
    }

    /// Panics at the look after so many others, or at none.
    #[pyfunction]
    fn panic_after(looks: Option<u32>) {
        LEFT.store(looks.map_or(0, |looks| looks.saturating_add(1)), Ordering::Relaxed);
    }
}
