// SPDX-License-Identifier: MIT
#include "config/layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "config/read_value.hpp"
#include "model/text.hpp"

namespace strandline::config {
namespace {

constexpr std::size_t longest_circle = 300;  // bytes of a message

// Each stream is like the next, and the last like the first.
using Circle = std::vector<std::string>;

// Whichever of its streams is asked, it is the same: one problem.
Circle from_first_in_file(const Table& streams, Circle circle) {
  const auto first = std::min_element(
      circle.begin(), circle.end(), [&](const auto& a, const auto& b) {
        const auto one = streams.place_of(a);
        const auto other = streams.place_of(b);
        return std::tie(one.line, one.column) <
               std::tie(other.line, other.column);
      });
  std::rotate(circle.begin(), first, circle.end());
  return circle;
}

void refuse_circle(const Table& streams, Circle circle) {
  circle = from_first_in_file(streams, std::move(circle));
  const auto table = streams.child(circle.front(), Section::stream);
  if (circle.size() == 1) {
    table->refuse("like", "is the stream itself");
    return;
  }
  circle.push_back(circle.front());
  table->refuse(
      "like",
      fmt::format("leads in a circle: {}",
                  model::printable(fmt::format("{}", fmt::join(circle, ", ")),
                                   longest_circle)));
}

void refuse_unknown(const Table& streams, const Table& table,
                    const std::string& name) {
  const auto others = streams.all_entries();
  std::vector<std::string_view> names;
  names.reserve(others.size());
  for (const auto& entry : others) {
    names.push_back(entry.name);
  }
  const auto meant = model::nearest(name, names);
  table.refuse(
      "like",
      fmt::format("is {}, which the file does not have{}", in_quotes(name),
                  meant ? fmt::format("; did you mean {}?", in_quotes(*meant))
                        : std::string()));
}

// The stream that the last of `chain`, whose table is `table`, is like, if it
// is like one; what is wrong with that is reported.
std::optional<Table> base_of(const Table& streams, const Table& table,
                             std::vector<std::string>& chain) {
  const auto name = read_name(table, "like");
  if (!name) {
    return {};
  }
  const auto before = std::find(chain.begin(), chain.end(), *name);
  if (before != chain.end()) {
    refuse_circle(streams, {before, chain.end()});
    return {};
  }
  if (!streams.contains(*name)) {
    refuse_unknown(streams, table, *name);
    return {};
  }
  chain.push_back(*name);
  return streams.child(*name, Section::stream);
}

}  // namespace

Table layered_stream(const Table& streams, const Entry& entry) {
  Table layers(streams, entry, Section::stream);
  std::vector<std::string> chain = {entry.name};
  auto lowest = std::optional(layers);
  while (lowest->contains("like")) {
    const auto below = base_of(streams, *lowest, chain);
    if (!below) {
      lowest->excuse(any_name);
      break;
    }
    layers.lay_over(*below);
    lowest.emplace(*below);
  }
  return layers;
}

}  // namespace strandline::config
