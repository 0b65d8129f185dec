// SPDX-License-Identifier: MIT
#include "store/seen.hpp"

#include <utility>

#include "store/statement.hpp"

namespace strandline::store {

Seen::Seen(SQLite::Database& database, std::string pipeline_name)
    : pipeline_name_(std::move(pipeline_name)),
      add_(database, R"sql(
        INSERT INTO pipeline_seen (pipeline_name, record_key, window_number)
        VALUES (?, ?, ?)
        ON CONFLICT (pipeline_name, record_key) DO UPDATE SET
          window_number = excluded.window_number, missing = 0
        WHERE window_number <> excluded.window_number)sql"),
      remove_(database,
              "DELETE FROM pipeline_seen WHERE pipeline_name = ? AND "
              "record_key = ?"),
      forget_(database, R"sql(
        DELETE FROM pipeline_seen WHERE pipeline_name = ? AND missing = 0)sql") {
}

bool Seen::add(const std::string& key, std::int64_t window_number) {
  Use use(add_);
  use->bind(1, pipeline_name_);
  use->bind(2, key);
  use->bind(3, window_number);
  if (use->exec() != 1) {
    return false;
  }
  added_.push_back(key);
  return true;
}

void Seen::take_back() {
  for (const auto& key : added_) {
    Use use(remove_);
    use->bind(1, pipeline_name_);
    use->bind(2, key);
    use->exec();
  }
  added_.clear();
}

void Seen::forget() {
  Use use(forget_);
  use->bind(1, pipeline_name_);
  use->exec();
}

}  // namespace strandline::store
