#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Copper: see connectors/har.py.

A first run reads three pages of people, two each, of which the second is throttled
once, and a page of everything else. A day later a person has changed and one is
new, an opportunity was won, and a task is done.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://api.copper.com/developer_api/v1"
INES = 137658


def at(text):
    """Returns the time as Copper writes it."""
    return int(har.utc(text).timestamp())


def search(size, since, page):
    return {"page_number": page, "page_size": size, "sort_by": "date_modified",
            "sort_direction": "asc", "minimum_modified_date": since}


def ask(api, kind, since, records, size=200, page=1, **more):
    api.post(f"{API}/{kind}/search", search(size, since, page), records,
             **{"headers": {"X-PW-TOTAL": len(records)}, **more})


def person(identity, first, last, modified, **values):
    return {
        "id": identity, "name": f"{first} {last}", "prefix": None,
        "first_name": first, "middle_name": None, "last_name": last,
        "suffix": None, "address": None, "assignee_id": INES,
        "company_id": None, "company_name": None, "contact_type_id": 451490,
        "details": None, "emails": [], "phone_numbers": [], "socials": [],
        "tags": [], "title": None, "websites": [],
        "custom_fields": [
            {"custom_field_definition_id": 100763, "value": None},
            {"custom_field_definition_id": 100764, "value": None}],
        "date_created": at("2025-01-17T19:55:04Z"), "date_modified": modified,
        "date_last_contacted": None, "interaction_count": 0, **values}


def record(identity, name, modified, **values):
    return {"id": identity, "name": name, "assignee_id": INES, "tags": [],
            "details": None, "custom_fields": [],
            "date_created": at("2025-01-20T13:30:05Z"),
            "date_modified": modified, **values}


ADA_AT = at("2025-09-11T13:27:39Z")
BEN_AT = at("2025-09-30T07:02:15Z")
CLEO_AT = at("2026-03-03T07:58:30Z")
ADA = person(27140359, "Ada", "Byron", ADA_AT, company_id=9607580,
             company_name="Acme", title="Analyst", tags=["vip"],
             address={"street": "1 Dock Street", "city": "Leeds",
                      "state": None, "postal_code": "LS1 1AA",
                      "country": "GB"},
             emails=[{"category": "work", "email": "ada@example.com"}],
             phone_numbers=[{"category": "mobile", "number": "+1 555 0100"}],
             custom_fields=[
                 {"custom_field_definition_id": 100763, "value": 7},
                 {"custom_field_definition_id": 100764, "value": "North"}],
             date_last_contacted=at("2025-09-10T12:00:00Z"),
             interaction_count=3)
BEN = person(27140360, "Ben", "O'Hara", BEN_AT)
CLEO = person(27140361, "Çağla", "Öz", CLEO_AT)
ACME = record(9607580, "Acme", at("2026-01-15T07:45:01Z"),
              address={"street": None, "city": "Leeds", "state": None,
                       "postal_code": None, "country": "GB"},
              email_domain="example.com", contact_type_id=451493,
              phone_numbers=[], socials=[], websites=[], interaction_count=0)
RENEWAL = record(4827586, "Renewal", at("2026-02-27T12:00:00Z"),
                 close_date="3/31/2026", company_id=9607580,
                 company_name="Acme", customer_source_id=None,
                 loss_reason_id=None, monetary_value=1250.5,
                 monetary_unit="EUR", pipeline_id=213214,
                 primary_contact_id=27140359, priority="None",
                 pipeline_stage_id=987790, status="Open",
                 win_probability=40, interaction_count=0)
EVA = record(8894157, "Eva Holm", at("2026-02-11T16:20:45Z"),
             first_name="Eva", middle_name=None, last_name="Holm",
             address=None, company_name="Holm & Sønner",
             customer_source_id=331241,
             email={"category": "work", "email": "eva@example.com"},
             monetary_value=None, monetary_unit=None, phone_numbers=[],
             socials=[], status="New", status_id=208231, title=None,
             websites=[], interaction_count=0)
CALL = record(3716920, "Call Ada", at("2026-02-20T10:00:00Z"),
              related_resource={"id": 27140359, "type": "person"},
              due_date=at("2026-03-03T14:00:00Z"), reminder_date=None,
              completed_date=None, priority="None", status="Open")
MOVE = record(144296, "Move to Malmö", at("2026-02-01T12:00:00Z"),
              related_resource={"id": 9607580, "type": "company"},
              status="Open")
ADA_LATER = {**ADA, "date_modified": at("2026-03-03T16:20:00Z"),
             "phone_numbers": [], "custom_fields": [
                 {"custom_field_definition_id": 100763, "value": 7},
                 {"custom_field_definition_id": 100764, "value": "East"}]}
DOV = person(27140999, "Dov", "Levi", at("2026-03-04T07:00:00Z"),
             date_created=at("2026-03-04T07:00:00Z"))


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    ask(api, "companies", 0, [ACME])
    ask(api, "opportunities", 0, [RENEWAL])
    ask(api, "leads", 0, [EVA])
    ask(api, "tasks", 0, [CALL])
    ask(api, "projects", 0, [MOVE])
    ask(api, "people", 0, [ADA, BEN], size=2)
    # Each page begins at the last one's time, less the second that the filter may
    # leave out, and brings that person again.
    api.post(f"{API}/people/search", search(2, BEN_AT - 1, 1),
             {"success": False, "status": 429,
              "message": "Rate limit exceeded, please try again later"},
             status=429)
    api.wait(seconds=1)
    ask(api, "people", BEN_AT - 1, [BEN, CLEO], size=2)
    ask(api, "people", CLEO_AT - 1, [CLEO], size=2)
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # All up to the mark is there, and is not asked for again; the filter may bring
    # what it names.
    ask(api, "companies", at("2026-01-15T07:45:01Z"), [ACME])
    ask(api, "opportunities", at("2026-02-27T12:00:00Z"), [
        {**RENEWAL, "status": "Won", "win_probability": 100,
         "close_date": "3/4/2026",
         "date_modified": at("2026-03-04T07:10:00Z")}])
    ask(api, "leads", at("2026-02-11T16:20:45Z"), [EVA])
    ask(api, "tasks", at("2026-02-20T10:00:00Z"), [
        {**CALL, "status": "Completed",
         "completed_date": at("2026-03-03T14:31:00Z"),
         "date_modified": at("2026-03-03T14:31:00Z")}])
    ask(api, "projects", at("2026-02-01T12:00:00Z"), [])
    # A person had changed just before the first run: five minutes before the mark,
    # and a second.
    ask(api, "people", at("2026-03-03T07:53:29Z"), [CLEO, ADA_LATER], size=2)
    ask(api, "people", at("2026-03-03T16:19:59Z"), [ADA_LATER, DOV], size=2)
    ask(api, "people", at("2026-03-04T06:59:59Z"), [DOV], size=2)
    return api


har.main(__file__, first=first(), second=second())
