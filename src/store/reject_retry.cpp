// SPDX-License-Identifier: MIT
#include "store/reject_retry.hpp"

#include <SQLiteCpp/Statement.h>

#include <vector>

#include "store/checkpoints.hpp"
#include "store/pending.hpp"
#include "store/runs.hpp"
#include "store/statement.hpp"
#include "store/store_impl.hpp"
#include "store/table.hpp"

namespace strandline::store {
namespace {

// What one transaction takes on.
constexpr std::int64_t step_rejects = 500;
constexpr std::size_t step_bytes = std::size_t{4} << 20U;

struct Kept {
  std::int64_t row = 0;
  std::string key;
  std::string raw;
  std::string list;
  std::int64_t last_run_id = 0;
  std::string last_seen_at;
};

// Without an index: the rows alone, and not what was sent.
std::vector<std::int64_t> next_rows(SQLite::Database& database,
                                    const std::string& owner,
                                    const std::string& element,
                                    std::int64_t before_run,
                                    const std::string& before_time,
                                    std::int64_t before_row) {
  SQLite::Statement query(database, R"sql(
    SELECT rowid FROM pipeline_rejects
    WHERE pipeline_name = ?1 AND resolved_at IS NULL
      AND (last_run_id, last_seen_at, rowid) < (?2, ?3, ?4)
      AND substr(list, 1, length(?6)) = ?6
    ORDER BY last_run_id DESC, last_seen_at DESC, rowid DESC LIMIT ?5)sql");
  query.bind(1, owner);
  query.bind(2, before_run);
  query.bind(3, before_time);
  query.bind(4, before_row);
  query.bind(5, step_rejects);
  query.bind(6, element);
  std::vector<std::int64_t> rows;
  while (query.executeStep()) {
    rows.push_back(query.getColumn(0).getInt64());
  }
  return rows;
}

// Nothing if another of this step took its key.
std::optional<Kept> read_kept(SQLite::Database& database, std::int64_t row) {
  SQLite::Statement query(database, R"sql(
    SELECT record_key, raw, list, last_run_id, last_seen_at
    FROM pipeline_rejects WHERE rowid = ?)sql");
  query.bind(1, row);
  if (!query.executeStep()) {
    return {};
  }
  return Kept{row,
              query.getColumn(0).getString(),
              query.getColumn(1).getString(),
              query.getColumn(2).getString(),
              query.getColumn(3).getInt64(),
              query.getColumn(4).getString()};
}

// The rejects that a transaction tries, and what it does to them.
class Attempt {
 public:
  Attempt(SQLite::Database& database, const model::StreamDefinition& stream,
          std::int64_t run_id, const std::string& now)
      : database_(database),
        owner_(stream.owner()),
        key_size_(stream.key.size()),
        stream_(stream),
        run_id_(run_id),
        now_(now),
        table_(database, stream) {
    if (table_.lost()) {
      throw StoreError(
          ExitCode::configuration,
          "the table '" + stream.name + "' of " + owner_ + " was dropped",
          {{"try", "strandline sync --full " + stream.name +
                       ", which reads the whole list into a new table"}});
    }
    table_.begin(run_id, now_);
  }

  void make(const Kept& kept, const model::RecordBatch& page) {
    table_.add_fields(page);
    if (page.records.empty()) {
      const auto& reject = page.rejects.at(0);
      refuse(kept, reject.key, reject.reason);
      return;
    }
    const auto& record = page.records.front();
    const auto key = page.key_of(record, key_size_);
    if (is_outdated(kept, key, page, record)) {
      resolve(kept, kept.key);
      ++retried_.outdated;
      return;
    }
    std::string misfit;
    const bool fits = record.deleted ? remove(page, record, misfit)
                                     : upsert(page, record, misfit);
    if (fits) {
      resolve(kept, key);
    } else {
      refuse(kept, key, misfit);
    }
  }

  const Retried& retried() const { return retried_; }

 private:
  bool upsert(const model::RecordBatch& page, const model::Record& record,
              std::string& misfit) {
    const auto change =
        table_.upsert(page, record, beside(stream_, page, 0), misfit);
    if (!change) {
      return false;
    }
    count(*change);
    if (*change != Change::stale && !page.parent_values.empty() &&
        !page.parent_values.front().empty()) {
      Pending pending(database_);
      for (const auto& child : stream_.children) {
        pending.add(child, table_.key_of(page, record),
                    page.parent_values.front(), run_id_, now_);
      }
    }
    return true;
  }

  bool remove(const model::RecordBatch& page, const model::Record& record,
              std::string& misfit) {
    const auto removal =
        table_.remove(page, record, beside(stream_, page, 0), misfit);
    if (removal == Removal::done) {
      ++retried_.updated;
    }
    return removal.has_value();
  }

  // Whatever came of the record's key after it: the run that last brought the
  // record stays as it is while it does not fit.
  bool is_outdated(const Kept& kept, const std::string& key,
                   const model::RecordBatch& page,
                   const model::Record& record) {
    const auto run = table_.run_of(page, record);
    return (run && *run > kept.last_run_id) || has_newer(kept, key);
  }

  // Those without a key, when they came, may turn out to be of one record.
  bool has_newer(const Kept& kept, const std::string& key) {
    if (key == kept.key) {
      return false;
    }
    SQLite::Statement query(database_, R"sql(
      SELECT 1 FROM pipeline_rejects
      WHERE pipeline_name = ? AND record_key = ? AND last_run_id >= ?)sql");
    query.bind(1, owner_);
    query.bind(2, key);
    query.bind(3, kept.last_run_id);
    return query.executeStep();
  }

