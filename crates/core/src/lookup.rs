//! One address, prefix, range, name or mail address: which assets does it concern?
//!
//! Lookups do not fail and do not allocate (a name that is not ASCII is put into
//! canonical form first, which does). They return every asset, the most specific
//! first, and every owner of each, ascending by id.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::image::Image;
use crate::image::assets::{AssetRef, Owner, ValueRef};
use crate::image::family::Family;
use crate::image::format::{NONE, NameRecord, Section};
use crate::image::prefixes::{Overlapping, Prefixes};
use crate::indicator::{Value, canonical_label, is_full_stop};
use crate::{AddrRange, AssetKind, Indicator, IndicatorKind, json};

/// How an indicator lies to an asset.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Relation, Image, Inventory, Limits};
/// let csv = "\
/// participant,kind,value
/// A,range,192.0.2.10-192.0.2.99
/// B,domain,lab.hospital.example
/// ";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let relation = |text: &str| -> Result<_, feedsieve_core::IndicatorError> {
///     Ok(image.lookup(&text.parse()?).next().map(|found| found.relation()))
/// };
/// assert_eq!(relation("192.0.2.0/28")?, Some(Relation::Overlaps));
/// assert_eq!(relation("192.0.2.0/24")?, Some(Relation::Covers));
/// assert_eq!(relation("www.lab.hospital.example")?, Some(Relation::Subdomain));
/// assert_eq!(relation("*.hospital.example")?, Some(Relation::Covers));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Relation {
    /// The same addresses, the same name, the same mail address.
    Equal,
    /// The indicator's addresses lie within the asset.
    Inside,
    /// The indicator holds the asset and more.
    Covers,
    /// They share addresses, and neither holds the other.
    Overlaps,
    /// The indicator is a name under the asset.
    Subdomain,
    /// A text holds the keyword; no lookup gives this.
    Mention,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 6] =
        [Self::Equal, Self::Inside, Self::Covers, Self::Overlaps, Self::Subdomain, Self::Mention];

    /// The name in hits.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Inside => "inside",
            Self::Covers => "covers",
            Self::Overlaps => "overlaps",
            Self::Subdomain => "subdomain",
            Self::Mention => "mention",
        }
    }

    /// How the addresses of an indicator lie to those of an asset that they overlap.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{Relation, parse_range};
    /// let asset = parse_range("192.0.2.10-192.0.2.99")?;
    /// let indicator = parse_range("192.0.2.90-192.0.2.110")?;
    /// assert_eq!(Relation::of_ranges(&indicator, &asset), Relation::Overlaps);
    /// assert_eq!(Relation::of_ranges(&asset, &asset), Relation::Equal);
    /// # Ok::<(), feedsieve_core::AddrError>(())
    /// ```
    #[must_use]
    pub fn of_ranges(indicator: &AddrRange, asset: &AddrRange) -> Self {
        match (asset.contains(indicator), indicator.contains(asset)) {
            (true, true) => Self::Equal,
            (true, false) => Self::Inside,
            (false, true) => Self::Covers,
            (false, false) => Self::Overlaps,
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An asset that a lookup found, and one participant that owns it.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Image, Inventory, Limits};
/// let csv = "\
/// participant,kind,value,group
/// A,domain,hospital.example,health
/// B,domain,lab.hospital.example,
/// ";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let found = image.lookup_name("x.lab.hospital.example");
/// let found: Vec<_> = found
///     .map(|f| (f.participant(), f.asset().value().to_string(), f.owner().group()))
///     .collect();
/// assert_eq!(found[0], ("B", "lab.hospital.example".to_owned(), None));
/// assert_eq!(found[1], ("A", "hospital.example".to_owned(), Some("health")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    asset: AssetRef<'a>,
    owner: Owner<'a>,
    relation: Relation,
}

