//! All participants' assets, checked.
//!
//! A row that is wrong is returned as a [`Rejected`] and the others load. One
//! file holds one notation (`csv`, `json` for JSON and NDJSON, `toml`), each
//! turning its rows into the same `row::Row`, and `row` turns that into an asset.
//!
//! ```text
//! Read ─▶ text ─▶ csv | json | toml ─▶ row ─▶ addrs | names ─▶ load ─▶ Inventory
//! ```

mod addrs;
mod allow;
mod csv;
mod json;
mod keywords;
pub(crate) mod load;
mod names;
mod note;
mod row;
pub(crate) mod shown;
#[cfg(test)]
mod tests;
mod text;
mod toml;

use std::fmt;
use std::io::Read;

pub use addrs::{MIN_PREFIX_LEN_V4, MIN_PREFIX_LEN_V6};
pub use allow::ALLOW_LIST;
pub use note::{Note, NoteKind};
pub use row::{MAX_LABEL_TEXT_BYTES, MAX_PARTICIPANT_BYTES};

use crate::Asset;
use load::{EveryRow, Loader};
use text::Text;

/// All participants' assets, checked and in canonical form.
///
/// However it is written, a row has a `participant`, a `value`, and perhaps a
/// `kind`, a `label`, a `group` and a reason to `accept` what would be too broad;
/// names of columns and keys have no case, and further ones are ignored. A `kind` that
/// is empty is inferred from the value.
///
/// # Example
///
/// ```
/// # use feedsieve_core::Inventory;
/// // A row that is wrong does not stop the others.
/// let csv = "VALUE,owner,Participant\n192.0.2.0/24,jan,A\n192.0.2.256,jan,B\n";
/// let (inventory, rejected) = Inventory::read(csv.as_bytes())?;
/// assert_eq!((inventory.assets().len(), rejected.len()), (1, 1));
/// assert_eq!(inventory.assets()[0].kind.name(), "prefix");
/// assert_eq!((rejected[0].line, rejected[0].column), (3, 1));
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    assets: Vec<Asset>,
    notes: Vec<Note>,
}

impl Inventory {
    /// Reads an inventory in whichever notation its content shows.
    ///
    /// The first line that is neither blank nor a `#` comment decides: TOML begins with
    /// `[[`, `[asset` or `key =`, JSON with any other `[`, NDJSON with `{`; what remains is CSV.
    ///
    /// # Errors
    ///
    /// As [`from_csv`](Self::from_csv), [`from_json`](Self::from_json),
    /// [`from_ndjson`](Self::from_ndjson) and [`from_toml`](Self::from_toml).
    ///
    /// # Example
    ///
    /// ```
    /// use feedsieve_core::Inventory;
    /// let csv = "participant,value\nH1,hospital.example";
    /// let ndjson = r#"{"participant": "H1", "value": "hospital.example"}"#;
    /// let toml = "[[asset]]\nparticipant = 'H1'\nvalue = 'hospital.example'";
    /// for text in [csv, ndjson, toml] {
    ///     let (inventory, rejected) = Inventory::read(text.as_bytes())?;
    ///     assert_eq!(inventory.assets()[0].value.to_string(), "hospital.example");
    ///     assert!(rejected.is_empty());
    /// }
    /// # Ok::<(), feedsieve_core::InventoryError>(())
    /// ```
    pub fn read(reader: impl Read) -> Result<(Self, Vec<Rejected>), InventoryError> {
        let text = Text::read(reader)?;
        Notation::of(&text).load(&text)
    }

    /// Reads CSV (RFC 4180) with a header, in UTF-8, with or without a byte order mark.
    ///
    /// The columns may stand in any order. Blank lines and lines that begin with `#` are passed
    /// over. Columns behind the value may be left out. No column of ours may hold a
    /// line break: a row in which one does is rejected, and the lines behind its
    /// first are read as rows, so that a quote left open costs one row and not the
    /// rest of the file.
    ///
    /// # Errors
    ///
    /// [`InventoryError::Io`] from the reader, and [`InventoryError::Syntax`] where there
    /// is no header with `participant` and `value`. A bad row is no error.
    ///
    /// # Example
    ///
    /// ```
    /// use feedsieve_core::Inventory;
    /// let text = "participant,kind,value\nH1,prefix,192.0.2.0/24\nH1,domain,com\nH2,domain,H2.example.";
    /// let (inventory, rejected) = Inventory::from_csv(text.as_bytes())?;
    /// assert_eq!(inventory.assets().len(), 2);
    /// assert_eq!(
    ///     rejected[0].to_string(),
    ///     "3:11: domain com is a public suffix; a name under it, or a reason in \"accept\""
    /// );
    /// assert_eq!(
    ///     inventory.notes()[0].to_string(),
    ///     "4:11: domain H2.example. has upper case letters; loaded as h2.example"
    /// );
    /// # Ok::<(), feedsieve_core::InventoryError>(())
    /// ```
    pub fn from_csv(reader: impl Read) -> Result<(Self, Vec<Rejected>), InventoryError> {
        Notation::Csv.load(&Text::read(reader)?)
    }

