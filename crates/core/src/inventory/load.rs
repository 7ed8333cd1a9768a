//! The loading of rows, from whichever notation, into an inventory.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use super::note::{Note, NoteKind};
use super::row::{Column, Noted, Refused, Row, asset_of};
use super::shown::Shown;
use super::text::{Cursor, Text};
use super::{Inventory, Rejected};
use crate::Asset;

/// What was read.
#[derive(Debug)]
pub(crate) struct EveryRow {
    pub(crate) inventory: Inventory,
    pub(crate) rejected: Vec<Rejected>,
    /// Line and column of the value of every asset, where every row was kept.
    pub(crate) places: Vec<(u64, u64)>,
}

/// Takes rows one by one and keeps what they become.
///
/// Reports carry the offset of what they are about; lines and columns are counted
/// at the end, in one pass, for those only.
#[derive(Debug, Default)]
pub(super) struct Loader {
    assets: Vec<Asset>,
    /// The offset of every asset's value, where every row is kept: an asset that stands twice is
    /// in `assets` twice then, and whose rows they are is for the lint to compare, over all files.
    places: Option<Vec<usize>>,
    /// Indices of `assets` by a part of their hash. The assets themselves as keys would be a
    /// second copy of them, and what is small stays in the caches. Nobody's memory holds 2^32 rows.
    seen: HashMap<u32, u32, AsIs>,
    /// Keyed at random, so that nobody can write an inventory whose rows all collide.
    hasher: RandomState,
    /// The hash of the id of the last of `assets`.
    last_id_hash: u64,
    /// The first asset of every participant, by the hash of its id in lower case.
    first_spellings: HashMap<u64, usize, AsIs>,
    /// Ids that differ from others in case only and were told.
    told_spellings: HashSet<String>,
    rejected: Vec<(usize, Refused)>,
    notes: Vec<(usize, NoteKind, String)>,
    /// The notes of one row, kept for its memory.
    noted: Noted,
}

impl Loader {
    /// A loader for a text of so many bytes, with room for rows of a usual length.
    pub(super) fn new(text_bytes: usize) -> Self {
        let rows = (text_bytes / USUAL_ROW_BYTES).min(MAX_RESERVED_ROWS);
        let seen = HashMap::with_capacity_and_hasher(rows, AsIs::default());
        Self { assets: Vec::with_capacity(rows), seen, ..Self::default() }
    }

    /// A loader that keeps every row and its place.
    pub(super) fn of_every_row(text_bytes: usize) -> Self {
        Self { places: Some(Vec::new()), ..Self::new(text_bytes) }
    }

    /// Loads a row; `offset` tells where in the text a column of it stands.
    pub(super) fn load(&mut self, row: &Row<'_>, offset: impl Fn(Column) -> usize) {
        self.noted.clear();
        let asset = match asset_of(row, &mut self.noted) {
            Ok(asset) => asset,
            Err(refused) => {
                let at = offset(refused.column);
                return self.reject(at, refused);
            }
        };
        if !self.noted.is_empty() {
            let at = offset(Column::Value);
            self.notes.extend(self.noted.drain(..).map(|(kind, text)| (at, kind, text)));
        }
        if let Some(places) = &mut self.places {
            places.push(offset(Column::Value));
            self.assets.push(asset);
            return;
        }
        // The rows of a participant mostly stand together.
        let is_met = self.assets.last().is_some_and(|last| last.participant == asset.participant);
        let id_hash = match is_met {
            true => self.last_id_hash,
            false => self.hasher.hash_one(&asset.participant),
        };
        if let Some(earlier) = self.duplicate_of(&asset, id_hash) {
            let text = format!(
                "{} {} of {} {}; loaded once",
                asset.kind,
                Shown(&asset.value.to_string()),
                Shown(&asset.participant),
                NoteKind::Duplicate.phrase()
            );
            // What either row says counts, in any order of the two.
            let earlier = &mut self.assets[earlier];
            earlier.label = earlier.label.take().max(asset.label);
            earlier.group = earlier.group.take().max(asset.group);
            return self.note(offset(Column::Value), NoteKind::Duplicate, text);
        }
        if !is_met && let Some(other) = self.other_spelling(&asset.participant, id_hash) {
            let text = format!(
                "participant {} differs from {} in case only; both are loaded",
                Shown(&asset.participant),
                Shown(&other)
            );
            self.note(offset(Column::Participant), NoteKind::ParticipantCase, text);
        }
        self.last_id_hash = id_hash;
        self.assets.push(asset);
    }

