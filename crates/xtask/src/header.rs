//! `cargo xtask header`: writes the header of C from the functions that it declares.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

/// What `cargo xtask header` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Writes nothing, and fails where the header is not what it would write.
    #[arg(long)]
    check: bool,
}

/// The crate whose functions C calls.
const CRATE: &str = "crates/capi";

/// The header, which is committed: who uses it has no cbindgen.
const HEADER: &str = "crates/capi/include/feedsieve.h";

/// Writes the header, or says that it is not what it has to be.
pub(crate) fn run(args: &Args) -> Result<()> {
    if args.check {
        return check();
    }
    let path = root()?.join(HEADER);
    fs::write(&path, written()?).with_context(|| path.display().to_string())
}

/// Fails where the header that is committed is not that of the functions.
pub(crate) fn check() -> Result<()> {
    let path = root()?.join(HEADER);
    let found = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    if found != written()? {
        bail!("{HEADER} is not what `cargo xtask header` writes; run it and commit the change");
    }
    Ok(())
}

fn root() -> Result<&'static Path> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.ancestors().nth(2).context("crates/xtask has no repository around it")
}

/// What is to be in the header.
fn written() -> Result<String> {
    let folder = root()?.join(CRATE);
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml"))
        .map_err(|error| anyhow!("cbindgen.toml: {error}"))?;
    let bindings = cbindgen::Builder::new().with_crate(&folder).with_config(config).generate()?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    // A name that stands for a pointer gets a blank behind it, as names do.
    Ok(String::from_utf8(text)?.replace(" * ", " *"))
}
