"""What the tests share: the example of the repository, its image, and the command."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

import feedsieve

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "tests" / "data" / "example"
PARTICIPANTS = EXAMPLE / "participants.csv"
FEEDS = sorted((EXAMPLE / "feeds").iterdir())


def command(*words: object, stdin: bytes | None = None, code: int | None = None) -> bytes:
    """Runs the command; what it printed."""
    program = os.environ.get("FEEDSIEVE", str(ROOT / "target" / "debug" / "feedsieve"))
    done = subprocess.run(
        [program, *map(str, words)], input=stdin, capture_output=True, cwd=ROOT, check=False
    )
    expected = (0, 1) if code is None else (code,)
    assert done.returncode in expected, done.stderr.decode()
    return done.stdout


def rows(output: bytes) -> list[dict[str, Any]]:
    """What NDJSON says."""
    return [json.loads(line) for line in output.splitlines()]


@pytest.fixture(autouse=True)
def interrupts() -> None:
    """Interrupts are heeded also where the tests run in the background, which has them ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def image_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("image") / "example.image"
    feedsieve.compile(PARTICIPANTS, path)
    return path


@pytest.fixture(scope="session")
def image(image_path: Path) -> feedsieve.Image:
    return feedsieve.Image.open(image_path)
