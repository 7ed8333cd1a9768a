//! The Python package `feedsieve`, as far as it is written in Rust.
//!
//! Translates and holds no matching logic. Python sees it as `feedsieve._native`; what people
//! import is in `python/feedsieve`, which also holds the exceptions. Nothing runs at import: no
//! thread, no pool, so that whoever forks later forks a process of one thread.

mod account;
mod cells;
mod columns;
mod compile;
mod errors;
mod feed;
mod fence;
mod found;
mod hit;
mod image;
mod many;
mod mapped;
mod options;
mod question;
mod scan;
mod sieve;
mod table;
mod texts;
mod worker;

/// What Python sees of this crate.
#[pyo3::pymodule]
mod _native {
    use pyo3::types::PyModule;
    use pyo3::{Bound, PyResult};

    #[pymodule_export]
    use crate::compile::{compile_files, compile_rows};
    #[pymodule_export]
    use crate::feed::has_ranges;
    #[pymodule_export]
    use crate::found::Found;
    #[pymodule_export]
    use crate::hit::{Also, Hit};
    #[pymodule_export]
    use crate::image::Image;
    #[pymodule_export]
    use crate::scan::{Scan, scan};
    #[pymodule_export]
    use crate::table::{HitTable, scan_arrow};

    /// Says nothing on standard error when something here fails that must not.
    #[pymodule_init]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::fence::be_quiet();
        #[cfg(debug_assertions)]
        crate::fence::hook::offer(_module)?;
        Ok(())
    }
}
