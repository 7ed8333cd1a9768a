//! Establishes what the readers rely on, in one pass and without allocation.
//!
//! Checksums catch accidents; the rest stops attackers. After `layout` every
//! section is an array of its type, after `content` every index in it is in
//! range and every walk goes strictly towards lower (parents) or higher
//! (children) indexes. A crafted image may be wrong, never unsafe or endless.

use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, IntoBytes};

use super::family::Family;
use super::format::{
    AssetRecord, BLOCK_BITS, Entry, Header, IS_LAST, IS_LIST, KeywordRecord, MAGIC, MAX_KEYWORDS,
    MailRecord, Meta, NONE, NameRecord, NodeRecord, ParticipantRecord, Posting, PrefixRecord,
    ROOT_ENTRIES, ROOT_IS_NODE, RangeRecord, SECTION_ALIGN, Section, SectionHeader, TextRef,
    VERSION, ValueKind, WHOLE_RANGE,
};
use super::prefixes::Prefixes;
use super::{Image, ImageError, Layout};
use crate::{MAX_KEYWORD_CHARS, MAX_LABEL_BYTES, MAX_NAME_BYTES, MIN_KEYWORD_CHARS};

fn damaged(what: impl Into<String>) -> ImageError {
    ImageError::Damaged { what: what.into() }
}

fn ensure(holds: bool, section: Section, what: &str) -> Result<(), ImageError> {
    if holds { Ok(()) } else { Err(damaged(format!("section \"{}\": {what}", section.name()))) }
}

/// Checks header, table, checksums and padding, and returns where the sections stand.
pub(super) fn layout(bytes: &[u8]) -> Result<Layout, ImageError> {
    if bytes.get(..MAGIC.len()) != Some(&MAGIC[..]) {
        return Err(ImageError::NotAnImage);
    }
    let (header, rest) =
        Header::read_from_prefix(bytes).map_err(|_| damaged("the header is cut short"))?;
    // The version comes first: a newer format may have other rules.
    if header.version.get() > VERSION {
        return Err(ImageError::Newer { found: header.version.get(), newest: VERSION });
    }
    if header.version.get() < VERSION {
        return Err(ImageError::Older { found: header.version.get(), read: VERSION });
    }
    if header.image_bytes.get() != bytes.len() as u64 {
        let (found, stated) = (bytes.len() as u64, header.image_bytes.get());
        return Err(ImageError::Length { found, stated });
    }
    let (table, _) = <[SectionHeader]>::ref_from_prefix_with_elems(rest, Section::ALL.len())
        .map_err(|_| damaged("the section table is cut short"))?;
    let mut crc = crc32fast::Hasher::new();
    crc.update(Header { crc: U32::ZERO, ..header }.as_bytes());
    crc.update(table.as_bytes());
    if crc.finalize() != header.crc.get() {
        return Err(damaged("the header's checksum is wrong"));
    }
    let known = header.version.get() == VERSION
        && header.section_count.get() as usize == Section::ALL.len()
        && header.reserved.get() == 0;
    if !known {
        return Err(damaged("the header is not one of this format"));
    }

    let mut layout: Layout = Default::default();
    let mut end = size_of::<Header>() + size_of_val(table);
    for (&section, entry) in Section::ALL.iter().zip(table) {
        let start = end;
        ensure(entry.kind.get() == section as u32, section, "stands in another's place")?;
        ensure(entry.offset.get() == start as u64, section, "does not begin where the last ends")?;
        let length = usize::try_from(entry.bytes.get()).unwrap_or(usize::MAX);
        let content_end = start.saturating_add(length);
        end = content_end.checked_next_multiple_of(SECTION_ALIGN).unwrap_or(usize::MAX);
        let padding = bytes.get(content_end..end);
        ensure(padding.is_some(), section, "reaches past the end")?;
        ensure(padding.is_some_and(|p| p.iter().all(|&b| b == 0)), section, "padding is not zero")?;
        let content = &bytes[start..content_end];
        let whole = content.len().is_multiple_of(record_bytes(section));
        ensure(whole, section, "does not hold a whole number of records")?;
        ensure(crc32fast::hash(content) == entry.crc.get(), section, "the checksum is wrong")?;
        layout[section as usize] = (start, content_end);
    }
    match end == bytes.len() {
        true => Ok(layout),
        false => Err(damaged("there are bytes behind the last section")),
    }
}

