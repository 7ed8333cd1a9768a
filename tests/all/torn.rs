//! JSON documents that are cut off: all that is there is found, and the rest is said to be missing.

use feedsieve::{Format, Hit, Scanner, SinkFn, Source};
use feedsieve_tests::AssetRow;

use crate::product::{Dribble, image_of};

const DOCUMENT: &str =
    r#"{"by": "x", "list": [{"ip": "192.0.2.5"}, {"ip": "192.0.2.6", "a": [1]}], "n": 1}"#;

#[test]
fn a_document_is_incomplete_wherever_it_is_cut_off() {
    let row = |value: &str| AssetRow {
        participant: "A".to_owned(),
        kind: "prefix".to_owned(),
        value: value.to_owned(),
    };
    let image = image_of(&[row("192.0.2.0/24")]);
    for end in 1..=DOCUMENT.len() {
        let feed = &DOCUMENT.as_bytes()[..end];
        for (chunk_bytes, search_bytes) in [(1, 0), (7, 64), (1 << 20, 1 << 16)] {
            let scanner = Scanner::new(&image).format(Format::Json);
            let scanner = scanner.chunk_bytes(chunk_bytes, search_bytes);
            let slice = Source::slice("feed", feed);
            let pipe = Source::reader("feed", Dribble(feed, 3));
            for source in [slice, pipe] {
                let mut lines = Vec::new();
                let mut sink = SinkFn(|hit: &Hit<'_>| {
                    lines.push((hit.offset, hit.length));
                    true
                });
                let stats = scanner.scan(source, &mut sink).expect("it can be read");
                let why = stats.incomplete_why.as_deref();
                let is_whole = end == DOCUMENT.len();
                assert_eq!(why.is_none(), is_whole, "{end}: {why:?}");
                // The first record is whole as soon as it closes, and a hit as soon as it names all.
                let found = DOCUMENT[..end].matches("192.0.2.5").count();
                assert_eq!(lines.first().map(|(offset, _)| *offset), (found > 0).then_some(21));
                assert!(!is_whole || lines == [(21, 19), (42, 29)], "{lines:?}");
            }
        }
    }
}
