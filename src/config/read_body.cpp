// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace strandline::config {
namespace {

using model::BodyValue;

std::optional<BodyValue> value_of(const Table& table, std::string_view key,
                                  const toml::node& node);

std::optional<BodyValue> array_of(const Table& table, std::string_view key,
                                  const toml::array& elements) {
  BodyValue::Array array;
  for (const auto& element : elements) {
    if (const auto* const text = element.as_string()) {
      for (auto& value :
           parse_element(table, key, text->get(), Placeholders::request)) {
        array.push_back({std::move(value)});
      }
    } else if (auto value = value_of(table, key, element)) {
      array.push_back(*std::move(value));
    }
  }
  return BodyValue{std::move(array)};
}

std::optional<BodyValue> object_of(const Table& table, std::string_view key,
                                   const toml::table& members) {
  BodyValue::Object object;
  for (const auto& [name, node] : members) {
    if (auto value = value_of(table, key, node)) {
      object.push_back({std::string(name.str()), *std::move(value)});
    }
  }
  return BodyValue{std::move(object)};
}

std::optional<BodyValue> value_of(const Table& table, std::string_view key,
                                  const toml::node& node) {
  if (const auto* const text = node.as_string()) {
    if (auto parsed =
            parse_text(table, key, text->get(), Placeholders::request)) {
      return BodyValue{*std::move(parsed)};
    }
    return {};
  }
  if (const auto* const integer = node.as_integer()) {
    return BodyValue{integer->get()};
  }
  if (const auto* const real = node.as_floating_point()) {
    if (!std::isfinite(real->get())) {
      table.refuse(key, "must be a finite number");
      return {};
    }
    return BodyValue{real->get()};
  }
  if (const auto* const array = node.as_array()) {
    return array_of(table, key, *array);
  }
  if (const auto* const members = node.as_table()) {
    return object_of(table, key, *members);
  }
  return BodyValue{node.value_or(false)};
}

}  // namespace

BodyValue read_body(const Table& table) {
  BodyValue::Object object;
  for (const auto& entry : table.entries()) {
    std::optional<BodyValue> value;
    if (entry.node->is_table()) {
      value = read_body(Table(table, entry, Section::body));
    } else {
      value = value_of(table, entry.name, *entry.node);
    }
    if (value) {
      object.push_back({entry.name, *std::move(value)});
    }
  }
  std::sort(object.begin(), object.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return {std::move(object)};
}

}  // namespace strandline::config
