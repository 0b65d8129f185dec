// SPDX-License-Identifier: MIT
#include "source/canonical_scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

#include "source/json_text.hpp"

namespace strandline::source {
namespace {

bool is_plain(char c) {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

void append_unit(std::uint32_t unit, std::string& to) {
  constexpr std::string_view digits = "0123456789abcdef";
  constexpr std::string_view letters = "\"\\bfnrt";
  for (const char letter : letters) {
    if (unit == static_cast<std::uint32_t>(short_escape(letter))) {
      to += '\\';
      to += letter;
      return;
    }
  }
  if (unit >= ' ' && unit <= '~') {
    to += static_cast<char>(unit);
    return;
  }
  to += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) {
    to += digits[unit >> shift & 0xFU];
  }
}

// The code point at the begin of `text`, which is UTF-8.
std::uint32_t take_point(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                                            : 4;
  std::uint32_t point = length == 1 ? first : first & 0xFFU >> (length + 1);
  for (const char c : text.substr(1, length - 1)) {
    point = point << 6U | (static_cast<unsigned char>(c) & 0x3FU);
  }
  text.remove_prefix(std::min(length, text.size()));
  return point;
}

void append_inside(std::string_view text, std::string& to) {
  while (!text.empty()) {
    const auto* stop = std::find_if_not(text.begin(), text.end(), is_plain);
    to.append(text.begin(), stop);
    text.remove_prefix(static_cast<std::size_t>(stop - text.begin()));
    if (text.empty()) {
      return;
    }
    const auto point = take_point(text);
    if (point < 0x10000) {
      append_unit(point, to);
    } else {
      append_unit(0xD800 + ((point - 0x10000) >> 10U), to);
      append_unit(0xDC00 + ((point - 0x10000) & 0x3FFU), to);
    }
  }
}

// Of a token whose double is out of range: true if it is next to zero. There
// is no double in doubt: the position of the first digit is far from zero.
bool is_tiny(std::string_view token) {
  const auto e = token.find_first_of("eE");
  const auto digits = token.substr(0, e);
  const auto point =
      static_cast<std::int64_t>(std::min(digits.find('.'), digits.size()));
  const auto first =
      static_cast<std::int64_t>(digits.find_first_of("123456789"));
  if (e == std::string_view::npos) {
    return point < first;
  }
  auto exponent = token.substr(e + 1);
  const bool negative = exponent.starts_with('-');
  exponent.remove_prefix(negative || exponent.starts_with('+') ? 1 : 0);
  std::int64_t value = 0;
  const auto read = std::from_chars(exponent.data(),
                                    exponent.data() + exponent.size(), value);
  if (read.ec != std::errc()) {
    return negative;
  }
  return point - first + (negative ? -value : value) < 0;
}

// Python's repr: an exponent from 1e16 on and below 1e-4, else a point.
void append_real(double real, std::string& to) {
  constexpr int largest_fixed = 15;
  constexpr int smallest_fixed = -4;
  std::array<char, 32> buffer{};
  const auto* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                  real, std::chars_format::scientific)
                        .ptr;
  std::string_view text(buffer.data(),
                        static_cast<std::size_t>(end - buffer.data()));
  const auto e = text.find('e');
  int exponent = 0;
  const auto* power = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(power, end, exponent);
  if (exponent > largest_fixed || exponent < smallest_fixed) {
    to += text;
    return;
  }
  text = text.substr(0, e);
  if (text.starts_with('-')) {
    to += '-';
    text.remove_prefix(1);
  }
  const auto rest = text.substr(std::min<std::size_t>(2, text.size()));
  if (exponent < 0) {
    to += "0.";
    to.append(static_cast<std::size_t>(-exponent - 1), '0');
    to += text.front();
    to += rest;
    return;
  }
  const auto whole = static_cast<std::size_t>(exponent);
  to += text.front();
  to += rest.substr(0, whole);
  to.append(whole - std::min(whole, rest.size()), '0');
  to += '.';
  to += rest.size() > whole ? rest.substr(whole) : "0";
}

}  // namespace

bool append_canonical_number(std::string_view token, std::string& to) {
  if (token.find_first_of(".eE") == std::string_view::npos) {
    to += token == "-0" ? "0" : token;
    return true;
  }
  if (const auto real = to_double(token)) {
    append_real(*real, to);
    return true;
  }
  if (!is_tiny(token)) {
    return false;
  }
  to += token.starts_with('-') ? "-0.0" : "0.0";
  return true;
}

void append_canonical_string(std::string_view inside, std::string& to) {
  to += '"';
  while (true) {
    const auto backslash = inside.find('\\');
    append_inside(inside.substr(0, backslash), to);
    if (backslash == std::string_view::npos) {
      break;
    }
    inside.remove_prefix(backslash);
    const bool is_long = inside.substr(1).starts_with('u');
    append_unit(is_long ? code_unit(inside.substr(2)).value_or(0)
                        : static_cast<std::uint32_t>(short_escape(inside[1])),
                to);
    inside.remove_prefix(is_long ? 6 : 2);
  }
  to += '"';
}

void append_canonical_text(std::string_view text, std::string& to) {
  to += '"';
  append_inside(text, to);
  to += '"';
}

}  // namespace strandline::source
