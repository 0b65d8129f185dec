#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Zendesk Support: see connectors/har.py.

A first run reads two pages of tickets, of which the second is throttled once, a
page of users, two of organizations, and the comments of each ticket. A day later a
ticket has a new comment, one is new and one was deleted, a user was deleted, and an
organization has changed and one is gone.
"""

import base64
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://acme.zendesk.com/api/v2"
ADA = 20978001


def place(time, identity):
    """Returns a cursor as it is: a time and the id it was reached with."""
    return base64.b64encode(f"{time}.0||{identity}|".encode()).decode()


def ticket(identity, generated, updated, subject, **values):
    return {
        "url": f"{API}/tickets/{identity}.json", "id": identity,
        "external_id": None, "via": {"channel": "email"},
        "created_at": "2025-07-20T22:55:29Z", "updated_at": updated,
        "generated_timestamp": generated, "type": "incident",
        "subject": subject, "raw_subject": subject,
        "description": "It does not print.\nPlease help.",
        "priority": "high", "status": "open", "recipient": None,
        "requester_id": ADA, "submitter_id": ADA, "assignee_id": 235001,
        "organization_id": 509001, "group_id": 98001, "due_at": None,
        "tags": ["enterprise"],
        "custom_fields": [{"id": 27642, "value": "745"},
                          {"id": 27648, "value": None}],
        "satisfaction_rating": None, "has_incidents": False, **values}


def user(identity, name, updated, **values):
    return {
        "id": identity, "url": f"{API}/users/{identity}.json", "name": name,
        "email": f"{name.split()[0].lower()}@example.com",
        "created_at": "2024-02-01T08:00:00Z", "updated_at": updated,
        "time_zone": "London", "phone": None, "photo": None, "locale_id": 1,
        "locale": "en-US", "organization_id": 509001, "role": "end-user",
        "verified": True, "external_id": None, "tags": [], "alias": "",
        "active": True, "shared": False, "last_login_at": None,
        "suspended": False, "user_fields": {"tier": "gold"}, **values}


def organization(identity, name, updated, **values):
    return {
        "url": f"{API}/organizations/{identity}.json", "id": identity,
        "name": name, "shared_tickets": False, "shared_comments": False,
        "external_id": None, "created_at": "2024-01-10T08:00:00Z",
        "updated_at": updated, "domain_names": [], "details": "",
        "notes": "", "group_id": None, "tags": [],
        "organization_fields": {"seats": 25}, **values}


def comment(identity, body, created, **values):
    return {
        "id": identity, "type": "Comment", "author_id": ADA, "body": body,
        "html_body": f"<p>{body}</p>", "plain_body": body, "public": True,
        "attachments": [], "audit_id": identity + 1,
        "via": {"channel": "email"}, "created_at": created, **values}


def export(api, kind, asked, records, time, identity, end, **more):
    after = place(time, identity)
    following = f"{API}/incremental/{kind}/cursor.json?cursor={after}"
    answer = {kind: records, "after_url": following, "after_cursor": after,
              "before_url": None, "before_cursor": None,
              "end_of_stream": end}
    if isinstance(asked, int):
        api.get(f"{API}/incremental/{kind}/cursor", {"start_time": asked},
                answer, **more)
    else:
        api.get(asked, (), answer, **more)
    return following


def export_organizations(api, since, records, end_time, end, again=False):
    address = f"{API}/incremental/organizations"
    following = f"{address}.json?start_time={end_time}"
    answer = {"organizations": records, "count": len(records),
              "end_of_stream": end, "end_time": end_time,
              "next_page": following}
    if again:
        api.get(f"{address}.json", {"start_time": since}, answer)
    else:
        api.get(address, {"start_time": since}, answer)


def list_organizations(api, records, after=None, following=None):
    query = {"page[size]": 100}
    if after:
        query["page[after]"] = after
    address = f"{API}/organizations.json?page%5Bsize%5D=100"
    api.get(f"{API}/organizations", query, {
        "organizations": records,
        # There is a cursor on the last page too.
        "meta": {"has_more": following is not None,
                 "after_cursor": following or "eyJlbmQiOjF9",
                 "before_cursor": None},
        "links": {"next": following and
                  f"{address}&page%5Bafter%5D={following}", "prev": None},
    })


def ask_comments(api, of, comments, after=None, following=None):
    query = {"page[size]": 100}
    if after:
        query["page[after]"] = after
    address = f"{API}/tickets/{of}/comments.json?page%5Bsize%5D=100"
    api.get(f"{API}/tickets/{of}/comments", query, {
        "comments": comments,
        # There is a cursor on the last page too.
        "meta": {"has_more": following is not None,
                 "after_cursor": following or "eyJlbmQiOjF9",
                 "before_cursor": None},
        "links": {"next": following and
                  f"{address}&page%5Bafter%5D={following}", "prev": None},
    })


FIRE = ticket(35001, 1772000000, "2026-02-25T06:13:18Z", "Printer on fire",
              satisfaction_rating={"id": 1234, "score": "good",
                                   "comment": "Great"})
FÜR = ticket(35002, 1772100000, "2026-02-26T10:00:00Z", "Frage zum Zugang",
             type="question", priority=None, assignee_id=None,
             description="Wo ändere ich das?")
SPAM = ticket(35003, 1772200000, "2026-02-27T13:46:39Z", "Win a prize",
              type=None, organization_id=None)
SMOKE = comment(900000001, "Smoke, too.", "2026-02-25T06:13:18Z")
FLAMES = comment(900000003, "Flames!", "2026-02-25T06:20:00Z", public=False)
FRAGE = comment(900000005, "Wo ändere ich das?", "2026-02-26T10:00:00Z")
ANTWORT = comment(900000009, "Unter Profil.", "2026-03-03T14:00:00Z",
                  author_id=235001)
ACME = organization(509001, "Acme", "2026-01-15T07:45:01Z",
                    domain_names=["example.com"], tags=["vip"])
HOLM = organization(509002, "Holm & Sønner", "2026-01-20T09:00:00Z")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    following = export(api, "tickets", 0, [FIRE, FÜR], 1772100000, 35002,
                       False)
    api.get(following, (), "Number of allowed incremental ticket export API "
            "requests per minute exceeded", status=429,
            content_type="text/plain", headers={"Retry-After": 21})
    api.wait(seconds=21)
    export(api, "tickets", following, [SPAM], 1772200000, 35003, True)
    export(api, "users", 0, [
        user(ADA, "Ada Byron", "2026-02-01T08:00:00Z"),
        user(235001, "Jörg Weber", "2026-02-01T08:05:00Z", role="agent",
             organization_id=None,
             photo={"id": 928374, "file_name": "jw.png"}),
        user(20978002, "Ben O'Hara", "2026-02-02T08:00:00Z"),
    ], 1770019200, 20978002, True)
    # By time each page begins with the last record of the page before.
    export_organizations(api, 0, [ACME], 1768463101, False)
    export_organizations(api, 1768463101, [ACME, HOLM], 1768899600, True,
                         again=True)
    list_organizations(api, [ACME], following="eyJvIjoibmFtZSJ9")
    list_organizations(api, [HOLM], after="eyJvIjoibmFtZSJ9")
    ask_comments(api, 35001, [SMOKE], following="eyJvIjoiY3JlYXRlZF9hdCJ9")
    ask_comments(api, 35001, [FLAMES], after="eyJvIjoiY3JlYXRlZF9hdCJ9")
    ask_comments(api, 35002, [FRAGE])
    ask_comments(api, 35003, [])
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    cursor = f"{API}/incremental/tickets/cursor.json?cursor="
    export(api, "tickets", cursor + place(1772200000, 35003), [
        {**FÜR, "status": "solved", "assignee_id": 235001,
         "updated_at": "2026-03-03T14:00:00Z",
         "generated_timestamp": 1772546400},
        {**SPAM, "status": "deleted", "updated_at": "2026-03-03T15:00:00Z",
         "generated_timestamp": 1772550000, "subject": "SCRUBBED"},
        ticket(35004, 1772607600, "2026-03-04T07:00:00Z", "Paper is out",
               description="", tags=[], created_at="2026-03-04T07:00:00Z"),
    ], 1772607600, 35004, True)
    cursor = f"{API}/incremental/users/cursor.json?cursor="
    export(api, "users", cursor + place(1770019200, 20978002), [
        user(20978002, "Ben O'Hara", "2026-03-03T18:00:00Z", active=False),
    ], 1772560800, 20978002, True)
    # The export says nothing of one that was deleted; the list has it no more.
    export_organizations(api, 1768899300, [
        {**ACME, "updated_at": "2026-03-03T16:00:00Z", "tags": []},
    ], 1772553600, True)
    list_organizations(api, [
        {**ACME, "updated_at": "2026-03-03T16:00:00Z", "tags": []}])
    ask_comments(api, 35002, [FRAGE, ANTWORT])
    ask_comments(api, 35004, [])
    return api


har.main(__file__, first=first(), second=second())
