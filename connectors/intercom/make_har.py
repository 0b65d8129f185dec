#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Intercom: see connectors/har.py.

A first run reads two pages of contacts, two of conversations, of which one is
throttled once, and tickets and companies. A day later a contact has changed, one is
new, and another has been merged into it; the search brings a page of what was
changed earlier that day, where the reading stops. A conversation was reopened.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://api.eu.intercom.io"


def epoch(text):
    return int(har.utc(text).timestamp())


def paging(after):
    return {"per_page": 150, "starting_after": after} if after else {
        "per_page": 150}


def of_contacts(since, after=None):
    """Returns a search for that day and later ones."""
    return {
        "query": {"operator": "OR", "value": [
            {"field": "updated_at", "operator": ">", "value": epoch(since)},
            {"field": "updated_at", "operator": "=", "value": epoch(since)}]},
        "sort": {"field": "updated_at", "order": "descending"},
        "pagination": paging(after),
    }


def of_times(since, after=None):
    return {
        "query": {"field": "updated_at", "operator": ">",
                  "value": epoch(since)},
        "sort": {"field": "updated_at", "order": "ascending"},
        "pagination": paging(after),
    }


def page(kind, records, total, number=1, following=None):
    pages = {"type": "pages", "page": number, "per_page": 150,
             "total_pages": number + bool(following)}
    if following:
        pages["next"] = {"page": number + 1, "starting_after": following}
    return {"type": "list" if kind == "data" else f"{kind[:-1]}.list",
            kind: records, "total_count": total, "pages": pages}


def addressed(identity, kind):
    return {"type": "list", "data": [], "total_count": 0, "has_more": False,
            "url": f"/contacts/{identity}/{kind}"}


def contact(identity, updated, email, name, **values):
    return {
        "type": "contact", "id": identity, "workspace_id": "abc1defg",
        "external_id": None, "role": "user", "email": email, "phone": None,
        "name": name, "avatar": None, "owner_id": None,
        "social_profiles": {"type": "list", "data": []},
        "has_hard_bounced": False, "marked_email_as_spam": False,
        "unsubscribed_from_emails": False,
        "created_at": epoch("2025-01-17T19:55:04Z"),
        "updated_at": epoch(updated), "signed_up_at": None,
        "last_seen_at": None, "last_replied_at": None,
        "last_contacted_at": None, "language_override": None,
        "location": {"type": "location", "country": None, "region": None,
                     "city": None},
        "custom_attributes": {}, "tags": addressed(identity, "tags"),
        "notes": addressed(identity, "notes"),
        "companies": addressed(identity, "companies"), **values}


def conversation(identity, updated, subject, **values):
    return {
        "type": "conversation", "id": identity, "title": None,
        "created_at": epoch("2026-02-01T08:00:00Z"),
        "updated_at": epoch(updated), "waiting_since": None,
        "snoozed_until": None, "open": True, "state": "open", "read": True,
        "priority": "not_priority", "admin_assignee_id": 814860,
        "team_assignee_id": None,
        "source": {"type": "email", "id": f"4039{identity}",
                   "delivered_as": "customer_initiated", "subject": subject,
                   "body": f"<p>{subject}</p>",
                   "author": {"type": "user", "id": ADA["id"],
                              "name": "Ada Byron", "email": ADA["email"]},
                   "attachments": [], "url": None, "redacted": False},
        "contacts": {"type": "contact.list", "contacts": [
            {"type": "contact", "id": ADA["id"], "external_id": "7001"}]},
        "tags": {"type": "tag.list", "tags": []}, "custom_attributes": {},
        "statistics": None, "ai_agent_participated": False, **values}


def ticket(identity, number, updated, title):
    return {
        "type": "ticket", "id": identity, "ticket_id": number,
        "category": "Customer",
        "ticket_attributes": {"_default_title_": title,
                              "_default_description_": "", "Order": 17},
        "ticket_state": {"type": "ticket_state", "id": "1",
                         "category": "submitted", "internal_label": "New",
                         "external_label": "Received"},
        "ticket_type": {"type": "ticket_type", "id": "2", "name": "Return"},
        "contacts": {"type": "contact.list", "contacts": []},
        "admin_assignee_id": "0", "team_assignee_id": "0",
        "created_at": epoch("2026-02-01T08:00:00Z"),
        "updated_at": epoch(updated), "open": True, "snoozed_until": None,
        "is_shared": True}


def company(identity, company_id, name, **values):
    return {
        "type": "company", "id": identity, "company_id": company_id,
        "app_id": "abc1defg", "name": name, "remote_created_at": None,
        "created_at": epoch("2025-01-17T19:55:04Z"),
        "updated_at": epoch("2025-06-17T19:55:04Z"),
        "last_request_at": None, "size": None, "website": None,
        "industry": None, "monthly_spend": 0, "session_count": 0,
        "user_count": 1, "plan": {}, "custom_attributes": {},
        "tags": {"type": "tag.list", "tags": []},
        "segments": {"type": "segment.list", "segments": []}, **values}


ADA = contact("6657add46abd0167d9419001", "2025-09-11T13:27:39Z",
              "ada@example.com", "Ada Byron", external_id="7001",
              custom_attributes={"plan": "pro", "seats": 5},
              location={"type": "location", "country": "Germany",
                        "region": None, "city": "Köln"})
