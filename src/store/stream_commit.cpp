// SPDX-License-Identifier: MIT
//
// Commits whose outcome is known, whatever the database says.
#include "store/meta.hpp"
#include "store/stream_writer_impl.hpp"

#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

namespace strandline::store {
namespace {

// Whether it was read from the file or not, which knows it by its times.
bool is_same(model::Checkpoint a, const model::Checkpoint& b) {
  a.complete_full = b.complete_full;
  return a == b;
}

// Whether the transaction that could not be committed is there to be rolled
// back, because another program was in the way. Of any other error the outcome
// is unknown.
bool is_still_open(SQLite::Database& database, const SQLite::Exception& error) {
  const int code = error.getErrorCode() & 0xFF;
  return (code == SQLITE_BUSY || code == SQLITE_LOCKED) &&
         sqlite3_get_autocommit(database.getHandle()) == 0;
}

// SQLite looks for itself with a rollback journal only. With a write-ahead log
// the commit would go to a log that belongs to no file any more.
void require_unmoved(SQLite::Database& database) {
  int moved = 0;
  sqlite3_file_control(database.getHandle(), nullptr, SQLITE_FCNTL_HAS_MOVED,
                       &moved);
  if (moved != 0) {
    throw SQLite::Exception("the file is no longer where it was",
                            SQLITE_READONLY_DBMOVED);
  }
}

// Moves what the write-ahead log holds into the file. What could not be synced
// may be gone from the log after a crash although it is read from there now.
void make_durable(SQLite::Database& database) {
  const int code =
      sqlite3_wal_checkpoint_v2(database.getHandle(), nullptr,
                                SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) {
    throw SQLite::Exception(database.getHandle(), code);
  }
}

StoreError unknown_outcome(const std::string& name,
                           const SQLite::Exception& error,
                           const StoreError& second) {
  return {second.code(),
          fmt::format("whether the last batch of {} was committed is unknown: "
                      "{}; then {}",
                      name, error.what(), second.what()),
          {{"try",
            "run again: the next run reads what the file holds and continues "
            "after it"}}};
}

}  // namespace

// Makes everything that is prepared on a connection.
void StreamWriter::Impl::connect() {
  session.emplace(store.open(), name, run_id, stream);
  add_key_function(*session->database);
  earliest = meta(*session->database, "from:" + stream.first_list());
  if (!known_fields.new_fields.empty()) {
    session->table.add_fields(known_fields);
  }
}

void StreamWriter::Impl::let_go() {
  if (session) {
    known_fields = session->table.known_fields();
    session.reset();
  }
}

// The session; a new one if an error took the last, of this writer or another.
Session& StreamWriter::Impl::live() {
  if (!session) {
    connect();
  }
  return *session;
}

// Commits what `work` writes, and `after` with it as the checkpoint. Until it
// is committed the writer counts as failed.
void StreamWriter::Impl::transact(const model::Checkpoint& after,
                                  const std::string& now,
                                  const std::function<void()>& work) {
  if (std::exchange(failed, true)) {
    throw StoreError(ExitCode::bug,
                     "a batch of " + name + " follows one that failed");
  }
  bool in_doubt = false;
  try {
    auto& database = *live().database;
    SQLite::Transaction transaction(database,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    work();
    require_unmoved(database);
    try {
      transaction.commit();
    } catch (const SQLite::Exception& error) {
      in_doubt = !is_still_open(database, error);
      throw;
    }
  } catch (const SQLite::Exception& error) {
    if (!in_doubt && !spoils_connection(error.getErrorCode())) {
      throw;
    }
    settle(after, in_doubt, error, now);
  }
  checkpoint = after;
  failed = false;
}

// The database may have committed although it says that it did not: what it
// holds is read from the file, over a new connection. Returns if `after` is
// committed, and throws `error` if not. What remains of a commit that failed in
// the write-ahead log could still come to life when the log is next read after
// a crash: only another commit in its place makes the answer a lasting one.
void StreamWriter::Impl::settle(const model::Checkpoint& after, bool in_doubt,
                                const SQLite::Exception& error,
                                const std::string& now) {
  bool committed = false;
  try {
    store.drop();
    guarded("open it again", [&] {
      connect();
      auto found = session->checkpoints.load(name);
      committed = in_doubt && found && checkpoint != after &&
                  is_same(*found, after) &&
                  session->checkpoints.holder(name) == run_id;
      checkpoint = found.value_or(model::Checkpoint{});
      if (committed) {
        make_durable(*session->database);
      } else if (in_doubt) {
        session->runs.enter_failing(run_id, name, now);
      }
    });
  } catch (const StoreError& second) {
    if (in_doubt) {
      throw unknown_outcome(name, error, second);
    }
  }
  if (!committed) {
    throw error;
  }
}

}  // namespace strandline::store
