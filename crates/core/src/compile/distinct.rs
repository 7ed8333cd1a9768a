//! Different assets in the order of the image, and who owns each.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use zerocopy::little_endian::U32;

use super::ordered::{self, Numbered, Placed, head};
use super::writer::{Writer, push_text};
use crate::image::format::{
    AssetRecord, Entry, IS_LIST, NONE, ParticipantRecord, Posting, Section, ValueKind,
};
use crate::{AddrRange, Asset, AssetKind, AssetValue, Inventory};

/// What an asset is, without its owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key<'a> {
    pub(super) kind: AssetKind,
    pub(super) value: &'a AssetValue,
}

/// An owner of an asset by its number, and the number of what it calls it.
type Ownership = (u32, Option<u32>);

/// An inventory, sorted out.
pub(super) struct Distinct<'a> {
    /// The most specific first; the position is the asset's index.
    pub(super) assets: Vec<Key<'a>>,
    /// The owners of all assets, those of one together, ascending by participant.
    owners: Vec<Ownership>,
    /// Where the owners of each asset end.
    owners_end: Vec<u32>,
    participants: Vec<&'a str>,
    /// The group of each participant.
    groups: Vec<&'a str>,
    labels: Vec<&'a str>,
}

impl<'a> Distinct<'a> {
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let rows = inventory.assets();
        let participants = Numbered::of(rows.iter().map(|row| Some(row.participant.as_str())));
        let labels = Numbered::of(rows.iter().map(|row| row.label.as_deref()));
        let participant_of =
            |row: usize| participants.numbers[row].expect("every row has a participant");

        // Rows of one participant may name several groups, which the lint
        // reports; the greatest is as good as any and does not depend on order.
        let mut groups = vec![""; participants.texts.len()];
        for (row, asset) in rows.iter().enumerate() {
            if let Some(named) = asset.group.as_deref() {
                let group = &mut groups[participant_of(row) as usize];
                *group = (*group).max(named);
            }
        }

        let mut assets: Vec<Key<'a>> = Vec::with_capacity(rows.len());
        let mut owners: Vec<Ownership> = Vec::with_capacity(rows.len());
        let mut owners_end = Vec::with_capacity(rows.len());
        for same in in_order(rows).chunk_by(|a, b| key_of(rows, a) == key_of(rows, b)) {
            let start = owners.len();
            owners.extend(same.iter().map(|placed| {
                let row = placed.place as usize;
                (participant_of(row), labels.numbers[row])
            }));
            if same.len() > 1 {
                sort_owners(&mut owners, start);
            }
            assets.push(key_of(rows, &same[0]));
            owners_end.push(owners.len() as u32);
        }
        Self {
            assets,
            owners,
            owners_end,
            participants: participants.texts,
            groups,
            labels: labels.texts,
        }
    }

    /// Writes participants and labels.
    pub(super) fn write(&self, writer: &mut Writer, text: &mut Vec<u8>) {
        let mut groups = HashMap::new();
        let participants: Vec<_> = (self.participants.iter().zip(&self.groups))
            .map(|(id, group)| ParticipantRecord {
                id: push_text(text, id),
                group: *groups.entry(*group).or_insert_with(|| push_text(text, group)),
            })
            .collect();
        writer.section(Section::Participants, participants);
        let labels: Vec<_> = self.labels.iter().map(|label| push_text(text, label)).collect();
        writer.section(Section::Labels, labels);
    }

    /// Writes the assets with their values, and the postings in the order of their first use.
    pub(super) fn write_assets(&self, writer: &mut Writer, values: &[u32]) {
        let (mut postings, mut entries) = (Vec::new(), Vec::new());
        let mut shared: HashMap<&[Ownership], u32> = HashMap::new();
        let mut start = 0;
        let assets: Vec<_> = (self.assets.iter().zip(values).zip(&self.owners_end))
            .map(|((key, &value), &end)| {
                debug_assert_ne!(value, NONE, "every asset has a value");
                let owners = &self.owners[start..end as usize];
                start = end as usize;
                let owner = match owners {
                    &[(participant, None)] => participant,
                    owners => *shared.entry(owners).or_insert_with(|| {
                        let first = entries.len() as u32;
                        entries.extend(owners.iter().map(|&(participant, label)| Entry {
                            participant: U32::new(participant),
                            label: U32::new(label.unwrap_or(NONE)),
                        }));
                        postings.push(Posting {
                            first: U32::new(first),
                            count: U32::new(owners.len() as u32),
                        });
                        (postings.len() as u32 - 1) | IS_LIST
                    }),
                };
                AssetRecord {
                    kind: key.value_kind() as u8,
                    value: U32::new(value),
                    owner: U32::new(owner),
                }
            })
            .collect();
        writer.section(Section::Assets, assets);
        writer.section(Section::Postings, postings);
        writer.section(Section::Entries, entries);
    }
}

