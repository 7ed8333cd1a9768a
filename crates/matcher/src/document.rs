//! Where the records of a JSON document begin and end.
//!
//! Whether a bracket is in a string, and to which array a comma belongs, is known only from all
//! that comes before, so the cutter follows a document in order, 64 bytes at a time, and hands
//! every chunk the records in it. Which arrays hold records depends on the [`Shape`]; what stands
//! before, between and behind these arrays is cut into records too, so that nothing is lost:
//! at their brackets, and where an object closes in which such a piece began.
//!
//! Within a record only the number of open brackets matters, so most blocks cost a few counts.
//! A line end ends a string, which JSON does not allow to hold one: a quote that nobody closed
//! costs one line where there are lines.

mod levels;

use std::ops::Range;

use memchr::memchr;

use crate::find::{BLOCK_BYTES, BRACKET_BLOCKS, Brackets, Cpu};
use crate::format::Meaning;
use levels::{Kind, Levels, key_before};

/// Which arrays of a document hold records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Those that lie in no other array.
    Json,
    /// The `objects` of a bundle, or the array that the document is.
    Stix,
    /// `Attribute` and `Object` wherever they are, the `list` of a warninglist, the `response` of
    /// a search, or the array that the document is.
    Misp,
}

/// A record, or what stands between arrays of records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) range: Range<usize>,
    /// Whether it begins within an object, and so with a key.
    pub(crate) is_member: bool,
    /// What the keys of all that it lies in say.
    pub(crate) about: Meaning,
}

/// The records that lie in a chunk, or partly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spans {
    /// Ascending.
    pub(crate) all: Vec<Span>,
    /// Whether the first begins where it says, and not before.
    pub(crate) begins: bool,
    /// Whether the last ends where it says, and not behind.
    pub(crate) ends: bool,
}

impl Spans {
    /// The record that holds a position.
    pub(crate) fn around(&self, at: usize) -> Option<&Span> {
        let index = self.all.partition_point(|span| span.range.end <= at);
        self.all.get(index).filter(|span| span.range.contains(&at))
    }

    /// Whether a record of these is known to begin where it says.
    pub(crate) fn begins(&self, span: &Span) -> bool {
        self.begins || self.all.first().is_none_or(|first| span.range.start > first.range.start)
    }

    /// Whether it is known to end there.
    pub(crate) fn ends(&self, span: &Span) -> bool {
        self.ends || self.all.last().is_none_or(|last| span.range.end < last.range.end)
    }

    /// The same as positions from `start` on.
    pub(crate) fn moved(mut self, start: usize) -> Self {
        self.begins &= self.all.first().is_none_or(|first| first.range.start >= start);
        for span in &mut self.all {
            span.range.start = span.range.start.saturating_sub(start);
            span.range.end -= start;
        }
        self
    }
}

/// How far a document was followed.
///
/// Positions are those of the bytes that are given. Between chunks they count from the end of the
/// last one, so a record that began before has one below 0.
#[derive(Clone, Debug)]
pub(crate) struct Follower {
    shape: Shape,
    eol: u8,
    cpu: Cpu,
    /// Bytes of the heading that are still to come; each of its lines is a record.
    heading_bytes: usize,
    is_in_string: bool,
    /// Whether the next byte of the string is escaped.
    is_escaped: bool,
    levels: Levels,
    /// Brackets that are open beyond the levels.
    deeper: usize,
    open: Option<Open>,
    /// Where the next record may begin, if none is open.
    pending: isize,
    /// Records that ended in this chunk.
    ended: Vec<Span>,
    /// Whether the first of them began where it says.
    first_begins: bool,
}

/// A record that has begun.
#[derive(Clone, Copy, Debug)]
struct Open {
    start: isize,
    /// How many levels there were.
    levels: usize,
    is_member: bool,
    about: Meaning,
}

impl Follower {
    pub(crate) fn new(shape: Shape, eol: u8, cpu: Cpu, heading_bytes: usize) -> Self {
        Self {
            shape,
            eol,
            cpu,
            heading_bytes,
            is_in_string: false,
            is_escaped: false,
            levels: Levels::default(),
            deeper: 0,
            open: None,
            pending: 0,
            ended: Vec::new(),
            first_begins: true,
        }
    }

    /// Whether a string, an object or an array is open.
    pub(crate) fn is_within(&self) -> bool {
        self.is_in_string || self.deeper > 0 || self.levels.count() > 0
    }

    /// Whether a record is open at `end`, behind what was followed.
    pub(crate) fn is_in_record(&mut self, bytes: &[u8], end: usize) -> bool {
        self.begin_record(bytes, end);
        self.open.is_some()
    }

    /// A chunk begins at `start`.
    pub(crate) fn begin_chunk(&mut self, start: usize) {
        self.shift(start.cast_signed());
        self.first_begins = true;
    }

    /// No chunk begins at `start`, and nothing was followed from there.
    pub(crate) fn undo_begin(&mut self, start: usize) {
        self.shift(-start.cast_signed());
    }

