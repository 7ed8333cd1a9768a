//! ugrep with a file of names as fixed strings: `ugrep -F -f`.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::assets::{Part, lines, values};
use super::contest::Contest;
use super::rival::{Answer, Rival, command};
use super::workshop::Workshop;

pub(super) struct Ugrep;

impl Rival for Ugrep {
    fn name(&self) -> String {
        "ugrep -F".to_owned()
    }

    fn install(&self, shop: &Workshop) -> Result<String> {
        crate::install::debian("ugrep", Path::new("/usr/bin/ugrep"))?;
        shop.version(Command::new("/usr/bin/ugrep").arg("--version"))
    }

    fn takes(&self, contest: &Contest) -> bool {
        contest.part == Part::Names
    }

    fn prepare(&self, _: &Workshop, contest: &Contest) -> Result<Vec<OsString>> {
        let names = contest.write("names", lines(&values(&contest.assets, "domain")))?;
        let mut words = command([&"/usr/bin/ugrep", &"-J1", &"-a", &"-F", &"-h"]);
        words.extend(command([&"-f", &names, &contest.feed]));
        Ok(words)
    }

    fn answer(&self) -> Answer {
        Answer::Lines
    }

    fn limits(&self, _: &Contest) -> &'static str {
        "no borders of labels"
    }
}
