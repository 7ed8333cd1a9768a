//! The lines of a feed's beginning.

/// Records that are looked at.
pub(super) const MAX_RECORDS: usize = 200;

/// The lines of the beginning.
pub(super) struct Lines<'h> {
    pub(super) head: &'h [u8],
    /// Bytes of the `#` and empty lines at the start.
    pub(super) heading: usize,
    pub(super) eol: u8,
    /// Whether the feed goes on behind the beginning.
    pub(super) is_cut: bool,
}

impl<'h> Lines<'h> {
    pub(super) fn new(head: &'h [u8], eol: u8, is_cut: bool) -> Self {
        Self { head, heading: heading_bytes(head, eol), eol, is_cut }
    }

    /// The bytes behind the heading, without a last line that may be cut.
    pub(super) fn body(&self) -> &'h [u8] {
        self.without_cut(&self.head[self.heading..])
    }

    /// The same with the heading.
    pub(super) fn whole(&self) -> &'h [u8] {
        self.without_cut(self.head)
    }

    fn without_cut(&self, text: &'h [u8]) -> &'h [u8] {
        match text.iter().rposition(|&b| b == self.eol) {
            Some(end) if self.is_cut => &text[..=end],
            _ => text,
        }
    }

    /// Lines that say something.
    pub(super) fn sample(&self) -> impl Iterator<Item = &'h [u8]> {
        self.body()
            .split(|&b| b == self.eol)
            .map(<[u8]>::trim_ascii_end)
            .filter(|line| !matches!(line.trim_ascii_start(), [] | [b'#', ..]))
            .take(MAX_RECORDS)
    }
}

fn heading_bytes(text: &[u8], eol: u8) -> usize {
    let mut bytes = 0;
    let mut with_mark = 0;
    for line in text.split_inclusive(|&b| b == eol) {
        match line {
            [b'#', ..] => with_mark = bytes + line.len(),
            line if line.trim_ascii().is_empty() => {}
            _ => break,
        }
        bytes += line.len();
    }
    with_mark
}
