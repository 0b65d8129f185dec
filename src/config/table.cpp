// SPDX-License-Identifier: MIT
#include "config/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "config/characters.hpp"
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

std::string path_in(const std::string& parent, const std::string& name) {
  return parent.empty() ? name : parent + "." + name;
}

std::string heading_of(const Layer& layer) {
  return layer.path.empty() ? "the top level" : bracketed(layer.path);
}

std::string where_of(const Layer& layer) {
  return (layer.path.empty() ? "at " : "in ") + heading_of(layer);
}

// What stands in `layer`, in the order of the file.
std::vector<Entry> members_of(const Layer& layer) {
  std::vector<Entry> entries;
  for (const auto& [key, node] : *layer.values) {
    entries.push_back({std::string(key.str()), &node,
                       place_in(key.source(), layer.place.sealed)});
  }
  // toml++ sorts them by name.
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) {
                     return std::tie(a.place.line, a.place.column) <
                            std::tie(b.place.line, b.place.column);
                   });
  return entries;
}

}  // namespace

Table::Table(const toml::table& document, Context& context, Section section)
    : layers_{{&document,
               {},
               {.line = 1,
                .column = 1,
                .width = 0,
                .sealed = true,
                .file = document.source().path}}},
      section_(section),
      context_(context) {}

Table::Table(const Table& parent, const Entry& entry, Section section)
    : section_(section),
      top_(parent.top_),
      partial_(is_merged(section) && !parent.is_whole()),
      options_(parent.options_),
      context_(parent.context_) {
  for (const auto& [layer, node] : parent.stack(entry.name)) {
    const auto* const values = node->as_table();
    const bool refused = !layers_.empty() && context_.refused.contains(node);
    partial_ = partial_ || refused;
    if (values == nullptr || refused) {
      break;
    }
    auto place = place_in(values->source(), seals(layer->place, section));
    if (values->is_inline()) {
      place.width = 1;  // the brace, not all that is in it
    }
    layers_.push_back({values, path_in(layer->path, entry.name),
                       std::move(place), layer->below});
    if (!is_merged(section)) {
      break;
    }
  }
}

void Table::lay_over(const Table& lower) {
  top_ = layers_.front().path;
  for (auto layer : lower.layers_) {
    layer.below = true;
    layers_.push_back(std::move(layer));
  }
}

bool Table::is_below(std::string_view key) const {
  return !layers_.front().values->contains(key);
}

void Table::set_connector(std::string name, Options options) {
  connector_ = std::move(name);
  set_options(std::move(options));
}

void Table::set_options(Options options) {
  options_ = std::make_shared<Options>(std::move(options));
}

std::vector<std::string_view> Table::settable() const {
  const auto found = context_.settable.find(layers_.front().values);
  return found == context_.settable.end()
             ? std::vector<std::string_view>()
             : std::vector<std::string_view>(found->second.begin(),
                                             found->second.end());
}

bool Table::may_set(std::string_view name) const {
  const auto found = context_.settable.find(layers_.front().values);
  return found != context_.settable.end() &&
         (found->second.contains(name) || found->second.contains(any_option));
}

std::string Table::heading() const {
  return heading_of(layers_.front());
}

std::string Table::where() const {
  return where_of(layers_.front());
}

std::string Table::where(std::string_view key) const {
  return where_of(layer_of(key));
}

bool Table::is_whole() const {
  return !partial_ &&
         std::none_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
           return context_.excused.contains({layer.values, any_name});
         });
}

// What stands for `key`, from the uppermost layer down to one that puts another
// key in its place.
std::vector<Table::Found> Table::stack(std::string_view key) const {
  std::vector<Found> found;
  for (const auto& layer : layers_) {
    if (const auto* const node = layer.values->get(key)) {
      found.push_back({&layer, node});
    }
    if (replaces(layer, key)) {
      break;
    }
  }
  return found;
}

// The layer in which `key` stands; the uppermost if it is in none.
const Layer& Table::layer_of(std::string_view key) const {
  const auto found = stack(key);
  return found.empty() ? layers_.front() : *found.front().layer;
}

// True if another key of `layer` takes the place of `key` in those below it.
bool Table::replaces(const Layer& layer, std::string_view key) const {
  if (section_ == Section::headers) {
    return std::any_of(layer.values->begin(), layer.values->end(),
                       [&](const auto& member) {
                         const auto name = member.first.str();
                         return name != key && lower(name) == lower(key);
                       });
  }
  if (section_ != Section::stream && section_ != Section::also) {
    return false;
  }
  return key == "get" ? layer.values->contains("post")
                      : (key == "post" || key == "body") &&
                            layer.values->contains("get");
}

