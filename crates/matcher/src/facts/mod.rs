//! The facts that a call to a participant needs, and that stand beside the evidence: when it was
//! seen, on which port, by which protocol, what it is said to be, and on which side it stood.
//!
//! They are looked for at a hit only, in records of which all is in sight from any of their bytes,
//! so that no cut changes them. What a column says was judged once for the feed.

mod judged;
mod name;
mod object;
mod row;
mod value;

pub(crate) use judged::JudgedNames;
pub(crate) use name::{Fact, fact};
pub(crate) use object::Object;
pub(crate) use row::Row;

use compact_str::CompactString;
use smallvec::SmallVec;

use crate::hit::{Flags, Side};

/// What stands beside a piece of evidence; what is not known is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    // Most are so short that they need no heap.
    pub(crate) time: Option<CompactString>,
    pub(crate) port: Option<u16>,
    pub(crate) protocol: Option<CompactString>,
    pub(crate) tag: Option<CompactString>,
    pub(crate) side: Option<Side>,
    /// What was odd about them.
    pub(crate) flags: Flags,
}

impl Facts {
    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Takes what is known here where it is not known yet.
    fn add(&mut self, further: &Self) {
        if self.time.is_none() && further.time.is_some() {
            self.time.clone_from(&further.time);
            self.flags =
                self.flags.with(Flags::TZ_ASSUMED.when(further.flags.has(Flags::TZ_ASSUMED)));
        }
        if self.tag.is_none() && further.tag.is_some() {
            self.tag.clone_from(&further.tag);
            self.flags = self.flags.with(Flags::LOSSY.when(further.flags.has(Flags::LOSSY)));
        }
        self.protocol = self.protocol.take().or_else(|| further.protocol.clone());
    }
}

/// What stands beside one another in a record.
#[derive(Debug)]
pub(crate) enum Neighbours<'r> {
    /// In columns.
    Row(Row),
    /// In JSON.
    Object(Object<'r>),
}

impl Neighbours<'_> {
    /// The facts beside what stands in the field called `name`; none where nothing is known.
    pub(crate) fn facts(&self, name: &str, is_addr: bool, names: &mut JudgedNames) -> Facts {
        match self {
            Self::Row(row) => row.facts(name, is_addr, names),
            Self::Object(object) => object.facts(name, is_addr, names),
        }
    }
}

/// The columns or keys that stand beside one another, of each fact the one that is asked first.
#[derive(Debug, Default)]
struct Beside {
    facts: Facts,
    ranks: [Option<usize>; 3],
    /// Under the names of which it is known that ports stand there.
    ports: SmallVec<[(CompactString, u16); 2]>,
}

impl Beside {
    /// Takes a text under a name for the fact that the name says, if it is one.
    fn offer(&mut self, (fact, rank): (Fact, usize), name: &str, text: &str) {
        let text = text.trim_matches(|c: char| c.is_ascii_whitespace());
        let slot = match fact {
            Fact::Port => {
                self.ports.extend(value::port(text).map(|port| (name.into(), port)));
                return;
            }
            Fact::Time { .. } => 0,
            Fact::Protocol => 1,
            Fact::Tag => 2,
        };
        if self.ranks[slot].is_some_and(|known| known <= rank) {
            return;
        }
        let facts = &mut self.facts;
        let is_taken = match fact {
            Fact::Time { is_utc } => value::time(text).map(|time| {
                facts.time = Some(time.text);
                let is_assumed = !time.has_zone && !is_utc;
                facts.flags =
                    facts.flags.without(Flags::TZ_ASSUMED).with(Flags::TZ_ASSUMED.when(is_assumed));
            }),
            Fact::Protocol => value::protocol(text).map(|name| facts.protocol = Some(name)),
            _ => value::tag(text).map(|tag| {
                let is_lossy = tag.contains(char::REPLACEMENT_CHARACTER);
                facts.tag = Some(tag);
                facts.flags = facts.flags.without(Flags::LOSSY).with(Flags::LOSSY.when(is_lossy));
            }),
        };
        if is_taken.is_some() {
            self.ranks[slot] = Some(rank);
        }
    }
}
