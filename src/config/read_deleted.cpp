// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/characters.hpp"
#include "config/read_value.hpp"
#include "model/sweep_moment.hpp"
#include "model/text.hpp"

namespace strandline::config {
namespace {

constexpr std::pair<std::string_view, bool> modes[] = {{"mark", false},
                                                       {"remove", true}};

// A scalar as JSON writes it, a string without its quotes.
std::string text_of(const Table& table, const toml::node& value) {
  if (const auto text = value.value<std::string>(); value.is_string()) {
    return parse_plain(table, "is", *text).value_or("");
  }
  if (const auto truth = value.as_boolean()) {
    return truth->get() ? "true" : "false";
  }
  if (const auto number = value.as_integer()) {
    return std::to_string(number->get());
  }
  return fmt::format("{}", value.value_or(0.0));
}

std::vector<std::string> read_is(const Table& table) {
  std::vector<std::string> texts;
  const auto* const node = table.find("is");
  if (node == nullptr) {
    return texts;
  }
  if (!table.contains("when")) {
    table.refuse("is", "goes with when, whose value it is");
  }
  if (const auto* const list = node->as_array()) {
    for (const auto& element : *list) {
      texts.push_back(text_of(table, element));
    }
    if (list->empty()) {
      table.refuse("is", "must have at least one value");
    }
  } else {
    texts.push_back(text_of(table, *node));
  }
  return texts;
}

// The values at its paths are hashed in the place of those of the stream's.
void read_other_hash(const Table& table, const std::optional<Table>& key,
                     model::StreamDefinition& also) {
  if (!key || !also.hash) {
    table.refuse("key", key ? "is a hash, and the stream's key is none"
                            : "must be a hash, as the stream's key is");
    return;
  }
  auto paths = read_hash(*key, also.columns).paths;
  if (paths.size() != also.hash->names.size()) {
    const auto said = [](std::size_t count) {
      return count == 0
                 ? std::string("every member")
                 : model::plural(static_cast<std::int64_t>(count), "path");
    };
    key->refuse("hash",
                fmt::format("has {}, and the stream's {}", said(paths.size()),
                            said(also.hash->names.size())));
    return;
  }
  also.hash->paths = std::move(paths);
}

std::vector<model::Path> read_paths(const Table& table, std::string_view key) {
  std::vector<model::Path> paths;
  const auto add = [&](const toml::node& element) {
    if (auto path = parse_path(table, key, element.value_or(std::string()))) {
      paths.push_back(*std::move(path));
    }
  };
  const auto* const node = table.find(key);
  if (node == nullptr) {
    return paths;
  }
  if (const auto* const list = node->as_array()) {
    for (const auto& element : *list) {
      add(element);
    }
  } else {
    add(*node);
  }
  return paths;
}

}  // namespace

void read_deleted(const Table& table, model::StreamDefinition& stream) {
  auto& deleted = stream.deleted;
  deleted.when = read_path(table, "when");
  deleted.is = read_is(table);
  deleted.key = read_paths(table, "key");
  if (table.contains("key") && !table.contains("when")) {
    table.refuse("key",
                 "goes with when: it is that of a record which tells of "
                 "a deletion");
  }
  deleted.remove = read_word(table, "mode", modes).value_or(deleted.remove);
  const bool second = stream.list == model::also_list;
  for (const auto* key : {"missing", "limit"}) {
    if (second && table.contains(key)) {
      table.refuse(key,
                   "belongs in the stream's own 'deleted': both lists "
                   "together say what is missing");
    }
  }
  if (!second) {
    if (table.contains("missing")) {
      deleted.missing = read_boolean(table, "missing");
    }
    deleted.limit = read_share(table, "limit").value_or(deleted.limit);
  }
}

void check_deleted(const Table& table, const model::StreamDefinition& stream) {
  const auto child = table.child("deleted", Section::deleted);
  const auto& key = stream.deleted.key;
  if (child && !key.empty() && key.size() != stream.key.size()) {
    child->refuse(
        "key", fmt::format(
                   "has {}, and the stream's key {}",
                   model::plural(static_cast<std::int64_t>(key.size()), "path"),
                   stream.key.size()));
  }
}

void check_full_every(const Table& table,
                      const model::StreamDefinition& stream) {
  constexpr std::string_view key = "full_every";
  if (!table.contains(key)) {
    return;
  }
  if (!stream.cursor) {
    table.refuse(key,
                 "goes with a cursor: without one every run reads everything");
  }
  if (!stream.deleted.missing) {
    table.refuse(key, "looks for rows that are missing, and missing is false");
  } else if (!stream.element.empty() &&
             model::element_column(stream) == nullptr) {
    table.refuse(key,
                 "looks for rows that are missing, and no column tells whose "
                 "they are",
                 {{"try", "a column with \"${parent}\""}});
  } else if (!model::finds_missing(stream)) {
    table.refuse(
        key,
        "looks for rows that are missing, and a list that is asked for up to "
        "${until} does not tell: a record that changes while it is read is "
        "beyond it, and would be taken for deleted",
        {{"try",
          "leave out ${until}, or full_every; deleted = { when = … } or also "
          "tell of deletions themselves"}});
  }
}

void read_other_key(const Table& table, model::StreamDefinition& also) {
  const auto hash = table.child("key", Section::hash);
  if (hash || also.hash) {
    read_other_hash(table, hash, also);
    return;
  }
  const auto paths = read_paths(table, "key");
  if (paths.size() != also.key.size()) {
    table.refuse(
        "key", fmt::format("has {}, and the stream's key {}",
                           model::plural(
                               static_cast<std::int64_t>(paths.size()), "path"),
                           also.key.size()));
    return;
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    also.key[i].path = paths[i];
  }
}

}  // namespace strandline::config
