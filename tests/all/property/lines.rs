//! Lines of notations that have one entry a line, with pieces where names and addresses stand.

use feedsieve_tests::{AssetRow, Format};

use super::pieces::{Draw, near, run};

/// Some lines, each glued together from what the notation is made of.
pub(super) fn lines(draw: &mut Draw, inventory: &[AssetRow], format: Format) -> Vec<Vec<u8>> {
    let (entries, glue) = made_of(format);
    let mut pieces: Vec<Vec<u8>> = Vec::new();
    for _ in 0..1 + draw.below(6) {
        match draw.below(4) {
            0 => {
                for _ in 0..1 + draw.below(4) {
                    match draw.below(3) {
                        0 => pieces.extend(run(draw, inventory)),
                        _ => pieces.push(draw.one(glue).into()),
                    }
                }
            }
            // `@` in an entry is where an asset stands, or something near one.
            _ => {
                for (index, part) in draw.one(entries).split('@').enumerate() {
                    if index > 0 {
                        let row = draw.one(inventory);
                        match draw.below(4) {
                            0 => pieces.extend(run(draw, inventory)),
                            1 => pieces.push(row.value.into()),
                            _ => pieces.push(near(draw, &row).into()),
                        }
                    }
                    pieces.push(part.into());
                }
            }
        }
        if draw.chance(6) {
            pieces.push(draw.one(glue).into());
        }
        pieces.push(draw.one(&["\n", "\n", "\r\n", "\n\n"]).into());
    }
    pieces
}

/// Entries of a notation, and what else its lines hold.
fn made_of(format: Format) -> (&'static [&'static str], &'static [&'static str]) {
    match format {
        Format::Hosts => (
            &["0.0.0.0 @", "127.0.0.1\t@ @", "::1 @ # @", "@ @", "192.0.2.5 @", "@"],
            &[" ", "\t", "#", " # ", ";", "0.0.0.0", "::", "127.0.0.1 ", "%lo0", "fe80::1%lo0 "],
        ),
        Format::Adblock => (
            &["||@^", "||@^$third-party", "@", "@@||@^", "||@/ads.js", "|http://@/x|", "@##.ad"],
            &[
                "||", "|", "@@", "^", "$", "$domain=", "##", "#@#", "! ", "!", "*", "/", "[", "]",
                "# ",
            ],
        ),
        Format::Dnsmasq => (
            &["address=/@/0.0.0.0", "server=/@/", "server=/@/#", "local=/@/@/@", "@"],
            &["=", "/", "#", " #", ";", "address", "server=/", "/#", " ", "--", "-"],
        ),
        Format::Unbound => (
            &[
                "local-zone: \"@\" static",
                "local-zone: @ transparent",
                "local-data: \"@ A @\"",
                "@",
            ],
            &["local-zone:", "local-data: ", "\"", "'", " ", "#", " # ", "transparent", ":"],
        ),
        Format::Bind => (
            &["zone \"@\" {", "zone @ { file \"@\"; };", "  file \"@\";", "  @; // @", "@"],
            &["zone ", "file ", "\"", "{", "};", "//", " // ", "#", "/*", "*/", " "],
        ),
        Format::Rpz => (
            &[
                "@ CNAME .",
                "*.@ CNAME .",
                "@ CNAME rpz-passthru.",
                "@.rpz.test. 30 IN CNAME *.",
                "$ORIGIN @.",
                "$ORIGIN @.rpz.test.",
                "$ORIGIN nl.rpz.test.",
                "rpz.test. IN SOA @ @ 1 2 3 4 5",
                "32.5.2.0.192.rpz-ip CNAME .",
                "24.0.2.0.192.rpz-ip.rpz.test. CNAME .",
                "48.zz.10.db8.2001.RPZ-IP CNAME . ; @",
                "@.rpz-nsdname A @",
                "@",
                "hospital A 0.0.0.0",
            ],
            &[
                " ",
                "\t",
                ";",
                " ; ",
                "$ORIGIN ",
                "nl",
                ".",
                "CNAME .",
                "IN",
                " NS ",
                "300",
                ".rpz-ip",
                "rpz.test.",
                "zz",
                "*.",
                "8.",
                " A ",
            ],
        ),
        Format::Rbldnsd => (
            &["@", ".@", "!@", "*.@ :127.0.0.2:@", ":127.0.0.2:@", "$SOA @ @", "! @ # @", "@ @"],
            &[" ", "!", ":", "$", "#", " # ", ".", "*.", ":2:"],
        ),
        Format::P2p => (
            &[
                "x:192.0.2.0-192.0.2.255",
                "@:192.000.002.010 - 192.000.002.099",
                "192.000.002.000 - 192.000.002.255 , 000 , @",
                "192.0.2.200 - 192.000.003.010 , 200 , x",
                "198.051.100.007-198.51.100.7",
                "x:@-@",
                "@ - @ , 100 , x",
                "@",
            ],
            &[" ", "-", " - ", ":", ",", " , ", "000", "127", "#", " # ", "192.000.002.005", "."],
        ),
        Format::Zeek => (
            &[
                "#fields\tindicator\tpassword\tmeta.source\tnote",
                "#fields\tua\t\tmeta.url\treference\tid.orig_h",
                "#separator \\x09",
                "#separator \\x7c",
                "@\t@\t@",
                "@ # @\t@",
                "# @",
                "@\tIntel::ADDR\t@\t@",
            ],
            &["\t", " ", "#", " #", "#fields\t", "#separator ", ",", "|", "\\x", "(empty)"],
        ),
        Format::Suricata => (
            &[
                "alert dns any any -> any any (msg:\"@\"; content:\"@\"; nocase; sid:1;)",
                "pass ip [@,!@] any -> any any (content:!\"@\"; reference:url,@;)",
                "drop http @ any -> @ any (content:\"@\",nocase; metadata: x @; )",
                "alert dns any any -> any any (content:\"|08|hospital|02|nl|00|\"; content:\"@|2e|@\";)",
                "# alert ip @ any -> any any (sid:1;)",
                "@",
            ],
            &[
                "(",
                ")",
                ";",
                "\"",
                "!",
                ":",
                "content:",
                "reference:",
                "\\",
                "#",
                " ",
                "pass ",
                "|",
                "|2e|",
                "|2E 77|",
                "|03|www",
            ],
        ),
        Format::Credentials => (
            &[
                "@:@",
                "jan@hospital.nl:@",
                "@:x@gmail.com:@",
                "https://@:@:@",
                "https://@/login:1:@:@",
                "@/x:jan:@",
                "@:8443/x:@:@",
                "URL: https://@/",
                "Username: @",
                "Password: @",
                "Login: @ Password: @",
                "@ @",
                "@|@",
                "@",
            ],
            &[
                ":",
                ";",
                "|",
                ",",
                "\t",
                " ",
                "/",
                "?",
                "://",
                "https://",
                ":80",
                ":443/",
                ":1:",
                "password:",
                "pw: ",
                "Host: ",
                "user: ",
            ],
        ),
        _ => unreachable!("{format:?} has fields"),
    }
}
