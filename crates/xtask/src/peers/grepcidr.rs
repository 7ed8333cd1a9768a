//! grepcidr 2, of Debian: addresses in lines against a list of prefixes.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::assets::{Part, lines, prefixes};
use super::contest::Contest;
use super::rival::{Answer, Rival, command};
use super::workshop::Workshop;

pub(super) struct Grepcidr;

const PROGRAM: &str = "/usr/bin/grepcidr";

impl Rival for Grepcidr {
    fn name(&self) -> String {
        "grepcidr".to_owned()
    }

    fn install(&self, shop: &Workshop) -> Result<String> {
        crate::install::debian("grepcidr", Path::new(PROGRAM))?;
        // `-V` ends with an error, although it answers.
        shop.version(Command::new("sh").args(["-c", "\"$0\" -V 2>&1 || true", PROGRAM]))
    }

    fn takes(&self, contest: &Contest) -> bool {
        contest.part == Part::Addrs
    }

    fn prepare(&self, _: &Workshop, contest: &Contest) -> Result<Vec<OsString>> {
        let list = contest.write("prefixes", lines(&prefixes(&contest.assets)?))?;
        Ok(command([&PROGRAM, &"-f", &list, &contest.feed]))
    }

    fn answer(&self) -> Answer {
        Answer::Lines
    }

    fn limits(&self, _: &Contest) -> &'static str {
        "the address of a prefix alone counts"
    }
}
