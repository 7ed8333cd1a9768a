//! The service under load while its image is replaced: no request fails, and each is answered by one
//! image.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use feedsieve::{Inventory, Limits, compile};

/// The service as a process, ended with the test.
struct Service(Child, SocketAddr);

impl Service {
    fn start(image: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_feedsieve-enrich"))
            .arg(image)
            .arg("0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("it says where it listens");
        let address = line.trim().strip_prefix("http://").expect("an address").parse();
        Self(child, address.expect("an address and a port"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The status and the body of an answer.
fn ask(service: SocketAddr, method: &str, path: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(service).expect("it listens");
    let bytes = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: service\r\nconnection: close\r\n\
         content-length: {bytes}\r\n\r\n{body}"
    )
    .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers to the end");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
    (status, body.to_owned())
}

/// An image in which a participant named after `generation` owns a name and a prefix.
fn publish(folder: &Path, generation: u64) {
    let csv = format!(
        "participant,kind,value\nG{generation},domain,hospital.example\nG{generation},prefix,192.0.2.0/24\n"
    );
    let (inventory, _) = Inventory::from_csv(csv.as_bytes()).expect("a header");
    let image = compile(&inventory, &Limits::default()).expect("within the limits");
    fs::write(folder.join("new"), image).expect("the folder is writable");
    fs::rename(folder.join("new"), folder.join("members.image")).expect("one folder");
}

const EVENTS: &str = concat!(
    r#"{"url":"http:\/\/www.hospital.example\/x"}"#,
    "\n",
    r#"{"url":"http:\/\/nothospital.example\/x"}"#,
    "\n",
    r#"{"src_ip":"192.0.2.7","src_port":443}"#,
    "\n",
);

/// The generation that an answer to [`EVENTS`] speaks of.
fn generation(answer: &str) -> u64 {
    let lines: Vec<serde_json::Value> =
        answer.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let hits = lines.iter().map(|line| line["concerns"].as_array().expect("an array").len());
    assert_eq!(hits.collect::<Vec<_>>(), [1, 0, 1], "{answer}");
    assert_eq!(lines[0]["url"], "http://www.hospital.example/x");
    assert_eq!(lines[2]["concerns"][0]["port"], 443);
    let owners = [0, 2].map(|line| lines[line]["concerns"][0]["participant"].clone());
    assert_eq!(owners[0], owners[1], "two images in one answer");
    owners[0].as_str().expect("an id")[1..].parse().expect("a generation")
}

#[test]
fn no_request_fails_while_images_are_replaced() {
    const SWAPS: u64 = 30;
    let folder = tempfile::tempdir().expect("a temporary folder");
    publish(folder.path(), 0);
    let service = Service::start(&folder.path().join("members.image"));
    let address = service.1;
    let (is_over, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    let client = || {
        let mut last = 0;
        while !is_over.load(Ordering::Relaxed) {
            let (status, answer) = ask(address, "POST", "/enrich", EVENTS);
            assert_eq!(status, 200, "{answer}");
            let found = generation(&answer);
            assert!(found >= last, "{found} after {last}");
            last = found;
            let (status, answer) = ask(address, "GET", "/lookup/192.0.2.200", "");
            assert!(status == 200 && answer.contains("\"relation\":\"inside\""), "{answer}");
            answered.fetch_add(2, Ordering::Relaxed);
        }
    };
    let is_seen = |generation_of_image: u64| {
        let begin = Instant::now();
        while generation(&ask(address, "POST", "/enrich", EVENTS).1) != generation_of_image {
            assert!(begin.elapsed() < Duration::from_secs(20), "the image was not taken");
            thread::sleep(Duration::from_millis(1));
        }
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(client)).collect();
        let _stop = StopOnDrop(&is_over);
        for swap in 1..=SWAPS {
            if swap % 5 == 0 {
                // What is no image changes nothing.
                fs::write(folder.path().join("new"), b"half an im")
                    .expect("the folder is writable");
                fs::rename(folder.path().join("new"), folder.path().join("members.image"))
                    .expect("one folder");
                is_seen(swap - 1);
            }
            publish(folder.path(), swap);
            is_seen(swap);
        }
        assert!(clients.iter().all(|client| !client.is_finished()), "a request failed");
    });
    assert!(answered.into_inner() > SWAPS, "there was no load");
}

/// Ends the clients when the test fails too.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn what_is_no_question_is_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    publish(folder.path(), 1);
    let service = Service::start(&folder.path().join("members.image"));
    let (status, answer) = ask(service.1, "POST", "/enrich", "{\"a\":1}\nhospital.example\n");
    assert!(status == 400 && answer.starts_with("line 2 is no JSON object: "), "{answer}");
    let (status, answer) = ask(service.1, "GET", "/lookup/192.0.2.256", "");
    assert!(status == 400 && answer.starts_with("192.0.2.256: "), "{answer}");
    assert_eq!(ask(service.1, "GET", "/lookup/nothospital.example", ""), (200, String::new()));
    assert_eq!(ask(service.1, "POST", "/enrich", ""), (200, String::new()));
    let (status, answer) = ask(service.1, "GET", "/image", "");
    assert!(status == 200 && answer.ends_with(" with 2 assets\n"), "{answer}");
}
