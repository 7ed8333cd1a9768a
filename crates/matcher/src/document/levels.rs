//! The objects and arrays that are open around the records of a document.

use crate::format::Meaning;
use crate::limits::SCAN_LIMITS;

/// Longest key that is known.
const MAX_KEY_BYTES: usize = 256;

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    /// An array whose elements are records.
    Records,
    /// Another array.
    Other,
}

#[derive(Clone, Copy, Debug)]
struct Level {
    kind: Kind,
    /// Where in the keys its own begins.
    key: usize,
    /// What its key and those of all before it say, once somebody asked.
    about: Option<Meaning>,
}

/// What is open, the outermost first.
#[derive(Clone, Debug, Default)]
pub(super) struct Levels {
    all: Vec<Level>,
    /// All keys, one after the other.
    keys: Vec<u8>,
}

impl Levels {
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    pub(super) fn last(&self) -> Option<Kind> {
        self.all.last().map(|level| level.kind)
    }

    /// Whether the outermost is an array whose elements are records.
    pub(super) fn is_array_of_records(&self) -> bool {
        self.all.first().is_some_and(|level| level.kind == Kind::Records)
    }

    /// Whether another may be pushed.
    pub(super) fn has_room(&self) -> bool {
        self.all.len() < SCAN_LIMITS.levels
    }

    /// Opens one; `false` where there is no room.
    pub(super) fn push(&mut self, kind: Kind, key: Option<&[u8]>) -> bool {
        let has_room = self.has_room();
        if has_room {
            self.all.push(Level { kind, key: self.keys.len(), about: None });
            self.keys.extend_from_slice(key.unwrap_or_default());
        }
        has_room
    }

    /// Closes the last; `false` where there is none.
    pub(super) fn pop(&mut self) -> bool {
        let level = self.all.pop();
        self.keys.truncate(level.map_or(0, |level| level.key));
        level.is_some()
    }

    /// What the keys of all that is open say.
    pub(super) fn about(&mut self) -> Meaning {
        let known = self.all.iter().rposition(|level| level.about.is_some());
        let mut about = known.and_then(|known| self.all[known].about).unwrap_or_default();
        for index in known.map_or(0, |known| known + 1)..self.all.len() {
            let end = self.all.get(index + 1).map_or(self.keys.len(), |next| next.key);
            let key = &self.keys[self.all[index].key..end];
            about = about.with(Meaning::of_key(key));
            self.all[index].about = Some(about);
        }
        about
    }
}

/// The key of a bracket, as it is written: what stands in quotes before a colon before it.
pub(super) fn key_before(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let floor = at.saturating_sub(2 * MAX_KEY_BYTES);
    let before = bytes[floor..at].trim_ascii_end().strip_suffix(b":")?;
    let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let before = before[..before.len() - blanks].strip_suffix(b"\"")?;
    let mut start = before.len();
    loop {
        start = memchr::memrchr(b'"', &before[..start])?;
        let backslashes = before[..start].iter().rev().take_while(|&&b| b == b'\\').count();
        if backslashes % 2 == 0 {
            let key = &before[start + 1..];
            return (key.len() <= MAX_KEY_BYTES).then_some(key);
        }
    }
}
