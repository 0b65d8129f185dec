// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace strandline::model {

/// Reads a text from the left; every member returns nothing, or false, where
/// what is asked for does not stand next.
class TextScanner {
 public:
  /// `text` must live longer.
  explicit TextScanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  /// True if one of the characters `any_of` stands next.
  bool sees(std::string_view any_of) const {
    return !rest_.empty() &&
           any_of.find(rest_.front()) != std::string_view::npos;
  }

  /// Takes one of the characters `any_of`.
  bool take(std::string_view any_of) {
    if (!sees(any_of)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  /// Takes exactly `count` digits.
  std::optional<int> digits(std::size_t count) {
    if (rest_.size() < count) {
      return {};
    }
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') {
        return {};
      }
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  /// Takes the digits of a second's fraction, at least one; returns
  /// nanoseconds. Digits after the ninth are cut.
  std::optional<std::int32_t> fraction();

  /// Takes `Z`, `z`, `±hh:mm`, `±hhmm` or `±hh`; returns seconds east of UTC.
  std::optional<std::int32_t> offset();

 private:
  std::string_view rest_;
};

}  // namespace strandline::model
