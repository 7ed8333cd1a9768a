//! The same rows as CSV, JSON, NDJSON and TOML: the same image, and as many rows rejected.

#![no_main]

use feedsieve::{Inventory, Limits, compile};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const NAMES: [&str; 6] = ["participant", "kind", "value", "label", "group", "accept"];

fuzz_target!(|rows: Vec<[String; 6]>| {
    let mut rows = rows;
    for row in &mut rows {
        for cell in row.iter_mut() {
            // A blank around a cell of CSV is none of the value, and an empty one is none at all. Lines
            // that begin with # are comments in CSV, a line break in a cell is a quote that was left
            // open there, and TOML has no carriage return alone.
            *cell =
                cell.trim().trim_start_matches('#').replace(['\r', '\n', '\0', '\u{feff}'], "");
            *cell = cell.trim().to_owned();
        }
    }
    rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
    let csv = loaded(&csv(&rows), "CSV");
    for (text, notation) in
        [(json(&rows), "JSON"), (ndjson(&rows), "NDJSON"), (toml(&rows), "TOML")]
    {
        // What begins a text decides on its notation, and no rows are nothing of any.
        if !rows.is_empty() {
            assert_eq!(loaded(&text, notation), csv, "{notation}: {rows:?}");
        }
    }
});

/// The image, and how many rows were rejected.
fn loaded(text: &str, notation: &str) -> Option<(Vec<u8>, usize)> {
    feedsieve_fuzz::count(text.as_bytes());
    let (inventory, rejected) = Inventory::read(text.as_bytes())
        .unwrap_or_else(|error| panic!("{notation} that we wrote is none: {error}\n{text}"));
    compile(&inventory, &Limits::default()).ok().map(|image| (image, rejected.len()))
}

fn csv(rows: &[[String; 6]]) -> String {
    let mut text = NAMES.join(",") + "\n";
    for row in rows {
        let cells: Vec<String> =
            row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        text += &(cells.join(",") + "\n");
    }
    text
}

fn object(row: &[String; 6]) -> Value {
    let pairs = NAMES.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
    Value::Object(
        pairs.map(|(name, cell)| ((*name).to_owned(), cell.as_str().into())).collect::<Map<_, _>>(),
    )
}

fn json(rows: &[[String; 6]]) -> String {
    Value::Array(rows.iter().map(object).collect()).to_string()
}

fn ndjson(rows: &[[String; 6]]) -> String {
    rows.iter().map(|row| format!("{}\n", object(row))).collect()
}

fn toml(rows: &[[String; 6]]) -> String {
    let mut text = String::new();
    for row in rows {
        text += "[[asset]]\n";
        for (name, cell) in NAMES.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
            text += &format!("{name} = {}\n", toml::Value::String(cell.clone()));
        }
    }
    text
}
