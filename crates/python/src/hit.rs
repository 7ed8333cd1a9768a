//! A hit that owns what it says.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use feedsieve::{AssetKind, Flags, Hit as Borrowed, IndicatorKind, Relation, Role, SCHEMA, Side};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::texts::Texts;

/// A record in which an indicator concerns an asset of a participant.
#[pyclass(frozen, module = "feedsieve")]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    feed: Arc<str>,
    texts: Texts<TEXTS>,
    line: u64,
    offset: u64,
    length: u64,
    at: u64,
    also_count: u64,
    role: Role,
    kind: IndicatorKind,
    relation: Relation,
    asset_kind: AssetKind,
    side: Option<Side>,
    port: Option<u16>,
    flags: Flags,
    also: Box<[Further]>,
    data: Box<[(Arc<str>, Box<str>)]>,
}

const TEXTS: usize = 11;
const FIELD: usize = 0;
const INDICATOR: usize = 1;
const RAW: usize = 2;
const PARTICIPANT: usize = 3;
const GROUP: usize = 4;
const ASSET: usize = 5;
const LABEL: usize = 6;
const TIME: usize = 7;
const PROTOCOL: usize = 8;
const TAG: usize = 9;
const RECORD: usize = 10;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Further {
    at: u64,
    role: Role,
    relation: Relation,
    /// The field, if it has a name, and the indicator.
    texts: Texts<2>,
}

/// Further evidence for the same participant and asset in the same record.
#[pyclass(frozen, module = "feedsieve")]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Also(Further);

impl Hit {
    /// Copies a hit of a scan; `feed` is its feed's name, shared by all hits of it.
    pub(crate) fn of(hit: &Borrowed<'_>, feed: &Arc<str>) -> Self {
        let also = hit.also.iter().map(|also| Further {
            at: also.at,
            role: also.role,
            relation: also.relation,
            texts: Texts::new([also.field, Some(also.indicator)]),
        });
        let data = hit.data.iter().map(|(name, text)| (Arc::clone(name), text.as_str().into()));
        Self {
            feed: Arc::clone(feed),
            texts: Texts::new([
                hit.field,
                Some(hit.indicator),
                hit.raw,
                Some(hit.participant),
                hit.group,
                Some(hit.asset),
                hit.label,
                hit.time,
                hit.protocol,
                hit.tag,
                hit.record,
            ]),
            line: hit.line,
            offset: hit.offset,
            length: hit.length,
            at: hit.at,
            also_count: hit.also_count,
            role: hit.role,
            kind: hit.kind,
            relation: hit.relation,
            asset_kind: hit.asset_kind,
            side: hit.side,
            port: hit.port,
            flags: hit.flags,
            also: also.collect(),
            data: data.collect(),
        }
    }

    /// A text that every hit has.
    fn text(&self, index: usize) -> &str {
        self.texts.at(index).unwrap_or_default()
    }
}

#[pymethods]
impl Hit {
    /// The feed, as it was named.
    #[getter]
    fn feed(&self) -> &str {
        &self.feed
    }

    /// The physical line on which the record begins, from 1.
    #[getter]
    const fn line(&self) -> u64 {
        self.line
    }

    /// Offset of the record's first byte in the feed.
    #[getter]
    const fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes of the record without its line end.
    #[getter]
    const fn length(&self) -> u64 {
        self.length
    }

    /// Offset of the evidence's first byte in the feed.
    #[getter]
    const fn at(&self) -> u64 {
        self.at
    }

    /// The column (`colN` without a header), the JSON pointer, or None.
    #[getter]
    fn field(&self) -> Option<&str> {
        self.texts.at(FIELD)
    }

