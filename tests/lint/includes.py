#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what the sources include, and how they begin.

includes.py [ROOT]       checks the tree at ROOT (default: this one)
includes.py --self-test  feeds itself wrong samples; each must be refused
"""

import posixpath
import re
import sys
from pathlib import Path

# Which folders of src/ a folder may include from, beside itself.
ARROWS = {
    "model": set(),
    "config": {"model"},
    "http": {"model"},
    "recording": {"http", "model"},
    "source": {"http", "model"},
    "store": {"model"},
    "sync": {"config", "source", "recording", "http", "store", "model"},
    "report": {"model"},
    "cli": {"model", "config", "http", "recording", "source", "store", "sync", "report"},
}

# The public headers that lie below everything. The others are what `sync`
# offers, so only `sync` and those above it may include them.
PUBLIC_FOR_ALL = {"strandline/error.hpp", "strandline/version.hpp"}
PUBLIC_FOR = {"sync", "report", "cli"}

# Foreign headers, and where in src/ they may be included. Tests and benchmarks
# may look at things with any library.
FOREIGN = [
    ("toml++", re.compile(r"toml\+\+/|toml\.hpp$"), ("src/config/",)),
    ("libcurl", re.compile(r"curl/"), ("src/http/",)),
    ("simdjson", re.compile(r"simdjson"), ("src/source/",)),
    ("SQLiteCpp", re.compile(r"SQLiteCpp/"), ("src/store/",)),
    ("SQLite", re.compile(r"sqlite3(ext)?\.h$"), ("src/store/",)),
    ("CLI11", re.compile(r"CLI/|CLI11"), ("src/cli/",)),
    ("OpenSSL", re.compile(r"openssl/"), ("src/http/", "src/model/digest.cpp")),
    ("zlib", re.compile(r"zlib\.h$"), ("src/http/",)),
    ("date", re.compile(r"date/"), ("src/model/zone.cpp",)),
    ("cpp-httplib", re.compile(r"httplib\.h$"), ()),
    ("doctest", re.compile(r"doctest"), ()),
]

SPDX = "// SPDX-License-Identifier: MIT"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
STANDARD = re.compile(r"[a-z_0-9]+$")  # <vector>: neither dot nor slash


class Source:
    """A file: its path from the root, its lines and its includes."""

    def __init__(self, path, text):
        self.path = path
        self.lines = text.splitlines()
        self.includes = []  # (line number, < or ", header)
        for number, line in enumerate(self.lines, 1):
            if match := INCLUDE.match(line):
                self.includes.append((number, match[1], match[2]))
        parts = path.split("/")
        self.folder = parts[1] if parts[0] == "src" and len(parts) > 2 else None
        self.is_public = path.startswith("include/")
        self.is_product = self.is_public or path.startswith("src/")


def resolve(source, header, paths):
    """The file that a quoted include means, or None."""
    places = [f"include/{header}", f"include/{header}.in", f"src/{header}"]
    if not source.is_product:
        beside = posixpath.dirname(source.path)
        places += [f"tests/{header}", posixpath.normpath(f"{beside}/{header}")]
    return next((place for place in places if place in paths), None)


def check_beginning(source):
    """The SPDX line, and the guard of a header."""
    if source.lines[:1] != [SPDX]:
        yield 1, f"the first line must be {SPDX}"
    if source.path.endswith(".cpp"):
        return
    code = (line for line in source.lines if line and not line.startswith("//"))
    if next(code, None) != "#pragma once":
        yield 2, "a header must begin with #pragma once"


def check_foreign(source):
    """A library is known to one folder only."""
    for number, _, header in source.includes:
        for library, pattern, places in FOREIGN:
            if pattern.match(header) and not source.path.startswith(places):
                where = " and ".join(places) or "tests and bench"
                yield number, f"{library} is only for {where}"


def check_public(source):
    """A public header needs nothing but the standard library."""
    for number, mark, header in source.includes:
        if mark == '"' and header.startswith("strandline/"):
            continue
        if mark == "<" and STANDARD.match(header):
            continue
        yield number, f"a public header may not include {header}"


def check_arrows(source):
    """A folder includes only from those below it."""
    allowed = ARROWS.get(source.folder)
    if allowed is None:
        yield 1, f"no arrows are set for the folder {source.folder}"
        return
    for number, mark, header in source.includes:
        other = header.split("/")[0]
        if other in ARROWS and other != source.folder and other not in allowed:
            yield number, f"{source.folder} may not include from {other}"
        if (
            other == "strandline"
            and header not in PUBLIC_FOR_ALL
            and source.folder not in PUBLIC_FOR
        ):
            yield number, f"{source.folder} may not include {header}"
        if mark == "<" and other in (*ARROWS, "strandline"):
            yield number, f'our own headers are included with quotes: "{header}"'


def check_own_header(source, paths):
    """A source begins with the header that declares what it defines."""
    first = source.includes[0] if source.includes else (1, "<", "nothing")
    number, mark, header = first
    own = source.path.removeprefix("src/").replace(".cpp", ".hpp")
    if f"src/{own}" in paths:
        if (mark, header) != ('"', own):
            yield number, f'the first include must be "{own}"'
    elif mark != '"' or header.split("/")[0] not in (source.folder, "strandline"):
        yield number, "the first include must be a header of its own folder"


def check_resolved(source, paths):
    """Quotes are for our own files, written from src/ or include/."""
    for number, mark, header in source.includes:
        if mark == '"' and resolve(source, header, paths) is None:
            yield number, f'there is no "{header}" in src/ or include/'


def find_cycles(sources):
    """Headers that include themselves by way of others."""
    paths = set(sources)
    edges = {
        path: [
            (number, target)
            for number, mark, header in source.includes
            if (target := resolve(source, header, paths)) and mark == '"'
        ]
        for path, source in sources.items()
    }
    done = set()

    def visit(path, trail):
        for number, target in edges.get(path, []):
            if target in trail:
                ring = trail[trail.index(target) :] + [target]
                yield path, number, "a cycle: " + " -> ".join(ring)
            elif target not in done:
                yield from visit(target, trail + [target])
        done.add(path)

    for path in sorted(edges):
        if path not in done:
            yield from visit(path, [path])


def check(files):
    """The problems of a tree, given as path -> text: "path:line: problem"."""
    sources = {path: Source(path, text) for path, text in files.items()}
    problems = []
    for source in sources.values():
        found = [*check_beginning(source), *check_resolved(source, files)]
        if source.is_product:
            found += check_foreign(source)
        if source.is_public:
            found += check_public(source)
        if source.folder:
            found += check_arrows(source)
            if source.path.endswith(".cpp"):
                found += check_own_header(source, files)
        problems += [(source.path, *problem) for problem in found]
    problems += find_cycles(sources)
    return [f"{path}:{line}: {text}" for path, line, text in sorted(set(problems))]


def read_tree(root):
    """Every source below `root`, as path -> text."""
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for folder in ("include", "src", "tests", "bench")
        for path in sorted((root / folder).rglob("*"))
        if path.name.endswith((".cpp", ".hpp", ".hpp.in"))
    }


def source_text(*includes):
    """A sample of a source: the SPDX line and the includes."""
    return "\n".join([SPDX, "", *(f"#include {name}" for name in includes)]) + "\n"


def header_text(*includes):
    """A sample of a header: as a source, with a comment and the guard."""
    head = f"{SPDX}\n//\n// What it is for.\n#pragma once\n"
    return source_text(*includes).replace(f"{SPDX}\n", head, 1)


GOOD = {
    "include/strandline/error.hpp": header_text("<string>"),
    "include/strandline/sync.hpp": header_text('"strandline/error.hpp"'),
    "include/strandline/version.hpp.in": header_text(),
    "src/model/mark.hpp": header_text('"strandline/error.hpp"'),
    "src/model/mark.cpp": source_text('"model/mark.hpp"', "<fmt/format.h>"),
    "src/model/digest.hpp": header_text(),
    "src/model/digest.cpp": source_text('"model/digest.hpp"', "<openssl/evp.h>"),
    "src/model/zone.hpp": header_text(),
    "src/model/zone.cpp": source_text('"model/zone.hpp"', "<date/tz.h>"),
    "src/config/load.hpp": header_text('"model/mark.hpp"'),
    "src/config/load.cpp": source_text('"config/load.hpp"', "<toml++/toml.h>"),
    "src/config/keys.cpp": source_text('"config/load.hpp"'),
    "src/http/client.hpp": header_text('"model/mark.hpp"', "<curl/curl.h>"),
    "src/recording/har.hpp": header_text('"http/client.hpp"'),
    "src/source/decoder.hpp": header_text('"http/client.hpp"', "<simdjson.h>"),
    "src/store/store.hpp": header_text("<sqlite3.h>", "<SQLiteCpp/Database.h>"),
    "src/sync/run.hpp": header_text('"store/store.hpp"', '"config/load.hpp"'),
    "src/sync/sync.cpp": source_text('"strandline/sync.hpp"', '"sync/run.hpp"'),
    "src/report/text.hpp": header_text('"strandline/sync.hpp"'),
    "src/cli/cli.hpp": header_text('"report/text.hpp"', '"sync/run.hpp"'),
    "src/cli/cli.cpp": source_text('"cli/cli.hpp"', "<CLI/CLI.hpp>"),
    "src/main.cpp": source_text('"cli/cli.hpp"'),
    "bench/sync_bench.cpp": source_text('"../tests/temp_dir.hpp"', "<sqlite3.h>"),
    "tests/temp_dir.hpp": header_text("<filesystem>"),
    "tests/store_test.cpp": source_text(
        '"store/store.hpp"', '"temp_dir.hpp"', "<doctest/doctest.h>", "<httplib.h>"
    ),
}

# A file put into the good tree, and what must be said of it.
WRONG = [
    ("src/recording/a.hpp", header_text('"sync/run.hpp"'), "recording may not include from sync"),
    ("src/sync/a.hpp", header_text("<zlib.h>"), "zlib is only for src/http/"),
    ("src/store/a.hpp", header_text("<toml++/toml.h>"), "toml++ is only for src/config/"),
    ("src/sync/a.hpp", header_text("<curl/curl.h>"), "libcurl is only for src/http/"),
    ("src/http/a.hpp", header_text("<simdjson.h>"), "simdjson is only for src/source/"),
    ("src/sync/a.hpp", header_text("<SQLiteCpp/Database.h>"), "SQLiteCpp is only for src/store/"),
    ("src/report/a.hpp", header_text("<sqlite3.h>"), "SQLite is only for src/store/"),
    ("src/report/a.hpp", header_text("<CLI/CLI.hpp>"), "CLI11 is only for src/cli/"),
    ("src/model/a.hpp", header_text("<openssl/evp.h>"), "OpenSSL is only for src/http/"),
    ("src/model/zone.hpp", header_text("<date/date.h>"), "date is only for src/model/zone.cpp"),
    ("src/http/a.hpp", header_text("<httplib.h>"), "cpp-httplib is only for tests and bench"),
    ("src/model/a.hpp", header_text("<doctest/doctest.h>"), "doctest is only for tests and bench"),
    ("src/cli/a.hpp", header_text("<nlohmann/json.hpp>", "<curl/curl.h>"), "libcurl is only"),
    ("src/main.cpp", source_text("<sqlite3.h>"), "SQLite is only for src/store/"),
    ("src/store/a.hpp", SPDX + "\n#pragma once\n  #  include <curl/curl.h>\n", "libcurl is only"),
    ("include/strandline/a.hpp", header_text("<fmt/format.h>"), "may not include fmt/format.h"),
    ("include/strandline/a.hpp", header_text("<unistd.h>"), "may not include unistd.h"),
    ("include/strandline/a.hpp", header_text('"model/mark.hpp"'), "may not include model/mark.hpp"),
    ("src/model/a.hpp", header_text('"config/load.hpp"'), "model may not include from config"),
    ("src/config/a.hpp", header_text('"http/client.hpp"'), "config may not include from http"),
    ("src/http/a.hpp", header_text('"source/decoder.hpp"'), "http may not include from source"),
    ("src/source/a.hpp", header_text('"store/store.hpp"'), "source may not include from store"),
    ("src/store/a.hpp", header_text('"source/decoder.hpp"'), "store may not include from source"),
    ("src/sync/a.hpp", header_text('"report/text.hpp"'), "sync may not include from report"),
    ("src/report/a.hpp", header_text('"sync/run.hpp"'), "report may not include from sync"),
    ("src/sync/a.hpp", header_text('"cli/cli.hpp"'), "sync may not include from cli"),
    ("src/http/a.hpp", header_text('"strandline/sync.hpp"'), "http may not include strandline/sync.hpp"),
    ("src/extra/a.hpp", header_text(), "no arrows are set for the folder extra"),
    ("src/http/a.hpp", header_text("<strandline/error.hpp>"), "are included with quotes"),
    ("src/http/a.hpp", header_text("<model/mark.hpp>"), "are included with quotes"),
    ("src/model/mark.cpp", source_text("<string>", '"model/mark.hpp"'), 'must be "model/mark.hpp"'),
    ("src/model/a.cpp", source_text("<string>", '"model/mark.hpp"'), "a header of its own folder"),
    ("src/config/a.cpp", source_text('"model/mark.hpp"'), "a header of its own folder"),
    ("src/model/a.cpp", source_text(), "a header of its own folder"),
    ("src/model/mark.hpp", header_text('"mark.hpp"'), 'no "mark.hpp" in src/ or include/'),
    ("tests/a_test.cpp", source_text('"gone.hpp"'), 'no "gone.hpp" in src/ or include/'),
    ("src/model/a.hpp", "#pragma once\n", "the first line must be // SPDX"),
    ("tests/a_test.cpp", "int main() {}\n", "the first line must be // SPDX"),
    ("src/model/a.hpp", source_text("<string>"), "must begin with #pragma once"),
    ("tests/a.hpp", SPDX + "\n#include <map>\n#pragma once\n", "must begin with #pragma once"),
    (
        "src/model/mark.hpp",
        header_text('"model/ring.hpp"'),
        "a cycle: src/model/mark.hpp -> src/model/ring.hpp -> src/model/mark.hpp",
    ),
]


def self_test():
    """What is wrong with this check itself."""
    ring = {"src/model/ring.hpp": header_text('"model/mark.hpp"')}
    faults = [f"a good tree is refused: {problem}" for problem in check({**GOOD, **ring})]
    for path, text, expected in WRONG:
        problems = check({**GOOD, **ring, path: text})
        if not any(expected in problem for problem in problems):
            faults.append(f"{path} is let through, not said: {expected}; said: {problems}")
    for folder in ARROWS:
        if not any(path.startswith(f"src/{folder}/") for path, _, _ in WRONG):
            faults.append(f"no wrong sample for the folder {folder}")
    return faults


def main(arguments):
    if arguments == ["--self-test"]:
        problems = self_test()
    else:
        root = Path(arguments[0]) if arguments else Path(__file__).parents[2]
        files = read_tree(root)
        problems = check(files) if files else [f"no sources in {root}"]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
