// SPDX-License-Identifier: MIT
#include "model/pattern.hpp"

#include <fmt/format.h>

#include "model/civil.hpp"
#include "model/text.hpp"
#include "model/text_scanner.hpp"

namespace strandline::model {
namespace {

constexpr std::string_view letters = "YmdHMSz";

// Calls `part` with the letter of each part and `literal` with each other
// character, in order, for as long as they return true.
template <typename Part, typename Literal>
bool walk(std::string_view pattern, Part part, Literal literal) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      if (!literal(pattern[i])) {
        return false;
      }
      continue;
    }
    ++i;
    if (!part(i < pattern.size() ? pattern[i] : '\0')) {
      return false;
    }
  }
  return true;
}

// The field of a civil time that a letter stands for.
int& field(Civil& civil, char letter) {
  switch (letter) {
    case 'Y':
      return civil.year;
    case 'm':
      return civil.month;
    case 'd':
      return civil.day;
    case 'H':
      return civil.hour;
    case 'M':
      return civil.minute;
    default:
      return civil.second;
  }
}

// Takes the parts of a text, in the order of the pattern.
class PatternReader {
 public:
  PatternReader(std::string_view text, const std::optional<Zone>& zone)
      : scan_(text), zone_(zone) {}

  bool part(char letter) {
    if (!fraction()) {
      return false;
    }
    if (letter == 'z') {
      const auto offset = scan_.offset();
      zone_ = Zone(std::chrono::seconds(offset.value_or(0)));
      return offset.has_value();
    }
    const auto number = scan_.digits(letter == 'Y' ? 4 : 2);
    field(civil_, letter) = number.value_or(0);
    date_only_ = date_only_ && letter != 'H';
    after_second_ = letter == 'S';
    return number.has_value();
  }

  bool literal(char c) {
    const bool may_be_fraction = c != '.' && c != ',';
    if (may_be_fraction && !fraction()) {
      return false;
    }
    after_second_ = false;
    return scan_.take(std::string_view(&c, 1));
  }

  bool end() { return fraction() && scan_.at_end(); }

  std::optional<Instant> instant() const {
    const auto zone = zone_ || !date_only_ ? zone_ : Zone();
    const auto local = from_civil(civil_);
    return local && zone ? from_local(*local, *zone) : std::nullopt;
  }

 private:
  // Sources that write a fraction behind %S do not always say so.
  bool fraction() {
    if (!after_second_ || !scan_.take(".,")) {
      return true;
    }
    after_second_ = false;
    const auto nanoseconds = scan_.fraction();
    civil_.nanosecond = nanoseconds.value_or(0);
    return nanoseconds.has_value();
  }

  TextScanner scan_;
  std::optional<Zone> zone_;
  Civil civil_;
  bool date_only_ = true;
  bool after_second_ = false;
};

std::string unknown_part(std::string_view pattern, std::size_t at) {
  // 10xxxxxx continues a character.
  auto end = at + 1;
  while (end < pattern.size() &&
         (static_cast<unsigned char>(pattern[end]) & 0xC0U) == 0x80U) {
    ++end;
  }
  return fmt::format("has %{}, which is not one of %Y %m %d %H %M %S %z",
                     printable(pattern.substr(at, end - at), 4));
}

}  // namespace

bool has_part(std::string_view pattern, char letter) {
  return !walk(
      pattern, [&](char part) { return part != letter; },
      [](char) { return true; });
}

std::optional<std::string> pattern_fault(std::string_view pattern) {
  std::string seen;
  for (auto at = pattern.find('%'); at != std::string_view::npos;
       at = pattern.find('%', at + 2)) {
    if (at + 1 == pattern.size()) {
      return "ends with a % that has no letter";
    }
    const char letter = pattern[at + 1];
    if (letters.find(letter) == std::string_view::npos) {
      return unknown_part(pattern, at + 1);
    }
    if (seen.find(letter) != std::string::npos) {
      return fmt::format("has %{} twice", letter);
    }
    seen += letter;
  }
  for (const char needed : {'Y', 'm', 'd'}) {
    if (seen.find(needed) == std::string::npos) {
      return fmt::format("has no %{}; a pattern needs %Y, %m and %d", needed);
    }
  }
  const std::pair<char, char> nested[] = {{'S', 'M'}, {'M', 'H'}};
  for (const auto& [small, large] : nested) {
    if (seen.find(small) != std::string::npos &&
        seen.find(large) == std::string::npos) {
      return fmt::format("has %{} without %{}", small, large);
    }
  }
  return {};
}

std::chrono::seconds pattern_unit(std::string_view pattern) {
  using namespace std::chrono;
  if (has_part(pattern, 'S')) {
    return seconds(1);
  }
  if (has_part(pattern, 'M')) {
    return minutes(1);
  }
  return has_part(pattern, 'H') ? hours(1) : hours(24);
}

PatternReading read_pattern(std::string_view text, std::string_view pattern,
                            const std::optional<Zone>& zone) {
  PatternReader reader(text, zone);
  const bool fits = walk(
      pattern, [&](char letter) { return reader.part(letter); },
      [&](char c) { return reader.literal(c); });
  if (!fits || !reader.end()) {
    return {};
  }
  return {true, reader.instant()};
}

std::string write_pattern(Instant local, std::string_view pattern) {
  auto civil = to_civil(local);
  std::string text;
  walk(
      pattern,
      [&](char letter) {
        text += letter == 'z'   ? "+0000"
                : letter == 'Y' ? fmt::format("{:04}", civil.year)
                                : fmt::format("{:02}", field(civil, letter));
        return true;
      },
      [&](char c) {
        text += c;
        return true;
      });
  return text;
}

}  // namespace strandline::model
