// SPDX-License-Identifier: MIT
#include "world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace strandline::test {
namespace {

namespace fs = std::filesystem;

// The ledger knows the overlap. Pages are small, so that there are many
// requests to die at.
std::string configuration(const std::string& url, const std::string& journal,
                          int parallel,
                          const std::vector<std::string>& streams) {
  constexpr const char* cursor =
      R"(cursor = {{ field = "updated_at", order = "{}", overlap = "2s" }})";
  constexpr const char* token = R"({ token = "next", param = "at" })";
  auto text = fmt::format(
      "database = \"test.db\"\njournal = \"{}\"\nparallel = "
      "{}\n[source.s]\nbase_url = "
      "\"{}\"\nauth = \"bearer\"\ntoken = {{ env = \"RUN_TOKEN\" }}\n",
      journal, parallel, url);
  const auto add = [&](const std::string& name, int limit, const char* order,
                       const std::string& page) {
    if (std::find(streams.begin(), streams.end(), name) == streams.end()) {
      return;
    }
    const bool filtered = name != "snapshot" && name != "descending";
    text += fmt::format(
        "[stream.{0}]\nget = \"/{0}\"\nquery = {{ limit = {1}{2} }}\nrecords = "
        "\"data\"\nkey = \"id\"\npage = {3}\n",
        name, limit, filtered ? ", since = \"${from}\"" : "", page);
    if (order != nullptr) {
      text += fmt::format(fmt::runtime(cursor), order) + "\n";
    }
  };
  add("ascending", 40, "ascending", token);
  add("unordered", 60, "unordered", token);
  add("next", 50, "ascending", R"({ next = "next" })");
  add("link", 70, "unordered", R"({ link = "next" })");
  add("descending", 45, "descending", token);
  add("snapshot", 100, nullptr, token);
  return text;
}

}  // namespace

World::World(ChangingSource& source, const std::string& journal, int parallel,
             std::vector<std::string> streams)
    : source_(source),
      wal_(journal == "wal"),
      streams_(std::move(streams)),
      config_(dir_.write(
          "strandline.toml",
          configuration(source.url(), journal, parallel, streams_))) {
  remove_database();
}

Child World::start(const Start& start, const TempDir& output,
                   const std::vector<std::string>& environment) const {
  std::vector<std::string> arguments = {program(), "sync", "--config",
                                        config_.string(), "--json"};
  if (start.full) {
    arguments.emplace_back("--full");
  }
  arguments.insert(arguments.end(), start.streams.begin(), start.streams.end());
  auto variables = environment;
  variables.push_back("RUN_TOKEN=" + start.token);
  return Child(output, arguments, variables);
}

bool World::reads(const Start& start, const std::string& stream) {
  return start.streams.empty() ||
         std::find(start.streams.begin(), start.streams.end(), stream) !=
             start.streams.end();
}

void World::check(const std::vector<Start>& starts, bool thorough) {
  const auto left = read_left_behind(database(), copy(), source_, thorough);
  // By the first page that each was sent: they did not work at once.
  std::map<std::int64_t, std::vector<std::pair<Start, Pages>>> in_order;
  for (const auto& start : starts) {
    auto pages = source_.take_pages(start.token);
    const auto first = pages.empty() ? 0 : pages.front().number;
    in_order[first].emplace_back(start, std::move(pages));
  }
  for (auto& [name, ledger] : ledgers_) {
    std::vector<RunPages> runs;
    for (const auto& [first, group] : in_order) {
      for (const auto& [start, pages] : group) {
        auto& run = runs.emplace_back();
        run.full = start.full && reads(start, name);
        std::copy_if(pages.begin(), pages.end(), std::back_inserter(run.pages),
                     [&name = name](const ServedPage& page) {
                       return page.stream == name;
                     });
      }
    }
    ledger.explain(left.streams.at(name), runs, source_);
  }
  check_runs(left);
}

void World::require_closed(const Start& start) const {
  for (const auto& [name, ledger] : ledgers_) {
    if (reads(start, name) && ledger.state().window) {
      throw Violation(name + ": a window is open after a run that was done");
    }
  }
}

// Ids never fall, and what was running is closed by the next run.
void World::check_runs(const LeftBehind& left) {
  const auto before = std::exchange(left_, left);
  if (before.has_schema && !left.has_schema) {
    throw Violation("the schema is gone");
  }
  if (left.last_run_id < before.last_run_id) {
    throw Violation("the last run's id has fallen");
  }
  for (const auto& name : streams_) {
    const auto& stream = left.streams.at(name);
    if (stream.last_run_id < before.streams.at(name).last_run_id ||
        stream.last_run_id > left.last_run_id) {
      throw Violation(name + ": the checkpoint's run id is not a later one");
    }
  }
  for (const auto& [key, outcome] : left.outcomes) {
    if (outcome == "running" && key.first != left.last_run_id) {
      throw Violation(
          fmt::format("run {} of {} is 'running' after run {} began", key.first,
                      key.second, left.last_run_id));
    }
  }
  for (const auto& [key, outcome] : before.outcomes) {
    const auto now = left.outcomes.find(key);
    const bool closed = outcome == "running" && left.last_run_id > key.first;
    if (now != left.outcomes.end() && outcome != now->second &&
        outcome != "running") {
      throw Violation("the outcome of a run that had ended has changed");
    }
    if (closed && now != left.outcomes.end() && now->second != "killed") {
      throw Violation(fmt::format("run {} of {} died, and is '{}'", key.first,
                                  key.second, now->second));
    }
  }
}

void World::require_complete() const {
  for (const auto& [name, ledger] : ledgers_) {
    ledger.require_complete(source_);
  }
}

std::string World::data() const {
  return data_tables(database(), copy());
}

void World::remove_database() {
  for (const char* suffix : {"", "-wal", "-journal", "-shm", ".lock"}) {
    fs::remove(fs::path(database()) += suffix);
  }
  ledgers_.clear();
  left_ = {};
  for (const auto& name : streams_) {
    ledgers_.emplace(name, Ledger(name));
    left_.streams[name];
  }
}

void World::copy_database(const World& other) {
  remove_database();
  for (const char* suffix : {"", "-wal", "-journal"}) {
    const auto from = fs::path(other.database()) += suffix;
    if (fs::exists(from)) {
      fs::copy_file(from, fs::path(database()) += suffix);
    }
  }
  ledgers_ = other.ledgers_;
  left_ = other.left_;
}

}  // namespace strandline::test
