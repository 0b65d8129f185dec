#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a C++ file of files, so that they are part of the program.

    embed.py files OUTPUT NAME=FILE...
    embed.py connectors OUTPUT FILE...

Of `files`, NAME is a std::string_view that cli/embedded.hpp declares; of
`connectors`, each is one of what config/embedded_connectors.hpp declares, under
the name of its file. The bytes stand in an array of characters: compilers limit
the length of a string literal.
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
    return f"std::string_view({name}_bytes, sizeof {name}_bytes)"


def unit(header, namespace, files, definitions):
    arrays = [array(name, pathlib.Path(file).read_bytes())
              for name, file in files.items()]
    return (f'#include "{header}"\n\n'
            f"namespace strandline::{namespace} {{\nnamespace {{\n\n"
            + "\n".join(arrays)
            + "\n}  // namespace\n\n"
            + definitions
            + f"\n}}  // namespace strandline::{namespace}\n")


def files(*arguments):
    named = dict(argument.split("=", 1) for argument in arguments)
    return unit("cli/embedded.hpp", "cli", named,
                "".join(f"const std::string_view {name} = {view(name)};\n"
                        for name in named))


def connectors(*paths):
    named = {pathlib.Path(path).stem: path for path in sorted(paths)}
    rows = "".join(f'      {{"{name}", {view(name)}}},\n' for name in named)
    return unit("config/embedded_connectors.hpp", "config", named,
                "std::span<const EmbeddedConnector> embedded_connectors() {\n"
                "  static const EmbeddedConnector all[] = {\n"
                + rows + "  };\n  return all;\n}\n")


def main(kind, output, *arguments):
    text = {"files": files, "connectors": connectors}[kind](*arguments)
    pathlib.Path(output).write_text(text, encoding="ascii")


main(*sys.argv[1:])
