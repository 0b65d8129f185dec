// SPDX-License-Identifier: MIT
//
// The parts of the key table, for keys.cpp.
#pragma once

#include <span>

#include "config/keys.hpp"

namespace strandline::config {

/// The file's own keys and those of `[source.NAME]`, secrets and
/// `[option.NAME]`.
std::span<const KeyRule> source_rules();

/// The keys of `[stream.NAME]`.
std::span<const KeyRule> stream_rules();

/// The keys of a stream's `query`, `headers`, `body`, `cursor` and `page`.
std::span<const KeyRule> request_rules();

/// The keys of a stream's `deleted`, `columns`, `also` and `key`.
std::span<const KeyRule> record_rules();

/// Values of `kinds`, and of `later` once they are supported.
constexpr Values of(Kinds kinds, Kinds later = {}) {
  return {.kinds = kinds, .later = later};
}

/// One of `words`, or a value of `others`, and of `later` once it is supported.
constexpr Values one_of(std::span<const Word> words, Kinds others = {},
                        Kinds later = {}) {
  return {.kinds = others | Kind::word, .later = later, .words = words};
}

/// A table with the keys of `members`, or a value of `others`, and of `later`
/// once it is supported.
constexpr Values table_of(Section members, Kinds others = {},
                          Kinds later = {}) {
  return {.kinds = others | Kind::table, .later = later, .members = members};
}

/// What `key` takes, of a stream and of a second list.
inline constexpr Values key_values = {
    .kinds = Kind::path | Kind::paths | Kind::table, .members = Section::hash};

/// What `format` takes, of a cursor and of a column.
inline constexpr Word format_words[] = {
    {"rfc3339"},  {"rfc3339_ms"}, {"rfc3339_us"}, {"epoch_s"},
    {"epoch_ms"}, {"datetime"},   {"date"},       {"integer"},
};

}  // namespace strandline::config
