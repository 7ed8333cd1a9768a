//! What is asked about: text, or what the module `ipaddress` makes of it.

use std::borrow::Cow;

use feedsieve::{Indicator, IndicatorKind};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors;

/// What a lookup takes.
#[derive(Clone, Copy)]
pub(crate) enum Expected {
    Any,
    Addr,
    Prefix,
    Name,
    Mail,
}

impl Expected {
    const fn takes(self, kind: IndicatorKind) -> bool {
        match self {
            Self::Any => true,
            Self::Addr => matches!(kind, IndicatorKind::Ipv4 | IndicatorKind::Ipv6),
            Self::Prefix => matches!(
                kind,
                IndicatorKind::Prefix
                    | IndicatorKind::Range
                    | IndicatorKind::Ipv4
                    | IndicatorKind::Ipv6
            ),
            Self::Name => matches!(kind, IndicatorKind::Domain),
            Self::Mail => matches!(kind, IndicatorKind::Email),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Any => "an address, a prefix, a range, a name, *.name or a mail address",
            Self::Addr => "an address",
            Self::Prefix => "a prefix, a range or an address",
            Self::Name => "a name or *.name",
            Self::Mail => "a mail address",
        }
    }
}

/// Reads text as an indicator of the kind that is expected.
pub(crate) fn indicator(
    text: &str,
    expected: Expected,
    index: Option<usize>,
) -> PyResult<Indicator> {
    let words = expected.words();
    match Indicator::parse(text.trim()) {
        Ok(found) if expected.takes(found.kind()) => Ok(found),
        Ok(found) => {
            let message = format!("{}: found {}; expected {words}", found.text(), found.kind());
            Err(errors::indicator(&message, index))
        }
        Err(error) => Err(errors::indicator(&format!("{error}; expected {words}"), index)),
    }
}

/// The text of a string, or of an object of the module `ipaddress`.
pub(crate) fn text<'a>(asked: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, str>> {
    if let Ok(text) = asked.cast::<PyString>() {
        return match text.to_str() {
            Ok(text) => Ok(Cow::Borrowed(text)),
            // Half of a surrogate pair, of which no name and no mail address is made.
            Err(_) => Ok(Cow::Owned(text.to_string_lossy().into_owned())),
        };
    }
    let class = asked.get_type();
    let is_address = class.module().is_ok_and(|module| module == "ipaddress");
    if is_address {
        return Ok(Cow::Owned(asked.str()?.to_string()));
    }
    Err(PyTypeError::new_err(format!(
        "expected text or an object of the module ipaddress, found {}",
        class.qualname()?
    )))
}
