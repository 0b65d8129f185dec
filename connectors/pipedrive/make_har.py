#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Pipedrive: see connectors/har.py.

A first run reads two pages of persons, of which the second is throttled once, and
a page of everything else. A day later a person has changed and one is new, an
organization was deleted, a deal was deleted and one archived, an activity is done,
and a product is gone. The third run comes after five weeks: Pipedrive does not
know any more what was deleted meanwhile, and deals are read anew.
"""

import base64
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://api.pipedrive.com/api/v2"
LEAD_SOURCE = "56ad1919c14a9089bf02fdca519f6394b0e5d5aa"
BUDGET = "48f483ac81a7b619c59322931ea839310e9877bb"
INES = 25455001


def person(identity, name, updated, **values):
    first, _, last = name.partition(" ")
    return {
        "id": identity, "name": name, "first_name": first, "last_name": last,
        "add_time": "2025-04-01T19:00:37Z", "update_time": updated,
        "visible_to": 3,
        "custom_fields": {LEAD_SOURCE: None, BUDGET: None},
        "owner_id": INES, "label_ids": [], "org_id": None,
        "is_deleted": False, "picture_id": None, "phones": [], "emails": [],
        **values}


def organization(identity, name, updated, **values):
    return {
        "id": identity, "name": name, "owner_id": INES,
        "add_time": "2025-03-01T08:00:00Z", "update_time": updated,
        "is_deleted": False, "visible_to": 3, "address": None,
        "label_ids": [], "custom_fields": {}, **values}


def deal(identity, title, updated, **values):
    return {
        "id": identity, "title": title, "owner_id": INES, "person_id": None,
        "org_id": None, "pipeline_id": 1, "stage_id": 2, "value": 0,
        "currency": "EUR", "add_time": "2026-01-05T09:00:00Z",
        "update_time": updated, "stage_change_time": None,
        "is_deleted": False, "is_archived": False, "status": "open",
        "probability": None, "lost_reason": None, "visible_to": 3,
        "close_time": None, "won_time": None, "lost_time": None,
        "expected_close_date": None, "label_ids": [],
        "origin": "ManuallyCreated", "origin_id": None, "channel": None,
        "channel_id": None, "arr": None, "mrr": None, "acv": None,
        "custom_fields": {}, **values}


def activity(identity, subject, updated, **values):
    return {
        "id": identity, "subject": subject, "type": "call", "owner_id": INES,
        "creator_user_id": INES, "is_deleted": False,
        "add_time": "2026-02-20T10:00:00Z", "update_time": updated,
        "deal_id": 31, "lead_id": None, "person_id": 1, "org_id": 7,
        "project_id": None, "due_date": "2026-03-03", "due_time": "14:00",
        "duration": "00:30", "busy": True, "done": False,
        "marked_as_done_time": None, "location": None,
        "participants": [{"person_id": 1, "primary": True}], "attendees": [],
        "conference_meeting_client": None, "conference_meeting_url": None,
        "conference_meeting_id": None, "public_description": None,
        "priority": None, "note": None, **values}


def product(identity, name, code, price):
    return {
        "id": identity, "name": name, "code": code, "description": None,
        "unit": "h", "tax": 19, "category": None, "owner_id": INES,
        "is_linkable": True, "is_deleted": False, "visible_to": 3,
        "prices": [{"product_id": identity, "price": price,
                    "currency": "EUR", "cost": 0, "direct_cost": None,
                    "notes": ""}],
        "custom_fields": {}}


def token(field, value, identity):
    """Returns a page's token as it is: where the last record stands."""
    text = json.dumps({"field": field, "fieldValue": value,
                       "sortDirection": "asc", "id": identity},
                      separators=(",", ":"))
    return base64.b64encode(text.encode()).decode().rstrip("=")


def page(records, following=None):
    return {"success": True, "data": records,
            "additional_data": {"next_cursor": following}}


def limits(remaining, reset=2):
    return {"x-ratelimit-limit": 20, "x-ratelimit-remaining": remaining,
            "x-ratelimit-reset": reset, "x-daily-requests-left": 29000}


def ask(api, path, since, answer, cursor=None, status=None, **more):
    query = {"sort_by": "update_time", "sort_direction": "asc", "limit": 500}
    if since:
        query["updated_since"] = since
    if status:
        query["status"] = status
    if cursor:
        query["cursor"] = cursor
    api.get(f"{API}/{path}", query, answer,
            **{"headers": limits(18), **more})


def ask_deals(api, since, records, archived_since, archived):
    ask(api, "deals", since, page(records), status="open,won,lost,deleted")
    ask(api, "deals/archived", archived_since, page(archived))


def ask_products(api, answer, cursor=None):
    query = {"sort_by": "id", "sort_direction": "asc", "limit": 500}
    if cursor:
        query["cursor"] = cursor
    api.get(f"{API}/products", query, answer, headers=limits(17))


