//! The border that no panic passes: every function that C calls does its work behind it.

use std::panic::{self, AssertUnwindSafe, Location};
use std::sync::{Mutex, Once, PoisonError};

use crate::error::{Code, Error, Slot};

/// Does what gives a handle. NULL where it fails, and then `error` says why.
pub(crate) fn handle<T>(
    error: Slot<'_>,
    work: impl FnOnce() -> Result<T, Error>,
) -> Option<Box<T>> {
    let (code, made) = match caught(|| work().map(Box::new)) {
        Ok(made) => (None, Some(made)),
        Err(failed) => (Some(failed), None),
    };
    put(error, code);
    made
}

/// Does what succeeds or fails. Where it fails, `error` says why.
pub(crate) fn code(error: Slot<'_>, work: impl FnOnce() -> Result<(), Error>) -> Code {
    let failed = caught(work).err();
    let code = failed.as_ref().map_or(Code::FEEDSIEVE_OK, Error::code);
    put(error, failed);
    code
}

/// Does what cannot fail; `otherwise` is given where it panics all the same.
pub(crate) fn value<T>(otherwise: T, work: impl FnOnce() -> T) -> T {
    caught(|| Ok(work())).unwrap_or(otherwise)
}

/// A panic as an error.
///
/// What a panic carries may be a part of a feed, so nothing of it is told, and its place is. What the
/// work borrowed may be half changed, which is why the header allows it to be closed only.
fn caught<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    static HOOK: Once = Once::new();
    // The hook is that of the copy of std in this library, and not that of a host in Rust.
    HOOK.call_once(|| panic::set_hook(Box::new(|panicked| note(panicked.location()))));
    let work = || {
        #[cfg(debug_assertions)]
        hook::pass();
        work()
    };
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(internal()))
}

/// The place of the last panic. Where several threads panic at once, that of one of them.
static PANICKED: Mutex<String> = Mutex::new(String::new());

/// Notes where a panic was. Nothing is printed: stderr is the host's.
fn note(place: Option<&Location<'_>>) {
    // A panic that was passed on from another thread names a place in std.
    if let Some(place) = place.filter(|place| !place.file().starts_with("/rustc/")) {
        *PANICKED.lock().unwrap_or_else(PoisonError::into_inner) = format!(" in {place}");
    }
}

fn internal() -> Error {
    let place = PANICKED.lock().unwrap_or_else(PoisonError::into_inner);
    let version = env!("CARGO_PKG_VERSION");
    let message = format_args!("an internal error of feedsieve {version}{place}; please report it");
    Error::new(Code::FEEDSIEVE_INTERNAL, message)
}

/// Writes an error to where C wants it, or NULL; what was there is not looked at.
fn put(error: Slot<'_>, failed: Option<Error>) {
    if let Some(slot) = error {
        slot.write(failed.map(Box::new));
    }
}

/// Panics on request, so that a test of C can see what becomes of them. Not in what is released.
#[cfg(debug_assertions)]
pub(crate) mod hook {
    use std::cell::Cell;

    thread_local! {
        /// After how many more looks this thread is to panic.
        static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    }

    /// Looks whether to panic: once for each call of C, and for each hit.
    pub(crate) fn pass() {
        match LEFT.get() {
            None => {}
            Some(0) => {
                LEFT.set(None);
                panic!("as a test asked for");
            }
            Some(left) => LEFT.set(Some(left - 1)),
        }
    }

    /// Panics at the look after so many others on this thread.
    #[expect(unsafe_code, reason = "a name that C can link")]
    #[unsafe(no_mangle)]
    pub(crate) extern "C" fn feedsieve_test_panic_after(looks: u32) {
        LEFT.set(Some(looks));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_errors_that_tell_nothing_of_what_they_carry() {
        assert_eq!(code(None, || panic!("secret")), Code::FEEDSIEVE_INTERNAL);
        assert!(internal().to_string().contains("fence.rs"), "{}", internal());
        assert!(!internal().to_string().contains("secret"));
        assert!(handle::<u8>(None, || panic!("secret")).is_none());
        assert_eq!(value(7, || panic!("secret")), 7);
    }

    #[test]
    fn what_goes_well_is_passed_on() {
        assert_eq!(code(None, || Ok(())), Code::FEEDSIEVE_OK);
        assert_eq!(handle(None, || Ok(7)).as_deref(), Some(&7));
        assert_eq!(value(0, || 7), 7);
    }

    /// Every source file of this crate.
    fn sources() -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let entries = std::fs::read_dir(folder).expect("the folder of this file");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        paths.map(|path| std::fs::read_to_string(path).expect("UTF-8")).collect()
    }

    #[test]
    fn every_function_of_c_is_behind_the_fence_and_called_by_the_test_of_c() {
        let test = include_str!("../tests/all.c");
        let mut count = 0;
        for source in sources() {
            // What follows is written in two parts, so that this line is none.
            for function in source.split(concat!("extern \"C\" fn feed", "sieve_")).skip(1) {
                let name = function.split('(').next().expect("a name");
                if name.starts_with("test_") {
                    continue;
                }
                let (_, body) = function.split_once("{\n").expect("a body");
                assert!(body.trim_start().starts_with("fence::"), "{name} is not behind the fence");
                let name = format!("feedsieve_{name}");
                let is_called = |end| test.contains(&format!("{name}{end}"));
                assert!(is_called('(') || is_called(')'), "{name} is not called by tests/all.c");
                count += 1;
            }
        }
        assert!(count > 40, "{count} functions were found");
    }
}
