// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <string>
#include <vector>

namespace strandline::store {

/// The keys that a list's window has seen. Members throw SQLite::Exception.
class Seen {
 public:
  Seen(SQLite::Database& database, std::string pipeline_name);

  /// Begins a batch.
  void begin() { added_.clear(); }

  /// Remembers that a window saw `key`. False if it had seen it before.
  bool add(const std::string& key, std::int64_t window_number);

  /// Forgets the keys that were added since `begin`.
  void take_back();

  /// Forgets every key of the list, but for those that were missing.
  void forget();

 private:
  std::string pipeline_name_;
  std::vector<std::string> added_;
  SQLite::Statement add_;
  SQLite::Statement remove_;
  SQLite::Statement forget_;
};

}  // namespace strandline::store
