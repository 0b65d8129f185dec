#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests connectors on their fixtures.

    connectors.py STRANDLINE [--update] [--tree] [--quick] NAME...

A fixture is connectors/NAME: a user's strandline.toml, recordings of a first
run and of later ones (first.har, second.har, ...), and after each of them the
tables as they must be (first.txt, ...). Each recording is replayed in turn on
one database, must be used up, and is proved by `verify --crash` from where the
run before it ended. `--update` writes the tables that are found; `--tree` takes
the connectors as they stand here in place of the program's; `--quick` kills runs
of the first recording only.
"""

import difflib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

CONNECTORS = pathlib.Path(__file__).resolve().parent.parent / "connectors"
RUNS = ["first", "second", "third", "fourth"]
# Where a list stands that was never read.
NOTHING = {"generation": 0, "complete_number": 0, "complete_full": False,
           "fingerprint": ""}
# When a row was written is the recording's time, and tells nothing more.
LEFT_OUT = {"_synced_at"}


class Failure(Exception):
    pass


def run(strandline, *arguments):
    done = subprocess.run([strandline, *arguments], capture_output=True,
                          text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise Failure(f"strandline {' '.join(map(str, arguments))} ended with "
                      f"{done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def tables(file):
    """Returns the data tables as text: columns with types, rows by key.

    Each value must be of its column's type.
    """
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    lines = []
    names = [name for (name,) in database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT "
        "LIKE 'pipeline\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' ORDER BY name")]
    for name in names:
        columns = [(column, kind, key) for _, column, kind, _, _, key in
                   database.execute(f"PRAGMA table_info({quoted(name)})")
                   if column not in LEFT_OUT]
        lines.append(f"== {name}")
        lines.append(", ".join(f"{column} {kind}{' KEY' if key else ''}"
                               for column, kind, key in columns))
        for column, kind, _ in columns:
            strangers = database.execute(
                f"SELECT count(*) FROM {quoted(name)} WHERE "
                f"typeof({quoted(column)}) NOT IN ('null', ?)",
                (kind.lower(),)).fetchone()[0]
            if strangers:
                raise Failure(f"{name}.{column} has {strangers} values that "
                              f"are not {kind}")
        keys = [quoted(column) for _, column in sorted(
            (key, column) for column, _, key in columns if key)]
        for row in database.execute(
                f"SELECT {', '.join(quoted(each[0]) for each in columns)} "
                f"FROM {quoted(name)} ORDER BY {', '.join(keys)}"):
            lines.append(json.dumps(row, ensure_ascii=False))
    rejects = database.execute(
        "SELECT pipeline_name, record_key, reason FROM pipeline_rejects "
        "WHERE resolved_at IS NULL ORDER BY 1, 2").fetchall()
    lines += [f"reject {json.dumps(row, ensure_ascii=False)}"
              for row in rejects]
    database.close()
    return "\n".join(lines) + "\n"


def checkpoints(file):
    """Returns where the lists stand, as a recording says it."""
    if not file.exists():
        return {}
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    found = {}
    for row in database.execute("SELECT * FROM pipeline_checkpoints"):
        if row["window_number"] is not None:
            raise Failure(f"{row['pipeline_name']} has an open window")

        def cursor(name, kind=row["cursor_kind"], row=row):
            return None if row[name] is None else {kind: row[name]}

        checkpoint = {
            "mark": cursor("last_processed_at"),
            "generation": row["generation"],
            "complete_anchor": row["complete_anchor"],
            "complete_maximum": cursor("complete_maximum"),
            "complete_number": row["complete_number"],
            "complete_full": False,
            "fingerprint": row["fingerprint"] or "",
            "state": row["state"],
            "sweep_from": row["sweep_from"],
            "sweep_after": row["sweep_after"],
        }
        found[row["pipeline_name"]] = {
            name: value for name, value in checkpoint.items()
            if value is not None}
    database.close()
    return found


def lists_of_last_run(file):
    """Returns the names of the lists that the last run read."""
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    names = [name for (name,) in database.execute(
        "SELECT pipeline_name FROM pipeline_runs WHERE run_id = "
        "(SELECT max(run_id) FROM pipeline_runs)")]
    database.close()
    return names


def with_start(recording, start):
    """Returns the recording with where its run began."""
    document = json.loads(recording.read_text(encoding="utf-8"))
    log = document["log"]
    log["_strandline"] = {
        "version": 1,
        "started": log["entries"][0]["startedDateTime"],
        "checkpoints": start,
    }
    return json.dumps(document, ensure_ascii=False)


def compare(file, found, update):
    if update:
        file.write_text(found, encoding="utf-8")
        return
    expected = file.read_text(encoding="utf-8") if file.exists() else ""
    if expected != found:
        raise Failure("".join(difflib.unified_diff(
            expected.splitlines(True), found.splitlines(True),
            str(file), "found")))


def summary_of(output):
    return next(each for each in map(json.loads, output.splitlines())
                if each["type"] == "summary")


def test(strandline, name, update, quick):
    fixture = CONNECTORS / name
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        config = folder / "strandline.toml"
        config.write_text((fixture / "strandline.toml").read_text(
            encoding="utf-8"), encoding="utf-8")
        database = folder / "crm.db"
        recordings = [fixture / f"{each}.har" for each in RUNS
                      if (fixture / f"{each}.har").exists()]
        if len(recordings) < 2:
            raise Failure("a first and a second recording are wanted")
        for recording in recordings:
            start = checkpoints(database)
            done = run(strandline, "sync", "--config", config, "--json",
                       "--replay", recording)
            unused = summary_of(done.stdout)["replay"]["unused"]
            if unused:
                raise Failure(f"{recording.name}: not asked for: {unused}")
            compare(recording.with_suffix(".txt"), tables(database), update)
            begun = folder / recording.name
            read = {name: start.get(name, NOTHING)
                    for name in lists_of_last_run(database)}
            begun.write_text(with_start(recording, read), encoding="utf-8")
            crash = [] if quick and recording != recordings[0] else ["--crash"]
            run(strandline, "verify", "--config", config, "--replay", begun,
                *crash)


def own_connectors(folder):
    """Makes the connectors of the tree those of a user."""
    own = pathlib.Path(folder, "strandline", "connectors")
    own.mkdir(parents=True)
    for file in CONNECTORS.glob("*/*.toml"):
        if file.stem == file.parent.name:
            (own / file.name).symlink_to(file)


def use_memory():
    """Keeps scratch files in memory: a process that is killed loses nothing of
    what it wrote, and thousands of them need not wait for a disk."""
    memory = "/dev/shm"
    if os.access(memory, os.W_OK | os.X_OK):
        os.environ["TMPDIR"] = tempfile.tempdir = memory


def main(strandline, *arguments):
    use_memory()
    names = [each for each in arguments if not each.startswith("--")]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        # A user's own connectors would be taken for ours.
        os.environ["XDG_CONFIG_HOME"] = folder
        if "--tree" in arguments:
            own_connectors(folder)
        for name in names:
            try:
                test(strandline, name, "--update" in arguments,
                     "--quick" in arguments)
                print(f"{name}: ok")
            except Failure as failure:
                failed = True
                print(f"{name}: {failure}", file=sys.stderr)
    sys.exit(failed)


main(*sys.argv[1:])
