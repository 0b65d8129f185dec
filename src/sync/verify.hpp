// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "model/definition.hpp"
#include "strandline/verify.hpp"
#include "sync/pass.hpp"

namespace strandline::sync {

/// What of a proof is asked for, as in VerifyOptions.
struct VerifyTask {
  /// Those whose families are proved; none: all.
  std::vector<std::string> streams = {};
  /// Those that the recorded run read; none: all. With `streams` they are the
  /// members of the families.
  std::vector<std::string> recorded = {};
  Start start = {};
  /// Second lists, as people know them, that were not due.
  std::vector<std::string> unread = {};
  bool full = false;  ///< as the recorded run was
  bool crash = false;
  std::int64_t most_kills = 200;  ///< at commit points, of a family
  int random_kills = 20;
  std::uint64_t seed = 0;
  std::function<void(const VerifyProgress&)> on_progress = {};
  Prepare prepare = {};
  const std::atomic<int>* stop = nullptr;
};

/// Proves the families one after the other, with files in `folder`. Throws
/// Error for what keeps it from doing so, Interrupted among them; what is wrong
/// with a family is in its proof.
std::vector<StreamProof> verify(const model::Configuration& configuration,
                                const VerifyTask& task, const Input& input,
                                const std::filesystem::path& folder);

/// Returns what proofs end with: ok, ExitCode::data if there is a finding, else
/// as of a run.
ExitCode exit_code(const std::vector<StreamProof>& proofs);

}  // namespace strandline::sync
