// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <string>

#include "model/records.hpp"
#include "store/store.hpp"

namespace strandline::store {

/// The rejects of one stream. Members throw SQLite::Exception.
class Rejects {
 public:
  /// What is kept is of the list `list`: `[element]` and `list` of its
  /// StreamDefinition.
  Rejects(SQLite::Database& database, std::string pipeline_name,
          std::string list, std::int64_t run_id);

  /// Keeps `reject`, in the place of what was kept of the same record.
  void keep(const model::Reject& reject, const std::string& now);

  /// The record `key` was loaded: what was kept of it is done with.
  void resolve(const std::string& key, const std::string& now);

  /// Returns the reason that most of what the run kept and is not done with
  /// has.
  CommonReason commonest_reason();

  /// True if anything is kept that is not done with; cheap.
  bool any() const { return open_ > 0; }

 private:
  SQLite::Database& database_;
  std::string pipeline_name_;
  std::string list_;
  std::int64_t run_id_;
  std::int64_t open_;
  SQLite::Statement keep_;
  SQLite::Statement resolve_;
};

}  // namespace strandline::store
