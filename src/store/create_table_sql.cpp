// SPDX-License-Identifier: MIT
#include "store/create_table_sql.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "store/error.hpp"

namespace strandline::store {
namespace {

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The words, quoted names and marks of an SQL text, without what is between
// them.
class Tokens {
 public:
  explicit Tokens(std::string_view sql) : sql_(sql) {}

  // Returns the next token, which is a part of the text; empty at its end.
  std::string_view next() {
    skip();
    const auto begin = at_;
    if (at_ < sql_.size()) {
      take();
    }
    return sql_.substr(begin, at_ - begin);
  }

 private:
  // Moves past spaces and comments.
  void skip() {
    while (at_ < sql_.size()) {
      const auto rest = sql_.substr(at_);
      if (is_space(rest.front())) {
        ++at_;
      } else if (rest.starts_with("--")) {
        move_behind("\n", 2);
      } else if (rest.starts_with("/*")) {
        move_behind("*/", 2);
      } else {
        return;
      }
    }
  }

  void take() {
    const char first = sql_[at_];
    if (first == '[') {
      move_behind("]", 1);
    } else if (first == '"' || first == '\'' || first == '`') {
      take_quoted(first);
    } else if (is_word(first)) {
      while (at_ < sql_.size() && is_word(sql_[at_])) {
        ++at_;
      }
    } else {
      ++at_;
    }
  }

  // A quote in it is doubled.
  void take_quoted(char quote) {
    do {
      move_behind(std::string_view(&quote, 1), 1);
    } while (at_ < sql_.size() && sql_[at_] == quote);
  }

  void move_behind(std::string_view mark, std::size_t from) {
    const auto found = sql_.find(mark, at_ + from);
    at_ = found == std::string_view::npos ? sql_.size() : found + mark.size();
  }

  std::string_view sql_;
  std::size_t at_ = 0;
};

std::string unquoted(std::string_view token) {
  if (token.size() < 2 || is_word(token.front())) {
    return std::string(token);
  }
  std::string name;
  const auto inside = token.substr(1, token.size() - 2);
  for (std::size_t i = 0; i < inside.size(); ++i) {
    name += inside[i];
    if (token.front() != '[' && inside[i] == token.back()) {
      ++i;
    }
  }
  return name;
}

// Of those that can begin an item, a column's name is not among the words.
bool begins_constraint(std::string_view token) {
  static constexpr std::string_view words[] = {"CONSTRAINT", "PRIMARY",
                                               "UNIQUE", "CHECK", "FOREIGN"};
  return std::any_of(
      std::begin(words), std::end(words),
      [&](std::string_view word) { return same_name(token, word); });
}

[[noreturn]] void fail(const std::string& what) {
  throw StoreError(ExitCode::data, "the table's definition " + what);
}

// Makes a copy of a text with other tokens in the place of some.
class Editor {
 public:
  explicit Editor(std::string_view sql) : sql_(sql) {}

  void replace(std::string_view token, std::string_view with) {
    const auto begin = static_cast<std::size_t>(token.data() - sql_.data());
    text_ += sql_.substr(copied_, begin - copied_);
    text_ += with;
    copied_ = begin + token.size();
  }

  std::string finish() { return text_ + std::string(sql_.substr(copied_)); }

 private:
  std::string_view sql_;
  std::string text_;
  std::size_t copied_ = 0;
};

}  // namespace

std::string retyped(std::string_view sql, std::string_view table,
                    const std::vector<TypeChange>& changes) {
  Tokens tokens(sql);
  Editor editor(sql);
  if (!same_name(tokens.next(), "CREATE") ||
      !same_name(tokens.next(), "TABLE")) {
    fail("does not begin with CREATE TABLE");
  }
  editor.replace(tokens.next(), identifier(table));
  if (tokens.next() != "(") {
    fail("has no list of columns");
  }
  std::size_t found = 0;
  int depth = 1;
  bool is_first = true;  // of an item
  for (auto token = tokens.next(); !token.empty() && depth > 0;
       token = tokens.next()) {
    if (is_first && !begins_constraint(token)) {
      const auto change = std::find_if(
          changes.begin(), changes.end(), [&](const TypeChange& each) {
            return same_name(each.column, unquoted(token));
          });
      if (change != changes.end()) {
        const auto type = tokens.next();
        if (!parse_storage_type(unquoted(type))) {
          fail(fmt::format("gives the column '{}' a type that is not ours",
                           change->column));
        }
        editor.replace(type, to_sql(change->type));
        ++found;
      }
    }
    depth += token == "(" ? 1 : token == ")" ? -1 : 0;
    is_first = depth == 1 && token == ",";
  }
  if (found != changes.size()) {
    fail("lacks a column that is to change its type");
  }
  return editor.finish();
}

}  // namespace strandline::store
