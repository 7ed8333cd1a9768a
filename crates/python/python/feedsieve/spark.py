"""Scans on a Spark cluster, for when one machine is too small.

Every executor needs this package, and pyarrow; the image is sent to them. See SPARK.md.
"""

import atexit
import functools
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from os import PathLike, fspath
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import pyarrow as pa
import pyarrow.fs
from pyspark import SparkFiles
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import (
    ArrayType,
    DataType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
)
from pyspark.storagelevel import StorageLevel

from ._account import total
from ._errors import Error, FeedError, ImageError
from ._native import Image, Scan, has_ranges
from ._scan import scan, scan_arrow

# Bytes of a feed that one task searches; what stands before them it only counts.
SPLIT_BYTES = 1 << 30

# Tasks of one scan at most, so that their accounts have room on the driver.
MAX_TASKS = 100_000

# Hits that are handed to Spark at a time.
_BATCH_HITS = 4096

# How the account of a task, which is a row of its own, is called.
_ACCOUNT = "account"


class Scanned:
    """A scan on a cluster: its hits, and an account of what was read.

    Spark scans when the hits or the account are first asked for, and keeps the hits, which are few,
    in memory or on disk until `unpersist`. So neither is computed twice, unless an executor is lost.
    """

    def __init__(self, rows: DataFrame, image: Image) -> None:
        self._rows = rows.persist(StorageLevel.MEMORY_AND_DISK)
        self._digest = image.digest
        self._participants = image.participants
        self._assets = image.assets

    @property
    def hits(self) -> DataFrame:
        """The hits, with the keys of the command as columns; those of a task are in feed order."""
        return self._rows.where(f"{_ACCOUNT} is null").drop(_ACCOUNT)

    def summary(self) -> dict[str, Any]:
        """The account of the whole scan, with the keys of the command's summary.

        `incomplete` lists feeds that were not read to their ends, with the reasons. Look at it:
        a feed that could not be read has no hits either.

        Raises ImageError where tasks had different images, which makes their hits no answer.
        """
        rows = self._rows.where(f"{_ACCOUNT} is not null").select(_ACCOUNT).collect()
        accounts = [json.loads(row[0]) for row in rows]
        others = {account["image"] for account in accounts} - {self._digest}
        if others:
            raise ImageError(f"tasks had other images than the driver: {', '.join(sorted(others))}")
        # Every part of a file that cannot be read says so; the first is enough.
        every = (bad for account in accounts for bad in account["incomplete"])
        by_feed = {bad["feed"]: bad for bad in sorted(every, key=lambda bad: str(bad["feed"]))}
        incomplete = list(by_feed.values())
        whole = total(account["total"] for account in accounts)
        if incomplete:
            whole["incomplete_why"] = f"{len(incomplete)} feeds not read to the end"
        image = {
            "digest": self._digest,
            "participants": self._participants,
            "assets": self._assets,
        }
        return {"schema": 1, "image": image, "total": whole, "incomplete": incomplete}

    def unpersist(self) -> None:
        """Forgets the hits; asking for them again scans again."""
        self._rows.unpersist()


def scan_dataframe(
    df: DataFrame,
    column: str,
    image: str | PathLike[str],
    *,
    keep_columns: str | Iterable[str] = (),
    **options: Any,
) -> Scanned:
    """Scans a column of text or bytes of a data frame.

    `image` is the path of an image on the driver. `keep_columns` names columns of the data frame
    that hits carry with them, under `row`: without them nobody knows of which row a hit is. The
    options are those of `scan_arrow`.
    """
    spark = df.sparkSession
    opened, shipped = _ship(spark, image)
    kept = [keep_columns] if isinstance(keep_columns, str) else list(keep_columns)
    options = {"threads": 1, **options}
    fields = [StructField("row", StructType([df.schema[name] for name in kept]))] if kept else []
    schema = StructType([*fields, *_hit_fields(_PLACES[1:]), StructField(_ACCOUNT, StringType())])
    target = _arrow(schema)

    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        image = shipped.open()
        accounts = []
        for batch in batches:
            found = scan_arrow(batch, column, image, **options)
            accounts.append(found.stats)
            if len(found) == 0:
                continue
            hits = pa.table(found)
            if kept:
                rows = batch.select(kept).take(hits["row"].combine_chunks())
                hits = hits.drop_columns("row").append_column("row", rows.to_struct_array())
            yield from _conforming(hits, target)
        yield from _account_row(target, image, total(accounts), [])

    columns = list(dict.fromkeys([column, *kept]))
    return Scanned(df.select(*columns).mapInArrow(work, schema), opened)


