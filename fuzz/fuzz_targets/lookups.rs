//! Lookups find what a linear search over the inventory finds, the most specific asset first.

#![no_main]

use arbitrary::{Arbitrary, Unstructured};
use feedsieve::{
    AddrRange, Asset, AssetKind, AssetValue, Found, Image, Inventory, Limits, Relation, compile,
};
use libfuzzer_sys::fuzz_target;

/// Addresses near each other, so that assets and queries meet.
#[derive(Arbitrary, Debug)]
struct Addrs {
    is_v6: bool,
    base: u8,
    low: u32,
    size: Size,
}

#[derive(Arbitrary, Debug)]
enum Size {
    Prefix(u8),
    Range(u16),
    /// To any other address of the family.
    To(u8, u32),
}

#[derive(Arbitrary, Debug)]
struct Name {
    labels: Vec<u8>,
    top: u8,
}

#[derive(Arbitrary, Debug)]
enum Value {
    Addrs(Addrs),
    Domain(Name),
    DomainExact(Name),
    EmailDomain(Name),
    Email(u8, Name),
}

#[derive(Arbitrary, Debug)]
struct Input {
    assets: Vec<(u8, Value)>,
    queries: Vec<Query>,
}

#[derive(Arbitrary, Debug)]
enum Query {
    Addrs(Addrs),
    Name(Name),
    Mail(u8, Name),
    /// The value of an asset.
    Asset(u8),
    /// Text that nobody made with care.
    Text(String),
}

fuzz_target!(|bytes: &[u8]| {
    feedsieve_fuzz::count(bytes);
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let assets: Vec<Asset> =
        input.assets.iter().map(|(owner, value)| asset(*owner, value)).collect();
    let mut inventory = Inventory::default();
    for asset in &assets {
        inventory.push(asset.clone());
    }
    let image = compile(&inventory, &Limits::default()).expect("within the limits");
    let image = Image::open(image).expect("what was compiled opens");
    for query in &input.queries {
        match query {
            Query::Addrs(addrs) => check_addrs(&image, &assets, addrs.range()),
            Query::Name(name) => check_name(&image, &assets, &name.text()),
            Query::Mail(local, name) => check_mail(&image, &assets, &mail(*local, name)),
            Query::Asset(index) => match assets.get(usize::from(*index)).map(|a| &a.value) {
                Some(AssetValue::Addrs(range)) => check_addrs(&image, &assets, *range),
                Some(AssetValue::Name(name)) => check_name(&image, &assets, name),
                Some(AssetValue::Mail(mail)) => check_mail(&image, &assets, mail),
                Some(AssetValue::Keyword(_)) | None => {}
            },
            Query::Text(text) => {
                // Canonical form is tested elsewhere: here lookups only have to end.
                image.lookup_name(text).for_each(drop);
                image.lookup_subtree(text).for_each(drop);
                image.lookup_mail(text).for_each(drop);
            }
        }
    }
});

fn asset(owner: u8, value: &Value) -> Asset {
    let (kind, value) = match value {
        Value::Addrs(addrs) => {
            let range = addrs.range();
            let is_prefix = range.prefix().is_some() && !matches!(addrs.size, Size::Range(_));
            let kind = if is_prefix { AssetKind::Prefix } else { AssetKind::Range };
            (kind, AssetValue::Addrs(range))
        }
        Value::Domain(name) => (AssetKind::Domain, AssetValue::Name(name.text())),
        Value::DomainExact(name) => (AssetKind::DomainExact, AssetValue::Name(name.text())),
        Value::EmailDomain(name) => (AssetKind::EmailDomain, AssetValue::Name(name.text())),
        Value::Email(local, name) => (AssetKind::Email, AssetValue::Mail(mail(*local, name))),
    };
    Asset { participant: format!("P{}", owner % 6), group: None, kind, value, label: None }
}

fn mail(local: u8, name: &Name) -> String {
    format!("{}@{}", ["jan", "j", "info"][usize::from(local) % 3], name.text())
}

