//! Scans of ranges that follow each other have together what a scan of the whole has.

use std::collections::BTreeMap;
use std::ops::Range;

use feedsieve::{Format, Hit, Image, ScanStats, Scanner, SinkFn, Source};
use feedsieve_tests::table;

use crate::product::{CHUNKS, Dribble, format_of, image_of, scanner_of};

/// Numbers that look random and are the same in every run (Knuth's MMIX generator).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Hits as text, so that every field is compared.
fn scanned(scanner: &Scanner<'_>, source: Source<'_>) -> (Vec<String>, ScanStats) {
    let mut hits = Vec::new();
    let mut sink = SinkFn(|hit: &Hit<'_>| {
        hits.push(format!("{hit:?}"));
        true
    });
    let stats = scanner.scan(source, &mut sink).expect("the feed can be read");
    // A document that is not closed is read to its end, and then said to be torn.
    let is_torn = matches!(stats.format, Format::Json | Format::Stix | Format::Misp)
        && stats.incomplete_why.as_deref() == Some("the JSON document ends in the middle");
    assert!(stats.is_complete() || is_torn, "{:?}", stats.incomplete_why);
    assert_eq!(stats.records, stats.scanned + stats.skipped.values().sum::<u64>());
    assert_eq!(stats.hits, hits.len() as u64);
    (hits, stats)
}

/// What of an account is a sum over records, without what was read and lies elsewhere.
fn counted(stats: &[ScanStats]) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    let mut add = |name: String, count: u64| {
        if count > 0 {
            *sums.entry(name).or_default() += count;
        }
    };
    for stats in stats {
        add("scanned".to_owned(), stats.scanned);
        add("exceptions".to_owned(), stats.exceptions);
        add("local space".to_owned(), stats.local_space);
        add("allowed".to_owned(), stats.allowed);
        for (reason, count) in stats.skipped.iter().filter(|(reason, _)| **reason != "out-of-range")
        {
            add(format!("skipped {reason}"), *count);
        }
        for (reason, found) in &stats.rejected {
            add(format!("rejected {reason}"), found.count);
        }
        for (role, count) in &stats.suppressed {
            add(format!("suppressed {role}"), *count);
        }
    }
    sums
}

/// Cuts a feed of so many bytes into ranges that follow each other.
fn partition(draw: &mut Draw, bytes: usize) -> Vec<Range<u64>> {
    let mut cuts: Vec<u64> = (0..1 + draw.below(5)).map(|_| draw.below(bytes + 1) as u64).collect();
    cuts.extend([0, bytes as u64 + 7]);
    cuts.sort_unstable();
    cuts.windows(2).map(|ends| ends[0]..ends[1]).collect()
}

fn check(scanner: &Scanner<'_>, feed: &[u8], draw: &mut Draw, name: &str) {
    let (whole, all) = scanned(scanner, Source::slice("feed", feed));
    let ranges = partition(draw, feed.len());
    let (chunk, threads) = (CHUNKS[draw.below(CHUNKS.len())], 1 + draw.below(30) / 29);
    let (mut hits, mut stats) = (Vec::new(), Vec::new());
    for range in &ranges {
        let scanner = scanner.clone().range(range.clone());
        let scanner = scanner.chunk_bytes(chunk.0, chunk.1).threads(threads);
        let source = match draw.below(3) {
            0 => Source::reader("feed", Dribble(feed, 1 + draw.below(99))),
            _ => Source::slice("feed", feed),
        };
        let (found, account) = scanned(&scanner, source);
        // That a document ends in the middle is seen by a scan that reads that far.
        let is_last = range.end > feed.len() as u64;
        if is_last || account.incomplete_why.is_some() {
            assert_eq!(account.incomplete_why, all.incomplete_why, "{name} {range:?}");
        }
        hits.extend(found);
        stats.push(account);
    }
    let text = || String::from_utf8_lossy(feed).into_owned();
    assert_eq!(hits, whole, "{name} {ranges:?} {chunk:?}: {:?}", text());
    assert_eq!(counted(&stats), counted(&[all]), "{name} {ranges:?} {chunk:?}: {:?}", text());
}

