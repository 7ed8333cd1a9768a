"""What the pages show is run: their files and programs, copied into an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Executors have the interpreter of this test, and nobody listens to other machines.
SPARK = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}

HERE = Path(__file__).resolve().parents[1]


def blocks(page: Path) -> dict[str, str]:
    """The named blocks of a page: "```csv participants.csv" begins one."""
    found = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", page.read_text(), re.DOTALL | re.MULTILINE)
    assert len(dict(found)) == len(found)
    return dict(found)


def run(folder: Path, script: str) -> str:
    done = subprocess.run(
        [sys.executable, script],
        cwd=folder, env=os.environ | SPARK, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("page", sorted(page.name for page in HERE.glob("*.md")))
def test_the_page_does_what_it_says(page: str, tmp_path: Path) -> None:
    files = blocks(HERE / page)
    outputs = {name: files.pop(name) for name in list(files) if name.startswith("output")}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    scripts = [name for name in files if name.endswith(".py")]
    assert scripts and len(scripts) == len(outputs)
    for script, output in zip(scripts, outputs.values(), strict=True):
        assert run(tmp_path, script) == output, script
