//! `cargo xtask asan`: the tests of unsafe code once more, with AddressSanitizer in all code of Rust.
//!
//! The runtime of AddressSanitizer comes with the stable toolchain, and the flag that asks for it is one
//! of nightly's: `RUSTC_BOOTSTRAP` lets the compiler at hand take it. Nothing that is built so is shipped.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// What `cargo xtask asan` takes.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only those whose names hold this word.
    word: Option<String>,
}

/// What is looked at, by the tests that reach it.
const LOOKED_AT: [(&str, &str); 5] = [
    ("finder: masks, queue and sift", "-p feedsieve --lib find::"),
    ("vectors and their plain twins", "-p feedsieve-tests --test all -- vectors"),
    ("maps of feeds and images", "-p feedsieve-tests --test all -- mapped torn"),
    ("images of any bytes", "-p feedsieve-core --test damage"),
    ("pages that are lost", "-p feedsieve-cli --test cli -- interference"),
];

/// The runtime is there for targets that are named, and build scripts need none.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Runs them, and stops at the first that fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = root.ancestors().nth(2).context("crates/xtask has no repository around it")?;
    let is_asked = |name: &str| args.word.as_ref().is_none_or(|word| name.contains(&**word));
    let asked: Vec<_> = LOOKED_AT.iter().filter(|(name, _)| is_asked(name)).collect();
    if asked.is_empty() {
        let names: Vec<_> = LOOKED_AT.iter().map(|(name, _)| *name).collect();
        bail!("nothing of this name; there are: {}", names.join("; "));
    }
    for (name, words) in asked {
        let begin = Instant::now();
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // A folder of its own, or each run would build everything anew.
        cargo.args(["test", "--locked", "--target", TARGET, "--target-dir", "target/asan"]);
        cargo.args(words.split(' ')).current_dir(root);
        cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Zsanitizer=address");
        // The command has a handler of SIGBUS of its own, which the sanitizer must leave in place.
        cargo.env("ASAN_OPTIONS", "handle_sigbus=0:allow_user_segv_handler=1");
        let status = cargo.status().context("cannot start cargo")?;
        if !status.success() {
            bail!("{name}: {status}");
        }
        println!("asan: {name}: {:.0} s", begin.elapsed().as_secs_f64());
    }
    Ok(())
}
