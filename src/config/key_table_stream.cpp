// SPDX-License-Identifier: MIT
#include "config/key_table.hpp"

#include <array>

namespace strandline::config {
namespace {

using K = Kind;
using S = Section;

constexpr auto now = Support::now;

constexpr Word new_fields_words[] = {{"add"}, {"ignore"}, {"fail"}};

constexpr auto rules = std::to_array<KeyRule>({
    {S::stream, "source", of(K::name), now, "the only source",
     "The source that the records come from"},
    {S::stream, "like", of(K::name), now, "the connector's stream of this name",
     "The stream that it lies over"},
    {S::stream, "parent", of(K::name), now, "none",
     "Ask once for every changed record of this stream, or for every element "
     "of this option"},
    {S::stream, "get", of(K::text), now, "one of get and post",
     "Path of the request, appended to base_url"},
    {S::stream, "post", of(K::text), now, "one of get and post",
     "Path of a request that reads with POST"},
    {S::stream, "query", table_of(S::query), now, "{}",
     "Query parameters; an array is one parameter several times"},
    {S::stream, "headers", table_of(S::headers), now, "{}",
     "Headers of this stream's requests; they win over the source's"},
    {S::stream, "body", table_of(S::body), now, "none",
     "JSON sent with a post"},
    {S::stream, "records", of(K::path), now, "\"\"",
     "Where the array of records stands in an answer"},
    {S::stream, "fields", of(K::path), now, "\"\"",
     "Where the object with the columns' values stands in a record"},
    {S::stream, "key", key_values, now, required,
     "What tells one record from another: the table's primary key"},
    {S::stream, "version", of(K::path), now, "none",
     "A number that rises with each change of a record; a lower one is stale"},
    {S::stream, "cursor", table_of(S::cursor, K::off), now, "none",
     "What tells changed records from old ones; without it each run reads the "
     "whole list"},
    {S::stream, "page", table_of(S::page), now, "none: a single page",
     "How the page after this one is asked for"},
    {S::stream, "deleted", table_of(S::deleted, K::off), now, "none",
     "How a deletion at the source is recognised"},
    {S::stream, "columns", table_of(S::columns, K::paths), now, "[\"*\"]",
     "The columns of the table"},
    {S::stream, "also", table_of(S::also, K::off), now, "none",
     "Another list that fills the same table"},
    {S::stream, "every", of(K::duration), now, "each run",
     "Least time between two reads of this stream"},
    {S::stream, "rate", of(K::rate), now, "none",
     "Ceiling on this stream's requests"},
    {S::stream, "raw", of(K::boolean), now, "false",
     "Keeps each record as it was sent in the column _raw"},
    {S::stream, "new_fields", one_of(new_fields_words), now, "\"add\"",
     "What happens when \"*\" meets a member for the first time"},
    {S::stream, "volatile", of(K::texts), now, "[]",
     "Columns that do not count when a record is compared with its row"},
    {S::stream, "max_rejects", of(K::integer | K::percentage), now, "\"10%\"",
     "How many records of a run may not fit before the stream stops"},
    {S::stream, "full_every", of(K::duration), now, "none",
     "How often the whole list is read again to notice silent deletions"},
    {S::stream, "expect_every", of(K::duration), now, "\"24h\"",
     "Age at which `status` calls the stream late; twice this is stale"},
    {S::stream, "state_version", of(K::integer), now, "1",
     "Raised by a connector when marks made by its older form no longer fit"},
});

}  // namespace

std::span<const KeyRule> stream_rules() {
  return rules;
}

}  // namespace strandline::config
