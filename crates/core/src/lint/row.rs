//! The rows of all files: whose each is, which stand twice, and what is odd about one by itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use super::{Finding, Level};
use crate::inventory::shown::{Escaped, Shown};
use crate::{Asset, AssetKind, AssetValue};

/// A row that holds an asset, and where it stands.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) file: usize,
    pub(super) place: (u64, u64),
    pub(super) asset: Asset,
}

impl Row {
    pub(super) fn finding(&self, level: Level, rule: &'static str, message: String) -> Finding {
        Finding::new(self.file, self.place, level, rule, message)
    }

    fn value(&self) -> String {
        match &self.asset.value {
            AssetValue::Addrs(range) if self.asset.kind == AssetKind::Range => {
                range.ends().to_string()
            }
            value => Shown(&value.to_string()).to_string(),
        }
    }

    /// `domain hospital.example of A`.
    fn whose(&self) -> String {
        format!("{} {} of {}", self.asset.kind, self.value(), Shown(&self.asset.participant))
    }
}

/// A row that stands for its asset and its participant, by number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Distinct {
    pub(super) row: usize,
    pub(super) owner: u32,
}

/// How a row lies to an earlier or wider one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Relation {
    Same,
    Inside,
    SharedAddrs,
    SharedMail,
}

/// The rows in the order in which they were read.
#[derive(Debug, Default)]
pub(super) struct Rows {
    files: Vec<String>,
    rows: Vec<Row>,
}

impl Rows {
    /// Adds a file and returns its number.
    pub(super) fn add_file(&mut self, name: &str) -> usize {
        self.files.push(name.to_owned());
        self.files.len() - 1
    }

    pub(super) fn add(&mut self, rows: impl Iterator<Item = Row>) {
        self.rows.extend(rows);
    }

    pub(super) fn all(&self) -> &[Row] {
        &self.rows
    }

    /// Finds what a row, an id or a group shows by itself; returns each asset of each participant once.
    pub(super) fn check(&self, findings: &mut Vec<Finding>) -> Vec<Distinct> {
        let owners = self.owners(findings);
        let mut seen: HashMap<(u32, AssetKind, &AssetValue), usize> = HashMap::new();
        let mut distinct = Vec::with_capacity(self.rows.len());
        for (index, (row, &owner)) in self.rows.iter().zip(&owners).enumerate() {
            match seen.entry((owner, row.asset.kind, &row.asset.value)) {
                Entry::Vacant(slot) => {
                    slot.insert(index);
                }
                Entry::Occupied(first) => {
                    let place = self.place_of(*first.get(), row);
                    let message = format!("{} stands in {place} too; remove one", row.whose());
                    findings.push(row.finding(Level::Warning, "duplicate", message));
                    continue;
                }
            }
            distinct.push(Distinct { row: index, owner });
            if matches!(&row.asset.value, AssetValue::Addrs(range) if range.is_local_space()) {
                let message = format!(
                    "{} is local space, which many networks use; a scan withholds hits on it \
                     unless asked for them, so write the addresses that others see",
                    row.whose()
                );
                findings.push(row.finding(Level::Warning, "local-space", message));
            }
        }
        distinct
    }

    /// The number of the participant of every row, and what is odd about ids and groups.
    fn owners(&self, findings: &mut Vec<Finding>) -> Vec<u32> {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut first_spellings: HashMap<String, usize> = HashMap::new();
        // By participant, the row that named the group first.
        let mut groups: Vec<Option<usize>> = Vec::new();
        let mut owners = Vec::with_capacity(self.rows.len());
        for (index, row) in self.rows.iter().enumerate() {
            let id = row.asset.participant.as_str();
            let number = match numbers.get(id) {
                Some(&number) => number,
                None => {
                    let number = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                    numbers.insert(id, number);
                    groups.push(None);
                    let first = *first_spellings.entry(id.to_lowercase()).or_insert(index);
                    if first != index {
                        findings.push(self.differs_in_case(row, first));
                    }
                    number
                }
            };
            if let Some(group) = &row.asset.group {
                let first = *groups[number as usize].get_or_insert(index);
                if self.rows[first].asset.group.as_ref() != Some(group) {
                    findings.push(self.is_in_two_groups(row, first));
                }
            }
            owners.push(number);
        }
        owners
    }

    fn differs_in_case(&self, row: &Row, first: usize) -> Finding {
        let message = format!(
            "participant {} differs from {} ({}) in case only; write both alike if they are one",
            Shown(&row.asset.participant),
            Shown(&self.rows[first].asset.participant),
            self.place_of(first, row),
        );
        row.finding(Level::Warning, "participant-case", message)
    }

    fn is_in_two_groups(&self, row: &Row, first: usize) -> Finding {
        let group = |row: &Row| Shown(row.asset.group.as_deref().unwrap_or_default()).to_string();
        let message = format!(
            "participant {} is in group {} here and in {} in {}; write one group for a participant",
            Shown(&row.asset.participant),
            group(row),
            group(&self.rows[first]),
            self.place_of(first, row),
        );
        row.finding(Level::Warning, "groups", message)
    }

    /// A row that concerns another participant as well.
    pub(super) fn shared(&self, row: usize, other: usize, relation: Relation) -> Finding {
        let row = &self.rows[row];
        let (rule, phrase, advice) = match relation {
            Relation::Same => ("same-asset", "is the same as", "remove one row"),
            Relation::Inside => ("inside", "lies within", "remove one row"),
            Relation::SharedAddrs => ("overlap", "shares addresses with", "part them"),
            Relation::SharedMail => ("overlap", "shares mail addresses with", "part them"),
        };
        let message = format!(
            "{} {phrase} {} ({}); hits there go to both, so {advice} if that is not meant",
            row.whose(),
            self.other(other, row),
            self.place_of(other, row),
        );
        row.finding(Level::Warning, rule, message)
    }

    /// A row without which the participant would be told of the same.
    ///
    /// A label of its own is a reason to keep it: the hit says which ward it is.
    pub(super) fn redundant(&self, row: usize, wider: usize) -> Option<Finding> {
        let row = &self.rows[row];
        let has_own_label =
            row.asset.label.is_some() && row.asset.label != self.rows[wider].asset.label;
        if has_own_label {
            return None;
        }
        let message = format!(
            "{} lies within {} ({}); the wider one finds the same, so the row may go",
            row.whose(),
            self.other(wider, row),
            self.place_of(wider, row),
        );
        Some(row.finding(Level::Note, "redundant", message))
    }

    /// The other row of a comparison; its kind only where it is another one.
    fn other(&self, other: usize, row: &Row) -> String {
        let other = &self.rows[other];
        let value = match other.asset.kind == row.asset.kind {
            true => other.value(),
            false => format!("{} {}", other.asset.kind, other.value()),
        };
        match other.asset.participant == row.asset.participant {
            true => format!("{value} of the same participant"),
            false => format!("{value} of {}", Shown(&other.asset.participant)),
        }
    }

    /// `line 3`, or `other.csv:3`.
    fn place_of(&self, other: usize, seen_from: &Row) -> RowPlace<'_> {
        let other = &self.rows[other];
        let file = (other.file != seen_from.file).then(|| self.files[other.file].as_str());
        RowPlace { file, line: other.place.0 }
    }
}

struct RowPlace<'a> {
    file: Option<&'a str>,
    line: u64,
}

impl fmt::Display for RowPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.file {
            Some(file) => write!(f, "{}:{}", Escaped(file), self.line),
            None => write!(f, "line {}", self.line),
        }
    }
}
