//! What a scan is asked for, by the names of the command's flags.

use std::fs::File;
use std::num::NonZero;
use std::ops::Range;
use std::path::PathBuf;
use std::thread;

use feedsieve::{
    AllowList, Format, Image as Inner, Inventory, InventoryError, Limits, Rejected, Role, Roles,
    Scanner, SecretField, compile,
};
use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::errors;

/// The options of a scan, read and found to be possible.
pub(crate) struct Options {
    scanner: Scanner<'static>,
    keywords: bool,
    format: Option<Format>,
    pub(crate) is_ranged: bool,
    pub(crate) has_digest: bool,
    pub(crate) name: Option<String>,
}

/// The names that [`Options::read`] knows, for the message about one that it does not.
const NAMES: &str = "format, roles, participants, local_space, allow, allow_own, most_specific, \
                     keywords, fields, keep, with_record, max_feed_prefix4, max_feed_prefix6, \
                     range, digest, threads, name";

impl Options {
    /// Reads keyword arguments; what is None is as if it were not there.
    pub(crate) fn read(image: &Inner, given: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let mut scanner = Scanner::owning(image.clone()).threads(threads);
        let (mut keywords, mut is_ranged, mut has_digest) = (false, false, false);
        let (mut asked, mut name) = (None, None);
        let (mut allow, mut allows_own) = (None, false);
        let (mut v4, mut v6) = (8, 19);
        for (option, value) in given.into_iter().flatten() {
            let option: String = option.extract()?;
            if value.is_none() {
                continue;
            }
            let mut read = || {
                let it = scanner.clone();
                scanner = match option.as_str() {
                    "format" => it.format(*asked.insert(format(&value)?)),
                    "roles" => it.roles(roles(&value)?),
                    "participants" => participants(it, image, &value)?,
                    "local_space" => it.local_space(value.extract()?),
                    "most_specific" => it.most_specific(value.extract()?),
                    "fields" => it.fields(some(texts(&value)?)?).map_err(secret)?,
                    "keep" => it.keep(texts(&value)?).map_err(secret)?,
                    "with_record" => it.with_record(value.extract()?),
                    "digest" => {
                        has_digest = value.extract()?;
                        it.digests(has_digest)
                    }
                    "threads" => it.threads(value.extract()?),
                    "range" => {
                        is_ranged = true;
                        it.range(range(&value)?)
                    }
                    other => {
                        match other {
                            "keywords" => keywords = value.extract()?,
                            "name" => name = value.extract()?,
                            "allow" => allow = Some(entries(&value)?),
                            "allow_own" => allows_own = value.extract()?,
                            "max_feed_prefix4" => v4 = length(&value, 32)?,
                            "max_feed_prefix6" => v6 = length(&value, 128)?,
                            _ => return Err(PyTypeError::new_err(format!("there are {NAMES}"))),
                        }
                        it
                    }
                };
                Ok(())
            };
            read().map_err(|error| of_option(value.py(), &option, error))?;
        }
        scanner = scanner.shortest_prefixes(v4, v6);
        if let Some(entries) = allow {
            let list = AllowList::new(entries, image);
            scanner = scanner.allow(if allows_own { list.with_own() } else { list });
        }
        Ok(Self { scanner, keywords, format: asked, is_ranged, has_digest, name })
    }

    /// The format that was asked for, if one was.
    pub(crate) fn format_or(&self, format: Format) -> Format {
        self.format.unwrap_or(format)
    }

    /// The scanner that was asked for. The search for keywords is built here, which takes its time.
    pub(crate) fn scanner(&self) -> Scanner<'static> {
        self.scanner.clone().keywords(self.keywords)
    }
}

fn secret(field: SecretField) -> PyErr {
    PyValueError::new_err(field.to_string())
}

/// Only hits of these participants.
fn participants<'i>(
    scanner: Scanner<'i>,
    image: &Inner,
    value: &Bound<'_, PyAny>,
) -> PyResult<Scanner<'i>> {
    let ids = some(texts(value)?)?;
    match ids.iter().find(|id| image.find_participant(id).is_none()) {
        Some(id) => Err(PyValueError::new_err(format!("the image holds no participant {id:?}"))),
        None => Ok(scanner.participants(ids.iter().map(String::as_str))),
    }
}

