// SPDX-License-Identifier: MIT
#include "config/syntax.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>

#include "config/characters.hpp"
#include "config/table.hpp"

namespace strandline::config {
namespace {

bool has_any(std::string_view text,
             std::initializer_list<std::string_view> words) {
  for (const auto word : words) {
    if (text.find(word) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

// What stands in the last pair of single quotes.
std::string_view last_quoted(std::string_view text) {
  const auto end = text.rfind('\'');
  const auto begin = end == 0 || end == std::string_view::npos
                         ? end
                         : text.rfind('\'', end - 1);
  return begin == std::string_view::npos
             ? text
             : text.substr(begin + 1, end - begin - 1);
}

// Only what describes streams is surely no secret.
bool in_stream(const Reporter& reporter, Place place) {
  for (; place.line > 0; --place.line) {
    const auto text = reporter.line(place);
    const auto first = text.find_first_not_of(" \t");
    if (first != std::string_view::npos && text[first] == '[') {
      return text.substr(first).starts_with("[stream.");
    }
  }
  return false;
}

// The messages are toml++'s.
std::string in_plain_words(std::string_view description, bool at_line_end,
                           bool sealed) {
  if (has_any(description, {"cannot redefine"})) {
    return fmt::format("{} is there twice",
                       in_quotes(last_quoted(description)));
  }
  if (has_any(description, {"utf-8"})) {
    return "the file is not UTF-8";
  }
  if (has_any(description, {"end-of-file"})) {
    return "the file ends in the middle of a value";
  }
  if (has_any(description, {"string"})) {
    return at_line_end ? "a text is not closed: the quote at its end is missing"
                       : "a text has a character or escape that TOML does not "
                         "allow; in single quotes a backslash is only that";
  }
  if (has_any(description, {"inline table"})) {
    return has_any(description, {"saw '\\n'"})
               ? "a table in braces must stand on one line; a longer one has a "
                 "heading, such as [stream.NAME.page]"
               : "a table in braces has commas between its keys and a } at its "
                 "end";
  }
  if (has_any(description, {"array"})) {
    return "a list has commas between its values and a ] at its end";
  }
  if (has_any(description, {"table header"})) {
    return "a heading is a name in brackets, such as [stream.NAME]";
  }
  if (has_any(description, {"root table"})) {
    return "this is neither a key nor a heading";
  }
  if (has_any(description, {"expected '='"})) {
    return "there is no = between key and value";
  }
  if (has_any(description, {"expected a comment"})) {
    return "there is something behind the value";
  }
  if (has_any(description, {"parsing date", "parsing time"})) {
    return "this is not a date or time; a text needs quotes";
  }
  if (has_any(description, {"parsing value", "boolean", "floating-point",
                            "integer", "expected value"})) {
    return "this is not a value; a text needs quotes, as in KEY = \"…\"";
  }
  return sealed ? "this is not TOML"
                : fmt::format("this is not TOML: {}", description);
}

}  // namespace

std::optional<toml::table> parse_document(const std::string& file,
                                          const std::string& text,
                                          Reporter& reporter) {
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    report_syntax(error, reporter);
  }
  return {};
}

void report_syntax(const toml::parse_error& error, Reporter& reporter) {
  auto place = place_in(error.source(), true);
  const auto line = reporter.line(place);
  place.sealed = !in_stream(reporter, place) || names_secret(line);
  const bool at_line_end =
      static_cast<std::size_t>(place.column) > characters(line);
  if (error.description().find("utf-8") != std::string_view::npos) {
    place.width = 0;
  }
  reporter.problem(
      place, in_plain_words(error.description(), at_line_end, place.sealed));
}

}  // namespace strandline::config
