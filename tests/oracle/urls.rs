//! URLs in text, cut into userinfo, host and the rest as the WHATWG URL standard does it.

use std::net::IpAddr;

use crate::addresses::{self, Addrs, Quad};
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

/// The longest scheme; those that IANA knows have up to 30 letters.
const MAX_SCHEME: usize = 32;

const SPECIAL: [&str; 7] = ["http", "https", "ftp", "ws", "wss", "hxxp", "hxxps"];

impl Reader<'_> {
    /// A URL with a scheme, or one that begins with `//`.
    pub(crate) fn url(&mut self, i: usize) -> Option<usize> {
        let scheme = self.scheme(i)?;
        let mut end = self.url_end(i, scheme.authority);
        let slash = |c: char| matches!(c, '/' | '?' | '#') || (scheme.special && c == '\\');
        let mut authority_end = self.run(scheme.authority, |c| !slash(c)).min(end);
        let at_sign = |from: usize, to: usize| (from..to).rev().find(|&k| self.c(k) == Some('@'));
        let mut sign = at_sign(scheme.authority, authority_end);
        // What only looks like a slash parts nothing: all before an `@` is userinfo.
        let mut far_end = authority_end;
        let mut far_sign = None;
        while self.c(far_end).is_some_and(|c| "\u{2044}\u{2215}\u{29F8}\u{FF0F}".contains(c)) {
            let from = far_end + 1;
            far_end = self.run(from, |c| !slash(c)).min(self.url_end(i, from));
            far_sign = at_sign(from, far_end).or(far_sign);
        }
        let begins = |sign: &usize| self.c(sign + 1).is_some_and(|c| is_name_char(c) || c == '[');
        if let Some(far) = far_sign.filter(begins) {
            (sign, authority_end) = (Some(far), far_end);
            end = self.url_end(i, far + 1);
        }
        let host = sign.map_or(scheme.authority, |sign| sign + 1);
        if let Some(sign) = sign {
            self.part(scheme.authority, sign, "userinfo");
        }
        let (host_end, whole) = self.host(host, authority_end, end, scheme);
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
        let role = self.host_role();
        let mut readings = Vec::new();
        for (name, span) in self.names(i, start, core) {
            readings.extend(self.name_reading(name, span, subtree, role));
        }
        self.take(readings);
        self.reverse(self.names(i, start, core));
        self.rest(slash, end);
        end
    }

    /// Whether a URL that begins at `first` has something to say from `i` on.
    pub(crate) fn url_goes_on(&self, first: usize, i: usize) -> bool {
        let end = self.url_end(first, i);
        self.text(i, end).contains(|c: char| !"/.,;:!?'-".contains(c))
    }

    /// The scheme that begins at `i` and the slashes behind it.
    pub(crate) fn scheme(&self, i: usize) -> Option<Scheme> {
        if self.context.depth > reading::MAX_DEPTH {
            return None;
        }
        if self.c(i) == Some('/') && self.c(i + 1) == Some('/') {
            let inside = |c: char| is_name_char(c) || is_dot(c) || ":/\\".contains(c);
            let host = self.c(i + 2).is_some_and(|c| is_name_char(c) || c == '[' || c == '*');
            let begins = host && !self.before(i).is_some_and(inside);
            return begins.then_some(Scheme { authority: i + 2, special: true, numbers: false });
        }
        let in_scheme = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '-';
        let end = self.run(i, in_scheme);
        let first = self.run(i, |c| in_scheme(c) && !c.is_ascii_alphabetic());
        if first >= end || end - first > MAX_SCHEME || self.c(end) != Some(':') {
            return None;
        }
        let word = self.text(first, end).to_ascii_lowercase();
        let slashes = self.run(end + 1, |c| c == '/' || c == '\\');
        let plain = self.c(end + 1) == Some('/') && self.c(end + 2) == Some('/');
        if !SPECIAL.contains(&&*word) {
            let scheme = Scheme { authority: end + 3, special: false, numbers: false };
            return plain.then_some(scheme);
        }
        // `http:8080` is a key and a number. Without slashes it takes a name with a dot.
        let host = self.run(slashes, |c| is_name_char(c) || is_dot(c) || c == '%');
        let dotted = self.chars[slashes..host].iter().any(|ch| is_dot(ch.c));
        let letter = self.c(slashes).is_some_and(|c| is_name_char(c) && !c.is_ascii_digit());
        let taken = slashes > end + 2 || (dotted && letter);
        let numbers = slashes > end + 2;
        taken.then_some(Scheme { authority: slashes, special: true, numbers })
    }

    /// Whether `word://` follows.
    fn scheme_and_slashes(&self, i: usize) -> bool {
        let end = self.run(i, |c| c.is_ascii_alphanumeric() || c == '+' || c == '-');
        let is_scheme = i < end && end - i <= MAX_SCHEME;
        is_scheme && end + 3 <= self.chars.len() && self.text(end, end + 3) == "://"
    }

    /// Where a URL in text ends that is written from `first` and looked at from `i`.
    pub(crate) fn url_end(&self, first: usize, i: usize) -> usize {
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
                ',' if k > 0 && self.text(k - 1, (k + 2).min(self.chars.len())) == "),(" => true,
                ',' | ';' | '|' => self.scheme_and_slashes(k + 1),
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
        let allowed = |c: char| is_name_char(c) || is_dot(c) || c == '%';
        let star = usize::from(self.c(start) == Some('*') && self.c(start + 1) == Some('.'));
        let end = self.run(start + star, allowed).min(authority_end);
        // What looks like a port and is none is skipped; any other character is not of the URL.
        let port_end = self.behind_port(end);
        let skips = port_end < authority_end && self.c(port_end) == Some(':');
        let whole = port_end == authority_end || skips;
        let last = self.trim_end(start, end);
        let decoded = percent_decode(&self.chars[start..last]);
        let subtree = star > 0 && decoded.len() > 2 && decoded[0].c == '*' && is_dot(decoded[1].c);
        let decoded = &decoded[if subtree { 2 } else { 0 }..];
        let valid = decoded.iter().all(|ch| is_name_char(ch.c) || is_dot(ch.c));
        if !valid || decoded.is_empty() || decoded.iter().any(|ch| ch.percent && ch.latin1) {
            return (port_end, whole);
        }
        let subtree = subtree && !self.context.certificate;
        let host = string(decoded);
        if addresses::ends_in_number(&names::normalise(&host).text) {
            let numbers = scheme.numbers && star == 0;
            self.take_number(&host, (start + 2 * star, last), numbers);
            return (port_end, whole);
        }
        // Text without blanks may go on right behind a URL that has no path.
        let mut readings = vec![(host, last)];
        let first = start + 2 * star;
        if (end == url_end || !whole) && readings[0].0 == self.text(first, last) {
            let cuts = self.ways(first, last, false).into_iter().filter(|way| way.1 < last);
            readings.extend(cuts.map(|(_, cut)| (self.text(first, cut), cut)));
        }
        self.take_host(start, subtree, readings);
        (port_end, whole)
    }

    /// A host that is a name: the ways to read it, best first, with the end of each.
    fn take_host(&mut self, start: usize, subtree: bool, hosts: Vec<(String, usize)>) {
        let role = self.host_role();
        let named = |(host, end): &(String, usize)| {
            let name = names::normalise(host.trim_start_matches(is_dot));
            // Dots before a host are not of its name.
            let from = self.behind_dots(start).min(*end - 1);
            self.name_reading(name, (from, *end), subtree, role)
        };
        let readings = hosts.iter().filter_map(named).collect();
        self.take(readings);
        let first = self.behind_dots(start);
        let ways = hosts.into_iter().map(|(host, end)| {
            (names::normalise(host.trim_start_matches(is_dot)), (first.min(end - 1), end))
        });
        self.reverse(ways);
    }

    /// Behind the dots, percent-encoded or not, that begin at `i`.
    fn behind_dots(&self, i: usize) -> usize {
        let mut end = i;
        loop {
            let escape = self.text(end, self.chars.len().min(end + 3));
            end += match self.c(end) {
                Some(c) if is_dot(c) => 1,
                _ if escape.eq_ignore_ascii_case("%2e") => 3,
                _ => return end,
            }
        }
    }

    /// A host whose last label is a number, which makes it an address or nothing.
    fn take_number(&mut self, host: &str, span: (usize, usize), numbers: bool) {
        let name = names::normalise(host);
        if name.bad {
            return;
        }
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
        let Some(addr) = addr else { return };
        if let Some(what) = self.admit(Addrs::one(addr.into()), Notation::Addr, &mut flags) {
            let role = self.host_role();
            self.take(vec![Reading { at: self.chars[span.0].at, what, role, flags }]);
        }
    }

    fn bracketed_host(&mut self, open: usize, authority_end: usize) -> (usize, bool) {
        let close = self.run(open, |c| c != ']');
        if close >= authority_end {
            return (open + 1, false);
        }
        let inside = self.text(open + 1, close);
        let addr = inside.split('%').next().and_then(|addr| addr.parse::<IpAddr>().ok());
        let Some(addr @ IpAddr::V6(_)) = addr else { return (open + 1, false) };
        let mut flags = self.flags(open + 1, close);
        if let Some(what) = self.admit(Addrs::one(addr), Notation::Addr, &mut flags) {
            let role = self.host_role();
            self.take(vec![Reading { at: self.chars[open + 1].at, what, role, flags }]);
        }
        let end = self.behind_port(close + 1);
        let skips = self.c(end) == Some(':');
        (end, end >= authority_end || skips)
    }

    /// Path, query and fragment.
    pub(crate) fn rest(&mut self, start: usize, end: usize) {
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
            in_url: role != "userinfo" && (outer.in_url || outer.forced.is_none()),
            whole: false,
            depth: outer.depth + 1,
            ..outer
        };
        reading::read(&decoded, context, self.found);
    }
}
