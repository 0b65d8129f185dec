#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of this folder anew: record.py STRANDLINE [NAME...]

Each is what `strandline sync --record` writes of a made-up source, whose clock goes
on by seven seconds with each answer. Some go on where an earlier run, which was not
recorded, ended.
"""

import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).parent
BEGIN = 1_714_982_400  # 2024-05-06T08:00:00Z, of the source's clock


def stamp(minutes):
    """A time so many minutes after the day before."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(BEGIN - 86_400 + 60 * minutes))


def page(rows, size, after, name="p"):
    """The rows behind the token `after`, and the token of those that follow."""
    begin = int(after[len(name):]) if after else 0
    body = {"data": rows[begin:begin + size]}
    if begin + size < len(rows):
        body["next"] = f"{name}{begin + size}"
    return body


def since(rows, query, field="at"):
    bound = query.get("since", "")
    return sorted((row for row in rows if row[field] >= bound), key=lambda row: row[field])


class Desk:
    """Tickets; comments in pages of two, the files of each, and watchers."""

    origin = "https://desk.example.com"

    def __init__(self, again):
        self.again = again
        self.runs = [([], False)] * again + [(["--record"], True)]

    def tickets(self):
        rows = [{"id": i, "title": f"ticket {i}", "at": stamp(10 * i)} for i in (1, 2, 3, 4)]
        if self.again and self.later:
            rows[2] = {"id": 3, "title": "ticket 3, again", "at": stamp(60)}
            rows.append({"id": 5, "title": "ticket 5", "at": stamp(70)})
        return rows

    def answer(self, path, query):
        if path == "/tickets":
            return page(since(self.tickets(), query), 2, query.get("after"))
        kind, number = re.match(r"/(\w+)/(\d+)/", path).groups()
        number = int(number)
        if kind == "comments":
            return {"data": [{"id": 10 * number, "name": f"file {number}"}] if number % 2 else []}
        if path.endswith("/watchers"):
            rows = [{"id": i} for i in range(1, number % 3 + 1)]
            at = int(query.get("page", 1))
            return {"data": rows[at - 1:at]}
        if number == 2:
            return None  # it is gone
        if number == 1 and query.get("after") == "p2" and not self.later:
            return 403  # here a run ends
        count = {1: 5, 3: 0, 4: 1, 5: 2}[number]
        rows = [{"id": 10 * number + i, "text": f"comment {i}"} for i in range(count)]
        return page(rows, 2, query.get("after"))


class Deleted:
    """Contacts and companies, and what of them was deleted."""

    origin = "https://crm.example.com"
    runs = [(["--record"], True)]

    def answer(self, path, query):
        rows = [{"id": i, "name": f"name {i}", "at": stamp(10 * i)} for i in range(1, 7)]
        # The second was deleted before it changed, the fifth and one that no
        # list ever had afterwards.
        gone = [{"id": 2, "deleted_at": stamp(15)}, {"id": 3, "deleted_at": stamp(35)},
                {"id": 5, "deleted_at": stamp(80)}, {"id": 9, "deleted_at": stamp(85)}]
        if path.endswith("/deleted"):
            return page(since(gone, query, "deleted_at"), 2, query.get("after"))
        return page(since(rows, query), 2, query.get("after"))


class Whole:
    """Lists whose pages are those of the moment when the first was asked for."""

    origin = "https://crm.example.com"
    later = False
    runs = [([], False), (["--record"], True)]

    def answer(self, path, query):
        archived = path.endswith("/archived")
        old = [{"id": i, "name": f"name {i}"} for i in range(1, 9)]
        new = [row for row in old if row["id"] not in (6, 7)]
        if archived:
            old = [{"id": i, "name": f"name {i}"} for i in (7, 20, 21, 22)]
            new = old
        after = query.get("after")
        if after and after.startswith("old"):
            return 403 if after == "old4" and not self.later else page(old, 2, after, "old")
        return page(new, 2, after, "new") if self.later else page(old, 2, after, "old")


class People:
    """A list by a cursor, of which the last two are deleted."""

    origin = "https://crm.example.com"
    state = 0
    # The second run ends amid what has changed; the third goes on there, and by
    # then the whole list is due.
    runs = [([], 0), ([], 1), (["--record"], 2)]

    def answer(self, path, query):
        rows = [{"id": i, "name": f"name {i}", "at": stamp(10 * i)} for i in range(1, 5)]
        if self.state == 1:
            rows += [{"id": i, "name": f"name {i}", "at": stamp(10 * i)} for i in range(5, 11)]
        if self.state == 2:
            rows += [{"id": i, "name": f"name {i}", "at": stamp(10 * i)} for i in (5, 6, 8, 10)]
        after = query.get("after")
        if after and after.startswith("old"):
            if self.state == 1:
                return 403
            rows = [{"id": i, "name": f"name {i}", "at": stamp(10 * i)} for i in range(4, 11)]
            return page(rows, 2, after, "old")
        return page(since(rows, query), 2, after, "old" if self.state == 1 else "new")


def serve(source):
    answers = [0]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            url = urllib.parse.urlsplit(self.path)
            body = source.answer(url.path, dict(urllib.parse.parse_qsl(url.query)))
            status = 404 if body is None else body if isinstance(body, int) else 200
            text = json.dumps(body if status == 200 else {}).encode()
            answers[0] += 1
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def date_time_string(self, timestamp=None):
            return super().date_time_string(BEGIN + 7 * answers[0])

        def version_string(self):
            return "example"

        def log_message(self, *_):
            pass

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def record(program, name, source):
    server = serve(source)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with tempfile.TemporaryDirectory() as folder:
            here = pathlib.Path(folder)
            config = (HERE / name / "strandline.toml").read_text()
            (here / "strandline.toml").write_text(config.replace(source.origin, url))
            for arguments, state in source.runs:
                source.later = source.state = state
                if source.state == 2:
                    time.sleep(5)  # longer than its `full_every`
                wanted = [0] if arguments else [0, 4, 65, 77]
                if arguments:
                    arguments = ["--record", str(here / "x.har")]
                run = subprocess.run(
                    [program, "sync", "--config", str(here / "strandline.toml"), *arguments],
                    text=True, capture_output=True, check=False)
                print(run.stdout, run.stderr)
                if arguments and run.returncode != 0:
                    sys.exit(f"{name}: exit code {run.returncode}")
            har = (here / "x.har").read_text().replace(url, source.origin)
            (HERE / name / f"{name}.har").write_text(har)
    finally:
        server.shutdown()
        server.server_close()


def main():
    sources = {"children": Desk(False), "children_again": Desk(True), "also": Deleted(),
               "snapshot": Whole(), "full": People()}
    for name in sys.argv[2:] or sources:
        record(sys.argv[1], name, sources[name])


main()
