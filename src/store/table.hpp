// SPDX-License-Identifier: MIT
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/definition.hpp"
#include "model/records.hpp"
#include "store/column_entry.hpp"
#include "store/columns.hpp"
#include "store/notices.hpp"

struct sqlite3_stmt;

namespace strandline::store {

/// What an upsert did.
enum class Change {
  inserted,
  updated,
  unchanged,
  stale,  ///< the row has a newer version, or was deleted later; it stays
};

/// What the deletion of a record did.
enum class Removal {
  done,     ///< its row is marked, or gone
  already,  ///< its row was marked before
  stale,    ///< its row is newer than the deletion; it stays
  absent,   ///< there is no row
};

/// What of a record stands beside its columns.
struct Beside {
  std::optional<std::int64_t> version;  ///< of a stream that declares one
  std::optional<std::string> cursor;    ///< a time as stored; see keeps_cursors
};

/// Returns what of the record `number` of a page stands beside its columns.
Beside beside(const model::StreamDefinition& stream,
              const model::RecordBatch& page, std::size_t number);

/// The most columns that `*` makes: half of what SQLite allows, so that there
/// is room for declared columns, the user's, and Strandline's own.
inline constexpr std::size_t max_found_columns = 1'000;

/// A stream's table: made with the first record that fits, and given a column
/// when a field has its first value, or another type where a found one meets a
/// number that it cannot hold. Members throw StoreError and
/// SQLite::Exception; after either the transaction must be rolled back and the
/// table forgotten, because what it knows of its columns may not be so.
class Table {
 public:
  /// Looks at the table if it is there. Throws StoreError
  /// (ExitCode::configuration) if it is not ours, belongs to another stream,
  /// has another key, lacks one of Strandline's own columns, or a column has
  /// another type than it was made with or is declared with.
  Table(SQLite::Database& database, const model::StreamDefinition& stream);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  /// Returns the rows that are not marked deleted.
  std::int64_t rows() const;

  /// True if the stream had a table, and someone dropped it.
  bool lost() const { return registered_ && !exists_; }

  /// The columns that were made for the stream and are gone: dropped or
  /// renamed.
  const std::vector<std::string>& missing() const { return missing_; }

  /// Forgets that the stream had a table.
  void forget();

  /// Forgets the columns that are gone.
  void forget_missing();

  /// Takes the names of the fields that `batch` is the first to bring.
  void add_fields(const model::RecordBatch& batch);

  /// Begins a batch: `run_id` and `now` are what changed rows get; `now` lives
  /// until the batch's end. The transaction is open.
  void begin(std::int64_t run_id, std::string_view now);

  /// Returns what there is to say since the last call.
  Notices take_notices() { return std::exchange(notices_, {}); }

  /// The names of the fields that pages brought; `add_fields` of another
  /// object takes them over.
  model::RecordBatch known_fields() const;

  /// Writes a record. Returns what that did, or why the record does not fit; in
  /// that case no row of any table was changed.
  std::optional<Change> upsert(const model::RecordBatch& batch,
                               const model::Record& record,
                               const Beside& beside, std::string& misfit);

  /// Marks or removes the row of a record that tells of its deletion. Returns
  /// as `upsert`.
  std::optional<Removal> remove(const model::RecordBatch& batch,
                                const model::Record& record,
                                const Beside& beside, std::string& misfit);

  /// Returns the JSON array that names a record by its key as the table holds
  /// it; empty where a part of it is missing or does not fit.
  std::string key_of(const model::RecordBatch& batch,
                     const model::Record& record) const;

  /// Returns the names of the key's columns, as SQL, with commas.
  std::string key_sql() const;

  /// True if there is a table.
  bool exists() const { return exists_; }

  /// True if its rows keep their records' cursors.
  bool has_cursor() const { return has_cursor_; }

  /// Returns the run that last changed the row of a record's key; nothing if
  /// there is none, or the record does not fit.
  std::optional<std::int64_t> run_of(const model::RecordBatch& batch,
                                     const model::Record& record);

 private:
  struct Column {
    std::string name;
    StorageType type = StorageType::text;
    /// Of one that `*` found: as of `escaped_member`.
    std::optional<std::string> member = {};
    std::string stuck = {};  ///< why its type cannot change; empty: it can
  };
  struct Field {
    std::string name;
    std::optional<StorageType> declared;
    std::optional<std::size_t> column;  ///< in columns_, once there is one
    bool left_out = false;              ///< it gets none
  };
  using Entries = std::map<std::string, ColumnEntry>;
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  using Prepared = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

