// SPDX-License-Identifier: MIT
//
// What a batch's transaction holds.
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
  // First the fence: what another run made of the table meanwhile is not ours
  // to stumble over.
  save(batch.after, now);
  if (batch.first_wins && !checkpoint.window) {
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
  if (!batch.after.window && !is_backfill && session->table.lost()) {
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
