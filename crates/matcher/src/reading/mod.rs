//! Reads a word carefully: which indicators does it hold, and in which role?
//!
//! Called for the few words in which the finder saw something, so it may be
//! slow, and it reads a word from left to right as a person would: `rewrite`
//! undoes escapes and defanging with a map back to offsets, `words` parts URLs
//! from text, `escaped` reads what was cut out of one, `url` cuts a URL as WHATWG
//! does, `mail` a mail address, `token` reads addresses and names.

mod addr;
mod escaped;
mod mail;
mod percent;
mod plain;
mod reverse;
mod rewrite;
mod token;
mod unicode;
mod url;
mod words;

use std::ops::Range;

use feedsieve_core::AddrRange;

use crate::IndicatorKind;
use crate::hit::{Flags, Role};

pub(crate) use plain::{MAX_PLAIN_BYTES, Plain, judge, read_plain};
pub(crate) use rewrite::{Escapes, Text};
pub(crate) use token::letters;
pub(crate) use unicode::{InName, first_letter, is_foreign_to_ascii, is_mark};
pub(crate) use url::plain_url;
pub(crate) use words::read;

/// An indicator in a text, and where it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Its bytes in the text.
    pub(crate) span: Range<usize>,
    /// The same with what belongs to it: `*.`, brackets, a port.
    pub(crate) whole: Range<usize>,
    pub(crate) value: Value,
    /// `Text` unless its surroundings say more; the caller knows about the field.
    pub(crate) role: Role,
    pub(crate) flags: Flags,
    pub(crate) port: Option<u16>,
    /// Worse ways to read the same, each without others: the first way that concerns an asset is meant.
    pub(crate) others: Vec<Reading>,
}

impl Reading {
    /// Makes a name, however it is read, stand for everything under it as well.
    pub(crate) fn reaches_under(&mut self) {
        if let Value::Name { subtree, .. } = &mut self.value {
            *subtree = true;
        }
        self.others.iter_mut().for_each(Self::reaches_under);
    }
}

/// What an indicator says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Addrs {
        range: AddrRange,
        kind: IndicatorKind,
    },
    Name {
        /// Canonical, but for labels that are none.
        name: String,
        /// A notation for everything under the name as well.
        subtree: bool,
    },
    Mail {
        /// The most likely local part, and the domain in canonical form.
        mail: String,
        /// Other readings of the local part, which only an asset can confirm.
        others: Vec<String>,
    },
    /// Not an indicator, but counted under this reason.
    Rejected(Rejection),
    /// A name that is none, perhaps behind an `@`; counted where an asset ends it.
    BadName {
        name: String,
        is_mail: bool,
    },
}

/// Why an indicator is none, counted wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rejection {
    AmbiguousOctal,
    InvertedRange,
}
