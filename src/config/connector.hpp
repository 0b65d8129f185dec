// SPDX-License-Identifier: MIT
//
// The connectors that the sources of a file lie over.
#pragma once

#include <toml++/toml.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/connector_file.hpp"
#include "config/table.hpp"

namespace strandline::config {

/// A connector that a file uses. Refers to the context it was read with.
struct Connector {
  std::string name;
  std::unique_ptr<const toml::table> document;
  std::optional<Table> top;
  std::optional<Table> source;   ///< nothing if it is missing or refused
  std::optional<Table> options;  ///< nothing if it has none
  std::optional<Table> streams;  ///< nothing if it is missing or refused
};

/// Reads a connector, which the context's reporter knows, and checks its keys.
/// What is wrong is reported; null if it is no TOML.
std::unique_ptr<Connector> read_connector(const ConnectorFile& file,
                                          Context& context);

/// Reads the connectors of a file's sources and checks their keys, once each.
class Connectors {
 public:
  /// `document` is the user's file; its tables and those of the connectors are
  /// told which options they may set. What is wrong is reported.
  Connectors(const toml::table& document, Context& context);

  /// Returns the connector of the source `name`, or null if it has none, or one
  /// that is not there.
  const Connector* of_source(std::string_view name) const;

  /// True if the source `name` has a connector that is not there: nothing can
  /// be said of what it would give.
  bool lacks(std::string_view name) const { return lacking_.contains(name); }

  /// Returns the name of the source that a stream says, or the only one.
  static std::string source_of(const toml::table& document,
                               const toml::table& stream);

 private:
  const Connector* add(const std::string& name);
  void refuse_unknown(const toml::table& source, const std::string& name);
  void let_set(const toml::table& document);
  void let_set(const toml::table& table, const std::string& source);

  Context& context_;
  std::map<std::string, std::unique_ptr<Connector>, std::less<>> connectors_;
  std::map<std::string, const Connector*, std::less<>> of_sources_;
  std::set<std::string, std::less<>> lacking_;
};

/// Returns what the options of `connector` say in `tables`, tables of a stream
/// and of its source of which an earlier one wins, or else by default.
Options options_of(const Connector& connector,
                   const std::vector<const Table*>& tables);

}  // namespace strandline::config
