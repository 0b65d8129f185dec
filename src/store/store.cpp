// SPDX-License-Identifier: MIT
#include "store/store.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "store/connection.hpp"
#include "store/runs.hpp"
#include "store/store_impl.hpp"

namespace strandline::store {
namespace {

// The same for every name of a file, so that its lock is one; and absolute,
// because SQLite takes "file:…" for a URI.
std::filesystem::path real_path(const std::filesystem::path& file) {
  std::error_code error;
  auto real = std::filesystem::weakly_canonical(
      std::filesystem::absolute(file, error), error);
  if (error) {
    throw StoreError(
        ExitCode::cannot_create,
        "cannot find the database " + file.string() + ": " + error.message());
  }
  return real;
}

}  // namespace

std::string stored_time(model::Instant now) {
  return model::to_rfc3339(now, 3);
}

Counts& Counts::operator+=(const Counts& other) {
  fetched += other.fetched;
  inserted += other.inserted;
  updated += other.updated;
  unchanged += other.unchanged;
  stale += other.stale;
  rejected += other.rejected;
  repeated += other.repeated;
  replaced += other.replaced;
  deleted += other.deleted;
  without_children += other.without_children;
  requests += other.requests;
  retries += other.retries;
  bytes += other.bytes;
  cursors += other.cursors;
  lateness_s = std::max(lateness_s, other.lateness_s);
  return *this;
}

Store::Impl::Impl(const std::filesystem::path& path, model::Journal mode,
                  std::chrono::milliseconds wait, OnCommit on_commit)
    : file(path),
      journal(mode),
      patience(wait),
      lock(path),
      watch(std::move(on_commit)),
      connection(std::make_shared<SQLite::Database>(
          open_for_writing(path, mode, wait))) {
  watch.watch(*connection);
}

std::shared_ptr<SQLite::Database> Store::Impl::open() {
  if (!connection) {
    connection = std::make_shared<SQLite::Database>(
        reopen_for_writing(file, journal, patience));
    watch.watch(*connection);
  }
  return connection;
}

// All let go of it: a connection that somebody keeps open holds its locks and
// what it believes to be in the log, and a new one would look at both.
void Store::Impl::drop() {
  for (auto* const user : users) {
    user->let_go();
  }
  connection.reset();
}

Store::Store(const std::filesystem::path& file, model::Journal journal,
             std::chrono::milliseconds patience, OnCommit on_commit)
    : impl_(std::make_unique<Impl>(real_path(file), journal, patience,
                                   std::move(on_commit))) {}

Store::~Store() = default;

std::int64_t Store::begin_run(model::Instant now) {
  return guarded("begin a run", [&] {
    return impl_->transact([&](SQLite::Database& database) {
      return Runs(database).begin(stored_time(now));
    });
  });
}

void Store::enter_failure(std::int64_t run_id, const std::string& pipeline_name,
                          const Ending& ending, model::Instant now) {
  impl_->in_turn("enter a failure of " + pipeline_name, [&] {
    impl_->transact([&](SQLite::Database& database) {
      Runs runs(database);
      runs.enter(run_id, pipeline_name, "", stored_time(now));
      runs.finish(run_id, pipeline_name, ending, stored_time(now));
      return true;
    });
  });
}

void Store::checkpoint_log() {
  if (!impl_->connection) {
    return;  // it was closed after an error, which emptied the log if it could
  }
  auto* handle = impl_->connection->getHandle();
  sqlite3_busy_timeout(handle, 0);
  sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                            nullptr, nullptr);
  sqlite3_busy_timeout(handle, static_cast<int>(impl_->patience.count()));
}

}  // namespace strandline::store
