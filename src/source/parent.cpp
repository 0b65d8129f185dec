// SPDX-License-Identifier: MIT
#include "source/parent.hpp"

#include <nlohmann/json.hpp>

#include "source/json_text.hpp"

namespace strandline::source {

Parent::Parent(const std::string& values) {
  const auto document = nlohmann::json::parse(values, nullptr, false);
  for (const auto& [path, value] : document.items()) {
    if (!document.is_object() || !value.is_string()) {
      throw DecodeError("what is kept of a parent record cannot be read");
    }
    values_[path] = value.get<std::string>();
  }
}

Parent Parent::of_element(const std::string& element) {
  Parent parent;
  parent.values_[""] = nlohmann::json(element).dump();
  return parent;
}

std::optional<Scalar> Parent::scalar(std::string_view placeholder) const {
  if (!placeholder.starts_with(parent_prefix)) {
    return {};
  }
  const auto found =
      value(std::string(placeholder.substr(parent_prefix.size())));
  const auto text = found ? text_of(*found) : std::nullopt;
  if (!text) {
    return {};
  }
  return Scalar{*text, found->kind == model::CellKind::integer ||
                           found->kind == model::CellKind::real ||
                           found->kind == model::CellKind::number};
}

std::optional<Value> Parent::value(const std::string& path) const {
  const auto found = values_.find(path);
  if (found == values_.end() || found->second.empty()) {
    return {};
  }
  Value value;
  value.raw = found->second;
  if (value.raw.front() == '"') {
    value.kind = model::CellKind::text;
  } else if (const auto cell = parse_scalar(value.raw)) {
    value.kind = cell->kind;
    value.cell = *cell;
  } else {
    return {};
  }
  return value;
}

}  // namespace strandline::source
