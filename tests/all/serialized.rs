//! What serde writes of hits, names and accounts is what the command writes.

use std::collections::BTreeSet;
use std::fmt::Debug;

use feedsieve::{
    AssetKind, Format, Hit, IndicatorKind, Relation, Role, Scanner, Side, SinkFn, Source, Tally,
    json,
};
use feedsieve_tests::table;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::product::{format_of, image_of, scanner_of};

#[test]
fn a_hit_is_serialized_as_it_is_written() {
    let (mut compared, mut with_data) = (0, 0);
    for row in table::rows() {
        let image = image_of(&row.inventory);
        let scanner = scanner_of(&image, format_of(row.format), &row.options).with_record(true);
        let mut fields = BTreeSet::new();
        let mut sink = SinkFn(|hit: &Hit<'_>| {
            fields.extend(hit.field.filter(|field| !field.is_empty()).map(str::to_owned));
            assert_alike(hit, &row.name);
            compared += 1;
            true
        });
        scanner.scan(Source::slice("feed", &row.feed), &mut sink).expect("memory can be read");
        let Ok(keeping) = scanner.keep(fields) else { continue };
        let mut sink = SinkFn(|hit: &Hit<'_>| {
            assert_alike(hit, &row.name);
            with_data += usize::from(!hit.data.is_empty());
            true
        });
        // Some fields of hits are not of the whole feed, and then nothing is scanned.
        let _ = keeping.scan(Source::slice("feed", &row.feed), &mut sink);
    }
    assert!(compared > 500 && with_data > 100, "{compared} hits, {with_data} of them with data");
}

fn assert_alike(hit: &Hit<'_>, row: &str) {
    let (mut written, mut serialized) = (Vec::new(), Vec::new());
    hit.write_json(&mut written);
    json::write(&mut serialized, hit);
    let text = String::from_utf8(written.clone()).expect("JSON is UTF-8");
    assert_eq!(written, serialized, "{row}: {text}");
    assert!(!text.contains('\n'), "{text}");
    let members: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(members["participant"], hit.participant);
}

fn assert_named<T: Copy + Debug + PartialEq + Serialize + DeserializeOwned>(
    all: &[T],
    name: impl Fn(T) -> &'static str,
) {
    for &value in all {
        let text = serde_json::to_string(&value).expect("a name");
        assert_eq!(text, format!("\"{}\"", name(value)));
        assert_eq!(serde_json::from_str::<T>(&text).expect("a name"), value);
    }
    // The names of Rust are none of ours.
    let other = format!("\"{:?}\"", all[0]);
    assert!(serde_json::from_str::<T>(&other).is_err(), "{other}");
}

#[test]
fn names_are_those_of_hits_and_options() {
    assert_named(&Role::ALL, Role::name);
    assert_named(&IndicatorKind::ALL, IndicatorKind::name);
    assert_named(&AssetKind::ALL, AssetKind::name);
    assert_named(&Side::ALL, Side::name);
    assert_named(&Relation::ALL, Relation::name);
    assert_named(&Format::ALL, Format::name);
}

#[test]
fn an_account_has_the_keys_of_the_summary() {
    let image = image_of(&[]);
    let feed = b"ip\n010.1.2.3\n\n0.0.0.0/0\n";
    let stats = Scanner::new(&image)
        .digests(true)
        .scan(Source::slice("feed", feed), &mut SinkFn(|_: &Hit<'_>| true))
        .expect("memory can be read");
    let account = serde_json::to_value(&stats).expect("an account");
    assert_eq!(account, serde_json::to_value(Tally::from(stats)).expect("an account"));
    let keys: Vec<&str> =
        account.as_object().expect("an object").keys().map(String::as_str).collect();
    // As the documentation of the command lists them; serde_json sorts.
    let mut expected = vec![
        "bytes",
        "lines",
        "records",
        "scanned",
        "skipped",
        "rejected",
        "candidates",
        "hits",
        "participants",
        "suppressed",
        "exceptions",
        "allowed",
        "local_space",
        "format",
        "format_why",
        "encoding",
        "complete",
        "incomplete_why",
        "sha256",
        "seconds",
    ];
    expected.sort_unstable();
    assert_eq!(keys, expected);
    assert_eq!(account["skipped"], serde_json::json!({"blank": 1}));
    assert_eq!(account["rejected"]["too-broad"], serde_json::json!({"count": 1, "lines": [4]}));
    assert_eq!(account["complete"], true);
    assert_eq!(account["sha256"].as_str().map(str::len), Some(64));
}

#[test]
fn a_scan_that_the_sink_ended_is_not_complete() {
    let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\n";
    let (inventory, _) = feedsieve::Inventory::from_csv(csv.as_bytes()).expect("a header");
    let image = feedsieve::compile(&inventory, &feedsieve::Limits::default()).expect("a row");
    let image = feedsieve::Image::open(image).expect("what was compiled opens");
    let feed = Source::slice("feed", b"192.0.2.1\n192.0.2.2\n");
    let stats = Scanner::new(&image)
        .scan(feed, &mut SinkFn(|_: &Hit<'_>| false))
        .expect("memory can be read");
    let tally = Tally::from(stats);
    assert_eq!((tally.hits, tally.complete), (1, false));
    assert_eq!(tally.incomplete_why.as_deref(), Some("the sink ended the scan"));
    let mut total = Tally::empty();
    total.add(&tally);
    total.add(&Tally::unread("gone"));
    assert_eq!((total.hits, total.complete, total.participants["A"]), (1, false, 1));
}
