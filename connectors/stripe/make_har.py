#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Stripe: see connectors/har.py.

A first run reads two pages of customers, of which the second is throttled once,
and of each other list one, and the events of the last 30 days. A day later a
customer is new, one has changed twice and one has been deleted; a subscription
has been cancelled, a price deleted, a session has come to its end, and there is
no event of the balance.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://api.stripe.com/v1"
EVENTS = {
    "customers": ["customer.created", "customer.updated", "customer.deleted"],
    "subscriptions": [
        "customer.subscription.created", "customer.subscription.updated",
        "customer.subscription.deleted", "customer.subscription.paused",
        "customer.subscription.resumed",
        "customer.subscription.pending_update_applied",
        "customer.subscription.pending_update_expired"],
    "prices": ["price.created", "price.updated", "price.deleted"],
    "checkout/sessions": ["checkout.session.completed",
                          "checkout.session.expired"],
}


def epoch(text):
    return int(har.utc(text).timestamp())


def page(path, objects, more=False):
    return {"object": "list", "url": f"/v1/{path}", "has_more": more,
            "data": objects}


def read(api, path, objects, since=None, after=None, more=False, query=()):
    api.get(f"{API}/{path}",
            [("limit", 100), *query,
             *([("created[gte]", epoch(since))] if since else []),
             *([("starting_after", after)] if after else [])],
            page(path, objects, more))


def events(api, path, found, since=None, after=None, more=False):
    read(api, "events", found, since, after, more,
         query=[("types[]", EVENTS[path])])


def event(number, at, kind, data, before=None):
    body = {"object": data}
    if before is not None:
        body["previous_attributes"] = before
    return {"id": f"evt_1PAAAAAAAAAAAAAAAAAAAA{number:02}", "object": "event",
            "api_version": "2025-02-24.acacia", "created": epoch(at),
            "data": body, "livemode": False, "pending_webhooks": 0,
            "request": {"id": None, "idempotency_key": None}, "type": kind}


def customer(number, created, **values):
    return {"id": f"cus_AAAAAAAAAAAA{number:02}", "object": "customer",
            "address": None, "balance": 0, "created": epoch(created),
            "currency": None, "default_source": None, "delinquent": False,
            "description": None, "discount": None, "email": None,
            "invoice_prefix": f"0759376{number}",
            "invoice_settings": {"custom_fields": None,
                                 "default_payment_method": None,
                                 "footer": None, "rendering_options": None},
            "livemode": False, "metadata": {}, "name": None, "phone": None,
            "preferred_locales": [], "shipping": None, "tax_exempt": "none",
            "test_clock": None, **values}


def subscription(**values):
    return {"id": "sub_1PAAAAAAAAAAAAAAAAAAAA01", "object": "subscription",
            "cancel_at": None, "cancel_at_period_end": False,
            "canceled_at": None, "collection_method": "charge_automatically",
            "created": epoch("2026-01-10T09:00:00Z"), "currency": "eur",
            "customer": "cus_AAAAAAAAAAAA01", "ended_at": None,
            "items": {"object": "list", "data": [
                {"id": "si_AAAAAAAAAAAA01", "object": "subscription_item",
                 "price": {"id": "price_1PAAAAAAAAAAAAAAAAAAAA01"},
                 "quantity": 1}], "has_more": False, "total_count": 1},
            "livemode": False, "metadata": {"seats": "5"},
            "start_date": epoch("2026-01-10T09:00:00Z"), "status": "active",
            "trial_end": None, "trial_start": None, **values}


def price(number, created, **values):
    return {"id": f"price_1PAAAAAAAAAAAAAAAAAAAA{number:02}",
            "object": "price", "active": True, "billing_scheme": "per_unit",
            "created": epoch(created), "currency": "eur", "livemode": False,
            "lookup_key": None, "metadata": {}, "nickname": None,
            "product": "prod_AAAAAAAAAAAA01",
            "recurring": {"interval": "month", "interval_count": 1,
                          "usage_type": "licensed"},
            "tax_behavior": "unspecified", "type": "recurring",
            "unit_amount": 1900, "unit_amount_decimal": "1900", **values}


def session(**values):
    return {"id": "cs_test_a1AAAAAAAAAAAA01", "object": "checkout.session",
            "amount_total": 1900, "created": epoch("2026-03-02T21:00:00Z"),
            "currency": "eur", "customer": None, "livemode": False,
            "metadata": {}, "mode": "payment", "payment_status": "unpaid",
            "status": "open", **values}


def balance(number, created, amount, fee, kind, status):
    return {"id": f"txn_1PAAAAAAAAAAAAAAAAAAAA{number:02}",
            "object": "balance_transaction", "amount": amount,
            "available_on": epoch("2026-03-09T00:00:00Z"),
            "created": epoch(created), "currency": "eur", "description": None,
            "exchange_rate": None, "fee": fee, "fee_details": [],
            "net": amount - fee, "reporting_category": kind,
            "source": f"ch_1PAAAAAAAAAAAAAAAAAAAA{number:02}",
            "status": status, "type": kind}


