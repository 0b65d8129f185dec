// SPDX-License-Identifier: MIT
#include "config/read_value.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <vector>

#include "config/characters.hpp"
#include "config/quantity.hpp"
#include "model/text.hpp"

namespace strandline::config {
namespace {

std::string written(std::string_view placeholder) {
  return fmt::format("'${{{}}}'", model::printable(placeholder, 60));
}

bool refuse_placeholder(const Table& table, std::string_view key,
                        std::string_view name, Placeholders allowed) {
  const auto* const rule = find_placeholder(name);
  if (rule == nullptr && !table.options().contains(name)) {
    std::vector<std::string_view> names;
    for (const auto& known : placeholder_rules()) {
      names.push_back(known.name);
    }
    for (const auto& [option, value] : table.options()) {
      names.push_back(option);
    }
    const auto meant = model::nearest(name, names);
    // Where values are sealed it may be a part of a secret.
    const auto shown = table.place().sealed ? "" : " " + written(name);
    const auto hint =
        meant ? fmt::format("; did you mean {}?", written(*meant)) : "";
    table.refuse(key,
                 fmt::format("has an unknown placeholder{}{}", shown, hint),
                 {{"try", "write $${ for a literal ${"}});
    return true;
  }
  if (rule == nullptr) {
    return false;
  }
  const bool of_token = rule->name == "token";
  if (allowed != (of_token ? Placeholders::token : Placeholders::request)) {
    table.refuse(
        key, fmt::format("cannot have the placeholder {}; it belongs "
                         "in {}",
                         written(name),
                         of_token ? "base_url of a source with auth = "
                                    "\"oauth2\""
                                  : "get, post, query, headers and body of a "
                                    "stream"));
    return true;
  }
  return false;
}

// What the option `name` of `table` says, or null if there is none. Reports one
// that nobody has set.
const Option* find_option(const Table& table, std::string_view name,
                          bool& refused) {
  const auto found = table.options().find(name);
  if (found == table.options().end()) {
    return nullptr;
  }
  const auto& option = found->second;
  if (!option.missing.empty()) {
    table.context().reporter.problem(option.place, option.missing);
    refused = true;
  }
  return &option;
}

// A program and its arguments, where the key is there.
std::optional<std::vector<std::string>> read_command(const Table& table,
                                                     std::string_view key) {
  const auto* const node = table.find(key);
  if (node == nullptr || !node->is_array()) {
    return {};
  }
  std::vector<std::string> command;
  for (const auto& element : *node->as_array()) {
    auto text = parse_plain(table, key, element.value_or(std::string()));
    if (!text) {
      return {};
    }
    command.push_back(*std::move(text));
  }
  if (command.empty() || command.front().empty()) {
    table.refuse(key, "must begin with a program");
    return {};
  }
  // Without a slash it is looked for in PATH.
  if (command.front().find('/') != std::string::npos) {
    command.front() = (table.context().folder / command.front()).string();
  }
  return command;
}

// As POSIX has it.
bool is_environment_name(std::string_view name) {
  while (name.starts_with('_')) {
    name.remove_prefix(1);
  }
  return is_identifier(name);
}

}  // namespace

std::optional<model::Template> parse_text(const Table& table,
                                          std::string_view key,
                                          std::string_view text,
                                          Placeholders allowed) {
  try {
    auto parsed = model::parse_template(text);
    bool refused = false;
    for (auto& piece : parsed.pieces) {
      if (!piece.placeholder) {
        continue;
      }
      refused = refused || refuse_placeholder(table, key, piece.text, allowed);
      if (const auto* option = find_option(table, piece.text, refused)) {
        piece = {joined(*option), false, option->from};
      }
    }
    return refused ? std::nullopt : std::optional(std::move(parsed));
  } catch (const std::invalid_argument& error) {
    table.refuse(key, fmt::format("cannot be read: {}", error.what()));
    return {};
  }
}

std::vector<model::Template> parse_element(const Table& table,
                                           std::string_view key,
                                           std::string_view text,
                                           Placeholders allowed) {
  auto parsed = parse_text(table, key, text, allowed);
  if (!parsed) {
    return {};
  }
  const bool alone = text.starts_with("${") && parsed->pieces.size() == 1 &&
                     text.find('}') == text.size() - 1;
  const auto option =
      alone ? table.options().find(text.substr(2, text.size() - 3))
            : table.options().end();
  if (option == table.options().end() || !option->second.is_list) {
    return {*std::move(parsed)};
  }
  std::vector<model::Template> elements;
  for (const auto& value : option->second.values) {
    elements.push_back({{{value, false, option->second.from}}});
  }
  return elements;
}

std::optional<std::string> parse_plain(const Table& table, std::string_view key,
                                       std::string_view text) {
  if (has_control_character(text)) {
    table.refuse(key, "must not have control characters");
    return {};
  }
  const auto parsed = parse_text(table, key, text, Placeholders::none);
  if (!parsed) {
    return {};
  }
  return literal(*parsed);
}

std::optional<model::Path> parse_path(const Table& table, std::string_view key,
                                      std::string_view text) {
  if (has_control_character(text)) {
    table.refuse(key, "must not have control characters");
    return {};
  }
  const auto parsed = parse_text(table, key, text, Placeholders::none);
  if (!parsed) {
    return {};
  }
  std::string path;
  for (const auto& piece : parsed->pieces) {
    path += piece.from == model::Template::Piece::From::option
                ? model::escape_segment(piece.text)
                : piece.text;
  }
  try {
    return model::parse_path(path);
  } catch (const std::invalid_argument& error) {
    table.refuse(key, fmt::format("is not a path: {}", error.what()));
    return {};
  }
}

std::string literal(const model::Template& text) {
  std::string written;
  for (const auto& piece : text.pieces) {
    written += piece.text;
  }
  return written;
}

std::optional<std::string> read_string(const Table& table,
                                       std::string_view key) {
  const auto* const node = table.find(key);
  return node == nullptr ? std::nullopt : node->value<std::string>();
}

std::optional<std::string> read_plain(const Table& table,
                                      std::string_view key) {
  const auto text = read_string(table, key);
  return text ? parse_plain(table, key, *text) : std::nullopt;
}

std::optional<std::string> read_name(const Table& table, std::string_view key) {
  auto name = read_plain(table, key);
  if (name && name->empty()) {
    table.refuse(key, "must not be empty");
    return {};
  }
  return name;
}

std::optional<model::Path> read_path(const Table& table, std::string_view key) {
  const auto text = read_string(table, key);
  return text ? parse_path(table, key, *text) : std::nullopt;
}

std::optional<model::Path> read_member_path(const Table& table,
                                            std::string_view key) {
  auto path = read_path(table, key);
  if (path && path->segments.empty()) {
    table.refuse(key, "must name a member");
    return {};
  }
  return path;
}

bool read_boolean(const Table& table, std::string_view key) {
  const auto* const node = table.find(key);
  return node != nullptr && node->value_or(false);
}

std::optional<std::int64_t> read_integer(const Table& table,
                                         std::string_view key) {
  const auto* const node = table.find(key);
  return node == nullptr ? std::nullopt : node->value_exact<std::int64_t>();
}

std::optional<std::chrono::seconds> read_duration(const Table& table,
                                                  std::string_view key,
                                                  std::chrono::seconds least) {
  const auto text = read_string(table, key);
  if (!text) {
    return {};
  }
  if (text->starts_with('-') && parse_duration(text->substr(1))) {
    table.refuse(key, "must not be negative");
    return {};
  }
  const auto duration = parse_duration(*text);
  if (!duration) {
    table.refuse(key,
                 "must be a whole number and s, m, h or d, such as "
                 "\"90s\", \"5m\" or \"7d\"");
    return {};
  }
  if (*duration < least) {
    table.refuse(key, fmt::format("must be at least {} s", least.count()));
    return {};
  }
  return duration;
}

std::optional<model::Rate> read_rate(const Table& table, std::string_view key) {
  const auto text = read_string(table, key);
  if (!text) {
    return {};
  }
  const auto rate = parse_rate(*text);
  if (!rate || rate->requests == 0) {
    table.refuse(key,
                 "must be a whole number above 0, '/' and s, m, h or d, such "
                 "as \"5/s\" or \"100/m\"");
    return {};
  }
  return rate;
}

std::optional<double> read_share(const Table& table, std::string_view key) {
  const auto text = read_string(table, key);
  if (!text) {
    return {};
  }
  const auto share = parse_percentage(*text);
  if (!share || *share > 1) {
    table.refuse(key, "must be a percentage from 0% to 100%");
    return {};
  }
  return share;
}

std::optional<std::filesystem::path> read_file_name(const Table& table,
                                                    std::string_view key) {
  const auto name = read_name(table, key);
  if (!name) {
    return {};
  }
  return table.context().folder / *name;
}

std::optional<model::SecretReference> read_secret(const Table& table,
                                                  std::string_view key) {
  const auto* const node = table.find(key);
  if (node == nullptr || !node->is_table()) {
    return {};
  }
  const Table secret(table, {std::string(key), node, table.place_of(key)},
                     Section::secret);
  if (secret.all_entries().size() != 1) {
    table.refuse(key,
                 "must have exactly one of env, file, credential, and command");
    return {};
  }
  using KeptIn = model::SecretReference::Kind;
  if (const auto file = read_file_name(secret, "file")) {
    return model::SecretReference{KeptIn::file, file->string()};
  }
  if (auto command = read_command(secret, "command")) {
    return model::SecretReference{KeptIn::command, {}, *std::move(command)};
  }
  if (const auto name = read_name(secret, "credential")) {
    if (name->find('/') != std::string::npos || *name == "." || *name == "..") {
      secret.refuse("credential", "must be the name of a systemd credential");
      return {};
    }
    return model::SecretReference{KeptIn::credential, *name};
  }
  const auto name = read_string(secret, "env");
  if (name && !is_environment_name(*name)) {
    // It is not repeated: it may be the secret itself.
    secret.refuse("env", "must be the name of an environment variable");
    return {};
  }
  return name ? std::optional(model::SecretReference{KeptIn::env, *name})
              : std::nullopt;
}

}  // namespace strandline::config
