//! Cuts a feed into chunks that workers scan without knowing of each other.
//!
//! A chunk ends after a line end or, where none comes, anywhere. In csv it ends
//! after the end of a record: whether a line end stands within quotes is known
//! only from what comes before, so the cutter follows the quotes, 64 bytes at a
//! time where it can, and hands every chunk what it found. Then no chunk is scanned
//! on a guess. In documents of JSON it follows the brackets instead, see `document`.

use std::ops::Range;

use memchr::{memchr, memrchr};

use crate::document::{Follower, Spans};
use crate::find::{Cpu, Quotes};
use crate::format::{Csv, Dialect, Quoted};
use crate::limits::SCAN_LIMITS;

/// How chunks are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChunkSizes {
    /// Bytes of a chunk, but for looking for a line end.
    pub(crate) chunk_bytes: usize,
    /// Bytes behind a chunk in which a line end is looked for.
    pub(crate) search_bytes: usize,
}

impl Default for ChunkSizes {
    fn default() -> Self {
        Self { chunk_bytes: 1 << 20, search_bytes: CONTEXT_BYTES }
    }
}

/// What a worker may read before and behind its chunk.
pub(crate) const CONTEXT_BYTES: usize = SCAN_LIMITS.context_bytes;

/// A record, without its line end, of which all is in sight from any of its bytes.
pub(crate) const MAX_WHOLE_BYTES: usize = CONTEXT_BYTES - 2;

/// A csv record that is longer has a quote that nobody closed.
pub(crate) const MAX_RECORD_BYTES: usize = SCAN_LIMITS.record_bytes;

/// A chunk of a document ends early where its records are shorter than this; each is written down.
const BYTES_OF_RECORD: usize = 16;

/// Where a chunk ends, and what was found on the way there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Positions in the bytes that were given.
    pub(crate) chunk: Range<usize>,
    /// Quoted fields that hold line ends, of the chunk and of the records that its ends cut.
    pub(crate) quoted: Vec<Quoted>,
    /// Where a record began whose quote never closes.
    pub(crate) unterminated: Option<usize>,
    /// The records of a document.
    pub(crate) spans: Option<Spans>,
    /// Whether the feed ends with the chunk, and within a document.
    pub(crate) is_torn: bool,
}

/// Cuts one feed, in order.
#[derive(Debug)]
pub(crate) struct Cutter<'d> {
    eol: u8,
    sizes: ChunkSizes,
    cpu: Cpu,
    /// For csv, until a quote never closes.
    csv: Option<&'d Csv>,
    /// For documents.
    document: Option<Follower>,
    /// Bytes of the heading that are still to be cut; its lines are comments, and have no quotes.
    heading_bytes: usize,
    /// Bytes of the record that the last chunk cut, 0 where it cut none.
    record_bytes: usize,
    /// Quoted fields of that record, as distances from the chunk's end.
    open: Vec<(usize, usize)>,
}

impl<'d> Cutter<'d> {
    pub(crate) fn new(dialect: &'d Dialect, sizes: ChunkSizes, cpu: Cpu) -> Self {
        let heading_bytes = (dialect.heading_end as usize).saturating_sub(dialect.bom);
        let shape = dialect.format.shape();
        Self {
            eol: dialect.eol,
            sizes,
            cpu,
            csv: dialect.csv.as_ref(),
            document: shape.map(|shape| Follower::new(shape, dialect.eol, cpu, heading_bytes)),
            heading_bytes,
            record_bytes: 0,
            open: Vec::new(),
        }
    }

    /// Bytes behind a chunk's start that are enough to cut it.
    pub(crate) fn bytes_needed(&self) -> usize {
        let record = if self.csv.is_some() { 2 * MAX_RECORD_BYTES } else { 0 };
        self.sizes.chunk_bytes + self.sizes.search_bytes + record + CONTEXT_BYTES
    }

