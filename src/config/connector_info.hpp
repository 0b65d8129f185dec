// SPDX-License-Identifier: MIT
//
// What a connector is, for people who are to use it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/connector_file.hpp"

namespace strandline::config {

/// An option of a connector.
struct OptionInfo {
  std::string name;
  std::optional<std::string> default_value;  ///< as TOML writes it
  std::string help;
  bool is_parent = false;  ///< a stream is read for each element of its list
};

/// A stream of a connector.
struct StreamInfo {
  std::string name;
  std::string parent;  ///< of which each record has its own; may be empty
  /// Options without a default that neither it nor the source's user has to set
  /// for the other streams: with them it is any of its kind.
  std::vector<std::string> needs;
  bool lists_columns = true;  ///< else its user does, if they are asked for
};

/// A connector.
struct ConnectorInfo {
  ConnectorFile file;
  std::string title;
  std::string auth;  ///< "none" if it does not say
  /// Keys of the source that its user must set: secrets, names, an address.
  std::vector<std::string> keys;
  bool takes_password = false;      ///< basic: the user has a token besides
  std::vector<OptionInfo> options;  ///< in the order of the file
  std::vector<std::string> required_options;  ///< of the source, no default
  std::vector<StreamInfo> streams;            ///< in the order of the file
};

/// Reads and checks a connector. Throws ConfigError with everything that is
/// wrong with it.
ConnectorInfo describe(const ConnectorFile& file);

/// Returns a configuration to begin with, with comments.
std::string starter(const ConnectorInfo& connector);

}  // namespace strandline::config
