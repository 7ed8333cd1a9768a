"""Prints the numbers of the lines whose addresses lie in a list of prefixes.

    concerned.py PREFIXES KIND FEED

KIND says where addresses stand: addrs, the line; shadowserver, the column ip;
pdns, the strings of rdata.
"""

import csv
import json
import socket
import sys

from pytricia import PyTricia


def load(path):
    v4, v6 = PyTricia(32), PyTricia(128, socket.AF_INET6)
    with open(path) as lines:
        for line in lines:
            prefix = line.strip()
            (v6 if ":" in prefix else v4)[prefix] = True
    v4.freeze()
    v6.freeze()
    return v4, v6


def addrs(feed):
    for number, line in enumerate(feed, 1):
        yield number, line.rstrip("\r\n")


def shadowserver(feed):
    rows = csv.reader(feed)
    column = next(rows).index("ip")
    number = rows.line_num + 1
    for row in rows:
        yield number, row[column]
        number = rows.line_num + 1


def pdns(feed):
    for number, line in enumerate(feed, 1):
        record = json.loads(line)
        if record["rrtype"] in ("A", "AAAA"):
            rdata = record["rdata"]
            for value in rdata if isinstance(rdata, list) else [rdata]:
                yield number, value


def main(prefixes, kind, path):
    v4, v6 = load(prefixes)
    items = {"addrs": addrs, "shadowserver": shadowserver, "pdns": pdns}[kind]
    # Without newline="", quoted line ends of CSV would be changed.
    with open(path, newline="", encoding="utf-8", errors="replace") as feed:
        for number, addr in items(feed):
            if addr in (v6 if ":" in addr else v4):
                print(number)


main(*sys.argv[1:])
