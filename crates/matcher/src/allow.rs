//! Indicators that are never hits, since somebody allows them.
//!
//! Entries are the assets of an image of their own, in which an indicator is looked up once it
//! concerns a participant, and never before: what is no hit costs nothing.

use feedsieve_core::{AddrRange, Image, Relation, ValueRef};
use smallvec::SmallVec;

use crate::IndicatorKind;

/// What is never a hit: prefixes, ranges, names with all under them, mail addresses.
///
/// An entry silences an indicator that is equal to it, inside it or under it. An indicator that
/// covers or overlaps an asset speaks of more than the entry does and is reported all the
/// same. An entry that holds an asset of a participant silences nothing of that participant,
/// unless [`with_own`](Self::with_own) says so: whoever allows all of a hoster's network
/// has hardly thought of the member in it.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, AllowList, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\nB,prefix,192.0.2.128/25\n";
/// let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let (entries, _) = Inventory::from_allow_list(&b"192.0.2.128/25 # scanners\n"[..])?;
/// let entries = Image::open(compile(&entries, &Limits::default())?)?;
/// let allow = AllowList::new(entries, &image);
/// let held: Vec<_> = allow.own(&image).map(|(entry, id)| (entry.to_string(), id)).collect();
/// assert_eq!(held, [("192.0.2.128/25".to_owned(), "B")]);
///
/// let mut told = Vec::new();
/// let stats = Scanner::new(&image).allow(allow).scan(
///     Source::slice("feed", b"192.0.2.200\n"),
///     &mut SinkFn(|hit: &Hit<'_>| {
///         told.push(hit.participant.to_owned());
///         true
///     }),
/// )?;
/// assert_eq!((told, stats.allowed), (vec!["B".to_owned()], 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct AllowList {
    entries: Image,
    /// Entries that hold an asset of a participant, both as indexes; ascending.
    own: Vec<(u32, u32)>,
    silences_own: bool,
}

/// Entries that hold an indicator, mostly none and rarely more than one.
pub(crate) type Entries = SmallVec<[u32; 4]>;

impl AllowList {
    /// The assets of `entries`, for scans with `participants`.
    ///
    /// Looks up every asset of the participants once. Keywords among the entries allow nothing.
    #[must_use]
    pub fn new(entries: Image, participants: &Image) -> Self {
        let mut list = Self { entries, own: Vec::new(), silences_own: false };
        for index in 0..participants.asset_count() as u32 {
            let asset = participants.asset(index);
            let held = match asset.value() {
                ValueRef::Prefix(range) | ValueRef::Range(range) => list.holding_range(range),
                // A name's mail is part of it, so an entry that allows all of that counts.
                ValueRef::Name(name) => list.holding_mail(&format!("@{name}")),
                ValueRef::Mail(mail) => list.holding_mail(mail),
                ValueRef::Keyword(_) => Entries::new(),
            };
            for entry in held {
                list.own.extend(asset.owners().map(|owner| (entry, owner.index())));
            }
        }
        list.own.sort_unstable();
        list.own.dedup();
        list
    }

    /// Silences also what concerns participants who have an asset in an entry.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve::{compile, AllowList, Hit, Image, Inventory, Limits, Scanner, SinkFn, Source};
    /// let csv = "participant,kind,value\nA,domain,hospital.example\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let (entries, _) = Inventory::from_allow_list(&b"hospital.example\n"[..])?;
    /// let entries = Image::open(compile(&entries, &Limits::default())?)?;
    /// let allow = AllowList::new(entries, &image);
    /// let hits = |allow: &AllowList| {
    ///     let scanner = Scanner::new(&image).allow(allow.clone());
    ///     let feed = Source::slice("feed", b"www.hospital.example\n");
    ///     scanner.scan(feed, &mut SinkFn(|_: &Hit<'_>| true)).map(|stats| stats.hits)
    /// };
    /// assert_eq!((hits(&allow)?, hits(&allow.clone().with_own())?), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn with_own(mut self) -> Self {
        self.silences_own = true;
        self
    }

    /// The entries that hold an asset of a participant, and that participant's id; in the order of
    /// their specificity, then of ids.
    ///
    /// `participants` is the image that the list was made for.
    pub fn own<'a>(
        &'a self,
        participants: &'a Image,
    ) -> impl Iterator<Item = (ValueRef<'a>, &'a str)> {
        self.own.iter().map(|&(entry, participant)| {
            (self.entries.asset(entry).value(), participants.participant(participant))
        })
    }

    /// The entries that hold an indicator.
    pub(crate) fn holding(
        &self,
        range: Option<AddrRange>,
        kind: IndicatorKind,
        indicator: &str,
    ) -> Entries {
        match (range, kind) {
            (Some(range), _) => self.holding_range(range),
            (None, IndicatorKind::Domain) => self.holding_name(indicator),
            (None, IndicatorKind::Email) => self.holding_mail(indicator),
            _ => Entries::new(),
        }
    }

    /// Whether one of these entries silences what concerns this participant.
    pub(crate) fn silences(&self, entries: &[u32], participant: u32) -> bool {
        let is_own = |entry: &u32| self.own.binary_search(&(*entry, participant)).is_ok();
        entries.iter().any(|entry| self.silences_own || !is_own(entry))
    }

    fn holding_range(&self, range: AddrRange) -> Entries {
        let holds = |relation| matches!(relation, Relation::Equal | Relation::Inside);
        let found = self.entries.lookup_range(range).by_asset();
        found.filter(|(_, relation)| holds(*relation)).map(|(entry, _)| entry.index()).collect()
    }

    fn holding_name(&self, name: &str) -> Entries {
        self.entries.lookup_name(name).by_asset().map(|(entry, _)| entry.index()).collect()
    }

    fn holding_mail(&self, mail: &str) -> Entries {
        self.entries.lookup_mail(mail).by_asset().map(|(entry, _)| entry.index()).collect()
    }
}
