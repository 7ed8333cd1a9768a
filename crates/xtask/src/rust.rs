//! `cargo xtask rust`: the example of the library's page, copied out and run, and those beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::install::output;
use crate::page::block;

/// Copies the program of the page into a new package outside the repository, and runs it.
pub(crate) fn run() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = root.ancestors().nth(2).context("crates/xtask has no repository around it")?;
    let folder =
        Folder(std::env::temp_dir().join(format!("feedsieve-page-{}", std::process::id())));
    let page = fs::read_to_string(root.join("crates/matcher/README.md"))?;
    let program = block(&page, "main.rs")?;
    if program != fs::read_to_string(root.join("crates/matcher/examples/scan.rs"))? {
        bail!("crates/matcher/README.md shows another program than examples/scan.rs");
    }
    // Within the repository it would become a member of the workspace.
    cargo(&["new", "--quiet", "--vcs", "none", "--name", "members"], root, |c| c.arg(&folder.0))?;
    fs::write(folder.0.join("src/main.rs"), program)?;
    for name in ["participants.csv", "feed.txt"] {
        fs::write(folder.0.join(name), block(&page, name)?)?;
    }
    // The releases and the profile of the repository, of which nothing is fetched or built again.
    fs::copy(root.join("Cargo.lock"), folder.0.join("Cargo.lock"))?;
    let manifest = fs::read_to_string(folder.0.join("Cargo.toml"))?;
    let library = root.join("crates/matcher");
    let manifest = format!(
        "{manifest}feedsieve = {{ path = {library:?} }}\n\n[profile.dev]\nopt-level = 1\n\n\
         [profile.dev.package.\"*\"]\nopt-level = 2\n"
    );
    fs::write(folder.0.join("Cargo.toml"), manifest)?;

    let run = ["run", "--quiet", "--offline", "--", "participants.csv", "feed.txt"];
    let found = cargo(&run, &folder.0, |c| c.env("CARGO_TARGET_DIR", root.join("target")))?;
    let shown = block(&page, "output")?;
    if found != shown {
        bail!("the example of crates/matcher/README.md prints\n{found}and the page says\n{shown}");
    }
    own_sink(root, &folder.0)
}

/// The sink that counts has to count, and to end the scan at its limit.
fn own_sink(root: &Path, folder: &Path) -> Result<()> {
    let [participants, feed] = ["participants.csv", "feed.txt"].map(|name| folder.join(name));
    let sink = |limit: &str| {
        let run =
            ["run", "--quiet", "--locked", "--package", "feedsieve", "--example", "sink", "--"];
        cargo(&run, root, |c| c.arg(&participants).arg(&feed).arg(limit))
    };
    let counted = sink("2")?;
    if counted != "Hospital 2\n" {
        bail!("the example sink.rs prints {counted:?}");
    }
    match sink("1") {
        Err(error) if error.to_string().contains("Hospital has too many hits") => Ok(()),
        other => bail!("the example sink.rs does not end at its limit: {other:?}"),
    }
}

/// Runs cargo; what it printed.
fn cargo(
    words: &[&str],
    folder: &Path,
    more: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    output(more(cargo.args(words).current_dir(folder)))
}

/// A folder that is gone with this.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
