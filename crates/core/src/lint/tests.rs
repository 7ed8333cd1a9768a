//! The rules of the lint as tables: rows in, findings out.

use super::{Level, Lint};

/// The findings about files of one inventory each, without the header that all have, as they are printed.
fn findings(files: &[&str]) -> Vec<String> {
    let mut lint = Lint::default();
    for (index, rows) in files.iter().enumerate() {
        let text = format!("participant,kind,value,accept,label,group\n{rows}");
        lint.read(&format!("{index}.csv"), text.as_bytes()).expect("it has a header");
    }
    let line = |found: super::Finding| {
        format!("{}:{} {} {}", found.file, found.line, found.level.name(), found.rule)
    };
    lint.findings().into_iter().map(line).collect()
}

/// Lines of `participant kind value`, in rows.
fn rows(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", line.trim().replacen(' ', ",", 2))).collect()
}

#[test]
fn single_rows_are_judged() {
    for (row, expected) in [
        ("A,prefix,192.0.2.0/24", &[][..]),
        ("A,domain,hospital.example", &[]),
        ("A,email,jan@hospital.example", &[]),
        ("A,range,192.0.2.1-192.0.2.9", &[]),
        ("A,prefix,172.0.0.0/8", &[]),
        ("A,range,10.255.255.0-11.0.0.9", &[]),
        ("A,prefix,192.0.2.5/24", &["warning host-bits"]),
        ("A,prefix,192.0.2.5", &["note no-length"]),
        ("A,domain,Hospital.example.", &["note trailing-dot", "note upper-case"]),
        ("A,domain,github.io", &["warning private-suffix"]),
        ("A,domain,com", &["error rejected"]),
        ("A,domain,com,registry", &["warning accepted"]),
        ("A,prefix,0.0.0.0/0", &["error rejected"]),
        ("A,prefix,198.0.0.0/7,ours", &["warning accepted"]),
        ("A,prefix,10.1.0.0/16", &["warning local-space"]),
        ("A,range,192.168.0.1-192.168.0.9", &["warning local-space"]),
        ("A,prefix,fd00::/8", &["error rejected"]),
        ("A,prefix,fd00::/32", &["warning local-space"]),
        ("A,prefix,192.0.2.0/33", &["error rejected"]),
    ] {
        let found = findings(&[&format!("Z,domain,z.example\n{row}")]);
        let expected: Vec<_> = expected.iter().map(|rule| format!("0:3 {rule}")).collect();
        assert_eq!(found, expected, "{row}");
    }
    assert_eq!(findings(&[""]), ["0:1 warning empty"]);
    assert_eq!(findings(&["A,domain,com\n"]), ["0:1 warning empty", "0:2 error rejected"]);
}

