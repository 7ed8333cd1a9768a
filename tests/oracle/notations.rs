//! Lines of block lists and configurations: which parts of them say something, and what.
//!
//! What a line lists nothing by (options, where blocked names are sent to) makes no field.

use crate::Format;
use crate::records::Field;
use crate::text::Byte;
use crate::zones;

/// The fields of a line in a notation that has one entry a line.
pub(crate) fn fields(line: &[Byte], format: Format) -> Vec<Field> {
    let text: Vec<char> = line.iter().map(|byte| char::from(byte.b)).collect();
    let line = Line { bytes: line, text };
    let end = (0..line.text.len()).find(|&i| line.begins_comment(i, format));
    let value = line.trimmed(0, end.unwrap_or(line.text.len()));
    let mut fields = match format {
        Format::Hosts => line.hosts(value),
        Format::Adblock => line.adblock(value),
        Format::Dnsmasq => line.dnsmasq(value),
        Format::Unbound => line.unbound(value),
        Format::Bind => line.bind(value),
        Format::Rbldnsd => line.rbldnsd(value),
        Format::P2p => line.p2p(value),
        _ => vec![line.field(value)],
    };
    fields.extend(end.map(|end| Field::comment(&line.bytes[end..])));
    fields
}

/// A stretch of a line, from the first to the second.
type Span = (usize, usize);

struct Line<'a> {
    bytes: &'a [Byte],
    /// A character for each byte.
    text: Vec<char>,
}

