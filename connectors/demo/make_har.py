#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes demo.har, the recording that `strandline demo` replays.

An invented CRM answers, as the APIs that strandline.toml names would, the
requests of two runs: the first reads everything; the second comes five hours
later, after some records have changed, and asks from its marks less the
overlap. Each entry's `pageref` says which run asked. Nothing here depends on a
clock or on chance: the same script makes the same file. `--check` compares the
file with what the script makes, and writes nothing.
"""

import base64
import email.utils
import json
import pathlib
import sys
import unicodedata
import urllib.parse
from datetime import datetime, timedelta, timezone

HAR = pathlib.Path(__file__).with_name("demo.har")
BASE = "https://acme.example.com"
SALESFORCE = "/services/data/v61.0"
SOQL = (
    "SELECT Id, Name, Industry, NumberOfEmployees, AnnualRevenue, Owner.Name, "
    "Parent.Name, SystemModstamp FROM Account "
    "WHERE SystemModstamp >= {} ORDER BY SystemModstamp"
)
PROPERTIES = (
    "createdate,email,firstname,lastmodifieddate,lastname,lifecyclestage,"
    "num_associated_deals"
)
OVERLAP = timedelta(minutes=5)
LEAD_SOURCE = "56ad1919c14a9089bf02fdca519f6394b0e5d5aa"
BUDGET = "48f483ac81a7b619c59322931ea839310e9877bb"

# id, name, added, updated, organisation, lead source, budget in EUR, labels
PERSONS = [
    (4, "Amara Okafor", "2024-02-12T09:14:27Z", "2025-06-02T08:31:10Z", 11, "Referral", 12000, [2]),
    (1, "Björn Lindqvist", "2024-02-01T10:02:51Z", "2025-07-14T15:08:44Z", 11, None, None, []),
    (9, "Carmen Vidal", "2024-03-20T07:45:09Z", "2025-08-05T11:27:03Z", 12, "Website", 4500, [1]),
    (2, "Dilnoza Karimova", "2024-02-01T10:03:40Z", "2025-09-01T06:55:32Z", None, None, None, []),
    (6, "Edmund Hale", "2024-02-28T16:20:18Z", "2025-09-22T13:40:00Z", 13, "Trade fair", 30000, [1, 3]),
    (13, "Farah Haddad", "2024-05-06T08:11:56Z", "2025-10-10T09:12:25Z", 12, "Website", 2300, []),
    (7, "Giulia Ferretti", "2024-03-04T12:38:02Z", "2025-10-28T17:03:51Z", 14, None, None, [2]),
    (15, "Henrik Dahl", "2024-06-17T14:29:33Z", "2025-11-03T10:44:19Z", 15, "Referral", 7800.5, []),
    (3, "Ines Carvalho", "2024-02-09T11:51:15Z", "2025-11-19T08:06:37Z", 11, "Website", None, [4]),
    (18, "Jonas Weber", "2024-09-02T09:33:48Z", "2025-12-01T12:00:00Z", 16, None, 950, []),
    (21, "Keiko Tanabe", "2024-11-25T05:17:29Z", "2025-12-01T12:00:00Z", 16, "Trade fair", 18000, [1]),
    (5, "Liam O'Connell", "2024-02-13T13:42:05Z", "2025-12-11T14:21:58Z", 13, "Referral", None, []),
    (11, "Mireille Aubert", "2024-04-15T15:26:44Z", "2025-12-18T16:39:12Z", None, "Website", 5200, [2]),
    (10, "Nadia Petrova", "2024-04-02T10:59:13Z", "2026-01-08T07:48:26Z", 17, None, None, []),
    (16, "Óscar Navarro", "2024-07-08T08:05:52Z", "2026-01-13T11:15:40Z", 14, "Website", 3100, [3]),
    (22, "Priya Raman", "2025-01-14T06:40:31Z", "2026-01-21T05:33:09Z", 18, "Referral", 64000, [1, 2]),
    (8, "Quentin Moreau", "2024-03-11T09:27:20Z", "2026-01-27T13:52:47Z", 15, None, None, []),
    (14, "Renée Dubois", "2024-05-30T13:03:07Z", "2026-02-04T10:10:10Z", 17, "Website", 1250.75, []),
    (24, "Samuel Osei", "2025-06-03T11:36:59Z", "2026-02-09T15:57:34Z", 18, "Trade fair", None, [4]),
    (12, "Tereza Novotná", "2024-04-22T07:22:46Z", "2026-02-16T08:24:01Z", 19, None, 8400, []),
    (19, "Umar Farooqi", "2024-09-23T12:14:28Z", "2026-02-20T12:46:53Z", 19, "Referral", 2700, [2]),
    (23, "Valentina Rossi", "2025-03-18T10:48:14Z", "2026-02-25T09:31:22Z", 20, "Website", None, []),
    (17, "Wout de Vries", "2024-08-12T14:55:36Z", "2026-03-02T16:18:05Z", 20, None, 11500, [3]),
    (20, "Ximena Flores", "2024-10-14T17:01:43Z", "2026-03-03T07:54:02Z", 12, "Website", 6000, []),
    (25, "Zoë van Dijk", "2025-11-10T08:37:21Z", "2026-03-03T07:57:20Z", 20, "Referral", 15000, [1]),
]

# number, name, industry, employees, revenue, owner, parent, modified
ACCOUNTS = [
    (3, "Cobalt Foundry", "Manufacturing", 240, 38500000.0, 1, None, "2025-05-01T10:00:00.000+0000"),
    (1, "Alder & Finch", "Consulting", 18, 2100000.0, 2, None, "2025-06-12T08:14:37.000+0000"),
    (7, "Granite Peak Outfitters", "Retail", 75, 9400000.0, 1, None, "2025-07-30T15:41:09.000+0000"),
    (2, "Bluewater Logistics", "Transportation", 1150, 164000000.0, 3, None, "2025-09-03T12:26:55.000+0000"),
    (9, "Ironbark Timber", "Manufacturing", 62, None, 2, 3, "2025-10-17T06:52:20.000+0000"),
    (5, "Eastgate Clinics", "Healthcare", 430, 51200000.5, 3, None, "2025-11-11T11:11:11.000+0000"),
    (11, "Kestrel Air Charter", "Transportation", 34, 7800000.0, 1, 2, "2025-12-02T09:08:43.000+0000"),
    (4, "Dovetail Interiors", None, None, None, 2, None, "2026-01-09T14:30:02.000+0000"),
    (8, "Harbour Lane Books", "Retail", 9, 640000.0, 2, None, "2026-01-26T17:19:48.000+0000"),
    (6, "Fernhill Bakery", "Food & Beverage", 27, 1900000.0, 3, None, "2026-02-11T05:47:31.000+0000"),
    (12, "Lantern Street Studio", "Media", 14, None, 1, None, "2026-02-24T13:05:16.000+0000"),
    (10, "Juniper Row Gardens", "Agriculture", 51, 4300000.0, 3, None, "2026-03-02T17:41:09.000+0000"),
]
OWNERS = {1: "Marta Kowal", 2: "Tom Ashby", 3: "Ruth Adeyemi"}

# id, first name, last name, created, modified, stage, deals
CONTACTS = [
    ("100987", "Ada", "Brandt", "2025-01-17T19:55:04.281Z", "2025-09-11T13:27:39.356Z", "customer", "3"),
    ("101044", "Bilal", "Rahimi", "2025-02-03T08:20:11.904Z", "2025-09-30T07:02:15.118Z", "lead", "0"),
    ("101130", "Chiara", None, "2025-02-21T14:09:58.630Z", "2025-10-08T16:44:51.007Z", "subscriber", None),
    ("101206", "Dmitri", "Volkov", "2025-03-12T10:33:27.415Z", "2025-10-21T21:36:02.961Z", "opportunity", "1"),
    ("101318", "Elin", "Sandberg", "2025-04-02T06:58:40.777Z", "2025-11-05T12:10:29.540Z", "customer", "2"),
    ("101477", "Faisal", "Noor", "2025-04-29T17:12:03.052Z", "2025-11-17T09:53:44.213Z", "lead", "0"),
    ("101502", "Greta", "Holm", "2025-05-13T11:47:19.338Z", "2025-11-28T15:31:08.892Z", "customer", "5"),
    ("101689", "Hugo", "Lefèvre", "2025-06-06T09:05:52.169Z", "2025-12-09T08:18:36.475Z", "lead", None),
    ("101733", "Isla", "Merrick", "2025-06-25T13:28:31.946Z", "2025-12-16T18:40:57.634Z", "opportunity", "1"),
    ("101850", "Joaquín", "Ibarra", "2025-07-18T07:41:06.583Z", "2026-01-05T11:22:13.029Z", "customer", "4"),
    ("101921", "Katja", "Brunner", "2025-08-07T15:16:44.801Z", "2026-01-14T10:07:48.357Z", "lead", "0"),
    ("102068", "Lorenzo", "Bassi", "2025-09-01T12:54:25.270Z", "2026-01-29T14:35:20.716Z", "subscriber", None),
    ("102175", "Maeve", "Byrne", "2025-10-10T08:39:17.654Z", "2026-02-10T06:49:55.183Z", "opportunity", "2"),
    ("102240", "Nils", "Aalto", "2025-11-24T16:02:59.497Z", "2026-02-19T17:26:41.808Z", "lead", "1"),
    ("102396", "Oumou", "Diallo", "2026-01-19T10:25:33.125Z", "2026-02-27T09:14:02.264Z", "lead", "0"),
]


def address(name):
    """Returns the e-mail address of somebody of this name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore")
    local = plain.decode().lower().replace("'", "").replace(" ", ".")
    return local + "@example.com"


