// SPDX-License-Identifier: MIT
#include "config/kind.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace strandline::config {
namespace {

// What a text is where it could be several kinds; `Kind::text` if its form says
// nothing.
Kind kind_by_form(std::string_view text, Kinds kinds) {
  if (kinds.has(Kind::place) && text.starts_with('/')) {
    return Kind::place;
  }
  if (kinds.has(Kind::pattern) && text.find('%') != std::string_view::npos) {
    return Kind::pattern;
  }
  const bool offset = text.empty() || text == "UTC" || text.starts_with('+') ||
                      text.starts_with('-');
  if (kinds.has(Kind::zone_name) && !offset) {
    return Kind::zone_name;
  }
  return Kind::text;
}

bool written_as_string(Kind kind) {
  switch (kind) {
    case Kind::text:
    case Kind::word:
    case Kind::name:
    case Kind::path:
    case Kind::zone:
    case Kind::file:
    case Kind::duration:
    case Kind::rate:
    case Kind::size:
    case Kind::percentage:
    case Kind::instant:
      return true;
    default:
      return false;
  }
}

bool is_kind(const toml::node& node, Kind kind) {
  switch (kind) {
    case Kind::instant:
      return node.is_date() || node.is_date_time();
    case Kind::integer:
      return node.is_integer();
    case Kind::real:
      return node.is_floating_point();
    case Kind::boolean:
      return node.is_boolean();
    case Kind::off:
      return node.is_boolean() && !node.value_or(true);
    case Kind::paths:
    case Kind::texts:
    case Kind::values:
      return node.is_array() && !node.is_array_of_tables();
    case Kind::list:
      return node.is_array();
    case Kind::secret:
    case Kind::table:
      return node.is_table();
    default:
      return false;
  }
}

// True for an array or table of what JSON knows, at any depth.
bool is_json(const toml::node& node) {
  const auto fits = [](const toml::node& each) {
    return fits_element(each, Kind::list);
  };
  if (const auto* const array = node.as_array()) {
    return std::all_of(array->begin(), array->end(), fits);
  }
  const auto* const table = node.as_table();
  return table != nullptr &&
         std::all_of(table->begin(), table->end(),
                     [&](const auto& member) { return fits(member.second); });
}

}  // namespace

std::optional<Kind> kind_of(const toml::node& node, const Values& values) {
  const auto kinds = values.kinds | values.later;
  if (node.is_string()) {
    const auto form = kind_by_form(node.value_or(std::string()), kinds);
    if (form != Kind::text) {
      return form;
    }
  }
  for (const auto part : {values.kinds, values.later}) {
    for (const auto kind : all_kinds()) {
      if (part.has(kind) &&
          (node.is_string() ? written_as_string(kind) : is_kind(node, kind))) {
        return kind;
      }
    }
  }
  return {};
}

bool fits_element(const toml::node& element, Kind kind) {
  const bool is_scalar = element.is_string() || element.is_integer() ||
                         element.is_floating_point() || element.is_boolean();
  switch (kind) {
    case Kind::values:
      return is_scalar;
    case Kind::list:
      return is_scalar || is_json(element);
    default:
      return element.is_string();
  }
}

}  // namespace strandline::config
