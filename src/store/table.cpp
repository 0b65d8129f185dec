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
  // The page that makes the table says what there is.
  closed_ = exists_ && stream_.new_fields != model::NewFields::add;
  fields_.resize(batch.first_new_field);
  for (const auto& name : batch.new_fields) {
    const auto member = escaped_member(name);
    const auto column =
        std::find_if(columns_.begin(), columns_.end(),
                     [&](const Column& each) { return each.member == member; });
    fields_.push_back({name, {}, {}});
    if (column != columns_.end()) {
      fields_.back().column =
          static_cast<std::size_t>(column - columns_.begin());
    }
  }
}

model::RecordBatch Table::known_fields() const {
  model::RecordBatch batch;
  const auto first = stream_.key.size() + stream_.columns.size();
  batch.first_new_field = static_cast<std::uint32_t>(first);
  for (auto i = first; i < fields_.size(); ++i) {
    batch.new_fields.push_back(fields_[i].name);
  }
  return batch;
}

void Table::begin(std::int64_t run_id, std::string_view now) {
  run_id_ = run_id;
  now_ = now;
  has_trigger_ = has_trigger();
}

std::optional<Change> Table::upsert(const model::RecordBatch& batch,
                                    const model::Record& record,
                                    std::optional<std::int64_t> version,
                                    std::string& misfit) {
  // A record that does not fit has no say in what the columns are.
  misfit = find_misfit(batch, record);
  if (misfit.empty() && needs_change_) {
    prepare_table(batch, record);
    upsert_.reset();
    is_stale_.reset();
    misfit = find_misfit(batch, record);
  }
  if (!misfit.empty()) {
    return {};
  }
  if (!upsert_) {
    upsert_ = prepare(upsert_sql());
  }
  bind_cells(batch, record, version);
  const auto change = has_trigger_ ? step_guarded(misfit) : step(misfit);
  if (change == Change::unchanged && has_version_ && version &&
      is_stale(batch, record, *version)) {
    return Change::stale;
  }
  return change;
}

// Notes too whether the table must change for the record.
std::string Table::find_misfit(const model::RecordBatch& batch,
                               const model::Record& record) {
  needs_change_ = !exists_ || !has_own_columns() || !declared_types_.empty();
  std::size_t key_parts = 0;
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    if (cell.kind == CellKind::null) {
      continue;
    }
    key_parts += cell.field < stream_.key.size() ? 1U : 0U;
    const auto& field = fields_.at(cell.field);
    const auto wrong = find_misfit(field, cell, batch.text_of(record, cell));
    if (!wrong.empty()) {
      return "'" + model::printable(field.name, 60) + "' " + wrong;
    }
  }
  // SQLite would make up the value of an integer key.
  return key_parts == stream_.key.size() ? "" : "a part of its key is missing";
}

std::string Table::find_misfit(const Field& field, const model::Cell& cell,
                               std::string_view text) {
  if (!field.column) {
    needs_change_ = needs_change_ || !field.left_out;
    return field.declared ? store::misfit(cell, text, *field.declared) : "";
  }
  const auto& column = columns_[*field.column];
  if (column.type == StorageType::text) {
    return {};
  }
  if (field.declared) {
    return store::misfit(cell, text, *field.declared);
  }
  if (!wider(cell, text, column.type)) {
    return store::misfit(cell, text, column.type);
  }
  if (column.stuck.empty()) {
    needs_change_ = true;
    return {};
  }
  return fmt::format("holds {}, but the column is {} and cannot change: {}",
                     model::printable(text, 60), to_sql(column.type),
                     column.stuck);
}

Table::Prepared Table::prepare(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(database_.getHandle(), sql.c_str(), -1,
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  Prepared prepared(statement);
  check(database_, code);
  return prepared;
}

void Table::bind_cells(const model::RecordBatch& batch,
                       const model::Record& record,
                       std::optional<std::int64_t> version) {
  auto* statement = upsert_.get();
  sqlite3_clear_bindings(statement);
  no_rowid_ = std::numeric_limits<std::int64_t>::min();
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    const auto& field = fields_[cell.field];
    if (field.column && cell.kind != CellKind::null) {
      bind(statement, *field.column, cell, batch.text_of(record, cell));
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
  if (has_version_) {
    if (version) {
      check(database_, sqlite3_bind_int64(statement, next, *version));
    }
    ++next;
  }
  check(database_, sqlite3_bind_int64(statement, next++, run_id_));
  check(database_,
        sqlite3_bind_text64(statement, next, now_.data(), now_.size(),
                            SQLITE_STATIC, SQLITE_UTF8));
}

void Table::bind(sqlite3_stmt* statement, std::size_t column,
                 const model::Cell& cell, std::string_view text) const {
  const auto parameter = static_cast<int>(column) + 1;
  const bool whole =
      cell.kind == CellKind::integer || cell.kind == CellKind::boolean;
  int code = SQLITE_OK;
  switch (columns_[column].type) {
    case StorageType::text:
      code = sqlite3_bind_text64(statement, parameter, text.data(), text.size(),
                                 SQLITE_STATIC, SQLITE_UTF8);
      break;
    case StorageType::number: {
      const auto digits = number_text(cell, text, is_key(column));
      code = sqlite3_bind_text64(statement, parameter, digits.data(),
                                 digits.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
      break;
    }
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

bool Table::is_stale(const model::RecordBatch& batch,
                     const model::Record& record, std::int64_t version) {
  if (!is_stale_) {
    is_stale_ = prepare(is_stale_sql());
  }
  auto* statement = is_stale_.get();
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    if (cell.field < stream_.key.size()) {
      bind(statement, *fields_[cell.field].column, cell,
           batch.text_of(record, cell));
    }
  }
  const auto parameter = static_cast<int>(columns_.size()) + 1;
  check(database_, sqlite3_bind_int64(statement, parameter, version));
  const int code = sqlite3_step(statement);
  sqlite3_reset(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    throw SQLite::Exception(database_.getHandle(), code);
  }
  return code == SQLITE_ROW;
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
