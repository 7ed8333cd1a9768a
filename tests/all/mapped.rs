//! Maps files that only this process knows.

use std::path::Path;

use feedsieve::{Image, ImageError, Source};
use feedsieve_tests::AssetRow;

use crate::product::compiled;

/// A feed in a file that nobody changes while it is mapped.
#[expect(unsafe_code, reason = "mapping a file is a promise about other processes")]
pub(crate) fn source(path: &Path) -> Source<'static> {
    // SAFETY: the file is a temporary one of this test, which does not write to it now.
    unsafe { Source::mapped(path) }.expect("the temporary file can be mapped")
}

/// An image in a file that nobody changes while it is mapped.
#[expect(unsafe_code, reason = "mapping a file is a promise about other processes")]
fn image(path: &Path) -> Result<Image, ImageError> {
    // SAFETY: the file is a temporary one of this test, which does not write to it now.
    unsafe { Image::map(path) }
}

fn assets(participant: &str) -> Vec<AssetRow> {
    let row = |kind: &str, value: &str| AssetRow {
        participant: participant.to_owned(),
        kind: kind.to_owned(),
        value: value.to_owned(),
    };
    vec![row("prefix", "192.0.2.0/24"), row("domain", "hospital.example")]
}

#[test]
fn an_image_that_is_mapped_answers_as_one_that_was_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("members.image");
    std::fs::write(&path, compiled(&assets("A"))).expect("the folder is writable");
    let (mapped, read) = (image(&path).expect("an image"), Image::open_path(&path).expect("one"));
    assert_eq!(mapped.as_bytes(), read.as_bytes());
    // What `compile -o` does: the file that is mapped loses its name and nothing else.
    let new = folder.path().join("new");
    std::fs::write(&new, compiled(&assets("B"))).expect("the folder is writable");
    std::fs::rename(&new, &path).expect("one folder");
    let owner = |image: &Image| {
        image
            .lookup_name("www.hospital.example")
            .map(|f| f.participant().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(owner(&mapped), ["A"]);
    assert_eq!(owner(&image(&path).expect("an image")), ["B"]);
    std::fs::remove_file(&path).expect("it is there");
    assert_eq!(owner(&mapped.clone()), ["A"]);
    assert!(mapped.info().digest_matches);
}

#[test]
fn what_is_no_image_is_refused_mapped_as_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("members.image");
    let whole = compiled(&assets("A"));
    let mut flipped = whole.clone();
    *flipped.last_mut().expect("bytes") ^= 1;
    for bytes in [&b""[..], b"FEED", &whole[..whole.len() - 1], &flipped] {
        std::fs::write(&path, bytes).expect("the folder is writable");
        let read = Image::open_path(&path).expect_err("no image").to_string();
        assert_eq!(image(&path).expect_err("no image").to_string(), read);
    }
    assert!(matches!(image(folder.path()), Err(ImageError::Io(_))), "a folder");
    assert!(matches!(image(&folder.path().join("none")), Err(ImageError::Io(_))), "nothing");
}
