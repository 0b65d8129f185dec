// SPDX-License-Identifier: MIT
#include "recording/json_reader.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

#include "strandline/error.hpp"

namespace strandline::recording {
namespace {

// Longer ones are no request's: a century.
constexpr double longest_duration = 3.2e12;  // ms

}  // namespace

JsonReader::JsonReader(const Json& json, std::string where)
    : json_(json), where_(std::move(where)) {}

void JsonReader::fail(std::string_view why) const {
  throw Error(ExitCode::data, fmt::format("{}: {}", where_, why));
}

const JsonReader::Json* JsonReader::find(const char* name) const {
  if (!json_.is_object()) {
    return nullptr;
  }
  const auto found = json_.find(name);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

const JsonReader::Json& JsonReader::object(const char* name) const {
  const auto* found = find(name);
  if (found == nullptr || !found->is_object()) {
    fail(fmt::format("it has no object {}", name));
  }
  return *found;
}

std::optional<JsonReader> JsonReader::optional_object(const char* name) const {
  if (find(name) == nullptr) {
    return {};
  }
  return JsonReader(object(name), where_);
}

const JsonReader::Json* JsonReader::array(const char* name) const {
  const auto* found = find(name);
  if (found != nullptr && !found->is_array()) {
    fail(fmt::format("{} is not an array", name));
  }
  return found;
}

const std::string& JsonReader::text(const char* name) const {
  const auto* found = find(name);
  if (found == nullptr || !found->is_string()) {
    fail(fmt::format("it has no text {}", name));
  }
  return found->get_ref<const std::string&>();
}

std::optional<std::string> JsonReader::optional_text(const char* name) const {
  return find(name) == nullptr ? std::nullopt : std::optional(text(name));
}

std::string JsonReader::text_or_empty(const char* name) const {
  return optional_text(name).value_or("");
}

std::int64_t JsonReader::integer(const char* name) const {
  const auto* found = find(name);
  const bool fits =
      found != nullptr && found->is_number_integer() &&
      (!found->is_number_unsigned() ||
       found->get<std::uint64_t>() <=
           std::uint64_t{std::numeric_limits<std::int64_t>::max()});
  if (!fits) {
    fail(fmt::format("it has no number {}", name));
  }
  return found->get<std::int64_t>();
}

std::optional<std::int64_t> JsonReader::optional_integer(
    const char* name) const {
  return find(name) == nullptr ? std::nullopt : std::optional(integer(name));
}

bool JsonReader::flag(const char* name) const {
  const auto* found = find(name);
  if (found == nullptr) {
    return false;
  }
  if (!found->is_boolean()) {
    fail(fmt::format("{} is neither true nor false", name));
  }
  return found->get<bool>();
}

std::chrono::milliseconds JsonReader::duration(const char* name) const {
  const auto* found = find(name);
  if (found == nullptr) {
    return {};
  }
  if (!found->is_number() || found->get<double>() > longest_duration) {
    fail(fmt::format("{} is no time in milliseconds", name));
  }
  const auto value = std::ceil(found->get<double>());
  return std::chrono::milliseconds(value > 0 ? static_cast<std::int64_t>(value)
                                             : 0);
}

}  // namespace strandline::recording
