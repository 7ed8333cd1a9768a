//! Different assets in the order of the image, and who owns each.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use zerocopy::little_endian::U32;

use super::writer::{Writer, push_text};
use crate::image::format::{
    AssetRecord, Entry, NONE, ParticipantRecord, Posting, Section, ValueKind,
};
use crate::{AddrRange, AssetKind, AssetValue, Inventory};

/// What an asset is, without its owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key<'a> {
    pub(super) kind: AssetKind,
    pub(super) value: &'a AssetValue,
}

/// An owner of an asset, and what it calls it.
type Ownership<'a> = (&'a str, Option<&'a str>);

/// An inventory, sorted out.
pub(super) struct Distinct<'a> {
    /// The most specific first; the position is the asset's index.
    pub(super) assets: Vec<(Key<'a>, Vec<Ownership<'a>>)>,
    participants: BTreeMap<&'a str, &'a str>,
    labels: BTreeSet<&'a str>,
}

impl<'a> Distinct<'a> {
    pub(super) fn of(inventory: &'a Inventory) -> Self {
        let mut owners: HashMap<Key<'a>, Vec<Ownership<'a>>> = HashMap::new();
        let mut participants = BTreeMap::new();
        let mut labels = BTreeSet::new();
        for asset in inventory.assets() {
            let key = Key { kind: asset.kind, value: &asset.value };
            let label = asset.label.as_deref();
            owners.entry(key).or_default().push((&asset.participant, label));
            labels.extend(label);
            // Rows of one participant may name several groups, which the lint
            // reports; the greatest is as good as any and does not depend on order.
            let group = asset.group.as_deref().unwrap_or_default();
            let known = participants.entry(asset.participant.as_str()).or_insert(group);
            *known = (*known).max(group);
        }
        let mut assets: Vec<_> = owners.into_iter().collect();
        for (_, owners) in &mut assets {
            owners.sort_unstable();
            // A label that was given wins over none given for the same asset again.
            owners.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 = kept.1.max(next.1);
                }
                same
            });
        }
        assets.sort_unstable_by(|(a, _), (b, _)| more_specific_first(a, b));
        Self { assets, participants, labels }
    }

    /// Writes participants, labels and postings.
    pub(super) fn write(&self, writer: &mut Writer, text: &mut Vec<u8>) {
        let mut groups = HashMap::new();
        let participants: Vec<_> = (self.participants.iter())
            .map(|(id, group)| ParticipantRecord {
                id: push_text(text, id),
                group: *groups.entry(*group).or_insert_with(|| push_text(text, group)),
            })
            .collect();
        writer.section(Section::Participants, &participants[..]);
        let labels: Vec<_> = self.labels.iter().map(|label| push_text(text, label)).collect();
        writer.section(Section::Labels, &labels[..]);
    }

    /// Writes the assets, and the postings in the order of their first use.
    pub(super) fn write_assets(&self, writer: &mut Writer, value: impl Fn(u32) -> Option<u32>) {
        let index_of = |ids: &mut dyn Iterator<Item = &&'a str>| -> HashMap<&'a str, u32> {
            ids.enumerate().map(|(index, id)| (*id, index as u32)).collect()
        };
        let participants = index_of(&mut self.participants.keys());
        let labels = index_of(&mut self.labels.iter());
        let (mut postings, mut entries) = (Vec::new(), Vec::new());
        let mut shared: HashMap<&[Ownership<'a>], u32> = HashMap::new();
        let assets: Vec<_> = (self.assets.iter().enumerate())
            .map(|(index, (key, owners))| {
                let posting = *shared.entry(owners).or_insert_with(|| {
                    let first = entries.len() as u32;
                    entries.extend(owners.iter().map(|(id, label)| Entry {
                        participant: U32::new(participants[id]),
                        label: U32::new(label.map_or(NONE, |label| labels[label])),
                    }));
                    postings.push(Posting {
                        first: U32::new(first),
                        count: U32::new(owners.len() as u32),
                    });
                    postings.len() as u32 - 1
                });
                AssetRecord {
                    kind: key.value_kind() as u8,
                    reserved: [0; 3],
                    value: U32::new(value(index as u32).expect("every asset has a value")),
                    posting: U32::new(posting),
                }
            })
            .collect();
        writer.section(Section::Assets, &assets[..]);
        writer.section(Section::Postings, &postings[..]);
        writer.section(Section::Entries, &entries[..]);
    }
}

impl Key<'_> {
    fn value_kind(&self) -> ValueKind {
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
}

/// Mail addresses, then what holds fewer addresses, then names with more labels, then longer
/// keywords.
fn more_specific_first(a: &Key<'_>, b: &Key<'_>) -> Ordering {
    /// The larger, the less specific; `text` orders equals.
    fn rank(key: &Key<'_>) -> (u8, u32) {
        match key.value {
            AssetValue::Mail(_) => (0, 0),
            AssetValue::Addrs(range) => {
                let bits = if matches!(range, AddrRange::V4 { .. }) { 32 } else { 128 };
                (1, bits - u32::from(range.prefix_len()))
            }
            AssetValue::Name(name) => (2, 128 - (name.split('.').count() as u32).min(127)),
            AssetValue::Keyword(keyword) => (3, u32::MAX - keyword.chars().count() as u32),
        }
    }
    fn kind_rank(kind: AssetKind) -> u8 {
        match kind {
            AssetKind::DomainExact => 0,
            AssetKind::Domain => 1,
            AssetKind::EmailDomain => 2,
            AssetKind::Prefix | AssetKind::Range | AssetKind::Email | AssetKind::Keyword => 3,
        }
    }
    fn text(key: &Key<'_>) -> String {
        match key.value {
            AssetValue::Addrs(range) if key.kind == AssetKind::Range => range.ends().to_string(),
            value => value.to_string(),
        }
    }
    rank(a).cmp(&rank(b)).then_with(|| match (a.value, b.value) {
        (AssetValue::Addrs(_), AssetValue::Addrs(_)) => text(a).cmp(&text(b)),
        (a_value, b_value) => a_value.cmp(b_value).then(kind_rank(a.kind).cmp(&kind_rank(b.kind))),
    })
}
