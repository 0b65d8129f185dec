// SPDX-License-Identifier: MIT
//
// How times are written, of a cursor and of a column.
#include "config/readers.hpp"

#include <fmt/format.h>

#include "config/quantity.hpp"
#include "config/read_value.hpp"
#include "config/refusal.hpp"
#include "model/pattern.hpp"

namespace strandline::config {
namespace {

using model::CursorFormat;

constexpr std::pair<std::string_view, CursorFormat::Kind> formats[] = {
    {"rfc3339", CursorFormat::rfc3339},
    {"rfc3339_ms", CursorFormat::rfc3339_ms},
    {"rfc3339_us", CursorFormat::rfc3339_us},
    {"epoch_s", CursorFormat::epoch_s},
    {"epoch_ms", CursorFormat::epoch_ms},
    {"datetime", CursorFormat::datetime},
    {"date", CursorFormat::date},
    {"integer", CursorFormat::integer},
};

}  // namespace

std::optional<model::Zone> read_zone(const Table& table) {
  const auto name = read_plain(table, "zone");
  if (!name) {
    return {};
  }
  if (const auto offset = parse_offset(*name)) {
    return model::Zone(std::chrono::seconds(*offset));
  }
  try {
    if (const auto zone = model::Zone::named(*name)) {
      return zone;
    }
    const auto refusal = refuse_zone(*name, model::zone_names());
    table.refuse("zone", refusal.says, refusal.notes);
  } catch (const Error& error) {
    table.refuse("zone", fmt::format("cannot be looked up: {}", error.what()),
                 error.notes());
  }
  return model::Zone();  // so that nothing else is said of it
}

std::optional<model::CursorFormat> read_format(const Table& table) {
  const auto text = read_string(table, "format");
  if (!text) {
    return table.contains("format")
               ? std::nullopt
               : std::optional<CursorFormat>(CursorFormat::rfc3339);
  }
  if (text->find('%') == std::string::npos) {
    return read_word(table, "format", formats);
  }
  if (const auto fault = model::pattern_fault(*text)) {
    table.refuse("format", *fault, pattern_notes(*text));
    return {};
  }
  return CursorFormat::of_pattern(*text);
}

}  // namespace strandline::config
