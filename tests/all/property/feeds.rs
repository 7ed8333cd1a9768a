//! Feeds of each format, with pieces in their fields.

use feedsieve_tests::{AssetRow, Format};

use super::documents::documents;
use super::lines::lines;
use super::pieces::{Draw, mail, near, run};

/// What stands first, and the pieces of the rest.
pub(super) fn feed(
    draw: &mut Draw,
    inventory: &[AssetRow],
    format: Format,
) -> (String, Vec<Vec<u8>>) {
    let mut pieces = Vec::new();
    match format {
        Format::Text | Format::List => {
            for _ in 0..1 + draw.below(10) {
                pieces.extend(run(draw, inventory));
                if draw.chance(3) {
                    pieces.push(draw.one(&["\n", "\n", "\r\n", "\n\n", "\r"]).into());
                }
            }
            (draw.one(&["", "", "", "", "", "\u{feff}"]).to_owned(), pieces)
        }
        Format::Csv | Format::Tsv => {
            let separator = if format == Format::Csv { "," } else { "\t" };
            let head = table_head(draw, inventory, format, separator);
            for _ in 0..1 + draw.below(4) {
                for column in 0..1 + draw.below(7) {
                    if column > 0 {
                        pieces.push(separator.into());
                    }
                    let field = match draw.below(5) {
                        0 => vec![draw.one(FACTS).into()],
                        _ => run(draw, inventory),
                    };
                    match draw.below(3) {
                        0 if format == Format::Csv => pieces.extend(quoted(field)),
                        _ => pieces.extend(field),
                    }
                }
                pieces.push(draw.one(&["\n", "\n", "\r\n"]).into());
            }
            (head, pieces)
        }
        Format::Ndjson => {
            for _ in 0..1 + draw.below(4) {
                match draw.below(4) {
                    0 => pieces.extend(run(draw, inventory)),
                    _ => pieces.extend(object(draw, inventory)),
                }
                pieces.push(draw.one(&["\n", "\n", "\r\n"]).into());
            }
            (String::new(), pieces)
        }
        Format::Json | Format::Stix | Format::Misp => {
            (String::new(), documents(draw, inventory, format))
        }
        _ => (String::new(), lines(draw, inventory, format)),
    }
}

fn quoted(field: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let double = |piece: Vec<u8>| -> Vec<u8> {
        piece.into_iter().flat_map(|b| if b == b'"' { vec![b, b] } else { vec![b] }).collect()
    };
    let mut pieces = vec![b"\"".to_vec()];
    pieces.extend(field.into_iter().map(double));
    pieces.push(b"\"".to_vec());
    pieces
}

/// What stands before the records of a table: a header, a comment that may be one, or data.
fn table_head(draw: &mut Draw, inventory: &[AssetRow], format: Format, separator: &str) -> String {
    let cells: Vec<String> = match draw.below(4) {
        0 => ["id", "host", "note", "url", "password", "ua"].map(str::to_owned).into(),
        1 => ["1", "2", "3"].map(str::to_owned).into(),
        _ => {
            let mut cells: Vec<_> =
                (0..1 + draw.below(7)).map(|_| draw.one(COLUMNS).to_owned()).collect();
            if draw.chance(4) {
                let (row, at) = (draw.one(inventory), draw.below(cells.len()));
                cells[at] = if draw.chance(3) { mail(draw, &row) } else { near(draw, &row) };
            }
            cells
        }
    };
    let cells = if draw.chance(8) { draw.one(PAIRS).map(str::to_owned).into() } else { cells };
    let names = cells.join(separator);
    // Otherwise the product finds out by itself what separates the fields.
    let asked = if format == Format::Csv { "sep=,\n" } else { "" };
    match draw.below(6) {
        0 => format!("#{}{names}\n{asked}", draw.one(&["", " ", "\t", "# "])),
        1 => format!("# x\n# {names}\r\n#\n\n{asked}"),
        2 => format!("{asked}{separator}{separator}\n{names}\n"),
        _ => format!("{asked}{names}{}", draw.one(&["\n", "\n", "\r\n", "\n\n"])),
    }
}

/// Columns of which two may be one indicator.
const PAIRS: &[[&str; 3]] = &[
    ["start", "end", "netmask"],
    ["x", "Start IP", "end_ip"],
    ["to", "from", "x"],
    ["from", "to", "port"],
    ["network", "prefixlen", "x"],
    ["mask", "x", "network"],
];

/// Texts that are times, ports, protocols, tags, lengths and ends of ranges, or nearly.
const FACTS: &[&str] = &[
    "443",
    "0",
    "65536",
    "tcp",
    "17",
    "-",
    "x; y",
    "2026-11-22",
    "2026-11-22 01:02:03",
    "2026-11-22T01:02:60.5+05:30",
    "2026-02-29T01:02:03Z",
    "1795309323.25",
    "1795309323000",
    "1970-01-01T00:00:00Z",
    "24",
    "255.255.255.0",
    "192.0.2.255",
    " 192.0.0.0 ",
    "203.0.113.255",
    "2001:db8::",
];

