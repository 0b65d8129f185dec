// SPDX-License-Identifier: MIT
#include "recording/checkpoint_json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "recording/json_reader.hpp"

namespace strandline::recording {
namespace {

using Json = nlohmann::ordered_json;
using model::Checkpoint;
using model::CursorValue;
using model::Instant;
using model::Position;
using model::Window;

void put(Json& json, const char* name,
         const std::optional<CursorValue>& value) {
  if (value) {
    const bool time = std::holds_alternative<Instant>(*value);
    json[name] = {{time ? "time" : "integer", model::to_stored(*value)}};
  }
}

void put(Json& json, const char* name, const std::optional<Instant>& value) {
  if (value) {
    json[name] = model::to_rfc3339(*value, 9);
  }
}

template <typename Value>
void put(Json& json, const char* name, const std::optional<Value>& value) {
  if (value) {
    json[name] = *value;
  }
}

Json to_json(const Position& position) {
  return {{"value", position.value}, {"basis", position.basis}};
}

Json to_json(const Window& window) {
  Json json{{"number", window.number}, {"mode", model::to_text(window.mode)}};
  put(json, "from", window.from);
  put(json, "until", window.until);
  put(json, "anchor", window.anchor);
  put(json, "maximum", window.maximum);
  put(json, "last", window.last);
  json["ordered"] = window.ordered;
  json["read"] = window.read;
  put(json, "total", window.total);
  json["restarts"] = window.restarts;
  json["position"] = to_json(window.position);
  put(json, "state", window.state);
  return json;
}

std::optional<CursorValue> cursor(const JsonReader& reader, const char* name) {
  const auto object = reader.optional_object(name);
  if (!object) {
    return {};
  }
  const bool time = object->find("time") != nullptr;
  const auto value =
      model::parse_stored(object->text(time ? "time" : "integer"), time);
  if (!value) {
    reader.fail(fmt::format("{} is no cursor", name));
  }
  return value;
}

std::optional<Instant> instant(const JsonReader& reader, const char* name) {
  const auto text = reader.optional_text(name);
  if (!text) {
    return {};
  }
  const auto value = model::parse_rfc3339(*text);
  if (!value) {
    reader.fail(fmt::format("{} is no time", name));
  }
  return value;
}

Position position(const JsonReader& reader) {
  return {reader.text("value"), reader.text("basis")};
}

Window window(const JsonReader& reader) {
  const auto mode = model::parse_window_mode(reader.text("mode"));
  if (!mode) {
    reader.fail("mode is none of a window");
  }
  Window result;
  result.number = reader.integer("number");
  result.mode = *mode;
  result.from = cursor(reader, "from");
  result.until = cursor(reader, "until");
  result.anchor = instant(reader, "anchor");
  result.maximum = cursor(reader, "maximum");
  result.last = cursor(reader, "last");
  result.ordered = reader.flag("ordered");
  result.read = reader.integer("read");
  result.total = reader.optional_integer("total");
  result.restarts = reader.integer("restarts");
  result.position =
      position(JsonReader(reader.object("position"), reader.where()));
  result.state = reader.optional_text("state");
  return result;
}

}  // namespace

Json to_json(const Checkpoint& checkpoint) {
  Json json = Json::object();
  put(json, "mark", checkpoint.mark);
  json["generation"] = checkpoint.generation;
  if (checkpoint.window) {
    json["window"] = to_json(*checkpoint.window);
  }
  put(json, "complete_anchor", checkpoint.complete_anchor);
  put(json, "complete_maximum", checkpoint.complete_maximum);
  json["complete_number"] = checkpoint.complete_number;
  json["complete_full"] = checkpoint.complete_full;
  json["fingerprint"] = checkpoint.fingerprint;
  put(json, "state", checkpoint.state);
  put(json, "sweep_from", checkpoint.sweep_from);
  put(json, "sweep_after", checkpoint.sweep_after);
  return json;
}

Json to_json(const std::vector<DueParent>& due) {
  auto json = Json::array();
  for (const auto& parent : due) {
    Json each{{"key", parent.key}};
    if (!parent.values.empty()) {
      each["values"] = parent.values;
    }
    if (!parent.position.first_page()) {
      each["position"] = to_json(parent.position);
    }
    json.push_back(std::move(each));
  }
  return json;
}

std::vector<DueParent> read_due(const Json& json, const std::string& where) {
  if (!json.is_array()) {
    JsonReader(json, where).fail("it is no array");
  }
  std::vector<DueParent> due;
  for (const auto& each : json) {
    const JsonReader reader(each, where);
    auto& parent = due.emplace_back();
    parent.key = reader.text("key");
    parent.values = reader.text_or_empty("values");
    if (const auto place = reader.optional_object("position")) {
      parent.position = position(*place);
    }
  }
  return due;
}

Checkpoint read_checkpoint(const Json& json, const std::string& where) {
  const JsonReader reader(json, where);
  if (!json.is_object()) {
    reader.fail("it is no object");
  }
  Checkpoint result;
  result.mark = cursor(reader, "mark");
  result.generation = reader.integer("generation");
  if (const auto open = reader.optional_object("window")) {
    result.window = window(*open);
  }
  result.complete_anchor = instant(reader, "complete_anchor");
  result.complete_maximum = cursor(reader, "complete_maximum");
  result.complete_number = reader.integer("complete_number");
  result.complete_full = reader.flag("complete_full");
  result.fingerprint = reader.text("fingerprint");
  result.state = reader.optional_text("state");
  result.sweep_from = reader.optional_integer("sweep_from");
  result.sweep_after = reader.optional_integer("sweep_after");
  return result;
}

}  // namespace strandline::recording