def contact_point(label, value, primary=True):
    return {"label": label, "value": value, "primary": primary}


def person(number, name, added, updated, org, source, budget, labels):
    first, last = name.split(" ", 1)
    emails = [contact_point("work", address(name))]
    if number % 6 == 0:
        emails.insert(0, contact_point("home", address("home " + name), False))
    return {
        "id": number,
        "name": name,
        "first_name": first,
        "last_name": last,
        "add_time": added,
        "update_time": updated,
        "visible_to": 3,
        "custom_fields": {
            LEAD_SOURCE: source,
            BUDGET: budget and {"value": budget, "currency": "EUR"},
        },
        "owner_id": 25455000 + number % 3,
        "label_ids": labels,
        "org_id": org,
        "is_deleted": False,
        "picture_id": None,
        "phones": [contact_point("", f"+1 555 01{number:02}")],
        "emails": [] if number % 9 == 0 else emails,
    }


def salesforce_id(text):
    """Returns an id of 15 characters with the three that tell its capitals."""
    suffix = ""
    for start in range(0, 15, 5):
        capitals = sum(text[start + i].isupper() << i for i in range(5))
        suffix += "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[capitals]
    return text + suffix


def attributes(kind, identity):
    url = f"{SALESFORCE}/sobjects/{kind}/{identity}"
    return {"type": kind, "url": url}


