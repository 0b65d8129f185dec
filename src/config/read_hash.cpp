// SPDX-License-Identifier: MIT
#include "config/check.hpp"
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/read_value.hpp"

namespace strandline::config {
namespace {

// A declared column's name stands for its path.
std::optional<model::Path> read_part(
    const Table& key, const std::string& text,
    const std::vector<model::ColumnRule>& columns) {
  if (text == "*") {
    key.refuse("hash", "has \"*\" in its list",
               {{"try", "hash = \"*\" for every member"}});
    return {};
  }
  const auto column = std::find_if(
      columns.begin(), columns.end(),
      [&](const model::ColumnRule& each) { return each.name == text; });
  if (column != columns.end()) {
    return column->path;
  }
  auto path = parse_path(key, "hash", text);
  if (path && path->segments.empty()) {
    key.refuse("hash", "must name members of the record",
               {{"try", "hash = \"*\" for every member"}});
    return {};
  }
  return path;
}

}  // namespace

model::HashKey read_hash(const Table& key,
                         const std::vector<model::ColumnRule>& columns) {
  model::HashKey hash;
  check_required(key);
  const auto* const node = key.find("hash");
  const auto* const list = node == nullptr ? nullptr : node->as_array();
  if (list == nullptr) {
    return hash;
  }
  if (list->empty()) {
    key.refuse("hash", "must have at least one path");
  }
  for (const auto& element : *list) {
    auto path = read_part(key, element.value_or(std::string()), columns);
    if (!path) {
      continue;
    }
    if (std::find(hash.paths.begin(), hash.paths.end(), *path) !=
        hash.paths.end()) {
      key.refuse("hash", fmt::format("names {} twice",
                                     in_quotes(model::to_text(*path))));
      continue;
    }
    hash.paths.push_back(*std::move(path));
  }
  return hash;
}

}  // namespace strandline::config
