//! A field read from left to right: which indicators are written in it, and how.

use unicode_normalization::UnicodeNormalization;

use crate::addresses::Addrs;
use crate::names::Name;
use crate::text::{
    Ch, is_blank, is_dot, is_ignored, is_label_byte, is_mark, is_name_char, percent_decode, string,
};
use crate::{addresses, names};

/// What a piece of text stands for.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Addresses, the kind of their notation, and their canonical text.
    Addrs { addrs: Addrs, kind: &'static str, text: String },
    /// A name, alone or with every name under it.
    Name { name: String, subtree: bool },
    /// A mail address and the name behind its `@`.
    Mail { mail: String, host: String },
    /// A keyword in canonical form.
    Keyword { text: String },
    /// A name that no host can have; it matters only where an asset would end it.
    BadName { name: String, mail: bool },
}

/// One way to read a piece of text.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// The offset in the feed.
    pub(crate) at: usize,
    pub(crate) what: What,
    pub(crate) role: &'static str,
    pub(crate) flags: Vec<&'static str>,
}

impl Reading {
    /// Whether both are mail addresses at one host.
    pub(crate) fn has_host_of(&self, other: &What) -> bool {
        match (&self.what, other) {
            (What::Mail { host, .. }, What::Mail { host: other, .. }) => host == other,
            _ => false,
        }
    }
}

/// All that a field says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Found {
    /// For each place the readings, best first; the first that concerns an asset is meant.
    pub(crate) places: Vec<Vec<Reading>>,
    /// Reasons for which something was not taken.
    pub(crate) rejected: Vec<&'static str>,
}

/// Where the text to be read stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// The role of everything in here, mail addresses of a URL excepted.
    pub(crate) forced: Option<&'static str>,
    /// Path, query or fragment of a URL that is not itself in a comment or the like.
    pub(crate) in_url: bool,
    /// A field about a certificate, where `*.x` is the name x only.
    pub(crate) certificate: bool,
    /// A column of versions or user agents.
    pub(crate) version: bool,
    /// A whole field or line, not a part of one.
    pub(crate) whole: bool,
    /// URLs around the text, each in the path or query of the next.
    pub(crate) depth: usize,
    /// The shortest prefixes that are taken, v4 and v6.
    pub(crate) limits: (u32, u32),
}

/// Reads `chars`, in which brackets of defanged text are already undone.
pub(crate) fn read(chars: &[Ch], context: Context, found: &mut Found) {
    let first = chars.iter().take_while(|ch| is_blank(ch.c)).count();
    let blank_behind = chars.iter().rev().take_while(|ch| is_blank(ch.c)).count();
    let last = chars.len().saturating_sub(blank_behind).max(first);
    let mut reader = Reader { chars, context, found, trimmed: (first, last), floor: 0 };
    let mut i = 0;
    while i < chars.len() {
        i = reader.step(i);
    }
}

pub(crate) struct Reader<'a> {
    pub(crate) chars: &'a [Ch],
    pub(crate) context: Context,
    pub(crate) found: &'a mut Found,
    /// The bounds of the text without blanks around it.
    trimmed: (usize, usize),
    /// Where the last indicator ended; nothing before it is looked at again.
    pub(crate) floor: usize,
}

