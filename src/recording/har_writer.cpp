// SPDX-License-Identifier: MIT
#include "recording/har.hpp"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "http/base64.hpp"
#include "http/transport.hpp"
#include "recording/checkpoint_json.hpp"
#include "recording/har_document.hpp"
#include "strandline/version.hpp"

namespace strandline::recording {
namespace {

using Json = nlohmann::ordered_json;
using model::Instant;

// HAR wants a version even where it was not seen.
constexpr const char* unknown_version = "unknown";

bool is_utf8(const std::string& text) {
  try {
    Json(text).dump();
    return true;
  } catch (const Json::type_error&) {
    return false;
  }
}

Json pairs(const http::Headers& list) {
  auto result = Json::array();
  for (const auto& [name, value] : list) {
    result.push_back({{"name", name}, {"value", value}});
  }
  return result;
}

std::string type_of(const http::Headers& headers) {
  return std::string(http::find_header(headers, "Content-Type").value_or(""));
}

Json post_data(const Exchange& exchange) {
  const auto& body = exchange.request_body;
  Json result{{"mimeType", type_of(exchange.request_headers)}};
  if (is_utf8(body)) {
    result["text"] = body;
  } else {
    result["text"] = http::base64_encode(body);
    result["_strandline"] = {{"encoding", "base64"}};
  }
  return result;
}

Json request(const Exchange& exchange) {
  Json result{{"method", exchange.method},
              {"url", exchange.url.text()},
              {"httpVersion", unknown_version},
              {"cookies", Json::array()},
              {"headers", pairs(exchange.request_headers)},
              {"queryString", pairs(exchange.url.query())}};
  if (!exchange.request_body.empty()) {
    result["postData"] = post_data(exchange);
  }
  result["headersSize"] = -1;
  result["bodySize"] = exchange.request_body.size();
  return result;
}

Json content(const Exchange& exchange) {
  Json result{{"size", exchange.body.size()},
              {"mimeType", type_of(exchange.response_headers)}};
  if (is_utf8(exchange.body)) {
    result["text"] = exchange.body;
  } else {
    result["text"] = http::base64_encode(exchange.body);
    result["encoding"] = "base64";
  }
  return result;
}

Json response(const Exchange& exchange) {
  const auto location =
      http::find_header(exchange.response_headers, "Location");
  Json result{{"status", exchange.status},
              {"statusText", ""},
              {"httpVersion", unknown_version},
              {"cookies", Json::array()},
              {"headers", pairs(exchange.response_headers)},
              {"content", content(exchange)},
              {"redirectURL", location.value_or("")},
              {"headersSize", -1},
              {"bodySize", -1}};
  if (exchange.no_answer) {
    // As Chrome calls it.
    result["_error"] = exchange.no_answer->message;
  }
  return result;
}

Json timings(const Exchange& exchange) {
  const auto wait = exchange.time_to_first_byte.count();
  const auto receive = exchange.time.count() - wait;
  return {{"send", 0},
          {"wait", wait},
          {"receive", std::max<std::int64_t>(receive, 0)}};
}

std::string written(const std::optional<Instant>& instant) {
  return model::to_rfc3339(instant.value_or(Instant()), 3);
}

Json entry(const Exchange& exchange) {
  Json result{{"startedDateTime", written(exchange.started)},
              {"time", exchange.time.count()},
              {"request", request(exchange)},
              {"response", response(exchange)},
              {"cache", Json::object()},
              {"timings", timings(exchange)}};
  if (exchange.no_answer) {
    const auto& [code, message] = *exchange.no_answer;
    result["_strandline"] = {
        {"no_answer",
         {{"exit_code", static_cast<int>(code)}, {"message", message}}}};
  }
  return result;
}

Json asked(const Asked& asked) {
  Json result{{"full", asked.full}};
  if (asked.since) {
    result["since"] = *asked.since;
  }
  if (asked.until) {
    result["until"] = *asked.until;
  }
  return result;
}

Json ours(const Recording& recording) {
  Json result{{"version", 1}};
  if (recording.started) {
    result["started"] = model::to_rfc3339(*recording.started, 9);
  }
  result["asked"] = asked(recording.asked);
  result["scrubbed"] = recording.scrubbed;
  result["ignored"] = {{"query", recording.ignored.query},
                       {"body", recording.ignored.body}};
  auto checkpoints = Json::object();
  for (const auto& [stream, checkpoint] : recording.checkpoints) {
    checkpoints[stream] = to_json(checkpoint);
  }
  result["checkpoints"] = std::move(checkpoints);
  if (!recording.full_at.empty()) {
    auto times = Json::object();
    for (const auto& [list, time] : recording.full_at) {
      times[list] = model::to_rfc3339(time, 9);
    }
    result["full_at"] = std::move(times);
  }
  if (!recording.due.empty()) {
    auto due = Json::object();
    for (const auto& [stream, parents] : recording.due) {
      due[stream] = to_json(parents);
    }
    result["due"] = std::move(due);
  }
  return result;
}

}  // namespace

Json har_document(const Recording& recording) {
  auto entries = Json::array();
  for (const auto& exchange : recording.exchanges) {
    entries.push_back(entry(exchange));
  }
  return {
      {"log",
       {{"version", "1.2"},
        {"creator", {{"name", "Strandline"}, {"version", strandline::version}}},
        {"_strandline", ours(recording)},
        {"entries", std::move(entries)}}}};
}

std::string write_har(const Recording& recording) {
  return document_text(har_document(recording));
}

}  // namespace strandline::recording
