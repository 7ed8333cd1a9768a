//! What the name of a column or the keys of JSON say about what stands there, and what is a header.

use crate::reading::What;
use crate::records::Field;
use crate::{Options, defang, names, read, text};

/// Whether one of the names says that this is a secret.
pub(crate) fn is_secret(names: &[String]) -> bool {
    let secrets = [
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
    names.iter().any(|name| has_part(name, &secrets))
}

/// Whether a report says here where something came from.
pub(crate) fn is_reference(names: &[String]) -> bool {
    let words = ["reporter", "tweet", "reference", "references"];
    names.iter().any(|name| has_part(name, &words))
}

/// Whether certificates name their hosts here.
pub(crate) fn is_about_certificates(names: &[String]) -> bool {
    let words =
        ["cert", "certs", "certificate", "certificates", "san", "sans", "subject", "issuer", "cn"];
    names.iter().any(|name| has_part(name, &words) || name.to_lowercase().contains("common_name"))
}

/// Whether versions or user agents stand here.
pub(crate) fn is_about_versions(names: &[String]) -> bool {
    let is_agent = |name: &str| {
        let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
        letters.to_lowercase().contains("useragent")
    };
    let words = ["version", "versions", "ver", "ua"];
    names.iter().any(|name| has_part(name, &words) || is_agent(name))
}

/// Whether a part of the name between whatever is no letter and no digit is one of the words.
fn has_part(name: &str, words: &[&str]) -> bool {
    let name = name.to_lowercase();
    name.split(|c: char| !c.is_alphanumeric()).any(|part| words.contains(&part))
}

/// Whether a cell may stand in a header.
///
/// A cell that anyone would look up is data: an address, a URL, a mail address, a name with an end
/// that exists. So are numbers, dates, times and money. All else may name a column, and so may a
/// name that ends as columns do, such as `user.name`.
pub(crate) fn is_heading(field: &Field, options: &Options) -> bool {
    let raw: Vec<u8> = field.bytes.iter().map(|byte| byte.b).collect();
    let cell = String::from_utf8_lossy(&raw).trim_ascii().to_lowercase();
    let ends = [
        "city", "date", "email", "family", "group", "host", "id", "link", "name", "network",
        "phone", "zip",
    ];
    let column =
        |name: &str| cell == name && ends.iter().any(|end| name.ends_with(&format!(".{end}")));
    let found = read(field, options);
    let indicator = |what: &What| match what {
        What::Addrs { .. } => true,
        What::Mail { host, .. } => names::has_known_end(host) && !host.ends_with(".arpa"),
        What::Name { name, .. } => names::has_known_end(name) && !column(name),
        What::Keyword { .. } | What::BadName { .. } => false,
    };
    let refanged = defang::refang(&text::decode(&field.bytes));
    let url = text::string(&refanged).contains("://");
    !is_number(&cell)
        && !url
        && found.rejected.is_empty()
        && !found.places.iter().flatten().any(|reading| indicator(&reading.what))
}

/// Whether a cell in lower case is a number, a date, a time or money.
fn is_number(cell: &str) -> bool {
    let months = "jan feb mar apr may jun jul aug sep oct nov dec";
    let others = "mon tue wed thu fri sat sun am pm utc gmt eur usd gbp";
    let known: Vec<&str> = months.split(' ').chain(others.split(' ')).collect();
    let chars: Vec<char> = cell.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        let letters: String = chars[i..].iter().take_while(|c| c.is_alphabetic()).collect();
        let behind_digit = i > 0 && chars[i - 1].is_ascii_digit();
        // `2026-01-01t12:30:00z` and `1e5`.
        let mark = behind_digit && ["t", "z", "e"].contains(&&*letters);
        if !letters.is_empty() && !mark && !known.contains(&&*letters) {
            return false;
        }
        i += letters.chars().count().max(1);
    }
    chars.iter().any(char::is_ascii_digit)
}
