#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of GitHub: see connectors/har.py.

A first run reads the issues of two repositories, of one in two pages, the second
asked for by the time of the last issue and throttled once by a 403, comments, and
two pages of pull requests. A day later an issue and a pull request have changed, and
each is new in one; a page of older pull requests ends the reading.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://api.github.com"
WIDGETS = "acme/widgets"
GADGETS = "acme/gadgets"


def link(url):
    return {"Link": f"<{url}>; rel=\"next\""}


def asked(path, since):
    query = {"sort": "updated", "direction": "asc", "per_page": 100}
    if path == "issues":
        query["state"] = "all"
    if since:
        query["since"] = since
    return query


def read(api, repo, path, records, since=None, more=False):
    """Enters a page; where there are more, their link is not for us."""
    headers = link(f"{API}/repositories/1/{path}?per_page=100&state=all&"
                   "after=Y3Vyc29yOnYyOpLPAAAB") if more else {}
    api.get(f"{API}/repos/{repo}/{path}", asked(path, since), records,
            headers=headers)


def throttled(api, repo, path, since):
    api.get(f"{API}/repos/{repo}/{path}", asked(path, since), {
        "message": "API rate limit exceeded for user ID 9500.",
        "documentation_url": "https://docs.github.com/rest/overview",
        "status": "403"}, status=403, headers={
            "X-RateLimit-Limit": 5000, "X-RateLimit-Remaining": 0,
            "X-RateLimit-Reset":
                int(har.utc("2026-03-03T08:00:30Z").timestamp()),
            "X-RateLimit-Resource": "core"})


def pulls(api, records, number=1, more=False):
    """Enters a page of pull requests: the first by its path, the others linked."""
    query = {"state": "all", "sort": "updated", "direction": "desc",
             "per_page": 100}
    linked = f"{API}/repositories/1/pulls"
    headers = link(f"{linked}?{har.encoded({**query, 'page': number + 1})}"
                   ) if more else {}
    if number == 1:
        api.get(f"{API}/repos/{WIDGETS}/pulls", query, records,
                headers=headers)
    else:
        api.get(linked, {**query, "page": number}, records, headers=headers)


def user(number, login):
    return {"login": login, "id": number, "node_id": f"MDQ6VXNlcj{number}",
            "type": "User", "site_admin": False}


ADA = user(9500, "ada")
BEN = user(9501, "ben")


def issue(repo, identity, number, title, updated, **values):
    return {
        "url": f"{API}/repos/{repo}/issues/{number}",
        "html_url": f"https://github.com/{repo}/issues/{number}",
        "id": identity, "node_id": f"I_kw{identity}", "number": number,
        "title": title, "user": ADA, "labels": [], "state": "open",
        "locked": False, "assignee": None, "assignees": [], "milestone": None,
        "comments": 0, "created_at": "2025-09-04T22:19:22Z",
        "updated_at": updated, "closed_at": None,
        "author_association": "OWNER", "active_lock_reason": None,
        "body": None, "closed_by": None, "state_reason": None, **values}


def comment(identity, number, updated, body):
    return {
        "url": f"{API}/repos/{WIDGETS}/issues/comments/{identity}",
        "html_url": f"https://github.com/{WIDGETS}/issues/{number}"
                    f"#issuecomment-{identity}",
        "issue_url": f"{API}/repos/{WIDGETS}/issues/{number}",
        "id": identity, "node_id": f"IC_kw{identity}", "user": BEN,
        "created_at": "2026-01-10T10:00:00Z", "updated_at": updated,
        "author_association": "MEMBER", "body": body}


def pull(identity, number, title, updated, **values):
    return {
        "url": f"{API}/repos/{WIDGETS}/pulls/{number}", "id": identity,
        "node_id": f"PR_kw{identity}",
        "html_url": f"https://github.com/{WIDGETS}/pull/{number}",
        "number": number, "state": "open", "locked": False, "title": title,
        "user": BEN, "body": None, "created_at": "2026-01-10T10:00:00Z",
        "updated_at": updated, "closed_at": None, "merged_at": None,
        "merge_commit_sha": None, "assignee": None, "assignees": [],
        "requested_reviewers": [ADA], "labels": [], "milestone": None,
        "draft": False,
        "head": {"label": f"ben:fix-{number}", "ref": f"fix-{number}",
                 "sha": "6dcb09b5b57875f334f61aebed695e2e4193db50"},
        "base": {"label": "acme:main", "ref": "main",
                 "sha": "c3d0be41ecbe669545ee3e94d31ed9a4bc91ee3c"},
        "author_association": "MEMBER", "auto_merge": None, **values}


