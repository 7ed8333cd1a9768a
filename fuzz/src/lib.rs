//! Feeds of pieces that mean something, so that the fuzzer need not guess them letter by letter.

use std::sync::atomic::{AtomicU64, Ordering};

use feedsieve::{Hit, Image, Inventory, Limits, ScanStats, Scanner, SinkFn, Source, compile};

/// Bytes that were given to the product, and of how many the next line of [`count`] tells.
static TRIED: AtomicU64 = AtomicU64::new(0);
static TOLD: AtomicU64 = AtomicU64::new(0);

/// Counts what is given to the product; a line on standard error tells of it now and then.
///
/// libFuzzer counts inputs only. `cargo xtask fuzz` reads the last of these lines, which is at most a
/// hundredth behind.
pub fn count(text: &[u8]) {
    let tried = TRIED.fetch_add(text.len() as u64, Ordering::Relaxed) + text.len() as u64;
    if tried >= TOLD.load(Ordering::Relaxed) {
        TOLD.store(tried + tried / 100 + 1, Ordering::Relaxed);
        eprintln!("tried {tried} bytes");
    }
}

/// The image of an inventory of CSV.
///
/// # Panics
///
/// Where a row is wrong.
#[must_use]
pub fn image_of(csv: &str) -> Image {
    let (inventory, rejected) = Inventory::from_csv(csv.as_bytes()).expect("a header is there");
    assert!(rejected.is_empty(), "{rejected:?}");
    let image = compile(&inventory, &Limits::default()).expect("within the limits");
    Image::open(image).expect("what was compiled opens")
}

/// The hits of a scan in words, and the account without what is diagnostic.
///
/// # Panics
///
/// Where nothing can be read, or the account does not add up.
pub fn hits_of(scanner: &Scanner<'_>, source: Source<'_>) -> (Vec<String>, ScanStats) {
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

/// A feed from what the fuzzer gives: the bytes themselves, or with the upper half of all bytes
/// standing for pieces.
#[must_use]
pub fn feed(in_pieces: bool, bytes: &[u8]) -> Vec<u8> {
    if !in_pieces {
        return bytes.to_vec();
    }
    let mut feed = Vec::new();
    for &byte in bytes {
        match byte.checked_sub(0x80) {
            None => feed.push(byte),
            Some(piece) => feed.extend_from_slice(PIECES[usize::from(piece) % PIECES.len()]),
        }
    }
    feed
}

/// Values of [`INVENTORY`] and its neighbours, and what stands around values in feeds.
const PIECES: [&[u8]; 128] = [
    b"h.nl",
    b"b.h.nl",
    b"www.h.nl",
    b"H.NL",
    b"xh.nl",
    b"h.nl.evil.com",
    b"p.test",
    b"m.test",
    b"j@s.test",
    b"x@h.nl",
    b"x@m.test",
    b"J@S.TEST",
    b"j+s@s.test",
    b"\xc3\xbc.de",
    b"xn--tda.de",
    b"u\xcc\x88.de",
    b"192.0.2.5",
    b"192.0.2.200",
    b"192.0.3.5",
    b"192.0.2.0/24",
    b"192.0.0.0/16",
    b"192.0.2.",
    b"192.0.2.*",
    b"192.0.2.1-50",
    b"192.0.2.200 - 192.0.3.9",
    b"192.0.2.05",
    b"010.1.2.3",
    b"2001:db8:10::1",
    b"2001:db8:10::/48",
    b"2001:db8::/32",
    b"2001:db8:10:",
    b"::ffff:192.0.2.5",
    b"::1",
    b"fe80::1%eth0",
    b"3221225989",
    b"0xC0000205",
    b"0300.0.02.05",
    b"5.2.0.192.in-addr.arpa",
    b"2.0.192.in-addr.arpa",
    b".ip6.arpa",
    b"10.0.0.1",
    b"127.0.0.1",
    b"evil.com",
    b"nl",
    b".nl",
    b"co.uk",
    b"http://",
    b"https://",
    b"hxxp://",
    b"HTTP:",
    b"ftp://",
    b"//",
    b"http:\\\\",
    b"\\/\\/",
    b"://",
    b"www.",
    b":80",
    b":8080/",
    b"/x",
    b"?a=",
    b"#",
    b"%2E",
    b"%2F",
    b"%40",
    b"%C3%BC",
    b"%",
    b"[.]",
    b"(.)",
    b"[dot]",
    b"[.",
    b"\\.",
    b".]",
    b"[:]",
    b"[://]",
    b"[@]",
    b"[at]",
    b"mailto:",
    b"\"a b\"@h.nl",
    b"@",
    b"@[192.0.2.5]",
    b"[",
    b"]",
    b"[2001:db8:10::1]:443",
    b"(",
    b")",
    b"<",
    b">",
    b"{",
    b"}",
    b"|",
    b",",
    b";",
    b"'",
    b"\"",
    b"\"\"",
    b"\\n",
    b"\\t",
    b"\\u002e",
    b"\\u00fc",
    b"\\\\",
    b"*.",
    b".",
    b"..",
    b"-",
    b" - ",
    b"->",
    b"src:",
    b"ip6:",
    b"x:",
    b"Apache/",
    b"tcp/",
    b"\r\n",
    b"\n",
    b"\r",
    b"\t",
    b" ",
    b"\0",
    b"\xc2\xad",
    b"\xe2\x80\x8d",
    b"\xe3\x80\x82",
    b"\xe2\x80\x9d",
    b"\xe4\xb8\xad",
    b"\xc2\xa0",
    b"\xfc",
    b"# ",
    b"; ",
    b"{\"a\":\"",
    b"\"}\n",
];

/// A few assets of each kind, whose pieces are [`PIECES`].
pub const INVENTORY: [(&str, &str, &str); 10] = [
    ("A", "prefix", "192.0.2.0/24"),
    ("A", "prefix", "2001:db8:10::/48"),
    ("A", "domain", "h.nl"),
    ("B", "range", "192.0.2.128-192.0.3.5"),
    ("B", "domain", "b.h.nl"),
    ("B", "prefix", "10.0.0.0/24"),
    ("C", "domain", "\u{fc}.de"),
    ("C", "domain_exact", "p.test"),
    ("C", "email_domain", "m.test"),
    ("C", "email", "j@s.test"),
];

/// [`INVENTORY`] as the text of a CSV file.
#[must_use]
pub fn inventory_csv() -> String {
    let rows =
        INVENTORY.map(|(participant, kind, value)| format!("{participant},{kind},{value}\n"));
    format!("participant,kind,value\n{}", rows.concat())
}
