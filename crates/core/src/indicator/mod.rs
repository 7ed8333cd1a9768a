//! What an address, a prefix, a range, a name and a mail address are.
//!
//! Everything here works on one item of text that somebody else has cut out of
//! its surroundings: a cell of an inventory, an argument of `lookup`, a
//! candidate of a feed.

mod addr;
mod mail;
mod name;

pub use addr::{AddrError, AddrRange, Ends, parse_addr, parse_prefix, parse_range};
pub use mail::{MailError, canonical_mail};
pub use name::{MAX_LABEL_BYTES, MAX_NAME_BYTES, NameError, canonical_label, canonical_name};
pub(crate) use name::{canonical_labels, is_full_stop};
