// SPDX-License-Identifier: MIT
//
// The places of a feed: a source's log of changes, in the order in which they
// came to be shown. A token for the next run is such a place in disguise.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "world.hpp"

namespace strandline::simulator {

/// Everything up to and with this change has been handed out.
struct FeedPlace {
  Ms visible_ms = std::numeric_limits<Ms>::min();
  std::int64_t number = 0;  ///< the version's

  friend auto operator<=>(const FeedPlace&, const FeedPlace&) = default;
};

/// Where in the log a version stands.
FeedPlace place_of(const Version& version);

/// Returns a token for `place`, as it is given at `now`; `count` makes it
/// another each time.
std::string feed_token(const FeedPlace& place, Ms now, std::int64_t count);

/// A token that was handed out.
struct FeedToken {
  FeedPlace place;
  Ms given_ms = 0;

  friend bool operator==(const FeedToken&, const FeedToken&) = default;
};

/// Reads a token, also one that ends a URL; nothing where there is none.
std::optional<FeedToken> parse_feed_token(const std::string& text);

}  // namespace strandline::simulator
