// SPDX-License-Identifier: MIT
#include "config/reporter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <utility>

#include "config/characters.hpp"
#include "model/text.hpp"

namespace strandline::config {
namespace {

constexpr std::size_t longest_line = 160;  // bytes

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The line without its values; nothing where keys and values cannot be told
// apart, as in the middle of a text of several lines.
std::optional<std::string> sealed(std::string_view line) {
  const auto equals = line.find('=');
  if (equals != std::string_view::npos) {
    return std::string(line.substr(0, equals + 1));
  }
  const auto header = trimmed(line);
  if (header.starts_with('[') && header.ends_with(']') &&
      header.find_first_of("\"',") == std::string_view::npos) {
    return std::string(line);
  }
  return {};
}

std::optional<Note> excerpt(std::string_view line, const Place& place) {
  if (place.width == 0) {
    return {};
  }
  const bool seal = place.sealed || names_secret(line);
  auto shown = seal ? sealed(line) : std::optional<std::string>(line);
  if (!shown || trimmed(*shown).empty()) {
    return {};
  }
  // A tab would move the caret, other control characters the terminal.
  for (auto& c : *shown) {
    if (has_control_character({&c, 1})) {
      c = ' ';
    }
  }
  const auto end = shown->find_last_not_of(' ');
  const auto visible =
      model::printable(shown->substr(0, end + 1), longest_line);
  auto text = fmt::format("{:>5} | {}{}", place.line, visible,
                          seal && visible.ends_with('=') ? " …" : "");
  const int width = std::min(
      place.width, static_cast<int>(characters(visible)) - place.column + 1);
  if (width > 0) {
    text += fmt::format(
        "\n      | {}{}",
        std::string(static_cast<std::size_t>(place.column - 1), ' '),
        std::string(static_cast<std::size_t>(width), '^'));
  }
  return Note{"line", text};
}

}  // namespace

Reporter::Reporter(std::string file, std::string text)
    : files_{{std::move(file), std::move(text)}} {}

void Reporter::add_file(std::string file, std::string text) {
  files_.push_back({std::move(file), std::move(text)});
}

void Reporter::problem(const Place& place, std::string message,
                       std::vector<Note> notes) {
  const auto file = file_of(place);
  // The line of one problem may hold the secret of another.
  if (place.sealed) {
    sealed_lines_.emplace(file, place.line);
  }
  problems_.push_back({file, place, std::move(message), std::move(notes)});
}

void Reporter::warning(const Place& place, std::string message) {
  warnings_.push_back({file_of(place), place, std::move(message), {}});
}

void Reporter::raise() const {
  if (problems_.empty()) {
    return;
  }
  std::vector<Problem> problems;
  for (const auto& finding : in_order(problems_)) {
    problems.push_back(problem_of(finding));
  }
  throw ConfigError(std::move(problems));
}

std::vector<std::string> Reporter::warnings() const {
  std::vector<std::string> texts;
  for (const auto& finding : in_order(warnings_)) {
    texts.push_back(problem_of(finding).text());
  }
  return texts;
}

Problem Reporter::problem_of(const Finding& finding) const {
  auto place = finding.place;
  place.sealed = sealed_lines_.contains({finding.file, place.line});
  auto notes = finding.notes;
  if (auto shown = excerpt(line(place), place)) {
    notes.insert(notes.begin(), *std::move(shown));
  }
  return {files_[finding.file].name, place.line, place.column, finding.message,
          std::move(notes)};
}

// Each once. Of two that say the same the one without a note on what lies over
// it is kept.
std::vector<Reporter::Finding> Reporter::in_order(
    std::vector<Finding> findings) {
  const auto key = [](const Finding& finding) {
    return std::make_tuple(finding.file, finding.place.line,
                           finding.place.column, finding.notes.size());
  };
  std::stable_sort(
      findings.begin(), findings.end(),
      [&](const auto& a, const auto& b) { return key(a) < key(b); });
  std::set<std::tuple<std::size_t, int, int, std::string>> said;
  std::erase_if(findings, [&](const Finding& finding) {
    return !said.emplace(finding.file, finding.place.line, finding.place.column,
                         finding.message)
                .second;
  });
  return findings;
}

std::size_t Reporter::file_of(const Place& place) const {
  const auto found = std::find_if(
      files_.begin(), files_.end(),
      [&](const File& file) { return place.file && file.name == *place.file; });
  return found == files_.end()
             ? 0
             : static_cast<std::size_t>(found - files_.begin());
}

std::string_view Reporter::line(const Place& place) const {
  std::string_view rest = files_[file_of(place)].text;
  for (int number = place.line; number > 1; --number) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) {
      return {};
    }
    rest.remove_prefix(end + 1);
  }
  return rest.substr(0, rest.find('\n'));
}

bool names_secret(std::string_view line) {
  static constexpr auto words = std::to_array<std::string_view>({
      "api-key",
      "api_key",
      "apikey",
      "authorization",
      "bearer",
      "cookie",
      "credential",
      "passw",
      "private",
      "secret",
      "signature",
  });
  const auto text = lower(trimmed(line));
  const auto has = [&](std::string_view word) {
    return text.find(word) != std::string::npos;
  };
  if (std::any_of(words.begin(), words.end(), has)) {
    return true;
  }
  const bool paging = text.starts_with("page") || text.starts_with("cursor") ||
                      text.starts_with("token");
  return has("token") && !paging;
}

}  // namespace strandline::config