#[test]
fn participants_that_share_are_told_and_others_are_not() {
    for (text, expected) in [
        ("A prefix 192.0.2.0/24\nB prefix 192.0.3.0/24", &[][..]),
        ("A prefix 192.0.2.0/24\nB prefix 192.0.2.0/24", &["3 warning same-asset"]),
        ("A prefix 192.0.2.0/24\nB range 192.0.2.0-192.0.2.255", &["3 warning same-asset"]),
        (
            "A prefix 192.0.2.0/24\nA range 192.0.2.0-192.0.2.255\nB prefix 192.0.2.0/24",
            &["3 note redundant", "4 warning same-asset"],
        ),
        ("A prefix 192.0.2.0/24\nB prefix 192.0.2.128/25", &["3 warning inside"]),
        ("A prefix 192.0.2.128/25\nB prefix 192.0.2.0/24", &["2 warning inside"]),
        ("A range 192.0.2.1-192.0.2.9\nB range 192.0.2.9-192.0.2.12", &["3 warning overlap"]),
        ("A range 192.0.2.1-192.0.2.9\nB range 192.0.2.10-192.0.2.12", &[]),
        ("A prefix ::/19\nB prefix 192.0.2.0/24", &[]),
        ("A prefix 2001:db8::/32\nB prefix 2001:db8:1::/48", &["3 warning inside"]),
        // Between the two stands a narrower one of A itself.
        (
            "A prefix 192.0.2.128/25\nB prefix 192.0.2.0/24\nA prefix 192.0.0.0/16",
            &["2 warning inside", "2 note redundant", "3 warning inside"],
        ),
        // The one that is overlapped begins first, and one that ends earlier stands between.
        (
            "A range 192.0.2.1-192.0.2.20\nC prefix 192.0.2.4/32\nB range 192.0.2.9-192.0.2.40",
            &["3 warning inside", "4 warning overlap"],
        ),
        ("A domain hospital.example\nB domain other.example", &[]),
        ("A domain hospital.example\nB domain nothospital.example", &[]),
        ("A domain hospital.example\nB domain hospital.example", &["3 warning same-asset"]),
        ("A domain hospital.example\nB domain a.lab.hospital.example", &["3 warning inside"]),
        ("B domain a.lab.hospital.example\nA domain hospital.example", &["2 warning inside"]),
        ("A domain hospital.example\nB domain_exact hospital.example", &["3 warning inside"]),
        ("A domain_exact hospital.example\nB domain lab.hospital.example", &[]),
        ("A domain_exact hospital.example\nB domain hospital.example", &["2 warning inside"]),
        ("A domain hospital.example\nB email_domain hospital.example", &["3 warning inside"]),
        ("A email_domain hospital.example\nB domain hospital.example", &["2 warning inside"]),
        (
            "A email_domain hospital.example\nB domain_exact hospital.example",
            &["3 warning overlap"],
        ),
        ("A email_domain hospital.example\nB domain lab.hospital.example", &["3 warning overlap"]),
        ("A email_domain lab.hospital.example\nB domain_exact hospital.example", &[]),
        ("A domain hospital.example\nB email jan@lab.hospital.example", &["3 warning inside"]),
        ("A email_domain hospital.example\nB email jan@hospital.example", &["3 warning inside"]),
        ("A domain_exact hospital.example\nB email jan@hospital.example", &["3 warning inside"]),
        ("A domain_exact hospital.example\nB email jan@lab.hospital.example", &[]),
        ("A email jan@hospital.example\nB email jan@hospital.example", &["3 warning same-asset"]),
        ("A email jan@hospital.example\nB email ada@hospital.example", &[]),
        ("A keyword hospital.example\nB keyword hospital.example", &["3 warning same-asset"]),
        ("A domain hospital.example\nB keyword www.hospital.example", &[]),
        ("A keyword hospital.example\nB domain www.hospital.example", &[]),
    ] {
        let expected: Vec<_> = expected.iter().map(|found| format!("0:{found}")).collect();
        assert_eq!(findings(&[&rows(text)]), expected, "{text}");
    }
}

#[test]
fn rows_of_one_participant_are_compared_too() {
    for (text, expected) in [
        (
            "A,domain,a.example\nA,domain,A.example",
            &["3 warning duplicate", "3 note upper-case"][..],
        ),
        ("A,prefix,192.0.2.0/24\nA,prefix,192.0.2.0/25", &["3 note redundant"]),
        ("A,prefix,192.0.2.0/24\nA,prefix,192.0.2.0/25,,the ward", &[]),
        ("A,prefix,192.0.2.0/24,,x\nA,prefix,192.0.2.0/25,,x", &["3 note redundant"]),
        ("A,domain,a.example\nA,email,jan@b.a.example", &["3 note redundant"]),
        ("A,email_domain,a.example\nA,domain,b.a.example", &[]),
        ("A,email_domain,a.example\nA,domain_exact,a.example", &[]),
        ("H1,domain,a.example\nh1,domain,b.example", &["3 warning participant-case"]),
        ("H1,domain,a.example\nH2,domain,b.example", &[]),
        ("A,domain,a.example,,,x\nA,domain,b.example,,,y", &["3 warning groups"]),
        ("A,domain,a.example,,,x\nA,domain,b.example,,,x\nA,domain,c.example", &[]),
    ] {
        let expected: Vec<_> = expected.iter().map(|found| format!("0:{found}")).collect();
        assert_eq!(findings(&[text]), expected, "{text}");
    }
}

#[test]
fn several_files_are_one_inventory() {
    assert_eq!(
        findings(&[
            "A,domain,a.example\nB,domain,x.b.example\n",
            "a,domain,c.example\nA,domain,a.example\nA,domain,b.example\n",
        ]),
        ["0:3 warning inside", "1:2 warning participant-case", "1:3 warning duplicate"]
    );
}

