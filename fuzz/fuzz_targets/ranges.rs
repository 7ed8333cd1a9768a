//! Ranges that follow each other have together the hits of the whole feed, wherever they part.

#![no_main]

use std::sync::LazyLock;

use feedsieve::{Format, Image, Scanner, Source};
use feedsieve_fuzz::{hits_of, image_of, inventory_csv};
use libfuzzer_sys::fuzz_target;

static IMAGE: LazyLock<Image> = LazyLock::new(|| image_of(&inventory_csv()));

fuzz_target!(|input: &[u8]| {
    let Some((&[format, first, second, chunk], bytes)) = input.split_first_chunk() else { return };
    let feed = &feedsieve_fuzz::feed(format & 0x80 != 0, bytes)[..];
    feedsieve_fuzz::count(feed);
    let format = Format::ALL[usize::from(format & 0x7f) % Format::ALL.len()];
    let scanner = Scanner::new(&IMAGE).format(format).chunk_bytes(1 + usize::from(chunk), 8);
    let (whole, stats) = hits_of(&scanner, Source::slice("feed", feed));
    if !stats.is_complete() {
        // What is not read to its end, as a saved web page, has no parts either.
        return;
    }
    let length = feed.len() as u64 + 1;
    let mut borders =
        [0, u64::from(first) * length / 256, u64::from(second) * length / 256, length];
    borders.sort_unstable();
    let mut parts = Vec::new();
    for range in borders.windows(2) {
        let part = scanner.clone().range(range[0]..range[1]);
        parts.extend(hits_of(&part, Source::slice("feed", feed)).0);
    }
    assert_eq!(parts, whole, "{borders:?}");
});
