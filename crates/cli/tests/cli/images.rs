//! Images: how they are written, and what is told of them.

use super::*;

#[test]
fn images_are_reproducible_private_and_replaced_whole() {
    let place = Place::new();
    let mut rows: Vec<&str> = INVENTORY.lines().collect();
    rows[1..].reverse();
    place.write("shuffled.csv", rows.join("\n"));
    place.write("one.image", "old");
    let ran = place.run(&["compile", "-p", "p.csv", "-o", "one.image"]);
    ran.exits(0).says("one.image: 7 assets of 4 participants, ");
    assert_eq!(ran.out, "");
    place.run(&["compile", "-p", "shuffled.csv", "-o", "two.image"]).exits(0);
    assert!(
        fs::read(place.path("one.image")).expect("one")
            == fs::read(place.path("two.image")).expect("two")
    );
    assert_eq!(mode(&place.path("one.image")), 0o600);
    place.run(&["compile", "-p", "no.csv", "-o", "one.image"]).exits(2);
    place.run(&["inspect", "one.image"]).exits(0);
}

#[test]
fn inspect_tells_what_an_image_holds_or_is_not() {
    let place = Place::new();
    place.run(&["compile", "-p", "p.csv", "-o", "p.image"]).exits(0);
    let text = place.run(&["inspect", "p.image"]);
    for part in ["version 4", "participants  4", "assets        7", "(as stated)", "name slots"] {
        assert!(text.exits(0).is_quiet().out.contains(part), "{part}: {}", text.out);
    }
    let json = &place.run(&["inspect", "-o", "json", "p.image"]).rows()[0];
    assert_eq!((&json["assets"], &json["digest_matches"]), (&Value::from(7), &Value::from(true)));
    assert_eq!(json["digest"].as_str().map(str::len), Some(64));
    let bytes = fs::read(place.path("p.image")).expect("the image");
    assert_eq!(json["bytes"], bytes.len() as u64);

    let mut newer = bytes.clone();
    newer[8] = 9;
    place.write("newer.image", newer);
    let mut older = bytes.clone();
    older[8] = 1;
    place.write("older.image", older);
    let mut damaged = bytes.clone();
    damaged[bytes.len() - 1] ^= 1;
    place.write("damaged.image", damaged);
    place.write("cut.image", &bytes[..bytes.len() / 2]);
    place.write("none.image", "participant,kind,value\n");
    place.write("empty.image", "");
    for (name, message) in [
        ("newer.image", "newer.image: image format 9 is newer than this library reads"),
        ("older.image", "older.image: image format 1 is older than this library reads (4)"),
        ("damaged.image", "damaged.image: the image is damaged"),
        ("cut.image", "cut.image: the image has"),
        ("none.image", "none.image: not a feedsieve image"),
        ("empty.image", "empty.image: not a feedsieve image"),
        ("no.image", "no.image: there is no such file"),
        (".", ".: a folder"),
    ] {
        place.run(&["inspect", name]).exits(2).says(message);
        place.run(&["scan", "-i", name, "list.txt"]).exits(2).says(message);
        place.run(&["lookup", "-i", name, "hospital.example"]).exits(2).says(message);
    }
    // Neither takes the other's place.
    place.scan(&["-p", "p.image", "list.txt"]).exits(2).says("p.image:");
    place.scan(&["p.image"]).exits(2).says("p.image: a compiled image, not a feed");
}