def scan_paths(
    spark: SparkSession,
    uris: str | PathLike[str] | Iterable[str | PathLike[str]],
    image: str | PathLike[str],
    split: int | None = SPLIT_BYTES,
    *,
    strict: bool = False,
    **options: Any,
) -> Scanned:
    """Scans files, which every executor can read under the same name.

    `uris` are paths, or URIs that pyarrow reads (`file`, `s3`, `hdfs`, `gs` and others); of a folder
    all files in it and below. A task searches `split` bytes of a file, and reads what is before
    them to count lines and to follow quotes; None has a task for each file. Packed files, archives
    and UTF-16 cannot be split and are one task each, however large.

    `image` is the path of an image on the driver; the options are those of `feedsieve.scan`. A feed
    that cannot be read to its end is told in `summary`; with `strict` it fails the job.
    """
    if split is not None and split < 1:
        raise ValueError("split: a task has at least one byte to search")
    for name in ("range", "name"):
        if name in options:
            raise TypeError(f"{name} is for feeds by themselves")
    opened, shipped = _ship(spark, image)
    options = {"threads": 1, **options}
    schema = StructType([*_hit_fields(_PLACES), StructField(_ACCOUNT, StringType())])
    target = _arrow(schema)
    given = [uris] if isinstance(uris, (str, PathLike)) else list(uris)
    parts = [part for uri in given for part in _parts(fspath(uri), split)]

    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        image = shipped.open()
        accounts: list[dict[str, Any]] = []
        incomplete: list[dict[str, Any]] = []
        for batch in batches:
            for row in batch.to_pylist():
                part = _Part(**row)
                yield from _part(image, part, target, accounts, incomplete, strict, options)
        yield from _account_row(target, image, total(accounts), incomplete)

    tasks = max(1, min(len(parts), MAX_TASKS))
    context = spark.sparkContext
    # By itself Spark would put several into one task.
    frame = spark.createDataFrame(context.parallelize(parts, tasks), _PART)
    return Scanned(frame.mapInArrow(work, schema), opened)


class _Part(NamedTuple):
    """What one task searches: records of a file that begin in these bytes of it."""

    # What hits call it, what tells the file system, and its path there.
    feed: str
    uri: str
    path: str
    start: int
    end: int
    size: int

    @property
    def is_whole(self) -> bool:
        return self.start == 0 and self.end == self.size


_PART = "feed string, uri string, path string, start long, end long, size long"


def _parts(uri: str, split: int | None) -> Iterator[_Part]:
    """The parts of a file, or of all files in a folder in the order of their names."""
    files, path = _file_system(uri)
    found = files.get_file_info(path)
    if found.type == pyarrow.fs.FileType.NotFound:
        raise FeedError(uri, "No such file or directory")
    infos = [found]
    if found.type == pyarrow.fs.FileType.Directory:
        infos = files.get_file_info(pyarrow.fs.FileSelector(path, recursive=True))
    for info in sorted(infos, key=lambda info: str(info.path).encode()):
        if info.type == pyarrow.fs.FileType.Directory:
            continue
        below = info.path[len(path.rstrip("/")) :]
        feed = uri if info.path == path else uri.rstrip("/") + below
        size = info.size
        if size is None:
            raise FeedError(feed, "it does not tell its length, so it cannot be parted")
        step = split or size or 1
        for start in range(0, max(size, 1), step):
            # The path as the file system tells it: put behind the URI, a blank or a percent sign of
            # a name would mean something else. An executor has another working directory, too.
            yield _Part(feed, uri, info.path, start, min(start + step, size), size)


