// SPDX-License-Identifier: MIT
#include "store/table.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <algorithm>

#include "model/text.hpp"
#include "store/error.hpp"
#include "store/meta.hpp"
#include "store/statement.hpp"

namespace strandline::store {
namespace {

using model::CellKind;

// Why a column is there, in pipeline_meta.
constexpr const char* found_column = "found";
constexpr const char* declared_column = "declared";
constexpr const char* version_column = "version";
constexpr const char* cursor_column = "cursor";

std::string table_entry(const std::string& table) {
  return "table:" + table;
}

std::string column_entry(const std::string& table, std::string_view column) {
  return "column:" + table + ":" + std::string(column);
}

// What a new table of this name would be in the way of: "table", "view",
// "index"; nothing if the name is free.
std::optional<std::string> taken_by(SQLite::Database& database,
                                    const std::string& name) {
  SQLite::Statement query(database, R"sql(
    SELECT type FROM sqlite_schema
    WHERE name = ? COLLATE NOCASE AND type <> 'trigger')sql");
  query.bind(1, name);
  return query.executeStep() ? text(query, 0) : std::nullopt;
}

std::string list(const std::vector<std::string>& names) {
  std::string joined;
  for (const auto& name : names) {
    joined += (joined.empty() ? "" : ", ") + model::printable(name, 60);
  }
  return joined;
}

}  // namespace

void Table::load() {
  const auto& name = stream_.name;
  const auto owner = meta(database_, table_entry(name));
  const auto taken = taken_by(database_, name);
  const bool ours = owner == stream_.owner();
  if (!taken) {
    registered_ = ours;
    return;
  }
  if (!owner || *taken != "table") {
    throw StoreError(
        ExitCode::configuration,
        fmt::format("{} has {} {} '{}' that Strandline did not make",
                    database_.getFilename(), *taken == "index" ? "an" : "a",
                    *taken, name),
        {{"try", "rename it or the stream, or name another database"}});
  }
  if (!ours) {
    throw StoreError(
        ExitCode::configuration,
        fmt::format("the table '{}' belongs to {}, not to {}", name, *owner,
                    stream_.owner()),
        {{"try", "another name for the stream, or another database"}});
  }
  exists_ = true;
  registered_ = true;
  load_columns();
  check_declared();
}

// Of the table's columns only those are ours to write that the stream's fields
// name, and those that `*` found before: where a record lacks such a member
// now, its column becomes null.
void Table::load_columns() {
  SQLite::Statement query(database_, R"sql(
    SELECT name, type, pk, (SELECT value FROM pipeline_meta
                            WHERE key = 'column:' || ?1 || ':' || name)
    FROM pragma_table_info(?1) ORDER BY pk, cid)sql");
  query.bind(1, stream_.name);
  std::vector<std::string> key;
  std::string hash;
  while (query.executeStep()) {
    Column column{text(query, 0).value_or(""),
                  parse_storage_type(text(query, 1).value_or(""))
                      .value_or(StorageType::text)};
    if (query.getColumn(2).getInt() > 0) {
      key.push_back(column.name);
      hash = text(query, 3).value_or("");
    }
    has_raw_ = has_raw_ || same_name(column.name, "_raw");
    const auto is = [&](const char* type, const char* why) {
      return text(query, 1) == type && text(query, 3) == why;
    };
    if (stream_.version && same_name(column.name, "_version")) {
      check_own("_version", is("INTEGER", version_column));
      has_version_ = true;
      continue;
    }
    if (stream_.keeps_cursors && same_name(column.name, "_cursor")) {
      check_own("_cursor", is("TEXT", cursor_column));
      has_cursor_ = true;
      continue;
    }
    const auto field = std::find_if(
        fields_.begin(), fields_.end(),
        [&](const Field& each) { return same_name(each.name, column.name); });
    if (field != fields_.end()) {
      take_column(*field, std::move(column));
    } else if (stream_.all_columns && text(query, 3) == found_column) {
      columns_.push_back(std::move(column));
    }
  }
  check_key(key);
  check_hash(hash);
}

void Table::check_own(const char* column, bool fits) const {
  if (!fits) {
    throw StoreError(
        ExitCode::configuration,
        fmt::format("the table '{}' has a column '{}' that was not made for "
                    "the stream's `{}`",
                    stream_.name, column, column + 1),
        {{"try", "rename the column"}});
  }
}

void Table::check_key(const std::vector<std::string>& key) const {
  if (std::equal(key.begin(), key.end(), stream_.key.begin(), stream_.key.end(),
                 [](const std::string& is, const model::ColumnRule& wanted) {
                   return same_name(is, wanted.name);
                 })) {
    return;
  }
  std::vector<std::string> wanted;
  for (const auto& part : stream_.key) {
    wanted.push_back(part.name);
  }
  throw StoreError(
      ExitCode::configuration,
      fmt::format("the table '{}' has the key ({}), and the definition of {} "
                  "the key ({})",
                  stream_.name, list(key), stream_.owner(), list(wanted)),
      {{"try", "drop the table and run strandline sync --full " + stream_.name +
                   ", or give the stream another name"}});
}

// Rows whose keys are hashes of something else would all come again.
void Table::check_hash(const std::string& made_of) const {
  const auto wanted = stream_.hash ? model::hash_text(stream_) : std::string();
  if (wanted.empty() || wanted == made_of) {
    return;
  }
  throw StoreError(
      ExitCode::configuration,
      fmt::format("the key of the table '{}' is made as \"{}\", and that of "
                  "the definition of {} as \"{}\"",
                  stream_.name, model::printable(made_of, 200), stream_.owner(),
                  model::printable(wanted, 200)),
      {{"try", "drop the table and run strandline sync --full " + stream_.name +
                   ", or give the stream another name"}});
}

void Table::check_declared() const {
  for (const auto& field : fields_) {
    if (!field.declared || !field.column) {
      continue;
    }
    const auto is = columns_[*field.column].type;
    if (is != *field.declared) {
      throw StoreError(
          ExitCode::configuration,
          fmt::format("the column '{}' of the table '{}' is {}, and its "
                      "declared type needs {}",
                      field.name, stream_.name, to_sql(is),
                      to_sql(*field.declared)),
          {{"try", "the type that the column has, or another column name"}});
    }
  }
}

// Makes the table and the columns that the record is the first to need. False
// if there was nothing to make.
bool Table::prepare_table(const model::RecordBatch& batch,
                          const model::Record& record) {
  bool changed = false;
  if (!exists_) {
    create(batch, record);
    changed = true;
  }
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    auto& field = fields_[cell.field];
    if (!field.column && cell.kind != CellKind::null) {
      ensure_column(field, cell.kind);
      changed = true;
    }
  }
  add_own_columns();
  return changed;
}

