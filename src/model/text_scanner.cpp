// SPDX-License-Identifier: MIT
#include "model/text_scanner.hpp"

namespace strandline::model {

std::optional<std::int32_t> TextScanner::fraction() {
  std::int32_t value = 0;
  std::int32_t weight = 100'000'000;
  std::size_t count = 0;
  for (; count < rest_.size(); ++count) {
    const char c = rest_[count];
    if (c < '0' || c > '9') {
      break;
    }
    value += weight * (c - '0');
    weight /= 10;
  }
  rest_.remove_prefix(count);
  return count > 0 ? std::optional(value) : std::nullopt;
}

std::optional<std::int32_t> TextScanner::offset() {
  if (take("Zz")) {
    return 0;
  }
  const bool east = take("+");
  if (!east && !take("-")) {
    return {};
  }
  const auto hours = digits(2);
  if (!hours || *hours > 23) {
    return {};
  }
  int minutes = 0;
  if (sees(":0123456789")) {
    take(":");
    const auto number = digits(2);
    if (!number || *number > 59) {
      return {};
    }
    minutes = *number;
  }
  const int seconds = (*hours * 60 + minutes) * 60;
  return east ? seconds : -seconds;
}

}  // namespace strandline::model
