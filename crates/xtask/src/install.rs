//! Programs that checks and comparisons need, brought from registries where they are missing.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Runs a command that has to succeed; what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let words = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start {words}"))?;
    if !output.status.success() {
        bail!("{words}: {}: {}", output.status, last_line(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a program had to say at its end.
pub(crate) fn last_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing").to_owned()
}

/// Brings a package of Debian where `file`, a part of it, is not there.
pub(crate) fn debian(package: &str, file: &Path) -> Result<()> {
    if file.exists() {
        return Ok(());
    }
    println!("+ apt-get install {package}");
    let is_root = output(Command::new("id").arg("-u"))?.trim() == "0";
    let apt = |words: &[&str]| {
        let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
        if !is_root {
            command.args(["--non-interactive", "apt-get"]);
        }
        output(command.args(words))
    };
    let install = ["install", "--yes", "--no-install-recommends", package];
    if apt(&install).is_err() {
        // A machine that is new has no list of packages yet.
        apt(&["update"]).with_context(|| format!("{} is missing", file.display()))?;
        apt(&install).with_context(|| format!("{} is missing", file.display()))?;
    }
    if !file.exists() {
        bail!("Debian's {package} brought no {}", file.display());
    }
    Ok(())
}

/// A command that installs a program of crates.io in this release and no other.
pub(crate) fn from_crates_io(name: &str, version: &str) -> Command {
    println!("+ cargo install {name} {version}");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["install", "--quiet", "--locked", "--version", version, name]);
    cargo
}