impl<'a> Found<'a> {
    /// The participant's id.
    #[must_use]
    pub fn participant(&self) -> &'a str {
        self.owner.participant()
    }

    /// The owner, with group and label.
    #[must_use]
    pub const fn owner(&self) -> Owner<'a> {
        self.owner
    }

    /// The asset.
    #[must_use]
    pub const fn asset(&self) -> AssetRef<'a> {
        self.asset
    }

    /// How what was looked up lies to the asset.
    #[must_use]
    pub const fn relation(&self) -> Relation {
        self.relation
    }

    /// Appends the answer to a question as `feedsieve lookup -o ndjson` prints it: a JSON object
    /// without a line end.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Indicator, Inventory, Limits};
    /// # let csv = "participant,kind,value,label\nA,prefix,192.0.2.0/24,main site\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let indicator = Indicator::parse("192.0.2.7")?;
    /// let mut line = Vec::new();
    /// image.lookup(&indicator).for_each(|found| found.write_json(&indicator, &mut line));
    /// let expected = r#"{"indicator":"192.0.2.7","kind":"ipv4","relation":"inside","participant":"A","#
    ///     .to_owned() + r#""asset":"192.0.2.0/24","asset_kind":"prefix","label":"main site"}"#;
    /// assert_eq!(String::from_utf8(line)?, expected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn write_json(&self, asked: &Indicator, to: &mut Vec<u8>) {
        json::write(to, &Answer::new(asked, self));
    }
}

/// What an asset that was found says, beside what was asked about.
#[derive(Serialize)]
struct Answer<'a> {
    indicator: &'a str,
    kind: IndicatorKind,
    relation: Relation,
    participant: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    asset: ValueRef<'a>,
    asset_kind: AssetKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

impl<'a> Answer<'a> {
    fn new(asked: &'a Indicator, found: &Found<'a>) -> Self {
        Self {
            indicator: asked.text(),
            kind: asked.kind(),
            relation: found.relation(),
            participant: found.participant(),
            group: found.owner().group(),
            asset: found.asset().value(),
            asset_kind: found.asset().kind(),
            label: found.owner().label(),
        }
    }
}

