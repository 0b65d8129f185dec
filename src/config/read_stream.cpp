// SPDX-License-Identifier: MIT
#include "config/readers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "config/characters.hpp"
#include "config/check.hpp"
#include "config/quantity.hpp"
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

model::RejectLimit read_max_rejects(const Table& table) {
  constexpr std::string_view key = "max_rejects";
  model::RejectLimit limit;
  if (const auto count = read_integer(table, key)) {
    if (*count < 0) {
      table.refuse(key, "must not be negative");
    }
    limit.count = count;
  } else if (const auto text = read_string(table, key)) {
    const auto share = parse_percentage(*text);
    if (!share || *share > 1) {
      table.refuse(
          key,
          "must be a whole number, or from \"0%\" to \"100%\", such as "
          "\"10%\" or \"2.5%\"");
    }
    limit.share = share.value_or(limit.share);
  }
  return limit;
}

// What the stream's own list and its second one are both told.
void read_list(const Table& table, model::StreamDefinition& stream) {
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
  if (const auto cursor = table.child("cursor", Section::cursor)) {
    stream.cursor = read_cursor(*cursor);
  }
  if (const auto page = table.child("page", Section::page)) {
    stream.page = read_page(*page);
  }
  if (const auto deleted = table.child("deleted", Section::deleted)) {
    read_deleted(*deleted, stream);
  }
  stream.rate = read_rate(table, "rate");
  stream.every = read_duration(table, "every", std::chrono::seconds(1));
}

// Rows whose deletions have times are compared with them.
bool tells_times(const model::StreamDefinition& list) {
  return list.deleted.when && list.has_mark() &&
         model::is_time(list.cursor->format);
}

void set_cursors_kept(model::StreamDefinition& stream) {
  stream.keeps_cursors = tells_times(stream);
  for (const auto& also : stream.also) {
    stream.keeps_cursors = stream.keeps_cursors || tells_times(also);
  }
  for (auto& also : stream.also) {
    also.keeps_cursors = stream.keeps_cursors;
  }
}

}  // namespace

// It shares the table, and so what makes its columns.
model::StreamDefinition read_also(const Table& table,
                                  const model::StreamDefinition& stream) {
  auto also = stream;
  also.list = model::also_list;
  also.also.clear();
  also.post = false;
  also.path = {};
  also.query.clear();
  also.headers.clear();
  also.body.reset();
  also.cursor.reset();
  also.page = {};
  also.deleted = {};
  also.deleted.remove = stream.deleted.remove;
  also.deleted.limit = stream.deleted.limit;
  also.deleted.missing = stream.deleted.missing;
  also.full_every.reset();
  also.line = table.place().line;
  read_list(table, also);
  if (table.contains("records")) {
    also.records = read_path(table, "records").value_or(model::Path());
  }
  if (table.contains("fields")) {
    also.fields = read_path(table, "fields").value_or(model::Path());
  }
  if (also.hash) {
    also.hash->text = model::hash_text(stream);
    for (const auto& path : stream.hash->paths) {
      also.hash->names.push_back(model::to_text(path));
    }
  }
  if (table.contains("key")) {
    read_other_key(table, also);
  }
  check_method(table, also);
  check_stream(table, also);
  return also;
}

model::StreamDefinition read_stream(const Table& table, std::string name,
                                    const std::vector<std::string>& sources) {
  model::StreamDefinition stream;
  stream.name = std::move(name);
  stream.line = table.place().line;
  check_required(table);
  stream.source = source_of(table, sources);
  stream.parent = read_name(table, "parent").value_or("");
  read_list(table, stream);
  stream.records = read_path(table, "records").value_or(model::Path());
  stream.fields = read_path(table, "fields").value_or(model::Path());
  stream.version = read_member_path(table, "version");
  stream.raw = read_boolean(table, "raw");
  read_columns(table, stream);
  stream.full_every =
      read_duration(table, "full_every", std::chrono::seconds(1));
  stream.max_rejects = read_max_rejects(table);
  stream.expect_every =
      read_duration(table, "expect_every", std::chrono::seconds(1))
          .value_or(stream.expect_every);
  if (!table.is_whole()) {
    return stream;
  }
  check_method(table, stream);
  check_stream(table, stream);
  check_deleted(table, stream);
  check_no_parent(table, stream);
  if (const auto also = table.child("also", Section::also)) {
    stream.also.push_back(read_also(*also, stream));
  }
  check_full_every(table, stream);
  set_cursors_kept(stream);
  return stream;
}

}  // namespace strandline::config