#[test]
fn messages_name_both_rows_and_what_to_do() {
    let mut lint = Lint::default();
    let one = "participant,kind,value\nA,domain,hospital.example\nA,prefix,192.0.2.0/24\n\
               A,domain,www.hospital.example\nC,prefix,10.0.0.0/8\n";
    let two = "participant,kind,value,group\nB,domain,lab.hospital.example,x\n\
               B,range,192.0.2.0-192.0.2.255,\nB,range,192.0.2.200-192.0.3.9,y\na,domain,b.example,\n\
               A,domain,hospital.example,\nB,email_domain,b.example,x\n";
    lint.read("one.csv", one.as_bytes()).expect("it has a header");
    lint.read("t\u{202e}o.csv", two.as_bytes()).expect("it has a header");
    let shown: Vec<_> = lint
        .findings()
        .into_iter()
        .map(|found| format!("{}:{}:{}: {}", found.file, found.line, found.column, found.message))
        .collect();
    assert_eq!(
        shown,
        [
            "0:4:10: domain www.hospital.example of A lies within hospital.example of the same participant (line 2); the wider one finds the same, so the row may go",
            "0:5:10: prefix 10.0.0.0/8 of C is local space, which many networks use; a scan withholds hits on it unless asked for them, so write the addresses that others see",
            "1:2:10: domain lab.hospital.example of B lies within hospital.example of A (one.csv:2); hits there go to both, so remove one row if that is not meant",
            "1:3:9: range 192.0.2.0-192.0.2.255 of B is the same as prefix 192.0.2.0/24 of A (one.csv:3); hits there go to both, so remove one row if that is not meant",
            "1:4:9: participant B is in group y here and in x in line 2; write one group for a participant",
            "1:4:9: range 192.0.2.200-192.0.3.9 of B shares addresses with prefix 192.0.2.0/24 of A (one.csv:3); hits there go to both, so part them if that is not meant",
            "1:5:10: participant a differs from A (one.csv:2) in case only; write both alike if they are one",
            "1:6:10: domain hospital.example of A stands in one.csv:2 too; remove one",
            "1:7:16: email_domain b.example of B lies within domain b.example of a (line 5); hits there go to both, so remove one row if that is not meant",
        ]
    );
}

#[test]
fn an_inventory_that_cannot_be_read_leaves_the_others() {
    let mut lint = Lint::default();
    assert!(lint.read("broken.json", &b"[{"[..]).is_err());
    lint.read("ours.csv", &b"participant,value\nA,com\n"[..]).expect("it has a header");
    let levels: Vec<_> = lint.findings().iter().map(|found| (found.file, found.level)).collect();
    assert_eq!(levels, [(0, Level::Warning), (0, Level::Error)]);
}

/// Whoever else has an address of a row is told, as comparing every row with every other tells.
#[test]
fn shared_addresses_are_found_as_by_comparing_all() {
    let spans = proptest::collection::vec((0_u32..4, 0_u32..48, 0_u32..12), 1..24);
    proptest::proptest!(|(spans in spans)| {
        let text: String = spans.iter().map(|&(owner, first, more)| {
            format!("{owner},range,192.0.2.{first}-192.0.2.{}\n", first + more)
        }).collect();
        let found = findings(&[&text]);
        let meets = |a: (u32, u32), b: (u32, u32)| a.0 <= b.1 && b.0 <= a.1;
        let ends = |&(_, first, more): &(u32, u32, u32)| (first, first + more);
        let shares = spans.iter().any(|one| spans.iter().any(|other| {
            one.0 != other.0 && meets(ends(one), ends(other))
        }));
        let is_shared = |line: &String| ["same-asset", "inside", "overlap"].iter().any(|rule| line.ends_with(rule));
        proptest::prop_assert_eq!(found.iter().any(is_shared), shares);
        // A row that lies within another's is always named itself.
        for (index, one) in spans.iter().enumerate() {
            let (first, last) = ends(one);
            let is_inside = spans.iter().any(|other| {
                let (other_first, other_last) = ends(other);
                one.0 != other.0 && other_first <= first && last <= other_last && other_last - other_first > last - first
            });
            let is_first = !spans[..index].contains(one);
            let line = format!("0:{} warning inside", index + 2);
            proptest::prop_assert_eq!(found.contains(&line), is_inside && is_first, "{}", text);
        }
    });
}
