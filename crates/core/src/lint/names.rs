//! Names and mail addresses that lie at or under one another, and keywords that are the same.
//!
//! A name has few labels, so what lies above it is looked up label by label.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::Finding;
use super::row::{Distinct, Relation, Rows};
use crate::{AssetKind, AssetValue};

pub(super) fn check(rows: &Rows, distinct: &[Distinct], findings: &mut Vec<Finding>) {
    let mut holders: HashMap<(AssetKind, &str), Holders> = HashMap::new();
    let mut own: HashMap<(u32, AssetKind, &str), usize> = HashMap::new();
    let named = || {
        distinct.iter().filter_map(|&found| match &rows.all()[found.row].asset.value {
            AssetValue::Name(text) | AssetValue::Mail(text) | AssetValue::Keyword(text) => {
                Some((found, rows.all()[found.row].asset.kind, text.as_str()))
            }
            AssetValue::Addrs(_) => None,
        })
    };
    for (found, kind, text) in named() {
        match holders.entry((kind, text)) {
            Entry::Vacant(slot) => {
                slot.insert(Holders { first: found, of_another: None });
            }
            Entry::Occupied(mut slot) => {
                let holders = slot.get_mut();
                if let Some(other) = holders.not_of(found.owner) {
                    findings.push(rows.shared(found.row, other, Relation::Same));
                }
                holders.add(found);
            }
        }
        own.insert((found.owner, kind, text), found.row);
    }
    for (found, kind, text) in named() {
        let mut related = wider(kind, text).filter_map(|(wider, name, relation)| {
            let other = holders.get(&(wider, name))?.not_of(found.owner)?;
            Some((other, relation))
        });
        // The nearest is named; the others are above it, and are found there if they are shared.
        if let Some((other, relation)) = related.next() {
            findings.push(rows.shared(found.row, other, relation));
        }
        let mut holding = wider(kind, text)
            .filter(|(.., relation)| matches!(relation, Relation::Inside))
            .filter_map(|(wider, name, _)| own.get(&(found.owner, wider, name)));
        if let Some(&wider) = holding.next() {
            findings.extend(rows.redundant(found.row, wider));
        }
    }
}

/// The first row of an asset, and the first of another participant.
struct Holders {
    first: Distinct,
    of_another: Option<Distinct>,
}

impl Holders {
    fn add(&mut self, found: Distinct) {
        if found.owner != self.first.owner {
            self.of_another.get_or_insert(found);
        }
    }

    /// The first row that is not of `owner`.
    fn not_of(&self, owner: u32) -> Option<usize> {
        match self.first.owner == owner {
            true => self.of_another.map(|found| found.row),
            false => Some(self.first.row),
        }
    }
}

/// Which other assets hold one, or share mail addresses with it, the nearest first.
///
/// Of two that share mail addresses one is at or above the other; that they share
/// them is said of the lower, or of the `domain_exact`.
fn wider(kind: AssetKind, text: &str) -> impl Iterator<Item = (AssetKind, &str, Relation)> {
    use AssetKind::{Domain, DomainExact, Email, EmailDomain, Keyword};
    // A keyword is a text and no name, whatever it looks like.
    let text = if kind == Keyword { "" } else { text };
    let name = text.rsplit_once('@').map_or(text, |(_, domain)| domain);
    let mail_only = match kind {
        Email | EmailDomain => Relation::Inside,
        _ => Relation::SharedMail,
    };
    let at_name = [
        (kind == Email).then_some((DomainExact, name, Relation::Inside)),
        (kind != Domain).then_some((Domain, name, Relation::Inside)),
        matches!(kind, Email | DomainExact).then_some((EmailDomain, name, mail_only)),
    ];
    let above = std::iter::successors(name.split_once('.'), |(_, rest)| rest.split_once('.'));
    at_name.into_iter().flatten().chain(above.flat_map(move |(_, name)| {
        [(Domain, name, Relation::Inside), (EmailDomain, name, mail_only)]
    }))
}
