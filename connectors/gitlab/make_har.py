#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the recordings of GitLab: see connectors/har.py.

A first run reads the issues of an instance, of which three share one time on
both sides of a page's end and one page is throttled, and the merge requests of
one project. A day later an issue has changed, another is new, and a merge
request has been merged; nothing tells of what was deleted.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import har  # noqa: E402

API = "https://gitlab.example.com/api/v4"


def read(api, path, records, since=None, page=None, following=""):
    """Enters a page; `following` is the number of the next one."""
    query = {"scope": "all", "order_by": "updated_at", "sort": "asc",
             "per_page": 100}
    if since:
        query["updated_after"] = since
    if page:
        query["page"] = page
    api.get(f"{API}{path}", query, records,
            headers={"X-Next-Page": following, "X-Page": page or 1,
                     "X-Per-Page": 100})


def throttled(api, path, since):
    api.get(f"{API}{path}",
            {"scope": "all", "order_by": "updated_at", "sort": "asc",
             "per_page": 100, "updated_after": since},
            "Retry later\n", status=429, content_type="text/plain",
            headers={"Retry-After": 2, "RateLimit-Limit": 600,
                     "RateLimit-Remaining": 0,
                     "RateLimit-Reset": 1772524860})


def user(number, name, login):
    return {"id": number, "username": login, "name": name, "state": "active",
            "locked": False, "avatar_url": None,
            "web_url": f"https://gitlab.example.com/{login}"}


ADA = user(11, "Ada Byron", "ada")
BEN = user(12, "Ben O'Hara", "ben")


def issue(number, iid, title, updated, **values):
    return {
        "id": number, "iid": iid, "project_id": 42, "title": title,
        "description": None, "state": "opened",
        "created_at": "2025-11-03T09:15:00.120Z", "updated_at": updated,
        "closed_at": None, "closed_by": None, "labels": [], "milestone": None,
        "assignees": [], "author": ADA, "type": "ISSUE", "assignee": None,
        "user_notes_count": 0, "upvotes": 0, "downvotes": 0, "due_date": None,
        "confidential": False, "discussion_locked": None,
        "issue_type": "issue",
        "web_url": f"https://gitlab.example.com/acme/app/-/issues/{iid}",
        "time_stats": {"time_estimate": 0, "total_time_spent": 0,
                       "human_time_estimate": None,
                       "human_total_time_spent": None},
        "task_completion_status": {"count": 0, "completed_count": 0},
        "weight": None, "blocking_issues_count": 0, **values}


def merge_request(number, iid, title, updated, **values):
    return {
        "id": number, "iid": iid, "project_id": 42, "title": title,
        "description": "", "state": "opened",
        "created_at": "2026-02-20T13:00:00.000Z", "updated_at": updated,
        "merged_by": None, "merge_user": None, "merged_at": None,
        "closed_by": None, "closed_at": None, "target_branch": "main",
        "source_branch": f"branch-{iid}", "user_notes_count": 1, "upvotes": 0,
        "downvotes": 0, "author": BEN, "assignees": [ADA], "assignee": ADA,
        "reviewers": [ADA], "source_project_id": 42, "target_project_id": 42,
        "labels": ["bug"], "draft": False, "milestone": None,
        "merge_status": "can_be_merged", "detailed_merge_status": "mergeable",
        "sha": "8888888888888888888888888888888888888888",
        "merge_commit_sha": None, "squash_commit_sha": None,
        "discussion_locked": None,
        "web_url": f"https://gitlab.example.com/acme/app/-/merge_requests/"
                   f"{iid}", **values}


TIE = "2026-01-20T10:00:00.500Z"
ONE = issue(7001, 1, "Login fails on Safari", "2025-12-01T08:00:00.001Z",
            description="Seit gestern: „Sitzung abgelaufen“ 🙈",
            labels=["bug", "P1"], assignees=[BEN], assignee=BEN,
            due_date="2026-01-15", weight=3,
            milestone={"id": 5, "iid": 1, "title": "26.1"})
TWO = issue(7002, 2, "Bulk relabelled", TIE, labels=["chore"])
THREE = issue(7003, 3, "Bulk relabelled, too", TIE, labels=["chore"])
FOUR = issue(7004, 4, "Bulk relabelled as well", TIE, labels=["chore"],
             confidential=True)
FIVE = issue(7005, 5, "Export to CSV", "2026-03-02T18:30:00.999Z",
             state="closed", closed_at="2026-03-02T18:30:00.950Z",
             closed_by=BEN)
FIVE_LATER = {**FIVE, "state": "opened", "closed_at": None, "closed_by": None,
              "updated_at": "2026-03-04T07:00:00.010Z"}
SIX = issue(7006, 6, "Übersetzung fehlt", "2026-03-04T07:45:00.000Z",
            author=BEN, created_at="2026-03-04T07:45:00.000Z")
FIX = merge_request(9001, 12, "Fix login", "2026-03-03T07:50:00.300Z")
FIX_MERGED = {**FIX, "state": "merged", "merged_at": "2026-03-03T09:00:01.000Z",
              "merge_user": ADA, "merged_by": ADA,
              "merge_commit_sha": "9999999999999999999999999999999999999999",
              "updated_at": "2026-03-03T09:00:01.200Z"}


def first():
    api = har.Recording("2026-03-03T08:00:05Z")
    read(api, "/issues", [ONE, TWO], following=2)
    throttled(api, "/issues", TIE)
    read(api, "/issues", [TWO, THREE], TIE, following=2)
    # More share that time than a page holds: here only its number leads on, and
    # what could slip meanwhile is looked for in a second pass.
    read(api, "/issues", [FOUR, FIVE], TIE, 2)
    read(api, "/issues", [TWO, THREE], TIE, following=2)
    read(api, "/issues", [FOUR, FIVE], TIE, 2)
    read(api, "/projects/42/merge_requests", [FIX])
    return api


def second():
    api = har.Recording("2026-03-04T08:30:05Z")
    read(api, "/issues", [FIVE_LATER, SIX], "2026-03-02T18:25:00.999Z")
    read(api, "/projects/42/merge_requests", [FIX_MERGED],
         "2026-03-03T07:45:00.300Z")
    return api


har.main(__file__, first=first(), second=second())
