// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/definition.hpp"
#include "recording/recording.hpp"
#include "store/store.hpp"
#include "strandline/sync.hpp"
#include "sync/family.hpp"
#include "sync/stream_sync.hpp"

namespace strandline::sync {

/// Returns the recording that answers a pass, from its begin.
using Input = std::function<recording::Recording()>;

/// Has the last word on what a pass needs of the world.
using Prepare = std::function<void(Environment&)>;

/// Where lists begin, by their `pipeline_name`; from nothing if one is not
/// here.
struct Start {
  std::map<std::string, model::Checkpoint> checkpoints = {};
  std::map<std::string, model::Instant> full_at = {};  ///< as in Recording
  /// As Recording::due. Children that are not here are read for every record.
  std::map<std::string, std::vector<recording::DueParent>> due = {};
};

/// Something that a pass has committed.
struct Moment {
  enum class Kind {
    begun,  ///< that the list is being read
    batch,
    ended,  ///< all that comes of the list
  };
  Kind kind = Kind::begun;
  std::string list;           ///< its `pipeline_name`
  std::int64_t requests = 0;  ///< of the pass, whose answers are committed
};

/// How a pass is run. What its listeners throw ends it: nothing more is
/// committed but that the run ended.
struct PassOptions {
  bool full = false;
  /// Places in the recording whose answers are gone already.
  std::vector<std::size_t> answered = {};
  /// Places whose answers do not run out.
  std::vector<std::size_t> repeated = {};
  std::size_t batch_rows = 1;  ///< a batch is whole pages up to so many rows
  store::OnCommit on_commit = {};
  std::function<void(const Moment&)> on_moment = {};
  /// As Environment::may_open.
  std::function<bool(const std::string&, const model::Window&)> may_open = {};
};

/// What a pass ended with.
struct PassEnd {
  std::vector<StreamSummary> lists;  ///< in the order in which they were read
  std::optional<Failure> failure;    ///< the first
  std::vector<std::size_t> given;    ///< places in the recording
};

/// Runs of one family, on files of their own, from one recording.
class Pass {
 public:
  /// All must outlive it; `prepare` may be empty and `stop` null.
  Pass(const model::Configuration& configuration, const Family& family,
       const Start& start, const Input& input, const Prepare& prepare,
       const std::atomic<int>* stop);

  /// Makes `file` hold nothing but where the lists begin.
  void begin(const std::filesystem::path& file) const;

  /// Puts the lists in `file` back to where they begin; the rows stay.
  void put_back(const std::filesystem::path& file) const;

  /// Runs the family once on `file`. Throws Interrupted if it is to stop.
  PassEnd run(const std::filesystem::path& file,
              const PassOptions& options) const;

 private:
  store::Standing standing(const std::string& list) const;
  bool may_read(const std::string& child, const std::string& key) const;

  const model::Configuration& configuration_;
  const Family& family_;
  const Start& start_;
  const Input& input_;
  const Prepare& prepare_;
  const std::atomic<int>* stop_;
  std::map<std::string, std::set<std::string>> read_;  ///< keys of `due`
};

/// Throws Interrupted if `stop` is not null and set.
void stop_if_told(const std::atomic<int>* stop);

}  // namespace strandline::sync