impl Image {
    /// The assets that an indicator concerns, whatever it is.
    ///
    /// Nothing is withheld: neither local space nor what a scan would call too broad.
    /// [`Indicator`] has an example.
    #[must_use]
    pub fn lookup(&self, indicator: &Indicator) -> Assets<'_> {
        match indicator.value() {
            Value::Addrs(range) => self.lookup_range(range),
            Value::Name => self.lookup_name(indicator.text()),
            Value::Subtree => self.lookup_subtree(indicator.text()),
            Value::Mail => self.lookup_mail(indicator.text()),
        }
    }

    /// The assets that hold `addr`. IPv4-mapped addresses are looked up as IPv4.
    ///
    /// Visits at most one node for each six bits, so the cost depends on the
    /// prefix length and not on how many assets there are. Of IPv4 addresses that no asset
    /// holds, most cost one load.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Inventory, Limits};
    /// # let csv = "participant,kind,value\nA,prefix,10.0.0.0/8\nB,prefix,10.1.0.0/16\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let owners: Vec<_> = image.lookup_addr("10.1.2.3".parse()?).map(|f| f.participant()).collect();
    /// assert_eq!(owners, ["B", "A"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lookup_addr(&self, addr: IpAddr) -> Assets<'_> {
        self.lookup_range(addr.into())
    }

    /// The assets that hold one address, unless they are many.
    fn few_holding<F: Family>(&self, addr: F) -> Option<Few> {
        let mut few = Few::default();
        let mut are_many = false;
        self.prefixes().each_holding(addr, |asset, is_single| {
            // A piece of one address may also be the end of a range.
            let is_equal = is_single && AssetRef::new(self, asset).is_one_address();
            are_many |= few.insert(asset, is_equal).is_none();
        });
        (!are_many).then_some(few)
    }

    /// The assets that overlap the prefix; its host bits are ignored.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Inventory, Limits};
    /// let csv = "participant,kind,value\nA,prefix,192.0.2.0/25\nB,prefix,192.0.2.128/25\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let found = image.lookup_prefix("192.0.2.77/24".parse()?);
    /// assert_eq!(found.map(|found| found.participant()).collect::<Vec<_>>(), ["A", "B"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lookup_prefix(&self, net: IpNet) -> Assets<'_> {
        self.lookup_range(net.into())
    }

    /// The assets that overlap the range.
    ///
    /// Searches for the first prefix behind the range, which one address does not need. Assets
    /// that the range covers are visited once for each size among them.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Relation, parse_range, Image, Inventory, Limits};
    /// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\nB,prefix,192.0.2.128/25\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let found = image.lookup_range(parse_range("192.0.2.100-192.0.2.255")?);
    /// let found: Vec<_> = found.map(|found| (found.participant(), found.relation())).collect();
    /// assert_eq!(found, [("B", Relation::Covers), ("A", Relation::Inside)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lookup_range(&self, range: AddrRange) -> Assets<'_> {
        let few = match range {
            AddrRange::V4 { first, last } if first != last => None,
            AddrRange::V6 { first, last } if first != last => None,
            AddrRange::V4 { first, .. } if !self.blocks4().may_hold(first) => Some(Few::default()),
            AddrRange::V4 { first, .. } => self.few_holding(first),
            AddrRange::V6 { first, .. } => self.few_holding(first),
        };
        if let Some(few) = few {
            return Assets::new(self, Search::Few(few));
        }
        let search = match range {
            AddrRange::V4 { first, last } => {
                Search::V4(BySize::new(self, self.prefixes().overlapping(first, last), range))
            }
            AddrRange::V6 { first, last } => {
                Search::V6(BySize::new(self, self.prefixes().overlapping(first, last), range))
            }
        };
        Assets::new(self, search)
    }

    /// The assets that a host of this name concerns: those at the name and above it.
    ///
    /// Case and one root dot are ignored. A label that UTS 46 refuses is merely
    /// unequal to every other.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Inventory, Limits};
    /// let csv = "\
    /// participant,kind,value
    /// A,domain,hospital.example
    /// B,domain_exact,portal.example
    /// ";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let count = |name| image.lookup_name(name).count();
    /// assert_eq!((count("WWW.Hospital.example."), count("nothospital.example")), (1, 0));
    /// assert_eq!((count("portal.example"), count("www.portal.example")), (1, 0));
    /// // A label that is none hides nothing above it.
    /// assert_eq!(count("xn--a.hospital.example"), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lookup_name(&self, name: &str) -> Assets<'_> {
        self.names_at(name, false, None)
    }

    /// Visits what [`Image::lookup_range`] finds, asset by asset and in that order.
    ///
    /// For loops over many addresses: nothing is carried about between the assets.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Relation, Image, Inventory, Limits};
    /// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\nB,prefix,192.0.2.0/24\n";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let addr: std::net::IpAddr = "192.0.2.7".parse()?;
    /// let mut seen = Vec::new();
    /// image.visit_range(addr.into(), |asset, relation| {
    ///     seen.push((asset.owners().len(), relation));
    /// });
    /// assert_eq!(seen, [(2, Relation::Inside)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn visit_range<'a>(
        &'a self,
        range: AddrRange,
        mut visit: impl FnMut(AssetRef<'a>, Relation),
    ) {
        let few = match range {
            AddrRange::V4 { first, last } if first == last => {
                match self.blocks4().may_hold(first) {
                    true => self.few_holding(first),
                    false => return,
                }
            }
            AddrRange::V6 { first, last } if first == last => self.few_holding(first),
            _ => None,
        };
        match few {
            Some(mut few) => {
                while let Some((index, relation)) = few.next() {
                    visit(AssetRef::new(self, index), relation);
                }
            }
            None => {
                let found = self.lookup_range(range).by_asset();
                found.for_each(|(asset, relation)| visit(asset, relation));
            }
        }
    }

    /// Visits what [`Image::lookup_name`] finds, asset by asset and in that order.
    ///
    /// For loops over many names: nothing is carried about between the assets.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Inventory, Limits};
    /// let csv = "\
    /// participant,kind,value
    /// A,domain,hospital.example
    /// B,domain,lab.hospital.example
    /// ";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let mut seen = Vec::new();
    /// image.visit_name("lab.hospital.example", |asset, relation| {
    ///     seen.push(format!("{relation} {}", asset.value()));
    /// });
    /// assert_eq!(seen, ["equal lab.hospital.example", "subdomain hospital.example"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn visit_name<'a>(&'a self, name: &str, mut visit: impl FnMut(AssetRef<'a>, Relation)) {
        let name = canonical_labels(name);
        let names = self.names();
        let mut next = names.find_longest(name.as_bytes());
        while let Some(record) = next.map(|index| &names.records[index as usize]) {
            let is_equal = usize::from(record.bytes) == name.len();
            let relation = if is_equal { Relation::Equal } else { Relation::Subdomain };
            let [exact, domain, _] = record.assets();
            let exact = if is_equal { exact } else { NONE };
            for asset in [exact, domain].into_iter().filter(|asset| *asset != NONE) {
                visit(AssetRef::new(self, asset), relation);
            }
            next = Some(record.parent.get()).filter(|parent| *parent != NONE);
        }
    }

    /// The assets that a whole subtree (`*.name`, `.name`) concerns: those at the
    /// name, above it and under it. A public suffix covers nobody.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Relation, Image, Inventory, Limits};
    /// let csv = "\
    /// participant,kind,value
    /// A,domain,lab.hospital.example
    /// B,domain,clinic.github.io
    /// ";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let found = image.lookup_subtree("hospital.example").next().ok_or("none")?;
    /// assert_eq!(found.relation(), Relation::Covers);
    /// // Others have names under a public suffix, private ones included.
    /// assert_eq!(image.lookup_subtree("github.io").count(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lookup_subtree(&self, name: &str) -> Assets<'_> {
        self.names_at(name, true, None)
    }

    /// The assets that a mail address concerns: the address itself, and names at or above its domain.
    ///
    /// Case is ignored on both sides. Text without an `@` concerns nobody.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{compile, Image, Inventory, Limits};
    /// let csv = "\
    /// participant,kind,value
    /// A,domain,hospital.example
    /// B,email_domain,hospital.example
    /// C,email,Jan@hospital.example
    /// ";
    /// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
    /// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
    /// let owners = |mail| image.lookup_mail(mail).map(|f| f.participant()).collect::<Vec<_>>();
    /// assert_eq!(owners("JAN@hospital.example").len(), 3);
    /// assert_eq!(owners("piet@www.hospital.example"), ["A", "B"]);
    /// assert_eq!(owners("hospital.example@evil.example"), [""; 0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn lookup_mail(&self, mail: &str) -> Assets<'_> {
        let Some((local, domain)) = mail.rsplit_once('@') else {
            return Assets::new(self, Search::Nothing);
        };
        let ascii = mail.is_ascii() && !mail.ends_with('.');
        let asset = match ascii {
            true => self.mails().find(mail.as_bytes()),
            false => {
                let mail = format!("{}@{}", local.to_lowercase(), canonical_labels(domain));
                self.mails().find(mail.as_bytes())
            }
        };
        self.names_at(domain, false, Some(asset))
    }

    /// `mail` is given for the domain of a mail address, with the asset that the whole address is.
    fn names_at(&self, name: &str, subtree: bool, mail: Option<Option<u32>>) -> Assets<'_> {
        let name = canonical_labels(name);
        let names = self.names();
        let mut search = NameSearch {
            image: self,
            name_labels: 0,
            labels: Labels::default(),
            covered_labels: 0,
            under: 0..0,
            next_under: 0,
            at: names.find_longest(name.as_bytes()),
            bytes: name.len(),
            mail: mail.flatten(),
            is_mail: mail.is_some(),
            pending: [NONE; 3],
            relation: Relation::Equal,
        };
        if subtree {
            search.under = names.under(name.as_bytes());
            search.name_labels = u8::try_from(name.split('.').count()).unwrap_or(u8::MAX);
            for record in &names.records[search.under.start as usize..search.under.end as usize] {
                search.labels.insert(record.labels);
            }
            search.next_under = search.under.end;
        }
        Assets::new(self, Search::Name(search))
    }
}

