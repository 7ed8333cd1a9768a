//! What the beginning of a JSON document looks like, and which kind of document that is.

use super::Format;

/// How deep the beginning is looked at.
const MAX_DEPTH: usize = 5;

/// Longest string that is kept.
const MAX_STRING_BYTES: usize = 100;

/// What stands at a pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Object,
    Array,
    /// The beginning of a string, as it is written.
    String(String),
    Other,
}

/// What stands where in a document, of each array the first element only.
#[derive(Debug, Default)]
pub(super) struct Outline {
    nodes: Vec<(String, Node)>,
    /// Bytes of arrays in the outermost object, as far as they are in sight.
    array_bytes: usize,
    /// Where the first value ends, if it is whole.
    end: Option<usize>,
}

impl Outline {
    /// The outline of what begins like a JSON document, `None` of anything else.
    ///
    /// It may be cut off, and malformed further on.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let mut reader = Reader { text, at: 0, outline: Self::default(), tokens: 0 };
        reader.skip_blanks();
        let start = reader.at;
        let is_open = matches!(reader.text.get(start), Some(b'{' | b'['));
        let whole = is_open.then(|| reader.value(&mut String::new(), 0, true));
        let Reader { at, tokens, mut outline, .. } = reader;
        outline.end = whole?.then_some(at);
        let is_cut = text.get(at..).is_none_or(|rest| rest.trim_ascii().is_empty());
        // `[Adblock]`, `[2001:db8::1]:443` and `{` of a configuration go on as no JSON does.
        (outline.end.is_some() || is_cut || tokens >= ENOUGH_TOKENS).then_some(outline)
    }

    /// Where the first value ends, if it is whole.
    pub(super) const fn end(&self) -> Option<usize> {
        self.end
    }

    /// Whether it is an object, and most of it arrays of its own.
    pub(super) fn is_mostly_array(&self, bytes: usize) -> bool {
        self.array_bytes * 2 > bytes
    }

    fn node(&self, pointer: &str) -> Option<&Node> {
        self.nodes.iter().find(|(known, _)| known == pointer).map(|(_, node)| node)
    }

    fn has(&self, pointer: &str) -> bool {
        self.node(pointer).is_some()
    }

    fn string(&self, pointer: &str) -> Option<&str> {
        match self.node(pointer)? {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    /// Which kind of document it is, and why.
    pub(super) fn kind(&self) -> (Format, &'static str) {
        if ["", "/0", "/objects/0", "/0/objects/0"].iter().any(|at| self.is_stix(at)) {
            return (Format::Stix, "a JSON document with an object of STIX");
        }
        if ["", "/0", "/response", "/response/0"].iter().any(|at| self.is_misp(at)) {
            return (Format::Misp, "a JSON document with an event or attribute of MISP");
        }
        if self.is_warninglist() {
            return (Format::Misp, "a JSON document laid out as a warninglist of MISP");
        }
        match self.node("") {
            Some(Node::Array) => (Format::Json, "a JSON array"),
            _ => (Format::Json, "a JSON document"),
        }
    }

    /// Whether an object has the type and the id of STIX: `indicator--` and a UUID.
    fn is_stix(&self, at: &str) -> bool {
        let kind = self.string(&format!("{at}/type"));
        let id = self.string(&format!("{at}/id"));
        let is_stix = |(kind, id): (&str, &str)| {
            let uuid = id.strip_prefix(kind).and_then(|rest| rest.strip_prefix("--"));
            uuid.is_some_and(|uuid| uuid.len() == 36 && uuid.split('-').count() == 5)
        };
        kind.zip(id).is_some_and(is_stix)
            || kind == Some("bundle") && self.node(&format!("{at}/objects")) == Some(&Node::Array)
    }

    fn is_misp(&self, at: &str) -> bool {
        let count = |at: &str, keys: &[&str]| {
            keys.iter().filter(|key| self.has(&format!("{at}/{key}"))).count()
        };
        let event = ["Attribute", "info", "Orgc", "orgc_id", "threat_level_id", "analysis"];
        let attribute = ["type", "category", "value", "to_ids"];
        self.node(at).is_some()
            && (count(&format!("{at}/Event"), &event) >= 2
                || count(at, &event) >= 2
                    && self.node(&format!("{at}/Attribute")) == Some(&Node::Array)
                || count(at, &attribute) == attribute.len()
                || count(&format!("{at}/Attribute/0"), &attribute) >= 3)
    }

    /// Whether it has a list, and no keys but those of a warninglist; the list may be long, so that
    /// not all of them are in sight.
    fn is_warninglist(&self) -> bool {
        let known = ["description", "list", "matching_attributes", "name", "type", "version"];
        let mut keys = self.nodes.iter().filter_map(|(pointer, _)| pointer.strip_prefix('/'));
        let is_known = |key: &str| known.contains(&key) || key.contains('/');
        self.node("/list") == Some(&Node::Array)
            && ["description", "name"].iter().any(|key| self.has(&format!("/{key}")))
            && keys.all(is_known)
    }
}

/// Strings, brackets and marks behind which nothing else is meant.
const ENOUGH_TOKENS: usize = 6;

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    outline: Outline,
    /// What was read as it should be.
    tokens: usize,
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// Takes a mark, and the blanks before it.
    fn takes(&mut self, mark: u8) -> bool {
        self.skip_blanks();
        let is_it = self.text.get(self.at) == Some(&mark);
        self.at += usize::from(is_it);
        self.tokens += usize::from(is_it);
        is_it
    }

    /// Reads a value; `false` where it is cut off or none. A machine of its own for each depth,
    /// which is bounded: what lies deeper is stepped over.
    fn value(&mut self, pointer: &mut String, depth: usize, is_kept: bool) -> bool {
        self.skip_blanks();
        let start = self.at;
        let node = match self.text.get(start) {
            Some(b'{') => Node::Object,
            Some(b'[') => Node::Array,
            Some(b'"') => Node::Other,
            Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => Node::Other,
            _ => return false,
        };
        let is_kept = is_kept && depth <= MAX_DEPTH;
        let index = self.outline.nodes.len();
        if is_kept {
            self.outline.nodes.push((pointer.clone(), node.clone()));
        }
        let is_whole = match self.text[start] {
            b'{' | b'[' if depth > MAX_DEPTH => self.step_over(),
            b'{' => self.object(pointer, depth, is_kept),
            b'[' => self.array(pointer, depth, is_kept),
            b'"' => match self.string() {
                Some(text) => {
                    if is_kept {
                        self.outline.nodes[index].1 = Node::String(text);
                    }
                    true
                }
                None => false,
            },
            _ => {
                let is_word = |b: &&u8| b.is_ascii_alphanumeric() || b"+-.".contains(*b);
                let word = self.text[start..].iter().take_while(is_word).count();
                self.at += word;
                let word = &self.text[start..start + word];
                matches!(word, b"true" | b"false" | b"null")
                    || str::from_utf8(word).is_ok_and(|word| word.parse::<f64>().is_ok())
            }
        };
        if depth == 1 && node == Node::Array {
            self.outline.array_bytes += self.at - start;
        }
        is_whole
    }

    fn object(&mut self, pointer: &mut String, depth: usize, is_kept: bool) -> bool {
        self.takes(b'{');
        if self.takes(b'}') {
            return true;
        }
        loop {
            self.skip_blanks();
            if self.text.get(self.at) != Some(&b'"') {
                return false;
            }
            let Some(key) = self.string() else { return false };
            let len = pointer.len();
            pointer.push('/');
            pointer.push_str(&key);
            let goes_on = self.takes(b':') && self.value(pointer, depth + 1, is_kept);
            pointer.truncate(len);
            if !goes_on {
                return false;
            }
            if !self.takes(b',') {
                return self.takes(b'}');
            }
        }
    }

    fn array(&mut self, pointer: &mut String, depth: usize, is_kept: bool) -> bool {
        self.takes(b'[');
        if self.takes(b']') {
            return true;
        }
        let mut is_first = true;
        loop {
            let len = pointer.len();
            pointer.push_str("/0");
            let goes_on = self.value(pointer, depth + 1, is_kept && is_first);
            pointer.truncate(len);
            if !goes_on {
                return false;
            }
            is_first = false;
            if !self.takes(b',') {
                return self.takes(b']');
            }
        }
    }

    /// A string, of which the beginning is kept; `None` where it does not close.
    fn string(&mut self) -> Option<String> {
        let start = self.at + 1;
        let mut end = start;
        loop {
            match self.text.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
                None => {
                    self.at = self.text.len();
                    return None;
                }
            }
        }
        self.at = end + 1;
        self.tokens += 1;
        let kept = &self.text[start..end.min(start + MAX_STRING_BYTES)];
        Some(String::from_utf8_lossy(kept).into_owned())
    }

    /// Steps over an object or an array that lies too deep to matter.
    fn step_over(&mut self) -> bool {
        let mut depth = 0_usize;
        while let Some(byte) = self.text.get(self.at) {
            match byte {
                b'"' if self.string().is_none() => return false,
                b'"' => continue,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_from_what_begins_like_one() {
        for (text, kind) in [
            (r#"{"a": 1}"#, Some(Format::Json)),
            ("[\n  {\n    \"a\": 1\n  }\n]\n", Some(Format::Json)),
            (r#"["a", "b"]"#, Some(Format::Json)),
            ("[]", Some(Format::Json)),
            (r#"{"a": [{"b": "cut o"#, Some(Format::Json)),
            (r#"{"a": 1, "b": 2, c: 3}"#, Some(Format::Json)),
            (r#"{"a": 1, "b": [1, 2, ], "c": 3}"#, Some(Format::Json)),
            (r#"{"type": "bundle", "objects": []}"#, Some(Format::Stix)),
            (
                r#"[{"name": "x", "type": "tool", "id": "tool--8d0e3c1a-2b3c-4d5e-8f90-a1b2c3d4e5f6"}]"#,
                Some(Format::Stix),
            ),
            (r#"{"id": "x", "type": "tool"}"#, Some(Format::Json)),
            (r#"{"Event": {"info": "x", "Attribute": []}}"#, Some(Format::Misp)),
            (r#"{"response": [{"Event": {"analysis": "0", "info": "x"}}]}"#, Some(Format::Misp)),
            (r#"{"Event": {"System": {}, "EventData": {}}}"#, Some(Format::Json)),
            (
                r#"{"Attribute": [{"type": "url", "value": "x", "category": "y"}]}"#,
                Some(Format::Misp),
            ),
            (r#"{"description": "x", "list": ["a.example""#, Some(Format::Misp)),
            (r#"{"description": "x", "list": ["a"], "other": 1}"#, Some(Format::Json)),
            ("[Adblock Plus 2.0]\n||a.example^\n", None),
            ("[2001:db8::1]:443\n", None),
            ("[192.0.2.1]\n", None),
            ("{ server: a.example }", None),
            ("[a.example](http://b.example)", None),
            ("a.example", None),
            ("", None),
        ] {
            let outline = Outline::of(text.as_bytes());
            assert_eq!(outline.map(|outline| outline.kind().0), kind, "{text}");
        }
    }
}
