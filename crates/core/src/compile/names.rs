//! Builds what `image/names.rs` reads.

use zerocopy::little_endian::U32;

use super::CompileError;
use super::distinct::Distinct;
use super::ordered::{self, Placed, head};
use super::table;
use super::writer::{Writer, push_text};
use crate::AssetValue;
use crate::image::format::{MAX_SUFFIX_LABELS, NONE, NameRecord, Section};
use crate::image::hash::{hash_anchor_text, hash_folded};

/// What the rest of the image needs to know about the names.
pub(super) struct Written {
    pub(super) seed: u64,
    /// Whether some name has one label.
    pub(super) single_label: bool,
}

/// A name, and the assets at it as a record has them.
#[derive(Clone, Copy)]
struct AssetsAt<'a> {
    name: &'a str,
    kinds: u8,
    first_asset: u32,
}

/// Writes the names, and sets the value of each asset that is at one.
pub(super) fn write(
    distinct: &Distinct<'_>,
    writer: &mut Writer,
    text: &mut Vec<u8>,
    values: &mut [u32],
) -> Result<Written, CompileError> {
    let names = in_order(distinct);
    let texts: Vec<&str> = names.iter().map(|at| at.name).collect();
    let hash = |seed, index: u32| hash_folded(seed, texts[index as usize].as_bytes());
    let (seed, slots) = table::build("names", texts.len(), hash)?;

    let mut records = Vec::with_capacity(names.len());
    // The names that the current one lies under, the shortest first.
    let mut above: Vec<u32> = Vec::new();
    let mut suffixes = Suffixes::default();
    for (index, at) in names.iter().enumerate() {
        let name = at.name;
        while above.last().is_some_and(|&last| !is_under(name, texts[last as usize])) {
            above.pop();
        }
        let parent = above.last().copied().unwrap_or(NONE);
        above.push(index as u32);
        records.push(NameRecord {
            text: push_text(text, name).offset,
            bytes: name.len() as u8,
            labels: name.split('.').count() as u8,
            suffixes: suffixes.of(name),
            kinds: at.kinds,
            parent: U32::new(parent),
            first_asset: U32::new(at.first_asset),
        });
        let assets = at.first_asset..at.first_asset + at.kinds.count_ones();
        values[assets.start as usize..assets.end as usize].fill(index as u32);
    }

    let (anchors, deep) = anchors(&texts, seed)?;
    writer.section(Section::Names, records);
    writer.section(Section::NameSlots, slots);
    writer.section(Section::NameFilter, table::filter(&anchors));
    writer.section(Section::DeepSuffixes, deep);
    let single_label = texts.iter().any(|name| !name.contains('.'));
    Ok(Written { seed, single_label })
}

/// The different names, label by label from the right, with their assets.
fn in_order<'a>(distinct: &Distinct<'a>) -> Vec<AssetsAt<'a>> {
    // The assets at one name have as many labels as each other and the same text,
    // so that they stand together, in the order of their kinds.
    let mut names: Vec<AssetsAt<'a>> = Vec::new();
    for (index, key) in distinct.assets.iter().enumerate() {
        let AssetValue::Name(name) = key.value else { continue };
        if names.last().is_none_or(|last| last.name != name) {
            names.push(AssetsAt { name, kinds: 0, first_asset: index as u32 });
        }
        let kind = NameRecord::KINDS.iter().position(|&kind| kind == key.value_kind());
        let at = names.last_mut().expect("one was pushed");
        at.kinds |= 1 << kind.expect("a name is of one of these kinds");
    }
    // A zero is less than every byte of a label, so that bytes from the right label on
    // compare as the labels do.
    let mut reversed = Vec::new();
    let mut starts = Vec::with_capacity(names.len());
    for at in &names {
        starts.push(reversed.len());
        for label in at.name.rsplit('.') {
            reversed.extend_from_slice(label.as_bytes());
            reversed.push(0);
        }
    }
    let text = |place: u32| {
        let start = starts[place as usize];
        &reversed[start..start + names[place as usize].name.len() + 1]
    };
    let mut placed: Vec<Placed> = (0..names.len() as u32)
        .map(|place| Placed { head: head(text(place)), rank: 0, place })
        .collect();
    ordered::sort(&mut placed, text);
    placed.iter().map(|placed| names[placed.place as usize]).collect()
}