/// The name label by label in canonical form; a label that is none stays as it is.
fn canonical_labels(name: &str) -> Cow<'_, str> {
    let name = name.strip_suffix(is_full_stop).unwrap_or(name);
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    let labels = name.split(is_full_stop).map(|label| match canonical_label(label) {
        Ok(label) => label,
        Err(_) => Cow::Borrowed(label),
    });
    Cow::Owned(labels.collect::<Vec<_>>().join("."))
}

/// What a lookup found, the most specific asset first, each once for every owner.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Image, Inventory, Limits};
/// let csv = "\
/// participant,kind,value
/// A,prefix,192.0.2.0/24
/// B,prefix,192.0.2.0/24
/// B,prefix,192.0.2.128/25
/// ";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let assets = image.lookup_addr("192.0.2.200".parse()?);
/// let owners: Vec<_> = assets.clone().map(|found| found.participant()).collect();
/// assert_eq!(owners, ["B", "A", "B"]); // The /25, then each owner of the /24.
/// assert_eq!(assets.by_asset().count(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Assets<'a> {
    image: &'a Image,
    search: Search<'a>,
    /// The asset whose owners are being returned, and how many were.
    current: Option<(u32, Relation, usize)>,
}

impl<'a> Assets<'a> {
    const fn new(image: &'a Image, search: Search<'a>) -> Self {
        Self { image, search, current: None }
    }

