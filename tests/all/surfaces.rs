//! The table that every surface gives the same answers to, through Rust and held to the oracle.
//!
//! `tests/data/surfaces`: an inventory, questions with their answers, and feeds with their hits, as
//! JSON that each surface compares with its own. The command is held to it by its own tests.

use std::fs;
use std::path::Path;

use feedsieve::{
    Asset, AssetKind, AssetValue, Format, Hit, Image, Indicator, Inventory, Limits, Scanner,
    SinkFn, Source, compile,
};
use feedsieve_tests::{AssetRow, Options, OracleHit, expected};
use serde_json::Value;

use crate::product::{format_of, outcome, scanner_of};

/// The cells of a table, line by line.
fn rows<const CELLS: usize>(name: &str) -> Vec<[String; CELLS]> {
    let text = String::from_utf8(file(name)).expect("UTF-8");
    let row = |line: &str| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        cells.try_into().unwrap_or_else(|_| panic!("{name}: {line}"))
    };
    text.lines().map(row).collect()
}

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/surfaces");
    fs::read(folder.join(name)).expect("the table is there")
}

fn inventory() -> Inventory {
    let (inventory, rejected) = Inventory::from_csv(&*file("inventory.csv")).expect("a header");
    assert!(rejected.is_empty(), "{rejected:?}");
    inventory
}

fn image() -> Image {
    let bytes = compile(&inventory(), &Limits::default()).expect("within the limits");
    Image::open(bytes).expect("what was compiled opens")
}

fn answers(text: &str) -> Vec<Value> {
    serde_json::from_str(text).expect("an array of JSON")
}

/// Members as an array, in the order in which they are found.
fn array(members: &[Vec<u8>]) -> String {
    let members = members.iter().map(|member| std::str::from_utf8(member).expect("UTF-8"));
    format!("[{}]", members.collect::<Vec<_>>().join(","))
}

#[test]
fn questions_have_their_answers() {
    let image = image();
    for [question, wanted] in rows("lookups.tsv") {
        let indicator = Indicator::parse(&question).expect("every question is an indicator");
        let found = image.lookup(&indicator).map(|found| {
            let mut row = Vec::new();
            found.write_json(&indicator, &mut row);
            row
        });
        assert_eq!(array(&found.collect::<Vec<_>>()), wanted, "{question}");
    }
}

#[test]
fn feeds_have_their_hits() {
    let image = image();
    for [format, feed, wanted] in rows("scans.tsv") {
        let format = Format::ALL.into_iter().find(|known| known.name() == format).expect("a name");
        let feed: String = serde_json::from_str(&feed).expect("a string");
        let mut found = Vec::new();
        let mut sink = SinkFn(|hit: &Hit<'_>| {
            let mut row = Vec::new();
            hit.write_json(&mut row);
            found.push(row);
            true
        });
        let scanner = Scanner::new(&image).format(format);
        let stats = scanner.scan(Source::slice("feed", feed.as_bytes()), &mut sink);
        assert!(stats.expect("memory can be read").is_complete());
        assert_eq!(array(&found), wanted, "{feed:?} as {format}");
    }
}

/// The inventory in the words of the oracle.
fn assets() -> Vec<AssetRow> {
    let asset = |asset: &Asset| AssetRow {
        participant: asset.participant.clone(),
        kind: asset.kind.to_string(),
        value: match (&asset.value, asset.kind) {
            (AssetValue::Addrs(range), AssetKind::Range) => range.ends().to_string(),
            (value, _) => value.to_string(),
        },
    };
    inventory().assets().iter().map(asset).collect()
}

/// What a row of the table and a hit of the oracle say of an answer.
type Answer = [String; 6];

fn in_short(row: &Value) -> Answer {
    ["indicator", "kind", "relation", "participant", "asset", "asset_kind"]
        .map(|key| row[key].as_str().expect("a text").to_owned())
}

#[test]
fn answers_are_those_of_the_oracle() {
    let assets = assets();
    // Nothing is withheld from whoever asks.
    let options = Options {
        local_space: true,
        max_feed_prefix4: 0,
        max_feed_prefix6: 0,
        ..Options::default()
    };
    for [question, wanted] in rows("lookups.tsv") {
        let format = feedsieve_tests::Format::List;
        let hits = expected(&assets, question.as_bytes(), format, &options).hits;
        let in_short_of_hit = |hit: OracleHit| {
            [hit.indicator, hit.kind, hit.relation, hit.participant, hit.asset, hit.asset_kind]
        };
        let found: Vec<Answer> = hits.into_iter().map(in_short_of_hit).collect();
        let wanted: Vec<Answer> = answers(&wanted).iter().map(in_short).collect();
        assert_eq!(found, wanted, "{question}");
    }
}

#[test]
fn hits_are_those_of_the_oracle() {
    let (image, assets, options) = (image(), assets(), Options::default());
    for [name, feed, wanted] in rows("scans.tsv") {
        let feed: String = serde_json::from_str(&feed).expect("a string");
        let asked = Format::ALL.into_iter().find(|known| known.name() == name).expect("a name");
        let scanner = scanner_of(&image, asked, &options);
        // The oracle decides on no format, so it takes the one that was decided on.
        let stats = scanner
            .scan(Source::slice("feed", feed.as_bytes()), &mut SinkFn(|_: &Hit<'_>| true))
            .expect("memory can be read");
        let known = feedsieve_tests::Format::ALL;
        let format = known.into_iter().find(|known| format_of(*known) == stats.format);
        let by_oracle =
            expected(&assets, feed.as_bytes(), format.expect("a format of the oracle"), &options);
        assert_eq!(
            outcome(&scanner, Source::slice("feed", feed.as_bytes())),
            by_oracle,
            "{feed:?}"
        );
        let answers = answers(&wanted);
        assert_eq!(answers.len(), by_oracle.hits.len(), "{feed:?}");
        for (row, hit) in answers.iter().zip(&by_oracle.hits) {
            assert_eq!(in_short(row)[3..], [&hit.participant[..], &hit.asset, &hit.asset_kind]);
            assert_eq!(in_short(row)[..3], [&hit.indicator[..], &hit.kind, &hit.relation]);
            assert_eq!(row["role"], hit.role);
            let [line, offset, length, at] =
                ["line", "offset", "length", "at"].map(|key| row[key].as_u64().expect("a number"));
            assert_eq!((line, offset, length, at), (hit.line, hit.offset, hit.length, hit.at));
            assert_eq!(row["field"].as_str(), hit.field.as_deref());
        }
    }
}

#[test]
fn the_table_says_more_often_what_must_not_be_found() {
    let lookups: Vec<String> = rows("lookups.tsv").into_iter().map(|[_, wanted]| wanted).collect();
    let scans: Vec<String> = rows("scans.tsv").into_iter().map(|[_, _, wanted]| wanted).collect();
    assert!(lookups.len() >= 220 && scans.len() >= 80, "{} and {}", lookups.len(), scans.len());
    for wanted in [&lookups, &scans] {
        let must_not = wanted.iter().filter(|wanted| *wanted == "[]").count();
        assert!(2 * must_not >= wanted.len(), "{must_not} of {}", wanted.len());
    }
}
