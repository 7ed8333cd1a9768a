//! What is wrong, or looks wrong, with inventories: row by row and between participants.
//!
//! `finding` says what a finding is, `row` tells the rows of all files apart and
//! what is odd about one, `addrs` and `names` compare the rows with one another.

mod addrs;
mod finding;
mod names;
mod row;
#[cfg(test)]
mod tests;

use std::io::Read;

use crate::inventory::Inventory;
use crate::inventory::load::EveryRow;
use crate::{InventoryError, Note, NoteKind, Rejected};

pub use finding::{Finding, Level};
use row::{Row, Rows};

/// Reads inventories and finds what a person should look at before they are used.
///
/// | rule | level | finds |
/// |---|---|---|
/// | `rejected` | error | a row that is not loaded: too broad, a public suffix, no asset at all |
/// | `accepted` | warning | a public suffix, or too broad, and loaded for the reason given |
/// | `same-asset` | warning | an asset that another participant has too |
/// | `inside` | warning | an asset that lies within one of another participant |
/// | `overlap` | warning | an asset that shares addresses or mail addresses with one of another |
/// | `duplicate` | warning | an asset that the participant has in an earlier row |
/// | `local-space` | warning | private and other local addresses |
/// | `participant-case` | warning | an id that differs from another in case only |
/// | `groups` | warning | a participant in two groups |
/// | `empty` | warning | an inventory without an asset |
/// | `host-bits`, `private-suffix`, `many-lines` | warning | [`NoteKind`] says what |
/// | `redundant` | note | an asset that lies within a wider one of the same participant |
/// | any other [`NoteKind`] | note | a legal spelling that was put right |
///
/// A row has at most one finding of each rule that compares rows, and names the
/// nearest other row, so there are never more than a few for each row. The cost is
/// that of sorting the rows, whatever they hold.
///
/// # Example
///
/// ```
/// use feedsieve_core::Lint;
/// let mut lint = Lint::default();
/// let csv = "participant,kind,value\nA,domain,hospital.example\nB,domain,lab.hospital.example\n";
/// lint.read("ours.csv", csv.as_bytes())?;
/// let findings = lint.findings();
/// assert_eq!(
///     (findings[0].line, findings[0].column, findings[0].level.name(), findings[0].message.as_str()),
///     (3, 10, "warning", "domain lab.hospital.example of B lies within hospital.example of A (line 2); \
///      hits there go to both, so remove one row if that is not meant")
/// );
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
#[derive(Debug, Default)]
pub struct Lint {
    rows: Rows,
    findings: Vec<Finding>,
}

impl Lint {
    /// Reads an inventory in whichever notation its content shows; `file` is its name in messages.
    ///
    /// # Errors
    ///
    /// As [`Inventory::read`]. Nothing of that inventory is linted then, and
    /// others still may be.
    pub fn read(&mut self, file: &str, reader: impl Read) -> Result<(), InventoryError> {
        let EveryRow { inventory, rejected, places } = Inventory::read_every_row(reader)?;
        let file = self.rows.add_file(file);
        if inventory.assets().is_empty() {
            let message = "no asset in it; nothing can be found for it".to_owned();
            self.findings.push(Finding::new(file, (1, 1), Level::Warning, "empty", message));
        }
        self.findings.extend(rejected.iter().map(|row| of_rejected(file, row)));
        self.findings.extend(inventory.notes().iter().map(|note| of_note(file, note)));
        let assets = inventory.into_assets().into_iter().zip(places);
        self.rows.add(assets.map(|(asset, place)| Row { file, place, asset }));
        Ok(())
    }

    /// How many assets were read, duplicates included.
    #[must_use]
    pub fn asset_count(&self) -> usize {
        self.rows.all().len()
    }

    /// Everything that was found, in the order of the files and their lines.
    #[must_use]
    pub fn findings(self) -> Vec<Finding> {
        let Self { rows, mut findings } = self;
        let distinct = rows.check(&mut findings);
        addrs::check(&rows, &distinct, &mut findings);
        names::check(&rows, &distinct, &mut findings);
        findings.sort_by(|one, other| one.place().cmp(&other.place()));
        findings
    }
}

fn of_rejected(file: usize, row: &Rejected) -> Finding {
    let message = format!("{}; {}", row.found, row.expected);
    Finding::new(file, (row.line, row.column), Level::Error, "rejected", message)
}

fn of_note(file: usize, note: &Note) -> Finding {
    let place = (note.line, note.column);
    let (level, advice) = match note.kind {
        NoteKind::HostBits => (Level::Warning, "; write it so, or the length that is meant"),
        NoteKind::Accepted => (Level::Warning, ""),
        NoteKind::PrivateSuffix => {
            (Level::Warning, "; write the name under it that is the participant's")
        }
        NoteKind::ManyLines => (Level::Warning, ""),
        _ => (Level::Note, ""),
    };
    Finding::new(file, place, level, note.kind.name(), format!("{}{advice}", note.text))
}
