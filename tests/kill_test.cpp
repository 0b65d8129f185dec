// SPDX-License-Identifier: MIT
//
// The program, ended by SIGKILL in the middle of a sync, again and again.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "child.hpp"
#include "sync_fixture.hpp"

using namespace strandline;
using namespace strandline::test;

namespace {

constexpr int records = 20'000;
constexpr int page_size = 100;

const std::string stream = R"(
[stream.items]
get     = "/items"
query   = { since = "${from}", limit = 100 }
records = "data"
key     = "id"
cursor  = { field = "updated_at", order = "ascending" }
page    = { token = "meta/next", param = "after" }
)";

// What a kill may leave: exactly the records of whole pages from the begin, and
// a position right behind them.
void check_left_behind(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file) ||
      value(file,
            "SELECT count(*) FROM sqlite_schema WHERE name = "
            "'pipeline_checkpoints'") == "0") {
    return;
  }
  CHECK(value(file, "PRAGMA integrity_check") == "ok");
  const auto checkpoint =
      query(file,
            "SELECT coalesce(window_read, 0), position, last_processed_at, "
            "window_maximum, complete_number FROM pipeline_checkpoints");
  const bool has_table =
      value(file, "SELECT count(*) FROM sqlite_schema WHERE name = 'items'") ==
      "1";
  if (checkpoint.empty()) {
    CHECK_FALSE(has_table);
    return;
  }
  const auto& row = checkpoint[0];
  const auto rows = has_table ? value(file, "SELECT count(*) FROM items") : "0";
  if (row[4] != "0") {
    CHECK(rows == std::to_string(records));
    return;
  }
  CHECK(row[2] == "NULL");  // no mark before the window's end
  CHECK(rows == row[0]);    // rows and position are of one transaction
  if (has_table) {
    CHECK(std::stoi(rows) % page_size == 0);
    CHECK(row[1] == rows);
    CHECK(value(file, "SELECT max(id) FROM items") == rows);
    CHECK(row[3].substr(0, 19) ==
          value(file, "SELECT max(updated_at) FROM items").substr(0, 19));
  }
}

void check_equals_source(const SyncFixture& fixture) {
  const auto rows = query(fixture.database(),
                          "SELECT id, updated_at, name FROM items ORDER BY id");
  REQUIRE(rows.size() == records);
  for (int id = 1; id <= records; ++id) {
    const auto expected = item(id);
    const auto& row = rows[static_cast<std::size_t>(id - 1)];
    if (row[0] != std::to_string(id) || row[1] != expected["updated_at"] ||
        row[2] != expected["name"]) {
      FAIL("row " << id << " differs from the source");
    }
  }
}

int run_to_end(const SyncFixture& fixture) {
  return Child(fixture.dir(),
               {program(), "sync", "--config", fixture.config().string()})
      .wait();
}

// The child's id: it may be at work before its parent knows it.
pid_t started(const std::atomic<pid_t>& pid) {
  while (pid == 0) {
    std::this_thread::yield();
  }
  return pid;
}

}  // namespace

TEST_SUITE("killed") {
  TEST_CASE("by SIGKILL while a page is fetched, every record is there once") {
    SyncFixture fixture(stream);
    fixture.server.set(items(records));
    std::atomic<pid_t> victim{0};
    std::atomic<int> countdown{0};
    fixture.server.set_hook([&](const auto&, auto&) {
      if (--countdown == 0) {
        kill(started(victim), SIGKILL);
      }
      return false;
    });
    int kills = 0;
    // Pages after which the run is killed, each counted from where it goes on.
    for (const int pages : {1, 2, 11, 12, 40, 3, 60, 1, 50}) {
      CAPTURE(pages);
      countdown = pages;
      Child child(fixture.dir(),
                  {program(), "sync", "--config", fixture.config().string()});
      victim = child.pid();
      CHECK(child.wait() == -SIGKILL);
      victim = 0;
      ++kills;
      check_left_behind(fixture.database());
    }
    countdown = 0;
    fixture.server.take_requests();
    CHECK(run_to_end(fixture) == 0);
    // It went on near the last kill and did not begin anew; the window that was
    // open is followed by one that reads the overlap.
    CHECK(fixture.server.take_requests().size() < 150);
    check_equals_source(fixture);
    CHECK(value(fixture.database(),
                "SELECT count(*) FROM pipeline_runs WHERE "
                "outcome = 'killed'") == std::to_string(kills));
    CHECK(value(fixture.database(),
                "SELECT last_processed_at FROM pipeline_checkpoints") ==
          "2024-01-01T05:33:20.000000000Z");
  }

  TEST_CASE("by SIGKILL at any instant, every record is there once") {
    SyncFixture fixture(stream);
    fixture.server.set(items(records));
    const auto seed = std::random_device()();
    MESSAGE("seed " << seed);
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> delay_ms(1, 150);
    int code = -SIGKILL;
    for (int kills = 0; kills < 20 && code == -SIGKILL; ++kills) {
      Child child(fixture.dir(),
                  {program(), "sync", "--config", fixture.config().string()});
      std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms(random)));
      child.kill(SIGKILL);
      code = child.wait();
      check_left_behind(fixture.database());
    }
    CHECK(run_to_end(fixture) == 0);
    check_equals_source(fixture);
  }
}
