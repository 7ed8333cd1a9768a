//! Instructions of a scan of each kind of feed and of lookups, as valgrind counts them.
//!
//! They do not depend on how busy a machine is, so a machine that tests can see that a
//! change made something dearer. `cargo xtask instructions` compares them with those in
//! `benches/record/instructions.csv`.
//!
//! Valgrind knows no AVX-512, so `vectors` is what a CPU with AVX2 does, and `plain`
//! what any CPU does.

#![allow(missing_docs, unreachable_pub, reason = "gungraun's macros write items that are public")]

use std::hint::black_box;
use std::net::IpAddr;

use feedsieve::{Format, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source, compile};
use gungraun::{
    Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use xtask::{Asset, Hostile, Kind, Request, Size, generate, read_inventory};

/// Small, since all of the setup runs under valgrind too.
const ASSETS: u64 = 1000;
const FEED_BYTES: u64 = 512 << 10;
const LOOKUPS: u64 = 500;

struct Feed {
    image: Image,
    bytes: Vec<u8>,
}

#[library_benchmark(setup = feed)]
#[bench::addrs(Kind::Addrs)]
#[bench::names(Kind::Names)]
#[bench::mixed(Kind::Mixed)]
#[bench::shadowserver(Kind::Shadowserver)]
#[bench::pdns(Kind::Pdns)]
fn scan_vectors(feed: Feed) -> u64 {
    scan(&feed, true)
}

#[library_benchmark(setup = feed)]
#[bench::addrs(Kind::Addrs)]
#[bench::names(Kind::Names)]
#[bench::mixed(Kind::Mixed)]
#[bench::shadowserver(Kind::Shadowserver)]
#[bench::pdns(Kind::Pdns)]
fn scan_plain(feed: Feed) -> u64 {
    scan(&feed, false)
}

#[library_benchmark(setup = hostile)]
#[bench::bare_names(None)]
#[bench::stray_quote(Some(Hostile::StrayQuote))]
#[bench::quotes(Some(Hostile::Quotes))]
#[bench::one_line(Some(Hostile::OneLine))]
#[bench::triggers(Some(Hostile::Triggers))]
#[bench::near_misses(Some(Hostile::NearMisses))]
#[bench::labels(Some(Hostile::Labels))]
#[bench::dots(Some(Hostile::Dots))]
#[bench::colons(Some(Hostile::Colons))]
#[bench::ats(Some(Hostile::Ats))]
#[bench::urls(Some(Hostile::Urls))]
#[bench::percents(Some(Hostile::Percents))]
#[bench::backslashes(Some(Hostile::Backslashes))]
#[bench::brackets(Some(Hostile::Brackets))]
#[bench::blank(Some(Hostile::Blank))]
#[bench::binary(Some(Hostile::Binary))]
fn scan_hostile((feed, format): (Feed, Format)) -> u64 {
    let scanner = Scanner::new(&feed.image).format(format);
    let source = Source::slice("feed", black_box(&feed.bytes));
    scanner.scan(source, &mut SinkFn(|_: &Hit<'_>| true)).expect("a scan").hits
}

#[library_benchmark]
#[bench::v4_hit(addrs(false, 1.0))]
#[bench::v4_miss(addrs(false, 0.0))]
#[bench::v6_hit(addrs(true, 1.0))]
#[bench::v6_miss(addrs(true, 0.0))]
fn lookup_addr((image, addrs): (Image, Vec<IpAddr>)) -> usize {
    addrs.iter().map(|&addr| black_box(image.lookup_addr(addr)).by_asset().count()).sum()
}

#[library_benchmark]
#[bench::hit(names(1.0))]
#[bench::miss(names(0.0))]
fn lookup_name((image, names): (Image, Vec<String>)) -> usize {
    names.iter().map(|name| black_box(image.lookup_name(name)).by_asset().count()).sum()
}

fn scan(feed: &Feed, vectors: bool) -> u64 {
    let scanner = Scanner::new(&feed.image).threads(1).vectors(vectors);
    let source = Source::slice("feed", black_box(&feed.bytes));
    scanner.scan(source, &mut SinkFn(|_: &Hit<'_>| true)).expect("a scan").hits
}

fn feed(kind: Kind) -> Feed {
    let (rows, image) = assets();
    Feed { image, bytes: draw(kind, Size::Bytes(FEED_BYTES), 0.001, &rows) }
}

/// As many bytes of a hostile feed, or of bare names.
fn hostile(kind: Option<Hostile>) -> (Feed, Format) {
    let Some(kind) = kind else { return (feed(Kind::Names), Format::List) };
    let (rows, image) = assets();
    let names = rows.iter().filter(|row| row.kind == "domain").map(|row| row.value.clone());
    let bytes = kind.feed(FEED_BYTES as usize, &names.collect::<Vec<_>>());
    let format = Format::ALL.into_iter().find(|format| format.name() == kind.format());
    (Feed { image, bytes }, format.expect("a format"))
}

fn addrs(v6: bool, hits: f64) -> (Image, Vec<IpAddr>) {
    let (mut rows, image) = assets();
    rows.retain(|row| matches!(row.kind.as_str(), "prefix" | "range"));
    let mut records = LOOKUPS;
    if hits > 0.0 {
        // A hit is drawn from the assets.
        rows.retain(|row| row.value.contains(':') == v6);
    } else {
        // Of the misses one in ten is IPv6.
        records *= 15;
    }
    let lines = draw(Kind::Addrs, Size::Records(records), hits, &rows);
    let addrs = str::from_utf8(&lines).expect("addresses are ASCII").lines();
    let addrs = addrs.map(|line| line.parse().expect("an address"));
    let addrs: Vec<IpAddr> =
        addrs.filter(|addr: &IpAddr| addr.is_ipv6() == v6).take(LOOKUPS as usize).collect();
    assert_eq!(addrs.len() as u64, LOOKUPS);
    (image, addrs)
}

fn names(hits: f64) -> (Image, Vec<String>) {
    let (rows, image) = assets();
    let lines = draw(Kind::Names, Size::Records(LOOKUPS), hits, &rows);
    let names = str::from_utf8(&lines).expect("names are ASCII").lines();
    (image, names.map(str::to_owned).collect())
}

fn assets() -> (Vec<Asset>, Image) {
    let csv = draw(Kind::Inventory, Size::Records(ASSETS), 0.0, &[]);
    let rows = read_inventory(&csv[..]).expect("an inventory");
    let (inventory, rejected) = Inventory::from_csv(&csv[..]).expect("an inventory");
    assert!(rejected.is_empty(), "{rejected:?}");
    let image = compile(&inventory, &Limits::default()).expect("an image");
    (rows, Image::open(image).expect("an image"))
}

fn draw(kind: Kind, size: Size, hits: f64, rows: &[Asset]) -> Vec<u8> {
    let mut bytes = Vec::new();
    generate(&Request { kind, size, seed: 2, hits }, rows, &mut bytes).expect("a feed");
    bytes
}

library_benchmark_group!(name = scans, benchmarks = [scan_vectors, scan_plain, scan_hostile]);
library_benchmark_group!(name = lookups, benchmarks = [lookup_addr, lookup_name]);
main!(
    // Caches are not what is compared, and simulating them takes time.
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = [scans, lookups]
);