/// The same error, saying which option it is about.
fn of_option(py: Python<'_>, name: &str, error: PyErr) -> PyErr {
    let message = format!("{name}: {}", error.value(py));
    if error.is_instance_of::<PyTypeError>(py) {
        PyTypeError::new_err(message)
    } else if error.is_instance_of::<PyValueError>(py)
        || error.is_instance_of::<PyOverflowError>(py)
    {
        PyValueError::new_err(message)
    } else {
        error
    }
}

fn format(value: &Bound<'_, PyAny>) -> PyResult<Format> {
    let asked: String = value.extract()?;
    Format::ALL.into_iter().find(|format| format.name() == asked).ok_or_else(|| {
        let names: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
        PyValueError::new_err(format!("no format {asked:?}; there are {}", names.join(", ")))
    })
}

fn roles(value: &Bound<'_, PyAny>) -> PyResult<Roles> {
    let asked = some(texts(value)?)?;
    let mut roles = Vec::new();
    for name in &asked {
        match Role::ALL.into_iter().find(|role| role.name() == name) {
            Some(role) => roles.push(role),
            None if name == "all" => return Ok(Roles::ALL),
            None => {
                let names: Vec<_> = Role::ALL.iter().map(|role| role.name()).collect();
                let names = names.join(", ");
                let message = format!("no role {name:?}; there are {names}, and all");
                return Err(PyValueError::new_err(message));
            }
        }
    }
    Ok(Roles::of(roles))
}

/// One text, or several.
fn texts(value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    match value.cast::<PyString>() {
        Ok(text) => Ok(vec![text.extract()?]),
        Err(_) => value.try_iter()?.map(|text| text?.extract()).collect(),
    }
}

/// At least one, for with none nothing could ever be found.
fn some(texts: Vec<String>) -> PyResult<Vec<String>> {
    match texts.is_empty() {
        true => Err(PyValueError::new_err(
            "an empty list would find nothing; leave it out, or give None, for all",
        )),
        false => Ok(texts),
    }
}

fn length(value: &Bound<'_, PyAny>, most: u8) -> PyResult<u8> {
    match value.extract() {
        Ok(length) if length <= most => Ok(length),
        _ => Err(PyValueError::new_err(format!("expected a length from 0 to {most}"))),
    }
}

/// A pair of the first byte and the byte behind the last.
fn range(value: &Bound<'_, PyAny>) -> PyResult<Range<u64>> {
    let (start, end): (u64, u64) = value.extract()?;
    match start <= end {
        true => Ok(start..end),
        false => Err(PyValueError::new_err("the range ends before it begins")),
    }
}

/// What is never a hit: a file, or entries.
fn entries(value: &Bound<'_, PyAny>) -> PyResult<Inner> {
    let py = value.py();
    let is_path = value.is_instance_of::<PyString>() || value.hasattr("__fspath__")?;
    let (path, read) = match is_path {
        true => {
            let path: PathBuf = value.extract()?;
            let read: Result<_, InventoryError> =
                py.detach(|| Inventory::from_allow_list(File::open(&path)?));
            (Some(path.to_string_lossy().into_owned()), read)
        }
        // A line each; one that holds a line end would be two.
        false => {
            let lines = texts(value)?;
            if let Some(line) = lines.iter().find(|line| line.contains(['\n', '\r'])) {
                let message = format!("{line:?} is more than one entry");
                return Err(PyValueError::new_err(message));
            }
            (None, Inventory::from_allow_list(lines.join("\n").as_bytes()))
        }
    };
    let (inventory, rejected) =
        read.map_err(|error| errors::inventory(py, path.as_deref(), &error))?;
    if !rejected.is_empty() {
        let rows: Vec<(_, &Rejected)> = rejected.iter().map(|row| (path.as_deref(), row)).collect();
        return Err(errors::rejected(py, &rows, "InventoryError"));
    }
    let compiled = compile(&inventory, &Limits::default());
    let image = compiled.map_err(|error| errors::other(&error.to_string()))?;
    Inner::open(image).map_err(|error| errors::image(py, None, &error))
}