impl Reader<'_> {
    /// Reads what begins at `i`, always the start of a word, and returns where to go on.
    fn step(&mut self, i: usize) -> usize {
        let indicator = self
            .url(i)
            .or_else(|| self.escaped(i))
            .or_else(|| self.addr_and_mail(i))
            .or_else(|| self.mail(i))
            .or_else(|| self.v6(i))
            .or_else(|| self.v4(i))
            .or_else(|| self.addr_behind_escape(i))
            .or_else(|| self.name(i));
        if let Some(end) = indicator {
            self.floor = end;
            return end;
        }
        // Past the word: nothing else begins inside it, but for an address or a scheme right
        // behind letters of a script without blanks.
        if self.c(i).is_some_and(|c| is_dot(c) && !c.is_ascii()) {
            return i + 1;
        }
        self.word_end(i).max(i + 1)
    }

    /// An address behind the digits of an escape, the second of which is before `i + 2`.
    fn addr_behind_escape(&mut self, i: usize) -> Option<usize> {
        if !self.behind_escape(i + 2) {
            return None;
        }
        let floor = std::mem::replace(&mut self.floor, i + 2);
        let end = self.v6(i + 2).or_else(|| self.v4(i + 2));
        self.floor = floor;
        end
    }

    /// The end of the word from `i`; an address or a scheme right behind letters of a script
    /// without blanks begins a new one.
    fn word_end(&self, i: usize) -> usize {
        let end = self.name_end(i);
        let inside = (i + 1..end).find(|&k| {
            let begins = self.is_v4(k) || self.is_v6(k) || self.scheme(k).is_some();
            !self.chars[k - 1].c.is_ascii() && begins
        });
        inside.unwrap_or(end)
    }

    pub(crate) fn c(&self, i: usize) -> Option<char> {
        self.chars.get(i).map(|ch| ch.c)
    }

    pub(crate) fn before(&self, i: usize) -> Option<char> {
        i.checked_sub(1).and_then(|i| self.c(i))
    }

    /// The end of the run from `i` of characters for which `wanted` holds.
    pub(crate) fn run(&self, i: usize, wanted: impl Fn(char) -> bool) -> usize {
        (i..self.chars.len()).find(|&k| !wanted(self.chars[k].c)).unwrap_or(self.chars.len())
    }

    /// The end of the word of name characters and dots from `i`.
    pub(crate) fn name_end(&self, i: usize) -> usize {
        self.run(i, |c| is_name_char(c) || is_dot(c))
    }

    pub(crate) fn text(&self, start: usize, end: usize) -> String {
        string(&self.chars[start..end])
    }

    /// How long a stretch is as written; Windows-1252 has a byte for each letter.
    fn octets(&self, start: usize, end: usize) -> usize {
        let octets = |ch: &Ch| if ch.latin1 { 1 } else { ch.c.len_utf8() };
        self.chars[start..end].iter().map(octets).sum()
    }

    /// Behind `:digits`, if a port follows at `i`.
    pub(crate) fn behind_port(&self, i: usize) -> usize {
        if self.c(i) != Some(':') {
            return i;
        }
        let end = self.run(i + 1, |c| c.is_ascii_digit());
        let port = self.text(i + 1, end).parse::<u16>();
        let behind = self.run(end, |c| c == '.' || c == '-');
        let goes_on = self.c(behind).is_some_and(is_label_byte);
        // `host:2001:db8::1` is a key and an address.
        let is_v6 = self.c(end) == Some(':') && self.is_v6_text(i + 1);
        let ends = !goes_on && !is_v6;
        if port.is_ok() && ends { end } else { i }
    }

    /// `indicator` for the whole field or line, else `text`, unless the place decides.
    pub(crate) fn role(&self, start: usize, end: usize) -> &'static str {
        let whole = self.context.whole && (start, end) == self.trimmed;
        self.context.forced.unwrap_or(if whole { "indicator" } else { "text" })
    }

    pub(crate) fn host_role(&self) -> &'static str {
        self.context.forced.unwrap_or("url-host")
    }

    fn mail_role(&self) -> &'static str {
        match self.context.forced {
            _ if self.context.in_url => "url-email",
            Some(role) => role,
            None => "email",
        }
    }

    /// The flags that the spelling of a stretch of text gives.
    pub(crate) fn flags(&self, start: usize, end: usize) -> Vec<&'static str> {
        let chars = &self.chars[start..end];
        let defanged = chars.iter().any(|ch| ch.defanged).then_some("defanged");
        let latin1 = chars.iter().any(|ch| ch.latin1).then_some("latin1");
        defanged.into_iter().chain(latin1).collect()
    }

    /// Takes the readings of one place, unless there are none.
    pub(crate) fn take(&mut self, readings: Vec<Reading>) {
        if !readings.is_empty() {
            self.found.places.push(readings);
        }
    }

    /// The byte that the percent escape at `k` stands for.
    fn escape(&self, k: usize) -> Option<u8> {
        let digits = self.text(k.min(self.chars.len()), self.chars.len().min(k + 3));
        let digits = digits.strip_prefix('%').filter(|digits| digits.len() == 2)?;
        let hex = digits.chars().all(|c| c.is_ascii_hexdigit());
        hex.then(|| u8::from_str_radix(digits, 16).expect("two hex digits make a byte"))
    }

    /// Whether an escape that parts words ends before `k`.
    pub(crate) fn behind_escape(&self, k: usize) -> bool {
        let parts = |byte: u8| {
            let c = char::from(byte);
            "\t\n\r ".contains(c) || c.is_ascii_punctuation() && !"%-._~".contains(c)
        };
        k.checked_sub(3).and_then(|k| self.escape(k)).is_some_and(parts)
    }

    /// A value of a form or a part of a URL, alone, with an escaped `@`, colon or slash in it: what it says
    /// once the escapes are undone.
    fn escaped(&mut self, i: usize) -> Option<usize> {
        let inside = |c: char| !c.is_ascii() || is_label_byte(c) || ".:~+%*'!".contains(c);
        let telling = |k: usize| matches!(self.escape(k), Some(b'@' | b':' | b'/'));
        let begins = telling(i) || !self.before(i).is_some_and(inside);
        if self.context.depth > 0 || !begins {
            return None;
        }
        let mut end = self.run(i, inside);
        let behind = (i..end).rev().find(|&k| self.escape(k).is_some())? + 3;
        let local = self.c(end) == Some('@') && self.octets(i, end) <= 64;
        if local || !(i..behind).any(telling) {
            return None;
        }
        match self.c(end) {
            // A plain URL may begin there.
            Some('/') if self.before(end) == Some(':') => end = behind,
            Some('/' | '?' | '#') => end = self.url_end(i, end),
            _ => {}
        }
        let undone = percent_decode(&self.chars[i..end]);
        let undone: Vec<Ch> = undone.into_iter().map(|ch| Ch { percent: false, ..ch }).collect();
        // A blank is written there, and so it is no longer nothing but the indicator.
        let blank = |ch: Option<&Ch>| ch.is_some_and(|ch| is_blank(ch.c));
        let padded = blank(undone.first()) || blank(undone.last());
        let context = Context {
            whole: self.context.whole && (i, end) == self.trimmed && !padded,
            depth: self.context.depth + 1,
            ..self.context
        };
        read(&undone, context, self.found);
        Some(end)
    }

    /// `192.0.2.5@53` is an address and a port for some, `192.0.2.5@hospital.nl` mail for others.
    fn addr_and_mail(&mut self, i: usize) -> Option<usize> {
        let first = self.run(i, |c| matches!(c, '.' | '-' | '+' | '\''));
        let addr = (i..=first).find(|&k| self.is_v4(k));
        let end = addr.filter(|_| self.local(i).is_some()).and_then(|addr| self.v4(addr))?;
        self.mail(i).or(Some(end))
    }

    /// `local@host`, `"local"@host`, `local@[192.0.2.5]`.
    fn mail(&mut self, i: usize) -> Option<usize> {
        let (locals, sign) = if self.c(i)? == '"' { self.quoted_local(i)? } else { self.local(i)? };
        let host = sign + 1;
        if self.c(host) == Some('[') {
            return self.domain_literal(host);
        }
        let end = self.word_end(host);
        if !self.c(host).is_some_and(is_name_char) {
            return None;
        }
        // `"192.0.2.5"@53` is no mail address; what is quoted is text.
        let quoted = self.c(i) == Some('"');
        if self.scheme(host).is_some() || self.is_v4(host) || self.is_v6(host) {
            return (!quoted).then_some(host);
        }
        // ssh's user@192.0.2.5 is no mail address, but the user's name is no host either.
        let mut ways = self.ways(host, end, false);
        ways.retain(|&(first, last)| !addresses::ends_in_number(&self.text(first, last)));
        if ways.is_empty() {
            return (!quoted).then_some(host);
        }
        let mut readings = Vec::new();
        for &local in &locals {
            for &(first, last) in &ways {
                let reading = self.mail_reading(local, sign, first, last);
                // Where an address begins is told from the most likely local part.
                let main = locals[0];
                let flags = self.mail_reading(main, sign, first, last).map(|main| main.flags);
                let at = self.chars[main].at;
                readings.extend(reading.zip(flags).map(|(r, flags)| Reading { at, flags, ..r }));
            }
        }
        if quoted && readings.is_empty() {
            return None;
        }
        self.take(readings);
        Some(end)
    }

    fn mail_reading(&self, local: usize, sign: usize, host: usize, end: usize) -> Option<Reading> {
        let name = names::normalise(&self.text(host, end));
        let local_text = self.text(local, sign);
        let visible: String = local_text.chars().filter(|&c| !is_ignored(c)).collect();
        let needs_quotes = |c: char| c.is_whitespace() || "@\"(),:;<>[]\\".contains(c);
        let inner = visible.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let inner = inner.filter(|inner| !inner.is_empty() && !inner.contains(needs_quotes));
        let local_part: String = inner.unwrap_or(&visible).to_lowercase().nfc().collect();
        let mail = format!("{local_part}@{}", name.text);
        if !name.text.contains('.') {
            return None;
        }
        let mut flags = self.flags(local, end);
        if name.invisible || visible != local_text {
            flags.push("invisible");
        }
        let what = if name.bad {
            What::BadName { name: name.text, mail: true }
        } else {
            What::Mail { mail, host: name.text }
        };
        Some(Reading { at: self.chars[local].at, what, role: self.mail_role(), flags })
    }

    /// A local part that ends before an `@`: the offsets at which it may begin, and the `@`.
    fn local(&self, i: usize) -> Option<(Vec<usize>, usize)> {
        let word = self.run(i, |c| is_name_char(c) || matches!(c, '.' | '+' | '\''));
        // Letters that somebody hid, and what else a local part ends in now and then.
        let sign = self.run(word, |c| HIDDEN.contains(c) || "!$^~".contains(c));
        let hidden = self.text(word, sign).contains(|c| HIDDEN.contains(c));
        let punctuation = |c: char| matches!(c, '.' | '-' | '+' | '\'');
        let start = self.run(i, punctuation);
        if start >= word && !hidden || self.c(sign) != Some('@') || self.octets(i, sign) > 64 {
            return None;
        }
        // RFC 5321 lets it hold much that parts words elsewhere, so it may begin at any of these,
        // before this word too.
        let allowed = |c: char| !c.is_ascii() || is_label_byte(c) || ATEXT.contains(c);
        let parts = |c: char| !c.is_ascii() || !is_label_byte(c) && !matches!(c, '.' | '+');
        let first = (0..sign).rev().take_while(|&k| allowed(self.chars[k].c)).last()?;
        let near = |k: &usize| self.octets(*k, sign) <= 64;
        let begins =
            |k: &usize| *k == first || parts(self.chars[k - 1].c) && !self.in_local(*k, sign);
        let begins = |k: &usize| begins(k) || self.behind_escape(*k);
        let others = (first..sign).filter(near).filter(begins);
        let others = others.flat_map(|k| [k, self.run(k, punctuation).min(sign)]);
        let others = others.filter(|&k| k < sign && k != start);
        Some((std::iter::once(start).chain(others).collect(), sign))
    }

    /// Whether what stands before `k` is of the same local part, the `@` of which is at `sign`.
    ///
    /// `o'neil` is one name, and so is what letters of a script with capitals stand in. The quote of
    /// `N'neil@hospital.nl'` opens one that is closed behind the address.
    fn in_local(&self, k: usize, sign: usize) -> bool {
        let quotes = (0..k).rev().take_while(|&k| self.chars[k].c == '\'').count();
        let unquoted = k - quotes;
        let unseen = |k: &usize| is_mark(self.chars[*k].c) || is_ignored(self.chars[*k].c);
        let marks = (0..unquoted).rev().take_while(unseen).count();
        let Some(c) = self.before(unquoted - marks) else { return false };
        let letter = match c.is_ascii() {
            true => quotes + marks > 0 && is_label_byte(c),
            false => c.is_lowercase() || c.is_uppercase(),
        };
        if quotes == 0 {
            return letter;
        }
        let in_word = |k: &usize| is_label_byte(self.chars[*k].c) || self.chars[*k].c == '.';
        let word = (0..unquoted).rev().take_while(in_word).count();
        let opened_before = self.before(unquoted - word) == Some('\'');
        let closed = self.c(self.word_end(sign + 1)) == Some('\'') && !opened_before;
        letter && !closed
    }

    /// A quoted local part; the quote before an `@` closes one and opens none.
    fn quoted_local(&self, i: usize) -> Option<(Vec<usize>, usize)> {
        let mut k = i + 1;
        if self.c(k)? == '@' {
            return None;
        }
        while self.c(k)? != '"' {
            if self.c(k)?.is_control() || self.octets(i + 1, k) >= 64 {
                return None;
            }
            k += if self.c(k)? == '\\' { 2 } else { 1 };
        }
        let fits = k > i + 1 && self.octets(i + 1, k) <= 64;
        (fits && self.c(k + 1)? == '@').then(|| (vec![i], k + 1))
    }

    /// `[192.0.2.5]` or `[IPv6:...]` behind an `@`.
    fn domain_literal(&mut self, open: usize) -> Option<usize> {
        let close = self.run(open, |c| c != ']' && !is_blank(c));
        if self.c(close) != Some(']') {
            return None;
        }
        let mut start = open + 1;
        if self.text(start, close).to_ascii_lowercase().starts_with("ipv6:") {
            start += 5;
        }
        let addr = self.text(start, close).parse().ok()?;
        let mut flags = self.flags(start, close);
        if let Some(what) = self.admit(Addrs::one(addr), Notation::Addr, &mut flags) {
            let role = self.mail_role();
            self.take(vec![Reading { at: self.chars[start].at, what, role, flags }]);
        }
        Some(close + 1)
    }

    /// A name alone, or before a slash and more: a URL without its scheme.
    fn name(&mut self, i: usize) -> Option<usize> {
        let (i, start, subtree) = self.name_start(i)?;
        let end = self.word_end(start);
        let core = self.trim_end(start, end);
        let dotted = self.chars[start..core].iter().any(|ch| is_dot(ch.c));
        let is_name =
            |name: &Name| name.text.contains('.') && !addresses::ends_in_number(&name.text);
        if !dotted || !self.names(i, start, end).any(|(name, _)| is_name(&name)) {
            return None;
        }
        let root_dot = usize::from(core < end && is_dot(self.chars[core].c));
        let behind = if core + root_dot == end { self.behind_port(end) } else { end };
        let cuts_urls = self.context.depth <= MAX_DEPTH;
        if cuts_urls && self.c(behind) == Some('/') && self.url_goes_on(i, behind + 1) {
            return Some(self.schemeless(i, start, subtree, core, behind));
        }
        // A root dot and a port belong to the notation, so the field is still nothing else.
        let span_end = if behind > end { behind } else { core + root_dot };
        let mut readings = Vec::new();
        for (name, (from, last)) in self.names(i, start, end).filter(|(name, _)| is_name(name)) {
            let to = if last == core { span_end } else { last };
            let role = self.role(from, to);
            readings.extend(self.name_reading(name, (from, last), subtree, role));
        }
        self.take(readings);
        self.reverse(self.names(i, start, end));
        Some(behind)
    }

    /// The reading of a name that is written from the first to the second of `span`.
    pub(crate) fn name_reading(
        &self,
        name: Name,
        span: (usize, usize),
        subtree: bool,
        role: &'static str,
    ) -> Option<Reading> {
        let mut flags = self.flags(span.0, span.1);
        if name.invisible {
            flags.push("invisible");
        }
        let what = match name {
            Name { text, .. } if !text.contains('.') => return None,
            Name { text, bad: true, .. } => What::BadName { name: text, mail: false },
            Name { text, .. } => What::Name { name: text, subtree },
        };
        Some(Reading { at: self.chars[span.0].at, what, role, flags })
    }

    /// The names that may be written in `start..end`, best first, and where each stands.
    pub(crate) fn names(
        &self,
        i: usize,
        start: usize,
        end: usize,
    ) -> impl Iterator<Item = (Name, (usize, usize))> + use<> {
        let ways = self.ways(start, end, true).into_iter().map(|(first, last)| {
            let from = if first == start { i } else { first };
            (names::normalise(&self.text(first, last)), (from, last))
        });
        ways.collect::<Vec<_>>().into_iter()
    }

    /// Takes the addresses that a name under `in-addr.arpa` or `ip6.arpa` stands for.
    pub(crate) fn reverse(&mut self, mut ways: impl Iterator<Item = (Name, (usize, usize))>) {
        let meant = ways.find_map(|(name, span)| {
            let addrs = addresses::reverse(&name.text).filter(|_| !name.bad)?;
            Some((addrs, span, name.invisible.then_some("invisible")))
        });
        let Some((addrs, span, invisible)) = meant else { return };
        let notation = if addrs.host_bits() == 0 { Notation::Addr } else { Notation::Prefix };
        let mut flags = self.flags(span.0, span.1);
        flags.extend(invisible);
        if let Some(what) = self.admit(addrs, notation, &mut flags) {
            let role = self.context.forced.unwrap_or("rdns");
            self.take(vec![Reading { at: self.chars[span.0].at, what, role, flags }]);
        }
    }

    /// Where a name or subtree notation that is looked for at `i` begins, where its labels do, and
    /// whether it means everything under the name too.
    fn name_start(&self, i: usize) -> Option<(usize, usize, bool)> {
        let starts = |k: usize| self.c(k).is_some_and(is_name_char);
        match self.c(i)? {
            '*' if self.c(i + 1).is_some_and(is_dot) && starts(i + 2) && !self.is_v4(i + 2) => {
                let glob = self.before(i).is_some_and(|c| is_name_char(c) || is_dot(c));
                let from = if glob { i + 2 } else { i };
                Some((from, i + 2, !glob && !self.context.certificate))
            }
            c if is_dot(c) => {
                let dots = self.run(i, is_dot) - i;
                if !self.text(i, i + dots).is_ascii() && self.is_v4(i + dots) {
                    return None;
                }
                let separators = "\"'`([{<=,;:|/\\@!^";
                let opens = |c: char| c == ' ' || c.is_ascii_control() || separators.contains(c);
                let subtree = dots == 1 && self.before(i).is_none_or(opens);
                let from = if subtree { i } else { i + dots };
                starts(i + dots).then_some((from, i + dots, subtree && !self.context.certificate))
            }
            c => is_name_char(c).then_some((i, i, false)),
        }
    }

    /// The end of a name without the dots and hyphens that are punctuation.
    pub(crate) fn trim_end(&self, start: usize, end: usize) -> usize {
        let kept = |k: &usize| !is_dot(self.chars[*k].c) && self.chars[*k].c != '-';
        (start..end).rev().find(kept).map_or(start, |k| k + 1)
    }

    /// The ways in which a word may be meant as a name, best first.
    ///
    /// Hyphens before it may be a bullet, and what follows an ASCII last label may be the next
    /// word of a text without blanks.
    pub(crate) fn ways(&self, start: usize, end: usize, front: bool) -> Vec<(usize, usize)> {
        let core = self.trim_end(start, end);
        let mut starts = vec![start];
        let bare = self.run(start, |c| c == '-');
        if front && bare > start {
            starts.push(bare);
        }
        if front && self.behind_escape(start + 2) {
            starts.push(start + 2);
        }
        let ends: Vec<usize> = std::iter::once(core)
            .chain(self.sentence(start, core).map(|stop| self.trim_end(start, stop)))
            .flat_map(|end| [Some(end), self.last_label_cut(start, end)])
            .flatten()
            .collect();
        let pairs = ends.iter().flat_map(|&end| starts.iter().map(move |&start| (start, end)));
        pairs.filter(|(start, end)| start < end).collect()
    }
}