const fn record_bytes(section: Section) -> usize {
    match section {
        Section::Meta => size_of::<Meta>(),
        Section::Text => 1,
        Section::Participants => size_of::<ParticipantRecord>(),
        Section::Labels => size_of::<TextRef>(),
        Section::Postings => size_of::<Posting>(),
        Section::Entries => size_of::<Entry>(),
        Section::Assets => size_of::<AssetRecord>(),
        Section::Ranges4 => size_of::<RangeRecord<<u32 as Family>::Stored>>(),
        Section::Ranges6 => size_of::<RangeRecord<<u128 as Family>::Stored>>(),
        Section::Prefixes4 => size_of::<PrefixRecord<<u32 as Family>::Stored>>(),
        Section::Prefixes6 => size_of::<PrefixRecord<<u128 as Family>::Stored>>(),
        Section::Nodes4 | Section::Nodes6 => size_of::<NodeRecord>(),
        Section::Names => size_of::<NameRecord>(),
        Section::Mails => size_of::<MailRecord>(),
        Section::Keywords => size_of::<KeywordRecord>(),
        Section::NameFilter
        | Section::MailFilter
        | Section::DeepSuffixes
        | Section::Blocks4
        | Section::Blocks6
        | Section::NameFilter2
        | Section::MailTails => size_of::<U64>(),
        Section::Lists4
        | Section::Lists6
        | Section::Roots4
        | Section::Roots6
        | Section::Leaves4
        | Section::Leaves6
        | Section::NameSlots
        | Section::MailSlots => size_of::<U32>(),
    }
}

/// Checks that every index, length and order is what the readers rely on.
pub(super) fn content(image: &Image) -> Result<(), ImageError> {
    let (start, end) = image.layout[Section::Meta as usize];
    ensure(end - start == size_of::<Meta>(), Section::Meta, "is not one record")?;
    let meta = image.meta();
    let plain = meta.single_label_names.get() <= 1 && meta.reserved.get() == 0;
    ensure(plain, Section::Meta, "holds an unknown flag")?;
    participants(image)?;
    assets(image)?;
    prefixes::<u32>(image)?;
    prefixes::<u128>(image)?;
    blocks(image)?;
    names(image)?;
    mails(image)?;
    keywords(image)
}

fn check_text(text: &str, at: TextRef, section: Section) -> Result<&str, ImageError> {
    let start = at.offset.get() as usize;
    let part = text.get(start..start.saturating_add(at.bytes.get() as usize));
    part.ok_or_else(|| damaged(format!("section \"{}\": a text out of bounds", section.name())))
}

fn text(image: &Image) -> Result<&str, ImageError> {
    std::str::from_utf8(image.section(Section::Text)).map_err(|_| damaged("a text is not UTF-8"))
}

fn participants(image: &Image) -> Result<(), ImageError> {
    let text = text(image)?;
    let assets = image.assets();
    let mut last: Option<&str> = None;
    for record in assets.participants {
        let id = check_text(text, record.id, Section::Participants)?;
        check_text(text, record.group, Section::Participants)?;
        let ascending = last.is_none_or(|last| last < id);
        ensure(ascending, Section::Participants, "ids are not in order")?;
        last = Some(id);
    }
    for &label in assets.labels {
        check_text(text, label, Section::Labels)?;
    }
    for posting in assets.postings {
        let (first, count) = (posting.first.get() as usize, posting.count.get() as usize);
        let end = first.saturating_add(count);
        let fits = count > 0 && end <= assets.entries.len();
        ensure(fits, Section::Postings, "a list out of bounds")?;
    }
    for entry in assets.entries {
        let known = (entry.participant.get() as usize) < assets.participants.len();
        ensure(known, Section::Entries, "an unknown participant")?;
        let label = entry.label.get();
        let known = label == NONE || (label as usize) < assets.labels.len();
        ensure(known, Section::Entries, "an unknown label")?;
    }
    Ok(())
}

