//! Lookups against a linear search over the inventory.

use feedsieve_core::{
    AddrRange, Asset, AssetKind, AssetValue, Image, Inventory, Limits, Relation, compile,
};
use proptest::prelude::*;

fn asset(participant: u8, kind: AssetKind, value: AssetValue) -> Asset {
    let participant = format!("P{}", participant % 5);
    Asset { participant, group: None, kind, value, label: None }
}

fn image_of(assets: &[Asset]) -> Image {
    let mut inventory = Inventory::default();
    for asset in assets {
        inventory.push(asset.clone());
    }
    let bytes = compile(&inventory, &Limits::default()).expect("within the limits");
    Image::open(bytes).expect("what was compiled opens")
}

/// Addresses that meet often: a few starts, all lengths.
fn range4() -> impl Strategy<Value = (AddrRange, bool)> {
    let prefix = (0..8_u32, any::<u8>(), 0..=32_u32).prop_map(|(high, low, len)| {
        let mask = u32::MAX.checked_shr(len).unwrap_or(0);
        let first = (0xc000_0200 ^ (high << 13) | u32::from(low)) & !mask;
        (AddrRange::V4 { first, last: first | mask }, false)
    });
    let range = (0..3000_u32, 0..3000_u32).prop_map(|(a, b)| {
        let base = 0xc000_0000;
        (AddrRange::V4 { first: base + a.min(b), last: base + a.max(b) }, true)
    });
    prop_oneof![prefix, range]
}

fn range6() -> impl Strategy<Value = (AddrRange, bool)> {
    let prefix = (0..4_u128, any::<u16>(), 0..=128_u32).prop_map(|(high, low, len)| {
        let mask = u128::MAX.checked_shr(len).unwrap_or(0);
        let first = ((0x2001_0db8 << 96) ^ (high << 77) | u128::from(low)) & !mask;
        (AddrRange::V6 { first, last: first | mask }, false)
    });
    let range = (0..3000_u128, 0..3000_u128).prop_map(|(a, b)| {
        let base = 0x2001_0db8 << 96;
        (AddrRange::V6 { first: base + a.min(b), last: base + a.max(b) }, true)
    });
    prop_oneof![prefix, range]
}

fn address_asset() -> impl Strategy<Value = Asset> {
    (any::<u8>(), prop_oneof![range4(), range6()]).prop_map(|(participant, (range, is_range))| {
        let kind = if is_range { AssetKind::Range } else { AssetKind::Prefix };
        asset(participant, kind, AssetValue::Addrs(range))
    })
}

fn name() -> impl Strategy<Value = String> {
    let label = prop_oneof![Just("a"), Just("b"), Just("xa"), Just("a-b"), Just("cc")];
    let tld = prop_oneof![Just("uk"), Just("nl"), Just("co.uk"), Just("github.io")];
    (prop::collection::vec(label, 1..4), tld)
        .prop_map(|(labels, tld)| format!("{}.{tld}", labels.join(".")))
}

fn name_asset() -> impl Strategy<Value = Asset> {
    (any::<u8>(), 0..4_u8, name()).prop_map(|(participant, kind, name)| match kind {
        0 => asset(participant, AssetKind::Domain, AssetValue::Name(name)),
        1 => asset(participant, AssetKind::DomainExact, AssetValue::Name(name)),
        2 => asset(participant, AssetKind::EmailDomain, AssetValue::Name(name)),
        _ => asset(participant, AssetKind::Email, AssetValue::Mail(format!("jan@{name}"))),
    })
}

type Row = (String, AssetKind, String, Relation);

fn rows<'a>(found: impl Iterator<Item = feedsieve_core::Found<'a>>) -> Vec<Row> {
    found
        .map(|f| {
            let value = f.asset().value().to_string();
            (f.participant().to_owned(), f.asset().kind(), value, f.relation())
        })
        .collect()
}

fn row(asset: &Asset, relation: Relation) -> Row {
    let value = match &asset.value {
        AssetValue::Addrs(range) if asset.kind == AssetKind::Range => range.ends().to_string(),
        value => value.to_string(),
    };
    (asset.participant.clone(), asset.kind, value, relation)
}

