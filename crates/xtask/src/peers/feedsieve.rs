//! Ours: `feedsieve scan` with a compiled image, one thread.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use super::contest::Contest;
use super::rival::{Answer, Rival, command};
use super::workshop::Workshop;

pub(super) struct Feedsieve;

impl Rival for Feedsieve {
    fn name(&self) -> String {
        "feedsieve".to_owned()
    }

    fn install(&self, shop: &Workshop) -> Result<String> {
        let program = shop.cargo_build("feedsieve-cli", "feedsieve")?;
        shop.version(Command::new(program).arg("--version"))
    }

    fn takes(&self, _: &Contest) -> bool {
        true
    }

    fn prepare(&self, shop: &Workshop, contest: &Contest) -> Result<Vec<OsString>> {
        let program = shop.path("ours/release/feedsieve");
        let image = contest.path("image");
        let mut compile = Command::new(&program);
        compile.args(["compile", "-p"]).arg(&contest.inventory).arg("-o").arg(&image);
        shop.output(&mut compile)?;
        let words = [&"scan" as &dyn AsRef<_>, &"-j1", &"-o", &"ndjson", &"-i"];
        let mut scan = vec![program.into_os_string()];
        scan.extend(command(words));
        scan.extend(command([&image, &contest.feed]));
        Ok(scan)
    }

    fn answer(&self) -> Answer {
        Answer::JsonNumbers("line")
    }

    fn is_ours(&self) -> bool {
        true
    }
}
