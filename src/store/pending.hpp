// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace strandline::store {

/// The parents whose children are still to be read. Members throw
/// SQLite::Exception.
class Pending {
 public:
  explicit Pending(SQLite::Database& database);

  /// The children `child` (a stream's `owner`) of the record `key` are due,
  /// from the begin, with `values` as model::parent_values writes them.
  void add(const std::string& child, const std::string& key,
           const std::string& values, std::int64_t run_id,
           const std::string& now);

  /// The record is gone: nothing of it is due any more.
  void remove(const std::string& child, const std::string& key);

  /// Stores how far the children of a parent are read, unless it has changed
  /// since.
  void save(const std::string& child, const ParentStep& step);

  /// Makes `parents` what is due of a child, where they say, and nothing else.
  void replace(const std::string& child,
               const std::vector<PendingParent>& parents, std::int64_t run_id,
               const std::string& now);

  /// Returns at most `limit` parents, those that have waited longest first.
  std::vector<PendingParent> first(const std::string& child, std::size_t limit);

 private:
  SQLite::Statement add_;
  SQLite::Statement remove_;
  SQLite::Statement forget_;
  SQLite::Statement done_;
  SQLite::Statement save_;
  SQLite::Statement first_;
};

}  // namespace strandline::store
