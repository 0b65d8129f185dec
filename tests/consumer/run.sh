#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Installs the build directory $1 below itself, runs the installed program, and
# builds and runs a program of the library's users against what is installed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
root=$PWD/installed
rm -rf "$root"
DESTDIR=$root meson install --no-rebuild --quiet

strandline=$(find "$root" -path '*/bin/strandline')
pc=$(find "$root" -name strandline.pc)
prefix=$root$(pkg-config --variable=prefix "$pc")
lib=$(pkg-config --define-variable=prefix="$prefix" --variable=libdir "$pc")
read -ra flags < <(
  pkg-config --define-variable=prefix="$prefix" --cflags --libs "$pc"
)
export LD_LIBRARY_PATH=$lib

"$strandline" demo "$root/demo" >/dev/null
"${CXX:-c++}" -std=c++20 -Wall -Wextra -Werror "$here/main.cpp" "${flags[@]}" \
  -o "$root/consumer"
"$root/consumer" "$root/demo"