fn assert_same(mut found: Vec<Row>, mut expected: Vec<Row>) {
    let found_in_order = found.clone();
    found.sort();
    expected.sort();
    expected.dedup();
    assert_eq!(found, expected, "in the order found: {found_in_order:?}");
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn addresses_find_what_a_linear_search_finds(
        assets in prop_oneof![
            prop::collection::vec(address_asset(), 0..40),
            // Few enough that ranges overlap no other, and stay whole.
            prop::collection::vec(address_asset(), 0..5),
        ],
        queries in prop::collection::vec(prop_oneof![range4(), range6()], 1..20),
    ) {
        let image = image_of(&assets);
        let probe = image.probe();
        for (query, _) in queries {
            let expected: Vec<_> = assets.iter().filter_map(|asset| {
                let AssetValue::Addrs(range) = asset.value else { return None };
                range.overlaps(&query).then(|| row(asset, Relation::of_ranges(&query, &range)))
            }).collect();
            let sizes: Vec<_> = image.lookup_range(query).by_asset().map(|(asset, _)| {
                match asset.value() {
                    feedsieve_core::ValueRef::Prefix(AddrRange::V4 { first, last })
                    | feedsieve_core::ValueRef::Range(AddrRange::V4 { first, last }) => {
                        (last - first).leading_zeros()
                    }
                    feedsieve_core::ValueRef::Prefix(AddrRange::V6 { first, last })
                    | feedsieve_core::ValueRef::Range(AddrRange::V6 { first, last }) => {
                        (last - first).leading_zeros().max(1)
                    }
                    other => unreachable!("{other:?}"),
                }
            }).collect();
            prop_assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
            match query {
                AddrRange::V4 { first, last } => {
                    prop_assert_eq!(probe.range4(first, last), !expected.is_empty());
                    if first == last {
                        prop_assert_eq!(probe.addr4(first), !expected.is_empty());
                    }
                }
                AddrRange::V6 { first, last } if first == last => {
                    prop_assert_eq!(probe.addr6(first), !expected.is_empty());
                }
                AddrRange::V6 { .. } => {}
            }
            assert_same(rows(image.lookup_range(query)), expected);
            let mut visited = Vec::new();
            image.visit_range(query, |asset, relation| visited.push((asset.index(), relation)));
            let found = image.lookup_range(query).by_asset();
            prop_assert_eq!(visited, found.map(|(asset, how)| (asset.index(), how)).collect::<Vec<_>>());
        }
    }

    #[test]
    fn names_find_what_a_linear_search_finds(
        assets in prop::collection::vec(name_asset(), 0..30),
        queries in prop::collection::vec(name(), 1..20),
    ) {
        let image = image_of(&assets);
        for name in queries {
            let hosts: Vec<_> = assets.iter()
                .filter(|asset| asset.kind != AssetKind::EmailDomain)
                .filter_map(|asset| Some(row(asset, name_relation(&name, asset)?)))
                .collect();
            let labels: Vec<_> = name.split('.').collect();
            let may = image.probe().name(
                labels[labels.len() - 2..].join(".").as_bytes(),
                || name.as_bytes().rsplitn(4, |&b| b == b'.').nth(3).map_or(
                    name.as_bytes(),
                    |rest| &name.as_bytes()[rest.len() + 1..],
                ),
            );
            prop_assert!(may || hosts.is_empty(), "the probe lost {}", name);
            assert_same(rows(image.lookup_name(&name)), hosts.clone());
            assert_same(rows(image.lookup_name(&name.to_uppercase())), hosts.clone());
            let mut visited = Vec::new();
            image.visit_name(&name, |asset, relation| visited.push((asset.index(), relation)));
            let found = image.lookup_name(&name).by_asset();
            prop_assert_eq!(visited, found.map(|(asset, how)| (asset.index(), how)).collect::<Vec<_>>());

            let mail = format!("Jan@{name}");
            let mails: Vec<_> = assets.iter().filter_map(|asset| match &asset.value {
                AssetValue::Mail(value) => {
                    value.eq_ignore_ascii_case(&mail).then(|| row(asset, Relation::Equal))
                }
                _ => Some(row(asset, name_relation(&name, asset)?)),
            }).collect();
            assert_same(rows(image.lookup_mail(&mail)), mails);

            let covered = assets.iter().filter(|asset| {
                let AssetValue::Name(value) = &asset.value else { return false };
                let suffix = match value.as_str() {
                    value if value.ends_with("co.uk") || value.ends_with("github.io") => 2,
                    _ => 1,
                };
                is_under(value, &name)
                    && asset.kind != AssetKind::EmailDomain
                    && labels.len() > suffix
            });
            let subtree = hosts.into_iter().chain(covered.map(|a| row(a, Relation::Covers)));
            assert_same(rows(image.lookup_subtree(&name)), subtree.collect());
        }
    }
}

#[test]
fn images_do_not_depend_on_the_order_of_assets() {
    let mut assets = vec![
        asset(0, AssetKind::Domain, AssetValue::Name("a.nl".into())),
        asset(1, AssetKind::Domain, AssetValue::Name("a.nl".into())),
        asset(2, AssetKind::Email, AssetValue::Mail("jan@a.nl".into())),
        asset(3, AssetKind::Prefix, AssetValue::Addrs(AddrRange::V4 { first: 0, last: 255 })),
        asset(4, AssetKind::Range, AssetValue::Addrs(AddrRange::V4 { first: 1, last: 99 })),
        asset(0, AssetKind::Keyword, AssetValue::Keyword("st. antonius".into())),
        asset(1, AssetKind::Keyword, AssetValue::Keyword("antonius".into())),
    ];
    let bytes = image_of(&assets).as_bytes().to_vec();
    for _ in 0..assets.len() {
        assets.rotate_left(1);
        assert_eq!(image_of(&assets).as_bytes(), bytes);
    }
    assets.push(assets[0].clone());
    assert_eq!(image_of(&assets).as_bytes(), bytes);
    assert!(image_of(&assets).info().digest_matches);
}
