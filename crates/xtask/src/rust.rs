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
    fs::create_dir(folder.0.join("src/bin"))?;
    fs::copy(root.join("crates/matcher/examples/sink.rs"), folder.0.join("src/bin/sink.rs"))?;
    // The releases of the repository, so that nothing is fetched.
    fs::copy(root.join("Cargo.lock"), folder.0.join("Cargo.lock"))?;
    let manifest = fs::read_to_string(folder.0.join("Cargo.toml"))?;
    let library = root.join("crates/matcher");
    let manifest =
        format!("{manifest}feedsieve = {{ path = {library:?} }}\n\n[profile.dev]\ndebug = false\n");
    fs::write(folder.0.join("Cargo.toml"), manifest)?;

    let run = |program: &str, arguments: &[&str]| {
        let words = ["run", "--quiet", "--offline", "--bin", program, "--"];
        let target = root.join("target");
        cargo(&words, &folder.0, |c| c.args(arguments).env("CARGO_TARGET_DIR", target))
    };
    let found = run("members", &["participants.csv", "feed.txt"])?;
    let shown = block(&page, "output")?;
    if found != shown {
        bail!("the example of crates/matcher/README.md prints\n{found}and the page says\n{shown}");
    }
    // The sink that counts has to count, and to end the scan at its limit.
    let counted = run("sink", &["participants.csv", "feed.txt", "2"])?;
    if counted != "Hospital 2\n" {
        bail!("the example sink.rs prints {counted:?}");
    }
    match run("sink", &["participants.csv", "feed.txt", "1"]) {
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
