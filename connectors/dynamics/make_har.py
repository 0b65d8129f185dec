#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Dynamics 365: see connectors/har.py.

A first run reads two pages of contacts, of which the second is throttled once, and
two of accounts, which are tracked. A day later a contact has changed and one is
new, an account has changed and two were deleted, of which one was never seen. The
third run comes after nine days, when what was tracked is gone: accounts are read
anew, and one does not come any more.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

LOGIN = ("https://login.microsoftonline.com/acme.onmicrosoft.com/oauth2/v2.0/"
         "token")
API = "https://acme.crm4.dynamics.com/api/data/v9.2"

CONTACT = ["contactid", "modifiedon", "fullname", "firstname", "lastname",
           "emailaddress1", "telephone1", "mobilephone", "jobtitle",
           "address1_city", "address1_country", "_parentcustomerid_value",
           "_ownerid_value", "statecode", "statuscode", "createdon"]
ACCOUNT = ["accountid", "name", "accountnumber", "emailaddress1",
           "telephone1", "websiteurl", "address1_city", "address1_country",
           "industrycode", "numberofemployees", "revenue",
           "_transactioncurrencyid_value", "_parentaccountid_value",
           "_ownerid_value", "statecode", "statuscode", "createdon",
           "modifiedon"]
LEAD = ["leadid", "modifiedon", "fullname", "subject", "companyname",
        "emailaddress1", "telephone1", "mobilephone", "jobtitle",
        "address1_city", "address1_country", "leadsourcecode",
        "leadqualitycode", "estimatedamount", "_ownerid_value", "statecode",
        "statuscode", "createdon"]
OPPORTUNITY = ["opportunityid", "modifiedon", "name", "estimatedvalue",
               "actualvalue", "_transactioncurrencyid_value",
               "estimatedclosedate", "actualclosedate", "closeprobability",
               "salesstage", "stepname", "_customerid_value",
               "_ownerid_value", "statecode", "statuscode", "createdon"]
USER = ["systemuserid", "modifiedon", "fullname", "domainname",
        "internalemailaddress", "title", "isdisabled", "createdon"]
PROJECT = ["new_projectid", "modifiedon", "new_name", "new_budget",
           "_new_account_value"]

INES = "5f2c0f6e-0a1b-ec11-b6e6-000d3a4aa001"
EURO = "9a1d6e0b-0000-ec11-b6e6-000d3a4aa0ff"
ACME_ID = "c1a5b7d2-1111-ec11-b6e6-000d3a4aa101"


def record(fields, identity, modified, tag, **values):
    """Returns a record with every field that was asked for, and its ETag."""
    return {"@odata.etag": f'W/"{tag}"', **dict.fromkeys(fields),
            fields[0]: identity, "modifiedon": modified,
            **({"statecode": 0, "statuscode": 1} if "statecode" in fields
               else {}),
            **values}


def address(entity, fields, **query):
    asked = {"$select": ",".join(fields), **query}
    return f"{API}/{entity}?" + har.encoded(har.listed(asked))


def page(entity, records, following=None, delta=None):
    context = f"{API}/$metadata#{entity}"
    body = {"@odata.context": context + ("/$delta" if delta else "")}
    if delta:
        body["@odata.deltaLink"] = delta
    body["value"] = records
    if following:
        body["@odata.nextLink"] = following
    return body


def ask(api, entity, fields, since, records, **more):
    query = {"$select": ",".join(fields), "$orderby": "modifiedon asc"}
    if since:
        query["$filter"] = f"modifiedon ge {since}"
    api.get(f"{API}/{entity}", query, page(entity, records), **more)


def delta_link(token):
    return address("accounts", ACCOUNT,
                   **{"$deltatoken": f"{token}!03/03/2026 08:00:12"})


def deleted(identity):
    return {"@odata.context": f"{API}/$metadata#accounts/$deletedEntity",
            "id": identity, "reason": "deleted"}


