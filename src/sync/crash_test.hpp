// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "store/content.hpp"
#include "sync/finding.hpp"
#include "sync/pass.hpp"
#include "sync/verify.hpp"

namespace strandline::sync {

/// Runs of a stream that are killed, and gone on with. What is left after a
/// kill must be what an uninterrupted pass had after one of its batches, and
/// going on from there must end as it did, with no answer used twice.
class CrashTest {
 public:
  /// References must outlive it. `first` is what `folder / "once.db"` holds,
  /// the end of the first pass, which `proof` tells of.
  CrashTest(const Pass& pass, const model::StreamDefinition& stream,
            const VerifyTask& task, const model::Checkpoint& start,
            const store::Content& first, std::filesystem::path folder,
            StreamProof& proof);

  void run();

 private:
  /// What a pass had committed at some moment.
  struct State {
    store::Content content;
    std::int64_t requests = 0;  ///< whose pages it holds
    bool is_start = false;      ///< no batch yet

    bool open() const { return content.checkpoint.window.has_value(); }
  };

  void choose_batches();
  bool note_states();
  void kill_at_commit_points();
  void kill_at_random();
  void time_one();
  int work(const store::OnCommit& on_commit) const;

  void examine(const std::string& where);
  void go_on_from(std::size_t state, const std::string& where);
  std::optional<std::size_t> state_of(const store::Content& content) const;
  std::optional<std::size_t> next_complete(std::size_t state) const;
  std::vector<std::size_t> answered(std::size_t state) const;
  bool may_lack_position() const;

  void report_torn(const store::Content& found, const std::string& where);
  void report_failure(const StreamSummary& run, const std::string& where);
  void report_difference(std::size_t expected, const store::Content& found,
                         const std::string& where);
  void report_no_position(const std::string& where);
  std::filesystem::path file_of(std::size_t state) const;
  std::string name_of(std::size_t state) const;
  void note_once(const std::string& text);
  void tell(const std::string& what, std::int64_t done, std::int64_t of) const;

  const Pass& pass_;
  const model::StreamDefinition& stream_;
  const VerifyTask& task_;
  const model::Checkpoint& start_;
  const store::Content& first_;
  std::filesystem::path folder_;
  std::filesystem::path killed_;  ///< the file of the run that is killed
  StreamProof& proof_;
  std::mt19937_64 random_;
  std::size_t batch_rows_ = 1;
  std::vector<State> states_;       ///< as begun, as taken, after each batch
  std::vector<std::size_t> given_;  ///< to the pass with those states
  std::chrono::microseconds duration_{0};  ///< of a run in its own process
};

}  // namespace strandline::sync
