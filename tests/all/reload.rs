//! Images that follow their files: every answer is the old image's or the new one's (promise E1).

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use feedsieve::{Hit, Image, ImageError, ReloadOptions, Reloading, Scanner, SinkFn, Source};
use feedsieve_tests::AssetRow;

use crate::product::compiled;

/// An image in which one participant, named after `generation`, owns a name and a prefix.
fn image(generation: u64) -> Vec<u8> {
    let row = |kind: &str, value: &str| AssetRow {
        // As long for every generation, so that no length tells them apart.
        participant: format!("G{generation:06}"),
        kind: kind.to_owned(),
        value: value.to_owned(),
    };
    compiled(&[row("domain", "hospital.example"), row("prefix", "192.0.2.0/24")])
}

/// The generation of an image, of which all answers have to speak alike.
fn generation(image: &Image) -> u64 {
    let by_name = image.lookup_name("www.hospital.example").next().expect("every image has it");
    let by_addr = image.lookup_addr("192.0.2.7".parse().expect("an address"));
    let by_addr = by_addr.last().expect("every image has it");
    assert_eq!(by_name.participant(), by_addr.participant(), "two images in one answer");
    by_name.participant()[1..].parse().expect("a generation")
}

/// A folder with an image that is replaced.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().expect("a temporary folder"));
        place.publish(&image(0));
        place
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("members.image")
    }

    /// Renames a new file over the image, as `compile -o` does.
    fn publish(&self, bytes: &[u8]) {
        let new = self.0.path().join("new");
        fs::write(&new, bytes).expect("the folder is writable");
        fs::rename(&new, self.path()).expect("one folder");
    }
}

/// Waits for what another thread does, and no longer than anybody would.
fn wait_for(what: &str, holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(20), "{what} did not happen");
        thread::sleep(Duration::from_micros(200));
    }
}

/// Polls without pause, so that tests do not wait.
fn eager() -> ReloadOptions {
    ReloadOptions::default().interval(Duration::from_millis(1)).notified(false)
}

fn add_one(to: &AtomicU64) {
    to.fetch_add(1, Ordering::Relaxed);
}

/// Ways to spoil an image.
fn spoiled(generation: u64) -> Vec<u8> {
    let mut bytes = image(generation);
    match generation % 4 {
        0 => bytes.truncate(bytes.len() / 2),
        1 => bytes.clear(),
        2 => *bytes.last_mut().expect("bytes") ^= 1,
        _ => bytes[100] ^= 0x40,
    }
    bytes
}

const SWAPS: u64 = 1000;

