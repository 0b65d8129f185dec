// SPDX-License-Identifier: MIT
#include "config/key_table.hpp"

#include <array>

namespace strandline::config {
namespace {

using K = Kind;
using S = Section;

constexpr auto now = Support::now;

constexpr Word order_words[] = {{"unordered"}, {"ascending"}, {"descending"}};

constexpr auto rules = std::to_array<KeyRule>({
    {S::query, any_name,
     of(K::text | K::integer | K::real | K::boolean | K::values), now, "none",
     "A query parameter; left out of the request where its value has none"},
    {S::headers, any_name, of(K::text), now, "none", "A request header"},
    {S::body, any_name,
     table_of(S::body, K::text | K::integer | K::real | K::boolean | K::list),
     now, "none", "A member of the JSON that is sent"},

    {S::cursor, "field", of(K::path), now, "one of field, token and next",
     "The timestamp or integer of a record that orders its changes"},
    {S::cursor, "token", of(K::path), now, "one of field, token and next",
     "A token of the answer with which the next run goes on"},
    {S::cursor, "next", of(K::path), now, "one of field, token and next",
     "A URL of the answer with which the next run goes on"},
    {S::cursor, "param", of(K::name | K::place), now, "required for token",
     "The parameter, or place in the body, that carries the token"},
    {S::cursor, "order", one_of(order_words), now, "\"unordered\"",
     "The order in which the source sends records"},
    {S::cursor, "start", of(K::instant | K::integer), now,
     "none: from the beginning", "Where a first run begins"},
    {S::cursor, "overlap", of(K::duration | K::integer), now,
     "\"5m\", for integers 0, in a zone with summer time \"1h\"",
     "How far before the mark each run begins, to catch what came late"},
    {S::cursor, "step", of(K::duration), now, "none",
     "Length of the slices in which history is read"},
    {S::cursor, "format", one_of(format_words, K::pattern), now, "\"rfc3339\"",
     "How the source writes the field, and how ${from} is written"},
    {S::cursor, "zone", of(K::zone | K::zone_name), now,
     "none; required for times of day without an offset",
     "The zone of timestamps that do not say theirs"},
    {S::cursor, "exclusive", of(K::boolean), now, "false",
     "The source's filter leaves out records equal to ${from}"},
    {S::cursor, "immutable", of(K::boolean), now, "false",
     "A record keeps its value for ever, as with an id"},
    {S::cursor, "retention", of(K::duration), now, "none",
     "How long the source remembers changes"},

    {S::page, "next", of(K::path), now, "one kind",
     "Kind: the answer holds the next page's URL here"},
    {S::page, "link", of(K::name), now, "one kind",
     "Kind: the Link header has a URL of this relation"},
    {S::page, "token", of(K::path), now, "one kind",
     "Kind: the answer holds a token here, sent back as `param`"},
    {S::page, "header", of(K::name), now, "one kind",
     "Kind: a response header holds a token, sent back as `param`"},
    {S::page, "after", of(K::path), now, "one kind",
     "Kind: a value of the last record is sent as `param` or ${last}"},
    {S::page, "offset", of(K::name | K::place), now, "one kind",
     "Kind: this parameter says how many records to skip"},
    {S::page, "number", of(K::name | K::place), now, "one kind",
     "Kind: this parameter is the page's number"},
    {S::page, "param", of(K::name | K::place), now, "required for token",
     "The parameter that carries the token, or with after the last value"},
    {S::page, "first", of(K::integer | K::text), now, "1 with number",
     "The number of the first page; with after what stands there for ${last}"},
    {S::page, "more", of(K::path), now, "none",
     "Where the answer says that another page follows"},
    {S::page, "end", of(K::path), now, "none",
     "Where the answer says that this page was the last"},
    {S::page, "total", of(K::path), now, "none",
     "Where the answer says how long the whole list is"},
    {S::page, "size", of(K::integer), now, "none",
     "Records on every page but the last; fewer mean that this is the last"},
    {S::page, "keyset", of(K::boolean), now, "false",
     "Ask again from the last record's cursor in place of the next page"},
});

}  // namespace

std::span<const KeyRule> request_rules() {
  return rules;
}

}  // namespace strandline::config
