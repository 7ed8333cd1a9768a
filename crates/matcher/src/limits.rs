//! What a scan takes at most from a feed, and what becomes of more.

/// Bounds that hold for every feed, so that none can ask for all memory or for all day.
///
/// Nothing beyond a bound is lost in silence: each field says where it is told.
///
/// # Example
///
/// ```
/// use feedsieve::SCAN_LIMITS;
///
/// assert!(SCAN_LIMITS.context_bytes < SCAN_LIMITS.record_bytes);
/// assert_eq!(SCAN_LIMITS.packings, 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanLimits {
    /// Bytes of a record of CSV.
    ///
    /// A quote that is still open behind so many was not meant as one: the feed is read by lines
    /// from there on, and [`ScanStats::rejected`](crate::ScanStats::rejected) has the record under
    /// `unterminated-quote`.
    pub record_bytes: usize,
    /// Bytes before and behind evidence in which its record is looked for.
    ///
    /// A hit whose record reaches further has no field, nor what stands beside the field, and the
    /// flag [`Flags::LONG_RECORD`](crate::Flags::LONG_RECORD);
    /// [`ScanStats::long_records`](crate::ScanStats::long_records) counts them.
    pub context_bytes: usize,
    /// Bytes of a word that are read at once.
    ///
    /// A longer one is read in blocks that overlap, and has the same hits.
    pub word_bytes: usize,
    /// Further evidence in a hit.
    ///
    /// [`Hit::also_count`](crate::Hit::also_count) tells how much there is.
    pub also: usize,
    /// Objects and arrays around a value of a JSON document.
    ///
    /// What is deeper is searched, and is no record of its own.
    pub levels: usize,
    /// How often a feed may be packed: a gzip file in a zip is unpacked twice.
    ///
    /// Beyond it the feed is incomplete
    /// ([`ScanStats::incomplete_why`](crate::ScanStats::incomplete_why)).
    pub packings: usize,
    /// Unpacked bytes for each packed one, behind the first [`growth_from_bytes`](Self::growth_from_bytes).
    ///
    /// Deflate ends at 1,032. Where there are more, the feed is incomplete.
    pub growth: u64,
    /// Unpacked bytes that are taken however few packed ones there were.
    pub growth_from_bytes: u64,
    /// Memory that an xz file may ask for; what `xz -9` packs needs 65 MiB.
    ///
    /// Where it asks for more, the feed is incomplete.
    pub xz_memory_bytes: u64,
}

/// The bounds of this release.
pub const SCAN_LIMITS: ScanLimits = ScanLimits {
    record_bytes: 1 << 20,
    context_bytes: 64 << 10,
    word_bytes: 16 << 10,
    also: 16,
    levels: 1024,
    packings: 2,
    growth: 2000,
    growth_from_bytes: 1 << 30,
    xz_memory_bytes: 128 << 20,
};

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::SCAN_LIMITS;

    /// Every limit has a row, with its value, in the table of SECURITY.md.
    #[test]
    fn security_md_has_every_limit() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../SECURITY.md");
        let page = std::fs::read_to_string(path).expect("the page");
        // Every field, so that a new one is missed here.
        let super::ScanLimits {
            record_bytes,
            context_bytes,
            word_bytes,
            also,
            levels,
            packings,
            growth,
            growth_from_bytes,
            xz_memory_bytes,
        } = SCAN_LIMITS;
        let (mib, kib) = (1 << 20, 1 << 10);
        for row in [
            format!("| a record of CSV | {} MiB |", record_bytes / mib),
            format!("| what is looked at around evidence | {} KiB |", context_bytes / kib),
            format!("| a word read at once | {} KiB |", word_bytes / kib),
            format!("| further evidence in a hit | {also} |"),
            format!("| objects and arrays around a value | {levels} |"),
            format!("| packings around a feed | {packings} |"),
            format!(
                "| growth of a packed feed beyond {} GiB | {}-fold |",
                growth_from_bytes >> 30,
                format!("{growth}").replace("000", ",000")
            ),
            format!("| memory for xz | {} MiB |", xz_memory_bytes >> 20),
        ] {
            assert!(page.contains(&row), "SECURITY.md has no row {row}");
        }
    }
}
