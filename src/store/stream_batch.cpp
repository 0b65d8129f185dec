// SPDX-License-Identifier: MIT
//
// What a batch's transaction holds.
#include "store/meta.hpp"
#include "store/stream_writer_impl.hpp"

#include <algorithm>
#include <variant>

namespace strandline::store {
namespace {

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

}  // namespace

// True unless the window saw the key before.
bool StreamWriter::Impl::is_first(const std::string& key, const Batch& batch) {
  return !batch.first_wins || key.empty() ||
         session->seen.add(key, *batch.first_wins);
}

// True if the record was deleted, and this is an older one.
bool StreamWriter::Impl::is_buried(const std::string& key,
                                   const Beside& beside) {
  if (!beside.cursor) {
    return false;
  }
  const auto deleted = session->tombstones.find(key);
  if (!deleted) {
    return false;
  }
  if (*beside.cursor <= *deleted) {
    return true;
  }
  session->tombstones.erase(key);
  return false;
}

void StreamWriter::Impl::write_deletion(const model::RecordBatch& page,
                                        std::size_t number,
                                        const Beside& beside,
                                        const std::string& now,
                                        Counts& counts) {
  const auto& record = page.records[number];
  const auto key = page.key_of(record, stream.key.size());
  std::string misfit;
  const auto removal = session->table.remove(page, record, beside, misfit);
  if (!removal) {
    session->rejects.keep({misfit, key, std::string(page.raw_of(record))}, now);
    ++counts.rejected;
    return;
  }
  switch (*removal) {
    case Removal::done:
      ++counts.deleted;
      break;
    case Removal::already:
    case Removal::absent:
      ++counts.unchanged;
      break;
    case Removal::stale:
      ++counts.stale;
      return;
  }
  remove_children(session->table.key_of(page, record));
  const bool no_row = *removal == Removal::absent ||
                      (*removal == Removal::done && stream.deleted.remove);
  if (no_row && beside.cursor) {
    session->tombstones.put(session->table.key_of(page, record),
                            *beside.cursor);
  }
  if (session->rejects.any()) {
    session->rejects.resolve(key, now);
  }
}

// They are due from this transaction on.
void StreamWriter::Impl::add_children(const model::RecordBatch& page,
                                      std::size_t number,
                                      const std::string& now, Counts& counts) {
  if (stream.children.empty()) {
    return;
  }
  const auto& values = page.parent_values.at(number);
  if (values.empty()) {
    ++counts.without_children;
    return;
  }
  const auto key = session->table.key_of(page, page.records[number]);
  for (const auto& child : stream.children) {
    session->pending.add(child, key, values, run_id, now);
  }
}

void StreamWriter::Impl::remove_children(const std::string& key) {
  for (const auto& child : stream.children) {
    session->pending.remove(child, key);
  }
}

// Rows of the parent that a reading of its children did not bring are missing.
void StreamWriter::Impl::write_step(const ParentStep& step, const Batch& batch,
                                    const std::string& now, Counts& counts) {
  if (step.done && batch.sweep && !step.scope.empty() &&
      session->table.exists()) {
    auto rule = *batch.sweep;
    rule.scope = step.scope;
    rule.before += counts.deleted;
    take_swept(store::sweep(*session->database,
                            {stream.name, session->table.key_sql(),
                             session->table.has_cursor()},
                            {{name, 0}}, rule, run_id, now),
               counts);
  }
  if (step.done) {
    session->seen.forget();
  }
  session->pending.save(name, step);
}

void StreamWriter::Impl::take_swept(const Swept& found, Counts& counts) {
  if (!swept) {
    swept.emplace();
  }
  swept->deleted += found.deleted;
  swept->kept += found.kept;
  swept->rows = found.rows;
  swept->once += found.once;
  swept->unknown_keys = swept->unknown_keys || found.unknown_keys;
  counts.deleted += found.deleted;
}

// Without a key it may be any row's.
void StreamWriter::Impl::note(const std::string& key, const Batch& batch) {
  session->seen.add(key, *batch.noted);
}

// Keys of an earlier reading say nothing of this one.
void StreamWriter::Impl::begin_seen(const Batch& batch) {
  if (!batch.steps.empty()) {
    return;  // each parent's reading is one of its own
  }
  const bool whole_begins =
      batch.noted && (!checkpoint.sweep_from ||
                      (batch.after.sweep_from &&
                       *batch.after.sweep_from != *checkpoint.sweep_from));
  const bool window_begins =
      batch.first_wins && !batch.noted && !checkpoint.window;
  if (whole_begins || window_begins) {
    session->seen.forget();
  }
}

void StreamWriter::Impl::end_seen(const Batch& batch) {
  if ((batch.first_wins || batch.noted || checkpoint.sweep_from) &&
      batch.steps.empty() && !batch.after.window && !batch.after.sweep_from) {
    session->seen.forget();
  }
}

// Where the stream has a second list: the first one, if it was read whole and
// its sweep is due.
std::optional<Noted> StreamWriter::Impl::first_list() {
  const auto first = session->checkpoints.load(stream.first_list());
  if (!first || !first->sweep_is_due()) {
    return {};
  }
  return Noted{stream.first_list(), *first->sweep_from};
}

void StreamWriter::Impl::sweep(const Batch& batch, const std::string& now,
                               Counts& counts) {
  std::vector<Noted> lists;
  if (stream.list == model::also_list) {
    auto first = first_list();
    if (!first) {
      return;
    }
    lists.push_back(*std::move(first));
  }
  lists.push_back({name, batch.sweep->since});
  auto& table = session->table;
  if (was_read_before(batch.sweep->from)) {
    swept = Swept{};
    swept->before_start = true;
  } else if (table.exists()) {
    take_swept(store::sweep(*session->database,
                            {stream.name, table.key_sql(), table.has_cursor()},
                            lists, *batch.sweep, run_id, now),
               counts);
  }
  if (lists.size() == 2) {
    session->checkpoints.end_sweep(stream.first_list());
    Seen(*session->database, stream.first_list()).forget();
  }
}

// The earliest lower bound that rows of the list were ever asked for from is
// kept: empty if there was none.
void StreamWriter::Impl::note_from(
    const std::optional<model::CursorValue>& from) {
  const auto text = from ? model::to_stored(*from) : std::string();
  if (earliest &&
      (earliest->empty() || *earliest == text || was_read_before(from))) {
    return;
  }
  earliest = text;
  set_meta(*session->database, "from:" + stream.first_list(), text);
}

// True if rows were asked for from before `from`.
bool StreamWriter::Impl::was_read_before(
    const std::optional<model::CursorValue>& from) {
  if (!earliest || !from) {
    return false;
  }
  const auto first = model::parse_stored(
      *earliest, std::holds_alternative<model::Instant>(*from));
  return !first || *first < *from;
}

void StreamWriter::Impl::count_repeat(const model::RecordBatch& page,
                                      const model::Record& record, bool updated,
                                      Counts& counts) {
  const auto repeat = session->repeats.add(page, record, stream.key.size());
  if (repeat != Repeats::Repeat::none) {
    ++counts.repeated;
    counts.replaced += updated && repeat == Repeats::Repeat::in_page ? 1 : 0;
  }
}

void StreamWriter::Impl::write_record(const model::RecordBatch& page,
                                      std::size_t number, const Batch& batch,
                                      const std::string& now, Counts& counts) {
  const auto& record = page.records[number];
  const auto key = [&] { return page.key_of(record, stream.key.size()); };
  const auto row_key = [&] { return session->table.key_of(page, record); };
  if (batch.first_wins && !is_first(row_key(), batch)) {
    ++counts.stale;
    count_repeat(page, record, false, counts);
    return;
  }
  if (batch.noted) {
    note(row_key(), batch);
  }
  const auto extra = beside(stream, page, number);
  if (record.deleted) {
    write_deletion(page, number, extra, now, counts);
    return;
  }
  if (session->tombstones.any() && is_buried(row_key(), extra)) {
    ++counts.stale;
    return;
  }
  std::string misfit;
  const auto change = session->table.upsert(page, record, extra, misfit);
  if (!change) {
    session->rejects.keep({misfit, key(), std::string(page.raw_of(record))},
                          now);
    ++counts.rejected;
    return;
  }
  count_repeat(page, record, *change == Change::updated, counts);
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
  if (*change != Change::unchanged || batch.children_due) {
    add_children(page, number, now, counts);
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
  if (batch.noted) {
    note(reject.key, batch);
  }
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
  session->repeats.begin_page();
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

bool StreamWriter::Impl::has_too_many_rejects(const Batch& batch,
                                              const Counts& counts) const {
  return batch.before &&
         model::exceeds(stream.max_rejects,
                        batch.before->rejected + counts.rejected,
                        batch.before->fetched + counts.fetched);
}

// Everything that a batch's transaction holds. `after` is the checkpoint that
// is committed.
void StreamWriter::Impl::write(const Batch& batch, const std::string& now,
                               Counts& counts, model::Checkpoint& after) {
  // First the fence: what another run made of the table meanwhile is not ours
  // to stumble over.
  save(after, now);
  swept.reset();
  begin_seen(batch);
  if (batch.from) {
    note_from(*batch.from);
  }
  session->seen.begin();
  session->table.begin(run_id, now);
  session->repeats.begin_batch();
  for (std::size_t i = 0; i < batch.pages.size(); ++i) {
    const auto* step = i < batch.steps.size() ? &batch.steps[i] : nullptr;
    if (step != nullptr && step->begins) {
      session->seen.forget();
    }
    write(batch.pages[i], batch, now, counts);
    if (step != nullptr) {
      write_step(*step, batch, now, counts);
    }
  }
  if (has_too_many_rejects(batch, counts)) {
    // What was read stays, and is to be read again.
    after = checkpoint;
    save(after, now);
    session->seen.take_back();
  } else {
    if (batch.sweep && batch.steps.empty()) {
      sweep(batch, now, counts);
    }
    end_seen(batch);
  }
  session->runs.add(run_id, name, counts, after.mark);
  if (!after.window && !is_backfill && session->table.lost()) {
    // The list is empty: there is nothing to make anew.
    session->table.forget();
  }
  if (!batch.after.window && !is_backfill) {
    // What the whole list did not bring needs no column.
    session->table.forget_missing();
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

}  // namespace strandline::store
