#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a C++ file of files, so that they are part of the program.

    embed.py OUTPUT NAME=FILE...

NAME is a std::string_view that cli/embedded.hpp declares. The bytes stand in an
array of characters: compilers limit the length of a string literal.
"""

import pathlib
import sys

ROW = 16


def array(name, content):
    if not content:
        sys.exit(f"{name}: the file is empty")
    rows = [content[at:at + ROW] for at in range(0, len(content), ROW)]
    lines = [" ".join(f"'\\{byte:o}'," for byte in row) for row in rows]
    return f"constexpr char {name}_bytes[] = {{\n" + "\n".join(lines) + "\n};\n"


def view(name):
    return (f"const std::string_view {name}({name}_bytes, "
            f"sizeof {name}_bytes);\n")


def main(output, *arguments):
    files = dict(argument.split("=", 1) for argument in arguments)
    arrays = [array(name, pathlib.Path(file).read_bytes())
              for name, file in files.items()]
    text = ('#include "cli/embedded.hpp"\n\n'
            "namespace strandline::cli {\nnamespace {\n\n"
            + "\n".join(arrays)
            + "\n}  // namespace\n\n"
            + "".join(view(name) for name in files)
            + "\n}  // namespace strandline::cli\n")
    pathlib.Path(output).write_text(text, encoding="ascii")


main(*sys.argv[1:])
