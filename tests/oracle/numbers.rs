//! Addresses, prefixes and ranges in running text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::addresses::{self, Addrs, Quad};
use crate::reading::{MAX_DEPTH, Notation, Reader, Reading};
use crate::text::{is_dot, is_label_byte, is_name_char};

/// A notation read: its addresses, what was odd, where the value and all of the notation end.
struct Read {
    addrs: Addrs,
    notation: Notation,
    host_bits: bool,
    value_end: usize,
    end: usize,
}

/// What the word at some place is.
enum Word {
    Read(Read),
    Rejected { reason: &'static str, end: usize },
}

impl Reader<'_> {
    /// An IPv4 address or a notation that begins with one.
    pub(crate) fn v4(&mut self, i: usize) -> Option<usize> {
        let in_word = self.before(i).is_some_and(|c| is_label_byte(c) || c == '.');
        if in_word && i > self.floor {
            return None;
        }
        let (start, word) = self.v4_word(i)?;
        let product = self.is_product_before(start);
        // A version is a number by itself.
        let alone = match &word {
            Word::Read(read) => {
                matches!(read.notation, Notation::Addr)
                    && self.behind_port(read.value_end) == read.value_end
            }
            Word::Rejected { .. } => false,
        };
        self.take_word(start, word, product && alone)
    }

    /// Whether an IPv4 notation begins at `i`.
    pub(crate) fn is_v4(&self, i: usize) -> bool {
        self.v4_word(i).is_some()
    }

    /// Whether an IPv6 notation begins at `i`.
    pub(crate) fn is_v6(&self, i: usize) -> bool {
        self.v6_may_begin(i) && self.v6_word(i).is_some()
    }

    /// An IPv6 address or a notation that begins with one.
    pub(crate) fn v6(&mut self, i: usize) -> Option<usize> {
        if !self.v6_may_begin(i) {
            return None;
        }
        let (start, word) = self.v6_word(i)?;
        self.take_word(start, word, false)
    }

    fn take_word(&mut self, start: usize, word: Word, product: bool) -> Option<usize> {
        let read = match word {
            Word::Rejected { reason, end } => {
                self.found.rejected.push(reason);
                return Some(end);
            }
            Word::Read(read) => read,
        };
        let path_end = if product { None } else { self.path_behind_v4(start, &read) };
        let mut flags = self.flags(start, read.value_end);
        if read.host_bits {
            flags.push("host-bits");
        }
        if let Some(what) = self.admit(read.addrs, read.notation, &mut flags) {
            let bracket = usize::from(
                start > 0 && self.c(start - 1) == Some('[') && self.c(read.value_end) == Some(']'),
            );
            let role = self.role(start - bracket, read.end);
            let version = self.context.version || product;
            let role = if version && self.context.forced.is_none() { "version" } else { role };
            let role = if path_end.is_some() { self.host_role() } else { role };
            self.take(vec![Reading { at: self.chars[start].at, what, role, flags }]);
        }
        if let Some(end) = path_end {
            self.rest(read.end, end);
            return Some(end);
        }
        Some(read.end)
    }

    /// Where the path ends that makes `192.0.2.5/x/y` a URL without a scheme.
    ///
    /// It begins with a letter, since numbers are lengths, ports and other addresses, and with no
    /// protocol; a word alone may be the host's name. What stands behind a slash is in a path itself.
    fn path_behind_v4(&self, start: usize, read: &Read) -> Option<usize> {
        let quad = matches!(read.notation, Notation::Addr)
            && !self.text(start, read.value_end).contains(':');
        let slash = read.end;
        let punctuation = |k: &usize| matches!(self.chars[*k].c, '.' | '-');
        let first = start - (0..start).rev().take_while(punctuation).count();
        let behind = self.c(slash + 1).is_some_and(|c| c.is_ascii_alphabetic());
        let word = self.run(slash + 1, |c| is_label_byte(c) || c == '.');
        if !quad || self.c(slash) != Some('/') || !behind || self.context.depth > MAX_DEPTH {
            return None;
        }
        let more = matches!(self.c(word), Some('/' | '?'));
        let word = self.text(slash + 1, word).to_ascii_lowercase();
        let protocol = ["tcp", "udp", "icmp", "sctp"].contains(&&*word);
        let in_path = self.before(first) == Some('/');
        (more && !protocol && !in_path && self.url_goes_on(start, slash + 1))
            .then(|| self.url_end(start, slash))
    }