    /// Where the evidence stood: `indicator`, `url-host`, `email` and so on.
    #[getter]
    fn role(&self) -> &'static str {
        self.role.name()
    }

    /// What the indicator is: `ipv4`, `ipv6`, `prefix`, `range`, `domain`, `email` or `keyword`.
    #[getter]
    fn kind(&self) -> &'static str {
        self.kind.name()
    }

    /// The indicator in canonical form.
    #[getter]
    fn indicator(&self) -> &str {
        self.text(INDICATOR)
    }

    /// The indicator as it was written, where that differs by more than case.
    #[getter]
    fn raw(&self) -> Option<&str> {
        self.texts.at(RAW)
    }

    /// How it lies to the asset: `equal`, `inside`, `covers`, `overlaps`, `subdomain` or `mention`.
    #[getter]
    fn relation(&self) -> &'static str {
        self.relation.name()
    }

    /// The participant's id.
    #[getter]
    fn participant(&self) -> &str {
        self.text(PARTICIPANT)
    }

    /// Through whom the participant is reached. Not in `to_dict`, as the command does not tell it.
    #[getter]
    fn group(&self) -> Option<&str> {
        self.texts.at(GROUP)
    }

    /// The asset in canonical form.
    #[getter]
    fn asset(&self) -> &str {
        self.text(ASSET)
    }

    /// What the asset is.
    #[getter]
    fn asset_kind(&self) -> &'static str {
        self.asset_kind.name()
    }

    /// What the participant calls the asset.
    #[getter]
    fn label(&self) -> Option<&str> {
        self.texts.at(LABEL)
    }

    /// When it was seen (RFC 3339, UTC).
    #[getter]
    fn time(&self) -> Option<&str> {
        self.texts.at(TIME)
    }

    /// The port behind an address or in a URL, or else in the field beside it.
    #[getter]
    const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The protocol, from the fields beside the evidence.
    #[getter]
    fn protocol(&self) -> Option<&str> {
        self.texts.at(PROTOCOL)
    }

    /// What the record says that it is, from the fields beside the evidence.
    #[getter]
    fn tag(&self) -> Option<&str> {
        self.texts.at(TAG)
    }

    /// On which side it stood: `source`, `destination` or `context`.
    #[getter]
    fn side(&self) -> Option<&'static str> {
        self.side.map(Side::name)
    }

    /// What was odd: `defanged`, `host-bits` and so on.
    #[getter]
    fn flags<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.flags.names().collect::<Vec<_>>())
    }

    /// Further evidence in the same record, at most 16.
    #[getter]
    fn also<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.also.iter().cloned().map(Also).collect::<Vec<_>>())
    }

    /// How much further evidence there is, that beyond `also` included.
    #[getter]
    const fn also_count(&self) -> u64 {
        self.also_count
    }

    /// The fields of the record that `keep` asked for.
    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (name, text) in &self.data {
            dict.set_item(&**name, &**text)?;
        }
        Ok(dict)
    }

    /// The record, where `with_record` asked for it.
    #[getter]
    fn record(&self) -> Option<&str> {
        self.texts.at(RECORD)
    }

    /// The hit with the keys of `feedsieve scan -o ndjson`; what is empty there is left out.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        let known = |key: &str, index: usize| match self.texts.at(index) {
            Some(text) => dict.set_item(key, text),
            None => Ok(()),
        };
        dict.set_item("schema", SCHEMA)?;
        dict.set_item("feed", self.feed())?;
        dict.set_item("line", self.line)?;
        dict.set_item("offset", self.offset)?;
        dict.set_item("length", self.length)?;
        dict.set_item("at", self.at)?;
        dict.set_item("field", self.field())?;
        dict.set_item("role", self.role())?;
        dict.set_item("kind", self.kind())?;
        dict.set_item("indicator", self.indicator())?;
        dict.set_item("relation", self.relation())?;
        dict.set_item("participant", self.participant())?;
        dict.set_item("asset", self.asset())?;
        dict.set_item("asset_kind", self.asset_kind())?;
        known("time", TIME)?;
        if let Some(port) = self.port {
            dict.set_item("port", port)?;
        }
        known("protocol", PROTOCOL)?;
        known("tag", TAG)?;
        if let Some(side) = self.side() {
            dict.set_item("side", side)?;
        }
        known("raw", RAW)?;
        if !self.flags.is_empty() {
            dict.set_item("flags", self.flags.names().collect::<Vec<_>>())?;
        }
        if !self.also.is_empty() {
            let also = self.also.iter().map(|also| also.to_dict(py));
            dict.set_item("also", PyList::new(py, also.collect::<PyResult<Vec<_>>>()?)?)?;
        }
        // Only where `also` does not hold all of it.
        if self.also_count > self.also.len() as u64 {
            dict.set_item("also_count", self.also_count)?;
        }
        known("label", LABEL)?;
        if !self.data.is_empty() {
            dict.set_item("data", self.data(py)?)?;
        }
        known("record", RECORD)?;
        Ok(dict)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self == other
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.feed, self.offset, self.at, &self.texts).hash(&mut hasher);
        hasher.finish()
    }

    /// Tells whom it concerns and where, and nothing that the record holds besides.
    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let shown = |text: &str| PyString::new(py, text).repr().map(|repr| repr.to_string());
        Ok(format!(
            "Hit(feed={}, line={}, indicator={}, relation={}, participant={}, asset={})",
            shown(self.feed())?,
            self.line,
            shown(self.indicator())?,
            shown(self.relation())?,
            shown(self.participant())?,
            shown(self.asset())?,
        ))
    }
}

impl Further {
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("at", self.at)?;
        dict.set_item("field", self.texts.at(0))?;
        dict.set_item("role", self.role.name())?;
        dict.set_item("indicator", self.texts.at(1))?;
        dict.set_item("relation", self.relation.name())?;
        Ok(dict)
    }
}

#[pymethods]
impl Also {
    /// Offset of its first byte in the feed.
    #[getter]
    const fn at(&self) -> u64 {
        self.0.at
    }

    /// The field that it stood in, as for a hit.
    #[getter]
    fn field(&self) -> Option<&str> {
        self.0.texts.at(0)
    }

    /// Where it stood.
    #[getter]
    fn role(&self) -> &'static str {
        self.0.role.name()
    }

    /// In canonical form.
    #[getter]
    fn indicator(&self) -> &str {
        self.0.texts.at(1).unwrap_or_default()
    }

    /// How it lies to the asset.
    #[getter]
    fn relation(&self) -> &'static str {
        self.0.relation.name()
    }

    fn __eq__(&self, other: &Self) -> bool {
        self == other
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.0.at, &self.0.texts).hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let indicator = PyString::new(py, self.indicator()).repr()?;
        Ok(format!("Also(at={}, indicator={indicator}, role='{}')", self.0.at, self.role()))
    }
}
