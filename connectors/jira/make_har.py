#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Jira Cloud: see connectors/har.py.

A first run reads two pages of issues, of which the second is throttled once, and
the bugs of one project, for which no time zone is known. A day later an issue has
moved to another project, which gives it another key, and one is new. Nothing
tells of what was deleted.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://acme.atlassian.net/rest/api/3"
ALL = ("project is not EMPTY", "*navigable")
TOKEN = "CiNpbnZlbnRlZC1wbGFjZQ=="
BUGS = ("project = OPS AND issuetype = Bug", "summary,status,updated")


def asked(where, fields, since, token=None):
    """`since` is a local time, in minutes."""
    query = {"jql": f"({where}) AND updated >= '{since}' "
                    "ORDER BY updated ASC, key ASC",
             "fields": fields, "maxResults": 100}
    if token:
        query["nextPageToken"] = token
    return query


def read(api, of, since, issues, token=None, following=None):
    body = {"issues": issues, "isLast": following is None}
    if following:
        body["nextPageToken"] = following
    api.get(f"{API}/search/jql", asked(*of, since, token), body)


def user(account, name):
    return {"self": f"{API}/user?accountId={account}", "accountId": account,
            "accountType": "atlassian", "active": True, "avatarUrls": {},
            "displayName": name, "timeZone": "Europe/Berlin"}


ADA = user("5b10a2844c20165700ede21g", "Ada Byron")
BEN = user("712020:1fbd02f1-0000-4000-8000-000000000012", "Ben O'Hara")


def status(name, key):
    return {"name": name, "id": "10001",
            "statusCategory": {"id": 2, "key": key, "name": name}}


def paragraph(text):
    return {"type": "doc", "version": 1, "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": text}]}]}


def issue(number, key, updated, **values):
    return {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog",
        "id": number, "self": f"{API}/issue/{number}", "key": key,
        "fields": {
            "summary": "", "description": None,
            "project": {"id": "10000", "key": key.split("-")[0],
                        "name": "Acme"},
            "issuetype": {"id": "10002", "name": "Task", "subtask": False},
            "status": status("To Do", "new"),
            "priority": {"id": "3", "name": "Medium"}, "resolution": None,
            "resolutiondate": None, "assignee": None, "reporter": ADA,
            "creator": ADA, "labels": [], "duedate": None,
            "created": "2025-11-03T10:15:00.120+0100", "updated": updated,
            "customfield_10016": None, "customfield_10010": None, **values}}


def bug(updated):
    return {"id": "20001", "self": f"{API}/issue/20001", "key": "OPS-7",
            "fields": {"summary": "Disk is full",
                       "status": status("In Progress", "indeterminate"),
                       "updated": updated}}


ONE = issue("10001", "ACME-1", "2025-12-01T09:00:00.001+0100",
            summary="Umlaute im Export: „Köln“ → K?ln", priority=None,
            description=paragraph("Seit dem Update."), labels=["export"],
            assignee=BEN, duedate="2026-01-15",
            customfield_10016=3.5, customfield_10010="ORG-9")
TWO = issue("10002", "ACME-2", "2026-01-20T11:00:30.500+0100",
            summary="Bulk edited", parent={
                "id": "10001", "key": "ACME-1",
                "fields": {"summary": "Umlaute im Export"}})
# Its place is that of the time that search knew; the time is newer.
EDITED = issue("10003", "ACME-3", "2026-03-03T08:59:58.000+0100",
               summary="Edited while it was read")
FOUR = issue("10004", "ACME-4", "2026-03-02T19:30:00.999+0100",
             summary="Done already", status=status("Done", "done"),
             resolution={"id": "10000", "name": "Done"},
             resolutiondate="2026-03-02T19:30:00.950+0100")
FOUR_MOVED = issue("10004", "OPS-8", "2026-03-04T08:00:00.010+0100",
                   summary="Done already")
FIVE = issue("10005", "ACME-5", "2026-03-04T08:45:00.000+0100",
             summary="New", reporter=BEN, creator=BEN,
             created="2026-03-04T08:45:00.000+0100")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    # The begin of 2 January 1970 in UTC is one o'clock in Berlin.
    read(api, ALL, "1970-01-02 01:00", [ONE, TWO],
         following=TOKEN)
    api.get(f"{API}/search/jql",
            asked(*ALL, "1970-01-02 01:00", TOKEN),
            {"errorMessages": ["Rate limit exceeded"], "errors": {}},
            status=429, headers={"Retry-After": 3,
                                 "X-RateLimit-Limit": 350,
                                 "X-RateLimit-Remaining": 0,
                                 "X-RateLimit-Reset": "2026-03-03T08:00Z"})
    read(api, ALL, "1970-01-02 01:00", [EDITED, FOUR],
         token=TOKEN)
    # The earliest that anybody's clock can show.
    read(api, BUGS, "1970-01-01 12:00", [bug("2026-03-02T16:20:00.000+0100")])
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # Half a day before 08:59:58, in whole minutes.
    read(api, ALL, "2026-03-02 20:59", [EDITED, FOUR_MOVED, FIVE])
    # Half a day before 15:20 in UTC, twelve hours west of it.
    read(api, BUGS, "2026-03-01 15:20",
         [bug("2026-03-02T16:20:00.000+0100")])
    return api


har.main(__file__, first=first(), second=second())
