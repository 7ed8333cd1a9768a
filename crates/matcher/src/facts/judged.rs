//! What names say, judged once: a feed has few names of columns and keys, and many hits under each.

use compact_str::CompactString;

use super::name::{Fact, Owner, fact, indicator_owner, port_owner, side};
use crate::format::is_secret;
use crate::hit::Side;

/// Names that were met, and what they say.
#[derive(Debug, Default)]
pub(crate) struct JudgedNames {
    known: Vec<(CompactString, Judged)>,
    /// The name that was asked for last. Records have their keys in one order, mostly, so the next
    /// name is the one behind it.
    last: usize,
}

/// What a name says of what stands under it.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) is_secret: bool,
    pub(super) fact: Option<(Fact, usize)>,
    /// Whose port stands there.
    port_owner: Option<Owner>,
    /// Whose address, name or URL stands there.
    owner: Owner,
    /// On which side, where it is no address and where it is one.
    sides: [Option<Side>; 2],
}

/// Most names that are remembered. A feed may write a new one in each record, and they are compared
/// one by one.
const MAX_NAMES: usize = 64;

impl JudgedNames {
    /// What a name says.
    pub(super) fn of(&mut self, name: &str) -> &Judged {
        self.last = self.find(name);
        &self.known[self.last].1
    }

    fn find(&mut self, name: &str) -> usize {
        let next = self.last + 1;
        if self.known.get(next).is_some_and(|(known, _)| known == name) {
            return next;
        }
        if let Some(at) = self.known.iter().position(|(known, _)| known == name) {
            return at;
        }
        if self.known.len() == MAX_NAMES {
            self.known.clear();
        }
        let judged = Judged {
            is_secret: is_secret(name),
            fact: fact(name),
            port_owner: port_owner(name),
            owner: indicator_owner(name),
            sides: [side(name, false), side(name, true)],
        };
        self.known.push((name.into(), judged));
        self.known.len() - 1
    }

    /// The side on which something stands under this name.
    pub(super) fn side(&mut self, name: &str, is_addr: bool) -> Option<Side> {
        self.of(name).sides[usize::from(is_addr)]
    }

    /// The first of some ports that is of what is called `indicator`.
    pub(super) fn port_of<N: AsRef<str>>(
        &mut self,
        ports: &[(N, u16)],
        indicator: &str,
    ) -> Option<u16> {
        if ports.is_empty() {
            return None;
        }
        let owner = self.of(indicator).owner.clone();
        let of = |(name, port): &(N, u16)| {
            (self.of(name.as_ref()).port_owner.as_ref() == Some(&owner)).then_some(*port)
        };
        ports.iter().find_map(of)
    }
}
