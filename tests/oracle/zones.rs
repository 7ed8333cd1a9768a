//! Response policy zones: what the owner of each record lists.

use crate::records::Field;
use crate::text::Byte;

/// The fields of all lines of a zone.
pub(crate) fn fields(lines: &[&[Byte]]) -> Vec<Vec<Field>> {
    let records: Vec<Record<'_>> = lines.iter().map(|line| Record::of(line)).collect();
    let apex = apex(&records);
    let mut origin: Option<String> = None;
    let mut all = Vec::new();
    for record in &records {
        if let Some(word) = record.directive() {
            origin = absolute(&word, apex.as_deref());
        }
        all.push(record.fields(origin.as_deref(), apex.as_deref()));
    }
    all
}

/// The name of the zone: the owner of its SOA record, or else the first `$ORIGIN`.
fn apex(records: &[Record<'_>]) -> Option<String> {
    let mut first: Option<String> = None;
    let mut origin: Option<String> = None;
    let head = records.iter().take_while(|record| record.ends_in_head);
    for record in head {
        if let Some(word) = record.directive() {
            origin = absolute(&word, first.as_deref());
            first = first.or(origin.clone().or(Some(String::new())));
        }
        if record.kind().as_deref() == Some("SOA") && !record.owner().is_empty() {
            return full(&record.owner(), origin.as_deref()).or(first);
        }
    }
    first
}

/// The name that an `$ORIGIN` gives, unless it is the root or nothing.
fn absolute(word: &str, apex: Option<&str>) -> Option<String> {
    let name = match (word.strip_suffix('.'), apex) {
        (Some(name), _) => name.to_owned(),
        (None, Some(apex)) if !word.is_empty() => format!("{word}.{apex}"),
        (None, _) => word.to_owned(),
    };
    (!name.is_empty()).then_some(name)
}

/// The full name of an owner, unless it is the zone's own.
fn full(owner: &str, origin: Option<&str>) -> Option<String> {
    match (owner.strip_suffix('.'), origin) {
        (Some(""), _) => None,
        (Some(name), _) => Some(name.to_owned()),
        (None, origin) if owner == "@" => origin.map(str::to_owned),
        (None, Some(origin)) => Some(format!("{owner}.{origin}")),
        (None, None) => Some(owner.to_owned()),
    }
}

/// A line of a zone, a character for each byte.
struct Record<'a> {
    bytes: &'a [Byte],
    value: String,
    comment: Option<usize>,
    ends_in_head: bool,
}

impl<'a> Record<'a> {
    fn of(bytes: &'a [Byte]) -> Self {
        let text: Vec<char> = bytes.iter().map(|byte| char::from(byte.b)).collect();
        let begins = |i: &usize| text[*i] == ';' && (*i == 0 || text[*i - 1].is_ascii_whitespace());
        let comment = (0..text.len()).find(begins);
        let value = text[..comment.unwrap_or(text.len())].iter().collect();
        let ends_in_head = bytes.last().is_none_or(|byte| byte.at < 64 << 10);
        Self { bytes, value, comment, ends_in_head }
    }

