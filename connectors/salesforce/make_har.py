#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Salesforce: see connectors/har.py.

A first run reads two pages of accounts, of which the second finds the server
busy once, and a page of everything else; the session ends before the contacts.
A day later an account has changed and one was deleted; a contact has been merged
into another one; a lead was converted, which made an opportunity; a user has been
switched off, an invoice paid and one deleted.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

LOGIN = "https://example.my.salesforce.com/services/oauth2/token"
HOST = "https://example.my.salesforce.com"
DATA = "/services/data/v61.0"

ACCOUNT = ["Id", "SystemModstamp", "IsDeleted", "Name", "Type", "Industry",
           "Phone", "Website", "BillingCity", "BillingCountry",
           "AnnualRevenue", "NumberOfEmployees", "ParentId", "OwnerId",
           "CreatedDate", "Region__c"]
CONTACT = ["Id", "SystemModstamp", "IsDeleted", "FirstName", "LastName",
           "Email", "Phone", "MobilePhone", "Title", "Department",
           "MailingCity", "MailingCountry", "LeadSource", "AccountId",
           "OwnerId", "CreatedDate"]
LEAD = ["Id", "SystemModstamp", "IsDeleted", "FirstName", "LastName",
        "Company", "Email", "Phone", "MobilePhone", "Title", "City", "Country",
        "Industry", "LeadSource", "Status", "Rating", "IsConverted",
        "ConvertedDate", "ConvertedAccountId", "ConvertedContactId",
        "ConvertedOpportunityId", "OwnerId", "CreatedDate"]
OPPORTUNITY = ["Id", "SystemModstamp", "IsDeleted", "Name", "StageName",
               "Type", "LeadSource", "Amount", "Probability", "CloseDate",
               "IsClosed", "IsWon", "AccountId", "OwnerId", "CreatedDate"]
TASK = ["Id", "SystemModstamp", "IsDeleted", "Subject", "Description",
        "Status", "Priority", "TaskSubtype", "ActivityDate", "CallType",
        "CallDurationInSeconds", "IsClosed", "IsArchived", "WhoId", "WhatId",
        "AccountId", "OwnerId", "CreatedDate"]
EVENT = ["Id", "SystemModstamp", "IsDeleted", "Subject", "Description",
         "Location", "StartDateTime", "EndDateTime", "IsAllDayEvent",
         "IsArchived", "WhoId", "WhatId", "AccountId", "OwnerId",
         "CreatedDate"]
CAMPAIGN = ["Id", "SystemModstamp", "IsDeleted", "Name", "Type", "Status",
            "IsActive", "StartDate", "EndDate", "BudgetedCost", "ActualCost",
            "ExpectedRevenue", "ParentId", "OwnerId", "CreatedDate"]
USER = ["Id", "SystemModstamp", "Username", "FirstName", "LastName", "Email",
        "Title", "Department", "UserType", "IsActive", "UserRoleId",
        "ProfileId", "ManagerId", "CreatedDate"]
INVOICE = ["Id", "SystemModstamp", "IsDeleted", "Name", "Total__c",
           "Account__r.Name", "Paid__c"]

INES = "005Qy000001AAAAIA4"
JON = "005Qy000001BBBBIA4"
ACME = "001Qy00000AAAAAIA4"
GLOBEX = "001Qy00000BBBBBIA4"
HOLM = "001Qy00000CCCCCIA4"


def record(kind, identity, **values):
    """Returns an object as the API sends it, with what it says of itself."""
    return {"attributes": {
        "type": kind, "url": f"{DATA}/sobjects/{kind}/{identity}"},
        "Id": identity, **values}


def full(kind, fields, identity, modified, **values):
    """Returns an object with every field that was asked for."""
    deleted = {"IsDeleted": False} if "IsDeleted" in fields else {}
    return record(kind, identity, **{
        **dict.fromkeys(fields[1:]), "SystemModstamp": modified, **deleted,
        **values})


def account(identity, modified, **values):
    return full("Account", ACCOUNT, identity, modified, **values)


def contact(identity, modified, **values):
    return full("Contact", CONTACT, identity, modified, **values)


def lead(identity, modified, **values):
    return full("Lead", LEAD, identity, modified, **values)


def opportunity(identity, modified, **values):
    return full("Opportunity", OPPORTUNITY, identity, modified, **values)


def user(identity, modified, **values):
    return full("User", USER, identity, modified, **values)


