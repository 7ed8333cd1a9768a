//! Words and lines that are too long to be read at once, against the oracle and over every cut.

use std::fmt::Write as _;

use feedsieve::{Format, Hit, SinkFn, Source};
use feedsieve_tests::{AssetRow, Options, expected};

use crate::product::{CHUNKS, Dribble, image_of, outcome, scanner_of};

fn inventory() -> Vec<AssetRow> {
    [
        ("A", "domain", "hospital.nl"),
        ("A", "prefix", "192.0.2.0/24"),
        ("B", "email", "jan@shared.example"),
    ]
    .map(|(participant, kind, value)| AssetRow {
        participant: participant.to_owned(),
        kind: kind.to_owned(),
        value: value.to_owned(),
    })
    .into()
}

/// Values without blanks between them, and a hit now and then: rows of SQL, each of which is a
/// word, or one word with other brackets.
fn row(values: usize, hit_every: usize, [open, close]: [char; 2]) -> String {
    let mut row = String::from("INSERT INTO t VALUES ");
    for value in 0..values {
        let last = value % 256;
        let _ = match value % hit_every {
            0 => write!(row, "{open}{value},'www{value}.hospital.nl','192.0.2.{last}'{close},"),
            1 => {
                let mail = "jan@shared.example";
                write!(row, "{open}{value},'{mail}','http://x.example/a?b={value}'{close},")
            }
            _ => write!(row, "{open}{value},'x{value}@other.example','198.51.100.{last}'{close},"),
        };
    }
    row
}

const BRACKETS: [[char; 2]; 2] = [['(', ')'], ['{', '}']];

fn assert_as_expected(feed: &str, format: (feedsieve_tests::Format, Format)) {
    let options = Options::default();
    let expected = expected(&inventory(), feed.as_bytes(), format.0, &options);
    assert!(!expected.hits.is_empty());
    let image = image_of(&inventory());
    for (chunk_bytes, search_bytes) in CHUNKS.into_iter().skip(3) {
        let scanner = scanner_of(&image, format.1, &options).chunk_bytes(chunk_bytes, search_bytes);
        let slice = Source::slice("feed", feed.as_bytes());
        let pipe = Source::reader("feed", Dribble(feed.as_bytes(), 999));
        for source in [slice, pipe] {
            let mut found = outcome(&scanner, source);
            // The product keeps the first of the further evidence only, and a field far from
            // its record's start has no name.
            for (found, expected) in found.hits.iter_mut().zip(&expected.hits) {
                if let Some(flag) = found.flags.iter().position(|flag| flag == "long-record") {
                    found.flags.remove(flag);
                    found.field.clone_from(&expected.field);
                }
                assert_eq!(found.also, expected.also[..expected.also.len().min(16)]);
                found.also.clone_from(&expected.also);
            }
            assert_eq!(found, expected, "{chunk_bytes} {search_bytes}");
        }
    }
}

/// Further evidence of the first hit, for each way to cut the feed.
fn also_counts(feed: &str) -> Vec<u64> {
    let image = image_of(&inventory());
    let count = |(chunk_bytes, search_bytes)| {
        let mut count = 0;
        let mut sink = SinkFn(|hit: &Hit<'_>| {
            count = hit.also_count;
            false
        });
        let options = Options::default();
        let scanner = scanner_of(&image, Format::Text, &options);
        let scanner = scanner.chunk_bytes(chunk_bytes, search_bytes);
        scanner.scan(Source::slice("feed", feed.as_bytes()), &mut sink).expect("it can be read");
        count
    };
    CHUNKS.into_iter().skip(3).map(count).collect()
}

#[test]
fn evidence_is_counted_once_however_often_it_is_read() {
    // A word with a backslash is read twice, and a word of several blocks at their borders.
    for feed in ["hospital.nl\\x ".repeat(40), "hospital.nl;".repeat(9000)] {
        let count = feed.matches("hospital.nl").count() as u64;
        assert_eq!(also_counts(&feed), [count - 1; 3]);
    }
}

#[test]
fn lines_without_blanks_are_read_in_blocks() {
    for brackets in BRACKETS {
        let (first, second) = (row(450, 9, brackets), row(600, 100, brackets));
        let feed = format!("{first}\n{second}\nhospital.nl\n");
        assert_as_expected(&feed, (feedsieve_tests::Format::Text, Format::Text));
    }
}

#[test]
fn long_fields_of_json_are_read_in_blocks() {
    for brackets in BRACKETS {
        let value = row(500, 50, brackets);
        let feed = format!("{{\"a\":\"{value}\",\"b\":\"hospital.nl\"}}\n");
        assert_as_expected(&feed, (feedsieve_tests::Format::Ndjson, Format::Ndjson));
    }
}

