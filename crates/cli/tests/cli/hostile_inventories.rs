//! Inventories that are clumsy or hostile: refused row by row, or harmless.

use std::time::{Duration, Instant};

use super::*;

/// Rows that are refused, with what is said; the good row beside them is used.
#[test]
fn rows_that_would_match_everything_or_steer_something_are_refused() {
    let place = Place::new();
    let long = "a.".repeat(127) + "example";
    let huge = "x".repeat(3 << 20);
    for (row, message) in [
        ("A,domain,com", "public suffix"),
        ("A,domain,co.uk", "public suffix"),
        ("A,domain,.", ""),
        ("A,domain,*", ""),
        ("A,prefix,0.0.0.0/0", ""),
        ("A,prefix,::/0", ""),
        ("A,prefix,10.0.0.0/7", ""),
        ("A,range,0.0.0.0-255.255.255.255", ""),
        ("A,range,192.0.2.9-192.0.2.1", ""),
        ("A,prefix,010.0.0.1", ""),
        ("A,keyword,abc", ""),
        ("A,keyword,ab\u{1b}[2Jcd", "control character"),
        ("\"A\",keyword,ab\u{202e}cd", "control character"),
        ("A,email,@", ""),
        ("A,email_domain,nl", ""),
        ("\"A\u{1b}[2J\",domain,x.example", ""),
        ("\"A\u{202e}\",domain,x.example", ""),
        ("\"A\0\",domain,x.example", ""),
        ("\"A\nB\",domain,x.example", ""),
        (",domain,x.example", ""),
        ("A,nonsense,x.example", ""),
        (&format!("A,domain,{long}"), ""),
        (&format!("A,domain,{huge}"), ""),
        (&format!("{huge},domain,x.example"), ""),
    ] {
        place.write("bad.csv", format!("participant,kind,value\n{row}\nB,prefix,192.0.2.0/24\n"));
        let scan = place.scan(&["-p", "bad.csv", "list.txt"]);
        scan.exits(2).says("bad.csv:").says(message);
        assert_harmless(&scan.err);
        assert!(scan.err.len() < 2000, "a message of {} bytes", scan.err.len());
        assert_eq!(scan.column("participant"), ["B"], "{}", &row[..row.len().min(60)]);
    }
}

/// Rows that are right, however odd: they concern what they say, and nothing is written elsewhere.
#[test]
fn odd_rows_are_harmless() {
    let place = Place::new();
    let deep = "a.".repeat(118) + "example";
    place.write("deep.txt", format!("x.{deep}\n192.0.2.7\n"));
    for (row, participants) in [
        ("../../x,prefix,192.0.2.0/24", vec!["../../x"]),
        ("/etc/passwd,prefix,192.0.2.0/24", vec!["/etc/passwd"]),
        ("..,prefix,192.0.2.0/24", vec![".."]),
        ("-rf,prefix,192.0.2.0/24", vec!["-rf"]),
        ("=1+1,prefix,192.0.2.0/24", vec!["=1+1"]),
        ("$(reboot),prefix,192.0.2.0/24", vec!["$(reboot)"]),
        ("a,prefix,192.0.2.0/24\nA,prefix,192.0.2.0/24", vec!["A", "a"]),
        ("\u{e9},prefix,192.0.2.0/24\ne\u{301},prefix,192.0.2.0/24", vec!["e\u{301}", "\u{e9}"]),
        (&format!("A,domain,{deep}"), vec!["A"]),
    ] {
        place.write("odd.csv", format!("participant,kind,value\n{row}\n"));
        let before = fs::read_dir(place.0.path()).expect("a folder").count();
        let scan = place.scan(&["-p", "odd.csv", "deep.txt"]);
        let mut found = scan.exits(0).column("participant");
        found.sort();
        assert_eq!(found, participants, "{row}");
        // The account is the only file that may be new.
        let after = fs::read_dir(place.0.path()).expect("a folder").count();
        assert!(after <= before + 1);
    }
    // Two ids that differ in case only are told of.
    place.write(
        "case.csv",
        "participant,kind,value\na,prefix,192.0.2.0/24\nA,prefix,192.0.2.0/24\n",
    );
    place.run(&["check", "-p", "case.csv"]).exits(1);
}

#[test]
fn inventories_that_are_made_to_be_slow_are_not() {
    let place = Place::new();
    place.write("one.txt", "192.0.2.7\nx.hospital.example\n");
    let head = "participant,kind,value\nB,prefix,192.0.2.0/24\n";
    let nested: String = (8..=32)
        .flat_map(|len| (0..400).map(move |n| format!("P{n},prefix,192.0.2.7/{len}\n")))
        .collect();
    let overlapping: String = (0..4000_u32)
        .map(|n| format!("R{n},range,192.0.{}.{}-192.0.{}.255\n", n / 512, n % 256, n / 512 + 1))
        .collect();
    let labels: String =
        (0..100).map(|n| format!("L{n},domain,{}hospital.example\n", "a.".repeat(n))).collect();
    let owners: String = (0..20_000).map(|n| format!("O{n},prefix,192.0.2.7/32\n")).collect();
    for (what, rows) in
        [("nested", nested), ("overlapping", overlapping), ("labels", labels), ("owners", owners)]
    {
        place.write("slow.csv", format!("{head}{rows}"));
        let begun = Instant::now();
        let scan = place.scan(&["-p", "slow.csv", "one.txt"]);
        assert!(scan.exits(0).column("participant").contains(&"B".to_owned()), "{what}");
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}: {:?}", begun.elapsed());
    }
}
