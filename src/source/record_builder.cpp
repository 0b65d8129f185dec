// SPDX-License-Identifier: MIT
#include "source/record_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/text.hpp"
#include "source/convert.hpp"
#include "source/json_text.hpp"

namespace strandline::source {
namespace {

using model::Cell;
using model::CellKind;
using model::ColumnType;

std::string_view without_quotes(std::string_view token) {
  return token.substr(1, token.size() - 2);
}

bool is_scalar(const Value& value) {
  return value.kind != CellKind::null && value.kind != CellKind::json;
}

}  // namespace

std::optional<std::string> text_of(const Value& value) {
  if (value.kind != CellKind::text) {
    return std::string(value.raw);
  }
  std::string text;
  return unescape(without_quotes(value.raw), text) ? std::optional(text)
                                                   : std::nullopt;
}

std::optional<EnvelopeValue> envelope_value(const Value& value) {
  auto text = text_of(value);
  return text ? std::optional(EnvelopeValue{value.kind, std::move(*text)})
              : std::nullopt;
}

void RecordBuilder::begin(const char* text) {
  text_ = text;
  first_cell_ = batch_.cells.size();
  first_unescaped_ = batch_.unescaped.size();
  reason_.clear();
  cursor_.reset();
  version_.reset();
  answer_.after.reset();
}

void RecordBuilder::take(const Leaf& leaf, const Value& value) {
  switch (leaf.kind) {
    case Leaf::Kind::cursor:
      return take_cursor(value);
    case Leaf::Kind::version:
      return take_version(value);
    case Leaf::Kind::after:
      if (is_scalar(value)) {
        answer_.after = envelope_value(value);
      }
      return;
    case Leaf::Kind::column:
    case Leaf::Kind::envelope:
      break;
  }
  const auto& column = leaf.field < shape_.key_size
                           ? stream_.key[leaf.field]
                           : stream_.columns[leaf.field - shape_.key_size];
  // The key is taken even of a reject: it tells rejects apart.
  if (reason_.empty() || leaf.field < shape_.key_size) {
    Cell cell = value.cell;
    cell.field = leaf.field;
    add(cell, value, leaf.type, column.name, column.format);
  }
}

void RecordBuilder::take_rest(Node::Member& member, const Value& value) {
  if (value.kind == CellKind::null || !reason_.empty()) {
    return;
  }
  if (!member.field) {
    member.field = shape_.field_count++;
    batch_.new_fields.push_back(member.name);
  }
  Cell cell = value.cell;
  cell.field = *member.field;
  add(cell, value, ColumnType::as_found, member.name);
}

void RecordBuilder::take_cursor(const Value& value) {
  const auto text = text_of(value);
  if (is_scalar(value) && text) {
    cursor_ = model::parse_cursor(*text, stream_.cursor->format);
  }
}

// An unreadable version would let an older record in.
void RecordBuilder::take_version(const Value& value) {
  if (value.kind == CellKind::null) {
    return;
  }
  const auto text = is_scalar(value) ? text_of(value) : std::nullopt;
  const auto read =
      text ? model::parse_cursor(*text, model::CursorFormat::integer)
           : std::nullopt;
  if (!read) {
    reject(fmt::format("its version '{}' is not a whole number of 64 bits",
                       model::printable(value.raw, 60)));
    return;
  }
  version_ = std::get<std::int64_t>(*read);
}

void RecordBuilder::add(Cell cell, const Value& value, ColumnType type,
                        std::string_view column,
                        const model::CursorFormat& format) {
  cell.kind = value.kind;
  cell.offset = static_cast<std::uint32_t>(value.raw.data() - text_);
  cell.length = static_cast<std::uint32_t>(value.raw.size());
  if (value.kind == CellKind::text && type != ColumnType::json &&
      !add_text(cell, without_quotes(value.raw))) {
    reject(fmt::format("'{}' holds half a surrogate pair",
                       model::printable(column, 60)));
    return;
  }
  if (type != ColumnType::as_found) {
    // What is made may move the text it is made of.
    const auto kept =
        cell.unescaped ? batch_.unescaped.substr(cell.offset) : std::string();
    const auto text = cell.unescaped
                          ? std::string_view(kept)
                          : std::string_view(text_ + cell.offset, cell.length);
    if (const auto wrong =
            convert(cell, text, type, batch_.unescaped, format)) {
      reject(fmt::format("'{}' {}", model::printable(column, 60), *wrong));
      return;
    }
  }
  batch_.cells.push_back(cell);
}

// False for half a surrogate pair.
bool RecordBuilder::add_text(Cell& cell, std::string_view inside) {
  if (inside.find('\\') == std::string_view::npos) {
    ++cell.offset;
    cell.length = static_cast<std::uint32_t>(inside.size());
    return true;
  }
  const auto begin = batch_.unescaped.size();
  if (!unescape(inside, batch_.unescaped)) {
    return false;
  }
  cell.unescaped = true;
  cell.offset = static_cast<std::uint32_t>(begin);
  cell.length = static_cast<std::uint32_t>(batch_.unescaped.size() - begin);
  return true;
}

void RecordBuilder::reject(std::string reason) {
  if (reason_.empty()) {
    reason_ = std::move(reason);
  }
}

// Nothing if the key is there.
std::string RecordBuilder::missing_key() const {
  const auto begin =
      batch_.cells.begin() + static_cast<std::ptrdiff_t>(first_cell_);
  for (std::size_t part = 0; part < shape_.key_size; ++part) {
    const auto found =
        std::find_if(begin, batch_.cells.end(),
                     [&](const Cell& cell) { return cell.field == part; });
    const char* problem = found == batch_.cells.end()     ? "is not there"
                          : found->kind == CellKind::null ? "is null"
                          : found->kind == CellKind::json
                              ? "is an object or array"
                              : nullptr;
    if (problem != nullptr) {
      return fmt::format("the key '{}' {}",
                         model::to_text(stream_.key[part].path), problem);
    }
  }
  return {};
}

void RecordBuilder::end(std::string_view raw) {
  reject(missing_key());
  model::Record record;
  record.first_cell = first_cell_;
  record.cell_count = batch_.cells.size() - first_cell_;
  record.raw_offset = batch_.text.size();
  record.raw_length = raw.size();
  batch_.text += raw;
  if (reason_.empty()) {
    batch_.records.push_back(record);
    if (stream_.has_mark()) {
      batch_.cursors.push_back(cursor_);
    }
    if (stream_.version) {
      batch_.versions.push_back(version_);
    }
    return;
  }
  batch_.rejects.push_back({reason_, batch_.key_of(record, shape_.key_size),
                            std::string(raw), batch_.records.size()});
  batch_.cells.resize(first_cell_);
  batch_.unescaped.resize(first_unescaped_);
  batch_.text.resize(record.raw_offset);
}

}  // namespace strandline::source