fn key_of<'a>(rows: &'a [Asset], placed: &Placed) -> Key<'a> {
    let row = &rows[placed.place as usize];
    Key { kind: row.kind, value: &row.value }
}

/// Sorts the owners from `start` on, each once.
fn sort_owners(owners: &mut Vec<Ownership>, start: usize) {
    owners[start..].sort_unstable();
    let mut kept = start;
    for next in start + 1..owners.len() {
        if owners[next].0 == owners[kept].0 {
            // A label that was given wins over none given for the same asset again.
            owners[kept].1 = owners[kept].1.max(owners[next].1);
        } else {
            kept += 1;
            owners[kept] = owners[next];
        }
    }
    owners.truncate(kept + 1);
}

impl Key<'_> {
    pub(super) fn value_kind(&self) -> ValueKind {
        let is_v4 = matches!(self.value, AssetValue::Addrs(AddrRange::V4 { .. }));
        match (self.kind, is_v4) {
            (AssetKind::Prefix, true) => ValueKind::Prefix4,
            (AssetKind::Prefix, false) => ValueKind::Prefix6,
            (AssetKind::Range, true) => ValueKind::Range4,
            (AssetKind::Range, false) => ValueKind::Range6,
            (AssetKind::Domain, _) => ValueKind::Domain,
            (AssetKind::DomainExact, _) => ValueKind::DomainExact,
            (AssetKind::EmailDomain, _) => ValueKind::EmailDomain,
            (AssetKind::Email, _) => ValueKind::Email,
            (AssetKind::Keyword, _) => ValueKind::Keyword,
        }
    }

    /// The larger, the less specific: mail addresses, then what holds fewer addresses, then names
    /// with more labels, then longer keywords. The canonical text orders equals.
    fn rank(&self) -> u32 {
        const CLASS: u32 = 1 << 30;
        match self.value {
            AssetValue::Mail(_) => 0,
            AssetValue::Addrs(range) => {
                let bits = if matches!(range, AddrRange::V4 { .. }) { 32 } else { 128 };
                CLASS + bits - u32::from(range.prefix_len())
            }
            AssetValue::Name(name) => {
                let dots = name.bytes().filter(|&byte| byte == b'.').count();
                2 * CLASS + 127 - (dots as u32).min(126)
            }
            AssetValue::Keyword(keyword) => {
                4 * (CLASS - 1) - (keyword.chars().count() as u32).min(CLASS - 4)
            }
        }
    }

    /// Writes the canonical text of addresses.
    fn write_addrs(&self, range: &AddrRange, out: &mut String) {
        let written = match (self.kind, range) {
            (AssetKind::Range, range) => write!(out, "{}", range.ends()),
            (_, range) => write!(out, "{range}"),
        };
        written.expect("a String takes every write");
    }
}

/// The rows by specificity; those of one asset stand together.
fn in_order(rows: &[Asset]) -> Vec<Placed> {
    let mut text = String::new();
    let placed = |(place, row): (usize, &Asset)| {
        let key = Key { kind: row.kind, value: &row.value };
        let head = match &row.value {
            AssetValue::Addrs(range) => {
                text.clear();
                key.write_addrs(range, &mut text);
                head(text.as_bytes())
            }
            AssetValue::Name(text) | AssetValue::Mail(text) | AssetValue::Keyword(text) => {
                head(text.as_bytes())
            }
        };
        Placed { head, rank: key.rank(), place: place as u32 }
    };
    let mut placed: Vec<Placed> = rows.iter().enumerate().map(placed).collect();
    ordered::sort(&mut placed, |place| {
        let row = &rows[place as usize];
        let text = match &row.value {
            AssetValue::Addrs(range) => {
                let mut text = String::new();
                Key { kind: row.kind, value: &row.value }.write_addrs(range, &mut text);
                Cow::Owned(text)
            }
            AssetValue::Name(text) | AssetValue::Mail(text) | AssetValue::Keyword(text) => {
                Cow::Borrowed(text.as_str())
            }
        };
        (text, kind_rank(row.kind))
    });
    placed
}

/// Orders the assets that one name is.
const fn kind_rank(kind: AssetKind) -> u8 {
    match kind {
        AssetKind::DomainExact => 0,
        AssetKind::Domain => 1,
        AssetKind::EmailDomain => 2,
        AssetKind::Prefix | AssetKind::Range | AssetKind::Email | AssetKind::Keyword => 3,
    }
}
