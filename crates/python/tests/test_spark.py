"""Scans on a cluster of two executors on this machine, compared with those of the command."""

import gzip
import json
import os
import shutil
import signal
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow.fs
import pytest
from conftest import EXAMPLE, FEEDS, PARTICIPANTS, command
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.types import StructType

import feedsieve
import feedsieve.spark
from feedsieve.spark import (
    _PLACES,
    _arrow,
    _batches,
    _hit_fields,
    _part,
    _parts,
    _ship,
    scan_dataframe,
    scan_paths,
)

# What says how a scan was cut, or how long it took.
DIAGNOSTIC = ("candidates", "seconds", "format", "format_why", "encoding", "incomplete_why")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    # Executors have this interpreter, and with it the package.
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    # Two executors of one core and 1 GiB, each a process of its own.
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("feedsieve")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.executor.memory": "512m",
        "spark.local.dir": str(tmp_path_factory.mktemp("spark")),
        "spark.log.level": "OFF",
        "spark.sql.shuffle.partitions": "4",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def key(hit: dict[str, Any]) -> str:
    """A hit of whichever surface, to be counted."""
    hit = {name: value for name, value in hit.items() if value not in (None, [], {})}
    hit.pop("schema", None)
    hit.pop("also_count", None)
    return json.dumps(hit, sort_keys=True)


def of_spark(rows: list[Any]) -> Counter[str]:
    return Counter(key(row.asDict(recursive=True)) for row in rows)


def of_command(tmp_path: Path, *words: object, code: int | None = None) -> tuple[Counter[str], Any]:
    summary = tmp_path / "summary.json"
    out = command(
        "scan", "-p", PARTICIPANTS, "-o", "ndjson", "--summary", summary, *words, code=code
    )
    hits = Counter(key(json.loads(line)) for line in out.splitlines())
    return hits, json.loads(summary.read_bytes())["total"]


def plain(account: dict[str, Any]) -> dict[str, Any]:
    account = {name: value for name, value in account.items() if name not in DIAGNOSTIC}
    account["rejected"] = {name: one["count"] for name, one in account["rejected"].items()}
    return account


def grown(path: Path, to: Path, times: int) -> Path:
    """A feed with its rows several times over, under one header."""
    lines = path.read_bytes().splitlines(keepends=True)
    to.write_bytes(b"".join(lines[:1] + lines[1:] * times))
    return to


def test_parts_have_together_the_hits_of_the_whole(
    spark: SparkSession, image_path: Path, tmp_path: Path
) -> None:
    expected, total = of_command(tmp_path, *FEEDS)
    for split in (None, 1500):
        scanned = scan_paths(spark, FEEDS, image_path, split=split)
        assert of_spark(scanned.hits.collect()) == expected
        summary = scanned.summary()
        assert plain(summary["total"]) == plain(total), split
        assert (summary["incomplete"], summary["total"]["complete"]) == ([], True)
        assert summary["image"]["digest"] == feedsieve.Image.open(image_path).digest
        scanned.unpersist()


