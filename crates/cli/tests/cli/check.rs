//! `feedsieve check`: what is wrong with an inventory.

use super::{Place, assert_harmless, keys};

#[test]
fn an_inventory_without_faults_is_checked_in_silence() {
    let place = Place::new();
    place.write(
        "good.csv",
        "participant,kind,value\nA,domain,hospital.example\nB,prefix,192.0.2.0/24\n",
    );
    let ran = place.run(&["check", "-p", "good.csv"]);
    assert_eq!(ran.exits(0).out, "");
    ran.says("feedsieve: 0 errors, 0 warnings and 0 notes of 2 assets, 1 file\n");
}

#[test]
fn findings_are_lines_with_a_place_a_level_and_what_to_do() {
    let place = Place::new();
    place.write(
        "ours.csv",
        "participant,kind,value,accept\n\
         A,prefix,192.0.2.5/24,\n\
         A,domain,com,\n\
         B,prefix,192.0.2.128/25,\n\
         A,prefix,192.0.2.5/24,\n\
         C,domain,nl,registry\n\
         C,prefix,10.1.0.0/16,\n\
         c,domain,Library.example,\n",
    );
    place.write("more.ndjson", "{\"participant\":\"D\",\"value\":\"www.library.example\"}\n");
    let ran = place.run(&["check", "-p", "ours.csv", "-p", "more.ndjson"]);
    ran.exits(1).says("feedsieve: 1 error, 8 warnings and 1 note of 7 assets, 2 files\n");
    assert_eq!(
        ran.out.lines().collect::<Vec<_>>(),
        [
            "ours.csv:2:10: warning: prefix 192.0.2.5/24 has host bits set; loaded as 192.0.2.0/24; write it so, or the length that is meant",
            "ours.csv:3:10: error: domain com is a public suffix; a name under it, or a reason in \"accept\"",
            "ours.csv:4:10: warning: prefix 192.0.2.128/25 of B lies within 192.0.2.0/24 of A (line 2); hits there go to both, so remove one row if that is not meant",
            "ours.csv:5:10: warning: prefix 192.0.2.0/24 of A stands in line 2 too; remove one",
            "ours.csv:5:10: warning: prefix 192.0.2.5/24 has host bits set; loaded as 192.0.2.0/24; write it so, or the length that is meant",
            "ours.csv:6:10: warning: domain nl is a public suffix; accepted because: registry",
            "ours.csv:7:10: warning: prefix 10.1.0.0/16 of C is local space, which many networks use; a scan withholds hits on it unless asked for them, so write the addresses that others see",
            "ours.csv:8:10: warning: participant c differs from C (line 6) in case only; write both alike if they are one",
            "ours.csv:8:10: note: domain Library.example has upper case letters; loaded as library.example",
            "more.ndjson:1:28: warning: domain www.library.example of D lies within library.example of c (ours.csv:8); hits there go to both, so remove one row if that is not meant",
        ]
    );
    let rows = place.run(&["check", "-o", "ndjson", "-p", "ours.csv"]).rows();
    assert_eq!(
        keys(&serde_json::to_string(&rows[0]).expect("JSON")).len(),
        6,
        "file, line, column, level, rule, message"
    );
    assert_eq!((&rows[1]["level"], &rows[1]["rule"]), (&"error".into(), &"rejected".into()));
    assert_eq!((&rows[1]["file"], &rows[1]["line"]), (&"ours.csv".into(), &3.into()));
}

#[test]
fn the_level_that_fails_is_chosen() {
    let place = Place::new();
    let header = "participant,kind,value";
    place.write("note.csv", format!("{header}\nA,domain,Hospital.example\n"));
    place.write("warning.csv", format!("{header}\nA,prefix,192.0.2.5/24\n"));
    place.write("error.csv", format!("{header}\nA,domain,a.example\nA,domain,com\n"));
    for (file, by_default, on_error) in
        [("note.csv", 0, 0), ("warning.csv", 1, 0), ("error.csv", 1, 1)]
    {
        let ran = place.run(&["check", "-p", file]);
        assert_eq!(ran.exits(by_default).out.lines().count(), 1, "{file}");
        place.run(&["check", "-p", file, "--fail-on", "warning"]).exits(by_default);
        place.run(&["check", "-p", file, "--fail-on", "error"]).exits(on_error);
    }
    place.run(&["check", "-p", "note.csv", "--fail-on", "note"]).exits(2);
}

#[test]
fn an_inventory_that_cannot_be_read_fails_and_the_others_are_checked() {
    let place = Place::new();
    place.write("broken.json", "[{\"participant\":");
    place.write("bad.csv", "participant,kind,value\nA,domain,com\n");
    let ran = place.run(&["check", "-p", "broken.json", "-p", "gone.csv", "-p", "bad.csv"]);
    ran.exits(2)
        .says("feedsieve: broken.json:1:")
        .says("feedsieve: gone.csv: there is no such file");
    ran.says("1 file\n");
    let levels: Vec<_> = ran.out.lines().map(|line| line.split(": ").nth(1)).collect();
    assert_eq!(levels, [Some("warning"), Some("error")]);
    place.run(&["check"]).exits(2);
}

#[test]
fn findings_do_not_steer_a_terminal() {
    let place = Place::new();
    let name = "our\u{1b}[2J\u{202e}s.csv";
    let rows = "participant,kind,value\nA\u{200b},domain,a.example\nB,domain,\u{1b}[2Ja.example\nB,domain,x.a.example\n";
    place.write(name, rows);
    place.write("more.csv", "participant,kind,value\nC,domain,a.example\n");
    for form in ["text", "ndjson"] {
        let ran = place.run(&["check", "-o", form, "-p", name, "-p", "more.csv"]);
        assert_harmless(&ran.exits(1).out);
        assert_eq!(ran.out.lines().count(), 3, "{}", ran.out);
    }
    assert_harmless(&place.run(&["check", "-p", "gone\u{1b}[2J.csv"]).exits(2).err);
}

#[test]
fn many_assets_that_overlap_are_checked_in_good_time() {
    let place = Place::new();
    let mut rows = "participant,kind,value\n".to_owned();
    // Each holds the next, and all of them are in sight of one another.
    for index in 0..20_000_u32 {
        let (first, last) = (index, 65_535 - index);
        rows += &format!(
            "P{},range,192.0.{}.{}-192.0.{}.{}\n",
            index % 7,
            first >> 8,
            first & 255,
            last >> 8,
            last & 255
        );
        rows += &format!("P{},domain,{index}.hospital.example\n", index % 5);
    }
    rows += "Q,domain,hospital.example\n";
    place.write("many.csv", rows);
    let started = std::time::Instant::now();
    let ran = place.run(&["check", "-p", "many.csv"]);
    let lines = ran.exits(1).out.lines().filter(|line| line.contains(" lies within ")).count();
    assert!(lines >= 39_999, "{lines}");
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
}
