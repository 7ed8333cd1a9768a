//! Nothing from outside steers a terminal or becomes a formula, whatever it is made of.

use std::collections::BTreeMap;

use super::*;

/// What steers terminals, turns text around, begins formulas, quotes, and what stands between.
const PIECES: [&str; 38] = [
    "\u{1b}[2J",
    "\u{1b}]0;x\u{7}",
    "\u{9b}31m",
    "\u{9d}",
    "\u{85}",
    "\r",
    "\u{8}",
    "\u{7f}",
    "\u{1}",
    "\u{202e}",
    "\u{2066}",
    "\u{2069}",
    "\u{200e}",
    "\u{61c}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\u{200b}",
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\u{ff1d}",
    "\u{ff20}",
    "\"",
    "'",
    ",",
    ";",
    "|",
    " ",
    "a",
    "\u{e9}",
    "=cmd|'/C calc'!A0",
    "%0a",
    "\\u001b[2J",
    "\\",
    "\\x",
];

fn drawn(random: &mut Random, most: u64) -> String {
    let count = 1 + random.below(most);
    (0..count).map(|_| PIECES[random.below(PIECES.len() as u64) as usize]).collect()
}

/// Cells of CSV, as RFC 4180 has them.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(cell.is_empty() && row.is_empty() && !quoted, "it ends with a row");
    rows
}

/// What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
fn is_formula(cell: &str) -> bool {
    cell.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

/// A feed whose first record holds an address, and what else of it is copied into hits.
struct Feed {
    format: &'static str,
    /// The record without its line end.
    record: String,
    /// What stands before the record.
    head: String,
    key: String,
    tag: String,
    note: String,
}

impl Feed {
    fn draw(random: &mut Random) -> Self {
        let [key, tag, note] = std::array::from_fn(|_| drawn(random, 6));
        let json = |text: &str| Value::from(text).to_string();
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let time = "2026-11-22T10:00:00Z";
        let (format, head, record) = match random.below(3) {
            0 => (
                "csv",
                format!("{},time,tag,note\n", quoted(&key)),
                format!("192.0.2.7,{time},{},{}", quoted(&tag), quoted(&note)),
            ),
            1 => (
                "ndjson",
                String::new(),
                format!(
                    "{{\"time\":\"{time}\",\"tag\":{},{}:[\"192.0.2.7\"],\"note\":{}}}",
                    json(&tag),
                    json(&key),
                    json(&note)
                ),
            ),
            _ => (
                "text",
                String::new(),
                format!("{note} 192.0.2.7 {tag} www[.]hos\u{200b}pital.example {key}"),
            ),
        };
        Self { format, record, head, key, tag, note }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{}{}\n", self.head, self.record).into_bytes();
        // Bytes of no encoding, too.
        bytes.extend(b"192.0.2.8 \xff\xfe\x80 www.hospital.example\n");
        bytes
    }

    /// What is to be copied into hits.
    fn kept(&self) -> &'static str {
        if self.format == "csv" { "note" } else { "/note" }
    }

    /// Whether a hit says what the record does.
    fn check(&self, row: &Value) {
        if row["indicator"] != "192.0.2.7" {
            return;
        }
        // A carriage return at the end belongs to the line end, a byte order mark to none.
        let record = self.record.strip_suffix('\r').unwrap_or(&self.record);
        let record =
            if self.head.is_empty() { record.trim_start_matches('\u{feff}') } else { record };
        assert_eq!(row["record"], record, "{row}");
        match self.format {
            "text" => assert!(row["field"].is_null() && row["tag"].is_null(), "{row}"),
            format => {
                let field = row["field"].as_str().expect("a field");
                let pointer = format!("/{}/0", self.key.replace('~', "~0").replace('/', "~1"));
                let expected = match (format, self.key.trim()) {
                    ("ndjson", _) => &pointer,
                    (_, "") => "col1",
                    (_, name) => name,
                };
                assert_eq!(field, expected, "{row}");
                assert_eq!(row["time"], "2026-11-22T10:00:00Z");
                // A dash says that nothing is known.
                let tag = Some(self.tag.trim_ascii()).filter(|tag| !["", "-"].contains(tag));
                assert_eq!(row["tag"].as_str(), tag, "{row}");
                assert_eq!(row["data"][self.kept()], self.note, "{row}");
            }
        }
    }
}

