//! Documents of JSON, pretty-printed and compact, whole and torn, with pieces in their strings.

use feedsieve_tests::{AssetRow, Format};

use super::feeds::{KEYS, string};
use super::pieces::{Draw, near, run};

/// The pieces of some documents, of which usually there is one.
pub(super) fn documents(draw: &mut Draw, inventory: &[AssetRow], format: Format) -> Vec<Vec<u8>> {
    let mut printer = Printer { style: draw.below(4), pieces: Vec::new(), format };
    if draw.chance(12) {
        printer.pieces.push(b"# a heading of a@example.com\n".to_vec());
    }
    for _ in 0..if draw.chance(6) { 1 + draw.below(3) } else { 1 } {
        printer.value(draw, inventory, 0);
        printer.push(draw.one(&["", "\n", "\n", "\r\n", ",", " "]));
    }
    let mut pieces = printer.pieces;
    // What is malformed costs the names of fields at most.
    if draw.chance(3) {
        for _ in 0..1 + draw.below(3) {
            let at = draw.below(pieces.len());
            match draw.below(3) {
                0 => drop(pieces.remove(at)),
                1 => pieces.insert(at, draw.one(ODD).into()),
                _ => pieces.splice(at..at, run(draw, inventory)).for_each(drop),
            }
            if pieces.is_empty() {
                pieces.push(b"x".to_vec());
            }
        }
    }
    pieces
}

/// What stands in no document, or not there.
const ODD: &[&str] = &[
    "\"",
    "\"",
    "{",
    "[",
    "}",
    "]",
    "}}",
    ",",
    ",,",
    ":",
    "\\",
    "\\\"",
    "\n",
    "\r\n",
    "x",
    "'",
    "\"Attribute\":[",
    "\"objects\": [",
    "\"a\"\n:",
    "\"list\":\n[",
    "\\\\",
    "\"\\",
    "1 ",
];

struct Printer {
    /// How it is laid out.
    style: usize,
    pieces: Vec<Vec<u8>>,
    format: Format,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.pieces.push(text.into());
    }

    /// What stands between values.
    fn gap(&mut self, depth: usize) {
        match self.style {
            0 => {}
            1 => self.push(" "),
            2 => self.push(&format!("\n{}", "  ".repeat(depth))),
            _ => self.push(&format!("\r\n{}", "\t".repeat(depth))),
        }
    }

    fn value(&mut self, draw: &mut Draw, inventory: &[AssetRow], depth: usize) {
        let room = 5_usize.saturating_sub(depth);
        match draw.below(9) {
            0..4 if room > 0 => self.object(draw, inventory, depth),
            4 | 5 if room > 0 => self.array(draw, inventory, depth),
            6 => self.push(draw.one(&["1", "-2.5", "true", "null", "{}", "[]", "192.0.2.5"])),
            7 => {
                let row = draw.one(inventory);
                let text = near(draw, &row).replace(['"', '\\', '\n', '\r'], "");
                self.push(&format!("\"{text}\""));
            }
            _ if depth == 0 => self.object(draw, inventory, depth),
            _ => self.pieces.extend(string(draw, inventory)),
        }
    }

    fn array(&mut self, draw: &mut Draw, inventory: &[AssetRow], depth: usize) {
        self.push("[");
        for index in 0..draw.below(4) {
            if index > 0 {
                self.push(",");
            }
            self.gap(depth + 1);
            self.value(draw, inventory, depth + 1);
        }
        self.gap(depth);
        self.push("]");
    }

    fn object(&mut self, draw: &mut Draw, inventory: &[AssetRow], depth: usize) {
        self.push("{");
        for index in 0..draw.below(5) {
            if index > 0 {
                self.push(",");
            }
            self.gap(depth + 1);
            let key = match draw.below(3) {
                0 => draw.one(KEYS),
                _ => draw.one(keys(self.format)),
            };
            self.push(&format!("\"{key}\"{}", draw.one(&[":", ": ", ": ", " : ", ":\n"])));
            match key {
                "Attribute" | "Object" | "list" | "response" | "objects" => {
                    self.array(draw, inventory, depth + 1);
                }
                "pattern" => self.pattern(draw, inventory),
                "value" => self.parts(draw, inventory),
                "type" => {
                    let kind = draw.one(&["domain", "domain|ip", "ip-dst|port", "link", "comment"]);
                    self.push(&format!("\"{kind}\""));
                }
                "category" => self.push("\"Internal reference\""),
                _ => self.value(draw, inventory, depth + 1),
            }
        }
        self.gap(depth);
        self.push("}");
    }

    /// Two values, or what is nearly so.
    fn parts(&mut self, draw: &mut Draw, inventory: &[AssetRow]) {
        self.push("\"");
        for index in 0..1 + draw.below(3) {
            if index > 0 {
                self.push("|");
            }
            let row = draw.one(inventory);
            let text = if draw.chance(4) { "443".to_owned() } else { near(draw, &row) };
            self.push(&text.replace(['"', '\\', '\n', '\r'], ""));
        }
        self.push("\"");
    }

    fn pattern(&mut self, draw: &mut Draw, inventory: &[AssetRow]) {
        let between = draw.one(&["", "", " ", " ", "\\n"]);
        self.push("\"[");
        for _ in 0..1 + draw.below(3) {
            self.push(draw.one(PATHS));
            self.push(between);
            self.push(draw.one(OPERATORS));
            self.push(between);
            for _ in 0..1 + draw.below(2) {
                let row = draw.one(inventory);
                let text = near(draw, &row).replace(['"', '\\', '\n', '\r', '\''], "");
                let quote = draw.one(&["'", "'", "'", "'", "'", "\\u0027", ""]);
                self.push(&format!("{quote}{text}{quote}"));
                self.push(draw.one(&["", "", ", ", ")", "\\\\'"]));
            }
            self.push(draw.one(&["] ", " ", "", " OR ", " AND ", " FOLLOWEDBY ["]));
        }
        self.push(draw.one(&["]\"", "]\"", "\""]));
    }
}

const PATHS: &[&str] = &[
    "domain-name:value",
    "domain-name:value",
    "ipv4-addr:value",
    "url:value",
    "network-traffic:dst_ref.value",
    "domain-name:resolves_to_refs[*].value",
    "file:name",
    "file:hashes.'SHA-256'",
    "x:values",
    "value",
    "",
];

const OPERATORS: &[&str] = &[
    "=",
    "=",
    "=",
    "!=",
    "IN (",
    " ISSUBSET ",
    " ISSUPERSET ",
    " LIKE ",
    " MATCHES ",
    " NOT = ",
    " NOT IN (",
    "",
    ">=",
    " AND ",
];

fn keys(format: Format) -> &'static [&'static str] {
    match format {
        Format::Stix => &["objects", "objects", "pattern", "pattern", "type", "value", "name"],
        Format::Misp => &[
            "Event",
            "Attribute",
            "Attribute",
            "Object",
            "response",
            "list",
            "value",
            "value",
            "type",
            "category",
            "comment",
            "refs",
            "Tag",
            "name",
        ],
        _ => &["data", "items", "password", "references", "name", "objects", "cert"],
    }
}
