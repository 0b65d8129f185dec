// SPDX-License-Identifier: MIT
//
// Streams that are read for each record of another one.
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "model/text.hpp"

namespace strandline::config {
namespace {

using model::StreamDefinition;

constexpr std::string_view prefix = "parent.";

// Of a stream that is read for the elements of a list, the first.
StreamDefinition* find(model::Configuration& configuration,
                       const std::string& name) {
  auto& streams = configuration.streams;
  const auto found = std::find_if(
      streams.begin(), streams.end(),
      [&](const StreamDefinition& each) { return each.name == name; });
  return found == streams.end() ? nullptr : &*found;
}

// The values of the parent that the request and the columns need.
std::set<std::string> needed(const StreamDefinition& child) {
  std::set<std::string> paths;
  for (const auto& name : model::placeholders_of(child)) {
    if (name.starts_with(prefix)) {
      paths.insert(name.substr(prefix.size()));
    }
  }
  for (const auto* columns : {&child.key, &child.columns}) {
    for (const auto& column : *columns) {
      if (column.of_parent) {
        paths.insert(model::to_text(column.path));
      }
    }
  }
  return paths;
}

void add_child(const Table& table, StreamDefinition& parent,
               const StreamDefinition& child) {
  std::vector<model::Path> paths;
  for (const auto& path : needed(child)) {
    if (auto parsed = parse_path(table, "parent", path)) {
      paths.push_back(*std::move(parsed));
    }
  }
  const auto add = [&](StreamDefinition& list) {
    list.children.push_back(child.owner());
    for (const auto& path : paths) {
      const auto text = model::to_text(path);
      if (std::none_of(list.child_paths.begin(), list.child_paths.end(),
                       [&](const model::Path& known) {
                         return model::to_text(known) == text;
                       })) {
        list.child_paths.push_back(path);
      }
    }
  };
  add(parent);
  for (auto& also : parent.also) {
    add(also);
  }
}

bool is_in_circle(model::Configuration& configuration,
                  const StreamDefinition& stream) {
  std::set<std::string> met;
  for (const auto* at = &stream; at != nullptr && !at->parent.empty();
       at = find(configuration, at->parent)) {
    if (!met.insert(at->name).second) {
      return true;
    }
  }
  return false;
}

void check_child(const Table& table, const StreamDefinition& child) {
  if (child.cursor) {
    table.refuse("cursor",
                 "does not go with parent: the children of a record are read "
                 "whole whenever it has changed");
  }
  if (!child.also.empty()) {
    table.refuse("also", "does not go with parent");
  }
}

}  // namespace

void check_no_parent(const Table& table,
                     const model::StreamDefinition& stream) {
  auto names = needed(stream);
  const auto all = model::placeholders_of(stream);
  const bool alone = all.contains("parent") || names.contains("");
  names.erase("");
  const bool of_record = !stream.parent.empty();
  const bool of_element = !stream.element.empty();
  std::string wrong;
  if (!of_record && !of_element && (alone || !names.empty())) {
    wrong = "has ${parent} and no parent";
  } else if (of_record && alone) {
    wrong =
        "has ${parent}, which stands for the element of an option's list; a "
        "value of the parent record is ${parent.PATH}";
  } else if (of_element && !names.empty()) {
    wrong =
        "has ${parent.PATH}, which stands for a value of a parent record; the "
        "element of an option's list is ${parent}";
  }
  if (!wrong.empty()) {
    table.context().reporter.problem(
        table.place(), fmt::format("{} {}", table.heading(), wrong));
  }
}

void link_parent(const Table& table, model::Configuration& configuration,
                 const std::string& name) {
  auto* const child = find(configuration, name);
  if (child == nullptr || child->parent.empty()) {
    return;
  }
  auto* const parent = find(configuration, child->parent);
  if (parent == nullptr) {
    std::vector<std::string_view> known;
    for (const auto& each : configuration.streams) {
      known.push_back(each.name);
    }
    const auto meant = model::nearest(child->parent, known);
    table.refuse(
        "parent",
        fmt::format("is {}, which is no stream of the file{}",
                    in_quotes(child->parent),
                    meant ? fmt::format("; did you mean {}?", in_quotes(*meant))
                          : std::string()),
        {{"try", fmt::format("[stream.{}] in the file, if its records are to "
                             "be read too",
                             child->parent)}});
    return;
  }
  if (is_in_circle(configuration, *child)) {
    table.refuse("parent", "leads back to the stream itself");
    return;
  }
  if (parent->source != child->source) {
    table.refuse("parent", "is a stream of another source");
    return;
  }
  check_child(table, *child);
  for (auto& stream : configuration.streams) {
    if (stream.name == child->parent) {
      add_child(table, stream, *child);
    }
  }
  for (const auto* at = parent; at != nullptr;
       at = find(configuration, at->parent)) {
    child->ancestors.insert(child->ancestors.begin(), at->name);
  }
}

}  // namespace strandline::config
