//! JSON as we write it, a line at a time.

use serde::Serialize;

pub(crate) use feedsieve::json::{hex, write_number as number};

/// Appends a value as one line.
pub(crate) fn write_line(to: &mut Vec<u8>, value: &impl Serialize) {
    feedsieve::json::write(to, value);
    to.push(b'\n');
}