def _file_system(uri: str) -> tuple[pyarrow.fs.FileSystem, str]:
    if "://" in uri or uri.startswith("file:"):
        return cast(tuple[pyarrow.fs.FileSystem, str], pyarrow.fs.FileSystem.from_uri(uri))
    return pyarrow.fs.LocalFileSystem(), str(Path(uri).absolute())


def _part(
    image: Image,
    part: _Part,
    target: pa.Schema,
    accounts: list[dict[str, Any]],
    incomplete: list[dict[str, Any]],
    strict: bool,
    options: dict[str, Any],
) -> Iterator[pa.RecordBatch]:
    """The hits of a part, in batches; its account is put to the others."""
    files, _ = _file_system(part.uri)
    path = part.path
    is_local = isinstance(files, pyarrow.fs.LocalFileSystem)
    why = None
    # Feeds of it that were not read to their ends: members of an archive each by itself.
    unread: list[dict[str, Any]] = []
    account = {**total([]), "complete": False}
    try:
        with files.open_input_stream(path, compression=None) as feed:
            has_parts = has_ranges(feed.read(66))
        if not has_parts and part.start > 0:
            # The task of its beginning scans all of it.
            return
        is_whole = part.is_whole or not has_parts
        bounds = None if is_whole else (part.start, part.end)
        with ExitStack() as closing:
            source: str | BinaryIO = path
            if not is_local:
                source = closing.enter_context(files.open_input_stream(path, compression=None))
            hits = scan(image, source, range=bounds, name=part.feed, **options)
            closing.callback(hits.close)
            try:
                for batch in _batches(hits):
                    yield _hits(batch, target)
            finally:
                with suppress(Error):
                    account = _own(hits.stats, part, is_whole)
                    unread = [
                        {"feed": feed["feed"], "why": feed["incomplete_why"]}
                        for feed in hits.feeds
                        if not feed["complete"]
                    ]
    except FeedError as error:
        why = error
    except OSError as error:
        why = FeedError(part.feed, str(error))
    if why is not None:
        if strict:
            raise why
        incomplete += unread or [{"feed": why.feed, "why": why.why}]
    accounts.append(account)


def _batches(hits: Scan) -> Iterator[list[dict[str, Any]]]:
    """Hits by some thousands; those before a failure come before it."""
    batch: list[dict[str, Any]] = []
    try:
        for hit in hits:
            batch.append(hit.to_dict())
            if len(batch) == _BATCH_HITS:
                yield batch
                batch = []
    except (FeedError, OSError):
        yield batch
        raise
    yield batch


def _own(account: dict[str, Any], part: _Part, is_whole: bool) -> dict[str, Any]:
    """The account of a part without what its task only read to come to it.

    All parts read from the beginning, so the last one has the bytes and the lines of the file.
    """
    outside = account["skipped"].pop("out-of-range", 0)
    account["records"] -= outside
    if not is_whole and part.end < part.size:
        account["bytes"] = account["lines"] = 0
    return account


class _Shipped(NamedTuple):
    """An image on its way to the executors."""

    name: str
    digest: str

    def open(self) -> Image:
        return _opened(self.name, self.digest)


@functools.lru_cache(maxsize=4)
def _opened(name: str, digest: str) -> Image:
    """The image that was sent to this executor; its processes share one copy of the file."""
    path = SparkFiles.get(name)
    image = Image.open(path, mapped=True)
    if image.digest != digest:
        raise ImageError(f"another image than the driver's ({image.digest}, not {digest})", path)
    return image


