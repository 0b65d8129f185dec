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
    session.emplace(store.open(), name, run_id, stream);
  }

  void take(const Beginning& beginning, const std::string& now);
  void require_table() const;
  Counts commit(const Batch& batch, const std::string& now);
  void write(const Batch& batch, const std::string& now, Counts& counts);
  void write(const model::RecordBatch& page, const Batch& batch,
             const std::string& now, Counts& counts);
  void write_record(const model::RecordBatch& page, std::size_t number,
                    const Batch& batch, const std::string& now, Counts& counts);
  void keep(const model::Reject& reject, const Batch& batch,
            const std::string& now, Counts& counts);
  bool is_first(const std::string& key, const Batch& batch);
  void save(const model::Checkpoint& after, const std::string& now);
  void begin_writing();

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

void StreamWriter::Impl::take(const Beginning& beginning,
                              const std::string& now) {
  auto& checkpoints = session->checkpoints;
  SQLite::Transaction transaction(*session->database,
                                  SQLite::TransactionBehavior::IMMEDIATE);
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
  transaction.commit();
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

Counts StreamWriter::Impl::commit(const Batch& batch, const std::string& now) {
  SQLite::Transaction transaction(*session->database,
                                  SQLite::TransactionBehavior::IMMEDIATE);
  Counts counts = batch.counts;
  write(batch, now, counts);
  require_unmoved(*session->database);
  transaction.commit();
  checkpoint = batch.after;
  failed = false;
  return counts;
}

// Until what is written now is committed, the writer counts as failed.
void StreamWriter::Impl::begin_writing() {
  if (std::exchange(failed, true)) {
    throw StoreError(ExitCode::bug,
                     "a batch of " + name + " follows one that failed");
  }
}

StreamWriter::StreamWriter(Store& store, std::int64_t run_id,
                           const model::StreamDefinition& stream,
                           const Beginning& beginning, model::Instant now) {
  guarded("begin " + stream.pipeline_name() + beginning.list, [&] {
    impl_ = std::make_unique<Impl>(store, run_id, stream, beginning.list);
    impl_->take(beginning, stored_time(now));
  });
}

StreamWriter::~StreamWriter() = default;

const model::Checkpoint& StreamWriter::checkpoint() const {
  return impl_->checkpoint;
}

Counts StreamWriter::commit(const Batch& batch, model::Instant now) {
  auto& own = *impl_;
  own.begin_writing();
  return guarded("write a batch of " + own.name,
                 [&] { return own.commit(batch, stored_time(now)); });
}

std::optional<model::CursorValue> StreamWriter::mark_in_history(
    const model::CursorValue& no_later_than) {
  auto& own = *impl_;
  return guarded("read the history of " + own.name, [&] {
    return own.session->runs.mark_in_history(own.name, no_later_than);
  });
}

void StreamWriter::move_mark(const std::optional<model::CursorValue>& mark,
                             model::Instant now) {
  auto& own = *impl_;
  own.begin_writing();
  guarded("move the mark of " + own.name, [&] {
    SQLite::Transaction transaction(*own.session->database,
                                    SQLite::TransactionBehavior::IMMEDIATE);
    auto after = own.checkpoint;
    drop_mark(after);
    after.mark = mark;
    after.window.reset();
    own.save(after, stored_time(now));
    own.session->runs.set_mark(own.run_id, own.name, mark);
    require_unmoved(*own.session->database);
    transaction.commit();
    own.checkpoint = std::move(after);
    own.failed = false;
  });
}

std::int64_t StreamWriter::rows() const {
  const auto& own = *impl_;
  return guarded("count the rows of " + own.name,
                 [&] { return own.session->table.rows(); });
}

void StreamWriter::finish(const Ending& ending, model::Instant now) {
  auto& own = *impl_;
  guarded("end " + own.name, [&] {
    own.session->runs.finish(own.run_id, own.name, ending, stored_time(now));
  });
}

}  // namespace strandline::store
