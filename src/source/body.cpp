// SPDX-License-Identifier: MIT
#include "source/body.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "model/text.hpp"
#include "source/decoder.hpp"

namespace strandline::source {
namespace {

using Json = nlohmann::json;

Json value_of(const Scalar& scalar) {
  if (!scalar.number) {
    return scalar.text;
  }
  auto value = Json::parse(scalar.text, nullptr, false);
  const bool whole = scalar.text.find_first_of(".eE") == std::string::npos;
  if (!value.is_number() || (whole && !value.is_number_integer())) {
    throw DecodeError(fmt::format(
        "{} cannot be sent back as a number without a change of its digits",
        model::printable(scalar.text, 60)));
  }
  return value;
}

std::string dump(const Json& value) {
  try {
    return value.dump();
  } catch (const Json::type_error&) {
    throw DecodeError("what should be sent in a request's body is not UTF-8");
  }
}

class Renderer {
 public:
  Renderer(const std::function<std::string(const model::Template&)>& text_of,
           const std::function<Scalar(std::string_view)>& value_of)
      : text_of_(text_of), value_of_(value_of) {}

  Json operator()(bool value) const { return value; }
  Json operator()(std::int64_t value) const { return value; }
  Json operator()(double value) const { return value; }
  Json operator()(const model::Template& text) const {
    return text.pieces.size() == 1 && text.pieces.front().placeholder
               ? source::value_of(value_of_(text.pieces.front().text))
               : Json(text_of_(text));
  }
  Json operator()(const model::BodyValue::Array& array) const {
    auto elements = Json::array();
    for (const auto& element : array) {
      elements.push_back(std::visit(*this, element.value));
    }
    return elements;
  }
  Json operator()(const model::BodyValue::Object& object) const {
    auto members = Json::object();
    for (const auto& member : object) {
      members[member.name] = std::visit(*this, member.value.value);
    }
    return members;
  }

 private:
  const std::function<std::string(const model::Template&)>& text_of_;
  const std::function<Scalar(std::string_view)>& value_of_;
};

}  // namespace

std::string to_json(const Scalar& value) {
  return value.number ? value.text : dump(value.text);
}

Scalar parse_scalar(const std::string& json) {
  const auto value = Json::parse(json, nullptr, false);
  if (value.is_string()) {
    return {value.get<std::string>(), false};
  }
  if (!value.is_number()) {
    throw DecodeError("the position is '" + model::printable(json, 60) +
                      "', not a text or number");
  }
  return {json, true};
}

std::string render(
    const model::BodyValue& body,
    const std::function<std::string(const model::Template&)>& text_of,
    const std::function<Scalar(std::string_view)>& value_of,
    const Places& places) {
  auto document = std::visit(Renderer(text_of, value_of), body.value);
  for (const auto& [place, value] : places) {
    try {
      document[Json::json_pointer(place)] = source::value_of(value);
    } catch (const Json::exception&) {
      throw DecodeError("the body has no room for '" +
                        model::printable(place, 60) + "'");
    }
  }
  return dump(document);
}

}  // namespace strandline::source