# Copies that executors fetch as long as the application runs, by application and digest.
_COPIES: dict[tuple[str, str], Path] = {}


def _ship(spark: SparkSession, path: str | PathLike[str]) -> tuple[Image, _Shipped]:
    """Opens an image, which refuses a damaged one here, and has Spark send it to every executor."""
    image = Image.open(path)
    try:
        context = spark.sparkContext
    except PySparkException as error:
        why = "Spark Connect sends no files to executors this way; connect to the cluster itself"
        raise NotImplementedError(why) from error
    application = str(context.applicationId)
    if (application, image.digest) not in _COPIES:
        folder = Path(tempfile.mkdtemp(prefix="feedsieve-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        copied = folder / "image"
        shutil.copyfile(path, copied)
        # Another may have been published meanwhile; what is sent is what counts.
        image = Image.open(copied)
        if (application, image.digest) not in _COPIES:
            copied = copied.rename(folder / _name(image.digest))
            context.addFile(str(copied))
            _COPIES[application, image.digest] = copied
    return image, _Shipped(_name(image.digest), image.digest)


def _name(digest: str) -> str:
    """Under the name of its digest, as Spark does not send two files of one name."""
    return f"feedsieve-{digest}.image"


# The columns of hits that say where.
_PLACES = ("feed", "line", "offset", "length", "at")

_ALSO = StructType(
    [
        StructField("at", LongType()),
        StructField("field", StringType()),
        StructField("role", StringType()),
        StructField("indicator", StringType()),
        StructField("relation", StringType()),
    ]
)

_HIT: dict[str, DataType] = {
    "feed": StringType(),
    "line": LongType(),
    "offset": LongType(),
    "length": LongType(),
    "at": LongType(),
    "field": StringType(),
    "role": StringType(),
    "kind": StringType(),
    "indicator": StringType(),
    "relation": StringType(),
    "participant": StringType(),
    "asset": StringType(),
    "asset_kind": StringType(),
    "time": StringType(),
    "port": IntegerType(),
    "protocol": StringType(),
    "tag": StringType(),
    "side": StringType(),
    "raw": StringType(),
    "flags": ArrayType(StringType()),
    "also": ArrayType(_ALSO),
    "also_count": LongType(),
    "label": StringType(),
    "data": MapType(StringType(), StringType()),
    "record": StringType(),
}


def _hit_fields(places: tuple[str, ...]) -> list[StructField]:
    names = [name for name in _HIT if name not in _PLACES or name in places]
    return [StructField(name, _HIT[name]) for name in names]


def _arrow(schema: StructType) -> pa.Schema:
    from pyspark.sql.pandas.types import to_arrow_schema

    return to_arrow_schema(schema)


def _conforming(hits: pa.Table, target: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The same hits in the columns of the data frame."""
    columns = [
        hits[field.name].cast(field.type)
        if field.name in hits.column_names
        else pa.nulls(len(hits), field.type)
        for field in target
    ]
    yield from pa.table(columns, schema=target).to_batches()


def _hits(batch: list[dict[str, Any]], target: pa.Schema) -> pa.RecordBatch:
    for hit in batch:
        hit.setdefault("flags", [])
        hit.setdefault("also", [])
        # In JSON it is left out where it says nothing new.
        hit.setdefault("also_count", len(hit["also"]))
        hit["data"] = list(hit.get("data", {}).items())
    return pa.RecordBatch.from_pylist(batch, schema=target)


def _account_row(
    target: pa.Schema, image: Image, whole: dict[str, Any], incomplete: list[dict[str, Any]]
) -> Iterator[pa.RecordBatch]:
    account = {"image": image.digest, "total": whole, "incomplete": incomplete}
    yield pa.RecordBatch.from_pylist([{_ACCOUNT: json.dumps(account)}], schema=target)
