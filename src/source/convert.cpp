// SPDX-License-Identifier: MIT
#include "source/convert.hpp"

#include <chrono>
#include <cmath>
#include <variant>

#include "model/civil.hpp"
#include "model/instant.hpp"
#include "model/number_text.hpp"
#include "model/pattern.hpp"
#include "model/text.hpp"
#include "source/json_text.hpp"

namespace strandline::source {
namespace {

using model::Cell;
using model::CellKind;
using model::ColumnType;

// Doubles hold every integer up to here.
constexpr double exact_integers = 9'007'199'254'740'992.0;

std::string is_not(std::string_view text, std::string_view what) {
  return "holds '" + model::printable(text, 60) + "', which is not " +
         std::string(what);
}

// A number written as text counts as that number.
Cell read_number(const Cell& cell, std::string_view text) {
  if (cell.kind != CellKind::text) {
    return cell;
  }
  auto number = is_number(text) ? parse_scalar(text) : std::nullopt;
  if (!number) {
    return cell;
  }
  number->field = cell.field;
  number->offset = cell.offset;
  number->length = cell.length;
  number->unescaped = cell.unescaped;
  return *number;
}

void set_text(Cell& cell, const std::string& text, std::string& made) {
  cell.kind = CellKind::text;
  cell.unescaped = true;
  cell.offset = static_cast<std::uint32_t>(made.size());
  cell.length = static_cast<std::uint32_t>(text.size());
  made += text;
}

bool to_integer(Cell& cell, std::string_view text) {
  cell = read_number(cell, text);
  if (cell.kind == CellKind::real && std::trunc(cell.real) == cell.real &&
      std::fabs(cell.real) <= exact_integers &&
      model::keeps_digits(cell.real, text)) {
    cell.integer = static_cast<std::int64_t>(cell.real);
    cell.kind = CellKind::integer;
  }
  return cell.kind == CellKind::integer;
}

bool to_real(Cell& cell, std::string_view text) {
  cell = read_number(cell, text);
  if (cell.kind == CellKind::integer) {
    cell.real = static_cast<double>(cell.integer);
    cell.kind = CellKind::real;
  } else if (cell.kind == CellKind::number) {
    const auto real = to_double(text);
    cell.kind = real ? CellKind::real : CellKind::number;
    cell.real = real.value_or(0);
  }
  return cell.kind == CellKind::real;
}

bool to_boolean(Cell& cell, std::string_view text) {
  if (cell.kind == CellKind::boolean) {
    return true;
  }
  const bool is_true = text == "true" || text == "1";
  if (cell.kind == CellKind::json ||
      (!is_true && text != "false" && text != "0")) {
    return false;
  }
  cell.kind = CellKind::boolean;
  cell.integer = is_true ? 1 : 0;
  return true;
}

std::optional<model::Instant> read_time(const Cell& cell, std::string_view text,
                                        model::CursorFormat format,
                                        const model::Zone& zone) {
  if (cell.kind == CellKind::json || cell.kind == CellKind::boolean) {
    return {};
  }
  format.zone = zone;
  if (const auto value = model::parse_cursor(text, format)) {
    return std::get<model::Instant>(*value);
  }
  // A date alone, which no cursor is. What has the form of a pattern and is no
  // such time is none.
  if (cell.kind != CellKind::text ||
      (format.kind == model::CursorFormat::pattern &&
       model::read_pattern(text, format.pattern_text, zone).fits)) {
    return {};
  }
  return model::parse_rfc3339(text, zone);
}

// The date in `zone`; where no offset is written, the one that is.
std::optional<std::string> read_date(const Cell& cell, std::string_view text,
                                     const model::CursorFormat& format,
                                     const model::Zone& zone) {
  const auto in_utc = read_time(cell, text, format, model::Zone());
  const auto elsewhere =
      read_time(cell, text, format, model::Zone(std::chrono::hours(1)));
  if (!in_utc) {
    return {};
  }
  return model::to_date(in_utc == elsewhere ? model::to_local(*in_utc, zone)
                                            : *in_utc);
}

bool to_time(Cell& cell, std::string_view text, ColumnType type,
             const model::CursorFormat& format, std::string& made) {
  const auto zone = format.zone.value_or(model::Zone());
  if (type == ColumnType::date) {
    const auto date = read_date(cell, text, format, zone);
    if (date) {
      set_text(cell, *date, made);
    }
    return date.has_value();
  }
  const auto instant = read_time(cell, text, format, zone);
  if (instant) {
    set_text(cell, model::to_rfc3339(*instant, 6), made);
  }
  return instant.has_value();
}

std::string time_name(const model::CursorFormat& format) {
  return format.kind == model::CursorFormat::rfc3339
             ? "an RFC 3339 time"
             : "a time of the column's format, nor an RFC 3339 time";
}

bool to_decimal(Cell& cell, std::string_view text) {
  if (cell.kind == CellKind::json || !is_number(text)) {
    return false;
  }
  cell.kind = CellKind::text;
  return true;
}

}  // namespace

std::optional<std::string> convert(Cell& cell, std::string_view text,
                                   ColumnType type, std::string& made,
                                   const model::CursorFormat& format) {
  if (cell.kind == CellKind::null || type == ColumnType::as_found) {
    return {};
  }
  if (cell.kind == CellKind::text && text.empty() && type != ColumnType::text &&
      type != ColumnType::json) {
    cell.kind = CellKind::null;
    return {};
  }
  switch (type) {
    case ColumnType::integer:
      return to_integer(cell, text)
                 ? std::nullopt
                 : std::optional(is_not(text, "an integer of 64 bits"));
    case ColumnType::real:
      return to_real(cell, text)
                 ? std::nullopt
                 : std::optional(is_not(text, "a number of 64 bits"));
    case ColumnType::boolean:
      return to_boolean(cell, text) ? std::nullopt
                                    : std::optional(is_not(text, "a boolean"));
    case ColumnType::timestamp:
    case ColumnType::date:
      return to_time(cell, text, type, format, made)
                 ? std::nullopt
                 : std::optional(is_not(text, time_name(format)));
    case ColumnType::decimal:
      return to_decimal(cell, text) ? std::nullopt
                                    : std::optional(is_not(text, "a number"));
    case ColumnType::text:
    case ColumnType::json:
    case ColumnType::as_found:
      break;
  }
  // A text column takes any value as the source wrote it; json is told from
  // text where the cell is made, by the token itself.
  cell.kind = CellKind::text;
  return {};
}

}  // namespace strandline::source
