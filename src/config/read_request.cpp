// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "config/characters.hpp"
#include "config/read_value.hpp"

namespace strandline::config {
namespace {

// The number keeps its point: "2.0" is a version of many APIs.
std::optional<std::string> number_text(double number) {
  if (!std::isfinite(number)) {
    return {};
  }
  auto text = fmt::format("{}", number);
  if (text.find_first_of(".e") == std::string::npos) {
    text += ".0";
  }
  return text;
}

std::optional<model::Template> parameter_value(const Table& table,
                                               std::string_view name,
                                               const toml::node& node) {
  if (const auto* const text = node.as_string()) {
    return parse_text(table, name, text->get(), Placeholders::request);
  }
  std::optional<std::string> text;
  if (const auto* const integer = node.as_integer()) {
    text = std::to_string(integer->get());
  } else if (const auto* const real = node.as_floating_point()) {
    text = number_text(real->get());
  } else {
    text = node.value_or(false) ? "true" : "false";
  }
  if (!text) {
    table.refuse(name, "must be a finite number");
    return {};
  }
  return model::Template{{{*std::move(text), false}}};
}

}  // namespace

std::vector<model::QueryParameter> read_query(const Table& table) {
  std::vector<model::QueryParameter> parameters;
  const auto add = [&](const std::string& name, const toml::node& node) {
    if (auto value = parameter_value(table, name, node)) {
      parameters.push_back({name, *std::move(value)});
    }
  };
  const auto add_element = [&](const std::string& name,
                               const toml::node& node) {
    if (const auto* const text = node.as_string()) {
      for (auto& value :
           parse_element(table, name, text->get(), Placeholders::request)) {
        parameters.push_back({name, std::move(value)});
      }
    } else {
      add(name, node);
    }
  };
  for (const auto& entry : table.entries()) {
    if (const auto* const list = entry.node->as_array()) {
      for (const auto& element : *list) {
        add_element(entry.name, element);
      }
    } else {
      add(entry.name, *entry.node);
    }
  }
  return parameters;
}

std::vector<std::pair<std::string, model::Template>> read_headers(
    const Table& table, Placeholders allowed) {
  std::vector<std::pair<std::string, model::Template>> headers;
  for (const auto& entry : table.entries()) {
    const auto text = entry.node->value_or(std::string());
    const bool twice =
        std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
          return lower(header.first) == lower(entry.name);
        });
    if (!is_header_name(entry.name)) {
      table.refuse(entry.name, "is not the name of a header");
    } else if (twice) {
      table.refuse(entry.name, "is there twice: case does not count");
    } else if (has_control_character(text)) {
      table.refuse(entry.name, "must not have control characters");
    } else if (auto value = parse_text(table, entry.name, text, allowed)) {
      headers.emplace_back(entry.name, *std::move(value));
    }
  }
  return headers;
}

}  // namespace strandline::config
