// SPDX-License-Identifier: MIT
#include "recording/har_document.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "strandline/error.hpp"

namespace strandline::recording {
namespace {

using Json = nlohmann::ordered_json;

// nlohmann_json writes and copies by recursion. Chrome's stack traces, the
// deepest there are, have some dozens.
constexpr int deepest = 500;

bool nested_too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      i += c == '\\' ? 1 : 0;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > deepest) {
        return true;
      }
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

}  // namespace

Json parse_document(std::string_view text, std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    throw Error(ExitCode::data, fmt::format("{}: {}", name, why));
  };
  if (nested_too_deep(text)) {
    refuse("it is nested too deep for a recording");
  }
  Json document;
  try {
    // nlohmann_json skips a byte-order mark.
    document = Json::parse(text);
  } catch (const Json::parse_error& error) {
    refuse(fmt::format("it is not JSON from byte {} on", error.byte));
  } catch (const Json::out_of_range&) {
    refuse("it has a number that is too large");
  }
  const Json::json_pointer entries("/log/entries");
  if (!document.contains(entries) || !document[entries].is_array()) {
    refuse("it has no array log/entries, as a recording in HAR has");
  }
  return document;
}

std::string document_text(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace strandline::recording