    fn shift(&mut self, by: isize) {
        self.pending += by;
        if let Some(open) = &mut self.open {
            open.start += by;
        }
    }

    /// A chunk ends at `end`, and with `is_all` the feed; its records.
    ///
    /// Where the last of them goes on behind the chunk, `ahead` is how far that may be looked for.
    pub(crate) fn end_chunk(
        &mut self,
        bytes: &[u8],
        end: usize,
        ahead: usize,
        is_all: bool,
    ) -> Spans {
        match is_all {
            true => self.end_record(bytes, end),
            false => self.begin_record(bytes, end),
        }
        let mut ends = true;
        if let Some(open) = self.open {
            let known = self.end_ahead(bytes, end..ahead, ahead == bytes.len());
            ends = known.is_some();
            self.push(open, known.unwrap_or(end));
        }
        self.shift(-end.cast_signed());
        Spans { all: std::mem::take(&mut self.ended), begins: self.first_begins, ends }
    }

    /// Where the record ends that is open at the start of a range.
    fn end_ahead(&self, bytes: &[u8], range: Range<usize>, is_all: bool) -> Option<usize> {
        let mut ahead = Self { ended: Vec::new(), ..self.clone() };
        let end = ahead.follow(bytes, range.clone(), 1);
        if end == range.end && is_all {
            ahead.end_record(bytes, end);
        }
        ahead.ended.first().map(|span| span.range.end)
    }

    /// Follows the document through a range, and returns its end or, once that many records ended,
    /// a place before that where none is open.
    pub(crate) fn follow(&mut self, bytes: &[u8], range: Range<usize>, most: usize) -> usize {
        let Range { start: mut at, end } = range;
        let heading = at + self.heading_bytes.min(end - at);
        while at < heading {
            let line = memchr(self.eol, &bytes[at..heading]);
            let next = line.map_or(heading, |len| at + len + 1);
            self.heading_bytes -= next - at;
            if line.is_some() {
                self.event(bytes, next - 1);
            }
            at = next;
        }
        let mut masks = [Brackets::default(); BRACKET_BLOCKS];
        while at < end {
            let count = Brackets::of(self.cpu, &bytes[at..end], self.eol, &mut masks);
            for masks in &masks[..count] {
                let block = at..end.min(at + BLOCK_BYTES);
                if let Some(stop) = self.block(bytes, block.clone(), masks, most) {
                    return stop;
                }
                at = block.end;
            }
        }
        end
    }

    /// Follows the document through a block; see [`follow`](Self::follow).
    fn block(
        &mut self,
        bytes: &[u8],
        block: Range<usize>,
        masks: &Brackets,
        most: usize,
    ) -> Option<usize> {
        let outside = !self.strings(&bytes[block.clone()], masks);
        let (open, close) = (masks.open & outside, masks.close & outside);
        let closes = close.count_ones() as usize;
        if self.deeper > closes {
            self.deeper += open.count_ones() as usize;
            self.deeper -= closes;
            return None;
        }
        let mut rest = !0_u64;
        loop {
            let mut wanted = open | close;
            if self.deeper == 0 {
                match self.levels.last() {
                    Some(Kind::Records) => wanted |= masks.comma & outside,
                    Some(_) => {}
                    None => wanted |= masks.eol & outside,
                }
            }
            wanted &= rest;
            if wanted == 0 {
                return None;
            }
            rest = !0 << wanted.trailing_zeros() & !(wanted & wanted.wrapping_neg());
            let at = block.start + wanted.trailing_zeros() as usize;
            self.event(bytes, at);
            if self.open.is_none() && self.ended.len() >= most {
                (self.is_in_string, self.is_escaped) = (false, false);
                return Some(at + 1);
            }
        }
    }

    /// Which bytes of a block are in strings, quotes that open them included.
    fn strings(&mut self, block: &[u8], masks: &Brackets) -> u64 {
        if block.len() == BLOCK_BYTES {
            let (escaped, is_escaped) = escaped(masks.backslash, self.is_escaped);
            let within = if self.is_in_string { !0 } else { 0 };
            let inside = odd_up_to(masks.quote & !escaped) ^ within;
            // A backslash outside of strings is none, and a line end in a string ends it.
            if masks.backslash & !inside | masks.eol & inside == 0 {
                self.is_in_string = inside >> 63 == 1;
                self.is_escaped = is_escaped && self.is_in_string;
                return inside;
            }
        }
        self.strings_by_bytes(block)
    }

    fn strings_by_bytes(&mut self, block: &[u8]) -> u64 {
        let mut inside = 0;
        for (at, &byte) in block.iter().enumerate() {
            let is_escaped = std::mem::take(&mut self.is_escaped) && byte != self.eol;
            match byte {
                _ if is_escaped => {}
                b'"' => self.is_in_string = !self.is_in_string,
                b'\\' => self.is_escaped = self.is_in_string,
                byte if byte == self.eol => self.is_in_string = false,
                _ => {}
            }
            inside |= u64::from(self.is_in_string) << at;
        }
        inside
    }

