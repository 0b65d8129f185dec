// SPDX-License-Identifier: MIT
#include "config/key_table.hpp"

#include <array>

namespace strandline::config {
namespace {

using K = Kind;
using S = Section;

constexpr auto now = Support::now;

constexpr Word mode_words[] = {{"mark"}, {"remove"}};
constexpr Word type_words[] = {{"text"},    {"integer"},   {"real"},
                               {"boolean"}, {"timestamp"}, {"date"},
                               {"decimal"}, {"json"}};
constexpr Word all_words[] = {{"*"}};

constexpr auto rules = std::to_array<KeyRule>({
    {S::columns, any_name, table_of(S::column, K::path | K::off), now, "none",
     "A column; \"*\" = \"*\" stands for every other member"},

    {S::column, "path", of(K::path), now, "the column's name",
     "Where the value stands in the record"},
    {S::column, "type", one_of(type_words), now, "as found",
     "What the column holds; text that reads as it is converted"},
    {S::column, "format", one_of(format_words, K::pattern), now, "\"rfc3339\"",
     "How a timestamp in another form is written"},
    {S::column, "zone", of(K::zone | K::zone_name), now, "\"UTC\"",
     "The zone of timestamps that do not say theirs"},

    {S::hash, "hash", one_of(all_words, K::paths), now, required,
     "The members whose content makes the key, or \"*\" for all"},

    {S::deleted, "when", of(K::path), now, "none",
     "A record with a value here reports a deletion"},
    {S::deleted, "is",
     of(K::text | K::integer | K::real | K::boolean | K::values), now,
     "anything but null, false, 0 and nothing", "The values that count"},
    {S::deleted, "key", of(K::path | K::paths), now, "the stream's",
     "What identifies the deleted record in such a report"},
    {S::deleted, "mode", one_of(mode_words), now, "\"mark\"",
     "Whether the row stays with the time of its deletion or goes"},
    {S::deleted, "missing", of(K::boolean), now, "true",
     "A row that a complete read did not bring counts as deleted"},
    {S::deleted, "limit", of(K::percentage), now, "\"20%\"",
     "Share of the table that may go missing before nothing is deleted"},

    {S::also, "get", of(K::text), now, "one of get and post",
     "Path of the second list"},
    {S::also, "post", of(K::text), now, "one of get and post",
     "Path of the second list, read with POST"},
    {S::also, "query", table_of(S::query), now, "{}",
     "Query parameters of the second list"},
    {S::also, "headers", table_of(S::headers), now, "{}",
     "Headers of the second list's requests"},
    {S::also, "body", table_of(S::body), now, "none",
     "JSON sent for the second list"},
    {S::also, "page", table_of(S::page), now, "none: a single page",
     "How the second list is paged"},
    {S::also, "cursor", table_of(S::cursor, K::off), now, "none",
     "What orders the second list's changes"},
    {S::also, "deleted", table_of(S::deleted, K::off), now, "none",
     "How the second list reports deletions"},
    {S::also, "every", of(K::duration), now, "each run",
     "Least time between two reads of the second list"},
    {S::also, "rate", of(K::rate), now, "none",
     "Ceiling on the second list's requests"},
    {S::also, "records", of(K::path), now, "the stream's",
     "Where the second list's records stand"},
    {S::also, "fields", of(K::path), now, "the stream's",
     "Where the columns' values stand in a record of the second list"},
    {S::also, "key", key_values, now, "the stream's",
     "What identifies a record of the second list"},
});

}  // namespace

std::span<const KeyRule> record_rules() {
  return rules;
}

}  // namespace strandline::config
