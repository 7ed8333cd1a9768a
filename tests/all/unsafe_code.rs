//! Unsafe code stands in a short list of files, and every block says why it is sound.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files, and how many blocks each has at most; ARCHITECTURE.md says what for.
const ALLOWED: [(&str, usize); 13] = [
    ("crates/capi/src/borrow.rs", 3),
    ("crates/capi/src/image.rs", 2),
    ("crates/capi/src/inventory.rs", 1),
    ("crates/capi/src/lookup.rs", 2),
    ("crates/capi/src/scan.rs", 2),
    ("crates/cli/src/lost_pages.rs", 10),
    ("crates/cli/src/mapped.rs", 1),
    ("crates/core/src/image/bytes.rs", 2),
    ("crates/matcher/src/find/masks.rs", 4),
    ("crates/matcher/src/find/mod.rs", 6),
    ("crates/matcher/src/find/queue.rs", 3),
    ("crates/matcher/src/source/map.rs", 2),
    ("crates/python/src/mapped.rs", 1),
];

/// The same of tests.
const ALLOWED_IN_TESTS: [(&str, usize); 1] = [("tests/all/mapped.rs", 2)];

/// Lines between the note and the block, where several lines of a statement come first.
const REACH: usize = 6;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace").to_owned()
}

/// Every source file of ours, by its path from the root.
fn sources() -> Vec<(String, String)> {
    let root = root();
    let mut pending =
        ["crates", "tests", "benches", "fuzz"].map(|folder| root.join(folder)).to_vec();
    let mut sources = Vec::new();
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            // What cargo and the fuzzer build and collect is not ours.
            let is_ours =
                !["target", "corpus", "artifacts"].iter().any(|name| path.ends_with(name));
            let entries = is_ours.then(|| fs::read_dir(&path).expect("a folder"));
            pending
                .extend(entries.into_iter().flatten().map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(&root).expect("below the root").display().to_string();
            sources.push((name, fs::read_to_string(&path).expect("UTF-8")));
        }
    }
    sources
}

/// The lines, from 0, on which unsafe blocks and implementations begin.
fn blocks(text: &str) -> Vec<usize> {
    let code = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        ["unsafe {", "unsafe impl"].iter().any(|unsafe_code| code.contains(unsafe_code))
    };
    text.lines().enumerate().filter(|(_, line)| code(line)).map(|(number, _)| number).collect()
}

#[test]
fn unsafe_code_is_where_it_is_allowed_and_says_why() {
    let mut found = BTreeMap::new();
    for (name, text) in sources() {
        // This file names what it looks for.
        if name.ends_with("unsafe_code.rs") {
            continue;
        }
        let lines: Vec<&str> = text.lines().collect();
        for block in blocks(&text) {
            let before = &lines[block.saturating_sub(REACH)..block];
            let is_noted = before.iter().any(|line| line.trim_start().starts_with("// SAFETY: "));
            assert!(is_noted, "{name}:{}: an unsafe block without a SAFETY line", block + 1);
            *found.entry(name.clone()).or_insert(0) += 1;
        }
        // Who allows it for a whole file hides what follows.
        assert!(
            !text.contains("#![allow(unsafe_code") && !text.contains("#![expect(unsafe_code"),
            "{name}"
        );
    }
    for (name, count) in &found {
        let allowed = ALLOWED.iter().chain(&ALLOWED_IN_TESTS).find(|(allowed, _)| allowed == name);
        let most = allowed.map_or(0, |(_, most)| *most);
        assert!(*count <= most, "{name}: {count} unsafe blocks, and {most} are allowed");
    }
    // A list that allows what is gone would allow it to come back.
    for (name, _) in ALLOWED.iter().chain(&ALLOWED_IN_TESTS) {
        assert!(found.contains_key(*name), "{name} has no unsafe code any more");
    }
}

#[test]
fn the_list_of_files_is_the_one_of_the_architecture() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("the file");
    let section = text.split("## Unsafe").nth(1).expect("a section").split("\n## ").next();
    let table: Vec<&str> =
        section.into_iter().flat_map(str::lines).filter(|l| l.starts_with("| `")).collect();
    for (name, _) in ALLOWED.iter().chain(&ALLOWED_IN_TESTS) {
        let file = name.rsplit('/').next().expect("a name");
        assert!(
            table.iter().any(|row| row.contains(name) || row.contains(&format!("`{file}`"))),
            "{name} is not in the table"
        );
    }
}
