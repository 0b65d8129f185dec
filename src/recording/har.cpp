// SPDX-License-Identifier: MIT
#include "recording/har.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "http/base64.hpp"
#include "http/error.hpp"

namespace strandline::recording {
namespace {

using http::Headers;
using http::HttpError;
using http::Url;
using Json = nlohmann::json;

// Reads one entry; `where` names it in messages.
class EntryReader {
 public:
  explicit EntryReader(std::string where) : where_(std::move(where)) {}

  // Returns nothing for what cannot be replayed.
  std::optional<Exchange> read(const Json& entry) const {
    const auto& request = object(entry, "request");
    const auto& response = object(entry, "response");
    const auto status = number(response, "status");
    const auto text = string(request, "url");
    if (status <= 0 || !text.starts_with("http")) {
      return {};
    }
    if (status > 999) {
      fail(fmt::format("{} is no status", status));
    }
    return Exchange{string(request, "method"), url(text),
                    static_cast<int>(status), headers(response),
                    body(response)};
  }

 private:
  [[noreturn]] void fail(std::string_view why) const {
    throw Error(ExitCode::data, fmt::format("{}: {}", where_, why));
  }

  // Returns null if it is missing or null.
  static const Json* member(const Json& value, const char* name) {
    if (!value.is_object()) {
      return nullptr;
    }
    const auto found = value.find(name);
    return found == value.end() || found->is_null() ? nullptr : &*found;
  }

  const Json& object(const Json& value, const char* name) const {
    const auto* found = member(value, name);
    if (found == nullptr || !found->is_object()) {
      fail(fmt::format("it has no object {}", name));
    }
    return *found;
  }

  const std::string& string(const Json& value, const char* name) const {
    const auto* found = member(value, name);
    if (found == nullptr || !found->is_string()) {
      fail(fmt::format("it has no text {}", name));
    }
    return found->get_ref<const std::string&>();
  }

  std::int64_t number(const Json& value, const char* name) const {
    const auto* found = member(value, name);
    if (found == nullptr || !found->is_number_integer()) {
      fail(fmt::format("it has no number {}", name));
    }
    return found->get<std::int64_t>();
  }

  Url url(const std::string& text) const {
    try {
      return Url(text, ExitCode::data);
    } catch (const HttpError& error) {
      fail(error.what());
    }
  }

  Headers headers(const Json& response) const {
    Headers result;
    const auto* list = member(response, "headers");
    if (list == nullptr) {
      return result;
    }
    for (const auto& item : *list) {
      auto [name, value] = header(item);
      if (name.starts_with(':') || tells_of_transfer(name)) {
        continue;
      }
      result.emplace_back(std::move(name), std::move(value));
    }
    return result;
  }

  std::pair<std::string, std::string> header(const Json& item) const {
    if (!item.is_array()) {
      return {string(item, "name"), string(item, "value")};
    }
    if (item.size() != 2 || !item[0].is_string() || !item[1].is_string()) {
      fail("a header is not a pair of texts");
    }
    return {item[0].get<std::string>(), item[1].get<std::string>()};
  }

  static bool tells_of_transfer(std::string_view name) {
    return http::same_header(name, "Content-Encoding") ||
           http::same_header(name, "Content-Length") ||
           http::same_header(name, "Transfer-Encoding");
  }

  std::string body(const Json& response) const {
    const auto* content = member(response, "content");
    if (content == nullptr || member(*content, "text") == nullptr) {
      return {};
    }
    const auto& text = string(*content, "text");
    const auto* encoding = member(*content, "encoding");
    if (encoding == nullptr || *encoding == "") {
      return text;
    }
    if (*encoding != "base64") {
      fail("its body has an encoding other than base64");
    }
    auto bytes = http::base64_decode(text);
    if (!bytes) {
      fail("its body is not base64");
    }
    return std::move(*bytes);
  }

  std::string where_;
};

Json parse(std::string_view text, std::string_view name) {
  try {
    // nlohmann_json skips a byte-order mark.
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw Error(
        ExitCode::data,
        fmt::format("{}: it is not JSON from byte {} on", name, error.byte));
  }
}

}  // namespace

Recording read_har(std::string_view text, std::string_view name) {
  const auto document = parse(text, name);
  const Json::json_pointer entries("/log/entries");
  if (!document.contains(entries) || !document[entries].is_array()) {
    throw Error(ExitCode::data,
                fmt::format("{}: it has no array log/entries, as a recording "
                            "in HAR has",
                            name));
  }
  Recording recording;
  std::size_t count = 0;
  for (const auto& entry : document[entries]) {
    const EntryReader reader(fmt::format("{}: entry {}", name, ++count));
    if (auto exchange = reader.read(entry)) {
      recording.exchanges.push_back(std::move(*exchange));
    }
  }
  return recording;
}

}  // namespace strandline::recording