ADA = customer(1, "2025-01-17T19:55:04Z", email="ada@example.com",
               name="Ada Byron", currency="eur", balance=-500,
               metadata={"crm_id": "7001"})
BEN = customer(2, "2025-02-03T08:20:11Z", email="ben@example.com",
               name="Ben O'Hara")
CLEO = customer(3, "2026-03-01T10:00:00Z", email="cleo@example.com",
                name="Cleo Núñez", delinquent=True,
                address={"city": "Köln", "country": "DE", "line1": None,
                         "line2": None, "postal_code": "50667",
                         "state": None})
DORA = customer(4, "2026-03-03T17:12:40Z", email="dora@example.com",
                name="Dora Lund", phone="+4535550111")
BASIC = price(1, "2025-01-02T08:00:00Z", nickname="Basic")
METERED = price(2, "2025-06-30T16:45:10Z", unit_amount=None,
                unit_amount_decimal="0.125", nickname="Per call")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    read(api, "customers", [CLEO, BEN], more=True)
    api.get(f"{API}/customers", {"limit": 100, "starting_after": BEN["id"]},
            {"error": {"code": "rate_limit",
                       "message": "Too many requests in too short a time.",
                       "type": "invalid_request_error"}}, status=429)
    read(api, "customers", [ADA], after=BEN["id"])
    # Of one who is gone there is nothing to mark.
    events(api, "customers", [
        event(4, "2026-03-02T11:30:00Z", "customer.updated", CLEO,
              {"delinquent": False}),
        event(3, "2026-03-01T10:00:00Z", "customer.created",
              {**CLEO, "delinquent": False}),
        event(1, "2026-02-20T06:00:00Z", "customer.deleted",
              customer(9, "2024-05-05T05:05:05Z"))])

    read(api, "subscriptions", [subscription()], query=[("status", "all")])
    events(api, "subscriptions", [])

    read(api, "prices", [METERED, BASIC])
    events(api, "prices", [])

    read(api, "balance_transactions",
         [balance(1, "2026-03-02T10:00:00Z", 1900, 73, "charge", "pending")])

    read(api, "checkout/sessions", [session()])
    events(api, "checkout/sessions", [])
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # What was created is asked for from five minutes before the newest.
    read(api, "customers", [DORA, {**CLEO, "delinquent": False,
                                   "name": "Cleo Núñez-Ruiz"}],
         since="2026-03-01T09:55:00Z")
    # The newest of each comes first, and what is older, on the next page, is
    # not to undo it.
    events(api, "customers", [
        event(11, "2026-03-04T07:00:00Z", "customer.deleted", BEN),
        event(10, "2026-03-03T20:00:00Z", "customer.updated",
              {**CLEO, "delinquent": False, "name": "Cleo Núñez-Ruiz"},
              {"name": "Cleo Núñez"}),
        event(9, "2026-03-03T17:12:40Z", "customer.created", DORA)],
        since="2026-03-02T11:25:00Z", more=True)
    events(api, "customers", [
        event(8, "2026-03-03T16:00:00Z", "customer.updated",
              {**CLEO, "delinquent": False}, {"delinquent": True}),
        event(7, "2026-03-03T12:00:00Z", "customer.updated",
              {**ADA, "balance": 0}, {"balance": -500}),
        event(6, "2026-03-03T09:00:00Z", "customer.updated",
              {**BEN, "description": "Wants to leave"},
              {"description": None}),
        event(4, "2026-03-02T11:30:00Z", "customer.updated", CLEO,
              {"delinquent": False})],
        since="2026-03-02T11:25:00Z", after="evt_1PAAAAAAAAAAAAAAAAAAAA09")

    # Events of which there has been none are asked for without a bound.
    read(api, "subscriptions", [subscription(
        status="canceled", canceled_at=epoch("2026-03-03T18:00:00Z"),
        ended_at=epoch("2026-03-03T18:00:00Z"))],
        since="2026-01-10T08:55:00Z", query=[("status", "all")])
    events(api, "subscriptions", [
        event(12, "2026-03-03T18:00:00Z", "customer.subscription.deleted",
              subscription(status="canceled",
                           canceled_at=epoch("2026-03-03T18:00:00Z"),
                           ended_at=epoch("2026-03-03T18:00:00Z")))])

    read(api, "prices", [], since="2025-06-30T16:40:10Z")
    events(api, "prices", [
        event(13, "2026-03-03T19:00:00Z", "price.deleted", METERED)])

    read(api, "balance_transactions",
         [balance(2, "2026-03-04T06:00:00Z", -700, 0, "refund", "available"),
          balance(1, "2026-03-02T10:00:00Z", 1900, 73, "charge", "pending")],
         since="2026-03-02T09:55:00Z")

    read(api, "checkout/sessions", [session(
        status="complete", payment_status="paid",
        customer="cus_AAAAAAAAAAAA04")], since="2026-03-02T20:55:00Z")
    events(api, "checkout/sessions", [
        event(14, "2026-03-03T17:15:00Z", "checkout.session.completed",
              session(status="complete", payment_status="paid",
                      customer="cus_AAAAAAAAAAAA04"))])
    return api


har.main(__file__, first=first(), second=second())
