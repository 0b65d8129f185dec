// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <optional>
#include <string>

#include "model/cursor.hpp"
#include "store/store.hpp"

namespace strandline::store {

/// The table pipeline_runs. Members throw SQLite::Exception.
class Runs {
 public:
  explicit Runs(SQLite::Database& database) : database_(database) {}

  /// Returns the next run's number, and closes rows left `running`: their
  /// process is gone, or it would hold the lock.
  std::int64_t begin(const std::string& now);

  /// Enters a list in the run, with the mark that its checkpoint has. `mode`
  /// may be empty. Does nothing if it is entered already.
  void enter(std::int64_t run_id, const std::string& pipeline_name,
             const std::string& mode, const std::string& now);

  /// Adds a batch's counts, and the mark after it.
  void add(std::int64_t run_id, const std::string& pipeline_name,
           const Counts& counts, const std::optional<model::CursorValue>& mark);

  /// Enters a mark that did not come with a batch.
  void set_mark(std::int64_t run_id, const std::string& pipeline_name,
                const std::optional<model::CursorValue>& mark);

  /// Enters when a list's part failed, before it is known how it ends.
  void enter_failing(std::int64_t run_id, const std::string& pipeline_name,
                     const std::string& now);

  /// Returns the newest mark at the end of a run that is of the kind of `limit`
  /// and not after it.
  std::optional<model::CursorValue> mark_in_history(
      const std::string& pipeline_name, const model::CursorValue& limit);

  /// Enters the end.
  void finish(std::int64_t run_id, const std::string& pipeline_name,
              const Ending& ending, const std::string& now);

 private:
  SQLite::Database& database_;
};

}  // namespace strandline::store
