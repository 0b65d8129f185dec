// SPDX-License-Identifier: MIT
//
// Where a list stands, read out and put in.
#include "store/checkpoints.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <limits>

#include "store/columns.hpp"
#include "store/connection.hpp"
#include "store/pending.hpp"
#include "store/runs.hpp"
#include "store/schema.hpp"
#include "store/seen.hpp"
#include "store/store.hpp"
#include "store/store_impl.hpp"
#include "store/sweep.hpp"

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

bool Store::was_added_later(const model::StreamDefinition& child,
                            const model::StreamDefinition& parent,
                            std::int64_t run_id) {
  return impl_->in_turn("read what is due of " + child.owner(), [&] {
    auto& database = *impl_->open();
    if (Checkpoints(database).load(child.owner()) ||
        !database.tableExists(parent.name)) {
      return false;
    }
    add_key_function(database);
    std::string key;
    for (const auto& part : parent.key) {
      key += (key.empty() ? "" : ", ") + identifier(part.name);
    }
    SQLite::Statement query(database,
                            fmt::format(R"sql(
      SELECT 1 FROM {} WHERE _run_id < ? AND _deleted_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM pipeline_pending
          WHERE pipeline_name = ? AND parent_key = strandline_key({}))
      LIMIT 1)sql",
                                        identifier(parent.name), key));
    query.bind(1, run_id);
    query.bind(2, child.owner());
    return query.executeStep();
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
