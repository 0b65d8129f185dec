// SPDX-License-Identifier: MIT
//
// What records change in a table: new columns, and columns of another type.
#include "store/table.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "model/text.hpp"
#include "store/column_name.hpp"
#include "store/error.hpp"
#include "store/rebuild.hpp"
#include "store/statement.hpp"

namespace strandline::store {
namespace {

using model::CellKind;

std::string in_quotes(std::string_view name) {
  return "'" + model::printable(name, 60) + "'";
}

}  // namespace

// Makes what the record is the first to need.
void Table::prepare_table(const model::RecordBatch& batch,
                          const model::Record& record) {
  if (!exists_) {
    create(batch, record);
  }
  take_declared_types();
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    auto& field = fields_[cell.field];
    if (!field.column && !field.left_out && cell.kind != CellKind::null) {
      ensure_column(field, cell, batch.text_of(record, cell));
    }
  }
  widen(batch, record);
  add_own_columns();
}

void Table::ensure_column(Field& field, const model::Cell& cell,
                          std::string_view text) {
  if (!adopt_column(field)) {
    if (!may_add(field)) {
      return;
    }
    const auto name = new_name(field);
    const auto type = field.declared ? field.declared : storage_of(cell, text);
    database_.exec(fmt::format("ALTER TABLE {} ADD COLUMN {} {}",
                               identifier(stream_.name), identifier(name),
                               to_sql(*type)));
    take_column(field, {name, *type});
  }
  register_column(field);
}

// Takes a column that is there already: one that was declared once and is now a
// member that `*` finds.
bool Table::adopt_column(Field& field) {
  SQLite::Statement query(database_, R"sql(
    SELECT name, type, (SELECT value FROM pipeline_meta
                        WHERE key = 'column:' || ?1 || ':' || name)
    FROM pragma_table_xinfo(?1) WHERE name = ?2 COLLATE NOCASE)sql");
  query.bind(1, stream_.name);
  query.bind(2, field.name);
  if (!query.executeStep()) {
    return false;
  }
  const auto name = text(query, 0).value_or("");
  const auto type = parse_storage_type(text(query, 1).value_or(""));
  const auto entry = parse_column_entry(text(query, 2).value_or(""));
  if (name == field.name && type && entry && !entry->member &&
      !find_column(name)) {
    take_column(field,
                {name, entry->type == StorageType::number ? StorageType::number
                                                          : *type});
    return true;
  }
  if (is_found(field)) {
    return false;
  }
  throw StoreError(
      ExitCode::configuration,
      fmt::format("the table '{}' has a column '{}' that was not made for the "
                  "declared column {}",
                  stream_.name, model::printable(name, 60),
                  in_quotes(field.name)),
      {{"try", "rename one of the two"}});
}

// False if the field gets no column.
bool Table::may_add(Field& field) {
  if (!is_found(field)) {
    return true;
  }
  if (closed_ && stream_.new_fields == model::NewFields::fail) {
    throw StoreError(
        ExitCode::data,
        fmt::format("{} sends a new member {}, and its `new_fields` is "
                    "\"fail\"",
                    stream_.owner(), in_quotes(field.name)),
        {{"try",
          "list it under `columns`; or new_fields = \"add\" for a column, or "
          "\"ignore\" to go on without it"}});
  }
  const bool is_full = found_columns() >= max_found_columns;
  if (!closed_ && !is_full) {
    return true;
  }
  field.left_out = true;
  notices_.add(closed_ ? Notices::About::ignored : Notices::About::beyond,
               in_quotes(field.name));
  return false;
}

// The name of a new column. That of a declared one is as it says; that of a
// member is one that no other column has.
std::string Table::new_name(const Field& field) {
  if (!is_found(field)) {
    check_column_name(field.name);
    return field.name;
  }
  auto base = column_name_for(field.name);
  if ((stream_.version && same_name(base, "_version")) ||
      (stream_.keeps_cursors && same_name(base, "_cursor"))) {
    base.insert(0, "x");
  }
  auto name = base;
  for (int number = 2; is_taken(name); ++number) {
    name = fmt::format("{}_{}", base, number);
  }
  if (name != field.name) {
    notices_.add(
        Notices::About::renamed,
        fmt::format("{} in {}", in_quotes(field.name), in_quotes(name)));
  }
  return name;
}

