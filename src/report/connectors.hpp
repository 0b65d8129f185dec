// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "strandline/check.hpp"

namespace strandline::report {

/// What a list of connectors says of one.
struct Connector {
  std::string name;
  std::string title;
  std::string file;  ///< the user's own; empty: of the program
  std::string auth;
  std::vector<std::string> streams;  ///< that need nothing but their names
  std::vector<std::string> options;  ///< that its user must set
};

/// Returns the connectors as a table with a heading, a line each.
std::string text(const std::vector<Connector>& connectors);

/// Returns them as one JSON object on a line.
std::string json(const std::vector<Connector>& connectors);

/// Returns what a list answered, for people: a line.
std::string text(const ListCheck& list);

/// Returns it as one JSON object on a line.
std::string json(const ListCheck& list);

}  // namespace strandline::report
