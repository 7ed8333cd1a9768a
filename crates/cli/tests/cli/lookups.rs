//! Single indicators.

use super::*;

#[test]
fn every_kind_of_indicator_is_looked_up() {
    let place = Place::new();
    for (indicator, expected) in [
        ("192.0.2.200", &["B inside 192.0.2.128/25", "A inside 192.0.2.0/24"][..]),
        ("192.0.2.0/24", &["B covers 192.0.2.128/25", "A equal 192.0.2.0/24"]),
        ("192.0.2.100-192.0.2.140", &["B overlaps 192.0.2.128/25", "A inside 192.0.2.0/24"]),
        (
            "0.0.0.0/0",
            &[
                "B covers 192.0.2.128/25",
                "C covers 198.51.100.10-198.51.100.99",
                "A covers 192.0.2.0/24",
                "L covers 10.20.0.0/16",
            ],
        ),
        ("10.20.3.4", &["L inside 10.20.0.0/16"]),
        ("::ffff:192.0.2.7", &["A inside 192.0.2.0/24"]),
        ("WWW.Hospital.Example.", &["A subdomain hospital.example"]),
        ("-x.hospital.example", &["A subdomain hospital.example"]),
        ("*.hospital.example", &["A equal hospital.example"]),
        (".hospital.example", &["A equal hospital.example"]),
        ("m\u{fc}nchen-klinik.example", &["C equal xn--mnchen-klinik-wob.example"]),
        ("Jan@Shared.example", &["B equal jan@shared.example"]),
        ("x@mail.hospital.example", &["A subdomain hospital.example"]),
        ("192.0.3.1", &[]),
        ("*.example", &[]),
        ("nothospital.example", &[]),
    ] {
        let ran = place.run(&["lookup", "-p", "p.csv", "--", indicator]);
        let found: Vec<String> = ran
            .exits(i32::from(expected.is_empty()))
            .is_quiet()
            .rows()
            .iter()
            .map(|row| {
                format!("{} {} {}", row["participant"], row["relation"], row["asset"])
                    .replace('"', "")
            })
            .collect();
        assert_eq!(found, expected, "{indicator}");
    }
    let one = place.run(&["lookup", "-p", "p.csv", "hospital.example"]);
    assert_eq!(
        one.out,
        "{\"indicator\":\"hospital.example\",\"kind\":\"domain\",\"relation\":\"equal\",\"participant\":\"A\",\
         \"group\":\"health\",\"asset\":\"hospital.example\",\"asset_kind\":\"domain\",\"label\":\"main site\"}\n"
    );
    let table = place.run(&["lookup", "-p", "p.csv", "-o", "table", "hospital.example"]);
    assert!(table.exits(0).out.starts_with("indicator"));
}

#[test]
fn lookups_come_from_standard_input_too() {
    let place = Place::new();
    place.run(&["compile", "-p", "p.csv", "-o", "p.image"]).exits(0);
    let ran = place.run_with_stdin(
        &["lookup", "-i", "p.image"],
        "hospital.example\r\n\n 192.0.2.7 \nother.example",
    );
    assert_eq!(ran.exits(0).is_quiet().column("asset"), ["hospital.example", "192.0.2.0/24"]);
    let long = format!("{}\nhospital.example\n", "a".repeat(10_000));
    let ran = place.run_with_stdin(&["lookup", "-i", "p.image"], long);
    ran.exits(2).says("-:1: a line of more than 4,096 bytes; expected an address");
    assert_eq!(ran.column("participant"), ["A"]);
    place
        .run_with_stdin(&["lookup", "-i", "p.image"], b"\xff\xfe\n")
        .exits(2)
        .says("-:1: bytes that are not UTF-8");
    place.run_with_stdin(&["lookup", "-i", "p.image"], "").exits(1).is_quiet();
    for (indicator, what) in [
        ("hospital", "hospital: a single label; expected an address"),
        ("010.1.2.3", "010.1.2.3: a number with a leading zero"),
        ("192.0.2.0/33", "192.0.2.0/33: a prefix length beyond"),
        ("192.0.2.9-192.0.2.1", "192.0.2.9-192.0.2.1: a range whose end lies before its start"),
        (
            "http://hospital.example/",
            "http://hospital.example/: a label that is no part of a domain name",
        ),
        ("a b@hospital.example", "a b@hospital.example: no local part"),
    ] {
        let ran = place.run(&["lookup", "-i", "p.image", indicator, "192.0.2.7"]);
        ran.exits(2).says(what);
        assert_eq!(ran.column("participant"), ["A"]);
    }
}

/// Whoever asks line by line gets each answer before the next question.
#[test]
fn answers_are_not_held_back() {
    let place = Place::new();
    let mut child = place
        .command(&["lookup", "-p", "p.csv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let (mut ask, mut answer) =
        (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    for _ in 0..3 {
        ask.write_all(b"hospital.example\n").expect("asked");
        let mut byte = [0];
        while byte != [b'\n'] {
            answer.read_exact(&mut byte).expect("answered");
        }
    }
    drop(ask);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
