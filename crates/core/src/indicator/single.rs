//! One indicator by itself, as somebody asks about it.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{
    AddrError, AddrRange, MailError, NameError, canonical_label, canonical_mail, parse_addr,
    parse_prefix, parse_range,
};

/// An address, a prefix, a range, a name, a whole subtree of names or a mail address, read from text.
///
/// What `feedsieve lookup` takes, and [`Image::lookup`](crate::Image::lookup) after it.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{compile, Image, Indicator, Inventory, Limits};
/// let csv = "participant,kind,value\nA,prefix,192.0.2.0/24\nB,domain,lab.hospital.example\n";
/// let (inventory, _) = Inventory::from_csv(csv.as_bytes())?;
/// let image = Image::open(compile(&inventory, &Limits::default())?)?;
/// let answer = |text| -> Result<Vec<String>, feedsieve_core::IndicatorError> {
///     let indicator = Indicator::parse(text)?;
///     Ok(image.lookup(&indicator).map(|f| format!("{} {}", f.participant(), f.relation())).collect())
/// };
/// assert_eq!(answer("192.0.2.1-192.0.2.9")?, ["A inside"]);
/// assert_eq!(answer("*.hospital.example")?, ["B covers"]);
/// assert_eq!(answer("hospital.example")?, [""; 0]);
/// assert!(answer("192.0.2.256").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Indicator {
    text: String,
    kind: IndicatorKind,
    value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Addrs(AddrRange),
    Name,
    Subtree,
    Mail,
}

/// What an indicator is.
///
/// # Example
///
/// ```
/// # use feedsieve_core::{Indicator, IndicatorKind};
/// let kind = |text| Indicator::parse(text).map(|indicator| indicator.kind());
/// assert_eq!(kind("::ffff:192.0.2.7")?, IndicatorKind::Ipv4);
/// assert_eq!(kind("192.0.2.7/32")?, IndicatorKind::Prefix);
/// // A range stays one, whatever its ends; a subtree is a domain.
/// assert_eq!(kind("192.0.2.0-192.0.2.255")?, IndicatorKind::Range);
/// assert_eq!(kind("*.hospital.example")?, IndicatorKind::Domain);
/// # Ok::<(), feedsieve_core::IndicatorError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum IndicatorKind {
    /// One IPv4 address.
    Ipv4,
    /// One IPv6 address.
    Ipv6,
    /// A prefix of either family.
    Prefix,
    /// A range of either family.
    Range,
    /// A domain name.
    Domain,
    /// A mail address.
    Email,
    /// A keyword.
    Keyword,
}

impl IndicatorKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Ipv4,
        Self::Ipv6,
        Self::Prefix,
        Self::Range,
        Self::Domain,
        Self::Email,
        Self::Keyword,
    ];

    /// The name in hits.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Prefix => "prefix",
            Self::Range => "range",
            Self::Domain => "domain",
            Self::Email => "email",
            Self::Keyword => "keyword",
        }
    }
}

