// SPDX-License-Identifier: MIT
#include "store/column_entry.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <array>
#include <utility>

#include "store/statement.hpp"

namespace strandline::store {
namespace {

using Why = ColumnEntry::Why;

constexpr std::array<std::pair<Why, std::string_view>, 4> reasons = {{
    {Why::found, "found"},
    {Why::declared, "declared"},
    {Why::version, "version"},
    {Why::cursor, "cursor"},
}};

constexpr std::array<std::pair<StorageType, std::string_view>, 4> types = {{
    {StorageType::integer, "INTEGER"},
    {StorageType::real, "REAL"},
    {StorageType::text, "TEXT"},
    {StorageType::number, "NUMBER"},
}};

template <typename Meaning, std::size_t count>
std::string_view word_of(
    const std::array<std::pair<Meaning, std::string_view>, count>& words,
    Meaning wanted) {
  for (const auto& [meaning, word] : words) {
    if (meaning == wanted) {
      return word;
    }
  }
  return {};
}

template <typename Meaning, std::size_t count>
std::optional<Meaning> meaning_of(
    const std::array<std::pair<Meaning, std::string_view>, count>& words,
    std::string_view wanted) {
  for (const auto& [meaning, word] : words) {
    if (word == wanted) {
      return meaning;
    }
  }
  return {};
}

// Takes what stands before the next space off `text`.
std::string_view take_word(std::string_view& text) {
  const auto space = text.find(' ');
  const auto word = text.substr(0, space);
  text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  return word;
}

std::string entry_key(const std::string& table, std::string_view column) {
  return "column:" + table + ":" + std::string(column);
}

}  // namespace

std::string to_text(const ColumnEntry& entry) {
  if (entry.why == Why::hash) {
    return entry.member.value_or("");
  }
  std::string text(word_of(reasons, entry.why));
  if (entry.type) {
    text += ' ';
    text += word_of(types, *entry.type);
  }
  if (entry.member) {
    text += ' ' + *entry.member;
  }
  return text;
}

std::optional<ColumnEntry> parse_column_entry(std::string_view text) {
  if (text.starts_with("hash ")) {
    return ColumnEntry{Why::hash, {}, std::string(text)};
  }
  const auto why = meaning_of(reasons, take_word(text));
  if (!why) {
    return {};
  }
  const auto type = text.substr(0, text.find(' '));
  ColumnEntry entry{*why, meaning_of(types, type)};
  if (type.size() < text.size()) {
    entry.member = text.substr(type.size() + 1);
  }
  return entry;
}

std::string escaped_member(std::string_view member) {
  std::string text;
  for (const char c : member) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      text += "\\\\";
    } else if (byte < 0x20 || byte == 0x7F) {
      text += fmt::format("\\u{:04x}", byte);
    } else {
      text += c;
    }
  }
  return text;
}

std::map<std::string, ColumnEntry> column_entries(SQLite::Database& database,
                                                  const std::string& table) {
  SQLite::Statement query(database, R"sql(
    SELECT substr(key, length(?1) + 1), value FROM pipeline_meta
    WHERE substr(key, 1, length(?1)) = ?1)sql");
  query.bind(1, entry_key(table, ""));
  std::map<std::string, ColumnEntry> entries;
  while (query.executeStep()) {
    if (auto entry = parse_column_entry(text(query, 1).value_or(""))) {
      entries.emplace(text(query, 0).value_or(""), *std::move(entry));
    }
  }
  return entries;
}

void set_column_entry(SQLite::Database& database, const std::string& table,
                      const std::string& column, const ColumnEntry& entry) {
  SQLite::Statement store(database,
                          "INSERT INTO pipeline_meta VALUES (?, ?) ON CONFLICT "
                          "(key) DO UPDATE SET value = excluded.value");
  store.bind(1, entry_key(table, column));
  store.bind(2, to_text(entry));
  store.exec();
}

void remove_column_entry(SQLite::Database& database, const std::string& table,
                         const std::string& column) {
  SQLite::Statement statement(database,
                              "DELETE FROM pipeline_meta WHERE key = ?");
  statement.bind(1, entry_key(table, column));
  statement.exec();
}

void remove_column_entries(SQLite::Database& database,
                           const std::string& table) {
  SQLite::Statement statement(database, R"sql(
    DELETE FROM pipeline_meta WHERE substr(key, 1, length(?1)) = ?1)sql");
  statement.bind(1, entry_key(table, ""));
  statement.exec();
}

}  // namespace strandline::store
