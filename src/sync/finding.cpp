// SPDX-License-Identifier: MIT
#include "sync/finding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "model/text.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {
namespace {

constexpr std::size_t row_limit = 10;
constexpr std::size_t text_limit = 200;

std::string shown(const std::optional<model::CursorValue>& value) {
  return value ? model::to_display(*value) : "none";
}

std::string shown(const std::optional<model::Instant>& value) {
  return value ? model::to_display(*value) : "none";
}

std::string shown(const std::optional<std::string>& text) {
  return text ? "'" + model::printable(*text, text_limit) + "'" : "none";
}

std::string place(const std::optional<model::Window>& window) {
  if (!window) {
    return "none is open";
  }
  return window->position.first_page()
             ? "open, without a position"
             : "open, at " + shown(std::optional(window->position.value));
}

RowDifference row_of(store::RowDifference&& row) {
  using Where = store::RowDifference::Where;
  RowDifference result;
  result.table = std::move(row.table);
  result.key = std::move(row.key);
  result.kind = row.where == Where::first    ? RowDifference::Kind::missing
                : row.where == Where::second ? RowDifference::Kind::extra
                                             : RowDifference::Kind::differs;
  for (auto& value : row.values) {
    result.values.push_back({std::move(value.column), std::move(value.first),
                             std::move(value.second)});
  }
  return result;
}

// True if all streams have the same there.
template <typename Part>
bool same(const FamilyContent& a, const FamilyContent& b, Part part) {
  return std::ranges::equal(a, b, {}, part, part);
}

// `prefix` names the list where there are several.
void add_checkpoint(const std::string& prefix,
                    const model::Checkpoint& expected,
                    const model::Checkpoint& found, Finding& finding) {
  const auto before = finding.notes.size();
  const auto compare = [&](const char* label, const std::string& was,
                           const std::string& is) {
    if (was != is) {
      finding.notes.push_back({prefix + label, is + "; it should be " + was});
    }
  };
  compare("mark", shown(expected.mark), shown(found.mark));
  compare("window", place(expected.window), place(found.window));
  compare("windows", std::to_string(expected.complete_number),
          std::to_string(found.complete_number));
  compare("T0", shown(expected.complete_anchor), shown(found.complete_anchor));
  compare("maximum", shown(expected.complete_maximum),
          shown(found.complete_maximum));
  compare("state", shown(expected.state), shown(found.state));
  if (finding.notes.size() == before && expected != found) {
    finding.notes.push_back({prefix + "checkpoint", "its other fields differ"});
  }
}

}  // namespace

bool same_rows(const FamilyContent& a, const FamilyContent& b) {
  return same(a, b, &store::Content::table) &&
         same(a, b, &store::Content::rejects);
}

bool same_checkpoints(const FamilyContent& a, const FamilyContent& b) {
  return same(a, b, &store::Content::checkpoints);
}

std::string difference(const FamilyContent& expected,
                       const FamilyContent& found) {
  const auto differs = [&](auto part) { return !same(expected, found, part); };
  return differs(&store::Content::table)         ? "other rows"
         : differs(&store::Content::rejects)     ? "other rejects"
         : differs(&store::Content::due)         ? "other children due"
         : differs(&store::Content::checkpoints) ? "another checkpoint"
         : differs(&store::Content::tombstones)  ? "other deletions in mind"
                                                 : "other keys in mind";
}

void add_checkpoints(const FamilyContent& expected, const FamilyContent& found,
                     const Family& family, Finding& finding) {
  const auto lists = lists_of(family);
  for (const auto& each : lists) {
    add_checkpoint(lists.size() == 1 ? "" : shown_name(*each.list) + ", ",
                   checkpoint_of(expected, each), checkpoint_of(found, each),
                   finding);
  }
}

void add_rows(const std::filesystem::path& expected,
              const std::filesystem::path& found, const Family& family,
              Finding& finding) {
  for (const auto& stream : family.streams) {
    for (auto& row : store::first_differences(
             expected, found, stream, row_limit - finding.rows.size())) {
      finding.rows.push_back(row_of(std::move(row)));
    }
  }
}

void add_failure(const Failure& failure, Finding& finding) {
  finding.notes.push_back({"error", failure.message});
  for (const auto& note : failure.notes) {
    // What is kept and what to try is of a run on the user's own file.
    if (note.label != "kept" && note.label != "try") {
      finding.notes.push_back(note);
    }
  }
}

void add(Finding finding, StreamProof& proof) {
  const auto known = std::find_if(
      proof.findings.begin(), proof.findings.end(),
      [&](const Finding& each) { return each.what == finding.what; });
  if (known != proof.findings.end()) {
    ++known->times;
  } else {
    proof.findings.push_back(std::move(finding));
  }
}

}  // namespace strandline::sync
