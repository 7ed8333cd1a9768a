//! The commands, one file each.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod explain;
pub(crate) mod inspect;
pub(crate) mod lookup;
pub(crate) mod scan;
