// SPDX-License-Identifier: MIT
#include "recording/har_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "recording/har_document.hpp"
#include "recording/har_entry.hpp"
#include "strandline/error.hpp"

namespace strandline::recording {
namespace {

using Json = nlohmann::ordered_json;

// Returns null where there is nothing of the kind on the way.
const Json* at(const Json& json, std::initializer_list<const char*> path) {
  const auto* found = &json;
  for (const auto* name : path) {
    if (!found->is_object()) {
      return nullptr;
    }
    const auto member = found->find(name);
    if (member == found->end()) {
      return nullptr;
    }
    found = &*member;
  }
  return found;
}

std::string text(const Json& json, std::initializer_list<const char*> path) {
  const auto* found = at(json, path);
  return found != nullptr && found->is_string() ? found->get<std::string>()
                                                : std::string();
}

bool flag(const Json& json, std::initializer_list<const char*> path) {
  const auto* found = at(json, path);
  return found != nullptr && found->is_boolean() && found->get<bool>();
}

std::optional<std::int64_t> whole_number(
    const Json& json, std::initializer_list<const char*> path) {
  const auto* found = at(json, path);
  constexpr double largest = 9e15;
  if (found == nullptr || !found->is_number() ||
      !(found->get<double>() >= 0 && found->get<double>() <= largest)) {
    return {};
  }
  return static_cast<std::int64_t>(found->get<double>());
}

std::string problem(const ListedEntry& entry, const Json& json) {
  if (!entry.status || *entry.status == 0) {
    const auto why = text(json, {"response", "_error"});
    return why.empty() ? "no answer" : "no answer: " + why;
  }
  if (!entry.replayed) {
    return "left out: neither http nor https";
  }
  const bool good = *entry.status >= 200 && *entry.status < 300;
  return good ? "" : fmt::format("answered {}", *entry.status);
}

ListedEntry listed(const Json& json) {
  ListedEntry entry;
  entry.method = text(json, {"request", "method"});
  entry.url = text(json, {"request", "url"});
  entry.status = whole_number(json, {"response", "status"});
  entry.bytes = whole_number(json, {"response", "content", "size"});
  entry.time =
      std::chrono::milliseconds(whole_number(json, {"time"}).value_or(0));
  entry.content = text(json, {"response", "content", "mimeType"});
  try {
    const auto read = read_entry(json, "cannot be read");
    entry.replayed = read.has_value();
    if (read) {
      entry.bytes = static_cast<std::int64_t>(read->body.size());
    }
    entry.problem = read && read->no_answer
                        ? "no answer: " + read->no_answer->message
                        : problem(entry, json);
  } catch (const Error& error) {
    entry.problem = error.what();
  }
  return entry;
}

std::optional<model::Instant> earliest(const Json& entries) {
  std::optional<model::Instant> result;
  for (const auto& entry : entries) {
    const auto started = model::parse_rfc3339(text(entry, {"startedDateTime"}));
    if (started && *started != model::Instant() &&
        (!result || *started < *result)) {
      result = started;
    }
  }
  return result;
}

}  // namespace

Listing list_har(std::string_view file, std::string_view name) {
  const auto document = parse_document(file, name);
  const auto& log = document["log"];
  Listing result;
  result.creator = text(log, {"creator", "name"});
  if (const auto version = text(log, {"creator", "version"});
      !result.creator.empty() && !version.empty()) {
    result.creator += " " + version;
  }
  result.started = model::parse_rfc3339(text(log, {"_strandline", "started"}));
  if (!result.started) {
    result.started = earliest(log["entries"]);
  }
  result.redacted = flag(log, {"_strandline", "redacted"});
  result.scrubbed = flag(log, {"_strandline", "scrubbed"});
  if (const auto* checkpoints = at(log, {"_strandline", "checkpoints"});
      checkpoints != nullptr && checkpoints->is_object()) {
    for (const auto& [stream, checkpoint] : checkpoints->items()) {
      result.streams.push_back(stream);
    }
  }
  for (const auto& entry : log["entries"]) {
    result.entries.push_back(listed(entry));
  }
  return result;
}

}  // namespace strandline::recording
