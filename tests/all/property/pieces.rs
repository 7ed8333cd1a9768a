//! Pieces of feeds that are nearly indicators of an inventory.

use std::net::{Ipv4Addr, Ipv6Addr};

use feedsieve_tests::AssetRow;

/// Numbers from a seed (SplitMix64), the same on every machine.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Once in `times`.
    pub(super) fn chance(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(super) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// What an inventory may hold: nested, shared, next to each other.
const ASSETS: &[&str] = &[
    "A domain hospital.nl",
    "A prefix 192.0.2.0/24",
    "A prefix 2001:db8:10::/48",
    "B prefix 192.0.2.128/25",
    "B domain lab.hospital.nl",
    "C domain münchen-klinik.de",
    "D prefix 198.51.100.7",
    "D domain clinic.github.io",
    "E domain_exact portal.example",
    "F email_domain mailonly.example",
    "F email board@shared.example",
    "B domain hospital.nl",
    "A email jan@hospital.nl",
    "J email jän@shared.example",
    "G email jan+x@lab.hospital.nl",
    "G email_domain hospital.nl",
    "G domain_exact www.hospital.nl",
    "G domain a-b.hospital.nl",
    "G domain shared.example",
    "H range 192.0.2.10-192.0.2.99",
    "H range 203.0.113.7-203.0.113.9",
    "H range 2001:db8:10::5-2001:db8:10:1::",
    "H prefix 2001:db8:10:1::/64",
    "H prefix 2001:db8::/32",
    "H prefix 192.0.0.0/16",
    "I prefix 10.0.0.0/8",
    "I prefix 192.168.1.0/24",
    "I prefix fd00:1::/32",
    "I prefix 127.0.0.1",
    "J domain xn--mnchen-klinik-wob.de",
    "J domain 例え.jp",
    "J prefix ::ffff:198.51.100.0/120",
    "A prefix 198.51.100.7/32",
];

pub(super) fn inventory(draw: &mut Draw) -> Vec<AssetRow> {
    let mut rows = Vec::new();
    let most = 1 + draw.below(12);
    for line in (0..most).map(|_| draw.one(ASSETS)) {
        let mut words = line.split(' ').map(str::to_owned);
        let mut word = || words.next().unwrap_or_default();
        let row = AssetRow { participant: word(), kind: word(), value: word() };
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// Pieces that stand together in a line or a field.
pub(super) fn run(draw: &mut Draw, inventory: &[AssetRow]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    for _ in 0..1 + draw.below(5) {
        let row = draw.one(inventory);
        let piece = match draw.below(16) {
            0..=4 => near(draw, &row).into_bytes(),
            5..=6 => url(draw, &row).into_bytes(),
            7 => mail(draw, &row).into_bytes(),
            8..=9 => draw.one(JOINTS).as_bytes().to_vec(),
            10..=11 => draw.one(SEPARATORS).as_bytes().to_vec(),
            12 => draw.one(LETTERS).as_bytes().to_vec(),
            13 => draw.one(MARKS).as_bytes().to_vec(),
            14 => draw.one(WORDS).as_bytes().to_vec(),
            _ => draw.one(BYTES).to_vec(),
        };
        pieces.push(piece);
        if draw.chance(3) {
            pieces.push(draw.one(SEPARATORS).as_bytes().to_vec());
        }
    }
    pieces
}

const SEPARATORS: &[&str] = &[
    " ", " ", " ", ",", ";", "|", "=", ":", "/", "@", "\"", "'", "(", ")", "[", "]", "{", "}", "<",
    ">", "`", "\t", "!", "^", "#", "$", "&", "*", "+", " - ", "),(",
];

const JOINTS: &[&str] = &[
    ".",
    "..",
    "-",
    "--",
    "_",
    "[.]",
    "(.)",
    "{.}",
    "[dot]",
    "(dot)",
    "[.",
    "\\.",
    "[@]",
    "[at]",
    "[:]",
    "[://]",
    "\\u002e",
    "\\u0040",
    "%2e",
    "%2E",
    "%40",
    "%252e",
    "%2F",
    "%3a",
    "%3A%2F%2F",
    "%20",
    "%20-%20",
    "%2A",
    "%2C",
    "\\n",
    "\\t",
    "\\/",
    "\\",
    "%",
    "->",
    "*.",
    ".*",
    "://",
    "//",
    "::",
    "?",
    "@@",
];

const LETTERS: &[&str] = &[
    "é", "ü", "u\u{308}", "ß", "о", "例", "え", "\u{200b}", "\u{ad}", "\u{200d}", "\u{2060}",
    "\u{a0}", "«", "»", "…", "’", "“", "。", "．", "ｈ", "\u{2028}", "１", "\u{301}", "—",
];

const MARKS: &[&str] = &[
    "http://",
    "https://",
    "hxxp://",
    "HTTP://",
    "http:",
    "//",
    "ftp://",
    "irc://",
    "http[:]//",
    "mailto:",
    "www.",
    "user@",
    ":8080",
    ":99999",
    ":8080/",
    "/path",
    "?u=",
    "#f",
    "http:\\\\",
    "/24",
    "/255.255.255.0",
    "src:",
    "ip6:",
    "Product/",
];

const WORDS: &[&str] = &[
    "a",
    "x",
    "n",
    "nl",
    "com",
    "evil.com",
    "1",
    "5",
    "255",
    "256",
    "0",
    "tcp/",
    "dot",
    "at",
    "the",
    "v1.2.3.4",
    "1.2.3",
    "co.uk",
    "github.io",
    "# ",
    " # ",
    "; ",
    " ; ",
    "xn--a",
    "d",
    "f",
];

const BYTES: &[&[u8]] = &[
    b"\0",
    b"\xff",
    b"\xe9",
    b"\xfc",
    b"\r",
    b"\x0b",
    b"\x7f",
    b"\xc3",
    b"\xe2\x80",
    b"\x80",
    b"~",
    b"%zz",
];

/// The asset, or something that is nearly it, in some spelling.
pub(super) fn near(draw: &mut Draw, row: &AssetRow) -> String {
    match &*row.kind {
        "prefix" | "range" => addresses(draw, &row.value),
        "email" => mail(draw, row),
        _ => name(draw, &row.value),
    }
}

fn name(draw: &mut Draw, value: &str) -> String {
    let mut name = value.to_owned();
    match draw.below(16) {
        0..=4 => {}
        5 => name.insert_str(0, draw.one(&["www.", "a.b.", "_dmarc.", "-x.", "xn--a.", "*.", "."])),
        6 => name.insert_str(0, draw.one(&["x", "a-", "-", "--", "_", "é", "1", "n", "*"])),
        7 => name.push_str(draw.one(&["x", "-", "_", ".", "..", "é", "例", "1", "-a", "_b"])),
        8 => {
            name.push_str(draw.one(&[".evil.com", ".pdf", "-login.com", ":8080", "/x", ".5", ". "]))
        }
        9 => name = name.replacen('.', draw.one(&["..", "-", "", "_", ". ", "\n", ",", "/"]), 1),
        10 => {
            name = name.replace('.', draw.one(&["[.]", "(dot)", "[dot]", "{.}", "[.", "\\.", ".]"]))
        }
        11 => {
            name = name.replacen('.', draw.one(&["。", "．", "%2e", "\\u002e", "[.]", "%252e"]), 1)
        }
        12 => name = name.to_uppercase(),
        13 => {
            let at = draw.below(name.chars().count());
            let (at, c) = name.char_indices().nth(at).unwrap_or((0, 'a'));
            let with =
                draw.one(&["", "\u{ad}", "\u{200b}", "\u{200d}", "о", "\u{301}", "[", "\u{0}"]);
            name.replace_range(at..at + c.len_utf8(), &format!("{c}{with}"));
        }
        14 => {
            let at = draw.below(name.chars().count());
            let (at, c) = name.char_indices().nth(at).unwrap_or((0, 'a'));
            name.replace_range(at..at + c.len_utf8(), "");
        }
        _ => {
            let at = draw.below(name.chars().count());
            let (at, c) = name.char_indices().nth(at).unwrap_or((0, 'a'));
            let with = match draw.below(3) {
                0 => c.to_string().bytes().map(|b| format!("%{b:02x}")).collect(),
                1 => format!("\\u{:04x}", u32::from(c)),
                _ => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c).to_string(),
            };
            name.replace_range(at..at + c.len_utf8(), &with);
        }
    }
    name
}

pub(super) fn mail(draw: &mut Draw, row: &AssetRow) -> String {
    let host = match &*row.kind {
        "email" if draw.chance(2) => return spelled_mail(draw, row.value.clone()),
        "prefix" | "range" => match draw.below(3) {
            0 => format!("[{}]", addresses(draw, &row.value)),
            1 => format!("[IPv6:{}]", addresses(draw, &row.value)),
            _ => addresses(draw, &row.value),
        },
        "email" => {
            let host = row.value.split('@').next_back().unwrap_or_default().to_owned();
            name(draw, &host)
        }
        _ => name(draw, &row.value),
    };
    let local = draw.one(&[
        "jan",
        "x",
        "board",
        "jan+x",
        "a.b",
        ".jan",
        "jan.",
        "\"a@b\"",
        "\"a b\"",
        "jan@x",
        "é",
        "mailto:jan",
        "x=jan",
        "o'neil",
        "a/b",
        "jan:pw",
        "",
    ]);
    spelled_mail(draw, format!("{local}@{host}"))
}

fn spelled_mail(draw: &mut Draw, mail: String) -> String {
    match draw.below(12) {
        0 => mail.replace('@', draw.one(&["[@]", "[at]", "(at)", "%40", "\\u0040", " @ ", "@@"])),
        1 => mail.to_uppercase(),
        2 => {
            format!("{}{mail}", draw.one(&["x", "é", "-", "x=", "<", "mailto:", "\\n", "a/", "'"]))
        }
        3 => {
            format!("{mail}{}", draw.one(&["x", ".", ":pw", ":pw@hospital.nl", ">", "/x", "@x.nl"]))
        }
        4 => mail.replacen(['a', 'e', 'o'], draw.one(&["ä", "é", "o\u{301}", "Ä", "а"]), 1),
        5 => {
            let sign = mail.find('@').unwrap_or_default();
            let at = mail.char_indices().map(|(at, _)| at).nth(draw.below(sign + 1));
            let at = at.unwrap_or_default().min(sign);
            format!("{}{}{}", &mail[..at], draw.one(&["\u{ad}", "\u{200b}"]), &mail[at..])
        }
        _ => mail,
    }
}

fn url(draw: &mut Draw, row: &AssetRow) -> String {
    let scheme = draw.one(&[
        "http://",
        "https://",
        "hxxp://",
        "hXXps[:]//",
        "http[:]//",
        "//",
        "http:",
        "http:///",
        "irc://",
        "xhttp://",
        "http:/",
        "http:\\/\\/",
        "hxxps[://]",
        "",
    ]);
    let user = draw.one(&["", "", "", "", "user@", "user:pw@", "hospital.nl@", "evil.com\\@", "@"]);
    let asset = near(draw, row);
    let host = match draw.below(5) {
        0 => draw
            .one(&[
                "evil.com",
                "192.0.2.5",
                "[2001:db8:10::1]",
                "3221225989",
                "0300.0.02.05",
                "0xC0000205",
                "localhost",
                "例え.jp",
                "1.2.3",
            ])
            .to_owned(),
        1 if row.kind == "prefix" => format!("[{asset}]"),
        _ => asset.clone(),
    };
    let port = draw.one(&["", "", "", "", ":8080", ":", ":99999", ":x"]);
    let rest = match draw.below(10) {
        0 => format!("/{asset}/x"),
        1 => format!("/?u={asset}"),
        2 => format!("?{asset}"),
        3 => format!("#{asset}"),
        4 => format!("/a/{}", mail(draw, row)),
        5 => format!("/?m={}", mail(draw, row).replace('@', "%40")),
        6 => format!("/r?u=http%3A%2F%2F{asset}%2F"),
        7 => draw
            .one(&["/", "/x(y)", "/a,b;c|d", "/x,http://hospital.nl/", ".", "/'", "/x>"])
            .to_owned(),
        _ => String::new(),
    };
    format!("{scheme}{user}{host}{port}{rest}")
}

/// An address in the value, at its borders or next to them, in some notation.
fn addresses(draw: &mut Draw, value: &str) -> String {
    let bounds = bounds(value);
    let (first, last) = match bounds {
        Bounds::V4(first, last) => (u128::from(first), u128::from(last)),
        Bounds::V6(first, last) => (first, last),
    };
    let pick = |draw: &mut Draw| match draw.below(6) {
        0 => first,
        1 => last,
        2 => first.wrapping_sub(1),
        3 => last.wrapping_add(1),
        _ => first + (u128::from(draw.next()) % (last - first + 1)),
    };
    let (one, other) = (pick(draw), pick(draw));
    match bounds {
        Bounds::V4(..) => v4(draw, one as u32, other as u32),
        Bounds::V6(..) => v6(draw, one, other),
    }
}

enum Bounds {
    V4(u32, u32),
    V6(u128, u128),
}

fn bounds(value: &str) -> Bounds {
    let (first, last) = value.split_once('-').unwrap_or((value, ""));
    let (first, len) = first.split_once('/').unwrap_or((first, ""));
    if let Ok(addr) = first.parse::<Ipv4Addr>() {
        let addr = u32::from(addr);
        let len: u32 = len.parse().unwrap_or(32);
        let block = addr | u32::MAX.checked_shr(len).unwrap_or(0);
        return Bounds::V4(addr, last.parse::<Ipv4Addr>().map_or(block, u32::from));
    }
    let addr = first.parse::<Ipv6Addr>().map_or(0, u128::from);
    let len: u32 = len.parse().unwrap_or(128);
    let block = addr | u128::MAX.checked_shr(len).unwrap_or(0);
    Bounds::V6(addr, last.parse::<Ipv6Addr>().map_or(block, u128::from))
}

fn v4(draw: &mut Draw, one: u32, other: u32) -> String {
    let addr = Ipv4Addr::from(one);
    let [a, b, c, d] = addr.octets();
    let text = addr.to_string();
    match draw.below(28) {
        0 => format!("{text}/{}", draw.below(36)),
        1 => format!("{text}/24"),
        2 => format!("{text}-{}", Ipv4Addr::from(other)),
        3 => format!("{text} - {}", Ipv4Addr::from(other)),
        4 => format!("{text}-{}", draw.below(300)),
        5 => format!("{a}.{b}.{c}.*"),
        6 => format!("{a}.{b}.*.*"),
        7 => format!("{text}/255.255.{}.0", draw.one(&["255", "0", "254", "253"])),
        8 => format!("{a}.{b}.0{c}.{d}"),
        9 => format!("{a}.{b}.{c}.{d:03}"),
        10 => format!("{a}.{b}.{c}.{}", u32::from(d) + 256),
        11 => format!("1{text}"),
        12 => format!("{text}5"),
        13 => format!("{text}.{}", draw.one(&["5", "example.com", "", "nl", "x"])),
        14 => format!("{text}:{}", draw.one(&["80", "8080", "99999", "x", ""])),
        15 => {
            format!("{text}{}", draw.one(&["a", "-", "-rc", "_", "é", "/", ",", ".", "->1.2.3.4"]))
        }
        16 => {
            format!("{}{text}", draw.one(&["v", "-", "_", "é", ".", "x.", "tcp/", "A/", "a:", "*"]))
        }
        17 => text.replacen('.', draw.one(&["[.]", "[dot]", "..", "", ".]", "(.)", ". "]), 1),
        18 => text.replace('.', draw.one(&["[.]", "(.)", "[dot]", "{.}", "[.", "\\."])),
        19 => format!("{d}.{c}.{b}.{a}.in-addr.arpa"),
        20 => format!("{}.{b}.{a}.in-addr.arpa", draw.one(&["0", "2", "02", "256", "2.x"])),
        21 => format!("::ffff:{text}"),
        22 => format!("::ffff:{text}/{}", draw.below(130)),
        23 => format!("::ffff:{:x}:{:x}", one >> 16, one & 0xffff),
        _ => text,
    }
}

fn v6(draw: &mut Draw, one: u128, other: u128) -> String {
    let addr = Ipv6Addr::from(one);
    let text = addr.to_string();
    let groups = addr.segments();
    let long = groups.map(|group| format!("{group:x}")).join(":");
    let full = groups.map(|group| format!("{group:04X}")).join(":");
    let other = Ipv6Addr::from(other);
    match draw.below(24) {
        0 => long,
        1 => full,
        2 => format!("[{text}]:{}", draw.one(&["443", "99999", "x"])),
        3 => format!("[{long}]"),
        4 => format!("{text}/{}", draw.below(132)),
        5 => format!("{text}/48"),
        6 => format!("{text}-{other}"),
        7 => format!("{text} - {other}"),
        8 => format!("{text}%{}", draw.one(&["eth0", "", "1", "a-b", "25eth0"])),
        9 => format!("{}:{text}", draw.one(&["src", "ip6", "a", "1", "", "x.y", "host1"])),
        10 => format!("{text}{}", draw.one(&[":", ".", "-", "g", ":80", "::", "_", "é", ",", "."])),
        11 => format!("{}{text}", draw.one(&[":", "g", "-", ".", "_", "é", "1", "x/"])),
        12 => text.replacen(':', draw.one(&["[:]", ":::", "", "(:)", "::"]), 1),
        13 => text.replace(':', "[:]"),
        14 => {
            let nibbles = format!("{one:032x}");
            let nibbles: Vec<String> = nibbles.chars().rev().map(String::from).collect();
            let skip = draw.one(&[0, 0, 16, 20, 24, 29]);
            format!("{}.ip6.arpa", nibbles[skip..].join("."))
        }
        15 => format!("{long}:1"),
        16 => format!("2001:db8:10::192.0.2.{}", draw.below(300)),
        17 => text.replace(':', draw.one(&["%3A", "%3a", "%253A"])),
        18 => full.replace(':', "%3A"),
        _ => text,
    }
}
