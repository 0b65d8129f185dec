#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that a page quotes a file as it is.

    guide.py PAGE FILE    the page's last block of TOML is the file
    guide.py PAGE FILE --update
"""

import pathlib
import sys

OPEN, CLOSE = "```toml\n", "```\n"


def main(page, file, *options):
    page = pathlib.Path(page)
    quoted = pathlib.Path(file).read_text(encoding="utf-8")
    text = page.read_text(encoding="utf-8")
    before, found, rest = text.rpartition(OPEN)
    block, closed, after = rest.partition(CLOSE)
    if not found or not closed:
        sys.exit(f"{page} has no block of TOML")
    if block == quoted:
        return
    if "--update" not in options:
        sys.exit(f"{page} quotes another {file}: run {sys.argv[0]} {page} "
                 f"{file} --update")
    page.write_text(before + OPEN + quoted + CLOSE + after, encoding="utf-8")


main(*sys.argv[1:])
