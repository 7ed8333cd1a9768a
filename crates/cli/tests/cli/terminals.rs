//! Nothing from outside steers a terminal or becomes a formula, whatever it is made of.

use super::*;

/// What steers terminals, turns text around, begins formulas, quotes, and what stands between.
const PIECES: [&str; 36] = [
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

#[test]
fn no_name_or_text_of_a_feed_steers_a_terminal_or_becomes_a_formula() {
    let place = Place::new();
    let mut random = Random::new(5);
    let (mut steering, mut all_lines) = (0, String::new());
    for _ in 0..rounds(25, 1000) {
        let draw = |random: &mut Random| drawn(random, 6);
        let name = format!("{}.x", draw(&mut random).replace('/', ""));
        let (key, tag, value) = (draw(&mut random), draw(&mut random), draw(&mut random));
        let json = |text: &str| Value::from(text).to_string();
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let feed = match random.below(3) {
            0 => format!(
                "{},tag,{}\n192.0.2.7,{},{}\n",
                quoted("ip"),
                quoted(&key),
                quoted(&tag),
                quoted(&value)
            ),
            1 => format!(
                "{{\"tag\":{},{}:[\"192.0.2.7\",{}]}}\n",
                json(&tag),
                json(&key),
                json(&value)
            ),
            _ => format!("{value} 192.0.2.7 {tag} www[.]hos\u{200b}pital.example {key}\n"),
        };
        steering += usize::from(feed.contains(is_steering));
        // Bytes of no encoding, too.
        let mut feed = feed.into_bytes();
        feed.extend(b"192.0.2.8 \xff\xfe\x80 www.hospital.example\n");
        place.write(&name, feed);
        // A label that a control stands in is refused; the others are shown as they are.
        let label: String = draw(&mut random)
            .chars()
            .filter(|c| !is_steering(*c) && *c != '\u{feff}' && *c != '\u{200b}')
            .collect();
        place.write(
            "l.csv",
            format!("participant,kind,value,label\n=1+1,prefix,192.0.2.0/24,{}\n", quoted(&label)),
        );
        for form in ["table", "ndjson", "csv", "intelmq"] {
            let fields = ["--with-record"];
            let options = ["-p", "l.csv", "-o", form, "--progress", "always", "--skip-bad-rows"];
            let scan = place.scan(
                &[&options, &fields[..usize::from(form != "table")], &["--", &name]].concat(),
            );
            assert!(scan.code < 2, "{}", scan.err);
            assert_harmless(&scan.out);
            assert_harmless(&scan.err);
            if ["ndjson", "intelmq"].contains(&form) {
                scan.rows();
                all_lines.push_str(&scan.out);
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
}
