// SPDX-License-Identifier: MIT
//
// How long the history and resolved rejects are kept.
#include <doctest/doctest.h>

#include <atomic>

#include "store_fixture.hpp"

namespace strandline::test {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::chrono::hours month{30 * 24};

// What a run of the history has to say.
struct Past {
  int days_ago = 100;
  const char* outcome = "ok";
  const char* mode = "incremental";
};

// A history as earlier runs left it, run 1 first.
class History {
 public:
  History() { store::Store(file_.path, model::Journal::wal); }

  void add(const Past& past, const std::string& list = "crm.contacts") {
    const auto time =
        model::to_rfc3339(model::plus(noon, -past.days_ago * day), 3);
    sql_.exec(
        "INSERT INTO pipeline_runs (run_id, pipeline_name, started_at, "
        "finished_at, outcome, mode) VALUES (" +
        std::to_string(++last_) + ", '" + list + "', '" + time + "', '" + time +
        "', '" + past.outcome + "', nullif('" + past.mode + "', ''))");
    sql_.exec("INSERT INTO pipeline_meta VALUES ('last_run_id', '" +
              std::to_string(last_) +
              "') ON CONFLICT DO UPDATE SET value = excluded.value");
  }

  void add(int count, const Past& past,
           const std::string& list = "crm.contacts") {
    sql_.exec("BEGIN");
    for (int i = 0; i < count; ++i) {
      add(past, list);
    }
    sql_.exec("COMMIT");
  }

  void prune(std::chrono::seconds keep = month,
             const store::OnCommit& on_commit = {}) {
    store::Store(file_.path, model::Journal::wal, store::default_patience,
                 on_commit)
        .prune(keep, noon);
  }

  // "1-3,7": the runs that are there.
  std::string runs(const std::string& list = "crm.contacts") {
    return ranges(
        sql_.rows("SELECT run_id FROM pipeline_runs WHERE "
                  "pipeline_name = '" +
                  list + "' ORDER BY 1"));
  }

  Sql& sql() { return sql_; }

 private:
  static std::string ranges(const Lines& numbers) {
    std::string text;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      auto end = i;
      while (end + 1 < numbers.size() &&
             std::stoi(numbers[end + 1]) == std::stoi(numbers[end]) + 1) {
        ++end;
      }
      text += (i == 0 ? "" : ",") + numbers[i];
      text += end > i ? "-" + numbers[end] : "";
      i = end;
    }
    return text;
  }

  File file_;
  Sql sql_{file_.path};
  int last_ = 0;
};

void add_reject(Sql& sql, int row, int days_ago, bool resolved) {
  const auto time = model::to_rfc3339(model::plus(noon, -days_ago * day), 3);
  sql.exec(
      "INSERT INTO pipeline_rejects (rowid, pipeline_name, record_key, "
      "reason, raw, first_run_id, last_run_id, first_seen_at, "
      "last_seen_at, resolved_at) VALUES (" +
      std::to_string(row) + ", 'crm.contacts', '" + std::to_string(row) +
      "', 'odd', '{}', 1, 1, '" + time + "', '" + time + "', " +
      (resolved ? "'" + time + "'" : "NULL") + ")");
}

}  // namespace

TEST_SUITE_BEGIN("retention");

TEST_CASE("runs that are older than the time go, and younger ones stay") {
  History history;
  history.add(3, {.days_ago = 31});
  history.add(2, {.days_ago = 29});
  history.add(31, {.days_ago = 1});
  history.prune();
  CHECK(history.runs() == "4-36");
  history.prune(std::chrono::hours(2 * 24));
  CHECK(history.runs() == "6-36");
  history.prune(std::chrono::hours(1));
  CHECK(history.runs() == "7-36");
}

TEST_CASE("the newest thirty of each list stay, however old they are") {
  History history;
  history.add(40, {});
  history.add(5, {}, "crm.contacts@backfill");
  history.add(31, {}, "crm.deals");
  history.prune();
  CHECK(history.runs() == "11-40");
  CHECK(history.runs("crm.contacts@backfill") == "41-45");
  CHECK(history.runs("crm.deals") == "47-76");
}

TEST_CASE("what reads no source is none of the thirty") {
  History history;
  history.add(20, {});
  history.add(20, {.mode = "rewind"});
  history.add(20, {.mode = "retry"});
  history.add(20, {.mode = "reset"});
  history.add(10, {.mode = ""});
  history.prune();
  CHECK(history.runs() == "1-90");
  history.add(1, {});
  history.prune();
  CHECK(history.runs() == "2-91");
}

TEST_CASE("the newest good run stays") {
  History history;
  history.add(3, {});
  history.add(1, {.mode = "rewind"});
  history.add(40, {.outcome = "failed"});
  history.prune();
  CHECK(history.runs() == "3,15-44");
}

TEST_CASE("the run that a checkpoint names stays") {
  History history;
  history.add(40, {});
  history.sql().exec(
      "INSERT INTO pipeline_checkpoints (pipeline_name, last_run_id, "
      "updated_at) VALUES ('crm.contacts', 4, ''), ('crm.deals', 5, '')");
  history.prune();
  CHECK(history.runs() == "4,11-40");
}

TEST_CASE("of a long history each run takes a part") {
  History history;
  history.add(2500, {});
  history.prune();
  CHECK(history.runs() == "1001-2500");
  history.prune();
  history.prune();
  CHECK(history.runs() == "2471-2500");
}

TEST_CASE("resolved rejects go with the time, and open ones never") {
  History history;
  add_reject(history.sql(), 1, 31, true);
  add_reject(history.sql(), 2, 29, true);
  add_reject(history.sql(), 3, 1000, false);
  history.prune();
  CHECK(history.sql().rows("SELECT rowid FROM pipeline_rejects") ==
        Lines{"2", "3"});
}

TEST_CASE("of many rejects each run looks at another part") {
  History history;
  const Lines rows = {"5", "9999", "10000", "25000"};
  for (const auto& row : rows) {
    add_reject(history.sql(), std::stoi(row), 31, true);
  }
  std::string left;
  for (int run = 0; run < 3; ++run) {
    history.add({});
    history.prune();
    left += history.sql().value("SELECT count(*) FROM pipeline_rejects");
  }
  // Runs 1, 2 and 3: from 10,000, from 20,000, and from 0.
  CHECK(left == "320");
}

TEST_CASE("where nothing is old nothing is committed") {
  History history;
  history.add(40, {.days_ago = 1});
  add_reject(history.sql(), 1, 1, true);
  std::atomic<int> commits = 0;
  const auto count = [&](store::CommitMoment) { ++commits; };
  history.prune(month, count);
  CHECK(commits == 0);
  history.prune(std::chrono::hours(1), count);
  CHECK(commits == 2);
}

TEST_SUITE_END();

}  // namespace strandline::test