    /// The assets without their owners, each once.
    pub fn by_asset(self) -> impl Iterator<Item = (AssetRef<'a>, Relation)> {
        let image = self.image;
        let mut search = self.search;
        std::iter::from_fn(move || search.next())
            .map(move |(index, relation)| (AssetRef::new(image, index), relation))
    }
}

impl<'a> Iterator for Assets<'a> {
    type Item = Found<'a>;

    fn next(&mut self) -> Option<Found<'a>> {
        loop {
            if let Some((index, relation, returned)) = self.current {
                let asset = AssetRef::new(self.image, index);
                if let Some(owner) = asset.owners().nth(returned) {
                    self.current = Some((index, relation, returned + 1));
                    return Some(Found { asset, owner, relation });
                }
            }
            let (index, relation) = self.search.next()?;
            self.current = Some((index, relation, 0));
        }
    }
}

impl fmt::Debug for Assets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

#[derive(Clone)]
enum Search<'a> {
    Nothing,
    Few(Few),
    V4(BySize<'a, u32>),
    V6(BySize<'a, u128>),
    Name(NameSearch<'a>),
}

impl Search<'_> {
    /// The next asset and its relation.
    fn next(&mut self) -> Option<(u32, Relation)> {
        match self {
            Self::Nothing => None,
            Self::Few(few) => few.next(),
            Self::V4(search) => search.next(),
            Self::V6(search) => search.next(),
            Self::Name(search) => search.next(),
        }
    }
}

/// The assets that hold one address, in order: few enough to be sorted where they stand.
#[derive(Clone, Default)]
struct Few {
    /// Indexes, ascending, and so the most specific first.
    assets: [u32; MAX_FEW],
    /// Of each whether it is the address alone, as bits.
    are_equal: u8,
    count: u8,
    next: u8,
}

/// Assets of one address that are sorted on the spot; hardly any address has more.
const MAX_FEW: usize = 8;

impl Few {
    fn insert(&mut self, asset: u32, is_equal: bool) -> Option<()> {
        let count = usize::from(self.count);
        *self.assets.get_mut(count)? = asset;
        let at = self.assets[..count].partition_point(|&other| other < asset);
        self.assets[at..=count].rotate_right(1);
        let below = (1 << at) - 1;
        let kept = self.are_equal & below;
        self.are_equal = kept | u8::from(is_equal) << at | (self.are_equal & !below) << 1;
        self.count += 1;
        Some(())
    }

    fn next(&mut self) -> Option<(u32, Relation)> {
        let next = usize::from(self.next);
        let asset = *self.assets[..self.count.into()].get(next)?;
        self.next += 1;
        let is_equal = self.are_equal >> next & 1 == 1;
        Some((asset, if is_equal { Relation::Equal } else { Relation::Inside }))
    }
}

/// Assets that overlap an interval, by how many addresses they hold.
///
/// Sorting would need room for them all; instead they are gone through once for
/// each size that occurs.
#[derive(Clone)]
struct BySize<'a, F: Family> {
    image: &'a Image,
    range: AddrRange,
    all: Overlapping<'a, F>,
    current: Overlapping<'a, F>,
    size: u32,
    /// The sizes that are still to come, as bits.
    sizes: u128,
}

impl<'a, F: Family> BySize<'a, F> {
    fn new(image: &'a Image, all: Overlapping<'a, F>, range: AddrRange) -> Self {
        let mut search = Self { image, range, current: all.clone(), all, size: u32::MAX, sizes: 0 };
        let prefixes = image.prefixes();
        let mut all = search.all.clone();
        while let Some(asset) = all.next(&prefixes) {
            let size = search.size_of(asset, &prefixes, &all);
            search.sizes |= 1 << size.map_or(0, |(size, _)| size);
        }
        search.start_next_size();
        search
    }

    fn start_next_size(&mut self) -> Option<()> {
        self.size = (self.sizes != 0).then(|| self.sizes.trailing_zeros())?;
        self.sizes &= self.sizes - 1;
        self.current = self.all.clone();
        Some(())
    }

