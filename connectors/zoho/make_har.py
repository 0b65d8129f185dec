#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Zoho CRM: see connectors/har.py.

A first run reads two pages of contacts, of which the second is throttled once, and
a page of each other module; there were deletions before. A day later a contact has
changed, one is new and one was deleted, a deal was won, and a lead is gone for good.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

LOGIN = "https://accounts.zoho.eu/oauth/v2/token"
API = "https://www.zohoapis.eu/crm/v8"

CONTACT = ["id", "Modified_Time", "First_Name", "Last_Name", "Email", "Phone",
           "Mobile", "Title", "Department", "Mailing_City", "Mailing_Country",
           "Lead_Source", "Account_Name", "Owner", "Created_Time"]
ACCOUNT = ["id", "Modified_Time", "Account_Name", "Account_Type", "Industry",
           "Phone", "Website", "Annual_Revenue", "Employees", "Billing_City",
           "Billing_Country", "Owner", "Created_Time"]
DEAL = ["id", "Modified_Time", "Deal_Name", "Stage", "Amount", "Probability",
        "Closing_Date", "Lead_Source", "Account_Name", "Contact_Name",
        "Owner", "Created_Time"]
LEAD = ["id", "Modified_Time", "First_Name", "Last_Name", "Company", "Email",
        "Phone", "Mobile", "Designation", "Lead_Source", "Lead_Status",
        "Industry", "City", "Country", "Owner", "Created_Time"]
TASK = ["id", "Modified_Time", "Subject", "Status", "Priority", "Due_Date",
        "Closed_Time", "Description", "Who_Id", "What_Id", "Owner",
        "Created_Time"]
SITE = ["id", "Modified_Time", "Name", "Area_m2"]

INES = {"id": "554023000000235011"}
JON = {"id": "554023000000235012"}
ACME_ID = "554023000000400001"
ADA_ID = "554023000000527001"
BEN_ID = "554023000000527002"
CLEO_ID = "554023000000930411"


def record(fields, identity, modified, **values):
    """Returns a record with every field that was asked for."""
    return {**dict.fromkeys(fields), "Modified_Time": modified, **values,
            "id": identity}


def query(fields, module, since, last):
    return {"select_query":
            f"SELECT {','.join(fields)} FROM {module} "
            f"WHERE (Modified_Time > '{since}' AND id > {last}) "
            "ORDER BY id ASC LIMIT 2000"}


def ask(api, fields, module, since, records, last="0", more=False):
    body = query(fields, module, since, last)
    if not records:
        api.post(f"{API}/coql", body, status=204)
        return
    api.post(f"{API}/coql", body, {
        "data": records,
        "info": {"count": len(records), "more_records": more}})


def deletion(identity, at, name, kind="recycle"):
    return {"deleted_by": {"name": "Ines Carvalho", **INES}, "id": identity,
            "display_name": name, "type": kind,
            "created_by": {"name": "Jon Weber", **JON}, "deleted_time": at}


def ask_deleted(api, module, records=(), page=1, more=False):
    query = {"type": "all", "per_page": 200, "page": page}
    if not records:
        api.get(f"{API}/{module}/deleted", query, status=204)
        return
    api.get(f"{API}/{module}/deleted", query, {
        "data": list(records),
        "info": {"per_page": 200, "count": len(records), "page": page,
                 "more_records": more}})


def log_in(api):
    api.form(LOGIN, {
        "grant_type": "refresh_token",
        "refresh_token": "REDACTED-zoho-refresh_token",
        "client_id": "1000.EXAMPLE",
        "client_secret": "REDACTED-zoho-client_secret",
    }, {
        "access_token": "REDACTED-zoho-access_token",
        "api_domain": "https://www.zohoapis.eu",
        "token_type": "Bearer",
        "expires_in": 3600,
    })


ADA = record(CONTACT, ADA_ID, "2025-09-11T15:27:39+02:00", First_Name="Ada",
             Last_Name="Byron", Email="ada@example.com", Phone="+1 555 0100",
             Title="Analyst", Mailing_City="London", Lead_Source="Trade Show",
             Account_Name={"id": ACME_ID}, Owner=INES,
             Created_Time="2025-01-17T20:55:04+01:00")
BEN = record(CONTACT, BEN_ID, "2026-03-03T08:57:11+01:00", Last_Name="O'Hara",
             Owner=JON, Created_Time="2025-02-03T09:20:11+01:00")
CLEO = record(CONTACT, CLEO_ID, "2025-10-21T23:36:02+02:00",
              First_Name="Cleo", Last_Name="Öz", Email="cleo@example.com",
              Mailing_City="Malmö", Mailing_Country="Sweden", Owner=JON,
              Created_Time="2025-09-11T20:21:50+02:00")
DOV = record(CONTACT, "554023000000977003", "2026-03-04T08:00:00+01:00",
             Last_Name="Levi", Account_Name={"id": ACME_ID}, Owner=INES,
             Created_Time="2026-03-04T08:00:00+01:00")