def account_id(number):
    return salesforce_id(f"001Hr00000Ac{number:03}")


def account(number, name, industry, employees, revenue, owner, parent,
            modified):
    identity = account_id(number)
    user = salesforce_id(f"005Hr00000Us{owner:03}")
    return {
        "attributes": attributes("Account", identity),
        "Id": identity,
        "Name": name,
        "Industry": industry,
        "NumberOfEmployees": employees,
        "AnnualRevenue": revenue,
        "Owner": {
            "attributes": attributes("User", user),
            "Name": OWNERS[owner],
        },
        "Parent": parent and {
            "attributes": attributes("Account", account_id(parent)),
            "Name": next(row[1] for row in ACCOUNTS if row[0] == parent),
        },
        "SystemModstamp": modified,
    }


def contact(number, first, last, created, modified, stage, deals):
    return {
        "id": number,
        "properties": {
            "createdate": created,
            "email": address(f"{first} {last}" if last else first),
            "firstname": first,
            "hs_object_id": number,
            "lastmodifieddate": modified,
            "lastname": last,
            "lifecyclestage": stage,
            "num_associated_deals": deals,
        },
        "createdAt": created,
        "updatedAt": modified,
        "archived": False,
    }


def utc(*parts):
    return datetime(*parts, tzinfo=timezone.utc)


