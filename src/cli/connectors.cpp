// SPDX-License-Identifier: MIT
#include "cli/verbs.hpp"

#include <fmt/format.h>

#include <iostream>

#include "config/connector_info.hpp"
#include "config/problem.hpp"
#include "model/text.hpp"
#include "report/connectors.hpp"

namespace strandline::cli {
namespace {

config::ConnectorFile named(const std::string& name) {
  if (auto file = config::find_connector(name)) {
    return *std::move(file);
  }
  const auto names = config::connector_names();
  const auto meant = model::nearest(name, {names.begin(), names.end()});
  throw Error(
      ExitCode::usage,
      fmt::format(
          "there is no connector '{}'{}", model::printable(name, 60),
          meant ? fmt::format("; did you mean '{}'?", *meant) : std::string()),
      {{"try", "strandline connectors list"}});
}

report::Connector shown(const config::ConnectorInfo& info) {
  report::Connector connector;
  connector.name = info.file.name;
  connector.title = info.title;
  connector.file = info.file.built_in ? std::string() : info.file.file;
  connector.auth = info.auth;
  for (const auto& stream : info.streams) {
    if (stream.needs.empty() && stream.lists_columns) {
      connector.streams.push_back(stream.name);
    }
  }
  connector.options = info.required_options;
  return connector;
}

}  // namespace

int init(const std::string& connector) {
  std::cout << config::starter(config::describe(named(connector)));
  return 0;
}

int connectors_list(const Common& common) {
  report::Console console(common.detail);
  std::vector<report::Connector> connectors;
  for (const auto& name : config::connector_names()) {
    try {
      connectors.push_back(shown(config::describe(named(name))));
    } catch (const config::ConfigError& error) {
      // A user's own that is at work on does not hide the others.
      console.warning(error.what());
    }
  }
  std::cout << (common.json ? report::json(connectors) + "\n"
                            : report::text(connectors));
  return 0;
}

int connectors_show(const Common& common, const std::string& name) {
  const auto file = named(name);
  if (common.json) {
    std::cout << report::json(std::vector{shown(config::describe(file))})
              << '\n';
  } else {
    std::cout << file.text;
  }
  return 0;
}

}  // namespace strandline::cli