PUBLISH = issue(WIDGETS, 489429001, 572, "Error on publish",
                "2025-09-04T22:20:38Z", comments=1, body="Größe fehlt 🙈",
                labels=[{"id": 754269001, "node_id": "MDU6TGFiZWw3NTQ=",
                         "name": "plugins", "color": "f759cf",
                         "default": False}])
BULK = issue(WIDGETS, 489429002, 573, "Relabelled", "2026-01-10T10:00:00Z",
             milestone={"id": 1002604, "number": 1, "title": "v1.0",
                        "state": "open"})
TWIN = issue(WIDGETS, 489429003, 574, "Relabelled, too",
             "2026-01-10T10:00:00Z", user=BEN)
FIX_ISSUE = issue(WIDGETS, 2889429004, 575, "Fix the export",
                  "2026-03-03T07:58:00Z", user=BEN, pull_request={
                      "url": f"{API}/repos/{WIDGETS}/pulls/575",
                      "html_url": f"https://github.com/{WIDGETS}/pull/575",
                      "merged_at": None})
PUBLISH_CLOSED = {**PUBLISH, "state": "closed", "state_reason": "completed",
                  "closed_at": "2026-03-03T20:00:00Z", "closed_by": BEN,
                  "comments": 2, "updated_at": "2026-03-03T20:00:00Z"}
GADGET = issue(GADGETS, 489430001, 1, "First", "2026-02-01T00:00:00Z")
SECOND = issue(GADGETS, 489430002, 2, "Second", "2026-03-04T07:00:00Z")
NOTE = comment(1440000001, 572, "2026-01-10T10:00:00Z", "Me too")
NOTE_EDITED = comment(1440000001, 572, "2026-03-03T19:59:00Z", "Solved")
OLD = pull(1350000001, 401, "Old one", "2025-10-01T10:00:00Z",
           state="closed", closed_at="2025-10-01T10:00:00Z",
           merged_at="2025-10-01T10:00:00Z",
           merge_commit_sha="e5bd3914e2e596debea16f433f57875b5b90bcd6")
DRAFT = pull(1350000002, 560, "A draft", "2026-02-15T12:00:00Z", draft=True)
FIX = pull(1350000003, 575, "Fix the export", "2026-03-03T07:58:00Z",
           head={"label": "ben:export", "ref": "export", "repo": None,
                 "sha": "6dcb09b5b57875f334f61aebed695e2e4193db50"})
FIX_MERGED = {**FIX, "state": "closed", "closed_at": "2026-03-03T21:00:00Z",
              "merged_at": "2026-03-03T21:00:00Z",
              "merge_commit_sha": "e5bd3914e2e596debea16f433f57875b5b90bcd7",
              "updated_at": "2026-03-03T21:00:00Z"}
NEXT = pull(1350000004, 576, "Next", "2026-03-04T06:00:00Z")


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    read(api, WIDGETS, "issues", [PUBLISH, BULK], more=True)
    # The second of the last one, less the one that the filter may leave out.
    throttled(api, WIDGETS, "issues", "2026-01-10T09:59:59Z")
    read(api, WIDGETS, "issues", [BULK, TWIN, FIX_ISSUE],
         "2026-01-10T09:59:59Z")
    read(api, GADGETS, "issues", [GADGET])
    read(api, WIDGETS, "issues/comments", [NOTE])
    pulls(api, [FIX, DRAFT], more=True)
    pulls(api, [OLD], 2)
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    # An issue was changed in the five minutes before the first run.
    read(api, WIDGETS, "issues", [FIX_ISSUE, PUBLISH_CLOSED],
         "2026-03-03T07:52:59Z")
    # In the other repository none was: all up to its mark is there.
    read(api, GADGETS, "issues", [SECOND], "2026-02-01T00:00:00Z")
    read(api, WIDGETS, "issues/comments", [NOTE_EDITED],
         "2026-01-10T10:00:00Z")
    pulls(api, [NEXT, FIX_MERGED], more=True)
    pulls(api, [DRAFT], 2, more=True)
    return api


har.main(__file__, first=first(), second=second())