fn assets(image: &Image) -> Result<(), ImageError> {
    let assets = image.assets();
    for record in assets.assets {
        let kind = ValueKind::from_byte(record.kind);
        ensure(kind.is_some(), Section::Assets, "an unknown kind")?;
        let count = match kind.unwrap_or(ValueKind::Email) {
            ValueKind::Prefix4 => image.prefixes::<u32>().records.len(),
            ValueKind::Prefix6 => image.prefixes::<u128>().records.len(),
            ValueKind::Range4 => image.prefixes::<u32>().ranges.len(),
            ValueKind::Range6 => image.prefixes::<u128>().ranges.len(),
            ValueKind::Domain | ValueKind::DomainExact | ValueKind::EmailDomain => {
                image.names().records.len()
            }
            ValueKind::Email => image.mails().records.len(),
            ValueKind::Keyword => image.keyword_records().records.len(),
        };
        let value = record.value.get() as usize;
        let known = value < count;
        ensure(known, Section::Assets, "a value out of bounds")?;
        let whole_range = match kind {
            Some(ValueKind::Prefix4) => image.prefixes::<u32>().records[value].len == WHOLE_RANGE,
            Some(ValueKind::Prefix6) => image.prefixes::<u128>().records[value].len == WHOLE_RANGE,
            _ => false,
        };
        ensure(!whole_range, Section::Assets, "a prefix that is a range")?;
        let owner = record.owner.get();
        let known = match owner & IS_LIST {
            0 => (owner as usize) < assets.participants.len(),
            _ => ((owner & !IS_LIST) as usize) < assets.postings.len(),
        };
        ensure(known, Section::Assets, "an owner out of bounds")?;
    }
    Ok(())
}

fn prefixes<F: Family>(image: &Image) -> Result<(), ImageError> {
    let Prefixes { records, lists, ranges, .. } = image.prefixes::<F>();
    for range in ranges {
        let ordered = F::load(range.first) <= F::load(range.last);
        ensure(ordered, F::RANGES, "an end before its start")?;
    }
    let assets = image.assets().assets;
    let fits = |asset: u32| {
        let kind = assets.get(asset as usize).map(|asset| asset.kind);
        kind == Some(F::PREFIX_KIND as u8) || kind == Some(F::RANGE_KIND as u8)
    };
    let listed_fits = lists.iter().all(|asset| fits(asset.get() & !IS_LAST));
    ensure(listed_fits, F::LISTS, "an asset that is no prefix or range")?;
    let mut lists = lists;
    let mut list_start = 0;
    let mut before: Option<(F, F)> = None;
    for (index, record) in records.iter().enumerate() {
        let (first, last) = piece_ends(assets, ranges, record)?;
        let ascending =
            before.is_none_or(|before| before.0 < first || before.0 == first && before.1 > last);
        ensure(ascending, F::PREFIXES, "prefixes are not in order")?;
        before = Some((first, last));
        let at = record.assets.get();
        if at & IS_LIST == 0 {
            ensure(fits(at), F::PREFIXES, "an asset that is no prefix or range")?;
        } else {
            // Lists follow one another, so that no crafted image has a long one read for
            // every prefix.
            let follows = (at & !IS_LIST) as usize == list_start;
            ensure(follows, F::PREFIXES, "a list that does not follow the one before it")?;
            let end = lists.iter().position(|asset| asset.get() & IS_LAST != 0);
            ensure(end.is_some(), F::LISTS, "a list without an end")?;
            let count = end.map_or(0, |end| end + 1);
            lists = &lists[count..];
            list_start += count;
        }
        let parent = record.parent.get();
        if parent != NONE {
            let above = (parent as usize) < index && {
                let parent = piece_ends(assets, ranges, &records[parent as usize])?;
                parent.0 <= first && last <= parent.1
            };
            ensure(above, F::PREFIXES, "a parent that does not hold its child")?;
        }
    }
    ensure(lists.is_empty(), F::LISTS, "belongs to no prefix")?;
    trie(&image.prefixes::<F>())
}