def log_in(api):
    api.form(LOGIN, {
        "grant_type": "client_credentials",
        "client_id": "00001111-aaaa-2222-bbbb-3333cccc4444",
        "client_secret": "REDACTED-dynamics-client_secret",
        "scope": "https://acme.crm4.dynamics.com/.default",
    }, {
        "token_type": "Bearer",
        "expires_in": 3599,
        "ext_expires_in": 3599,
        "access_token": "REDACTED-dynamics-access_token",
    })


def contact(identity, modified, tag, **values):
    return record(CONTACT, identity, modified, tag, **values)


def account(identity, modified, tag, **values):
    return record(ACCOUNT, identity, modified, tag, **values)


ADA = contact("e0c9a0f4-2001-ec11-b6e6-000d3a4aa201", "2025-09-11T13:27:39Z",
              1801, fullname="Ada Byron", firstname="Ada", lastname="Byron",
              emailaddress1="ada@example.com", telephone1="+1 555 0100",
              jobtitle="Analyst", address1_city="London",
              _parentcustomerid_value=ACME_ID, _ownerid_value=INES,
              createdon="2025-01-17T19:55:04Z")
BEN = contact("e0c9a0f4-2002-ec11-b6e6-000d3a4aa202", "2025-09-30T07:02:15Z",
              1802, fullname="Ben O'Hara", firstname="Ben", lastname="O'Hara",
              _ownerid_value=INES, createdon="2025-02-03T08:20:11Z")
CLEO = contact("e0c9a0f4-2003-ec11-b6e6-000d3a4aa203", "2026-03-03T07:58:02Z",
               2440, fullname="Cleo Öz", firstname="Cleo", lastname="Öz",
               address1_city="Malmö", address1_country="Sweden",
               _ownerid_value=INES, createdon="2026-03-03T07:58:02Z")
ACME = account(ACME_ID, "2026-01-15T07:45:01Z", 1900, name="Acme",
               accountnumber="A-7", websiteurl="https://acme.example.com",
               industrycode=16, numberofemployees=240, revenue=38500000.5,
               _transactioncurrencyid_value=EURO, _ownerid_value=INES,
               createdon="2024-02-01T08:00:00Z")
HOLM = account("c1a5b7d2-1112-ec11-b6e6-000d3a4aa102", "2026-01-16T09:00:00Z",
               1901, name="Holm & Sønner", _ownerid_value=INES,
               createdon="2025-01-20T13:30:05Z")
IVER = account("c1a5b7d2-1113-ec11-b6e6-000d3a4aa103", "2026-01-17T09:00:00Z",
               1902, name="Iverson", _parentaccountid_value=ACME_ID,
               _ownerid_value=INES, createdon="2025-01-21T13:30:05Z")
RENEWAL = record(OPPORTUNITY, "a7d9f111-3001-ec11-b6e6-000d3a4aa301",
                 "2026-02-27T12:00:00Z", 2210, name="Renewal",
                 estimatedvalue=1250.5, estimatedclosedate="2026-03-31",
                 closeprobability=90, stepname="3-Propose",
                 _transactioncurrencyid_value=EURO, _customerid_value=ACME_ID,
                 _ownerid_value=INES, createdon="2026-01-05T09:00:00Z")
EVA = record(LEAD, "b8e0a222-4001-ec11-b6e6-000d3a4aa401",
             "2026-02-11T16:20:45Z", 2150, fullname="Eva Holm",
             subject="Wants a demo", companyname="Holm & Sønner",
             leadsourcecode=8, leadqualitycode=1, _ownerid_value=INES,
             createdon="2026-02-10T11:00:00Z")
OWNER = record(USER, INES, "2025-12-01T06:00:00Z", 1500,
               fullname="Inês Carvalho", domainname="ines@example.com",
               internalemailaddress="ines@example.com", isdisabled=False,
               createdon="2024-01-10T08:00:00Z")