impl Indicator {
    /// Reads an indicator; blanks around it are ignored.
    ///
    /// `*.name` and `.name` stand for a whole subtree. Keywords are not looked up, nor is anything
    /// refanged: of `hospital[.]example` a scan makes a name, and this an error. A label that no
    /// registry would take is read all the same, since feeds hold such, and is merely unequal to
    /// every other. A reverse name such as `5.2.0.192.in-addr.arpa` is read as the name that it is,
    /// whereas a scan also reports the address that it stands for.
    ///
    /// # Errors
    ///
    /// [`IndicatorError`] repeats the text, or its beginning, and says what is wrong with it.
    ///
    /// # Example
    ///
    /// ```
    /// # use feedsieve_core::{Indicator, IndicatorKind};
    /// let reverse = Indicator::parse("5.2.0.192.in-addr.arpa")?;
    /// assert_eq!((reverse.kind(), reverse.addrs()), (IndicatorKind::Domain, None));
    /// assert!(Indicator::parse("hospital[.]example").is_err());
    /// # Ok::<(), feedsieve_core::IndicatorError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, IndicatorError> {
        let text = text.trim();
        Self::read(text).map_err(|why| IndicatorError { excerpt: excerpt(text), why })
    }

    fn read(text: &str) -> Result<Self, Why> {
        if let Some(addrs) = Self::parse_addrs(text)? {
            return Ok(addrs);
        }
        if text.contains('@') {
            let mail = canonical_mail(text)?;
            return Ok(Self { text: mail, kind: IndicatorKind::Email, value: Value::Mail });
        }
        let under = text.strip_prefix("*.").or_else(|| text.strip_prefix('.'));
        let name = match name_of(under.unwrap_or(text)) {
            // A word alone is hardly meant as a name, unlike everything under a top-level domain.
            Ok(name) if under.is_none() && !name.contains('.') => Err(NameError::OneLabel),
            read => read,
        };
        let value = if under.is_some() { Value::Subtree } else { Value::Name };
        Ok(Self { text: name?, kind: IndicatorKind::Domain, value })
    }

    /// Reads an address, a prefix or a range; `None` where the text is not written as one.
    fn parse_addrs(text: &str) -> Result<Option<Self>, AddrError> {
        let whole = |range: AddrRange, kind, text| Self { text, kind, value: Value::Addrs(range) };
        let addr = match parse_addr(text) {
            Ok(addr) => {
                let kind = match addr {
                    IpAddr::V4(_) => IndicatorKind::Ipv4,
                    IpAddr::V6(_) => IndicatorKind::Ipv6,
                };
                Ok(whole(addr.into(), kind, addr.to_string()))
            }
            Err(error) => Err(error),
        };
        let prefix = || {
            let (range, _) = parse_prefix(text)?;
            Ok(whole(range, IndicatorKind::Prefix, range.to_string()))
        };
        let range = || {
            let range = parse_range(text)?;
            Ok(whole(range, IndicatorKind::Range, range.ends().to_string()))
        };
        // Each says `Syntax` where the text is not its own, and more where it is.
        let is_other = |read: &Result<Self, AddrError>| matches!(read, Err(AddrError::Syntax));
        let read = Some(addr)
            .filter(|read| !is_other(read))
            .or_else(|| Some(prefix()).filter(|read| !is_other(read)))
            .or_else(|| Some(range()).filter(|read| !is_other(read)));
        read.transpose()
    }

    /// The canonical form: lower case, A-labels, compressed IPv6, a prefix without host bits.
    ///
    /// A subtree is written as the name on top of it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is; a subtree is a domain.
    #[must_use]
    pub const fn kind(&self) -> IndicatorKind {
        self.kind
    }

    /// Whether it is a name with all names under it.
    #[must_use]
    pub fn is_subtree(&self) -> bool {
        self.value == Value::Subtree
    }

    /// The addresses that it is, if it is any.
    #[must_use]
    pub const fn addrs(&self) -> Option<AddrRange> {
        match self.value {
            Value::Addrs(range) => Some(range),
            Value::Name | Value::Subtree | Value::Mail => None,
        }
    }

    pub(crate) const fn value(&self) -> Value {
        self.value
    }
}

impl std::str::FromStr for Indicator {
    type Err = IndicatorError;

    fn from_str(text: &str) -> Result<Self, IndicatorError> {
        Self::parse(text)
    }
}

/// The canonical form, with `*.` before a subtree: to parse it gives the same indicator.
impl fmt::Display for Indicator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.is_subtree() { "*." } else { "" }, self.text)
    }
}

/// Why a text is no indicator.
///
/// # Example
///
/// ```
/// # use feedsieve_core::Indicator;
/// let error = Indicator::parse("192.0.2.9-192.0.2.1").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "192.0.2.9-192.0.2.1: a range whose end lies before its start; expected an address, \
///      a prefix, a range, a name, *.name or a mail address",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{excerpt}: {why}; {}", Self::EXPECTED)]
pub struct IndicatorError {
    excerpt: String,
    why: Why,
}

