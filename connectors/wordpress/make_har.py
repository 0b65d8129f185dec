#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of WordPress: see connectors/har.py.

A first run reads two pages of posts, the second from its link and throttled once,
the pages, and the recipes, a type of its own. A day later a draft is published, a
post is new, another is in the trash, and a page that was there is back.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

SITE = "https://example.org/blog"
API = f"{SITE}/wp-json/wp/v2"
ALL = "publish,future,draft,pending,private,trash"


def asked(since, status=ALL, page=None):
    query = {"status": status, "context": "edit", "orderby": "modified",
             "order": "desc", "per_page": 100}
    if since:
        query["modified_after"] = since
    if page:
        query["page"] = page
    return query


def read(api, kind, records, since=None, status=ALL, page=None, more=False):
    headers = {"X-WP-Total": 3 if more or page else len(records),
               "X-WP-TotalPages": 2 if more or page else 1}
    links = []
    if page:
        links.append(f"<{API}/{kind}?"
                     f"{har.encoded(asked(since, status, page - 1))}>"
                     "; rel=\"prev\"")
    if more:
        links.append(f"<{API}/{kind}?"
                     f"{har.encoded(asked(since, status, (page or 1) + 1))}>"
                     "; rel=\"next\"")
    if links:
        headers["Link"] = ", ".join(links)
    api.get(f"{API}/{kind}", asked(since, status, page), records,
            headers=headers)


def local(gmt):
    """Returns the site's time, an hour east of Greenwich."""
    at = har.utc(gmt + "Z") + har.timedelta(hours=1)
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def post(number, kind, modified, title, status="publish", **values):
    slug = values.pop("slug", f"{kind}-{number}")
    return {
        "id": number, "date": "2026-01-05T09:00:00",
        "date_gmt": "2026-01-05T08:00:00",
        "guid": {"rendered": f"{SITE}/?p={number}",
                 "raw": f"{SITE}/?p={number}"},
        "modified": local(modified), "modified_gmt": modified,
        "password": "", "slug": slug, "status": status, "type": kind,
        "link": f"{SITE}/{slug}/" if slug else f"{SITE}/?p={number}",
        "title": {"raw": title, "rendered": title},
        "content": {"raw": f"Text of {title}",
                    "rendered": f"<p>Text of {title}</p>\n",
                    "protected": False, "block_version": 1},
        "excerpt": {"raw": "", "rendered": "", "protected": False},
        "author": 2, "featured_media": 0, "comment_status": "open",
        "ping_status": "open", "template": "", "meta": {"footnotes": ""},
        "class_list": [f"post-{number}"], "_links": {}, **values}


def article(number, modified, title, status="publish", **values):
    return post(number, "post", modified, title, status, **{
        "sticky": False, "format": "standard", "categories": [1],
        "tags": [], **values})


def page(number, modified, title, status="publish"):
    return post(number, "page", modified, title, status, parent=0,
                menu_order=3)


HELLO = article(11, "2025-06-01T10:00:00", "Hello", sticky=True)
SOUP = article(12, "2026-02-20T09:30:15", "Über Suppen", categories=[1, 4],
               tags=[7])
DRAFT = article(15, "2026-03-03T07:40:00", "Not yet", "draft", slug="",
                author=3)
PUBLISHED = article(15, "2026-03-04T06:00:00", "Now", slug="now", author=3)
FRESH = article(16, "2026-03-04T07:15:30", "Fresh")
SOUP_BINNED = article(12, "2026-03-04T07:20:00", "Über Suppen", "trash",
                      slug="post-12__trashed", categories=[1, 4], tags=[7])
ABOUT = page(2, "2025-01-01T00:00:00", "About")
OLD = page(3, "2026-02-10T12:00:00", "Imprint", "trash")
OLD_BACK = page(3, "2026-03-03T18:00:00", "Imprint", "draft")
CURRY = post(90, "recipe", "2026-03-02T12:00:00", "Curry",
             acf={"serves": 4, "vegan": True})


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    read(api, "posts", [DRAFT, SOUP], more=True)
    api.get(f"{API}/posts", asked(None, page=2),
            "<html><body>Too many requests</body></html>", status=429,
            content_type="text/html; charset=UTF-8",
            headers={"Retry-After": 10})
    read(api, "posts", [HELLO], page=2)
    # One that is in the trash already has no row to mark.
    read(api, "pages", [OLD, ABOUT])
    read(api, "recipe", [CURRY], status="publish,trash")
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # A post was changed in the hour before the first run: what came after 06:40,
    # less the second that the filter leaves out.
    read(api, "posts", [SOUP_BINNED, FRESH, PUBLISHED],
         since="2026-03-03T06:39:59Z")
    # Of the others all up to the newest is there.
    read(api, "pages", [OLD_BACK], since="2026-02-10T12:00:00Z")
    read(api, "recipe", [], since="2026-03-02T12:00:00Z",
         status="publish,trash")
    return api


har.main(__file__, first=first(), second=second())