impl Addrs {
    fn range(&self) -> AddrRange {
        let low = u128::from(self.low);
        let bits = if self.is_v6 { 128 } else { 32 };
        let base: u128 = match (self.is_v6, self.base % 4) {
            (false, 0) => 0,
            (false, 1) => 0xc000_0200,
            (false, 2) => 0xc000_0000,
            (false, _) => 0xffff_ff00,
            (true, 0) => 0,
            (true, 1) => 0x2001_0db8 << 96,
            (true, 2) => (0x2001_0db8 << 96) | 1 << 64,
            (true, _) => u128::MAX << 32,
        };
        let max = u128::MAX >> (128 - bits);
        let addr = base ^ low;
        let (first, last) = match self.size {
            Size::Prefix(len) => {
                let len = u32::from(len) % (bits + 1);
                let hosts = max.checked_shr(len).unwrap_or(0);
                let hosts = if len == 0 { max } else { hosts };
                (addr & !hosts, addr | hosts)
            }
            Size::Range(more) => (addr, addr.saturating_add(more.into()).min(max)),
            Size::To(base, low) => {
                let other = Self { base, low, is_v6: self.is_v6, size: Size::Range(0) }.range();
                let other = match other {
                    AddrRange::V4 { first, .. } => first.into(),
                    AddrRange::V6 { first, .. } => first,
                };
                (addr.min(other), addr.max(other))
            }
        };
        match self.is_v6 {
            true => AddrRange::V6 { first, last }.unmapped(),
            false => AddrRange::V4 { first: first as u32, last: last as u32 },
        }
    }
}

impl Name {
    /// Under suffixes of every sort: one label, two, private, a wildcard and its exception.
    fn text(&self) -> String {
        const LABELS: [&str; 6] = ["a", "b", "xa", "a-b", "www", "city"];
        const TOPS: [&str; 8] = [
            "nl",
            "co.uk",
            "s3.amazonaws.com",
            "github.io",
            "ck",
            "www.ck",
            "kawasaki.jp",
            "xn--p1ai",
        ];
        let labels = self.labels.iter().take(4).map(|&label| LABELS[usize::from(label) % 6]);
        let top = TOPS[usize::from(self.top) % 8];
        labels.chain([top]).collect::<Vec<_>>().join(".")
    }
}

type Row = (String, AssetKind, String, Relation);

fn rows<'a>(found: impl Iterator<Item = Found<'a>>) -> Vec<Row> {
    let mut indexes = Vec::new();
    let row = |found: Found<'a>| {
        let asset = found.asset();
        indexes.push((asset.index(), found.owner().index()));
        let value = asset.value().to_string();
        (found.participant().to_owned(), asset.kind(), value, found.relation())
    };
    let rows = found.map(row).collect();
    // Each asset once and the owners of each ascending.
    let mut seen: Vec<u32> = indexes.iter().map(|index| index.0).collect();
    seen.dedup();
    assert_eq!(seen.len(), seen.iter().collect::<std::collections::BTreeSet<_>>().len());
    let is_ascending = |pair: &[(u32, u32)]| pair[0].0 != pair[1].0 || pair[0].1 < pair[1].1;
    assert!(indexes.windows(2).all(is_ascending), "{indexes:?}");
    rows
}

fn row(asset: &Asset, relation: Relation) -> Row {
    let value = match &asset.value {
        AssetValue::Addrs(range) if asset.kind == AssetKind::Range => range.ends().to_string(),
        value => value.to_string(),
    };
    (asset.participant.clone(), asset.kind, value, relation)
}

fn assert_same(what: &str, mut found: Vec<Row>, mut expected: Vec<Row>) {
    found.sort();
    expected.sort();
    expected.dedup();
    assert_eq!(found, expected, "{what}");
}