def invoice(identity, modified, name, total, of, paid, deleted=False):
    related = {"attributes": {"type": "Account",
                              "url": f"{DATA}/sobjects/Account/{ACME}"},
               "Name": of} if of else None
    return record("Invoice__c", identity, SystemModstamp=modified,
                  IsDeleted=deleted, Name=name, Total__c=total,
                  Account__r=related, Paid__c=paid)


def page(records, total=None, following=None):
    body = {"totalSize": len(records) if total is None else total,
            "done": following is None}
    if following:
        body["nextRecordsUrl"] = following
    return {**body, "records": records}


def query(api, kind, fields, since, records):
    ask(api, kind, fields, since, page(records))


def ask(api, kind, fields, since, answer, **more):
    soql = (f"SELECT {','.join(fields)} FROM {kind} "
            f"WHERE SystemModstamp > {since} ORDER BY SystemModstamp")
    used = {"Sforce-Limit-Info": f"api-usage={18 + len(api.entries)}/15000"}
    api.get(f"{HOST}{DATA}/queryAll", {"q": soql}, answer, headers=used,
            **more)


def log_in(api):
    api.form(LOGIN, {
        "grant_type": "client_credentials",
        "client_id": "3MVG9example",
        "client_secret": "REDACTED-salesforce-client_secret",
    }, {
        "access_token": "REDACTED-salesforce-access_token",
        "signature": "c2lnbmF0dXJlIG9mIG5vYm9keQ==",
        "scope": "api",
        "instance_url": HOST,
        "id": f"https://login.salesforce.com/id/00DQy000000AAAAMA4/{INES}",
        "token_type": "Bearer",
        "issued_at": "1772524805000",
    })