ACME = record(ACCOUNT, ACME_ID, "2026-01-15T08:45:01+01:00",
              Account_Name="Acme", Account_Type="Customer",
              Industry="Manufacturing", Website="https://acme.example.com",
              Annual_Revenue=38500000.5, Employees=240, Owner=INES,
              Created_Time="2024-02-01T09:00:00+01:00")
RENEWAL = record(DEAL, "554023000000601001", "2026-02-27T13:00:00+01:00",
                 Deal_Name="Renewal", Stage="Negotiation/Review",
                 Amount=1250.5, Probability=90, Closing_Date="2026-03-31",
                 Account_Name={"id": ACME_ID}, Contact_Name={"id": ADA_ID},
                 Owner=INES, Created_Time="2026-01-05T10:00:00+01:00")
EVA = record(LEAD, "554023000000705001", "2026-02-11T17:20:45+01:00",
             First_Name="Eva", Last_Name="Holm", Company="Holm & Sønner",
             Email="eva@example.com", Lead_Status="Contacted", Owner=JON,
             Created_Time="2026-02-10T12:00:00+01:00")
CALL = record(TASK, "554023000000808001", "2026-02-20T11:00:00+01:00",
              Subject="Call Ada", Status="In Progress", Priority="High",
              Due_Date="2026-03-12", Who_Id={"id": ADA_ID},
              What_Id={"id": "554023000000601001"}, Owner=INES,
              Created_Time="2026-02-20T11:00:00+01:00")
DOCK = record(SITE, "554023000000901001", "2026-02-01T13:00:00+01:00",
              Name="Dock", Area_m2=512.25)


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    begin = "1970-01-01T00:00:00+00:00"
    log_in(api)
    ask(api, CONTACT, "Contacts", begin, [ADA, BEN], more=True)
    api.post(f"{API}/coql", query(CONTACT, "Contacts", begin, BEN_ID), {
        "code": "TOO_MANY_REQUESTS", "details": {},
        "message": "You have exceeded the limit of concurrent requests",
        "status": "error",
    }, status=429)
    api.wait(seconds=1)
    ask(api, CONTACT, "Contacts", begin, [CLEO], last=BEN_ID)
    # Of what no table has.
    ask_deleted(api, "Contacts", [
        deletion("554023000000300009", "2026-02-01T10:00:00+01:00", "Old"),
    ], more=True)
    ask_deleted(api, "Contacts", [
        deletion("554023000000300001", "2025-12-01T10:00:00+01:00", "Older",
                 "permanent"),
    ], page=2)
    ask(api, ACCOUNT, "Accounts", begin, [ACME])
    ask_deleted(api, "Accounts")
    ask(api, DEAL, "Deals", begin, [RENEWAL])
    ask_deleted(api, "Deals")
    ask(api, LEAD, "Leads", begin, [EVA])
    ask_deleted(api, "Leads")
    ask(api, TASK, "Tasks", begin, [CALL])
    ask_deleted(api, "Tasks")
    ask(api, SITE, "Sites", begin, [DOCK])
    ask_deleted(api, "Sites")
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    log_in(api)
    # A contact was changed just before the first run: five minutes before the
    # mark and what the filter leaves out.
    ask(api, CONTACT, "Contacts", "2026-03-03T07:52:10+00:00", [
        {**ADA, "Modified_Time": "2026-03-03T17:00:00+01:00",
         "Phone": None, "Mobile": "+44 7700 900123"},
        DOV,
    ])
    ask_deleted(api, "Contacts", [
        deletion(BEN_ID, "2026-03-03T18:30:00+01:00", "O'Hara"),
        deletion("554023000000300009", "2026-02-01T10:00:00+01:00", "Old"),
    ])
    # Elsewhere all up to the mark is there, and is not asked for again.
    ask(api, ACCOUNT, "Accounts", "2026-01-15T07:45:01+00:00", [])
    ask_deleted(api, "Accounts")
    ask(api, DEAL, "Deals", "2026-02-27T12:00:00+00:00", [
        {**RENEWAL, "Modified_Time": "2026-03-04T08:10:00+01:00",
         "Stage": "Closed Won", "Probability": 100,
         "Closing_Date": "2026-03-04"},
    ])
    ask_deleted(api, "Deals")
    ask(api, LEAD, "Leads", "2026-02-11T16:20:45+00:00", [])
    ask_deleted(api, "Leads", [
        deletion("554023000000705001", "2026-03-04T07:00:00+01:00",
                 "Eva Holm", "permanent"),
    ])
    ask(api, TASK, "Tasks", "2026-02-20T10:00:00+00:00", [])
    ask_deleted(api, "Tasks")
    ask(api, SITE, "Sites", "2026-02-01T12:00:00+00:00", [])
    ask_deleted(api, "Sites")
    return api


har.main(__file__, first=first(), second=second())
