//! The program that a good engineer writes first: `memchr`, `csv`, `serde_json`, a tree
//! bitmap and a hash map. It is of this repository, in `benches/src/baseline.rs`.

use std::ffi::OsString;

use anyhow::Result;

use super::contest::Contest;
use super::rival::{Answer, Rival, command};
use super::workshop::Workshop;

pub(super) struct Obvious;

impl Rival for Obvious {
    fn name(&self) -> String {
        "obvious program".to_owned()
    }

    fn install(&self, shop: &Workshop) -> Result<String> {
        shop.cargo_build("feedsieve-benches", "obvious")?;
        Ok("of the same commit".to_owned())
    }

    fn takes(&self, _: &Contest) -> bool {
        true
    }

    fn prepare(&self, shop: &Workshop, contest: &Contest) -> Result<Vec<OsString>> {
        let program = shop.path("ours/release/obvious");
        Ok(command([&program, &contest.inventory, &contest.kind.name(), &contest.feed]))
    }

    fn answer(&self) -> Answer {
        Answer::Numbers
    }
}
