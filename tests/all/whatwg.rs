//! The host of a URL as the `url` crate reads it (WHATWG URL), and where running text differs.
//!
//! A URL in a report or a log is not the input of a browser's address bar: text goes on behind it,
//! people defang it, and one odd label must not hide a participant. [`expected`] names each such
//! difference, as narrow as it can; for every other URL with a special scheme the host and the port
//! are those of the standard. Shared with the fuzz target `url_host`.

use std::ops::Range;

use feedsieve::{Hit, Role, Scanner, SinkFn, Source};
use url::{Host, Url};

/// What a scan should say of the host of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Text is read in another way than the standard has it; why.
    Differs(&'static str),
    /// No host, or one that is no name and no address of anybody.
    Nothing,
    /// No host, and what is written in its place is text: whoever is found there is no `url-host`.
    Text,
    /// The host in canonical form, and the port unless it is that of the scheme.
    Host(String, Option<u16>),
}

/// Where the authority of a URL with a special scheme begins and ends.
pub(crate) fn authority(text: &str) -> Range<usize> {
    let behind = text.find(':').map_or(text.len(), |colon| colon + 1);
    let start = behind + text[behind..].bytes().take_while(|&b| is_slash(b)).count();
    let len = text[start..].bytes().take_while(|&b| !is_slash(b) && b != b'?' && b != b'#').count();
    start..start + len
}

fn is_slash(byte: u8) -> bool {
    byte == b'/' || byte == b'\\'
}

/// The host of `text`, which begins with a special scheme.
pub(crate) fn expected(text: &str) -> Expected {
    let authority = authority(text);
    if let Some(why) = difference(text, &text[authority.clone()]) {
        return Expected::Differs(why);
    }
    let (_, host) = parted(&text[authority]);
    let host = decoded(host.split_once(':').map_or(host, |(name, _)| name));
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(url::ParseError::IdnaError) if host.is_some_and(|host| !is_forbidden(&host)) => {
            return Expected::Differs("a label that UTS 46 refuses does not hide those behind it");
        }
        Err(url::ParseError::InvalidIpv6Address) => return Expected::Text,
        Err(_) => return Expected::Nothing,
    };
    let port = url.port();
    match url.host() {
        Some(Host::Domain(name)) => match name_in_text(name) {
            Ok(Some(name)) => Expected::Host(name.to_owned(), port),
            Ok(None) => Expected::Nothing,
            Err(why) => Expected::Differs(why),
        },
        Some(Host::Ipv4(_)) if slashes(text) < 2 => {
            Expected::Differs("with fewer than two slashes only a name makes a URL, no number")
        }
        // Neither address stands for anybody.
        Some(Host::Ipv4(addr)) if addr.is_unspecified() => Expected::Nothing,
        Some(Host::Ipv6(addr)) if addr.is_unspecified() => Expected::Nothing,
        Some(Host::Ipv4(addr)) => Expected::Host(addr.to_string(), port),
        Some(Host::Ipv6(addr)) => match addr.to_ipv4_mapped() {
            Some(addr) if addr.is_unspecified() => Expected::Nothing,
            Some(addr) => Expected::Host(addr.to_string(), port),
            None => Expected::Host(addr.to_string(), port),
        },
        None => Expected::Nothing,
    }
}

/// Slashes behind the scheme; `\/` is one, as JSON escapes it.
fn slashes(text: &str) -> usize {
    let (_, behind) = text.split_once(':').unwrap_or_default();
    behind.replace("\\/", "/").bytes().take_while(|&b| is_slash(b)).count()
}

/// Userinfo, and the host with what stands behind it.
fn parted(authority: &str) -> (&str, &str) {
    authority.rsplit_once('@').unwrap_or(("", authority))
}

