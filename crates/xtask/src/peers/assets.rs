//! The part of an inventory that rivals are given, and the forms that they take it in.

use std::net::IpAddr;

use anyhow::{Context, Result, bail};
use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};
use xtask::{Asset, Kind, Request, Size, generate, read_inventory};

/// Which assets feeds are searched for. Most rivals know one sort only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Prefixes and ranges.
    Addrs,
    /// Names, each with all names under it.
    Names,
    /// Those, mail domains and mail addresses.
    All,
}

impl Part {
    pub(super) const ALL: [Self; 3] = [Self::Addrs, Self::Names, Self::All];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Addrs => "addrs",
            Self::Names => "names",
            Self::All => "all",
        }
    }

    /// The feeds in which anything of this part can stand.
    pub(super) const fn feeds(self) -> &'static [Kind] {
        match self {
            Self::Addrs => &[Kind::Addrs, Kind::Mixed, Kind::Shadowserver, Kind::Pdns],
            Self::Names => &[Kind::Names, Kind::Mixed, Kind::Shadowserver, Kind::Pdns],
            Self::All => &[Kind::Mixed, Kind::Shadowserver, Kind::Pdns],
        }
    }

    fn holds(self, asset: &Asset) -> bool {
        match self {
            Self::Addrs => matches!(asset.kind.as_str(), "prefix" | "range"),
            Self::Names => asset.kind == "domain",
            Self::All => true,
        }
    }
}

/// Draws so many assets of one part, always the same.
pub(super) fn draw(part: Part, count: usize) -> Result<Vec<Asset>> {
    // A quarter of an inventory are names, the rarest part.
    let size = Size::Records(count as u64 * 6 + 1000);
    let request = Request { kind: Kind::Inventory, size, seed: 1, hits: 0.0 };
    let mut csv = Vec::new();
    generate(&request, &[], &mut csv)?;
    let mut assets = read_inventory(&csv[..])?;
    assets.retain(|asset| part.holds(asset));
    assets.truncate(count);
    if assets.len() < count {
        bail!("{} assets drawn of {count}", assets.len());
    }
    Ok(assets)
}

/// The inventory as we read it.
pub(super) fn csv(assets: &[Asset]) -> String {
    let mut text = "participant,kind,value\n".to_owned();
    for asset in assets {
        text.extend([&asset.participant, ",", &asset.kind, ",", &asset.value, "\n"]);
    }
    text
}

/// Every address asset as prefixes; most rivals know no ranges.
pub(super) fn prefixes(assets: &[Asset]) -> Result<Vec<IpNet>> {
    let mut prefixes = Vec::new();
    for asset in assets {
        match asset.kind.as_str() {
            "prefix" => {
                prefixes.push(asset.value.parse().with_context(|| asset.value.clone())?);
            }
            "range" => {
                let ends = asset.value.split_once('-').context("a range has two ends")?;
                match (ends.0.parse()?, ends.1.parse()?) {
                    (IpAddr::V4(first), IpAddr::V4(last)) => {
                        prefixes.extend(Ipv4Subnets::new(first, last, 0).map(IpNet::V4));
                    }
                    (IpAddr::V6(first), IpAddr::V6(last)) => {
                        prefixes.extend(Ipv6Subnets::new(first, last, 0).map(IpNet::V6));
                    }
                    _ => bail!("{}: ends of two families", asset.value),
                }
            }
            _ => {}
        }
    }
    prefixes.sort_unstable();
    prefixes.dedup();
    Ok(prefixes)
}

/// The values of one kind of asset, each once.
pub(super) fn values<'a>(assets: &'a [Asset], kind: &str) -> Vec<&'a str> {
    let of_kind = assets.iter().filter(|asset| asset.kind == kind);
    let mut values: Vec<_> = of_kind.map(|asset| asset.value.as_str()).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// One a line.
pub(super) fn lines<T: ToString>(items: &[T]) -> String {
    items.iter().map(|item| item.to_string() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(kind: &str, value: &str) -> Asset {
        Asset { participant: "A".to_owned(), kind: kind.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn ranges_become_the_fewest_prefixes() {
        let assets = [
            asset("range", "192.0.2.1-192.0.2.6"),
            asset("range", "2001:db8::-2001:db8::1"),
            asset("prefix", "198.51.100.0/24"),
            asset("prefix", "198.51.100.0/24"),
            asset("domain", "hospital.nl"),
        ];
        let text = lines(&prefixes(&assets).expect("addresses"));
        let expected = "192.0.2.1/32\n192.0.2.2/31\n192.0.2.4/31\n192.0.2.6/32\n\
                        198.51.100.0/24\n2001:db8::/127\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_broken_range_is_no_prefix() {
        assert!(prefixes(&[asset("range", "192.0.2.1-2001:db8::")]).is_err());
        assert!(prefixes(&[asset("range", "192.0.2.1")]).is_err());
    }

    #[test]
    fn values_are_of_one_kind_and_each_once() {
        let assets = [
            asset("domain", "b.nl"),
            asset("email_domain", "c.nl"),
            asset("domain", "a.nl"),
            asset("domain", "b.nl"),
        ];
        assert_eq!(values(&assets, "domain"), ["a.nl", "b.nl"]);
    }

    #[test]
    fn every_part_has_as_many_assets_as_asked_and_no_others() {
        for part in Part::ALL {
            let assets = draw(part, 300).expect("assets");
            assert_eq!(assets.len(), 300);
            assert!(assets.iter().all(|asset| part.holds(asset)), "{part:?}");
        }
    }

    #[test]
    fn the_inventory_reads_back() {
        let assets = draw(Part::All, 50).expect("assets");
        assert_eq!(read_inventory(csv(&assets).as_bytes()).expect("an inventory"), assets);
    }
}
