// SPDX-License-Identifier: MIT
//
// A first sync of four streams from a source that takes its time for each page,
// by one, two and four at once, in one run: `parallel_bench PROGRAM [RECORDS]`,
// records of each stream. Fails if a table is not what the source has, or more
// at once takes longer than one.
#include <fmt/format.h>
#include <sqlite3.h>

#include <cstdlib>
#include <string>

#include "../tests/temp_dir.hpp"
#include "contact_server.hpp"
#include "program.hpp"

using namespace strandline;

namespace {

constexpr int page_size = 500;
constexpr std::chrono::milliseconds latency{20};
constexpr const char* names[] = {"contacts", "deals", "companies", "tickets"};

std::string configuration(int port, int parallel) {
  auto text = fmt::format(
      "database = \"{0}.db\"\nparallel = {0}\n[source.crm]\n"
      "base_url = \"http://127.0.0.1:{1}\"\n",
      parallel, port);
  for (const auto* name : names) {
    text += fmt::format(
        "[stream.{0}]\nget = \"/{0}\"\nquery = {{ since = \"${{from}}\" }}\n"
        "records = \"data\"\nkey = \"id\"\n"
        "cursor = {{ field = \"updated_at\" }}\n"
        "page = {{ token = \"meta/next\", param = \"after\" }}\n",
        name);
  }
  return text;
}

int rows(const std::filesystem::path& file, const std::string& table) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  int count = -1;
  if (sqlite3_open(file.c_str(), &database) == SQLITE_OK &&
      sqlite3_prepare_v2(database, ("SELECT count(*) FROM " + table).c_str(),
                         -1, &statement, nullptr) == SQLITE_OK &&
      sqlite3_step(statement) == SQLITE_ROW) {
    count = sqlite3_column_int(statement, 0);
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return count;
}

int compare(const char* program, int records) {
  const test::TempDir dir;
  const bench::ContactServer server(records, page_size, latency);
  fmt::print("4 streams of {} records, {} a page, {} ms a page\n", records,
             page_size, latency.count());
  double alone = 0;
  bool good = true;
  for (const int parallel : {1, 2, 4}) {
    const auto name = std::to_string(parallel);
    const auto taken = bench::sync(
        program,
        dir.write(name + ".toml", configuration(server.port(), parallel)));
    if (parallel == 1) {
      alone = taken.seconds;
    }
    fmt::print(
        "parallel = {}  {:>6.2f} s  {:.2f} of one  {:.2f} s CPU  {:.1f} MiB "
        "peak\n",
        parallel, taken.seconds, taken.seconds / alone, taken.cpu_seconds,
        static_cast<double>(taken.peak_kib) / 1024);
    good = good && taken.seconds <= alone;
    for (const auto* table : names) {
      good = good && rows(dir.path() / (name + ".db"), table) == records;
    }
  }
  if (!good) {
    fmt::print("FAILED: rows are missing, or several at once take longer\n");
  }
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: parallel_bench PROGRAM [RECORDS]\n");
    return 64;
  }
  return compare(argv[1], argc > 2 ? std::atoi(argv[2]) : 20'000);
}
