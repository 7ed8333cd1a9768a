//! Participants' prefixes and names, compiled into one image and looked up in it.
//!
//! `inventory` reads what participants own, [`compile()`] turns it into the bytes
//! of an image, [`Image`] opens any bytes that are one, and its lookups tell which
//! assets an address, a prefix, a range, a name or a mail address concerns. No
//! threads, and no I/O but reading an image file.

mod asset;
mod compile;
mod image;
mod indicator;
pub mod inventory;
pub mod json;
mod lint;
mod local_space;
mod lookup;
mod probe;
mod serialized;

pub use asset::{Asset, AssetKind, AssetValue};
pub use compile::{CompileError, Limits, compile};
pub use image::assets::{AssetRef, Owner, ValueRef};
pub use image::hash::ANCHOR_BYTES;
pub use image::{Image, ImageError, ImageInfo};
pub use indicator::{
    AddrError, AddrRange, Ends, Indicator, IndicatorError, IndicatorKind, KeywordError,
    MAX_KEYWORD_CHARS, MAX_LABEL_BYTES, MAX_NAME_BYTES, MIN_KEYWORD_CHARS, MailError, NameError,
    canonical_keyword, canonical_label, canonical_mail, canonical_name, parse_addr, parse_prefix,
    parse_quad, parse_range,
};
pub use inventory::{Inventory, InventoryError, Note, NoteKind, Rejected};
pub use json::SCHEMA;
pub use lint::{Finding, Level, Lint};
pub use lookup::{Assets, Found, Relation};
pub use probe::{Anchors, Probe};
