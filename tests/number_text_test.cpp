// SPDX-License-Identifier: MIT
#include "model/number_text.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <string>

namespace strandline::test {
namespace {

using model::keeps_digits;
using model::shortest_text;

double to_double(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

std::string printed(const char* form, double real) {
  char text[64];
  std::snprintf(text, sizeof text, form, real);
  return text;
}

}  // namespace

TEST_SUITE_BEGIN("number text");

TEST_CASE("a double keeps a number's digits, or it does not") {
  for (const char* text :
       {"0.1", "1.50", "-0.0", "0e5", "0.0e999999999999999999999", "1e300",
        "5e-324", "2.2250738585072014e-308", "123456789012345.6",
        "0.30000000000000004", "0.10000000000000001", "9007199254740994.0",
        "9007199254740992.0", "1.7976931348623157e308",
        "100000000000000000000.0", "0.1000000000000000000000000", "1E+2",
        "12345678901234.56"}) {
    CAPTURE(text);
    CHECK(keeps_digits(to_double(text), text));
  }
  for (const char* text :
       {"0.1234567890123456789", "9007199254740993.0", "3.14159265358979323846",
        "1.00000000000000000001", "33.333333333333333333", "4.9e-324",
        "12345678901234567.8", "0.100000000000000012",
        "1152921504606846976.5"}) {
    CAPTURE(text);
    CHECK_FALSE(keeps_digits(to_double(text), text));
  }
}

TEST_CASE("the shortest text reads back to the double") {
  CHECK(shortest_text(0.1) == "0.1");
  CHECK(shortest_text(-2.5) == "-2.5");
  CHECK(shortest_text(5) == "5");
  CHECK(shortest_text(-0.0) == "0");
  CHECK(shortest_text(1e15) == "1000000000000000");
  CHECK(shortest_text(9007199254740992.0) == "9007199254740992");
  CHECK(shortest_text(1e22) == "1e+22");
  CHECK(shortest_text(5e-324) == "5e-324");
  CHECK(shortest_text(0.1 + 0.2) == "0.30000000000000004");
}

TEST_CASE("of any double the usual forms keep their digits") {
  std::mt19937_64 random(20'240'101);
  for (int i = 0; i < 20'000; ++i) {
    const auto bits = random();
    double real = 0;
    std::memcpy(&real, &bits, sizeof real);
    if (real != real || real > std::numeric_limits<double>::max() ||
        real < std::numeric_limits<double>::lowest()) {
      continue;
    }
    const auto shortest = shortest_text(real);
    CAPTURE(shortest);
    CHECK(to_double(shortest) == real);
    CHECK(keeps_digits(real, shortest));
    CHECK(keeps_digits(real, printed("%.17g", real)));
    const auto rounded = printed("%.15g", real);
    CHECK(keeps_digits(to_double(rounded), rounded));
    // Three digits more than a double has.
    const auto exact = printed("%.19e", real);
    const auto longer = exact.substr(0, exact.find('e')) + "123" +
                        exact.substr(exact.find('e'));
    CHECK_FALSE(keeps_digits(to_double(longer), longer));
  }
}

TEST_SUITE_END();

}  // namespace strandline::test
