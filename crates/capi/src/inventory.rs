//! Inventories: rows in, an image out.

use std::ffi::c_void;
use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::mem::MaybeUninit;

use feedsieve::{InventoryError, Limits, Rejected, compile};

use crate::borrow::{Bytes, Str, Text};
use crate::error::{Code, Error, Named};
use crate::fence;
use crate::image::Image;

/// What participants own, row by row, before it is compiled. For one thread at a time.
pub struct Inventory(feedsieve::Inventory);

/// A row that is not loaded, and why.
#[repr(C)]
pub struct BadRow {
    /// The file, or the name of the bytes.
    pub file: Str,
    /// The physical line of the value, from 1.
    pub line: u64,
    /// The column of the value in characters, from 1.
    pub column: u64,
    /// What was found, safe to print.
    pub found: Str,
    /// What was expected in its place.
    pub expected: Str,
}

/// Is told of a row that is not loaded, whose texts are valid during the call. With `true` the row is
/// left out, with `false` nothing of its file is used.
pub type BadRowFn = Option<extern "C" fn(user: *mut c_void, row: &BadRow) -> bool>;

/// How a text becomes assets, and rows that are none.
type Reader = fn(&mut dyn Read) -> Result<(feedsieve::Inventory, Vec<Rejected>), InventoryError>;

/// Reads rows, with a callback of C for those that are none.
pub(crate) struct Rows {
    pub(crate) read: Reader,
    pub(crate) on_bad_row: BadRowFn,
    pub(crate) user: *mut c_void,
}

/// CSV, JSON, NDJSON or TOML.
pub(crate) const PARTICIPANTS: Reader = |text| feedsieve::Inventory::read(text);

/// Entries a line, or a warninglist of MISP.
pub(crate) const ALLOW_LIST: Reader = |text| feedsieve::Inventory::from_allow_list(text);

impl Rows {
    pub(crate) fn path(&self, path: Text) -> Result<feedsieve::Inventory, Error> {
        let path = path.to_path("path")?;
        let shown = path.display();
        let mut file = File::open(path).map_err(|error| Named::from(error).about(shown))?;
        self.read(&path.display(), &mut file)
    }

    pub(crate) fn read(
        &self,
        name: &dyn Display,
        text: &mut dyn Read,
    ) -> Result<feedsieve::Inventory, Error> {
        let (inventory, rejected) =
            (self.read)(text).map_err(|error| Named::from(error).about(name))?;
        let file = name.to_string();
        for (index, row) in rejected.iter().enumerate() {
            if !self.leaves_out(&file, row) {
                let more = match rejected.len() - index - 1 {
                    0 => String::new(),
                    more => format!(" (and {more} more)"),
                };
                return Err(Error::new(
                    Code::FEEDSIEVE_INVENTORY,
                    format_args!("{file}:{row}{more}"),
                ));
            }
        }
        Ok(inventory)
    }

    fn leaves_out(&self, file: &str, row: &Rejected) -> bool {
        let told = BadRow {
            file: Str::of(file),
            line: row.line,
            column: row.column,
            found: Str::of(&row.found),
            expected: Str::of(&row.expected),
        };
        self.on_bad_row.is_some_and(|on_bad_row| on_bad_row(self.user, &told))
    }
}

/// An inventory without rows.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_inventory_new() -> Option<Box<Inventory>> {
    fence::handle(None, || Ok(Inventory(feedsieve::Inventory::default())))
}

/// Adds the rows of a file of CSV, JSON, NDJSON or TOML, told by its content.
///
/// A row that is wrong is told to `on_bad_row`. Where that is NULL or returns false, nothing of
/// the file is added and the error names the row: a participant that is left out is never found.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_inventory_add_path(
    inventory: Option<&mut Inventory>,
    path: Text,
    on_bad_row: BadRowFn,
    user: *mut c_void,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let inventory = inventory.ok_or_else(|| Error::null("inventory"))?;
        let rows = Rows { read: PARTICIPANTS, on_bad_row, user };
        inventory.0.extend(rows.path(path)?);
        Ok(())
    })
}

/// The same of a text in memory; messages call it `name`.
#[unsafe(no_mangle)]
#[expect(unsafe_code, reason = "bytes and their length are two arguments")]
pub extern "C" fn feedsieve_inventory_add_bytes(
    inventory: Option<&mut Inventory>,
    name: Text,
    bytes: Bytes,
    len: usize,
    on_bad_row: BadRowFn,
    user: *mut c_void,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Code {
    fence::code(error, || {
        let inventory = inventory.ok_or_else(|| Error::null("inventory"))?;
        let name = name.to_str("name")?;
        // SAFETY: `len` stands beside these bytes.
        let mut bytes = unsafe { bytes.with_len(len, "bytes") }?;
        let rows = Rows { read: PARTICIPANTS, on_bad_row, user };
        inventory.0.extend(rows.read(&name, &mut bytes)?);
        Ok(())
    })
}

/// Compiles an inventory into an image in memory. The same assets give the same bytes, in whatever
/// order and notation.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_inventory_compile(
    inventory: Option<&Inventory>,
    error: Option<&mut MaybeUninit<Option<Box<Error>>>>,
) -> Option<Box<Image>> {
    fence::handle(error, || {
        let inventory = inventory.ok_or_else(|| Error::null("inventory"))?;
        let bytes = compile(&inventory.0, &Limits::default())?;
        let image = feedsieve::Image::open(bytes);
        image.map(Image::new).map_err(|error| Named::from(error).about("compiled"))
    })
}

/// Frees an inventory and sets the handle to NULL; images of it stay as they are.
#[unsafe(no_mangle)]
pub extern "C" fn feedsieve_inventory_close(inventory: Option<&mut Option<Box<Inventory>>>) {
    fence::value((), || drop(inventory.and_then(Option::take)));
}
