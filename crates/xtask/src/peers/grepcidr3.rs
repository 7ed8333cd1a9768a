//! grepcidr3, the successor of grepcidr. No registry has it, so it is taken where
//! somebody has built it from its repository and put it on the PATH by that name.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::assets::{Part, lines, prefixes};
use super::contest::Contest;
use super::rival::{Answer, Rival, command};
use super::workshop::Workshop;

pub(super) struct Grepcidr3;

impl Rival for Grepcidr3 {
    fn name(&self) -> String {
        "grepcidr3".to_owned()
    }

    fn install(&self, shop: &Workshop) -> Result<String> {
        let program = program(shop).context(
            "neither crates.io, PyPI nor Debian has it; build it from github.com/jrlevine/grepcidr3 \
             and put it on the PATH as grepcidr3",
        )?;
        // `-V` ends with an error, although it answers.
        shop.version(Command::new("sh").args(["-c", "\"$0\" -V 2>&1 || true"]).arg(program))
    }

    fn takes(&self, contest: &Contest) -> bool {
        contest.part == Part::Addrs
    }

    fn prepare(&self, shop: &Workshop, contest: &Contest) -> Result<Vec<OsString>> {
        let list = contest.write("prefixes", lines(&prefixes(&contest.assets)?))?;
        let program = program(shop).context("it was there when we began")?;
        Ok(command([&program, &"-f", &list, &contest.feed]))
    }

    fn answer(&self) -> Answer {
        Answer::Lines
    }
}

fn program(shop: &Workshop) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([shop.path("bin")]);
    folders.map(|folder| folder.join("grepcidr3")).find(|program| program.is_file())
}
