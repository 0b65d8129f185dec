// SPDX-License-Identifier: MIT
#pragma once

#include <httplib.h>

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "loopback_server.hpp"

namespace strandline::test {

/// What one request was answered with.
struct ServedPage {
  std::string stream;
  std::vector<std::pair<int, int>> records;  ///< id and revision, in order
  std::string next;  ///< token or reference of the next page; empty: the last
  std::int64_t date_ms = 0;  ///< its `Date`
  std::int64_t number = 0;   ///< rises with each page that any run is sent
};

/// A source on loopback whose records are created, changed and re-stamped
/// between requests, and which remembers every version of each and every page
/// it sent. Its one list is served in the ways of `stream_names()`, each paged
/// by the last record's place, so that changes shift nothing. A run is told
/// from another by its bearer token.
///
/// Its clock is its own and jumps by whole ten seconds; stamps lie in the first
/// second after a jump. A window's T0 is so before or after a stamp whatever
/// the time an answer took, up to eight seconds.
///
/// Times are milliseconds since 2024. All members may be called while it
/// serves.
class ChangingSource {
 public:
  /// Called before a request is answered, with the run's token and the number
  /// of the run's request, from 1. May block.
  using Hook = std::function<void(const std::string& run, int request)>;

  ChangingSource(int records, std::uint32_t seed);
  ChangingSource(const ChangingSource&) = delete;
  ChangingSource& operator=(const ChangingSource&) = delete;

  /// The streams' names, each the path it is served at; all but "snapshot"
  /// have a cursor.
  static const std::vector<std::string>& stream_names();

  std::string url() const { return server_.url(); }

  void set_hook(Hook hook);
  /// Whether records change while they are read; from the begin they do not.
  void change_while_read(bool yes);
  /// Creates, changes or re-stamps so many records.
  void change(int count);
  /// Lets ten seconds pass.
  void pass_time();

  /// Returns the pages sent to a run, in order; forgets them.
  std::vector<ServedPage> take_pages(const std::string& run);

  int size() const;            ///< ids are 1 to this
  int revision(int id) const;  ///< the current one, from 1
  std::int64_t stamp(int id, int revision) const;
  /// Whether this was a version of the record at any time.
  bool had(int id, int revision, const std::string& updated_at,
           const std::string& name) const;

 private:
  /// An order is a rank for each id; a list is read by rising rank.
  using Place = std::pair<std::int64_t, int>;

  void answer(const std::string& stream, const httplib::Request& request,
              httplib::Response& response);
  std::vector<int> select(const std::string& stream, const std::string& after,
                          std::int64_t since, std::size_t limit,
                          std::string& next) const;
  void change_locked(int count);
  void renew(int id);
  int random(int from, int to);

  struct Version {
    std::int64_t stamp;
    std::string updated_at;
    std::string name;
  };

  mutable std::mutex mutex_;
  std::mt19937 random_;
  std::int64_t clock_ms_ = 86'400'000;
  std::vector<std::vector<Version>> versions_;  // by id - 1 and revision - 1
  std::vector<std::string> texts_;              // by id - 1
  std::set<Place> by_stamp_;
  std::set<Place> by_scatter_;  // an order that says nothing about stamps
  std::map<std::string, std::vector<ServedPage>> pages_;  // by run
  std::map<std::string, int> requests_;                   // by run
  std::int64_t served_ = 0;
  Hook hook_;
  bool restless_ = false;
  LoopbackServer server_;  // last: it serves until it is gone
};

/// Milliseconds since 2024 as RFC 3339 UTC with so many digits (3 or 9).
std::string to_text(std::int64_t ms, int digits);

}  // namespace strandline::test
