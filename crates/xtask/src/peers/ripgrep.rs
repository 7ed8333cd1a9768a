//! ripgrep with a file of names as fixed strings: `rg -F -f`.
//!
//! It knows no borders of labels, so it finds `nothospital.nl` and
//! `hospital.nl.evil.com` too. `-w` would not help: a hyphen is a border of words and
//! none of labels.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use super::assets::{Part, lines, values};
use super::contest::Contest;
use super::rival::{Answer, Rival, command};
use super::workshop::Workshop;

pub(super) struct Ripgrep {
    /// As names are compared; a scan of a feed in lower case alone needs it not.
    pub(super) ignore_case: bool,
}

impl Rival for Ripgrep {
    fn name(&self) -> String {
        if self.ignore_case { "ripgrep -F -i" } else { "ripgrep -F" }.to_owned()
    }

    fn install(&self, shop: &Workshop) -> Result<String> {
        let program = shop.cargo_install("ripgrep", "15.2.0", "rg")?;
        shop.version(Command::new(program).arg("--version"))
    }

    fn takes(&self, contest: &Contest) -> bool {
        contest.part == Part::Names
    }

    fn prepare(&self, shop: &Workshop, contest: &Contest) -> Result<Vec<OsString>> {
        let names = contest.write("names", lines(&values(&contest.assets, "domain")))?;
        let case = if self.ignore_case { "-i" } else { "-s" };
        let mut words =
            command([&shop.path("bin/rg"), &"--no-config", &"-j1", &"-a", &"-F", &case]);
        // No line numbers: counting them is work that the others are spared.
        words.extend(command([&"-N", &"-f", &names, &contest.feed]));
        Ok(words)
    }

    fn answer(&self) -> Answer {
        Answer::Lines
    }

    fn limits(&self, _: &Contest) -> &'static str {
        "no borders of labels"
    }
}
