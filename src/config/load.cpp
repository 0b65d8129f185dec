// SPDX-License-Identifier: MIT
#include "config/load.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/characters.hpp"
#include "config/check.hpp"
#include "config/connector.hpp"
#include "config/file.hpp"
#include "config/layers.hpp"
#include "config/readers.hpp"
#include "config/syntax.hpp"

namespace strandline::config {
namespace {

constexpr std::size_t largest_file = std::size_t{16} << 20U;  // bytes

constexpr std::pair<std::string_view, model::Journal> journals[] = {
    {"wal", model::Journal::wal},
    {"rollback", model::Journal::rollback},
};

// Each has a connection and a few MiB of its own.
constexpr std::int64_t most_parallel = 32;

void read_parallel(const Table& top, model::Configuration& configuration) {
  const auto streams = read_integer(top, "parallel");
  if (!streams) {
    return;
  }
  if (*streams < 1 || *streams > most_parallel) {
    top.refuse("parallel", fmt::format("must be from 1 to {}", most_parallel));
    return;
  }
  configuration.parallel = static_cast<std::size_t>(*streams);
}

void read_top(const Table& top, model::Configuration& configuration) {
  if (auto database = read_file_name(top, "database")) {
    // SQLite would take it for a database in memory, gone after the run.
    if (read_string(top, "database")->starts_with(':')) {
      top.refuse("database", "must be a file");
    }
    configuration.database = *std::move(database);
  }
  configuration.journal =
      read_word(top, "journal", journals).value_or(model::Journal::wal);
  read_parallel(top, configuration);
  configuration.keep_runs =
      read_duration(top, "keep_runs", std::chrono::seconds(1))
          .value_or(configuration.keep_runs);
}

// The tables of sources or streams; reported if there are none.
std::vector<Entry> named_tables(const Table& top, std::string_view key,
                                const std::optional<Table>& tables) {
  auto entries = tables ? tables->entries() : std::vector<Entry>();
  const bool none = tables ? tables->all_entries().empty() : top.lacks(key);
  if (none) {
    top.context().reporter.problem(
        top.place(), fmt::format("there is no [{}.NAME] table", key));
  }
  for (const auto& entry : entries) {
    if (!is_identifier(entry.name)) {
      top.context().reporter.problem(
          entry.place,
          fmt::format("{} cannot be the name of a {}: it must be a letter and "
                      "then letters, digits and underscores",
                      in_quotes(entry.name), key));
    }
  }
  return entries;
}

// The sources, each over its connector's.
std::map<std::string, Table> layered_sources(const Table& top,
                                             const Connectors& connectors) {
  std::map<std::string, Table> tables;
  const auto sources = top.child("source", Section::sources);
  for (const auto& entry : named_tables(top, "source", sources)) {
    Table table(*sources, entry, Section::source);
    if (const auto* const connector = connectors.of_source(entry.name)) {
      if (connector->source) {
        table.lay_over(*connector->source);
      } else {
        table.excuse(any_name);
      }
      table.set_options(options_of(*connector, {&table}));
    } else if (connectors.lacks(entry.name)) {
      table.excuse(any_name);
    }
    tables.emplace(entry.name, std::move(table));
  }
  return tables;
}

std::vector<std::string> read_sources(
    const Table& top, const std::map<std::string, Table>& tables,
    model::Configuration& configuration) {
  std::vector<std::string> names;
  const auto sources = top.child("source", Section::sources);
  for (const auto& entry :
       sources ? sources->entries() : std::vector<Entry>()) {
    names.push_back(entry.name);
    configuration.sources.push_back(
        read_source(tables.at(entry.name), entry.name));
  }
  return names;
}

void check_stream_name(const Table& streams, const Entry& entry,
                       std::map<std::string, std::string>& seen) {
  const auto name = lower(entry.name);
  auto& reporter = streams.context().reporter;
  for (const std::string_view prefix : {"pipeline_", "sqlite_"}) {
    if (name.starts_with(prefix)) {
      reporter.problem(
          entry.place,
          fmt::format("stream {} must not begin with {}: such tables are {}",
                      in_quotes(entry.name), prefix,
                      prefix == "sqlite_" ? "SQLite's" : "Strandline's own"));
    }
  }
  const auto [first, is_new] = seen.emplace(name, entry.name);
  if (!is_new) {
    reporter.problem(
        entry.place,
        fmt::format("streams {} and {} differ only in case, and so would their "
                    "tables",
                    in_quotes(first->second), in_quotes(entry.name)));
  }
}

// What a connector says of a stream of the source `name`, beside its keys.
void set_connector(Table& table, const std::string& name,
                   const std::map<std::string, Table>& sources,
                   const Connectors& connectors) {
  const auto* const connector = connectors.of_source(name);
  const auto source = sources.find(name);
  if (connector != nullptr && source != sources.end()) {
    table.set_connector(connector->name,
                        options_of(*connector, {&table, &source->second}));
  }
}

// A stream whose parent is an option is one for each element of its list, with
// `${parent}` for that. Any other is one.
std::vector<Table> of_elements(const Table& table) {
  const auto option = table.options().find(
      read_string(table, "parent").value_or(std::string()));
  if (option == table.options().end()) {
    return {table};
  }
  if (!option->second.missing.empty()) {
    table.context().reporter.problem(option->second.place,
                                     option->second.missing);
  }
  std::vector<Table> tables;
  std::set<std::string> seen;
  for (const auto& value : option->second.values) {
    if (!seen.insert(value).second) {
      table.refuse("parent",
                   fmt::format("is the option {}, whose list has {} "
                               "twice",
                               in_quotes(option->first), in_quotes(value)));
    }
    auto options = table.options();
    options["parent"] = Option{{value}};
    tables.push_back(table);
    tables.back().set_options(std::move(options));
  }
  return tables;
}

void read_streams(const Table& top, const toml::table& document,
                  const Connectors& connectors,
                  const std::vector<std::string>& sources,
                  const std::map<std::string, Table>& source_tables,
                  model::Configuration& configuration) {
  const auto streams = top.child("stream", Section::streams);
  std::map<std::string, std::string> seen;
  std::vector<std::pair<std::string, Table>> tables;
  for (const auto& entry : named_tables(top, "stream", streams)) {
    check_stream_name(*streams, entry, seen);
    auto table = layered_stream(*streams, entry, document, connectors);
    const auto source = read_source_name(table, sources);
    set_connector(table, source, source_tables, connectors);
    for (const auto& of_one : of_elements(table)) {
      tables.emplace_back(entry.name, of_one);
      configuration.streams.push_back(read_stream(of_one, entry.name, source));
    }
  }
  for (const auto& [name, table] : tables) {
    link_parent(table, configuration, name);
  }
}

}  // namespace

model::Configuration load(const std::filesystem::path& file) {
  auto text = read_file(file, "the configuration", largest_file);
  if (text.starts_with("\xEF\xBB\xBF")) {
    text.erase(0, 3);  // a byte order mark would count as a column
  }
  Reporter reporter(file.string(), text);
  const auto parsed = parse_document(file.string(), text, reporter);
  reporter.raise();
  const auto& document = *parsed;
  Context context{reporter, file.parent_path()};
  const Connectors connectors(document, context);
  const Table top(document, context);
  check_keys(top);

  model::Configuration configuration;
  configuration.file = file;
  read_top(top, configuration);
  const auto source_tables = layered_sources(top, connectors);
  const auto sources = read_sources(top, source_tables, configuration);
  read_streams(top, document, connectors, sources, source_tables,
               configuration);
  reporter.raise();
  for (auto& stream : configuration.streams) {
    stream.error = configuration.source(stream.source).error;
  }
  configuration.warnings = reporter.warnings();
  return configuration;
}

}  // namespace strandline::config
