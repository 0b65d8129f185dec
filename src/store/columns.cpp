// SPDX-License-Identifier: MIT
#include "store/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "model/text.hpp"
#include "store/error.hpp"

namespace strandline::store {
namespace {

using model::CellKind;

// Doubles hold every integer up to here.
constexpr std::int64_t exact_integers = std::int64_t{1} << 53U;

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

std::optional<StorageType> storage_of(CellKind kind) {
  switch (kind) {
    case CellKind::null:
      return {};
    case CellKind::boolean:
    case CellKind::integer:
      return StorageType::integer;
    case CellKind::real:
      return StorageType::real;
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

void check_column_name(std::string_view name) {
  static constexpr std::array<std::string_view, 5> ours = {
      "_deleted_at", "_key", "_raw", "_run_id", "_synced_at"};
  const auto refuse = [&](const std::string& why) {
    throw StoreError(
        ExitCode::data,
        fmt::format("the member '{}' cannot be a column: {}",
                    model::printable(name, 60), why),
        {{"try", "list the `columns` that you want, with names of your own"}});
  };
  if (name.empty()) {
    refuse("its name is empty");
  }
  if (std::any_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20;
      })) {
    refuse("its name holds a control character");
  }
  if (std::any_of(ours.begin(), ours.end(),
                  [&](std::string_view own) { return same_name(own, name); })) {
    refuse("the name is one of Strandline's own");
  }
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace strandline::store
