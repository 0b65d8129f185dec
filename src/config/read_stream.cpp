// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/characters.hpp"
#include "config/read_value.hpp"
#include "model/text.hpp"

namespace strandline::config {
namespace {

std::string source_of(const Table& table,
                      const std::vector<std::string>& sources) {
  if (!table.contains("source")) {
    if (sources.size() > 1) {
      table.require("source", fmt::format(", and the file has {} sources",
                                          sources.size()));
    }
    return sources.empty() ? std::string() : sources.front();
  }
  auto name = read_name(table, "source").value_or("");
  const bool known =
      std::find(sources.begin(), sources.end(), name) != sources.end();
  if (!known && !name.empty()) {
    const auto meant = model::nearest(name, {sources.begin(), sources.end()});
    table.refuse(
        "source",
        fmt::format("is {}, which the file does not have{}", in_quotes(name),
                    meant ? fmt::format("; did you mean {}?", in_quotes(*meant))
                          : std::string()));
  }
  return name;
}

// The key that says what is asked for: "get" or "post".
std::string_view method_key(const Table& table) {
  if (!table.contains("post")) {
    table.require("get", ", or 'post' for a request with a body");
    return "get";
  }
  if (table.contains("get")) {
    table.refuse("post", "is a second request besides 'get'; a stream has one");
  }
  return "post";
}

void read_method(const Table& table, model::StreamDefinition& stream) {
  const auto key = method_key(table);
  stream.post = key == "post";
  const auto text = read_string(table, key);
  if (!text) {
    return;
  }
  if (has_control_character(*text)) {
    table.refuse(key, "must not have control characters");
  } else if (!text->empty() && !text->starts_with('/') &&
             !text->starts_with('?')) {
    table.refuse(key, "must begin with /, because it is appended to base_url");
  } else if (text->find('#') != std::string::npos) {
    table.refuse(key, "must not have a fragment");
  }
  stream.path = parse_text(table, key, *text, Placeholders::request)
                    .value_or(model::Template());
}

}  // namespace

model::StreamDefinition read_stream(const Table& table, std::string name,
                                    const std::vector<std::string>& sources) {
  model::StreamDefinition stream;
  stream.name = std::move(name);
  stream.line = table.place().line;
  stream.source = source_of(table, sources);
  read_method(table, stream);
  if (const auto query = table.child("query", Section::query)) {
    stream.query = read_query(*query);
  }
  if (const auto headers = table.child("headers", Section::headers)) {
    stream.headers = read_headers(*headers, Placeholders::request);
  }
  if (const auto body = table.child("body", Section::body)) {
    stream.body = read_body(*body);
  }
  stream.records = read_path(table, "records").value_or(model::Path());
  stream.fields = read_path(table, "fields").value_or(model::Path());
  if (const auto cursor = table.child("cursor", Section::cursor)) {
    stream.cursor = read_cursor(*cursor);
  }
  if (const auto page = table.child("page", Section::page)) {
    stream.page = read_page(*page);
  }
  stream.version = read_member_path(table, "version");
  stream.raw = read_boolean(table, "raw");
  read_columns(table, stream);
  stream.rate = read_rate(table, "rate");
  stream.expect_every =
      read_duration(table, "expect_every", std::chrono::seconds(1))
          .value_or(stream.expect_every);
  check_method(table, stream);
  check_stream(table, stream);
  return stream;
}

}  // namespace strandline::config
