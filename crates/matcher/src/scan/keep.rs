//! Keeps what an indicator is evidence of, unless it is withheld.

use feedsieve_core::{AssetRef, Relation, ValueRef};

use super::{Indicator, Worker};
use crate::allow::Entries;
use crate::evidence::{Concerned, Evidence, Withheld};
use crate::hit::{Flags, IndicatorKind};
use crate::reading::letters;
use crate::watch::{Verdict, Watch};

impl<W: Watch> Worker<'_, W> {
    pub(super) fn keep(
        &mut self,
        found: &Indicator<'_>,
        asset: AssetRef<'_>,
        relation: Relation,
        kind: IndicatorKind,
        indicator: &str,
    ) {
        let is_local = || match (asset.value(), found.range) {
            (ValueRef::Prefix(asset) | ValueRef::Range(asset), Some(range)) => {
                range.intersection(&asset).is_some_and(|both| both.is_local_space())
            }
            _ => false,
        };
        let withheld = if found.place.is_exception {
            Some(Withheld::Exception)
        } else if !self.options.roles.contains(found.role) {
            Some(Withheld::Role(found.role))
        } else {
            (!self.options.local_space && is_local()).then_some(Withheld::LocalSpace)
        };
        let options = self.options;
        if !options.most_specific && options.allow.is_none() {
            if W::LISTENS {
                for owner in asset.owners() {
                    let verdict = Verdict::of(withheld, options.wants(&owner));
                    self.watch.concerns(asset, owner, relation, verdict);
                }
            }
            if asset.owners().any(|owner| options.wants(&owner)) {
                let concerned = Concerned { asset: asset.index(), owner: None };
                self.keep_for(concerned, found, relation, kind, indicator, withheld);
            }
            return;
        }
        let is_local = withheld == Some(Withheld::LocalSpace);
        let holds_less = matches!(relation, Relation::Covers | Relation::Overlaps);
        let entries = match (&options.allow, withheld) {
            (Some(allow), None) if !holds_less => allow.holding(found.range, kind, indicator),
            _ => Entries::new(),
        };
        for owner in asset.owners() {
            let is_wanted = options.wants(&owner);
            let is_taken = is_wanted
                && (!options.most_specific || self.most_specific.takes(owner.index(), is_local));
            let is_allowed = || {
                options.allow.as_ref().is_some_and(|list| list.silences(&entries, owner.index()))
            };
            let withheld = withheld.or_else(|| is_allowed().then_some(Withheld::Allowed));
            if W::LISTENS {
                let verdict = match is_wanted && !is_taken {
                    true => Verdict::LessSpecific,
                    false => Verdict::of(withheld, is_wanted),
                };
                self.watch.concerns(asset, owner, relation, verdict);
            }
            if is_taken {
                let concerned = Concerned { asset: asset.index(), owner: Some(owner.index()) };
                self.keep_for(concerned, found, relation, kind, indicator, withheld);
            }
        }
    }

    fn keep_for(
        &mut self,
        concerned: Concerned,
        found: &Indicator<'_>,
        relation: Relation,
        kind: IndicatorKind,
        indicator: &str,
        withheld: Option<Withheld>,
    ) {
        let at = self.job.base + found.at as u64;
        let record = self.record_of(found.at);
        if let Some(why) = withheld {
            return self.scanned.records[record].evidences(concerned).withhold(at, why);
        }
        let facts = self.facts(found);
        let is_first = self.scanned.records[record].evidences(concerned).begins_at(at);
        let copied = if is_first { self.copied(found) } else { None };
        let raw_bytes = &self.haystack[found.raw.clone()];
        let is_lossy = str::from_utf8(raw_bytes).is_err() && !found.flags.has(Flags::LATIN1);
        // The case of other letters is ignored in keywords only.
        let is_same = raw_bytes.eq_ignore_ascii_case(indicator.as_bytes())
            || kind == IndicatorKind::Keyword && letters(raw_bytes).to_lowercase() == indicator;
        let raw = (!is_same).then(|| match is_lossy {
            true => String::from_utf8_lossy(raw_bytes).into(),
            false => letters(raw_bytes).into(),
        });
        let evidence = Evidence {
            at,
            field: found.place.name.clone(),
            role: found.role,
            kind,
            indicator: indicator.into(),
            raw,
            relation,
            port: found.port,
            facts,
            copied,
            flags: (found.flags)
                .with(Flags::LOSSY.when(is_lossy))
                .with(Flags::LONG_RECORD.when(found.place.is_too_long)),
        };
        self.scanned.records[record].evidences(concerned).add(evidence);
    }
}
