// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <optional>
#include <string>

#include "model/checkpoint.hpp"
#include "store/store.hpp"

namespace strandline::store {

/// Returns a list's checkpoint, of a file of any format; nothing if it has none
/// yet. Throws SQLite::Exception, and StoreError for a row that no version of
/// the program wrote.
std::optional<model::Checkpoint> load_checkpoint(
    SQLite::Database& database, const std::string& pipeline_name);

/// As `Checkpoints::complete_times`, of a file of any format.
CompleteTimes load_complete_times(SQLite::Database& database,
                                  const std::string& pipeline_name);

/// The table pipeline_checkpoints. Members throw SQLite::Exception.
class Checkpoints {
 public:
  /// The file has the newest format.
  explicit Checkpoints(SQLite::Database& database);

  /// As `load_checkpoint`.
  std::optional<model::Checkpoint> load(const std::string& pipeline_name);

  /// Returns when a list was last read to its end; nothing if it never was.
  CompleteTimes complete_times(const std::string& pipeline_name);

  /// Makes `run_id` the one that may write the checkpoint, which is inserted if
  /// it is missing.
  void take(const std::string& pipeline_name, std::int64_t run_id,
            const std::string& now);

  /// Returns the run that may write the checkpoint.
  std::optional<std::int64_t> holder(const std::string& pipeline_name);

  /// Stores `checkpoint` if `run_id` still holds it at its generation. False,
  /// and nothing changed, if not.
  bool save(const std::string& pipeline_name, std::int64_t run_id,
            const model::Checkpoint& checkpoint, const std::string& now);

  /// Forgets a list but for its generation, which is raised. It is there then,
  /// and `run_id` holds it.
  void begin_anew(const std::string& pipeline_name, std::int64_t run_id,
                  const std::string& now);

  /// Says when a list was last read whole.
  void set_full_at(const std::string& pipeline_name, const std::string& time);

  /// The sweep of a list's whole reading is done.
  void end_sweep(const std::string& pipeline_name);

  /// Raises the generation, so that what an older run still has to commit is
  /// refused. Returns the new one.
  std::int64_t raise_generation(const std::string& pipeline_name);

 private:
  void bind_window(const std::optional<model::Window>& window);

  SQLite::Statement load_;
  SQLite::Statement insert_;
  SQLite::Statement take_;
  SQLite::Statement holder_;
  SQLite::Statement raise_;
  SQLite::Statement times_;
  SQLite::Statement anew_;
  SQLite::Statement full_at_;
  SQLite::Statement end_sweep_;
  SQLite::Statement save_;
};

}  // namespace strandline::store
