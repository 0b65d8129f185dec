// SPDX-License-Identifier: MIT
#include "model/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "model/digest.hpp"

namespace strandline::model {
namespace {

// What APIs call the size of a page. Any other parameter may choose records.
bool is_page_size(std::string_view parameter) {
  static constexpr std::array<std::string_view, 10> names = {
      "$top",     "count",     "limit",      "maxResults", "max_results",
      "pageSize", "page_size", "page[size]", "per_page",   "size"};
  return std::find(names.begin(), names.end(), parameter) != names.end();
}

bool is_nothing(std::string_view /*name*/) {
  return false;
}

// What of a request belongs in a text that tells one from another.
struct Parts {
  bool (*left_out)(std::string_view parameter);
  Columns columns;
};

// An old mark fits whatever the columns and the page's size.
constexpr Parts of_list = {is_page_size, Columns::named};
constexpr Parts of_position = {is_nothing, Columns::written};

std::string request_text(const StreamDefinition& stream, const Parts& parts) {
  std::string text;
  std::string last;
  for (const auto& parameter : stream.query) {
    if (parts.left_out(parameter.name)) {
      continue;
    }
    auto next = parameter.name + "=" + to_text(parameter.value, parts.columns);
    // Of a list that the columns gave there may be more or fewer.
    if (parts.columns == Columns::named && is_columns(parameter.value) &&
        next == last) {
      continue;
    }
    text += (text.empty() ? '?' : '&') + next;
    last = std::move(next);
  }
  if (stream.body) {
    text += "\nbody " + to_text(*stream.body, parts.left_out, parts.columns);
  }
  return text;
}

// A header may choose an account or a filter, as a parameter does. Its value is
// not shown: people put keys there.
std::string header_text(const std::string& name, const std::string& value) {
  constexpr std::size_t digits = 16;
  return "\nheader " + name + " " + sha256_hex(value).substr(0, digits);
}

std::string headers_text(const StreamDefinition& stream) {
  std::string text;
  for (const auto& [name, value] : stream.headers) {
    text += header_text(name, to_text(value));
  }
  return text;
}

// Where the list is. What a connector says of its path may change while the
// list stays the same one.
std::string place_text(const SourceDefinition& source,
                       const StreamDefinition& stream) {
  if (stream.identity.empty()) {
    return source.base_url + to_text(stream.path, Columns::named);
  }
  const auto host = source.base_url.find("//");
  const auto path =
      host == std::string::npos ? host : source.base_url.find('/', host + 2);
  return source.base_url.substr(0, path) + " " + stream.identity;
}

}  // namespace

const char* to_text(WindowMode mode) {
  switch (mode) {
    case WindowMode::incremental:
      return "incremental";
    case WindowMode::full:
      return "full";
    case WindowMode::snapshot:
      return "snapshot";
    case WindowMode::backfill:
      break;
  }
  return "backfill";
}

std::optional<WindowMode> parse_window_mode(std::string_view text) {
  for (const auto mode : {WindowMode::incremental, WindowMode::full,
                          WindowMode::snapshot, WindowMode::backfill}) {
    if (to_text(mode) == text) {
      return mode;
    }
  }
  return {};
}

std::string fingerprint(const SourceDefinition& source,
                        const StreamDefinition& stream) {
  std::string text =
      (stream.post ? "POST " : "GET ") + place_text(source, stream) +
      request_text(stream, of_list) + "\nrecords " + to_text(stream.records) +
      "\nfields " + to_text(stream.fields);
  for (const auto& [name, value] : source.headers) {
    text += header_text(name, value);
  }
  text += headers_text(stream);
  if (stream.hash) {
    text += "\nkey " + hash_text(stream);
  } else {
    for (const auto& part : stream.key) {
      text += "\nkey " + to_text(part.path);
    }
  }
  if (stream.has_mark()) {
    text += fmt::format("\ncursor {} {}{}", to_text(stream.cursor->field),
                        is_time(stream.cursor->format) ? "time" : "integer",
                        stream.cursor->exclusive ? " exclusive" : "");
  } else if (stream.cursor) {
    text += fmt::format(
        "\ncursor {} {} {}",
        stream.cursor->kind == CursorRule::Kind::token ? "token" : "next",
        to_text(stream.cursor->field), stream.cursor->param);
  }
  return text;
}

std::string position_basis(const StreamDefinition& stream) {
  const auto& page = stream.page;
  return fmt::format("{}:{}{}{}{}:{}{}{} {}{}", static_cast<int>(page.kind),
                     to_text(page.path), page.relation, page.header, page.param,
                     page.first, page.first_last.value_or(""),
                     page.keyset ? " keyset" : "", stream.post ? "POST " : "",
                     to_text(stream.path) + request_text(stream, of_position) +
                         headers_text(stream));
}

}  // namespace strandline::model
