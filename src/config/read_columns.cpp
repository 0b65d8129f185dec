// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "config/characters.hpp"
#include "config/read_value.hpp"
#include "model/text.hpp"

namespace strandline::config {
namespace {

using model::ColumnRule;
using model::ColumnType;

constexpr std::string_view all = "*";

constexpr std::pair<std::string_view, ColumnType> types[] = {
    {"text", ColumnType::text},           {"integer", ColumnType::integer},
    {"real", ColumnType::real},           {"boolean", ColumnType::boolean},
    {"timestamp", ColumnType::timestamp}, {"date", ColumnType::date},
    {"decimal", ColumnType::decimal},     {"json", ColumnType::json},
};

constexpr std::pair<std::string_view, model::NewFields> new_fields[] = {
    {"add", model::NewFields::add},
    {"ignore", model::NewFields::ignore},
    {"fail", model::NewFields::fail},
};

// A column and where the file says it.
struct Declared {
  ColumnRule rule;
  Place place;
  std::string where;  // "in [stream.tickets]"
};

void check_name(const Table& table, const Declared& column) {
  const auto& name = column.rule.name;
  if (name.empty()) {
    table.context().reporter.problem(
        column.place, fmt::format("a column {} has no name", column.where));
  } else if (name.starts_with('_')) {
    table.context().reporter.problem(
        column.place,
        fmt::format("column {} {} begins with an underscore, as only "
                    "Strandline's own columns do",
                    in_quotes(name), column.where),
        {{"try", fmt::format("name it in columns: {{ NAME = \"{}\" }}",
                             model::to_text(column.rule.path))}});
  }
}

// A path and the column that is named after it.
std::optional<Declared> parse_column(const Table& table, std::string_view key,
                                     const toml::node& element) {
  auto path = parse_path(table, key, element.value_or(std::string()));
  if (!path) {
    return {};
  }
  auto name = model::column_name(*path);
  return Declared{{std::move(name), *std::move(path), ColumnType::as_found},
                  place_in(element.source(), table.place().sealed),
                  table.where(key)};
}

std::vector<Declared> read_list(const Table& table, const toml::array& list,
                                bool& all_columns) {
  std::vector<Declared> columns;
  for (const auto& element : list) {
    if (element.value_or(std::string()) == all) {
      all_columns = true;
    } else if (auto column = parse_column(table, "columns", element)) {
      columns.push_back(*std::move(column));
    }
  }
  return columns;
}

// A path of the record, or with `${parent.PATH}` one of its parent, which
// `${parent}` is all of.
std::optional<model::Path> read_value_path(const Table& table,
                                           std::string_view key,
                                           ColumnRule& rule) {
  constexpr std::string_view begin = "${parent.";
  const auto text = read_string(table, key).value_or("");
  if (text == "${parent}") {
    rule.of_parent = true;
    return model::Path();
  }
  if (!text.starts_with(begin) || !text.ends_with('}')) {
    return read_path(table, key);
  }
  rule.of_parent = true;
  return parse_path(table, key,
                    text.substr(begin.size(), text.size() - begin.size() - 1));
}

// How a column's times are written. A zone goes without a format too: RFC 3339
// times may lack an offset.
model::CursorFormat read_times(const Table& column, ColumnType type) {
  if (type != ColumnType::timestamp && type != ColumnType::date) {
    for (const std::string_view key : {"format", "zone"}) {
      if (column.find(key) != nullptr) {
        column.refuse(key, "goes with type = \"timestamp\" or \"date\" only");
      }
    }
    return {};
  }
  auto format = read_format(column).value_or(model::CursorFormat());
  if (!model::is_time(format)) {
    column.refuse("format", "is \"integer\", which is no time",
                  {{"try", "\"epoch_s\" or \"epoch_ms\""}});
    format = {};
  }
  format.zone = read_zone(column);
  return format;
}

std::optional<Declared> read_column(const Table& table, const Entry& entry) {
  ColumnRule rule{entry.name, {}, ColumnType::as_found};
  std::optional<model::Path> path;
  if (!entry.node->is_table()) {
    path = read_value_path(table, entry.name, rule);
  } else {
    const Table column(table, entry, Section::column);
    path = column.contains("path") ? read_value_path(column, "path", rule)
                                   : parse_path(table, entry.name, entry.name);
    rule.type = read_word(column, "type", types).value_or(ColumnType::as_found);
    rule.format = read_times(column, rule.type);
  }
  if (has_control_character(entry.name)) {
    table.refuse(entry.name, "must not have control characters");
    return {};
  }
  if (!path) {
    return {};
  }
  rule.path = *std::move(path);
  return Declared{std::move(rule), entry.place, table.where(entry.name)};
}

std::vector<Declared> read_table(const Table& table, bool& all_columns) {
  std::vector<Declared> columns;
  for (const auto& entry : table.entries()) {
    if (entry.name == all) {
      all_columns = true;
      if (entry.node->value_or(std::string()) != all) {
        table.refuse(all, "must be \"*\"");
      }
    } else if (auto column = read_column(table, entry)) {
      columns.push_back(*std::move(column));
    }
  }
  return columns;
}

// Puts `column` in the place of the one that has its name.
void replace_or_add(std::vector<Declared>& columns, Declared column) {
  const auto same = std::find_if(
      columns.begin(), columns.end(),
      [&](const Declared& each) { return each.rule.name == column.rule.name; });
  if (same == columns.end()) {
    columns.push_back(std::move(column));
  } else {
    *same = std::move(column);
  }
}

// Taken away can only be what lies below.
void check_taken_away(const Table& over, const std::vector<Declared>& list) {
  std::set<std::string> below;
  for (const auto& column : list) {
    below.insert(column.rule.name);
  }
  auto declared = below;
  for (const auto& entry : over.all_entries()) {
    if (over.lies_over(entry.name)) {
      below.insert(entry.name);
    }
    if (!over.takes_away(entry.name)) {
      declared.insert(entry.name);
    }
  }
  const std::vector<std::string_view> known(declared.begin(), declared.end());
  for (const auto& entry : over.all_entries()) {
    if (entry.name == all || !over.takes_away(entry.name) ||
        below.contains(entry.name)) {
      continue;
    }
    const auto meant = model::nearest(entry.name, known);
    over.refuse(
        entry.name,
        fmt::format("takes away a column that nothing below declares{}",
                    meant ? fmt::format("; did you mean {}?", in_quotes(*meant))
                          : std::string()));
  }
}

// A table of columns, over the list that it may lie over.
std::vector<Declared> read_declared(const Table& table, bool& all_columns) {
  all_columns = table.find("columns") == nullptr;
  std::vector<Declared> columns;
  if (const auto layer = table.from_list("columns")) {
    columns =
        read_list(*layer, *layer->find("columns")->as_array(), all_columns);
  }
  if (const auto over = table.child("columns", Section::columns)) {
    if (table.is_whole()) {
      check_taken_away(*over, columns);
    }
    std::erase_if(columns, [&](const Declared& column) {
      return over->takes_away(column.rule.name);
    });
    all_columns = all_columns && !over->takes_away(all);
    for (auto& column : read_table(*over, all_columns)) {
      replace_or_add(columns, std::move(column));
    }
  }
  return columns;
}

// Without `fields`, a path from the record is one from the fields.
bool same_place(const model::Path& a, const model::Path& b,
                const model::Path& fields) {
  return a.segments == b.segments &&
         (a.absolute == b.absolute || fields.segments.empty());
}

// Takes the column that `key` means out of `columns`, if it is declared.
Declared take_key_column(std::vector<Declared>& columns, Declared key,
                         const std::string& text, const model::Path& fields) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Declared& column) {
        return column.rule.name == text ||
               (column.rule.name == key.rule.name &&
                same_place(column.rule.path, key.rule.path, fields));
      });
  if (found == columns.end()) {
    return key;
  }
  auto declared = std::move(*found);
  columns.erase(found);
  return declared;
}

