//! URLs of many pieces, whose host and port are what the `url` crate says, or different for a reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use feedsieve::{Format, Image, Inventory, Limits, Role, Roles, Scanner, compile};

use crate::whatwg::{Expected, agrees, expected, found};

/// Names of the inventory, which hosts are made of.
const NAMES: [&str; 6] =
    ["hospital.nl", "www.hospital.nl", "m\u{fc}nchen.de", "stra\u{df}e.de", "a-b.co.uk", "x_y.nl"];

/// Names of the inventory that stand in other parts; whoever takes one for the host is wrong.
const DECOYS: [&str; 3] = ["user.com", "path.com", "query.com"];

/// All addresses are owned too, so that none is read wrongly without notice.
fn image() -> Image {
    let mut csv = String::from("participant,kind,value,accept\n");
    for name in NAMES.into_iter().chain(DECOYS) {
        let _ = writeln!(csv, "A,domain,{name},");
    }
    csv.push_str("B,prefix,0.0.0.0/0,a test\nB,prefix,::/0,a test\n");
    let (inventory, rejected) = Inventory::from_csv(csv.as_bytes()).expect("a header is there");
    assert!(rejected.is_empty(), "{rejected:?}");
    let bytes = compile(&inventory, &Limits::default()).expect("within the limits");
    Image::open(bytes).expect("what was compiled opens")
}

/// Numbers from a seed, the same on every machine (xorshift64*, Marsaglia and Vigna).
struct Draw(u64);