// Called before the first upsert is prepared.
void Table::add_own_columns() {
  const auto add = [&](const char* column) {
    database_.exec(fmt::format("ALTER TABLE {} ADD COLUMN {}",
                               identifier(stream_.name), column));
  };
  if (stream_.raw && !has_raw_) {
    add("_raw TEXT");
    has_raw_ = true;
  }
  if (stream_.version && !has_version_) {
    add("_version INTEGER");
    set_meta(database_, column_entry(stream_.name, "_version"), version_column);
    has_version_ = true;
  }
  if (stream_.keeps_cursors && !has_cursor_) {
    add("_cursor TEXT");
    set_meta(database_, column_entry(stream_.name, "_cursor"), cursor_column);
    has_cursor_ = true;
  }
}

void Table::create(const model::RecordBatch& batch,
                   const model::Record& record) {
  std::vector<CellKind> kinds(fields_.size(), CellKind::null);
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    kinds[cell.field] = cell.kind;
  }
  forget();
  std::string columns;
  std::string key;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    auto& field = fields_[i];
    auto type = field.declared ? field.declared : storage_of(kinds[i]);
    if (!type) {
      continue;
    }
    const bool in_key = i < stream_.key.size();
    if (!in_key || !stream_.hash) {
      check_new_column(field.name);
    }
    if (in_key) {
      type = key_storage(*type);
      key += (key.empty() ? "" : ", ") + identifier(field.name);
    }
    columns += fmt::format("{} {}{}, ", identifier(field.name), to_sql(*type),
                           in_key ? " NOT NULL" : "");
    take_column(field, {field.name, *type});
    register_column(field);
  }
  database_.exec(fmt::format(
      "CREATE TABLE {} ({}_run_id INTEGER NOT NULL, _synced_at TEXT NOT NULL, "
      "_deleted_at TEXT, {}{}{}PRIMARY KEY ({})) STRICT",
      identifier(stream_.name), columns, stream_.raw ? "_raw TEXT, " : "",
      stream_.version ? "_version INTEGER, " : "",
      stream_.keeps_cursors ? "_cursor TEXT, " : "", key));
  set_meta(database_, table_entry(stream_.name), stream_.owner());
  exists_ = true;
  registered_ = true;
  has_raw_ = stream_.raw;
  if (stream_.version) {
    set_meta(database_, column_entry(stream_.name, "_version"), version_column);
  }
  has_version_ = stream_.version.has_value();
  if (stream_.keeps_cursors) {
    set_meta(database_, column_entry(stream_.name, "_cursor"), cursor_column);
  }
  has_cursor_ = stream_.keeps_cursors;
}

