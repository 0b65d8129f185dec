// SPDX-License-Identifier: MIT
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/definition.hpp"
#include "model/records.hpp"
#include "source/decoder.hpp"

namespace strandline::test {

using namespace model;
using source::Answer;
using source::DecodeError;
using source::Decoder;

inline ColumnRule column(const std::string& path,
                         ColumnType type = ColumnType::as_found) {
  return {column_name(parse_path(path)), parse_path(path), type};
}

/// Records at `records`, with the key `id` and every member a column.
inline StreamDefinition stream_of(const std::string& records = "") {
  StreamDefinition stream;
  stream.name = "things";
  stream.records = parse_path(records);
  stream.key = {column("id")};
  return stream;
}

/// As `stream_of`, with declared columns alone.
inline StreamDefinition declared(std::vector<ColumnRule> columns,
                                 const std::string& records = "") {
  auto stream = stream_of(records);
  stream.all_columns = false;
  stream.columns = std::move(columns);
  return stream;
}

inline StreamDefinition with_cursor(
    const std::string& field, CursorFormat format = CursorFormat::rfc3339) {
  auto stream = stream_of();
  stream.cursor.emplace();
  stream.cursor->field = parse_path(field);
  stream.cursor->format = format;
  return stream;
}

inline std::string to_text(const RecordBatch& batch, const Record& record,
                           const Cell& cell) {
  const auto text = batch.text_of(record, cell);
  switch (cell.kind) {
    case CellKind::null:
      return "null";
    case CellKind::boolean:
      return fmt::format("boolean {}", cell.integer);
    case CellKind::integer:
      return fmt::format("integer {}", cell.integer);
    case CellKind::real:
      return fmt::format("real {}", cell.real);
    case CellKind::number:
      return fmt::format("number {}", text);
    case CellKind::text:
      return fmt::format("'{}'", text);
    case CellKind::json:
      return fmt::format("json {}", text);
  }
  return "?";
}

/// A decoder whose answers can be compared as text: a line for each record,
/// with its cells in the order of the answer, and for each reject.
class Subject {
 public:
  explicit Subject(const StreamDefinition& stream)
      : names_(initial_fields(stream)), decoder_(stream) {}

  std::string decode(const std::string& body) {
    answer = decoder_.decode(body);
    const auto& batch = answer.records;
    REQUIRE(batch.first_new_field == names_.size());
    names_.insert(names_.end(), batch.new_fields.begin(),
                  batch.new_fields.end());
    std::string text;
    for (const auto& record : batch.records) {
      std::string line;
      for (std::size_t i = 0; i < record.cell_count; ++i) {
        const auto& cell = batch.cells.at(record.first_cell + i);
        line += line.empty() ? "" : ", ";
        line += names_.at(cell.field) + ": " + to_text(batch, record, cell);
      }
      text += line + "\n";
    }
    for (const auto& reject : batch.rejects) {
      text += fmt::format("rejected {}: {}\n", reject.key, reject.reason);
    }
    return text;
  }

  Answer answer;

 private:
  std::vector<std::string> names_;
  Decoder decoder_;
};

inline std::string decode(const StreamDefinition& stream,
                          const std::string& body) {
  return Subject(stream).decode(body);
}

/// What is made of `value` in a column `v` found by `*`.
inline std::string found(const std::string& value) {
  return decode(stream_of(), R"([{"id":1,"v":)" + value + "}]");
}

/// What is made of `value` in a declared column `v`.
inline std::string found(const std::string& value, ColumnType type) {
  return decode(declared({column("v", type)}),
                R"([{"id":1,"v":)" + value + "}]");
}

inline std::optional<DecodeError> failure(const StreamDefinition& stream,
                                          const std::string& body) {
  try {
    decode(stream, body);
  } catch (const DecodeError& error) {
    return error;
  }
  return {};
}

inline std::string message(const StreamDefinition& stream,
                           const std::string& body) {
  const auto error = failure(stream, body);
  return error ? error->what() : "(decoded)";
}

inline std::string note(const DecodeError& error, std::string_view label) {
  for (const auto& note : error.notes()) {
    if (note.label == label) {
      return note.text;
    }
  }
  return "(no such note)";
}

inline std::string repeated(std::string_view text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) {
    result += text;
  }
  return result;
}

}  // namespace strandline::test