    /// What stands behind `$ORIGIN`.
    fn directive(&self) -> Option<String> {
        let rest = self.value.strip_prefix("$ORIGIN")?;
        let is_word = rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_whitespace());
        is_word.then(|| rest.split_ascii_whitespace().next().unwrap_or("").to_owned())
    }

    /// The first word, unless the line begins with a blank.
    fn owner(&self) -> String {
        let end = self.value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(self.value.len());
        self.value[..end].to_owned()
    }

    /// The type and what stands behind it.
    fn kind_and_data(&self) -> Option<(String, Vec<String>)> {
        let rest = &self.value[self.owner().len()..];
        let mut words = rest.split_ascii_whitespace().map(str::to_owned);
        let is_class = |word: &str| ["IN", "CH", "HS"].contains(&&*word.to_ascii_uppercase());
        let is_ttl = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_digit())
                && word.chars().all(|c| c.is_ascii_alphanumeric())
        };
        let kind = words.find(|word| !is_class(word) && !is_ttl(word))?.to_ascii_uppercase();
        let kinds = "CNAME A AAAA TXT SOA NS PTR MX SRV DNAME HINFO CAA NAPTR";
        kinds.split(' ').any(|known| known == kind).then(|| (kind, words.collect()))
    }

    fn kind(&self) -> Option<String> {
        self.kind_and_data().map(|(kind, _)| kind)
    }

    fn fields(&self, origin: Option<&str>, apex: Option<&str>) -> Vec<Field> {
        let mut fields = Vec::new();
        let owner = self.owner();
        if !self.value.starts_with('$') && !owner.is_empty() {
            match self.kind_and_data() {
                None => {
                    let end = self.comment.unwrap_or(self.bytes.len());
                    fields.push(Field::plain(&self.bytes[..end]));
                }
                Some((kind, _)) if kind == "SOA" || kind == "NS" => {}
                Some((kind, data)) => {
                    let target = data.first().map(|t| t.trim_end_matches('.').to_lowercase());
                    let double = data.first().is_some_and(|t| t.ends_with(".."));
                    let exception =
                        kind == "CNAME" && !double && target.as_deref() == Some("rpz-passthru");
                    let apex = apex.filter(|_| owner.ends_with('.') || origin.is_some());
                    let listed = full(&owner, origin).and_then(|name| relative(&name, apex));
                    let field = listed.map(|name| self.listed(&owner, &name));
                    fields.extend(field.map(|field| Field { exception, ..field }));
                }
            }
        }
        fields.extend(self.comment.map(|at| Field::comment(&self.bytes[at..])));
        fields
    }

    /// The field of an owner that lists a name, in which an address may be written.
    fn listed(&self, owner: &str, name: &str) -> Field {
        let count = |text: &str| text.chars().count();
        let written = &self.bytes[..count(owner)];
        let (before, last) = name.rsplit_once('.').unwrap_or(("", name));
        let meant = match &*last.to_ascii_lowercase() {
            _ if !name.contains('.') => name.to_owned(),
            "rpz-ip" | "rpz-client-ip" | "rpz-nsip" => match prefix(before) {
                Some(addrs) => return replaced(written, &addrs),
                None => name.to_owned(),
            },
            "rpz-nsdname" => before.to_owned(),
            _ => name.to_owned(),
        };
        match owner.starts_with(&meant) {
            // The root's dot belongs to a name.
            true if *owner == format!("{meant}.") => Field::plain(written),
            true => Field::plain(&written[..count(&meant)]),
            false => replaced(written, &meant),
        }
    }
}

/// A field that is read as another text, all of it written where the field begins.
pub(crate) fn replaced(written: &[Byte], text: &str) -> Field {
    let at = written[0].at;
    let bytes = text.chars().map(|c| Byte::new(c as u8, at)).collect();
    Field { stands_for: Some(bytes), ..Field::plain(written) }
}

/// The name without that of the zone, unless it is the zone's own.
fn relative(name: &str, apex: Option<&str>) -> Option<String> {
    let Some(apex) = apex.filter(|apex| !apex.is_empty()) else { return Some(name.to_owned()) };
    let (lower, apex) = (name.to_ascii_lowercase(), apex.to_ascii_lowercase());
    if lower == apex {
        return None;
    }
    let rest = match lower.ends_with(&format!(".{apex}")) {
        true => &name[..name.len() - apex.len() - 1],
        false => name,
    };
    (!rest.is_empty()).then(|| rest.to_owned())
}

/// `32.5.2.0.192` is `192.0.2.5/32`, and `48.zz.10.db8.2001` is `2001:db8:10::/48`.
fn prefix(labels: &str) -> Option<String> {
    let mut labels: Vec<&str> = labels.split('.').collect();
    let len = labels.remove(0);
    let number = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if !number(&len) || len.len() > 3 || labels.contains(&"") {
        return None;
    }
    labels.reverse();
    let bits: u32 = len.parse().ok()?;
    if labels.len() == 4 && labels.iter().all(number) {
        if bits > 32 {
            return None;
        }
        return Some(format!("{}/{len}", labels.join(".")));
    }
    let gap = labels.iter().position(|label| label.eq_ignore_ascii_case("zz"));
    let text = match gap {
        Some(gap) => format!("{}::{}", labels[..gap].join(":"), labels[gap + 1..].join(":")),
        None => labels.join(":"),
    };
    let addr: std::net::Ipv6Addr = text.parse().ok().filter(|_| bits <= 128)?;
    Some(format!("{addr}/{len}"))
}
