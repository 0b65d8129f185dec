// SPDX-License-Identifier: MIT
#include "store/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/number_text.hpp"
#include "model/text.hpp"

namespace strandline::store {
namespace {

using model::CellKind;

std::string shown(const model::Cell& cell, std::string_view text) {
  const auto value = model::printable(text, 60);
  return cell.kind == CellKind::text ? "'" + value + "'" : value;
}

bool fits_integer(const model::Cell& cell) {
  switch (cell.kind) {
    case CellKind::integer:
    case CellKind::boolean:
      return true;
    case CellKind::real:
      return std::trunc(cell.real) == cell.real &&
             std::fabs(cell.real) <= static_cast<double>(exact_integers);
    default:
      return false;
  }
}

// Whether an integer column holds the number with all its digits.
bool is_whole(const model::Cell& cell, std::string_view text) {
  return fits_integer(cell) &&
         (cell.kind != CellKind::real || model::keeps_digits(cell.real, text));
}

bool is_number(const model::Cell& cell) {
  switch (cell.kind) {
    case CellKind::boolean:
    case CellKind::integer:
    case CellKind::real:
    case CellKind::number:
      return true;
    default:
      return false;
  }
}

bool fits_real(const model::Cell& cell) {
  switch (cell.kind) {
    case CellKind::real:
    case CellKind::boolean:
      return true;
    case CellKind::integer:
      return cell.integer >= -exact_integers && cell.integer <= exact_integers;
    default:
      return false;
  }
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

const char* to_sql(StorageType type) {
  switch (type) {
    case StorageType::integer:
      return "INTEGER";
    case StorageType::real:
      return "REAL";
    case StorageType::text:
    case StorageType::number:
      break;
  }
  return "TEXT";
}

std::optional<StorageType> parse_storage_type(std::string_view sql) {
  for (const auto type :
       {StorageType::integer, StorageType::real, StorageType::text}) {
    if (same_name(sql, to_sql(type))) {
      return type;
    }
  }
  return {};
}

std::optional<StorageType> storage_of(model::ColumnType type) {
  switch (type) {
    case model::ColumnType::as_found:
      return {};
    case model::ColumnType::integer:
    case model::ColumnType::boolean:
      return StorageType::integer;
    case model::ColumnType::real:
      return StorageType::real;
    default:
      return StorageType::text;
  }
}

std::optional<StorageType> storage_of(const model::Cell& cell,
                                      std::string_view text) {
  switch (cell.kind) {
    case CellKind::null:
      return {};
    case CellKind::boolean:
    case CellKind::integer:
      return StorageType::integer;
    case CellKind::real:
      return model::keeps_digits(cell.real, text) ? StorageType::real
                                                  : StorageType::text;
    default:
      return StorageType::text;
  }
}

StorageType key_storage(StorageType type) {
  return type == StorageType::real ? StorageType::text : type;
}

std::string misfit(const model::Cell& cell, std::string_view text,
                   StorageType type) {
  if (cell.kind == CellKind::null || type == StorageType::text) {
    return {};
  }
  if (type == StorageType::number) {
    return is_number(cell)
               ? std::string()
               : fmt::format(
                     "holds {}, but the column holds numbers as its "
                     "first value was: declare it under `columns` with "
                     "type = \"text\"",
                     shown(cell, text));
  }
  const bool fits =
      type == StorageType::integer ? fits_integer(cell) : fits_real(cell);
  if (fits) {
    return {};
  }
  return fmt::format(
      "holds {}, but the column is {} as its first value was: declare it under "
      "`columns` with type = \"{}\"",
      shown(cell, text), to_sql(type),
      cell.kind == CellKind::real     ? "real"
      : cell.kind == CellKind::number ? "decimal"
                                      : "text");
}

std::optional<StorageType> wider(const model::Cell& cell, std::string_view text,
                                 StorageType type) {
  if (!is_number(cell) || type == StorageType::text ||
      type == StorageType::number) {
    return {};
  }
  const bool in_real =
      fits_real(cell) &&
      (cell.kind != CellKind::real || model::keeps_digits(cell.real, text));
  if (type == StorageType::integer) {
    return is_whole(cell, text) ? std::nullopt
           : in_real            ? std::optional(StorageType::real)
                                : std::optional(StorageType::number);
  }
  return in_real ? std::nullopt : std::optional(StorageType::number);
}

std::string number_text(const model::Cell& cell, std::string_view text,
                        bool in_key) {
  switch (cell.kind) {
    case CellKind::boolean:
    case CellKind::integer:
      return std::to_string(cell.integer);
    case CellKind::real:
      if (is_whole(cell, text) ||
          (!in_key && model::keeps_digits(cell.real, text))) {
        return model::shortest_text(cell.real);
      }
      return std::string(text);
    default:
      return std::string(text);
  }
}

std::string identifier(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    text += c;
    if (c == '"') {
      text += c;
    }
  }
  return text + '"';
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace strandline::store
