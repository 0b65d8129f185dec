#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Freshsales: see connectors/har.py.

A first run reads three pages of contacts, newest first, one of which is
throttled, and the deals whole. In a second two contacts have changed, one of them
deleted, one is new, and reading ends at a page that was there before; a deal is
gone, and its row is marked when a third run misses it again, which also brings a
contact that shows up late.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://acme.myfreshworks.com/crm/sales/api"
CONTACTS = f"{API}/contacts/view/17000120001"
DEALS = f"{API}/deals/view/17000120007"


def query(number, per_page):
    return {"sort": "updated_at", "sort_type": "desc", "per_page": per_page,
            "page": number}


def contact(number, updated, first, last, amount, tier=None, mobile=None,
            deleted=False):
    identity = 17008318500 + number
    return {
        "id": identity,
        "first_name": first,
        "last_name": last,
        "display_name": f"{first} {last}" if last else first,
        "job_title": None,
        "city": "Zürich" if number % 2 else None,
        "zipcode": "08001",
        "email": f"{first.lower()}@example.com",
        "emails": [{"id": 17007443500 + number,
                    "value": f"{first.lower()}@example.com",
                    "is_primary": True, "label": None, "_destroy": False}],
        "work_number": None,
        "mobile_number": mobile,
        "last_contacted": None,
        "lead_score": 14,
        "open_deals_amount": amount,
        "won_deals_amount": "0.0",
        "links": {"notes": f"/crm/sales/contacts/{identity}/notes"},
        "custom_field": {"cf_tier": tier},
        "created_at": "2025-10-19T00:28:18-06:00",
        "updated_at": updated,
        "last_assigned_at": "2025-10-19T00:28:19-06:00",
        "is_deleted": deleted,
        "mcr_id": str(1450348061427834000 + number),
        "tags": [],
    }


def deal(number, name, amount, updated, close=None):
    return {
        "id": 17000512100 + number,
        "name": name,
        "amount": amount,
        "base_currency_amount": amount,
        "expected_close": close,
        "closed_date": None,
        "stage_updated_time": "2025-10-13T10:06:38-06:00",
        "custom_field": {},
        "probability": 100,
        "updated_at": updated,
        "created_at": "2025-10-09T10:06:37-06:00",
        "deal_stage_id": 17000237830,
        "is_deleted": False,
    }


def page(kind, records, total, per_page):
    return {kind: records,
            "meta": {"total_pages": -(-total // per_page), "total": total}}


def read(api, records, pages=None):
    """Enters the pages of contacts, two on each, all or the first ones."""
    for start in range(0, len(records), 2)[:pages]:
        api.get(CONTACTS, query(start // 2 + 1, 2),
                page("contacts", records[start:start + 2], len(records), 2))


ADA = contact(1, "2026-03-03T00:40:10-07:00", "Ada", "Byron", "7700.0", "Gold",
              "+1 555 0100")
BEN = contact(2, "2026-02-27T05:26:56-07:00", "Ben", "O'Hara", "0.0")
CLEO = contact(3, "2026-02-11T11:00:00-07:00", "Cleo", None, "1250.5")
DAN = contact(4, "2026-01-30T08:12:01-07:00", "Dan", "Wójcik", "0.0", "Silver")
EVE = contact(5, "2025-12-24T23:59:59-07:00", "Eve", "Stone", "0.0")

RENEWAL = deal(1, "Renewal", "7000.25", "2026-02-14T10:06:38-07:00",
               "2026-03-31")
PILOT = deal(2, "Pilot", "98765432109.99", "2026-01-09T09:00:00-07:00")
LOST = deal(3, "Lost", None, "2025-12-01T09:00:00-07:00")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    api.get(CONTACTS, query(1, 2), {"message": "Too many requests"},
            status=429)
    api.wait(seconds=60)
    read(api, [ADA, BEN, CLEO, DAN, EVE])
    api.get(DEALS, query(1, 100), page("deals", [RENEWAL, PILOT, LOST], 3, 100))
    return api


def second():
    api = har.Recording("2026-03-04T08:00:05Z")
    # Down to a page that is older than the mark less an hour.
    fay = contact(6, "2026-03-03T22:10:00-07:00", "Fay", "Ng", "0.0")
    dan = contact(4, "2026-03-03T20:00:00-07:00", "Dan", "Wójcik", "0.0",
                  "Silver", deleted=True)
    ben = contact(2, "2026-03-03T21:30:30-07:00", "Ben", "O'Hara", "42.1",
                  "Gold")
    read(api, [fay, ben, dan, ADA, CLEO, EVE], pages=3)
    renewal = deal(1, "Renewal", "7100", "2026-03-03T10:06:38-07:00",
                   "2026-04-30")
    api.get(DEALS, query(1, 100), page("deals", [renewal, PILOT], 2, 100))
    return api


def third():
    api = har.Recording("2026-03-05T08:00:05Z")
    fay = contact(6, "2026-03-03T22:10:00-07:00", "Fay", "Ng", "0.0")
    ben = contact(2, "2026-03-03T21:30:30-07:00", "Ben", "O'Hara", "42.1",
                  "Gold")
    gus = contact(7, "2026-03-03T21:50:00-07:00", "Gus", "Late", "0.0")
    read(api, [fay, gus, ben, ADA, CLEO, EVE], pages=3)
    renewal = deal(1, "Renewal", "7100", "2026-03-03T10:06:38-07:00",
                   "2026-04-30")
    api.get(DEALS, query(1, 100), page("deals", [renewal, PILOT], 2, 100))
    return api


har.main(__file__, first=first(), second=second(), third=third())
