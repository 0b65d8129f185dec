// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <sstream>

#include "config/read_value.hpp"
#include "model/pattern.hpp"

namespace strandline::config {
namespace {

using model::CursorFormat;
using model::Order;

using CursorKind = model::CursorRule::Kind;

constexpr std::pair<std::string_view, CursorKind> kinds[] = {
    {"field", CursorKind::field},
    {"token", CursorKind::token},
    {"next", CursorKind::next},
};

constexpr std::pair<std::string_view, Order> orders[] = {
    {"unordered", Order::unordered},
    {"ascending", Order::ascending},
    {"descending", Order::descending},
};

// Where local times come twice in autumn, an hour: a source that stamps by such
// a clock is trusted less.
std::chrono::seconds default_overlap(const CursorFormat& format) {
  const bool twice =
      model::is_local(format) && format.zone && format.zone->repeats();
  return twice ? std::chrono::hours(1) : std::chrono::minutes(5);
}

// TOML's own dates and date-times as RFC 3339 writes them.
std::string instant_text(const toml::node& node) {
  std::ostringstream text;
  if (const auto* const date = node.as_date()) {
    text << date->get();
  } else if (const auto* const date_time = node.as_date_time()) {
    text << date_time->get();
  } else {
    text << node.value_or(std::string());
  }
  return text.str();
}

std::optional<model::Instant> read_instant(const Table& table,
                                           const model::CursorRule& cursor) {
  const auto* const node = table.find("start");
  if (node->is_integer()) {
    table.refuse("start",
                 "must be an instant such as \"2024-01-01\"; integers "
                 "go with format = \"integer\"");
    return {};
  }
  const auto text = instant_text(*node);
  // A date alone is midnight in UTC, whatever the zone.
  if (const auto instant = model::parse_rfc3339(text)) {
    return instant;
  }
  if (const auto instant = model::parse_rfc3339(text, cursor.format.zone)) {
    return instant;
  }
  if (model::parse_rfc3339(text, model::Zone())) {
    table.refuse("start",
                 "must have an offset, such as Z or +01:00, or the "
                 "cursor a zone");
  } else {
    table.refuse("start",
                 "must be an instant such as \"2024-01-01\" or "
                 "\"2024-01-01T08:00:00Z\"");
  }
  return {};
}

void read_integers(const Table& table, model::CursorRule& cursor) {
  if (table.find("start") != nullptr) {
    const auto start = read_integer(table, "start");
    if (!start) {
      table.refuse("start", "must be an integer with format = \"integer\"");
      return;
    }
    cursor.start = *start;
  }
  if (table.find("overlap") != nullptr) {
    const auto overlap = read_integer(table, "overlap");
    if (!overlap) {
      table.refuse("overlap", "must be an integer with format = \"integer\"");
    } else if (*overlap < 0) {
      table.refuse("overlap", "must not be negative");
    }
    cursor.integer_overlap = overlap.value_or(0);
  }
  if (table.find("zone") != nullptr) {
    table.refuse("zone", "has no use with format = \"integer\"");
  }
  for (const std::string_view key : {"step", "retention"}) {
    if (table.find(key) != nullptr) {
      table.refuse(key, "is a time, and has no use with format = \"integer\"");
    }
  }
}

// A time of day without an offset is nowhere until a zone says where.
void require_zone(const Table& table, const CursorFormat& format) {
  if (format.kind == CursorFormat::datetime) {
    table.require("zone", " with format = \"datetime\"");
  }
  if (format.kind == CursorFormat::pattern && model::is_local(format) &&
      model::has_part(format.pattern_text, 'H')) {
    table.require("zone", " with a format that has %H and no %z");
  }
}

void read_times(const Table& table, model::CursorRule& cursor) {
  cursor.format.zone = read_zone(table);
  require_zone(table, cursor.format);
  if (table.find("start") != nullptr) {
    if (const auto start = read_instant(table, cursor)) {
      cursor.start = *start;
    }
  }
  if (read_integer(table, "overlap")) {
    table.refuse("overlap",
                 "must be a duration such as \"5m\"; integers go "
                 "with format = \"integer\"");
  }
  cursor.overlap = read_duration(table, "overlap", std::chrono::seconds(0))
                       .value_or(default_overlap(cursor.format));
  cursor.step = read_duration(table, "step", std::chrono::seconds(1));
  cursor.retention = read_duration(table, "retention", std::chrono::seconds(1));
}

// The kind's key; empty, and reported, if there is not exactly one.
std::string_view kind_key(const Table& table) {
  std::string_view found;
  bool explained = false;
  for (const auto& [key, kind] : kinds) {
    if (!table.contains(key)) {
      explained = explained || !table.lacks(key);
      continue;
    }
    if (!found.empty()) {
      const auto second = table.upper(found, key);
      table.refuse(second,
                   fmt::format("is a second kind besides {}; a cursor has one",
                               in_quotes(second == key ? found : key)));
      return {};
    }
    found = key;
  }
  if (found.empty() && !explained) {
    table.context().reporter.problem(
        table.place(), fmt::format("{} must have one of field, token and next",
                                   table.heading()));
  }
  return found;
}

// What says how a field orders records says nothing of a token.
void refuse_with_token(const Table& table, std::string_view key) {
  for (const std::string_view other :
       {"order", "overlap", "step", "exclusive", "immutable"}) {
    if (table.find(other) != nullptr) {
      table.refuse(other, fmt::format("has no use with {}", in_quotes(key)));
    }
  }
}

void read_kind(const Table& table, model::CursorRule& cursor) {
  const auto key = kind_key(table);
  if (key.empty()) {
    return;
  }
  for (const auto& [name, kind] : kinds) {
    if (name == key) {
      cursor.kind = kind;
    }
  }
  if (const auto path = read_member_path(table, key)) {
    cursor.field = *path;
  }
  if (cursor.kind != CursorKind::field) {
    refuse_with_token(table, key);
  }
  if (cursor.kind == CursorKind::token) {
    table.require("param", " with 'token'");
    cursor.param = read_name(table, "param").value_or("");
  } else if (table.find("param") != nullptr) {
    table.refuse("param", fmt::format("has no use with {}", in_quotes(key)));
  }
}

}  // namespace

model::CursorRule read_cursor(const Table& table) {
  model::CursorRule cursor;
  read_kind(table, cursor);
  cursor.order = read_word(table, "order", orders).value_or(Order::unordered);
  cursor.exclusive = read_boolean(table, "exclusive");
  cursor.immutable = read_boolean(table, "immutable");
  const auto format = read_format(table);
  if (!format) {
    return cursor;
  }
  cursor.format = *format;
  if (model::is_time(cursor.format)) {
    read_times(table, cursor);
  } else {
    read_integers(table, cursor);
  }
  return cursor;
}

}  // namespace strandline::config
