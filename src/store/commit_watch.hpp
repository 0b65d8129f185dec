// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include <utility>

#include "store/store.hpp"

namespace strandline::store {

/// Has somebody told of the commits of connections, whoever makes them. It must
/// outlive the connections.
class CommitWatch {
 public:
  explicit CommitWatch(OnCommit told) : told_(std::move(told)) {}
  CommitWatch(const CommitWatch&) = delete;
  CommitWatch& operator=(const CommitWatch&) = delete;

  /// Watches a connection from now on; does nothing if nobody is to be told.
  void watch(SQLite::Database& database);

  void before_commit() noexcept;
  void after_statement() noexcept;
  void after_rollback() noexcept { committing_ = false; }

 private:
  OnCommit told_;
  bool committing_ = false;
};

}  // namespace strandline::store
