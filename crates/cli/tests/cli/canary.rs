//! Secrets of feeds are nowhere to be seen, whatever is asked for and however a feed is damaged.

use super::*;

/// Stands in every secret, with a number; nothing else holds it.
const CANARY: &str = "cAnArY";

/// Texts of secrets, among them such as look like what we search for.
fn secret(number: usize) -> String {
    let number = number * 10;
    match number / 10 % 4 {
        0 => format!("{CANARY}{number}!x"),
        1 => format!("{CANARY}{number}@hospital.example"),
        2 => format!("{CANARY}{number}.hospital.example"),
        _ => format!("http://{CANARY}{number}.hospital.example/"),
    }
}

/// Feeds with a name, the format to ask for, and the text. Every one has a hit beside its secrets.
fn feeds() -> Vec<(&'static str, &'static str, String)> {
    let lines = |line: &dyn Fn(usize) -> String| (0..8).map(line).collect::<String>();
    let mut feeds = vec![
        ("combo.txt", "credentials", lines(&|n| format!("jan@hospital.example:{}\n", secret(n)))),
        (
            "stealer.txt",
            "credentials",
            lines(&|n| {
                format!(
                    "https://portal.hospital.example/login:jan@hospital.example:{}\n",
                    secret(n)
                )
            }),
        ),
        (
            "blocks.txt",
            "credentials",
            lines(&|n| {
                format!(
                    "URL: https://www.hospital.example/\nUsername: jan@hospital.example\nPassword: {}\n\n",
                    secret(n)
                )
            }),
        ),
    ];
    for (number, name) in [
        "password",
        "user_passwd",
        "Wachtwoord",
        "api_token",
        "session_cookie",
        "pw_hash",
        "client-secret",
        "PWD",
    ]
    .into_iter()
    .enumerate()
    {
        let name = name.replace('-', "_");
        let secret = secret(number);
        feeds.push((
            "rows.csv",
            "csv",
            format!("ip,{name},host\n192.0.2.7,\"{secret}\",www.hospital.example\n"),
        ));
        feeds.push((
            "rows.tsv",
            "tsv",
            format!("ip\t{name}\thost\n192.0.2.7\t{secret}\twww.hospital.example\n"),
        ));
        feeds.push(("rows.ndjson", "ndjson", format!("{{\"ip\":\"192.0.2.7\",\"{name}\":\"{secret}\",\"in\":{{\"{name}\":[\"{secret}\"]}}}}\n")));
    }
    feeds
}

#[track_caller]
fn assert_unseen(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let at = text.find(&CANARY.to_lowercase());
    assert!(
        at.is_none(),
        "{what}: {}",
        text[at.unwrap_or(0).saturating_sub(300)..].chars().take(600).collect::<String>()
    );
}

impl Place {
    /// Scans with every form of output and some options, and looks at all that was written.
    fn scan_unseen(&self, arguments: &[&str], feed: &[u8]) {
        self.write("leak", feed);
        self.write("k.csv", format!("{INVENTORY}K,keyword,hospital,,\nK,keyword,{CANARY}0,,\n"));
        for form in ["table", "ndjson", "csv", "intelmq"] {
            for options in
                [&[][..], &["--roles", "all", "--local-space", "--keywords", "--progress", "json"]]
            {
                let all =
                    [&["-o", form, "-p", "k.csv"][..], arguments, options, &["leak"]].concat();
                let scan = self.scan(&all);
                let what = format!("{all:?}");
                assert_unseen(&what, scan.out.as_bytes());
                assert_unseen(&what, scan.err.as_bytes());
                assert_unseen(&what, scan.summary.to_string().as_bytes());
            }
            let out = [&["-o", form, "--out", "hits", "--roles", "all"][..], arguments, &["leak"]]
                .concat();
            self.scan(&out);
            assert_unseen("--out", &fs::read(self.path("hits")).expect("it is there"));
        }
    }
}

