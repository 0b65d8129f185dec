#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Attio: see connectors/har.py.

Each run reads all lists whole. A first one reads people in two pages, one of
which is throttled. Then a deal has changed, a person is new, and another is gone:
its row is marked when a third run misses it again.
"""

import email.utils
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://api.attio.com/v2"
WORKSPACE = "14beef7a-99f7-4534-a87e-70b564330a4c"
ACTOR = {"type": "workspace-member",
         "id": "175bec0c-f06a-4c45-9962-7a7a6be28b8a"}
MADE = "2025-11-21T13:22:49.061281000Z"


def query(offset, limit):
    """Returns the body that asks for the records after the first `offset`."""
    return {"limit": limit, "offset": offset,
            "sorts": [{"attribute": "created_at", "direction": "asc"}]}


def value(kind, since=MADE, **members):
    """Returns an attribute's value, the one that holds now."""
    return [{"active_from": since, "active_until": None,
             "created_by_actor": ACTOR, **members, "attribute_type": kind}]


def identity(number):
    return f"bf071e1f-6035-429d-b874-{number:012}"


def record(kind, number, made, values):
    return {
        "id": {"workspace_id": WORKSPACE,
               "object_id": "97052eb9-e65e-443f-a297-f2d9a4a7f795",
               "record_id": identity(number)},
        "created_at": made,
        "web_url": f"https://app.attio.com/acme/{kind}/{identity(number)}",
        "values": {**values, "created_at": value("timestamp", value=made),
                   "created_by": value("actor-reference",
                                       referenced_actor_type=ACTOR["type"],
                                       referenced_actor_id=ACTOR["id"])},
    }


def person(number, made, first, last, mail=None, job=None, company=None,
           tier=None):
    return record("person", number, made, {
        "name": value("personal-name", first_name=first, last_name=last,
                      full_name=f"{first} {last}".strip()),
        "email_addresses": value("email-address", email_address=mail,
                                 original_email_address=mail,
                                 email_domain="example.com",
                                 email_root_domain="example.com",
                                 email_local_specifier=mail.split("@")[0])
        if mail else [],
        "phone_numbers": [],
        "job_title": value("text", value=job) if job else [],
        "company": value("record-reference", target_object="companies",
                         target_record_id=identity(company))
        if company else [],
        "tier": value("select", option={
            "id": {"workspace_id": WORKSPACE, "option_id": identity(900)},
            "title": tier, "is_archived": False}) if tier else [],
    })


def deal(number, name, stage, amount, since=MADE):
    return record("deals", number, MADE, {
        "name": value("text", value=name),
        "stage": value("status", since, status={
            "id": {"workspace_id": WORKSPACE, "status_id": identity(901)},
            "title": stage, "is_archived": False,
            "celebration_enabled": False, "target_time_in_status": None}),
        "value": value("currency", currency_value=amount, currency_code="EUR")
        if amount is not None else [],
        "owner": value("actor-reference", referenced_actor_type=ACTOR["type"],
                       referenced_actor_id=ACTOR["id"]),
        "associated_company": value("record-reference",
                                    target_object="companies",
                                    target_record_id=identity(700)),
    })


def entry(number, parent, seats):
    return {
        "id": {"workspace_id": WORKSPACE,
               "list_id": "33ebdbe9-e529-47c9-b894-0ba25e9c15c0",
               "entry_id": identity(number)},
        "parent_record_id": identity(parent),
        "parent_object": "deals",
        "created_at": MADE,
        "entry_values": {"seats": value("number", value=seats)},
    }


ADA = person(101, "2025-11-21T13:22:49.061281000Z", "Ada", "Byron",
             "ada@example.com", "Analyst", 700, "Gold")
JOSE = person(102, "2025-12-02T09:00:00.000000001Z", "José", "Núñez",
              "jose@example.com")
MONO = person(103, "2026-01-15T17:45:10.500000000Z", "Mono", "")
NEW = person(104, "2026-03-03T19:10:00.123456789Z", "Eva", "Zhang",
             "eva@example.com", "CFO", 700, "Silver")


def read(api, path, *pages, limit=500):
    """Enters a whole reading, up to a page that is not full."""
    for number, page in enumerate(pages):
        api.post(f"{API}/{path}/query", query(number * limit, limit),
                 {"data": page})


PEOPLE = "objects/people/records"
DEALS = "objects/deals/records"
PILOTS = "lists/pilots/entries"


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    again = email.utils.format_datetime(har.utc("2026-03-03T08:00:06Z"),
                                        usegmt=True)
    api.post(f"{API}/{PEOPLE}/query", query(0, 2), {
        "status_code": 429,
        "type": "rate_limit_error",
        "code": "rate_limit_exceeded",
        "message": "Rate limit exceeded.",
    }, status=429, headers={"Retry-After": again})
    read(api, PEOPLE, [ADA, JOSE], [MONO], limit=2)
    read(api, DEALS, [deal(201, "Renewal", "In Progress", 1250.5),
                      deal(202, "Pilot", "Lead", None)])
    read(api, PILOTS, [entry(301, 202, 12)])
    return api


def second():
    api = har.Recording("2026-03-04T08:00:05Z")
    read(api, PEOPLE, [ADA, MONO], [NEW], limit=2)
    read(api, DEALS, [deal(201, "Renewal", "Won", 1250.5,
                           "2026-03-03T20:00:00.000000000Z"),
                      deal(202, "Pilot", "Lead", 98765432109.99)])
    read(api, PILOTS, [entry(301, 202, 12)])
    return api


def third():
    api = har.Recording("2026-03-05T08:00:05Z")
    read(api, PEOPLE, [ADA, MONO], [NEW], limit=2)
    read(api, DEALS, [deal(201, "Renewal", "Won", 1250.5,
                           "2026-03-03T20:00:00.000000000Z"),
                      deal(202, "Pilot", "Lead", 98765432109.99)])
    read(api, PILOTS, [])
    return api


har.main(__file__, first=first(), second=second(), third=third())
