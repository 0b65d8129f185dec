// SPDX-License-Identifier: MIT
#include "model/body.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strandline::model {
namespace {

std::string quoted(std::string_view text) {
  std::string written = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      written += '\\';
    }
    written += c;
  }
  return written + '"';
}

struct HasPlaceholder {
  std::string_view name;

  bool operator()(const Template& text) const { return text.has(name); }
  bool operator()(const BodyValue::Array& array) const {
    return std::any_of(array.begin(), array.end(), [this](const auto& element) {
      return has(element, name);
    });
  }
  bool operator()(const BodyValue::Object& object) const {
    return std::any_of(
        object.begin(), object.end(),
        [this](const auto& member) { return has(member.value, name); });
  }
  template <typename Scalar>
  bool operator()(const Scalar&) const {
    return false;
  }
};

bool is_columns(const BodyValue& value) {
  const auto* const text = std::get_if<Template>(&value.value);
  return text != nullptr && is_columns(*text);
}

struct ToText {
  bool (*left_out)(std::string_view name);
  Columns columns;

  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const {
    return std::to_string(value);
  }
  // With its point: 1.0 is another value than 1.
  std::string operator()(double value) const {
    return fmt::format("{:#}", value);
  }
  std::string operator()(const Template& text) const {
    return quoted(to_text(text, columns));
  }
  std::string operator()(const BodyValue::Array& array) const {
    std::string text;
    bool after_columns = false;
    for (const auto& element : array) {
      const bool named = columns == Columns::named && is_columns(element);
      if (!named || !after_columns) {
        text += (text.empty() ? "" : ",") + to_text(element, left_out, columns);
      }
      after_columns = named;
    }
    return "[" + text + "]";
  }
  std::string operator()(const BodyValue::Object& object) const {
    std::string text;
    for (const auto& member : object) {
      if (!left_out(member.name)) {
        text += (text.empty() ? "" : ",") + quoted(member.name) + ":" +
                to_text(member.value, left_out, columns);
      }
    }
    return "{" + text + "}";
  }
};

}  // namespace

bool has(const BodyValue& body, std::string_view name) {
  return std::visit(HasPlaceholder{name}, body.value);
}

std::string to_text(const BodyValue& body,
                    bool (*left_out)(std::string_view name), Columns columns) {
  return std::visit(ToText{left_out, columns}, body.value);
}

}  // namespace strandline::model
