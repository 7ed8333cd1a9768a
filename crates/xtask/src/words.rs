//! Words that look like the names of hosts, towns and people.

use crate::random::Random;
use crate::text::{Short, push_decimal};

/// Syllables and endings, drawn from in natural proportions.
#[derive(Debug)]
pub(crate) struct Words {
    syllables: Vec<Short>,
    /// Each ending as often as its weight, so that one draw picks it.
    endings: Vec<Short>,
}

const ONSETS: [&str; 28] = [
    "b", "br", "c", "ch", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p",
    "pr", "r", "s", "sh", "st", "t", "tr", "v", "w", "z",
];
const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "e", "a", "ee"];
const CODAS: [&str; 8] = ["", "", "", "", "n", "r", "l", "s"];

/// Endings under which names are registered, and roughly how often in a thousand.
const ENDINGS: [(&str, usize); 48] = [
    ("com", 390),
    ("net", 70),
    ("org", 55),
    ("de", 48),
    ("nl", 40),
    ("co.uk", 32),
    ("ru", 32),
    ("cn", 30),
    ("com.br", 22),
    ("info", 20),
    ("io", 20),
    ("fr", 18),
    ("xyz", 18),
    ("it", 15),
    ("top", 14),
    ("eu", 13),
    ("pl", 12),
    ("com.au", 11),
    ("be", 10),
    ("ch", 10),
    ("online", 9),
    ("in", 9),
    ("co", 8),
    ("ca", 8),
    ("es", 8),
    ("se", 7),
    ("biz", 6),
    ("site", 6),
    ("shop", 6),
    ("us", 6),
    ("cz", 6),
    ("at", 6),
    ("co.jp", 5),
    ("dk", 5),
    ("me", 5),
    ("co.za", 4),
    ("com.tr", 4),
    ("com.cn", 4),
    ("github.io", 4),
    ("app", 4),
    ("dev", 4),
    ("no", 4),
    ("fi", 3),
    ("gr", 3),
    ("ro", 3),
    ("hu", 3),
    ("or.jp", 2),
    ("gov.uk", 1),
];

/// What companies put behind the word that is theirs.
const TAILS: [&str; 16] = [
    "shop", "online", "tech", "group", "media", "hosting", "bank", "care", "web", "soft", "store",
    "net", "lab", "travel", "design", "host",
];

const HOSTS: [Short; 24] = [
    Short::new("mail"),
    Short::new("www"),
    Short::new("smtp"),
    Short::new("webmail"),
    Short::new("ns1"),
    Short::new("ns2"),
    Short::new("api"),
    Short::new("dev"),
    Short::new("static"),
    Short::new("cdn"),
    Short::new("img"),
    Short::new("vpn"),
    Short::new("remote"),
    Short::new("portal"),
    Short::new("app"),
    Short::new("login"),
    Short::new("ftp"),
    Short::new("m"),
    Short::new("blog"),
    Short::new("shop"),
    Short::new("autodiscover"),
    Short::new("mx"),
    Short::new("test"),
    Short::new("gw"),
];

impl Words {
    pub(crate) fn new() -> Self {
        let mut syllables = Vec::new();
        for (row, onset) in ONSETS.iter().enumerate() {
            for (column, vowel) in VOWELS.iter().enumerate() {
                let coda = CODAS[(row * 3 + column) % CODAS.len()];
                syllables.push(Short::new(&format!("{onset}{vowel}{coda}")));
            }
        }
        let endings = ENDINGS
            .iter()
            .flat_map(|&(ending, weight)| std::iter::repeat_n(Short::new(ending), weight))
            .collect();
        Self { syllables, endings }
    }

    /// Some syllables, at least one.
    pub(crate) fn syllables(&self, random: &mut Random, count: u64, out: &mut Vec<u8>) {
        // One draw serves a whole word: there are no more than 256 syllables.
        let mut bits = random.bits();
        for _ in 0..count.clamp(1, 8) {
            let at = ((bits & 0xff) * self.syllables.len() as u64) >> 8;
            self.syllables[at as usize].push(out);
            bits >>= 8;
        }
    }

    /// A word as of a surname or a town.
    pub(crate) fn word(&self, random: &mut Random, out: &mut Vec<u8>) {
        let count = 2 + random.below(2);
        self.syllables(random, count, out);
    }

    /// A word in capitals, as Shadowserver writes regions and cities.
    pub(crate) fn capitals(&self, random: &mut Random, out: &mut Vec<u8>) {
        let begin = out.len();
        self.word(random, out);
        if random.percent(15) {
            out.push(b' ');
            self.word(random, out);
        }
        out[begin..].make_ascii_uppercase();
    }

    /// A name as one registers it: a label and an ending.
    pub(crate) fn registered(&self, random: &mut Random, out: &mut Vec<u8>) {
        let bits = random.bits();
        let syllables = match bits & 15 {
            0 => 1,
            1..=5 => 2,
            6..=12 => 3,
            _ => 4,
        };
        self.syllables(random, syllables, out);
        match (bits >> 4) & 63 {
            0..=3 => {
                out.push(b'-');
                self.syllables(random, 2, out);
            }
            4..=8 => out.extend_from_slice(TAILS[(bits >> 16) as usize % TAILS.len()].as_bytes()),
            9..=12 => push_decimal(out, (bits >> 16) % 1000),
            // One syllable alone would be a name that half the world shares.
            _ if syllables == 1 => push_decimal(out, (bits >> 16) % 100_000),
            _ => {}
        }
        out.push(b'.');
        let at = ((bits >> 32) * self.endings.len() as u64) >> 32;
        self.endings[at as usize].push(out);
    }

    /// No label, one or up to three, each with its dot behind it.
    pub(crate) fn below_registered(&self, random: &mut Random, out: &mut Vec<u8>) {
        let labels = match random.below(100) {
            0..38 => 0,
            38..78 => 1,
            78..94 => 2,
            _ => 3,
        };
        for place in (0..labels).rev() {
            self.host_label(random, place == 0, out);
            out.push(b'.');
        }
    }

    fn host_label(&self, random: &mut Random, nearest: bool, out: &mut Vec<u8>) {
        match random.below(100) {
            0..30 if nearest => out.extend_from_slice(b"www"),
            0..62 => HOSTS[random.index(HOSTS.len())].push(out),
            62..74 => {
                HOSTS[random.index(HOSTS.len())].push(out);
                out.push(b'-');
                push_decimal(out, random.below(100));
            }
            74..84 => {
                out.extend_from_slice(
                    random.pick(&["host", "static", "ip", "dyn", "c"]).as_bytes(),
                );
                let bits = random.bits();
                for shift in [0, 8, 16, 24] {
                    out.push(b'-');
                    push_decimal(out, (bits >> shift) & 255);
                }
            }
            _ => self.word(random, out),
        }
    }

    /// What stands before the @ of a mail address.
    pub(crate) fn local_part(&self, random: &mut Random, out: &mut Vec<u8>) {
        match random.below(10) {
            0..2 => {
                let roles = ["info", "admin", "sales", "support", "contact", "noreply", "office"];
                out.extend_from_slice(random.pick(&roles).as_bytes());
            }
            2..6 => {
                self.word(random, out);
                out.push(b'.');
                self.word(random, out);
            }
            6..8 => {
                out.push(b'a' + random.below(26) as u8);
                out.push(b'.');
                self.word(random, out);
            }
            _ => {
                self.word(random, out);
                push_decimal(out, random.below(100));
            }
        }
    }
}