    /// Cuts the chunk that begins at `start`. `is_all` says that no bytes come
    /// behind these; else there are [`Self::bytes_needed`] or, to cut early, fewer.
    ///
    /// `None` where fewer are not enough.
    ///
    /// The feed, or what is known of it, begins at `floor`.
    pub(crate) fn cut(
        &mut self,
        bytes: &[u8],
        floor: usize,
        start: usize,
        is_all: bool,
    ) -> Option<Cut> {
        let is_enough = is_all || bytes.len() - start >= self.bytes_needed();
        if let Some(document) = &mut self.document {
            return cut_document(document, self.sizes, bytes, start, (is_all, is_enough));
        }
        let mut cut = match self.csv {
            Some(csv) => self.cut_csv(csv, bytes, floor, start, is_all, is_enough)?,
            None => {
                let end = self.line_cut(bytes, start, is_all, is_enough)?;
                Cut { chunk: start..end, ..Cut::default() }
            }
        };
        if self.csv.is_some() || !self.open.is_empty() {
            self.heading_bytes = self.heading_bytes.saturating_sub(cut.chunk.len());
            self.go_on(bytes, floor, &mut cut);
        }
        Some(cut)
    }

    /// Hands on the quoted fields of a record from one chunk to the next.
    fn go_on(&mut self, bytes: &[u8], floor: usize, cut: &mut Cut) {
        let Range { start, end } = cut.chunk;
        let known = self.open.iter().filter(|(from, _)| start - floor >= *from);
        let known = known.map(|(from, to)| start - from..start - to);
        cut.quoted = known.chain(cut.quoted.drain(..)).collect();
        self.record_bytes = match record_start(bytes, start, &cut.quoted, end, self.eol) {
            record if record > start => end - record,
            _ => self.record_bytes + (end - start),
        };
        let floor = floor.max(end.saturating_sub(CONTEXT_BYTES));
        let record = record_start(bytes, floor, &cut.quoted, end, self.eol);
        let is_open = |field: &&Quoted| (record.max(floor)..end).contains(&field.start);
        self.open.clear();
        let open = cut.quoted.iter().filter(is_open);
        self.open.extend(open.map(|field| (end - field.start, end - field.end)));
    }

    fn line_cut(&self, bytes: &[u8], start: usize, is_all: bool, is_enough: bool) -> Option<usize> {
        let target = start + self.sizes.chunk_bytes;
        if target >= bytes.len() {
            if is_all {
                return Some(bytes.len());
            }
            return memrchr(self.eol, &bytes[start..]).map(|len| start + len + 1);
        }
        let search_end = bytes.len().min(target + self.sizes.search_bytes);
        match memchr(self.eol, &bytes[target - 1..search_end]) {
            Some(len) => Some(target + len),
            None => is_enough.then_some(target),
        }
    }

    fn cut_csv(
        &mut self,
        csv: &Csv,
        bytes: &[u8],
        floor: usize,
        start: usize,
        is_all: bool,
        is_enough: bool,
    ) -> Option<Cut> {
        let mut end = self.line_cut(bytes, start, is_all, is_enough)?;
        let mut quoted = Vec::new();
        let mut from = start + self.heading_bytes;
        loop {
            from = self.skip(csv, &bytes[..end.max(from)], start, from, &quoted);
            let next = csv.next_quoted(bytes, floor, from..end, bytes.len(), self.eol);
            let close = match next {
                None => break,
                Some(Ok(ref field)) if !self.is_too_long(bytes, start, &quoted, field) => {
                    field.clone()
                }
                // Without the bytes that may close it, nothing is known.
                Some(Err(_)) if !is_enough => return None,
                Some(Ok(Quoted { start: open, .. }) | Err(open)) => {
                    return Some(self.give_up(bytes, start..end, quoted, open, is_all));
                }
            };
            from = close.end;
            if memchr(self.eol, &bytes[close.clone()]).is_some() {
                quoted.push(close);
            }
            if from > end {
                // The line end that was chosen is quoted; the record ends behind.
                let rest = memchr(self.eol, &bytes[from..]);
                end = match rest {
                    Some(len) => from + len + 1,
                    None if is_all => bytes.len(),
                    None if is_enough => from,
                    None => return None,
                };
            }
        }
        let is_whole = end == bytes.len() && is_all || bytes[..end].last() == Some(&self.eol);
        if !is_whole {
            let record = record_start(bytes, start, &quoted, end, self.eol);
            let before = self.bytes_before(start, record);
            let behind = end.max(from)..(record + MAX_RECORD_BYTES).saturating_sub(before);
            match self.open_behind(csv, bytes, floor, behind, &mut quoted) {
                Some(_) if !is_enough => return None,
                Some(open) => return Some(self.give_up(bytes, start..end, quoted, open, is_all)),
                None => {}
            }
        }
        Some(Cut { chunk: start..end, quoted, ..Cut::default() })
    }