  // table_layout.cpp: the table and its columns.
  void load();
  void load_columns();
  void load_column(const std::string& name, const std::string& type,
                   const ColumnEntry* entry);
  void find_missing(const Entries& entries,
                    const std::vector<std::string>& there);
  void check_made(const char* column, bool fits) const;
  StorageType checked_type(const std::string& name, const std::string& type,
                           const ColumnEntry* entry, const Field* field) const;
  bool has_own_columns() const;
  void check_hash(const Entries& entries) const;
  void add_own_columns();
  void check_own(const std::vector<std::string>& there) const;
  void check_key(const std::vector<std::string>& key) const;
  void check_declared();
  bool may_become(const Column& column, const Field& field) const;
  void create(const model::RecordBatch& batch, const model::Record& record);
  bool has_trigger() const;

  // table_change.cpp: what records change in it.
  void prepare_table(const model::RecordBatch& batch,
                     const model::Record& record);
  void ensure_column(Field& field, const model::Cell& cell,
                     std::string_view text);
  bool adopt_column(Field& field);
  bool may_add(Field& field);
  std::string new_name(const Field& field);
  bool is_taken(const std::string& name) const;
  void take_column(Field& field, Column column);
  void register_column(const Field& field);
  void take_declared_types();
  void widen(const model::RecordBatch& batch, const model::Record& record);
  void retype(const std::map<std::size_t, StorageType>& types);
  bool all_exact(const Column& column) const;
  bool is_found(const Field& field) const;
  std::size_t found_columns() const;
  std::optional<std::size_t> find_column(std::string_view name) const;

  // table_sql.cpp: the statements.
  std::string upsert_sql() const;
  std::string is_stale_sql() const;
  std::string remove_sql() const;
  std::string state_sql() const;
  std::string where_key() const;
  bool is_key(std::size_t column) const;
  bool is_volatile(std::string_view column) const;

  // table.cpp: its rows.
  std::string find_misfit(const model::RecordBatch& batch,
                          const model::Record& record);
  std::string find_misfit(const Field& field, const model::Cell& cell,
                          std::string_view text);
  bool fits_key(const model::RecordBatch& batch,
                const model::Record& record) const;
  Prepared prepare(const std::string& sql) const;
  void bind_cells(const model::RecordBatch& batch, const model::Record& record,
                  const Beside& beside);
  void bind_key(sqlite3_stmt* statement, const model::RecordBatch& batch,
                const model::Record& record) const;
  int bind_beside(sqlite3_stmt* statement, int next,
                  const Beside& beside) const;
  void bind(sqlite3_stmt* statement, std::size_t column,
            const model::Cell& cell, std::string_view text) const;
  bool is_stale(const model::RecordBatch& batch, const model::Record& record,
                const Beside& beside);
  void bind_run(sqlite3_stmt* statement, int next) const;
  std::optional<std::int64_t> query(sqlite3_stmt* statement) const;
  std::string refusal(sqlite3_stmt* statement, int code) const;
  std::optional<Removal> step_removal(const model::RecordBatch& batch,
                                      const model::Record& record,
                                      std::string& misfit);
  template <typename Step>
  auto guarded_step(Step step);
  std::optional<Change> step(std::string& misfit);

  SQLite::Database& database_;
  const model::StreamDefinition& stream_;
  bool exists_ = false;
  bool registered_ = false;
  bool has_raw_ = false;
  bool has_version_ = false;
  bool has_cursor_ = false;
  bool has_trigger_ = false;
  std::vector<Column> columns_;  ///< that the upsert writes
  std::vector<Field> fields_;
  std::vector<std::string> missing_;
  /// By column: declared types that existing columns are still to get.
  std::map<std::size_t, StorageType> declared_types_;
  bool closed_ = false;        ///< to new members, by the stream's `new_fields`
  bool needs_change_ = false;  ///< for the record that was looked at last
  Notices notices_;
  Prepared upsert_;
  Prepared is_stale_;  ///< true if the key's row is newer
  Prepared remove_;
  Prepared state_;  ///< of the key's row: whether it is marked
  std::int64_t run_id_ = 0;
  std::string_view now_;
  /// A rowid that the row being written does not have.
  std::int64_t no_rowid_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace strandline::store
