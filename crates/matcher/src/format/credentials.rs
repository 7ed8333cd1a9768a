//! Leaked credentials: `mail:secret`, `url:login:secret`, and blocks of `Key: value` lines.
//!
//! Hides nothing. What is not known to be a login or a place to log in at is taken for the secret,
//! which is never searched. A line is a record, those of a block too.

use std::ops::Range;

use memchr::memmem;

use super::line::{first_word, trim};
use super::{Place, Surroundings, is_secret, line};

/// Longest key of a block.
const MAX_KEY_BYTES: usize = 32;

/// Far from the start of a line it is not known whether the secret has begun, so it may have.
pub(super) fn place(around: &Surroundings<'_>) -> Place {
    let far = || Place { is_too_long: true, ..Place::secret(around.record.clone()) };
    line::place(around, within).unwrap_or_else(far)
}

fn within(line: &[u8], at: usize) -> Place {
    let value = trim(line, 0..line.len());
    if let Some((key, said)) = keyed(line, value.clone()) {
        if at < said.start {
            return Place::no_data(value.start..said.start);
        }
        let secret = match key {
            Key::Secret => said.start,
            Key::Other => secret_in(line, said.clone()),
        };
        return match at < secret {
            true => Place::unnamed(said.start..secret),
            false => Place::secret(secret..said.end),
        };
    }
    let Parts { site, login } = Parts::of(line, value.clone());
    if at < site {
        Place::unnamed(value.start..site)
    } else if at < login.start {
        Place::no_data(site..login.start)
    } else if at < login.end {
        Place::unnamed(login)
    } else {
        Place::secret(login.end..value.end)
    }
}

/// The secret of a line, which ends it, without the separator before it.
pub(super) fn secret(line: &[u8]) -> Option<Range<usize>> {
    let value = trim(line, 0..line.len());
    let secret = match keyed(line, value.clone()) {
        Some((Key::Secret, said)) => said,
        Some((Key::Other, said)) => secret_in(line, said.clone())..said.end,
        None => {
            let login = Parts::of(line, value.clone()).login;
            // Without a login nothing is known to be a separator.
            let separator = usize::from(!login.is_empty());
            (login.end + separator).min(value.end)..value.end
        }
    };
    (!secret.is_empty()).then_some(secret)
}

/// What a line of a block is about.
enum Key {
    Secret,
    Other,
}

/// A line `Key: value` of a block: what the key says, and the value.
fn keyed(line: &[u8], value: Range<usize>) -> Option<(Key, Range<usize>)> {
    const OTHERS: [&str; 14] = [
        "url",
        "host",
        "hostname",
        "site",
        "website",
        "link",
        "username",
        "user",
        "login",
        "email",
        "mail",
        "application",
        "app",
        "browser",
    ];
    let text = &line[value.clone()];
    let colon = text.iter().take(MAX_KEY_BYTES + 1).position(|&b| b == b':')?;
    let key = str::from_utf8(&text[..colon]).ok()?.trim_ascii();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-');
    (!key.is_empty() && key.chars().all(is_word)).then_some(())?;
    let behind = value.start + colon + 1;
    // `user:secret` has no blank behind the colon.
    let is_block = behind == value.end || line[behind].is_ascii_whitespace();
    is_block.then_some(())?;
    let said = trim(line, behind..value.end);
    if is_secret(key) {
        return Some((Key::Secret, said));
    }
    let is_other = key
        .split([' ', '_', '-'])
        .any(|part| OTHERS.iter().any(|other| part.eq_ignore_ascii_case(other)));
    is_other.then_some((Key::Other, said))
}

/// Where the secret begins in a line of a block that goes on with `Password:`.
fn secret_in(line: &[u8], said: Range<usize>) -> usize {
    let mut word = first_word(line, said.clone());
    while !word.is_empty() {
        let key = line[word.clone()].strip_suffix(b":").map(String::from_utf8_lossy);
        if key.is_some_and(|key| is_secret(&key)) {
            return word.end;
        }
        word = first_word(line, word.end..said.end);
    }
    said.end
}

/// A line of credentials, in parts; what is behind the login is the secret.
struct Parts {
    /// Where the site ends that the login is for; the line's start where none is named.
    site: usize,
    login: Range<usize>,
}

impl Parts {
    fn of(line: &[u8], value: Range<usize>) -> Self {
        let begins_url = scheme_bytes(&line[value.clone()]).is_some();
        let first = first_word(line, value.clone());
        let by_blanks = begins_url || line[first].contains(&b'@');
        let fields = Fields { line, end: value.end, by_blanks };
        match fields.site_end(value.start, begins_url) {
            Some(site) => {
                let start = (site + 1).min(value.end);
                // What no separator follows may be the secret.
                let login = fields.separator(start).map_or(start..start, |end| start..end);
                Self { site, login }
            }
            None => {
                let end = fields.separator(value.start).unwrap_or(value.end);
                Self { site: value.start, login: value.start..end }
            }
        }
    }
}

