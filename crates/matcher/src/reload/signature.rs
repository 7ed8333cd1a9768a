//! What tells one state of a file from another without reading it.

use std::fs::Metadata;
use std::io;
use std::path::Path;

/// The state of a file as the system tells it, links followed.
///
/// The length alone says nothing of two images of one size, and the time of the last change is as
/// coarse as the kernel's clock. A file that was renamed over has another number. Where all of these
/// agree by accident, which takes two changes within one tick, the second look at a changed file finds
/// out (see `follow.rs`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Signature {
    File {
        bytes: u64,
        times: [(i64, i64); 2],
        number: (u64, u64),
    },
    /// There is nothing that could be looked at, and why.
    None(io::ErrorKind),
}

impl Signature {
    pub(super) fn of(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Ok(facts) => Self::of_facts(&facts),
            Err(error) => Self::None(error.kind()),
        }
    }

    fn of_facts(facts: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self::File {
            bytes: facts.len(),
            times: [(facts.mtime(), facts.mtime_nsec()), (facts.ctime(), facts.ctime_nsec())],
            number: (facts.dev(), facts.ino()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_replaces_a_file_looks_different() {
        let folder =
            std::env::temp_dir().join(format!("feedsieve-signature-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a temporary folder");
        let (path, new) = (folder.join("image"), folder.join("new"));
        assert_eq!(Signature::of(&path), Signature::None(io::ErrorKind::NotFound));
        fs::write(&path, b"one").expect("the folder is writable");
        let one = Signature::of(&path);
        assert_eq!(Signature::of(&path), one);
        // As long, and within the same tick perhaps; the number differs as long as both are there.
        fs::write(&new, b"two").expect("the folder is writable");
        fs::rename(&new, &path).expect("one folder");
        let two = Signature::of(&path);
        assert_ne!(two, one);
        fs::write(&path, b"three").expect("the folder is writable");
        assert_ne!(Signature::of(&path), two);
        fs::remove_dir_all(&folder).expect("it is there");
        assert_ne!(Signature::of(&path), two);
    }
}