    /// The logarithm of how many addresses the asset holds, and them, unless it was met before.
    fn size_of(
        &self,
        asset: u32,
        prefixes: &Prefixes<'a, F>,
        at: &Overlapping<'a, F>,
    ) -> Option<(u32, AddrRange)> {
        let (range, is_range) = match AssetRef::new(self.image, asset).value() {
            ValueRef::Prefix(range) => (range, false),
            ValueRef::Range(range) => (range, true),
            ValueRef::Name(_) | ValueRef::Mail(_) | ValueRef::Keyword(_) => return None,
        };
        if is_range && at.is_repeated(prefixes, F::ends(&range)?.0) {
            return None;
        }
        // Nothing but the whole of IPv6 needs the last bit.
        Some(((F::BITS - u32::from(range.prefix_len())).min(127), range))
    }

    fn next(&mut self) -> Option<(u32, Relation)> {
        let prefixes = self.image.prefixes();
        loop {
            while let Some(asset) = self.current.next(&prefixes) {
                if let Some((size, range)) = self.size_of(asset, &prefixes, &self.current)
                    && size == self.size
                {
                    return Some((asset, Relation::of_ranges(&self.range, &range)));
                }
            }
            self.start_next_size()?;
        }
    }
}

/// A set of label counts.
#[derive(Clone, Default)]
struct Labels(u128);

impl Labels {
    fn insert(&mut self, labels: u8) {
        self.0 |= 1 << labels.min(127);
    }

    fn remove_highest(&mut self) -> Option<u8> {
        let highest = 127_u32.checked_sub(self.0.leading_zeros())?;
        self.0 &= !(1 << highest);
        u8::try_from(highest).ok()
    }
}

/// Assets at, above and (for a subtree) under a name.
#[derive(Clone)]
struct NameSearch<'a> {
    image: &'a Image,
    /// The asset that the whole mail address is.
    mail: Option<u32>,
    is_mail: bool,
    name_labels: u8,
    /// How many labels the covered names have that are still to come.
    labels: Labels,
    /// How many they have that are being returned.
    covered_labels: u8,
    under: std::ops::Range<u32>,
    next_under: u32,
    /// The next name at or above.
    at: Option<u32>,
    /// Bytes of the name that was looked up.
    bytes: usize,
    /// The assets at the current name that are still to be returned.
    pending: [u32; 3],
    relation: Relation,
}

impl NameSearch<'_> {
    fn next(&mut self) -> Option<(u32, Relation)> {
        if let Some(asset) = self.mail.take() {
            return Some((asset, Relation::Equal));
        }
        loop {
            if let Some(asset) = self.pending.iter_mut().find(|asset| **asset != NONE) {
                return Some((std::mem::replace(asset, NONE), self.relation));
            }
            if !self.next_covered() {
                self.next_at_or_above()?;
            }
        }
    }

    fn next_covered(&mut self) -> bool {
        let names: &[NameRecord] = self.image.section(Section::Names);
        loop {
            while self.next_under < self.under.end {
                let record = &names[self.next_under as usize];
                self.next_under += 1;
                // Where the name is a public suffix, none is covered. One above a suffix, as
                // amazonaws.com is above s3.amazonaws.com, covers like any other name.
                let bit = 1_u8.checked_shl(u32::from(self.name_labels).wrapping_sub(1));
                let covered = record.suffixes & bit.unwrap_or(0) == 0;
                if covered && record.labels == self.covered_labels {
                    let [exact, domain, _] = record.assets();
                    self.pending = [exact, domain, NONE];
                    self.relation = Relation::Covers;
                    return true;
                }
            }
            let Some(labels) = self.labels.remove_highest() else { return false };
            self.covered_labels = labels;
            self.next_under = self.under.start;
        }
    }

    fn next_at_or_above(&mut self) -> Option<()> {
        let names: &[NameRecord] = self.image.section(Section::Names);
        let record = &names[self.at? as usize];
        self.at = Some(record.parent.get()).filter(|parent| *parent != NONE);
        let is_equal = usize::from(record.bytes) == self.bytes;
        self.relation = if is_equal { Relation::Equal } else { Relation::Subdomain };
        let [exact, domain, email_domain] = record.assets();
        let exact = if is_equal { exact } else { NONE };
        let email_domain = if self.is_mail { email_domain } else { NONE };
        self.pending = [exact, domain, email_domain];
        Some(())
    }
}
