// SPDX-License-Identifier: MIT
//
// Single values out of a table that the strict check has passed. Each function
// returns nothing if the key is missing or its value is refused; what it
// refuses itself it reports.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/table.hpp"
#include "model/definition.hpp"

namespace strandline::config {

/// Which placeholders may stand in a text.
enum class Placeholders {
  none,     ///< `$${` is still read as `${`
  request,  ///< those of `get`, `query` and `headers`
  token,    ///< those of the token answer, in base_url
};

/// Returns what `text`, the value of `key` in `table` or a part of it, writes,
/// with what options say in their places. Reports placeholders that do not
/// belong, and options that are not set.
std::optional<model::Template> parse_text(const Table& table,
                                          std::string_view key,
                                          std::string_view text,
                                          Placeholders allowed);

/// As `parse_text`, for an element of a list: one that is a list's placeholder
/// alone is all of its values. Empty if something was reported.
std::vector<model::Template> parse_element(const Table& table,
                                           std::string_view key,
                                           std::string_view text,
                                           Placeholders allowed);

/// As `parse_text` without placeholders. Reports control characters too.
std::optional<std::string> parse_plain(const Table& table, std::string_view key,
                                       std::string_view text);

/// As `parse_plain`, for a path. What an option says is a name in it, whatever
/// is in that.
std::optional<model::Path> parse_path(const Table& table, std::string_view key,
                                      std::string_view text);

/// Returns the text of a template without placeholders.
std::string literal(const model::Template& text);

/// The string as it stands.
std::optional<std::string> read_string(const Table& table,
                                       std::string_view key);

/// A text without placeholders and control characters.
std::optional<std::string> read_plain(const Table& table, std::string_view key);

/// A text of at least one character, without placeholders and control
/// characters.
std::optional<std::string> read_name(const Table& table, std::string_view key);

/// A path; `""` is the whole.
std::optional<model::Path> read_path(const Table& table, std::string_view key);

/// A path other than the whole.
std::optional<model::Path> read_member_path(const Table& table,
                                            std::string_view key);

/// What the word stands for in `meanings`.
template <typename Meaning, std::size_t count>
std::optional<Meaning> read_word(
    const Table& table, std::string_view key,
    const std::pair<std::string_view, Meaning> (&meanings)[count]) {
  const auto word = read_string(table, key);
  for (const auto& [text, meaning] : meanings) {
    if (word == text) {
      return meaning;
    }
  }
  return {};
}

/// False if there is none.
bool read_boolean(const Table& table, std::string_view key);

std::optional<std::int64_t> read_integer(const Table& table,
                                         std::string_view key);

/// A duration of at least `least`.
std::optional<std::chrono::seconds> read_duration(const Table& table,
                                                  std::string_view key,
                                                  std::chrono::seconds least);

/// A share from 0 to 1, written as a percentage.
std::optional<double> read_share(const Table& table, std::string_view key);

/// A rate of at least one request.
std::optional<model::Rate> read_rate(const Table& table, std::string_view key);

/// A file, relative to the configuration's folder.
std::optional<std::filesystem::path> read_file_name(const Table& table,
                                                    std::string_view key);

/// A reference to a secret, which is not read.
std::optional<model::SecretReference> read_secret(const Table& table,
                                                  std::string_view key);

}  // namespace strandline::config
