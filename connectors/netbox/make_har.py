#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of NetBox: see connectors/har.py.

A first run reads devices two at a time: three were saved in one stroke, with the
same stamp, which is more than a page and is read twice; a proxy throttles one
request. A day later a device has changed, one is new, and one is deleted, of which
the change log tells. A third run comes soon after.
"""

import pathlib
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://netbox.example.com/api"
DEVICES = f"{API}/dcim/devices/"
SITES = f"{API}/dcim/sites/"
CHANGES = f"{API}/core/object-changes/"


def since(time, limit, **more):
    query = {"last_updated__gte": time, "ordering": "last_updated,id",
             "limit": limit, **more}
    return {name: value for name, value in query.items() if value}


def devices(time=None, **more):
    """Returns the query for devices saved at `time` or later."""
    return since(time, 2, exclude="config_context", **more)


def deletions(kind, time=None):
    query = {"changed_object_type": kind, "action": "delete",
             "time_after": time, "ordering": "time,id", "limit": 500}
    return {name: value for name, value in query.items() if value}


def page(count, found, following=None):
    """Returns a page; `following` is the URL and query of the next one."""
    url = following and (following[0] + "?" +
                         urllib.parse.urlencode(following[1]))
    return {"count": count, "next": url, "previous": None, "results": found}


def brief(kind, number, name):
    return {"id": number, "url": f"{API}/dcim/{kind}/{number}/",
            "display": name, "name": name, "slug": f"slug-{number}"}


def device(number, saved, name, status="active", warranty=None, address=None,
           serial=""):
    return {
        "id": number,
        "url": f"{DEVICES}{number}/",
        "display": name,
        "name": name,
        "device_type": {"id": 4, "url": f"{API}/dcim/device-types/4/",
                        "display": "EX4300", "model": "EX4300",
                        "slug": "ex4300"},
        "role": brief("device-roles", 2, "Access switch"),
        "tenant": None,
        "serial": serial,
        "asset_tag": None,
        "site": brief("sites", 1, "Köln 1"),
        "rack": None,
        "status": {"value": status, "label": status.capitalize()},
        "primary_ip": address and {"id": 70, "address": address,
                                   "url": f"{API}/ipam/ip-addresses/70/"},
        "tags": [],
        "custom_fields": {"warranty_until": warranty},
        "created": "2025-09-01T08:00:00.000000Z",
        "last_updated": saved,
        "interface_count": 48,
    }


def site(number, saved, name, latitude=None):
    return {
        "id": number,
        "url": f"{SITES}{number}/",
        "display": name,
        "name": name,
        "slug": f"slug-{number}",
        "status": {"value": "active", "label": "Active"},
        "region": brief("regions", 5, "NRW"),
        "tenant": {"id": 9, "display": "Acme", "name": "Acme",
                   "slug": "acme"},
        "facility": "007",
        "latitude": latitude,
        "longitude": None,
        "tags": [],
        "custom_fields": {},
        "created": "2025-08-01T08:00:00.000000Z",
        "last_updated": saved,
    }


def deletion(number, time, kind, identity, name):
    return {
        "id": number,
        "url": f"{CHANGES}{number}/",
        "time": time,
        "user_name": "ada",
        "request_id": f"0f0f0f0f-0000-4000-8000-{number:012}",
        "action": {"value": "delete", "label": "Deleted"},
        "changed_object_type": kind,
        "changed_object_id": identity,
        "changed_object": None,
        "object_repr": name,
        "prechange_data": {"name": name},
        "postchange_data": None,
    }


STROKE = "2026-02-10T12:00:00.250000Z"
SW1 = device(11, "2026-01-20T08:30:00.000001Z", "sw1", serial="007123",
             address="192.0.2.1/24", warranty="2027-12-31")
SW2 = device(12, STROKE, "sw2")
SW3 = device(13, STROKE, "sw3")
SW4 = device(14, STROKE, "sw4", status="offline")
SW5 = device(15, "2026-03-03T07:20:30.123456Z", "sw5 für Tor 3")
KOELN = site(1, "2026-01-05T10:00:00.500000Z", "Köln 1", 50.941278)
OLD = deletion(501, "2026-02-10T09:00:00.000001Z", "dcim.device", 3, "old")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    api.get(DEVICES, devices(), page(5, [SW1, SW2],
                                     (DEVICES, devices(offset=2))))
    # From the last one's stamp on, which more have than a page holds.
    rest = (DEVICES, devices(STROKE, offset=2))
    api.get(DEVICES, devices(STROKE), page(4, [SW2, SW3], rest))
    api.get(*rest, "slow down", status=429, headers={"Retry-After": 1},
            content_type="text/plain")
    api.get(*rest, page(4, [SW4, SW5]))
    # Once more: it is read until nothing in it moved meanwhile.
    api.get(DEVICES, devices(STROKE), page(4, [SW2, SW3], rest))
    api.get(*rest, page(4, [SW4, SW5]))
    api.get(CHANGES, deletions("dcim.device"), page(1, [OLD]))
    api.get(SITES, since(None, 500), page(1, [KOELN]))
    api.get(CHANGES, deletions("dcim.site"), page(0, []))
    return api


SW3_LATER = device(13, "2026-03-03T16:45:00.000000Z", "sw3", address=None,
                   warranty="2028-06-30")
SW6 = device(9007199254740993, "2026-03-04T07:10:00.900000Z", "sw6",
             status="planned")
GONE = deletion(777, "2026-03-03T18:00:00.000000Z", "dcim.device", 14, "sw4")


def second():
    api = har.Recording("2026-03-04T08:00:05Z")
    # The mark, 07:20:30.123456, less an hour.
    begin = "2026-03-03T06:20:30.123456Z"
    api.get(DEVICES, devices(begin),
            page(3, [SW5, SW3_LATER], (DEVICES, devices(begin, offset=2))))
    api.get(DEVICES, devices("2026-03-03T16:45:00.000000Z"),
            page(2, [SW3_LATER, SW6]))
    api.get(CHANGES, deletions("dcim.device", "2026-02-10T08:00:00.000001Z"),
            page(2, [OLD, GONE]))
    api.get(SITES, since("2026-01-05T09:00:00.500000Z", 500),
            page(1, [KOELN]))
    api.get(CHANGES, deletions("dcim.site"), page(0, []))
    return api


def third():
    api = har.Recording("2026-03-04T08:10:05Z")
    # A device of an import that took twenty minutes.
    late = device(16, "2026-03-04T06:50:00.000000Z", "sw7")
    api.get(DEVICES, devices("2026-03-04T06:10:00.900000Z"),
            page(2, [late, SW6]))
    api.get(CHANGES, deletions("dcim.device", "2026-03-03T17:00:00.000000Z"),
            page(1, [GONE]))
    api.get(SITES, since("2026-01-05T09:00:00.500000Z", 500),
            page(1, [KOELN]))
    api.get(CHANGES, deletions("dcim.site"), page(0, []))
    return api


har.main(__file__, first=first(), second=second(), third=third())