    fn v4_word(&self, i: usize) -> Option<(usize, Word)> {
        let word_end = self.run(i, |c| is_label_byte(c) || c == '.');
        let start = self.run(i, |c| c == '.' || c == '-').min(word_end);
        let end = self.trim_end(start, word_end);
        if start == end || self.goes_on_as_name(word_end) {
            return None;
        }
        // Two stars are emphasis.
        let star = self.c(word_end) == Some('*') && self.c(word_end + 1) != Some('*');
        if star && self.c(word_end - 1) == Some('.') {
            return self.wildcard(start, word_end).map(|read| (start, Word::Read(read)));
        }
        let text = self.text(start, end);
        let octal = |end| (start, Word::Rejected { reason: "ambiguous-octal", end });
        if let Some((first, last)) = text.split_once('-') {
            return match (addresses::quad(first), range_end(first, last)) {
                // No range ends in a number that is no octet, but an address may have a port.
                (Quad::Addr(addr), Quad::No) if is_port_behind_dash(last) => {
                    let value_end = start + first.chars().count();
                    Some((start, Word::Read(one(addr.into(), value_end, end))))
                }
                (Quad::No, _) | (_, Quad::No) => None,
                (Quad::Addr(first), Quad::Addr(last)) => {
                    Some((start, range(first.into(), last.into(), end)))
                }
                _ => Some(octal(end)),
            };
        }
        let first = match addresses::quad(&text) {
            Quad::No => return None,
            Quad::Octal => return Some(octal(end)),
            Quad::Addr(addr) => addr,
        };
        if let Some((last, end)) = self.behind_dash(end)
            && let Quad::Addr(last) = addresses::quad(&last)
            && !self.goes_on_as_name(self.run(end, |c| is_label_byte(c) || c == '.'))
        {
            return Some((start, range(first.into(), last.into(), end)));
        }
        if end < word_end {
            return Some((start, Word::Read(one(first.into(), end, end))));
        }
        if let Some((len, end)) = self.mask(end) {
            return Some((start, Word::Read(block(first.into(), len, end))));
        }
        Some((start, Word::Read(one(first.into(), end, self.behind_port(end)))))
    }

    /// Whether the letters behind an address make it a part of a name.
    fn goes_on_as_name(&self, word_end: usize) -> bool {
        // In scripts without blanks a letter ends the address; before a dot it is part of a name.
        let letters = self.run(word_end, |c| !c.is_ascii() && !is_dot(c) && is_name_char(c));
        self.c(letters).is_some_and(is_dot) && self.c(letters + 1).is_some_and(is_label_byte)
    }

    /// `192.0.2.*`, always four parts; `star` is the first star.
    fn wildcard(&self, start: usize, star: usize) -> Option<Read> {
        let stars_end = self.run(star, |c| c == '*' || c == '.');
        let end = self.trim_end(star, stars_end);
        let behind = self.run(stars_end, |c| c == '.' || c == '-');
        let text = self.text(start, end);
        let parts: Vec<&str> = text.split('.').collect();
        let known = parts.iter().take_while(|part| **part != "*").count();
        let only_stars = parts[known..].iter().all(|part| *part == "*");
        let octets: Vec<u8> =
            parts[..known].iter().map(|part| addresses::octet(part)).collect::<Option<_>>()?;
        let odd = parts.iter().any(|part| addresses::has_leading_zero(part));
        if parts.len() != 4 || !only_stars || odd || self.c(behind).is_some_and(is_label_byte) {
            return None;
        }
        let mut all = [0; 4];
        all[..known].copy_from_slice(&octets);
        Some(block(Ipv4Addr::from(all).into(), 8 * u32::try_from(known).ok()?, end))
    }

    /// A length or a mask behind a slash at `i`.
    fn mask(&self, i: usize) -> Option<(u32, usize)> {
        if self.c(i) != Some('/') {
            return None;
        }
        let (text, end) = self.word(i + 1);
        let mask_len = match addresses::quad(&text) {
            Quad::Addr(mask) => {
                let mask = u32::from(mask);
                (mask.leading_ones() == mask.count_ones()).then(|| mask.count_ones())
            }
            _ => None,
        };
        addresses::length(&text, 32).or(mask_len).map(|len| (len, end))
    }

    /// The word at `i` without the punctuation behind it.
    fn word(&self, i: usize) -> (String, usize) {
        let word_end = self.run(i, |c| is_label_byte(c) || c == '.');
        let end = self.trim_end(i, word_end);
        (self.text(i, end), end)
    }