#[test]
fn a_thousand_swaps_under_load_answer_as_the_old_or_the_new_image() {
    let place = Place::new();
    let (errors, reloads) = (Arc::<AtomicU64>::default(), Arc::<AtomicU64>::default());
    let (failed, told) = (errors.clone(), reloads.clone());
    let images = eager()
        .on_error(move |_| add_one(&failed))
        .on_reload(move |_| add_one(&told))
        .watch(place.path())
        .expect("an image");
    let published = AtomicU64::new(0);
    let is_over = AtomicBool::new(false);
    let answers = AtomicU64::new(0);
    let read = || {
        let (mut last, mut count) = (0, 0);
        while !is_over.load(Ordering::Relaxed) {
            let image = images.load();
            let found = generation(&image);
            // What is loaded stays the same, whatever is published meanwhile.
            assert_eq!(generation(&image), found);
            assert!(found >= last, "generation {found} came after {last}");
            assert!(found <= published.load(Ordering::SeqCst), "{found} is not published yet");
            (last, count) = (found, count + 1);
        }
        answers.fetch_add(count, Ordering::Relaxed);
    };
    let scan = || {
        let feed = b"www.hospital.example\n192.0.2.7\n".repeat(200);
        while !is_over.load(Ordering::Relaxed) {
            let image = images.image();
            let wanted = generation(&image);
            let mut sink = SinkFn(|hit: &Hit<'_>| {
                assert_eq!(hit.participant[1..].parse(), Ok(wanted), "two images in one scan");
                true
            });
            let stats = Scanner::new(&image).scan(Source::slice("feed", &feed), &mut sink);
            assert_eq!(stats.expect("memory can be read").hits, 400);
        }
    };
    thread::scope(|scope| {
        (0..3).for_each(|_| drop(scope.spawn(read)));
        scope.spawn(scan);
        let stop = StopOnDrop(&is_over);
        let mut good = 0;
        for swap in 1..=SWAPS {
            if swap % 10 == 0 {
                place.publish(&spoiled(swap));
                let error = images.reload().expect_err("it is spoiled");
                assert!(!matches!(error, ImageError::Io(_)), "{error}");
                assert_eq!(generation(&images.load()), good, "a bad image changes nothing");
                continue;
            }
            published.store(swap, Ordering::SeqCst);
            place.publish(&image(swap));
            if swap % 3 == 0 {
                // Either this call took it or the thread was faster.
                images.reload().expect("an image");
                assert_eq!(generation(&images.load()), swap);
            } else {
                wait_for("the swap", || generation(&images.load()) == swap);
            }
            good = swap;
        }
        drop(stop);
    });
    assert_eq!(reloads.load(Ordering::Relaxed), SWAPS - SWAPS / 10);
    let (answers, errors) = (answers.into_inner(), errors.load(Ordering::Relaxed));
    assert!(answers > SWAPS, "there was no load");
    println!("promise E1: {SWAPS} files under {answers} lookups, each whole; {errors} told as bad");
}

/// Ends the readers when the test fails too.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What the host was told, in order.
type Told = Arc<Mutex<Vec<String>>>;

fn with_told(options: ReloadOptions) -> (ReloadOptions, Told) {
    let told = Told::default();
    let (errors, reloads) = (told.clone(), told.clone());
    let options = options
        .on_error(move |error| errors.lock().expect("no panic").push(error.to_string()))
        .on_reload(move |image| {
            reloads.lock().expect("no panic").push(generation(image).to_string())
        });
    (options, told)
}

#[test]
fn bad_files_keep_the_image_and_are_told_once() {
    let place = Place::new();
    let (options, told) = with_told(eager());
    let images = options.watch(place.path()).expect("an image");
    for (spoil, message) in [
        (spoiled(4), "says that it has"),
        (spoiled(5), "not a feedsieve image"),
        (spoiled(6), "damaged"),
        (b"FEED".to_vec(), "not a feedsieve image"),
    ] {
        told.lock().expect("no panic").clear();
        place.publish(&spoil);
        wait_for("the error", || !told.lock().expect("no panic").is_empty());
        // Long enough for another look at the same file.
        thread::sleep(Duration::from_millis(250));
        let told = told.lock().expect("no panic").clone();
        assert!(told.len() == 1 && told[0].contains(message), "{message}: {told:?}");
        assert_eq!(generation(&images.load()), 0);
    }
    told.lock().expect("no panic").clear();
    fs::remove_file(place.path()).expect("it is there");
    wait_for("the error", || !told.lock().expect("no panic").is_empty());
    assert!(told.lock().expect("no panic")[0].starts_with("reading the image: "));
    assert!(matches!(images.reload(), Err(ImageError::Io(_))));
    assert_eq!(generation(&images.load()), 0, "a deleted file changes nothing");
    place.publish(&image(8));
    wait_for("the new file", || generation(&images.load()) == 8);
}

