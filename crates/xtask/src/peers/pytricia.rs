//! Python with pytricia, a Patricia trie in C: addresses in the columns where they stand.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;
use xtask::Kind;

use super::assets::{Part, lines, prefixes};
use super::contest::Contest;
use super::rival::{Answer, Rival, command};
use super::workshop::Workshop;

pub(super) struct Pytricia;

const VERSION: &str = "1.3.0";

/// What a person would write.
const SCRIPT: &str = include_str!("concerned.py");

impl Rival for Pytricia {
    fn name(&self) -> String {
        "pytricia (Python)".to_owned()
    }

    fn install(&self, shop: &Workshop) -> Result<String> {
        let python = shop.path("venv/bin/python");
        if !python.is_file() {
            println!("+ python3 -m venv");
            shop.output(Command::new("python3").args(["-m", "venv"]).arg(shop.path("venv")))?;
        }
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        shop.output(pip.arg(format!("pytricia=={VERSION}")))?;
        let version = shop.version(Command::new(&python).arg("--version"))?;
        Ok(format!("{VERSION} under {version}"))
    }

    /// It is told which column holds addresses; a mixed list has none.
    fn takes(&self, contest: &Contest) -> bool {
        contest.part == Part::Addrs && contest.kind != Kind::Mixed
    }

    fn prepare(&self, shop: &Workshop, contest: &Contest) -> Result<Vec<OsString>> {
        let list = contest.write("prefixes", lines(&prefixes(&contest.assets)?))?;
        let script = contest.write("concerned.py", SCRIPT)?;
        let python = shop.path("venv/bin/python");
        Ok(command([&python, &script, &list, &contest.kind.name(), &contest.feed]))
    }

    fn answer(&self) -> Answer {
        Answer::Numbers
    }

    fn limits(&self, _: &Contest) -> &'static str {
        "one column alone is looked at"
    }
}
