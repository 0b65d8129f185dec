#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of HubSpot: see connectors/har.py.

A first run reads two pages of contacts, of which the second is throttled once,
a page of deals and a page of a custom object. A day later a contact and a deal
have changed, a deal is new, and a contact has been archived.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://api.hubapi.com/crm/v3/objects"

CONTACT = ["lastmodifieddate", "email", "firstname", "lastname", "phone",
           "mobilephone", "company", "jobtitle", "city", "country",
           "lifecyclestage", "hs_lead_status", "hubspot_owner_id",
           "associatedcompanyid", "createdate"]
DEAL = ["hs_lastmodifieddate", "dealname", "amount", "deal_currency_code",
        "dealstage", "pipeline", "dealtype", "closedate", "hs_is_closed",
        "hs_is_closed_won", "hs_primary_associated_company",
        "hubspot_owner_id", "createdate"]
PET = ["hs_lastmodifieddate", "name", "species"]


def search(modified, properties, since, last):
    """Returns the body of a search for what changed after `since`."""
    return {
        "limit": 200,
        "properties": properties,
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "filterGroups": [{"filters": [
            {"propertyName": modified, "operator": "GT", "value": since},
            {"propertyName": "hs_object_id", "operator": "GT", "value": last},
        ]}],
    }


def record(names, identity, modified, *values):
    """Returns an object as the API sends it: every property a text or null."""
    created = values[-1] if "createdate" in names else modified
    properties = dict(zip(names, (modified, *values)))
    return {
        "id": identity,
        "properties": {**dict.fromkeys(names), **properties,
                       "hs_object_id": identity},
        "createdAt": created,
        "updatedAt": modified,
        "archived": False,
    }


def page(total, records, after=None):
    body = {"total": total, "results": records}
    if after:
        body["paging"] = {"next": {"after": after}}
    return body


def archived(identity, at, **properties):
    return {
        "id": identity,
        "properties": {"hs_object_id": identity, **properties},
        "createdAt": "2025-01-17T19:55:04.281Z",
        "updatedAt": at,
        "archived": True,
        "archivedAt": at,
    }


def archived_page(api, kind, records=()):
    api.get(f"{API}/{kind}", {"archived": "true", "limit": 100},
            {"results": list(records)})


ADA = record(CONTACT, "100987", "2025-09-11T13:27:39.356Z",
             "ada@example.com", "Ada", "Byron", "+1 555 0100", None, "Acme",
             "Analyst", "London", "United Kingdom", "customer", "OPEN", "8801",
             "7001", "2025-01-17T19:55:04.281Z")
BEN = record(CONTACT, "101044", "2025-09-30T07:02:15.118Z",
             "ben@example.com", "Ben", "O'Hara", None, None, None, None, None,
             None, "lead", None, None, None, "2025-02-03T08:20:11.904Z")
CLEO = record(CONTACT, "57156920001", "2025-10-21T21:36:02.961Z",
              "cleo@example.com", "Cleo", None, None, "+49 170 5550111",
              "Globex", "CTO", "Köln", "Germany", "opportunity", None, "8801",
              "7002", "2025-09-11T18:21:50.012Z")
CLEO_LATER = record(CONTACT, "57156920001", "2026-03-03T15:00:00.250Z",
                    "cleo@example.com", "Cleo", "Nowak", None,
                    "+49 170 5550111", "Globex", "CEO", "Köln", "Germany",
                    "customer", None, "8801", "7002",
                    "2025-09-11T18:21:50.012Z")
RENEWAL = record(DEAL, "9000001", "2026-03-03T07:40:00.000Z", "Renewal",
                 "1250.50", "EUR", "contractsent", "default",
                 "existingbusiness", "2026-03-31T00:00:00Z", "false", "false",
                 "7001", "8801", "2026-01-05T09:00:00.000Z")
RENEWAL_WON = record(DEAL, "9000001", "2026-03-04T07:10:00.001Z", "Renewal",
                     "1250.50", "EUR", "closedwon", "default",
                     "existingbusiness", "2026-03-04T07:09:58Z", "true",
                     "true", "7001", "8801", "2026-01-05T09:00:00.000Z")
PILOT = record(DEAL, "9000002", "2026-03-04T07:20:11.870Z", "Pilot", None,
               "EUR", "qualifiedtobuy", "default", "newbusiness", None,
               "false", "false", None, None, "2026-03-04T07:20:11.870Z")
REX = record(PET, "501", "2026-02-01T12:00:00.000Z", "Rex", "dog")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    begin = "1970-01-01T00:00:00.000Z"
    contacts = "lastmodifieddate"
    api.post(f"{API}/contacts/search", search(contacts, CONTACT, begin, "0"),
             page(3, [ADA, BEN], "2"))
    next_page = search(contacts, CONTACT, begin, "101044")
    api.post(f"{API}/contacts/search", next_page, {
        "status": "error",
        "message": "You have reached your secondly limit.",
        "errorType": "RATE_LIMIT",
        "policyName": "SECONDLY",
    }, status=429, headers={"Retry-After": 1})
    api.post(f"{API}/contacts/search", next_page, page(1, [CLEO]))
    archived_page(api, "contacts")
    deals = "hs_lastmodifieddate"
    api.post(f"{API}/deals/search", search(deals, DEAL, begin, "0"),
             page(1, [RENEWAL]))
    archived_page(api, "deals")
    api.post(f"{API}/2-1234567/search", search(deals, PET, begin, "0"),
             page(1, [REX]))
    archived_page(api, "2-1234567")
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # Nothing was changed in the hour before the first run: all up to its mark
    # is there, and is not asked for again.
    api.post(f"{API}/contacts/search",
             search("lastmodifieddate", CONTACT, "2025-10-21T21:36:02.961Z",
                    "0"), page(1, [CLEO_LATER]))
    archived_page(api, "contacts",
                  [archived("101044", "2026-03-03T16:20:00.000Z",
                            email="ben@example.com")])
    # A deal was: the hour before the mark is read again, less what the filter
    # leaves out.
    api.post(f"{API}/deals/search",
             search("hs_lastmodifieddate", DEAL, "2026-03-03T06:39:59.999Z",
                    "0"), page(2, [RENEWAL_WON, PILOT]))
    archived_page(api, "deals")
    api.post(f"{API}/2-1234567/search",
             search("hs_lastmodifieddate", PET, "2026-02-01T12:00:00.000Z",
                    "0"), page(0, []))
    archived_page(api, "2-1234567")
    return api


har.main(__file__, first=first(), second=second())