std::vector<Declared> read_key(const Table& table,
                               std::vector<Declared>& columns,
                               const model::Path& fields) {
  std::vector<Declared> key;
  const auto add = [&](const toml::node& element) {
    auto column = parse_column(table, "key", element);
    if (!column) {
      return;
    }
    if (column->rule.path.segments.empty()) {
      table.refuse("key", "must name a member of the record");
      return;
    }
    key.push_back(take_key_column(columns, *std::move(column),
                                  element.value_or(std::string()), fields));
  };
  const auto* const node = table.find("key");
  if (node == nullptr || node->is_table()) {
    return key;
  }
  const auto* const list = node->as_array();
  if (list == nullptr) {
    add(*node);
    return key;
  }
  if (list->empty()) {
    table.refuse("key", "must have at least one path");
  }
  for (const auto& element : *list) {
    add(element);
  }
  return key;
}

void check_names(const Table& table, const std::vector<Declared>& columns,
                 std::map<std::string, std::string>& seen) {
  for (const auto& column : columns) {
    check_name(table, column);
    const auto& name = column.rule.name;
    const auto [first, is_new] = seen.emplace(lower(name), name);
    if (is_new) {
      continue;
    }
    const auto message =
        first->second == name
            ? fmt::format("two columns {} are called {}", column.where,
                          in_quotes(name))
            : fmt::format(
                  "columns {} and {} {} differ only in case, which "
                  "SQLite does not tell apart",
                  in_quotes(first->second), in_quotes(name), column.where);
    table.context().reporter.problem(column.place, message);
  }
}