impl Reader<'_> {
    /// Where a last label that begins with ASCII goes on in another script.
    fn last_label_cut(&self, start: usize, core: usize) -> Option<usize> {
        let last_label =
            (start..core).rev().find(|&k| is_dot(self.chars[k].c)).map_or(start, |k| k + 1);
        let border = self.run(last_label, |c| c.is_ascii() || is_ignored(c));
        let begins = self.chars[last_label..core.min(border)].iter().any(|ch| !is_ignored(ch.c));
        (begins && border < core).then(|| self.trim_end(start, border))
    }

    /// The full stop of a sentence in another script that ends in a name: before it a dot of ASCII
    /// stands, and behind it a label that is an A-label in the DNS.
    fn sentence(&self, start: usize, core: usize) -> Option<usize> {
        (start..core).find(|&stop| {
            let c = self.chars[stop].c;
            let label_end = self.run(stop + 1, |c| !is_dot(c)).min(core);
            let label = self.text(stop + 1, label_end);
            let in_dns = names::normalise(&label).text;
            is_dot(c)
                && !c.is_ascii()
                && self.text(start, stop).contains('.')
                && !label.is_ascii()
                && (in_dns.starts_with("xn--") || !in_dns.is_ascii())
        })
    }
}

/// URLs within one another that are cut into their parts; what is deeper is all of one role.
pub(crate) const MAX_DEPTH: usize = 4;

