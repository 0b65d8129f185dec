// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/checkpoint.hpp"
#include "model/definition.hpp"
#include "strandline/verify.hpp"
#include "sync/pass.hpp"

namespace strandline::sync {

/// What of a proof is asked for, as in VerifyOptions.
struct VerifyTask {
  std::vector<std::string> streams = {};
  /// By `pipeline_name`: where a stream begins; from nothing if it is not here.
  std::map<std::string, model::Checkpoint> checkpoints = {};
  bool full = false;  ///< as the recorded run was
  bool crash = false;
  std::int64_t most_kills = 200;  ///< at commit points, a stream
  int random_kills = 20;
  std::uint64_t seed = 0;
  std::function<void(const VerifyProgress&)> on_progress = {};
  Prepare prepare = {};
  const std::atomic<int>* stop = nullptr;
};

/// Proves the streams one after the other, with files in `folder`. Throws
/// Error for what keeps it from doing so, Interrupted among them; what is wrong
/// with a stream is in its proof.
std::vector<StreamProof> verify(const model::Configuration& configuration,
                                const VerifyTask& task, const Input& input,
                                const std::filesystem::path& folder);

/// Returns what proofs end with: ok, ExitCode::data if there is a finding, else
/// as of a run.
ExitCode exit_code(const std::vector<StreamProof>& proofs);

}  // namespace strandline::sync
