//! What a lint found, and how bad it is.

/// Something about an inventory that a person should look at.
///
/// # Example
///
/// ```
/// # use feedsieve_core::Lint;
/// let mut lint = Lint::default();
/// lint.read("one.csv", &b"participant,value\nA,192.0.2.0/24\n"[..])?;
/// lint.read("two.csv", &b"participant,value\nB,192.0.2.0/24\n"[..])?;
/// // Told where it is found, which is in the later file.
/// let same = lint.findings().into_iter().find(|finding| finding.rule == "same-asset").unwrap();
/// assert_eq!((same.file, same.line, same.column), (1, 2, 3));
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The number of the file, in the order in which they were read, from 0.
    pub file: usize,
    /// The physical line, from 1.
    pub line: u64,
    /// The column of the value in characters, from 1; that of its row where the notation does not tell.
    pub column: u64,
    /// How bad it is.
    pub level: Level,
    /// The name of the rule, as [`Lint`](crate::Lint) lists them.
    pub rule: &'static str,
    /// What was found, and what was expected or what to do; safe to print.
    pub message: String,
}

impl Finding {
    pub(super) fn new(
        file: usize,
        (line, column): (u64, u64),
        level: Level,
        rule: &'static str,
        message: String,
    ) -> Self {
        Self { file, line, column, level, rule, message }
    }

    /// What findings are sorted by. The rule makes the order of those of one place fixed.
    pub(super) fn place(&self) -> (usize, u64, u64, &'static str) {
        (self.file, self.line, self.column, self.rule)
    }
}

/// How bad a finding is, the least first.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{Level, Lint};
/// let mut lint = Lint::default();
/// lint.read("ours.csv", &b"participant,value\nA,Hospital.example\nA,com\n"[..])?;
/// let levels: Vec<_> = lint.findings().iter().map(|finding| finding.level).collect();
/// assert_eq!(levels, [Level::Note, Level::Error]);
/// assert_eq!(levels.iter().max(), Some(&Level::Error));
/// # Ok::<(), feedsieve_core::InventoryError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Level {
    /// Right, and worth knowing.
    Note,
    /// Perhaps not what was meant.
    Warning,
    /// Wrong: the row is not used.
    Error,
}

impl Level {
    /// The name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}
