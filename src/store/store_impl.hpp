// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "store/commit_watch.hpp"
#include "store/error.hpp"
#include "store/lock.hpp"
#include "store/store.hpp"
#include "store/ticket_lock.hpp"

namespace strandline::store {

/// Our own clock as the tables keep it.
std::string stored_time(model::Instant now);

/// Who keeps statements on the connection from one turn to the next.
class ConnectionUser {
 public:
  /// Drops all that is prepared on the connection; it is closed after that.
  virtual void let_go() = 0;

 protected:
  ~ConnectionUser() = default;
};

/// The lock and the connection. The latter is shared with those who have
/// statements on it, so that it is closed when the last of them are gone. What
/// is here belongs to the thread whose turn it is.
struct Store::Impl {
  Impl(const std::filesystem::path& path, model::Journal mode,
       std::chrono::milliseconds wait, OnCommit on_commit);

  /// The connection; opened again if it was dropped. Throws StoreError.
  std::shared_ptr<SQLite::Database> open();

  /// Closes the connection: what it says is not to be relied on. Nobody has a
  /// transaction open.
  void drop();

  /// Returns what `work` returns; meanwhile no other thread is at the database.
  /// Makes StoreErrors of what SQLite throws, as `guarded`.
  template <typename Work>
  auto in_turn(const std::string& doing, Work work) {
    const std::lock_guard turn(turns);
    return guarded(doing, std::move(work));
  }

  /// Returns what `work` returns, which is given the connection in a
  /// transaction. Throws what it throws, and SQLite::Exception; then nothing
  /// is committed, or, if that is unknown, the connection is gone.
  template <typename Work>
  auto transact(Work work);

  std::filesystem::path file;
  model::Journal journal;
  std::chrono::milliseconds patience;
  Lock lock;
  CommitWatch watch;
  TicketLock turns;
  std::shared_ptr<SQLite::Database> connection;
  std::set<ConnectionUser*> users;
};

template <typename Work>
auto Store::Impl::transact(Work work) {
  const auto database = open();
  try {
    SQLite::Transaction transaction(*database,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    auto result = work(*database);
    transaction.commit();
    return result;
  } catch (const SQLite::Exception& error) {
    if (spoils_connection(error.getErrorCode())) {
      drop();
    }
    throw;
  }
}

}  // namespace strandline::store
