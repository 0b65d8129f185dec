#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Syncs from json-server, a server that nobody here wrote.

json-server numbers its pages, and its Link headers only count: in ascending
order a record that changes while the list is read would move others over a
page's edge. So the list is read newest first, which is safe (doc/semantics.md).

Usage: json_server_test.py PROGRAM FOLDER
Ends with 77, which Meson takes for skipped, where there is no npm.
"""

import json
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

VERSION = "0.17.4"
SKIPPED = 77


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def install(folder):
    """Returns the server's command, installed into FOLDER."""
    command = folder / "node_modules" / ".bin" / "json-server"
    if not shutil.which("npm") or not shutil.which("node"):
        skip("no npm here, so json-server cannot be installed")
    if not command.exists():
        folder.mkdir(parents=True, exist_ok=True)
        got = subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--prefix", folder,
             f"json-server@{VERSION}"],
            capture_output=True, text=True, timeout=200)
        if got.returncode != 0:
            skip(f"npm could not install json-server: {got.stderr[-300:]}")
    return command


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def contact(number, minute, name=None):
    return {
        "id": number,
        "name": name or f"Person {number}",
        "updated_at": f"2025-03-01T{minute // 60:02}:{minute % 60:02}:00Z",
        "address": {"city": "London", "zip": None},
        "score": number / 2,
    }


def request(url, method, body):
    call = urllib.request.Request(
        url, method=method, data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(call, timeout=10) as answer:
        return answer.status


def wait_until_up(url, server):
    for _ in range(200):
        if server.poll() is not None:
            raise SystemExit(f"json-server ended: {server.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("json-server did not come up in ten seconds")


def sync(program, config):
    done = subprocess.run([program, "sync", "--json", "--config", config],
                          capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise SystemExit(f"sync ended with {done.returncode}:\n"
                         f"{done.stdout}{done.stderr}")
    return json.loads(done.stdout)["streams"][0]


def rows(database):
    with sqlite3.connect(database) as connection:
        return connection.execute(
            "SELECT id, name, updated_at, address, score FROM contacts "
            "ORDER BY id").fetchall()


def as_rows(records):
    return [(r["id"], r["name"], r["updated_at"],
             json.dumps(r["address"], separators=(",", ":")), r["score"])
            for r in sorted(records, key=lambda r: r["id"])]


def minified(found):
    """A nested value is kept as sent, spaces and line ends too."""
    return [(*row[:3], json.dumps(json.loads(row[3]), separators=(",", ":")),
             row[4]) for row in found]


def expect(what, got, wanted):
    if got != wanted:
        raise SystemExit(f"{what}: got {got!r}, expected {wanted!r}")


def check(program, url, folder):
    records = [contact(n, n) for n in range(1, 121)]
    config = folder / "strandline.toml"
    database = folder / "crm.db"
    config.write_text(f"""
database = "crm.db"
[source.json_server]
base_url = "{url}"
[stream.contacts]
get    = "/contacts"
query  = {{ _sort = "updated_at", _order = "desc", _page = 1, _limit = 25, updated_at_gte = "${{from}}" }}
key    = "id"
cursor = {{ field = "updated_at", order = "descending" }}
page   = {{ link = "next" }}
columns = {{ "*" = "*", score = {{ path = "score", type = "real" }} }}
""")
    first = sync(program, config)
    expect("inserted by the first run", first["inserted"], 120)
    expect("requests of the first run", first["requests"], 5)
    expect("rows", minified(rows(database)), as_rows(records))
    expect("mark", first["mark_after"], "2025-03-01T02:00:00.000Z")

    before = rows(database)
    again = sync(program, config)
    expect("changed by an idle run", again["inserted"] + again["updated"], 0)
    expect("fetched by an idle run", again["fetched"], 6)
    expect("rows after an idle run", rows(database), before)

    changed = contact(7, 125, "Renamed")
    added = contact(121, 130)
    request(f"{url}/contacts/7", "PUT", changed)
    request(f"{url}/contacts", "POST", added)
    delta = sync(program, config)
    expect("inserted by the delta", delta["inserted"], 1)
    expect("updated by the delta", delta["updated"], 1)
    records[6] = changed
    expect("rows after the delta", minified(rows(database)),
           as_rows(records + [added]))
    print("1 passed, 0 failed")


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    command = install(pathlib.Path(sys.argv[2]).resolve() / "json-server")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "db.json").write_text(json.dumps(
            {"contacts": [contact(n, n) for n in range(1, 121)]}))
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        server = subprocess.Popen(
            [command, "--host", "127.0.0.1", "--port", str(port), "--quiet",
             folder / "db.json"],
            stdin=subprocess.DEVNULL, env={**os.environ, "NODE_ENV": "test"})
        try:
            wait_until_up(f"{url}/contacts?_limit=1", server)
            check(program, url, folder)
        finally:
            server.terminate()
            server.wait(timeout=10)


if __name__ == "__main__":
    main()