    /// A quote that nothing closes in the rest of a record that a chunk cut, or else the quoted
    /// fields there that hold line ends. Where a record is read by lines, and where it ends, must
    /// not depend on its cuts.
    fn open_behind(
        &self,
        csv: &Csv,
        bytes: &[u8],
        floor: usize,
        behind: Range<usize>,
        quoted: &mut Vec<Quoted>,
    ) -> Option<usize> {
        let Range { start: mut from, end: most } = behind;
        let most = most.min(bytes.len());
        while from < most {
            let line = memchr(self.eol, &bytes[from..most]).map_or(most, |len| from + len);
            match csv.next_quoted(bytes, floor, from..line, bytes.len(), self.eol)? {
                Ok(field) if field.end <= most => {
                    from = field.end;
                    if memchr(self.eol, &bytes[field.clone()]).is_some() {
                        quoted.push(field);
                    }
                }
                Ok(Quoted { start: open, .. }) | Err(open) => return Some(open),
            }
        }
        None
    }

    /// A place up to which all quoted fields close and hold no line end.
    fn skip(&self, csv: &Csv, bytes: &[u8], start: usize, from: usize, quoted: &[Quoted]) -> usize {
        if !csv.quotes {
            return from;
        }
        let record = record_start(bytes, start, quoted, from, self.eol);
        let most_bytes = MAX_RECORD_BYTES.saturating_sub(self.bytes_before(start, record));
        let (separator, eol) = (csv.separator, self.eol);
        Quotes { separator, eol, most_bytes }.skip(self.cpu, bytes, record, from)
    }

    fn is_too_long(&self, bytes: &[u8], start: usize, quoted: &[Quoted], field: &Quoted) -> bool {
        let record = record_start(bytes, start, quoted, field.start, self.eol);
        self.bytes_before(start, record) + (field.end - record) > MAX_RECORD_BYTES
    }

    /// Bytes of a record in earlier chunks than the one that begins at `start`.
    const fn bytes_before(&self, start: usize, record: usize) -> usize {
        if record == start { self.record_bytes } else { 0 }
    }

    /// Reads by physical lines from the record on whose quote at `open` never closes.
    ///
    /// What came before a quote behind the longest record stays as it was read.
    fn give_up(
        &mut self,
        bytes: &[u8],
        chunk: Range<usize>,
        mut quoted: Vec<Quoted>,
        open: usize,
        is_all: bool,
    ) -> Cut {
        let Range { start, end } = chunk;
        let record = record_start(bytes, start, &quoted, open, self.eol);
        if self.bytes_before(start, record) + (open - record) < MAX_RECORD_BYTES {
            quoted.retain(|field| field.end <= record);
        }
        self.csv = None;
        let end = self.line_cut(bytes, start, is_all, true).unwrap_or(end).max(record);
        Cut { chunk: start..end, quoted, unterminated: Some(record), ..Cut::default() }
    }
}

/// Cuts between the records of a document where it can, and else anywhere.
///
/// `None` where fewer bytes than enough end no record.
fn cut_document(
    document: &mut Follower,
    sizes: ChunkSizes,
    bytes: &[u8],
    start: usize,
    (is_all, is_enough): (bool, bool),
) -> Option<Cut> {
    let target = bytes.len().min(start.saturating_add(sizes.chunk_bytes));
    document.begin_chunk(start);
    let end = if is_enough {
        let most = sizes.chunk_bytes / BYTES_OF_RECORD + 1;
        let end = document.follow(bytes, start..target, most);
        let search_end = bytes.len().min(target.saturating_add(sizes.search_bytes));
        match end == target && document.is_in_record(bytes, end) {
            true => document.follow(bytes, target..search_end, 0),
            false => end,
        }
    } else {
        let mut ahead = document.clone();
        let (mut at, mut between) = (start, None);
        while at < bytes.len() {
            at = ahead.follow(bytes, at..bytes.len(), 0);
            if !ahead.is_in_record(bytes, at) {
                between = Some(at);
            }
        }
        let Some(end) = between else {
            document.undo_begin(start);
            return None;
        };
        document.follow(bytes, start..end, usize::MAX)
    };
    let is_last = is_all && end == bytes.len();
    let ahead = bytes.len().min(end + CONTEXT_BYTES);
    let spans = document.end_chunk(bytes, end, ahead, is_last);
    let is_torn = is_last && document.is_within();
    Some(Cut { chunk: start..end, spans: Some(spans), is_torn, ..Cut::default() })
}

