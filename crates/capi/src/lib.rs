//! The library for C. What is public here is what `include/feedsieve.h` declares, and documented for
//! those who read that.
//!
//! Nothing here decides what a hit is: arguments of C become those of the crate `feedsieve`, and its
//! answers become structs of C. Handles come and go as boxes and references that may be NULL, so that
//! pointers are looked at in [`borrow`] only; no panic passes the [`fence`].

// What cannot unwind cannot be caught, and would end the host.
#[cfg(not(panic = "unwind"))]
compile_error!("build this library with panics that unwind");

pub mod borrow;
mod fence;

// In the order in which the header has them. The lint takes it for unsafe code that their functions
// have names of C; of blocks there are few, and tests/all/unsafe_code.rs counts them.
#[expect(unsafe_code, reason = "names that C can link")]
pub mod version;

#[expect(unsafe_code, reason = "names that C can link")]
pub mod error;

#[expect(unsafe_code, reason = "names that C can link")]
pub mod inventory;

#[expect(unsafe_code, reason = "names that C can link")]
pub mod image;

pub mod lookup;

#[expect(unsafe_code, reason = "names that C can link")]
pub mod scanner;

pub mod hit;

#[expect(unsafe_code, reason = "names that C can link")]
pub mod scan;

#[expect(unsafe_code, reason = "names that C can link")]
pub mod account;