#[test]
fn no_output_of_a_scan_shows_a_secret() {
    let place = Place::new();
    for (name, format, feed) in feeds() {
        place.write("leak", &feed);
        let scan = place.scan(&["-f", format, "leak"]);
        assert_eq!(scan.exits(0).err, "", "{name}");
        place.scan_unseen(&["-f", format], feed.as_bytes());
    }
}

#[test]
fn nor_does_an_explanation() {
    let place = Place::new();
    for (name, format, feed) in feeds() {
        place.write("leak", &feed);
        for line in 1..=feed.lines().count() {
            let at = format!("leak:{line}");
            for options in [&[][..], &["--participant", "A"]] {
                let ran = place.run(
                    &[&["explain", "-p", "p.csv", "-f", format, "--at", &at][..], options].concat(),
                );
                assert!(ran.code < 2, "{name}: {}", ran.err);
                assert_unseen(name, ran.out.as_bytes());
                assert_unseen(name, ran.err.as_bytes());
            }
        }
    }
}

#[test]
fn nor_where_a_record_is_longer_than_what_is_looked_at() {
    let place = Place::new();
    // Beyond 64 KiB a column is not known, and a record of CSV ends at 1 MiB. A key of JSON is looked
    // for so far back only: a secret of more than 64 KiB is not known to be one.
    for bytes in [70_000, 1_200_000] {
        let pad = "x ".repeat(bytes / 2);
        for number in 0..4 {
            let secret = secret(number);
            for (format, feed) in [
                ("credentials", format!("jan@hospital.example:{pad}{secret}\n")),
                ("credentials", format!("jan@hospital.example:{secret}{pad}\n")),
                ("credentials", format!("{pad}jan@hospital.example:{secret}\n")),
                ("csv", format!("ip,pad,password\n192.0.2.7,{pad},{secret}\n")),
                ("csv", format!("ip,pad,password\n192.0.2.7,\"{pad}\",\"{secret}\"\n")),
                ("csv", format!("ip,password,pad\n192.0.2.7,{secret},{pad}\n")),
                ("csv", format!("ip,password\n192.0.2.7,{pad}{secret}\n")),
                ("csv", format!("ip,password\n192.0.2.7,\"{secret},\n{pad}\n")),
                ("tsv", format!("ip\tpad\tpassword\n192.0.2.7\t{pad}\t{secret}\n")),
                (
                    "ndjson",
                    format!(
                        "{{\"ip\":\"192.0.2.7\",\"pad\":\"{pad}\",\"password\":\"{secret}\"}}\n"
                    ),
                ),
            ] {
                place.write("leak", &feed);
                let scan = place.scan(&["-f", format, "--roles", "all", "leak"]);
                let what = format!("{format} {bytes} {:?}…", &feed[..40]);
                assert_unseen(&what, scan.out.as_bytes());
                assert_unseen(&what, scan.err.as_bytes());
            }
        }
    }
}

#[test]
fn nor_where_a_feed_is_damaged() {
    let place = Place::new();
    // Every other feed, which are of all formats, for each is scanned forty times.
    for (_, format, feed) in feeds().into_iter().step_by(2) {
        let options = ["-f", format];
        // Cut within a record, without its last line end, with NULs and bytes of no encoding.
        place.scan_unseen(&options, &feed.as_bytes()[..feed.len() - 4]);
        place.scan_unseen(&options, feed.replace(',', ",\0").as_bytes());
        let mut latin1 = feed.clone().into_bytes();
        latin1.extend(b"\xff\xfe\xe9\n");
        place.scan_unseen(&options, &latin1);
        // A packed one whose end is missing.
        let mut packed = Vec::new();
        let mut encoder =
            flate2::read::GzEncoder::new(feed.as_bytes(), flate2::Compression::fast());
        encoder.read_to_end(&mut packed).expect("memory can be read");
        place.scan_unseen(&options, &packed[..packed.len() - 9]);
    }
}
