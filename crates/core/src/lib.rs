//! Participants' prefixes and names, compiled into one image and looked up in it.
#![doc = ""]

mod asset;
mod indicator;
pub mod inventory;

pub use asset::{Asset, AssetKind, AssetValue};
pub use indicator::{
    AddrError, AddrRange, MAX_LABEL_BYTES, MAX_NAME_BYTES, MailError, NameError, canonical_label,
    canonical_mail, canonical_name, parse_addr, parse_prefix, parse_range,
};
pub use inventory::{Inventory, InventoryError, Note, NoteKind, Rejected};
