// SPDX-License-Identifier: MIT
#include "recording/stand_ins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "model/instant.hpp"

namespace strandline::recording {
namespace {

using http::Redactor;

// What is shorter would be found by chance.
constexpr std::size_t shortest_known = 8;

// Larger numbers are none of ours.
constexpr std::size_t largest_number = 1'000'000'000;

constexpr std::string_view placeholder = Redactor::default_placeholder;
constexpr std::string_view address_begin = "person-";
constexpr std::string_view address_end = "@example.com";
constexpr std::string_view phone_begin = "1555010";
constexpr std::string_view person_begin = "Name ";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool goes_on_placeholder(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         c == '-' || c == '_';
}

// Where the placeholder that begins `text` ends; 0 if none does.
std::size_t placeholder_length(std::string_view text) {
  if (!text.starts_with(placeholder)) {
    return 0;
  }
  auto end = placeholder.size();
  if (end < text.size() && text[end] == '-') {
    while (end < text.size() && goes_on_placeholder(text[end])) {
      ++end;
    }
  }
  return end;
}

bool is_placeholder(std::string_view text) {
  return !text.empty() && placeholder_length(text) == text.size();
}

bool is_stand_in(std::string_view text, std::string_view begin,
                 std::string_view end) {
  if (text.size() < begin.size() + end.size() || !text.starts_with(begin) ||
      !text.ends_with(end)) {
    return false;
  }
  text.remove_prefix(begin.size());
  text.remove_suffix(end.size());
  return all_digits(text);
}

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') {
      c = static_cast<char>(c - 'A' + 'a');
    }
  }
  return result;
}

std::size_t collapse_placeholders(std::string& text) {
  std::string result;
  std::size_t count = 0;
  std::string_view rest = text;
  for (;;) {
    const auto found = std::min(rest.find(placeholder), rest.size());
    result += rest.substr(0, found);
    rest.remove_prefix(found);
    if (rest.empty()) {
      break;
    }
    result += placeholder;
    rest.remove_prefix(placeholder_length(rest));
    ++count;
  }
  text = std::move(result);
  return count;
}

// The largest number behind a `begin` in `text`, and at least `used`.
std::size_t largest(std::string_view text, std::string_view begin,
                    std::size_t used) {
  for (auto at = text.find(begin); at != text.npos; at = text.find(begin, at)) {
    at += begin.size();
    std::size_t number = 0;
    const auto* from = text.data() + at;
    const auto read = std::from_chars(from, text.data() + text.size(), number);
    if (read.ec == std::errc() && number < largest_number) {
      used = std::max(used, number);
    }
  }
  return used;
}

}  // namespace

StandIns::StandIns(Mode mode, const Redactor* known)
    : mode_(mode), outside_(mode == Mode::fixed ? known : nullptr) {
  if (mode == Mode::numbered && known != nullptr) {
    known_.add_all_of(*known);
  }
}

std::string StandIns::secret(std::string_view value, Reach reach) {
  if (value.empty()) {
    return {};
  }
  if (mode_ == Mode::fixed) {
    return std::string(placeholder);
  }
  if (is_placeholder(value)) {
    known_.leave(value);
    return std::string(value);
  }
  auto known = known_.placeholder_of(value);
  if (known) {
    return std::move(*known);
  }
  auto found = secrets_.values.find(value);
  if (found == secrets_.values.end()) {
    found =
        secrets_.values
            .emplace(value, fmt::format("{}-{}", placeholder, ++secrets_.used))
            .first;
  }
  known_.leave(found->second);
  if (reach == Reach::everywhere && value.size() >= shortest_known &&
      !spared(value)) {
    known_.add(value, found->second);
  }
  return found->second;
}

bool StandIns::spared(std::string_view value) const {
  return model::parse_rfc3339(value) ||
         std::ranges::any_of(origins_, [&](const auto& origin) {
           return origin.find(value) != origin.npos;
         });
}

std::string StandIns::address(std::string_view value) {
  if (mode_ == Mode::fixed) {
    return "person@example.com";
  }
  auto key = lower_case(value);
  if (is_stand_in(key, address_begin, address_end)) {
    return key;
  }
  auto& stand_in = addresses_.values[key];
  if (stand_in.empty()) {
    stand_in =
        fmt::format("{}{}{}", address_begin, ++addresses_.used, address_end);
  }
  return stand_in;
}

std::string StandIns::phone(std::string_view digits) {
  if (mode_ == Mode::fixed) {
    return fmt::format("{}0000", phone_begin);
  }
  if (is_stand_in(digits, phone_begin, "")) {
    return std::string(digits);
  }
  auto& stand_in = phones_.values[std::string(digits)];
  if (stand_in.empty()) {
    stand_in = fmt::format("{}{:04}", phone_begin, ++phones_.used);
  }
  return stand_in;
}

std::string StandIns::person(std::string_view name) {
  if (name.empty()) {
    return {};
  }
  if (mode_ == Mode::fixed) {
    return "Name";
  }
  if (is_stand_in(name, person_begin, "")) {
    return std::string(name);
  }
  auto& stand_in = persons_.values[std::string(name)];
  if (stand_in.empty()) {
    stand_in = fmt::format("{}{}", person_begin, ++persons_.used);
  }
  return stand_in;
}

std::size_t StandIns::hide_known(std::string& text) const {
  if (!hide_) {
    return 0;
  }
  if (mode_ == Mode::numbered) {
    return known_.redact_in(text);
  }
  if (outside_ != nullptr) {
    outside_->redact_in(text);
  }
  return collapse_placeholders(text);
}

void StandIns::keep_clear_of(std::string_view text) {
  secrets_.used = largest(text, std::string(placeholder) + "-", secrets_.used);
  addresses_.used = largest(text, address_begin, addresses_.used);
  phones_.used = largest(text, phone_begin, phones_.used);
  persons_.used = largest(text, person_begin, persons_.used);
}

void StandIns::spare(std::string origin) {
  origins_.insert(std::move(origin));
}

}  // namespace strandline::recording