    pub(super) fn reject(&mut self, offset: usize, refused: Refused) {
        self.rejected.push((offset, refused));
    }

    pub(super) fn note(&mut self, offset: usize, kind: NoteKind, text: String) {
        self.notes.push((offset, kind, text));
    }

    /// Where among the assets this one is already; if it is not, it is the next to be.
    fn duplicate_of(&mut self, asset: &Asset, id_hash: u64) -> Option<usize> {
        let mut hash = self.hasher.hash_one((id_hash, asset.kind, &asset.value)) as u32;
        loop {
            match self.seen.entry(hash) {
                Entry::Vacant(slot) => {
                    slot.insert(self.assets.len() as u32);
                    return None;
                }
                Entry::Occupied(slot) => {
                    let other = *slot.get() as usize;
                    if self.assets.get(other).is_some_and(|other| is_same(other, asset)) {
                        return Some(other);
                    }
                }
            }
            // Two assets of one hash: the other slot is as good, whoever looks for it.
            hash = hash.wrapping_add(1);
        }
    }

    /// The first spelling of an id that is about to be loaded, where this is another and not told yet.
    fn other_spelling(&mut self, id: &str, id_hash: u64) -> Option<String> {
        let hash = match id.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
            true => self.hasher.hash_one(id.to_lowercase()),
            false => id_hash,
        };
        let first = match self.first_spellings.entry(hash) {
            Entry::Vacant(slot) => {
                slot.insert(self.assets.len());
                return None;
            }
            Entry::Occupied(slot) => &self.assets.get(*slot.get())?.participant,
        };
        // Should two ids share a hash by chance, the second goes without a note, which is all.
        let tells = first != id
            && first.to_lowercase() == id.to_lowercase()
            && self.told_spellings.insert(id.to_owned());
        tells.then(|| first.clone())
    }

    /// The inventory and the rows that are not in it, in the order of the text.
    pub(super) fn finish(mut self, text: &Text) -> EveryRow {
        self.rejected.sort_by_key(|&(offset, _)| offset);
        self.notes.sort_by_key(|&(offset, ..)| offset);
        let mut cursor = Cursor::new(text.bytes());
        let rejected = self.rejected.into_iter().map(|(offset, refused)| {
            let (line, column) = cursor.seek(offset);
            Rejected { line, column, found: refused.found, expected: refused.expected }
        });
        let rejected = rejected.collect();
        let mut cursor = Cursor::new(text.bytes());
        let notes = self.notes.into_iter().map(|(offset, kind, text)| {
            let (line, column) = cursor.seek(offset);
            Note { line, column, kind, text }
        });
        let notes = notes.collect();
        let mut cursor = Cursor::new(text.bytes());
        let places = self.places.unwrap_or_default();
        let places = places.into_iter().map(|offset| cursor.seek(offset)).collect();
        EveryRow { inventory: Inventory { assets: self.assets, notes }, rejected, places }
    }
}

/// Whether two rows are one asset, whatever they call it.
fn is_same(one: &Asset, other: &Asset) -> bool {
    one.participant == other.participant && one.kind == other.kind && one.value == other.value
}

/// For keys that are hashes already, or a part of one.
type AsIs = BuildHasherDefault<HashAsIs>;

#[derive(Debug, Default)]
struct HashAsIs(u64);

impl Hasher for HashAsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    /// Fills the high bits too, which a table also looks at.
    fn write_u32(&mut self, hash: u32) {
        self.0 = u64::from(hash) << 32 | u64::from(hash);
    }

    /// Not used for these, and right for anything else, if slow.
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }
}

/// Bytes of a row with an id, a kind and a value. Too small a guess reserves memory that
/// is never touched, too large a one moves the assets as they grow.
const USUAL_ROW_BYTES: usize = 32;

/// Rows to make room for beforehand: a file of comments only should not reserve gigabytes.
const MAX_RESERVED_ROWS: usize = 1 << 20;
