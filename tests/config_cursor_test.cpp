// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>
TEST_SUITE("cursor of a configuration") {}
