// SPDX-License-Identifier: MIT
#include "store/table.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cassert>
#include <variant>

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

Beside beside(const model::StreamDefinition& stream,
              const model::RecordBatch& page, std::size_t number) {
  Beside beside;
  if (number < page.versions.size()) {
    beside.version = page.versions[number];
  }
  if (stream.keeps_cursors && number < page.cursors.size() &&
      page.cursors[number]) {
    if (const auto* time =
            std::get_if<model::Instant>(&*page.cursors[number])) {
      beside.cursor = model::to_stored(*time);
    }
  }
  return beside;
}

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

// A trigger may leave a part of what it did behind: RAISE(FAIL), OR FAIL.
template <typename Step>
auto Table::guarded_step(Step step) {
  if (!has_trigger_) {
    return step();
  }
  database_.exec("SAVEPOINT strandline_record");
  const auto result = step();
  if (!result) {
    database_.exec("ROLLBACK TO strandline_record");
  }
  database_.exec("RELEASE strandline_record");
  return result;
}

std::optional<Change> Table::upsert(const model::RecordBatch& batch,
                                    const model::Record& record,
                                    const Beside& beside, std::string& misfit) {
  // A record that does not fit has no say in what the columns are.
  misfit = find_misfit(batch, record);
  if (misfit.empty() && needs_change_) {
    prepare_table(batch, record);
    upsert_.reset();
    is_stale_.reset();
    remove_.reset();
    state_.reset();
    misfit = find_misfit(batch, record);
  }
  if (!misfit.empty()) {
    return {};
  }
  if (!upsert_) {
    upsert_ = prepare(upsert_sql());
  }
  bind_cells(batch, record, beside);
  const auto change = guarded_step([&] { return step(misfit); });
  if (change == Change::unchanged && (beside.version || beside.cursor) &&
      (has_version_ || has_cursor_) && is_stale(batch, record, beside)) {
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
                       const model::Record& record, const Beside& beside) {
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
  next = bind_beside(statement, next, beside);
  bind_run(statement, next);
}

// Returns the number of the parameter behind them.
int Table::bind_beside(sqlite3_stmt* statement, int next,
                       const Beside& beside) const {
  if (has_version_) {
    check(database_, beside.version
                         ? sqlite3_bind_int64(statement, next, *beside.version)
                         : sqlite3_bind_null(statement, next));
    ++next;
  }
  if (has_cursor_) {
    check(database_,
          beside.cursor ? sqlite3_bind_text64(
                              statement, next, beside.cursor->data(),
                              beside.cursor->size(), SQLITE_STATIC, SQLITE_UTF8)
                        : sqlite3_bind_null(statement, next));
    ++next;
  }
  return next;
}

void Table::bind_run(sqlite3_stmt* statement, int next) const {
  check(database_, sqlite3_bind_int64(statement, next, run_id_));
  check(database_,
        sqlite3_bind_text64(statement, next + 1, now_.data(), now_.size(),
                            SQLITE_STATIC, SQLITE_UTF8));
}

void Table::bind_key(sqlite3_stmt* statement, const model::RecordBatch& batch,
                     const model::Record& record) const {
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    if (cell.field < stream_.key.size()) {
      bind(statement, *fields_[cell.field].column, cell,
           batch.text_of(record, cell));
    }
  }
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

std::optional<std::int64_t> Table::run_of(const model::RecordBatch& batch,
                                          const model::Record& record) {
  if (!exists_ || !find_misfit(batch, record).empty()) {
    return {};
  }
  const auto statement =
      prepare(fmt::format("SELECT _run_id FROM {} WHERE {}",
                          identifier(stream_.name), where_key()));
  bind_key(statement.get(), batch, record);
  return query(statement.get());
}

bool Table::is_stale(const model::RecordBatch& batch,
                     const model::Record& record, const Beside& beside) {
  if (!is_stale_) {
    is_stale_ = prepare(is_stale_sql());
  }
  bind_key(is_stale_.get(), batch, record);
  bind_beside(is_stale_.get(), static_cast<int>(columns_.size()) + 1, beside);
  return query(is_stale_.get()).has_value();
}

// The first column of the first row, as an integer.
std::optional<std::int64_t> Table::query(sqlite3_stmt* statement) const {
  const int code = sqlite3_step(statement);
  std::optional<std::int64_t> value;
  if (code == SQLITE_ROW) {
    value = sqlite3_column_int64(statement, 0);
  }
  sqlite3_reset(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    throw SQLite::Exception(database_.getHandle(), code);
  }
  return value;
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
  misfit = refusal(statement, code);
  return {};
}

// Returns why the database refuses what a statement was to do to one record.
// Throws if it did more than that, or is no refusal.
std::string Table::refusal(sqlite3_stmt* statement, int code) const {
  auto* handle = database_.getHandle();
  const SQLite::Exception error(handle, code);
  sqlite3_reset(statement);
  if (!is_refusal(code) || sqlite3_get_autocommit(handle) != 0) {
    throw error;
  }
  return std::string("the database refuses it: ") + error.what();
}

// What does not go into the key's columns is the key of no row.
bool Table::fits_key(const model::RecordBatch& batch,
                     const model::Record& record) const {
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    if (cell.field >= stream_.key.size()) {
      continue;
    }
    const auto& field = fields_[cell.field];
    if (!field.column || !store::misfit(cell, batch.text_of(record, cell),
                                        columns_[*field.column].type)
                              .empty()) {
      return false;
    }
  }
  return true;
}

