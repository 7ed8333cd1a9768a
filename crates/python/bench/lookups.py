"""A million addresses: pytricia asked one by one, and lookup_many, with equal answers.

    ../../target/python/venv/bin/python bench/lookups.py

Build the package with `maturin develop --release` first. Runs alternate, and a ratio is the median
of those of runs that follow each other.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from ipaddress import IPv4Address, ip_network

import pyarrow as pa
import pytricia

import feedsieve

ADDRS = 1_000_000
PREFIXES = 20_000
RUNS = 7


def main() -> None:
    draw = random.Random(1)
    nets = set()
    while len(nets) < PREFIXES:
        # None within another, so that the one answer of pytricia is the only one.
        nets.add(ip_network((draw.getrandbits(24) << 8, 24)))
    listed = sorted(nets)
    tree = pytricia.PyTricia(32)
    for number, net in enumerate(listed):
        tree[str(net)] = f"P{number}"
    image = feedsieve.compile(
        {"participant": f"P{number}", "kind": "prefix", "value": net}
        for number, net in enumerate(listed)
    )
    print(f"{sys.version.split()[0]}, {PREFIXES:,} prefixes, {ADDRS:,} addresses, {RUNS} runs")
    for share in (0.0, 0.001, 0.05):
        addrs = [
            str(draw.choice(listed)[draw.randrange(256)])
            if draw.random() < share
            else str(IPv4Address(draw.getrandbits(32)))
            for _ in range(ADDRS)
        ]
        array = pa.array(addrs)
        rivals: dict[str, Callable[[], list[object]]] = {
            "pytricia, a loop": lambda addrs=addrs: [tree.get(addr) for addr in addrs],
            "lookup_many, a list": lambda addrs=addrs: image.lookup_many(addrs),
            "lookup_many, an array": lambda array=array: image.lookup_many(array),
            "the same, one thread": lambda array=array: image.lookup_many(array, threads=1),
        }
        answers = {name: ask() for name, ask in rivals.items()}
        plain = answers.pop("pytricia, a loop")
        for name, answer in answers.items():
            assert [found[0].participant if found else None for found in answer] == plain, name
        hits = sum(one is not None for one in plain)
        del answers, plain
        times: dict[str, list[float]] = {name: [] for name in rivals}
        for _ in range(RUNS):
            for name, ask in rivals.items():
                begin = time.perf_counter()
                answer = ask()
                times[name].append(time.perf_counter() - begin)
                del answer
        base = times["pytricia, a loop"]
        print(f"{hits:,} addresses of participants")
        for name, taken in times.items():
            ratio = statistics.median(b / t for b, t in zip(base, taken, strict=True))
            print(f"  {name:22} {statistics.median(taken) * 1e3:8.1f} ms {ratio:6.1f} x")


if __name__ == "__main__":
    main()
