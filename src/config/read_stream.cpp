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

std::int64_t read_state_version(const Table& table) {
  const auto version = read_integer(table, "state_version").value_or(1);
  if (version < 1) {
    table.refuse("state_version", "must be at least 1");
  }
  return version;
}

// An option says how the API is spoken to in this one, and not what is read.
constexpr std::string_view api_version = "api_version";

// Nothing unless the list is one that a connector tells.
std::string read_identity(const Table& table) {
  const auto key = table.contains("post") ? "post" : "get";
  const auto& connector = table.connector();
  if (connector.empty() || !table.is_below(key)) {
    return {};
  }
  auto identity =
      fmt::format("connector {} {}", connector, read_state_version(table));
  for (const auto& [name, option] : table.options()) {
    if (option.missing.empty() && name != api_version) {
      identity += fmt::format(" {}={}", name, joined(option));
    }
  }
  return identity;
}

// Reads the parent's name, or that it is an option, of an element of which the
// stream is.
void read_parent(const Table& table, model::StreamDefinition& stream) {
  stream.parent = read_name(table, "parent").value_or("");
  const auto element = table.options().find("parent");
  if (element != table.options().end()) {
    stream.element = joined(element->second);
    stream.parent.clear();
  }
}

// What the stream's own list and its second one are both told of their answers.
void read_answers(const Table& table, model::StreamDefinition& stream) {
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

// And of their requests, of which all else of the list is known: they may name
// the columns.
void read_request(Table table, model::StreamDefinition& stream) {
  auto options = table.options();
  options["columns"] = column_option(table, stream);
  table.set_options(std::move(options));
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
  read_answers(table, also);
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
  read_request(table, also);
  check_method(table, also);
  check_stream(table, also);
  return also;
}

std::string read_source_name(const Table& table,
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

model::StreamDefinition read_stream(const Table& table, std::string name,
                                    std::string source) {
  model::StreamDefinition stream;
  stream.name = std::move(name);
  stream.line = table.place().line;
  check_required(table);
  stream.source = std::move(source);
  read_parent(table, stream);
  stream.identity = read_identity(table);
  read_answers(table, stream);
  stream.records = read_path(table, "records").value_or(model::Path());
  stream.fields = read_path(table, "fields").value_or(model::Path());
  stream.version = read_member_path(table, "version");
  stream.raw = read_boolean(table, "raw");
  read_columns(table, stream);
  read_request(table, stream);
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