/// The first and the last address of a piece.
fn piece_ends<F: Family>(
    assets: &[AssetRecord],
    ranges: &[RangeRecord<F::Stored>],
    record: &PrefixRecord<F::Stored>,
) -> Result<(F, F), ImageError> {
    let first = F::load(record.addr);
    if record.len != WHOLE_RANGE {
        let mask = F::host_mask(record.len);
        let fits = u32::from(record.len) <= F::BITS && first.and(mask) == F::ZERO;
        ensure(fits, F::PREFIXES, "a prefix with host bits")?;
        return Ok((first, first.or(mask)));
    }
    // `assets` checked the value of every asset. Where a list begins is beyond all of them, or
    // no worse than another index.
    let asset = assets.get(record.assets.get() as usize);
    let asset = asset.filter(|asset| asset.kind == F::RANGE_KIND as u8);
    let range = asset.map(|asset| &ranges[asset.value.get() as usize]);
    let ends = range.map(|range| (F::load(range.first), F::load(range.last)));
    ensure(ends.is_some_and(|ends| ends.0 == first), F::PREFIXES, "a range that is none")?;
    Ok(ends.unwrap_or((first, first)))
}

fn trie<F: Family>(prefixes: &Prefixes<'_, F>) -> Result<(), ImageError> {
    let Prefixes { records, roots, nodes, leaves, .. } = *prefixes;
    let is_leaf = |value: u32| value as usize <= records.len();
    let whole = roots.len() == ROOT_ENTRIES || (roots.is_empty() && records.is_empty());
    ensure(whole, F::ROOTS, "has another number of entries")?;
    for root in roots {
        let root = root.get();
        let fits = match root & ROOT_IS_NODE {
            0 => is_leaf(root),
            _ => ((root & !ROOT_IS_NODE) as usize) < nodes.len(),
        };
        ensure(fits, F::ROOTS, "an entry out of bounds")?;
    }
    for (index, node) in nodes.iter().enumerate() {
        let (children, starts) = (node.children.get(), node.leaves.get());
        let child_end = u64::from(node.first_child.get()) + u64::from(children.count_ones());
        let leaf_end = u64::from(node.first_leaf.get()) + u64::from(starts.count_ones());
        let behind = children == 0 || node.first_child.get() as usize > index;
        ensure(behind, F::NODES, "a child before its parent")?;
        ensure(
            children == 0 || child_end <= nodes.len() as u64,
            F::NODES,
            "a child out of bounds",
        )?;
        ensure(leaf_end <= leaves.len() as u64, F::NODES, "a leaf out of bounds")?;
        // The first slot that is no child has to begin a leaf, or the slots up
        // to the next leaf would have none.
        let first = !children & children.wrapping_add(1);
        let starts_well = children & starts == 0 && first & !starts == 0;
        ensure(starts_well, F::NODES, "a slot without a leaf")?;
    }
    for leaf in leaves {
        ensure(is_leaf(leaf.get()), F::LEAVES, "a value out of bounds")?;
    }
    Ok(())
}

