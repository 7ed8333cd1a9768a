//! Keeps what an indicator is evidence of, unless it is withheld.

use feedsieve_core::{AssetRef, Relation, ValueRef};

use super::{Indicator, Worker};
use crate::IndicatorKind;
use crate::allow::Entries;
use crate::evidence::{Concerned, EVERY_OWNER, Evidence, Index, Withheld, Written};
use crate::hit::{Flags, Role};
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
        // Names have no such space, and one address is all that an asset shares with it.
        let is_local = || match found.range {
            None => false,
            Some(range) if range.single().is_some() => range.is_local_space(),
            Some(range) => match asset.value() {
                ValueRef::Prefix(asset) | ValueRef::Range(asset) => {
                    range.intersection(&asset).is_some_and(|both| both.is_local_space())
                }
                _ => false,
            },
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
            let is_wanted = || asset.owners().any(|owner| options.wants(&owner));
            if options.participants.is_none() || is_wanted() {
                let concerned = Concerned { asset: asset.index(), owner: EVERY_OWNER };
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
                let concerned = Concerned { asset: asset.index(), owner: owner.index() };
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
        self.begin_record_of(found.at);
        let mut evidence = Evidence {
            concerned,
            at,
            written: Written::default(),
            field: Index::NONE,
            facts: Index::NONE,
            copied: Index::NONE,
            port: found.port.or(found.place.port.filter(|_| found.role == Role::Indicator)),
            flags: found.flags,
            role: found.role,
            kind,
            relation,
            withheld,
        };
        if withheld.is_none() {
            let (written, is_lossy) = self.write(found, kind, indicator);
            evidence.written = written;
            evidence.field = self.scanned.findings.name(found.place.name.as_ref());
            evidence.facts = self.facts(found);
            evidence.copied = self.copied(found, concerned);
            evidence.flags = (found.flags)
                .with(Flags::LOSSY.when(is_lossy))
                .with(Flags::LONG_RECORD.when(found.place.is_too_long));
        }
        self.scanned.findings.add(evidence);
    }

    /// Takes the text of an indicator, once however many assets it concerns; whether what is written
    /// is no text.
    fn write(
        &mut self,
        found: &Indicator<'_>,
        kind: IndicatorKind,
        indicator: &str,
    ) -> (Written, bool) {
        if let Some(written) = self.known.written {
            return written;
        }
        let raw = &self.haystack[found.raw.clone()];
        let findings = &mut self.scanned.findings;
        let written = if raw.eq_ignore_ascii_case(indicator.as_bytes()) {
            (findings.write(indicator, None), false)
        } else if str::from_utf8(raw).is_err() && !found.flags.has(Flags::LATIN1) {
            (findings.write(indicator, Some(&String::from_utf8_lossy(raw))), true)
        } else {
            let raw = letters(raw);
            // The case of other letters is ignored in keywords only.
            let is_same = kind == IndicatorKind::Keyword && raw.to_lowercase() == indicator;
            (findings.write(indicator, (!is_same).then_some(&*raw)), false)
        };
        self.known.written = Some(written);
        written
    }
}
