#!/bin/sh
# SPDX-License-Identifier: MIT
# Lays out every source as .clang-format says: `format.sh -i` does it,
# `format.sh --dry-run` fails where it is not done.
set -eu
cd "$(dirname "$0")/../.."
find include src tests bench -name '*.[ch]pp' -print0 |
  xargs -0 clang-format --style=file --Werror "$@"
