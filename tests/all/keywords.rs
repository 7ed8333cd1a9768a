//! Keywords in feeds that nobody wrote, against the oracle and over every cut.

use feedsieve::{Format, Source};
use feedsieve_tests::{AssetRow, Options, Outcome, expected};
use proptest::prelude::*;
use proptest::sample::select;

use crate::product::{CHUNKS, Dribble, image_of, outcome, scanner_of};

const KEYWORDS: [(&str, &str); 9] = [
    ("A", "antonius"),
    ("B", "St. Antonius"),
    ("A", "Münchner Klinik"),
    ("C", "больница"),
    ("C", "üäöé"),
    ("D", "n n n n"),
    ("D", "йййй"),
    ("E", "a/b\"c\\d"),
    ("E", "nius st"),
];

/// All keywords, or one alone: what is a trigger of one would hide that another lacks one.
fn inventory(only: Option<usize>) -> Vec<AssetRow> {
    let row = |(participant, value): (&str, &str)| AssetRow {
        participant: participant.to_owned(),
        kind: "keyword".to_owned(),
        value: value.to_owned(),
    };
    let rows = KEYWORDS.map(row);
    only.map_or_else(|| rows.to_vec(), |only| vec![rows[only].clone()])
}

/// Whole keywords, parts of them, and what may stand between.
const PIECES: [&str; 46] = [
    "antonius",
    "ANTONIUS",
    "St. Antonius",
    "st.",
    " ",
    "  ",
    "\t",
    "\u{a0}",
    "                 ",
    "anto",
    "nius",
    "ius",
    "Mü",
    "Mu\u{308}",
    "MÜNCHNER",
    "nchner",
    "klinik",
    "Klinik",
    "\u{308}",
    "\u{301}",
    "боль",
    "БОЛЬ",
    "ница",
    "Ница",
    "ü",
    "U\u{308}",
    "ä",
    "Ö",
    "é",
    "e\u{301}",
    "n",
    "N",
    "й",
    "и\u{306}",
    "Й",
    "a/b",
    "\"c",
    "\\d",
    "a/b\"c\\d",
    ".",
    "-",
    "x",
    "1",
    "\\",
    "\u{200b}",
    "üäöé",
];

/// A text of pieces.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(select(&PIECES[..]), 0..24).prop_map(|pieces| pieces.concat())
}

/// A text as a string of JSON, with some letters as escapes.
fn json_string(text: &str, escaped: u64) -> String {
    let mut json = String::from("\"");
    for (at, c) in text.chars().enumerate() {
        let must = c.is_control() || matches!(c, '"' | '\\');
        match c {
            '"' | '\\' if escaped >> (at % 61) & 1 == 1 => json.extend(['\\', c]),
            '\t' if escaped >> (at % 61) & 1 == 1 => json.push_str("\\t"),
            '/' if escaped >> (at % 61) & 1 == 1 => json.push_str("\\/"),
            c if must || escaped >> (at % 59) & 1 == 1 => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    json.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => json.push(c),
        }
    }
    json + "\""
}

fn assert_as_expected(feed: &[u8], format: (feedsieve_tests::Format, Format), is_long: bool) {
    assert_finds(None, feed, format, is_long);
    if !is_long {
        (0..KEYWORDS.len()).for_each(|only| assert_finds(Some(only), feed, format, is_long));
    }
}

fn assert_finds(
    only: Option<usize>,
    feed: &[u8],
    format: (feedsieve_tests::Format, Format),
    is_long: bool,
) {
    let inventory = inventory(only);
    let options = Options { keywords: true, ..Options::default() };
    let mut expected = expected(&inventory, feed, format.0, &options);
    shorten(&mut expected);
    let image = image_of(&inventory);
    let skipped = match (is_long, only) {
        (true, _) => 4,
        (false, None) => 0,
        (false, Some(_)) => CHUNKS.len() - 1,
    };
    for (chunk_bytes, search_bytes) in CHUNKS.into_iter().skip(skipped) {
        let scanner = scanner_of(&image, format.1, &options).chunk_bytes(chunk_bytes, search_bytes);
        let pipe = Source::reader("feed", Dribble(feed, 99));
        for source in [Source::slice("feed", feed), pipe] {
            let mut found = outcome(&scanner, source);
            // A field far from its record's start has no name.
            for (found, expected) in found.hits.iter_mut().zip(&expected.hits) {
                if let Some(flag) = found.flags.iter().position(|flag| flag == "long-record") {
                    found.flags.remove(flag);
                    found.field.clone_from(&expected.field);
                }
            }
            assert_eq!(found, expected, "{chunk_bytes} {search_bytes}: {}", feed.escape_ascii());
        }
    }
}

/// The product keeps the first of the further evidence only.
fn shorten(outcome: &mut Outcome) {
    outcome.hits.iter_mut().for_each(|hit| hit.also.truncate(16));
}

const TEXT: (feedsieve_tests::Format, Format) = (feedsieve_tests::Format::Text, Format::Text);
const CSV: (feedsieve_tests::Format, Format) = (feedsieve_tests::Format::Csv, Format::Csv);
const NDJSON: (feedsieve_tests::Format, Format) = (feedsieve_tests::Format::Ndjson, Format::Ndjson);

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn in_lines(lines in prop::collection::vec(text(), 1..4), latin1 in any::<bool>()) {
        let feed = lines.join("\n");
        // Text that begins with `#` is a heading, and `\\n` is no line end there.
        let feed = format!("x\n{feed}");
        assert_as_expected(feed.as_bytes(), TEXT, false);
        if latin1 {
            let bytes: Vec<u8> = feed.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
            assert_as_expected(&bytes, TEXT, false);
        }
    }

    #[test]
    fn in_csv(rows in prop::collection::vec((text(), text(), any::<bool>()), 1..4)) {
        let mut feed = String::from("id,note,text\n");
        for (one, other, breaks) in rows {
            let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
            let end = if breaks { "\n" } else { "" };
            feed += &format!("7,{},{}\n", quoted(&format!("{one}{end}")), quoted(&other));
        }
        assert_as_expected(feed.as_bytes(), CSV, false);
    }

    #[test]
    fn in_json(rows in prop::collection::vec((text(), text(), any::<u64>()), 1..4)) {
        let mut feed = String::new();
        for (one, other, escaped) in rows {
            let (one, other) = (json_string(&one, escaped), json_string(&other, escaped >> 7));
            feed += &format!("{{\"a\":{one},\"b\":[1,{other}]}}\n");
        }
        assert_as_expected(feed.as_bytes(), NDJSON, false);
    }
}

#[test]
fn in_lines_that_no_worker_sees_whole() {
    let near = "nius sx x antoniu St.  Münchner-klinik больницах ";
    let filling = format!("{near}{}{near}", "quick brown fox ".repeat(60));
    let mut line = String::new();
    for piece in
        ["St. Antonius", "antonius,", "mu\u{308}nchner\tklinik", "(БОЛЬНИЦА)", "üäöé"].repeat(14)
    {
        line.push_str(&filling);
        line.push_str(piece);
    }
    assert!(line.len() > (64 << 10));
    assert_as_expected(format!("antonius\n{line}").as_bytes(), TEXT, true);
    assert_as_expected(format!("id,text\n1,\"antonius\n{line}\"\n").as_bytes(), CSV, true);
    let json = format!("{{\"id\":1,\"t\":{}}}\n", json_string(&line, 0x0804_0201_0080_4020));
    assert_as_expected(json.as_bytes(), NDJSON, true);
}
