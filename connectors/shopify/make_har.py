#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of Shopify: see connectors/har.py.

A first run reads two pages of orders, the second from its link and throttled once,
two pages of customers, of which GraphQL throttles one with status 200, products and
draft orders. A day later an order and a customer have changed, an order is new, and
another one and a product have been deleted.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://acme.myshopify.com/admin/api/2026-01"

FIELDS = {
    "customers":
        "firstName lastName state note tags locale taxExempt numberOfOrders "
        "createdAt amountSpent { amount currencyCode } "
        "defaultEmailAddress { emailAddress marketingState } "
        "defaultPhoneNumber { phoneNumber marketingState } ",
    "products":
        "title handle status vendor productType tags totalInventory "
        "descriptionHtml createdAt publishedAt "
        "size: metafield(namespace: \"custom\", key: \"size\") { value }",
    "draftOrders": "name status ",
}


def orders(api, records, since=None, following=None):
    query = {"status": "any", "limit": 250}
    if since:
        query["updated_at_min"] = since
    api.get(f"{API}/orders.json", query, {"orders": records},
            headers=links(following))


def links(following):
    if not following:
        return {}
    return {"Link": f"<{API}/orders.json?limit=250&page_info={following}>; "
                    "rel=\"next\""}


def destroyed(api, subject, records, since=None):
    query = {"filter": subject, "verb": "destroy", "limit": 250}
    if since:
        query["created_at_min"] = since
    api.get(f"{API}/events.json", query, {"events": records})


def asked(name, since, after=None):
    variables = {"filter": f"updated_at:>='{since}'"}
    if after:
        variables["after"] = after
    return {"query": f"""query ($after: String, $filter: String) {{
  {name}(first: 100, after: $after, sortKey: UPDATED_AT, query: $filter) {{
    nodes {{ legacyResourceId updatedAt {FIELDS[name]} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}""", "variables": variables}


def listed(api, name, nodes, since, after=None, end=None, more=False):
    """`end` is the cursor of the last one, which there is on every page."""
    api.post(f"{API}/graphql.json", asked(name, since, after), {
        "data": {name: {"nodes": nodes, "pageInfo": {
            "hasNextPage": more, "endCursor": end}}},
        "extensions": {"cost": {
            "requestedQueryCost": 42, "actualQueryCost": 6,
            "throttleStatus": {"maximumAvailable": 2000.0,
                               "currentlyAvailable": 1994,
                               "restoreRate": 100.0}}}})


def order(number, updated, total, **values):
    return {
        "id": 5400000000000 + number, "name": f"#{1000 + number}",
        "admin_graphql_api_id":
            f"gid://shopify/Order/{5400000000000 + number}",
        "order_number": 1000 + number, "email": "ada@example.com",
        "phone": None, "financial_status": "paid", "fulfillment_status": None,
        "currency": "EUR", "subtotal_price": total, "total_discounts": "0.00",
        "total_tax": "0.00", "total_price": total, "note": None, "tags": "",
        "source_name": "web", "test": False, "cancel_reason": None,
        "created_at": "2026-02-01T09:00:00+01:00", "updated_at": updated,
        "processed_at": "2026-02-01T09:00:00+01:00", "closed_at": None,
        "cancelled_at": None,
        "customer": {"id": 7100000000001, "email": "ada@example.com"},
        "line_items": [{"id": 14000000000000 + number, "title": "Becher",
                        "quantity": 2, "price": "12.50"}],
        "shipping_address": {"city": "Köln", "country_code": "DE"},
        **values}


def event(number, at, subject, kind):
    return {"id": number, "subject_id": subject, "created_at": at,
            "subject_type": kind, "verb": "destroy", "arguments": [],
            "body": None, "message": "It was deleted.", "author": "Ada",
            "description": "It was deleted.", "path": None}


def customer(number, updated, first_name, email, **values):
    return {
        "legacyResourceId": str(7100000000000 + number), "updatedAt": updated,
        "firstName": first_name, "lastName": None, "state": "ENABLED",
        "note": None, "tags": [], "locale": "de", "taxExempt": False,
        "numberOfOrders": "0", "createdAt": "2025-01-17T19:55:04Z",
        "amountSpent": {"amount": "0.0", "currencyCode": "EUR"},
        "defaultEmailAddress": email and {"emailAddress": email,
                                          "marketingState": "SUBSCRIBED"},
        "defaultPhoneNumber": None, **values}


def product(number, updated, title, size=None, **values):
    return {
        "legacyResourceId": str(8200000000000 + number), "updatedAt": updated,
        "title": title, "handle": title.lower(), "status": "ACTIVE",
        "vendor": "Acme", "productType": "", "tags": ["küche", "neu"],
        "totalInventory": 7, "descriptionHtml": f"<p>{title}</p>",
        "createdAt": "2025-01-17T19:55:04Z", "publishedAt": None,
        "size": size and {"value": size}, **values}


