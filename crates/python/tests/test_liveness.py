"""Interrupts, iterators that are dropped, threads and forks."""

import gc
import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import feedsieve

LINE = b"nothing of anybody stands in this line, and it goes on and on\n"


class Endless(io.RawIOBase):
    """A feed that never ends, in which nobody is concerned unless it is said so."""

    def __init__(self, line: bytes = LINE) -> None:
        self.block = line * (65536 // len(line))
        self.reads = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.reads += 1
        return self.block


def interrupt_after(seconds: float) -> threading.Timer:
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    return timer


def threads_that_scan() -> int:
    tasks = Path("/proc/self/task")
    names = []
    for task in tasks.iterdir():
        try:
            names.append((task / "comm").read_text().strip())
        except OSError:
            pass
    return sum(name.startswith(("feedsieve", "scan-")) for name in names)


def no_thread_scans_any_more() -> bool:
    end = time.monotonic() + 10
    while threads_that_scan() and time.monotonic() < end:
        time.sleep(0.02)
    return threads_that_scan() == 0


def test_an_interrupt_is_heeded_within_a_second_and_the_scan_goes_on(
    image: feedsieve.Image, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Read and written, so that opening waits for nobody.
    with open(pipe, "r+b", buffering=0) as writer:
        writer.write(LINE)
        scan = feedsieve.scan(image, pipe)
        timer = interrupt_after(0.3)
        begin = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            next(scan)
        assert time.monotonic() - begin < 1.3
        timer.join()
        # 64 KiB are waited for before a format is decided on.
        block = b"192.0.2.35\n" * 6000
        feeder = threading.Thread(target=lambda: [writer.write(block) for _ in range(40)])
        feeder.start()
        assert next(scan).participant == "H002"
        del scan
        # Nobody else reads any more what is still being written.
        while feeder.is_alive():
            os.read(writer.fileno(), 1 << 20)
            feeder.join(0.01)


def test_an_interrupt_ends_a_scan_of_a_file_too(image: feedsieve.Image, tmp_path: Path) -> None:
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(1 << 40)
    timer = interrupt_after(0.5)
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(feedsieve.scan(image, sparse, format="text"))
    assert time.monotonic() - begin < 1.5
    timer.join()
    gc.collect()
    assert no_thread_scans_any_more()


def test_an_interrupt_while_a_pipe_is_waited_for(image: feedsieve.Image, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    timer = interrupt_after(0.3)
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        feedsieve.scan(image, pipe)
    assert time.monotonic() - begin < 1.3
    timer.join()
    # Whoever still waits for a writer is let go.
    os.close(os.open(pipe, os.O_WRONLY))
    assert no_thread_scans_any_more()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("line", [LINE, b"192.0.2.35\n"], ids=["no hits", "hits"])
def test_dropping_the_iterator_ends_the_scan(
    image: feedsieve.Image, tmp_path: Path, threads: int, line: bytes
) -> None:
    big = tmp_path / "big"
    with big.open("wb") as file:
        for _ in range(200):
            file.write(line * ((1 << 20) // len(line)))
    for end in ("drop", "close", "with"):
        scan = feedsieve.scan(image, big, threads=threads, format="text")
        if end == "drop":
            del scan
        elif end == "close":
            scan.close()
            scan.close()
            assert list(scan) == []
        else:
            with scan as hits:
                assert hits is scan
            assert next(scan, None) is None
        begin = time.monotonic()
        assert no_thread_scans_any_more()
        assert time.monotonic() - begin < 2
    big.unlink()


def test_the_scan_waits_for_a_slow_reader(image: feedsieve.Image) -> None:
    feed = Endless(b"192.0.2.35\n")
    scan = feedsieve.scan(image, feed, threads=2)
    for _ in range(10_000):
        next(scan)
    # Bounded by what waits between the threads, and not by what the feed would give.
    assert feed.reads < 500
    reads = feed.reads
    time.sleep(0.3)
    assert feed.reads == reads


def test_an_object_is_read_on_the_thread_that_iterates(image: feedsieve.Image) -> None:
    seen = set()

    class Feed(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            seen.add(threading.get_ident())
            return super().read(size)

    list(feedsieve.scan(image, Feed(LINE * 100_000), threads=2))
    assert seen == {threading.get_ident()}


def test_who_iterates_twice_at_once_is_told(image: feedsieve.Image) -> None:
    class Reentrant(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return bytes(next(scan).line)

    scan = feedsieve.scan(image, Reentrant())
    with pytest.raises(ValueError, match="being iterated over already"):
        next(scan)


def test_many_threads_may_use_one_image(image: feedsieve.Image) -> None:
    feed = b"192.0.2.35\n" * 2000 + LINE * 2000
    expected = [hit.to_dict() for hit in feedsieve.scan(image, feed)]
    wrong = []

    def work() -> None:
        for _ in range(5):
            if [hit.to_dict() for hit in feedsieve.scan(image, feed)] != expected:
                wrong.append("scan")
            if len(image.lookup_many(["192.0.2.35"] * 100)) != 100:
                wrong.append("lookup")

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []


def test_scanning_lets_other_threads_run(image: feedsieve.Image) -> None:
    ticks = 0
    stop = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not stop.wait(0.001):
            ticks += 1

    ticker = threading.Thread(target=tick)
    ticker.start()
    list(feedsieve.scan(image, LINE * 800_000, threads=1))
    stop.set()
    ticker.join()
    assert ticks > 10


def run(script: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", script, *words],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_importing_starts_nothing() -> None:
    script = (
        "import os, feedsieve; print(len(os.listdir('/proc/self/task')));"
        "feedsieve.compile([{'participant': 'A', 'value': 'a.example'}]).lookup('a.example');"
        "print(len(os.listdir('/proc/self/task')))"
    )
    assert run(script).split() == ["1", "1"]


FORK = """
import os, sys
import feedsieve
image = feedsieve.Image.open(sys.argv[1])
feed = b"192.0.2.35\\n" * 300_000
begun = feedsieve.scan(image, feed, threads=2)
next(begun)
child = os.fork()
if child == 0:
    try:
        next(begun)
    except feedsieve.Error as error:
        assert "the process that began it" in str(error), error
    else:
        os._exit(3)
    del begun
    assert sum(1 for _ in feedsieve.scan(image, feed, threads=2)) == 600_000
    assert image.lookup("192.0.2.35")
    os._exit(0)
_, status = os.waitpid(child, 0)
assert status == 0, status
# Two participants own the address.
assert sum(1 for _ in begun) == 599_999
"""


def test_a_fork_scans_for_itself(image_path: Path) -> None:
    run(FORK, str(image_path))


LEFT = """
import sys
import feedsieve
image = feedsieve.Image.open(sys.argv[1])
class Endless:
    def read(self, size):
        return b"192.0.2.35\\n" * 6000
one = feedsieve.scan(image, Endless())
two = feedsieve.scan(image, b"192.0.2.35\\n" * 3_000_000, threads=2)
next(one), next(two)
"""


def test_a_program_may_end_in_the_middle(image_path: Path) -> None:
    begin = time.monotonic()
    run(LEFT, str(image_path))
    assert time.monotonic() - begin < 20
