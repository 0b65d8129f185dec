// SPDX-License-Identifier: MIT
//
// Where a list stands, read out and put in.
#include "store/checkpoints.hpp"

#include <limits>

#include "store/connection.hpp"
#include "store/pending.hpp"
#include "store/runs.hpp"
#include "store/schema.hpp"
#include "store/seen.hpp"
#include "store/store.hpp"
#include "store/store_impl.hpp"

namespace strandline::store {

std::optional<model::Checkpoint> Store::checkpoint(
    const std::string& pipeline_name) {
  return impl_->in_turn("read the checkpoint of " + pipeline_name, [&] {
    return Checkpoints(*impl_->open()).load(pipeline_name);
  });
}

std::vector<PendingParent> Store::pending(const std::string& child,
                                          std::size_t limit) {
  return impl_->in_turn("read what is due of " + child, [&] {
    return Pending(*impl_->open()).first(child, limit);
  });
}

CompleteTimes Store::complete_times(const std::string& pipeline_name) {
  return impl_->in_turn("read the checkpoint of " + pipeline_name, [&] {
    return Checkpoints(*impl_->open()).complete_times(pipeline_name);
  });
}

void Store::seed(const std::string& pipeline_name, const Standing& standing,
                 model::Instant now) {
  impl_->in_turn("put in the checkpoint of " + pipeline_name, [&] {
    impl_->transact([&](SQLite::Database& database) {
      const auto time = stored_time(now);
      const auto run_id = Runs(database).begin(time);
      Checkpoints checkpoints(database);
      checkpoints.begin_anew(pipeline_name, run_id, time);
      auto fresh = standing.checkpoint;
      fresh.generation = checkpoints.load(pipeline_name)->generation;
      checkpoints.save(pipeline_name, run_id, fresh, time);
      if (standing.full_at) {
        checkpoints.set_full_at(pipeline_name, stored_time(*standing.full_at));
      }
      Seen(database, pipeline_name).forget();
      Pending(database).replace(pipeline_name, standing.due, run_id, time);
      return true;
    });
  });
}

Standing read_standing(const std::filesystem::path& file,
                       const std::string& pipeline_name) {
  std::error_code failure;
  if (!std::filesystem::exists(file, failure) && !failure) {
    return {};
  }
  auto database = open_for_reading(file);
  return guarded("read the checkpoint of " + pipeline_name, [&] {
    Standing standing;
    if (format(database) == 0) {
      return standing;
    }
    if (auto found = load_checkpoint(database, pipeline_name)) {
      standing.checkpoint = *std::move(found);
    }
    standing.full_at = load_complete_times(database, pipeline_name).full;
    standing.due = Pending(database).first(
        pipeline_name, std::numeric_limits<std::int32_t>::max());
    return standing;
  });
}

}  // namespace strandline::store