/// Bytes of the scheme with which a line begins, and of the slashes behind it.
fn scheme_bytes(text: &[u8]) -> Option<usize> {
    let len = memmem::find(text, b"://")?;
    let is_scheme = |b: &u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
    ((1..=MAX_KEY_BYTES).contains(&len) && text[..len].iter().all(is_scheme)).then_some(len + 3)
}

/// A line parted by whatever its author had at hand.
struct Fields<'l> {
    line: &'l [u8],
    end: usize,
    by_blanks: bool,
}

impl Fields<'_> {
    fn separator(&self, from: usize) -> Option<usize> {
        let parts = |b: &u8| b":;|,\t".contains(b) || *b == b' ' && self.by_blanks;
        self.line[from..self.end].iter().position(parts).map(|len| from + len)
    }

    /// Where the URL or the host ends with which a line begins: at the first colon that no port
    /// follows, or at another separator.
    fn site_end(&self, start: usize, begins_url: bool) -> Option<usize> {
        let scheme = scheme_bytes(&self.line[start..self.end]).unwrap_or(0);
        let mut at = start + scheme;
        let end = loop {
            let Some(end) = self.separator(at) else { break begins_url.then_some(self.end) };
            let digits = self.line[end + 1..self.end].iter();
            let behind = end + 1 + digits.take_while(|b| b.is_ascii_digit()).count();
            let is_in_path = self.line[start + scheme..end].iter().any(|b| b"/?#".contains(b));
            let goes_on = self.line[end] == b':'
                && (1..=5).contains(&(behind - end - 1))
                && match self.line[behind..self.end].first() {
                    Some(b'/' | b'?' | b'#') => true,
                    // In a path, numbers are as likely to be logins.
                    _ if is_in_path => {
                        self.separator(behind) == Some(behind) && self.is_mail(behind + 1)
                    }
                    _ => behind == self.end || self.separator(behind) == Some(behind),
                };
            if !goes_on {
                break Some(end);
            }
            at = behind;
        }?;
        let site = &self.line[start..end];
        let is_host = || {
            let has_path = site.iter().any(|b| b"/:".contains(b));
            let is_login = self.is_mail(end + 1) || has_path && self.separator(end + 1).is_some();
            site.contains(&b'.') && !site.contains(&b'@') && !site.contains(&b' ') && is_login
        };
        (begins_url || end < self.end && is_host()).then_some(end)
    }

    /// Whether a mail address begins at `start` that a separator follows.
    fn is_mail(&self, start: usize) -> bool {
        let Some(end) = self.separator(start.min(self.end)) else { return false };
        is_mail(&self.line[start..end])
    }
}

fn is_mail(text: &[u8]) -> bool {
    memchr::memchr(b'@', text).is_some_and(|at| at > 0 && text[at + 1..].contains(&b'.'))
}

/// Whether a line is one of credentials: a mail address or a URL and a login, with a secret behind.
pub(super) fn is_entry(line: &[u8]) -> bool {
    let value = trim(line, 0..line.len());
    if is_of_block(line) {
        return false;
    }
    let Parts { site, login } = Parts::of(line, value.clone());
    let Some((&separator, secret)) = line[login.end..value.end].split_first() else { return false };
    let is_two = separator == b':' || site == value.start && !secret.contains(&separator);
    let is_data = secret.windows(3).any(|part| part == b"://")
        || str::from_utf8(secret).is_ok_and(|text| text.trim().parse::<std::net::IpAddr>().is_ok());
    let login = &line[login];
    let is_login = is_mail(login) && !login.iter().any(|b| b"/ ".contains(b));
    let has_login = is_login || site > value.start && !login.is_empty();
    has_login && is_two && !is_data && !secret.is_empty() && !secret.starts_with(b" ")
}

/// Whether a line has a key that blocks have.
pub(super) fn is_of_block(line: &[u8]) -> bool {
    keyed(line, trim(line, 0..line.len())).is_some()
}

/// Whether a line is the secret of a block.
pub(super) fn is_block_secret(line: &[u8]) -> bool {
    const SECRETS: [&[u8]; 5] = [b"password:", b"passwd:", b"pass:", b"pwd:", b"passwort:"];
    let text = line.trim_ascii_start();
    SECRETS.iter().any(|key| text.get(..key.len()).is_some_and(|s| s.eq_ignore_ascii_case(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_a_line() {
        for (line, expected) in [
            ("jan@a.example:Winter1", Some("Winter1")),
            ("jan@a.example;Win:ter1 ", Some("Win:ter1")),
            ("jan@a.example", None),
            ("jan@a.example:", None),
            ("https://a.example/x:jan:y z", Some("y z")),
            ("https://a.example:8443/x:jan@b.example:!", Some("!")),
            ("Password: !x", Some("!x")),
            ("Username: jan@a.example", None),
            ("user: jan Password: geheim", Some(" geheim")),
            ("", None),
        ] {
            let secret = secret(line.as_bytes()).map(|range| &line[range]);
            assert_eq!(secret, expected, "{line}");
            // Nothing of it is searched.
            let start = secret.map(|secret| line.len() - line.trim_end().len() + secret.len());
            if let Some(at) = start.map(|len| line.len() - len) {
                assert!(within(line.as_bytes(), at).is_secret, "{line}");
            }
        }
    }
}
