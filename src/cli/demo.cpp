// SPDX-License-Identifier: MIT
#include "cli/demo.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "cli/embedded.hpp"
#include "cli/verbs.hpp"
#include "config/load.hpp"
#include "recording/replay.hpp"
#include "report/json.hpp"
#include "report/text.hpp"
#include "sync/run.hpp"

namespace strandline::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* configuration_name = "strandline.toml";
constexpr const char* recording_name = "demo.har";
constexpr const char* database_name = "demo.db";

constexpr const char* introduction =
    "Made {}: a configuration and a recorded CRM, so no network is used.\n";

// What stands above the outcome of each run.
constexpr std::array headings = {
    "First sync, 3 March 2026, 08:00 UTC. Everything is new:\n",
    "Second sync, 13:00 UTC. Meanwhile 3 persons, 1 account and 3 contacts "
    "changed:\n"};

constexpr const char* explanation =
    "\nPersons and accounts were asked for what changed since the mark, less "
    "five minutes\nfor late records. Rows and marks share a transaction: a "
    "kill "
    "loses and doubles none.\n";

void write(const fs::path& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) {
    throw Error(ExitCode::cannot_create, "cannot write " + file.string(),
                {{"try", "a folder that is writable: strandline demo DIR"}});
  }
}

// Nothing that is there is written over.
void make_folder(const fs::path& directory) {
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure) {
    throw Error(ExitCode::cannot_create,
                fmt::format("cannot make the folder {}: {}", directory.string(),
                            failure.message()),
                {{"try", "another folder: strandline demo DIR"}});
  }
  for (const auto* name : {database_name, configuration_name, recording_name}) {
    const auto file = directory / name;
    if (fs::exists(fs::symlink_status(file, failure))) {
      throw Error(
          ExitCode::cannot_create, file.string() + " is there already",
          {{"try", "remove it, or name another folder: strandline demo DIR"}});
    }
  }
  write(directory / configuration_name, demo_configuration);
  write(directory / recording_name, demo_recording);
}

SyncSummary sync_from(const model::Configuration& configuration, DemoRun run) {
  recording::Recording recording;
  recording.exchanges = std::move(run.exchanges);
  const auto replay = std::make_shared<recording::Replay>(std::move(recording));
  sync::Environment environment;
  environment.now = [at = run.at] { return at; };
  environment.client = [&](const model::SourceDefinition& source) {
    return std::make_unique<http::Client>(
        source, http::Credentials(),
        std::make_unique<recording::ReplayTransport>(replay));
  };
  return sync::run(configuration, {}, environment);
}

// A recording that is part of the program fits it: what can fail is the file.
void check(const SyncSummary& summary) {
  auto failure = summary.failure;
  for (const auto& stream : summary.streams) {
    failure = failure ? failure : stream.failure;
  }
  if (failure) {
    throw Error(failure->code, failure->message, failure->notes);
  }
}

void print(const SyncSummary& summary, bool json) {
  if (json) {
    std::cout << report::json(summary) << '\n';
    return;
  }
  std::cout << report::text(summary);
  for (const auto& stream : summary.streams) {
    for (const auto& warning : stream.warnings) {
      std::cout << stream.stream << ": " << warning << '\n';
    }
  }
}

// Returns `path` as a shell reads it.
std::string word(const fs::path& path) {
  auto text = path.string();
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+";
  if (text.find_first_not_of(plain) == std::string::npos) {
    return text;
  }
  for (auto at = text.find('\''); at != std::string::npos;
       at = text.find('\'', at + 4)) {
    text.replace(at, 1, R"('\'')");
  }
  return "'" + text + "'";
}

std::string next_commands(const fs::path& directory) {
  return fmt::format(
      "\nNow try\n"
      "  sqlite3 -box {0} \"SELECT name, email, phone FROM persons WHERE "
      "_run_id = 2\"\n"
      "  sqlite3 -box {0} \"SELECT pipeline_name, last_processed_at FROM "
      "pipeline_checkpoints\"\n"
      "  strandline status --config {1}  # stale: the last run was in March\n",
      word(directory / database_name), word(directory / configuration_name));
}

}  // namespace

std::vector<DemoRun> demo_runs() {
  const auto document = Json::parse(demo_recording);
  std::vector<DemoRun> runs;
  for (const auto& page : document.at("log").at("pages")) {
    auto part = document;
    auto& entries = part.at("log").at("entries");
    entries = Json::array();
    for (const auto& entry : document.at("log").at("entries")) {
      if (entry.at("pageref") == page.at("id")) {
        entries.push_back(entry);
      }
    }
    const auto begun = page.at("startedDateTime").get<std::string>();
    runs.push_back(
        {model::parse_rfc3339(begun).value(),
         recording::read_har(part.dump(), recording_name).exchanges});
  }
  return runs;
}

int demo(const fs::path& directory, bool json) {
  make_folder(directory);
  const auto configuration = config::load(directory / configuration_name);
  if (!json) {
    std::cout << fmt::format(introduction, directory.string());
  }
  auto heading = headings.begin();
  for (auto& run : demo_runs()) {
    if (!json) {
      std::cout << '\n' << *heading++;
    }
    const auto summary = sync_from(configuration, std::move(run));
    print(summary, json);
    check(summary);
  }
  if (!json) {
    std::cout << explanation << next_commands(directory);
  }
  return 0;
}

}  // namespace strandline::cli