    /// The word behind a dash that has blanks beside it.
    fn behind_dash(&self, i: usize) -> Option<(String, usize)> {
        let dash = self.run(i, is_inner_blank);
        if self.c(dash) != Some('-') {
            return None;
        }
        let start = self.run(dash + 1, is_inner_blank);
        // Blanks stand on both sides of the dash or on none.
        let even = (i < dash) == (dash + 1 < start);
        (even && start < self.chars.len()).then(|| self.word(start))
    }

    /// Whether `Product/` stands before `i`, which makes a number out of an address.
    fn is_product_before(&self, i: usize) -> bool {
        const NO_PRODUCTS: [&str; 56] = [
            "host", "client", "server", "src", "dst", "tcp", "udp", "icmp", "icmp6", "icmpv6",
            "igmp", "sctp", "dccp", "gre", "esp", "ip", "ip4", "ip6", "ipv4", "ipv6", "http",
            "https", "ftp", "ftps", "sftp", "tftp", "ssh", "telnet", "smtp", "smtps", "esmtp",
            "esmtps", "imap", "imaps", "pop3", "pop3s", "dns", "mdns", "ntp", "snmp", "tls", "ssl",
            "dtls", "quic", "ldap", "ldaps", "rdp", "smb", "sip", "sips", "rtsp", "mqtt", "ws",
            "wss", "socks4", "socks5",
        ];
        if self.before(i) != Some('/') {
            return false;
        }
        let slash = i - 1;
        let start = (0..slash)
            .rev()
            .take_while(|&k| is_label_byte(self.chars[k].c) || self.chars[k].c == '.')
            .last();
        let Some(start) = start else { return false };
        let word = self.text(start, slash).to_ascii_lowercase();
        let product = word.starts_with(|c: char| c.is_ascii_alphabetic()) && !word.contains('.');
        product && !NO_PRODUCTS.contains(&&*word) && self.before(start) != Some('/')
    }

    /// Whether an IPv6 notation may begin at `i`: at the start of a word, or behind a key like
    /// `src:`, whose word is not just another group of hex digits.
    fn v6_may_begin(&self, i: usize) -> bool {
        let in_word = |c: char| is_label_byte(c) || c == '.';
        match self.before(i) {
            _ if self.behind_escape(i) => return true,
            Some(':') => {}
            Some(c) => return !in_word(c),
            None => return true,
        }
        let colon = i - 1;
        let start = (0..colon).rev().take_while(|&k| in_word(self.chars[k].c)).last();
        match start {
            Some(start) => self.text(start, colon).contains(|c: char| !c.is_ascii_hexdigit()),
            None => self.before(colon) != Some(':'),
        }
    }

    pub(crate) fn is_v6_text(&self, i: usize) -> bool {
        self.v6_word(i).is_some()
    }

    fn v6_word(&self, i: usize) -> Option<(usize, Word)> {
        let run_end = self.run(i, |c| is_label_byte(c) || c == '.' || c == ':');
        let start = self.run(i, |c| c == '.' || c == '-').min(run_end);
        let text = self.text(start, run_end);
        if text.matches(':').count() < 2 {
            return None;
        }
        let mut dashes = text.match_indices('-');
        if let Some((first, dash)) = dashes.find_map(|(k, _)| Some((v6(&text[..k])?, k)))
            && let Some((last, length)) = longest_v6(&text[dash + 1..])
        {
            let end = start + dash + 1 + length;
            return Some((start, range(first.into(), last.into(), end)));
        }
        if let Some((addr, length, port)) = v6_before_port(&text) {
            let end = start + length;
            return Some((start, Word::Read(one(addr.into(), end, end + port))));
        }
        let (first, length) = longest_v6(&text)?;
        let mut end = start + length;
        if end == run_end && self.c(end) == Some('%') {
            let zone = self.word(end + 1);
            end = if zone.0.is_empty() { end } else { zone.1 };
        }
        if self.c(end) == Some('/') {
            let (text, behind) = self.word(end + 1);
            if let Some(len) = addresses::length(&text, 128) {
                return Some((start, Word::Read(block(first.into(), len, behind))));
            }
        }
        if let Some((last, behind)) = self.v6_behind_dash(end) {
            return Some((start, range(first.into(), last.into(), behind)));
        }
        let bracketed = self.before(start) == Some('[') && self.c(end) == Some(']');
        let behind = if bracketed { self.behind_port(end + 1) } else { end };
        Some((start, Word::Read(one(first.into(), end, behind))))
    }