impl Line<'_> {
    fn begins_comment(&self, i: usize, format: Format) -> bool {
        if i > 0 && !self.text[i - 1].is_ascii_whitespace() {
            return false;
        }
        let next = self.text.get(i + 1);
        match (format, self.text[i]) {
            (Format::Hosts | Format::Dnsmasq, '#' | ';') => true,
            (Format::Adblock, '!') => true,
            (Format::Unbound | Format::Bind | Format::Rbldnsd | Format::P2p, '#') => true,
            (Format::Adblock, '#') => next.is_none_or(char::is_ascii_whitespace),
            (Format::Bind, '/') => next == Some(&'/'),
            _ => false,
        }
    }

    fn field(&self, (start, end): Span) -> Field {
        Field::plain(&self.bytes[start..end])
    }

    fn subtree(&self, span: Span) -> Field {
        Field { subtree: true, ..self.field(span) }
    }

    fn string(&self, (start, end): Span) -> String {
        self.text[start..end].iter().collect()
    }

    fn trimmed(&self, start: usize, end: usize) -> Span {
        let says = |i: &usize| !self.text[*i].is_ascii_whitespace();
        match ((start..end).find(says), (start..end).rev().find(says)) {
            (Some(first), Some(last)) => (first, last + 1),
            _ => (end, end),
        }
    }

    /// The words of a stretch, parted by blanks.
    fn words(&self, span: Span) -> Vec<Span> {
        self.parts(span, |c| c.is_ascii_whitespace()).into_iter().filter(|w| w.0 < w.1).collect()
    }

    /// What stands between the characters that part a stretch.
    fn parts(&self, (start, end): Span, parts: impl Fn(char) -> bool) -> Vec<Span> {
        let mut all = Vec::new();
        let mut first = start;
        for i in start..end {
            if parts(self.text[i]) {
                all.push((first, i));
                first = i + 1;
            }
        }
        all.push((first, end));
        all
    }

    /// `0.0.0.0 name name`: the names, and the address where somebody may answer at it.
    fn hosts(&self, value: Span) -> Vec<Field> {
        let words = self.words(value);
        let Some(&first) = words.first() else { return Vec::new() };
        let text = self.string(first);
        let Ok(addr) = text.split('%').next().unwrap_or("").parse::<std::net::IpAddr>() else {
            return vec![self.field(value)];
        };
        let nobody = addr.is_loopback() || addr.is_unspecified();
        words.into_iter().skip(usize::from(nobody)).map(|word| self.field(word)).collect()
    }

    /// `||name^$options`, `@@||name^`, and patterns of URLs.
    fn adblock(&self, value: Span) -> Vec<Field> {
        let text = self.string(value);
        if text.starts_with('[') && text.ends_with(']') {
            return Vec::new();
        }
        if self.hides_elements(value) || text.contains("$$") || text.contains("$@$") {
            return Vec::new();
        }
        let (mut start, end) = value;
        let exception = text.starts_with("@@");
        if exception {
            start += 2;
        }
        let mut end = (start..end).find(|&i| self.text[i] == '$').unwrap_or(end);
        let mut bars = 0;
        while bars < 2 && start < end && self.text[start] == '|' {
            bars += 1;
            start += 1;
        }
        let wildcard = if self.string((start, end)).starts_with("*.") { 2 } else { 0 };
        let stops = |i: &usize| "^/:?*|".contains(self.text[*i]);
        let host_end = (start + wildcard..end).find(stops).unwrap_or(end);
        let any_path = self.text[host_end..end].iter().all(|c| "^|*/".contains(*c));
        let subtree = bars == 2 && any_path && host_end > start + wildcard;
        if subtree {
            end = host_end;
        }
        while !subtree && end > start && "^|".contains(self.text[end - 1]) {
            end -= 1;
        }
        vec![Field { exception, subtree, ..self.field((start, end)) }]
    }

    /// `##`, perhaps with up to three marks between the two.
    fn hides_elements(&self, (start, end): Span) -> bool {
        (start..end).any(|i| {
            let behind = (i + 1..end).find(|&k| !"@$?%".contains(self.text[k]));
            self.text[i] == '#' && behind.is_some_and(|k| self.text[k] == '#' && k - i <= 4)
        })
    }

    /// `address=/name/name/target`.
    fn dnsmasq(&self, value: Span) -> Vec<Field> {
        let text = self.string(value);
        let Some((key, behind)) = text.split_once('=') else { return vec![self.field(value)] };
        let key = key.trim();
        let names_a_key =
            !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        if !names_a_key || !behind.trim_start().starts_with('/') {
            return vec![self.field(value)];
        }
        let mut parts = self.parts(value, |c| c == '/');
        parts.remove(0);
        let mut exception = false;
        if parts.len() > 1 {
            let target = parts.pop().expect("there are two");
            let usual = self.string(target).trim() == "#";
            exception = usual && (key == "server" || key == "local");
        }
        parts.into_iter().map(|name| Field { exception, ..self.subtree(name) }).collect()
    }

    /// The option that begins a line, and where what it says begins.
    fn option(&self, value: Span, key: &str) -> Option<usize> {
        self.string(value).starts_with(key).then(|| value.0 + key.chars().count())
    }

    /// A quoted value or a word behind `at`.
    fn value(&self, at: usize, end: usize) -> Span {
        let (start, end) = self.trimmed(at, end);
        match self.text.get(start) {
            Some(&quote @ ('"' | '\'')) if start < end => {
                let close = (start + 1..end).find(|&i| self.text[i] == quote);
                (start + 1, close.unwrap_or(end))
            }
            _ => self.words((start, end)).first().copied().unwrap_or((end, end)),
        }
    }

    /// `local-zone: "name" kind` and `local-data: "name A 0.0.0.0"`.
    fn unbound(&self, value: Span) -> Vec<Field> {
        let text = self.string(value);
        if text.starts_with("local-data::") || text.starts_with("local-zone::") {
            return vec![self.field(value)];
        }
        if let Some(at) = self.option(value, "local-data:") {
            let data = self.value(at, value.1);
            return self.words(data).first().map(|&name| self.field(name)).into_iter().collect();
        }
        let Some(at) = self.option(value, "local-zone:") else { return vec![self.field(value)] };
        let name = self.value(at, value.1);
        let behind = value.1.min(name.1 + 1);
        let kind = self.words((behind, value.1)).first().map(|&kind| self.string(kind));
        let exception = kind.is_some_and(|kind| kind.ends_with("transparent"));
        vec![Field { exception, ..self.subtree(name) }]
    }

    /// `zone "name" {` and all that is not about files.
    fn bind(&self, value: Span) -> Vec<Field> {
        let first = self.words(value).first().copied().unwrap_or(value);
        match &*self.string(first) {
            "zone" => vec![self.subtree(self.value(first.1, value.1))],
            "file" => Vec::new(),
            _ => vec![self.field(value)],
        }
    }

    /// `entry :answer`, `!entry`; what begins with `:` or `$` is answered or directs.
    fn rbldnsd(&self, value: Span) -> Vec<Field> {
        let first = self.string(value).chars().next();
        let exception = first == Some('!');
        if first == Some(':') || first == Some('$') {
            return Vec::new();
        }
        let words = self.words((value.0 + usize::from(exception), value.1));
        words.first().map(|&entry| Field { exception, ..self.field(entry) }).into_iter().collect()
    }

    /// `name:first-last` and `first - last , level , name`, in decimal whatever zeros there are.
    fn p2p(&self, value: Span) -> Vec<Field> {
        let text = self.string(value);
        let chars = |text: &str| text.chars().count();
        // As `a - b` and what follows, or else as what stands behind the last colon.
        let colon = text.rfind(':').map_or(0, |colon| colon + 1);
        let name = &text[..colon];
        let padding = chars(&text[colon..]) - chars(text[colon..].trim_ascii_start());
        for (start, is_last) in [(value.0, false), (value.0 + chars(name) + padding, true)] {
            let Some((end, meant)) = self.quads(start, value.1) else { continue };
            let rest = self.string((end, value.1));
            let goes_on = rest.trim_ascii_start();
            // What stands right before the colon may be an address that goes on behind it.
            let last_word = name.trim_end_matches(':').rsplit(|c: char| c.is_ascii_whitespace());
            let colons = name.ends_with("::") || last_word.take(1).any(|word| word.contains(':'));
            let fits = match is_last {
                true => colon > 0 && rest.is_empty() && !colons,
                false => goes_on.is_empty() || goes_on.starts_with(','),
            };
            if !fits {
                continue;
            }
            let level = goes_on.split(',').nth(1).unwrap_or("").trim_ascii().parse::<u32>();
            let exception = !is_last && level.is_ok_and(|level| level >= 128);
            let range = zones::replaced(&self.bytes[start..end], &meant);
            return vec![
                self.field((value.0, start)),
                Field { exception, ..range },
                self.field((end, value.1)),
            ];
        }
        vec![self.field(value)]
    }

    /// Two dotted quads with a dash between them at `start`: where they end, and the range.
    fn quads(&self, start: usize, end: usize) -> Option<(usize, String)> {
        let blanks = |mut i: usize| {
            let from = i;
            while i < end && i < from + 8 && (self.text[i] == ' ' || self.text[i] == '\t') {
                i += 1;
            }
            i
        };
        let (first, behind) = self.quad(start, end)?;
        let dash = blanks(behind);
        if dash >= end || self.text[dash] != '-' {
            return None;
        }
        let (last, behind) = self.quad(blanks(dash + 1), end)?;
        Some((behind, format!("{first}-{last}")))
    }

    fn quad(&self, start: usize, end: usize) -> Option<(String, usize)> {
        let stop = (start..end).find(|&i| !(self.text[i].is_ascii_digit() || self.text[i] == '.'));
        let text = self.string((start, stop.unwrap_or(end)));
        // A dot may stand behind the address, and what follows that is something else.
        let octets: Vec<&str> = text.splitn(5, '.').take(4).collect();
        let number = |octet: &&str| octet.len() <= 3 && octet.parse::<u8>().is_ok();
        if octets.len() < 4 || !octets.iter().all(number) {
            return None;
        }
        let plain: Vec<String> =
            octets.iter().filter_map(|o| o.parse::<u8>().ok()).map(|o| o.to_string()).collect();
        Some((plain.join("."), start + octets.join(".").len()))
    }
}
