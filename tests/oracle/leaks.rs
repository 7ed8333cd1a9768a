//! Lines of leaked credentials: what is a place or a login; all else is a secret and makes no field.

use crate::columns;
use crate::records::Field;
use crate::text::Byte;

/// The fields of a line.
pub(crate) fn fields(line: &[Byte]) -> Vec<Field> {
    let text: String = line.iter().map(|byte| char::from(byte.b)).collect();
    let all: Vec<char> = text.chars().collect();
    let trimmed = text.trim_ascii();
    let start = text.len() - text.trim_ascii_start().len();
    let end = start + trimmed.chars().count();
    let field = |from: usize, to: usize| Field::plain(&line[from..to]);
    let words: Vec<char> = all[start..end].to_vec();
    if let Some((is_secret, said)) = block(&words) {
        let keep = if is_secret { said } else { before_secret(&words, said) };
        return if keep > said { vec![field(start + said, start + keep)] } else { Vec::new() };
    }
    let credential = Credential::of(words);
    let (site, login) = credential.parts();
    let mut fields = Vec::new();
    fields.extend(site.map(|end| field(start, start + end)));
    fields.extend(login.map(|(from, to)| field(start + from, start + to)));
    fields
}

/// A line `Key: value`: whether the key is of a secret, and where the value begins.
fn block(text: &[char]) -> Option<(bool, usize)> {
    let colon = text.iter().take(33).position(|&c| c == ':')?;
    let key: String = text[..colon].iter().collect();
    let key = key.trim_ascii();
    let fits = |c: char| c.is_ascii_alphanumeric() || " _-".contains(c);
    let ends = text.get(colon + 1).is_none_or(char::is_ascii_whitespace);
    if key.is_empty() || !key.chars().all(fits) || !ends {
        return None;
    }
    let blanks = text[colon + 1..].iter().take_while(|c| c.is_ascii_whitespace()).count();
    let said = colon + 1 + blanks;
    if columns::is_secret(&[key.to_owned()]) {
        return Some((true, said));
    }
    let others = "url host hostname site website link username user login email mail application \
                  app browser";
    let lower = key.to_lowercase();
    let mut parts = lower.split([' ', '_', '-']).filter(|part| !part.is_empty());
    parts.any(|part| others.split_whitespace().any(|o| o == part)).then_some((false, said))
}

/// Where `Password:` in the value of another key ends, or else the line.
fn before_secret(text: &[char], said: usize) -> usize {
    let mut i = said;
    while i < text.len() {
        let len = text[i..].iter().take_while(|c| !c.is_ascii_whitespace()).count();
        let word: String = text[i..i + len].iter().collect();
        if word.strip_suffix(':').is_some_and(|key| columns::is_secret(&[key.to_owned()])) {
            return i + len;
        }
        i += len.max(1);
    }
    text.len()
}

/// `mail:secret`, `site:login:secret` and what looks like them.
struct Credential {
    text: Vec<char>,
    /// Where the host begins behind a scheme.
    host: Option<usize>,
    /// Blanks part it too.
    by_blanks: bool,
}

impl Credential {
    fn of(text: Vec<char>) -> Self {
        let slashes = text.windows(3).position(|three| three == [':', '/', '/']);
        let scheme = |c: &char| c.is_ascii_alphanumeric() || "+-.".contains(*c);
        let host = slashes
            .filter(|&len| (1..=32).contains(&len) && text[..len].iter().all(scheme))
            .map(|len| len + 3);
        let first = text.iter().take_while(|c| !c.is_ascii_whitespace());
        let by_blanks = host.is_some() || first.copied().any(|c| c == '@');
        Self { text, host, by_blanks }
    }

    fn parts_at(&self, i: usize) -> bool {
        ":;|,\t".contains(self.text[i]) || self.text[i] == ' ' && self.by_blanks
    }

    fn next(&self, from: usize) -> Option<usize> {
        (from..self.text.len()).find(|&i| self.parts_at(i))
    }

    /// Whether `from` begins a mail address that ends at something that parts the line.
    fn mail_at(&self, from: usize) -> bool {
        let Some(end) = self.next(from) else { return false };
        let text: String = self.text[from..end].iter().collect();
        text.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
    }

    /// Where the site ends, and the login.
    fn parts(&self) -> (Option<usize>, Option<(usize, usize)>) {
        match self.site() {
            Some(site) => {
                let from = (site + 1).min(self.text.len());
                (Some(site), self.next(from).map(|end| (from, end)))
            }
            None => (None, Some((0, self.next(0).unwrap_or(self.text.len())))),
        }
    }

    fn site(&self) -> Option<usize> {
        let first = self.host.unwrap_or(0);
        let mut from = first;
        let end = loop {
            match self.next(from) {
                Some(end) if self.is_port(first, end) => from = self.digits(end + 1),
                Some(end) => break end,
                None if self.host.is_some() => break self.text.len(),
                None => return None,
            }
        };
        if self.host.is_some() {
            return Some(end);
        }
        let site: String = self.text[..end].iter().collect();
        let is_followed =
            self.mail_at(end + 1) || site.contains(['/', ':']) && self.next(end + 1).is_some();
        (site.contains('.') && !site.contains(['@', ' ']) && is_followed).then_some(end)
    }

    fn digits(&self, from: usize) -> usize {
        (from..self.text.len()).find(|&i| !self.text[i].is_ascii_digit()).unwrap_or(self.text.len())
    }

    /// Whether a colon begins a port, or digits of a path that go on to a login.
    fn is_port(&self, first: usize, colon: usize) -> bool {
        let behind = self.digits(colon + 1);
        let count = behind - colon - 1;
        if self.text[colon] != ':' || count == 0 || count > 5 {
            return false;
        }
        let in_path = self.text[first..colon].iter().any(|c| "/?#".contains(*c));
        match self.text.get(behind) {
            Some('/' | '?' | '#') => true,
            None => !in_path,
            Some(_) if !self.parts_at(behind) => false,
            Some(_) => !in_path || self.mail_at(behind + 1),
        }
    }
}
