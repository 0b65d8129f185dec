// SPDX-License-Identifier: MIT
#include "sync/finding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "model/text.hpp"

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

}  // namespace

std::string difference(const store::Content& expected,
                       const store::Content& found) {
  if (expected.table != found.table) {
    return "other rows";
  }
  return expected.rejects != found.rejects ? "other rejects"
                                           : "another checkpoint";
}

void add_checkpoint(const model::Checkpoint& expected,
                    const model::Checkpoint& found, Finding& finding) {
  const auto before = finding.notes.size();
  const auto compare = [&](const char* label, const std::string& was,
                           const std::string& is) {
    if (was != is) {
      finding.notes.push_back({label, is + "; it should be " + was});
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
    finding.notes.push_back({"checkpoint", "its other fields differ"});
  }
}

void add_rows(const std::filesystem::path& expected,
              const std::filesystem::path& found,
              const model::StreamDefinition& stream, Finding& finding) {
  for (auto& row :
       store::first_differences(expected, found, stream, row_limit)) {
    finding.rows.push_back(row_of(std::move(row)));
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
