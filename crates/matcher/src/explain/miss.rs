//! Assets that an indicator does not concern, though a reader may think so.

use std::fmt;

use feedsieve_core::{AssetKind, Image, ValueRef};

use super::{Outcome, Seen};
use crate::IndicatorKind;
use crate::scan::Options;

/// An asset that is not concerned, and why.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Image, Inventory, Limits, Miss, Scanner, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// // Told for the participants that are asked for, and for nobody otherwise.
/// let misses = |scanner: Scanner<'_>| {
///     let mut misses = Vec::new();
///     let feed = Source::slice("feed", b"nothospital.example\n");
///     scanner.explain(feed, Some(1), &mut |record| {
///         misses.extend(record.seen[0].misses.clone());
///     })?;
///     Ok::<_, feedsieve::ExplainError>(misses)
/// };
/// let asked = misses(Scanner::new(&image).participants(["A"]))?;
/// assert_eq!((asked[0].asset.as_str(), asked[0].why), ("hospital.example", Miss::LabelBorder));
/// assert_eq!(misses(Scanner::new(&image))?, []);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NearMiss {
    /// The participant's id.
    pub participant: String,
    /// The asset in canonical form.
    pub asset: String,
    /// What the asset is.
    pub asset_kind: AssetKind,
    /// Why it is not concerned.
    pub why: Miss,
}

/// Why an asset is not concerned. Displayed, it reads on from the asset.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Image, Inventory, Limits, Miss, Scanner, Source};
/// let csv = "\
/// participant,kind,value
/// A,domain,lab.hospital.example
/// A,email,jan@hospital.example
/// ";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let scanner = Scanner::new(&image).participants(["A"]);
/// let mut told = Vec::new();
/// scanner.explain(Source::slice("feed", b"hospital.example\n"), Some(1), &mut |record| {
///     told.extend(record.seen[0].misses.iter().map(|miss| miss.why));
/// })?;
/// assert_eq!(told.len(), 2);
/// assert!(told.contains(&Miss::Above) && told.contains(&Miss::MailOnly));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Miss {
    /// The name ends with the asset's letters, but within a label.
    LabelBorder,
    /// The asset stands at the start or in the middle of a longer name.
    Inner,
    /// The name lies above the asset, and was listed alone.
    Above,
    /// The name lies above the asset with all that is under it, and is a public suffix.
    PublicSuffix,
    /// The asset concerns mail addresses only.
    MailOnly,
    /// The asset concerns one name only, and not those under it.
    ExactOnly,
    /// The asset is another mail address of the same domain.
    OtherMail,
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LabelBorder => "this name only ends with the same letters, and is not under it",
            Self::Inner => "it stands within a longer name, which belongs to whoever has its end",
            Self::Above => "it lies under this name, which is listed alone, not with all under it",
            Self::PublicSuffix => {
                "it lies under this name, but that is a public suffix, which concerns nobody"
            }
            Self::MailOnly => "it concerns mail addresses only, and this is none of its own",
            Self::ExactOnly => "it concerns that name only, and this is a name under it",
            Self::OtherMail => "it is one mail address, and this is another of the same domain",
        })
    }
}

/// Adds the near misses of the participants that were asked for; none where all were.
pub(super) fn find(image: &Image, options: &Options, seen: &mut [Seen]) {
    if options.participants.is_none() {
        return;
    }
    let mut own = Vec::new();
    for index in 0..image.asset_count() as u32 {
        let asset = image.asset(index);
        for owner in asset.owners().filter(|owner| options.wants(owner)) {
            if let ValueRef::Name(text) | ValueRef::Mail(text) = asset.value() {
                own.push((owner.participant(), asset.kind(), text));
            }
        }
    }
    for seen in seen {
        let Outcome::LookedUp { kind, indicator, subtree } = &seen.outcome else { continue };
        for &(participant, asset_kind, asset) in &own {
            let is_concerned = |known: &super::Concern| {
                (known.asset_kind, known.asset.as_str()) == (asset_kind, asset)
                    && known.participant == participant
            };
            if seen.misses.len() == MAX_MISSES || seen.concerns.iter().any(is_concerned) {
                continue;
            }
            if let Some(why) = near(*kind, indicator, *subtree, asset_kind, asset) {
                let (participant, asset) = (participant.to_owned(), asset.to_owned());
                seen.misses.push(NearMiss { participant, asset, asset_kind, why });
            }
        }
    }
}