ACCOUNTS = [
    account(ACME, "2025-11-04T10:12:30.000+0000", Name="Acme",
            Type="Customer - Direct", Industry="Manufacturing",
            Phone="+1 555 0100", Website="https://acme.example.com",
            BillingCity="Leeds", BillingCountry="United Kingdom",
            AnnualRevenue=38500000.0, NumberOfEmployees=240, OwnerId=INES,
            CreatedDate="2024-02-01T08:00:00.000+0000", Region__c="EMEA"),
    account(GLOBEX, "2026-01-15T07:45:01.000+0000", Name="Globex",
            Industry="Energy", BillingCity="Malmö", BillingCountry="Sweden",
            ParentId=ACME, OwnerId=JON,
            CreatedDate="2025-01-20T13:30:05.000+0000"),
    account(HOLM, "2026-01-15T07:45:01.000+0000", Name="Holm & Sønner",
            Type="Prospect", AnnualRevenue=640000.5, NumberOfEmployees=9,
            OwnerId=JON, CreatedDate="2026-01-15T07:45:01.000+0000"),
]
ADA = "003Qy00000AAAAAIA4"
BEN = "003Qy00000BBBBBIA4"
CONTACTS = [
    contact(ADA, "2026-01-20T09:00:00.000+0000", FirstName="Ada",
            LastName="Byron", Email="ada@example.com", Phone="+1 555 0101",
            Title="Analyst", MailingCity="London",
            MailingCountry="United Kingdom", LeadSource="Web", AccountId=ACME,
            OwnerId=INES, CreatedDate="2024-02-01T08:05:00.000+0000"),
    # Later than the overlap before the first run.
    contact(BEN, "2026-03-03T07:58:00.000+0000", FirstName="Ada",
            LastName="Byron", Email="a.byron@example.com", AccountId=ACME,
            OwnerId=INES, CreatedDate="2026-03-03T07:58:00.000+0000"),
]
CLEO = "00QQy00000AAAAAMA4"
LEADS = [
    lead(CLEO, "2026-02-11T16:20:45.000+0000", FirstName="Cleo",
         LastName="Öz", Company="Globex", Email="cleo@example.com",
         MobilePhone="+46 70 5550111", Country="Sweden", LeadSource="Event",
         Status="Working - Contacted", Rating="Hot", IsConverted=False,
         OwnerId=JON, CreatedDate="2026-02-10T11:00:00.000+0000"),
]
OPPORTUNITIES = [
    opportunity("006Qy00000AAAAAIA4", "2026-02-27T12:00:00.000+0000",
                Name="Acme renewal", StageName="Negotiation/Review",
                Type="Existing Business", Amount=12500.5, Probability=90.0,
                CloseDate="2026-03-31", IsClosed=False, IsWon=False,
                AccountId=ACME, OwnerId=INES,
                CreatedDate="2026-01-05T09:00:00.000+0000"),
]
TASKS = [
    full("Task", TASK, "00TQy00000AAAAAMA4", "2025-03-03T14:10:00.000+0000",
         Subject="Call", Description="Asked for terms\nand a draft",
         Status="Completed", Priority="Normal", TaskSubtype="Call",
         ActivityDate="2025-03-03", CallType="Outbound",
         CallDurationInSeconds=184, IsClosed=True, IsArchived=True, WhoId=ADA,
         AccountId=ACME, OwnerId=INES,
         CreatedDate="2025-03-03T14:06:56.000+0000"),
]
EVENTS = [
    full("Event", EVENT, "00UQy00000AAAAAMA4", "2026-02-20T10:00:00.000+0000",
         Subject="Visit", Location="Leeds",
         StartDateTime="2026-03-12T09:00:00.000+0000",
         EndDateTime="2026-03-12T10:30:00.000+0000", IsAllDayEvent=False,
         IsArchived=False, WhatId=ACME, AccountId=ACME, OwnerId=INES,
         CreatedDate="2026-02-20T10:00:00.000+0000"),
]
CAMPAIGNS = [
    full("Campaign", CAMPAIGN, "701Qy00000AAAAAIA4",
         "2026-02-02T08:30:00.000+0000", Name="Spring fair", Type="Trade Show",
         Status="Planned", IsActive=True, StartDate="2026-04-14",
         EndDate="2026-04-16", BudgetedCost=8000.0, ExpectedRevenue=60000.0,
         OwnerId=JON, CreatedDate="2026-02-02T08:30:00.000+0000"),
]
USERS = [
    user(INES, "2025-12-01T06:00:00.000+0000", Username="ines@example.com",
         FirstName="Inês", LastName="Carvalho", Email="ines@example.com",
         UserType="Standard", IsActive=True, ProfileId="00eQy000000AAAAIA4",
         CreatedDate="2024-01-10T08:00:00.000+0000"),
    user(JON, "2025-12-01T06:00:00.000+0000", Username="jon@example.com",
         LastName="Weber", Email="jon@example.com", Title="Sales",
         UserType="Standard", IsActive=True, ProfileId="00eQy000000AAAAIA4",
         ManagerId=INES, CreatedDate="2024-01-10T08:10:00.000+0000"),
]
INVOICES = [
    invoice("a01Qy000000AAAAMA4", "2026-02-28T17:00:00.000+0000", "INV-0001",
            1250.0, "Acme", False),
    invoice("a01Qy000000BBBBMA4", "2026-03-01T08:00:00.000+0000", "INV-0002",
            80.25, None, False),
]


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    begin = "1970-01-01T00:00:00.000Z"
    log_in(api)
    # A locator of queryAll says `query`, and keeps the deleted all the same.
    following = f"{DATA}/query/01gQy0000002AAAAIAW-2000"
    ask(api, "Account", ACCOUNT, begin, page(ACCOUNTS[:2], 3, following))
    api.get(HOST + following, (), [{
        "message": "Server is too busy. Please try again later.",
        "errorCode": "SERVER_UNAVAILABLE",
    }], status=503, headers={"Retry-After": 2})
    api.wait(seconds=2)
    api.get(HOST + following, (), page(ACCOUNTS[2:], 3))
    ask(api, "Contact", CONTACT, begin, [{
        "message": "Session expired or invalid",
        "errorCode": "INVALID_SESSION_ID",
    }], status=401)
    log_in(api)
    query(api, "Contact", CONTACT, begin, CONTACTS)
    query(api, "Lead", LEAD, begin, LEADS)
    query(api, "Opportunity", OPPORTUNITY, begin, OPPORTUNITIES)
    query(api, "Task", TASK, begin, TASKS)
    query(api, "Event", EVENT, begin, EVENTS)
    query(api, "Campaign", CAMPAIGN, begin, CAMPAIGNS)
    query(api, "User", USER, begin, USERS)
    query(api, "Invoice__c", INVOICE, begin, INVOICES)
    return api


ACME_LATER = {**ACCOUNTS[0], "SystemModstamp": "2026-03-03T15:00:00.000+0000",
              "NumberOfEmployees": 251, "Region__c": None}
