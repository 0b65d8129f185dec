// SPDX-License-Identifier: MIT
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "store/checkpoints.hpp"
#include "store/rejects.hpp"
#include "store/runs.hpp"
#include "store/seen.hpp"
#include "store/store_impl.hpp"
#include "store/table.hpp"

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

void require_fingerprint(const model::Checkpoint& checkpoint,
                         const std::string& fingerprint,
                         const std::string& name) {
  const bool has_mark =
      checkpoint.mark || checkpoint.complete_maximum || checkpoint.state;
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

void drop_mark(model::Checkpoint& checkpoint) {
  checkpoint.mark.reset();
  checkpoint.complete_anchor.reset();
  checkpoint.complete_maximum.reset();
}

// How late the record came; nothing if it did not.
std::optional<double> lateness(const std::optional<model::CursorValue>& cursor,
                               const model::Instant& mark) {
  const auto* at = cursor ? std::get_if<model::Instant>(&*cursor) : nullptr;
  if (at == nullptr || mark < *at) {
    return {};
  }
  return static_cast<double>(mark.seconds - at->seconds) +
         static_cast<double>(mark.nanoseconds - at->nanoseconds) * 1e-9;
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

// What is prepared on one connection.
struct Session {
  Session(std::shared_ptr<SQLite::Database> connection, const std::string& name,
          std::int64_t run_id, const model::StreamDefinition& stream)
      : database(std::move(connection)),
        checkpoints(*database),
        runs(*database),
        rejects(*database, stream.pipeline_name(), run_id),
        seen(*database, name),
        table(*database, stream) {}

  std::shared_ptr<SQLite::Database> database;
  Checkpoints checkpoints;
  Runs runs;
  Rejects rejects;
  Seen seen;
  Table table;
};

}  // namespace

struct StreamWriter::Impl {
  Impl(Store& owner, std::int64_t run,
       const model::StreamDefinition& definition, const std::string& list)
      : store(*owner.impl_),
        run_id(run),
        stream(definition),
        name(definition.pipeline_name() + list),
        is_backfill(list == backfill_list) {
    connect({});
  }

  void take(const Beginning& beginning, const std::string& now);
  void require_table() const;
  void connect(const model::RecordBatch& known_fields);
  Session& live();
  template <typename Work>
  void transact(const model::Checkpoint& after, const std::string& now,
                Work work);
  void settle(const model::Checkpoint& after, bool in_doubt,
              const SQLite::Exception& error, const std::string& now);
  void write(const Batch& batch, const std::string& now, Counts& counts);
  void write(const model::RecordBatch& page, const Batch& batch,
             const std::string& now, Counts& counts);
  void write_record(const model::RecordBatch& page, std::size_t number,
                    const Batch& batch, const std::string& now, Counts& counts);
  void keep(const model::Reject& reject, const Batch& batch,
            const std::string& now, Counts& counts);
  bool is_first(const std::string& key, const Batch& batch);
  void save(const model::Checkpoint& after, const std::string& now);

  Store::Impl& store;
  std::int64_t run_id;
  const model::StreamDefinition& stream;
  std::string name;
  bool is_backfill;
  bool failed = false;
  model::Checkpoint checkpoint;
  std::optional<Session> session;
};

void StreamWriter::Impl::require_table() const {
  if (session->table.lost()) {
    throw StoreError(
        ExitCode::configuration,
        fmt::format("the table '{}' of {} was dropped", stream.name, name),
        {{"try", "strandline sync --full " + stream.name +
                     ", which reads the whole list into a new table"}});
  }
}

// Within a transaction of the session's connection.
void StreamWriter::Impl::take(const Beginning& beginning,
                              const std::string& now) {
  auto& checkpoints = session->checkpoints;
  const auto known = checkpoints.load(name);
  checkpoint = known.value_or(model::Checkpoint{});
  const bool redefined = checkpoint.fingerprint != beginning.fingerprint;
  if (!beginning.full) {
    if (!is_backfill) {
      require_fingerprint(checkpoint, beginning.fingerprint, name);
    }
    require_table();
  }
  checkpoints.take(name, run_id, now);
  if (beginning.full || (is_backfill && known && redefined)) {
    checkpoint.generation = checkpoints.raise_generation(name);
  }
  if (redefined) {
    // Should this run end before its first batch, the next begins as it does.
    drop_mark(checkpoint);
    checkpoint.state.reset();
    checkpoint.fingerprint = beginning.fingerprint;
  } else if (beginning.full && stream.cursor && stream.cursor->step) {
    drop_mark(checkpoint);
  }
  if (beginning.full || redefined) {
    checkpoint.window.reset();
    checkpoints.save(name, run_id, checkpoint, now);
  }
  session->runs.enter(run_id, name, beginning.mode, now);
}

// True unless the window saw the key before.
bool StreamWriter::Impl::is_first(const std::string& key, const Batch& batch) {
  return !batch.first_wins || key.empty() ||
         session->seen.add(key, *batch.first_wins);
}

void StreamWriter::Impl::write_record(const model::RecordBatch& page,
                                      std::size_t number, const Batch& batch,
                                      const std::string& now, Counts& counts) {
  const auto& record = page.records[number];
  const auto key = [&] { return page.key_of(record, stream.key.size()); };
  if (batch.first_wins && !is_first(key(), batch)) {
    ++counts.stale;
    return;
  }
  const auto version =
      number < page.versions.size() ? page.versions[number] : std::nullopt;
  std::string misfit;
  const auto change = session->table.upsert(page, record, version, misfit);
  if (!change) {
    session->rejects.keep({misfit, key(), std::string(page.raw_of(record))},
                          now);
    ++counts.rejected;
    return;
  }
  switch (*change) {
    case Change::inserted:
      ++counts.inserted;
      break;
    case Change::updated:
      ++counts.updated;
      break;
    case Change::unchanged:
      ++counts.unchanged;
      break;
    case Change::stale:
      ++counts.stale;
      return;
  }
  if (batch.late_below && *change != Change::unchanged &&
      number < page.cursors.size()) {
    counts.lateness_s = std::max(
        counts.lateness_s, lateness(page.cursors[number], *batch.late_below));
  }
  if (session->rejects.any()) {
    session->rejects.resolve(key(), now);
  }
}

// What came after it in a window whose first records count is older, and does
// not get in although this one did not.
void StreamWriter::Impl::keep(const model::Reject& reject, const Batch& batch,
                              const std::string& now, Counts& counts) {
  if (is_first(reject.key, batch)) {
    session->rejects.keep(reject, now);
    ++counts.rejected;
  } else {
    ++counts.stale;
  }
}

void StreamWriter::Impl::write(const model::RecordBatch& page,
                               const Batch& batch, const std::string& now,
                               Counts& counts) {
  session->table.add_fields(page);
  auto reject = page.rejects.begin();
  for (std::size_t i = 0; i < page.records.size(); ++i) {
    for (; reject != page.rejects.end() && reject->records_before <= i;
         ++reject) {
      keep(*reject, batch, now, counts);
    }
    write_record(page, i, batch, now, counts);
  }
  for (; reject != page.rejects.end(); ++reject) {
    keep(*reject, batch, now, counts);
  }
  counts.fetched +=
      static_cast<std::int64_t>(page.records.size() + page.rejects.size());
}

// Everything that a batch's transaction holds.
void StreamWriter::Impl::write(const Batch& batch, const std::string& now,
                               Counts& counts) {
  if (batch.first_wins && (batch.begins_window || !checkpoint.window)) {
    session->seen.forget();
  }
  session->table.begin(run_id, now);
  for (const auto& page : batch.pages) {
    write(page, batch, now, counts);
  }
  if (batch.first_wins && !batch.after.window) {
    session->seen.forget();
  }
  session->runs.add(run_id, name, counts, batch.after.mark);
  save(batch.after, now);
  if (!batch.after.window && !is_backfill && session->table.lost()) {
    // The list is empty: there is nothing to make anew.
    session->table.forget();
  }
}

void StreamWriter::Impl::save(const model::Checkpoint& after,
                              const std::string& now) {
  if (!session->checkpoints.save(name, run_id, after, now)) {
    throw StoreError(ExitCode::temporary,
                     "another run has taken " + name +
                         ": this one commits nothing more of it",
                     {{"try", "run again"}});
  }
}

// Makes everything that is prepared on a connection.
void StreamWriter::Impl::connect(const model::RecordBatch& known_fields) {
  session.reset();
  session.emplace(store.open(), name, run_id, stream);
  if (!known_fields.new_fields.empty()) {
    session->table.add_fields(known_fields);
  }
}

// The session; a new one if an error took the last and no other took its place.
Session& StreamWriter::Impl::live() {
  if (!session) {
    connect({});
  }
  return *session;
}

// Commits what `work` writes, and `after` with it as the checkpoint. Until it
// is committed the writer counts as failed.
template <typename Work>
void StreamWriter::Impl::transact(const model::Checkpoint& after,
                                  const std::string& now, Work work) {
  if (std::exchange(failed, true)) {
    throw StoreError(ExitCode::bug,
                     "a batch of " + name + " follows one that failed");
  }
  bool in_doubt = false;
  try {
    SQLite::Transaction transaction(*session->database,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    work();
    require_unmoved(*session->database);
    try {
      transaction.commit();
    } catch (const SQLite::Exception& error) {
      in_doubt = !is_still_open(*session->database, error);
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
    const auto fields = session->table.known_fields();
    session.reset();
    store.drop();
    guarded("open it again", [&] {
      connect(fields);
      auto found = session->checkpoints.load(name);
      committed = in_doubt && found && checkpoint != after &&
                  is_same(*found, after) &&
                  session->checkpoints.holder(name) == run_id;
      checkpoint = found.value_or(model::Checkpoint{});
      if (in_doubt && !committed) {
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

StreamWriter::StreamWriter(Store& store, std::int64_t run_id,
                           const model::StreamDefinition& stream,
                           const Beginning& beginning, model::Instant now) {
  guarded("begin " + stream.pipeline_name() + beginning.list, [&] {
    impl_ = std::make_unique<Impl>(store, run_id, stream, beginning.list);
    impl_->store.transact([&](SQLite::Database&) {
      impl_->take(beginning, stored_time(now));
      return true;
    });
  });
}

StreamWriter::~StreamWriter() = default;

const model::Checkpoint& StreamWriter::checkpoint() const {
  return impl_->checkpoint;
}

Counts StreamWriter::commit(const Batch& batch, model::Instant now) {
  auto& own = *impl_;
  return guarded("write a batch of " + own.name, [&] {
    const auto time = stored_time(now);
    Counts counts = batch.counts;
    own.transact(batch.after, time, [&] { own.write(batch, time, counts); });
    return counts;
  });
}

std::optional<model::CursorValue> StreamWriter::mark_in_history(
    const model::CursorValue& no_later_than) {
  auto& own = *impl_;
  return guarded("read the history of " + own.name, [&] {
    return own.live().runs.mark_in_history(own.name, no_later_than);
  });
}

void StreamWriter::move_mark(const std::optional<model::CursorValue>& mark,
                             model::Instant now) {
  auto& own = *impl_;
  auto after = own.checkpoint;
  drop_mark(after);
  after.mark = mark;
  after.window.reset();
  guarded("move the mark of " + own.name, [&] {
    const auto time = stored_time(now);
    own.transact(after, time, [&] {
      own.save(after, time);
      own.session->runs.set_mark(own.run_id, own.name, mark);
    });
  });
}

std::int64_t StreamWriter::rows() const {
  auto& own = *impl_;
  return guarded("count the rows of " + own.name,
                 [&] { return own.live().table.rows(); });
}

void StreamWriter::finish(const Ending& ending, model::Instant now) {
  auto& own = *impl_;
  guarded("end " + own.name, [&] {
    own.store.transact([&](SQLite::Database& database) {
      Runs(database).finish(own.run_id, own.name, ending, stored_time(now));
      return true;
    });
  });
}

}  // namespace strandline::store
