#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Redmine: see connectors/har.py.

A first run reads two pages of issues, the second asked for by the time of the
last one and after an answer of a server that is busy, two pages of time entries,
and the projects. A day later an issue is closed, another is new, and a time entry
is gone; two days later it still is.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://redmine.example.com"


def asked(since, offset):
    query = {"status_id": "*", "sort": "updated_on:asc", "limit": 100,
             "offset": offset}
    if since:
        query["updated_on"] = f">={since}"
    return query


def issues(api, records, total, since=None, offset=0):
    api.get(f"{API}/issues.json", asked(since, offset),
            {"issues": records, "total_count": total, "offset": offset,
             "limit": 100})


def entries(api, records, total, offset=0):
    api.get(f"{API}/time_entries.json", {"limit": 100, "offset": offset},
            {"time_entries": records, "total_count": total, "offset": offset,
             "limit": 100})


def projects(api, records):
    api.get(f"{API}/projects.json",
            {"status": "1|5", "limit": 100, "offset": 0},
            {"projects": records, "total_count": len(records), "offset": 0,
             "limit": 100})


def named(number, name):
    return {"id": number, "name": name}


SHOP = named(1, "Shop")
ADA = named(5, "Ada Byron")
BEN = named(6, "Ben O'Hara")


def issue(number, updated, subject, severity, **values):
    return {"id": number, "project": SHOP, "tracker": named(1, "Bug"),
            "status": {"id": 1, "name": "New", "is_closed": False},
            "priority": named(2, "Normal"), "author": ADA, "subject": subject,
            "description": "", "start_date": "2026-01-02", "due_date": None,
            "done_ratio": 0, "is_private": False, "estimated_hours": None,
            "total_estimated_hours": None,
            "custom_fields": [{"id": 3, "name": "Severity",
                               "value": severity}],
            "created_on": "2026-01-02T08:00:00Z", "updated_on": updated,
            "closed_on": None, **values}


def entry(number, spent, hours, **values):
    return {"id": number, "project": SHOP, "issue": {"id": 4711},
            "user": ADA, "activity": named(9, "Development"), "hours": hours,
            "comments": "", "spent_on": spent,
            "created_on": f"{spent}T16:00:00Z",
            "updated_on": f"{spent}T16:00:00Z", **values}


def project(number, identifier, name, status=1, **values):
    return {"id": number, "name": name, "identifier": identifier,
            "description": "", "homepage": "", "status": status,
            "is_public": True, "inherit_members": False,
            "created_on": "2025-01-02T08:00:00Z",
            "updated_on": "2025-06-02T08:00:00Z", **values}


LOGIN = issue(4710, "2026-01-15T10:00:00Z", "Anmeldung schlägt fehl", "high",
              assigned_to=BEN, category=named(2, "Login"),
              fixed_version=named(4, "1.2"), estimated_hours=2.5)
EXPORT = issue(4711, "2026-02-20T09:30:00Z", "Export", None,
               parent={"id": 4710}, due_date="2026-04-01")
PRINT = issue(4712, "2026-02-20T09:30:00Z", "Print", "low", is_private=True)
LABELS = issue(4713, "2026-03-03T07:55:00Z", "Labels", "low")
LABELS_DONE = {**LABELS, "status": {"id": 5, "name": "Closed",
                                    "is_closed": True}, "done_ratio": 100,
               "updated_on": "2026-03-04T07:00:00Z",
               "closed_on": "2026-03-04T07:00:00Z"}
SEARCH = issue(4714, "2026-03-04T07:30:00Z", "Search", "high", author=BEN,
               created_on="2026-03-04T07:30:00Z")
MONDAY = entry(801, "2026-03-02", 7.25, comments="Tests geprüft")
LATER = entry(802, "2026-03-02", 0.5)
FRIDAY = entry(799, "2026-02-27", 8.0, user=BEN)
TUESDAY = entry(803, "2026-03-03", 6.0)
PROJECTS = [project(1, "shop", "Shop"),
            project(2, "shop-app", "Shop: App", status=5,
                    parent=named(1, "Shop"))]


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    issues(api, [LOGIN, EXPORT], 4)
    api.get(f"{API}/issues.json", asked("2026-02-20T09:30:00Z", 0),
            "<html><body>The server is busy</body></html>", status=503,
            content_type="text/html", headers={"Retry-After": 5})
    issues(api, [EXPORT, PRINT, LABELS], 3, "2026-02-20T09:30:00Z")
    entries(api, [LATER, MONDAY], 3)
    entries(api, [FRIDAY], 3, offset=2)
    projects(api, PROJECTS)
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    issues(api, [LABELS_DONE, SEARCH], 2, "2026-03-03T07:50:00Z")
    # It is gone, or was passed over because something moved.
    entries(api, [TUESDAY, MONDAY, FRIDAY], 3)
    projects(api, PROJECTS)
    return api


def third():
    api = har.Recording("2026-03-05T08:45:05Z")
    issues(api, [SEARCH], 1, "2026-03-04T07:25:00Z")
    entries(api, [TUESDAY, MONDAY, FRIDAY], 3)
    projects(api, PROJECTS[:1])
    return api


har.main(__file__, first=first(), second=second(), third=third())
