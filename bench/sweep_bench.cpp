// SPDX-License-Identifier: MIT
//
// What it takes to note the keys of a whole reading, so that rows which it did
// not bring are found: `sweep_bench PROGRAM [RECORDS [TIMES]]` syncs one list
// with `missing` and without, in turn, the first time and again. CPU time is
// given beside the clock's, which other programs share.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "../tests/temp_dir.hpp"
#include "contact_server.hpp"
#include "program.hpp"

using namespace strandline;

namespace {

constexpr int page_size = 500;

// A first run and one more, and the bytes of the file after them.
struct Taken {
  std::array<bench::Usage, 2> runs;
  std::uintmax_t bytes = 0;
};

Taken take(const char* program, int port, bool looks) {
  const test::TempDir dir;
  const auto config = dir.write(
      "bench.toml",
      fmt::format("database = \"bench.db\"\n[source.crm]\n"
                  "base_url = \"http://127.0.0.1:{}\"\n[stream.contacts]\n"
                  "get = \"/contacts\"\nrecords = \"data\"\nkey = \"id\"\n"
                  "deleted = {{ missing = {} }}\n"
                  "page = {{ token = \"meta/next\", param = \"after\" }}\n",
                  port, looks));
  Taken taken;
  for (auto& run : taken.runs) {
    run = bench::sync(program, config);
  }
  taken.bytes = std::filesystem::file_size(dir.path() / "bench.db");
  return taken;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void compare(const char* program, int records, int times) {
  const bench::ContactServer server(records, page_size);
  std::array<std::vector<Taken>, 2> all;
  for (int i = 0; i < times; ++i) {
    for (const bool looks : {false, true}) {
      all[looks ? 1 : 0].push_back(take(program, server.port(), looks));
    }
  }
  const auto of = [&](int looks, auto value) {
    std::vector<double> values;
    for (const auto& each : all.at(static_cast<std::size_t>(looks))) {
      values.push_back(value(each));
    }
    return median(values);
  };
  fmt::print("{} records, {} a page, medians of {}\n", records, page_size,
             times);
  const auto print = [&](const char* what, auto value) {
    const auto without = of(0, value);
    const auto with = of(1, value);
    fmt::print("{:<24} {:>8.2f} without, {:>8.2f} with: {:.2f}\n", what,
               without, with, with / without);
  };
  for (const std::size_t run : {0U, 1U}) {
    const std::string name = run == 0 ? "first sync" : "again, unchanged";
    print((name + ", s").c_str(),
          [&](const Taken& each) { return each.runs.at(run).seconds; });
    print((name + ", s CPU").c_str(),
          [&](const Taken& each) { return each.runs.at(run).cpu_seconds; });
  }
  print("the file, MiB", [](const Taken& each) {
    return static_cast<double>(each.bytes) / (1U << 20U);
  });
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<char*> given(arguments, arguments + count);
  if (count < 2) {
    fmt::print(stderr, "sweep_bench PROGRAM [RECORDS [TIMES]]\n");
    return 2;
  }
  compare(given[1], count > 2 ? std::atoi(given[2]) : 20'000,
          count > 3 ? std::atoi(given[3]) : 3);
  return 0;
}
