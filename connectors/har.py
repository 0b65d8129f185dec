# SPDX-License-Identifier: MIT
"""Writes the recordings that connectors are tested with.

A connector's make_har.py says what an API is asked and what it answers, in the
shapes of its documentation, and not by way of Strandline: a request that the
connector words otherwise finds no answer. Nothing here depends on a clock or on
chance: the same script makes the same files.

    api = har.Recording("2026-03-03T08:00:05Z")
    api.get("https://api.example.com/things", {"limit": 2}, {"data": []})
    har.main(__file__, first=api)

`make_har.py` writes first.har and so on beside itself; with `--check` it
compares them with what it makes, and writes nothing.
"""

import email.utils
import json
import pathlib
import sys
import urllib.parse
from datetime import datetime, timedelta, timezone


def utc(text):
    """Returns the time that RFC 3339 text says."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def rfc3339(time):
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encoded(pairs):
    return urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote, safe="")


def named(pairs):
    return [{"name": name, "value": str(value)} for name, value in pairs]


def listed(query):
    """Returns the parameters, each a name and a text; of a list one each."""
    pairs = query.items() if hasattr(query, "items") else query
    return [(name, str(each)) for name, value in pairs
            for each in (value if isinstance(value, list) else [value])]


class Recording:
    """The exchanges of one run, one a second."""

    def __init__(self, started):
        self.now = utc(started)
        self.entries = []

    def wait(self, **span):
        """Lets time pass before the next exchange."""
        self.now += timedelta(**span)

    def get(self, url, query=(), answer=None, **more):
        """Enters a GET and its answer, a value for JSON or a text as it is."""
        pairs = listed(query)
        join = "&" if "?" in url else "?"
        self._enter("GET", url + (join + encoded(pairs) if pairs else ""),
                    None, answer, **more)

    def post(self, url, body, answer=None, query=(), **more):
        """Enters a POST of JSON, or of nothing if it is None, and its answer."""
        pairs = listed(query)
        data = None if body is None else {"mimeType": "application/json",
                                          "text": compact(body)}
        self._enter("POST", url + ("?" + encoded(pairs) if pairs else ""),
                    data, answer, **more)

    def form(self, url, fields, answer=None, **more):
        """Enters a POST of a form and its answer: where tokens come from."""
        data = {"mimeType": "application/x-www-form-urlencoded",
                "text": encoded(listed(fields)),
                "params": named(listed(fields))}
        self._enter("POST", url, data, answer, **more)

    def _enter(self, method, url, data, answer, status=200, headers=(),
               content_type="application/json"):
        text = answer if isinstance(answer, str) else (
            "" if answer is None else compact(answer))
        date = email.utils.format_datetime(self.now, usegmt=True)
        # What is no JSON is a form only to whoever finds that said here.
        sent = [("Content-Type", data["mimeType"])] if (
            data and "params" in data) else []
        request = {
            "method": method,
            "url": url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": named([("Accept", "application/json"), *sent]),
            "queryString": named(urllib.parse.parse_qsl(
                urllib.parse.urlsplit(url).query, keep_blank_values=True)),
            "headersSize": -1,
            "bodySize": len(data["text"].encode()) if data else 0,
        }
        if data:
            request["postData"] = data
        size = len(text.encode())
        self.entries.append({
            "startedDateTime": rfc3339(self.now),
            "time": 120,
            "request": request,
            "response": {
                "status": status,
                "statusText": "",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": named([("Date", date),
                                  ("Content-Type", content_type),
                                  *listed(headers)]),
                "content": {"size": size, "mimeType": content_type,
                            "text": text},
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": size,
            },
            "cache": {},
            "timings": {"send": 0, "wait": 100, "receive": 20},
        })
        self.now += timedelta(seconds=1)

    def text(self, creator):
        log = {"version": "1.2",
               "creator": {"name": creator, "version": "1"},
               "entries": self.entries}
        return json.dumps({"log": log}, ensure_ascii=False, indent=1) + "\n"


def main(script, **recordings):
    """Writes each recording to NAME.har beside the script."""
    folder = pathlib.Path(script).resolve().parent
    creator = f"connectors/{folder.name}/make_har.py"
    for name, recording in recordings.items():
        file = folder / f"{name}.har"
        text = recording.text(creator)
        if "--check" not in sys.argv[1:]:
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            sys.exit(f"{file} is not what {script} makes: run {script}")
