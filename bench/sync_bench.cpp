// SPDX-License-Identifier: MIT
//
// How fast a first sync is beside raw upserts of the same rows, in one run, and
// how much memory it takes: `sync_bench PROGRAM [RECORDS]`. Fails if the sync
// takes 32 MiB or more, or the table is not what the source has.
#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "../tests/temp_dir.hpp"
#include "contact_server.hpp"
#include "program.hpp"

using namespace strandline;
using bench::seconds_since;

namespace {

using std::chrono::steady_clock;

constexpr int page_size = 500;
constexpr long memory_limit_kib = 32 * 1024;

void check(sqlite3* database, int code) {
  if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
    throw std::runtime_error(sqlite3_errmsg(database));
  }
}

void execute(sqlite3* database, const std::string& sql) {
  check(database,
        sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr));
}

std::string answer(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  check(database,
        sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr));
  check(database, sqlite3_step(statement));
  const auto* text = sqlite3_column_text(statement, 0);
  const std::string value =
      text == nullptr ? "" : reinterpret_cast<const char*>(text);
  sqlite3_finalize(statement);
  return value;
}

// The rows that the sync wrote, written again into an empty table of the same
// schema by a prepared upsert, 1,000 a transaction: what SQLite alone takes.
double raw_upserts(const std::filesystem::path& synced,
                   const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  check(database, sqlite3_open(file.c_str(), &database));
  execute(database, fmt::format("ATTACH '{}' AS synced", synced.string()));
  const auto schema = answer(
      database, "SELECT sql FROM synced.sqlite_schema WHERE name = 'contacts'");
  execute(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  execute(database, schema);
  const auto columns = answer(
      database,
      "SELECT group_concat(name) FROM pragma_table_info('contacts', 'synced')");
  const auto marks = answer(
      database,
      "SELECT group_concat('?') FROM pragma_table_info('contacts', 'synced')");
  const auto sets =
      answer(database,
             "SELECT group_concat(name || ' = excluded.' || name) FROM "
             "pragma_table_info('contacts', 'synced') WHERE pk = 0");
  const auto same =
      answer(database,
             "SELECT group_concat('contacts.' || name) FROM "
             "pragma_table_info('contacts', 'synced') WHERE pk = 0");
  const auto other =
      answer(database,
             "SELECT group_concat('excluded.' || name) FROM "
             "pragma_table_info('contacts', 'synced') WHERE pk = 0");
  sqlite3_stmt* upsert = nullptr;
  check(
      database,
      sqlite3_prepare_v2(
          database,
          fmt::format("INSERT INTO contacts ({}) VALUES ({}) ON CONFLICT (id) "
                      "DO UPDATE SET {} WHERE ({}) IS NOT ({})",
                      columns, marks, sets, same, other)
              .c_str(),
          -1, &upsert, nullptr));
  // Read before the clock runs: only the upserts are timed.
  sqlite3_stmt* rows = nullptr;
  check(database, sqlite3_prepare_v2(
                      database, "SELECT * FROM synced.contacts ORDER BY rowid",
                      -1, &rows, nullptr));
  const int width = sqlite3_column_count(rows);
  std::vector<sqlite3_value*> values;
  while (sqlite3_step(rows) == SQLITE_ROW) {
    for (int i = 0; i < width; ++i) {
      values.push_back(sqlite3_value_dup(sqlite3_column_value(rows, i)));
    }
  }
  sqlite3_finalize(rows);
  const auto begun = steady_clock::now();
  std::size_t at = 0;
  while (at < values.size()) {
    execute(database, "BEGIN IMMEDIATE");
    for (int row = 0; row < 1000 && at < values.size(); ++row) {
      for (int i = 1; i <= width; ++i) {
        sqlite3_bind_value(upsert, i, values[at++]);
      }
      check(database, sqlite3_step(upsert));
      sqlite3_reset(upsert);
    }
    execute(database, "COMMIT");
  }
  const auto taken = seconds_since(begun);
  for (auto* value : values) {
    sqlite3_value_free(value);
  }
  sqlite3_finalize(upsert);
  sqlite3_close(database);
  return taken;
}

int compare(const char* program, int records) {
  const test::TempDir dir;
  std::size_t bytes = 0;
  for (int id = 1; id <= records; ++id) {
    bytes += bench::contact(id).size();
  }
  const bench::ContactServer server(records, page_size);
  const auto config = dir.write(
      "bench.toml",
      fmt::format("database = \"bench.db\"\n[source.crm]\n"
                  "base_url = \"http://127.0.0.1:{}\"\n[stream.contacts]\n"
                  "get = \"/contacts\"\nquery = {{ since = \"${{from}}\" }}\n"
                  "records = \"data\"\nkey = \"id\"\n"
                  "cursor = {{ field = \"updated_at\" }}\n"
                  "page = {{ token = \"meta/next\", param = \"after\" }}\n",
                  server.port()));
  const auto first = bench::sync(program, config);
  const auto again = bench::sync(program, config);
  const auto synced = dir.path() / "bench.db";
  sqlite3* database = nullptr;
  check(database, sqlite3_open(synced.c_str(), &database));
  const auto rows = answer(database, "SELECT count(*) FROM contacts");
  sqlite3_close(database);
  const auto raw = raw_upserts(synced, dir.path() / "raw.db");

  fmt::print("{} records, {:.0f} bytes each, {} a page\n", records,
             static_cast<double>(bytes) / records, page_size);
  const auto rate = [&](double taken) { return records / taken; };
  fmt::print("raw upserts         {:>9.0f} records/s\n", rate(raw));
  fmt::print(
      "first sync          {:>9.0f} records/s  {:.2f} of raw  {:.1f} MiB "
      "peak  {:.2f} s CPU\n",
      rate(first.seconds), raw / first.seconds,
      static_cast<double>(first.peak_kib) / 1024, first.cpu_seconds);
  fmt::print(
      "again, unchanged    {:>9.0f} records/s  {:.2f} of raw  {:.1f} MiB "
      "peak  {:.2f} s CPU\n",
      rate(again.seconds), raw / again.seconds,
      static_cast<double>(again.peak_kib) / 1024, again.cpu_seconds);
  if (rows != std::to_string(records)) {
    fmt::print("FAILED: the table has {} rows\n", rows);
    return 1;
  }
  if (std::max(first.peak_kib, again.peak_kib) >= memory_limit_kib) {
    fmt::print("FAILED: the limit is 32 MiB\n");
    return 1;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: sync_bench PROGRAM [RECORDS]\n");
    return 64;
  }
  return compare(argv[1], argc > 2 ? std::atoi(argv[2]) : 200'000);
}
