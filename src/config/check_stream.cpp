// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strandline::config {
namespace {

using model::Order;
using PageKind = model::PageRule::Kind;

constexpr std::string_view from = "from";

// A list that changes while it is counted through loses records.
void check_offsets(const Table& table, const model::StreamDefinition& stream) {
  const bool counts = stream.page.kind == PageKind::offset ||
                      stream.page.kind == PageKind::number;
  if (!counts || !stream.cursor || stream.cursor->immutable ||
      stream.cursor->order == Order::descending) {
    return;
  }
  table.refuse(
      "page",
      fmt::format("pages by {} through a list that moves as records change, "
                  "which loses records",
                  stream.page.kind == PageKind::offset ? "offset" : "number"),
      {{"try",
        "sort by what never changes, such as an id, and set immutable = true "
        "in the cursor; or sort newest first and set order = \"descending\""}});
}

// The members of `values` whose value has `${from}`, by name.
template <typename Names>
void refuse_from(const Table& table, std::string_view key, Section section,
                 const Names& names) {
  const auto values = table.child(key, section);
  for (const auto& entry : values ? values->entries() : std::vector<Entry>()) {
    if (names(entry.name)) {
      values->refuse(entry.name,
                     "has the placeholder '${from}', but the stream has no "
                     "cursor");
    }
  }
}

void refuse_from_without_cursor(const Table& table,
                                const model::StreamDefinition& stream) {
  if (stream.get.has(from)) {
    table.refuse("get",
                 "has the placeholder '${from}', but the stream has no cursor");
  }
  refuse_from(table, "query", Section::query, [&](const std::string& name) {
    return std::any_of(
        stream.query.begin(), stream.query.end(), [&](const auto& parameter) {
          return parameter.name == name && parameter.value.has(from);
        });
  });
  refuse_from(table, "headers", Section::headers, [&](const std::string& name) {
    return std::any_of(stream.headers.begin(), stream.headers.end(),
                       [&](const auto& header) {
                         return header.first == name && header.second.has(from);
                       });
  });
}

bool asks_from(const model::StreamDefinition& stream) {
  return stream.get.has(from) ||
         std::any_of(
             stream.query.begin(), stream.query.end(),
             [](const auto& parameter) { return parameter.value.has(from); }) ||
         std::any_of(
             stream.headers.begin(), stream.headers.end(),
             [](const auto& header) { return header.second.has(from); });
}

}  // namespace

void check_stream(const Table& table, const model::StreamDefinition& stream) {
  check_offsets(table, stream);
  if (!table.contains("cursor")) {
    refuse_from_without_cursor(table, stream);
    return;
  }
  const auto cursor = table.child("cursor", Section::cursor);
  if (!cursor || !stream.cursor) {
    return;
  }
  if (stream.get.has(from) && !cursor->contains("start")) {
    table.refuse("get",
                 "has the placeholder '${from}', which the first run cannot "
                 "fill without start in the cursor");
  }
  if (!asks_from(stream) && stream.cursor->order != Order::descending) {
    table.context().reporter.warning(
        table.place_of("cursor"),
        fmt::format("{} has a cursor, but no ${{from}} in its request: every "
                    "run reads everything",
                    table.heading()));
  }
}

}  // namespace strandline::config
