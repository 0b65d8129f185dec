// SPDX-License-Identifier: MIT
#include "config/connector_info.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "config/connector.hpp"
#include "config/read_value.hpp"
#include "model/template.hpp"

namespace strandline::config {
namespace {

using Names = std::set<std::string, std::less<>>;

// Takes the placeholders out of the texts of `node`, at any depth.
void take_placeholders(const toml::node& node, Names& names) {
  if (const auto* const table = node.as_table()) {
    for (const auto& [key, value] : *table) {
      take_placeholders(value, names);
    }
  } else if (const auto* const array = node.as_array()) {
    for (const auto& element : *array) {
      take_placeholders(element, names);
    }
  } else if (const auto* const text = node.as_string()) {
    try {
      for (const auto& piece : model::parse_template(text->get()).pieces) {
        if (piece.placeholder) {
          names.insert(piece.text);
        }
      }
    } catch (const std::invalid_argument&) {
      return;  // reported where it is read
    }
  }
}

// The streams of a connector that `name` lies over, itself the first.
std::vector<const toml::table*> chain(const toml::table& streams,
                                      const std::string& name) {
  std::vector<const toml::table*> tables;
  Names met;
  for (auto next = name; met.insert(next).second;) {
    const auto* const table = streams[next].as_table();
    if (table == nullptr) {
      break;
    }
    tables.push_back(table);
    next = (*table)["like"].value_or(std::string());
  }
  return tables;
}

template <typename Has>
bool any(const std::vector<const toml::table*>& tables, Has has) {
  return std::any_of(tables.begin(), tables.end(),
                     [&](const auto* table) { return has(*table); });
}

std::string toml_text(const toml::node& node) {
  // Double quotes, as in all examples.
  constexpr auto format = toml::toml_formatter::default_flags &
                          ~toml::format_flags::allow_literal_strings;
  std::ostringstream text;
  if (const auto* const array = node.as_array()) {
    text << toml::toml_formatter(*array, format);
  } else {
    const toml::value<std::string> value(node.value_or(std::string()));
    text << toml::toml_formatter(value, format);
  }
  return text.str();
}

std::vector<std::string> keys_of(const Table& source, const std::string& auth) {
  std::vector<std::string> wanted;
  if (!source.contains("base_url")) {
    wanted.emplace_back("base_url");
  }
  const auto add = [&](const char* key) {
    if (!source.contains(key)) {
      wanted.emplace_back(key);
    }
  };
  if (auth == "basic") {
    add("user");
  }
  if (auth == "oauth2") {
    add("token_url");
    add("client_id");
    add("client_secret");
  } else if (auth != "none") {
    add("token");
  }
  return wanted;
}

OptionInfo option_info(const Table& options, const Entry& entry) {
  const Table rule(options, entry, Section::option);
  OptionInfo info;
  info.name = entry.name;
  info.help = read_plain(rule, "help").value_or("");
  if (const auto* const value = rule.find("default")) {
    info.default_value = toml_text(*value);
  }
  return info;
}

StreamInfo stream_info(const toml::table& streams, const std::string& name,
                       const Names& without_default, Names& parents) {
  const auto tables = chain(streams, name);
  StreamInfo info;
  info.name = name;
  Names placeholders;
  for (const auto* table : tables) {
    take_placeholders(*table, placeholders);
    if (info.parent.empty()) {
      info.parent = (*table)["parent"].value_or(std::string());
    }
  }
  parents.insert(info.parent);
  info.lists_columns =
      !placeholders.contains("columns") ||
      any(tables, [](const auto& table) { return table.contains("columns"); });
  for (const auto& option : without_default) {
    if (placeholders.contains(option) && !any(tables, [&](const auto& table) {
          return table.contains(option);
        })) {
      info.needs.push_back(option);
    }
  }
  return info;
}

}  // namespace

ConnectorInfo describe(const ConnectorFile& file) {
  Reporter reporter(file.file, file.text);
  Context context{reporter, {}};
  const auto connector = read_connector(file, context);
  reporter.raise();
  ConnectorInfo info;
  info.file = file;
  info.title = read_plain(*connector->top, "title").value_or("");
  info.auth = read_string(*connector->source, "auth").value_or("none");
  info.keys = keys_of(*connector->source, info.auth);
  info.takes_password =
      info.auth == "basic" && connector->source->contains("user");
  Names without_default;
  for (const auto& entry : connector->options ? connector->options->entries()
                                              : std::vector<Entry>()) {
    info.options.push_back(option_info(*connector->options, entry));
    if (!info.options.back().default_value) {
      without_default.insert(entry.name);
    }
  }
  const auto& streams = connector->streams->uppermost();
  Names parents;
  for (const auto& entry : connector->streams->entries()) {
    info.streams.push_back(
        stream_info(streams, entry.name, without_default, parents));
  }
  // What the source's texts need, its user sets; and what no stream sets.
  Names of_source;
  take_placeholders(connector->source->uppermost(), of_source);
  for (auto& option : info.options) {
    option.is_parent = parents.contains(option.name);
    const auto needs = [&](const StreamInfo& stream) {
      return std::find(stream.needs.begin(), stream.needs.end(), option.name) !=
             stream.needs.end();
    };
    const bool by_all =
        std::all_of(info.streams.begin(), info.streams.end(), needs);
    if (without_default.contains(option.name) &&
        (of_source.contains(option.name) || option.is_parent || by_all)) {
      info.required_options.push_back(option.name);
      for (auto& stream : info.streams) {
        std::erase(stream.needs, option.name);
      }
    }
  }
  for (auto& stream : info.streams) {
    if (std::any_of(info.options.begin(), info.options.end(),
                    [&](const OptionInfo& option) {
                      return option.name == stream.parent;
                    })) {
      stream.parent.clear();
    }
  }
  return info;
}

}  // namespace strandline::config
