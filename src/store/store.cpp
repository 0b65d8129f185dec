// SPDX-License-Identifier: MIT
#include "store/store.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>

#include "store/checkpoints.hpp"
#include "store/connection.hpp"
#include "store/error.hpp"
#include "store/lock.hpp"
#include "store/rejects.hpp"
#include "store/runs.hpp"
#include "store/table.hpp"

namespace strandline::store {
namespace {

std::string to_text(model::Instant instant) {
  return model::to_rfc3339(instant, 3);
}

void require_fingerprint(const model::Checkpoint& checkpoint,
                         const std::string& fingerprint,
                         const std::string& name) {
  const bool has_mark = checkpoint.mark || checkpoint.complete_maximum;
  if (!has_mark || checkpoint.fingerprint == fingerprint) {
    return;
  }
  throw StoreError(
      ExitCode::configuration,
      fmt::format("the definition of {} has changed, and its mark no longer "
                  "fits it",
                  name),
      {{"was", checkpoint.fingerprint},
       {"is", fingerprint},
       {"try", "strandline sync --full " + name.substr(name.find('.') + 1) +
                   ", which reads the whole list once"}});
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

Counts& Counts::operator+=(const Counts& other) {
  fetched += other.fetched;
  inserted += other.inserted;
  updated += other.updated;
  unchanged += other.unchanged;
  rejected += other.rejected;
  requests += other.requests;
  bytes += other.bytes;
  cursors += other.cursors;
  return *this;
}

struct Store::Impl {
  Impl(const std::filesystem::path& file, model::Journal journal,
       std::chrono::milliseconds wait)
      : patience(wait),
        lock(file),
        database(open_for_writing(file, journal, wait)) {}

  std::chrono::milliseconds patience;
  Lock lock;
  SQLite::Database database;
};

Store::Store(const std::filesystem::path& file, model::Journal journal,
             std::chrono::milliseconds patience)
    : impl_(std::make_unique<Impl>(real_path(file), journal, patience)) {}

Store::~Store() = default;

std::int64_t Store::begin_run(model::Instant now) {
  return guarded("begin a run", [&] {
    auto& database = impl_->database;
    SQLite::Transaction transaction(database,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    const auto run_id = Runs(database).begin(to_text(now));
    transaction.commit();
    return run_id;
  });
}

void Store::enter_failure(std::int64_t run_id, const std::string& pipeline_name,
                          const Ending& ending, model::Instant now) {
  guarded("enter a failure of " + pipeline_name, [&] {
    auto& database = impl_->database;
    SQLite::Transaction transaction(database,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    Runs runs(database);
    runs.enter(run_id, pipeline_name, {}, to_text(now));
    runs.finish(run_id, pipeline_name, ending, to_text(now));
    transaction.commit();
  });
}

void Store::checkpoint_log() {
  auto* handle = impl_->database.getHandle();
  sqlite3_busy_timeout(handle, 0);
  sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                            nullptr, nullptr);
  sqlite3_busy_timeout(handle, static_cast<int>(impl_->patience.count()));
}

struct StreamWriter::Impl {
  Impl(Store& owner, std::int64_t run,
       const model::StreamDefinition& definition)
      : store(*owner.impl_),
        database(store.database),
        run_id(run),
        stream(definition),
        name(definition.pipeline_name()),
        checkpoints(database),
        runs(database),
        rejects(database, name, run),
        table(database, definition) {}

  void take(const std::string& fingerprint, bool full, const std::string& now);
  void write(const model::RecordBatch& page, const std::string& now,
             Counts& counts);

  Store::Impl& store;
  SQLite::Database& database;
  std::int64_t run_id;
  const model::StreamDefinition& stream;
  std::string name;
  bool failed = false;
  model::Checkpoint checkpoint;
  Checkpoints checkpoints;
  Runs runs;
  Rejects rejects;
  Table table;
};

void StreamWriter::Impl::take(const std::string& fingerprint, bool full,
                              const std::string& now) {
  SQLite::Transaction transaction(database,
                                  SQLite::TransactionBehavior::IMMEDIATE);
  const auto known = checkpoints.load(name);
  checkpoint = known.value_or(model::Checkpoint{});
  if (!full) {
    require_fingerprint(checkpoint, fingerprint, name);
    if (table.lost()) {
      throw StoreError(
          ExitCode::configuration,
          fmt::format("the table '{}' of {} was dropped", stream.name, name),
          {{"try", "strandline sync --full " + stream.name +
                       ", which reads the whole list into a new table"}});
    }
  }
  checkpoints.take(name, run_id, now);
  if (full) {
    checkpoint.generation = checkpoints.raise_generation(name);
  }
  const bool redefined = checkpoint.fingerprint != fingerprint;
  if (redefined) {
    // Should this run end before its first batch, the next begins as it does.
    checkpoint.mark.reset();
    checkpoint.complete_anchor.reset();
    checkpoint.complete_maximum.reset();
    checkpoint.fingerprint = fingerprint;
  }
  if (full || redefined) {
    checkpoint.window.reset();
    checkpoints.save(name, run_id, checkpoint, now);
  }
  runs.enter(run_id, name, checkpoint.mark, now);
  transaction.commit();
}

void StreamWriter::Impl::write(const model::RecordBatch& page,
                               const std::string& now, Counts& counts) {
  table.add_fields(page);
  for (const auto& record : page.records) {
    model::Reject reject;
    const auto change = table.upsert(page, record, reject.reason);
    if (!change) {
      reject.key = page.key_of(record, stream.key.size());
      reject.raw = page.raw_of(record);
      rejects.keep(reject, now);
      ++counts.rejected;
      continue;
    }
    ++(*change == Change::inserted  ? counts.inserted
       : *change == Change::updated ? counts.updated
                                    : counts.unchanged);
    if (rejects.any()) {
      rejects.resolve(page.key_of(record, stream.key.size()), now);
    }
  }
  for (const auto& reject : page.rejects) {
    rejects.keep(reject, now);
    ++counts.rejected;
  }
  counts.fetched +=
      static_cast<std::int64_t>(page.records.size() + page.rejects.size());
}

StreamWriter::StreamWriter(Store& store, std::int64_t run_id,
                           const model::StreamDefinition& stream,
                           const std::string& fingerprint, bool full,
                           model::Instant now) {
  guarded("begin " + stream.pipeline_name(), [&] {
    impl_ = std::make_unique<Impl>(store, run_id, stream);
    impl_->take(fingerprint, full, to_text(now));
  });
}

StreamWriter::~StreamWriter() = default;

const model::Checkpoint& StreamWriter::checkpoint() const {
  return impl_->checkpoint;
}

Counts StreamWriter::commit(const Batch& batch, model::Instant now) {
  auto& own = *impl_;
  if (std::exchange(own.failed, true)) {
    throw StoreError(ExitCode::bug,
                     "a batch of " + own.name + " follows one that failed");
  }
  return guarded("write a batch of " + own.name, [&] {
    const auto time = to_text(now);
    SQLite::Transaction transaction(own.database,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    Counts counts = batch.counts;
    own.table.begin(own.run_id, time);
    for (const auto& page : batch.pages) {
      own.write(page, time, counts);
    }
    own.runs.add(own.run_id, own.name, counts, batch.after.mark);
    if (!own.checkpoints.save(own.name, own.run_id, batch.after, time)) {
      throw StoreError(ExitCode::temporary,
                       "another run has taken " + own.name +
                           ": this one commits nothing more of it",
                       {{"try", "run again"}});
    }
    if (!batch.after.window && own.table.lost()) {
      own.table.forget();  // the list is empty: there is nothing to make anew
    }
    require_unmoved(own.database);
    transaction.commit();
    own.checkpoint = batch.after;
    own.failed = false;
    return counts;
  });
}

std::int64_t StreamWriter::rows() const {
  const auto& own = *impl_;
  return guarded("count the rows of " + own.name,
                 [&] { return own.table.rows(); });
}

void StreamWriter::finish(const Ending& ending, model::Instant now) {
  auto& own = *impl_;
  guarded("end " + own.name,
          [&] { own.runs.finish(own.run_id, own.name, ending, to_text(now)); });
}

}  // namespace strandline::store