/// Near misses of one indicator that are told.
const MAX_MISSES: usize = 8;

fn near(
    kind: IndicatorKind,
    indicator: &str,
    subtree: bool,
    asset_kind: AssetKind,
    asset: &str,
) -> Option<Miss> {
    let (local, name) = match kind {
        IndicatorKind::Domain => (None, indicator),
        IndicatorKind::Email => {
            indicator.rsplit_once('@').map(|(local, name)| (Some(local), name))?
        }
        _ => return None,
    };
    if asset_kind == AssetKind::Email {
        let (_, domain) = asset.rsplit_once('@')?;
        return match local {
            Some(_) => (domain == name).then_some(Miss::OtherMail),
            None => is_at_or_under(name, domain).then_some(Miss::MailOnly),
        };
    }
    if is_at_or_under(name, asset) {
        return match asset_kind {
            AssetKind::EmailDomain => Some(Miss::MailOnly),
            AssetKind::DomainExact => Some(Miss::ExactOnly),
            _ => None,
        };
    }
    if is_at_or_under(asset, name) {
        return Some(if subtree { Miss::PublicSuffix } else { Miss::Above });
    }
    if name.ends_with(asset) {
        return Some(Miss::LabelBorder);
    }
    let rest = name.strip_prefix(asset).or_else(|| {
        let at = name.find(&format!(".{asset}."))?;
        name.get(at + 1 + asset.len()..)
    });
    rest.is_some_and(|rest| rest.starts_with(['.', '-', '_'])).then_some(Miss::Inner)
}

fn is_at_or_under(name: &str, above: &str) -> bool {
    name.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_have_a_reason() {
        use AssetKind::{Domain, DomainExact, Email, EmailDomain};
        use IndicatorKind as I;
        for (kind, indicator, subtree, asset_kind, asset, expected) in [
            (I::Domain, "nothospital.nl", false, Domain, "hospital.nl", Some(Miss::LabelBorder)),
            (I::Domain, "hospital.nl.evil.com", false, Domain, "hospital.nl", Some(Miss::Inner)),
            (
                I::Domain,
                "www.hospital.nl.evil.com",
                false,
                Domain,
                "hospital.nl",
                Some(Miss::Inner),
            ),
            (I::Domain, "hospital.nl-login.com", false, Domain, "hospital.nl", Some(Miss::Inner)),
            (I::Domain, "hospital.nl", false, Domain, "portal.hospital.nl", Some(Miss::Above)),
            (I::Domain, "nl", true, Domain, "hospital.nl", Some(Miss::PublicSuffix)),
            (I::Domain, "www.hospital.nl", false, EmailDomain, "hospital.nl", Some(Miss::MailOnly)),
            (I::Domain, "hospital.nl", false, Email, "jan@hospital.nl", Some(Miss::MailOnly)),
            (I::Domain, "x.hospital.nl", false, DomainExact, "hospital.nl", Some(Miss::ExactOnly)),
            (I::Email, "a@hospital.nl", false, Email, "jan@hospital.nl", Some(Miss::OtherMail)),
            (I::Email, "a@nothospital.nl", false, Domain, "hospital.nl", Some(Miss::LabelBorder)),
            (I::Email, "a@other.nl", false, Email, "jan@hospital.nl", None),
            (I::Domain, "other.nl", false, Domain, "hospital.nl", None),
            (I::Domain, "hospital.nlx", false, Domain, "hospital.nl", None),
            (I::Ipv4, "192.0.2.7", false, Domain, "hospital.nl", None),
        ] {
            assert_eq!(near(kind, indicator, subtree, asset_kind, asset), expected, "{indicator}");
        }
    }
}
