// SPDX-License-Identifier: MIT
//
// The source's face: answers a request for a page of the world's records.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "feed.hpp"
#include "http/transport.hpp"
#include "http/url.hpp"
#include "world.hpp"

namespace strandline::simulator {

/// What one request brought.
struct Served {
  bool usable = false;               ///< an answer with a page
  bool first = false;                ///< from the list's begin
  bool end = false;                  ///< it says that it is the last
  bool of_all = false;               ///< the first page, and without a token
  bool token_refused = false;        ///< that of the last complete window
  std::optional<std::string> token;  ///< it names for the next run
  std::vector<std::int64_t> rows;    ///< versions by number
  Ms looked_ms = 0;                  ///< when the source looked
};

class SourceApi {
 public:
  SourceApi(const Scenario& scenario, const World& world)
      : scenario_(scenario), world_(world) {}

  /// Answers as of now, from the list as it was `behind_ms` ago. The caller
  /// sets the answer's date. Fault::connection is the caller's too.
  Served answer(const std::string& url, Ms behind_ms, Fault fault,
                http::Response& response);

 private:
  using Key = std::array<std::int64_t, 3>;
  using List = std::vector<const Version*>;

  struct Place {
    bool expired = false;
    std::size_t begin = 0;
    bool by_token = false;  ///< of the page before
    std::string snapshot;
    FeedPlace last;  ///< of a feed: so far it has been handed out
  };

  Key key(const Version& version) const;
  /// What a request asks for; empty: no bound.
  struct Bounds {
    std::string since;
    std::string until;
    std::optional<FeedToken> token;
  };

  Bounds bounds(const http::Query& query) const;
  bool refuses(const Bounds& bounds, const Place& place) const;
  bool matches(const Version& version, const Bounds& bounds) const;
  List list(Ms time, const Bounds& bounds) const;
  List all(Ms time) const;
  Place place(const http::Query& query, std::size_t limit, Ms time, List& list);
  void take_token(const std::string& token, List& list, Place& place);
  std::string token(const List& list, std::size_t begin,
                    const std::string& snapshot);
  std::string delta(const List& list, std::size_t stop, const Bounds& bounds,
                    const Place& place, std::size_t limit);
  std::string body(const Served& served, const std::string& next,
                   const std::string& delta, bool more,
                   std::size_t total) const;

  const Scenario& scenario_;
  const World& world_;
  std::map<std::string, std::vector<std::int64_t>> snapshots_;
  std::int64_t tokens_ = 0;
};

}  // namespace strandline::simulator
