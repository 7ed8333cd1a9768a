//! A JSON document has the same hits however it is laid out and cut: on one line or pretty-printed,
//! as one chunk or many.

#![no_main]

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use feedsieve::{Format, Hit, Image, Scanner, SinkFn, Source};
use feedsieve_fuzz::{hits_of, image_of, inventory_csv};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

static IMAGE: LazyLock<Image> = LazyLock::new(|| image_of(&inventory_csv()));

/// Keys that mean something to a format, or to facts and secrets.
const KEYS: [&str; 16] = [
    "a",
    "ip",
    "url",
    "objects",
    "type",
    "pattern",
    "Event",
    "Attribute",
    "value",
    "comment",
    "password",
    "list",
    "external_references",
    "src_ip",
    "port",
    "first_seen",
];

/// A document of a few levels.
#[derive(Debug)]
struct Document(Value);

impl<'a> Arbitrary<'a> for Document {
    fn arbitrary(input: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        value(input, 5).map(Self)
    }
}

fn value(input: &mut Unstructured<'_>, depth: usize) -> arbitrary::Result<Value> {
    let kind: u8 = input.int_in_range(0..=if depth == 0 { 2 } else { 6 })?;
    Ok(match kind {
        0 => Value::Bool(input.arbitrary()?),
        1 => Value::from(input.arbitrary::<i32>()?),
        2 => {
            let bytes: &[u8] = input.bytes(usize::min(12, input.len()))?;
            String::from_utf8_lossy(&feedsieve_fuzz::feed(true, bytes)).into()
        }
        3 | 4 => {
            let count = input.int_in_range(0..=5)?;
            Value::Array((0..count).map(|_| value(input, depth - 1)).collect::<Result<_, _>>()?)
        }
        _ => {
            let mut object = Map::new();
            for _ in 0..input.int_in_range(0..=5)? {
                let key = *input.choose(&KEYS)?;
                object.insert(key.to_owned(), value(input, depth - 1)?);
            }
            Value::Object(object)
        }
    })
}

fuzz_target!(|input: (Document, u8, u8, bool)| {
    let (Document(document), format, chunk, keywords) = input;
    let format = [Format::Json, Format::Stix, Format::Misp][usize::from(format % 3)];
    let scanner = Scanner::new(&IMAGE).format(format).keywords(keywords);
    let compact = serde_json::to_vec(&document).expect("a document");
    let pretty = serde_json::to_vec_pretty(&document).expect("a document");
    for text in [&compact, &pretty] {
        feedsieve_fuzz::count(text);
        let whole = hits_of(&scanner, Source::slice("feed", text));
        let cut = scanner.clone().chunk_bytes(1 + usize::from(chunk), usize::from(chunk) / 3);
        assert_eq!(hits_of(&cut, Source::slice("feed", text)), whole, "cut");
    }
    let summed = |text: &[u8]| {
        let mut hits = Vec::new();
        let mut sink = SinkFn(|hit: &Hit<'_>| {
            // Layout moves a record, and changes nothing else.
            hits.push(format!(
                "{} {} {:?} {} {} {:?}",
                hit.participant,
                hit.asset,
                hit.field,
                hit.indicator,
                hit.role.name(),
                hit.also_count
            ));
            true
        });
        scanner.scan(Source::slice("feed", text), &mut sink).expect("memory can be read");
        hits
    };
    assert_eq!(summed(&compact), summed(&pretty), "laid out");
});