    /// Reads a JSON array of objects.
    ///
    /// # Errors
    ///
    /// [`InventoryError::Io`] from the reader, and [`InventoryError::Syntax`] where the
    /// text is no JSON array. An element that is no row is rejected, and the others load.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::Inventory;
    /// let text = r#"[{"participant": "A", "value": "192.0.2.7", "since": 2020}, 7]"#;
    /// let (inventory, rejected) = Inventory::from_json(text.as_bytes())?;
    /// assert_eq!(inventory.assets()[0].value.to_string(), "192.0.2.7/32");
    /// assert_eq!(rejected.len(), 1);
    /// assert!(Inventory::from_json(&b"{}"[..]).is_err());
    /// # Ok::<(), feedsieve_core::InventoryError>(())
    /// ```
    pub fn from_json(reader: impl Read) -> Result<(Self, Vec<Rejected>), InventoryError> {
        Notation::Json.load(&Text::read(reader)?)
    }

    /// Reads JSON objects, one a line; blank lines and `#` lines are passed over.
    ///
    /// # Errors
    ///
    /// [`InventoryError::Io`] from the reader. A line that is no object is rejected, and the
    /// others load.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::Inventory;
    /// let text = "# ours\n{\"participant\": \"A\", \"value\": \"192.0.2.7\"}\nno object\n";
    /// let (inventory, rejected) = Inventory::from_ndjson(text.as_bytes())?;
    /// assert_eq!((inventory.assets().len(), rejected[0].line), (1, 3));
    /// # Ok::<(), feedsieve_core::InventoryError>(())
    /// ```
    pub fn from_ndjson(reader: impl Read) -> Result<(Self, Vec<Rejected>), InventoryError> {
        Notation::Ndjson.load(&Text::read(reader)?)
    }

    /// Reads TOML, a table `[[asset]]` a row; other tables and keys are ignored.
    ///
    /// # Errors
    ///
    /// [`InventoryError::Io`] from the reader, and [`InventoryError::Syntax`] where the
    /// text is no TOML, which includes any byte that is not UTF-8, or holds no `[[asset]]`.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::Inventory;
    /// let text = "[cert]\nname = 'x'\n[[asset]]\nparticipant = 'A'\nvalue = 'hospital.example'\n";
    /// let (inventory, rejected) = Inventory::from_toml(text.as_bytes())?;
    /// assert_eq!((inventory.assets().len(), rejected.len()), (1, 0));
    /// assert!(Inventory::from_toml(&b"[cert]\n"[..]).is_err());
    /// # Ok::<(), feedsieve_core::InventoryError>(())
    /// ```
    pub fn from_toml(reader: impl Read) -> Result<(Self, Vec<Rejected>), InventoryError> {
        Notation::Toml.load(&Text::read(reader)?)
    }

    /// Reads an allow list: what is never a hit, as assets that [`ALLOW_LIST`] owns.
    ///
    /// A prefix, a range, a name (which stands for all under it) or a mail address a line, with
    /// blank lines and comments from `#` or `;`; or a [MISP warninglist][1], an object with `list`
    /// and `type`. There, `cidr` and `hostname` are read as lines are, and a name of the type
    /// `string` stands for itself only. However broad an entry is, it is loaded.
    ///
    /// [1]: https://github.com/MISP/misp-warninglists
    ///
    /// # Errors
    ///
    /// [`InventoryError::Io`] from the reader, and [`InventoryError::Syntax`] where JSON is no
    /// warninglist, or one of another type: parts of indicators and patterns are not compared.
    /// A bad entry is no error.
    ///
    /// # Example
    ///
    /// ```
    /// use feedsieve_core::Inventory;
    /// let (lines, _) = Inventory::from_allow_list(&b"192.0.2.7 # a scanner\ncdn.example\n"[..])?;
    /// let misp = r#"{"type": "hostname", "list": ["cdn.example"]}"#;
    /// let (warninglist, _) = Inventory::from_allow_list(misp.as_bytes())?;
    /// assert_eq!(lines.assets()[1..], *warninglist.assets());
    /// # Ok::<(), feedsieve_core::InventoryError>(())
    /// ```
    pub fn from_allow_list(reader: impl Read) -> Result<(Self, Vec<Rejected>), InventoryError> {
        let text = Text::read(reader)?;
        let mut loader = Loader::new(text.bytes().len());
        allow::load(&text, &mut loader)?;
        let EveryRow { inventory, rejected, .. } = loader.finish(&text);
        Ok((inventory, rejected))
    }

