#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Airtable: see connectors/har.py.

A first run reads a table by its field of changes in two pages, the second of
which is throttled once, and a table without one. A day later a record has
changed and lost a value, and one is new; of the other table a record is gone.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

BASE = "https://api.airtable.com/v0/appA1b2C3d4E5f6G7"
LEADS = f"{BASE}/Leads%202026"
REGIONS = f"{BASE}/tblH8i9J0k1L2m3N4"
CHANGED = "Changed at"


def since(time, offset=None):
    """Returns the query for what was changed after `time`."""
    query = {
        "pageSize": 100,
        "filterByFormula":
            f"IF({{{CHANGED}}}, IS_AFTER({{{CHANGED}}}, '{time}'), 1)",
        "sort[0][field]": CHANGED,
        "sort[0][direction]": "asc",
    }
    return {**query, "offset": offset} if offset else query


def record(number, created, **fields):
    """Returns a record: a field that is empty is left out."""
    return {
        "id": f"rec{number:014}",
        "createdTime": created,
        "fields": {name: value for name, value in fields.items()
                   if value is not None},
    }


def lead(number, changed, name, value, hot, stage, files=None):
    return record(number, "2025-11-20T10:00:00.000Z", **{
        "Name": name,
        "Value": value,
        "Hot": True if hot else None,
        "Stage": stage,
        "Files": files,
        "Number": number,
        CHANGED: changed,
    })


def region(number, name, people):
    return record(number, "2025-06-01T08:00:00.000Z", Name=name,
                  People=people)


def page(records, offset=None):
    body = {"records": records}
    return {**body, "offset": offset} if offset else body


FILE = [{"id": "att00000000000001", "url": "https://files.example.com/a.pdf",
         "filename": "Angebot.pdf", "size": 26317, "type": "application/pdf"}]
NEVER = lead(11, None, "Never edited", None, False, None)
ANNA = lead(12, "2026-01-15T08:30:12.000Z", "Änne Groß", 1250.5, True, "New")
BORIS = lead(13, "2026-02-20T17:02:44.000Z", "Boris", 0, False, "Talks", FILE)
CARLA = lead(14, "2026-03-03T07:30:00.000Z", "Carla", 99.9, False, "New")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    begin = "1970-01-01T00:00:00.000Z"
    offset = "itrA1b2C3d4E5f6G7/rec00000000000012"
    api.get(LEADS, since(begin), page([NEVER, ANNA], offset))
    api.get(LEADS, since(begin, offset), {
        "errors": [{"error": "RATE_LIMIT_REACHED",
                    "message": "Rate limit exceeded."}],
    }, status=429)
    api.wait(seconds=30)
    api.get(LEADS, since(begin, offset), page([BORIS, CARLA]))
    api.get(REGIONS, {"pageSize": 100},
            page([region(1, "Nord", 8100000)], "itrX/rec00000000000001"))
    api.get(REGIONS, {"pageSize": 100, "offset": "itrX/rec00000000000001"},
            page([region(2, "Süd", 13300000), region(3, "Ost", None)]))
    return api


BORIS_LATER = lead(13, "2026-03-03T18:21:09.000Z", "Boris", None, True,
                   "Won", FILE)
DANA = lead(15, "2026-03-04T08:15:30.000Z", "Dana", 12345678901234.25, True,
            "New")


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # The mark, 07:30, less an hour, and less what the filter leaves out.
    api.get(LEADS, since("2026-03-03T06:29:59.999Z"),
            page([NEVER, CARLA, BORIS_LATER, DANA]))
    api.get(REGIONS, {"pageSize": 100},
            page([region(1, "Nord", 8150000), region(2, "Süd", 13300000)]))
    return api


har.main(__file__, first=first(), second=second())
