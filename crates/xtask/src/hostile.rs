//! Feeds that are made to be slow to read, or to need much memory.

/// What a hostile feed is full of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hostile {
    /// CSV with a quote that nothing closes.
    StrayQuote,
    /// CSV of nothing but quotes.
    Quotes,
    /// One line without an end.
    OneLine,
    /// What makes a scanner read a word with care: brackets, escapes, other scripts.
    Triggers,
    /// Names that miss an asset by a letter or a label.
    NearMisses,
    /// Names of 127 labels under an asset's name, one letter off.
    Labels,
    /// Dots and digits that are no address.
    Dots,
    /// Colons and digits that are no address.
    Colons,
    /// Signs of mail addresses.
    Ats,
    /// URLs within URLs.
    Urls,
    /// Escapes of escapes.
    Percents,
    /// Backslashes in strings of JSON.
    Backslashes,
    /// A JSON document of brackets.
    Brackets,
    /// Line ends and nothing else.
    Blank,
    /// Bytes of no encoding.
    Binary,
}

impl Hostile {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::StrayQuote,
        Self::Quotes,
        Self::OneLine,
        Self::Triggers,
        Self::NearMisses,
        Self::Labels,
        Self::Dots,
        Self::Colons,
        Self::Ats,
        Self::Urls,
        Self::Percents,
        Self::Backslashes,
        Self::Brackets,
        Self::Blank,
        Self::Binary,
    ];

    /// The format to read it in.
    #[must_use]
    pub const fn format(self) -> &'static str {
        match self {
            Self::StrayQuote | Self::Quotes => "csv",
            Self::Backslashes => "ndjson",
            Self::Brackets => "json",
            _ => "text",
        }
    }

    /// So many bytes of it, with `names` as those that participants own.
    ///
    /// # Example
    ///
    /// ```
    /// use xtask::Hostile;
    /// let feed = Hostile::Dots.feed(1000, &["hospital.example".to_owned()]);
    /// assert_eq!(feed.len(), 1000);
    /// ```
    ///
    /// # Panics
    ///
    /// Without a name.
    #[must_use]
    pub fn feed(self, bytes: usize, names: &[String]) -> Vec<u8> {
        assert!(!names.is_empty(), "hostile feeds aim at names");
        let fill = |head: &[u8], pieces: &[&[u8]]| {
            let mut feed = head.to_vec();
            for &piece in pieces.iter().cycle() {
                if feed.len() >= bytes {
                    break;
                }
                feed.extend_from_slice(piece);
            }
            feed.truncate(bytes);
            feed
        };
        match self {
            Self::StrayQuote => fill(b"a,b\n1,\"x,", &[b"192.0.3.7,nothing.example\n"]),
            Self::Quotes => fill(b"a,b\n", &[b"\"\",", b"\"\"\"\"\"\"\n"]),
            Self::OneLine => fill(b"", &[b"nothing.example 203.0.113.9,"]),
            Self::Triggers => fill(
                b"",
                &[
                    b"a[.]b[.]c ",
                    b"a(dot)b ",
                    b"x\xe3\x80\x82y ",
                    b"hxxp[:]//q ",
                    b"http://%68%2E ",
                    b"\\u002e ",
                    b"\xc2\xad.\xe2\x80\x8b\n",
                ],
            ),
            Self::NearMisses => {
                let misses: Vec<String> = names
                    .iter()
                    .flat_map(|name| {
                        let (_, rest) = name.split_once('.').unwrap_or(("", name));
                        [format!("x{name}\n"), format!("y.{rest}\n"), format!("{name}x ")]
                    })
                    .collect();
                let misses: Vec<&[u8]> = misses.iter().map(String::as_bytes).collect();
                fill(b"", &misses)
            }
            Self::Labels => {
                let long: Vec<String> =
                    names.iter().map(|name| format!("{}x{name}\n", "a.".repeat(100))).collect();
                let long: Vec<&[u8]> = long.iter().map(String::as_bytes).collect();
                fill(b"", &long)
            }
            Self::Dots => fill(b"", &[b"1.1.1.1.1.1.1.1 ", b"1.2.3. ", b"...... ", b"256.1.1.1\n"]),
            Self::Colons => {
                fill(b"", &[b"1:2:3:4:5:6:7:8:9 ", b":::::: ", b"fe80::1::2 ", b"12:34\n"])
            }
            Self::Ats => fill(b"", &[b"a@b@c@d ", b"@@@@ ", b"\"a@b\"@c\n"]),
            Self::Urls => fill(b"", &[b"http://http://a/http://b@c/?u=http://d#http://e "]),
            Self::Percents => fill(b"", &[b"http://a/%25252E%2525%252Fb%40c ", b"%E2%88%95%\n"]),
            Self::Backslashes => {
                fill(b"", &[br#"{"a":"\\\"\\u002e\\\\.\u002e\\","b":"\/\/"}"#, b"\n"])
            }
            Self::Brackets => fill(b"", &[b"[{\"a\":", b"[[[[", b"{\"b\":["]),
            Self::Blank => fill(b"", &[b"\n", b" \r\n"]),
            Self::Binary => fill(b"", &[b"\0\xff\xfe\x80.\x80\xc0\xae\xed\xa0\x80 ", b"\r"]),
        }
    }
}
