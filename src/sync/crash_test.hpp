// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "sync/family.hpp"
#include "sync/finding.hpp"
#include "sync/pass.hpp"
#include "sync/verify.hpp"

namespace strandline::sync {

/// Runs of a family that are killed, and gone on with. What is left after a
/// kill must be what an uninterrupted pass had at one of its moments, and going
/// on from there must end as it did, with no answer used twice.
class CrashTest {
 public:
  /// References must outlive it. `first` is what `folder / "once.db"` holds,
  /// the end of the first pass, which `proof` tells of; that had so many
  /// commits beside its batches.
  CrashTest(const Pass& pass, const Family& family, const VerifyTask& task,
            const FamilyContent& first, std::int64_t other_commits,
            std::filesystem::path folder, StreamProof& proof);

  void run();

 private:
  /// What a pass had committed at some moment.
  struct State {
    FamilyContent content;
    Moment moment = {};
    std::int64_t batches = 0;  ///< until then
    /// How many answers there were before those to what is being read.
    std::int64_t since = 0;
  };

  /// A window that a pass opened; of children, all that was due.
  struct Opening {
    std::string list;
    model::Window window;
    std::size_t state = 0;  ///< the last before it
  };

  /// What became of a run that was gone on with.
  struct Resumed {
    PassEnd end;
    std::size_t wanted = 0;  ///< the state that it should have come to
    /// Then it would open a window that the recording knows nothing of.
    bool cut_short = false;
    std::int64_t batches = 0;
  };

  void choose_batches();
  bool note_states();
  void kill_at_commit_points();
  void kill_at_random();
  void time_one();
  int work(const store::OnCommit& on_commit) const;

  void examine(const std::string& where);
  void go_on_from(std::size_t state, const std::string& where);
  Resumed resume(std::size_t state, bool from_begin) const;
  void compare(std::size_t state, const Resumed& run, bool from_begin,
               const std::string& where);
  std::optional<std::size_t> state_of(const FamilyContent& content) const;

  const FamilyList& list_of(const std::string& name) const;
  const FamilyList* reading(std::size_t state) const;
  bool begins_anew(const FamilyList& list, std::size_t state) const;
  bool was_opened(const Opening& opening, std::size_t state) const;
  bool lacks_position(std::size_t state) const;
  bool may_lack_position(std::size_t state) const;
  bool may_begin_anew(std::size_t state) const;

  void report_torn(const FamilyContent& found, const std::string& where);
  void report_failure(const PassEnd& run, const std::string& where);
  void report_difference(std::size_t expected, const FamilyContent& found,
                         const std::string& where);
  void report_no_position(std::size_t state, const std::string& where);
  std::filesystem::path file_of(std::size_t state) const;
  std::string name_of(std::size_t state) const;
  void note_once(const std::string& text);
  void tell(const std::string& what, std::int64_t done, std::int64_t of) const;

  const Pass& pass_;
  const Family& family_;
  std::vector<FamilyList> lists_;
  const VerifyTask& task_;
  const FamilyContent& first_;
  std::int64_t other_commits_;
  std::filesystem::path folder_;
  std::filesystem::path killed_;   ///< the file of the run that is killed
  std::filesystem::path resumed_;  ///< a copy, which is gone on with
  StreamProof& proof_;
  std::mt19937_64 random_;
  std::size_t batch_rows_ = 1;
  std::vector<State> states_;  ///< as begun, and at each moment
  std::vector<Opening> openings_;
  std::vector<std::size_t> given_;         ///< to the pass with those states
  std::chrono::microseconds duration_{0};  ///< of a run in its own process
};

}  // namespace strandline::sync
