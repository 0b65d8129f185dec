// SPDX-License-Identifier: MIT
#include "recording/har_entry.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "http/base64.hpp"
#include "http/error.hpp"
#include "recording/json_reader.hpp"

namespace strandline::recording {
namespace {

using http::Headers;
using http::HttpError;
using http::Url;
using model::Instant;
using Json = nlohmann::ordered_json;

bool tells_of_transfer(std::string_view name) {
  return http::same_header(name, "Content-Encoding") ||
         http::same_header(name, "Content-Length") ||
         http::same_header(name, "Transfer-Encoding");
}

std::pair<std::string, std::string> header(const Json& item,
                                           const std::string& where) {
  const JsonReader reader(item, where);
  if (!item.is_array()) {
    return {reader.text("name"), reader.text_or_empty("value")};
  }
  if (item.size() != 2 || !item[0].is_string() || !item[1].is_string()) {
    reader.fail("a header is not a pair of texts");
  }
  return {item[0].get<std::string>(), item[1].get<std::string>()};
}

// Without those that HTTP/2 names with a colon.
Headers headers(const JsonReader& message) {
  Headers result;
  const auto* list = message.array("headers");
  if (list == nullptr) {
    return result;
  }
  for (const auto& item : *list) {
    auto [name, value] = header(item, message.where());
    if (!name.empty() && !name.starts_with(':')) {
      result.emplace_back(std::move(name), std::move(value));
    }
  }
  return result;
}

// A text that is in base64 if `encoding` says so.
std::string decoded(const JsonReader& reader, std::string text,
                    std::string_view encoding) {
  if (encoding.empty()) {
    return text;
  }
  if (encoding != "base64") {
    reader.fail("its body has an encoding other than base64");
  }
  auto bytes = http::base64_decode(text);
  if (!bytes) {
    reader.fail("its body is not base64");
  }
  return std::move(*bytes);
}

std::string answer_body(const JsonReader& response) {
  const auto content = response.optional_object("content");
  if (!content) {
    return {};
  }
  return decoded(*content, content->text_or_empty("text"),
                 content->text_or_empty("encoding"));
}

std::string form(const Json& parameters, const std::string& where) {
  std::string result;
  for (const auto& item : parameters) {
    const JsonReader parameter(item, where);
    result +=
        fmt::format("{}{}={}", result.empty() ? "" : "&",
                    http::percent_encode(parameter.text("name")),
                    http::percent_encode(parameter.text_or_empty("value")));
  }
  return result;
}

std::string request_body(const JsonReader& request) {
  const auto data = request.optional_object("postData");
  if (!data) {
    return {};
  }
  if (auto text = data->optional_text("text"); text && !text->empty()) {
    const auto ours = data->optional_object("_strandline");
    return decoded(*data, std::move(*text),
                   ours ? ours->text_or_empty("encoding") : std::string());
  }
  const auto* parameters = data->array("params");
  return parameters == nullptr ? std::string()
                               : form(*parameters, data->where());
}

// HAR counts the time before the first byte in parts; -1 is one that was not.
std::chrono::milliseconds time_to_first_byte(const JsonReader& entry) {
  std::chrono::milliseconds sum{0};
  if (const auto timings = entry.optional_object("timings")) {
    for (const auto* part : {"blocked", "dns", "connect", "send", "wait"}) {
      sum += timings->duration(part);
    }
  }
  return sum;
}

// In whole milliseconds; nothing for what cannot be read, and for the begin of
// 1970, which is written where it is not known.
std::optional<Instant> started(const JsonReader& reader, const char* name) {
  const auto text = reader.optional_text(name);
  auto instant = text ? model::parse_rfc3339(*text) : std::nullopt;
  if (instant) {
    instant->nanoseconds -= instant->nanoseconds % 1'000'000;
  }
  return instant == Instant() ? std::nullopt : instant;
}

ExitCode exit_code(const JsonReader& reader, const char* name) {
  constexpr auto codes = std::to_array(
      {ExitCode::data, ExitCode::unavailable, ExitCode::bug, ExitCode::io,
       ExitCode::temporary, ExitCode::protocol, ExitCode::credentials,
       ExitCode::configuration, ExitCode::interrupted, ExitCode::terminated});
  const auto value = reader.integer(name);
  for (const auto code : codes) {
    if (static_cast<int>(code) == value) {
      return code;
    }
  }
  reader.fail(fmt::format("{} is no exit code of a failed request", value));
}

std::optional<NoAnswer> no_answer(const JsonReader& entry) {
  const auto ours = entry.optional_object("_strandline");
  const auto reason = ours ? ours->optional_object("no_answer") : std::nullopt;
  if (!reason) {
    return {};
  }
  return NoAnswer{exit_code(*reason, "exit_code"), reason->text("message")};
}

Url url(const JsonReader& request, const std::string& text) {
  try {
    return Url(text, ExitCode::data);
  } catch (const HttpError& error) {
    request.fail(error.what());
  }
}

}  // namespace

std::optional<Exchange> read_entry(const Json& json, const std::string& where) {
  const JsonReader entry(json, where);
  const JsonReader request(entry.object("request"), entry.where());
  const JsonReader response(entry.object("response"), entry.where());
  const auto status = response.integer("status");
  const auto& text = request.text("url");
  auto reason = no_answer(entry);
  if ((status <= 0 && !reason) || !text.starts_with("http")) {
    return {};
  }
  if (status < 0 || status > 999) {
    entry.fail(fmt::format("{} is no status", status));
  }
  Exchange result{request.text("method"), url(request, text),
                  static_cast<int>(status)};
  result.response_headers = headers(response);
  std::erase_if(result.response_headers, [](const auto& header) {
    return tells_of_transfer(header.first);
  });
  result.body = answer_body(response);
  result.request_headers = headers(request);
  result.request_body = request_body(request);
  result.started = started(entry, "startedDateTime");
  result.time_to_first_byte = time_to_first_byte(entry);
  result.time = entry.duration("time");
  result.no_answer = std::move(reason);
  return result;
}

}  // namespace strandline::recording
