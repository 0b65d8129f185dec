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

std::string table_entry(const std::string& table) {
  return "table:" + table;
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

void Table::load_columns() {
  const auto entries = column_entries(database_, stream_.name);
  SQLite::Statement query(database_, R"sql(
    SELECT name, type, pk FROM pragma_table_info(?) ORDER BY pk, cid)sql");
  query.bind(1, stream_.name);
  std::vector<std::string> key;
  std::vector<std::string> there;
  while (query.executeStep()) {
    const auto& name = there.emplace_back(text(query, 0).value_or(""));
    if (query.getColumn(2).getInt() > 0) {
      key.push_back(name);
    }
    const auto entry = entries.find(name);
    load_column(name, text(query, 1).value_or(""),
                entry == entries.end() ? nullptr : &entry->second);
  }
  check_key(key);
  check_hash(entries);
  check_own(there);
  find_missing(entries, there);
}

// Of the table's columns only those are ours to write that the stream's fields
// name, and those that `*` found before: where a record lacks such a member
// now, its column becomes null.
void Table::load_column(const std::string& name, const std::string& type,
                        const ColumnEntry* entry) {
  has_raw_ = has_raw_ || same_name(name, "_raw");
  if (stream_.version && same_name(name, "_version")) {
    check_made("_version", type == "INTEGER" && entry != nullptr &&
                               entry->why == ColumnEntry::Why::version);
    has_version_ = true;
    return;
  }
  if (stream_.keeps_cursors && same_name(name, "_cursor")) {
    check_made("_cursor", type == "TEXT" && entry != nullptr &&
                              entry->why == ColumnEntry::Why::cursor);
    has_cursor_ = true;
    return;
  }
  const auto field = std::find_if(
      fields_.begin(), fields_.end(),
      [&](const Field& each) { return same_name(each.name, name); });
  if (field != fields_.end()) {
    take_column(*field, {name, checked_type(name, type, entry, &*field)});
  } else if (stream_.all_columns && entry != nullptr &&
             entry->why == ColumnEntry::Why::found) {
    columns_.push_back({name, checked_type(name, type, entry, nullptr),
                        entry->member ? *entry->member : escaped_member(name)});
  }
}

// What someone made of a column is not ours to guess at.
StorageType Table::checked_type(const std::string& name,
                                const std::string& type,
                                const ColumnEntry* entry,
                                const Field* field) const {
  const auto is = parse_storage_type(type);
  const auto* const made =
      entry != nullptr && entry->type ? &*entry->type : nullptr;
  const bool is_declared = field != nullptr && field->declared && is &&
                           std::string_view(to_sql(*field->declared)) ==
                               std::string_view(to_sql(*is));
  if (!is || (made != nullptr && !is_declared &&
              std::string_view(to_sql(*made)) != to_sql(*is))) {
    throw StoreError(
        ExitCode::configuration,
        fmt::format("the column '{}' of the table '{}' is {}, and {}", name,
                    stream_.name, type.empty() ? "of no type" : type,
                    made != nullptr
                        ? fmt::format("was made as {}", to_sql(*made))
                        : "Strandline writes INTEGER, REAL and TEXT alone"),
        {{"try", fmt::format("give it its type again, or drop the column and "
                             "run strandline sync --full {}",
                             stream_.name)}});
  }
  return made != nullptr && *made == StorageType::number &&
                 !(field != nullptr && field->declared)
             ? StorageType::number
             : *is;
}

// Not `_version` and `_cursor`, which are made anew where they are needed.
void Table::find_missing(const Entries& entries,
                         const std::vector<std::string>& there) {
  for (const auto& [name, entry] : entries) {
    const auto is_it = [&name = name](const auto& each) {
      return same_name(each.name, name);
    };
    const bool is_wanted =
        (stream_.all_columns && entry.why == ColumnEntry::Why::found) ||
        std::any_of(fields_.begin(), fields_.end(), is_it);
    if (is_wanted && !same_name(name, "_version") &&
        !same_name(name, "_cursor") &&
        std::find(there.begin(), there.end(), name) == there.end()) {
      missing_.push_back(name);
    }
  }
}

void Table::forget_missing() {
  for (const auto& name : missing_) {
    if (!find_column(name)) {
      remove_column_entry(database_, stream_.name, name);
    }
  }
  missing_.clear();
}

void Table::check_made(const char* column, bool fits) const {
  if (!fits) {
    throw StoreError(
        ExitCode::configuration,
        fmt::format("the table '{}' has a column '{}' that was not made for "
                    "the stream's `{}`",
                    stream_.name, column, column + 1),
        {{"try", "rename the column"}});
  }
}

// Rows whose keys are hashes of something else would all come again.
void Table::check_hash(const Entries& entries) const {
  if (!stream_.hash) {
    return;
  }
  const auto entry = entries.find("_key");
  const auto made_of = entry == entries.end()
                           ? std::string()
                           : entry->second.member.value_or("");
  const auto wanted = model::hash_text(stream_);
  if (wanted == made_of) {
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

void Table::check_own(const std::vector<std::string>& there) const {
  for (const std::string_view own : {"_run_id", "_synced_at", "_deleted_at"}) {
    if (std::none_of(there.begin(), there.end(), [&](const std::string& name) {
          return same_name(name, own);
        })) {
      throw StoreError(
          ExitCode::configuration,
          fmt::format("the table '{}' has lost its column '{}'", stream_.name,
                      own),
          {{"try",
            "give the column its name again, or drop the table and run "
            "strandline sync --full " +
                stream_.name}});
    }
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

// What becomes another type by a rebuild does so with the first record.
void Table::check_declared() {
  for (const auto& field : fields_) {
    if (!field.declared || !field.column) {
      continue;
    }
    const auto& column = columns_[*field.column];
    if (column.type == *field.declared) {
      continue;
    }
    if (may_become(column, field)) {
      declared_types_.emplace(*field.column, *field.declared);
      continue;
    }
    throw StoreError(
        ExitCode::configuration,
        fmt::format("the column '{}' of the table '{}' is {}, and its "
                    "declared type needs {}",
                    field.name, stream_.name, to_sql(column.type),
                    to_sql(*field.declared)),
        {{"try",
          "the type that the column has, or another column name; or drop the "
          "column and run strandline sync --full " +
              stream_.name}});
  }
}

// A number is kept whatever the type; a text that was made of it is only what
// is declared if that is any text, or any number.
bool Table::may_become(const Column& column, const Field& field) const {
  const auto number = static_cast<std::size_t>(&field - fields_.data());
  const auto& rule = number < stream_.key.size()
                         ? stream_.key[number]
                         : stream_.columns[number - stream_.key.size()];
  if (*field.declared == StorageType::text) {
    return rule.type == model::ColumnType::text ||
           rule.type == model::ColumnType::decimal ||
           rule.type == model::ColumnType::real;
  }
  return *field.declared == StorageType::real &&
         column.type == StorageType::integer && all_exact(column);
}

bool Table::has_own_columns() const {
  return (!stream_.raw || has_raw_) && (!stream_.version || has_version_) &&
         (!stream_.keeps_cursors || has_cursor_);
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
    set_column_entry(database_, stream_.name, "_version",
                     {ColumnEntry::Why::version, StorageType::integer});
    has_version_ = true;
  }
  if (stream_.keeps_cursors && !has_cursor_) {
    add("_cursor TEXT");
    set_column_entry(database_, stream_.name, "_cursor",
                     {ColumnEntry::Why::cursor, StorageType::text});
    has_cursor_ = true;
  }
}

void Table::create(const model::RecordBatch& batch,
                   const model::Record& record) {
  std::vector<std::optional<StorageType>> types(fields_.size());
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    types[cell.field] = storage_of(cell, batch.text_of(record, cell));
  }
  forget();
  std::string columns;
  std::string key;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    auto& field = fields_[i];
    auto type = field.declared ? field.declared : types[i];
    if (!type || !may_add(field)) {
      continue;
    }
    const bool in_key = i < stream_.key.size();
    const auto name = in_key && stream_.hash ? field.name : new_name(field);
    if (in_key) {
      type = key_storage(*type);
      key += (key.empty() ? "" : ", ") + identifier(name);
    }
    columns += fmt::format("{} {}{}, ", identifier(name), to_sql(*type),
                           in_key ? " NOT NULL" : "");
    take_column(field, {name, *type});
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
    set_column_entry(database_, stream_.name, "_version",
                     {ColumnEntry::Why::version, StorageType::integer});
  }
  has_version_ = stream_.version.has_value();
  if (stream_.keeps_cursors) {
    set_column_entry(database_, stream_.name, "_cursor",
                     {ColumnEntry::Why::cursor, StorageType::text});
  }
  has_cursor_ = stream_.keeps_cursors;
}

void Table::forget() {
  SQLite::Statement statement(database_,
                              "DELETE FROM pipeline_meta WHERE key = ?");
  statement.bind(1, table_entry(stream_.name));
  statement.exec();
  remove_column_entries(database_, stream_.name);
  registered_ = false;
}

bool Table::has_trigger() const {
  SQLite::Statement query(database_, R"sql(
    SELECT 1 FROM sqlite_schema
    WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE)sql");
  query.bind(1, stream_.name);
  return query.executeStep();
}

}  // namespace strandline::store