    /// Reads every row that holds an asset, those of one asset too, and where it stands.
    ///
    /// For the lint, which tells of what [`read`](Self::read) puts right silently.
    pub(crate) fn read_every_row(reader: impl Read) -> Result<EveryRow, InventoryError> {
        let text = Text::read(reader)?;
        let mut loader = Loader::of_every_row(text.bytes().len());
        Notation::of(&text).fill(&text, &mut loader)?;
        Ok(loader.finish(&text))
    }

    /// The assets, in the order in which they were read.
    #[must_use]
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    pub(crate) fn into_assets(self) -> Vec<Asset> {
        self.assets
    }

    /// What was put right in the rows that were loaded, or is odd about them, in the order of the text.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Adds an asset that is checked already.
    pub fn push(&mut self, asset: Asset) {
        self.assets.push(asset);
    }

    /// Adds all assets of another inventory, and its notes behind those that are here.
    ///
    /// The lines of a note are those of the text that it was read from, so a caller
    /// with several files shows the notes of each before adding it. An asset that is in both
    /// is in the sum twice.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Inventory, Limits};
    /// let csv = "participant,value\nA,hospital.example\n";
    /// let (mut inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// inventory.extend(inventory.clone());
    /// let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// // Twice in the inventory, and once in what is compiled.
    /// assert_eq!((inventory.assets().len(), image.asset_count()), (2, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn extend(&mut self, other: Self) {
        self.assets.extend(other.assets);
        self.notes.extend(other.notes);
    }
}

/// How an inventory is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notation {
    Csv,
    Json,
    Ndjson,
    Toml,
}

impl Notation {
    fn load(self, text: &Text) -> Result<(Inventory, Vec<Rejected>), InventoryError> {
        let mut loader = Loader::new(text.bytes().len());
        self.fill(text, &mut loader)?;
        let EveryRow { inventory, rejected, .. } = loader.finish(text);
        Ok((inventory, rejected))
    }

    fn fill(self, text: &Text, loader: &mut Loader) -> Result<(), InventoryError> {
        match self {
            Self::Csv => csv::load(text, loader),
            Self::Json => json::load_array(text, loader),
            Self::Ndjson => {
                json::load_lines(text, loader);
                Ok(())
            }
            Self::Toml => toml::load(text, loader),
        }
    }

    fn of(text: &Text) -> Self {
        let start = text.content_start();
        let content = &text.bytes()[start..text::line_end(text.bytes(), start)];
        let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.\"' \t".contains(byte);
        match content {
            [b'[', b'[', ..] => Self::Toml,
            _ if content.starts_with(b"[asset") => Self::Toml,
            [b'[', ..] => Self::Json,
            [b'{', ..] => Self::Ndjson,
            _ => match content.iter().position(|&byte| byte == b'=') {
                Some(equals) if equals > 0 && content[..equals].iter().all(is_key) => Self::Toml,
                _ => Self::Csv,
            },
        }
    }
}

/// A row of an inventory that was not loaded: where, what was found, what was expected.
///
/// # Example
///
/// ```
/// # use feedsieve_core::Inventory;
/// let csv = "participant,value\nA,hospital.example\nB,192.0.2.9-192.0.2.1\n";
/// let (_, rejected) = Inventory::from_csv(csv.as_bytes())?;
/// let row = &rejected[0];
/// assert_eq!((row.line, row.column), (3, 3));
/// assert_eq!(row.to_string(), format!("3:3: {}; {}", row.found, row.expected));
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Rejected {
    /// The physical line on which the value stands, from 1.
    pub line: u64,
    /// The column of the value in characters, from 1; that of its row where the notation does not tell.
    pub column: u64,
    /// What was found, safe to print.
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
///
/// # Example
///
/// ```
/// # use feedsieve_core::{Inventory, InventoryError};
/// let headless = Inventory::from_csv(&b"A,hospital.example\n"[..]);
/// let Err(InventoryError::Syntax(why)) = headless else { panic!() };
/// assert_eq!((why.line, why.column), (1, 1));
/// ```
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
