// SPDX-License-Identifier: MIT
#include "store/table.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cassert>

#include "model/text.hpp"
#include "store/error.hpp"

namespace strandline::store {
namespace {

using model::CellKind;

void check(SQLite::Database& database, int code) {
  if (code != SQLITE_OK) {
    throw SQLite::Exception(database.getHandle(), code);
  }
}

// What may be the fault of one record: a constraint or trigger of the user's
// own, or a limit of the connection.
bool is_refusal(int code) {
  const int primary = code & 0xFF;
  return primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH ||
         primary == SQLITE_TOOBIG;
}

}  // namespace

void Table::FinalizeStatement::operator()(
    sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

Table::Table(SQLite::Database& database, const model::StreamDefinition& stream)
    : database_(database), stream_(stream) {
  for (const auto& part : stream.key) {
    auto type = storage_of(part.type);
    fields_.push_back({part.name, type ? key_storage(*type) : type, {}});
  }
  for (const auto& column : stream.columns) {
    fields_.push_back({column.name, storage_of(column.type), {}});
  }
  load();
}

Table::~Table() = default;

std::int64_t Table::rows() const {
  if (!exists_) {
    return 0;
  }
  SQLite::Statement query(
      database_, fmt::format("SELECT count(*) - count(_deleted_at) FROM {}",
                             identifier(stream_.name)));
  query.executeStep();
  return query.getColumn(0).getInt64();
}

void Table::add_fields(const model::RecordBatch& batch) {
  assert(batch.first_new_field <= fields_.size());
  fields_.resize(batch.first_new_field);
  for (const auto& name : batch.new_fields) {
    const auto column =
        std::find_if(columns_.begin(), columns_.end(),
                     [&](const Column& each) { return each.name == name; });
    fields_.push_back({name, {}, {}});
    if (column != columns_.end()) {
      fields_.back().column =
          static_cast<std::size_t>(column - columns_.begin());
    }
  }
}

void Table::begin(std::int64_t run_id, std::string_view now) {
  run_id_ = run_id;
  now_ = now;
  has_trigger_ = has_trigger();
}

std::optional<Change> Table::upsert(const model::RecordBatch& batch,
                                    const model::Record& record,
                                    std::string& misfit) {
  // A record that does not fit has no say in what the columns are.
  misfit = find_misfit(batch, record);
  if (misfit.empty() && prepare_table(batch, record)) {
    upsert_.reset();
    misfit = find_misfit(batch, record);
  }
  if (!misfit.empty()) {
    return {};
  }
  if (!upsert_) {
    prepare();
  }
  bind_cells(batch, record);
  return has_trigger_ ? step_guarded(misfit) : step(misfit);
}

std::string Table::find_misfit(const model::RecordBatch& batch,
                               const model::Record& record) const {
  std::size_t key_parts = 0;
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    const auto& field = fields_.at(cell.field);
    if (cell.kind == CellKind::null) {
      continue;
    }
    key_parts += cell.field < stream_.key.size() ? 1U : 0U;
    const auto type = field.column ? std::optional(columns_[*field.column].type)
                                   : field.declared;
    if (!type) {
      continue;
    }
    const auto wrong = store::misfit(cell, batch.text_of(record, cell), *type);
    if (!wrong.empty()) {
      return "'" + model::printable(field.name, 60) + "' " + wrong;
    }
  }
  // SQLite would make up the value of an integer key.
  return key_parts == stream_.key.size() ? "" : "a part of its key is missing";
}

std::string Table::upsert_sql() const {
  std::string names;
  std::string values;
  std::string sets;
  std::string before;
  std::string after;
  std::string key;
  int parameters = 0;
  const auto add = [&](const std::string& name) {
    names += name + ", ";
    values += fmt::format("?{}, ", ++parameters);
    sets += fmt::format("{0} = excluded.{0}, ", name);
  };
  const auto add_compared = [&](const std::string& name) {
    before += (before.empty() ? "stored." : ", stored.") + name;
    after += (after.empty() ? "excluded." : ", excluded.") + name;
    add(name);
  };
  const auto key_end =
      fields_.begin() + static_cast<std::ptrdiff_t>(stream_.key.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto name = identifier(columns_[i].name);
    if (std::any_of(fields_.begin(), key_end,
                    [&](const Field& field) { return field.column == i; })) {
      key += (key.empty() ? "" : ", ") + name;
      add(name);
    } else {
      add_compared(name);
    }
  }
  if (stream_.raw) {
    add_compared("_raw");
  }
  add("_run_id");
  add("_synced_at");
  const auto changed =
      before.empty() ? "0" : fmt::format("({}) IS NOT ({})", before, after);
  // The alias: a stream may be called `excluded`.
  return fmt::format(
      "INSERT INTO {0} AS stored ({1}_deleted_at) VALUES ({2}NULL) ON CONFLICT "
      "({3}) DO UPDATE SET {4}_deleted_at = NULL WHERE {5} OR "
      "stored._deleted_at IS NOT NULL",
      identifier(stream_.name), names, values, key, sets, changed);
}

void Table::prepare() {
  sqlite3_stmt* statement = nullptr;
  const auto sql = upsert_sql();
  const int code =
      sqlite3_prepare_v3(database_.getHandle(), sql.c_str(), -1,
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  upsert_.reset(statement);
  check(database_, code);
}

void Table::bind_cells(const model::RecordBatch& batch,
                       const model::Record& record) {
  auto* statement = upsert_.get();
  sqlite3_clear_bindings(statement);
  no_rowid_ = std::numeric_limits<std::int64_t>::min();
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    const auto& field = fields_[cell.field];
    if (field.column && cell.kind != CellKind::null) {
      bind(static_cast<int>(*field.column) + 1, cell,
           batch.text_of(record, cell), columns_[*field.column].type);
      if (cell.field == 0 && cell.kind == CellKind::integer &&
          cell.integer == no_rowid_) {
        ++no_rowid_;
      }
    }
  }
  int next = static_cast<int>(columns_.size()) + 1;
  if (stream_.raw) {
    const auto raw = batch.raw_of(record);
    check(database_,
          sqlite3_bind_text64(statement, next++, raw.data(), raw.size(),
                              SQLITE_STATIC, SQLITE_UTF8));
  }
  check(database_, sqlite3_bind_int64(statement, next++, run_id_));
  check(database_,
        sqlite3_bind_text64(statement, next, now_.data(), now_.size(),
                            SQLITE_STATIC, SQLITE_UTF8));
}

void Table::bind(int parameter, const model::Cell& cell, std::string_view text,
                 StorageType type) {
  auto* statement = upsert_.get();
  const bool whole =
      cell.kind == CellKind::integer || cell.kind == CellKind::boolean;
  int code = SQLITE_OK;
  switch (type) {
    case StorageType::text:
      code = sqlite3_bind_text64(statement, parameter, text.data(), text.size(),
                                 SQLITE_STATIC, SQLITE_UTF8);
      break;
    case StorageType::integer:
      code = sqlite3_bind_int64(
          statement, parameter,
          whole ? cell.integer : static_cast<std::int64_t>(cell.real));
      break;
    case StorageType::real:
      code = sqlite3_bind_double(
          statement, parameter,
          whole ? static_cast<double>(cell.integer) : cell.real);
      break;
  }
  check(database_, code);
}

// A trigger may leave a part of what it did behind: RAISE(FAIL), OR FAIL.
std::optional<Change> Table::step_guarded(std::string& misfit) {
  database_.exec("SAVEPOINT strandline_record");
  const auto change = step(misfit);
  if (!change) {
    database_.exec("ROLLBACK TO strandline_record");
  }
  database_.exec("RELEASE strandline_record");
  return change;
}

// An insert sets the last insert rowid and an update does not: a value that the
// row does not have, set before, tells them apart.
std::optional<Change> Table::step(std::string& misfit) {
  auto* handle = database_.getHandle();
  auto* statement = upsert_.get();
  sqlite3_set_last_insert_rowid(handle, no_rowid_);
  const int code = sqlite3_step(statement);
  if (code == SQLITE_DONE) {
    const bool changed = sqlite3_changes(handle) > 0;
    const bool inserted = sqlite3_last_insert_rowid(handle) != no_rowid_;
    sqlite3_reset(statement);
    return !changed   ? Change::unchanged
           : inserted ? Change::inserted
                      : Change::updated;
  }
  const SQLite::Exception error(handle, code);
  sqlite3_reset(statement);
  // It refused this record alone, unless it took the whole transaction with it.
  if (is_refusal(code) && sqlite3_get_autocommit(handle) == 0) {
    misfit = std::string("the database refuses it: ") + error.what();
    return {};
  }
  throw error;
}

}  // namespace strandline::store