impl Draw {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap_or(0) % count
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

fn url(draw: &mut Draw) -> String {
    let scheme = draw.one(&["http", "https", "ftp", "ws", "wss", "HTTP", "hTtPs", "Ftp"]);
    let slashes = match draw.below(4) {
        0 => draw.one(&["", "/", "\\", "///", "\\\\", "/\\", "\\/", "////", "//\\", "\\\\//"]),
        _ => "//",
    };
    let userinfo = match draw.below(4) {
        0 => draw.one(&[
            "user.com@",
            "user.com:pw@",
            "a@user.com@",
            "user.com%40x@",
            "@",
            ":@",
            "x:1@y:2@",
            "user.com;x@",
            "jan%20x@",
            "http:user.com@",
            "\u{fc}ser@",
            "x!$&'*+,=@",
        ]),
        _ => "",
    };
    let host = host(draw);
    let port = match draw.below(3) {
        0 => draw.one(&[
            ":80",
            ":443",
            ":21",
            ":8080",
            ":0",
            ":00080",
            ":65535",
            ":",
            ":65536",
            ":99999999",
            ":x",
            ":80x",
            ":-1",
            ":%38",
        ]),
        _ => "",
    };
    let path = draw.one(&[
        "",
        "/",
        "/x",
        "/path.com",
        "/a/path.com/",
        "//path.com/x",
        "/a%2Fpath.com",
        "\\path.com",
        "\\@path.com/",
        "/@path.com",
        "/x@path.com",
        "/http://path.com/",
        "/;x=1",
    ]);
    let query = draw.one(&[
        "",
        "",
        "?",
        "?x=query.com",
        "?http://query.com/",
        "#query.com",
        "?a=b@query.com",
        "#@x",
        "?u=//query.com",
        "?x\\query.com",
    ]);
    format!("{scheme}:{slashes}{userinfo}{host}{port}{path}{query}")
}

fn host(draw: &mut Draw) -> String {
    let host = match draw.below(8) {
        0..4 => name(draw),
        4 => number(draw),
        5 => draw
            .one(&[
                "[2001:db8:10::1]",
                "[2001:DB8:10:0:0:0:0:1]",
                "[::]",
                "[::1]",
                "[::ffff:192.0.2.5]",
                "[::ffff:c000:205]",
                "[1::2::3]",
                "[2001:db8:10::1",
                "2001:db8:10::1]",
                "[]",
                "[:]",
                "[2001:db8:10::1%25eth0]",
                "[192.0.2.5]",
                "[2001:db8::/32]",
                "[2001:db8:10::192.0.2.5]",
                "[2001:db8:10::192.0.2.05]",
                "[12345::]",
                "[::1]x",
                "[0:0:0:0:0:ffff:c000:0205]",
            ])
            .to_owned(),
        6 => draw
            .one(&[
                "",
                "localhost",
                ".",
                "..",
                "nl",
                "hospital..nl",
                ".hospital.nl",
                "*.hospital.nl",
                "hospital.nl-",
                "-hospital.nl",
                "hos*pital.nl",
                "hospital.nl!",
                "xn--a.hospital.nl",
                "xn--.hospital.nl",
                "hospital.nl.evil.test",
                "nothospital.nl",
                "hospital%00.nl",
                "hospital.nl%2Fx",
                "hospital%252Enl",
                "hospital.nl%E2%88%95x",
                "hospital%C0%AEnl",
                "hospital.nl%zz",
                "%zz.hospital.nl",
                "hospital.nl%",
                "hospital^.nl",
                "hospital|.nl",
                "hospital.nl,x",
                "hospital.nl;x",
                "a.b.c.d.e.f.hospital.nl",
                "hospital.nl\u{3068}",
                "\u{5d0}1.hospital.nl",
                "1.hospital.nl",
                "1a.hospital.nl",
                "hospital.0x.nl",
            ])
            .to_owned(),
        _ => {
            format!("{}.{}", draw.one(&["a", "1", "xn--tda", "\u{fc}", "a%2db", "A_B"]), name(draw))
        }
    };
    match draw.below(12) {
        0 => format!("{host}."),
        1 => format!("{host}%2e"),
        2 => format!("{host}\u{3002}"),
        _ => host,
    }
}

/// A name of the inventory in some spelling.
fn name(draw: &mut Draw) -> String {
    let name = draw.one(&NAMES);
    let mut spelled = String::new();
    let (encoded, odd) = (draw.once_in(3), draw.once_in(4));
    for c in name.chars() {
        let mut utf8 = [0; 4];
        match c {
            '.' if odd => spelled.push_str(draw.one(&[".", "\u{3002}", "\u{ff0e}", "\u{ff61}"])),
            c if encoded && draw.once_in(3) => {
                for byte in c.encode_utf8(&mut utf8).bytes() {
                    let _ = match draw.once_in(2) {
                        true => write!(spelled, "%{byte:02X}"),
                        false => write!(spelled, "%{byte:02x}"),
                    };
                }
            }
            'a'..='z' if odd && draw.once_in(4) => {
                let wide = u32::from(c) - u32::from('a') + 0xff41;
                spelled.push(char::from_u32(wide).expect("a letter in full width"));
            }
            '\u{fc}' if odd => spelled.push_str("u\u{308}"),
            c if draw.once_in(4) => spelled.extend(c.to_uppercase()),
            c => spelled.push(c),
        }
        if odd && draw.once_in(9) {
            spelled.push_str(draw.one(&["\u{ad}", "\u{200b}", "\u{2060}", "%C2%AD"]));
        }
    }
    spelled
}

/// An IPv4 address as browsers read it, or nearly.
fn number(draw: &mut Draw) -> String {
    let address = draw.below(usize::MAX) as u32;
    let octets = address.to_be_bytes();
    let parts = 1 + draw.below(4);
    let rest = match parts {
        1 => address,
        parts => address & (u32::MAX >> (8 * (parts - 1))),
    };
    let mut numbers: Vec<u32> = octets[..parts - 1].iter().map(|&octet| octet.into()).collect();
    numbers.push(rest);
    if draw.once_in(8) {
        numbers.push(draw.below(300) as u32);
    }
    let mut written = |number: u32| match draw.below(8) {
        0 => format!("0x{number:x}"),
        1 => format!("0X{number:X}"),
        2 => format!("0{number:o}"),
        3 => format!("{:?}", u64::from(number) + (draw.below(2) as u64) * 256),
        4 => format!("0{number}"),
        _ => number.to_string(),
    };
    let numbers: Vec<_> = numbers.into_iter().map(&mut written).collect();
    let text = numbers.join(".");
    match draw.below(6) {
        0 => text.replacen(|c: char| c.is_ascii_digit(), "%3%", 1).replace("%3%", "%31"),
        1 => text.replace('1', "\u{ff11}"),
        _ => text,
    }
}

const URLS: usize = 60_000;

#[test]
fn hosts_are_those_of_the_url_standard() {
    let image = image();
    let scanner = Scanner::new(&image).format(Format::Text).roles(Roles::ALL).local_space(true);
    let mut draw = Draw(0x5eed);
    let (mut wrong, mut wrong_count) = (String::new(), 0);
    let (mut hosts, mut nothing, mut differ) = (0, 0, BTreeMap::new());
    for _ in 0..URLS {
        let url = url(&mut draw);
        let mut wanted = expected(&url);
        match &wanted {
            Expected::Differs(why) => *differ.entry(*why).or_insert(0) += 1,
            Expected::Host(host, _) if is_owned(host) => hosts += 1,
            Expected::Host(..) | Expected::Nothing | Expected::Text => nothing += 1,
        }
        if matches!(&wanted, Expected::Host(host, _) if !is_owned(host)) {
            wanted = Expected::Nothing;
        }
        let mut found = found(&scanner, &url);
        found.retain(|(_, role, _)| *role != Role::Userinfo);
        let is_right = agrees(&url, &found, &wanted);
        if !is_right {
            wrong_count += 1;
            if wrong_count <= 40 {
                let _ = writeln!(wrong, "  {url:?}: found {found:?}, the standard: {wanted:?}");
            }
        }
    }
    println!("{URLS} URLs: {hosts} hosts, {nothing} without one, and differences:");
    differ.iter().for_each(|(why, count)| println!("{count:7}  {why}"));
    assert!(wrong_count == 0, "{wrong_count} URLs:\n{wrong}");
    assert_eq!(hosts + nothing + differ.values().sum::<usize>(), URLS);
    assert!(hosts > URLS / 3 && nothing > URLS / 20, "{hosts} hosts, {nothing} without one");
}

/// Whether somebody owns the host.
fn is_owned(host: &str) -> bool {
    let is_at_or_under = |name: &&str| {
        let name = feedsieve::canonical_name(name).expect("a name of the inventory");
        host.strip_suffix(&*name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    host.parse::<std::net::IpAddr>().is_ok() || NAMES.iter().chain(&DECOYS).any(is_at_or_under)
}