    fn v6_behind_dash(&self, i: usize) -> Option<(Ipv6Addr, usize)> {
        let (_, _) = self.behind_dash(i)?;
        let dash = self.run(i, is_inner_blank);
        let start = self.run(dash + 1, is_inner_blank);
        let end = self.run(start, |c| is_label_byte(c) || c == '.' || c == ':');
        let (last, length) = longest_v6(&self.text(start, end))?;
        Some((last, start + length))
    }
}

/// `443` of `192.0.2.5-443`; 256 is a slip in the end of a range.
fn is_port_behind_dash(text: &str) -> bool {
    let digits = text.chars().all(|c| c.is_ascii_digit()) && !text.starts_with('0');
    digits && text.parse::<u16>().is_ok_and(|port| port > 256)
}

fn v6(text: &str) -> Option<Ipv6Addr> {
    text.parse().ok()
}

/// `2001:db8::1.443`, as RFC 5952 has it and tcpdump prints it: the address, its length, and that of
/// the dot and the port.
fn v6_before_port(text: &str) -> Option<(Ipv6Addr, usize, usize)> {
    let (before, behind) = text.match_indices('.').map(|(dot, _)| text.split_at(dot)).next()?;
    let digits =
        behind[1..].find(|c: char| !c.is_ascii_digit()).map_or(behind.len(), |len| len + 1);
    let port = &behind[1..digits];
    let goes_on = behind[digits..].trim_start_matches(['.', '-']).starts_with(is_label_byte);
    let good = !port.starts_with('0') && port.parse::<u16>().is_ok() && !goes_on;
    let addr = v6(before).filter(|_| good && !before.ends_with(':'))?;
    Some((addr, before.len(), digits))
}

/// The address that `text` begins with, and its length; it may go on behind punctuation only.
fn longest_v6(text: &str) -> Option<(Ipv6Addr, usize)> {
    let length = text.find(|c: char| !c.is_ascii_hexdigit() && c != ':' && c != '.');
    let mut addr = &text[..length.unwrap_or(text.len())];
    // What stands behind the last colon may be a word or a port, as in `2001:db8::1:denied`.
    if let Some((before, _)) = addr.rsplit_once(':') {
        let last = text[before.len() + 1..].split(':').next().unwrap_or_default();
        if !may_end_v6(last.trim_end_matches(['.', '-'])) {
            addr = before;
        }
    }
    loop {
        if let Some(read) = v6(addr) {
            let behind = text[addr.len()..].trim_start_matches(['.', '-']);
            let ends = !behind.starts_with(is_label_byte);
            return ends.then_some((read, addr.len()));
        }
        addr = addr.strip_suffix(['.', ':'])?;
    }
}

/// Whether the last group of an address, or the quad that ends it, is written like this; a range may
/// follow behind a dash.
fn may_end_v6(word: &str) -> bool {
    let hex = |part: &str| part.chars().all(|c| c.is_ascii_hexdigit());
    let first = word.split('-').next().unwrap_or_default();
    let short = first.split('.').next().is_some_and(|group| group.len() <= 4);
    let name = first.contains('.') && first.contains(|c: char| c.is_ascii_alphabetic());
    word.split(['.', '-']).all(hex) && short && !name
}

/// The last address of `a-b`, where b may be the last number alone.
fn range_end(first: &str, last: &str) -> Quad {
    if last.contains('.') {
        return addresses::quad(last);
    }
    match (addresses::octet(last), first.rsplit_once('.')) {
        (Some(_), Some((head, _))) => addresses::quad(&format!("{head}.{last}")),
        _ => Quad::No,
    }
}

fn range(first: IpAddr, last: IpAddr, end: usize) -> Word {
    let (a, b) = (Addrs::one(first), Addrs::one(last));
    if a.first > b.last {
        return Word::Rejected { reason: "inverted-range", end };
    }
    let addrs = Addrs { last: b.last, ..a };
    Word::Read(Read { addrs, notation: Notation::Range, host_bits: false, value_end: end, end })
}

fn block(addr: IpAddr, len: u32, end: usize) -> Read {
    let addrs = Addrs::block(addr, len);
    let host_bits = addrs.first != Addrs::one(addr).first;
    Read { addrs, notation: Notation::Prefix, host_bits, value_end: end, end }
}

fn one(addr: IpAddr, value_end: usize, end: usize) -> Read {
    Read { addrs: Addrs::one(addr), notation: Notation::Addr, host_bits: false, value_end, end }
}

/// A blank that may stand beside the dash of a range; a line end may not.
fn is_inner_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}
