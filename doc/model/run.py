#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the model of the mark: doc/model/README.md.

run.py               all: every configuration exhausted at its large size,
                     every rule left out loses a record as stored
run.py quick         the same at the small sizes
run.py NAME…         those of the names, at the large size
run.py --store       writes the counterexamples instead of comparing them

Needs spin and a C compiler. Exits with 1 if anything is not as it should be.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import configurations
from configurations import BROKEN, LEAST_STATES, SAFE, macros

HERE = Path(__file__).resolve().parent
STORED = HERE / "counterexamples"
MEMORY_MB = 6000

# What the model prints: who does what, and what is wrong.
EVENT = re.compile(r"(source|user|run( \d)?|[A-Z]+):")
VERDICT = re.compile(r"[A-Z]+:")
# Where pan says one of these, it has not seen every state.
UNFINISHED = (
    "Search not completed",
    "max search depth too small",
    "out of memory",
    "hash-compact",
    "Bit statespace",
)


@dataclass
class Result:
    verdict: str  # "ok", or what is wrong
    states: int = 0
    seconds: float = 0.0
    megabytes: float = 0.0
    note: str = ""


class ModelError(Exception):
    """Spin, the compiler or the search did not work."""


def arguments(defined):
    """Returns the options that define these macros; `no` takes one away."""
    return [
        f"-D{name}={value}" if value else f"-D{name}"
        for name, value in defined.items()
        if value != "no"
    ]


def call(command, directory):
    done = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, check=False
    )
    if done.returncode != 0 and command[0] != "./pan":
        raise ModelError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


def search(model, defined, directory, by_breadth):
    """Searches every state; returns pan's report and the seconds it took."""
    options = arguments(defined) + (["-DBREADTH"] if by_breadth else [])
    call(["spin", *options, "-a", str(HERE / model)], directory)
    compile_options = [
        "-DSAFETY",
        "-DNOFAIR",
        "-DNOREDUCE",
        "-DVECTORSZ=256",
        f"-DMEMLIM={MEMORY_MB}",
        *(["-O0", "-DBFS"] if by_breadth else ["-O2"]),
    ]
    compiler = os.environ.get("CC", "cc").split()
    call([*compiler, "-w", *compile_options, "-o", "pan", "pan.c"], directory)
    start = time.monotonic()
    limits = ["-w18"] if by_breadth else ["-m1000000", "-w25"]
    report = call(["./pan", *limits], directory)
    return report, time.monotonic() - start


def number(pattern, report):
    found = re.search(pattern, report)
    if found is None:
        raise ModelError(f"no {pattern!r} in what pan says: {report[-2000:]}")
    return float(found[1])


def outcome(report, seconds):
    result = Result("ok", seconds=seconds)
    result.states = int(number(r"([\d.e+]+) states, stored", report))
    result.megabytes = number(r"([\d.]+)\ttotal actual memory usage", report)
    return result


def events(model, defined, directory, by_breadth):
    """Returns the lines of what happens in the trail that the search has left."""
    options = arguments(defined) + (["-DBREADTH"] if by_breadth else [])
    trail = Path(directory) / f"{model}.trail"
    # Spin exits with 1 where the trail ends in an assertion.
    said = subprocess.run(
        ["spin", "-t", "-T", "-k", str(trail), *options, str(HERE / model)],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    lines = [line.strip() for line in said.splitlines()]
    lines = [line for line in lines if EVENT.match(line)]
    ends = [i for i, line in enumerate(lines) if VERDICT.match(line)]
    if not ends:
        raise ModelError("the trail does not say what is wrong")
    return lines[: ends[0] + 1]


def run_safe(safe, large):
    defined = {**macros(safe.flags), **macros(safe.large if large else safe.small)}
    with tempfile.TemporaryDirectory(prefix="model.") as directory:
        report, seconds = search(safe.model, defined, directory, not large)
        result = outcome(report, seconds)
        if number(r"errors: (\d+)", report) > 0:
            result.verdict = "LOSES A RECORD"
            told = events(safe.model, defined, directory, not large)
            result.note = "\n".join(told[-40:])
            return result
    if any(sign in report for sign in UNFINISHED):
        result.verdict = "NOT EXHAUSTED"
    elif large and result.states < LEAST_STATES:
        result.verdict = "TOO FEW STATES"
    return result


def run_broken(broken, store):
    base = next(safe for safe in SAFE if safe.name == broken.base)
    defined = {**macros(base.flags), **macros(base.small), **macros(broken.flags)}
    with tempfile.TemporaryDirectory(prefix="model.") as directory:
        report, seconds = search(base.model, defined, directory, True)
        result = outcome(report, seconds)
        if number(r"errors: (\d+)", report) == 0:
            result.verdict = "LOSES NOTHING"
            return result
        told = events(base.model, defined, directory, True)
    text = (
        f"Left out: {broken.rule}.\n"
        f"Configuration: {broken.base}, {' '.join(arguments(defined))}\n\n"
        + "\n".join(told)
        + "\n"
    )
    file = STORED / f"{broken.name}.txt"
    if store:
        file.write_text(text, encoding="utf-8")
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        result.verdict = "NOT AS STORED"
        result.note = text
    return result


def report_line(kind, name, result):
    print(
        f"{kind:5} {name:20} {result.states:>11,} {result.seconds:>7.1f} s "
        f"{result.megabytes:>6.0f} MB  {result.verdict}",
        flush=True,
    )
    if result.note:
        print(result.note, flush=True)


def stale_files():
    """Returns stored counterexamples that belong to nothing."""
    names = {broken.name for broken in BROKEN}
    return sorted(file.name for file in STORED.glob("*") if file.stem not in names)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="quick|NAME")
    parser.add_argument("--store", action="store_true", help="write the counterexamples")
    options = parser.parse_args()
    quick = options.names == ["quick"]
    names = set() if quick else set(options.names)
    unknown = names - {entry.name for entry in [*SAFE, *BROKEN]}
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")

    jobs = [("safe", e, lambda e=e: run_safe(e, not quick)) for e in SAFE]
    jobs += [("loses", e, lambda e=e: run_broken(e, options.store)) for e in BROKEN]
    passed = failed = 0
    print(f"{'':5} {'configuration':20} {'states':>11} {'time':>9} {'memory':>9}")
    for kind, entry, job in jobs:
        if names and entry.name not in names:
            continue
        try:
            result = job()
        except ModelError as error:
            result = Result("FAILED", note=str(error))
        report_line(kind, entry.name, result)
        passed, failed = passed + (result.verdict == "ok"), failed + (result.verdict != "ok")
    for name in stale_files():
        print(f"counterexamples/{name} belongs to no configuration")
        failed += 1
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