bool Table::is_taken(const std::string& name) const {
  const auto declared =
      fields_.begin() +
      static_cast<std::ptrdiff_t>(stream_.key.size() + stream_.columns.size());
  if (find_column(name) ||
      std::any_of(fields_.begin(), declared, [&](const Field& field) {
        return same_name(field.name, name);
      })) {
    return true;
  }
  if (!exists_) {
    return false;
  }
  SQLite::Statement query(database_, R"sql(
    SELECT 1 FROM pragma_table_xinfo(?) WHERE name = ? COLLATE NOCASE)sql");
  query.bind(1, stream_.name);
  query.bind(2, name);
  return query.executeStep();
}

void Table::take_column(Field& field, Column column) {
  if (is_found(field)) {
    column.member = escaped_member(field.name);
  }
  field.column = columns_.size();
  columns_.push_back(std::move(column));
}

void Table::register_column(const Field& field) {
  const auto& column = columns_[*field.column];
  ColumnEntry entry;
  entry.type = column.type;
  if (stream_.hash && &field == fields_.data()) {
    entry = {ColumnEntry::Why::hash, {}, model::hash_text(stream_)};
  } else if (!is_found(field)) {
    entry.why = ColumnEntry::Why::declared;
  } else if (column.name != field.name) {
    entry.member = *column.member;
  }
  set_column_entry(database_, stream_.name, column.name, entry);
}

// Gives columns that were found the types that are declared for them now.
void Table::take_declared_types() {
  if (!declared_types_.empty()) {
    retype(std::exchange(declared_types_, {}));
  }
}

// Gives columns types that hold the record's numbers too. Where that is not
// possible they keep theirs, and the record does not fit.
void Table::widen(const model::RecordBatch& batch,
                  const model::Record& record) {
  std::map<std::size_t, StorageType> types;
  Notices news;
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    const auto& field = fields_[cell.field];
    if (!field.column || field.declared) {
      continue;
    }
    const auto& column = columns_[*field.column];
    const auto value = batch.text_of(record, cell);
    auto type = wider(cell, value, column.type);
    if (!type || !column.stuck.empty()) {
      continue;
    }
    if (type == StorageType::real &&
        (is_key(*field.column) || !all_exact(column))) {
      type = StorageType::number;
    }
    types.emplace(*field.column, *type);
    news.add(Notices::About::retyped,
             fmt::format("{} to {} for {}", in_quotes(column.name),
                         to_sql(*type), model::printable(value, 60)));
  }
  if (types.empty()) {
    return;
  }
  const auto keep = [&](const char* why) {
    for (const auto& [number, type] : types) {
      columns_[number].stuck = why;
    }
  };
  try {
    retype(types);
    notices_.add(news);
  } catch (const SQLite::Exception& error) {
    if (spoils_connection(error.getErrorCode()) ||
        sqlite3_get_autocommit(database_.getHandle()) != 0) {
      throw;
    }
    keep(error.what());
  } catch (const StoreError& error) {
    keep(error.what());
  }
}

void Table::retype(const std::map<std::size_t, StorageType>& types) {
  std::vector<TypeChange> changes;
  for (const auto& [number, type] : types) {
    const auto& column = columns_[number];
    if (std::string_view(to_sql(column.type)) != to_sql(type)) {
      changes.push_back({column.name, type});
    }
  }
  if (!changes.empty()) {
    change_types(database_, stream_.name, changes);
  }
  for (const auto& [number, type] : types) {
    auto& column = columns_[number];
    column.type = type;
    ColumnEntry entry;
    entry.type = type;
    if (!column.member) {
      entry.why = ColumnEntry::Why::declared;
    } else if (*column.member != escaped_member(column.name)) {
      entry.member = *column.member;
    }
    set_column_entry(database_, stream_.name, column.name, entry);
  }
}

// Whether a double holds every value of an integer column.
bool Table::all_exact(const Column& column) const {
  SQLite::Statement query(
      database_,
      fmt::format("SELECT 1 FROM {} WHERE {} NOT BETWEEN ? AND ?",
                  identifier(stream_.name), identifier(column.name)));
  query.bind(1, -exact_integers);
  query.bind(2, exact_integers);
  return !query.executeStep();
}

bool Table::is_found(const Field& field) const {
  return static_cast<std::size_t>(&field - fields_.data()) >=
         stream_.key.size() + stream_.columns.size();
}

std::size_t Table::found_columns() const {
  return static_cast<std::size_t>(std::count_if(
      columns_.begin(), columns_.end(),
      [](const Column& column) { return column.member.has_value(); }));
}

std::optional<std::size_t> Table::find_column(std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (same_name(columns_[i].name, name)) {
      return i;
    }
  }
  return {};
}

}  // namespace strandline::store