DOCK = record(PROJECT, "d9f1b333-5001-ec11-b6e6-000d3a4aa501",
              "2026-02-01T12:00:00Z", 2100, new_name="Dock",
              new_budget=512.25, _new_account_value=ACME_ID)


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    log_in(api)
    following = address("contacts", CONTACT, **{
        "$orderby": "modifiedon asc",
        "$skiptoken": '<cookie pagenumber="2" pagingcookie="%253ccookie"/>'})
    api.get(f"{API}/contacts", {"$select": ",".join(CONTACT),
                                "$orderby": "modifiedon asc"},
            page("contacts", [ADA, BEN], following))
    api.get(following, (), {"error": {
        "code": "0x80072322",
        "message": "Number of requests exceeded the limit of 6000 over time "
                   "window of 300 seconds."}},
            status=429, headers={"Retry-After": 12})
    api.wait(seconds=12)
    api.get(following, (), page("contacts", [CLEO]))
    ask(api, "opportunities", OPPORTUNITY, None, [RENEWAL])
    ask(api, "leads", LEAD, None, [EVA])
    ask(api, "systemusers", USER, None, [OWNER])
    following = address("accounts", ACCOUNT,
                        **{"$skiptoken": '<cookie pagenumber="2"/>'})
    api.get(f"{API}/accounts", {"$select": ",".join(ACCOUNT)},
            page("accounts", [ACME, HOLM], following))
    api.get(following, (),
            page("accounts", [IVER], delta=delta_link("919042")))
    ask(api, "new_projects", PROJECT, None, [DOCK])
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    log_in(api)
    ask(api, "contacts", CONTACT, "2026-03-03T07:53:02Z", [
        CLEO,
        {**ADA, "@odata.etag": 'W/"2502"', "telephone1": None,
         "modifiedon": "2026-03-03T16:20:00Z"},
        contact("e0c9a0f4-2004-ec11-b6e6-000d3a4aa204",
                "2026-03-04T07:00:00Z", 2503, fullname="Dov Levi",
                firstname="Dov", lastname="Levi", _ownerid_value=INES,
                createdon="2026-03-04T07:00:00Z"),
    ])
    ask(api, "opportunities", OPPORTUNITY, "2026-02-27T11:55:00Z", [
        {**RENEWAL, "@odata.etag": 'W/"2510"', "statecode": 1,
         "statuscode": 3, "actualvalue": 1250.5, "closeprobability": 100,
         "actualclosedate": "2026-03-04",
         "modifiedon": "2026-03-04T07:10:00Z"}])
    ask(api, "leads", LEAD, "2026-02-11T16:15:45Z", [EVA])
    ask(api, "systemusers", USER, "2025-12-01T05:55:00Z", [OWNER])
    api.get(delta_link("919042"), (), page("accounts", [
        {**ACME, "@odata.etag": 'W/"2504"', "numberofemployees": 251,
         "modifiedon": "2026-03-03T17:00:00Z"},
        deleted(HOLM["accountid"]),
        deleted("c1a5b7d2-9999-ec11-b6e6-000d3a4aa999"),
    ], delta=delta_link("919600")))
    ask(api, "new_projects", PROJECT, "2026-02-01T11:55:00Z", [DOCK])
    return api


def third():
    api = har.Recording("2026-03-13T08:30:05Z")
    log_in(api)
    ask(api, "contacts", CONTACT, "2026-03-04T06:55:00Z", [])
    ask(api, "opportunities", OPPORTUNITY, "2026-03-04T07:05:00Z", [])
    ask(api, "leads", LEAD, "2026-02-11T16:15:45Z", [])
    ask(api, "systemusers", USER, "2025-12-01T05:55:00Z", [])
    api.get(f"{API}/accounts", {"$select": ",".join(ACCOUNT)},
            page("accounts", [
                {**ACME, "@odata.etag": 'W/"2504"', "numberofemployees": 251,
                 "modifiedon": "2026-03-03T17:00:00Z"},
            ], delta=delta_link("931000")))
    ask(api, "new_projects", PROJECT, "2026-02-01T11:55:00Z", [])
    return api


har.main(__file__, first=first(), second=second(), third=third())
