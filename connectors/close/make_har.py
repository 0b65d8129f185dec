#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Close: see connectors/har.py.

A first run reads two pages of leads, of which the second is throttled once, two of
opportunities, and activities in steps of three days. A day later a lead has
changed, one is new and one was deleted with its contact, an opportunity was won and
one deleted, and a note is new.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://api.close.com/api/v1"
INDUSTRY = "custom.cf_7mQ2sT9xVb4LwPz8RyKd1nHc3FgJa5Ee6UoXi0BtWqS"
LEAD = ["id", "date_updated", "display_name", "name", "description", "url",
        "status_id", "status_label", "addresses", "contact_ids",
        "created_by", "updated_by", "date_created", INDUSTRY]
CONTACT = ["id", "date_updated", "name", "created_by", "updated_by",
           "date_created", "lead_id", "title", "emails", "phones", "urls"]
INES = "user_Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8"


def search(kind, fields, since, cursor=None):
    updated = {"type": "regular_field", "object_type": kind,
               "field_name": "date_updated"}
    body = {
        "query": {"type": "and", "queries": [
            {"type": "object_type", "object_type": kind},
            {"type": "field_condition", "field": updated, "condition": {
                "type": "moment_range",
                "on_or_after": {"type": "fixed_utc", "value": since}}},
        ]},
        "_fields": {kind: fields},
        "_limit": 200,
        "sort": [{"direction": "asc", "field": updated}],
    }
    if cursor:
        body["cursor"] = cursor
    return body


def ask(api, kind, fields, since, records, cursor=None):
    api.post(f"{API}/data/search/", search(kind, fields, since),
             {"data": records, "cursor": cursor})


def lead(identity, name, updated, **values):
    return {"__object_type": "lead", "id": identity, "display_name": name,
            "name": name, "description": "", "url": None,
            "status_id": "stat_1x2y3z", "status_label": "Potential",
            "addresses": [], "contact_ids": [], "created_by": INES,
            "updated_by": INES,
            "date_created": "2025-01-17T19:55:04.281000+00:00",
            "date_updated": updated, **values}


def contact(identity, of, name, updated, **values):
    return {"__object_type": "contact", "id": identity, "lead_id": of,
            "name": name, "title": "", "emails": [], "phones": [],
            "urls": [], "created_by": INES, "updated_by": None,
            "date_created": "2025-01-17T19:55:04.281000+00:00",
            "date_updated": updated, **values}


def opportunity(identity, of, updated, **values):
    return {"id": identity, "lead_id": of, "lead_name": "Acme",
            "organization_id": "orga_1", "contact_id": None,
            "user_id": INES, "user_name": "Inês Carvalho",
            "status_id": "stat_9", "status_label": "Active",
            "status_type": "active", "value": 125050, "value_currency": "EUR",
            "value_period": "one_time", "confidence": 75, "note": "",
            "date_won": None, "created_by": INES, "updated_by": INES,
            "date_created": "2026-01-05T09:00:00.000000+00:00",
            "date_updated": updated, **values}


def activity(identity, kind, of, created, **values):
    return {"id": identity, "_type": kind, "lead_id": of, "contact_id": None,
            "user_id": INES, "organization_id": "orga_1",
            "date_created": created, "date_updated": created,
            "activity_at": created, **values}


def event(identity, kind, of, lead_id, at, **values):
    return {"id": identity, "object_type": kind, "object_id": of,
            "lead_id": lead_id, "action": "deleted", "user_id": INES,
            "api_key_id": None, "organization_id": "orga_1",
            "request_id": "req_1", "changed_fields": [], "meta": {},
            "data": {}, "previous_data": {"id": of}, "date_created": at,
            "date_updated": at, **values}


def ask_events(api, kind, since, events, cursor=None, following=None):
    query = {"object_type": kind, "action": "deleted"}
    if since:
        query["date_updated__gte"] = since
    if cursor:
        query["_cursor"] = cursor
    api.get(f"{API}/event/", query, {
        "data": events, "cursor_next": following, "cursor_previous": None})


def ask_opportunities(api, since, records, more=False, skip=0):
    query = {"_order_by": "date_updated", "_limit": 100, "_skip": skip}
    if since:
        query["date_updated__gte"] = since
    api.get(f"{API}/opportunity/", query, {
        "has_more": more, "total_results": 3, "data": records,
        "count_by_value_period": {"one_time": 3, "annual": 0, "monthly": 0}})


def ask_activities(api, after, before, records, more=False, skip=0):
    api.get(f"{API}/activity/", {
        "date_created__gt": after, "date_created__lt": before, "_limit": 100,
        "_skip": skip}, {"has_more": more, "data": records})


ACME_ID = "lead_1aQwErTyUiOpAsDfGhJkLzXcVbNm0001"
HOLM_ID = "lead_2aQwErTyUiOpAsDfGhJkLzXcVbNm0002"
IVER_ID = "lead_3aQwErTyUiOpAsDfGhJkLzXcVbNm0003"
ACME = lead(ACME_ID, "Acme", "2025-09-11T13:27:39.356000+00:00",
            url="https://acme.example.com", contact_ids=["cont_1"],
            addresses=[{"label": "business", "city": "Leeds",
                        "country": "GB"}], **{INDUSTRY: "Manufacturing"})
HOLM = lead(HOLM_ID, "Holm & Sønner", "2025-09-30T07:02:15.118000+00:00",
            contact_ids=["cont_2"])
