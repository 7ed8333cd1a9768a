//! `cargo xtask features`: the library with every combination of its features.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The features of the package `feedsieve`, which a test holds to its manifest.
const FEATURES: [&str; 4] = ["mmap", "parallel", "watch", "compression"];

/// Checks all combinations, and runs the tests of the smallest.
///
/// Those of the others are run with the workspace, which has all features.
pub(crate) fn run() -> Result<()> {
    for combination in combinations() {
        // A build without a feature has code and imports that nobody uses, unless it was thought of.
        cargo(&["clippy", "--lib"], &combination, &["--", "-Dwarnings"])?;
    }
    cargo(&["test", "--lib"], "", &[])
}

fn combinations() -> impl Iterator<Item = String> {
    (0..1_u32 << FEATURES.len()).map(|wanted| {
        let features = FEATURES.iter().enumerate().filter(|(bit, _)| wanted >> bit & 1 == 1);
        features.map(|(_, feature)| *feature).collect::<Vec<_>>().join(",")
    })
}

fn cargo(words: &[&str], features: &str, behind: &[&str]) -> Result<()> {
    println!(
        "+ cargo {} with {}",
        words[0],
        if features.is_empty() { "nothing" } else { features }
    );
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(words)
        .args(["--quiet", "--locked", "--package", "feedsieve", "--no-default-features"])
        .args(["--features", features])
        .args(behind)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .stdin(Stdio::null());
    let status = command.status().context("cannot start cargo")?;
    if !status.success() {
        bail!("feedsieve with the features \"{features}\": {status}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_of_the_manifest_is_combined_with_every_other() {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../matcher/Cargo.toml");
        let manifest = std::fs::read_to_string(manifest).expect("the manifest is there");
        let features =
            manifest.split("[features]").nth(1).and_then(|text| text.split("\n[").next());
        let mut names: Vec<&str> = features
            .expect("a section")
            .lines()
            .filter_map(|line| Some(line.split_once(" = ")?.0))
            .filter(|name| *name != "default" && !name.starts_with('#'))
            .collect();
        let mut known = FEATURES.to_vec();
        names.sort_unstable();
        known.sort_unstable();
        assert_eq!(names, known);
        let all: Vec<String> = combinations().collect();
        assert_eq!(all.len(), 16);
        assert!(all.contains(&String::new()) && all.contains(&FEATURES.join(",")));
    }
}
