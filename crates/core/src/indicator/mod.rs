//! What an address, a prefix, a range, a name, a mail address and a keyword are.
//!
//! Everything here works on one item of text that somebody else has cut out of
//! its surroundings: a cell of an inventory, an argument of `lookup`, a
//! candidate of a feed.

mod addr;
mod keyword;
mod mail;
mod name;
mod quad;
mod single;

pub use addr::{AddrError, AddrRange, Ends, parse_addr, parse_prefix, parse_range};
pub use keyword::{KeywordError, MAX_KEYWORD_CHARS, MIN_KEYWORD_CHARS, canonical_keyword};
pub use mail::{MailError, canonical_mail};
pub use name::{MAX_LABEL_BYTES, MAX_NAME_BYTES, NameError, canonical_label, canonical_name};
pub(crate) use name::{canonical_labels, is_full_stop};
pub use quad::parse_quad;
pub(crate) use single::Value;
pub use single::{Indicator, IndicatorError, IndicatorKind};
