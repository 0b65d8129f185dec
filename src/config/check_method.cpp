// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace strandline::config {
namespace {

using model::BodyValue;
using PageKind = model::PageRule::Kind;

// A key that says where something is sent.
struct PlaceKey {
  std::string_view table;
  Section section;
  std::string_view key;
};

constexpr PlaceKey place_keys[] = {
    {"page", Section::page, "param"},
    {"page", Section::page, "offset"},
    {"page", Section::page, "number"},
    {"cursor", Section::cursor, "param"},
};

// What is wrong with a place in the body. Objects that are not there are made.
std::optional<std::string> place_fault(const BodyValue& body,
                                       const model::Path& place) {
  const auto* at = &body;
  for (const auto& segment : place.segments) {
    if (const auto* const object = std::get_if<BodyValue::Object>(&at->value)) {
      const auto member = std::find_if(
          object->begin(), object->end(),
          [&](const auto& each) { return each.name == segment.text; });
      if (member == object->end()) {
        return {};
      }
      at = &member->value;
    } else if (const auto* const array =
                   std::get_if<BodyValue::Array>(&at->value)) {
      const auto index = segment.index.value_or(array->size());
      at = index < array->size() ? &(*array)[index] : nullptr;
      if (at == nullptr) {
        return fmt::format("has no element {} in the body's array",
                           in_quotes(segment.text));
      }
    } else {
      return fmt::format("has a value on its way to {} in the body",
                         in_quotes(segment.text));
    }
  }
  return {};
}

void check_place(const Table& table, std::string_view key,
                 const model::StreamDefinition& stream) {
  const auto text = read_string(table, key);
  if (!text || !model::is_in_body(*text)) {
    return;
  }
  if (!stream.post) {
    table.refuse(key, "is a place in the body, and a get has none",
                 {{"try",
                   "post in the place of get, or a query parameter, which "
                   "has no / in front"}});
    return;
  }
  const auto place = parse_path(table, key, *text);
  const BodyValue nothing{BodyValue::Object()};
  if (place && !place->segments.empty()) {
    if (const auto fault =
            place_fault(stream.body ? *stream.body : nothing, *place)) {
      table.refuse(key, *fault);
    }
  }
}

void check_places(const Table& table, const model::StreamDefinition& stream) {
  for (const auto& [name, section, key] : place_keys) {
    if (const auto child = table.child(name, section)) {
      check_place(*child, key, stream);
    }
  }
}

// A URL that an answer names is fetched as it stands, which has no body.
void check_urls(const Table& table, const model::StreamDefinition& stream) {
  const auto kind = stream.page.kind;
  if (kind == PageKind::next || kind == PageKind::link) {
    table.refuse("page",
                 "follows URLs, which go with get only: a post has its next "
                 "page in the body or query",
                 {{"try", "token, after, offset or number in page"}});
  }
  if (stream.cursor && stream.cursor->kind == model::CursorRule::Kind::next) {
    table.refuse("cursor", "follows URLs, which go with get only",
                 {{"try", "token in the cursor"}});
  }
}

}  // namespace

void check_method(const Table& table, const model::StreamDefinition& stream) {
  check_places(table, stream);
  if (stream.post) {
    check_urls(table, stream);
  } else if (table.find("body") != nullptr) {
    table.refuse("body", "goes with post only");
  }
}

}  // namespace strandline::config