#[test]
fn every_row_in_random_partitions() {
    let mut draw = Draw(7);
    let mut checked = 0;
    for row in table::rows() {
        if row.feed.starts_with(b"\xff\xfe") || row.feed.starts_with(b"\xfe\xff") {
            continue;
        }
        let image = image_of(&row.inventory);
        let scanner = scanner_of(&image, format_of(row.format), &row.options);
        for _ in 0..if row.feed.len() < 1000 { 4 } else { 1 } {
            check(&scanner, &row.feed, &mut draw, &row.name);
            checked += 1;
        }
    }
    assert!(checked > 2000, "{checked}");
}

fn image() -> Image {
    let asset = |participant: &str, kind: &str, value: &str| feedsieve_tests::AssetRow {
        participant: participant.into(),
        kind: kind.into(),
        value: value.into(),
    };
    image_of(&[asset("A", "prefix", "192.0.2.0/24"), asset("B", "domain", "hospital.example")])
}

#[test]
fn quoted_line_ends_and_blank_lines_in_random_partitions() {
    let image = image();
    let mut draw = Draw(1);
    let pieces = [
        "192.0.2.7",
        "\"192.0.2.8\n192.0.2.9\"",
        "\"a\n\n \n hospital.example\"",
        ",",
        ",",
        "\n",
        "\n",
        "\r\n",
        "\n \n",
        "\"x,\"\"y\"",
        "www.hospital.example",
        "300.1.2.3",
        "010.1.2.3",
        "\"",
        "192.0.2.9-192.0.2.1",
        "\u{e9}",
    ];
    for round in 0..3000 {
        let mut feed = String::from(if round % 2 == 0 { "ip,text\n" } else { "" });
        for _ in 0..draw.below(40) {
            feed.push_str(pieces[draw.below(pieces.len())]);
        }
        if round % 5 == 0 {
            feed.insert(0, '\u{feff}');
        }
        let format = [Format::Csv, Format::Csv, Format::Text, Format::List][draw.below(4)];
        check(&Scanner::new(&image).format(format), feed.as_bytes(), &mut draw, "random");
    }
}

#[test]
fn a_range_says_what_it_left_out_and_reads_no_further() {
    let image = image();
    let feed = "192.0.2.7\n".repeat(1000);
    let scanner = Scanner::new(&image).format(Format::List).chunk_bytes(64, 0);
    let ranged = |range: Range<u64>| {
        scanned(&scanner.clone().range(range), Source::slice("feed", feed.as_bytes())).1
    };
    let stats = ranged(100..200);
    assert_eq!((stats.hits, stats.scanned), (10, 10));
    let out = stats.skipped["out-of-range"];
    assert!((10..40).contains(&out), "{out}");
    assert_eq!(stats.records, 10 + out);
    assert!(stats.bytes < 500, "{} bytes", stats.bytes);
    // A record belongs to the range in which it begins.
    for (range, hits) in
        [(0..1, 1), (1..10, 0), (1..11, 1), (9_990..9_991, 1), (9_991..99_999, 0), (5..5, 0)]
    {
        assert_eq!(ranged(range.clone()).hits, hits, "{range:?}");
    }
}

#[test]
fn what_has_no_such_bytes_is_refused() {
    let image = image();
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x33\xb4\x34\xd2\x33\xd0\x33\xd2\x33\xe7\x02\0";
    let utf16: Vec<u8> = "\u{feff}192.0.2.7\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (feed, word) in [(&gzip[..], "packed"), (&utf16, "UTF-16")] {
        for source in [Source::slice("feed", feed), Source::reader("feed", feed)] {
            let mut sink = SinkFn(|_: &Hit<'_>| panic!("nothing is searched"));
            let stats = Scanner::new(&image).range(0..9).scan(source, &mut sink);
            let why = stats.expect("it can be opened").incomplete_why.unwrap_or_default();
            assert!(why.starts_with(word), "{why}");
        }
    }
}
