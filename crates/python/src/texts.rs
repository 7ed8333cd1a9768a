//! Several texts in one piece of memory, so that a hit costs one allocation and not ten.

/// `N` texts, of which some may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Texts<const N: usize> {
    all: Box<str>,
    /// Where each ends; the top bit says that it is missing.
    ends: [u32; N],
}

const MISSING: u32 = 1 << 31;

impl<const N: usize> Texts<N> {
    /// Texts of a hit are shorter than 2 GiB together, as a record that is copied has 64 KiB at most.
    pub(crate) fn new(texts: [Option<&str>; N]) -> Self {
        let bytes = texts.iter().flatten().map(|text| text.len()).sum();
        let mut all = String::with_capacity(bytes);
        let ends = texts.map(|text| {
            all.push_str(text.unwrap_or_default());
            let end = u32::try_from(all.len()).unwrap_or(u32::MAX);
            assert!(end < MISSING, "the texts of a hit are short");
            end | if text.is_none() { MISSING } else { 0 }
        });
        Self { all: all.into(), ends }
    }

    pub(crate) fn at(&self, index: usize) -> Option<&str> {
        let start = match index {
            0 => 0,
            _ => self.ends[index - 1] & !MISSING,
        };
        let end = self.ends[index];
        (end & MISSING == 0).then(|| &self.all[start as usize..end as usize])
    }
}
