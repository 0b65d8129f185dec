// SPDX-License-Identifier: MIT
#include "config/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "model/text.hpp"

namespace strandline::config {
namespace {

// Values are shown only of what describes streams: everything else may be a
// secret in the wrong place.
bool seals(const Place& parent, Section section) {
  return section == Section::streams ? false : parent.sealed;
}

std::string bracketed(std::string_view path) {
  return fmt::format("[{}]", model::printable(path, 120));
}

}  // namespace

Table::Table(const toml::table& document, Context& context)
    : values_(document),
      section_(Section::top),
      place_{.line = 1, .column = 1, .width = 0, .sealed = true},
      context_(context) {}

Table::Table(const Table& parent, const Entry& entry, Section section)
    : values_(*entry.node->as_table()),
      section_(section),
      path_(parent.path_.empty() ? entry.name
                                 : parent.path_ + "." + entry.name),
      place_(place_in(values_.source(), seals(parent.place_, section))),
      context_(parent.context_) {
  if (values_.is_inline()) {
    place_.width = 1;  // the brace, not all that is in it
  }
}

std::string Table::heading() const {
  return path_.empty() ? "the top level" : bracketed(path_);
}

std::string Table::where() const {
  return (path_.empty() ? "at " : "in ") + heading();
}

bool Table::contains(std::string_view key) const {
  return values_.contains(key);
}

bool Table::lacks(std::string_view key) const {
  return !contains(key) && !context_.excused.contains({&values_, any_name}) &&
         !context_.excused.contains({&values_, key});
}

void Table::excuse(std::string_view key) const {
  context_.excused.emplace(&values_, key);
}

const toml::node* Table::find(std::string_view key) const {
  const auto* node = values_.get(key);
  return context_.refused.contains(node) ? nullptr : node;
}

std::optional<Table> Table::child(std::string_view key, Section section) const {
  const auto* const node = find(key);
  if (node == nullptr || !node->is_table()) {
    return {};
  }
  return Table(*this, {std::string(key), node, place_of(key)}, section);
}

Place Table::place_of(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end()
             ? place_
             : place_in(found->first.source(), place_.sealed);
}

std::vector<Entry> Table::all_entries() const {
  std::vector<Entry> entries;
  for (const auto& [key, node] : values_) {
    entries.push_back(
        {std::string(key.str()), &node, place_in(key.source(), place_.sealed)});
  }
  // toml++ sorts them by name.
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) {
                     return std::tie(a.place.line, a.place.column) <
                            std::tie(b.place.line, b.place.column);
                   });
  return entries;
}

std::vector<Entry> Table::entries() const {
  auto accepted = all_entries();
  std::erase_if(accepted, [&](const Entry& entry) {
    return context_.refused.contains(entry.node);
  });
  return accepted;
}

void Table::refuse(std::string_view key, std::string_view says,
                   std::vector<Note> notes) const {
  context_.reporter.problem(
      place_of(key), fmt::format("{} {} {}", in_quotes(key), where(), says),
      std::move(notes));
}

void Table::require(std::string_view key, std::string_view why) const {
  if (lacks(key)) {
    context_.reporter.problem(
        place_,
        fmt::format("missing key {} {}{}", in_quotes(key), where(), why),
        notes_on_stray(key));
  }
}

// Keys after the heading of a sub-table belong to it, and where any name is
// allowed nothing else tells that they were not meant to.
std::vector<Note> Table::notes_on_stray(std::string_view key) const {
  for (const auto& entry : all_entries()) {
    const auto* const values = entry.node->as_table();
    if (values == nullptr || values->is_inline()) {
      continue;
    }
    const auto stray = values->find(key);
    if (stray != values->end()) {
      return {
          {"try", fmt::format("move {} on line {} above the heading {} on "
                              "line {}: what follows that belongs to it",
                              in_quotes(key), stray->first.source().begin.line,
                              bracketed(path_ + "." + entry.name),
                              values->source().begin.line)}};
    }
  }
  return {};
}

Place place_in(const toml::source_region& region, bool sealed) {
  const auto& [begin, end, path] = region;
  const int width = begin.line == end.line && end.column > begin.column
                        ? static_cast<int>(end.column - begin.column)
                        : 1;
  return {static_cast<int>(begin.line), static_cast<int>(begin.column), width,
          sealed};
}

std::string in_quotes(std::string_view name) {
  return fmt::format("'{}'", model::printable(name, 60));
}

}  // namespace strandline::config
