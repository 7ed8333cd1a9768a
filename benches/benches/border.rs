//! From how many names on is the name index faster than the packed searcher of `aho-corasick`?
//!
//! The searcher is flattered: it looks for the bytes alone, with no look at borders of labels, at
//! capitals, at other spellings, or at whom the record concerns. What it finds has to hold our hits.
//!
//! `cargo bench -p feedsieve-benches --bench border`; `RUNS` (7) and `FEED_MIB` (16).

use std::hint::black_box;

use aho_corasick::packed::{Config, MatchKind};
use feedsieve::{Format, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source, compile};
use feedsieve_benches::alternation::{Alternation, setting};
use xtask::{Kind, Request, Size, generate, read_inventory};

fn main() {
    // `cargo test --benches` runs this too; there is nothing to test.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let (runs, bytes) = (setting("RUNS", 7) as usize, setting("FEED_MIB", 16) << 20);
    println!("{} MiB feeds in memory, {runs} runs in alternation", bytes >> 20);
    println!("{:<20}{:>12}{:>12}{:>8}  (range)", "feed, names", "ours", "packed", "ratio");
    let mut all = Vec::new();
    let request = Request { kind: Kind::Inventory, size: Size::Records(2000), seed: 1, hits: 0.0 };
    generate(&request, &[], &mut all).expect("an inventory");
    let mut rows = read_inventory(&all[..]).expect("an inventory");
    rows.retain(|row| row.kind == "domain" && row.value.is_ascii());
    for kind in [Kind::Names, Kind::Pdns] {
        for count in [1, 2, 4, 8, 16, 32, 64] {
            let rows = &rows[..count];
            let csv: String = (rows.iter())
                .map(|row| format!("{},domain,{}\n", row.participant, row.value))
                .collect();
            let csv = format!("participant,kind,value\n{csv}");
            let (inventory, _) = Inventory::from_csv(csv.as_bytes()).expect("an inventory");
            let image = compile(&inventory, &Limits::default()).expect("an image");
            let image = Image::open(image).expect("an image");
            let mut feed = Vec::new();
            let request = Request { kind, size: Size::Bytes(bytes), seed: 2, hits: 0.001 };
            generate(&request, rows, &mut feed).expect("a feed");
            let format = if kind == Kind::Pdns { Format::Ndjson } else { Format::List };
            let ours = || {
                let sink = &mut SinkFn(|_: &Hit<'_>| true);
                let scanner = Scanner::new(&image).format(format);
                scanner.scan(Source::slice("feed", &feed), sink).expect("a scan").hits
            };
            let mut builder = Config::new().match_kind(MatchKind::LeftmostFirst).builder();
            builder.extend(rows.iter().map(|row| row.value.as_str()));
            let Some(packed) = builder.build() else {
                println!(
                    "{:<20}  the packed searcher takes no more",
                    format!("{}, {count}", kind.name())
                );
                continue;
            };
            let theirs = || packed.find_iter(&feed).count() as u64;
            assert!(0 < ours() && ours() <= theirs());
            let timed = Alternation::of(
                runs,
                || {
                    black_box(ours());
                },
                || {
                    black_box(theirs());
                },
            );
            let rate = |seconds: f64| feed.len() as f64 / seconds / 1e6;
            println!(
                "{:<20}{:>7.0} MB/s{:>7.0} MB/s{:>8.2}  ({:.2} to {:.2})",
                format!("{}, {count}", kind.name()),
                rate(timed.ours),
                rate(timed.theirs),
                timed.ratio,
                timed.lowest,
                timed.highest,
            );
        }
    }
}
