// SPDX-License-Identifier: MIT
#include "cli/verbs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <optional>

#include "cli/signals.hpp"
#include "config/load.hpp"
#include "config/secret.hpp"
#include "http/certificates.hpp"
#include "report/connectors.hpp"
#include "report/json.hpp"
#include "report/text.hpp"
#include "store/status.hpp"
#include "strandline/check.hpp"
#include "sync/advice.hpp"

namespace strandline::cli {
namespace {

struct Findings {
  std::vector<Failure> failures;
  std::vector<std::string> warnings;
};

void check_secret(const model::SecretReference& reference, Findings& findings) {
  try {
    config::resolve(reference);
  } catch (const Error& error) {
    findings.failures.push_back(sync::describe(error));
  }
  if (const auto warning = config::permission_warning(reference)) {
    findings.warnings.push_back(*warning);
  }
}

void check_source(const model::SourceDefinition& source, Findings& findings) {
  for (const auto& secret : model::secrets_of(source)) {
    check_secret(secret, findings);
  }
  if (!source.ca.empty()) {
    try {
      http::require_certificates(source.ca);
    } catch (const Error& error) {
      findings.failures.push_back(sync::describe(error));
    }
  }
}

void check_database(const model::Configuration& configuration,
                    Findings& findings) {
  const auto folder =
      std::filesystem::absolute(configuration.database).parent_path();
  const bool there = std::filesystem::exists(configuration.database);
  if (access(folder.c_str(), W_OK | X_OK) != 0 ||
      (there && access(configuration.database.c_str(), R_OK | W_OK) != 0)) {
    findings.failures.push_back(
        {ExitCode::cannot_create,
         "the database " + configuration.database.string() +
             " cannot be written",
         {{"try", "the file and its folder must be writable for this user"}}});
    return;
  }
  try {
    store::read_states(configuration.database, configuration.streams);
  } catch (const Error& error) {
    findings.failures.push_back(sync::describe(error));
  }
  if (const auto warning = store::library_warning()) {
    findings.warnings.push_back(*warning);
  }
}

Findings check_all(const std::filesystem::path& file, std::string& good) {
  Findings findings;
  try {
    const auto configuration = config::load(file);
    findings.warnings = configuration.warnings;
    for (const auto& source : configuration.sources) {
      check_source(source, findings);
    }
    check_database(configuration, findings);
    const auto streams = configuration.streams.size();
    const auto sources = configuration.sources.size();
    good = file.string() + ": " + std::to_string(streams) +
           (streams == 1 ? " stream of " : " streams of ") +
           std::to_string(sources) + (sources == 1 ? " source" : " sources") +
           ", into " + configuration.database.string() + "\n";
  } catch (const config::ConfigError& error) {
    for (const auto& problem : error.problems()) {
      findings.failures.push_back(
          {ExitCode::configuration, problem.text(), problem.notes});
    }
  }
  return findings;
}

// Adds what a list answered, which a person waits for.
void print(const ListCheck& list, const Common& common,
           report::Console& console) {
  if (list.failure) {
    console.error(*list.failure, list.source + "." + list.stream);
  } else if (list.rejected > 0) {
    console.warning(fmt::format("{}.{}: {} of {} records do not fit: {}",
                                list.source, list.stream, list.rejected,
                                list.records, list.reason));
  }
  if (common.json) {
    std::cout << report::json(list) << '\n';
  } else if (!list.failure) {
    std::cout << report::text(list);
  }
}

int check_online(const Common& common, const std::filesystem::path& file,
                 const std::vector<std::string>& streams,
                 report::Console& console) {
  const StopOnSignal stop;
  CheckOptions options;
  options.config = file;
  options.streams = streams;
  options.stop = &stop.signal();
  options.on_list = [&](const ListCheck& list) {
    print(list, common, console);
  };
  return static_cast<int>(exit_code(check_lists(options)));
}

}  // namespace

int check(const Common& common, const CheckRequest& request) {
  report::Console console(common.detail);
  const auto file = configuration_file(common);
  std::string good;
  const auto findings = check_all(file, good);
  for (const auto& warning : findings.warnings) {
    console.warning(warning);
  }
  for (const auto& failure : findings.failures) {
    console.error(failure);
    if (common.json) {
      std::cout << report::json(failure) << '\n';
    }
  }
  if (!findings.failures.empty()) {
    return static_cast<int>(findings.failures.front().code);
  }
  if (!common.json) {
    std::cout << good;
  }
  const int code = request.offline
                       ? 0
                       : check_online(common, file, request.streams, console);
  if (common.json) {
    std::cout << (code == 0 ? "{\"type\":\"check\",\"ok\":true}\n"
                            : "{\"type\":\"check\",\"ok\":false}\n");
  }
  return code;
}

}  // namespace strandline::cli
