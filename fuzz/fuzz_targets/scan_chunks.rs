//! However a feed is cut, read and shared out, a scan gives the same hits and the same account.

#![no_main]

use std::io::{self, Read};
use std::sync::LazyLock;

use feedsieve::{
    Format, Hit, Image, Inventory, Limits, Roles, ScanStats, Scanner, SinkFn, Source, compile,
};
use libfuzzer_sys::fuzz_target;

const INVENTORY: &str = "participant,kind,value
A,prefix,192.0.2.0/24
A,prefix,2001:db8:10::/48
A,domain,h.nl
B,range,192.0.2.128-192.0.3.5
B,domain,b.h.nl
C,domain,ü.de
C,domain_exact,p.test
C,email_domain,m.test
C,email,j@s.test
D,keyword,a bc
D,keyword,üä bé
";

static IMAGE: LazyLock<Image> = LazyLock::new(|| {
    let (inventory, rejected) =
        Inventory::from_csv(INVENTORY.as_bytes()).expect("a header is there");
    assert!(rejected.is_empty(), "{rejected:?}");
    Image::open(compile(&inventory, &Limits::default()).expect("within the limits"))
        .expect("what was compiled opens")
});

fuzz_target!(|input: &[u8]| {
    let Some((&[size, search, how, format, keywords], feed)) = input.split_first_chunk() else { return };
    let format = Format::ALL[usize::from(format) % Format::ALL.len()];
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
        let threads = cut.threads(2);
        assert_eq!(scan(&threads, Source::slice("feed", feed)), whole, "cut, by two threads");
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
