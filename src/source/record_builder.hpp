// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/definition.hpp"
#include "model/records.hpp"
#include "source/decoder.hpp"
#include "source/hash_key.hpp"
#include "source/shape.hpp"

namespace strandline::source {

/// A value of an answer.
struct Value {
  model::CellKind kind = model::CellKind::null;
  std::string_view raw;  ///< as it stands there, a string with its quotes
  model::Cell cell;      ///< of a scalar that is no string: what it holds
};

/// Returns what a value's text is: of a string what it stands for, of anything
/// else what was sent. Nothing for a string with half a surrogate pair.
std::optional<std::string> text_of(const Value& value);

/// Returns the value as one of the envelope; nothing as `text_of`.
std::optional<EnvelopeValue> envelope_value(const Value& value);

class Parent;

/// Makes of the values of a record its cells and its cursor, or a reject. Not
/// thread-safe; holds references to what it was made from.
class RecordBuilder {
 public:
  /// `parent` is what the record is read for; it may know nothing.
  RecordBuilder(const model::StreamDefinition& stream, Shape& shape,
                Answer& answer, const Parent& parent);

  /// Begins with the record whose text begins at `text`.
  void begin(const char* text);

  /// Takes `value`, which stands in the record, for what the leaf says.
  void take(const Leaf& leaf, const Value& value);

  /// Takes `value` for a column of `*`. A member becomes a column with its
  /// first value: null says nothing of a type.
  void take_rest(Node::Member& member, const Value& value);

  /// Makes a reject of the record, for the first reason it is told.
  void reject(std::string reason);

  /// Ends the record, whose text is `raw`.
  void end(std::string_view raw);

 private:
  void add(model::Cell cell, const Value& value, model::ColumnType type,
           std::string_view column, const model::CursorFormat& format = {});
  bool add_text(model::Cell& cell, std::string_view inside);
  std::optional<model::Cell> made(model::Cell cell, const Value& value,
                                  model::ColumnType type,
                                  std::string_view column,
                                  const model::CursorFormat& format);
  void take_deleted(const Value& value);
  void take_deletion();
  void add_parent(const model::ColumnRule& column, std::uint32_t field,
                  const Parent& parent);
  void add_parent_values();
  void take_cursor(const Value& value);
  void take_version(const Value& value);
  void add_hash();
  std::string missing_key() const;

  const model::StreamDefinition& stream_;
  Shape& shape_;
  Answer& answer_;
  model::RecordBatch& batch_;
  std::optional<HashKey> hash_;

  const char* text_ = nullptr;
  std::size_t first_cell_ = 0;
  std::size_t first_unescaped_ = 0;
  std::string reason_;
  std::optional<model::CursorValue> cursor_;
  std::optional<std::int64_t> version_;
  bool deleted_ = false;
  std::vector<model::Cell> deleted_key_;
  std::vector<model::Cell> parent_cells_;  ///< in each record
  std::string parent_reason_;              ///< why they do not fit
  std::vector<std::pair<std::string, std::string_view>> child_values_;
};

}  // namespace strandline::source
