//! The inventory, and how an indicator lies to an asset.

use std::cmp::{Ordering, Reverse};

use unicode_normalization::UnicodeNormalization;

use crate::AssetRow;
use crate::addresses::{self, Addrs, Quad};
use crate::keywords;
use crate::names::{self, is_under};
use crate::reading::What;

/// An asset in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asset {
    pub(crate) participant: String,
    pub(crate) kind: String,
    pub(crate) text: String,
    /// For prefixes and ranges.
    pub(crate) addrs: Option<Addrs>,
}

/// The assets of the rows; what an inventory would not load is left out.
pub(crate) fn assets(rows: &[AssetRow]) -> Vec<Asset> {
    let mut all = Vec::new();
    for asset in rows.iter().filter_map(asset) {
        if !all.contains(&asset) {
            all.push(asset);
        }
    }
    all
}

/// One row in canonical form, if it can be loaded.
pub(crate) fn asset(row: &AssetRow) -> Option<Asset> {
    let value = row.value.trim();
    let (addrs, text) = match &*row.kind {
        "prefix" => {
            let addrs = prefix(value)?;
            (Some(addrs), addrs.prefix_text())
        }
        "range" => {
            let addrs = range(value)?;
            (Some(addrs), addrs.to_string())
        }
        "domain" | "domain_exact" | "email_domain" => (None, name(value)?),
        "email" => {
            let (local, host) = value.rsplit_once('@')?;
            let local: String = local.to_lowercase().nfc().collect();
            (None, format!("{local}@{}", name(host)?))
        }
        "keyword" => (None, keywords::canonical(value)?),
        _ => return None,
    };
    let limit = addrs.map_or(0, |addrs| if addrs.v6 { 19 } else { 8 });
    if addrs.is_some_and(|addrs| addrs.broader_than(limit)) {
        return None;
    }
    Some(Asset { participant: row.participant.clone(), kind: row.kind.clone(), text, addrs })
}

fn prefix(value: &str) -> Option<Addrs> {
    let bare = || value.parse().ok().map(Addrs::one);
    let addrs = addresses::prefix(value).map(|(addrs, _)| addrs).or_else(bare)?;
    Some(addrs.unmapped().unwrap_or(addrs))
}

fn range(value: &str) -> Option<Addrs> {
    let (first, last) = value.split_once('-')?;
    let (first, last) = (prefix(first.trim())?, prefix(last.trim())?);
    let ends = Addrs { last: last.last, ..first };
    (first.v6 == last.v6 && first.first <= last.last).then_some(ends)
}

fn name(value: &str) -> Option<String> {
    let bare = value.trim_start_matches("*.").trim_start_matches(['.', '@']);
    let name = names::normalise(bare);
    let number = matches!(addresses::quad(&name.text), Quad::Addr(_));
    let loads = !name.bad && !name.text.is_empty() && !number;
    (loads && !names::is_icann_suffix(&name.text)).then_some(name.text)
}

impl Asset {
    /// How `what` lies to this asset, if it concerns it.
    pub(crate) fn relation(&self, what: &What) -> Option<&'static str> {
        match what {
            What::Addrs { addrs, .. } => relation_of_addrs(self.addrs?, *addrs),
            What::Name { name, subtree } => self.relation_of_name(name, *subtree),
            What::BadName { name, mail: false } => self.relation_of_name(name, false),
            What::BadName { name, mail: true } => self.relation_of_mail("", name),
            What::Mail { mail, host } => self.relation_of_mail(mail, host),
            What::Keyword { .. } => None,
        }
    }

    /// How another asset, as something that could be found, lies to this one. A name stands for the
    /// mail at it too.
    pub(crate) fn holds(&self, other: &Self) -> Option<&'static str> {
        match (&*other.kind, other.addrs) {
            (_, Some(addrs)) => relation_of_addrs(self.addrs?, addrs),
            ("keyword", _) => None,
            ("email", _) => {
                let (_, host) = other.text.rsplit_once('@')?;
                self.relation_of_mail(&other.text, host)
            }
            _ => self.relation_of_mail("", &other.text),
        }
    }

    fn relation_of_name(&self, name: &str, subtree: bool) -> Option<&'static str> {
        if self.kind != "domain" && self.kind != "domain_exact" {
            return None;
        }
        if self.text == name {
            Some("equal")
        } else if subtree && is_under(&self.text, name) && !names::is_public_suffix(name) {
            Some("covers")
        } else {
            (self.kind == "domain" && is_under(name, &self.text)).then_some("subdomain")
        }
    }

    fn relation_of_mail(&self, mail: &str, host: &str) -> Option<&'static str> {
        match &*self.kind {
            "email" => (self.text == mail).then_some("equal"),
            "email_domain" | "domain" if is_under(host, &self.text) => Some("subdomain"),
            "email_domain" | "domain" | "domain_exact" => (self.text == host).then_some("equal"),
            _ => None,
        }
    }

    /// Most specific first: mail addresses, addresses by how few they are, names by their labels,
    /// keywords by their length.
    pub(crate) fn order(&self, other: &Self) -> Ordering {
        let class = |asset: &Self| match &*asset.kind {
            "email" => 0,
            "prefix" | "range" => 1,
            "keyword" => 3,
            _ => 2,
        };
        let bits = |asset: &Self| asset.addrs.map_or(0, Addrs::host_bits);
        let labels = |asset: &Self| match class(asset) {
            2 => Reverse(asset.text.split('.').count()),
            3 => Reverse(asset.text.chars().count()),
            _ => Reverse(0),
        };
        let kind = |asset: &Self| match &*asset.kind {
            "domain_exact" => 0,
            "domain" => 1,
            "email_domain" => 2,
            "prefix" => 3,
            _ => 4,
        };
        let key = |asset: &Self| {
            (class(asset), bits(asset), labels(asset), asset.text.clone(), kind(asset))
        };
        key(self).cmp(&key(other)).then_with(|| self.participant.cmp(&other.participant))
    }
}

fn relation_of_addrs(asset: Addrs, indicator: Addrs) -> Option<&'static str> {
    asset.shared_with(indicator)?;
    Some(match (asset.contains(indicator), indicator.contains(asset)) {
        (true, true) => "equal",
        (true, false) => "inside",
        (false, true) => "covers",
        (false, false) => "overlaps",
    })
}
