// SPDX-License-Identifier: MIT
#include "config/quantity.hpp"

#include <charconv>
#include <cmath>
#include <utility>

namespace strandline::config {
namespace {

constexpr std::size_t most_digits = 9;

// Reads digits from the front of `text`, and takes them off.
std::optional<std::int64_t> take_number(std::string_view& text) {
  const auto digits = text.find_first_not_of("0123456789");
  const auto length = digits == std::string_view::npos ? text.size() : digits;
  if (length == 0 || length > most_digits) {
    return {};
  }
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + length, number);
  text.remove_prefix(length);
  return number;
}

std::optional<std::chrono::seconds> unit(std::string_view name) {
  constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}};
  for (const auto& [unit, seconds] : units) {
    if (name == unit) {
      return std::chrono::seconds(seconds);
    }
  }
  return {};
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  const auto number = take_number(text);
  const auto time = unit(text);
  return number && time ? std::optional(*number * *time) : std::nullopt;
}

std::optional<model::Rate> parse_rate(std::string_view text) {
  const auto requests = take_number(text);
  if (!requests || !text.starts_with('/')) {
    return {};
  }
  const auto time = unit(text.substr(1));
  return time ? std::optional(model::Rate{*requests, *time}) : std::nullopt;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  const auto number = take_number(text);
  if (!number) {
    return {};
  }
  constexpr std::pair<std::string_view, unsigned> units[] = {
      {"KiB", 10U}, {"MiB", 20U}, {"GiB", 30U}};
  for (const auto& [unit, shift] : units) {
    if (text == unit) {
      return static_cast<std::uint64_t>(*number) << shift;
    }
  }
  return {};
}

std::optional<double> parse_percentage(std::string_view text) {
  const auto whole = take_number(text);
  if (!whole) {
    return {};
  }
  auto percents = static_cast<double>(*whole);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const auto digits = text.size();
    const auto fraction = take_number(text);
    if (!fraction) {
      return {};
    }
    percents += static_cast<double>(*fraction) /
                std::pow(10.0, static_cast<double>(digits - text.size()));
  }
  return text == "%" ? std::optional(percents / 100) : std::nullopt;
}

std::optional<std::int32_t> parse_offset(std::string_view text) {
  if (text == "UTC") {
    return 0;
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') ||
      text[3] != ':') {
    return {};
  }
  auto hours_text = text.substr(1, 2);
  auto minutes_text = text.substr(4);
  const auto hours = take_number(hours_text);
  const auto minutes = take_number(minutes_text);
  if (!hours || !minutes || !hours_text.empty() || !minutes_text.empty() ||
      *hours > 23 || *minutes > 59) {
    return {};
  }
  const auto seconds = static_cast<std::int32_t>(*hours * 3600 + *minutes * 60);
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace strandline::config
