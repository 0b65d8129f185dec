// SPDX-License-Identifier: MIT
#include "feed.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace strandline::simulator {
namespace {

constexpr const char* sign = "feed.";

}  // namespace

FeedPlace place_of(const Version& version) {
  return {version.visible_ms, version.number};
}

std::string feed_token(const FeedPlace& place, Ms now, std::int64_t count) {
  return fmt::format("{}{}.{}.{}.{}", sign, place.visible_ms, place.number, now,
                     count);
}

std::optional<FeedToken> parse_feed_token(const std::string& text) {
  const auto begin = text.rfind(sign);
  if (begin == std::string::npos) {
    return {};
  }
  const char* at = text.c_str() + begin + std::string(sign).size();
  const auto next = [&at] {
    char* stop = nullptr;
    const std::int64_t value = std::strtoll(at, &stop, 10);
    at = *stop == '.' ? stop + 1 : stop;
    return value;
  };
  FeedToken token;
  token.place.visible_ms = next();
  token.place.number = next();
  token.given_ms = next();
  return token;
}

}  // namespace strandline::simulator