def test_folders_uris_and_packed_feeds(
    spark: SparkSession, image_path: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "feeds"
    (folder / "more").mkdir(parents=True)
    (folder / "more" / "list.txt").write_text("192.0.2.35\nnobody\n" * 100)
    (folder / "events.gz").write_bytes(gzip.compress(FEEDS[0].read_bytes() * 20))
    (folder / "empty.txt").touch()
    (folder / "wide.txt").write_bytes(("192.0.2.35\n" * 100).encode("utf-16"))
    expected, total = of_command(tmp_path, "-r", folder)
    scanned = scan_paths(spark, folder, image_path, split=700)
    assert of_spark(scanned.hits.collect()) == expected
    assert plain(scanned.summary()["total"]) == plain(total)
    by_uri = scan_paths(spark, [f"file://{folder}"], image_path, split=700)
    names = {row["feed"] for row in by_uri.hits.select("feed").distinct().collect()}
    assert names == {f"file://{folder}/{name}" for name in ("events.gz", "more/list.txt", "wide.txt")}
    assert by_uri.summary()["total"]["hits"] == total["hits"]


def test_a_data_frame_keeps_what_says_which_row_it_was(
    spark: SparkSession, image_path: Path, image: feedsieve.Image
) -> None:
    texts = (EXAMPLE / "feeds" / "report.txt").read_text().splitlines()
    rows = [(number, text or None, number % 3) for number, text in enumerate(texts)]
    df = spark.createDataFrame(rows, "id long, text string, other int").repartition(4)
    scanned = scan_dataframe(df, "text", image_path, keep_columns=["id"])
    found = Counter(
        (row["row"]["id"], row["participant"], row["indicator"], row["at"], tuple(row["flags"]))
        for row in scanned.hits.collect()
    )
    expected = Counter(
        (number, hit.participant, hit.indicator, hit.at, hit.flags)
        for number, text in enumerate(texts)
        for hit in feedsieve.scan(image, text.encode() + b"\n", format="text")
    )
    assert found == expected != Counter()
    total = scanned.summary()["total"]
    assert (total["records"], total["hits"]) == (len(rows), expected.total())
    assert scanned.hits.groupBy("participant").count().count() == len({one[1] for one in expected})
    one = scan_dataframe(df, "text", image_path, keep_columns="id")
    assert one.hits.schema == scanned.hits.schema
    with pytest.raises(PySparkException, match="cells are by themselves"):
        scan_dataframe(df, "text", image_path, format="csv").hits.collect()


def executors() -> list[int]:
    """Processes of executors that this process started, at whatever remove."""
    parents: dict[int, int] = {}
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            words = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
        if b"CoarseGrainedExecutorBackend" in words:
            found.append(int(entry.name))

    def is_ours(process: int) -> bool:
        while process > 1:
            if process == os.getpid():
                return True
            process = parents.get(process, 0)
        return False

    return [process for process in found if is_ours(process)]


def test_an_executor_that_is_killed_loses_nothing(
    spark: SparkSession, image_path: Path, tmp_path: Path
) -> None:
    feed = grown(EXAMPLE / "feeds" / "scan-report.csv", tmp_path / "big.csv", 4000)
    expected, total = of_command(tmp_path, feed)
    scanned = scan_paths(spark, feed, image_path, split=feed.stat().st_size // 24 + 1)
    tracker = spark.sparkContext.statusTracker()
    before = set(executors())
    assert len(before) == 2
    killed = []

    def kill() -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and not killed:
            for stage in tracker.getActiveStageIds():
                info = tracker.getStageInfo(stage)
                # In the middle: some tasks are done, and some are not.
                if info is not None and info.numTasks == 24 and 2 <= info.numCompletedTasks < 20:
                    victim = min(before)
                    os.kill(victim, signal.SIGKILL)
                    killed.append(victim)
                    return
            time.sleep(0.01)

    killer = Thread(target=kill)
    killer.start()
    hits = scanned.hits.collect()
    killer.join()
    assert killed, "the job was over before anything was killed"
    assert killed[0] not in executors()
    assert of_spark(hits) == expected
    assert plain(scanned.summary()["total"]) == plain(total)


def test_a_damaged_image_fails_in_our_words(
    spark: SparkSession, image_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged.image"
    data = bytearray(image_path.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    with pytest.raises(feedsieve.ImageError, match="the image is damaged"):
        scan_paths(spark, FEEDS, damaged)

    # Whole on the driver, and damaged on its way.
    rows = [{"participant": "A", "value": "192.0.2.0/24"}]
    path = tmp_path / "members.image"
    feedsieve.compile(rows, path)
    add = spark.sparkContext.addFile

    def add_damaged(copy: str) -> None:
        data = bytearray(Path(copy).read_bytes())
        data[len(data) // 2] ^= 1
        Path(copy).write_bytes(data)
        add(copy)

    monkeypatch.setattr(spark.sparkContext, "addFile", add_damaged)
    with pytest.raises(PySparkException, match="the image is damaged: .*compile it again"):
        scan_paths(spark, FEEDS, path).hits.collect()

    # Another image in its place.
    other = tmp_path / "other.image"
    feedsieve.compile([{"participant": "B", "value": "192.0.2.0/24"}], other)
    feedsieve.compile([{"participant": "C", "value": "192.0.2.0/24"}], path)

    def add_other(copy: str) -> None:
        Path(copy).write_bytes(other.read_bytes())
        add(copy)

    monkeypatch.setattr(spark.sparkContext, "addFile", add_other)
    with pytest.raises(PySparkException, match="another image than the driver's"):
        scan_paths(spark, FEEDS, path).hits.collect()


def test_what_cannot_be_read_is_told_or_fails_the_job(
    spark: SparkSession, image_path: Path, tmp_path: Path
) -> None:
    with pytest.raises(feedsieve.FeedError, match="No such file"):
        scan_paths(spark, tmp_path / "missing.csv", image_path)
    packed = gzip.compress(b"192.0.2.35 %d\n" * 50_000)
    cut = tmp_path / "cut.gz"
    cut.write_bytes(packed[: len(packed) // 2])
    expected, total = of_command(tmp_path, cut, FEEDS[0], code=2)
    scanned = scan_paths(spark, [cut, FEEDS[0]], image_path, split=300)
    assert of_spark(scanned.hits.collect()) == expected
    summary = scanned.summary()
    assert plain(summary["total"]) == plain(total)
    assert not summary["total"]["complete"]
    assert [bad["feed"] for bad in summary["incomplete"]] == [str(cut)]
    with pytest.raises(PySparkException, match=r"cut\.gz"):
        scan_paths(spark, [cut], image_path, strict=True).hits.collect()
    gone = tmp_path / "gone.txt"
    gone.write_text("192.0.2.35\n" * 3)
    scanned = scan_paths(spark, gone, image_path, split=11)
    gone.unlink()
    assert scanned.hits.collect() == []
    # Once, whatever the number of its parts.
    assert [bad["feed"] for bad in scanned.summary()["incomplete"]] == [str(gone)]


def test_members_of_an_archive_are_told_each_by_itself(
    spark: SparkSession, image_path: Path, tmp_path: Path
) -> None:
    packed = tmp_path / "feeds.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("first.txt", "damaged.txt", "last.txt"):
            archive.writestr(name, "192.0.2.35\n" * 3)
    data = bytearray(packed.read_bytes())
    data[data.index(b"192.0.2.35", data.index(b"damaged.txt"))] ^= 1
    packed.write_bytes(data)
    expected, total = of_command(tmp_path, packed, code=2)
    scanned = scan_paths(spark, packed, image_path, split=100)
    assert of_spark(scanned.hits.collect()) == expected
    summary = scanned.summary()
    assert plain(summary["total"]) == plain(total)
    feeds = json.loads((tmp_path / "summary.json").read_bytes())["feeds"]
    bad = [{"feed": one["feed"], "why": one["incomplete_why"]} for one in feeds if not one["complete"]]
    assert summary["incomplete"] == bad
    assert len(bad) == 1 and "damaged.txt" in bad[0]["feed"]


def test_options_are_checked(spark: SparkSession, image_path: Path, tmp_path: Path) -> None:
    expected, _ = of_command(tmp_path, "--roles", "all", "--participant", "H001", *FEEDS)
    scanned = scan_paths(spark, FEEDS, image_path, roles="all", participants=["H001"])
    assert of_spark(scanned.hits.collect()) == expected
    with pytest.raises(ValueError, match="split"):
        scan_paths(spark, FEEDS, image_path, split=0)
    with pytest.raises(TypeError, match="range"):
        scan_paths(spark, FEEDS, image_path, range=(0, 1))


def test_hits_before_a_failing_read_come_before_it() -> None:
    class Failing:
        def __init__(self) -> None:
            self.chunks = iter([b"192.0.2.35\n"])

        def read(self, size: int) -> bytes:
            for chunk in self.chunks:
                return chunk
            raise ConnectionResetError("the store is gone")

    image = feedsieve.compile([{"participant": "A", "value": "192.0.2.35"}])
    batches = _batches(feedsieve.scan(image, Failing()))
    assert [hit["participant"] for hit in next(batches)] == ["A"]
    with pytest.raises(ConnectionResetError):
        next(batches)


def test_names_in_a_folder_are_paths_and_no_uris(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ["a b.txt", "x%41.txt", "y?z.txt"]
    (tmp_path / "feeds").mkdir()
    for name in names:
        (tmp_path / "feeds" / name).write_text("192.0.2.35\n")
    # As a store elsewhere is seen: by a file system of its own, and not by paths of this machine.
    store = pyarrow.fs.SubTreeFileSystem(str(tmp_path), pyarrow.fs.LocalFileSystem())
    monkeypatch.setattr(feedsieve.spark, "_file_system", lambda uri: (store, "feeds"))
    image = feedsieve.compile([{"participant": "A", "value": "192.0.2.35"}])
    hits: list[dict[str, Any]] = []
    incomplete: list[dict[str, Any]] = []
    target = _arrow(StructType([*_hit_fields(_PLACES)]))
    for part in _parts("store://bucket/feeds", None):
        for batch in _part(image, part, target, [], incomplete, False, {"threads": 1}):
            hits += batch.to_pylist()
    assert incomplete == []
    assert [hit["feed"] for hit in hits] == [f"store://bucket/feeds/{name}" for name in names]


def test_an_image_that_is_published_meanwhile_is_the_one_that_is_sent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Context:
        applicationId = "application"
        sent: list[str] = []

        def addFile(self, path: str) -> None:
            self.sent.append(path)

    class Session:
        sparkContext = Context()

    path = tmp_path / "image"
    feedsieve.compile([{"participant": "A", "value": "192.0.2.35"}], path)
    copy = shutil.copyfile

    def published_first(source: Any, target: Any) -> Any:
        feedsieve.compile([{"participant": "B", "value": "192.0.2.36"}], path)
        return copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", published_first)
    image, shipped = _ship(Session(), path)  # type: ignore[arg-type]
    assert image.digest == shipped.digest == feedsieve.Image.open(path).digest
    assert [Path(sent).name for sent in Context.sent] == [shipped.name]
    assert feedsieve.Image.open(Context.sent[0]).digest == shipped.digest
