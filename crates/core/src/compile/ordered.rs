//! Texts in byte order: sorted by their first bytes as a number, and only equals by the rest.
//!
//! A comparison of two texts somewhere in memory costs two cache misses; of the
//! millions that a sort makes, nearly all are decided by the first sixteen bytes.

/// The first bytes of a text; what is smaller here stands first.
///
/// A shorter text is filled up with zeros, so equal heads say nothing.
pub(super) fn head(text: &[u8]) -> u128 {
    match text.first_chunk::<16>() {
        Some(chunk) => u128::from_be_bytes(*chunk),
        None => {
            let mut chunk = [0; 16];
            chunk[..text.len()].copy_from_slice(text);
            u128::from_be_bytes(chunk)
        }
    }
}

/// Something in a place of its own, with a rank and the head of a text to sort it by.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    pub(super) head: u128,
    pub(super) rank: u32,
    pub(super) place: u32,
}

/// Sorts by rank, then by text: `whole` tells it for a place where the head does not decide.
pub(super) fn sort<T: Ord>(placed: &mut [Placed], whole: impl Fn(u32) -> T) {
    placed.sort_unstable_by_key(|it| (it.rank, it.head));
    for equals in placed.chunk_by_mut(|a, b| (a.rank, a.head) == (b.rank, b.head)) {
        if equals.len() > 1 {
            equals.sort_by_cached_key(|it| whole(it.place));
        }
    }
}

/// Different texts in order, and which of them each row has.
pub(super) struct Numbered<'a> {
    pub(super) texts: Vec<&'a str>,
    /// The number of each row's text, where it has one.
    pub(super) numbers: Vec<Option<u32>>,
}

impl<'a> Numbered<'a> {
    /// Numbers the texts of all rows.
    ///
    /// Rows of one participant mostly stand together, so that equal neighbours are sorted as one.
    pub(super) fn of(rows: impl Iterator<Item = Option<&'a str>>) -> Self {
        let mut runs: Vec<&str> = Vec::new();
        let mut numbers: Vec<Option<u32>> = (rows)
            .map(|row| {
                let text = row?;
                if runs.last() != Some(&text) {
                    runs.push(text);
                }
                Some(runs.len() as u32 - 1)
            })
            .collect();
        let placed = |(place, text): (usize, &&str)| Placed {
            head: head(text.as_bytes()),
            rank: 0,
            place: place as u32,
        };
        let mut order: Vec<Placed> = runs.iter().enumerate().map(placed).collect();
        sort(&mut order, |run| runs[run as usize]);

        let mut texts: Vec<&str> = Vec::new();
        let mut number_of_run = vec![0; runs.len()];
        for Placed { place, .. } in order {
            let text = runs[place as usize];
            if texts.last() != Some(&text) {
                texts.push(text);
            }
            number_of_run[place as usize] = texts.len() as u32 - 1;
        }
        for run in numbers.iter_mut().flatten() {
            *run = number_of_run[*run as usize];
        }
        Self { texts, numbers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_numbered_in_byte_order() {
        let rows = [
            "b",
            "b",
            "",
            "a\0",
            "a",
            "the same sixteen bytes, b",
            "the same sixteen bytes, a",
            "b",
        ];
        let Numbered { texts, numbers } =
            Numbered::of(rows.iter().map(|row| Some(*row)).chain([None]));
        let mut expected = rows.to_vec();
        expected.sort_unstable();
        expected.dedup();
        assert_eq!(texts, expected);
        let named: Vec<_> =
            numbers.iter().flatten().map(|&number| texts[number as usize]).collect();
        assert_eq!((&named[..], numbers.last()), (&rows[..], Some(&None)));
    }
}
