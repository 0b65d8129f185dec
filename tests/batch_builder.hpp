// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/definition.hpp"
#include "model/records.hpp"

namespace strandline::test {

/// A value of a record as a source may send it.
class Value {
 public:
  // Implicit, so that a record reads like the JSON that it stands for.
  Value(std::nullptr_t) : text_("null") {}
  Value(bool value)
      : kind_(model::CellKind::boolean),
        text_(value ? "true" : "false"),
        integer_(value ? 1 : 0) {}
  Value(std::int64_t value)
      : kind_(model::CellKind::integer),
        text_(std::to_string(value)),
        integer_(value) {}
  Value(int value) : Value(std::int64_t{value}) {}
  Value(std::string value)
      : kind_(model::CellKind::text), text_(std::move(value)) {}
  Value(const char* value) : Value(std::string(value)) {}

  /// A number with a fraction or an exponent.
  static Value real(const std::string& text) {
    Value value(text);
    value.kind_ = model::CellKind::real;
    value.real_ = std::strtod(text.c_str(), nullptr);
    return value;
  }

  /// A number beyond 64 bits.
  static Value number(const std::string& text) {
    Value value(text);
    value.kind_ = model::CellKind::number;
    return value;
  }

  /// An object or array.
  static Value json(const std::string& text) {
    Value value(text);
    value.kind_ = model::CellKind::json;
    return value;
  }

 private:
  friend class Pages;

  model::CellKind kind_ = model::CellKind::null;
  std::string text_;
  std::int64_t integer_ = 0;
  double real_ = 0;
};

using Members = std::vector<std::pair<std::string, Value>>;

/// Makes the pages of one window, with the fields numbered as a decoder does.
class Pages {
 public:
  explicit Pages(const model::StreamDefinition& stream)
      : fields_(model::initial_fields(stream)),
        declared_(static_cast<std::ptrdiff_t>(fields_.size())) {}

  /// Returns a page of `records`, and of `rejects`.
  model::RecordBatch page(const std::vector<Members>& records,
                          std::vector<model::Reject> rejects = {}) {
    model::RecordBatch batch;
    batch.first_new_field = static_cast<std::uint32_t>(fields_.size());
    for (const auto& record : records) {
      add(batch, record);
    }
    batch.rejects = std::move(rejects);
    return batch;
  }

 private:
  void add(model::RecordBatch& batch, const Members& members) {
    model::Record record;
    record.first_cell = batch.cells.size();
    record.raw_offset = batch.text.size();
    batch.text += '{';
    for (const auto& [name, value] : members) {
      if (batch.text.back() != '{') {
        batch.text += ',';
      }
      append_quoted(batch.text, name);
      batch.text += ':';
      add(batch, record, name, value);
    }
    batch.text += '}';
    record.cell_count = batch.cells.size() - record.first_cell;
    record.raw_length = batch.text.size() - record.raw_offset;
    batch.records.push_back(record);
  }

  void add(model::RecordBatch& batch, const model::Record& record,
           const std::string& name, const Value& value) {
    model::Cell cell;
    cell.kind = value.kind_;
    cell.offset =
        static_cast<std::uint32_t>(batch.text.size() - record.raw_offset);
    cell.length = static_cast<std::uint32_t>(value.text_.size());
    if (value.kind_ == model::CellKind::text) {
      cell.unescaped = true;
      cell.offset = static_cast<std::uint32_t>(batch.unescaped.size());
      batch.unescaped += value.text_;
      append_quoted(batch.text, value.text_);
    } else {
      batch.text += value.text_;
    }
    if (value.kind_ == model::CellKind::real) {
      cell.real = value.real_;
    } else {
      cell.integer = value.integer_;
    }
    auto field = std::find(fields_.begin(), fields_.end(), name);
    const bool is_null = value.kind_ == model::CellKind::null;
    if (is_null && field >= fields_.begin() + declared_) {
      return;  // of the members that `*` finds
    }
    if (field == fields_.end()) {
      batch.new_fields.push_back(name);
      field = fields_.insert(field, name);
    }
    cell.field = static_cast<std::uint32_t>(field - fields_.begin());
    batch.cells.push_back(cell);
  }

  static void append_quoted(std::string& to, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    to += '"';
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        to += '\\';
        to += c;
      } else if (byte < 0x20) {
        to += "\\u00";
        to += digits[byte >> 4U];
        to += digits[byte & 0xFU];
      } else {
        to += c;
      }
    }
    to += '"';
  }

  std::vector<std::string> fields_;
  std::ptrdiff_t declared_;
};

}  // namespace strandline::test
