//! The host of a URL in text is what the `url` crate says, but for the differences that
//! `tests/all/whatwg.rs` names.

#![no_main]

#[path = "../../tests/all/whatwg.rs"]
mod whatwg;

use std::net::IpAddr;
use std::sync::LazyLock;

use feedsieve::{Format, Image, Inventory, Limits, Scanner, compile};
use libfuzzer_sys::fuzz_target;
use whatwg::{Expected, agrees, expected, found};

/// All names under a few top-level domains and all addresses, so that any host is a hit.
const INVENTORY: &str = "participant,kind,value,accept
A,domain,nl,test
A,domain,com,test
A,domain,de,test
B,prefix,0.0.0.0/0,test
B,prefix,::/0,test
";

const TOPS: [&str; 3] = [".nl", ".com", ".de"];

static IMAGE: LazyLock<Image> = LazyLock::new(|| {
    let (inventory, rejected) =
        Inventory::from_csv(INVENTORY.as_bytes()).expect("a header is there");
    assert!(rejected.is_empty(), "{rejected:?}");
    Image::open(compile(&inventory, &Limits::default()).expect("within the limits"))
        .expect("what was compiled opens")
});

const SCHEMES: [&str; 16] = [
    "http://",
    "https://",
    "HTTP://",
    "ftp://",
    "ws://",
    "wss://",
    "http:",
    "http:/",
    "http:\\\\",
    "https:/\\",
    "hTTps:////",
    "http:///",
    "http:\\/",
    "https://@",
    "http://x@",
    "http://x:y@",
];

const PIECES: [&str; 64] = [
    "a.nl",
    "b.com",
    ".nl",
    ".com",
    ".de",
    "\u{fc}.de",
    "u\u{308}.de",
    "xn--tda.de",
    "%C3%BC.de",
    "\u{df}.de",
    "www.",
    "%2E",
    "%2e",
    "%41",
    "%2F",
    "%40",
    "%25",
    "%00",
    "%",
    "%zz",
    "@",
    ":",
    "::",
    ":80",
    ":443",
    ":0080",
    ":65536",
    ":x",
    "192.0.2.5",
    "192.0.517",
    "0300.0.02.05",
    "0xC0000205",
    "3221225989",
    "4294967296",
    "256.",
    "0x",
    "08",
    "0.0.0.0",
    "[2001:db8:10::1]",
    "[::1]",
    "[::]",
    "[::ffff:192.0.2.5]",
    "[",
    "]",
    "/",
    "\\",
    "//",
    "?",
    "#",
    "?a=b.com",
    "/a.nl/",
    "#http://a.nl",
    "\u{3002}",
    "\u{ff0e}",
    "\u{ad}",
    "\u{200d}",
    "\u{ff21}",
    "\u{661}",
    "\u{5d0}",
    "-",
    "_",
    "..",
    ";",
    "!$&'",
];

fuzz_target!(|input: &[u8]| {
    let Some((&scheme, bytes)) = input.split_first() else { return };
    let mut text = SCHEMES[usize::from(scheme) % SCHEMES.len()].to_owned();
    for &byte in bytes {
        match byte.checked_sub(0x80) {
            None => text.push(char::from(byte)),
            Some(piece) => text.push_str(PIECES[usize::from(piece) % PIECES.len()]),
        }
    }
    feedsieve_fuzz::count(text.as_bytes());
    let scanner = Scanner::new(&IMAGE).format(Format::Text).local_space(true);
    let mut wanted = expected(&text);
    if let Expected::Host(host, _) = &wanted {
        let is_owned = host.parse::<IpAddr>().is_ok() || TOPS.iter().any(|top| host.ends_with(top));
        if !is_owned {
            wanted = Expected::Nothing;
        }
    }
    let found = found(&scanner, &text);
    assert!(agrees(&text, &found, &wanted), "{text:?}: {found:?}, the standard says {wanted:?}");
});
