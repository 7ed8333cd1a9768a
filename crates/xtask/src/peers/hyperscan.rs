//! Hyperscan, through a driver in C: names are strings, whose borders the driver looks
//! at, IPv4 prefixes are expressions, and the whole feed is one block.
//!
//! The database is compiled before, as ours is, and the scan reads it. Slower ways
//! that were tried are in `benches/COMPARE.md`.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use ipnet::IpNet;
use xtask::Asset;

use super::assets::{Part, lines, prefixes, values};
use super::contest::Contest;
use super::rival::{Answer, Rival, command};
use super::workshop::Workshop;

pub(super) struct Hyperscan;

const DRIVER: &str = include_str!("hyperscan.c");

impl Rival for Hyperscan {
    fn name(&self) -> String {
        "Hyperscan".to_owned()
    }

    fn install(&self, shop: &Workshop) -> Result<String> {
        // Hyperscan is for x86-64; Vectorscan is its port to other CPUs.
        let package =
            if cfg!(target_arch = "x86_64") { "libhyperscan-dev" } else { "libvectorscan-dev" };
        crate::install::debian(package, Path::new("/usr/include/hs/hs.h"))?;
        let source = shop.path("hyperscan.c");
        fs::write(&source, DRIVER)?;
        let mut cc = Command::new("cc");
        cc.args(["-O2", "-Wall", "-Werror", "-I/usr/include/hs", "-o"])
            .arg(shop.path("bin/hyperscan"));
        shop.output(cc.arg(&source).arg("-lhs"))?;
        shop.version(Command::new(shop.path("bin/hyperscan")).arg("version"))
    }

    fn takes(&self, contest: &Contest) -> bool {
        contest.part != Part::All
    }

    fn prepare(&self, shop: &Workshop, contest: &Contest) -> Result<Vec<OsString>> {
        let sort = contest.part.name();
        let patterns = lines(&patterns(&contest.assets)?);
        // Expressions take minutes to compile, and many contests have the same.
        let list = shop.path(&format!("hyperscan-{sort}"));
        let database = shop.path(&format!("hyperscan-{sort}.db"));
        let driver = shop.path("bin/hyperscan");
        if !database.is_file() || fs::read_to_string(&list).ok().as_ref() != Some(&patterns) {
            let fresh = shop.path("hyperscan-fresh.db");
            fs::write(&list, patterns)?;
            let mut compile = Command::new(&driver);
            shop.output(compile.args(["compile", sort]).args([&list, &fresh]))?;
            fs::rename(fresh, &database)?;
        }
        Ok(command([&driver, &"scan", &sort, &list, &database, &contest.feed]))
    }

    fn answer(&self) -> Answer {
        Answer::Lines
    }

    fn limits(&self, contest: &Contest) -> &'static str {
        match contest.part {
            Part::Addrs => "IPv4 alone, and the address of a prefix alone counts",
            Part::Names | Part::All => "a name in the path of a URL counts",
        }
    }
}

/// Names as they are, and an expression for each IPv4 prefix. IPv6 is left out: with
/// `::` in it a prefix has too many spellings.
fn patterns(assets: &[Asset]) -> Result<Vec<String>> {
    let mut patterns: Vec<_> = values(assets, "domain").into_iter().map(str::to_owned).collect();
    for prefix in prefixes(assets)? {
        if let IpNet::V4(prefix) = prefix {
            let inner = addresses(prefix.network().octets(), prefix.prefix_len());
            patterns.push(format!("(?:^|[^0-9A-Za-z_.-]){inner}(?:$|[^0-9A-Za-z_.-])"));
        }
    }
    Ok(patterns)
}

/// The dotted quads that begin with `octets` up to `len` bits.
fn addresses(octets: [u8; 4], len: u8) -> String {
    let octet = |(place, octet): (u8, u8)| match len.saturating_sub(place * 8).min(8) {
        8 => octet.to_string(),
        0 => "[0-9]{1,3}".to_owned(),
        fixed => {
            let last = octet | (0xff >> fixed);
            let all: Vec<_> = (octet..=last).map(|octet| octet.to_string()).collect();
            format!("(?:{})", all.join("|"))
        }
    };
    (0..).zip(octets).map(octet).collect::<Vec<_>>().join("\\.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_the_quads_within() {
        for (octets, len, expected) in [
            ([192, 0, 2, 7], 32, "192\\.0\\.2\\.7"),
            ([192, 0, 2, 0], 24, "192\\.0\\.2\\.[0-9]{1,3}"),
            ([192, 0, 0, 0], 16, "192\\.0\\.[0-9]{1,3}\\.[0-9]{1,3}"),
            ([192, 0, 2, 0], 23, "192\\.0\\.(?:2|3)\\.[0-9]{1,3}"),
            ([192, 0, 2, 252], 30, "192\\.0\\.2\\.(?:252|253|254|255)"),
        ] {
            assert_eq!(addresses(octets, len), expected);
        }
    }

    #[test]
    fn names_are_themselves_and_other_kinds_are_nothing() {
        let patterns_of = |kind: &str, value: &str| {
            let (kind, value) = (kind.to_owned(), value.to_owned());
            patterns(&[Asset { participant: "A".to_owned(), kind, value }]).expect("patterns")
        };
        assert_eq!(patterns_of("domain", "a.nl"), ["a.nl"]);
        assert_eq!(patterns_of("range", "192.0.2.0-192.0.2.2").len(), 2);
        assert!(patterns_of("prefix", "2001:db8::/32").is_empty());
        assert!(patterns_of("email", "jan@a.nl").is_empty());
    }
}
