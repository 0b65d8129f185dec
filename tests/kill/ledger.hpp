// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "changing_source.hpp"
#include "left_behind.hpp"

namespace strandline::test {

/// What a stream's rows and checkpoint must be after the pages it has
/// committed: the rules of the mark, written down a second time.
struct StreamState {
  struct Window {
    std::int64_t number = 1;
    std::string mode;
    std::optional<std::int64_t> from;  ///< milliseconds since 2024
    std::int64_t date_ms = 0;          ///< `Date` of its first answer
    std::optional<std::int64_t> maximum;
    std::int64_t read = 0;
    std::string position;
  };

  std::vector<int> revisions;  ///< by id - 1; 0: no row
  std::optional<std::int64_t> mark;
  std::int64_t generation = 0;
  std::int64_t complete_number = 0;
  std::int64_t complete_date_ms = 0;
  std::optional<Window> window;

  /// Takes the next page of a run, which `full` opens its windows in.
  void apply(const ServedPage& page, const ChangingSource& source, bool full);
  /// What `found` has otherwise; empty: nothing.
  std::string difference(const FoundStream& found) const;
};

/// The pages that one run of the stream was sent.
struct RunPages {
  std::vector<ServedPage> pages;
  bool full = false;
};

/// Follows a stream from kill to kill: what is found must be what was there
/// before with a number of whole pages of the runs since, in order, committed.
class Ledger {
 public:
  explicit Ledger(std::string stream) : stream_(std::move(stream)) {}

  /// Takes what was found after these runs, which followed each other in this
  /// order. Throws Violation if no number of pages explains it.
  void explain(const FoundStream& found, const std::vector<RunPages>& runs,
               const ChangingSource& source);

  /// Throws Violation unless the table is the source's list of now and no
  /// window is open.
  void require_complete(const ChangingSource& source) const;

  const StreamState& state() const { return state_; }

 private:
  bool explained(const StreamState& from, const FoundStream& found,
                 const std::vector<RunPages>& runs, std::size_t run,
                 const ChangingSource& source);

  std::string stream_;
  StreamState state_;
  std::string nearest_;  // the smallest difference that was found
};

}  // namespace strandline::test
