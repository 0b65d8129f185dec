#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Zendesk Sell: see connectors/har.py.

A first run reads three pages of contacts, one of which is throttled, and what the
Firehose has of the last three days. A day later a contact has changed, one is new,
and one was deleted, of which only the Firehose tells. A third run comes after five
days, when the Firehose has forgotten where the second one stood.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://api.getbase.com"
CONTACTS = f"{API}/v2/contacts"
DEALS = f"{API}/v2/deals"


def query(number, per_page):
    return {"per_page": per_page, "sort_by": "updated_at:desc",
            "page": number}


def events(position):
    return {"limit": 100, "position": position}


def contact(number, updated, first, last, mobile=None, tier=None):
    return {
        "id": number,
        "creator_id": 1,
        "owner_id": 1,
        "is_organization": False,
        "contact_id": None,
        "first_name": first,
        "last_name": last,
        "name": f"{first} {last}",
        "email": f"{first.lower()}@example.com",
        "phone": None,
        "mobile": mobile,
        "address": {"line1": "2726 Smith Street", "city": "Málaga",
                    "postal_code": "02135", "country": "Spain"},
        "tags": ["important"] if tier else [],
        "custom_fields": {"Tier": tier} if tier else {},
        "created_at": "2025-08-27T16:32:56Z",
        "updated_at": updated,
    }


def deal(number, updated, name, value):
    return {
        "id": number,
        "creator_id": 1,
        "owner_id": 1,
        "name": name,
        "value": value,
        "currency": "EUR",
        "hot": True,
        "stage_id": 1,
        "estimated_close_date": "2026-04-30",
        "last_stage_change_at": "2026-02-01T09:00:00Z",
        "contact_id": 101,
        "tags": [],
        "custom_fields": {},
        "created_at": "2025-08-27T16:32:56Z",
        "updated_at": updated,
    }


def page(kind, records, number=1):
    return {
        "items": [{"data": each, "meta": {"version": 1, "type": kind}}
                  for each in records],
        "meta": {"type": "collection", "count": len(records),
                 "links": {"self": f"{API}/v2/{kind}s?page={number}"}},
    }


def event(number, kind, what, record):
    return {
        "data": record,
        "meta": {
            "event_id": f"5c0a4b2e-0000-4000-8000-{number:012}",
            "event_type": what,
            "event_cause": "interaction",
            "event_time": record["updated_at"],
            "type": kind,
            "sequence": number,
            "previous": {},
        },
    }


def stream(found, position, top=True):
    return {"items": found,
            "meta": {"type": "collection", "position": position, "top": top}}


ADA = contact(101, "2026-03-02T10:32:30Z", "Ada", "Byron", "+1 555 0100",
              "Gold")
BEN = contact(102, "2026-02-11T07:00:00Z", "Ben", "O'Hara")
CLEO = contact(103, "2025-12-31T23:59:59Z", "Cleo", "Nowak")
EVE = contact(104, "2025-11-05T12:00:00Z", "Eve", "Stone")
FINN = contact(105, "2025-10-01T12:00:00Z", "Finn", "Aho")
ADA_EARLIER = contact(101, "2026-03-01T09:00:00Z", "Ada", "B.")
RENEWAL = deal(201, "2026-02-20T08:14:00Z", "Renewal", "1250.50")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    api.get(CONTACTS, query(1, 2), page("contact", [ADA, BEN]))
    api.get(CONTACTS, query(2, 2), {
        "errors": [{"error": {"code": "rate_limit_exceeded",
                              "message": "Too many requests.",
                              "details": "Try again later."},
                    "meta": {"type": "error"}}],
        "meta": {"type": "errors_list", "http_status": "429",
                 "logref": "3b9e4b8a1c"},
    }, status=429)
    api.wait(seconds=60)
    api.get(CONTACTS, query(2, 2), page("contact", [CLEO, EVE], 2))
    api.get(CONTACTS, query(3, 2), page("contact", [FINN], 3))
    api.get(f"{API}/v3/contacts/stream", events("tail"),
            stream([event(1, "contact", "updated", ADA_EARLIER)], "pos-1",
                   top=False))
    api.get(f"{API}/v3/contacts/stream", events("pos-1"),
            stream([event(2, "contact", "updated", ADA)], "pos-2"))
    api.get(DEALS, query(1, 100), page("deal", [RENEWAL]))
    api.get(f"{API}/v3/deals/stream", events("tail"), stream([], "pos-d1"))
    return api


ADA_LATER = contact(101, "2026-03-03T18:00:00Z", "Ada", "Lovelace",
                    "+1 555 0101", "Gold")
DANA = contact(9007199254740993, "2026-03-03T20:15:00Z", "Dana", "Ito")
RENEWAL_LATER = deal(201, "2026-03-03T19:00:00Z", "Renewal",
                     "98765432109.99")


def second():
    api = har.Recording("2026-03-04T08:00:05Z")
    # Down to a page that is older than the mark less an hour.
    api.get(CONTACTS, query(1, 2), page("contact", [DANA, ADA_LATER]))
    api.get(CONTACTS, query(2, 2), page("contact", [CLEO, EVE], 2))
    api.get(f"{API}/v3/contacts/stream", events("pos-2"), stream([
        event(3, "contact", "updated", ADA_LATER),
        event(1, "contact", "created", DANA),
        event(4, "contact", "deleted", {**BEN, "id": "102"}),
    ], "pos-3"))
    api.get(DEALS, query(1, 100), page("deal", [RENEWAL_LATER]))
    api.get(f"{API}/v3/deals/stream", events("pos-d1"),
            stream([event(2, "deal", "updated", RENEWAL_LATER)], "pos-d2"))
    return api


def third():
    api = har.Recording("2026-03-09T08:00:05Z")
    # One of the contacts shows up late. The Firehose begins anew.
    hal = contact(106, "2026-03-08T12:00:00Z", "Hal", "New")
    gus = contact(107, "2026-03-03T19:45:00Z", "Gus", "Late")
    api.get(CONTACTS, query(1, 2), page("contact", [hal, DANA]))
    api.get(CONTACTS, query(2, 2), page("contact", [gus, ADA_LATER], 2))
    api.get(CONTACTS, query(3, 2), page("contact", [CLEO, EVE], 3))
    api.get(f"{API}/v3/contacts/stream", events("tail"), stream([], "pos-9"))
    api.get(DEALS, query(1, 100), page("deal", [RENEWAL_LATER]))
    api.get(f"{API}/v3/deals/stream", events("tail"), stream([], "pos-d9"))
    return api


har.main(__file__, first=first(), second=second(), third=third())
