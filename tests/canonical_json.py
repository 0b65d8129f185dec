#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What Python makes of JSON: the form that a key's hash is made of.

canonical_json.py            prints canonical_json_vectors.hpp
canonical_json.py --check    fails if that file is not what it prints
canonical_json.py --answer FILE
                             reads a JSON document a line, and prints a line for
                             each: its SHA-256, a space, and the form itself
"""

import hashlib
import json
import sys
from pathlib import Path

VECTORS = Path(__file__).with_name("canonical_json_vectors.hpp")

DOCUMENTS = [
    # Layout and order.
    "{}",
    "[]",
    ' { } ',
    '[ [ ] , { } ]',
    '{"b":1,"a":2}',
    '{"a":1,"b":2}',
    '{"a" : { "z":1 , "y":[3,2,1] } , "A":0}',
    '\t{"b":{"d":{"f":1,"e":2},"c":3},"a":[{"h":1,"g":2}]}\r\n',
    '{"":0,"a":1," ":2}',
    '{"aa":1,"a":2,"ab":3}',
    '[1,"a",null,true,false,{"a":null}]',
    "null",
    "true",
    "false",
    '{"key":[[],[[]],{}],"key2":"x, y: z"}',
    # Names sort by code point, not by UTF-16 unit, and unescaped.
    '{"\uffee":1,"\U0001f600":2,"z":3,"\u00e9":4}',
    '{"\\ud83d\\ude00":1,"\uffee":2}',
    '{"\\u0062":1,"a":2,"\\u0041":3}',
    '{"a\\"b":1,"a b":2,"a\\\\b":3,"a\\/b":4}',
    '{"\\u00e9":1,"f":2}',
    # Integers.
    "0",
    "-0",
    "-1",
    "9007199254740993",
    "18446744073709551616",
    "-123456789012345678901234567890123456789012345678901234567890",
    "[0,-0,1]",
    # Floats.
    "0.0",
    "-0.0",
    "0e5",
    "-0E-5",
    "0e999999999",
    "1.0",
    "1.50",
    "1e2",
    "1E2",
    "1e+2",
    "100e-2",
    "1e15",
    "123456789012345.6",
    "1e16",
    "9999999999999998.0",
    "9007199254740993.0",
    "12345678901234567.0",
    "1.5e16",
    "1e22",
    "1e23",
    "1e100",
    "0.001",
    "0.0001",
    "0.00012",
    "0.00001",
    "0.000012345",
    "-1.5e-7",
    "0.1",
    "0.30000000000000004",
    "3.141592653589793238462643383279",
    "5e-324",
    "4.9e-324",
    "2.5e-324",
    "2.4e-324",
    "1e-400",
    "-1e-400",
    "-1e-99999999999999999999",
    "0.0000000000000000000000000000001e-300",
    "2.2250738585072011e-308",
    "2.2250738585072014e-308",
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "0.00000000000000000001e320",
    "9.5367431640625e-07",
    "1.1102230246251565e-16",
    # Strings.
    '""',
    '"plain"',
    '"\\u0041\\u007a\\u0020"',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
    '"\\u0022\\u005c\\u002f\\u0008\\u000c\\u000a\\u000d\\u0009"',
    '"\\u0000\\u001F\\u001f\\u007f\\u0080"',
    '"\x7f"',
    '"\u0080\u00e9\u07ff\u0800\uffff"',
    '"\\u00E9\\uABCD"',
    '"\U00010000\U0001f600\U0010ffff"',
    '"\\uD83D\\uDE00"',
    '"\\ud800"',
    '"\\uDC00x"',
    '"\\ude00\\ud83d"',
    '"a\\ud83d\U0001f600"',
    '"e\u0301 \u00e9"',
    '"\u2028\u2029"',
    '"/"',
]


def form(text):
    return json.dumps(json.loads(text), sort_keys=True)


def literal(text):
    made = ""
    for byte in text.encode():
        plain = 0x20 <= byte < 0x7F and byte not in b'"\\?'
        made += chr(byte) if plain else f"\\{byte:03o}"
    return f'"{made}"'


def header():
    lines = [
        "// SPDX-License-Identifier: MIT",
        "//",
        "// Made by canonical_json.py with Python's json: not to be edited.",
        "#pragma once",
        "",
        "#include <string_view>",
        "#include <utility>",
        "",
        "namespace strandline::test {",
        "",
        "// clang-format off",
        "inline constexpr std::pair<std::string_view, std::string_view>",
        "    canonical_vectors[] = {",
    ]
    for text in DOCUMENTS:
        lines.append(f"    {{{literal(text)},")
        lines.append(f"     {literal(form(text))}}},")
    lines += ["};", "// clang-format on", "", "}  // namespace strandline::test", ""]
    return "\n".join(lines)


def answer(path):
    with open(path, "rb") as lines:
        for line in lines:
            made = form(line.decode()).encode()
            print(hashlib.sha256(made).hexdigest(), made.decode())


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--answer":
        answer(sys.argv[2])
    elif sys.argv[1:] == ["--check"]:
        if VECTORS.read_text() != header():
            sys.exit(f"{VECTORS} is not what canonical_json.py prints")
    elif not sys.argv[1:]:
        sys.stdout.write(header())
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
