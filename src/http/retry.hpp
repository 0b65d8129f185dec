// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <random>

namespace strandline::http {

/// How often one request is sent, and how long the program waits between.
struct RetryPolicy {
  int attempts = 8;  ///< the first among them
  std::chrono::milliseconds first{1000};
  std::chrono::milliseconds longest{60'000};

  /// What a source asks for beyond this is not waited for.
  std::chrono::milliseconds patience{std::chrono::minutes(15)};
};

/// The waits before the attempts of one request after its first: full jitter,
/// so that many clients that failed together do not come back together (M.
/// Brooker, "Exponential Backoff And Jitter", 2015). Not thread-safe.
class Retries {
 public:
  Retries(const RetryPolicy& policy, std::mt19937& random)
      : policy_(policy), random_(random) {}

  /// True if another attempt may be made.
  bool left() const { return made_ + 1 < policy_.attempts; }

  /// Counts an attempt that failed, and returns how long to wait before the
  /// next: between nothing and `first`, twice that, and so on up to `longest`.
  /// Where the network was not there at all it is at least half of it: a
  /// machine that has just woken up needs a while.
  std::chrono::milliseconds after_failure(bool network);

 private:
  RetryPolicy policy_;
  std::mt19937& random_;
  int made_ = 0;
};

}  // namespace strandline::http