/// Names of columns, and what may be taken for one.
const COLUMNS: &[&str] = &[
    "",
    "",
    " ",
    "id",
    "host",
    "note",
    "password",
    "api-token",
    "user.password",
    "x password",
    "pw:",
    "passwords",
    "ua",
    "server.version",
    "http.user_agent",
    "version",
    "versions",
    "reference",
    "reporter",
    "cn",
    "san",
    "user.name",
    "event.id",
    "url.full",
    "ip:port",
    "src/dst",
    "2fa",
    "-",
    "*",
    "N/A",
    "(a)",
    "%",
    "#",
    "a..b",
    "\"q\"",
    "\"a \"\"b\"\"\"",
    "é",
    "@timestamp",
    "user@host",
    "a::z",
    "::",
    "may",
    "e5",
    "1",
    "-2.5",
    "2026-01-01",
    "12:30",
    "$5",
    "1e5",
    "5 EUR",
    "Jan 2026",
    "2026-01-01T12:30:00Z",
    "evil.com",
    "http://x/",
    "x.test",
    "port",
    "src_ip",
    "src_port",
    "dstip",
    "timestamp",
    "date_utc",
    "proto",
    "tag",
    "source",
];

fn object(draw: &mut Draw, inventory: &[AssetRow]) -> Vec<Vec<u8>> {
    let mut pieces: Vec<Vec<u8>> = vec![b"{".to_vec()];
    for index in 0..1 + draw.below(4) {
        if index > 0 {
            pieces.push(b",".to_vec());
        }
        pieces.push(format!("\"{}\"{}", draw.one(KEYS), draw.one(&[":", ":", " : "])).into());
        match draw.below(7) {
            0 => pieces
                .push(draw.one(&["1", "-2.5", "true", "null", "{}", "[]", "192.0.2.5"]).into()),
            3 => pieces.push(format!("\"{}\"", draw.one(FACTS)).into()),
            1 => {
                pieces.push(b"[".to_vec());
                pieces.extend(string(draw, inventory));
                pieces.push(b",".to_vec());
                pieces.extend(string(draw, inventory));
                pieces.push(b"]".to_vec());
            }
            2 => pieces.extend(nested(draw, inventory)),
            _ => pieces.extend(string(draw, inventory)),
        }
    }
    pieces.push(b"}".to_vec());
    pieces
}

/// Objects and arrays within one another, and one string in all.
fn nested(draw: &mut Draw, inventory: &[AssetRow]) -> Vec<Vec<u8>> {
    let depth = if draw.chance(16) { 140 } else { 1 + draw.below(4) };
    let (mut open, mut close) = (Vec::new(), Vec::new());
    for _ in 0..depth {
        let (begin, end) = match draw.below(4) {
            0 => ("[".to_owned(), "]"),
            1 => ("[1,{},".to_owned(), "]"),
            _ => (format!("{{\"{}\":", draw.one(KEYS)), "}"),
        };
        open.push(begin.into_bytes());
        close.push(end.as_bytes().to_vec());
    }
    close.reverse();
    [open, string(draw, inventory), close].concat()
}

pub(super) const KEYS: &[&str] = &[
    "a",
    "a",
    "b",
    "host",
    "n",
    "pw",
    "a/b~",
    "cn",
    "",
    "version",
    "ua",
    "user-agent",
    "user",
    "agent",
    "external_references",
    "reporter",
    "x/token",
    "x~pw",
    "x~1pw",
    "user.password",
    "common_name",
    "m\\u0061p",
    "p\\u0077",
    "port",
    "src_ip",
    "src_port",
    "source",
    "time",
    "tag",
    "tags",
    "proto",
];

pub(super) fn string(draw: &mut Draw, inventory: &[AssetRow]) -> Vec<Vec<u8>> {
    let mut pieces = vec![b"\"".to_vec()];
    for piece in run(draw, inventory) {
        // An `@` behind a quote has to be written as such.
        let is_quoted = piece.contains(&b'"');
        let all = draw.chance(8) && !is_quoted;
        pieces.push(match String::from_utf8(piece) {
            Ok(text) => {
                text.chars().map(|c| json_char(draw, c, all, is_quoted)).collect::<String>().into()
            }
            Err(bytes) => bytes.into_bytes(),
        });
    }
    pieces.push(b"\"".to_vec());
    pieces
}

fn json_char(draw: &mut Draw, c: char, all: bool, is_quoted: bool) -> String {
    let mut units = [0; 2];
    match c {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        '/' if draw.chance(3) => "\\/".into(),
        // Nobody escapes the dash of a range, or the blanks round it.
        '-' | ' ' => c.into(),
        '@' if is_quoted => "@".into(),
        c if c < ' ' || all || draw.chance(40) => {
            c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
        }
        c => c.into(),
    }
}