/// What an unquoted local part may hold besides letters and digits (RFC 5321, `Dot-string`).
const ATEXT: &str = ".!#$%&'*+-/=?^_`{|}~";

/// What is written in place of letters of a local part that are not to be seen.
const HIDDEN: &str = "*\u{2022}\u{25cf}\u{2588}\u{2026}";

/// How addresses were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    Addr,
    Prefix,
    Range,
}

impl Reader<'_> {
    /// The addresses as an indicator; what is none is counted.
    pub(crate) fn admit(
        &mut self,
        addrs: Addrs,
        notation: Notation,
        flags: &mut Vec<&'static str>,
    ) -> Option<What> {
        let mapped = addrs.unmapped();
        flags.extend(mapped.map(|_| "v4-mapped"));
        let addrs = mapped.unwrap_or(addrs);
        let limit = if addrs.v6 { self.context.limits.1 } else { self.context.limits.0 };
        if addrs.broader_than(limit) {
            self.found.rejected.push("too-broad");
            return None;
        }
        let addr = addrs.addr(addrs.first);
        let (kind, text) = match notation {
            // 0.0.0.0 and :: stand for no address or for any.
            Notation::Addr if addr.is_unspecified() => return None,
            Notation::Addr if addrs.v6 => ("ipv6", addr.to_string()),
            Notation::Addr => ("ipv4", addr.to_string()),
            Notation::Prefix => ("prefix", addrs.prefix_text()),
            Notation::Range => ("range", addrs.to_string()),
        };
        Some(What::Addrs { addrs, kind, text })
    }
}
