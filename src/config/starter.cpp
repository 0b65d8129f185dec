// SPDX-License-Identifier: MIT
//
// A configuration to begin with.
#include "config/connector_info.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/characters.hpp"

namespace strandline::config {
namespace {

// A line of [source.NAME] and what is said behind it.
struct Line {
  std::string key;
  std::string value;
  std::string comment = {};
  bool off = false;  ///< a comment itself: it need not be set
};

std::string env(const ConnectorInfo& connector, std::string_view what) {
  auto name = connector.file.name + "_" + std::string(what);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return "{ env = \"" + name + "\" }";
}

Line line_of(const ConnectorInfo& connector, const std::string& key) {
  if (key == "base_url") {
    return {key, "\"https://\"", "where the API is"};
  }
  if (key == "token_url") {
    return {key, "\"https://\"", "where access tokens come from"};
  }
  if (key == "user" && connector.auth == "basic") {
    return {key, env(connector, "KEY"), "or a file: { file = \"PATH\" }"};
  }
  if (key == "client_id") {
    return {key, "\"\""};
  }
  const auto what = key == "token" ? "TOKEN" : "SECRET";
  return {key, env(connector, what), "or a file: { file = \"PATH\" }"};
}

std::vector<Line> source_lines(const ConnectorInfo& connector) {
  std::vector<Line> lines = {{"connector", "\"" + connector.file.name + "\""}};
  const auto is_required = [&](const OptionInfo& option) {
    return std::find(connector.required_options.begin(),
                     connector.required_options.end(),
                     option.name) != connector.required_options.end();
  };
  for (const auto& option : connector.options) {
    if (is_required(option)) {
      lines.push_back(
          {option.name, option.is_parent ? "[\"\"]" : "\"\"", option.help});
    }
  }
  for (const auto& key : connector.keys) {
    lines.push_back(line_of(connector, key));
  }
  if (connector.auth == "oauth2") {
    lines.push_back({"refresh_token", env(connector, "REFRESH_TOKEN"),
                     "without it the client's own login", true});
  }
  for (const auto& option : connector.options) {
    if (option.default_value) {
      lines.push_back({option.name, *option.default_value, option.help, true});
    }
  }
  return lines;
}

std::string written(const std::vector<Line>& lines) {
  std::size_t key_width = 0;
  std::size_t width = 0;
  for (const auto& line : lines) {
    const std::size_t off = line.off ? 2 : 0;
    key_width = std::max(key_width, line.key.size() + off);
  }
  std::vector<std::string> texts;
  for (const auto& line : lines) {
    texts.push_back(fmt::format("{:<{}} = {}",
                                (line.off ? "# " : "") + line.key, key_width,
                                line.value));
    width = std::max(width, characters(texts.back()));
  }
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += texts[i];
    if (!lines[i].comment.empty()) {
      text += std::string(width - characters(texts[i]), ' ') + "  # " +
              lines[i].comment;
    }
    text += "\n";
  }
  return text;
}

bool is_complete(const StreamInfo& stream) {
  return stream.needs.empty() && stream.lists_columns;
}

std::string help_of(const ConnectorInfo& connector, const std::string& name) {
  for (const auto& option : connector.options) {
    if (option.name == name && !option.help.empty()) {
      return "  # " + option.help;
    }
  }
  return {};
}

// One of any kind, by its options.
std::string any_of_kind(const ConnectorInfo& connector,
                        const StreamInfo& stream) {
  auto text =
      fmt::format("\n# [stream.NAME]\n# like    = \"{}\"\n", stream.name);
  for (const auto& option : stream.needs) {
    text +=
        fmt::format("# {:<7} = \"\"{}\n", option, help_of(connector, option));
  }
  if (!stream.lists_columns) {
    text += "# columns = [\"\"]\n";
  }
  return text;
}

}  // namespace

std::string starter(const ConnectorInfo& connector) {
  const auto& name = connector.file.name;
  auto text = fmt::format(
      "# {}: what it needs and promises says\n"
      "#     strandline connectors show {}\n"
      "# Fill in what is empty; `strandline check` asks for a page of each "
      "stream.\n"
      "database = \"{}.db\"\n\n"
      "[source.{}]\n",
      connector.title, name, name, name);
  text += written(source_lines(connector)) + "\n";
  bool first = true;
  for (const auto& stream : connector.streams) {
    if (!is_complete(stream)) {
      continue;
    }
    const bool on = first;
    first = false;
    text += fmt::format(
        "{}[stream.{}]{}\n", on ? "" : "# ", stream.name,
        stream.parent.empty()
            ? ""
            : fmt::format("  # for each of [stream.{}]", stream.parent));
  }
  for (const auto& stream : connector.streams) {
    if (!is_complete(stream)) {
      text += any_of_kind(connector, stream);
    }
  }
  return text;
}

}  // namespace strandline::config