fn is_under(name: &str, above: &str) -> bool {
    name.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
}

/// Labels of the public suffix of `name`, both sections of the list.
fn suffix_labels(name: &str) -> u8 {
    let suffix = psl::suffix(name.as_bytes());
    suffix.map_or(1, |suffix| suffix.as_bytes().split(|&b| b == b'.').count() as u8)
}

/// Which of the names at and above a name are public suffixes.
#[derive(Default)]
struct Suffixes<'a> {
    /// The name of which it was told last, and the answer.
    last: (&'a str, u8),
}

impl<'a> Suffixes<'a> {
    /// A bit each for the last label and more of them.
    ///
    /// No rule of the list makes a name a suffix that is longer than the suffix of the
    /// names under it. So one look at the list tells the longest, and names that come in
    /// order mostly share the shorter ones with the name before them.
    fn of(&mut self, name: &'a str) -> u8 {
        let longest = suffix_labels(name).min(MAX_SUFFIX_LABELS);
        let (last, bits) = self.last;
        let is_suffix = |&count: &u8| {
            let name = last_labels(name, count.into());
            match name == last_labels(last, count.into()) {
                true => bits & 1 << (count - 1) != 0,
                false => psl::suffix_str(name) == Some(name),
            }
        };
        let bits = (1..=longest).filter(is_suffix).fold(0, |bits, count| bits | 1 << (count - 1));
        self.last = (name, bits);
        bits
    }
}

/// The last `count` labels of `name`, or all.
fn last_labels(name: &str, count: usize) -> &str {
    let dot = name.rmatch_indices('.').nth(count - 1);
    dot.map_or(name, |(at, _)| &name[at + 1..])
}

/// The hashes of all anchors, and of the two-label suffixes that are deep.
///
/// A suffix is deep where names register under it and no asset is at or above
/// it. The filter then holds both the suffix and the three labels of each
/// anchor, and a reader that meets a deep suffix asks for both.
fn anchors(
    names: &[&str],
    seed: u64,
) -> Result<(Vec<u64>, Vec<zerocopy::little_endian::U64>), CompileError> {
    let hash = |name: &str| hash_anchor_text(seed, name.as_bytes());
    let (mut deep, mut shallow) = (Vec::new(), Vec::new());
    let mut anchors = Vec::new();
    // In the order of the names, all that share their last labels stand together, the
    // shortest first.
    for under in names.chunk_by(|a, b| last_labels(a, 2) == last_labels(b, 2)) {
        let two = last_labels(under[0], 2);
        anchors.push(hash(two));
        let is_deep = under[0] != two && suffix_labels(two) == 2;
        if is_deep {
            deep.push(hash(two));
            let three = under.chunk_by(|a, b| last_labels(a, 3) == last_labels(b, 3));
            anchors.extend(three.map(|under| hash(last_labels(under[0], 3))));
        } else {
            shallow.push(hash(two));
        }
    }
    for hashes in [&mut deep, &mut shallow, &mut anchors] {
        hashes.sort_unstable();
        hashes.dedup();
    }
    // Where the hash of a deep suffix is also that of another, none of the two is
    // deep: a reader tells them apart by hash only. Zero marks an empty slot.
    deep.retain(|hash| *hash != 0 && shallow.binary_search(hash).is_err());
    let deep = table::hash_set(&deep).ok_or(CompileError::Collisions { what: "suffixes" })?;
    Ok((anchors, deep))
}
