// SPDX-License-Identifier: MIT
#include "report/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "model/text.hpp"
#include "report/table.hpp"
#include "report/text.hpp"

namespace strandline::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t key_limit = 120;
constexpr std::size_t note_limit = 300;

std::string count(std::int64_t number, const std::string& thing) {
  return grouped(number) + " " + thing + (number == 1 ? "" : "s");
}

std::int64_t kills(const StreamProof& proof) {
  return proof.kills + proof.random_kills;
}

bool is_right(const StreamProof& proof) {
  return !proof.failure && proof.findings.empty();
}

std::string row(const RowDifference& row) {
  const auto name =
      fmt::format("    {} {}", row.table, model::printable(row.key, key_limit));
  switch (row.kind) {
    case RowDifference::Kind::missing:
      return name + ": is missing\n";
    case RowDifference::Kind::extra:
      return name + ": should not be there\n";
    case RowDifference::Kind::differs:
      break;
  }
  std::string lines;
  for (const auto& value : row.values) {
    lines += fmt::format("{}: {} is {}, should be {}\n", name, value.column,
                         value.found, value.expected);
  }
  return lines;
}

std::string finding(const std::string& stream, const Finding& finding) {
  auto lines = fmt::format(
      "\n{}: {}\n  {}{}\n", stream, finding.what, finding.where,
      finding.times == 1
          ? ""
          : fmt::format(", and {} more", count(finding.times - 1, "time")));
  for (const auto& note : finding.notes) {
    lines += fmt::format("    {}: {}\n", note.label,
                         model::printable(note.text, note_limit));
  }
  for (const auto& each : finding.rows) {
    lines += row(each);
  }
  return lines;
}

// Empty for a second list, whose rows are those of the table's first.
std::string rows_of(const StreamProof& proof, const std::string& list) {
  const auto found =
      std::find_if(proof.tables.begin(), proof.tables.end(),
                   [&](const auto& each) { return each.stream == list; });
  return found == proof.tables.end() ? "" : grouped(found->rows);
}

std::string verdict(const VerifySummary& summary) {
  std::int64_t rows = 0;
  std::int64_t runs = 0;
  std::int64_t wrong = 0;
  std::int64_t streams = 0;
  for (const auto& proof : summary.streams) {
    const auto tables = static_cast<std::int64_t>(proof.tables.size());
    for (const auto& table : proof.tables) {
      rows += table.rows;
    }
    runs += kills(proof);
    streams += tables;
    wrong += is_right(proof) ? 0 : tables;
  }
  const auto how =
      fmt::format("{}{}", duration(summary.duration),
                  summary.crash ? fmt::format(", seed {}", summary.seed) : "");
  if (wrong > 0) {
    return fmt::format("Not verified: {} of {} ({})\n", grouped(wrong),
                       count(streams, "stream"), how);
  }
  return fmt::format("Verified: {} of {}, run twice{} ({})\n",
                     count(rows, "row"), count(streams, "stream"),
                     summary.crash ? ", killed " + count(runs, "time") : "",
                     how);
}

Json json_of(const Finding& finding) {
  auto rows = Json::array();
  for (const auto& row : finding.rows) {
    auto values = Json::array();
    for (const auto& value : row.values) {
      values.push_back({{"column", value.column},
                        {"expected", value.expected},
                        {"found", value.found}});
    }
    rows.push_back(
        {{"table", row.table},
         {"key", row.key},
         {"kind", row.kind == RowDifference::Kind::missing ? "missing"
                  : row.kind == RowDifference::Kind::extra ? "extra"
                                                           : "differs"},
         {"values", values}});
  }
  auto notes = Json::array();
  for (const auto& note : finding.notes) {
    notes.push_back({{"label", note.label}, {"text", note.text}});
  }
  return {{"what", finding.what},
          {"where", finding.where},
          {"times", finding.times},
          {"notes", notes},
          {"rows", rows}};
}

Json json_of(const std::optional<Failure>& failure) {
  if (!failure) {
    return nullptr;
  }
  auto notes = Json::array();
  for (const auto& note : failure->notes) {
    notes.push_back({{"label", note.label}, {"text", note.text}});
  }
  return {{"exit_code", static_cast<int>(failure->code)},
          {"message", failure->message},
          {"notes", notes}};
}

