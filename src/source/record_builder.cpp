// SPDX-License-Identifier: MIT
#include "source/record_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/text.hpp"
#include "source/convert.hpp"
#include "source/json_text.hpp"
#include "source/parent.hpp"

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

RecordBuilder::RecordBuilder(const model::StreamDefinition& stream,
                             Shape& shape, Answer& answer, const Parent& parent)
    : stream_(stream), shape_(shape), answer_(answer), batch_(answer.records) {
  if (stream.hash) {
    hash_.emplace(stream);
  }
  std::uint32_t field = 0;
  for (const auto* columns : {&stream.key, &stream.columns}) {
    for (const auto& column : *columns) {
      if (column.of_parent) {
        add_parent(column, field, parent);
      }
      ++field;
    }
  }
  parent_reason_ = std::exchange(reason_, {});
  for (const auto& path : stream.child_paths) {
    child_values_.emplace_back(model::to_text(path), std::string_view());
  }
}

// Its text stands once in the batch, before those of the records.
void RecordBuilder::add_parent(const model::ColumnRule& column,
                               std::uint32_t field, const Parent& parent) {
  const auto value = parent.value(model::to_text(column.path));
  const auto text = value ? text_of(*value) : std::nullopt;
  if (!text) {
    return;
  }
  Cell cell = value->cell;
  cell.kind = value->kind;
  cell.field = field;
  cell.unescaped = true;
  cell.offset = static_cast<std::uint32_t>(batch_.unescaped.size());
  cell.length = static_cast<std::uint32_t>(text->size());
  batch_.unescaped += *text;
  if (const auto wrong =
          convert(cell, *text, column.type, batch_.unescaped, column.format)) {
    reject(fmt::format("'{}' {}", model::printable(column.name, 60), *wrong));
    return;
  }
  parent_cells_.push_back(cell);
}

void RecordBuilder::begin(const char* text) {
  text_ = text;
  first_cell_ = batch_.cells.size();
  first_unescaped_ = batch_.unescaped.size();
  reason_ = parent_reason_;
  batch_.cells.insert(batch_.cells.end(), parent_cells_.begin(),
                      parent_cells_.end());
  for (auto& value : child_values_) {
    value.second = {};
  }
  cursor_.reset();
  version_.reset();
  deleted_ = false;
  deleted_key_.clear();
  if (hash_) {
    hash_->begin();
  }
  answer_.after.reset();
}

void RecordBuilder::take(const Leaf& leaf, const Value& value) {
  switch (leaf.kind) {
    case Leaf::Kind::cursor:
      return take_cursor(value);
    case Leaf::Kind::version:
      return take_version(value);
    case Leaf::Kind::hash:
      return hash_->take(leaf.field, value.kind, value.raw);
    case Leaf::Kind::after:
      if (is_scalar(value)) {
        answer_.after = envelope_value(value);
      }
      return;
    case Leaf::Kind::deleted:
      return take_deleted(value);
    case Leaf::Kind::child_value:
      if (is_scalar(value)) {
        child_values_[leaf.field].second = value.raw;
      }
      return;
    case Leaf::Kind::deleted_key: {
      Cell cell = value.cell;
      cell.field = leaf.field;
      const auto& part = stream_.key[leaf.field];
      if (const auto own =
              made(cell, value, part.type, part.name, part.format)) {
        deleted_key_.push_back(*own);
      }
      return;
    }
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

void RecordBuilder::take_deleted(const Value& value) {
  const auto& is = stream_.deleted.is;
  const auto text = envelope_value(value);
  if (!text) {
    return;
  }
  deleted_ = is.empty()
                 ? text->truthy()
                 : value.kind != CellKind::null &&
                       std::find(is.begin(), is.end(), text->text) != is.end();
}

// A deletion is its key and nothing else: what its other members hold does not
// matter, and the key may stand in another place.
void RecordBuilder::take_deletion() {
  auto& cells = batch_.cells;
  const auto begin = cells.begin() + static_cast<std::ptrdiff_t>(first_cell_);
  if (stream_.deleted.key.empty()) {
    cells.erase(std::remove_if(begin, cells.end(),
                               [&](const Cell& cell) {
                                 return cell.field >= shape_.key_size;
                               }),
                cells.end());
  } else {
    cells.erase(begin, cells.end());
    cells.insert(cells.end(), deleted_key_.begin(), deleted_key_.end());
  }
  reason_ = missing_key();
}

void RecordBuilder::add(Cell cell, const Value& value, ColumnType type,
                        std::string_view column,
                        const model::CursorFormat& format) {
  if (const auto own = made(cell, value, type, column, format)) {
    batch_.cells.push_back(*own);
  }
}

// Nothing, and a reject, if the value does not fit.
std::optional<Cell> RecordBuilder::made(Cell cell, const Value& value,
                                        ColumnType type,
                                        std::string_view column,
                                        const model::CursorFormat& format) {
  cell.kind = value.kind;
  cell.offset = static_cast<std::uint32_t>(value.raw.data() - text_);
  cell.length = static_cast<std::uint32_t>(value.raw.size());
  if (value.kind == CellKind::text && type != ColumnType::json &&
      !add_text(cell, without_quotes(value.raw))) {
    reject(fmt::format("'{}' holds half a surrogate pair",
                       model::printable(column, 60)));
    return {};
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
      return {};
    }
  }
  return cell;
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

// The key of a stream whose key is a hash, also of a reject.
void RecordBuilder::add_hash() {
  const auto digest = hash_->digest();
  if (digest.empty()) {
    reject(hash_->problem());
    return;
  }
  model::Cell cell;
  cell.kind = CellKind::text;
  cell.unescaped = true;
  cell.offset = static_cast<std::uint32_t>(batch_.unescaped.size());
  cell.length = static_cast<std::uint32_t>(digest.size());
  batch_.unescaped += digest;
  batch_.cells.push_back(cell);
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
      const bool elsewhere = deleted_ && !stream_.deleted.key.empty();
      return fmt::format("the key {}'{}' {}",
                         elsewhere ? "of the deletion " : "",
                         model::to_text(elsewhere ? stream_.deleted.key[part]
                                                  : stream_.key[part].path),
                         problem);
    }
  }
  return {};
}

void RecordBuilder::add_parent_values() {
  if (stream_.children.empty()) {
    return;
  }
  const bool whole =
      std::none_of(child_values_.begin(), child_values_.end(),
                   [](const auto& value) { return value.second.empty(); });
  batch_.parent_values.push_back(whole ? model::parent_values(child_values_)
                                       : std::string());
}

void RecordBuilder::end(std::string_view raw) {
  if (hash_) {
    add_hash();
  }
  if (deleted_) {
    take_deletion();
  } else if (!hash_) {
    reject(missing_key());
  }
  model::Record record;
  record.deleted = deleted_;
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
    add_parent_values();
    return;
  }
  batch_.rejects.push_back({reason_, batch_.key_of(record, shape_.key_size),
                            std::string(raw), batch_.records.size()});
  batch_.cells.resize(first_cell_);
  batch_.unescaped.resize(first_unescaped_);
  batch_.text.resize(record.raw_offset);
}

}  // namespace strandline::source