def instant(text):
    fraction = ".%f" if "." in text else ""
    return datetime.strptime(text, f"%Y-%m-%dT%H:%M:%S{fraction}%z")


def rfc3339(time):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def encoded(query):
    text = urllib.parse.urlencode(query, safe="", quote_via=urllib.parse.quote)
    return "?" + text if query else ""


def pairs(headers):
    return [{"name": name, "value": str(value)} for name, value in headers]


class Recorder:
    """Writes down requests and answers, one a second."""

    def __init__(self):
        self.pages = []
        self.entries = []

    def begin(self, name, title, now):
        self.now = now
        self.pages.append({
            "startedDateTime": rfc3339(now),
            "id": name,
            "title": title,
            "pageTimings": {},
        })

    def answer(self, path, query, body):
        """Enters a GET; a path from the API's answer comes without a query."""
        date = email.utils.format_datetime(self.now, usegmt=True)
        text = compact(body)
        size = len(text.encode())
        self.entries.append({
            "pageref": self.pages[-1]["id"],
            "startedDateTime": rfc3339(self.now),
            "time": 120,
            "request": {
                "method": "GET",
                "url": BASE + path + encoded(query),
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": pairs([("Accept", "application/json")]),
                "queryString": pairs(query.items()),
                "headersSize": -1,
                "bodySize": 0,
            },
            "response": {
                "status": 200,
                "statusText": "OK",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": pairs([
                    ("Date", date),
                    ("Content-Type", "application/json; charset=utf-8"),
                ]),
                "content": {
                    "size": size,
                    "mimeType": "application/json",
                    "text": text,
                },
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": size,
            },
            "cache": {},
            "timings": {"send": 0, "wait": 100, "receive": 20},
        })
        self.now += timedelta(seconds=1)


def chunks(records, size):
    return [records[at:at + size] for at in range(0, len(records), size)]


def bound(records, field, now):
    """Returns where the run after one begun at `now` begins: its mark less the
    overlap."""
    anchor = now - timedelta(seconds=1)
    stamps = [instant(record[field]) for record in records]
    return max(stamp for stamp in stamps if stamp <= anchor) - OVERLAP


def changed(records, field, since):
    """Returns the records that a source finds, in the order asked for."""
    found = [each for each in records
             if since is None or instant(each[field]) >= since]
    return sorted(found, key=lambda each: instant(each[field]))


def read_persons(recorder, persons, since):
    begun = recorder.now
    query = {"sort_by": "update_time", "sort_direction": "asc", "limit": 10}
    if since:
        query["updated_since"] = rfc3339(since)
    pages = chunks(changed(persons, "update_time", since), 10)
    for page in pages:
        last = page is pages[-1]
        place = {
            "field": "update_time",
            "fieldValue": page[-1]["update_time"],
            "sortDirection": "asc",
            "id": page[-1]["id"],
        }
        cursor = base64.b64encode(compact(place).encode()).decode()
        recorder.answer("/api/v2/persons", query, {
            "success": True,
            "data": page,
            "additional_data": {"next_cursor": None if last else cursor},
        })
        query = {**query, "cursor": cursor}
    return bound(persons, "update_time", begun)


