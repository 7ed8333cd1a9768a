//! The strings of one JSON value, with their pointers.

use crate::text::{Byte, push_char};

/// A string's RFC 6901 pointer and its decoded bytes.
type Found = (String, Vec<Byte>);

/// Every string of the value, keys too (under the pointer of their member), and what is left from
/// where the text is no JSON.
///
/// A line that was cut short keeps the fields before the cut: their names say which are secrets.
pub(crate) fn strings(bytes: &[Byte]) -> (Vec<Found>, &[Byte]) {
    let mut parser = Parser { bytes, at: 0, found: Vec::new() };
    let is_whole = parser.value("", 0).is_some();
    if is_whole {
        parser.blanks();
    }
    (parser.found, &bytes[parser.at..])
}

struct Parser<'a> {
    bytes: &'a [Byte],
    at: usize,
    found: Vec<Found>,
}

/// As deep as the usual parsers go.
const MAX_DEPTH: usize = 128;

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).map(|b| b.b)
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b" \t\r\n".contains(&b)) {
            self.at += 1;
        }
    }

    fn expect(&mut self, b: u8) -> Option<()> {
        (self.peek()? == b).then(|| self.at += 1)
    }

    fn value(&mut self, pointer: &str, depth: usize) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.blanks();
        match self.peek()? {
            b'"' => {
                let text = self.string()?;
                self.found.push((pointer.to_owned(), text));
                Some(())
            }
            b'{' => self.members(pointer, depth, b'}'),
            b'[' => self.members(pointer, depth, b']'),
            _ => self.scalar(),
        }
    }

    fn members(&mut self, pointer: &str, depth: usize, close: u8) -> Option<()> {
        self.at += 1;
        self.blanks();
        if self.expect(close).is_some() {
            return Some(());
        }
        for index in 0.. {
            let mut step = index.to_string();
            if close == b'}' {
                self.blanks();
                let key = self.string()?;
                let raw: Vec<u8> = key.iter().map(|b| b.b).collect();
                step = String::from_utf8_lossy(&raw).replace('~', "~0").replace('/', "~1");
                self.found.push((format!("{pointer}/{step}"), key));
                self.blanks();
                self.expect(b':')?;
            }
            self.value(&format!("{pointer}/{step}"), depth + 1)?;
            self.blanks();
            if self.expect(close).is_some() {
                return Some(());
            }
            self.expect(b',')?;
        }
        None
    }

    fn scalar(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) {
            self.at += 1;
        }
        let word: String = self.bytes[start..self.at].iter().map(|b| char::from(b.b)).collect();
        let literal = ["true", "false", "null"].contains(&&*word);
        let number = word.starts_with(|c: char| c == '-' || c.is_ascii_digit())
            && word.parse::<f64>().is_ok();
        (literal || number).then_some(())
    }

    fn string(&mut self) -> Option<Vec<Byte>> {
        self.expect(b'"')?;
        let mut out = Vec::new();
        loop {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            match byte.b {
                b'"' => return Some(out),
                b'\\' => {
                    let c = self.escape()?;
                    push_char(&mut out, c, byte.at);
                }
                _ => out.push(byte),
            }
        }
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