IVERSON = account("001Qy00000DDDDDIA4", "2026-03-04T07:00:00.000+0000",
                  Name="Iverson", OwnerId=JON,
                  CreatedDate="2026-03-04T07:00:00.000+0000")
ADA_LATER = {**CONTACTS[0], "SystemModstamp": "2026-03-04T08:01:00.000+0000",
             "MobilePhone": "+44 7700 900123"}
CLEO_CONVERTED = {
    **LEADS[0], "SystemModstamp": "2026-03-04T08:15:30.000+0000",
    "Status": "Closed - Converted", "IsConverted": True,
    "ConvertedDate": "2026-03-04", "ConvertedAccountId": GLOBEX,
    "ConvertedContactId": "003Qy00000CCCCCIA4",
    "ConvertedOpportunityId": "006Qy00000BBBBBIA4"}
GLOBEX_DEAL = opportunity(
    "006Qy00000BBBBBIA4", "2026-03-04T08:15:30.000+0000", Name="Globex",
    StageName="Prospecting", LeadSource="Event", Probability=10.0,
    CloseDate="2026-06-30", IsClosed=False, IsWon=False, AccountId=GLOBEX,
    OwnerId=JON, CreatedDate="2026-03-04T08:15:30.000+0000")
JON_GONE = {**USERS[1], "SystemModstamp": "2026-03-03T18:00:00.000+0000",
            "IsActive": False}


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    log_in(api)
    # Nothing had changed in the five minutes before the first run: all up to the
    # mark is there, and is not asked for again.
    query(api, "Account", ACCOUNT, "2026-01-15T07:45:01.000Z", [
        ACME_LATER,
        {**ACCOUNTS[2], "SystemModstamp": "2026-03-04T06:11:09.000+0000",
         "IsDeleted": True},
        IVERSON,
    ])
    # A contact had: the five minutes before the mark are read again, less what
    # the filter leaves out.
    query(api, "Contact", CONTACT, "2026-03-03T07:52:59.999Z", [
        ADA_LATER,
        {**CONTACTS[1], "SystemModstamp": "2026-03-04T08:01:00.000+0000",
         "IsDeleted": True},
    ])
    query(api, "Lead", LEAD, "2026-02-11T16:20:45.000Z", [CLEO_CONVERTED])
    query(api, "Opportunity", OPPORTUNITY, "2026-02-27T12:00:00.000Z",
          [GLOBEX_DEAL])
    query(api, "Task", TASK, "2025-03-03T14:10:00.000Z", [])
    query(api, "Event", EVENT, "2026-02-20T10:00:00.000Z", [])
    query(api, "Campaign", CAMPAIGN, "2026-02-02T08:30:00.000Z", [])
    query(api, "User", USER, "2025-12-01T06:00:00.000Z", [JON_GONE])
    query(api, "Invoice__c", INVOICE, "2026-03-01T08:00:00.000Z", [
        invoice("a01Qy000000AAAAMA4", "2026-03-04T05:00:00.000+0000",
                "INV-0001", 1250.0, "Acme", True),
        # One that was made and deleted between the two runs is in no table.
        invoice("a01Qy000000CCCCMA4", "2026-03-04T05:30:00.000+0000",
                "INV-0003", None, None, False, deleted=True),
        invoice("a01Qy000000BBBBMA4", "2026-03-04T05:31:00.000+0000",
                "INV-0002", 80.25, None, False, deleted=True),
    ])
    return api


def third():
    api = har.Recording("2026-04-01T08:30:05Z")
    begin = "1970-01-01T00:00:00.000Z"
    log_in(api)
    query(api, "Account", ACCOUNT, begin, [ACME_LATER, IVERSON])
    query(api, "Contact", CONTACT, begin, [ADA_LATER])
    query(api, "Lead", LEAD, begin, [CLEO_CONVERTED])
    query(api, "Opportunity", OPPORTUNITY, begin,
          [*OPPORTUNITIES, GLOBEX_DEAL])
    query(api, "Task", TASK, begin, TASKS)
    query(api, "Event", EVENT, begin, EVENTS)
    query(api, "Campaign", CAMPAIGN, begin, CAMPAIGNS)
    query(api, "User", USER, begin, [USERS[0], JON_GONE])
    query(api, "Invoice__c", INVOICE, begin, [])
    return api


har.main(__file__, first=first(), second=second(), third=third())
