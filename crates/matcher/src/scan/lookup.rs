//! Looks up what was read, in its role.

use std::ops::Range;

use feedsieve_core::{AddrRange, AssetKind};

use super::Worker;
use super::word::Word;
use crate::IndicatorKind;
use crate::format::Place;
use crate::hit::{Flags, Role};
use crate::reading::{Escapes, Reading, Text, Value};
use crate::watch::Watch;
use crate::written::{push_addr, push_ends, push_prefix};

/// An indicator at its place.
#[derive(Clone)]
pub(crate) struct Indicator<'p> {
    pub(crate) at: usize,
    pub(crate) raw: Range<usize>,
    pub(crate) role: Role,
    pub(crate) flags: Flags,
    pub(crate) port: Option<u16>,
    /// The URL that it is the host of, where hits are to carry that.
    pub(crate) url: Option<Range<usize>>,
    /// For addresses.
    pub(super) range: Option<AddrRange>,
    pub(crate) place: &'p Place,
}

impl<W: Watch> Worker<'_, W> {
    /// Looks an indicator up and keeps what it is evidence of.
    pub(super) fn report(&mut self, word: &Word, place: &Place, text: &Text, mut reading: Reading) {
        if place.is_subtree {
            reading.reaches_under();
        }
        let reading = self.settle(reading);
        let within = text.original(&reading.span);
        let at = word.range.start + within.start;
        let raw_range = at..word.range.start + within.end;
        if !word.own.contains(&at) || !self.job.chunk.contains(&at) {
            return;
        }
        let whole = text.original(&reading.whole);
        let whole = word.range.start + whole.start..word.range.start + whole.end;
        let is_addr = matches!(reading.value, Value::Addrs { .. });
        let role = match (place.role, reading.role) {
            // A user agent's number is a version, its URL is a URL.
            (Some(role), read) if role != Role::Version || read == Role::Text && is_addr => role,
            (_, Role::Text) if self.fills(place, &whole) => Role::Indicator,
            (_, role) => role,
        };
        let flags = reading.flags.with(Flags::DEFANGED.when(text.is_defanged(&reading.span)));
        let range = match reading.value {
            Value::Addrs { range, .. } => Some(range),
            _ => None,
        };
        let has_url = self.options.with_url && role == Role::UrlHost && place.name.is_some();
        let url = (has_url && self.fills(place, &whole)).then_some(whole);
        let (raw, port) = (raw_range, reading.port);
        let found = Indicator { at, raw, role, flags, port, url, range, place };
        if !self.begin(&found) {
            return;
        }
        match reading.value {
            Value::Rejected(_) | Value::BadName { .. } if word.is_again => {}
            Value::Rejected(rejection) => {
                self.watch.rejected(rejection.name());
                self.reject(rejection.name(), at);
            }
            Value::BadName { .. } => {
                // Counted only where an asset ends it, and no name in any case.
                self.watch.rejected("bad-name");
                if self.concerns(&reading.value) {
                    self.reject("bad-name", at);
                }
            }
            Value::Addrs { range, .. } if word.is_again && self.is_too_broad(&range) => {}
            Value::Addrs { range, kind } => self.addrs(&found, range, kind),
            Value::Name { name, subtree } => {
                self.name(&found, &name, subtree && !place.is_certificate);
                // Its memory is for the next name.
                self.name = name;
            }
            Value::Mail { mail, others } => self.mail(&found, &mail, &others),
        }
    }

    /// Begins with the next indicator; whether it is data.
    pub(super) fn begin(&mut self, found: &Indicator<'_>) -> bool {
        self.watch.read(found);
        if found.place.is_no_data {
            self.watch.rejected("no-data");
            return false;
        }
        self.most_specific.begin();
        self.known.begin();
        true
    }

    pub(super) fn addrs(&mut self, found: &Indicator<'_>, range: AddrRange, kind: IndicatorKind) {
        if self.is_too_broad(&range) {
            self.watch.rejected("too-broad");
            return self.reject("too-broad", found.at);
        }
        let unspecified = match range {
            AddrRange::V4 { first, .. } => first == 0,
            AddrRange::V6 { first, .. } => first == 0,
        };
        let mut indicator = std::mem::take(&mut self.indicator);
        indicator.clear();
        match (range.single(), kind) {
            (Some(_), IndicatorKind::Ipv4 | IndicatorKind::Ipv6) if unspecified => {
                self.indicator = indicator;
                return self.watch.rejected("unspecified");
            }
            (Some(addr), IndicatorKind::Ipv4 | IndicatorKind::Ipv6) => {
                push_addr(&mut indicator, addr);
            }
            (_, IndicatorKind::Range) => push_ends(&mut indicator, &range),
            _ => push_prefix(&mut indicator, &range),
        }
        self.watch.looked_up(kind, &indicator, false);
        let image = self.image;
        if self.options.most_specific {
            // Assets of one size come in any order, and the first is to be the same everywhere.
            let mut assets: Vec<_> = image.lookup_range(range).by_asset().collect();
            assets.sort_unstable_by_key(|(asset, _)| asset.index());
            for (asset, relation) in assets {
                self.keep(found, asset, relation, kind, &indicator);
            }
        } else {
            image.visit_range(range, |asset, relation| {
                self.keep(found, asset, relation, kind, &indicator);
            });
        }
        self.indicator = indicator;
    }

    pub(super) fn is_too_broad(&self, range: &AddrRange) -> bool {
        let shortest = match range {
            AddrRange::V4 { .. } => self.options.shortest4,
            AddrRange::V6 { .. } => self.options.shortest6,
        };
        range.prefix_len() < shortest
    }

    pub(super) fn name(&mut self, found: &Indicator<'_>, name: &str, subtree: bool) {
        self.watch.looked_up(IndicatorKind::Domain, name, subtree);
        let image = self.image;
        let mut keep = |asset, relation| {
            self.keep(found, asset, relation, IndicatorKind::Domain, name);
        };
        if !subtree {
            return image.visit_name(name, keep);
        }
        for (asset, relation) in image.lookup_subtree(name).by_asset() {
            keep(asset, relation);
        }
    }

    /// The first way to read something that concerns an asset.
    fn settle(&self, mut reading: Reading) -> Reading {
        let others = std::mem::take(&mut reading.others);
        if others.is_empty() || self.concerns(&reading.value) {
            return reading;
        }
        others.into_iter().find(|other| self.concerns(&other.value)).unwrap_or(reading)
    }

    /// Whether an asset is concerned, of whatever participant.
    fn concerns(&self, value: &Value) -> bool {
        let mut assets = match value {
            // What is too broad is counted whatever it holds.
            Value::Addrs { range, .. } => {
                return self.is_too_broad(range)
                    || self.image.lookup_range(*range).next().is_some();
            }
            Value::Name { name, subtree: true } => self.image.lookup_subtree(name),
            Value::Name { name, .. } | Value::BadName { name, is_mail: false } => {
                self.image.lookup_name(name)
            }
            Value::BadName { name, is_mail: true } => {
                let mail = format!("@{name}");
                return self.image.lookup_mail(&mail).next().is_some();
            }
            Value::Mail { mail, others } => {
                let is_asset = |mail: &String| {
                    self.image
                        .lookup_mail(mail)
                        .any(|found| found.asset().kind() == AssetKind::Email)
                };
                return self.image.lookup_mail(mail).next().is_some()
                    || others.iter().any(is_asset);
            }
            Value::Rejected(_) => return true,
        };
        assets.next().is_some()
    }

    fn mail(&mut self, found: &Indicator<'_>, mail: &str, others: &[String]) {
        let image = self.image;
        // The others are whole mail addresses, which are the most specific.
        for mail in others {
            let whole = image.lookup_mail(mail).by_asset();
            for (asset, relation) in whole.filter(|(asset, _)| asset.kind() == AssetKind::Email) {
                self.watch.looked_up(IndicatorKind::Email, mail, false);
                self.known.begin();
                self.keep(found, asset, relation, IndicatorKind::Email, mail);
            }
        }
        self.known.begin();
        self.watch.looked_up(IndicatorKind::Email, mail, false);
        for (asset, relation) in image.lookup_mail(mail).by_asset() {
            self.keep(found, asset, relation, IndicatorKind::Email, mail);
        }
    }

    /// Whether something is all that a field holds.
    fn fills(&self, place: &Place, whole: &Range<usize>) -> bool {
        let field = &place.field;
        let blank = |range: Range<usize>| {
            let mut rest = self.haystack[range].trim_ascii();
            while let [b'\\', b'n' | b'r' | b't', behind @ ..] = rest
                && place.escapes == Escapes::Json
            {
                rest = behind.trim_ascii();
            }
            rest.is_empty()
        };
        field.start <= whole.start
            && whole.end <= field.end
            && blank(field.start..whole.start)
            && blank(whole.end..field.end)
    }
}
