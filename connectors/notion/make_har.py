#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Notion: see connectors/har.py.

Pages come two at a time. In a first run three of them were edited in the same
minute, which is read twice; one request is throttled. A day later a page has
changed, one is new, and one is in the trash. Hours later nothing has happened.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

DATA_SOURCE = "2f26ee68-df30-4251-aad4-8ddc420cba3d"
QUERY = f"https://api.notion.com/v1/data_sources/{DATA_SOURCE}/query"
ADA = "6794760a-1f15-45cd-9c65-0dfe42f5135a"
BEN = "92a680bb-6970-4726-952b-4f4c03bff617"


def changed(since, cursor=None):
    """Returns the body of a query for what was edited in `since` or later."""
    body = {
        "page_size": 100,
        "sorts": [{"timestamp": "last_edited_time",
                   "direction": "ascending"}],
        "filter": {"timestamp": "last_edited_time",
                   "last_edited_time": {"on_or_after": since}},
    }
    return {**body, "start_cursor": cursor} if cursor else body


def trash(cursor=None):
    """Returns the body of a query for the trash."""
    body = {
        "page_size": 100,
        "in_trash": True,
        "sorts": [{"timestamp": "last_edited_time",
                   "direction": "descending"}],
    }
    return {**body, "start_cursor": cursor} if cursor else body


def user(identity):
    return {"object": "user", "id": identity}


def text(content):
    return {
        "type": "text",
        "text": {"content": content, "link": None},
        "annotations": {"bold": False, "italic": False,
                        "strikethrough": False, "underline": False,
                        "code": False, "color": "default"},
        "plain_text": content,
        "href": None,
    }


def page(number, edited, name, status, budget, due=None, by=ADA,
         in_trash=False):
    """Returns a page as the API sends it, with a property ID of its own."""
    identity = f"59833787-2cf9-4fdf-8782-{number:012}"
    return {
        "object": "page",
        "id": identity,
        "created_time": "2026-01-12T09:30:00.000Z",
        "last_edited_time": edited,
        "created_by": user(ADA),
        "last_edited_by": user(by),
        "cover": None,
        "icon": None,
        "parent": {"type": "data_source_id", "data_source_id": DATA_SOURCE},
        "archived": in_trash,
        "in_trash": in_trash,
        "properties": {
            "Name": {"id": "title", "type": "title",
                     "title": [text(name)] if name else []},
            "ID": {"id": "a%3Bk%5E", "type": "unique_id",
                   "unique_id": {"prefix": "T", "number": number}},
            "Status": {"id": "jR%7Bp", "type": "select",
                       "select": status and {"id": f"opt-{len(status)}",
                                             "name": status,
                                             "color": "blue"}},
            "Budget": {"id": "yV%3Du", "type": "number", "number": budget},
            "Due": {"id": "M%3BBw", "type": "date",
                    "date": due and {"start": due, "end": None,
                                     "time_zone": None}},
        },
        "url": f"https://www.notion.so/{identity.replace('-', '')}",
        "public_url": None,
    }


def answer(pages, cursor=None):
    return {
        "object": "list",
        "results": pages,
        "next_cursor": cursor,
        "has_more": cursor is not None,
        "type": "page_or_data_source",
        "page_or_data_source": {},
        "request_id": "11111111-2222-4333-8444-555555555555",
    }


BULK = "2026-03-02T16:05:00.000Z"
PLAN = page(1, "2026-02-20T08:14:00.000Z", "Plan for Köln", "Done", 1250.5)
DRAFT = page(2, BULK, "Draft", "Open", None, "2026-03-31")
REVIEW = page(3, BULK, "Review", "Open", 80, by=BEN)
BUDGET = page(4, BULK, "Budget", None, 0)
UNNAMED = page(5, "2026-03-03T07:58:00.000Z", None, None, None)
BULK_FROM = "2026-03-02T16:05:00Z"


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    api.post(QUERY, changed("1970-01-01T00:00:00Z"),
             answer([PLAN, DRAFT], "c-1"))
    # From the last page's minute on; that minute is more than a page.
    api.post(QUERY, changed(BULK_FROM), answer([DRAFT, REVIEW], "c-2"))
    api.post(QUERY, changed(BULK_FROM, "c-2"), {
        "object": "error",
        "status": 429,
        "code": "rate_limited",
        "message": "Too many requests.",
        "request_id": "11111111-2222-4333-8444-555555555556",
    }, status=429, headers={"Retry-After": 1})
    api.post(QUERY, changed(BULK_FROM, "c-2"), answer([BUDGET, UNNAMED]))
    # Once more: it is read until nothing in it moved meanwhile.
    api.post(QUERY, changed(BULK_FROM), answer([DRAFT, REVIEW], "c-2"))
    api.post(QUERY, changed(BULK_FROM, "c-2"), answer([BUDGET, UNNAMED]))
    api.post(QUERY, trash(), answer([]))
    return api


PLAN_LATER = page(1, "2026-03-04T07:12:00.000Z", "Plan for Köln", "Open",
                  1300.25, by=BEN)
LAUNCH = page(6, "2026-03-04T07:40:00.000Z", "Launch ✦", "Open",
              9007199254740993, "2026-04-02")
REVIEW_GONE = page(3, "2026-03-03T11:02:00.000Z", "Review", "Open", 80,
                   by=BEN, in_trash=True)
OLD_GONE = page(9, "2026-03-01T10:00:00.000Z", "Never seen", None, None,
                in_trash=True)


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # The mark, 07:58, less five minutes.
    api.post(QUERY, changed("2026-03-03T07:53:00Z"),
             answer([UNNAMED, PLAN_LATER], "c-3"))
    api.post(QUERY, changed("2026-03-04T07:12:00Z"),
             answer([PLAN_LATER, LAUNCH]))
    api.post(QUERY, trash(), answer([REVIEW_GONE], "c-4"))
    api.post(QUERY, trash("c-4"), answer([OLD_GONE]))
    return api


def third():
    api = har.Recording("2026-03-04T12:30:05Z")
    # Nothing has changed, and the trash was looked through today.
    api.post(QUERY, changed("2026-03-04T07:35:00Z"), answer([LAUNCH]))
    return api


har.main(__file__, first=first(), second=second(), third=third())