IVER = lead(IVER_ID, "Iverson", "2025-10-21T21:36:02.961000+00:00")
ADA = contact("cont_1", ACME_ID, "Ada Byron",
              "2025-09-11T13:27:39.300000+00:00", title="Analyst",
              emails=[{"type": "office", "email": "ada@example.com"},
                      {"type": "home", "email": "a.b@example.com"}],
              phones=[{"type": "mobile", "phone": "+15550100",
                       "phone_formatted": "+1 555 0100"}])
EVA = contact("cont_2", HOLM_ID, "Eva Öz", "2025-09-30T07:02:15.100000+00:00")
RENEWAL = opportunity("oppo_1", ACME_ID, "2026-02-10T09:30:00.500000+00:00",
                      contact_id="cont_1")
PILOT = opportunity("oppo_2", ACME_ID, "2026-02-12T09:30:00.700000+00:00",
                    value=None, confidence=10)
TEST = opportunity("oppo_3", HOLM_ID, "2026-03-03T07:58:30.250000+00:00")
NOTE = activity("acti_1", "Note", ACME_ID,
                "2026-02-27T10:00:00.100000+00:00", note="Wants a draft")
MAIL = activity("acti_2", "Email", ACME_ID,
                "2026-02-28T11:00:00.200000+00:00", subject="Draft",
                status="sent", direction="outgoing")
CALL = activity("acti_3", "Call", HOLM_ID,
                "2026-03-03T07:50:00.300000+00:00", duration=0,
                direction="outbound", phone=None)
ACME_LATER = {**ACME, "url": None, INDUSTRY: None, "description": "Rétro",
              "date_updated": "2026-03-03T15:00:00.250000+00:00"}
KITE = lead("lead_4aQwErTyUiOpAsDfGhJkLzXcVbNm0004", "Kite",
            "2026-03-04T07:00:00.000001+00:00",
            date_created="2026-03-04T07:00:00.000001+00:00")
RENEWAL_WON = {**RENEWAL, "status_type": "won", "status_label": "Won",
               "confidence": 100, "date_won": "2026-03-04",
               "date_updated": "2026-03-04T07:10:00.500000+00:00"}
CALL_ENDED = {**CALL, "duration": 184, "phone": "+1 555 0100",
              "date_updated": "2026-03-03T08:03:04.000000+00:00"}
SIGNED = activity("acti_4", "Note", ACME_ID,
                  "2026-03-03T17:00:00.400000+00:00", note="Signed")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    begin = "1970-01-01T00:00:00+00:00"
    ask_activities(api, "2026-02-26T07:59:59Z", "2026-03-01T08:00:00Z",
                   [NOTE], more=True)
    ask_activities(api, "2026-02-26T07:59:59Z", "2026-03-01T08:00:00Z",
                   [MAIL], skip=1)
    ask_activities(api, "2026-02-28T07:59:59Z", "2026-03-03T08:00:00Z",
                   [MAIL, CALL])
    # The last step ends where the first one's answer said that it is now.
    ask_activities(api, "2026-03-02T07:59:59Z", "2026-03-03T08:00:03Z",
                   [CALL])
    ask(api, "lead", LEAD, begin, [ACME, HOLM], cursor="eyJza2lwIjoyfQ==")
    # The next page begins at the second of the last lead, which comes again.
    following = search("lead", LEAD, "2025-09-30T07:02:15+00:00")
    api.post(f"{API}/data/search/", following,
             {"error": "Too many requests.", "rate_reset": 2.5,
              "rate_limit": 60, "rate_window": 3},
             status=429, headers={"RateLimit":
                                  "limit=60, remaining=0, reset=2.5"})
    api.wait(seconds=3)
    api.post(f"{API}/data/search/", following,
             {"data": [HOLM, IVER], "cursor": None})
    ask_events(api, "lead", None, [])
    ask(api, "contact", CONTACT, begin, [ADA, EVA])
    ask_events(api, "contact", None, [])
    ask_opportunities(api, None, [RENEWAL, PILOT], more=True)
    ask_opportunities(api, "2026-02-12T09:30:00Z", [PILOT, TEST])
    ask_events(api, "opportunity", None, [])
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # A day is read again: the call was going on. As no answer has told yet what
    # time it is, the first step ends five minutes ago.
    ask_activities(api, "2026-03-02T08:00:02Z", "2026-03-04T08:25:05Z",
                   [CALL_ENDED, SIGNED])
    ask_activities(api, "2026-03-03T08:25:04Z", "2026-03-04T08:30:03Z",
                   [SIGNED])
    # From five minutes before the mark: the filter brings what it names, too.
    ask(api, "lead", LEAD, "2025-10-21T21:31:02+00:00", [
        IVER, ACME_LATER, KITE])
    ask_events(api, "lead", None, [
        event("ev_2", "lead", HOLM_ID, HOLM_ID,
              "2026-03-03T16:20:00.123000+00:00"),
    ], following="Y3Vyc29yMQ")
    # Of a lead that no run has seen.
    ask_events(api, "lead", None, [
        event("ev_1", "lead", "lead_9", "lead_9",
              "2026-03-01T09:00:00.456000+00:00"),
    ], cursor="Y3Vyc29yMQ")
    ask(api, "contact", CONTACT, "2025-09-30T06:57:15+00:00", [EVA])
    ask_events(api, "contact", None, [
        event("ev_3", "contact", "cont_2", HOLM_ID,
              "2026-03-03T16:20:00.124000+00:00"),
    ])
    ask_opportunities(api, "2026-03-03T07:53:30Z", [TEST, RENEWAL_WON])
    ask_events(api, "opportunity", None, [
        event("ev_4", "opportunity", "oppo_3", HOLM_ID,
              "2026-03-03T16:20:00.125000+00:00"),
    ])
    return api


har.main(__file__, first=first(), second=second())
