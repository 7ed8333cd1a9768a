//! Names: their canonical form, how they lie to one another, and public suffixes.

use idna::uts46::{AsciiDenyList, Hyphens, Uts46};

use crate::text::{is_dot, is_ignored, is_joiner, uts46};

/// A name in canonical form, with what was odd about its spelling.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    /// Lower case, A-labels, no root dot, empty labels left out.
    pub(crate) text: String,
    /// Characters that nobody sees were dropped.
    pub(crate) invisible: bool,
    /// An empty label, one over 63 octets, or more than 253 octets in all.
    pub(crate) bad: bool,
}

/// Normalises `text` label by label; a label that fails keeps its spelling, in lower case.
pub(crate) fn normalise(text: &str) -> Name {
    let mut invisible = false;
    let mut labels: Vec<String> = text
        .split(is_dot)
        .map(|label| {
            let (label, dropped) = normalise_label(label);
            invisible |= dropped;
            label
        })
        .collect();
    while labels.last().is_some_and(String::is_empty) {
        labels.pop();
    }
    let whole = labels.join(".").len();
    let bad = whole > 253 || labels.iter().any(|label| label.is_empty() || label.len() > 63);
    labels.retain(|label| !label.is_empty());
    Name { text: labels.join("."), invisible, bad }
}

fn normalise_label(label: &str) -> (String, bool) {
    let ignored = label.chars().any(|c| is_ignored(c) && !is_joiner(c));
    let with_joiners = |keep: &dyn Fn(usize) -> bool| -> String {
        let kept = label.chars().enumerate().filter(|&(i, c)| !is_joiner(c) || keep(i));
        kept.map(|(_, c)| c).collect()
    };
    // A joiner stays where ContextJ allows it, each one tried by itself.
    let allowed = |i: usize| uts46(&with_joiners(&|k| k == i)).is_some();
    let stripped = label.chars().enumerate().any(|(i, c)| is_joiner(c) && !allowed(i));
    let label = with_joiners(&allowed);
    let shape = uts46(&label).filter(|made| !made.contains('.'));
    let plain = || label.chars().filter(|&c| !is_ignored(c)).collect::<String>().to_lowercase();
    (shape.unwrap_or_else(plain), ignored || stripped)
}

/// Whether `name` is a name under `parent`.
pub(crate) fn is_under(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether `name` is a suffix under which anyone can register; unknown top labels are.
pub(crate) fn is_public_suffix(name: &str) -> bool {
    let name = unicode(name);
    psl::suffix_str(&name) == Some(&*name)
}

/// Whether `name` is a suffix of the ICANN section, which no participant can own.
pub(crate) fn is_icann_suffix(name: &str) -> bool {
    let name = unicode(name);
    psl::suffix(name.as_bytes())
        .is_some_and(|s| s.typ() == Some(psl::Type::Icann) && s.as_bytes() == name.as_bytes())
}

/// Whether the last label is one that exists, or one of RFC 2606 and RFC 6761.
pub(crate) fn has_known_end(name: &str) -> bool {
    let name = unicode(name);
    let reserved = ["example", "test", "invalid", "localhost", "local", "arpa", "onion"];
    psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.is_known())
        || name.rsplit('.').next().is_some_and(|last| reserved.contains(&last))
}

fn unicode(name: &str) -> String {
    Uts46::new().to_unicode(name.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow).0.into_owned()
}
