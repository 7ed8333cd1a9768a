//! All participants' assets, checked.
//!
//! A row that is wrong is returned as a [`Rejected`] and the others load. One
//! file holds one notation (`csv`, `json` for JSON and NDJSON, `toml`), each
//! turning its rows into the same [`row::Row`], and `row` turns that into an asset.

use std::fmt;

use crate::Asset;

/// All participants' assets, checked and in canonical form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    assets: Vec<Asset>,
}

impl Inventory {
    /// The assets, in the order in which they were read.
    #[must_use]
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// Adds an asset that is checked already.
    pub fn push(&mut self, asset: Asset) {
        self.assets.push(asset);
    }

    /// Adds all assets of another inventory.
    pub fn extend(&mut self, other: Self) {
        self.assets.extend(other.assets);
    }
}

/// A row of an inventory that was not loaded: where, what was found, what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejected {
    /// The physical line on which the value stands, from 1.
    pub line: u64,
    /// The column of the value in characters, from 1; 1 where the notation does not tell.
    pub column: u64,
    /// What was found.
    pub found: String,
    /// What was expected in its place, or what to do.
    pub expected: String,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}; {}", self.line, self.column, self.found, self.expected)
    }
}

/// Why an inventory could not be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InventoryError {
    /// The reader failed.
    #[error("reading the inventory: {0}")]
    Io(#[from] std::io::Error),
    /// The text as a whole is not what it should be: no header, no table, no JSON.
    #[error("{0}")]
    Syntax(Rejected),
}
