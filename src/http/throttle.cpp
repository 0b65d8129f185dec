// SPDX-License-Identifier: MIT
#include "http/throttle.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include "http/http_date.hpp"

namespace strandline::http {
namespace {

using std::chrono::milliseconds;

using Wait = std::optional<milliseconds>;

// A reset below the first is in seconds from now (it would be more than three
// years), below the second in seconds since 1970, and below the third in
// milliseconds (up to the year 5138). Beyond is nothing that we know.
constexpr double first_epoch_second = 1e8;
constexpr double first_epoch_millisecond = 1e11;
constexpr double last_epoch_millisecond = 1e14;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == text.npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Digits with or without a sign and a fraction, and nothing else.
std::optional<double> number(std::string_view text) {
  const auto digits = text.substr(text.starts_with('-') ? 1 : 0);
  if (digits.empty() || digits.front() == '.' ||
      digits.find_first_not_of("0123456789.") != digits.npos) {
    return {};
  }
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] =
      std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (rest != end) {
    return {};
  }
  if (error == std::errc::result_out_of_range) {
    return std::numeric_limits<double>::max();
  }
  return value;
}

milliseconds clamped(double seconds) {
  const auto most = static_cast<double>(longest_asked_wait.count());
  return milliseconds(static_cast<milliseconds::rep>(
      std::ceil(std::clamp(seconds * 1000, 0.0, most))));
}

double seconds_of(model::Instant instant) {
  return static_cast<double>(instant.seconds) + 1e-9 * instant.nanoseconds;
}

// What the waits of one answer are counted from.
struct Clock {
  model::Instant source;  // when it answered, by its own clock
  model::Instant ours;

  milliseconds until(model::Instant instant) const {
    return clamped(seconds_of(instant) - seconds_of(source));
  }
};

Wait read_retry_after(std::string_view text, const Clock& clock) {
  if (const auto seconds = number(text)) {
    return clamped(*seconds);
  }
  const auto date = parse_http_date(text, clock.ours);
  return date ? Wait(clock.until(*date)) : std::nullopt;
}

Wait read_reset(std::string_view text, const Clock& clock) {
  const auto value = number(text);
  if (!value) {
    auto date = parse_http_date(text, clock.ours);
    if (!date) {
      date = model::parse_rfc3339(text);
    }
    return date ? Wait(clock.until(*date)) : std::nullopt;
  }
  if (*value < first_epoch_second) {
    return clamped(*value);
  }
  if (*value < first_epoch_millisecond) {
    return clamped(*value - seconds_of(clock.source));
  }
  if (*value < last_epoch_millisecond) {
    return clamped(*value / 1000 - seconds_of(clock.source));
  }
  return {};
}

// What is known of one limit.
struct Limit {
  bool counted = false;    // it is said what remains
  bool exhausted = false;  // nothing does
  Wait reset;

  void remaining(std::string_view text) {
    if (const auto left = number(text)) {
      counted = true;
      exhausted = exhausted || *left <= 0;
    }
  }

  // nullopt is less than any wait.
  void reset_at(Wait wait) { reset = std::max(reset, wait); }

  // `refused`: the answer itself says that something was too much.
  Wait wait(bool refused) const {
    if (exhausted) {
      return reset.value_or(milliseconds(0));
    }
    return refused && !counted ? reset : std::nullopt;
  }
};

// Splits at every ',' and ';' that is not in quotes.
std::vector<std::string_view> parts(std::string_view text) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') {
      quoted = !quoted;
    }
    if (i == text.size() || (!quoted && (text[i] == ',' || text[i] == ';'))) {
      parts.push_back(trimmed(text.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  return parts;
}

// `limit=100, remaining=0, reset=7` is one limit; of `"a";r=0;t=7, "b";r=1;t=9`
// each name begins one.
void read_limits(std::string_view text, const Clock& clock,
                 std::vector<Limit>& limits) {
  limits.emplace_back();
  for (const auto part : parts(text)) {
    const auto equals = part.find('=');
    if (part.starts_with('"') || equals == part.npos) {
      limits.emplace_back();
      continue;
    }
    const auto name = trimmed(part.substr(0, equals));
    const auto value = trimmed(part.substr(equals + 1));
    if (same_header(name, "remaining") || name == "r") {
      limits.back().remaining(value);
    } else if (same_header(name, "reset") || name == "t") {
      limits.back().reset_at(read_reset(value, clock));
    }
  }
}

std::vector<Limit> read_limits(const Headers& headers, const Clock& clock) {
  static const std::array<std::string, 4> families = {
      "RateLimit", "Rate-Limit", "X-RateLimit", "X-Rate-Limit"};
  std::vector<Limit> limits(families.size());
  for (const auto& [name, text] : headers) {
    const auto value = trimmed(text);
    for (std::size_t i = 0; i < families.size(); ++i) {
      if (same_header(name, families[i] + "-Remaining")) {
        limits[i].remaining(value);
      } else if (same_header(name, families[i] + "-Reset")) {
        limits[i].reset_at(read_reset(value, clock));
      }
    }
    if (same_header(name, "RateLimit")) {
      read_limits(value, clock, limits);
    }
  }
  return limits;
}

}  // namespace

std::optional<milliseconds> asked_wait(const Response& response,
                                       model::Instant now) {
  const Clock clock{response.date.value_or(now), now};
  Wait wait;
  for (const auto& [name, value] : response.headers) {
    if (same_header(name, "Retry-After")) {
      wait = std::max(wait, read_retry_after(trimmed(value), clock));
    }
  }
  if (wait) {
    return wait;
  }
  const bool refused = response.status == 429 || response.status == 503;
  for (const auto& limit : read_limits(response.headers, clock)) {
    wait = std::max(wait, limit.wait(refused));
  }
  return wait;
}

}  // namespace strandline::http