Json json_of(const StreamProof& proof) {
  auto findings = Json::array();
  for (const auto& each : proof.findings) {
    findings.push_back(json_of(each));
  }
  auto tables = Json::array();
  for (const auto& table : proof.tables) {
    tables.push_back({{"stream", table.stream},
                      {"rows", table.rows},
                      {"digest", table.digest},
                      {"rejects", table.rejects},
                      {"rejects_digest", table.rejects_digest}});
  }
  auto lists = Json::array();
  for (const auto& list : proof.lists) {
    lists.push_back({{"list", list.list},
                     {"mark", list.mark ? Json(*list.mark) : Json(nullptr)}});
  }
  return {{"stream", proof.stream},
          {"source", proof.source},
          {"ok", is_right(proof)},
          {"tables", tables},
          {"lists", lists},
          {"requests", proof.requests},
          {"records", proof.records},
          {"batches", proof.batches},
          {"ran_twice", proof.ran_twice},
          {"commit_points", proof.commit_points},
          {"kills_at_commit_points", proof.kills},
          {"kills_at_random", proof.random_kills},
          {"resumed", proof.resumed},
          {"notes", proof.notes},
          {"findings", findings},
          {"error", json_of(proof.failure)}};
}

}  // namespace

std::string text(const VerifySummary& summary) {
  if (summary.streams.empty()) {
    return {};
  }
  std::vector<std::string> heading{"stream", "rows", "second run"};
  std::vector<bool> right{false, true, false};
  if (summary.crash) {
    heading.emplace_back("crashes");
    right.push_back(false);
  }
  Table table(std::move(heading), std::move(right));
  std::string details;
  for (const auto& proof : summary.streams) {
    const auto has = [&](bool second) {
      return std::any_of(
          proof.findings.begin(), proof.findings.end(),
          [&](const Finding& each) { return each.of_second_run == second; });
    };
    std::vector<std::string> cells{proof.stream, rows_of(proof, proof.stream),
                                   proof.failure      ? "the first fails"
                                   : !proof.ran_twice ? "-"
                                   : has(true)        ? "DIFFERS"
                                                      : "same"};
    if (summary.crash) {
      cells.push_back(
          proof.failure ? "-"
          : has(false)  ? "DIFFERS"
                        : fmt::format("same after {}", grouped(kills(proof))));
    }
    const auto columns = cells.size();
    table.add(std::move(cells));
    // What is proved with it.
    for (const auto& list : proof.lists) {
      if (list.list != proof.stream) {
        std::vector<std::string> more{"  " + list.list,
                                      rows_of(proof, list.list)};
        more.resize(columns);
        table.add(std::move(more));
      }
    }
    for (const auto& note : proof.notes) {
      details += fmt::format("{}: {}\n", proof.stream, note);
    }
    for (const auto& each : proof.findings) {
      details += finding(proof.stream, each);
    }
  }
  return table.text() + details + (details.empty() ? "" : "\n") +
         verdict(summary);
}

std::string digests(const VerifySummary& summary) {
  std::string lines;
  for (const auto& proof : summary.streams) {
    for (const auto& table : proof.tables) {
      lines += fmt::format("{}  {:>9}  {}\n", table.digest, table.rows,
                           table.stream);
      if (table.rejects > 0) {
        lines += fmt::format("{}  {:>9}  rejects of {}\n", table.rejects_digest,
                             table.rejects, table.stream);
      }
    }
  }
  return lines;
}

std::string json(const VerifySummary& summary) {
  auto streams = Json::array();
  for (const auto& proof : summary.streams) {
    streams.push_back(json_of(proof));
  }
  const Json document = {
      {"type", "verify"},
      {"ok", summary.exit_code == ExitCode::ok},
      {"exit_code", static_cast<int>(summary.exit_code)},
      {"crash", summary.crash},
      {"seed", summary.seed},
      {"duration_s", static_cast<double>(summary.duration.count()) / 1000},
      {"streams", streams},
      {"kept",
       summary.kept.empty() ? Json(nullptr) : Json(summary.kept.string())},
      {"error", json_of(summary.failure)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace strandline::report
