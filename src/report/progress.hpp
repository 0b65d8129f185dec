// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "strandline/sync.hpp"

namespace strandline::report {

/// The streams that are being read, in the order in which they first told how
/// far they are. Not thread-safe.
class StreamsAtWork {
 public:
  /// Takes in what one told; one that has ended is at work no longer.
  void take(const Progress& progress);

  bool empty() const { return streams_.empty(); }

  /// One line of at most `width` characters about all of them: how many records
  /// each has, and of one alone how many requests. Empty if none is at work.
  std::string line(std::size_t width) const;

  /// A line about each.
  std::vector<std::string> lines() const;

 private:
  std::vector<Progress> streams_;
};

}  // namespace strandline::report
