//! However a feed is cut, read and shared out, a scan gives the same hits and the same account.

#![no_main]

use std::io::{self, Read};
use std::sync::LazyLock;

use feedsieve::{
    Format, Hit, Image, Inventory, Limits, Roles, ScanStats, Scanner, SinkFn, Source, compile,
};
use libfuzzer_sys::fuzz_target;

/// Beside the assets that all targets share.
const KEYWORDS: &str = "D,keyword,a bc\nD,keyword,\u{fc}\u{e4} b\u{e9}\n";

static IMAGE: LazyLock<Image> = LazyLock::new(|| {
    let csv = feedsieve_fuzz::inventory_csv() + KEYWORDS;
    let (inventory, rejected) = Inventory::from_csv(csv.as_bytes()).expect("a header is there");
    assert!(rejected.is_empty(), "{rejected:?}");
    Image::open(compile(&inventory, &Limits::default()).expect("within the limits"))
        .expect("what was compiled opens")
});

fuzz_target!(|input: &[u8]| {
    let Some((&[size, search, how, format, keywords], bytes)) = input.split_first_chunk() else {
        return;
    };
    let feed = &feedsieve_fuzz::feed(format & 0x80 != 0, bytes)[..];
    let format = Format::ALL[usize::from(format & 0x7f) % Format::ALL.len()];
    let roles = if how & 0x80 == 0 { Roles::default() } else { Roles::ALL };
    let scanner = Scanner::new(&IMAGE).format(format).roles(roles).local_space(how & 0x40 != 0);
    let scanner = scanner.keywords(keywords & 1 == 1);
    let whole = scan(&scanner, Source::slice("feed", feed));

    let chunk_bytes = 1 + usize::from(size % 100);
    let cut = scanner.clone().chunk_bytes(chunk_bytes, usize::from(search % 100));
    assert_eq!(scan(&cut, Source::slice("feed", feed)), whole, "cut");
    let pipe = Source::reader("feed", Dribble(feed, 1 + usize::from(how & 0x1f)));
    assert_eq!(scan(&cut, pipe), whole, "cut, from a pipe");
    // Starting threads costs more than all the rest.
    if how & 0x20 != 0 {
        let threads = 2 + usize::from(search % 7);
        let shared = cut.threads(threads);
        assert_eq!(scan(&shared, Source::slice("feed", feed)), whole, "cut, by {threads} threads");
        let pipe = Source::reader("feed", Dribble(feed, 1 + usize::from(how & 0x1f)));
        assert_eq!(scan(&shared, pipe), whole, "cut, from a pipe, by {threads} threads");
    }
});

/// The hits in words, and the account without what is diagnostic.
fn scan(scanner: &Scanner<'_>, source: Source<'_>) -> (Vec<String>, ScanStats) {
    let mut hits = Vec::new();
    let mut sink = SinkFn(|hit: &Hit<'_>| {
        hits.push(format!("{hit:?}"));
        true
    });
    let mut stats = scanner.scan(source, &mut sink).expect("bytes in memory can be read");
    assert_eq!(stats.records, stats.scanned + stats.skipped.values().sum::<u64>());
    assert_eq!(stats.hits, hits.len() as u64);
    (stats.candidates, stats.elapsed) = Default::default();
    (hits, stats)
}

/// A pipe that hands out a few bytes at a time.
struct Dribble<'b>(&'b [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(self.0.len()).min(buffer.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}
