//! What the system tells of changes near a file, so that nobody waits for the next look.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::follow::Wake;

/// Watches the folders in which a change may give a path another file.
pub(super) struct Notices {
    /// None where the system has no watches to give; then the file is only looked at now and then.
    watcher: Option<RecommendedWatcher>,
    /// Each folder by its name and the folder that it was, for another may have taken its name.
    folders: BTreeSet<(PathBuf, PathBuf)>,
}

impl Notices {
    pub(super) fn new(wake: Sender<Wake>) -> Self {
        let heard = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| is_change(event.kind)) {
                let _ = wake.send(Wake::Look);
            }
        };
        Self { watcher: notify::recommended_watcher(heard).ok(), folders: BTreeSet::new() }
    }

    /// Watches the folders that `path` depends on now.
    pub(super) fn follow(&mut self, path: &Path) {
        let Some(watcher) = &mut self.watcher else { return };
        let mut folders = BTreeSet::new();
        collect_folders(path, MAX_LINKS, &mut folders);
        for (folder, _) in self.folders.difference(&folders) {
            let _ = watcher.unwatch(folder);
        }
        let new: Vec<_> = folders.difference(&self.folders).cloned().collect();
        for folder in new {
            if watcher.watch(&folder.0, RecursiveMode::NonRecursive).is_err() {
                // Tried again at the next look.
                folders.remove(&folder);
            }
        }
        self.folders = folders;
    }
}

/// Reading the file is heard of too, and would have us read it for ever.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

/// Links that a path may lead through; Linux follows as many.
const MAX_LINKS: usize = 40;

/// The folders with the names that lead to a file: its own, and those of the links on the way, to the
/// file or to its folder.
fn collect_folders(path: &Path, links: usize, to: &mut BTreeSet<(PathBuf, PathBuf)>) {
    let folder = match path.parent() {
        None => return,
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
    };
    if let Ok(real) = folder.canonicalize() {
        to.insert((folder.to_owned(), real));
    }
    if links == 0 {
        return;
    }
    for link in [folder, path] {
        if let Ok(target) = link.read_link() {
            let beside = link.parent().unwrap_or(Path::new("."));
            collect_folders(&beside.join(target), links - 1, to);
            collect_folders(link, 0, to);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn folders_of_links_are_watched_too() {
        let root = std::env::temp_dir().join(format!("feedsieve-notices-{}", std::process::id()));
        fs::create_dir_all(root.join("mount/..1")).expect("a temporary folder");
        fs::create_dir_all(root.join("etc")).expect("a temporary folder");
        symlink("..1", root.join("mount/..data")).expect("a link");
        symlink("..data/image", root.join("mount/image")).expect("a link");
        symlink("../mount/image", root.join("etc/image")).expect("a link");
        symlink("image", root.join("etc/round")).expect("a link");
        symlink("loop", root.join("etc/loop")).expect("a link");
        let folders = |name: &str| {
            let mut folders = BTreeSet::new();
            collect_folders(&root.join(name), MAX_LINKS, &mut folders);
            let real = root.canonicalize().expect("it is there");
            let names = folders.into_iter().map(|(_, folder)| {
                folder.strip_prefix(&real).expect("below the root").display().to_string()
            });
            names.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
        };
        assert_eq!(folders("mount/image"), ["mount", "mount/..1"]);
        assert_eq!(folders("etc/round"), ["etc", "mount", "mount/..1"]);
        assert_eq!(folders("etc/loop"), ["etc"]);
        assert_eq!(folders("etc/none"), ["etc"]);
        assert_eq!(folders("none/none"), [""; 0]);
        fs::remove_dir_all(&root).expect("it is there");
    }
}