#[test]
fn quoted_fields_may_be_longer_than_what_a_worker_looks_at() {
    let lines = "some banner, and more of it\n".repeat(4000);
    let banner = format!("at hospital.nl now\n{lines}of 192.0.2.5 too\n{lines}by hospital.nl\n");
    let row = format!("1,\"{banner}\",x\n");
    let feed = format!("id,banner,note\n{row}2,x,at www.hospital.nl too\n{row}");
    assert_as_expected(&feed, (feedsieve_tests::Format::Csv, Format::Csv));
}

#[test]
fn a_comma_in_a_long_quoted_field_parts_no_columns() {
    let banner = format!("x,y, at hospital.nl now {}", "and so on ".repeat(8000));
    let feed = format!("id,banner,note,password\n1,\"{banner}\",x,y\n2,x,y,z\n");
    assert_as_expected(&feed, (feedsieve_tests::Format::Csv, Format::Csv));
}

/// A record of so many bytes with quoted line ends, and then a last field.
fn long_record(bytes: usize, last: &str) -> String {
    let start = "1,\"at hospital.nl,\nand\n192.0.2.5\",";
    let word = "padding ";
    format!("{start}{}{last}", word.repeat((bytes - start.len()) / word.len()))
}

#[test]
fn a_quote_that_nothing_closes_is_told_from_far_before_it() {
    // Within the longest record, and behind it, where it is too late to read that by lines.
    let (open, closed) = (",\"end", ",\"two\nlines\",at www.hospital.nl");
    let behind = format!(",\"end\"{}", ",x".repeat(60));
    for (bytes, last) in [
        (200 << 10, open),
        (200 << 10, closed),
        ((1 << 20) - 64, open),
        ((1 << 20) + 64, closed),
        ((1 << 20) + 64, &behind),
    ] {
        let record = long_record(bytes, last);
        let feed = format!("id,note,x\n{record}\n2,x,www.hospital.nl\n");
        assert_as_expected(&feed, (feedsieve_tests::Format::Csv, Format::Csv));
    }
}

#[test]
fn what_stands_far_into_a_line_of_json_is_read_as_json() {
    let pad = r#""x\" ","#.repeat(20_000);
    let feed = format!(
        r#"{{"pad":[{pad}""],"a":"hospital\u002enl","b":"see\nwww.hospital.nl","pw":"x@hospital.nl","#
    ) + r#""tokens":["192.0.2.5"],"token":["x","192.0.2.6"],"end":["192.0.2.7"]}"#;
    assert_as_expected(&feed, (feedsieve_tests::Format::Ndjson, Format::Ndjson));
}

#[test]
fn records_of_documents_may_be_longer_than_what_a_worker_looks_at() {
    let pad = "      \"some, padding] }\",\n".repeat(4_000);
    let record = |host: &str| {
        format!("    {{\n      \"a\": \"{host}\",\n      \"pad\": [\n{pad}      \"192.0.2.5\"],")
            + "\"pw\": \"hospital.nl\", \"b\": \"www.hospital.nl\"\n    }"
    };
    let (first, second) = (record("hospital.nl"), record("x.example"));
    let feed = format!("{{\n  \"items\": [\n{first},\n{second},\n\"192.0.2.7\"], \"c\": 1}}\n");
    assert_as_expected(&feed, (feedsieve_tests::Format::Json, Format::Json));
    // All of it one record, on one line.
    let feed = first.replace(['\n', '['], " ").replace("],", ",");
    assert_as_expected(&feed, (feedsieve_tests::Format::Json, Format::Json));
}

#[test]
fn a_path_of_thousands_of_names_is_read_on_a_small_stack() {
    let image = image_of(&inventory());
    for part in ["a.b/", "//a.b/", "http://a.b/", "http://x@a.b/?"] {
        let path = part.repeat(40_000 / part.len());
        let feed = format!("hospital.nl/{path}\nhttp://x.example/{path}jan@shared.example\n");
        let scan = || {
            let scanner = scanner_of(&image, Format::Text, &Options::default());
            let hits = outcome(&scanner, Source::slice("feed", feed.as_bytes())).hits;
            let hits: Vec<_> =
                hits.iter().map(|hit| (hit.line, hit.participant.as_str())).collect();
            assert_eq!(hits, [(1, "A"), (2, "B")], "{part}");
        };
        // Smaller than the stack of a worker.
        let thread = std::thread::Builder::new().stack_size(512 << 10);
        std::thread::scope(|scope| {
            let thread = thread.spawn_scoped(scope, scan).expect("a thread starts");
            thread.join().expect("the scan ends");
        });
    }
}

#[test]
fn a_line_of_rejects_names_its_own_line() {
    let feed = format!("x\n{}\n0192.0.2.5 hospital.nl\n", "010.1.2.3 ".repeat(30_000));
    assert_as_expected(&feed, (feedsieve_tests::Format::Text, Format::Text));
}
