#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the JSON Schemas that the program prints against configurations.

    schema_test.py STRANDLINE

Every connector of the tree and every fixture's configuration must fit; changed
in ways that the strict check refuses, they must not. Ends with 77, which skips
the test, where Python has no jsonschema.
"""

import copy
import json
import pathlib
import subprocess
import sys
import tomllib

try:
    import jsonschema
except ImportError:
    sys.exit(77)

CONNECTORS = pathlib.Path(__file__).resolve().parent.parent / "connectors"

EXAMPLE = """
database = "crm.db"
[source.helpdesk]
base_url = "https://helpdesk.example.com/api/v2"
auth = "bearer"
token = { env = "HELPDESK_TOKEN" }
rate = "5/s"
[stream.tickets]
get = "/tickets"
query = { per_page = 100, tags = ["a", 2, true] }
records = "data"
key = ["id", "/n"]
cursor = { field = "updated_at", order = "ascending", start = 2024-01-01, overlap = "5m" }
page = { token = "meta/next", param = "after" }
deleted = { when = "state", is = ["gone", 3], limit = "2.5%" }
also = false
max_rejects = 3
[stream.tickets.columns]
"*" = "*"
created = { path = "created_at", type = "timestamp" }
internal = false
"""

# Where something is put that does not belong there.
WRONG = [
    (["databse"], "x"),
    (["database"], 5),
    (["journal"], "delete"),
    (["source", "helpdesk", "token"], "sesame"),
    (["source", "helpdesk", "token"], {"env": "A", "file": "b"}),
    (["source", "helpdesk", "rate"], "fast"),
    (["stream", "tickets", "cursor", "order"], "upwards"),
    (["stream", "tickets", "cursor", "feild"], "x"),
    (["stream", "tickets", "cursor", "overlap"], "5 minutes"),
    (["stream", "tickets", "page"], "next"),
    (["stream", "tickets", "also"], True),
    (["stream", "tickets", "key"], {"hash": 3}),
    (["stream", "tickets", "deleted", "limit"], "a lot"),
    (["stream", "tickets", "columns", "created", "type"], "datetime"),
]


def plain(value):
    """Returns what TOML says as JSON has it: times as texts."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value if isinstance(value, (str, bool, int, float)) else str(value)


def validator(strandline, *arguments):
    done = subprocess.run([strandline, "schema", *arguments],
                          capture_output=True, text=True, check=True)
    schema = json.loads(done.stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def read(file):
    return plain(tomllib.loads(file.read_text(encoding="utf-8")))


def main(strandline):
    of_user = validator(strandline)
    of_connector = validator(strandline, "--connector")
    faults = []

    def expect(good, checker, document, name):
        if checker.is_valid(document) != good:
            errors = [f"  {error.json_path}: {error.message}"
                      for error in checker.iter_errors(document)]
            faults.append("\n".join([f"{name} should be "
                                     f"{'good' if good else 'refused'}",
                                     *errors]))

    for file in CONNECTORS.glob("*/*.toml"):
        is_connector = file.stem == file.parent.name
        expect(True, of_connector if is_connector else of_user, read(file),
               file)
        if is_connector:
            expect(False, of_user, read(file), f"{file}, of a user")
    example = plain(tomllib.loads(EXAMPLE))
    expect(True, of_user, example, "the example")
    for path, value in WRONG:
        changed = copy.deepcopy(example)
        at = changed
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = value
        expect(False, of_user, changed, f"{'/'.join(path)} = {value!r}")
    if faults:
        sys.exit("\n".join(faults))


main(sys.argv[1])