fn check_addrs(image: &Image, assets: &[Asset], query: AddrRange) {
    let expected = assets.iter().filter_map(|asset| {
        let AssetValue::Addrs(range) = asset.value else { return None };
        range.overlaps(&query).then(|| row(asset, Relation::of_ranges(&query, &range)))
    });
    let expected: Vec<_> = expected.collect();
    let probe = image.probe();
    match query {
        AddrRange::V4 { first, last } => {
            assert_eq!(probe.range4(first, last), !expected.is_empty(), "{query}");
            if first == last {
                assert_eq!(probe.addr4(first), !expected.is_empty(), "{query}");
            }
        }
        AddrRange::V6 { first, last } if first == last => {
            assert_eq!(probe.addr6(first), !expected.is_empty(), "{query}");
        }
        AddrRange::V6 { .. } => {}
    }
    let sizes: Vec<_> = image.lookup_range(query).map(|found| size(&found)).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{query}: {sizes:?}");
    assert_same(&query.to_string(), rows(image.lookup_range(query)), expected);
}

/// The length of the smallest prefix that is as large; the whole of IPv6 counts as a /1.
fn size(found: &Found<'_>) -> u8 {
    match found.asset().value() {
        feedsieve::ValueRef::Prefix(range) | feedsieve::ValueRef::Range(range) => {
            range.prefix_len().max(u8::from(matches!(range, AddrRange::V6 { .. })))
        }
        other => unreachable!("{other:?}"),
    }
}

fn is_under(name: &str, above: &str) -> bool {
    name.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
}

fn name_relation(name: &str, asset: &Asset) -> Option<Relation> {
    let AssetValue::Name(value) = &asset.value else { return None };
    let under = is_under(name, value) && asset.kind != AssetKind::DomainExact;
    let equal = (name == value).then_some(Relation::Equal);
    equal.or(under.then_some(Relation::Subdomain))
}

fn check_name(image: &Image, assets: &[Asset], name: &str) {
    let of_hosts = || assets.iter().filter(|asset| asset.kind != AssetKind::EmailDomain);
    let hosts: Vec<_> =
        of_hosts().filter_map(|asset| Some(row(asset, name_relation(name, asset)?))).collect();
    let labels: Vec<_> = name.split('.').collect();
    let last = |count: usize| labels[labels.len().saturating_sub(count)..].join(".");
    if labels.len() > 1 {
        let third = last(3);
        let may = image.probe().name(last(2).as_bytes(), || third.as_bytes());
        assert!(may || hosts.is_empty(), "the probe lost {name}");
    }
    let label_counts: Vec<_> = image
        .lookup_name(name)
        .map(|found| found.asset().value().to_string().split('.').count())
        .collect();
    assert!(label_counts.is_sorted_by(|a, b| a >= b), "{name}: {label_counts:?}");
    assert_same(name, rows(image.lookup_name(name)), hosts.clone());
    assert_same(name, rows(image.lookup_name(&name.to_uppercase())), hosts.clone());
    assert_same(name, rows(image.lookup_name(&format!("{name}."))), hosts.clone());

    // A public suffix covers nobody.
    let is_suffix = psl::suffix_str(name) == Some(name);
    let covered = of_hosts().filter(|asset| {
        let AssetValue::Name(value) = &asset.value else { return false };
        is_under(value, name) && !is_suffix
    });
    let subtree = hosts.into_iter().chain(covered.map(|asset| row(asset, Relation::Covers)));
    assert_same(name, rows(image.lookup_subtree(name)), subtree.collect());
}

fn check_mail(image: &Image, assets: &[Asset], mail: &str) {
    let (_, domain) = mail.rsplit_once('@').expect("mail addresses were made with one");
    let expected = assets.iter().filter_map(|asset| match &asset.value {
        AssetValue::Mail(value) => (value == mail).then(|| row(asset, Relation::Equal)),
        _ => Some(row(asset, name_relation(domain, asset)?)),
    });
    let expected: Vec<_> = expected.collect();
    let is_asset = expected.iter().any(|row| row.1 == AssetKind::Email);
    assert!(image.probe().mail(mail.as_bytes()) || !is_asset, "the probe lost {mail}");
    assert_same(mail, rows(image.lookup_mail(mail)), expected.clone());
    assert_same(mail, rows(image.lookup_mail(&mail.to_uppercase())), expected);
}