MUGS = order(3, "2026-03-03T08:55:00+01:00", "25.00")
PLATES = order(2, "2026-02-20T10:00:00+01:00", "49.90",
               fulfillment_status="fulfilled", note="Bitte klingeln",
               total_tax="7.97", tags="b2b, wien", source_name="pos")
SPOONS = order(1, "2026-02-01T09:05:00+01:00", "25.00", customer=None,
               email="")
MUGS_SENT = {**MUGS, "fulfillment_status": "fulfilled",
             "updated_at": "2026-03-03T14:00:00+01:00",
             "closed_at": "2026-03-03T14:00:00+01:00"}
BOWLS = order(4, "2026-03-04T07:00:00+01:00", "110.00")
ADA = customer(1, "2026-02-20T09:00:00Z", "Ada", "ada@example.com",
               lastName="Byron", numberOfOrders="3", tags=["vip"],
               amountSpent={"amount": "99.9", "currencyCode": "EUR"})
BEN = customer(2, "2026-03-03T07:52:10Z", "Ben", None, state="DISABLED",
               defaultPhoneNumber={"phoneNumber": "+4535550111",
                                   "marketingState": "NOT_SUBSCRIBED"})
# Changed while they were read, so it comes once more.
ADA_AGAIN = {**ADA, "note": "Called", "updatedAt": "2026-03-03T08:00:10Z"}
BEN_LATER = {**BEN, "lastName": "O'Hara",
             "updatedAt": "2026-03-03T20:00:00Z"}
CLEO = customer(3, "2026-03-04T07:30:00Z", "Cleo", "cleo@example.com",
                lastName="Núñez")
MUG = product(1, "2025-12-01T10:00:00Z", "Becher", "0,3 l")
PLATE = product(2, "2026-01-12T10:00:00Z", "Teller", status="DRAFT")
DRAFT = {"legacyResourceId": "990000000001",
         "updatedAt": "2026-03-01T10:00:00Z", "name": "#D1",
         "status": "OPEN"}


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    begin = "1970-01-01T00:00:00Z"
    follow = "eyJsYXN0X2lkIjoxfQ"
    orders(api, [MUGS, PLATES], following=follow)
    api.get(f"{API}/orders.json", {"limit": 250, "page_info": follow},
            {"errors": "Exceeded 2 calls per second for api client. Reduce "
                       "request rates to resume uninterrupted service."},
            status=429, headers={"Retry-After": "2.0",
                                 "X-Shopify-Shop-Api-Call-Limit": "40/40"})
    api.get(f"{API}/orders.json", {"limit": 250, "page_info": follow},
            {"orders": [SPOONS]})
    # Of one that is gone there is nothing to mark.
    destroyed(api, "Order", [event(901, "2026-02-14T12:00:00+01:00",
                                   5400000000000, "Order")])

    listed(api, "customers", [ADA], begin, end="b25l", more=True)
    api.post(f"{API}/graphql.json", asked("customers", begin, "b25l"), {
        "errors": [{"message": "Throttled", "extensions": {
            "code": "THROTTLED",
            "documentation": "https://shopify.dev/api/usage/rate-limits"}}],
        "extensions": {"cost": {
            "requestedQueryCost": 402, "actualQueryCost": None,
            "throttleStatus": {"maximumAvailable": 1000.0,
                               "currentlyAvailable": 118,
                               "restoreRate": 50.0}}}})
    listed(api, "customers", [BEN, ADA_AGAIN], begin, after="b25l",
           end="dHdv")

    listed(api, "products", [MUG, PLATE], begin, end="dHdv")
    destroyed(api, "Product", [])
    listed(api, "draftOrders", [DRAFT], begin, end="b25l")
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    orders(api, [BOWLS, MUGS_SENT], "2026-03-03T07:45:00Z")
    destroyed(api, "Order", [
        event(901, "2026-02-14T12:00:00+01:00", 5400000000000, "Order"),
        event(902, "2026-03-03T18:00:00+01:00", PLATES["id"], "Order")],
        "2026-02-14T10:45:00Z")
    listed(api, "customers", [ADA_AGAIN, BEN_LATER, CLEO],
           "2026-03-03T07:42:10Z", end="dHdv")
    listed(api, "products", [PLATE], "2026-01-12T09:50:00Z", end="dHdv")
    destroyed(api, "Product", [
        event(903, "2026-03-03T19:00:00+01:00", 8200000000001, "Product")])
    listed(api, "draftOrders", [], "2026-03-01T09:50:00Z")
    return api


har.main(__file__, first=first(), second=second())
