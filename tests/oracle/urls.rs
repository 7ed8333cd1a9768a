//! URLs in text, cut into userinfo, host and the rest as the WHATWG URL standard does it.

use std::net::IpAddr;

use crate::addresses::{self, Addrs, Quad};
use crate::defang;
use crate::names;
use crate::reading::{self, Context, Notation, Reader, Reading};
use crate::text::{is_dot, is_name_char, percent_decode, string};

/// How the beginning of a URL is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scheme {
    /// Where the authority begins.
    authority: usize,
    /// Backslashes are slashes, as in http and its like.
    special: bool,
    /// Hosts may be written as one number.
    numbers: bool,
}

const SPECIAL: [&str; 7] = ["http", "https", "ftp", "ws", "wss", "hxxp", "hxxps"];

impl Reader<'_> {
    /// A URL with a scheme, or one that begins with `//`.
    pub(crate) fn url(&mut self, i: usize) -> Option<usize> {
        let scheme = self.scheme(i)?;
        let end = self.url_end(i, scheme.authority);
        let slash = |c: char| matches!(c, '/' | '?' | '#') || (scheme.special && c == '\\');
        let authority_end = self.run(scheme.authority, |c| !slash(c)).min(end);
        let sign = (scheme.authority..authority_end).rev().find(|&k| self.c(k) == Some('@'));
        let host = sign.map_or(scheme.authority, |sign| sign + 1);
        let (host_end, whole) = self.host(host, authority_end, end, scheme);
        if let Some(sign) = sign {
            self.part(scheme.authority, sign, "userinfo");
        }
        if !whole {
            return Some(host_end.max(i + 1));
        }
        self.rest(authority_end, end);
        Some(end.max(i + 1))
    }

    /// A URL without its scheme: the name in `start..core`, written from `i` on, then a slash.
    pub(crate) fn schemeless(
        &mut self,
        i: usize,
        start: usize,
        subtree: bool,
        core: usize,
        slash: usize,
    ) -> usize {
        let end = self.url_end(i, slash);
        let name = names::normalise(&self.text(start, core));
        let role = self.host_role();
        let mut readings = Vec::new();
        for (first, last) in self.ways(start, core, true) {
            let from = if first == start { i } else { first };
            let name = names::normalise(&self.text(first, last));
            readings.extend(self.name_reading(name, (from, last), subtree, role));
        }
        self.take(readings);
        self.reverse(&name, (i, core));
        self.rest(slash, end);
        end
    }

    /// Whether a URL that begins at `first` has something to say from `i` on.
    pub(crate) fn url_goes_on(&self, first: usize, i: usize) -> bool {
        let end = self.url_end(first, i);
        self.text(i, end).contains(|c: char| !".,;:!?'-".contains(c))
    }

    /// The scheme that begins at `i` and the slashes behind it.
    pub(crate) fn scheme(&self, i: usize) -> Option<Scheme> {
        if self.c(i) == Some('/') && self.c(i + 1) == Some('/') {
            let inside = |c: char| is_name_char(c) || is_dot(c) || c == '/' || c == '\\';
            let host = self.c(i + 2).is_some_and(|c| is_name_char(c) || c == '[' || c == '*');
            let begins = host && !self.before(i).is_some_and(inside);
            return begins.then_some(Scheme { authority: i + 2, special: true, numbers: false });
        }
        let in_scheme = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '-';
        let end = self.run(i, in_scheme);
        let first = self.run(i, |c| in_scheme(c) && !c.is_ascii_alphabetic());
        if first >= end || self.c(end) != Some(':') {
            return None;
        }
        let mut word = self.text(first, end).to_ascii_lowercase();
        if self.is_escape(first) && SPECIAL.contains(&&word[1..]) {
            word.remove(0);
        }
        let slashes = self.run(end + 1, |c| c == '/' || c == '\\');
        let plain = self.c(end + 1) == Some('/') && self.c(end + 2) == Some('/');
        if !SPECIAL.contains(&&*word) {
            let scheme = Scheme { authority: end + 3, special: false, numbers: false };
            return plain.then_some(scheme);
        }
        // `http:8080` is a key and a number. Without slashes it takes a name with a dot.
        let dotted = self.chars[slashes..self.name_end(slashes)].iter().any(|ch| is_dot(ch.c));
        let number = self.c(slashes).is_some_and(|c| c.is_ascii_digit());
        let taken = slashes > end + 2 || (dotted && !number);
        taken.then_some(Scheme { authority: slashes, special: true, numbers: true })
    }

    /// Where a URL in text ends that is written from `first` and looked at from `i`.
    fn url_end(&self, first: usize, i: usize) -> usize {
        let quoted = self.before(first) == Some('\'');
        let mut open = Vec::new();
        for k in i..self.chars.len() {
            let c = self.chars[k].c;
            let ends = match c {
                '<' | '>' | '"' | '`' => true,
                '\'' => quoted,
                '(' | '[' | '{' => {
                    open.push(c);
                    false
                }
                ')' | ']' | '}' => open.pop().is_none(),
                ',' | ';' | '|' => self.scheme(k + 1).is_some_and(|next| next.authority > k + 2),
                _ if c.is_ascii() => c == ' ' || c.is_ascii_control(),
                _ => !is_name_char(c) && !is_dot(c),
            };
            if ends {
                return k;
            }
        }
        self.chars.len()
    }

    /// The host of a URL: where it ends, and whether that is the end of the authority too.
    fn host(
        &mut self,
        start: usize,
        authority_end: usize,
        url_end: usize,
        scheme: Scheme,
    ) -> (usize, bool) {
        if self.c(start) == Some('[') {
            return self.bracketed_host(start, authority_end);
        }
        let allowed = |c: char| is_name_char(c) || is_dot(c) || matches!(c, '%' | '*');
        let end = self.run(start, allowed).min(authority_end);
        let whole = end == authority_end || self.c(end) == Some(':');
        let last = if end == url_end || !whole { self.trim_end(start, end) } else { end };
        let decoded = percent_decode(&self.chars[start..last]);
        let subtree = decoded.len() > 2 && decoded[0].c == '*' && is_dot(decoded[1].c);
        let decoded = &decoded[if subtree { 2 } else { 0 }..];
        let valid = decoded.iter().all(|ch| is_name_char(ch.c) || is_dot(ch.c));
        if !valid || decoded.is_empty() || decoded.iter().any(|ch| ch.percent && ch.latin1) {
            return (end, whole);
        }
        let subtree = subtree && !self.context.certificate;
        let host = string(decoded);
        if addresses::ends_in_number(&names::normalise(&host).text) {
            self.take_number(&host, (start, last), scheme.numbers);
            return (end, whole);
        }
        // Text without blanks may go on right behind a URL that has no path.
        let mut readings = vec![(host, last)];
        if end == url_end && readings[0].0 == self.text(start, last) {
            let cut = self.ways(start, last, false).into_iter().find(|way| way.1 < last);
            readings.extend(cut.map(|(_, cut)| (self.text(start, cut), cut)));
        }
        self.take_host(start, subtree, readings);
        (end, whole)
    }

    /// A host that is a name: the ways to read it, best first, with the end of each.
    fn take_host(&mut self, start: usize, subtree: bool, hosts: Vec<(String, usize)>) {
        let role = self.host_role();
        let named = |(host, end): &(String, usize)| {
            let name = names::normalise(host.trim_start_matches(is_dot));
            self.name_reading(name, (start, *end), subtree, role)
        };
        let readings = hosts.iter().filter_map(named).collect();
        self.take(readings);
        for (host, end) in hosts.into_iter().take(1) {
            self.reverse(&names::normalise(&host), (start, end));
        }
    }

    /// A host whose last label is a number, which makes it an address or nothing.
    fn take_number(&mut self, host: &str, span: (usize, usize), numbers: bool) {
        let name = names::normalise(host.trim_start_matches(is_dot));
        let mut flags = self.flags(span.0, span.1);
        let addr = match addresses::quad(&name.text) {
            Quad::Addr(addr) => Some(addr),
            Quad::Octal if !numbers => {
                self.found.rejected.push("ambiguous-octal");
                None
            }
            _ => {
                flags.push("obfuscated");
                addresses::whatwg_v4(&name.text).filter(|_| numbers)
            }
        };
        let Some(addr) = addr.filter(|_| !name.bad) else { return };
        if let Some(what) = self.admit(Addrs::one(addr.into()), Notation::Addr, &mut flags) {
            let role = self.host_role();
            self.take(vec![Reading { at: self.chars[span.0].at, what, role, flags }]);
        }
    }

    fn bracketed_host(&mut self, open: usize, authority_end: usize) -> (usize, bool) {
        let close = self.run(open, |c| c != ']').min(authority_end);
        let inside = self.text(open + 1, close);
        let addr = inside.split('%').next().and_then(|addr| addr.parse::<IpAddr>().ok());
        let Some(addr @ IpAddr::V6(_)) = addr else { return (open + 1, false) };
        let mut flags = self.flags(open + 1, close);
        if let Some(what) = self.admit(Addrs::one(addr), Notation::Addr, &mut flags) {
            let role = self.host_role();
            self.take(vec![Reading { at: self.chars[open + 1].at, what, role, flags }]);
        }
        (close + 1, close + 1 >= authority_end || self.c(close + 1) == Some(':'))
    }

    /// Path, query and fragment.
    fn rest(&mut self, start: usize, end: usize) {
        let path_end = self.run(start, |c| c != '?' && c != '#').min(end);
        self.part(start, path_end, "url-path");
        self.part(path_end, end, "url-query");
    }

    /// Reads a part of a URL, its percent escapes undone, as text of another role.
    fn part(&mut self, start: usize, end: usize, role: &'static str) {
        let decoded = percent_decode(&self.chars[start..end]);
        let outer = self.context;
        let context = Context {
            forced: Some(outer.forced.unwrap_or(role)),
            in_url: outer.in_url || (outer.forced.is_none() && role != "userinfo"),
            whole: false,
            ..outer
        };
        reading::read(&defang::refang(&decoded), context, self.found);
    }
}