/// Why the text of a URL is read in another way than WHATWG would.
fn difference(text: &str, authority: &str) -> Option<&'static str> {
    let (userinfo, host) = parted(authority);
    let slashes = slashes(text);
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || "\"<>`".contains(c)) {
        return Some("blanks, controls, quotes and angle brackets end a URL; WHATWG encodes them");
    }
    if text.contains(|c: char| "«»‘’‚‛“”„‟‹›".contains(c)) {
        return Some("quotes of any script end a URL");
    }
    // One pair, around what the address is.
    let is_v6 = host.rfind('[') == Some(0) && host.matches(']').count() == 1;
    let brackets = |c| "()[]{}".contains(c);
    if userinfo.contains(brackets) || !is_v6 && host.contains(brackets) {
        return Some("brackets defang, or end a URL that stands in them");
    }
    if ["\\n", "\\r", "\\t", "\\."].iter().any(|escape| text.contains(escape)) {
        return Some("a line end as programs write it, or a defanged dot");
    }
    // A key and its value, as in `http:8080`, are no URL.
    let first: String = host.chars().take_while(|&c| is_of_host(c)).collect();
    let begins_with_digit = first.starts_with(|c: char| c.is_ascii_digit());
    if slashes < 2 && (authority.contains('@') || !first.contains(is_dot) || begins_with_digit) {
        return Some("with fewer than two slashes only a name with a dot makes a URL");
    }
    let name_end = if is_v6 { host.find(']').unwrap_or(0) } else { 0 };
    let port = host[name_end..].split_once(':').map_or("", |(_, port)| port);
    if !port.is_empty() && (port.parse::<u16>().is_err() || port.len() > 5) {
        return Some("what is no port of five digits is text, and hides no host before it");
    }
    if is_v6 {
        let behind = host.split_once(']').map_or("", |(_, behind)| behind);
        if !behind.is_empty() && !behind.starts_with(':') {
            return Some("a host in brackets ends with them, and text goes on");
        }
        return host.contains('%').then_some("a zone id is passed over, as people paste it");
    }
    let (name, _) = host.split_once(':').unwrap_or((host, ""));
    if name.contains(|c: char| !is_of_host(c) && c != '%') {
        return Some("names are of letters, digits, `-` and `_`; a host ends at other characters");
    }
    if name.starts_with(is_dot) || decoded(name).is_some_and(|name| name.starts_with(is_dot)) {
        return Some("dots before a name or an address are punctuation, or make a subtree");
    }
    let ends_sentence = |(at, stop): (usize, &str)| {
        let label = name[at + stop.len()..].split(is_dot).next().unwrap_or_default();
        name[..at].contains('.') && !label.is_ascii()
    };
    if name.match_indices(|c| c != '.' && is_dot(c)).any(ends_sentence) {
        return Some("a full stop of another script ends a sentence before a word of that script");
    }
    let last = name.trim_end_matches(is_dot).rsplit(is_dot).next().unwrap_or_default();
    let starts_ascii = last.starts_with(|c: char| c.is_ascii());
    (starts_ascii && !last.is_ascii())
        .then_some("letters of another script behind an ASCII label are the text's next word")
}

/// Characters that are of names in text, and full stops.
fn is_of_host(c: char) -> bool {
    let is_mark = ('\u{300}'..='\u{36f}').contains(&c);
    let is_unseen = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}');
    is_dot(c) || matches!(c, '-' | '_') || c.is_alphanumeric() || is_mark || is_unseen
}

fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}')
}

/// What is written with percent-encoding undone, if it is UTF-8.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let code = behind.get(..2).and_then(|hex| str::from_utf8(hex).ok());
        let code = code.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// Whether no host may hold a character of it, since it parts a URL.
fn is_forbidden(host: &str) -> bool {
    host.contains(|c: char| c.is_ascii_control() || " #%/:<>?@[\\]^|".contains(c))
}

/// A name as the standard gives it, if it can be somebody's.
fn name_in_text(name: &str) -> Result<Option<&str>, &'static str> {
    if name.contains(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))) {
        return Err("names are of letters, digits, `-` and `_`");
    }
    if name.ends_with("..") {
        return Err("more than one dot behind a name are punctuation");
    }
    // One root dot is of the name; it is not written in the canonical form.
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.ends_with('-') {
        return Err("a dash behind a name is punctuation");
    }
    if name.split('.').any(|label| label.len() > 63 && label.starts_with("xn--")) {
        return Err("a label too long for an A-label does not hide those behind it");
    }
    let is_bad = |label: &str| label.is_empty() || label.len() > 63;
    let is_name = name.contains('.') && name.len() <= 253 && !name.split('.').any(is_bad);
    Ok(is_name.then_some(name))
}

/// What a scan with `scanner` finds in the authority of the URL that is the whole feed: the
/// indicator, its role, and the port.
pub(crate) fn found(scanner: &Scanner<'_>, text: &str) -> Vec<(String, Role, Option<u16>)> {
    let end = authority(text).end as u64;
    let mut found = Vec::new();
    let mut sink = SinkFn(|hit: &Hit<'_>| {
        if hit.at < end {
            found.push((hit.indicator.to_owned(), hit.role, hit.port));
        }
        let also = hit.also.iter().filter(|also| also.at < end);
        found.extend(also.map(|also| (also.indicator.to_owned(), also.role, None)));
        true
    });
    scanner.scan(Source::slice("feed", text.as_bytes()), &mut sink).expect("it can be read");
    found
}

/// Whether what was found is what is expected.
pub(crate) fn agrees(
    text: &str,
    found: &[(String, Role, Option<u16>)],
    expected: &Expected,
) -> bool {
    match expected {
        Expected::Differs(_) => true,
        Expected::Nothing => found.is_empty(),
        Expected::Text => found.iter().all(|(_, role, _)| *role != Role::UrlHost),
        Expected::Host(host, port) => {
            let is_it = |(indicator, role, found): &(String, Role, Option<u16>)| {
                indicator == host && *role == Role::UrlHost && is_port(text, *found, *port)
            };
            !found.is_empty() && found.iter().all(is_it)
        }
    }
}

/// Whether a port that was found is the expected one, which the standard leaves out where it is
/// that of the scheme.
fn is_port(text: &str, found: Option<u16>, expected: Option<u16>) -> bool {
    let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let usual = match &*scheme {
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        _ => 21,
    };
    found == expected || (expected.is_none() && found == Some(usual))
}
