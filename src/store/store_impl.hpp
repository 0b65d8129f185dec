// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "store/error.hpp"
#include "store/lock.hpp"
#include "store/store.hpp"

namespace strandline::store {

/// Our own clock as the tables keep it.
std::string stored_time(model::Instant now);

/// The lock and the connection. The latter is shared with those who have
/// statements on it, so that it is closed when the last of them are gone.
struct Store::Impl {
  Impl(const std::filesystem::path& path, model::Journal mode,
       std::chrono::milliseconds wait);

  /// The connection; opened again if it was dropped. Throws StoreError.
  std::shared_ptr<SQLite::Database> open();

  /// Lets go of the connection: what it says is not to be relied on.
  void drop() noexcept { connection.reset(); }

  /// Returns what `work` returns, which is given the connection in a
  /// transaction. Throws what it throws, and SQLite::Exception; then nothing
  /// is committed, or, if that is unknown, the connection is gone.
  template <typename Work>
  auto transact(Work work);

  std::filesystem::path file;
  model::Journal journal;
  std::chrono::milliseconds patience;
  Lock lock;
  std::shared_ptr<SQLite::Database> connection;
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
