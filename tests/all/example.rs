//! The example that the README scans: the formats are told, and the hits are the oracle's.

use std::path::Path;

use feedsieve::{
    AssetKind, AssetValue, Format, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source, compile,
};
use feedsieve_tests::{AssetRow, Options, expected};

use crate::product::{outcome, scanner_of};

/// Each feed with the format that it is to be read as, and the oracle's word for it.
const FEEDS: [(&str, Format, Option<feedsieve_tests::Format>); 9] = [
    ("blocklist.txt", Format::List, Some(feedsieve_tests::Format::List)),
    ("events.tsv", Format::Tsv, Some(feedsieve_tests::Format::Tsv)),
    // The oracle knows no column names in comments.
    ("indicators.csv", Format::Csv, None),
    ("leak.ndjson", Format::Ndjson, Some(feedsieve_tests::Format::Ndjson)),
    ("names.txt", Format::List, Some(feedsieve_tests::Format::List)),
    ("pdns.ndjson", Format::Ndjson, Some(feedsieve_tests::Format::Ndjson)),
    ("report.txt", Format::Text, Some(feedsieve_tests::Format::Text)),
    ("scan-report.csv", Format::Csv, Some(feedsieve_tests::Format::Csv)),
    ("urls.txt", Format::Text, Some(feedsieve_tests::Format::Text)),
];

#[test]
fn the_example_has_the_hits_that_the_oracle_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/example");
    let csv = std::fs::read(folder.join("participants.csv")).expect("the inventory is there");
    let (inventory, rejected) = Inventory::from_csv(&csv[..]).expect("it has a header");
    assert!(rejected.is_empty(), "{rejected:?}");
    let image = compile(&inventory, &Limits::default()).expect("within the limits");
    let image = Image::open(image).expect("what was compiled opens");
    let rows: Vec<AssetRow> = (inventory.assets().iter())
        .map(|asset| AssetRow {
            participant: asset.participant.clone(),
            kind: asset.kind.to_string(),
            value: match (&asset.value, asset.kind) {
                (AssetValue::Addrs(range), AssetKind::Range) => range.ends().to_string(),
                (value, _) => value.to_string(),
            },
        })
        .collect();
    let options = Options::default();
    for (name, format, in_oracle_words) in FEEDS {
        let path = folder.join("feeds").join(name);
        let feed = std::fs::read(&path).expect("the feed is there");
        let source = || Source::slice(name, &feed);
        let mut sink = SinkFn(|_: &Hit<'_>| true);
        let stats = Scanner::new(&image).scan(source(), &mut sink).expect("it can be read");
        assert_eq!((stats.format, stats.hits > 0), (format, true), "{name}: {}", stats.format_why);
        if let Some(format) = in_oracle_words {
            let found = outcome(&scanner_of(&image, stats.format, &options), source());
            assert_eq!(found, expected(&rows, &feed, format, &options), "{name}");
        }
    }
}
