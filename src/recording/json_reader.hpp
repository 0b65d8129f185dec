// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace strandline::recording {

/// Reads the members of an object that another program may have written. Null
/// is as good as missing; what is of another type than asked for is an Error
/// (ExitCode::data) that begins with where it is. `json` must outlive it.
class JsonReader {
 public:
  using Json = nlohmann::ordered_json;

  /// `json` need not be an object; then it has no members.
  JsonReader(const Json& json, std::string where);

  /// Returns null if there is no such member.
  const Json* find(const char* name) const;

  const Json& object(const char* name) const;  ///< throws if it is missing
  std::optional<JsonReader> optional_object(const char* name) const;
  /// Returns null if it is missing.
  const Json* array(const char* name) const;

  const std::string& text(const char* name) const;  ///< throws if it is missing
  std::string text_or_empty(const char* name) const;
  std::optional<std::string> optional_text(const char* name) const;
  std::int64_t integer(const char* name) const;  ///< throws if it is missing
  std::optional<std::int64_t> optional_integer(const char* name) const;
  bool flag(const char* name) const;  ///< false if it is missing

  /// A duration in milliseconds, rounded up; negative and missing ones are 0.
  std::chrono::milliseconds duration(const char* name) const;

  const std::string& where() const { return where_; }
  [[noreturn]] void fail(std::string_view why) const;

 private:
  const Json& json_;
  std::string where_;
};

}  // namespace strandline::recording
