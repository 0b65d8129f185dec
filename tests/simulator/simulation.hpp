// SPDX-License-Identifier: MIT
//
// Plays one scenario: the runs, what happens meanwhile, and the quiet at the
// end in which everything must have come in.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/definition.hpp"
#include "oracle.hpp"
#include "process.hpp"
#include "scenario.hpp"
#include "source_api.hpp"
#include "world.hpp"

namespace strandline::simulator {

/// Counts over many scenarios.
struct Totals {
  std::int64_t runs = 0;
  std::int64_t deaths = 0;
  std::int64_t seconds = 0;  ///< second runs while another is at work
  std::int64_t fenced = 0;
  std::int64_t refused = 0;  ///< places that the source knew no more
  std::int64_t faults = 0;
  std::int64_t requests = 0;
  std::int64_t commits = 0;
  std::int64_t changes = 0;
  std::int64_t resyncs = 0;    ///< tokens that the source knew no more
  std::int64_t backfills = 0;  ///< runs of them
  std::int64_t actions = 0;    ///< rewinds and resets that were done
  std::int64_t set_back = 0;   ///< marks that a clock took with it
  std::int64_t lost = 0;       ///< versions, where an assumption was broken
  std::map<std::string, std::int64_t> scenarios;  ///< by promise
  std::map<std::string, std::int64_t> losing;     ///< of these with a loss
};

class Simulation {
 public:
  /// `folder` is emptied. With `story` what happens is kept as text.
  Simulation(const Scenario& scenario, const std::filesystem::path& folder,
             Totals& totals, bool story);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  /// Returns what was broken, if anything.
  std::optional<Violation> run();

  const std::vector<std::string>& story() const { return story_; }

  // For processes.
  const Scenario& scenario() const { return scenario_; }
  World& world() { return world_; }
  Totals& totals() { return totals_; }
  const model::Configuration& configuration(int limit);
  const std::string& token() const { return oracle_.checkpoint().token; }
  std::optional<std::int64_t> mark() const { return oracle_.checkpoint().mark; }
  /// Of the runs that have taken the stream's own list the newest but so many,
  /// and the mark that it ended with; the oldest if there are fewer.
  std::pair<std::int64_t, std::optional<std::int64_t>> earlier_run(
      int how_many) const;
  Served serve(Process& process, const RunPlan& plan,
               const http::Request& request, http::Response& response);
  void overtake(Process& first, const RunPlan& plan);
  void committed(Process& process) noexcept;
  void fail(const std::string& invariant, const std::string& text);
  bool failed() const { return violation_.has_value(); }

  /// Adds a line to the story; `line` makes it only if there is one.
  template <typename Line>
  void say(Line line) {
    if (tells_) {
      tell(line());
    }
  }

 private:
  void tell(const std::string& line);
  void prepare_file();
  void play(std::size_t index);
  void rest();
  bool quiet_run(const std::string& name, bool full);
  void judge_rest();
  void read_again();
  SyncSummary run(Process& process);
  void judge_summary(const Process& process, const SyncSummary& summary);

  void change(bool in_flight);
  void make(const Change& change);
  std::filesystem::path database() const { return folder_ / "sim.db"; }

  const Scenario& scenario_;
  std::filesystem::path folder_;
  Totals& totals_;
  bool tells_;
  World world_;
  SourceApi source_;
  Oracle oracle_;
  std::map<int, model::Configuration> configurations_;
  std::optional<Violation> violation_;
  std::vector<std::string> story_;
  std::size_t run_ = 0;     ///< which of the scenario's
  int request_ = 0;         ///< in that run
  std::vector<bool> made_;  ///< which of the scenario's changes
  bool opened_ = false;     ///< the oracle looks at the file
};

}  // namespace strandline::simulator
