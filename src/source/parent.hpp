// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "source/body.hpp"
#include "source/record_builder.hpp"

namespace strandline::source {

/// What is known of the record for which children are read: values by their
/// path, as JSON wrote them. Empty where there is none.
class Parent {
 public:
  Parent() = default;

  /// `values` is as model::parent_values writes it. Throws DecodeError for
  /// another text.
  explicit Parent(const std::string& values);

  /// Returns what is known of an element of an option's list: the whole, at the
  /// path "".
  static Parent of_element(const std::string& element);

  /// Returns the value of a placeholder such as "parent.id"; nothing if it is
  /// not known.
  std::optional<Scalar> scalar(std::string_view placeholder) const;

  /// Returns the value at `path`, which lives as long as this; nothing if it is
  /// not known.
  std::optional<Value> value(const std::string& path) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// The placeholders of a parent's values begin with this.
inline constexpr std::string_view parent_prefix = "parent.";

}  // namespace strandline::source