bool Table::is_off(std::string_view key, const toml::node& node) const {
  const auto* const rule = find_rule(section_, key);
  return node.is_boolean() && !node.value_or(true) && rule != nullptr &&
         rule->values.kinds.has(Kind::off);
}

bool Table::contains(std::string_view key) const {
  return !stack(key).empty() && !takes_away(key);
}

bool Table::takes_away(std::string_view key) const {
  const auto found = stack(key);
  return !found.empty() && is_off(key, *found.front().node);
}

bool Table::lies_over(std::string_view key) const {
  const auto found = stack(key);
  return found.size() > 1 &&
         std::any_of(found.begin() + 1, found.end(), [&](const Found& each) {
           return !is_off(key, *each.node);
         });
}

std::string_view Table::upper(std::string_view a, std::string_view b) const {
  return &layer_of(a) < &layer_of(b) ? a : b;
}

bool Table::lacks(std::string_view key) const {
  return !contains(key) && is_whole() &&
         std::none_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
           return context_.excused.contains({layer.values, key});
         });
}

void Table::excuse(std::string_view key) const {
  context_.excused.emplace(layers_.front().values, key);
}

const toml::node* Table::find(std::string_view key) const {
  const auto found = stack(key);
  if (found.empty() || is_off(key, *found.front().node) ||
      context_.refused.contains(found.front().node)) {
    return nullptr;
  }
  return found.front().node;
}

std::optional<Table> Table::child(std::string_view key, Section section) const {
  const auto* const node = find(key);
  if (node == nullptr || !node->is_table()) {
    return {};
  }
  return Table(*this, {std::string(key), node, place_of(key)}, section);
}

std::optional<Table> Table::from_list(std::string_view key) const {
  for (const auto& [layer, node] : stack(key)) {
    if (context_.refused.contains(node)) {
      return {};
    }
    if (node->is_array()) {
      auto rest = *this;
      rest.layers_.erase(rest.layers_.begin(),
                         rest.layers_.begin() + (layer - layers_.data()));
      return rest;
    }
    if (!node->is_table()) {
      return {};
    }
  }
  return {};
}

Place Table::place_of(std::string_view key) const {
  const auto& layer = layer_of(key);
  const auto found = layer.values->find(key);
  return found == layer.values->end()
             ? layer.place
             : place_in(found->first.source(), layer.place.sealed);
}

std::vector<Entry> Table::all_entries() const {
  std::vector<Entry> all;
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    std::erase_if(
        all, [&](const Entry& entry) { return replaces(*layer, entry.name); });
    const auto lower_ones = static_cast<std::ptrdiff_t>(all.size());
    for (auto& entry : members_of(*layer)) {
      const auto end = all.begin() + lower_ones;
      const auto below = std::find_if(all.begin(), end, [&](const Entry& each) {
        return each.name == entry.name;
      });
      if (below == end) {
        all.push_back(std::move(entry));
      } else {
        *below = std::move(entry);
      }
    }
  }
  return all;
}

std::vector<Entry> Table::entries() const {
  auto accepted = all_entries();
  std::erase_if(accepted, [&](const Entry& entry) {
    return context_.refused.contains(entry.node) ||
           is_off(entry.name, *entry.node);
  });
  return accepted;
}

void Table::refuse(std::string_view key, std::string_view says,
                   std::vector<Note> notes) const {
  const auto& layer = layer_of(key);
  if (layer.below) {
    notes.push_back(
        {"for", fmt::format("{}, which lies over it", bracketed(top_))});
  }
  context_.reporter.problem(
      place_of(key),
      fmt::format("{} {} {}", in_quotes(key), where_of(layer), says),
      std::move(notes));
}

void Table::require(std::string_view key, std::string_view why) const {
  if (lacks(key)) {
    context_.reporter.problem(
        place(),
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
          {"try", fmt::format(
                      "move {} on line {} above the heading {} on "
                      "line {}: what follows that belongs to it",
                      in_quotes(key), stray->first.source().begin.line,
                      bracketed(path_in(layer_of(entry.name).path, entry.name)),
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
          sealed, path};
}

std::string in_quotes(std::string_view name) {
  return fmt::format("'{}'", model::printable(name, 60));
}

}  // namespace strandline::config
