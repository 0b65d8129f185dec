// SPDX-License-Identifier: MIT
//
// Configurations for tests: written to a folder of their own and loaded.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "temp_dir.hpp"

namespace strandline::test {

/// Loads `text` from "crm.toml".
inline model::Configuration load_text(const std::string& text) {
  const TempDir dir;
  return config::load(dir.write("crm.toml", text));
}

/// Returns everything that is wrong with `text`; nothing if it loads.
inline std::vector<config::Problem> problems_of(const std::string& text) {
  try {
    load_text(text);
  } catch (const config::ConfigError& error) {
    return error.problems();
  }
  return {};
}

/// Returns the problems as "LINE:COLUMN: message", one a line.
inline std::string faults(const std::string& text) {
  std::string all;
  for (const auto& problem : problems_of(text)) {
    all += (all.empty() ? "" : "\n") + std::to_string(problem.line) + ":" +
           std::to_string(problem.column) + ": " + problem.message;
  }
  return all;
}

/// Returns all that a user could come to see of `text`'s problems.
inline std::string everything_said(const std::string& text) {
  std::string all;
  const auto add = [&](const std::string& what,
                       const std::vector<Note>& notes) {
    all += what + "\n";
    for (const auto& note : notes) {
      all += note.label + " " + note.text + "\n";
    }
  };
  try {
    load_text(text);
  } catch (const config::ConfigError& error) {
    add(error.what(), error.notes());
    for (const auto& problem : error.problems()) {
      add(problem.text(), problem.notes);
    }
  }
  return all;
}

/// Returns the text of the first note of `label`, or nothing.
inline std::string note(const std::vector<Note>& notes,
                        std::string_view label) {
  const auto found =
      std::find_if(notes.begin(), notes.end(),
                   [&](const Note& one) { return one.label == label; });
  return found == notes.end() ? std::string() : found->text;
}

/// A source and a stream with no more than they need; `in_source` stands from
/// line 4 on, `in_stream` from the third line after it (7 if that is empty).
inline std::string small_config(const std::string& in_stream,
                                const std::string& in_source = "") {
  return "database = \"crm.db\"\n"
         "[source.api]\n"
         "base_url = \"https://api.example.com\"\n" +
         in_source +
         "[stream.tickets]\n"
         "get = \"/tickets\"\n"
         "key = \"id\"\n" +
         in_stream;
}

}  // namespace strandline::test
