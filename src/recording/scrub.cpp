// SPDX-License-Identifier: MIT
#include "recording/scrub.hpp"

#include <algorithm>
#include <array>

#include "http/url.hpp"
#include "model/instant.hpp"

namespace strandline::recording {
namespace {

constexpr std::size_t fewest_digits = 5;
constexpr std::size_t fewest_international = 8;
constexpr std::size_t most_digits = 15;
constexpr std::size_t most_with_extension = 20;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_alphanumeric(char c) {
  return is_digit(c) || is_letter(c);
}

bool beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

bool is_local(char c) {
  return is_alphanumeric(c) || beyond_ascii(c) ||
         std::string_view("._+-'").find(c) != std::string_view::npos;
}

bool is_domain(char c) {
  return is_alphanumeric(c) || beyond_ascii(c) || c == '-' || c == '.';
}

// True if the escape `%XX` that ends before `end` writes a character of a local
// part.
bool local_escape(std::string_view text, std::size_t end) {
  if (end < 3 || text[end - 3] != '%') {
    return false;
  }
  const auto decoded = http::percent_decode(text.substr(end - 3, 3));
  return decoded.size() == 1 && is_local(decoded.front());
}

// True if an escape ends before `end`, whose digits are no part of what
// follows.
bool escape(std::string_view text, std::size_t end) {
  return end >= 3 && text[end - 3] == '%' &&
         http::percent_decode(text.substr(end - 3, 3)).size() == 1;
}

// Where the local part begins that ends before `end`.
std::size_t local_begin(std::string_view text, std::size_t end,
                        std::size_t floor) {
  auto begin = end;
  while (begin > floor) {
    if (begin - floor >= 3 && escape(text, begin)) {
      if (!local_escape(text, begin)) {
        break;
      }
      begin -= 3;
    } else if (is_local(text[begin - 1])) {
      --begin;
    } else {
      break;
    }
  }
  // A sentence's quotes and dots.
  while (begin < end && (text[begin] == '.' || text[begin] == '\'')) {
    ++begin;
  }
  return begin;
}

bool is_file_end(std::string_view end) {
  constexpr auto ends = std::to_array<std::string_view>(
      {"css", "gif", "ico", "jpeg", "jpg", "js", "json", "map", "mjs", "png",
       "svg", "ts", "webp", "woff"});
  return std::ranges::find(ends, end) != ends.end();
}

// Where the domain ends that begins at `begin`; `begin` if there is none.
std::size_t domain_end(std::string_view text, std::size_t begin) {
  auto end = begin;
  while (end < text.size() && is_domain(text[end])) {
    ++end;
  }
  while (end > begin && (text[end - 1] == '.' || text[end - 1] == '-')) {
    --end;
  }
  const auto domain = text.substr(begin, end - begin);
  const auto dot = domain.rfind('.');
  if (dot == domain.npos || dot == 0 || domain.front() == '-') {
    return begin;
  }
  const auto top = domain.substr(dot + 1);
  const bool name = top.size() >= 2 && !is_file_end(top) &&
                    std::ranges::none_of(top, is_digit);
  return name || top.starts_with("xn--") ? end : begin;
}

bool is_separator(char c) {
  return std::string_view(" -./()").find(c) != std::string_view::npos;
}

// What from a `+` on may be a telephone number.
struct Phone {
  std::string digits;
  std::size_t end = 0;
};

Phone phone_at(std::string_view text, std::size_t plus) {
  Phone phone;
  phone.end = plus + 1;
  std::size_t separators = 0;
  for (auto at = plus + 1; at < text.size(); ++at) {
    if (is_digit(text[at])) {
      phone.digits += text[at];
      phone.end = at + 1;
      separators = 0;
    } else if (!is_separator(text[at]) || ++separators > 3) {
      break;
    }
  }
  return phone;
}

bool is_phone(std::string_view text, std::size_t plus, const Phone& phone) {
  const bool begins = plus == 0 || !(is_alphanumeric(text[plus - 1]) ||
                                     beyond_ascii(text[plus - 1]));
  const bool ends = phone.end == text.size() ||
                    !(is_alphanumeric(text[phone.end]) ||
                      text[phone.end] == ':' || text[phone.end] == '_');
  return begins && ends && plus + 1 < text.size() &&
         (is_digit(text[plus + 1]) || text[plus + 1] == '(') &&
         phone.digits.size() >= fewest_international &&
         phone.digits.size() <= most_digits;
}

}  // namespace

std::string replace_addresses(std::string_view text, const StandInOf& stand_in,
                              std::size_t& count) {
  std::string result;
  std::size_t copied = 0;
  for (auto at = text.find_first_of("@%"); at != text.npos;
       at = text.find_first_of("@%", at + 1)) {
    const bool escaped = text[at] == '%';
    if (escaped && text.substr(at, 3) != "%40") {
      continue;
    }
    const auto behind = at + (escaped ? 3 : 1);
    const auto begin = local_begin(text, at, copied);
    const auto end = domain_end(text, behind);
    if (begin == at || end == behind ||
        text.substr(0, begin).ends_with("://")) {
      continue;
    }
    auto address = std::string(text.substr(begin, at - begin)) + "@" +
                   std::string(text.substr(behind, end - behind));
    const auto plain = http::percent_decode(address);
    address = stand_in(plain);
    if (address != plain) {
      ++count;
    }
    result += text.substr(copied, begin - copied);
    const auto sign = address.find('@');
    result += escaped ? address.replace(sign, 1, "%40") : address;
    copied = end;
    at = end - 1;
  }
  return result += text.substr(copied);
}

std::string replace_phones(std::string_view text, const StandInOf& stand_in,
                           std::size_t& count) {
  std::string result;
  std::size_t copied = 0;
  for (auto at = text.find('+'); at != text.npos; at = text.find('+', at + 1)) {
    const auto phone = phone_at(text, at);
    if (!is_phone(text, at, phone)) {
      continue;
    }
    const auto digits = stand_in(phone.digits);
    if (digits != phone.digits) {
      ++count;
    }
    result += text.substr(copied, at - copied);
    result += '+' + digits;
    copied = phone.end;
    at = phone.end - 1;
  }
  return result += text.substr(copied);
}

std::optional<std::string> phone_digits(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (is_digit(c)) {
      digits += c;
    } else if (!is_separator(c) && !beyond_ascii(c) &&
               std::string_view("+telexTELEX;:=#,*").find(c) ==
                   std::string_view::npos) {
      return {};
    }
  }
  if (digits.size() < fewest_digits || digits.size() > most_with_extension ||
      model::parse_rfc3339(text)) {
    return {};
  }
  return digits;
}

}  // namespace strandline::recording
