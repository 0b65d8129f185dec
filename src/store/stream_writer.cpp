// SPDX-License-Identifier: MIT
#include "store/stream_writer_impl.hpp"

#include <fmt/format.h>

#include <utility>

#include "model/text.hpp"
#include "store/declared.hpp"

namespace strandline::store {
namespace {

void drop_mark(model::Checkpoint& checkpoint) {
  checkpoint.mark.reset();
  checkpoint.complete_anchor.reset();
  checkpoint.complete_maximum.reset();
}

std::string in_quotes(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) {
    text += (text.empty() ? "'" : ", '") + model::printable(name, 60) + "'";
  }
  return text;
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

}  // namespace

void StreamWriter::Impl::require_table() const {
  if (session->table.lost()) {
    throw StoreError(
        ExitCode::configuration,
        fmt::format("the table '{}' of {} was dropped", stream.name, name),
        {{"try", "strandline sync --full " + stream.name +
                     ", which reads the whole list into a new table"}});
  }
  const auto& missing = session->table.missing();
  if (!missing.empty()) {
    throw StoreError(
        ExitCode::configuration,
        fmt::format("the column '{}' of the table '{}' is gone: it was dropped "
                    "or renamed",
                    model::printable(missing.front(), 60), stream.name),
        {{"try", fmt::format("give it its name again; or list the `columns` "
                             "without it; or strandline sync --full {}, which "
                             "makes it anew and reads the whole list",
                             stream.name)}});
  }
}

// Within a transaction of the session's connection.
void StreamWriter::Impl::take(const Beginning& beginning,
                              const std::string& now) {
  auto& checkpoints = session->checkpoints;
  const auto known = checkpoints.load(name);
  checkpoint = known.value_or(model::Checkpoint{});
  times = checkpoints.complete_times(name);
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
    checkpoint.drop_sweep();
    checkpoints.save(name, run_id, checkpoint, now);
  }
  session->runs.enter(run_id, name, beginning.mode, now);
  is_full = beginning.full;
  // Without a cursor every row is read anew.
  if (stream.list.empty() && !is_full &&
      (stream.cursor || !stream.parent.empty())) {
    later = declared_later(*session->database, stream);
  }
}

StreamWriter::StreamWriter(Store& store, std::int64_t run_id,
                           const model::StreamDefinition& stream,
                           const Beginning& beginning, model::Instant now) {
  store.impl_->in_turn("begin " + stream.pipeline_name(), [&] {
    auto own = std::make_unique<Impl>(store, run_id, stream);
    own->store.transact([&](SQLite::Database&) {
      own->take(beginning, stored_time(now));
      return true;
    });
    impl_ = std::move(own);
  });
}

StreamWriter::~StreamWriter() {
  const std::lock_guard turn(impl_->store.turns);
  impl_.reset();
}

const model::Checkpoint& StreamWriter::checkpoint() const {
  return impl_->checkpoint;
}

Counts StreamWriter::commit(const Batch& batch, model::Instant now) {
  auto& own = *impl_;
  return own.store.in_turn("write a batch of " + own.name, [&] {
    const auto time = stored_time(now);
    Counts counts = batch.counts;
    auto after = batch.after;
    Notices news;
    own.transact(after, time, [&] {
      own.write(batch, time, counts, after);
      news = own.session->table.take_notices();
    });
    own.notices.add(news);
    return counts;
  });
}

CommonReason StreamWriter::commonest_reason() const {
  auto& own = *impl_;
  return own.store.in_turn("read the rejects of " + own.name, [&] {
    return own.live().rejects.commonest_reason();
  });
}

std::vector<std::string> StreamWriter::notices() const {
  const auto& own = *impl_;
  auto sentences = own.notices.sentences();
  if (!own.later.empty()) {
    sentences.push_back(fmt::format(
        "declared since rows were loaded, and empty in those that do not "
        "change: {}; {} fills them",
        in_quotes(own.later), model::whole_reading_command(own.stream)));
  }
  return sentences;
}

std::optional<model::CursorValue> StreamWriter::mark_in_history(
    const model::CursorValue& no_later_than) {
  auto& own = *impl_;
  return own.store.in_turn("read the history of " + own.name, [&] {
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
  after.drop_sweep();
  own.store.in_turn("move the mark of " + own.name, [&] {
    const auto time = stored_time(now);
    own.transact(after, time, [&] {
      own.save(after, time);
      own.session->runs.set_mark(own.run_id, own.name, mark);
    });
  });
}

std::int64_t StreamWriter::rows() const {
  auto& own = *impl_;
  return own.store.in_turn("count the rows of " + own.name,
                           [&] { return own.live().table.rows(); });
}

const std::optional<Swept>& StreamWriter::swept() const {
  return impl_->swept;
}

const CompleteTimes& StreamWriter::complete_times() const {
  return impl_->times;
}

void StreamWriter::finish(const Ending& ending, model::Instant now) {
  auto& own = *impl_;
  own.store.in_turn("end " + own.name, [&] {
    own.store.transact([&](SQLite::Database& database) {
      Runs(database).finish(own.run_id, own.name, ending, stored_time(now));
      // A whole reading that was cut short has not filled them.
      if (own.stream.list.empty() &&
          (!own.is_full || ending.outcome == Outcome::ok)) {
        note_declared(database, own.stream);
      }
      return true;
    });
  });
}

}  // namespace strandline::store
