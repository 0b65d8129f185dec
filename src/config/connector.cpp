// SPDX-License-Identifier: MIT
#include "config/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/characters.hpp"
#include "config/check.hpp"
#include "config/connector_file.hpp"
#include "config/read_value.hpp"
#include "config/syntax.hpp"
#include "model/text.hpp"

namespace strandline::config {
namespace {

using Names = std::set<std::string, std::less<>>;

Names option_names(const toml::table& document) {
  Names names;
  if (const auto* const options = document["option"].as_table()) {
    for (const auto& [key, node] : *options) {
      names.emplace(key.str());
    }
  }
  return names;
}

// An option stands beside the keys of sources and streams, and in texts beside
// the placeholders.
void check_option_names(const Table& options) {
  for (const auto& entry : options.all_entries()) {
    std::string_view is;
    if (find_placeholder(entry.name) != nullptr ||
        find_placeholder(entry.name + ".x") != nullptr) {
      is = "is a placeholder";
    } else if (find_rule(Section::source, entry.name) != nullptr ||
               find_rule(Section::stream, entry.name) != nullptr) {
      is = "is a key";
    } else if (!is_identifier(entry.name)) {
      is = "must be a letter and then letters, digits and underscores";
    }
    if (!is.empty()) {
      options.context().reporter.problem(
          entry.place, fmt::format("the name of the option {} {}",
                                   in_quotes(entry.name), is));
    }
  }
}

// Whoever uses a connector has the secrets, and says what it lies over.
void check_no_secrets(const Table& source) {
  for (const auto& entry : source.entries()) {
    const auto* const rule = find_rule(Section::source, entry.name);
    if (rule == nullptr) {
      continue;
    }
    if (rule->values.kinds.has(Kind::secret) && entry.node->is_table()) {
      source.refuse(entry.name,
                    "is a secret, and a connector has none: it belongs in the "
                    "user's file");
    } else if (entry.name == "connector") {
      source.refuse(entry.name, "stands in a user's file only");
    }
  }
}

std::vector<std::string> texts_of(const Table& table, std::string_view name) {
  std::vector<std::string> texts;
  const auto* const node = table.find(name);
  const auto add = [&](const toml::node& element) {
    if (auto text = parse_plain(table, name, element.value_or(std::string()))) {
      texts.push_back(*std::move(text));
    }
  };
  if (const auto* const list = node->as_array()) {
    for (const auto& element : *list) {
      add(element);
    }
    if (list->empty()) {
      table.refuse(name, "must have at least one value");
    }
  } else {
    add(*node);
  }
  return texts;
}

// Of a value that is refused it is not known what it would say.
Option option_in(const Table& table, std::string_view name) {
  Option option;
  const auto* const node = table.find(name);
  option.values =
      node == nullptr ? std::vector<std::string>{""} : texts_of(table, name);
  option.is_list = node != nullptr && node->is_array();
  return option;
}

// What has to be set must say something: a configuration to begin with leaves
// it empty.
void require_text(const Table& table, std::string_view name,
                  const Option& option) {
  if (std::find(option.values.begin(), option.values.end(), "") !=
      option.values.end()) {
    table.refuse(name, "must not be empty");
  }
}

}  // namespace

std::unique_ptr<Connector> read_connector(const ConnectorFile& file,
                                          Context& context) {
  auto parsed = parse_document(file.file, file.text, context.reporter);
  if (!parsed) {
    return nullptr;
  }
  auto connector = std::make_unique<Connector>();
  connector->name = file.name;
  connector->document = std::make_unique<const toml::table>(*std::move(parsed));
  const auto& document = *connector->document;
  const auto options = option_names(document);
  if (const auto* const source = document["source"].as_table()) {
    context.settable[source] = options;
  }
  if (const auto* const streams = document["stream"].as_table()) {
    for (const auto& [key, node] : *streams) {
      if (const auto* const stream = node.as_table()) {
        context.settable[stream] = options;
      }
    }
  }
  const auto& top =
      connector->top.emplace(document, context, Section::connector);
  check_keys(top);
  const auto take = [&](std::string_view key, Section section,
                        std::optional<Table>& into) {
    if (const auto table = top.child(key, section)) {
      into.emplace(*table);
    } else if (top.lacks(key) && key != "option") {
      context.reporter.problem(
          top.place(), fmt::format("the connector has no [{}] table", key));
    }
  };
  take("source", Section::source, connector->source);
  take("option", Section::options, connector->options);
  take("stream", Section::streams, connector->streams);
  if (connector->source) {
    check_no_secrets(*connector->source);
  }
  if (connector->options) {
    check_option_names(*connector->options);
  }
  return connector;
}

Connectors::Connectors(const toml::table& document, Context& context)
    : context_(context) {
  const auto* const sources = document["source"].as_table();
  if (sources == nullptr) {
    return;
  }
  for (const auto& [name, node] : *sources) {
    const auto* const source = node.as_table();
    const auto* const said =
        source == nullptr ? nullptr : source->get("connector");
    if (said == nullptr) {
      continue;
    }
    // What is no text is refused with the other keys.
    const auto text = said->value<std::string>();
    const auto* const connector = text ? add(*text) : nullptr;
    if (connector != nullptr) {
      of_sources_.emplace(name.str(), connector);
      continue;
    }
    if (text && !connectors_.contains(*text)) {
      refuse_unknown(*source, *text);
    }
    lacking_.emplace(name.str());
  }
  let_set(document);
}

const Connector* Connectors::of_source(std::string_view name) const {
  const auto found = of_sources_.find(name);
  return found == of_sources_.end() ? nullptr : found->second;
}

std::string Connectors::source_of(const toml::table& document,
                                  const toml::table& stream) {
  if (const auto name = stream["source"].value<std::string>()) {
    return *name;
  }
  const auto* const sources = document["source"].as_table();
  return sources != nullptr && sources->size() == 1 && !stream.get("source")
             ? std::string(sources->begin()->first.str())
             : std::string();
}

// Null if it is not there, or is no TOML; the latter is reported.
const Connector* Connectors::add(const std::string& name) {
  if (const auto known = connectors_.find(name); known != connectors_.end()) {
    return known->second.get();
  }
  const auto file = find_connector(name);
  if (!file) {
    return nullptr;
  }
  context_.reporter.add_file(file->file, file->text);
  return connectors_.emplace(name, read_connector(*file, context_))
      .first->second.get();
}

void Connectors::refuse_unknown(const toml::table& source,
                                const std::string& name) {
  const auto names = connector_names();
  const auto meant = model::nearest(name, {names.begin(), names.end()});
  context_.reporter.problem(
      place_in(source.find("connector")->first.source(), true),
      fmt::format("there is no connector {}{}", in_quotes(name),
                  meant ? fmt::format("; did you mean {}?", in_quotes(*meant))
                        : std::string()),
      {{"try", "strandline connectors list"}});
}

// Tells the tables of the user's file which options they may set.
void Connectors::let_set(const toml::table& document) {
  for (const auto& [name, node] : *document["source"].as_table()) {
    if (const auto* const source = node.as_table()) {
      let_set(*source, std::string(name.str()));
    }
  }
  const auto* const streams = document["stream"].as_table();
  if (streams == nullptr) {
    return;
  }
  for (const auto& [name, node] : *streams) {
    if (const auto* const stream = node.as_table()) {
      let_set(*stream, source_of(document, *stream));
    }
  }
}

void Connectors::let_set(const toml::table& table, const std::string& source) {
  if (const auto* const connector = of_source(source)) {
    context_.settable[&table] = option_names(*connector->document);
  } else if (lacks(source)) {
    context_.settable[&table] = {std::string(Table::any_option)};
  }
}

Options options_of(const Connector& connector,
                   const std::vector<const Table*>& tables) {
  Options options;
  if (!connector.options) {
    return options;
  }
  for (const auto& entry : connector.options->entries()) {
    const auto has = [&](const Table* table) {
      return table->contains(entry.name);
    };
    const auto set = std::find_if(tables.begin(), tables.end(), has);
    const Table rule(*connector.options, entry, Section::option);
    const bool has_default = rule.find("default") != nullptr;
    if (set != tables.end()) {
      options.emplace(entry.name, option_in(**set, entry.name));
      if (!has_default && (*set)->find(entry.name) != nullptr) {
        require_text(**set, entry.name, options[entry.name]);
      }
      continue;
    }
    if (has_default) {
      options.emplace(entry.name, option_in(rule, "default"));
      continue;
    }
    Option option;
    const auto help = read_plain(rule, "help");
    const auto& table = *tables.front();
    option.place = table.place();
    option.missing = fmt::format(
        "missing key {} {}{}{}", in_quotes(entry.name), table.where(),
        tables.size() == 1 ? std::string()
                           : fmt::format(", or {}", tables.back()->where()),
        help ? ": " + *help : std::string());
    options.emplace(entry.name, std::move(option));
  }
  return options;
}

}  // namespace strandline::config
