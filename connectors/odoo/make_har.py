#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Odoo: see connectors/har.py.

A first run reads partners two at a time: three were written in the same second,
which is more than a page and is read twice; one request is throttled. A day later
a partner has changed, one is new and one is archived.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://acme.odoo.com/json/2"
PARTNER = ["id", "write_date", "active", "name", "email", "phone", "street",
           "zip", "city", "country_id", "vat", "ref", "is_company",
           "parent_id", "user_id", "create_date"]
LEAD = ["id", "write_date", "name", "type", "active", "partner_id",
        "partner_name", "contact_name", "email_from", "phone", "stage_id",
        "user_id", "team_id", "expected_revenue", "probability",
        "date_deadline", "date_closed", "create_date"]
VISIT = ["id", "write_date", "x_name", "x_note"]


def search_read(api, model, fields, since, answer, limit=500, offset=0,
                **more):
    """Enters a call for what was written at `since` or later."""
    api.post(f"{API}/{model}/search_read", {
        "domain": [["write_date", ">=", since]],
        "fields": fields,
        "order": "write_date asc, id asc",
        "limit": limit,
        "offset": offset,
        "context": {"active_test": False},
    }, answer, **more)


def record(fields, **values):
    """Returns a record: what is empty is false, but for numbers."""
    return {name: values.get(name, False) for name in fields}


def partner(number, written, name, active=True, **more):
    return record(PARTNER, id=number, write_date=written, active=active,
                  name=name, create_date="2025-11-02 10:15:30", **more)


def lead(number, written, name, active=True, **more):
    return record(LEAD, id=number, write_date=written, active=active,
                  name=name, create_date="2025-12-01 08:00:00",
                  **{"type": "opportunity", "expected_revenue": 0.0,
                     "probability": 10.0, **more})


SECOND = "2026-02-10 12:00:00"
ACME = partner(7, "2026-01-20 08:30:00", "Acme GmbH", is_company=True,
               email="info@example.com", city="Köln", zip="05067",
               country_id=[57, "Germany"], vat="DE000000000")
ADA = partner(8, SECOND, "Ada Byron", email="ada@example.com",
              parent_id=[7, "Acme GmbH"], user_id=[2, "Mitchell Admin"])
BEN = partner(9, SECOND, "Ben O'Hara", phone="+1 555 0100")
CLEO = partner(10, SECOND, "Cleo", email="cleo@example.com")
DAN = partner(11, "2026-03-03 07:40:00", "Dan Wójcik")
RENEWAL = lead(31, "2026-02-20 09:00:00", "Renewal",
               partner_id=[7, "Acme GmbH"], partner_name="Acme GmbH",
               stage_id=[3, "Proposition"], team_id=[1, "Sales"],
               expected_revenue=1250.5, date_deadline="2026-03-31")
PILOT = lead(32, "2026-02-21 11:30:00", "Pilot")


def partners(api, since, answer, offset=0, **more):
    search_read(api, "res.partner", PARTNER, since, answer, 2, offset, **more)


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    begin = "1970-01-01 00:00:00"
    search_read(api, "crm.lead", LEAD, begin, [RENEWAL, PILOT])
    partners(api, begin, [ACME, ADA])
    # From the last one's second on, of which there are more than a page holds.
    partners(api, SECOND, [ADA, BEN])
    partners(api, SECOND, "Too many requests", 2, status=429,
             content_type="text/html")
    api.wait(seconds=60)
    partners(api, SECOND, [CLEO, DAN], 2)
    # Once more: it is read until nothing in it moved meanwhile.
    partners(api, SECOND, [ADA, BEN])
    partners(api, SECOND, [CLEO, DAN], 2)
    partners(api, "2026-03-03 07:40:00", [DAN])
    search_read(api, "x_visit", VISIT, begin, [
        record(VISIT, id=1, write_date="2026-03-01 16:20:00",
               x_name="Köln, Tor 3")])
    return api


def second():
    api = har.Recording("2026-03-04T08:00:05Z")
    # The mark of each, less an hour.
    lost = lead(32, "2026-03-03 15:00:00", "Pilot", active=False,
                probability=0.0, date_closed="2026-03-03 14:59:58")
    big = lead(2**53 + 1, "2026-03-04 07:00:00", "Tender",
               expected_revenue=98765432109.99)
    search_read(api, "crm.lead", LEAD, "2026-02-21 10:30:00", [lost, big])
    eva = partner(12, "2026-03-03 19:05:10", "Eva Zhang",
                  email="eva@example.com")
    ada = partner(8, "2026-03-04 06:00:00", "Ada Lovelace",
                  email="ada@example.com", user_id=[2, "Mitchell Admin"])
    ben = partner(9, "2026-03-03 11:00:00", "Ben O'Hara", active=False,
                  phone="+1 555 0100")
    partners(api, "2026-03-03 06:40:00", [DAN, ben])
    partners(api, "2026-03-03 11:00:00", [ben, eva])
    partners(api, "2026-03-03 19:05:10", [eva, ada])
    partners(api, "2026-03-04 06:00:00", [ada])
    search_read(api, "x_visit", VISIT, "2026-03-01 15:20:00", [
        record(VISIT, id=1, write_date="2026-03-01 16:20:00",
               x_name="Köln, Tor 3")])
    return api


har.main(__file__, first=first(), second=second())