bool has_column(const std::vector<ColumnRule>& columns, std::string_view name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const ColumnRule& column) {
                       return lower(column.name) == lower(name);
                     });
}

// What is wrong with `name` among the stream's `volatile` columns.
std::optional<std::string> volatile_fault(
    const std::string& name, const model::StreamDefinition& stream) {
  if (name == "_raw") {
    return stream.raw ? std::nullopt
                      : std::optional<std::string>(
                            "has \"_raw\", and the stream has no raw = true");
  }
  if (has_column(stream.key, name)) {
    return fmt::format("has {}, which is in the key", in_quotes(name));
  }
  if (!stream.all_columns && !has_column(stream.columns, name)) {
    return fmt::format("has {}, which is none of the stream's columns",
                       in_quotes(name));
  }
  return {};
}

void read_volatile(const Table& table, model::StreamDefinition& stream) {
  const auto* const node = table.find("volatile");
  const auto* const list = node == nullptr ? nullptr : node->as_array();
  if (list == nullptr) {
    return;
  }
  for (const auto& element : *list) {
    auto name = element.value_or(std::string());
    if (const auto fault = volatile_fault(name, stream)) {
      table.refuse("volatile", *fault);
    } else {
      stream.volatile_columns.push_back(std::move(name));
    }
  }
  if (stream.raw && !stream.volatile_columns.empty() &&
      std::find(stream.volatile_columns.begin(), stream.volatile_columns.end(),
                "_raw") == stream.volatile_columns.end()) {
    table.context().reporter.warning(
        table.place_of("volatile"),
        fmt::format("{} keeps records as they are sent, where volatile columns "
                    "show too: add \"_raw\" to volatile, or they count",
                    table.heading()));
  }
}

std::vector<ColumnRule> rules_of(std::vector<Declared> columns) {
  std::vector<ColumnRule> rules;
  rules.reserve(columns.size());
  for (auto& column : columns) {
    rules.push_back(std::move(column.rule));
  }
  return rules;
}

}  // namespace

void read_columns(const Table& table, model::StreamDefinition& stream) {
  auto columns = read_declared(table, stream.all_columns);
  auto key = read_key(table, columns, stream.fields);
  std::map<std::string, std::string> seen;
  check_names(table, key, seen);
  check_names(table, columns, seen);
  stream.key = rules_of(std::move(key));
  stream.columns = rules_of(std::move(columns));
  if (const auto hash = table.child("key", Section::hash)) {
    stream.hash = read_hash(*hash, stream.columns);
    stream.key = {model::hash_column()};
  }
  stream.new_fields = read_word(table, "new_fields", new_fields)
                          .value_or(model::NewFields::add);
  if (!stream.all_columns && table.find("new_fields") != nullptr) {
    table.refuse("new_fields",
                 "says what happens to members that \"*\" finds, and the "
                 "columns have no \"*\"");
  }
  read_volatile(table, stream);
}

}  // namespace strandline::config
