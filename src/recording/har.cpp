// SPDX-License-Identifier: MIT
#include "recording/har.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "recording/checkpoint_json.hpp"
#include "recording/har_document.hpp"
#include "recording/har_entry.hpp"
#include "recording/json_reader.hpp"
#include "strandline/error.hpp"

namespace strandline::recording {
namespace {

constexpr std::int64_t newest_version = 1;  // of `_strandline`

std::vector<std::string> names(const JsonReader& reader, const char* member) {
  std::vector<std::string> result;
  const auto* list = reader.array(member);
  if (list == nullptr) {
    return result;
  }
  for (const auto& name : *list) {
    if (!name.is_string()) {
      reader.fail(fmt::format("{} has something that is no text", member));
    }
    result.push_back(name.get<std::string>());
  }
  return result;
}

// What of a recording HAR has no member for.
void read_ours(const JsonReader& ours, Recording& recording) {
  const auto version = ours.optional_integer("version").value_or(0);
  if (version > newest_version) {
    ours.fail("it was recorded by a later version of Strandline");
  }
  if (const auto text = ours.optional_text("started")) {
    recording.started = model::parse_rfc3339(*text);
  }
  if (ours.find("checkpoints") != nullptr) {
    for (const auto& [stream, json] : ours.object("checkpoints").items()) {
      recording.checkpoints.emplace(
          stream, read_checkpoint(json, fmt::format("{}, checkpoint of {}",
                                                    ours.where(), stream)));
    }
  }
  if (ours.find("full_at") != nullptr) {
    for (const auto& [list, json] : ours.object("full_at").items()) {
      const auto time = json.is_string()
                            ? model::parse_rfc3339(json.get<std::string>())
                            : std::nullopt;
      if (!time) {
        ours.fail("full_at of " + list + " is no time");
      }
      recording.full_at.emplace(list, *time);
    }
  }
  if (ours.find("due") != nullptr) {
    for (const auto& [stream, json] : ours.object("due").items()) {
      recording.due.emplace(
          stream,
          read_due(json, fmt::format("{}, due of {}", ours.where(), stream)));
    }
  }
  if (const auto ignored = ours.optional_object("ignored")) {
    recording.ignored = {names(*ignored, "query"), names(*ignored, "body")};
  }
  if (const auto asked = ours.optional_object("asked")) {
    recording.asked = {asked->flag("full"), asked->optional_text("since"),
                       asked->optional_text("until")};
  }
  recording.scrubbed = ours.flag("scrubbed");
}

}  // namespace

Recording read_har(std::string_view text, std::string_view name) {
  const auto document = parse_document(text, name);
  const JsonReader log(document["log"], std::string(name));
  Recording recording;
  if (const auto ours = log.optional_object("_strandline")) {
    read_ours(*ours, recording);
  }
  std::size_t count = 0;
  for (const auto& json : *log.array("entries")) {
    if (auto read =
            read_entry(json, fmt::format("{}: entry {}", name, ++count))) {
      recording.exchanges.push_back(std::move(*read));
    }
  }
  return recording;
}

}  // namespace strandline::recording
