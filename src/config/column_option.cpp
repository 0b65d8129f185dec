// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strandline::config {
namespace {

// A path as APIs name it: its members with stops between them. An element of an
// array is not asked for by itself.
std::string name_of(const model::Path& path) {
  std::string name;
  for (const auto& segment : path.segments) {
    if (!segment.index && segment.member.empty()) {
      name += (name.empty() ? "" : ".") + segment.text;
    }
  }
  return name;
}

}  // namespace

Option column_option(const Table& table,
                     const model::StreamDefinition& stream) {
  Option option;
  option.is_list = true;
  option.from = model::Template::Piece::From::columns;
  const auto add = [&](const model::Path& path) {
    auto name = path.absolute ? std::string() : name_of(path);
    auto& values = option.values;
    if (!name.empty() &&
        std::find(values.begin(), values.end(), name) == values.end()) {
      values.push_back(std::move(name));
    }
  };
  for (const auto& part : stream.key) {
    add(part.path);
  }
  if (stream.hash) {
    for (const auto& path : stream.hash->paths) {
      add(path);
    }
  }
  if (stream.has_mark()) {
    add(stream.cursor->field);
  }
  if (stream.version) {
    add(*stream.version);
  }
  if (stream.deleted.when) {
    add(*stream.deleted.when);
  }
  for (const auto& path : stream.deleted.key) {
    add(path);
  }
  for (const auto& column : stream.columns) {
    if (!column.of_parent) {
      add(column.path);
    }
  }
  if (stream.all_columns) {
    option.place = table.place();
    option.missing = fmt::format(
        "{} asks for '${{columns}}', and its columns have \"*\": they must be "
        "listed",
        table.heading());
  }
  return option;
}

}  // namespace strandline::config
