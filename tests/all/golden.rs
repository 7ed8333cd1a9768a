//! Images are the same bytes for the same assets, and those of other versions say which they are.
//!
//! `tests/data/golden` holds one image of each version of the format that this test came to know,
//! packed with zstd, all of them of `participants.csv` beside them. Whoever changes the format adds
//! one and leaves the others.

use std::fs;
use std::path::{Path, PathBuf};

use feedsieve::{Image, ImageError, Inventory, Limits, compile};
use proptest::prelude::*;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/golden")
}

fn inventory() -> String {
    fs::read_to_string(folder().join("participants.csv")).expect("the inventory")
}

fn compiled(text: &str) -> Vec<u8> {
    let (inventory, rejected) = Inventory::read(text.as_bytes()).expect("an inventory");
    assert!(rejected.is_empty(), "{rejected:?}");
    compile(&inventory, &Limits::default()).expect("within the limits")
}

#[test]
fn golden_images_open_or_say_which_version_they_are() {
    let fresh = compiled(&inventory());
    let version = u32::from(fresh[8]);
    let mut versions = Vec::new();
    for entry in fs::read_dir(folder()).expect("the folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name of ours");
        let Some(number) = name.strip_prefix("version-") else { continue };
        let number: u32 = number
            .strip_suffix(".image.zst")
            .and_then(|n| n.parse().ok())
            .expect("version-N.image.zst");
        let golden = zstd::decode_all(&fs::read(&path).expect("a golden image")[..]).expect("zstd");
        versions.push(number);
        if number == version {
            // Other bytes under the same version would be a change of the format that nobody named.
            assert!(golden == fresh, "{name} is not what is compiled today");
            let image = Image::open(golden).expect("today's version");
            let found =
                image.lookup_name("portal.duin-stad.example").map(|f| f.participant().to_owned());
            assert_eq!(found.collect::<Vec<_>>(), ["M001"]);
            continue;
        }
        let error = Image::open(golden).expect_err("a version that is not today's");
        assert!(
            matches!(error, ImageError::Older { found, .. } if found == number),
            "{name}: {error}"
        );
        assert!(error.to_string().contains(&format!("image format {number} is older")), "{error}");
    }
    assert!(versions.contains(&version), "no golden image of version {version}: {versions:?}");
}

/// The same rows in another notation.
fn rewritten(rows: &[Vec<String>], names: &[String], notation: usize) -> String {
    let object = |row: &Vec<String>| -> Value {
        let pairs = names.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        pairs
            .map(|(name, cell)| (name.clone(), json!(cell)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    match notation {
        0 => {
            let lines = rows.iter().map(|row| {
                let cells: Vec<String> =
                    row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
                cells.join(",")
            });
            std::iter::once(names.join(",")).chain(lines).collect::<Vec<_>>().join("\n")
        }
        1 => json!(rows.iter().map(object).collect::<Vec<_>>()).to_string(),
        2 => rows.iter().map(|row| format!("{}\n", object(row))).collect(),
        _ => {
            let tables = rows.iter().map(|row| {
                let object = object(row);
                let pairs = object.as_object().expect("an object").iter();
                let lines: String = pairs
                    .map(|(name, cell)| {
                        format!(
                            "{name} = {}\n",
                            toml::Value::String(cell.as_str().expect("text").to_owned())
                        )
                    })
                    .collect();
                format!("[[asset]]\n{lines}")
            });
            tables.collect()
        }
    }
}

/// Rows that only an order of their own keeps apart.
const ALIKE: [&[&str]; 5] = [
    // Several groups of one participant.
    &["A,prefix,192.0.2.0/25,,g1", "A,prefix,192.0.2.128/25,,g2", "A,domain,a.example,,"],
    &["A,domain,a.example,,", "A,domain,a.example,,g1", "A,domain,A.example,,g2"],
    // Several labels of one asset, and several owners.
    &[
        "A,domain,a.example,x,",
        "A,domain,a.example,y,",
        "A,domain,a.example,,",
        "B,domain,a.example,x,",
        "B,domain,A.EXAMPLE,,",
    ],
    // Several kinds of one name, and kinds of one address.
    &[
        "A,domain,a.example,,",
        "A,domain_exact,a.example,,",
        "A,email_domain,a.example,,",
        "A,email,x@a.example,,",
        "A,prefix,192.0.2.0/24,,",
        "A,range,192.0.2.0-192.0.2.255,,",
    ],
    // Names and addresses that begin and end alike.
    &[
        "A,domain,a-rather-long-label-1.b-rather-long-label.example,,",
        "A,domain,a-rather-long-label-2.b-rather-long-label.example,,",
        "A,domain,x.a-rather-long-label-1.b-rather-long-label.example,,",
        "A,email,a-rather-long-local-part1@b-rather-long-label.example,,",
        "A,email,a-rather-long-local-part2@b-rather-long-label.example,,",
        "A,prefix,2001:db8::1/128,,",
        "A,prefix,2001:db8::/127,,",
    ],
];

#[test]
fn rows_that_are_nearly_the_same_give_the_same_bytes_in_any_order() {
    for rows in ALIKE {
        let image = |rows: &[&str]| {
            compiled(&format!("participant,kind,value,label,group\n{}\n", rows.join("\n")))
        };
        let first = image(rows);
        let mut orders = 0;
        each_order(&mut rows.to_vec(), 0, &mut |rows| {
            orders += 1;
            assert!(image(rows) == first, "{rows:?}");
        });
        assert_eq!(orders, (1..=rows.len()).product::<usize>());
    }
}

/// All orders of what stands from `from` on.
fn each_order<'a>(rows: &mut Vec<&'a str>, from: usize, visit: &mut impl FnMut(&[&'a str])) {
    if from == rows.len() {
        return visit(rows);
    }
    for other in from..rows.len() {
        rows.swap(from, other);
        each_order(rows, from + 1, visit);
        rows.swap(from, other);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shuffled_inventories_in_any_notation_give_the_same_bytes(
        order in Just((0..40_usize).collect::<Vec<_>>()).prop_shuffle(),
        twice in 0..40_usize,
        notation in 0..4_usize,
    ) {
        let text = inventory();
        let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let names: Vec<String> =
            lines.next().expect("a header").split(',').map(str::to_owned).collect();
        // No field of this inventory is quoted.
        let rows: Vec<Vec<String>> =
            lines.map(|line| line.split(',').map(str::to_owned).collect()).collect();
        prop_assert!(!text.contains('"') && rows.len() >= 40);
        let mut shuffled: Vec<Vec<String>> = order.iter().map(|&row| rows[row].clone()).collect();
        shuffled.extend_from_slice(&rows[40..]);
        shuffled.push(rows[twice].clone());
        prop_assert!(compiled(&rewritten(&shuffled, &names, notation)) == compiled(&text));
    }
}