  void refuse(const Kept& kept, const std::string& key,
              const std::string& reason) {
    if (key.empty() || !has_newer(kept, key)) {
      update(kept, key.empty() ? kept.key : key, reason, {});
      ++retried_.rejected;
      return;
    }
    resolve(kept, kept.key);
    ++retried_.outdated;
  }

  void resolve(const Kept& kept, const std::string& key) {
    update(kept, key, {}, now_);
  }

  void update(const Kept& kept, const std::string& key,
              const std::optional<std::string>& reason,
              const std::optional<std::string>& resolved_at) {
    SQLite::Statement statement(database_, R"sql(
      UPDATE OR REPLACE pipeline_rejects SET record_key = ?2,
        reason = coalesce(?3, reason), resolved_at = ?4
      WHERE rowid = ?1)sql");
    Use use(statement);
    use->bind(1, kept.row);
    use->bind(2, key);
    use.bind(3, reason);
    use.bind(4, resolved_at);
    use->exec();
  }

  void count(Change change) {
    switch (change) {
      case Change::inserted:
        ++retried_.inserted;
        break;
      case Change::updated:
        ++retried_.updated;
        break;
      case Change::unchanged:
        ++retried_.unchanged;
        break;
      case Change::stale:
        ++retried_.outdated;
        break;
    }
  }

  SQLite::Database& database_;
  std::string owner_;
  std::size_t key_size_;
  const model::StreamDefinition& stream_;
  std::int64_t run_id_;
  const std::string& now_;
  Table table_;
  Retried retried_;
};

// The list that sent the record; the stream's own for one that it no longer
// has.
const model::StreamDefinition& list_of(const model::StreamDefinition& stream,
                                       const std::string& list) {
  return list.ends_with(model::also_list) && !stream.also.empty()
             ? stream.also.front()
             : stream;
}

Counts counts_of(const Retried& retried) {
  Counts counts;
  counts.fetched = retried.tried();
  counts.inserted = retried.inserted;
  counts.updated = retried.updated;
  counts.unchanged = retried.unchanged;
  counts.stale = retried.outdated;
  counts.rejected = retried.rejected;
  return counts;
}

// The history keeps the mark, which stays.
void enter_counts(SQLite::Database& database, std::int64_t run_id,
                  const std::string& name, const Retried& retried) {
  const auto checkpoint = Checkpoints(database).load(name);
  Runs(database).add(run_id, name, counts_of(retried),
                     checkpoint ? checkpoint->mark : std::nullopt);
}

}  // namespace

Retried& Retried::operator+=(const Retried& other) {
  inserted += other.inserted;
  updated += other.updated;
  unchanged += other.unchanged;
  outdated += other.outdated;
  rejected += other.rejected;
  return *this;
}

RejectRetry::RejectRetry(Store& store, std::optional<std::int64_t> run_id,
                         const model::StreamDefinition& stream,
                         model::Instant now)
    : store_(*store.impl_), run_id_(run_id), stream_(stream) {
  if (!run_id_) {
    return;
  }
  store_.in_turn("begin " + stream_.first_list(), [&] {
    store_.transact([&](SQLite::Database& database) {
      Runs(database).enter(*run_id_, stream_.first_list(), "retry",
                           stored_time(now));
      return true;
    });
  });
}

// Tries those of `rows` that the same list sent as the first of them.
RejectRetry::Place RejectRetry::attempt(SQLite::Database& database,
                                        const std::vector<std::int64_t>& rows,
                                        const DecodeRecord& decode,
                                        const std::string& time,
                                        Retried& retried) const {
  constexpr auto later_than_all = std::numeric_limits<std::int64_t>::max();
  Place place;
  std::optional<Attempt> attempt;
  std::string list;
  std::size_t bytes = 0;
  for (const auto row : rows) {
    const auto kept = read_kept(database, row);
    if (!kept) {
      continue;
    }
    const auto& definition = list_of(stream_, kept->list);
    if (!attempt) {
      list = definition.list;
      attempt.emplace(database, definition, run_id_.value_or(later_than_all),
                      time);
    } else if (definition.list != list) {
      break;
    }
    attempt->make(*kept, decode(definition, kept->raw));
    place = {kept->last_run_id, kept->last_seen_at, row};
    bytes += kept->raw.size();
    if (bytes >= step_bytes) {
      break;
    }
  }
  if (attempt) {
    retried = attempt->retried();
  }
  return place;
}

bool RejectRetry::step(const DecodeRecord& decode, model::Instant now) {
  const auto time = stored_time(now);
  const auto name = stream_.first_list();
  Place place;
  Retried retried;
  bool any = false;
  store_.in_turn("try the rejects of " + name, [&] {
    store_.transact([&](SQLite::Database& database) {
      const auto rows =
          next_rows(database, stream_.owner(), stream_.bracketed_element(),
                    place_.last_run_id, place_.last_seen_at, place_.row);
      any = !rows.empty();
      if (any) {
        if (!run_id_) {
          database.exec("SAVEPOINT strandline_dry_run");
        }
        place = attempt(database, rows, decode, time, retried);
        if (run_id_) {
          enter_counts(database, *run_id_, name, retried);
        } else {
          database.exec("ROLLBACK TO strandline_dry_run");
        }
      }
      return true;
    });
  });
  if (any) {
    place_ = place;
    retried_ += retried;
  }
  return any;
}

void RejectRetry::finish(const Ending& ending, model::Instant now) {
  if (!run_id_) {
    return;
  }
  store_.in_turn("end " + stream_.first_list(), [&] {
    store_.transact([&](SQLite::Database& database) {
      Runs(database).finish(*run_id_, stream_.first_list(), ending,
                            stored_time(now));
      return true;
    });
  });
}

}  // namespace strandline::store
