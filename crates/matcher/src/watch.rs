//! Who looks on while a chunk is scanned: nobody, or an explanation.
//!
//! The scan and the explanation are one function, so that they cannot differ. It
//! tells a [`Watch`] what it does, and the one of a scan, `()`, hears nothing and costs nothing.

use feedsieve_core::{AssetRef, Owner, Relation};

use crate::IndicatorKind;
use crate::evidence::Withheld;
use crate::format::Place;
use crate::scan::Indicator;

/// Told by a worker what it comes across, in this order for each indicator: what was read,
/// then what it was looked up as or why it was not, then who owns what was found.
pub(crate) trait Watch {
    /// Whether anybody listens; what is worked out only to be told is left out otherwise.
    const LISTENS: bool;

    /// A field that is not searched, for it holds a secret.
    fn secret(&mut self, _at: usize, _place: &Place) {}

    /// Something was read that begins in the chunk.
    fn read(&mut self, _found: &Indicator<'_>) {}

    /// It is no indicator, or none that is looked up, for this reason.
    fn rejected(&mut self, _reason: &'static str) {}

    /// It is looked up.
    fn looked_up(&mut self, _kind: IndicatorKind, _indicator: &str, _subtree: bool) {}

    /// It concerns an asset; what becomes of that for one of its owners.
    fn concerns(
        &mut self,
        _asset: AssetRef<'_>,
        _owner: Owner<'_>,
        _relation: Relation,
        _verdict: Verdict,
    ) {
    }
}

impl Watch for () {
    const LISTENS: bool = false;
}

/// What becomes of an indicator that concerns an asset of a participant.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Image, Inventory, Limits, Scanner, Source, Verdict};
/// let csv = "participant,kind,value\nA,prefix,192.0.0.0/16\nA,prefix,192.0.2.0/24\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let scanner = Scanner::new(&image).most_specific(true);
/// let mut told = Vec::new();
/// scanner.explain(Source::slice("feed", b"192.0.2.7\n"), Some(1), &mut |record| {
///     told.extend(record.seen[0].concerns.iter().map(|concern| concern.verdict));
/// })?;
/// assert_eq!(told, [Verdict::Hit, Verdict::LessSpecific]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// A hit.
    Hit,
    /// Withheld, since the feed does not list it but allows it.
    Exception,
    /// Withheld, since it stands in a role that was not asked for.
    Role,
    /// Withheld, since the addresses are local space, which was not asked for.
    LocalSpace,
    /// Withheld, since an allow list holds it.
    Allowed,
    /// Left out, since a more specific asset of the participant was asked for and found.
    LessSpecific,
    /// Left out, since other participants were asked for.
    OtherParticipant,
}

impl Verdict {
    pub(crate) const fn of(withheld: Option<Withheld>, is_wanted: bool) -> Self {
        match (is_wanted, withheld) {
            (false, _) => Self::OtherParticipant,
            (true, Some(Withheld::Exception)) => Self::Exception,
            (true, Some(Withheld::Role(_))) => Self::Role,
            (true, Some(Withheld::LocalSpace)) => Self::LocalSpace,
            (true, Some(Withheld::Allowed)) => Self::Allowed,
            (true, None) => Self::Hit,
        }
    }
}
