// SPDX-License-Identifier: MIT
#include "ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strandline::test {
namespace {

// As in the configuration of `World`.
constexpr std::int64_t overlap_ms = 2000;
// An answer may take so long that T0 lies before its `Date` by more.
constexpr std::int64_t slow_ms = 8000;

std::string shown(const std::optional<std::int64_t>& ms) {
  return ms ? to_text(*ms, 9) : "";
}

std::string differs(const char* what, const std::string& expected,
                    const std::string& found) {
  return expected == found
             ? ""
             : fmt::format("{} is '{}' and not '{}'; ", what, found, expected);
}

std::string differs(const char* what, std::int64_t expected,
                    std::int64_t found) {
  return differs(what, std::to_string(expected), std::to_string(found));
}

// T0 is the `Date` less a second and the time the answer took.
std::string wrong_anchor(const char* what, std::int64_t date_ms,
                         const std::string& found) {
  const bool right = to_text(date_ms - 1000 - slow_ms, 9) <= found &&
                     found <= to_text(date_ms - 1000, 9);
  return right ? ""
               : fmt::format("{} is '{}', with the Date {}; ", what, found,
                             to_text(date_ms, 3));
}

// Rows beyond the end of either are missing.
std::string wrong_rows(std::vector<int> expected, std::vector<int> found) {
  const auto size = std::max(expected.size(), found.size());
  expected.resize(size);
  found.resize(size);
  const auto [at, other] =
      std::mismatch(expected.begin(), expected.end(), found.begin());
  return at == expected.end()
             ? ""
             : fmt::format("the row of id {} is revision {} and not {}; ",
                           at - expected.begin() + 1, *other, *at);
}

}  // namespace

void StreamState::apply(const ServedPage& page, const ChangingSource& source,
                        bool full) {
  const bool has_cursor = page.stream != "snapshot";
  if (!window) {
    window.emplace();
    window->number = complete_number + 1;
    window->mode = !has_cursor ? "snapshot" : full ? "full" : "incremental";
    if (has_cursor && !full && mark) {
      window->from = (*mark - overlap_ms) / 1000 * 1000;
    }
    window->date_ms = page.date_ms;
  }
  bool below = !page.records.empty();
  for (const auto& [id, revision] : page.records) {
    const auto index = static_cast<std::size_t>(id - 1);
    revisions.resize(std::max(revisions.size(), index + 1));
    revisions[index] = revision;
    const auto stamp = source.stamp(id, revision);
    below = below && window->from && stamp < *window->from;
    if (has_cursor && stamp < window->date_ms - 1000) {
      window->maximum = std::max(window->maximum, std::optional(stamp));
    }
  }
  window->read += static_cast<std::int64_t>(page.records.size());
  window->position = page.next;
  if (page.next.empty() || (page.stream == "descending" && below)) {
    mark = std::max(mark, window->maximum);
    complete_number = window->number;
    complete_date_ms = window->date_ms;
    window.reset();
  }
}

std::string StreamState::difference(const FoundStream& found) const {
  auto text = differs("the mark", shown(mark), found.mark) +
              differs("the generation", generation, found.generation) +
              differs("the last complete window", complete_number,
                      found.complete_number);
  if (complete_number != 0) {
    text += wrong_anchor("its T0", complete_date_ms, found.complete_anchor);
  }
  if (window.has_value() != found.window.has_value()) {
    text += found.window ? "a window is open; " : "no window is open; ";
  } else if (window) {
    const auto& other = *found.window;
    text += differs("the window's number", window->number, other.number) +
            differs("its mode", window->mode, other.mode) +
            differs("its begin", shown(window->from), other.from) +
            wrong_anchor("its T0", window->date_ms, other.anchor) +
            differs("its maximum", shown(window->maximum), other.maximum) +
            differs("the records read", window->read, other.read);
    if (!other.position.ends_with(window->position)) {
      text += differs("the position", window->position, other.position);
    }
  }
  return text.empty() ? wrong_rows(revisions, found.revisions) : text;
}

void Ledger::explain(const FoundStream& found,
                     const std::vector<RunPages>& runs,
                     const ChangingSource& source) {
  nearest_.clear();
  if (!explained(state_, found, runs, 0, source)) {
    throw Violation(fmt::format(
        "{}: rows and checkpoint are not those of whole pages; nearest: {}",
        stream_, nearest_));
  }
}

bool Ledger::explained(const StreamState& from, const FoundStream& found,
                       const std::vector<RunPages>& runs, std::size_t run,
                       const ChangingSource& source) {
  if (run == runs.size()) {
    auto difference = from.difference(found);
    if (difference.empty()) {
      state_ = from;
      return true;
    }
    const auto parts = std::count(difference.begin(), difference.end(), ';');
    if (nearest_.empty() ||
        parts < std::count(nearest_.begin(), nearest_.end(), ';')) {
      nearest_ = std::move(difference);
    }
    return false;
  }
  const auto after_pages = [&](StreamState state) {
    if (explained(state, found, runs, run + 1, source)) {
      return true;
    }
    // What follows a whole reading, for its sweep, are ordinary windows.
    bool full = runs[run].full;
    return std::any_of(runs[run].pages.begin(), runs[run].pages.end(),
                       [&](const ServedPage& page) {
                         state.apply(page, source, full);
                         full = full && state.window;
                         return explained(state, found, runs, run + 1, source);
                       });
  };
  if (!runs[run].full) {
    return after_pages(from);
  }
  // It may have ended before it began anew.
  if (explained(from, found, runs, run + 1, source)) {
    return true;
  }
  auto anew = from;
  anew.window.reset();
  ++anew.generation;
  return after_pages(anew);
}

void Ledger::require_complete(const ChangingSource& source) const {
  if (state_.window) {
    throw Violation(stream_ + ": a window is open after a run that was done");
  }
  std::vector<int> current;
  for (int id = 1; id <= source.size(); ++id) {
    current.push_back(source.revision(id));
  }
  if (const auto wrong = wrong_rows(current, state_.revisions);
      !wrong.empty()) {
    throw Violation(stream_ + ": not what the source has: " + wrong);
  }
}

}  // namespace strandline::test
