//! The strings of a line or a part of JSON, with their pointers.

use crate::text::{Byte, push_char};

/// A piece of a line.
pub(crate) struct Piece {
    /// The RFC 6901 pointer of a string, a key's that of its member; none for what is no string.
    pub(crate) pointer: Option<String>,
    /// How many objects and arrays it is in.
    pub(crate) depth: usize,
    /// Whether it is the key of a member.
    pub(crate) is_key: bool,
    /// The keys on the way to it.
    pub(crate) keys: Vec<String>,
    /// The bytes, those of a string decoded.
    pub(crate) bytes: Vec<Byte>,
}

impl Piece {
    fn between(bytes: Vec<Byte>) -> Self {
        Self { pointer: None, depth: 0, is_key: false, keys: Vec::new(), bytes }
    }
}

/// The strings of a line, and what stands between them.
///
/// A line may be cut short or no JSON at all, so brackets and commas name what follows as far as
/// they can, and a string that does not close ends with the line: what it is called may say that
/// it is a secret.
pub(crate) fn pieces(bytes: &[Byte]) -> Vec<Piece> {
    pieces_within(bytes, false, None)
}

/// The same of a part of a document, which may begin with the key of a member, and in which a
/// line end ends a string.
pub(crate) fn pieces_within(bytes: &[Byte], is_member: bool, line_end: Option<u8>) -> Vec<Piece> {
    let mut parser = Parser { bytes, at: 0, line_end };
    let mut open: Vec<Open> = Vec::new();
    if is_member {
        open.push(Open::Object(None));
    }
    let mut found = Vec::new();
    let mut between = Vec::new();
    while let Some(&byte) = bytes.get(parser.at) {
        parser.at += 1;
        match byte.b {
            b'"' => {
                found.push(Piece::between(std::mem::take(&mut between)));
                let string = parser.string();
                let is_key = matches!(open.last(), Some(Open::Object(None)));
                if let Some(Open::Object(key @ None)) = open.last_mut() {
                    let raw: Vec<u8> = string.iter().map(|b| b.b).collect();
                    *key = Some(String::from_utf8_lossy(&raw).into_owned());
                }
                found.push(Piece {
                    pointer: Some(pointer(&open)),
                    depth: open.len(),
                    is_key,
                    keys: keys(&open),
                    bytes: string,
                });
                continue;
            }
            b'{' => open.push(Open::Object(None)),
            b'[' => open.push(Open::Array(0)),
            b'}' | b']' => drop(open.pop()),
            b',' => match open.last_mut() {
                Some(Open::Object(key)) => *key = None,
                Some(Open::Array(index)) => *index += 1,
                None => {}
            },
            _ => {}
        }
        between.push(byte);
    }
    found.push(Piece::between(between));
    found
}

enum Open {
    /// With the key whose value comes.
    Object(Option<String>),
    /// With the index of the element that comes.
    Array(usize),
}

fn keys(open: &[Open]) -> Vec<String> {
    let key = |open: &Open| match open {
        Open::Object(key) => key.clone(),
        Open::Array(_) => None,
    };
    open.iter().filter_map(key).collect()
}

fn pointer(open: &[Open]) -> String {
    let step = |open: &Open| match open {
        Open::Object(Some(key)) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Open::Object(None) => String::new(),
        Open::Array(index) => format!("/{index}"),
    };
    open.iter().map(step).collect()
}

/// A key without its escapes.
pub(crate) fn decoded(raw: &str) -> String {
    let bytes: Vec<Byte> = raw.bytes().map(|b| Byte::new(b, 0)).collect();
    let string = Parser { bytes: &bytes, at: 0, line_end: None }.string();
    let bytes: Vec<u8> = string.iter().map(|byte| byte.b).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

struct Parser<'a> {
    bytes: &'a [Byte],
    at: usize,
    /// The byte that ends a string which nobody closed.
    line_end: Option<u8>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).map(|b| b.b)
    }

    fn expect(&mut self, b: u8) -> Option<()> {
        (self.peek()? == b).then(|| self.at += 1)
    }

    /// The string whose quote was read; what is no escape of JSON stays as it is.
    fn string(&mut self) -> Vec<Byte> {
        let mut out = Vec::new();
        while let Some(&byte) = self.bytes.get(self.at) {
            if self.line_end == Some(byte.b) {
                break;
            }
            self.at += 1;
            let behind = self.at;
            match byte.b {
                b'"' => break,
                b'\\' => match self.escape() {
                    Some(c) => push_char(&mut out, c, byte.at),
                    None => {
                        self.at = behind;
                        out.push(byte);
                    }
                },
                _ => out.push(byte),
            }
        }
        out
    }

    fn escape(&mut self) -> Option<char> {
        let b = self.peek()?;
        self.at += 1;
        Some(match b {
            b'"' | b'\\' | b'/' => char::from(b),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                let low = self.low_surrogate(unit);
                let units = std::iter::once(unit).chain(low);
                let c = char::decode_utf16(units).next()?;
                c.unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return None,
        })
    }

    /// The second half of a pair, if `unit` is a first half and a second one follows.
    fn low_surrogate(&mut self, unit: u16) -> Option<u16> {
        if !(0xD800..0xDC00).contains(&unit) {
            return None;
        }
        let before = self.at;
        let low = self.expect(b'\\').and_then(|()| self.expect(b'u')).and_then(|()| self.unit());
        if !low.is_some_and(|low| (0xDC00..0xE000).contains(&low)) {
            self.at = before;
            return None;
        }
        low
    }

    fn unit(&mut self) -> Option<u16> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        let text: String = digits.iter().map(|b| char::from(b.b)).collect();
        self.at += 4;
        text.chars().all(|c| c.is_ascii_hexdigit()).then_some(())?;
        u16::from_str_radix(&text, 16).ok()
    }
}
