// SPDX-License-Identifier: MIT
#include "model/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace strandline::model {
namespace {

// Doubles hold every integer up to here.
constexpr double exact_integers = 9'007'199'254'740'992.0;

// Every decimal of so many digits reads back from its double.
constexpr auto safe_digits =
    static_cast<std::size_t>(std::numeric_limits<double>::digits10);

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// 0.DIGITS times ten to the power of `exponent`, without zeros at either end.
struct Decimal {
  std::string digits;
  std::int64_t exponent = 0;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

// Of a JSON number, or what std::to_chars writes. The sign is left out.
Decimal parse(std::string_view number) {
  Decimal decimal;
  const auto power = number.find_first_of("eE");
  bool behind_point = false;
  for (const char c : number.substr(0, power)) {
    behind_point = behind_point || c == '.';
    if (!is_digit(c)) {
      continue;
    }
    if (c == '0' && decimal.digits.empty()) {
      decimal.exponent -= behind_point ? 1 : 0;
      continue;
    }
    decimal.exponent += behind_point ? 0 : 1;
    decimal.digits += c;
  }
  decimal.digits.resize(decimal.digits.find_last_not_of('0') + 1);
  if (decimal.digits.empty()) {
    return {};
  }
  if (power != std::string_view::npos) {
    auto text = number.substr(power + 1);
    text.remove_prefix(text.starts_with('+') ? 1 : 0);
    std::int64_t shift = 0;
    std::from_chars(text.data(), text.data() + text.size(), shift);
    decimal.exponent += shift;
  }
  return decimal;
}

// Those from the first to the last that is not zero.
std::size_t significant_digits(std::string_view number) {
  std::size_t all = 0;
  std::size_t zeros = 0;
  for (const char c : number.substr(0, number.find_first_of("eE"))) {
    if (!is_digit(c) || (c == '0' && all == 0)) {
      continue;
    }
    ++all;
    zeros = c == '0' ? zeros + 1 : 0;
  }
  return all - zeros;
}

template <typename... Form>
std::string written(double real, Form... form) {
  std::array<char, 40> text{};
  const auto result =
      std::to_chars(text.data(), text.data() + text.size(), real, form...);
  return {text.data(), result.ptr};
}

}  // namespace

bool keeps_digits(double real, std::string_view text) {
  if (significant_digits(text) <= safe_digits &&
      (real == 0 || std::fabs(real) >= std::numeric_limits<double>::min())) {
    return true;
  }
  const auto wanted = parse(text);
  return wanted == parse(written(real)) ||
         wanted ==
             parse(written(real, std::chars_format::scientific,
                           std::numeric_limits<double>::max_digits10 - 1));
}

std::string shortest_text(double real) {
  if (std::trunc(real) == real && std::fabs(real) <= exact_integers) {
    return std::to_string(static_cast<std::int64_t>(real));
  }
  return written(real);
}

}  // namespace strandline::model
