// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/mark.hpp"

namespace strandline::config {
namespace {

using model::Order;
using PageKind = model::PageRule::Kind;

// Refuses the members of `values` that have the placeholder.
template <typename Values, typename Value>
void refuse_members(const Table& table, std::string_view key, Section section,
                    const Values& values, Value value,
                    std::string_view placeholder, const std::string& says) {
  const auto child = table.child(key, section);
  for (const auto& entry : child ? child->entries() : std::vector<Entry>()) {
    if (std::any_of(values.begin(), values.end(), [&](const auto& each) {
          const auto& [name, text] = value(each);
          return name == entry.name && text.has(placeholder);
        })) {
      child->refuse(entry.name, says);
    }
  }
}

void refuse_in_body(const Table& table, const model::StreamDefinition& stream,
                    std::string_view placeholder, const std::string& says) {
  const auto child = table.child("body", Section::body);
  if (!child || !stream.body) {
    return;
  }
  for (const auto& member :
       std::get<model::BodyValue::Object>(stream.body->value)) {
    if (has(member.value, placeholder)) {
      child->refuse(member.name, says);
    }
  }
}

// Refuses the placeholder where it cannot be left out: in a path or body.
void refuse_without_value(const Table& table,
                          const model::StreamDefinition& stream,
                          std::string_view placeholder, std::string_view why) {
  const auto says =
      fmt::format("has the placeholder '${{{}}}', {}", placeholder, why);
  if (stream.path.has(placeholder)) {
    table.refuse(stream.post ? "post" : "get", says);
  }
  refuse_in_body(table, stream, placeholder, says);
}

// Refuses every place of the request in which `${placeholder}` stands.
void refuse_placeholder(const Table& table,
                        const model::StreamDefinition& stream,
                        std::string_view placeholder, std::string_view why) {
  const auto says =
      fmt::format("has the placeholder '${{{}}}', {}", placeholder, why);
  refuse_without_value(table, stream, placeholder, why);
  refuse_members(
      table, "query", Section::query, stream.query,
      [](const model::QueryParameter& each) {
        return std::pair<const std::string&, const model::Template&>(
            each.name, each.value);
      },
      placeholder, says);
  refuse_members(
      table, "headers", Section::headers, stream.headers,
      [](const auto& each) {
        return std::pair<const std::string&, const model::Template&>(
            each.first, each.second);
      },
      placeholder, says);
}

// A list that changes while it is counted through loses records, and where it
// has an upper bound in either direction: a record that changes leaves it.
void check_offsets(const Table& table, const model::StreamDefinition& stream) {
  if (!stream.page.counts() || !stream.has_mark() || stream.cursor->immutable ||
      stream.page.keyset) {
    return;
  }
  const bool descending = stream.cursor->order == Order::descending;
  if (descending && !model::asks(stream, "until")) {
    return;
  }
  const auto way_out =
      descending
          ? "leave out ${until}"
          : "sort by what never changes, such as an id, and set immutable = "
            "true in the cursor; or sort newest first and set order = "
            "\"descending\"; or sort by the cursor's field and set keyset = "
            "true";
  table.refuse(
      "page",
      fmt::format("pages by {} through a list that moves as records change, "
                  "which loses records",
                  stream.page.kind == PageKind::offset ? "offset" : "number"),
      {{"try", way_out}});
}

void check_keyset(const Table& table, const model::StreamDefinition& stream) {
  const auto page = table.child("page", Section::page);
  if (!stream.page.keyset || !page) {
    return;
  }
  if (!stream.has_mark() || stream.cursor->order != Order::ascending) {
    page->refuse(
        "keyset",
        "asks again from the last record's cursor, so it goes with a cursor "
        "field in ascending order only",
        {{"try",
          "sort by the cursor's field in the query and set order = "
          "\"ascending\" in the cursor; or leave out keyset"}});
  } else if (!model::asks(stream, "from")) {
    page->refuse("keyset",
                 "asks again from the last record's cursor, and the request "
                 "has no ${from}",
                 {{"try", "filter by ${from}, or leave out keyset"}});
  }
}

// A URL that is fetched as it stands has no place for a page's parameter.
void check_next(const Table& table, const model::StreamDefinition& stream) {
  const auto kind = stream.page.kind;
  if (!stream.cursor || stream.cursor->kind != model::CursorRule::Kind::next ||
      kind == PageKind::single || kind == PageKind::next ||
      kind == PageKind::link) {
    return;
  }
  table.refuse("page",
               "adds a parameter to each request, but the cursor's 'next' is a "
               "URL that is fetched as it stands",
               {{"try", "next or link in page, or token in the cursor"}});
}

void check_after(const Table& table, const model::StreamDefinition& stream) {
  const auto page = table.child("page", Section::page);
  const bool asks_last = model::asks(stream, "last");
  if (stream.page.kind != PageKind::after) {
    if (asks_last && (!page || !page->contains("after"))) {
      refuse_placeholder(table, stream, "last",
                         "but the stream does not page by 'after'");
    }
    return;
  }
  if (!asks_last && stream.page.param.empty()) {
    page->refuse(
        "after", "needs a place in the request for the last record's value",
        {{"try", "param = \"NAME\" in page, or ${last} in the request"}});
  }
  if (!stream.page.first_last) {
    refuse_without_value(
        table, stream, "last",
        "which the first page cannot fill without first in page");
  }
}

void check_from(const Table& table, const model::StreamDefinition& stream,
                const Table& cursor) {
  if (!cursor.contains("start")) {
    refuse_without_value(
        table, stream, "from",
        "which the first run cannot fill without start in the cursor");
  }
  if (stream.has_mark() && !model::asks(stream, "from") &&
      stream.cursor->order != Order::descending) {
    table.context().reporter.warning(
        table.place_of("cursor"),
        fmt::format("{} has a cursor, but no ${{from}} in its request: every "
                    "run reads everything",
                    table.heading()));
  }
}

void check_until(const Table& table, const model::StreamDefinition& stream,
                 const Table& cursor) {
  const auto& rule = *stream.cursor;
  const bool asks_until = model::asks(stream, "until");
  if (asks_until && !stream.has_mark()) {
    refuse_placeholder(table, stream, "until",
                       "but the stream has no cursor field");
  } else if (asks_until && !model::is_time(rule.format)) {
    refuse_placeholder(table, stream, "until",
                       "which is a time, but the cursor is an integer");
  }
  if (!rule.step || !stream.has_mark()) {
    return;
  }
  if (!asks_until) {
    cursor.refuse("step",
                  "is the length of windows, and the request has no "
                  "${until} to end them",
                  {{"try",
                    "an upper bound in the query with ${until}, or "
                    "leave out step"}});
  } else if (!cursor.contains("start")) {
    cursor.refuse("step",
                  "needs start: from where on are windows of it to be read?");
  } else if (*rule.step <= 2 * model::effective_overlap(rule)) {
    cursor.refuse(
        "step",
        "must be more than twice the overlap, or windows hardly go forward",
        {{"try",
          "a longer step; a day or more reads history in few requests"}});
  }
}

}  // namespace

void check_stream(const Table& table, const model::StreamDefinition& stream) {
  check_offsets(table, stream);
  check_keyset(table, stream);
  check_after(table, stream);
  check_next(table, stream);
  if (!table.contains("cursor")) {
    // Whoever takes it away knows that the request still asks for it: what can
    // be left out is left out.
    const auto refuse =
        table.takes_away("cursor") ? refuse_without_value : refuse_placeholder;
    for (const auto* placeholder : {"from", "until"}) {
      refuse(table, stream, placeholder, "but the stream has no cursor");
    }
    return;
  }
  const auto cursor = table.child("cursor", Section::cursor);
  if (cursor && stream.cursor) {
    check_from(table, stream, *cursor);
    check_until(table, stream, *cursor);
  }
}

}  // namespace strandline::config
