//! Names of fields that a host asks for: columns of tables, and JSON pointers (RFC 6901).

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use crate::format::is_secret;

/// Names of fields, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldNames {
    names: Arc<[Arc<str>]>,
}

/// A set of [`FieldNames`], by number; names beyond the 64th are in none.
pub(crate) type FieldSet = u64;

impl FieldNames {
    /// Refuses names of secrets.
    pub(crate) fn new<N: AsRef<str>>(
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self, SecretField> {
        let names: Vec<Arc<str>> = names.into_iter().map(|name| name.as_ref().into()).collect();
        match names.iter().find(|name| is_secret(name)) {
            Some(name) => Err(SecretField { name: name.to_string() }),
            None => Ok(Self { names: names.into() }),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<str>> {
        self.names.iter()
    }

    /// Those that `field` is or lies in, as `/a/0` does in `/a`; `None` where there are none.
    pub(crate) fn holding(&self, field: &str) -> Option<FieldSet> {
        let mut set = 0;
        let mut is_held = false;
        for (index, name) in self.names.iter().enumerate() {
            let rest = field.strip_prefix(&**name);
            let is_in =
                |rest: &str| rest.is_empty() || name.starts_with('/') && rest.starts_with('/');
            if rest.is_some_and(is_in) || name.is_empty() && field.starts_with('/') {
                is_held = true;
                set |= bit(index);
            }
        }
        is_held.then_some(set)
    }

    /// Those that lines of JSON have.
    pub(crate) fn in_lines(&self, text: &[u8], eol: u8) -> FieldSet {
        let mut set = 0;
        for line in text.split(|&b| b == eol) {
            let Ok(value) = serde_json::from_slice::<Value>(line) else { continue };
            for (index, name) in self.names.iter().enumerate() {
                if value.pointer(name).is_some() {
                    set |= bit(index);
                }
            }
        }
        set
    }

    /// Those that are not in a set.
    pub(crate) fn without(&self, set: FieldSet) -> Vec<String> {
        let is_out = |(index, _): &(usize, &Arc<str>)| bit(*index) != 0 && set & bit(*index) == 0;
        self.names.iter().enumerate().filter(is_out).map(|(_, name)| name.to_string()).collect()
    }
}

/// The set that holds one.
pub(crate) fn bit(index: usize) -> FieldSet {
    u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or(0)
}

/// A field that may hold a secret was asked for; such are never searched and never copied.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Image, Inventory, Limits, Scanner};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let error = Scanner::new(&image).keep(["host", "api_token"]).unwrap_err();
/// assert_eq!(error.name(), "api_token");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: a field of this name holds a secret, which is neither searched nor copied")]
pub struct SecretField {
    name: String,
}

impl SecretField {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A field was asked for that a feed does not have.
///
/// # Example
///
/// ```
/// # use feedsieve::{compile, Hit, Image, Inventory, Limits, ScanError, Scanner, SinkFn, Source};
/// let csv = "participant,kind,value\nA,domain,hospital.example\n";
/// # let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// # let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let scanner = Scanner::new(&image).fields(["hostname"])?;
/// let feed = Source::slice("feed", b"ip,host\n192.0.2.7,hospital.example\n");
/// let Err(ScanError::Field(unknown)) = scanner.scan(feed, &mut SinkFn(|_: &Hit<'_>| true)) else {
///     panic!()
/// };
/// assert_eq!((unknown.name(), unknown.known()), ("hostname", &["ip".into(), "host".into()][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    pub(crate) name: String,
    pub(crate) known: Vec<String>,
}

impl UnknownField {
    /// The name that was asked for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fields that the feed has, as far as they are known; none where its format has no fields.
    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }
}

impl fmt::Display for UnknownField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known.is_empty() {
            true => write!(f, "no field {}: in this format fields have no names", self.name),
            false => write!(f, "no field {}; there are {}", self.name, self.known.join(", ")),
        }
    }
}

impl std::error::Error for UnknownField {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_lie_in_those_that_were_asked_for() {
        let names = FieldNames::new(["ip", "/a", "/b/0"]).expect("no secrets");
        for (field, expected) in [
            ("ip", Some(1)),
            ("ip/x", None),
            ("ipv6", None),
            ("IP", None),
            ("/a", Some(2)),
            ("/a/0/c", Some(2)),
            ("/ab", None),
            ("/b/0", Some(4)),
            ("/b/01", None),
            ("/b", None),
            ("", None),
        ] {
            assert_eq!(names.holding(field), expected, "{field}");
        }
        assert_eq!(names.without(5), ["/a"]);
        assert!(FieldNames::new(["ip", "/user/api_token"]).is_err());
    }
}