def read_accounts(recorder, accounts, since):
    begun = recorder.now
    stamp = since.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    path = f"{SALESFORCE}/query"
    query = {"q": SOQL.format(stamp)}
    found = changed(accounts, "SystemModstamp", since)
    read = 0
    for page in chunks(found, 8):
        read += len(page)
        body = {"totalSize": len(found), "done": read == len(found)}
        following = f"{SALESFORCE}/query/0r8Hr00000AcmeIAE-{read}"
        if not body["done"]:
            body["nextRecordsUrl"] = following
        recorder.answer(path, query, {**body, "records": page})
        path, query = following, {}
    return bound(accounts, "SystemModstamp", begun)


def read_contacts(recorder, contacts):
    path = "/crm/v3/objects/contacts"
    query = {"limit": 6, "properties": PROPERTIES}
    pages = chunks(sorted(contacts, key=lambda record: int(record["id"])), 6)
    for page in pages:
        body = {"results": page}
        after = page[-1]["id"]
        if page is not pages[-1]:
            link = f"{BASE}{path}?limit=6&after={after}"
            body["paging"] = {"next": {"after": after, "link": link}}
        recorder.answer(path, query, body)
        query = {**query, "after": after}


def change(persons, accounts, contacts):
    """What happens between the two runs."""
    by_id = {each["id"]: each for each in persons}
    by_id[7].update(update_time="2026-03-03T08:41:10Z")
    by_id[7]["phones"][0]["value"] = "+1 555 0177"
    by_id[14].update(update_time="2026-03-03T10:22:47Z",
                     name="Renée Laurent", last_name="Laurent")
    by_id[14]["emails"][0]["value"] = address("Renée Laurent")
    persons.append(person(26, "Yusuf Demir", "2026-03-03T11:05:30Z",
                          "2026-03-03T11:05:30Z", 21, "Website", 2200, []))

    by_name = {each["Name"]: each for each in accounts}
    by_name["Fernhill Bakery"].update(
        Name="Fernhill & Daughters",
        SystemModstamp="2026-03-03T09:15:42.000+0000")

    contacts.remove(next(each for each in contacts if each["id"] == "101477"))
    nils = next(each for each in contacts if each["id"] == "102240")
    nils.update(updatedAt="2026-03-03T10:48:05.377Z")
    nils["properties"].update(lastmodifieddate="2026-03-03T10:48:05.377Z",
                              lifecyclestage="customer",
                              num_associated_deals="2")
    contacts.append(contact("102455", "Pia", "Salonen",
                            "2026-03-03T12:03:28.590Z",
                            "2026-03-03T12:03:28.590Z", "lead", "0"))


def make():
    persons = [person(*row) for row in PERSONS]
    accounts = [account(*row) for row in ACCOUNTS]
    contacts = [contact(*row) for row in CONTACTS]
    recorder = Recorder()

    recorder.begin("first", "A first sync", utc(2026, 3, 3, 8, 0, 5))
    persons_since = read_persons(recorder, persons, None)
    accounts_since = read_accounts(recorder, accounts, utc(2020, 1, 1))
    read_contacts(recorder, contacts)

    change(persons, accounts, contacts)

    recorder.begin("second", "A second sync, five hours later",
                   utc(2026, 3, 3, 13, 0, 5))
    read_persons(recorder, persons, persons_since)
    read_accounts(recorder, accounts, accounts_since)
    read_contacts(recorder, contacts)

    log = {
        "version": "1.2",
        "creator": {"name": "connectors/demo/make_har.py", "version": "1"},
        "pages": recorder.pages,
        "entries": recorder.entries,
    }
    return json.dumps({"log": log}, ensure_ascii=False, indent=1) + "\n"


def main():
    text = make()
    if "--check" not in sys.argv[1:]:
        HAR.write_text(text, encoding="utf-8")
    elif HAR.read_text(encoding="utf-8") != text:
        sys.exit(f"{HAR} is not what {__file__} makes: run it")


if __name__ == "__main__":
    main()