fn names(image: &Image) -> Result<(), ImageError> {
    let text = text(image)?;
    let names = image.names();
    let assets = image.assets().assets;
    for (index, record) in names.records.iter().enumerate() {
        let at = TextRef { offset: record.text, bytes: U32::new(record.bytes.into()) };
        let name = check_text(text, at, Section::Names)?;
        let labels = name.split('.').count();
        let fits = name.len() <= MAX_NAME_BYTES
            && name.is_ascii()
            && labels == usize::from(record.labels)
            && record.suffixes.checked_shr(record.labels.into()).unwrap_or(0) == 0
            && (1..8).contains(&record.kinds)
            && name.split('.').all(|label| (1..=MAX_LABEL_BYTES).contains(&label.len()));
        ensure(fits, Section::Names, "a text that is no name")?;
        let parent = record.parent.get();
        let above = parent == NONE
            || ((parent as usize) < index && names.is_under(name.as_bytes(), parent));
        ensure(above, Section::Names, "a parent that does not hold its child")?;
        for (asset, kind) in record.assets().into_iter().zip(NameRecord::KINDS) {
            let fits = asset == NONE
                || assets.get(asset as usize).is_some_and(|asset| asset.kind == kind as u8);
            ensure(fits, Section::Names, "an asset of another kind")?;
        }
    }
    table(names.slots, names.records.len(), Section::NameSlots)?;
    power_of_two(names.filter.len(), Section::NameFilter)?;
    power_of_two(names.filter2.len(), Section::NameFilter2)?;
    power_of_two(names.deep.len(), Section::DeepSuffixes)
}

fn blocks(image: &Image) -> Result<(), ImageError> {
    let words: &[U64] = image.section(Section::Blocks4);
    let fits = words.len().is_power_of_two() && {
        let block_bits = words.len().ilog2() + u64::BITS.ilog2();
        BLOCK_BITS.contains(&block_bits)
    };
    ensure(fits, Section::Blocks4, "a number of blocks that is not allowed")?;
    power_of_two(image.blocks6().filter.len(), Section::Blocks6)
}

fn mails(image: &Image) -> Result<(), ImageError> {
    let text = text(image)?;
    let mails = image.mails();
    let assets = image.assets().assets;
    for record in mails.records {
        check_text(text, record.text, Section::Mails)?;
        let asset = assets.get(record.asset.get() as usize);
        let fits = asset.is_some_and(|asset| asset.kind == ValueKind::Email as u8);
        ensure(fits, Section::Mails, "an asset of another kind")?;
    }
    table(mails.slots, mails.records.len(), Section::MailSlots)?;
    power_of_two(mails.filter.len(), Section::MailFilter)?;
    power_of_two(mails.tails.len(), Section::MailTails)
}

fn keywords(image: &Image) -> Result<(), ImageError> {
    let text = text(image)?;
    let records = image.keyword_records().records;
    let assets = image.assets().assets;
    ensure(records.len() <= MAX_KEYWORDS, Section::Keywords, "holds too many")?;
    let mut last: Option<&str> = None;
    for (index, record) in records.iter().enumerate() {
        let keyword = check_text(text, record.text, Section::Keywords)?;
        // What is built for a search, and how much of a feed it reads, depends on these.
        let count = keyword.chars().take(MAX_KEYWORD_CHARS + 1).count();
        let fits = (MIN_KEYWORD_CHARS..=MAX_KEYWORD_CHARS).contains(&count);
        ensure(fits, Section::Keywords, "a text that is no keyword")?;
        let ascending = last.is_none_or(|last| last < keyword);
        ensure(ascending, Section::Keywords, "keywords are not in order")?;
        last = Some(keyword);
        let asset = assets.get(record.asset.get() as usize);
        let fits = asset.is_some_and(|asset| {
            asset.kind == ValueKind::Keyword as u8 && asset.value.get() as usize == index
        });
        ensure(fits, Section::Keywords, "an asset of another kind")?;
    }
    Ok(())
}

fn table(slots: &[U32], record_count: usize, section: Section) -> Result<(), ImageError> {
    power_of_two(slots.len(), section)?;
    let fits = slots.iter().all(|slot| slot.get() as usize <= record_count);
    ensure(fits, section, "a slot out of bounds")
}

fn power_of_two(len: usize, section: Section) -> Result<(), ImageError> {
    ensure(len.is_power_of_two(), section, "the size is not a power of two")
}