std::optional<Removal> Table::remove(const model::RecordBatch& batch,
                                     const model::Record& record,
                                     const Beside& beside,
                                     std::string& misfit) {
  if (!exists_ || !fits_key(batch, record)) {
    return Removal::absent;
  }
  add_own_columns();
  if (!remove_) {
    remove_ = prepare(remove_sql());
    state_ = prepare(state_sql());
  }
  auto* statement = remove_.get();
  bind_key(statement, batch, record);
  const int next =
      bind_beside(statement, static_cast<int>(columns_.size()) + 1, beside);
  if (!stream_.deleted.remove) {
    bind_run(statement, next);
  }
  return guarded_step([&] { return step_removal(batch, record, misfit); });
}

std::optional<Removal> Table::step_removal(const model::RecordBatch& batch,
                                           const model::Record& record,
                                           std::string& misfit) {
  auto* statement = remove_.get();
  const int code = sqlite3_step(statement);
  if (code != SQLITE_DONE) {
    misfit = refusal(statement, code);
    return {};
  }
  const bool done = sqlite3_changes(database_.getHandle()) > 0;
  sqlite3_reset(statement);
  if (done) {
    return Removal::done;
  }
  bind_key(state_.get(), batch, record);
  const auto marked = query(state_.get());
  return !marked        ? Removal::absent
         : *marked != 0 ? Removal::already
                        : Removal::stale;
}

std::string Table::key_of(const model::RecordBatch& batch,
                          const model::Record& record) const {
  std::vector<std::string> texts(stream_.key.size());
  std::vector<std::string_view> parts(stream_.key.size());
  std::size_t found = 0;
  for (std::size_t i = 0; i < record.cell_count; ++i) {
    const auto& cell = batch.cells[record.first_cell + i];
    if (cell.field >= stream_.key.size() || cell.kind == CellKind::null ||
        cell.kind == CellKind::json) {
      continue;
    }
    const auto& field = fields_[cell.field];
    const auto type =
        field.column ? columns_[*field.column].type
        : field.declared
            ? *field.declared
            : key_storage(*storage_of(cell, batch.text_of(record, cell)));
    auto& text = texts[cell.field];
    if (type == StorageType::number) {
      text = number_text(cell, batch.text_of(record, cell), true);
    } else if (type != StorageType::integer) {
      text = batch.text_of(record, cell);
    } else if (cell.kind == CellKind::real) {
      text = std::to_string(static_cast<std::int64_t>(cell.real));
    } else if (cell.kind == CellKind::integer ||
               cell.kind == CellKind::boolean) {
      text = std::to_string(cell.integer);
    } else {
      return {};
    }
    parts[cell.field] = text;
    ++found;
  }
  return found == parts.size() ? model::record_key(parts) : std::string();
}

}  // namespace strandline::store