void Table::ensure_column(Field& field, CellKind kind) {
  check_new_column(field.name);
  if (!adopt_column(field)) {
    const auto type = field.declared ? field.declared : storage_of(kind);
    database_.exec(fmt::format("ALTER TABLE {} ADD COLUMN {} {}",
                               identifier(stream_.name), identifier(field.name),
                               to_sql(*type)));
    take_column(field, {field.name, *type});
  }
  register_column(field);
}

// Takes a column that was declared once and is now a member that `*` finds.
bool Table::adopt_column(Field& field) {
  SQLite::Statement query(database_, R"sql(
    SELECT name, type FROM pragma_table_xinfo(?)
    WHERE name = ? COLLATE NOCASE)sql");
  query.bind(1, stream_.name);
  query.bind(2, field.name);
  if (!query.executeStep()) {
    return false;
  }
  const auto name = text(query, 0).value_or("");
  const auto type = parse_storage_type(text(query, 1).value_or(""));
  if (name != field.name || !type ||
      !meta(database_, column_entry(stream_.name, name))) {
    throw StoreError(
        ExitCode::configuration,
        fmt::format("the source sends a member '{}', and the table '{}' has a "
                    "column '{}' that was not made for it",
                    model::printable(field.name, 60), stream_.name,
                    model::printable(name, 60)),
        {{"try", "rename the column, or list the `columns` that you want"}});
  }
  take_column(field, {name, *type});
  return true;
}

void Table::check_new_column(const std::string& name) const {
  check_column_name(name);
  if ((stream_.version && same_name(name, "_version")) ||
      (stream_.keeps_cursors && same_name(name, "_cursor"))) {
    throw StoreError(
        ExitCode::data,
        fmt::format("the member '{}' cannot be a column: the name is that of "
                    "the stream's `{}`",
                    name, name.substr(1)),
        {{"try", "list the `columns` that you want, with names of your own"}});
  }
  if (const auto other = find_column(name)) {
    throw StoreError(
        ExitCode::data,
        fmt::format("the members '{}' and '{}' would be one column of the "
                    "table '{}'",
                    model::printable(columns_[*other].name, 60),
                    model::printable(name, 60), stream_.name),
        {{"try", "list the `columns` that you want, with names of your own"}});
  }
}

void Table::take_column(Field& field, Column column) {
  field.column = columns_.size();
  columns_.push_back(std::move(column));
}

void Table::register_column(const Field& field) {
  const auto number = static_cast<std::size_t>(&field - fields_.data());
  const bool found = number >= stream_.key.size() + stream_.columns.size();
  const bool hash = number < stream_.key.size() && stream_.hash;
  set_meta(database_, column_entry(stream_.name, columns_[*field.column].name),
           hash    ? model::hash_text(stream_)
           : found ? found_column
                   : declared_column);
}

void Table::forget() {
  SQLite::Statement statement(database_, R"sql(
    DELETE FROM pipeline_meta
    WHERE key = ?1 OR substr(key, 1, length(?2)) = ?2)sql");
  statement.bind(1, table_entry(stream_.name));
  statement.bind(2, column_entry(stream_.name, ""));
  statement.exec();
  registered_ = false;
}

std::optional<std::size_t> Table::find_column(std::string_view name) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (same_name(columns_[i].name, name)) {
      return i;
    }
  }
  return {};
}

bool Table::has_trigger() const {
  SQLite::Statement query(database_, R"sql(
    SELECT 1 FROM sqlite_schema
    WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE)sql");
  query.bind(1, stream_.name);
  return query.executeStep();
}

}  // namespace strandline::store
