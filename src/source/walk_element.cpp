// SPDX-License-Identifier: MIT
#include "source/walk.hpp"

#include <algorithm>
#include <utility>

namespace strandline::source {

// What an element offers counts only once the element is known to be the one
// meant: its telling member may come last.
void Walk::walk_element(simdjson::ondemand::value value, Node& array,
                        std::size_t index, std::uint64_t& satisfied,
                        unsigned depth) {
  const auto outer = std::exchange(element_, {&array, 0});
  const auto outer_to_records = to_records_;
  const auto base = pending_.size();
  to_records_ = to_records_ && array.records_index == index;
  for (std::size_t i = 0; i < array.conditions.size(); ++i) {
    if (array.conditions[i].index == index) {
      element_.matched |= std::uint64_t{1} << i;
    }
  }
  ++level_;
  walk(value, array.element.get(), depth);
  --level_;
  // The first that meets a condition is meant.
  const auto chosen = element_.matched & ~satisfied;
  satisfied |= element_.matched;
  element_ = outer;
  to_records_ = outer_to_records;
  take_pending(base, chosen);
}

void Walk::test_element(const Node& element, std::string_view member,
                        const Value& value) {
  if (value.kind == model::CellKind::json) {
    return;
  }
  const auto text = text_of(value);
  for (const auto number : element.tests) {
    const auto& condition = element_.array->conditions.at(number);
    if (condition.member == member && text == condition.value) {
      element_.matched |= std::uint64_t{1} << number;
    }
  }
}

// What is pending behind `base`, of an element that meets the conditions
// `chosen` first: kept for the arrays around it, or taken.
void Walk::take_pending(std::size_t base, std::uint64_t chosen) {
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(base);
  auto kept = std::remove_if(begin, pending_.end(), [&](const Pending& each) {
    return (chosen >> each.leaf->conditions.at(level_) & 1U) == 0;
  });
  if (level_ == 0) {
    std::for_each(begin, kept,
                  [&](const Pending& each) { take(*each.leaf, each.value); });
    kept = begin;
  }
  pending_.erase(kept, pending_.end());
}

}  // namespace strandline::source