#[test]
fn no_name_or_text_of_a_feed_steers_a_terminal_or_becomes_a_formula() {
    let place = Place::new();
    let mut random = Random::new(5);
    let (mut steering, mut all_lines) = (0, String::new());
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..rounds(25, 1000) {
        let name = format!("{}.x", drawn(&mut random, 6).replace('/', ""));
        let feed = Feed::draw(&mut random);
        steering += usize::from(feed.record.contains(is_steering));
        place.write(&name, feed.bytes());
        // A label that a control stands in is refused; the others are shown as they are.
        let label: String = drawn(&mut random, 6)
            .chars()
            .filter(|c| !is_steering(*c) && *c != '\u{feff}' && *c != '\u{200b}')
            .collect();
        let quoted = format!("\"{}\"", label.replace('"', "\"\""));
        place.write(
            "l.csv",
            format!(
                "participant,kind,value,label\n=1+1,prefix,192.0.2.0/24,{quoted}\n\
                 =1+1,domain,hospital.example,{quoted}\n"
            ),
        );
        for form in ["table", "ndjson", "csv", "intelmq"] {
            let fields = ["--with-record", "--keep", feed.kept()];
            let options = ["-p", "l.csv", "-o", form, "--progress", "always", "--skip-bad-rows"];
            let format = ["-f", feed.format, "--", &name];
            let copied = match (form, feed.format) {
                ("table", _) => 0,
                (_, "text") => 1,
                _ => fields.len(),
            };
            let scan = place.scan(&[&options[..], &fields[..copied], &format].concat());
            assert!(scan.code < 2, "{}", scan.err);
            assert_harmless(&scan.out);
            assert_harmless(&scan.err);
            if ["ndjson", "intelmq"].contains(&form) {
                let rows = scan.rows();
                all_lines.push_str(&scan.out);
                for row in rows.iter().filter(|_| form == "ndjson") {
                    assert_eq!(row["label"].as_str().unwrap_or_default(), label.trim_ascii());
                    assert_eq!(row["feed"], name);
                    feed.check(row);
                    for key in ["field", "tag", "data", "raw", "record", "label", "time"] {
                        *seen.entry(key).or_default() += usize::from(!row[key].is_null());
                    }
                }
            }
            if form == "csv" {
                let cells = cells(&scan.out);
                assert!(cells.iter().all(|row| row.len() == cells[0].len()));
                for cell in cells.iter().flatten() {
                    assert!(!is_formula(cell), "{cell:?}");
                }
            }
        }
        fs::remove_file(place.path(&name)).expect("deleted");
        // One that is gone is named in a message.
        let gone = place.scan(&["--", &name]);
        assert_harmless(&gone.exits(2).err);
    }
    // What serde_json takes, another reader takes too.
    place.write("all.ndjson", &all_lines);
    let script = "import json, sys\nn = 0\nfor line in open(sys.argv[1], encoding='utf-8', newline='\\n'):\n \
                  assert isinstance(json.loads(line), dict)\n n += 1\nprint(n)";
    let mut python = Command::new("python3");
    let output =
        python.args(["-c", script]).arg(place.path("all.ndjson")).output().expect("Python");
    let ran = Ran::of(&output);
    assert_eq!(ran.exits(0).out.trim(), all_lines.matches('\n').count().to_string());
    println!(
        "promise D4: {} lines are JSON, in {} feeds; none steers or is a formula",
        ran.out.trim(),
        rounds(25, 1000)
    );
    assert!(steering > 10, "{steering} feeds would steer a terminal");
    assert!(seen.len() == 7 && seen.values().all(|&rows| rows > 5), "{seen:?}");
}
