//! matchy: a database of prefixes, strings and globs, and a scan that extracts
//! addresses, names and mail addresses from lines.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;
use xtask::Asset;

use super::assets::prefixes;
use super::contest::Contest;
use super::rival::{Answer, Rival, command};
use super::workshop::Workshop;

pub(super) struct Matchy;

impl Rival for Matchy {
    fn name(&self) -> String {
        "matchy".to_owned()
    }

    fn install(&self, shop: &Workshop) -> Result<String> {
        let program = shop.cargo_install("matchy", "2.0.1", "matchy")?;
        shop.version(Command::new(program).arg("--version"))
    }

    fn takes(&self, _: &Contest) -> bool {
        true
    }

    fn prepare(&self, shop: &Workshop, contest: &Contest) -> Result<Vec<OsString>> {
        let entries = contest.write("matchy.csv", entries(&contest.assets)?)?;
        let program = shop.path("bin/matchy");
        let database = contest.path("matchy.mxy");
        let mut build = Command::new(&program);
        build.args(["build", "-i", "-f", "csv", "-o"]).arg(&database).arg(&entries);
        shop.output(&mut build)?;
        Ok(command([&program, &"match", &"-j", &"1", &database, &contest.feed]))
    }

    fn answer(&self) -> Answer {
        Answer::JsonMatches("matched_text")
    }

    fn limits(&self, _: &Contest) -> &'static str {
        "no IPv6 without `::`, and of a prefix its address alone"
    }
}

/// The assets as rows of `entry,participant`. What two participants own, the last keeps.
fn entries(assets: &[Asset]) -> Result<String> {
    let mut text = "entry,participant\n".to_owned();
    for asset in assets {
        let value = &asset.value;
        let entries = match asset.kind.as_str() {
            "domain" => vec![value.clone(), format!("*.{value}"), format!("*@{value}")],
            "email_domain" => vec![format!("*@{value}"), format!("*@*.{value}")],
            "email" => vec![value.clone()],
            _ => prefixes(std::slice::from_ref(asset))?.iter().map(ToString::to_string).collect(),
        };
        for entry in entries {
            text.extend([&entry, ",", &asset.participant, "\n"]);
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_asset_has_its_entries() {
        let assets = [
            ("prefix", "192.0.2.0/24"),
            ("range", "192.0.2.0-192.0.2.2"),
            ("domain", "hospital.nl"),
            ("email_domain", "mail.nl"),
            ("email", "jan@x.nl"),
        ]
        .map(|(kind, value)| Asset {
            participant: "A".to_owned(),
            kind: kind.to_owned(),
            value: value.to_owned(),
        });
        let expected = "entry,participant\n192.0.2.0/24,A\n192.0.2.0/31,A\n192.0.2.2/32,A\n\
                        hospital.nl,A\n*.hospital.nl,A\n*@hospital.nl,A\n\
                        *@mail.nl,A\n*@*.mail.nl,A\njan@x.nl,A\n";
        assert_eq!(entries(&assets).expect("entries"), expected);
    }
}