impl IndicatorError {
    /// What would have been an indicator, in the words of the message.
    pub const EXPECTED: &str =
        "expected an address, a prefix, a range, a name, *.name or a mail address";
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Why {
    #[error(transparent)]
    Addr(#[from] AddrError),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Mail(#[from] MailError),
}

/// The canonical form of a name that a feed may hold.
///
/// Feeds hold names that nobody can own, such as `-x.hospital.example` or one with a
/// broken A-label, and a lookup answers as a scan does: such a label is merely
/// unequal to every other.
fn name_of(text: &str) -> Result<String, NameError> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let labels = text.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']);
    let labels = labels.map(|label| match canonical_label(label) {
        Ok(label) => Ok(label.into_owned()),
        Err(NameError::BadLabel) if label.bytes().all(is_plain) => Ok(label.to_ascii_lowercase()),
        Err(error) => Err(error),
    });
    let labels = labels.collect::<Result<Vec<_>, _>>()?;
    let is_number = |label: &String| label.bytes().all(|b| b.is_ascii_digit());
    match labels.as_slice() {
        [.., last] if is_number(last) => Err(NameError::Address),
        labels => Ok(labels.join(".")),
    }
}

/// The text in a message, short enough for a line.
fn excerpt(text: &str) -> String {
    const MAX_CHARS: usize = 80;
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl fmt::Display for IndicatorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_are_told_apart() {
        for (text, kind, canonical) in [
            ("192.0.2.7", IndicatorKind::Ipv4, "192.0.2.7"),
            ("::ffff:192.0.2.7", IndicatorKind::Ipv4, "192.0.2.7"),
            ("2001:DB8::0:1", IndicatorKind::Ipv6, "2001:db8::1"),
            ("192.0.2.7/24", IndicatorKind::Prefix, "192.0.2.0/24"),
            ("192.0.2.0/255.255.255.0", IndicatorKind::Prefix, "192.0.2.0/24"),
            ("192.0.2.1 - 192.0.2.9", IndicatorKind::Range, "192.0.2.1-192.0.2.9"),
            ("192.0.2.0-192.0.2.255", IndicatorKind::Range, "192.0.2.0-192.0.2.255"),
            ("WWW.Hospital.example.", IndicatorKind::Domain, "www.hospital.example"),
            ("*.hospital.example", IndicatorKind::Domain, "hospital.example"),
            (".hospital.example", IndicatorKind::Domain, "hospital.example"),
            ("-x.hospital.example", IndicatorKind::Domain, "-x.hospital.example"),
            ("xn--a.hospital.example", IndicatorKind::Domain, "xn--a.hospital.example"),
            ("192-0-2-1.hospital.example", IndicatorKind::Domain, "192-0-2-1.hospital.example"),
            ("m\u{fc}nchen.example", IndicatorKind::Domain, "xn--mnchen-3ya.example"),
            ("Jan@Hospital.example", IndicatorKind::Email, "jan@hospital.example"),
        ] {
            let indicator = Indicator::parse(text).expect(text);
            assert_eq!((indicator.kind(), indicator.text()), (kind, canonical), "{text}");
            assert_eq!(Indicator::parse(&format!(" {indicator}\t")), Ok(indicator), "{text}");
        }
    }

    #[test]
    fn what_is_no_indicator_is_named() {
        for text in [
            "",
            "hospital",
            "010.1.2.3",
            "192.0.2.9-192.0.2.1",
            "192.0.2.0/33",
            "1.2.3",
            "a b.example",
            "http://hospital.example/",
            "@hospital.example",
            "a..example",
            "*.",
            "*.*.example",
            "fe80::1%eth0",
            "192.0.2.1-2001:db8::1",
        ] {
            let message = Indicator::parse(text).expect_err(text).to_string();
            assert!(message.starts_with(&format!("{text}: ")), "{message}");
        }
    }
}
