// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/template.hpp"

namespace strandline::model {

struct BodyMember;

/// A JSON value of a request's body in whose texts placeholders may stand. A
/// text that is one placeholder alone is of the type of what it stands for.
struct BodyValue {
  using Array = std::vector<BodyValue>;
  using Object = std::vector<BodyMember>;  ///< by name, each once

  std::variant<bool, std::int64_t, double, Template, Array, Object> value;
};

struct BodyMember {
  std::string name;
  BodyValue value;
};

/// True if the placeholder `name` stands in one of its texts.
bool has(const BodyValue& body, std::string_view name);

/// Returns the value as JSON, its placeholders as they are written: the same
/// text exactly for the same value. Members whose name `left_out` is true of
/// are not in it, at any depth. Where columns are named, the elements of a list
/// that they gave are one.
std::string to_text(const BodyValue& body,
                    bool (*left_out)(std::string_view name),
                    Columns columns = Columns::written);

}  // namespace strandline::model
