//! What a command finds, written in the form that was asked for.

mod table;
mod target;

pub(crate) use table::{Column, Cut, Table};
pub(crate) use target::Target;

/// The version of the keys in our JSON and of what they mean.
pub(crate) const SCHEMA: u32 = 1;
