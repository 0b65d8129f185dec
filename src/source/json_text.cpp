// SPDX-License-Identifier: MIT
#include "source/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace strandline::source {
namespace {

bool take_digits(std::string_view& rest) {
  std::size_t count = 0;
  while (count < rest.size() && rest[count] >= '0' && rest[count] <= '9') {
    ++count;
  }
  rest.remove_prefix(count);
  return count > 0;
}

void append_utf8(std::uint32_t point, std::string& to) {
  const auto byte = [&](std::uint32_t bits) {
    to += static_cast<char>(static_cast<unsigned char>(bits));
  };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0U | point >> 6U);
    byte(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    byte(0xE0U | point >> 12U);
    byte(0x80U | (point >> 6U & 0x3FU));
    byte(0x80U | (point & 0x3FU));
  } else {
    byte(0xF0U | point >> 18U);
    byte(0x80U | (point >> 12U & 0x3FU));
    byte(0x80U | (point >> 6U & 0x3FU));
    byte(0x80U | (point & 0x3FU));
  }
}

// `rest` begins at `\u`; takes one escape, or the two of a surrogate pair.
bool take_code_point(std::string_view& rest, std::string& to) {
  const auto first = code_unit(rest.substr(2));
  if (!first) {
    return false;
  }
  rest.remove_prefix(6);
  std::uint32_t point = *first;
  if (point >= 0xD800 && point < 0xDC00) {
    const auto second =
        rest.starts_with("\\u") ? code_unit(rest.substr(2)) : std::nullopt;
    if (!second || *second < 0xDC00 || *second > 0xDFFF) {
      return false;
    }
    rest.remove_prefix(6);
    point = 0x10000 + ((point - 0xD800) << 10U) + (*second - 0xDC00);
  } else if (point >= 0xDC00 && point < 0xE000) {
    return false;
  }
  append_utf8(point, to);
  return true;
}

}  // namespace

std::optional<std::uint32_t> code_unit(std::string_view digits) {
  std::uint32_t unit = 0;
  if (digits.size() < 4) {
    return {};
  }
  const auto* end = digits.data() + 4;
  const auto [stop, error] = std::from_chars(digits.data(), end, unit, 16);
  if (error != std::errc() || stop != end) {
    return {};
  }
  return unit;
}

char short_escape(char letter) {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

bool is_number(std::string_view token) {
  if (token.starts_with('-')) {
    token.remove_prefix(1);
  }
  if (token.starts_with('0')) {
    token.remove_prefix(1);
  } else if (!take_digits(token)) {
    return false;
  }
  if (token.starts_with('.')) {
    token.remove_prefix(1);
    if (!take_digits(token)) {
      return false;
    }
  }
  if (token.starts_with('e') || token.starts_with('E')) {
    token.remove_prefix(1);
    if (token.starts_with('+') || token.starts_with('-')) {
      token.remove_prefix(1);
    }
    if (!take_digits(token)) {
      return false;
    }
  }
  return token.empty();
}

std::optional<double> to_double(std::string_view token) {
  double real = 0;
  const auto result =
      std::from_chars(token.data(), token.data() + token.size(), real);
  if (result.ec != std::errc() || !std::isfinite(real)) {
    return {};
  }
  return real;
}

std::optional<model::Cell> parse_scalar(std::string_view token) {
  model::Cell cell;
  if (token == "null") {
    return cell;
  }
  if (token == "true" || token == "false") {
    cell.kind = model::CellKind::boolean;
    cell.integer = token == "true" ? 1 : 0;
    return cell;
  }
  if (!is_number(token)) {
    return {};
  }
  const auto* end = token.data() + token.size();
  std::int64_t integer = 0;
  const auto [stop, error] = std::from_chars(token.data(), end, integer);
  if (stop == end && error == std::errc() && token != "-0") {
    cell.kind = model::CellKind::integer;
    cell.integer = integer;
    return cell;
  }
  cell.kind = model::CellKind::number;
  if (stop == end && error != std::errc()) {
    return cell;
  }
  if (const auto real = to_double(token)) {
    cell.kind = model::CellKind::real;
    cell.real = *real;
  }
  return cell;
}

bool unescape(std::string_view inside, std::string& to) {
  const auto before = to.size();
  while (true) {
    const auto backslash = inside.find('\\');
    to += inside.substr(0, backslash);
    if (backslash == std::string_view::npos) {
      return true;
    }
    inside.remove_prefix(backslash);
    bool valid = inside.size() > 1;
    if (valid && inside[1] == 'u') {
      valid = take_code_point(inside, to);
    } else if (valid) {
      const char c = short_escape(inside[1]);
      valid = c != '\0';
      to += c;
      inside.remove_prefix(2);
    }
    if (!valid) {
      to.resize(before);
      return false;
    }
  }
}

bool valid_escapes(std::string_view inside) {
  for (auto at = inside.find('\\'); at != std::string_view::npos;
       at = inside.find('\\')) {
    inside.remove_prefix(at);
    if (inside.size() < 2) {
      return false;
    }
    const bool long_escape = inside[1] == 'u';
    if (long_escape ? !code_unit(inside.substr(2))
                    : short_escape(inside[1]) == '\0') {
      return false;
    }
    inside.remove_prefix(long_escape ? 6 : 2);
  }
  return true;
}

bool ends_early(std::string_view document) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (document.starts_with(byte_order_mark)) {
    document.remove_prefix(byte_order_mark.size());
  }
  document.remove_prefix(
      std::min(document.find_first_not_of(" \t\r\n"), document.size()));
  if (document.empty() || (document[0] != '{' && document[0] != '[')) {
    return false;
  }
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < document.size(); ++at) {
    const char c = document[at];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string) {
      at += c == '\\' ? 1 : 0;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return false;
    }
  }
  return true;
}

}  // namespace strandline::source
