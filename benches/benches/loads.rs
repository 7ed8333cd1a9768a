//! What hits, odd spellings and large inventories cost beside the plain feed, in alternation.
//!
//! Hits go to a sink that counts them. Feeds that are respelt give the hits of the plain feed, line
//! by line, before anything is timed.
//!
//! `cargo bench -p feedsieve-benches --bench loads`; `RUNS` (7), `FEED_MIB` (16), `ASSETS` (20,000)
//! and `LARGEST` (1,000,000 assets) change what is run.

use std::hint::black_box;

use feedsieve::{Format, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source, compile};
use feedsieve_benches::alternation::{Alternation, setting};
use xtask::{Asset, Kind, Request, Size, generate, read_inventory};

fn main() {
    // `cargo test --benches` runs this too; there is nothing to test.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let (runs, bytes) = (setting("RUNS", 7) as usize, setting("FEED_MIB", 16) << 20);
    let assets = setting("ASSETS", 20_000);
    let (image, rows) = inventory(assets);
    println!("{assets} assets, {} MiB feeds in memory, {runs} runs in alternation", bytes >> 20);
    println!("\nhits: time a byte, to the same kind with 0.1 % hits; nanoseconds a hit above it");
    for kind in Kind::FEEDS {
        let plain = Feed::new(kind, &rows, bytes, 0.001);
        for share in [0.05, 0.5] {
            let feed = Feed::new(kind, &rows, bytes, share);
            let timed = plain.against(&feed, (&image, &image), runs);
            let hits = feed.lines(&image).len() as f64;
            let above =
                timed.theirs - timed.ours / plain.text.len() as f64 * feed.text.len() as f64;
            show(&format!("{}, {:.0} %", kind.name(), share * 100.0), &timed, &plain, &feed);
            println!("{:>12.0} ns a hit", above * 1e9 / hits);
        }
    }
    println!("\nspellings: time a byte, to the plain names");
    let plain = Feed::new(Kind::Names, &rows, bytes, 0.001);
    let mixed = Feed::new(Kind::Mixed, &rows, bytes, 0.001);
    for (what, plain, respelt) in [
        ("defanged names", &plain, plain.respelt(|name| name.replace('.', "[.]"))),
        ("defanged, mixed", &mixed, mixed.respelt(|line| line.replacen('.', "[.]", 1))),
        ("IDN", &plain, plain.respelt(|name| format!("b\u{fc}cher.{name}"))),
        ("URLs", &plain, plain.respelt(|name| format!("https://{name}/a/index.html?id=1"))),
    ] {
        let (expected, found) = (plain.lines(&image), respelt.lines(&image));
        assert_eq!(found, expected, "{what}: the answers differ, so the times mean nothing");
        show(what, &plain.against(&respelt, (&image, &image), runs), plain, &respelt);
        println!();
    }
    println!("\ninventories: time a byte, to that with 1,000 assets");
    let (small, small_rows) = inventory(1000);
    let largest = setting("LARGEST", 1_000_000);
    for assets in [20_000, 1_000_000, 5_000_000] {
        if assets > largest {
            break;
        }
        let (large, large_rows) = inventory(assets);
        for kind in Kind::FEEDS {
            let plain = Feed::new(kind, &small_rows, bytes, 0.001);
            let feed = Feed::new(kind, &large_rows, bytes, 0.001);
            let timed = plain.against(&feed, (&small, &large), runs);
            show(&format!("{}, {assets}", kind.name()), &timed, &plain, &feed);
            println!();
        }
    }
}

fn inventory(assets: u64) -> (Image, Vec<Asset>) {
    let mut csv = Vec::new();
    let size = Size::Records(assets);
    let request = Request { kind: Kind::Inventory, size, seed: 1, hits: 0.0 };
    generate(&request, &[], &mut csv).expect("an inventory");
    let rows = read_inventory(&csv[..]).expect("an inventory");
    let (inventory, rejected) = Inventory::from_csv(&csv[..]).expect("an inventory");
    assert!(rejected.is_empty(), "{rejected:?}");
    let limits = Limits::default();
    (Image::open(compile(&inventory, &limits).expect("an image")).expect("an image"), rows)
}

struct Feed {
    format: Format,
    text: Vec<u8>,
}

impl Feed {
    fn new(kind: Kind, rows: &[Asset], bytes: u64, hits: f64) -> Self {
        let mut text = Vec::new();
        let request = Request { kind, size: Size::Bytes(bytes), seed: 2, hits };
        generate(&request, rows, &mut text).expect("a feed");
        let format = match kind {
            Kind::Shadowserver => Format::Csv,
            Kind::Pdns => Format::Ndjson,
            _ => Format::List,
        };
        Self { format, text }
    }

    fn respelt(&self, line: impl Fn(&str) -> String) -> Self {
        let text = str::from_utf8(&self.text).expect("the generator writes ASCII");
        let text = text.lines().flat_map(|old| [line(old), "\n".to_owned()]).collect::<String>();
        Self { format: self.format, text: text.into_bytes() }
    }

    /// The lines with hits and whom they concern.
    fn lines(&self, image: &Image) -> Vec<(u64, String)> {
        let mut lines = Vec::new();
        let mut sink = SinkFn(|hit: &Hit<'_>| {
            lines.push((hit.line, hit.participant.to_owned()));
            true
        });
        let scanner = Scanner::new(image).format(self.format);
        scanner.scan(Source::slice("feed", &self.text), &mut sink).expect("a scan");
        lines
    }

    fn scan(&self, image: &Image) {
        let scanner = Scanner::new(image).format(self.format);
        let source = Source::slice("feed", &self.text);
        let sink = &mut SinkFn(|hit: &Hit<'_>| black_box(hit.line) > 0);
        black_box(scanner.scan(source, sink).expect("a scan").hits);
    }

    /// Times this feed beside another, each with its image.
    fn against(&self, other: &Self, images: (&Image, &Image), runs: usize) -> Alternation {
        Alternation::of(runs, || self.scan(images.0), || other.scan(images.1))
    }
}

fn show(what: &str, timed: &Alternation, plain: &Feed, feed: &Feed) {
    let bytes = plain.text.len() as f64 / feed.text.len() as f64;
    print!(
        "{what:<24}{:>7.0} MB/s{:>8.2}  ({:.2} to {:.2})",
        feed.text.len() as f64 / timed.theirs / 1e6,
        timed.ratio * bytes,
        timed.lowest * bytes,
        timed.highest * bytes,
    );
}
