// SPDX-License-Identifier: MIT
//
// The records of one page as they cross from the thread that decodes to the
// thread that writes: flat arrays, no pointers, no allocation a record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/cursor.hpp"
#include "model/definition.hpp"

namespace strandline::model {

/// What a cell holds. Scalars also keep the text that the source wrote.
enum class CellKind : std::uint8_t {
  null,
  boolean,  ///< `integer` is 0 or 1
  integer,  ///< fits 64 bits
  real,     ///< a number with a fraction or exponent
  number,   ///< an integer beyond 64 bits, or a number beyond a double's range
  text,     ///< unescaped
  json,     ///< an object or array, as the source wrote it
};

/// One value of a record. Its text stands in the batch's `text`, from the
/// record's own begin, or in `unescaped`.
struct Cell {
  std::uint32_t field = 0;
  CellKind kind = CellKind::null;
  bool unescaped = false;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  union {
    std::int64_t integer = 0;
    double real;
  };
};

/// One record: its cells, and its JSON as sent.
struct Record {
  std::size_t first_cell = 0;
  std::size_t cell_count = 0;
  std::size_t raw_offset = 0;
  std::size_t raw_length = 0;
  /// It tells that its key was deleted, and nothing else.
  bool deleted = false;
};

/// A record that did not fit, kept as it was sent.
struct Reject {
  std::string reason;  ///< a sentence
  std::string key;     ///< as of `RecordBatch::key_of`; empty if it has none
  std::string raw;     ///< as sent
  /// How many of the page's `records` came before it; by default it counts as
  /// the last of the page.
  std::size_t records_before = std::numeric_limits<std::size_t>::max();
};

/// The records of one page. A field is a column by number: first the stream's
/// key, then its declared columns, then the members found, numbered in the
/// order of their first appearance in the window; `new_fields` names those that
/// appear in this page for the first time, from `first_new_field` on.
struct RecordBatch {
  std::string text;
  std::string unescaped;
  std::vector<Cell> cells;
  std::vector<Record> records;
  /// A cursor for each of `records`; nothing where it is null, missing or
  /// unreadable. Empty for a stream without a cursor field.
  std::vector<std::optional<CursorValue>> cursors;
  /// A version for each of `records`; nothing where it is missing. Empty for a
  /// stream without one.
  std::vector<std::optional<std::int64_t>> versions;
  /// What the children of each of `records` need, as model::parent_values
  /// writes it; empty where one of the values is not there. Empty for a stream
  /// without children.
  std::vector<std::string> parent_values;
  std::vector<Reject> rejects;  ///< in the order they came
  std::uint32_t first_new_field = 0;
  std::vector<std::string> new_fields;

  /// The text of a cell of `record`; empty for null.
  std::string_view text_of(const Record& record, const Cell& cell) const {
    return cell.unescaped
               ? std::string_view(unescaped).substr(cell.offset, cell.length)
               : std::string_view(text).substr(record.raw_offset + cell.offset,
                                               cell.length);
  }

  /// The record as it was sent.
  std::string_view raw_of(const Record& record) const {
    return std::string_view(text).substr(record.raw_offset, record.raw_length);
  }

  /// Returns the texts of the first `key_size` fields of `record` as a JSON
  /// array, which names the record among the rejects; empty if one of them is
  /// not there or not a scalar.
  std::string key_of(const Record& record, std::size_t key_size) const;

  /// Bytes that it holds.
  std::size_t bytes() const;
};

/// Returns the JSON array that names a record whose key has these values.
std::string record_key(std::span<const std::string_view> values);

/// Returns values of a parent record, each by its path and as JSON wrote it, as
/// one JSON object of texts, which is how they are kept.
std::string parent_values(
    std::span<const std::pair<std::string, std::string_view>> values);

/// The names of the fields that a stream begins with: its key, then its
/// declared columns.
std::vector<std::string> initial_fields(const StreamDefinition& stream);

}  // namespace strandline::model
