//! What the names of columns and keys say of what stands there: secrets, references, versions.

use crate::hit::Role;
use crate::reading::Text;

/// What the names of a field say of what stands in it; see [`Place`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(super) role: Option<Role>,
    pub(super) is_secret: bool,
    pub(super) is_certificate: bool,
}

impl Meaning {
    pub(super) fn of(words: &[&str]) -> Self {
        Self {
            role: role_of(words),
            is_secret: words.iter().any(|word| is_secret(word)),
            is_certificate: words.iter().any(|word| is_certificate(word)),
        }
    }

    /// What a key of JSON says, as it is written.
    pub(crate) fn of_key(raw: &[u8]) -> Self {
        // Those that documents are made of say nothing, and a bundle may hold thousands of them.
        if matches!(raw, b"" | b"Event" | b"Object" | b"Attribute" | b"objects" | b"list") {
            return Self::default();
        }
        let mut text = Text::default();
        text.unescape_json(raw);
        Self::of(&[&String::from_utf8_lossy(&text.bytes)])
    }

    /// What further names say as well.
    pub(crate) fn with(self, further: Self) -> Self {
        let roles = [self.role, further.role];
        let is_reference = roles.contains(&Some(Role::Reference));
        Self {
            role: if is_reference { Some(Role::Reference) } else { self.role.or(further.role) },
            is_secret: self.is_secret || further.is_secret,
            is_certificate: self.is_certificate || further.is_certificate,
        }
    }
}

/// A name's parts, parted by anything but letters and digits.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty())
}

/// Whether the name of a column or a key says that a secret stands there.
pub(crate) fn is_secret(name: &str) -> bool {
    const SECRETS: [&str; 11] = [
        "password",
        "passwd",
        "passwort",
        "wachtwoord",
        "pass",
        "pwd",
        "pw",
        "hash",
        "token",
        "cookie",
        "secret",
    ];
    parts(name).any(|part| SECRETS.iter().any(|secret| part.eq_ignore_ascii_case(secret)))
}

fn has_part(name: &str, words: &[&str]) -> bool {
    parts(name).any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

fn is_certificate(name: &str) -> bool {
    const CERTIFICATES: [&str; 9] =
        ["cert", "certs", "certificate", "certificates", "san", "sans", "subject", "issuer", "cn"];
    has_part(name, &CERTIFICATES) || name.to_ascii_lowercase().contains("common_name")
}

/// Of a reference all is a reference, of a version only what may be one.
fn role_of(names: &[&str]) -> Option<Role> {
    const REFERENCES: [&str; 4] = ["reporter", "tweet", "reference", "references"];
    let is_reference = names.iter().any(|name| has_part(name, &REFERENCES));
    let is_version = || names.iter().any(|name| is_version(name));
    match is_reference {
        true => Some(Role::Reference),
        false => is_version().then_some(Role::Version),
    }
}

fn is_version(name: &str) -> bool {
    const VERSIONS: [&str; 4] = ["version", "versions", "ver", "ua"];
    // `User-Agent`, `http_user_agent`, `userAgent`; an `agent.ip` is an address.
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    has_part(name, &VERSIONS) || letters.to_ascii_lowercase().contains("useragent")
}