ADA = person(
    1, "Ada Byron", "2025-09-11T13:27:39Z", org_id=7, label_ids=[3, 5],
    custom_fields={LEAD_SOURCE: "Fair", BUDGET: {
        "value": 2300.5, "currency": "EUR"}},
    phones=[{"label": "", "value": "+1 555 0100", "primary": True}],
    emails=[{"label": "home", "value": "a.b@example.com", "primary": False},
            {"label": "work", "value": "ada@example.com", "primary": True}])
BEN = person(2, "Ben O'Hara", "2025-09-30T07:02:15Z", last_name="O'Hara")
CLEO = person(3, "Çağla Öz", "2025-09-30T07:02:15Z", owner_id=25455002)
ACME = organization(7, "Acme", "2026-01-15T07:45:01Z",
                    address={"value": "1 Dock Street, Leeds",
                             "country": "United Kingdom",
                             "locality": "Leeds"}, label_ids=[1])
HOLM = organization(8, "Holm & Sønner", "2026-01-16T09:00:00Z")
RENEWAL = deal(31, "Renewal", "2026-03-03T07:58:30Z", org_id=7, person_id=1,
               value=1250.5, probability=80,
               expected_close_date="2026-03-31",
               stage_change_time="2026-02-01T10:00:00Z")
PILOT = deal(32, "Pilot", "2026-02-10T09:30:00Z", value=900)
WON = deal(30, "First order", "2025-12-01T12:00:00Z", status="won", value=75,
           close_time="2025-12-01T12:00:00Z", won_time="2025-12-01T12:00:00Z")
OLD = deal(11, "Old one", "2024-06-01T08:00:00Z", status="lost", value=10,
           lost_reason="No budget", is_archived=True,
           close_time="2024-05-01T08:00:00Z", lost_time="2024-05-01T08:00:00Z")
WON_ARCHIVED = {**WON, "is_archived": True,
                "update_time": "2026-03-03T15:00:00Z"}
CALL = activity(501, "Call Ada", "2026-02-20T10:00:00Z")
CALL_DONE = {**CALL, "done": True, "update_time": "2026-03-03T14:31:00Z",
             "marked_as_done_time": "2026-03-03T14:31:00Z",
             "note": "Wants a draft"}
HOUR = product(90, "Consulting", "C-1", 120)
SEAT = product(91, "Licence", "L-1", 9.9)


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    following = token("update_time", "2025-09-30T07:02:15Z", 2)
    ask(api, "persons", None, page([ADA, BEN], following))
    api.get(f"{API}/persons", {
        "sort_by": "update_time", "sort_direction": "asc", "limit": 500,
        "cursor": following,
    }, {"success": False, "error": "request over limit", "code": 429},
        status=429, headers=limits(0))
    api.wait(seconds=1)
    ask(api, "persons", None, page([CLEO]), cursor=following)
    ask(api, "organizations", None, page([ACME, HOLM]))
    ask_deals(api, None, [WON, PILOT, RENEWAL], None, [OLD])
    ask(api, "activities", None, page([CALL]))
    following = token("id", 90, 90)
    ask_products(api, page([HOUR], following))
    ask_products(api, page([SEAT]), following)
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # From five minutes before the mark on, whatever has changed: the filter
    # brings what it names, too.
    ask(api, "persons", "2025-09-30T06:57:15Z", page([
        BEN, CLEO,
        {**ADA, "update_time": "2026-03-03T16:20:00Z", "phones": [],
         "custom_fields": {LEAD_SOURCE: "Fair", BUDGET: {
             "value": 2800, "currency": "EUR"}}},
        person(4, "Dov Levi", "2026-03-04T07:00:00Z",
               add_time="2026-03-04T07:00:00Z", org_id=7)]))
    ask(api, "organizations", "2026-01-16T08:55:00Z", page([
        {**HOLM, "is_deleted": True, "update_time": "2026-03-03T17:00:00Z"}]))
    ask_deals(api, "2026-03-03T07:53:30Z", [
        RENEWAL,
        {**PILOT, "is_deleted": True, "status": "deleted",
         "update_time": "2026-03-03T18:00:00Z"},
    ], "2024-06-01T07:55:00Z", [OLD, WON_ARCHIVED])
    ask(api, "activities", "2026-02-20T09:55:00Z", page([CALL_DONE]))
    ask_products(api, page([HOUR]))
    return api


def third():
    api = har.Recording("2026-04-10T08:30:05Z")
    ask(api, "persons", "2026-03-04T06:55:00Z", page([]))
    ask(api, "organizations", "2026-03-03T16:55:00Z", page([]))
    # One deal and one of the archived have been deleted, and forgotten.
    ask_deals(api, None, [], None, [WON_ARCHIVED])
    ask(api, "activities", "2026-03-03T14:26:00Z", page([]))
    ask_products(api, page([HOUR]))
    return api


har.main(__file__, first=first(), second=second(), third=third())
