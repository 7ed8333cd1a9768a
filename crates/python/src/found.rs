//! What a lookup answers: an asset that is concerned, and one participant who owns it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use feedsieve::{AssetRef, IndicatorKind, Owner, Relation};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::image::Image;

/// What was asked about, shared by all that is found for it.
pub(crate) struct Asked {
    pub(crate) indicator: Arc<str>,
    pub(crate) kind: IndicatorKind,
}

/// An asset that a lookup found, and one participant who owns it.
///
/// Holds the image and two numbers; its texts are read from the image when they are asked for.
#[pyclass(frozen, module = "feedsieve")]
pub(crate) struct Found {
    image: Py<Image>,
    indicator: Arc<str>,
    kind: IndicatorKind,
    relation: Relation,
    /// The asset's index in the image.
    asset: u32,
    /// Which of the asset's owners.
    owner: u32,
}

/// The texts of a [`Found`], in the order in which the command writes them.
#[derive(PartialEq, Eq, Hash)]
struct Row<'a> {
    indicator: &'a str,
    kind: &'static str,
    relation: &'static str,
    participant: &'a str,
    group: Option<&'a str>,
    asset: String,
    asset_kind: &'static str,
    label: Option<&'a str>,
}

impl Found {
    pub(crate) fn new(
        image: Py<Image>,
        asked: &Asked,
        relation: Relation,
        asset: u32,
        owner: u32,
    ) -> Self {
        let indicator = Arc::clone(&asked.indicator);
        Self { image, indicator, kind: asked.kind, relation, asset, owner }
    }

    fn asset_ref(&self) -> AssetRef<'_> {
        self.image.get().inner().asset(self.asset)
    }

    fn owner_ref(&self) -> Owner<'_> {
        let mut owners = self.asset_ref().owners();
        owners.nth(self.owner as usize).expect("the lookup counted the owners")
    }

    fn row(&self) -> Row<'_> {
        let (asset, owner) = (self.asset_ref(), self.owner_ref());
        Row {
            indicator: &self.indicator,
            kind: self.kind.name(),
            relation: self.relation.name(),
            participant: owner.participant(),
            group: owner.group(),
            asset: asset.value().to_string(),
            asset_kind: asset.kind().name(),
            label: owner.label(),
        }
    }
}

#[pymethods]
impl Found {
    /// What was asked about, in canonical form.
    #[getter]
    fn indicator(&self) -> &str {
        &self.indicator
    }

    /// What that is: `ipv4`, `ipv6`, `prefix`, `range`, `domain` or `email`.
    #[getter]
    fn kind(&self) -> &'static str {
        self.kind.name()
    }

    /// How it lies to the asset: `equal`, `inside`, `covers`, `overlaps` or `subdomain`.
    #[getter]
    fn relation(&self) -> &'static str {
        self.relation.name()
    }

    /// The participant's id.
    #[getter]
    fn participant(&self) -> &str {
        self.owner_ref().participant()
    }

    /// Through whom the participant is reached.
    #[getter]
    fn group(&self) -> Option<&str> {
        self.owner_ref().group()
    }

    /// The asset in canonical form.
    #[getter]
    fn asset(&self) -> String {
        self.asset_ref().value().to_string()
    }

    /// What the asset is: `prefix`, `range`, `domain`, `domain_exact`, `email_domain` or `email`.
    #[getter]
    fn asset_kind(&self) -> &'static str {
        self.asset_ref().kind().name()
    }

    /// What the participant calls the asset.
    #[getter]
    fn label(&self) -> Option<&str> {
        self.owner_ref().label()
    }

    /// The answer with the keys of `feedsieve lookup -o ndjson`; what is not known is left out.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let row = self.row();
        let dict = PyDict::new(py);
        dict.set_item("indicator", row.indicator)?;
        dict.set_item("kind", row.kind)?;
        dict.set_item("relation", row.relation)?;
        dict.set_item("participant", row.participant)?;
        if let Some(group) = row.group {
            dict.set_item("group", group)?;
        }
        dict.set_item("asset", row.asset)?;
        dict.set_item("asset_kind", row.asset_kind)?;
        if let Some(label) = row.label {
            dict.set_item("label", label)?;
        }
        Ok(dict)
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.row() == other.row()
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.row().hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let row = self.row();
        let shown = |text: &str| PyString::new(py, text).repr().map(|repr| repr.to_string());
        Ok(format!(
            "Found(indicator={}, relation={}, participant={}, asset={})",
            shown(row.indicator)?,
            shown(row.relation)?,
            shown(row.participant)?,
            shown(&row.asset)?,
        ))
    }
}