BEN = contact("6657add46abd0167d9419002", "2026-02-10T09:00:00Z",
              "ben@example.com", "Ben O'Hara", role="lead")
CLEO = contact("6657add46abd0167d9419003", "2026-03-03T05:00:00Z",
               "cleo@example.com", "Cleo Núñez", owner_id=814860,
               last_seen_at=epoch("2026-03-03T04:59:50Z"))
DORA = contact("6657add46abd0167d9419004", "2026-03-03T07:50:00Z",
               "dora@example.com", None, phone="+4535550111")
ADA_LATER = {**ADA, "phone": "+15550100",
             "updated_at": epoch("2026-03-03T20:00:00Z")}
ELI = contact("6657add46abd0167d9419005", "2026-03-04T07:00:00Z",
              "eli@example.com", "Eli", created_at=epoch(
                  "2026-03-04T07:00:00Z"))
PRICE = conversation("214001", "2026-02-01T08:20:00Z", "What does it cost?")
REFUND = conversation("214002", "2026-03-03T07:30:00Z", "Refund",
                      open=False, state="closed", statistics={
                          "type": "conversation_statistics",
                          "count_reopens": 0})
# Changed while it was read, so it comes once more.
PRICE_ASSIGNED = {**PRICE, "team_assignee_id": 902,
                  "updated_at": epoch("2026-03-03T08:00:08Z")}
REFUND_AGAIN = {**REFUND, "open": True, "state": "open",
                "updated_at": epoch("2026-03-04T06:30:00Z"),
                "statistics": {"type": "conversation_statistics",
                               "count_reopens": 1}}
RETURN = ticket("214003", "31", "2026-03-03T07:55:00Z", "Schuhe zurück")
ACME = company("531ee472cce572a6ec000006", "7001", "Acme", size=120,
               monthly_spend=49.5, industry="Baumärkte")
GLOBEX = company("531ee472cce572a6ec000007", "7002", "Globex")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    begin = "1970-01-01T00:00:00Z"
    after_cleo = "WzE3NzI1MTQwMDAwMDAsIjY2NTdhZGQ0IiwyXQ=="
    api.post(f"{API}/contacts/search", of_contacts(begin),
             page("data", [DORA, CLEO], 4, following=after_cleo))
    api.post(f"{API}/contacts/search", of_contacts(begin, after_cleo),
             page("data", [BEN, ADA], 4, 2))

    after_price = "WzE3Njk5MzQwMDAwMDAsMjE0MDAxLDJd"
    api.post(f"{API}/conversations/search", of_times(begin),
             page("conversations", [PRICE], 2, following=after_price))
    api.post(f"{API}/conversations/search", of_times(begin, after_price), {
        "type": "error.list", "request_id": "b3d5g1q0m5u7o0r0s5eg",
        "errors": [{"code": "rate_limit_exceeded",
                    "message": "Exceeded rate limit"}],
    }, status=429, headers={
        "X-RateLimit-Limit": 166, "X-RateLimit-Remaining": 0,
        "X-RateLimit-Reset": epoch("2026-03-03T08:00:20Z")})
    api.post(f"{API}/conversations/search", of_times(begin, after_price),
             page("conversations", [REFUND, PRICE_ASSIGNED], 2, 2))

    api.post(f"{API}/tickets/search", of_times(begin),
             page("tickets", [RETURN], 1))
    companies(api, [ACME], 1)
    companies(api, [GLOBEX], 2)
    everybody(api, [ADA, BEN, CLEO, DORA])
    return api


def companies(api, records, number):
    api.post(f"{API}/companies/list", None,
             {"type": "list", "data": records, "total_count": 2,
              "pages": {"type": "pages", "page": number, "per_page": 60,
                        "total_pages": 2}},
             query={"per_page": 60, "page": number})


def everybody(api, records):
    api.get(f"{API}/contacts", {"per_page": 150},
            page("data", records, len(records)))


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # A quarter of an hour before 07:50. What was changed earlier that day comes as
    # well, and its page ends the reading, though there is another one.
    since = "2026-03-03T07:35:00Z"
    after_dora = "WzE3NzI1MjQyMDAwMDAsIjY2NTdhZGQ0IiwyXQ=="
    api.post(f"{API}/contacts/search", of_contacts(since),
             page("data", [ELI, ADA_LATER, DORA], 9, following=after_dora))
    api.post(f"{API}/contacts/search", of_contacts(since, after_dora),
             page("data", [CLEO], 9, 2, "WzE3NzI1MTQwMDAwMDAsImZmIiwzXQ=="))

    # Nothing was changed in the quarter of an hour before the first run.
    api.post(f"{API}/conversations/search", of_times("2026-03-03T07:30:00Z"),
             page("conversations", [PRICE_ASSIGNED, REFUND_AGAIN], 2))
    # A ticket was: less the second that the filter leaves out.
    api.post(f"{API}/tickets/search", of_times("2026-03-03T07:39:59Z"),
             page("tickets", [RETURN], 1))
    companies(api, [GLOBEX], 1)
    companies(api, [ACME], 2)
    # One was merged into another, and is no longer there.
    everybody(api, [ADA_LATER, CLEO, DORA, ELI])
    return api


har.main(__file__, first=first(), second=second())
