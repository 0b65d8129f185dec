// SPDX-License-Identifier: MIT
#include "model/records.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strandline::model {
namespace {

void append_quoted(std::string& to, std::string_view text) {
  to += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      to += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      to += c;
    }
  }
  to += '"';
}

}  // namespace

std::string RecordBatch::key_of(const Record& record,
                                std::size_t key_size) const {
  std::string key = "[";
  const auto begin =
      cells.begin() + static_cast<std::ptrdiff_t>(record.first_cell);
  const auto end = begin + static_cast<std::ptrdiff_t>(record.cell_count);
  for (std::size_t part = 0; part < key_size; ++part) {
    const auto cell = std::find_if(
        begin, end, [&](const Cell& each) { return each.field == part; });
    if (cell == end || cell->kind == CellKind::null ||
        cell->kind == CellKind::json) {
      return {};
    }
    key += part == 0 ? "" : ",";
    append_quoted(key, text_of(record, *cell));
  }
  return key + "]";
}

std::string record_key(std::span<const std::string_view> values) {
  std::string key = "[";
  for (const auto value : values) {
    key += key.size() == 1 ? "" : ",";
    append_quoted(key, value);
  }
  return key + "]";
}

std::string parent_values(
    std::span<const std::pair<std::string, std::string_view>> values) {
  std::string text = "{";
  for (const auto& [path, value] : values) {
    text += text.size() == 1 ? "" : ",";
    append_quoted(text, path);
    text += ':';
    append_quoted(text, value);
  }
  return text + "}";
}

std::size_t RecordBatch::bytes() const {
  std::size_t bytes = text.capacity() + unescaped.capacity() +
                      cells.capacity() * sizeof(Cell) +
                      records.capacity() * sizeof(Record) +
                      cursors.capacity() * sizeof(cursors[0]) +
                      versions.capacity() * sizeof(versions[0]);
  for (const auto& reject : rejects) {
    bytes += sizeof(Reject) + reject.raw.capacity() + reject.reason.capacity();
  }
  for (const auto& values : parent_values) {
    bytes += sizeof(values) + values.capacity();
  }
  return bytes;
}

std::vector<std::string> initial_fields(const StreamDefinition& stream) {
  std::vector<std::string> names;
  for (const auto& part : stream.key) {
    names.push_back(part.name);
  }
  for (const auto& column : stream.columns) {
    names.push_back(column.name);
  }
  return names;
}

}  // namespace strandline::model
