// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/body.hpp"

namespace strandline::source {

/// What stands for a placeholder, or for a page's place: a text, or a number
/// with its digits as they were written.
struct Scalar {
  std::string text;
  bool number = false;
};

/// Returns the scalar as JSON. Throws DecodeError for a text that is not UTF-8.
std::string to_json(const Scalar& value);

/// The inverse of `to_json`. Throws DecodeError for another text.
Scalar parse_scalar(const std::string& json);

/// Values that are put in the place of what stands in a body, by JSON Pointer;
/// objects that are missing on the way are made.
using Places = std::vector<std::pair<std::string, Scalar>>;

/// Returns a body as JSON text: `text_of` gives what a text with placeholders
/// says, `value_of` what stands for one that is alone. Throws DecodeError for a
/// number that JSON's own types would change, and for a place that the body
/// cannot have.
std::string render(
    const model::BodyValue& body,
    const std::function<std::string(const model::Template&)>& text_of,
    const std::function<Scalar(std::string_view)>& value_of,
    const Places& places);

}  // namespace strandline::source