    /// Whether there may be records within the open one.
    fn may_nest(&self) -> bool {
        match self.shape {
            Shape::Json => false,
            Shape::Stix => self.levels.count() == 1,
            Shape::Misp => true,
        }
    }

    /// Takes a bracket, a comma between records, or a line end between documents.
    fn event(&mut self, bytes: &[u8], at: usize) {
        match bytes[at] {
            byte @ (b'{' | b'[') => {
                let is_element = self.levels.last() == Some(Kind::Records);
                let is_level = self.deeper == 0 && (!is_element || self.may_nest());
                let key = if is_level { key_before(bytes, at) } else { None };
                if byte == b'[' && self.holds_records(key) {
                    self.end_record(bytes, at);
                    self.pending = at.cast_signed() + 1;
                    self.levels.push(Kind::Records, key);
                    return;
                }
                self.begin_record(bytes, at + 1);
                let kind = if byte == b'{' { Kind::Object } else { Kind::Other };
                if !is_level || !self.levels.push(kind, key) {
                    self.deeper += 1;
                }
            }
            b'}' | b']' if self.deeper > 0 => self.deeper -= 1,
            b'}' | b']' => {
                self.begin_record(bytes, at);
                let is_root = self.levels.pop() && self.levels.count() == 0;
                match self.open {
                    Some(open) if open.levels > self.levels.count() => self.end_record(bytes, at),
                    Some(_) if is_root => self.end_record(bytes, at + 1),
                    // One that closes nothing.
                    Some(_) if self.levels.count() == 0 => self.end_record(bytes, at),
                    Some(_) => return,
                    None => {}
                }
                self.pending = at.cast_signed() + 1;
            }
            _ => {
                self.end_record(bytes, at);
                self.pending = at.cast_signed() + 1;
            }
        }
    }

    /// Whether the elements of an array that opens here are records.
    fn holds_records(&self, key: Option<&[u8]>) -> bool {
        let depth = self.levels.count();
        let holds = match self.shape {
            _ if depth == 0 => true,
            _ if self.levels.last() == Some(Kind::Records) => false,
            Shape::Json => true,
            Shape::Stix => {
                let is_bundle = depth == 1 || depth == 2 && self.levels.is_array_of_records();
                is_bundle && key == Some(b"objects")
            }
            Shape::Misp => match key {
                Some(b"Attribute" | b"Object") => true,
                Some(b"list" | b"response") => depth == 1,
                _ => false,
            },
        };
        holds && self.deeper == 0 && self.levels.has_room()
    }

    /// A record begins with the first byte before `end` that says something, unless one is open.
    fn begin_record(&mut self, bytes: &[u8], end: usize) {
        if self.open.is_some() {
            return;
        }
        let from = self.pending.cast_unsigned().min(end);
        let says = |byte: &u8| !is_blank(*byte) && *byte != b',';
        match bytes[from..end].iter().position(says) {
            Some(len) => {
                self.open = Some(Open {
                    start: (from + len).cast_signed(),
                    levels: self.levels.count(),
                    is_member: self.levels.last() == Some(Kind::Object),
                    about: self.levels.about(),
                });
            }
            None => self.pending = end.cast_signed(),
        }
    }

    /// The record that is open, or began since, ends before `end`.
    fn end_record(&mut self, bytes: &[u8], end: usize) {
        self.begin_record(bytes, end);
        if let Some(open) = self.open.take() {
            let start = open.start.max(0).cast_unsigned();
            let blanks = bytes[start..end].iter().rev().take_while(|byte| is_blank(**byte));
            let end = end - blanks.count();
            self.push(open, end);
            self.pending = end.cast_signed();
        }
    }

    fn push(&mut self, open: Open, end: usize) {
        let Open { start, is_member, about, .. } = open;
        self.first_begins &= start >= 0;
        let range = start.max(0).cast_unsigned()..end;
        self.ended.push(Span { range, is_member, about });
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Bit by bit, whether the bits up to it, itself included, are odd in number.
const fn odd_up_to(bits: u64) -> u64 {
    let bits = bits ^ bits << 1;
    let bits = bits ^ bits << 2;
    let bits = bits ^ bits << 4;
    let bits = bits ^ bits << 8;
    let bits = bits ^ bits << 16;
    bits ^ bits << 32
}

/// The bytes that backslashes escape, and whether the first behind the block is one.
///
/// Of a row of backslashes every second escapes the one before it, so a row that begins at an even
/// place and is odd in length escapes at an odd one; the carry of an addition runs through a row.
const fn escaped(backslash: u64, was_escaped: bool) -> (u64, bool) {
    if backslash == 0 {
        return (was_escaped as u64, false);
    }
    const EVEN: u64 = 0x5555_5555_5555_5555;
    let backslash = backslash & !(was_escaped as u64);
    let follows = backslash << 1 | was_escaped as u64;
    let odd_starts = backslash & !EVEN & !follows;
    let (even_rows, overflows) = odd_starts.overflowing_add(backslash);
    ((EVEN ^ even_rows << 1) & follows, overflows)
}
