// SPDX-License-Identifier: MIT
#include "store/commit_watch.hpp"

#include <sqlite3.h>

#include <utility>

namespace strandline::store {
namespace {

int on_commit(void* watch) {
  static_cast<CommitWatch*>(watch)->before_commit();
  return 0;
}

void on_rollback(void* watch) {
  static_cast<CommitWatch*>(watch)->after_rollback();
}

int on_statement_end(unsigned, void* watch, void*, void*) {
  static_cast<CommitWatch*>(watch)->after_statement();
  return 0;
}

}  // namespace

void CommitWatch::watch(SQLite::Database& database) {
  if (!told_) {
    return;
  }
  auto* const handle = database.getHandle();
  sqlite3_commit_hook(handle, on_commit, this);
  sqlite3_rollback_hook(handle, on_rollback, this);
  sqlite3_trace_v2(handle, SQLITE_TRACE_PROFILE, on_statement_end, this);
}

void CommitWatch::before_commit() noexcept {
  committing_ = true;
  told_(CommitMoment::before);
}

// SQLite has a hook for the begin of a commit only: it is done when the
// statement is that made it.
void CommitWatch::after_statement() noexcept {
  if (std::exchange(committing_, false)) {
    told_(CommitMoment::after);
  }
}

}  // namespace strandline::store
