// SPDX-License-Identifier: MIT
#include "config/problem.hpp"

#include <fmt/format.h>

#include <utility>

namespace strandline::config {
namespace {

std::vector<Note> notes_of(const std::vector<Problem>& problems) {
  auto notes = problems.front().notes;
  const auto more = problems.size() - 1;
  if (more > 0) {
    notes.push_back({"more", fmt::format("{} more {} in this file", more,
                                         more == 1 ? "problem" : "problems")});
  }
  return notes;
}

}  // namespace

std::string Problem::text() const {
  return fmt::format("{}:{}:{}: {}", file, line, column, message);
}

ConfigError::ConfigError(std::vector<Problem> problems)
    : Error(ExitCode::configuration, problems.front().text(),
            notes_of(problems)),
      problems_(std::move(problems)) {}

}  // namespace strandline::config