#[test]
fn a_file_that_the_system_refuses_for_a_while_is_tried_again() {
    let place = Place::new();
    let (options, told) = with_told(eager());
    let (refuses, tries) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let (refused, tried) = (refuses.clone(), tries.clone());
    let options = options.open_with(move |path| {
        add_one(&tried);
        match refused.load(Ordering::Relaxed) {
            true => Err(ImageError::Io(std::io::Error::other("too many open files"))),
            false => Image::open_path(path),
        }
    });
    let images = options.watch(place.path()).expect("an image");
    refuses.store(true, Ordering::Relaxed);
    place.publish(&image(1));
    wait_for("the error", || !told.lock().expect("no panic").is_empty());
    let before = tries.load(Ordering::Relaxed);
    wait_for("more tries", || tries.load(Ordering::Relaxed) > before + 3);
    assert_eq!(told.lock().expect("no panic").len(), 1, "it is told once");
    assert_eq!(generation(&images.load()), 0);
    // The file is as it was.
    refuses.store(false, Ordering::Relaxed);
    wait_for("the image", || generation(&images.load()) == 1);
    wait_for("the call", || told.lock().expect("no panic").len() == 2);
    let done = tries.load(Ordering::Relaxed);
    thread::sleep(Duration::from_millis(250));
    assert!(tries.load(Ordering::Relaxed) <= done + 1, "a file that was opened is left alone");
}

#[test]
fn the_same_image_again_is_no_new_one() {
    let place = Place::new();
    let (options, told) = with_told(eager());
    let images = options.watch(place.path()).expect("an image");
    place.publish(&image(0));
    assert!(!images.reload().expect("an image"));
    thread::sleep(Duration::from_millis(250));
    assert_eq!(*told.lock().expect("no panic"), [""; 0]);
    place.publish(&image(1));
    wait_for("the new image", || generation(&images.load()) == 1);
    wait_for("the call", || !told.lock().expect("no panic").is_empty());
    assert_eq!(*told.lock().expect("no panic"), ["1"]);
}

#[test]
fn a_file_that_is_written_in_place_is_taken_when_it_is_whole() {
    let place = Place::new();
    let (options, told) = with_told(eager());
    let images = options.watch(place.path()).expect("an image");
    let bytes = image(3);
    // Half of it, a while that is too short for a verdict, and the rest.
    let begin = Instant::now();
    fs::write(place.path(), &bytes[..bytes.len() / 2]).expect("the folder is writable");
    thread::sleep(Duration::from_millis(20));
    fs::write(place.path(), &bytes).expect("the folder is writable");
    let took = begin.elapsed();
    wait_for("the whole file", || generation(&images.load()) == 3);
    // The call comes behind the swap.
    let is_told = || told.lock().expect("no panic").last().is_some_and(|told| told == "3");
    wait_for("the call", is_told);
    let told = told.lock().expect("no panic").clone();
    // On a machine that is busy otherwise, the half may lie there long enough to be told as bad.
    assert!(told.len() == 1 || took > Duration::from_millis(90), "{told:?}");
}

#[test]
fn two_files_of_one_length_within_one_look_are_told_apart() {
    let place = Place::new();
    // So slow that both files come within one look.
    let options = ReloadOptions::default().interval(Duration::from_millis(300)).notified(false);
    let images = options.watch(place.path()).expect("an image");
    for generation_of_both in [10, 20, 30] {
        let (first, second) = (image(generation_of_both), image(generation_of_both + 1));
        assert_eq!(first.len(), second.len());
        place.publish(&first);
        place.publish(&second);
        wait_for("the second", || generation(&images.load()) == generation_of_both + 1);
    }
    // In place as well, where the file keeps its number and perhaps its time.
    for turn in 40..44 {
        fs::write(place.path(), image(turn)).expect("the folder is writable");
        fs::write(place.path(), image(turn + 10)).expect("the folder is writable");
        wait_for("the second", || generation(&images.load()) == turn + 10);
    }
}

/// A folder as Kubernetes mounts it: `image` leads over `..data` to the folder of a generation.
fn mount(root: &Path, generation: u64) {
    let folder = root.join(format!("..{generation}"));
    fs::create_dir(&folder).expect("the folder is writable");
    fs::write(folder.join("members.image"), image(generation)).expect("the folder is writable");
    symlink(format!("..{generation}"), root.join("..new")).expect("the folder is writable");
    fs::rename(root.join("..new"), root.join("..data")).expect("one folder");
    if generation > 0 {
        fs::remove_dir_all(root.join(format!("..{}", generation - 1))).expect("it is there");
    }
}

