//! The same hits with the CPU's vector instructions and without them.

use feedsieve::{Format, Source};
use feedsieve_tests::table;

use crate::product::{format_of, image_of, outcome, scanner_of};

/// Lines before and behind a row, so that it lies where the fast search is at work, at each
/// distance from a block's border in turn.
fn between_lines(feed: &[u8], index: usize) -> Vec<u8> {
    let lines = "padding without a dot\n".repeat(40);
    [lines.as_bytes(), &b"-".repeat(index % 64), b"\n", feed, b"\n", lines.as_bytes()].concat()
}

#[test]
fn every_row_with_and_without_them() {
    let mut hits = 0;
    for (index, row) in table::rows().iter().enumerate() {
        let image = image_of(&row.inventory);
        let mut formats = vec![format_of(row.format)];
        if formats[0] != Format::Text {
            formats.push(Format::Text);
        }
        for format in formats {
            let feed = between_lines(&row.feed, index);
            let scanner = scanner_of(&image, format, &row.options);
            let fast = outcome(&scanner, Source::slice("feed", &feed));
            let plain = outcome(&scanner.vectors(false), Source::slice("feed", &feed));
            assert_eq!(fast, plain, "{}", row.name);
            hits += fast.hits.len();
        }
    }
    assert!(hits > 500, "{hits} hits say little");
}
