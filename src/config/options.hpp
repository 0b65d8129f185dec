// SPDX-License-Identifier: MIT
//
// What stands for `${NAME}` in the texts of a source or stream before anything
// is asked for: a connector's options, and what a stream's columns need.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/reporter.hpp"
#include "model/template.hpp"

namespace strandline::config {

/// What an option says.
struct Option {
  std::vector<std::string> values;  ///< of one that is no list, one
  bool is_list = false;
  model::Template::Piece::From from = model::Template::Piece::From::option;
  /// What is wrong with it, if something is, and where: said when a text needs
  /// it.
  std::string missing = {};
  Place place = {};
};

/// Options by their names.
using Options = std::map<std::string, Option, std::less<>>;

/// Returns the option as one text: the values of a list joined with commas.
std::string joined(const Option& option);

}  // namespace strandline::config
