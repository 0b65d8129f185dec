// SPDX-License-Identifier: MIT
#include "config/keys.hpp"

#include <algorithm>
#include <array>

#include "config/key_table.hpp"

namespace strandline::config {
namespace {

constexpr auto placeholders = std::to_array<PlaceholderRule>({
    {"from", true, false, Support::now,
     "The lower bound of what is read, written as `cursor.format` says"},
    {"until", true, false, Support::now, "The upper bound of what is read"},
    {"last", true, false, Support::now,
     "The `page.after` value of the last record read"},
    {"columns", true, false, Support::now,
     "The paths that the table needs, joined with commas"},
    {"parent", true, true, Support::now,
     "The element of the parent list, or a value of the parent record"},
    {"token", false, true, Support::now,
     "A member of the OAuth2 token answer, in base_url"},
});

constexpr auto kinds = std::to_array<Kind>({
    Kind::text,       Kind::word,     Kind::name,    Kind::path,
    Kind::place,      Kind::pattern,  Kind::zone,    Kind::zone_name,
    Kind::file,       Kind::duration, Kind::rate,    Kind::size,
    Kind::percentage, Kind::instant,  Kind::integer, Kind::real,
    Kind::boolean,    Kind::off,      Kind::paths,   Kind::texts,
    Kind::values,     Kind::secret,   Kind::list,    Kind::table,
});

}  // namespace

std::span<const Kind> all_kinds() {
  return kinds;
}

std::span<const KeyRule> key_rules() {
  static const auto rules = [] {
    std::vector<KeyRule> all;
    for (const auto part :
         {source_rules(), stream_rules(), request_rules(), record_rules()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return rules;
}

std::span<const PlaceholderRule> placeholder_rules() {
  return placeholders;
}

const KeyRule* find_rule(Section section, std::string_view name) {
  const KeyRule* any = nullptr;
  for (const auto& rule : key_rules()) {
    if (rule.section != section) {
      continue;
    }
    if (rule.name == any_name) {
      any = &rule;
    } else if (rule.name == name) {
      return &rule;
    }
  }
  return any;
}

const PlaceholderRule* find_placeholder(std::string_view text) {
  const auto dot = text.find('.');
  const bool member = dot != std::string_view::npos;
  const auto* const found = std::find_if(
      placeholders.begin(), placeholders.end(), [&](const auto& rule) {
        return rule.name == text.substr(0, dot) &&
               (member ? rule.members && dot + 1 < text.size() : rule.alone);
      });
  return found == placeholders.end() ? nullptr : found;
}

std::vector<std::string_view> names_in(Section section) {
  std::vector<std::string_view> names;
  for (const auto& rule : key_rules()) {
    if (rule.section == section && rule.name != any_name) {
      names.push_back(rule.name);
    }
  }
  return names;
}

std::vector<Section> sections_with(std::string_view name) {
  std::vector<Section> sections;
  for (const auto& rule : key_rules()) {
    if (rule.name != any_name && rule.name == name) {
      sections.push_back(rule.section);
    }
  }
  return sections;
}

bool is_merged(Section section) {
  switch (section) {
    case Section::query:
    case Section::headers:
    case Section::cursor:
    case Section::deleted:
    case Section::also:
    case Section::columns:
      return true;
    default:
      return false;
  }
}

std::string_view heading(Section section) {
  switch (section) {
    case Section::top:
      return "the top level";
    case Section::connector:
      return "the top level of a connector";
    case Section::sources:
      return "[source]";
    case Section::source:
      return "[source.NAME]";
    case Section::options:
      return "[option]";
    case Section::option:
      return "[option.NAME]";
    case Section::streams:
      return "[stream]";
    case Section::stream:
      return "[stream.NAME]";
    case Section::query:
      return "[stream.NAME.query]";
    case Section::headers:
      return "[source.NAME.headers]";
    case Section::body:
      return "[stream.NAME.body]";
    case Section::cursor:
      return "[stream.NAME.cursor]";
    case Section::page:
      return "[stream.NAME.page]";
    case Section::deleted:
      return "[stream.NAME.deleted]";
    case Section::columns:
      return "[stream.NAME.columns]";
    case Section::column:
      return "[stream.NAME.columns.NAME]";
    case Section::also:
      return "[stream.NAME.also]";
    case Section::secret:
      return "a secret";
    case Section::hash:
      return "[stream.NAME.key]";
  }
  return {};
}

std::string_view description(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "a text";
    case Kind::word:
      return "one of its words";
    case Kind::name:
      return "a name";
    case Kind::path:
      return "a path";
    case Kind::place:
      return "a place in the body";
    case Kind::pattern:
      return "a pattern";
    case Kind::zone:
      return "\"UTC\" or an offset such as \"+01:00\"";
    case Kind::zone_name:
      return "the name of a time zone such as \"Europe/Berlin\"";
    case Kind::file:
      return "a file";
    case Kind::duration:
      return "a duration such as \"5m\"";
    case Kind::rate:
      return "a rate such as \"5/s\"";
    case Kind::size:
      return "a size such as \"64MiB\"";
    case Kind::percentage:
      return "a percentage such as \"20%\"";
    case Kind::instant:
      return "an instant such as \"2024-01-01\"";
    case Kind::integer:
      return "an integer";
    case Kind::real:
      return "a number";
    case Kind::boolean:
      return "true or false";
    case Kind::off:
      return "false";
    case Kind::paths:
      return "a list of paths";
    case Kind::texts:
      return "a list of texts";
    case Kind::values:
      return "a list of texts, numbers and booleans";
    case Kind::secret:
      return "a secret such as { env = \"NAME\" }";
    case Kind::table:
      return "a table";
    case Kind::list:
      return "a list";
  }
  return {};
}

}  // namespace strandline::config
