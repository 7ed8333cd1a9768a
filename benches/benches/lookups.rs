//! Single lookups: addresses against `prefix-trie`, names against a walk through a hash map.
//!
//! Ours return every asset that holds the address or stands above the name, the other trie the
//! longest prefix only. The answers are compared before anything is timed, and runs alternate.
//!
//! `cargo bench -p feedsieve-benches --bench lookups`; `RUNS` (7) and `LARGEST` (1,000,000) change
//! how long it takes.

use std::hint::black_box;
use std::net::IpAddr;

use feedsieve::{Image, Inventory, Limits, ValueRef, compile};
use feedsieve_benches::alternation::{Alternation, setting};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use prefix_trie::PrefixMap;
use rustc_hash::FxHashMap;
use xtask::{Asset, Kind, Request, Size, draw_prefixes, generate, read_inventory};

/// Lookups in one run.
const QUERIES: usize = 200_000;

const SIZES: [usize; 4] = [1000, 20_000, 200_000, 1_000_000];

fn main() {
    // `cargo test --benches` runs this too; there is nothing to test.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let (runs, largest) = (setting("RUNS", 7) as usize, setting("LARGEST", 1_000_000) as usize);
    println!("{QUERIES} lookups a run, {runs} runs in alternation");
    println!("{:<28}{:>12}{:>12}{:>8}  (range)", "", "ours", "theirs", "ratio");
    for size in SIZES.into_iter().filter(|&size| size <= largest) {
        for v6 in [false, true] {
            addrs(size, v6, runs);
        }
        names(size, runs);
    }
}

fn show(what: &str, size: usize, result: Alternation) {
    let nanos = |seconds: f64| seconds * 1e9 / QUERIES as f64;
    println!(
        "{:<28}{:>9.1} ns{:>9.1} ns{:>8.2}  ({:.2} to {:.2})",
        format!("{what}, {size} assets"),
        nanos(result.ours),
        nanos(result.theirs),
        result.ratio,
        result.lowest,
        result.highest,
    );
}

fn addrs(size: usize, v6: bool, runs: usize) {
    let rows = draw_prefixes(v6, size, 1);
    let image = image_of(&rows);
    let nets = || rows.iter().map(|row| row.value.parse::<IpNet>().expect("a prefix"));
    let v4_map: PrefixMap<Ipv4Net, u32> = (nets().zip(0..))
        .filter_map(|(net, index)| if let IpNet::V4(net) = net { Some((net, index)) } else { None })
        .collect();
    let v6_map: PrefixMap<Ipv6Net, u32> = (nets().zip(0..))
        .filter_map(|(net, index)| if let IpNet::V6(net) = net { Some((net, index)) } else { None })
        .collect();
    let longest = |addr: IpAddr| match addr {
        IpAddr::V4(addr) => v4_map.get_lpm(&addr.into()).map(|(net, _)| IpNet::V4(net)),
        IpAddr::V6(addr) => v6_map.get_lpm(&addr.into()).map(|(net, _)| IpNet::V6(net)),
    };
    for (what, hits) in [("hits", 1.0), ("misses", 0.0)] {
        let queries: Vec<IpAddr> = lines(Kind::Addrs, &rows, hits)
            .filter_map(|line| line.parse().ok())
            .filter(|addr: &IpAddr| addr.is_ipv6() == v6)
            .take(QUERIES)
            .collect();
        assert_eq!(queries.len(), QUERIES);
        for &addr in &queries {
            let most_specific = image.lookup_addr(addr).by_asset().next();
            let most_specific = most_specific.map(|(asset, _)| match asset.value() {
                ValueRef::Prefix(range) => range.prefix().expect("a prefix"),
                other => unreachable!("{other}"),
            });
            assert_eq!(most_specific, longest(addr), "{addr}");
            assert_eq!(most_specific.is_some(), hits > 0.0, "{addr}");
        }
        let ours = || {
            let mut found = 0;
            for &addr in &queries {
                image.visit_range(addr.into(), |_, _| found += 1);
            }
            found
        };
        let theirs = || queries.iter().filter(|&&addr| longest(addr).is_some()).count();
        let family = if v6 { "IPv6" } else { "IPv4" };
        show(&format!("{family} {what}"), size, alternate(runs, ours, theirs));
    }
}

fn names(size: usize, runs: usize) {
    let rows = name_rows(size);
    let image = image_of(&rows);
    let map: FxHashMap<&str, u32> =
        rows.iter().zip(0..).map(|(row, index)| (row.value.as_str(), index)).collect();
    let walk = |name: &str| {
        let mut found = 0;
        let mut rest = name;
        loop {
            found += usize::from(map.contains_key(rest));
            match rest.split_once('.') {
                Some((_, parents)) => rest = parents,
                None => return found,
            }
        }
    };
    for (what, hits) in [("hits", 1.0), ("misses", 0.0)] {
        let queries: Vec<String> = lines(Kind::Names, &rows, hits).take(QUERIES).collect();
        for name in &queries {
            assert_eq!(image.lookup_name(name).by_asset().count(), walk(name), "{name}");
            assert_eq!(walk(name) > 0, hits > 0.0, "{name}");
        }
        let ours = || {
            let mut found = 0;
            for name in &queries {
                image.visit_name(name, |_, _| found += 1);
            }
            found
        };
        let theirs = || queries.iter().map(|name| walk(name)).sum();
        show(&format!("name {what}"), size, alternate(runs, ours, theirs));
    }
}

fn alternate(runs: usize, ours: impl Fn() -> usize, theirs: impl Fn() -> usize) -> Alternation {
    Alternation::of(runs, || _ = black_box(ours()), || _ = black_box(theirs()))
}

/// Lines of a feed that concern the rows, all of them or none.
fn lines(kind: Kind, rows: &[Asset], hits: f64) -> impl Iterator<Item = String> {
    // One address in ten is of the other family, where the inventory does not settle it.
    let size = Size::Records(QUERIES as u64 * 11);
    let mut feed = Vec::new();
    let request = Request { kind, size, seed: 2, hits };
    generate(&request, rows, &mut feed).expect("a feed");
    let feed = String::from_utf8(feed).expect("a feed of ASCII");
    feed.lines().map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// Different names, as participants have them.
fn name_rows(size: usize) -> Vec<Asset> {
    let request =
        Request { kind: Kind::Inventory, size: Size::Records(size as u64 * 6), seed: 1, hits: 0.0 };
    let mut csv = Vec::new();
    generate(&request, &[], &mut csv).expect("an inventory");
    let mut rows = read_inventory(&csv[..]).expect("an inventory");
    rows.retain(|row| row.kind == "domain");
    rows.sort_unstable_by(|a, b| a.value.cmp(&b.value));
    rows.dedup_by(|a, b| a.value == b.value);
    assert!(rows.len() >= size, "{} names", rows.len());
    // Every part of the alphabet, not its beginning.
    let all = rows.len();
    (0..size).map(|index| rows[index * all / size].clone()).collect()
}

fn image_of(rows: &[Asset]) -> Image {
    let mut csv = "participant,kind,value\n".to_owned();
    for row in rows {
        csv.extend([&row.participant, ",", &row.kind, ",", &row.value, "\n"]);
    }
    let (inventory, rejected) = Inventory::from_csv(csv.as_bytes()).expect("an inventory");
    assert!(rejected.is_empty(), "{rejected:?}");
    Image::open(compile(&inventory, &Limits::default()).expect("an image")).expect("an image")
}
