// SPDX-License-Identifier: MIT
#include "model/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strandline::model {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Optimal string alignment distance, row by row: R. A. Wagner, M. J. Fischer,
// "The string-to-string correction problem" (1974), with swapped neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    above[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min(
          {above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

// True for either byte of U+0080 to U+009F: a terminal takes them for commands
// as it does ESC.
bool is_control(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  const auto continues = [&](std::size_t at) {
    return byte(at) >= 0x80 && byte(at) <= 0x9F;
  };
  return byte(i) < 0x20 || byte(i) == 0x7F ||
         (byte(i) == 0xC2 && continues(i + 1)) ||
         (i > 0 && byte(i - 1) == 0xC2 && continues(i));
}

}  // namespace

std::optional<std::string_view> nearest(
    std::string_view word, const std::vector<std::string_view>& candidates) {
  std::size_t best = std::max<std::size_t>(word.size() / 3, 1) + 1;
  std::optional<std::string_view> found;
  for (const auto candidate : candidates) {
    const auto distance = edit_distance(word, candidate);
    if (distance < best) {
      best = distance;
      found = candidate;
    }
  }
  return found;
}

std::string printable(std::string_view text, std::size_t limit) {
  const bool cut = text.size() > limit;
  if (cut) {
    auto end = limit;
    // 10xxxxxx continues a character.
    while (end > 0 &&
           (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    text = text.substr(0, end);
  }
  std::string safe;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_control(text, i)) {
      safe += fmt::format("\\x{:02X}", static_cast<unsigned char>(text[i]));
    } else {
      safe += text[i];
    }
  }
  return cut ? safe + "…" : safe;
}

std::string plural(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace strandline::model