fn follow_links(options: ReloadOptions) {
    let root = tempfile::tempdir().expect("a temporary folder");
    mount(root.path(), 0);
    let path = root.path().join("members.image");
    symlink("..data/members.image", &path).expect("the folder is writable");
    let images = options.watch(&path).expect("an image");
    for next in 1..6 {
        mount(root.path(), next);
        wait_for("the switch", || generation(&images.load()) == next);
    }
}

#[test]
fn links_that_are_switched_are_followed() {
    follow_links(eager());
}

/// A poll that nobody waits for: what is seen was told by the system.
fn notified() -> ReloadOptions {
    ReloadOptions::default().interval(Duration::from_secs(3600))
}

#[test]
fn the_system_tells_of_files_and_of_links() {
    let place = Place::new();
    let images = notified().watch(place.path()).expect("an image");
    // The thread has to be listening; the second look after the first is the sign of that.
    thread::sleep(Duration::from_millis(300));
    for next in 1..6 {
        place.publish(&image(next));
        wait_for("the swap", || generation(&images.load()) == next);
    }
    fs::write(place.path(), image(7)).expect("the folder is writable");
    wait_for("the file in place", || generation(&images.load()) == 7);
    fs::remove_file(place.path()).expect("it is there");
    place.publish(&image(8));
    wait_for("the file after a gap", || generation(&images.load()) == 8);
    follow_links(notified());
}

#[test]
fn a_host_that_panics_does_not_end_the_watch() {
    let place = Place::new();
    let is_open_broken = Arc::<AtomicBool>::default();
    let is_broken = is_open_broken.clone();
    let images = eager()
        .open_with(move |path| {
            assert!(!is_broken.load(Ordering::Relaxed), "as it is meant to be");
            Image::open_path(path)
        })
        .on_reload(|_| panic!("as it is meant to be"))
        .watch(place.path())
        .expect("an image");
    place.publish(&image(1));
    wait_for("the swap", || generation(&images.load()) == 1);
    is_open_broken.store(true, Ordering::Relaxed);
    place.publish(&image(2));
    thread::sleep(Duration::from_millis(50));
    assert_eq!(generation(&images.load()), 1);
    is_open_broken.store(false, Ordering::Relaxed);
    place.publish(&image(3));
    wait_for("the swap", || generation(&images.load()) == 3);
}

#[test]
fn the_thread_ends_with_the_value() {
    let threads = || {
        fs::read_dir("/proc/self/task").expect("Linux").filter(|task| {
            let name = task.as_ref().expect("an entry").path().join("comm");
            fs::read_to_string(name).is_ok_and(|name| name.starts_with("of-this-test"))
        })
    };
    let place = Place::new();
    let is_named = Arc::<AtomicBool>::default();
    let named = is_named.clone();
    let images = eager()
        .open_with(move |path| {
            // Other tests have such threads too, so this one takes a name of its own.
            if thread::current().name() == Some("feedsieve-reload") {
                fs::write("/proc/thread-self/comm", "of-this-test").expect("Linux");
                named.store(true, Ordering::Relaxed);
            }
            Image::open_path(path)
        })
        .watch(place.path())
        .expect("an image");
    wait_for("the second look", || is_named.load(Ordering::Relaxed));
    assert_eq!(threads().count(), 1);
    let kept = images.image();
    drop(images);
    assert_eq!(threads().count(), 0);
    assert_eq!(generation(&kept), 0);
}

#[test]
fn there_has_to_be_an_image_to_begin_with() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("members.image");
    assert!(matches!(Reloading::watch(&path), Err(ImageError::Io(_))));
    fs::write(&path, b"").expect("the folder is writable");
    assert!(matches!(Reloading::watch(&path), Err(ImageError::NotAnImage)));
}
