// SPDX-License-Identifier: MIT
#include "http/retry.hpp"

#include <algorithm>

namespace strandline::http {

std::chrono::milliseconds Retries::after_failure(bool network) {
  using std::chrono::milliseconds;
  auto most = policy_.first;
  for (int i = 0; i < made_ && most < policy_.longest; ++i) {
    most *= 2;
  }
  most = std::min(most, policy_.longest);
  ++made_;
  std::uniform_int_distribution<milliseconds::rep> any(
      network ? most.count() / 2 : 0, most.count());
  return milliseconds(any(random_));
}

}  // namespace strandline::http