/// Where the record begins that `at` is in, `floor` at the earliest.
pub(crate) fn record_start(
    bytes: &[u8],
    floor: usize,
    quoted: &[Quoted],
    at: usize,
    eol: u8,
) -> usize {
    let mut at = at;
    loop {
        let start = memrchr(eol, &bytes[floor..at]).map_or(floor, |len| floor + len + 1);
        match start.checked_sub(1).and_then(|line_end| holding(quoted, line_end)) {
            // The record may begin before the floor with its field.
            Some(field) if start > floor => at = field.start.max(floor),
            _ => return start,
        }
    }
}

/// Where the record ends that `at` is in, `None` where that is behind `ceiling`.
pub(crate) fn record_end(
    bytes: &[u8],
    ceiling: usize,
    quoted: &[Quoted],
    at: usize,
    eol: u8,
) -> Option<usize> {
    let mut at = at;
    loop {
        let end = at + memchr(eol, bytes.get(at..ceiling)?)?;
        match holding(quoted, end) {
            Some(field) => at = field.end,
            None => return Some(end),
        }
    }
}

/// The quoted field that holds a position.
pub(crate) fn holding(quoted: &[Quoted], at: usize) -> Option<&Quoted> {
    let index = quoted.partition_point(|field| field.end <= at);
    quoted.get(index).filter(|field| field.contains(&at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Format, sniff};

    #[test]
    fn every_cpu_cuts_the_same() {
        const PARTS: &[&str] = &[
            "\"",
            "\"\"",
            "\"a\"",
            "\"a,b\"",
            "\"a\"\"b\"",
            "\"\"\"",
            "a",
            "a longer field",
            ",",
            ",",
            ",",
            "\n",
            "\n",
            "\r\n",
            "\r",
            "\"x\ny\"",
            "b\"c",
            "\"e \"f\",\"g\",",
            " \"d\"",
            "\",\"",
            "\"\n",
        ];
        let mut state = 1_u64;
        let mut below = |count: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % count
        };
        let mut cuts_seen = 0;
        for round in 0..8000 {
            let mut feed = String::from("ip,name,tag\n");
            // Mostly fields as they should be, so that something is skipped.
            let oddness = [2, 8, 30, 200][round % 4];
            for _ in 0..below(400) {
                match below(oddness) {
                    0 => feed.push_str(PARTS[below(PARTS.len())]),
                    _ => feed.push_str(
                        ["\"192.0.2.1\",", "\"\",\"x\"\n", "\"a \"\"b\"\"\",", "c,"][below(4)],
                    ),
                }
            }
            let dialect = sniff(feed.as_bytes(), Format::Csv).expect("csv");
            let sizes = ChunkSizes { chunk_bytes: 1 + below(900), search_bytes: 64 };
            let cuts = |cpu| {
                let mut cutter = Cutter::new(&dialect, sizes, cpu);
                let (mut cuts, mut start) = (Vec::new(), 0);
                while start < feed.len() {
                    let cut = cutter.cut(feed.as_bytes(), 0, start, true).expect("all is there");
                    start = cut.chunk.end;
                    cuts.push(cut);
                }
                cuts
            };
            let plain = cuts(Cpu::Plain);
            cuts_seen += plain.len();
            for cpu in Cpu::all() {
                assert_eq!(cuts(cpu), plain, "{cpu:?} {feed:?}");
            }
        }
        assert!(cuts_seen > 10_000, "{cuts_seen} say little");
    }
}
