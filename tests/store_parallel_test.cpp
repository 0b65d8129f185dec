// SPDX-License-Identifier: MIT
//
// Several writers of one store: who is at the file, and what an error of one
// does to the others.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <thread>

#include "batch_builder.hpp"
#include "fault_vfs.hpp"
#include "store/ticket_lock.hpp"
#include "store_fixture.hpp"

namespace strandline::test {
namespace {

using namespace std::chrono_literals;

model::StreamDefinition stream_named(const std::string& name) {
  auto stream = contacts();
  stream.name = name;
  return stream;
}

// A list of a store that others have lists of, too.
struct List {
  List(store::Store& store, std::int64_t run_id, const std::string& name)
      : stream(stream_named(name)),
        writer(store, run_id, stream, {"as ever", false, {}}, noon),
        pages(stream) {}

  store::Counts commit_to(std::int64_t mark,
                          const std::vector<Members>& records) {
    store::Batch batch;
    batch.pages.push_back(pages.page(records, {}));
    batch.after = writer.checkpoint();
    batch.after.mark = mark;
    return writer.commit(batch, noon);
  }

  model::StreamDefinition stream;
  store::StreamWriter writer;
  Pages pages;
};

// How many descriptors of this process lead to a file.
int open_descriptors(const std::filesystem::path& file) {
  int count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    count += std::filesystem::read_symlink(entry.path(), gone) == file ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_SUITE("a ticket lock") {
  TEST_CASE("are given in the order in which they were asked for") {
    store::TicketLock turns;
    std::vector<int> order;
    turns.lock();
    std::vector<std::jthread> waiting;
    for (int number = 0; number < 5; ++number) {
      waiting.emplace_back([&turns, &order, number] {
        const std::lock_guard turn(turns);
        order.push_back(number);
      });
      std::this_thread::sleep_for(20ms);
    }
    turns.unlock();
    waiting.clear();
    CHECK(order == std::vector{0, 1, 2, 3, 4});
  }

  TEST_CASE("who gives it back stands behind those who wait") {
    for (int round = 0; round < 10; ++round) {
      store::TicketLock turns;
      std::atomic<bool> had_turn = false;
      turns.lock();
      const std::jthread other([&] {
        const std::lock_guard turn(turns);
        had_turn = true;
      });
      std::this_thread::sleep_for(10ms);
      turns.unlock();
      turns.lock();
      CHECK(had_turn);
      turns.unlock();
    }
  }
}

TEST_SUITE("writers of one store") {
  TEST_CASE("work in threads of their own, with all that they do") {
    const File file;
    constexpr std::size_t count = 4;
    constexpr int rounds = 25;
    {
      store::Store store(file.path, model::Journal::wal);
      const auto run_id = store.begin_run(noon);
      std::array<std::string, count> errors;
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back([&store, &error = errors.at(i), run_id, i] {
          const auto name = "list" + std::to_string(i);
          try {
            for (int round = 0; round < rounds; ++round) {
              List list(store, run_id, name);
              list.commit_to(2 * round + 1, {{{"id", round}, {"n", name}}});
              list.writer.move_mark(std::int64_t{2 * round}, noon);
              list.writer.mark_in_history(std::int64_t{1000});
              if (list.writer.rows() != round + 1) {
                throw std::runtime_error("rows are missing");
              }
              list.writer.finish({}, noon);
              store.enter_failure(run_id, "crm.no" + name, {}, noon);
            }
          } catch (const std::exception& failure) {
            error = failure.what();
          }
        });
      }
      threads.clear();
      for (const auto& error : errors) {
        CHECK(error == "");
      }
    }
    auto sql = file.sql();
    CHECK(sql.value("PRAGMA integrity_check") == "ok");
    for (std::size_t i = 0; i < count; ++i) {
      const auto name = "list" + std::to_string(i);
      CHECK(sql.value("SELECT count(*) FROM " + name) ==
            std::to_string(rounds));
      CHECK(sql.value("SELECT count(DISTINCT n) FROM " + name) == "1");
    }
    CHECK(sql.value("SELECT count(*) FROM pipeline_runs") == "8");
  }

  TEST_CASE("one may change the schema under the others' statements") {
    const File file;
    store::Store store(file.path, model::Journal::wal);
    const auto run_id = store.begin_run(noon);
    List one(store, run_id, "one");
    List other(store, run_id, "other");
    CHECK(brief(one.commit_to(1, {{{"id", 1}, {"a", "x"}}})) == "1/0/0/0");
    CHECK(brief(other.commit_to(1, {{{"id", 1}, {"b", "y"}}})) == "1/0/0/0");
    CHECK(brief(one.commit_to(2, {{{"id", 1}, {"a", "x"}},
                                  {{"id", 2}, {"a", "z"}}})) == "1/0/1/0");
    CHECK(brief(other.commit_to(2, {{{"id", 1}, {"b", "y"}, {"c", 7}}})) ==
          "0/1/0/0");
    CHECK(brief(one.commit_to(3, {{{"id", 2}, {"a", "w"}, {"d", 1}}})) ==
          "0/1/0/0");
  }

  TEST_CASE("no transaction is open between two turns") {
    const File file;
    store::Store store(file.path, model::Journal::rollback);
    const auto run_id = store.begin_run(noon);
    List one(store, run_id, "one");
    List other(store, run_id, "other");
    const auto someone_else_writes = [&] {
      file.sql().exec("CREATE TABLE IF NOT EXISTS mine (a)");
      file.sql().exec("INSERT INTO mine VALUES (1)");
    };
    CHECK_NOTHROW(someone_else_writes());
    one.commit_to(1, {{{"id", 1}}});
    CHECK_NOTHROW(someone_else_writes());
    other.commit_to(1, {{{"id", 1}}});
    one.writer.mark_in_history(std::int64_t{1});
    CHECK(other.writer.rows() == 1);
    CHECK_NOTHROW(someone_else_writes());
  }

  TEST_CASE("an error that spoils the connection ends one of them only") {
    for (const auto journal : {model::Journal::wal, model::Journal::rollback}) {
      for (const auto when : {FaultVfs::When::before, FaultVfs::When::after}) {
        bool failed = true;
        for (std::size_t call = 0; failed; ++call) {
          CAPTURE(call);
          REQUIRE(call < 100);
          FaultVfs disk;
          const File file;
          store::Store store(file.path, journal);
          const auto run_id = store.begin_run(noon);
          List sick(store, run_id, "sick");
          List well(store, run_id, "well");
          well.commit_to(1, {{{"id", 1}, {"name", "a"}}});
          sick.commit_to(1, {{{"id", 1}, {"name", "a"}}});
          disk.fail(call, 0, FaultVfs::Times::once, when);
          const auto error = refusal([&] {
            sick.commit_to(2, {{{"id", 2}, {"name", "b"}, {"more", 1}}});
          });
          failed = disk.failures() > 0;
          disk.stop();
          // Its statements are those of the new connection, and it still knows
          // the fields that pages brought before.
          CHECK(brief(well.commit_to(
                    2, {{{"id", 1}, {"name", "a"}},
                        {{"id", 2}, {"name", "c"}, {"phone", 1}}})) ==
                "1/0/1/0");
          CHECK(well.writer.rows() == 2);
          CHECK(open_descriptors(file.path) == 1);
          if (error) {
            sick.writer.finish({store::Outcome::failed, 74, "e", {}, {}}, noon);
          } else {
            CHECK(sick.commit_to(3, {{{"id", 3}}}).inserted == 1);
            sick.writer.finish({}, noon);
          }
          well.writer.finish({}, noon);
          auto sql = file.sql();
          CHECK(sql.value("PRAGMA integrity_check") == "ok");
          CHECK(sql.rows("SELECT id, name, phone FROM well ORDER BY 1") ==
                Lines{"1|a|NULL", "2|c|1"});
          CHECK(sql.rows("SELECT outcome FROM pipeline_runs ORDER BY "
                         "pipeline_name") ==
                Lines{error ? "failed" : "ok", "ok"});
        }
      }
    }
  }

  TEST_CASE("a file that is gone ends them all, each with its own error") {
    const File file;
    store::Store store(file.path, model::Journal::wal);
    const auto run_id = store.begin_run(noon);
    List one(store, run_id, "one");
    List other(store, run_id, "other");
    one.commit_to(1, {{{"id", 1}}});
    std::filesystem::rename(file.path, file.folder.path() / "moved.db");
    CHECK(code([&] { one.commit_to(2, {{{"id", 2}}}); }) == ExitCode::io);
    CHECK(code([&] { other.commit_to(1, {{{"id", 1}}}); }) == ExitCode::io);
  }
}

}  // namespace strandline::test
