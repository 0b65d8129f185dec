// SPDX-License-Identifier: MIT
#include "store/pending.hpp"

#include "store/statement.hpp"

namespace strandline::store {

Pending::Pending(SQLite::Database& database)
    : add_(database, R"sql(
        INSERT INTO pipeline_pending
          (pipeline_name, parent_key, parent_values, run_id, added_at)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (pipeline_name, parent_key) DO UPDATE SET
          parent_values = excluded.parent_values, version = version + 1,
          position = NULL, position_basis = NULL, run_id = excluded.run_id,
          added_at = excluded.added_at)sql"),
      remove_(database, R"sql(
        DELETE FROM pipeline_pending
        WHERE pipeline_name = ? AND parent_key = ?)sql"),
      forget_(database, "DELETE FROM pipeline_pending WHERE pipeline_name = ?"),
      done_(database, R"sql(
        DELETE FROM pipeline_pending
        WHERE pipeline_name = ? AND parent_key = ? AND version = ?)sql"),
      save_(database, R"sql(
        UPDATE pipeline_pending SET position = ?4, position_basis = ?5
        WHERE pipeline_name = ?1 AND parent_key = ?2 AND version = ?3)sql"),
      first_(database, R"sql(
        SELECT parent_key, parent_values, version, position, position_basis,
               run_id
        FROM pipeline_pending WHERE pipeline_name = ?
        ORDER BY rowid LIMIT ?)sql") {}

void Pending::add(const std::string& child, const std::string& key,
                  const std::string& values, std::int64_t run_id,
                  const std::string& now) {
  Use use(add_);
  use->bind(1, child);
  use->bind(2, key);
  use->bind(3, values);
  use->bind(4, run_id);
  use->bind(5, now);
  use->exec();
}

void Pending::remove(const std::string& child, const std::string& key) {
  Use use(remove_);
  use->bind(1, child);
  use->bind(2, key);
  use->exec();
}

void Pending::save(const std::string& child, const ParentStep& step) {
  Use use(step.done ? done_ : save_);
  use->bind(1, child);
  use->bind(2, step.parent_key);
  use->bind(3, step.version);
  if (!step.done) {
    use->bind(4, step.position.value);
    use->bind(5, step.position.basis);
  }
  use->exec();
}

void Pending::replace(const std::string& child,
                      const std::vector<PendingParent>& parents,
                      std::int64_t run_id, const std::string& now) {
  {
    Use use(forget_);
    use->bind(1, child);
    use->exec();
  }
  for (const auto& parent : parents) {
    add(child, parent.key, parent.values, run_id, now);
    if (!parent.position.first_page()) {
      ParentStep step;
      step.parent_key = parent.key;
      step.position = parent.position;
      save(child, step);
    }
  }
}

std::vector<PendingParent> Pending::first(const std::string& child,
                                          std::size_t limit) {
  Use use(first_);
  use->bind(1, child);
  use->bind(2, static_cast<std::int64_t>(limit));
  std::vector<PendingParent> parents;
  while (use->executeStep()) {
    PendingParent parent;
    parent.key = text(first_, 0).value_or("");
    parent.values = text(first_, 1).value_or("");
    parent.version = first_.getColumn(2).getInt64();
    parent.position = {text(first_, 3).value_or(""),
                       text(first_, 4).value_or("")};
    parent.run_id = first_.getColumn(5).getInt64();
    parents.push_back(std::move(parent));
  }
  return parents;
}

}  // namespace strandline::store
