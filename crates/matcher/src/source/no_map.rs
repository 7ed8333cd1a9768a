//! In place of `map.rs` where the feature `mmap` is off: there is no map.

use std::convert::Infallible;
use std::ops::{Deref, Range};

/// A map of a file, of which there is none.
#[derive(Clone, Debug)]
pub(crate) struct Map(Infallible);

impl Map {
    pub(crate) const fn is_torn(&self) -> bool {
        match self.0 {}
    }

    pub(crate) const fn why_incomplete(&self) -> Option<String> {
        match self.0 {}
    }

    pub(crate) const fn give_back(&self, _: Range<usize>) {
        match self.0 {}
    }
}

impl Deref for Map {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self.0 {}
    }
}

impl AsRef<[u8]> for Map {
    fn as_ref(&self) -> &[u8] {
        self
    }
}
